"""The generator as a static graph for other programs: Paddle's own format, or ONNX as an optional extra."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .engine import export_graph
from .errors import UserError
from .files import write_atomically
from .inference import Designer


def export_paddle(folder: Path, weights: Path | None) -> str:
    """Write graph.json, graph.pdiparams and inputs.txt; returns what to tell the user."""
    designer = Designer.load(weights, static=False)
    folder.mkdir(parents=True, exist_ok=True)
    example = designer.example_inputs()
    export_graph(designer.engine.net, example, folder)
    lines = [f"x{k}  {v.dtype}  {list(v.shape)}" for k, v in enumerate(example)]
    write_atomically(folder / "inputs.txt", lambda path: path.write_text("\n".join(lines) + "\n"))
    return f"static graph in {folder}: graph.json, graph.pdiparams; its inputs are listed in inputs.txt"


def export_onnx(folder: Path, weights: Path | None) -> str:
    """Write graph.onnx through paddle2onnx (`pip install garmentgen[onnx]`)."""
    export_paddle(folder, weights)
    command = [sys.executable, "-m", "paddle2onnx.command", "--model_dir", str(folder)]
    command += ["--model_filename", "graph.json", "--params_filename", "graph.pdiparams"]
    command += ["--save_file", str(folder / "graph.onnx"), "--opset_version", "13"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode or not (folder / "graph.onnx").exists():
        raise UserError(
            "paddle2onnx could not convert the graph; install it with `pip install garmentgen[onnx]`. "
            f"Its last words: {(done.stderr or done.stdout).strip()[-300:]}"
        )
    return f"ONNX model in {folder / 'graph.onnx'}; inputs as in inputs.txt"


EXPORTERS: dict[str, Callable[[Path, Path | None], str]] = {"paddle": export_paddle, "onnx": export_onnx}
