"""The contract of every prior, and the noise that they share. NumPy only.

A prior draws the codes of every region of a map. Noise is tied to a region's seed and class and lives on the code grid
inside the region's box, never on the canvas: a small edit of the map leaves the garment as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from ..counter import key, normal

Codes = dict[int, np.ndarray]
"""Class id -> code float32 [C, G, G]."""


class Prior(Protocol):
    """What the Designer needs of a prior."""

    def sample(
        self, labels: np.ndarray, seed_of: Callable[[int], int], diversity: float, harmony: float, given: Codes
    ) -> Codes:
        """Codes of every class on a map, uint8 [S, S].

        Args:
            seed_of: seed of each class; the same seeds give the same codes.
            diversity: 0 = the typical garment whatever the seed, 1 = the training spread, more exaggerates.
            harmony: 1 = parts follow their garment, 0 = each part is drawn on its own.
            given: codes that are returned as they are.
        """
        ...


def region_noise(seed: int, region: int, shape: tuple[int, ...]) -> np.ndarray:
    """Standard normal float32 noise of one region."""
    return normal(key(seed, region), shape)


def shared_noise(
    c: int, parent: int, seed_of: Callable[[int], int], harmony: float, shape: tuple[int, ...]
) -> np.ndarray:
    """Noise of a class, mixed from its garment's and its own: parts follow unless free; one re-rolled alone, half."""
    if c == parent:
        share = 1.0
    else:
        share = harmony if seed_of(c) == seed_of(parent) else harmony / 2
    shared = region_noise(seed_of(parent), parent, shape)
    return np.sqrt(share) * shared + np.sqrt(1 - share) * region_noise(seed_of(c), c, shape)
