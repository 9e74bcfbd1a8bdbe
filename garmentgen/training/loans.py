"""Whose code each picture of a batch wears in the swapped pass. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Loans:
    """Donors of every picture of a batch.

    Attributes:
        first, second: int64 [N]; the pictures whose codes are worn. share: float32 [N]; how much of the second's,
            0 = the first's code as it is.
        judged: bool [N]; whether the worn picture may be shown to the discriminator: a drawn map dressed in a
            photograph's cloth is known by its outline alone, and the generator would learn to crackle there.
    """

    first: np.ndarray
    second: np.ndarray
    share: np.ndarray
    judged: np.ndarray


def in_turn(count: int) -> Loans:
    """Picture i wears the codes of picture i + 1, whatever either shows."""
    following = (np.arange(count) + 1) % count
    return Loans(following, following, np.zeros(count, np.float32), np.ones(count, bool))


def lend(mains: np.ndarray, origins: np.ndarray, mixed: float, rng: np.random.Generator) -> Loans:
    """Choose donors by class and origin.

    A donor shows the same main garment: cloth has no business on a class of another texture (T-shirt codes held to
    their statistics on sweaters' maps unlearn knit). A map of the first set (photographs) wears photographs' codes
    only; a drawn map may wear either. Who has no such donor wears its own code.

    Args:
        mains: int64 [N], main class of each picture. origins: int64 [N], the set it comes from.
        mixed: share of the pictures that wear a code between two donors.
    """
    count = len(mains)
    first, second, share = np.arange(count), np.arange(count), np.zeros(count, np.float32)
    for n in range(count):
        others = np.flatnonzero((mains == mains[n]) & ((origins == origins[n]) | (origins == 0)))
        others = others[others != n]
        if not len(others):
            continue
        first[n] = second[n] = rng.choice(others)
        rest = others[(others != first[n]) & (origins[others] == origins[first[n]])]
        if len(rest) and rng.random() < mixed:
            second[n], share[n] = rng.choice(rest), rng.random()
    return Loans(first, second, share, origins[first] == origins)
