"""Running the trained networks: a static graph through paddle.inference with oneDNN on a CPU, plain Paddle otherwise.

The graph is exported once per weights file into a cache folder. A graph that cannot be built or run costs speed only:
a warning is given and the same network goes on in dynamic mode.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import paddle
from paddle import inference, nn
from paddle.static import InputSpec

from .files import cache_folder

T = TypeVar("T")


class Engine:
    """One network behind numpy arrays in, numpy array out. Threads may share it: one thread of its own does the work.

    Paddle keeps buffers and packed weights for every thread that ever ran a graph (115 MB each for `lite`), so a web
    server's pool of workers must not call it.

    Args:
        net: in eval mode. example: its inputs in order, which fix shapes (None in `free` axes) and dtypes.
        key: names the weights; with Paddle's version it names the cached graph.
        static: False keeps to dynamic mode.
        free: (input, axis) pairs whose length may change from call to call.
    """

    def __init__(
        self,
        net: nn.Layer,
        example: Sequence[np.ndarray],
        key: str,
        static: bool = True,
        free: Sequence[tuple[int, int]] = (),
    ):
        self.net, self.predictor = net, None
        self._worker = ThreadPoolExecutor(1, "garmentgen")
        if not static or paddle.get_device() != "cpu":
            return
        try:
            self.predictor = _predictor(_exported(net, example, key, free))
            self(*example)
        except Exception as error:  # any fault of the graph compiler: the picture matters more
            self.predictor = None
            warnings.warn(f"static graph unavailable, using slower dynamic mode ({error})", stacklevel=2)

    def __call__(self, *inputs: np.ndarray) -> np.ndarray:
        """Run the network on these arrays."""
        return self.alone(lambda: self._run(inputs))

    def alone(self, call: Callable[[], T]) -> T:
        """What this call returns; it runs on the engine's thread, without gradients, after whatever is under way."""

        def run() -> T:
            with paddle.no_grad():
                return call()

        return self._worker.submit(run).result()

    def _run(self, inputs: Sequence[np.ndarray]) -> np.ndarray:
        if self.predictor is None:
            return self.net(*(paddle.to_tensor(x) for x in inputs)).numpy()
        for k, value in enumerate(inputs):
            handle = self.predictor.get_input_handle(f"x{k}")
            handle.copy_from_cpu(np.ascontiguousarray(value))
        self.predictor.run()
        name = self.predictor.get_output_names()[0]
        return self.predictor.get_output_handle(name).copy_to_cpu()


def export_graph(
    net: nn.Layer, example: Sequence[np.ndarray], folder: Path, free: Sequence[tuple[int, int]] = ()
) -> Path:
    """Save `net` as a static graph, folder/graph.json and folder/graph.pdiparams; inputs are called x0, x1, ..."""
    specs = []
    for k, value in enumerate(example):
        shape = [None if (k, axis) in free else n for axis, n in enumerate(value.shape)]
        specs.append(InputSpec(shape, value.dtype.name, f"x{k}"))  # pyright: ignore[reportArgumentType])
    traced = paddle.jit.to_static(net, input_spec=specs, full_graph=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            paddle.jit.save(traced, str(folder / "graph"))
    finally:  # to_static rebinds forward on this very object; give the plain one back for dynamic use
        net.forward = type(net).forward.__get__(net)
    return folder


def _exported(net: nn.Layer, example: Sequence[np.ndarray], key: str, free: Sequence[tuple[int, int]]) -> Path:
    shapes = ",".join(f"{v.dtype}{v.shape}" for v in example)
    digest = hashlib.sha256(f"{key} {shapes} {free} {paddle.__version__} {_source_hash()}".encode()).hexdigest()[:16]
    final = cache_folder() / f"graph-{digest}"
    if not (final / "graph.json").exists():
        scratch = Path(tempfile.mkdtemp(dir=final.parent, prefix="graph-"))
        export_graph(net, example, scratch, free)
        try:
            os.replace(scratch, final)
        except OSError:  # another process was first
            shutil.rmtree(scratch, ignore_errors=True)
    return final


def network_sources() -> list[Path]:
    """The files that define the networks: a changed one never meets a stale graph."""
    package = Path(__file__).parent
    return [package / "flow.py", package / "native" / "plain.py", *sorted((package / "models").rglob("*.py"))]


def _source_hash() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in network_sources())).hexdigest()


def _predictor(folder: Path) -> inference.Predictor:
    config = inference.Config(str(folder / "graph.json"), str(folder / "graph.pdiparams"))
    config.disable_gpu()
    config.disable_glog_info()
    config.enable_mkldnn()
    config.delete_pass("conv_activation_onednn_fuse_pass")  # segmentation fault on leaky_relu in Paddle 3.3
    config.delete_pass("inplace_pass")  # of a value that is read twice it overwrites the first, in Paddle 3.3
    config.set_cpu_math_library_num_threads(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))
    return inference.create_predictor(config)
