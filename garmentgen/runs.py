"""A label map as runs, the way sessions, the painter and clients write it: [id, count, id, count ...], row by row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .errors import UserError
from .labels import BACKGROUND, NUM_LABELS


def to_runs(labels: np.ndarray) -> list[int]:
    """Class ids, integer [H, W] (not empty) -> ids and counts in turn."""
    flat = labels.ravel()
    starts = np.flatnonzero(np.append(True, flat[1:] != flat[:-1]))
    counts = np.diff(np.append(starts, flat.size))
    return np.stack([flat[starts].astype(np.int64), counts], 1).ravel().tolist()


def from_runs(runs: Sequence[int], height: int, width: int, what: str) -> np.ndarray:
    """Inverse of `to_runs`: class ids, uint8 [height, width].

    Args:
        runs: whole numbers of any size. what: how the map is called in the sentence.

    Raises:
        UserError: not pairs, unknown ids, counts that do not fill the map.
    """
    if not runs or len(runs) % 2:
        raise UserError(f"{what} is a flat list of pairs: id, count, id, count ...")
    most = max(height * width, BACKGROUND)
    if max(runs) > most or min(runs) < 0:  # also keeps their sum far from overflow
        raise UserError(f"{what} holds numbers from 0 to {most}, but these are not")
    ids, counts = np.array(runs, np.int64).reshape(-1, 2).T
    known = (ids < NUM_LABELS) | (ids == BACKGROUND)
    if not known.all():
        raise UserError(f"{what} holds class ids 0..{NUM_LABELS - 1} and {BACKGROUND}, but also {ids[~known][0]}")
    if counts.min() < 1 or counts.sum() != height * width:
        raise UserError(f"{what} should fill {width} x {height} pixels, but fills {counts.sum()}")
    return np.repeat(ids.astype(np.uint8), counts).reshape(height, width)
