"""What a generator has to beat: pictures made without one, on the same maps."""

from __future__ import annotations

import cv2
import numpy as np

from ..data.dataset import Rows
from ..labels import BACKGROUND


def flat(photo: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Every region in its real mean colour: photo uint8 [S, S, 3], labels uint8 [S, S] -> uint8 [S, S, 3].

    This is all that a palette can achieve, even one that knows the answer.
    """
    picture = np.full_like(photo, 255)
    for region in np.unique(labels[labels != BACKGROUND]):
        mask = labels == region
        picture[mask] = np.rint(photo[mask].mean(0)).astype(np.uint8)
    return picture


def overlap(labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How well maps agree: labels uint8 [S, S] with others uint8 [M, S, S] -> float64 [M] in 0..1.

    Pixels that have the same class in both, over pixels that have a class in either.
    """
    garment = labels != BACKGROUND
    same = ((others == labels) & garment).sum((1, 2))
    either = ((others != BACKGROUND) | garment).sum((1, 2))
    return same / np.maximum(either, 1)


def nearest_map(labels: np.ndarray, others: np.ndarray | Rows, side: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """For maps uint8 [N, S, S] the most overlapping of uint8 [M, S, S]: index int [N], overlap float64 [N].

    Compared at `side` px, which moves an overlap by less than .02.
    """
    labels, others = shrink(labels, side), shrink(others, side)
    scores = np.stack([overlap(one, others) for one in labels])  # [N, M]
    return scores.argmax(1), scores.max(1)


def paste(photo: np.ndarray, photo_labels: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """A photo's garment cut to another map: uint8 [S, S, 3] with white where the map has background.

    Pixels of the map that the photo's garment does not cover take the colour of its nearest pixel.
    """
    missing = (photo_labels == BACKGROUND).astype(np.uint8)
    if missing.all():
        raise ValueError("a photo without any labelled garment cannot be pasted")
    _, nearest = cv2.distanceTransformWithLabels(
        missing, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )  # [S, S], a number for each garment pixel
    colour_of = np.zeros((nearest.max() + 1, 3), np.uint8)
    colour_of[nearest[missing == 0]] = photo[missing == 0]
    return np.where((labels == BACKGROUND)[..., None], np.uint8(255), colour_of[nearest])


def shrink(labels: np.ndarray | Rows, side: int) -> np.ndarray:
    """uint8 [N, S, S] -> uint8 [N, side, side]: the id at the middle of every cell, also enlarges."""
    middle = ((np.arange(side) + 0.5) * labels.shape[1] / side).astype(np.int64)
    return np.stack([one[middle[:, None], middle] for one in labels])
