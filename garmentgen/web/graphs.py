"""ONNX files for a page: several over one file of parameters, so that none travels twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

SHARED = 256
"""Bytes from which a parameter is worth sharing."""


def share_parameters(models: Mapping[str, ModelProto], shared: str) -> dict[str, bytes]:
    """ONNX models by name -> their bytes without parameters, and the parameters under the name `shared`.

    They are ONNX's external data: a parameter that several graphs hold is stored once.
    """
    import onnx

    places: dict[bytes, int] = {}
    data, files = bytearray(), {}
    for name, model in models.items():
        for value in model.graph.initializer:
            if len(value.raw_data) < SHARED:
                continue
            if value.raw_data not in places:
                places[value.raw_data] = len(data)
                data += value.raw_data + bytes(-len(value.raw_data) % 8)
            entries = {"location": shared, "offset": places[value.raw_data], "length": len(value.raw_data)}
            value.ClearField("raw_data")
            value.data_location = onnx.TensorProto.EXTERNAL
            for key, entry in entries.items():
                value.external_data.add(key=key, value=str(entry))
        files[name] = model.SerializeToString()
    return {**files, shared: bytes(data)}


def fold_ranges(model: ModelProto) -> None:
    """Replace the operator Range, and a Cast of it, by the values that they give, unless these depend on an input.

    Paddle counts in doubles, for which onnxruntime-web's builds for WebGPU have neither operator.
    """
    from onnx import helper, numpy_helper
    from onnx.reference import ReferenceEvaluator

    made = {name: node for node in model.graph.node for name in node.output}

    def behind(name: str) -> list[NodeProto]:
        """The nodes that a value comes from, itself last."""
        node = made.get(name)
        return [] if node is None else [*(one for source in node.input for one in behind(source)), node]

    inputs = {value.name for value in model.graph.input}
    ranges = [node for node in model.graph.node if node.op_type == "Range"]
    counted = {node.output[0] for node in ranges}
    folded = {}
    for node in (*ranges, *(node for node in model.graph.node if node.op_type == "Cast" and node.input[0] in counted)):
        sources = behind(node.output[0])
        if inputs.isdisjoint(name for source in sources for name in source.input):
            part = helper.make_graph(sources, "part", [], [helper.make_empty_tensor_value_info(node.output[0])])
            whole = helper.make_model(part, opset_imports=model.opset_import)
            (folded[node.output[0]],) = ReferenceEvaluator(whole).run(None, {})
            model.graph.node.remove(node)
    used = {name for node in model.graph.node for name in node.input}
    model.graph.initializer.extend(numpy_helper.from_array(folded[name], name) for name in folded if name in used)


def shapes_of(model: ModelProto) -> dict[str, tuple[int, int, int, int]]:
    """Sizes of every picture, an array of four axes, in a graph of one: its first axis becomes 1 where it was free.

    Identities are taken out: shape inference does not see through them.
    """
    from onnx import shape_inference

    graph, same = model.graph, {}
    for node in graph.node:
        if node.op_type == "Identity":
            same[node.output[0]] = same.get(node.input[0], node.input[0])
    kept = [node for node in graph.node if node.op_type != "Identity" or node.output[0] == graph.output[0].name]
    for node in kept:
        node.input[:] = [same.get(name, name) for name in node.input]
    del graph.node[:]
    graph.node.extend(kept)
    for value in graph.input:
        value.type.tensor_type.shape.dim[0].dim_value = 1
    known = shape_inference.infer_shapes(model, data_prop=True).graph
    dims = {
        value.name: [one.dim_value for one in value.type.tensor_type.shape.dim]
        for value in (*known.value_info, *known.output)
    }
    return {name: (sizes[0], sizes[1], sizes[2], sizes[3]) for name, sizes in dims.items() if len(sizes) == 4}
