"""A network as Paddle's own static graph: graph.json and graph.pdiparams, run through paddle.inference with oneDNN."""

from __future__ import annotations

import inspect
import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import paddle
from paddle import inference, nn
from paddle.static import InputSpec


def input_names(net: nn.Layer, count: int) -> list[str]:
    """What `forward` calls its first inputs: so they are called in every graph."""
    return list(inspect.signature(type(net).forward).parameters)[1 : count + 1]


def write(net: nn.Layer, example: Sequence[np.ndarray], folder: Path, free: Sequence[tuple[int, int]] = ()) -> None:
    """Save `net` for inputs of these shapes and dtypes; `free` names (input, axis) pairs of any length."""
    specs = []
    for k, (name, value) in enumerate(zip(input_names(net, len(example)), example, strict=True)):
        shape = [None if (k, axis) in free else n for axis, n in enumerate(value.shape)]
        specs.append(InputSpec(shape, value.dtype.name, name))  # pyright: ignore[reportArgumentType])
    traced = paddle.jit.to_static(net, input_spec=specs, full_graph=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            paddle.jit.save(traced, str(folder / "graph"))
    finally:  # to_static rebinds forward on this very object; give the plain one back for dynamic use
        net.forward = type(net).forward.__get__(net)


def slopes(folder: Path) -> list[float]:
    """The negative slope of every leaky ReLU of a saved graph, in the order of the program."""

    def walk(node) -> Iterator[float]:
        if isinstance(node, dict):
            if str(node.get("#", "")).endswith(".leaky_relu"):
                yield next(float(a["AT"]["D"]) for a in node["A"] if a["N"] == "negative_slope")
            node = list(node.values())
        if isinstance(node, list):
            for inner in node:
                yield from walk(inner)

    return list(walk(json.loads((folder / "graph.json").read_text(encoding="utf-8"))))


def load(folder: Path, names: Sequence[str], threads: int) -> Callable[[Sequence[np.ndarray]], np.ndarray]:
    """The saved graph as a function of its inputs. One thread must make and call it: Paddle keeps buffers for each."""
    config = inference.Config(str(folder / "graph.json"), str(folder / "graph.pdiparams"))
    config.disable_gpu()
    config.disable_glog_info()
    config.enable_mkldnn()
    config.delete_pass("conv_activation_onednn_fuse_pass")  # segmentation fault on leaky_relu in Paddle 3.3
    config.delete_pass("inplace_pass")  # of a value that is read twice it overwrites the first, in Paddle 3.3
    config.set_cpu_math_library_num_threads(threads)
    predictor = inference.create_predictor(config)

    def run(inputs: Sequence[np.ndarray]) -> np.ndarray:
        for name, value in zip(names, inputs, strict=True):
            predictor.get_input_handle(name).copy_from_cpu(np.ascontiguousarray(value))
        predictor.run()
        return predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()

    return run
