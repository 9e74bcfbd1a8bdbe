"""Sleeves, legs, shoes: of a photograph's pair one piece is kept, and its mirror image laid beside it.

Both are then read as one code, and are painted alike. (A code whose own cells are mirrored is not the code of a
mirrored picture: every cell still holds its edges and light the old way round, and one piece is painted with specks.)
"""

from __future__ import annotations

import cv2
import numpy as np

from ..geometry import bounds, boxes, gaps
from ..inference import Designer
from ..labels import BACKGROUND, find
from ..priors.bank import PIECES
from ..priors.contract import Codes

LEGS = frozenset(find(name).id for name in "pants,tights".split(","))
"""Classes of two legs that are one piece. Shorts stay as they are: mirrored, they are taken for skirts."""
ALIKE = 0.7
"""Share of legs and their mirror image that must be covered by both: less are seen from the side, or folded."""


def encode_paired(designer: Designer, photo: np.ndarray, labels: np.ndarray) -> Codes:
    """Codes of a photograph, see `Designer.encode`; those of classes that come in pairs are of a pair that is alike."""
    codes = designer.encode(photo, labels)
    for c in codes.keys() & (PIECES | LEGS):
        if (pair := paired(photo, labels, c)) is not None:
            codes[c] = designer.encode(*pair)[c]
    return codes


def paired(photo: np.ndarray, labels: np.ndarray, c: int) -> tuple[np.ndarray, np.ndarray] | None:
    """A picture uint8 RGB [S, S, 3] and map uint8 [S, S] of one piece of a class and its mirror image to its right.

    The piece is the larger of two that lie apart, or the only one, and of legs the left half; None where legs are not
    the same left and right.
    """
    _, left, _, right = boxes(labels)[c]
    shown = labels == c
    if c in LEGS:
        whole = shown[:, left:right]
        if (whole & whole[:, ::-1]).sum() < ALIKE * (whole | whole[:, ::-1]).sum():
            return None
        middle = (left + right) // 2
    elif (share := gaps(labels).get(c)) is None:
        middle = right
    else:
        middle = left + round(share * (right - left))
    if shown[:, :middle].sum() < shown[:, middle:].sum():
        photo, shown, middle = photo[:, ::-1], shown[:, ::-1], labels.shape[1] - middle
    top, left, bottom, _ = bounds(shown[:, :middle])
    piece, side = np.s_[top:bottom, left:middle], len(labels)
    alone = np.where(shown[piece], np.uint8(c), BACKGROUND)
    return _beside(photo[piece], side, 255, cv2.INTER_AREA), _beside(alone, side, BACKGROUND, cv2.INTER_NEAREST)


def _beside(piece: np.ndarray, side: int, ground: int, interpolation: int) -> np.ndarray:
    """A canvas [S, S, ...] with a piece [h, w, ...] and its mirror image, narrowed where both are wider than it."""
    width = min(piece.shape[1], side // 2)
    piece = cv2.resize(piece, (width, len(piece)), interpolation=interpolation)
    canvas = np.full((side, side, *piece.shape[2:]), ground, np.uint8)
    canvas[: len(piece), : 2 * width] = np.concatenate([piece, piece[:, ::-1]], 1)
    return canvas
