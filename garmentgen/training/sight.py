"""What stands between pictures and the discriminator: other light, and a moving window.

After differentiable augmentation (Zhao et al., NeurIPS 2020, section 3.2): real and generated pictures are seen alike,
so that a few thousand photographs cannot be learnt by heart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import paddle

from .. import losses
from ..labels import NUM_LABELS

if TYPE_CHECKING:
    from ..models import Discriminator


@dataclass(frozen=True)
class Sight:
    """One step's way of seeing: a picture, its reconstruction and what wears its map are all seen alike.

    Attributes:
        brightness, saturation, contrast: float32 [N], one a picture of the batch; 0, 1, 1 change nothing.
        corner: (top, left) of the window in pixels. side: of the window.
    """

    brightness: np.ndarray
    saturation: np.ndarray
    contrast: np.ndarray
    corner: tuple[int, int]
    side: int

    def __call__(
        self, pictures: paddle.Tensor, labels: paddle.Tensor, rows: np.ndarray
    ) -> tuple[paddle.Tensor, paddle.Tensor]:
        """pictures [M, 3, S, S], labels int64 [M, S, S], rows int64 [M] of the batch -> both as they are seen."""
        brightness, saturation, contrast = (
            paddle.to_tensor(amount[rows]).reshape([-1, 1, 1, 1])  # [M, 1, 1, 1]
            for amount in (self.brightness, self.saturation, self.contrast)
        )
        clothes = (labels != NUM_LABELS).astype("float32").unsqueeze(1)  # [M, 1, S, S]
        grey = pictures.mean(1, keepdim=True)  # [M, 1, S, S]
        seen = grey + saturation * (pictures - grey)  # [M, 3, S, S]
        area = clothes.sum([1, 2, 3], keepdim=True) + 1e-6  # [M, 1, 1, 1]
        middle = (grey * clothes).sum([1, 2, 3], keepdim=True) / area  # [M, 1, 1, 1]
        seen = middle + contrast * (seen - middle) + brightness  # [M, 3, S, S]
        seen = pictures + clothes * (seen - pictures)  # [M, 3, S, S]: the ground stays white
        return self.window(seen), self.window(labels)

    def window(self, x: paddle.Tensor) -> paddle.Tensor:
        """The part of [..., S, S] inside the window."""
        (top, left), side = self.corner, self.side
        return x[..., top : top + side, left : left + side]


def draw_sight(count: int, canvas: int, jitter: float, side: int, rng: np.random.Generator) -> Sight:
    """Light within 1 +- jitter for `count` pictures, and a window of this side (0 = the whole canvas) anywhere."""
    side = side or canvas
    light = rng.uniform(-jitter, jitter, (3, count)).astype(np.float32)
    corner = tuple(int(v) for v in rng.integers(canvas - side + 1, size=2))
    return Sight(light[0], 1 + light[1], 1 + light[2], (corner[0], corner[1]), side)


def look(
    discriminator: Discriminator, pictures: paddle.Tensor, labels: paddle.Tensor, rows: np.ndarray, sight: Sight | None
) -> list[list[paddle.Tensor]]:
    """What the pixels' heads see of pictures [M, 3, S, S]; rows int64 [M]: which of the batch's maps each shows."""
    shown = pick(labels, rows)  # [M, S, S]
    if sight is not None:
        pictures, shown = sight(pictures, shown, rows)
    return discriminator(pictures, shown)


def pick(x: paddle.Tensor, rows: np.ndarray) -> paddle.Tensor:
    """Some entries of the first axis."""
    return paddle.gather(x, paddle.to_tensor(rows))


def part(features: losses.Features, start: int, stop: int) -> list[list[paddle.Tensor]]:
    """The features of some pictures of a joined batch."""
    return [[layer[start:stop] for layer in scale] for scale in features]
