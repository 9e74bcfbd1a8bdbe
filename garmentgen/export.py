"""The generator as a file for other programs, ONNX or Paddle's static graph, which is run before it is believed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import environment
from .engine import Engine, openvino_graph
from .engine.agreement import Disagreement
from .errors import UserError
from .files import claim_folder, write_atomically
from .inference import Designer, shipped_weights
from .reader import encoder_beside
from .renderer import graph_beside


def export_paddle(folder: Path, weights: Path | None) -> str:
    """Write graph.json, graph.pdiparams and inputs.txt for the largest size; returns what to tell the user.

    Raises:
        UserError: the graph does not paint what the network paints.
    """
    from .engine import paddle_graph

    claim_folder(folder, "export", lambda one: (one / "graph.json").exists() or any(one.glob("*.onnx")))
    engine = Designer.load(weights, engine="dynamic").engine
    net, example = engine.net, engine.examples[0]
    paddle_graph.write(net, example, folder, [(k, 0) for k in range(len(example))])
    names = paddle_graph.input_names(net, len(example))
    run = engine.alone(lambda: paddle_graph.load(folder, names, environment.threads()))
    verdict = _verdict(engine, run, folder)
    lines = [f"{name}  {v.dtype}  {['N', *v.shape[1:]]}" for name, v in zip(names, example, strict=True)]
    write_atomically(folder / "inputs.txt", lambda path: path.write_text("\n".join(lines) + "\n"))
    files = "graph.json, graph.pdiparams; its inputs are listed in inputs.txt"
    return f"static graph in {folder}: {files}. Run on three examples: {verdict}"


def export_onnx(folder: Path, weights: Path | None) -> str:
    """Write ONNX files for every size and the encoder, through paddle2onnx (`pip install garmentgen[onnx]`).

    Their names: see `graph_beside`, `encoder_beside`.

    Beside the weights file they are what the Designer paints with.

    Raises:
        UserError: paddle2onnx is missing or fails, or a file does not paint what the network paints: then there is no
            such file.
    """
    designer = Designer.load(weights, engine="dynamic")
    name = folder / Path(weights or shipped_weights()).name
    paths = {size: graph_beside(name, size, designer.size) for size in designer.sizes}
    told = [_write_onnx(designer.renderer.engine_at(size), path) for size, path in paths.items()]
    return "\n".join([*told, write_encoder(designer, encoder_beside(name))])


def write_encoder(designer: Designer, path: Path) -> str:
    """Write the encoder's posterior means as an ONNX file: crops, index, padding -> output [P, C, G, G].

    Raises:
        UserError: paddle2onnx is missing or fails, or the file does not give what the network gives.
    """
    engine = Engine(designer.networks.reading, designer.reader.examples(), designer.weights_hash, "dynamic")
    return _write_onnx(engine, path)


def check_onnx(path: Path, weights: Path | None) -> str:
    """Run an ONNX file beside the network of these weights; returns how well they agree.

    Raises:
        UserError: it is no ONNX file of this generator, or does not paint what the network paints.
    """
    designer = Designer.load(weights, engine="dynamic")
    size = next((size for size in designer.sizes if path.stem.endswith(f"-{size}")), designer.size)
    return f"{path} paints as the network does. {_run_onnx(designer.renderer.engine_at(size), path, path)}"


def _write_onnx(engine: Engine, path: Path) -> str:
    net = engine.net
    from .engine import onnx_graph

    unproven = path.with_name(f"unproven-{path.name}")
    try:
        onnx_graph.write(net, engine.examples[0], unproven, engine.facts())
        verdict = _run_onnx(engine, unproven, path)
        unproven.replace(path)
    finally:
        unproven.unlink(missing_ok=True)
    return f"ONNX graph in {path}, {path.stat().st_size / 1e6:.1f} MB. {verdict}"


def _run_onnx(engine: Engine, file: Path, path: Path) -> str:
    """Run a file example by example, then on all at once; `path` is what the user knows it by."""
    try:
        alone = openvino_graph.load(file, engine.examples[0], "f32", environment.threads())
        together = openvino_graph.load(file, engine.batch(), "f32", environment.threads())
    except ImportError:
        raise UserError("an ONNX file is run before it is believed, with OpenVINO: pip install openvino") from None
    except RuntimeError as error:
        words = " ".join(str(error).split())[-160:]
        raise UserError(f"{path} does not take what these weights take (OpenVINO: {words})") from error
    return (
        f"Run on three examples: {_verdict(engine, alone, path)} As one batch: {_verdict(engine, together, path, True)}"
    )


def _verdict(engine: Engine, run: Callable, path: Path, together: bool = False) -> str:
    try:
        return f"{engine.alone(lambda: engine.check(run, together))}."
    except Disagreement as error:
        raise UserError(f"{path} is not what these weights paint: {error}; do not use it") from error


EXPORTERS: dict[str, Callable[[Path, Path | None], str]] = {"paddle": export_paddle, "onnx": export_onnx}
