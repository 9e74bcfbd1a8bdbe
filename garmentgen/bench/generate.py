"""Speed of the Designer: a new map, a re-roll, a slider, eight variations; dygraph, static, ONNX Runtime."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .. import environment
from ..inference import Designer
from .data import table
from .train import synthetic_batch

MAPS, REPEATS = 8, 24


def bench_generate() -> str:
    """Three tables: what a designer waits for, the engines compared, start-up and memory."""
    designer = Designer.load()
    maps = np.concatenate([synthetic_batch(designer.size)[1]] * (MAPS // 4))
    return "\n\n".join([_waits(designer, maps), _engines(designer, maps[0]), _start()])


def timed(call: Callable[[int], object], repeats: int = REPEATS) -> tuple[float, float]:
    """(p50, p95) in milliseconds over calls with 0, 1, 2 ..., after two to warm up."""
    seconds = []
    for k in range(repeats + 2):
        started = time.perf_counter()
        call(k)
        seconds.append(time.perf_counter() - started)
    kept = 1e3 * np.array(seconds[2:])
    return float(np.percentile(kept, 50)), float(np.percentile(kept, 95))


def _waits(designer: Designer, maps: np.ndarray) -> str:
    def edited(k: int) -> np.ndarray:
        labels = maps[k % len(maps)].copy()
        labels[4 : 5 + k % 100, 4] = maps[0][128, 128]  # never the same map twice: nothing is reused
        return labels

    base = designer.look(maps[0])
    region = base.regions[-1]
    fixed = designer.style_from_photo(base, designer.render(base), maps[0])
    looks = [designer.look(maps[0], seed) for seed in range(4)]
    rows = [
        ("new map, codes drawn and painted", *timed(lambda k: designer.generate(edited(k), k))),
        ("of which drawing the codes", *timed(lambda k: designer.look(edited(k), k))),
        ("new map under kept codes (a stroke)", *timed(lambda k: designer.generate(edited(k), like=fixed))),
        ("re-roll of one region", *timed(lambda k: designer.render(designer.reroll(base, region, k)))),
        ("known codes (history, blend step)", *timed(lambda k: designer.render(looks[k % 4]))),
        ("8 variations", *timed(lambda k: [designer.render(v) for v in designer.variations(maps[0], 8, k)], 3)),
    ]
    return table(f"Designer at {designer.size} px", ("", "p50 ms", "p95 ms"), _rounded(rows))


def _engines(designer: Designer, labels: np.ndarray) -> str:
    inputs = designer.inputs(designer.look(labels))
    dynamic = Designer.load(engine="dynamic")
    reference = dynamic.engine(*inputs)
    rows = [
        ("dynamic mode, stock environment", *_stock(), 0.0, "100.000 %"),
        ("dynamic mode, our environment", *timed(lambda k: dynamic.engine(*inputs)), 0.0, "100.000 %"),
    ]
    if designer.engine.predictor is not None:
        rows.append(_engine_row("static, oneDNN", lambda k: designer.engine(*inputs), reference))
    if session := _onnx_session(inputs):
        rows.append(_engine_row("ONNX Runtime", session, reference))
    stock, ours = rows[0][1], rows[1][1]
    with_ratio = [(*row[:3], f"{stock / row[1]:.1f}x", f"{ours / row[1]:.1f}x", *row[3:]) for row in _rounded(rows)]
    faster = ("faster than stock", "than dynamic, ours")
    header = ("engine", "p50 ms", "p95 ms", *faster, "largest difference, grey levels", "within 1 level")
    return table("the generator alone", header, with_ratio)


def _stock() -> tuple[float, float]:
    """(p50, p95) of dynamic mode as Paddle comes, without the variables that `environment` sets."""
    command = [sys.executable, "-c", _DYNAMIC]
    done = subprocess.run(command, env=environment.stock(), capture_output=True, text=True, check=True)
    p50, p95 = json.loads(done.stdout.splitlines()[-1])
    return p50, p95


_DYNAMIC = """
from garmentgen.inference import Designer
from garmentgen.bench.generate import synthetic_batch, timed
designer = Designer.load(engine="dynamic")
inputs = designer.inputs(designer.look(synthetic_batch(designer.size)[1][0]))
print(list(timed(lambda k: designer.engine(*inputs))))
"""


def _engine_row(name: str, call: Callable[[int], object], reference: np.ndarray) -> tuple:
    gap = np.abs(np.asarray(call(0)) - reference) * 127.5
    return (name, *timed(call), float(gap.max()), f"{(gap <= 1).mean():.3%}")


def _onnx_session(inputs: list[np.ndarray]) -> Callable[[int], object] | None:
    try:
        import onnxruntime
    except ImportError:
        return None
    from ..export import export_onnx

    with tempfile.TemporaryDirectory() as folder:
        export_onnx(Path(folder), None)
        session = onnxruntime.InferenceSession(str(Path(folder) / "graph.onnx"))
    feed = {f"x{k}": value for k, value in enumerate(inputs)}
    feed = {i.name: feed[i.name] for i in session.get_inputs()}
    return lambda k: session.run(None, feed)[0]


_COLD = """
import time; started = time.time()
from garmentgen import environment; environment.tune()
import numpy as np
from garmentgen import Designer
designer = Designer.load()
labels = np.full((designer.size,) * 2, 255, np.uint8); labels[32:-32, 32:-32] = 1
designer.generate(labels); print(time.time() - started)
"""


def _start() -> str:
    seconds = [
        float(subprocess.run([sys.executable, "-c", _COLD], capture_output=True, text=True).stdout.split()[-1])
        for _ in range(2)
    ]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [
        ("process start to first picture, s", f"{seconds[-1]:.1f}"),
        ("peak memory of this bench, MB", f"{memory:.0f}"),
    ]
    return table("start-up and memory", ("", ""), rows)


def _rounded(rows: list[tuple]) -> list[tuple]:
    return [tuple(round(v, 1) if isinstance(v, float) else v for v in row) for row in rows]
