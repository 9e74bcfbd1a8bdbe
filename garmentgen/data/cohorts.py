"""Batches in which several pictures in a row show the same kind of garment: a code and who may wear it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..errors import UserError
from .augment import Picture, augment, scale
from .dataset import Share


def cohorts(
    shares: Sequence[Share],
    together: int,
    batch_size: int,
    rng: np.random.Generator,
    flip: float = 0.5,
    colour: float = 0.5,
    affine: float = 0.5,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Endless batches (images uint8 [B, S, S, 3], labels uint8 [B, S, S], set of each picture int64 [B]).

    Each `together` pictures in a row share their main class, drawn by the square root of its frequency: common
    garments so have the most variety and rare ones are met. Only pictures with a single garment are used, since an
    outfit's cloth has no statistics of its own. Within a cohort every picture is drawn from the sets that have the
    class, by their weights.

    Args:
        rng: all randomness: the same generator state gives the same batches.
        flip, colour, affine: probability of each augmentation.

    Raises:
        UserError: no set holds a picture with a single garment.
    """
    rails = [_rails(share) for share in shares]
    counts: dict[int, int] = {}
    for rail in rails:
        for main, rows in rail.items():
            counts[main] = counts.get(main, 0) + len(rows)
    if not counts:
        raise UserError("no picture of these sets shows a single garment; set data.together=1")
    mains = np.array(sorted(counts))
    chance = np.sqrt([counts[int(main)] for main in mains])
    side = shares[0][0].size

    def draw(main: int) -> tuple[Picture, int]:
        weights = np.array([share[2] if main in rail else 0.0 for share, rail in zip(shares, rails, strict=True)])
        which = int(rng.choice(len(shares), p=weights / weights.sum()))
        rows = rails[which][main]
        picture = shares[which][0].picture(rows[rng.integers(len(rows))])
        fitting = picture if picture[1].shape == (side, side) else scale(picture, side, side)
        return augment(fitting, rng, flip, colour, affine), which

    while True:
        drawn: list[tuple[Picture, int]] = []
        while len(drawn) < batch_size:
            main = int(rng.choice(mains, p=chance / chance.sum()))
            drawn += [draw(main) for _ in range(min(together, batch_size - len(drawn)))]
        images, labels = zip(*(picture for picture, _ in drawn), strict=True)
        yield np.stack(images), np.stack(labels), np.array([which for _, which in drawn], np.int64)


def _rails(share: Share) -> dict[int, np.ndarray]:
    """Rows of one set's single garments by main class; none if the set is not drawn from."""
    garments, rows, weight = share
    singles = rows[garments.single[rows]] if weight > 0 else rows[:0]
    return {int(main): singles[garments.mains[singles] == main] for main in np.unique(garments.mains[singles])}
