"""Does a picture show what the map says? Agreement between predicted and given label maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..labels import BACKGROUND, NUM_LABELS


@dataclass(frozen=True)
class Agreement:
    """Attributes:
    iou: intersection over union of every class the maps contain, {class id: 0..1}; background is no class.
    miou: their mean.
    accuracy: share of the maps' garment pixels that are predicted right, 0..1.
    """

    iou: dict[int, float]
    miou: float
    accuracy: float


def agreement(predicted: np.ndarray, labels: np.ndarray) -> Agreement:
    """Compare predicted with given ids, uint8 [N, S, S] each, 255 background, over all pixels of all maps.

    Background counts where it is mistaken for a class or a class for it, but has no IoU of its own.

    Raises:
        ValueError: shapes differ, or the maps are all background.
    """
    if predicted.shape != labels.shape:
        raise ValueError(f"predictions and maps have one shape, but these are {predicted.shape} and {labels.shape}")
    table = confusion(predicted, labels)
    hits, given, claimed = np.diag(table)[:NUM_LABELS], table.sum(1)[:NUM_LABELS], table.sum(0)[:NUM_LABELS]
    present = np.flatnonzero(given)
    if not len(present):
        raise ValueError("the maps are all background: there is nothing to agree on")
    iou = {int(c): float(hits[c] / (given[c] + claimed[c] - hits[c])) for c in present}
    return Agreement(iou, float(np.mean(list(iou.values()))), float(hits.sum() / given.sum()))


def confusion(predicted: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """int64 [NUM_LABELS + 1, NUM_LABELS + 1]: pixels by given (row) and predicted (column) id, background last."""
    size = NUM_LABELS + 1
    row, column = (np.where(x == BACKGROUND, NUM_LABELS, x).astype(np.int64).ravel() for x in (labels, predicted))
    return np.bincount(row * size + column, minlength=size * size).reshape(size, size)
