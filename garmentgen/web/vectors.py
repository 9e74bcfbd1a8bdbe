"""Operators that onnxruntime's WebAssembly computes one number at a time, put as some it computes four at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .graphs import shapes_of

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto


def rewrite(model: ModelProto) -> None:
    """Put sums over channels as convolutions with ones, leaky ReLUs of slopes below 1 as the larger of x and slope x.

    Args:
        model: of one picture, see `shapes_of`.
    """
    from onnx import numpy_helper

    shapes, nodes, constants = shapes_of(model), [], {}
    for node in model.graph.node:
        if node.op_type == "ReduceSum":
            nodes.append(_convolved(node, shapes, constants))
        elif node.op_type == "LeakyRelu":
            nodes += _larger(node, constants)
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(
        numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()
    )


def _convolved(
    node: NodeProto, shapes: dict[str, tuple[int, int, int, int]], constants: dict[str, np.ndarray]
) -> NodeProto:
    """A sum [N, C, H, W] -> [N, 1, H, W]; any other as it is."""
    from onnx import helper

    (x, *_), (result,) = node.input, node.output
    before, after = shapes.get(x), shapes.get(result)
    if before is None or after != (before[0], 1, *before[2:]):
        return node
    name = f"ones_{before[1]}"
    constants[name] = np.ones((1, before[1], 1, 1))
    return helper.make_node("Conv", [x, name], [result], kernel_shape=[1, 1])


def _larger(node: NodeProto, constants: dict[str, np.ndarray]) -> list[NodeProto]:
    from onnx import helper

    (x,), (result,), slope = node.input, node.output, node.attribute[0].f
    name, lower = f"slope_{slope:.4g}", f"{result}_lower"
    constants[name] = np.array(slope)
    return [helper.make_node("Mul", [x, name], [lower]), helper.make_node("Max", [x, lower], [result])]
