"""Wide 3 x 3 convolutions of an ONNX file as F(4 x 4, 3 x 3) of Lavin and Gray (CVPR 2016): a quarter of the products.

On one thread of WebAssembly a convolution takes what its products take. A tile of 4 x 4 outputs sees 6 x 6 inputs;
36 products of transformed inputs and weights stand for its 144. Transforms are convolutions too, over every channel
by itself; those of the weights depend on no input, so a runtime does them once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .graphs import shapes_of

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

WIDE = 32
"""Channels in and out from which the transforms are worth their time."""
LEAST_SIDE = 16
"""Pixels from which there are tiles enough for a product of matrices."""

_INPUT = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
_WEIGHT = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
_OUTPUT = np.array([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])


def rewrite(model: ModelProto) -> int:
    """Put every wide enough 3 x 3 convolution in Winograd's form; returns how many.

    Args:
        model: of one picture, see `shapes_of`.
    """
    from onnx import numpy_helper

    known, graph = shapes_of(model), model.graph
    shapes = {value.name: tuple(value.dims) for value in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            shapes[node.output[0]] = tuple(node.attribute[0].t.dims)
        elif node.op_type == "Cast":
            shapes[node.output[0]] = shapes.get(node.input[0], ())
    nodes, count = [], 0
    for node in graph.node:
        sizes = known.get(node.output[0], (0, 0, 0, 0))
        side = sizes[2], sizes[3]
        if node.op_type != "Conv" or not _suits(node, shapes.get(node.input[1], ()), side):
            nodes.append(node)
            continue
        outputs, inputs = shapes[node.input[1]][:2]
        nodes += _tiled(node, outputs, inputs, side)
        count += 1
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(
        numpy_helper.from_array(value.astype(np.float32), name) for name, value in _MATRICES.items()
    )
    return count


_MATRICES = {
    "winograd_rows": _INPUT.reshape(6, 1, 6, 1),
    "winograd_columns": _INPUT.reshape(6, 1, 1, 6),
    "winograd_weights": np.einsum("it,js->tsij", _WEIGHT, _WEIGHT).reshape(9, 36),
    "winograd_outputs": np.einsum("ai,bj->abij", _OUTPUT, _OUTPUT).reshape(16, 36, 1, 1),
}


def _suits(conv: NodeProto, weights: tuple[int, ...], side: tuple[int, int]) -> bool:
    settings = {one.name: one for one in conv.attribute}
    plain = len(weights) == 4 and weights[2:] == (3, 3) and list(settings["pads"].ints) == [1] * 4
    plain = plain and set(settings["strides"].ints) == {1} == set(settings["dilations"].ints) and len(conv.input) == 2
    return plain and min(weights[:2]) >= WIDE and min(side) >= LEAST_SIDE and not any(k % 4 for k in side)


def _tiled(conv: NodeProto, outputs: int, inputs: int, side: tuple[int, int]) -> list[NodeProto]:
    """The nodes of one convolution [1, C, H, W] -> [1, O, H, W]; h = H / 4 and w = W / 4 count its tiles."""
    from onnx import helper

    (x, weight), (result,), (high, wide) = conv.input, conv.output, side
    nodes: list[NodeProto] = []

    def then(kind: str, *sources: str, **settings) -> str:
        name = f"{result}_winograd_{len(nodes)}"
        nodes.append(helper.make_node(kind, list(sources), [name], **settings))
        return name

    def shaped(source: str, *shape: int) -> str:
        value = helper.make_tensor("shape", 7, [len(shape)], shape)
        return then("Reshape", source, then("Constant", value=value))

    u = then("MatMul", shaped(weight, outputs * inputs, 9), "winograd_weights")  # [O C, 36]
    u = then("Transpose", shaped(u, outputs, inputs, 36), perm=[2, 0, 1])  # [36, O, C]
    u = shaped(u, 36 * outputs, inputs, 1, 1)  # [36 O, C, 1, 1]
    v = shaped(x, inputs, 1, high, wide)  # [C, 1, H, W]
    v = then("Conv", v, "winograd_rows", kernel_shape=[6, 1], strides=[4, 1], pads=[1, 0, 1, 0])  # [C, 6, h, W]
    v = shaped(v, 6 * inputs, 1, high // 4, wide)  # [6 C, 1, h, W]
    v = then("Conv", v, "winograd_columns", kernel_shape=[1, 6], strides=[1, 4], pads=[0, 1, 0, 1])  # [6 C, 6, h, w]
    v = then("Transpose", shaped(v, inputs, 36, high // 4, wide // 4), perm=[1, 0, 2, 3])  # [36, C, h, w]
    v = shaped(v, 1, 36 * inputs, high // 4, wide // 4)  # [1, 36 C, h, w]
    y = then("Conv", v, u, kernel_shape=[1, 1], group=36)  # [1, 36 O, h, w]
    y = shaped(y, 1, 36, outputs * high // 4, wide // 4)  # [1, 36, O h, w]
    y = then("Conv", y, "winograd_outputs", kernel_shape=[1, 1])  # [1, 16, O h, w]
    y = shaped(y, 1, 16 * outputs, high // 4, wide // 4)  # [1, 16 O, h, w]
    return [*nodes, helper.make_node("DepthToSpace", [y], [result], blocksize=4, mode="DCR")]  # [1, O, H, W]
