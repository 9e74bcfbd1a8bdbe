"""A map and codes -> a picture, at every size that the weights paint."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from .checkpoint import load_strictly, to_arrays
from .config import ModelConfig
from .counter import noise_tile, tile_offset
from .engine import Engine
from .errors import UserError
from .geometry import doubled, halved
from .labels import NUM_LABELS
from .models import build_generator
from .pixels import network_ids, to_images
from .priors import Codes

if TYPE_CHECKING:
    from .models import Generator


class Renderer:
    """One generator and the engines that run it; threads may share it.

    Args:
        generator: with its weights. key: names them. static: False keeps to dynamic mode.
    """

    def __init__(self, config: ModelConfig, generator: Generator, key: str, static: bool):
        self.config, self.sizes, self.size = config, config.sizes, config.sizes[-1]
        self.noise = noise_tile(config.size // 2)
        self._generator, self._key, self._static, self._lock = generator, key, static, Lock()
        self._engines: dict[int, Engine] = {}
        self.engine = self._engine(self.size)

    def render(self, labels: np.ndarray, codes: Codes, seed: int, size: int) -> np.ndarray:
        """uint8 RGB [size, size, 3] of a map that `at` can bring to this size; background exactly white."""
        return to_images(self._engine(size)(*self.inputs(labels, codes, seed, size)))[0]

    def inputs(self, labels: np.ndarray, codes: Codes, seed: int, size: int) -> list[np.ndarray]:
        """The generator's inputs, batch of one: labels int64, codes and noise float32. The seed rolls the noise."""
        ids, grid = network_ids(self.at(labels, size)[None]), self.config.grid
        dense = np.zeros((1, NUM_LABELS, self.config.code_channels, grid, grid), np.float32)
        for c, code in codes.items():
            dense[0, c] = code
        return [ids, dense, np.roll(self.noise, tile_offset(seed, len(self.noise)), (0, 1))[None, None]]

    def example_inputs(self, size: int) -> list[np.ndarray]:
        """The inputs for a map full of one class: what a static graph is made with."""
        return self.inputs(np.zeros((size, size), np.uint8), {}, 0, size)

    def at(self, labels: np.ndarray, size: int) -> np.ndarray:
        """A map uint8 [S, S] at one of `sizes`: halved or doubled where these weights paint both.

        Raises:
            UserError: another size, or a map that is not of one.
        """
        if size not in self.sizes:
            raise UserError(f"these weights paint pictures of {' or '.join(map(str, self.sizes))} px, not {size}")
        if labels.shape == (size, size):
            return labels
        if labels.shape == (2 * size, 2 * size):
            return halved(labels)
        if len(self.sizes) > 1 and labels.shape == (size // 2, size // 2):
            return doubled(labels)
        raise UserError(f"this look is {labels.shape}, but the weights paint {self.size}x{self.size}")

    def _engine(self, size: int) -> Engine:
        """What paints pictures of this side: the generator, or the part of it that does, made when first asked for."""
        if size not in self.sizes:
            raise UserError(f"these weights paint pictures of {' or '.join(map(str, self.sizes))} px, not {size}")
        with self._lock:
            if size not in self._engines:
                part = self._generator
                if size != self.size:
                    part, tensors = build_generator(self.config.painting(size)), to_arrays(self._generator)
                    load_strictly(part, {name: tensors[name] for name in part.state_dict()}, "generator")
                part.eval()
                self._engines[size] = Engine(part, self.example_inputs(size), self._key, self._static)
            return self._engines[size]
