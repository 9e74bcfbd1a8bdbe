"""Choices of a recipe: what the caller insists on, and chance for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Taste:
    """Chance with wishes: `has(part, chance)` is true for every wanted part and by chance for the others."""

    def __init__(self, rng: np.random.Generator, wants: frozenset[int] = frozenset()):
        self.rng = rng
        self.wants = wants

    def has(self, part: int, chance: float) -> bool:
        """Does the garment get this part (class id)?"""
        return bool(self.rng.random() < chance) or part in self.wants

    def flip(self, chance: float = 0.5) -> bool:
        """True with this chance."""
        return bool(self.rng.random() < chance)

    def span(self, low: float, high: float) -> float:
        """A number between."""
        return float(self.rng.uniform(low, high))

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self.rng.integers(len(options)))]
