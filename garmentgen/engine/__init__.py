"""Running a trained network: OpenVINO where its graph is at hand, else Paddle's static graph, else dynamic mode.

Each of them is run against the network in dynamic mode before it is believed. One that cannot be had costs speed only:
a line says why, and the next is taken. Paddle is imported where it is needed: OpenVINO paints without it.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from .. import environment
from ..cache import kept
from ..checks import check_choice
from ..errors import UserError
from . import agreement, openvino_graph

if TYPE_CHECKING:
    from paddle import nn

log = logging.getLogger("garmentgen")

T = TypeVar("T")
Run = Callable[[Sequence[np.ndarray]], np.ndarray]

ENGINES = ("openvino", "paddle", "dynamic")
"""Fastest first."""
PRECISIONS = tuple(agreement.TOLERANCE)


def setting(name: str, allowed: Sequence[str]) -> str:
    """An environment variable that is unset (empty) or one of these words.

    Raises:
        UserError: it is another.
    """
    value = os.environ.get(name, "")
    if value and value not in allowed:
        raise UserError(f"{name} is {', '.join(allowed[:-1])} or {allowed[-1]}, not {value!r}; change or unset it")
    return value


def believed(
    path: Path,
    key: str,
    example: Sequence[np.ndarray],
    precision: str,
    threads: int,
    free: Sequence[tuple[int, int]] = (),
) -> Run:
    """The graph of an ONNX file that names these weights (`key`) and still gives for `example` what its proof says.

    Raises:
        UserError: the file cannot be read, or is of other weights. agreement.Disagreement: it gives something else.
    """
    facts = openvino_graph.metadata(path)
    if facts.get("weights") != key:
        raise UserError(f"{path} holds the graph of other weights ({facts.get('weights', 'unnamed')})")
    run = openvino_graph.load(path, example, precision, threads, free)
    agreement.check_proof(run(example), facts.get("proof", ""), precision)
    return run


class Engine:
    """One network behind numpy arrays in, numpy array out. Threads may share it: one thread of its own does the work.

    Paddle keeps buffers and packed weights for every thread that ever ran a graph (115 MB each for `lite`), so a web
    server's pool of workers must not call it.

    Attributes:
        name: the one of ENGINES that runs. precision: "f32", or "bf16" where GARMENTGEN_PRECISION asks for it.
        why: why no faster one runs; empty if none is faster or the caller chose this one.

    Args:
        build: makes the network, in eval mode; called at most once, and not at all where a believed graph is at hand.
        examples: lists of inputs; graphs are tried on all of them, and the first fixes shapes and dtypes.
        key: names the weights.
        choice: start at this one of ENGINES; None = GARMENTGEN_ENGINE, else the fastest.
        free: (input, axis) pairs whose length may change from call to call.
        graph: an ONNX file that may hold this network: it is used if its metadata names these weights.

    Raises:
        UserError: GARMENTGEN_ENGINE or GARMENTGEN_PRECISION is a word that means nothing here.
    """

    def __init__(
        self,
        build: Callable[[], nn.Layer],
        examples: Sequence[Sequence[np.ndarray]],
        key: str,
        choice: str | None = None,
        free: Sequence[tuple[int, int]] = (),
        graph: Path | None = None,
    ):
        self._build, self._net, self._unbuilt = build, None, None
        self.examples, self._key, self._free, self._graph = examples, key, free, graph
        if choice is not None:
            check_choice("engine", choice, ENGINES)
        choice = choice or setting("GARMENTGEN_ENGINE", ENGINES) or _for_this_machine()
        self.precision = setting("GARMENTGEN_PRECISION", PRECISIONS) or "f32"
        self.name, self.why = choice, ""
        self._worker = ThreadPoolExecutor(1, "garmentgen")
        self._run = self.alone(lambda: self._best(ENGINES[ENGINES.index(choice) :]))

    def __call__(self, *inputs: np.ndarray) -> np.ndarray:
        """Run the network on these arrays."""
        return self.alone(lambda: self._run(inputs))

    def __str__(self) -> str:
        ways = {
            "openvino": lambda: f"OpenVINO {openvino_graph.version()}",
            "paddle": lambda: f"Paddle {_paddle_version()}, static graph",
            "dynamic": lambda: f"Paddle {_paddle_version()}, dynamic mode",
        }
        precision = {"f32": "float32", "bf16": "bfloat16"}[self.precision]
        text = f"{ways[self.name]()}, {precision}, {environment.threads()} threads on {environment.processor()}"
        return f"{text}; {self.why}" if self.why else text

    @property
    def net(self) -> nn.Layer:
        """The network itself, for dynamic mode."""
        if self._net is None:
            try:
                environment.start_paddle()
                self._net = self._build()
            except UserError as error:
                self._unbuilt = error
                raise
        return self._net

    @property
    def is_built(self) -> bool:
        """Whether anything has asked for the network: no graph may be had without it."""
        return self._net is not None

    def alone(self, call: Callable[[], T]) -> T:
        """What this call returns; it runs on the engine's thread, after whatever is under way."""
        return self._worker.submit(call).result()

    def dynamic(self, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """The network's output in dynamic mode: what every graph is compared with."""
        net = self.net
        import paddle

        with paddle.no_grad():
            return net(*(paddle.to_tensor(x) for x in inputs)).numpy()

    # --- choosing ------------------------------------------------------------------------------------------------

    def _best(self, names: Sequence[str]) -> Run:
        ways = {"openvino": self._openvino, "paddle": self._static}
        faults = []
        for self.name in names[:-1]:
            try:
                run = ways[self.name]()
                break
            except Exception as error:  # any fault of a graph or its compiler: the picture matters more
                if self._unbuilt:
                    raise self._unbuilt from None
                faults.append(f"{self.name}: {' '.join(str(error).split()) or type(error).__name__}")
        else:
            environment.start_paddle()
            self.name, run = names[-1], self.dynamic
        if self.name != "openvino":
            self.precision = "f32"
        if faults:
            self.why = f"slower than it could be ({'; '.join(faults)})"
            log.warning("engine: %s", self)
        return run

    def _openvino(self) -> Run:
        try:
            openvino_graph.version()
        except ImportError:
            raise UserError("not installed: pip install openvino") from None
        if self.precision == "bf16" and not openvino_graph.has_bfloat16():
            self.precision = "f32"
            log.warning("GARMENTGEN_PRECISION=bf16 has no effect: this processor has no bfloat16 products")
        fault = ""
        if self._graph is not None and self._graph.exists():
            try:
                return self._believed(self._graph)
            except Exception as error:
                fault = f"{error}; "
        try:
            with kept("onnx", self._made_from(), self._write_onnx) as folder:
                return self._believed(folder / "graph.onnx")
        except UserError as error:
            raise UserError(f"{fault}{error}") from error

    def _believed(self, path: Path) -> Run:
        return believed(path, self._key, self.examples[0], self.precision, environment.threads(), self._free)

    def _write_onnx(self, folder: Path) -> None:
        net = self.net
        from . import onnx_graph

        path = folder / "graph.onnx"
        onnx_graph.write(net, self.examples[0], path, self.facts(), self._free)
        self.check(openvino_graph.load(path, self.examples[0], "f32", environment.threads(), self._free))

    def _static(self) -> Run:
        net = self.net
        from . import paddle_graph

        names = paddle_graph.input_names(net, len(self.examples[0]))

        def load(folder: Path) -> Run:
            return paddle_graph.load(folder, names, environment.threads())

        def write(folder: Path) -> None:
            paddle_graph.write(net, self.examples[0], folder, self._free)
            self.check(load(folder))
            (folder / "proof.txt").write_text(agreement.proof(self.dynamic(self.examples[0])))

        with kept("paddle", self._made_from(), write) as folder:
            run = load(folder)
            agreement.check_proof(run(self.examples[0]), (folder / "proof.txt").read_text(), self.precision)
            return run

    # --- believing -----------------------------------------------------------------------------------------------

    def facts(self) -> dict[str, str]:
        """What a graph of this network carries with it: whose it is, and a sample of what it must give."""
        return {"weights": self._key, "proof": agreement.proof(self.dynamic(self.examples[0]))}

    def check(self, run: Run, together: bool = False) -> str:
        """Run a graph on every example beside dynamic mode; returns in words how well they agree.

        Args:
            together: the graph takes all examples as one batch.

        Raises:
            agreement.Disagreement: they do not.
        """
        batches = [self.batch()] if together else self.examples
        found, expected = [run(inputs) for inputs in batches], [self.dynamic(inputs) for inputs in self.examples]
        return agreement.demand(np.concatenate(found), np.concatenate(expected))

    def batch(self) -> list[np.ndarray]:
        """All examples as one batch."""
        return [np.concatenate(column) for column in zip(*self.examples, strict=True)]

    def _made_from(self) -> str:
        """All that decides what a graph's file holds: weights, shapes, this package's code, the converters."""
        shapes = ",".join(f"{v.dtype}{v.shape}" for v in self.examples[0])
        versions = [_version(name) for name in ("paddlepaddle", "paddlepaddle-gpu", "paddle2onnx")]
        return f"{self._key} {shapes} {self._free} {versions} {_code_hash()}"


def _for_this_machine() -> str:
    """The fastest engine, but on a GPU Paddle's own mode: the graphs are for processors."""
    if not _version("paddlepaddle-gpu"):
        return ENGINES[0]
    environment.start_paddle()
    import paddle

    return ENGINES[0] if paddle.get_device() == "cpu" else "dynamic"


def _paddle_version() -> str:
    return _version("paddlepaddle") or _version("paddlepaddle-gpu")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def network_sources() -> list[Path]:
    """The files that decide what a graph holds: a changed one never meets a stale graph."""
    package = Path(__file__).parents[1]
    names = ("config", "counter", "geometry", "labels", "pictures", "pixels", "priors/flow", "tracing")
    named = [package / f"{name}.py" for name in names]
    return [*named, *sorted((package / "engine").rglob("*.py")), *sorted((package / "models").rglob("*.py"))]


def _code_hash() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in network_sources())).hexdigest()
