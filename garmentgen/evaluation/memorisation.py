"""Is a picture a copy? The distance to the training photo that looks most like it.

Nothing is filtered beforehand: LPIPS is computed with every training photo (lpips.pairwise, one matrix product), at
128 px, where patterns and prints are still visible and a shift of a few pixels weighs less than at full size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data.dataset import Rows
from .lpips import Embed, pairwise
from .networks import resize

SIDE = 128


@dataclass(frozen=True)
class Nearest:
    """The nearest training photo of every picture.

    Attributes:
        index: int [N], its position among the training photos.
        distance: float [N], its LPIPS.
    """

    index: np.ndarray
    distance: np.ndarray

    def percentiles(self) -> dict[int, float]:
        """Minimum, 5 %, 25 %, 50 % and 75 % of the distances: {percent: LPIPS}."""
        return {p: float(np.percentile(self.distance, p)) for p in (0, 5, 25, 50, 75)}

    def closest(self, count: int) -> np.ndarray:
        """Positions of the `count` pictures nearest to a training photo, nearest first."""
        return np.argsort(self.distance, kind="stable")[:count]


def nearest_photos(embed: Embed, pictures: np.ndarray, training: np.ndarray | Rows) -> Nearest:
    """Search uint8 [N, S, S, 3] among uint8 [M, S, S, 3] (LPIPS at 128 px, exact over all M)."""
    distances = pairwise(embed, resize(pictures, SIDE), resize(training, SIDE))  # [N, M]
    index = distances.argmin(1)
    return Nearest(index, distances[np.arange(len(pictures)), index])


def share_closer(samples: Nearest, real: Nearest, percent: float = 5) -> float:
    """Share of samples nearer to a training photo than the nearest `percent` % of unseen real photos are.

    A generator that copies no more than chance does gives about percent / 100; a memorising one far more.
    """
    return float((samples.distance < np.percentile(real.distance, percent)).mean())
