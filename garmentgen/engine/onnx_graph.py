"""A network as an ONNX file through paddle2onnx, an extra: half the bytes, any batch, and a proof inside.

Metadata: what the caller gives (`weights`: the weights file's hash), and `proof` (see `agreement`).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from paddle import nn

from ..errors import UserError
from ..files import write_atomically
from ..tracing import for_other_programs
from . import paddle_graph

OPSET = 13
LEAST_HALVED = 256  # values of a constant that is worth storing in half precision


def converter() -> str:
    """Version of paddle2onnx, empty where it is not installed."""
    try:
        return version("paddle2onnx")
    except PackageNotFoundError:
        return ""


def write(
    net: nn.Layer,
    example: Sequence[np.ndarray],
    path: Path,
    metadata: Mapping[str, str],
    free: Sequence[tuple[int, int]] = (),
) -> None:
    """Write `net` as an ONNX file whose first axis of every input, and all `free` (input, axis) pairs, may change.

    Raises:
        UserError: paddle2onnx is missing, or cannot convert the network.
    """
    if not converter():
        raise UserError("an ONNX file needs paddle2onnx: pip install 'garmentgen[onnx]'")
    free = sorted({*free, *((k, 0) for k in range(len(example)))})
    with tempfile.TemporaryDirectory(prefix="garmentgen-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        token = for_other_programs.set(True)
        try:
            paddle_graph.write(net, example, folder, free)
        finally:
            for_other_programs.reset(token)
        model = _converted(folder)
        _mend_slopes(model.graph, paddle_graph.slopes(folder))
    _name_free_axes(model.graph, free)
    _halve(model.graph)
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
    write_atomically(path, lambda temporary: temporary.write_bytes(model.SerializeToString()))


def _converted(folder: Path):
    """paddle2onnx in a process of its own: a fault of its C++ part would end ours.

    Without its optimiser, which would install packages of its choice; engines fold constants themselves.
    """
    import onnx

    command = [sys.executable, "-m", "paddle2onnx.command", "--model_dir", str(folder), "--optimize_tool", "None"]
    command += ["--model_filename", "graph.json", "--params_filename", "graph.pdiparams"]
    command += ["--save_file", str(folder / "graph.onnx"), "--opset_version", str(OPSET)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode or not (folder / "graph.onnx").exists():
        words = " ".join((done.stderr or done.stdout).split())[-300:]
        raise UserError(f"paddle2onnx {converter()} could not convert the network; its last words: {words}")
    return onnx.load(str(folder / "graph.onnx"))


def _mend_slopes(graph, slopes: Sequence[float]) -> None:
    """Write Paddle's own slopes: paddle2onnx 2.1 reads the doubles of Paddle 3.3 as floats, which gives NaN or 0."""
    nodes = [node for node in graph.node if node.op_type == "LeakyRelu"]
    if len(nodes) != len(slopes):
        raise UserError(f"paddle2onnx wrote {len(nodes)} leaky ReLUs where Paddle has {len(slopes)}; nothing written")
    for node, slope in zip(nodes, slopes, strict=True):
        next(a for a in node.attribute if a.name == "alpha").f = slope


def _name_free_axes(graph, free: Sequence[tuple[int, int]]) -> None:
    """`N` for the batch, of inputs and output, NAME_AXIS for others; the output is called `output`."""
    for k, axis in free:
        value = graph.input[k]
        value.type.tensor_type.shape.dim[axis].dim_param = "N" if axis == 0 else f"{value.name}_{axis}"
    output = graph.output[0]
    output.type.tensor_type.shape.dim[0].dim_param = "N"
    for node in graph.node:
        names = [("output" if name == output.name else name) for name in node.output]
        del node.output[:]
        node.output.extend(names)
        names = [("output" if name == output.name else name) for name in node.input]
        del node.input[:]
        node.input.extend(names)
    output.name = "output"


def _halve(graph) -> None:
    """Store in half precision, followed by a cast, every large constant that half precision holds exactly.

    Weights files are half precision, so these are all parameters, and no picture changes. Tables stay as they are:
    OpenVINO looks rows of halves up ten times slower.
    """
    from onnx import TensorProto, helper, numpy_helper

    nodes, tables = [], {node.input[0] for node in graph.node if node.op_type == "Gather"}
    for node in graph.node:
        may = node.op_type == "Constant" and node.output[0] not in tables
        value = numpy_helper.to_array(node.attribute[0].t) if may else np.zeros(0)
        with np.errstate(over="ignore"):
            half = value.astype(np.float16) if value.dtype == np.float32 else None
        if half is None or value.size < LEAST_HALVED or not np.array_equal(half.astype(np.float32), value):
            nodes.append(node)
            continue
        stored = f"{node.output[0]}_half"
        graph.initializer.append(numpy_helper.from_array(half, stored))
        nodes.append(helper.make_node("Cast", [stored], [node.output[0]], to=TensorProto.FLOAT))
    del graph.node[:]
    graph.node.extend(nodes)
