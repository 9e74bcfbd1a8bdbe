"""Speed of the Designer: a new map, a re-roll, a slider, eight variations; the engines side by side; batches."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .. import environment
from ..engine import ENGINES, Engine, openvino_graph
from ..inference import Designer, shipped_weights
from ..renderer import graph_beside
from .data import table
from .train import synthetic_batch

MAPS, REPEATS = 8, 24
NAMES = {"dynamic": "Paddle, dynamic mode", "paddle": "Paddle, static graph", "openvino": "OpenVINO, float32"}


def bench_generate(size: int = 0) -> str:
    """What paints here, then tables: what a designer waits for, the engines compared, batches, start-up and memory.

    Args:
        size: of the pictures; 0 = every size that the weights paint, the largest first.
    """
    designer = Designer.load()
    maps = np.concatenate([synthetic_batch(designer.size)[1]] * (MAPS // 4))
    tables = [
        part(designer, maps, side)
        for side in ([size] if size else designer.sizes[::-1])
        for part in (_waits, _engines, _batches)
    ]
    return "\n\n".join([f"engine: {designer.engine}", *filter(None, [*tables, _start()])])


def timed(call: Callable[[int], object], repeats: int = REPEATS) -> tuple[float, float]:
    """(p50, p95) in milliseconds over calls with 0, 1, 2 ..., after two to warm up."""
    seconds = []
    for k in range(repeats + 2):
        started = time.perf_counter()
        call(k)
        seconds.append(time.perf_counter() - started)
    kept = 1e3 * np.array(seconds[2:])
    return float(np.percentile(kept, 50)), float(np.percentile(kept, 95))


def _waits(designer: Designer, maps: np.ndarray, size: int) -> str:
    def edited(k: int) -> np.ndarray:
        labels = maps[k % len(maps)].copy()
        labels[5 : 6 + k % 100, 5] = maps[0][128, 128]  # never the same map twice, halved either: nothing is reused
        return labels

    base = designer.look(maps[0])
    region = base.regions[-1]
    fixed = designer.style_from_photo(base, designer.render(base), maps[0])
    looks = [designer.look(maps[0], seed) for seed in range(4)]

    def known(k: int) -> np.ndarray:
        designer.renderer.forget()  # else the picture is there already
        return designer.render(looks[k % 4], size)

    rows = [
        ("new map, codes drawn and painted", *timed(lambda k: designer.generate(edited(k), k, size=size))),
        ("of which drawing the codes", *timed(lambda k: designer.look(edited(k), k))),
        ("new map under kept codes (a stroke)", *timed(lambda k: designer.generate(edited(k), like=fixed, size=size))),
        ("re-roll of one region", *timed(lambda k: designer.render(designer.reroll(base, region, k), size))),
        ("known codes (history, blend step)", *timed(known)),
    ]
    if size == designer.sizes[0]:
        rows.append(("8 variations, which are shown small", *timed(lambda k: _eight(designer, maps[0], k), 3)))
    return table(f"Designer at {size} px", ("", "p50 ms", "p95 ms"), _rounded(rows))


def _eight(designer: Designer, labels: np.ndarray, seed: int) -> list[np.ndarray]:
    return [designer.render(look, designer.sizes[0]) for look in designer.variations(labels, 8, seed)]


def _engines(designer: Designer, maps: np.ndarray, size: int) -> str:
    inputs = _inputs(designer, maps[0], 0, size)
    engines = {name: Designer.load(engine=name).renderer.engine_at(size) for name in ENGINES[::-1]}
    reference = engines["dynamic"](*inputs)
    rows = [("Paddle, dynamic mode, stock environment", *_stock(size), 0.0, "100.000 %")]
    for name, engine in engines.items():
        if engine.name == name:  # else this machine lacks it, and the line above says so
            rows.append(_engine_row(NAMES[name], lambda k, e=engine: e(*inputs), reference))
    if half := _bfloat16(engines["openvino"], inputs, _graph(designer, size)):
        rows.append(_engine_row("OpenVINO, bfloat16", half, reference))
    if session := _onnx_session(inputs, _graph(designer, size)):
        rows.append(_engine_row("ONNX Runtime", session, reference))
    static = next((row[1] for row in rows if row[0] == NAMES["paddle"]), rows[1][1])
    with_ratio = [(*row[:3], f"{static / row[1]:.2f}x", *row[3:]) for row in _rounded(rows)]
    header = ("engine", "p50 ms", "p95 ms", "as fast as static", "largest difference, grey levels", "within 1 level")
    return table(f"the generator alone, {size} px", header, with_ratio)


def _inputs(designer: Designer, labels: np.ndarray, seed: int, size: int) -> list[np.ndarray]:
    return designer.renderer.inputs(labels, designer.look(labels, seed).codes, seed, size)


def _graph(designer: Designer, size: int) -> Path:
    return graph_beside(shipped_weights(), size, designer.size)


def _bfloat16(engine: Engine, inputs: list[np.ndarray], graph: Path) -> Callable[[int], object] | None:
    if engine.name != "openvino" or not openvino_graph.has_bfloat16():
        return None
    run = openvino_graph.load(graph, inputs, "bf16", environment.threads())
    return lambda k: run(inputs)


def _batches(designer: Designer, maps: np.ndarray, size: int) -> str:
    """Eight pictures, so many at a time: where that is no faster, one at a time is what waits least."""
    graph = _graph(designer, size)
    if designer.engine.name != "openvino" or not graph.exists():
        return ""
    eight = [_inputs(designer, labels, k, size) for k, labels in enumerate(maps[:8])]
    rows, alone = [], None
    for count in (1, 2, 4, 8):
        batches = [
            [np.concatenate(column) for column in zip(*eight[k : k + count], strict=True)] for k in range(0, 8, count)
        ]
        run = openvino_graph.load(graph, batches[0], "f32", environment.threads())
        pictures = np.concatenate([run(batch) for batch in batches])
        alone = pictures if alone is None else alone
        p50, p95 = timed(lambda k, run=run, batches=batches: [run(batch) for batch in batches], 6)
        rows.append((f"{count} at a time", p50 / 8, p95 / 8, "yes" if np.array_equal(pictures, alone) else "no"))
    return table(
        f"a picture in a batch, {size} px, OpenVINO", ("", "p50 ms", "p95 ms", "bytes as alone"), _rounded(rows)
    )


def _stock(size: int) -> tuple[float, float]:
    """(p50, p95) of dynamic mode as Paddle comes, without the variables that `environment` sets."""
    command = [sys.executable, "-c", _DYNAMIC, str(size)]
    done = subprocess.run(command, env=environment.stock(), capture_output=True, text=True, check=True)
    p50, p95 = json.loads(done.stdout.splitlines()[-1])
    return p50, p95


_DYNAMIC = """
import sys
from garmentgen.bench.generate import Designer, _inputs, synthetic_batch, timed
designer, size = Designer.load(engine="dynamic"), int(sys.argv[1])
inputs, engine = _inputs(designer, synthetic_batch(designer.size)[1][0], 0, size), designer.renderer.engine_at(size)
print(list(timed(lambda k: engine(*inputs), 6)))
"""


def _engine_row(name: str, call: Callable[[int], object], reference: np.ndarray) -> tuple:
    gap = np.abs(np.asarray(call(0)) - reference) * 127.5
    repeats = 6 if name == NAMES["dynamic"] else REPEATS
    return (name, *timed(call, repeats), float(gap.max()), f"{(gap <= 1).mean():.3%}")


def _onnx_session(inputs: list[np.ndarray], graph: Path) -> Callable[[int], object] | None:
    try:
        import onnxruntime
    except ImportError:
        return None
    if not graph.exists():
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = environment.threads(), 3
    session = onnxruntime.InferenceSession(str(graph), options)
    feed = dict(zip([i.name for i in session.get_inputs()], inputs, strict=True))
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
