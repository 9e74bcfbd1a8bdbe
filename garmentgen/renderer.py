"""A map and codes -> a picture, at every size that the weights paint."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from .arrays import network_ids, to_images
from .checks import is_one_of, shown
from .counter import key, noise_tile, normal, tile_offset
from .engine import Engine
from .errors import UserError
from .geometry import doubled, halved
from .labels import BACKGROUND, NUM_LABELS
from .looks import Look, check_look
from .networks import Networks
from .priors.contract import Codes
from .scenes import Scene, composed

REMEMBERED = 16
"""Pictures of scenes kept at hand: a part drawn anew, or an older step, costs one pass or none."""


class Renderer:
    """The generator of some weights and the engines that run it; threads may share it.

    Args:
        choice: see `Engine`. weights_file: beside it may lie graphs, see `graph_beside`.
        size: the largest to paint, one of the weights' own; None = their largest.
    """

    def __init__(
        self,
        networks: Networks,
        choice: str | None = None,
        weights_file: Path | None = None,
        size: int | None = None,
    ):
        self.config = networks.weights.config
        if size is not None:
            _check_size(self.config.sizes, size)
        self.sizes = tuple(one for one in self.config.sizes if size is None or one <= size)
        self.size = self.sizes[-1]
        self.noise = noise_tile(self.config.size // 2)
        self._networks, self._choice, self.weights_file, self._lock = networks, choice, weights_file, Lock()
        self._engines: dict[int, Engine] = {}
        self._pictures: OrderedDict[tuple, np.ndarray] = OrderedDict()
        self.engine = self.engine_at(self.size)

    def render(self, look: Look, size: int) -> np.ndarray:
        """uint8 RGB [size, size, 3] of a look, composed of its scenes; background exactly white.

        Raises:
            UserError: its map cannot be brought to this size (see `at`), or its codes are of another model.
        """
        check_look(look)
        labels = self.at(look.labels, size)
        scenes = list(dict.fromkeys(look.scene_of(c) for c in look.regions))
        pictures = [self.paint(labels, scene, size) for scene in scenes]
        which = np.full(256, BACKGROUND, np.uint8)
        for c in look.regions:
            which[c] = scenes.index(look.scene_of(c))
        return pictures[0] if len(scenes) == 1 else composed(pictures, which[labels])

    def paint(self, labels: np.ndarray, scene: Scene, size: int) -> np.ndarray:
        """uint8 RGB [size, size, 3] of a map painted in one scene; the last few are remembered."""
        labels = self.at(labels, size)
        wanted = labels.tobytes(), scene.key
        with self._lock:
            picture = self._pictures.get(wanted)
        if picture is None:
            picture = to_images(self.engine_at(size)(*self.inputs(labels, scene.codes, scene.noise_seed, size)))[0]
        with self._lock:
            self._pictures[wanted] = picture
            self._pictures.move_to_end(wanted)
            while len(self._pictures) > REMEMBERED:
                self._pictures.popitem(last=False)
        return picture.copy()

    def forget(self) -> None:
        """Let go of the pictures that are remembered: what comes next is painted."""
        with self._lock:
            self._pictures.clear()

    def inputs(self, labels: np.ndarray, codes: Codes, seed: int, size: int) -> list[np.ndarray]:
        """The generator's inputs, batch of one: labels int64, codes and noise float32. The seed rolls the noise."""
        self.check(codes)
        ids, grid = network_ids(self.at(labels, size)[None]), self.config.grid
        dense = np.zeros((1, NUM_LABELS, self.config.code_channels, grid, grid), np.float32)
        for c, code in codes.items():
            dense[0, c] = code
        return [ids, dense, np.roll(self.noise, tile_offset(seed, len(self.noise)), (0, 1))[None, None]]

    def examples(self, size: int) -> list[list[np.ndarray]]:
        """The inputs for three maps: stripes of all classes, one class alone, a spot; codes for all classes."""
        shape = (self.config.code_channels, self.config.grid, self.config.grid)
        stripes = np.tile((np.arange(size) * NUM_LABELS // size).astype(np.uint8), (size, 1))
        alone, spot = np.zeros_like(stripes), np.full_like(stripes, BACKGROUND)
        spot[size // 2 : size // 2 + 2, size // 2 : size // 2 + 3] = NUM_LABELS - 1
        return [
            self.inputs(labels, {c: normal(key(n, c), shape) for c in range(NUM_LABELS)}, n, size)
            for n, labels in enumerate((stripes, alone, spot))
        ]

    def check(self, codes: Codes) -> None:
        """Raise UserError unless these are codes of these weights."""
        expected = (self.config.code_channels, self.config.grid, self.config.grid)
        if odd := [v.shape for v in codes.values() if v.shape != expected]:
            raise UserError(f"this look's codes are {odd[0]}, but these weights take {expected}: load the look's own")

    def at(self, labels: np.ndarray, size: int) -> np.ndarray:
        """A map uint8 [S, S] at one of `sizes`: halved or doubled where these weights paint both.

        Raises:
            UserError: another size, or a map that is not of one.
        """
        _check_size(self.sizes, size)
        if labels.shape == (size, size):
            return labels
        if labels.shape == (2 * size, 2 * size):
            return halved(labels)
        if len(self.sizes) > 1 and labels.shape == (size // 2, size // 2):
            return doubled(labels)
        raise UserError(f"this look is {labels.shape}, but the weights paint {self.size}x{self.size}")

    def engine_at(self, size: int) -> Engine:
        """What paints pictures of this side: the generator, or the part of it that does, made when first asked for."""
        _check_size(self.sizes, size)
        with self._lock:
            if size not in self._engines:
                graph = graph_beside(self.weights_file, size, self.config.sizes[-1]) if self.weights_file else None
                self._engines[size] = Engine(
                    lambda: self._networks.generator(size),
                    self.examples(size),
                    self._networks.weights.hash,
                    self._choice,
                    graph=graph,
                )
            return self._engines[size]


def _check_size(sizes: Sequence[int], size: object) -> None:
    if not is_one_of(size, sizes):
        raise UserError(f"these weights paint pictures of {' or '.join(map(str, sizes))} px, not {shown(size)}")


def graph_beside(weights_file: Path, size: int, largest: int) -> Path:
    """Where the graph of a weights file lies: NAME.onnx for its largest size, NAME-SIZE.onnx for a smaller one."""
    return weights_file.with_name(
        f"{weights_file.stem}.onnx" if size == largest else f"{weights_file.stem}-{size}.onnx"
    )
