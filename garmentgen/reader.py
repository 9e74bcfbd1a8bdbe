"""A photo and its map -> codes: the encoder by its graph beside the weights, or without one as a network."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from . import environment
from .arrays import network_crops
from .engine import Engine, Run, believed
from .geometry import Regions, regions
from .labels import NUM_LABELS
from .networks import Networks

log = logging.getLogger("garmentgen")


class Reader:
    """The encoder of some weights; threads may share it, one at a time reads, on the thread of `engine`.

    With the graph a server needs no Paddle for it: that would take 370 MB and the first photo two seconds.

    Args:
        engine: what paints with these weights. weights_file: beside it may lie the graph, see `encoder_beside`.
    """

    def __init__(self, networks: Networks, engine: Engine, weights_file: Path | None):
        self._networks, self._engine = networks, engine
        self._graph = encoder_beside(weights_file) if weights_file else None

    def __call__(self, found: Regions) -> np.ndarray:
        """Codes (posterior means) of regions, float32 [P, C, G, G]."""
        inputs = [network_crops(found.crops), found.index, found.padding]
        return self._engine.alone(lambda: self._run(inputs))

    def examples(self) -> list[list[np.ndarray]]:
        """Crops, index and padding of one region each: the first, the middle and the last class, in stripes."""
        config = self._networks.weights.config
        size = config.size
        stripes = np.tile((np.arange(size) * NUM_LABELS // size).astype(np.uint8), (size, 1))
        picture = np.stack([np.indices((size, size)).sum(0) * k % 256 for k in (1, 2, 3)], -1).astype(np.uint8)
        found = regions(picture[None], stripes[None], config.crop, config.grid)
        inputs = [network_crops(found.crops), found.index, found.padding]
        return [_one(inputs, n) for n in (0, len(found.index) // 2, -1)]

    @cached_property
    def _run(self) -> Run:
        if self._engine.name == "openvino" and self._graph is not None and self._graph.exists():
            try:
                key, example = self._networks.weights.hash, self.examples()[0]
                return _one_by_one(believed(self._graph, key, example, "f32", environment.threads()))
            except Exception as error:  # any fault of the graph or its compiler: the network reads as well
                log.warning("encoder: slower than it could be (%s)", " ".join(str(error).split()))
        return self._networks.means


def _one(inputs: Sequence[np.ndarray], n: int) -> list[np.ndarray]:
    return [value[n : n + 1 or None] for value in inputs]


def _one_by_one(run: Run) -> Run:
    """Regions one after the other: shapes that are fixed take a tenth of the time, and 90 MB less."""
    return lambda inputs: np.concatenate([run(_one(inputs, n)) for n in range(len(inputs[0]))])


def encoder_beside(weights_file: Path) -> Path:
    """Where the encoder's graph of a weights file lies: NAME-encoder.onnx."""
    return weights_file.with_name(f"{weights_file.stem}-encoder.onnx")
