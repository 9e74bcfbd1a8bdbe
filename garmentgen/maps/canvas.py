"""A map of any size onto the square canvas: by coverage where it shrinks, with smooth outlines where it grows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..labels import BACKGROUND, pixel_counts

Rows = Callable[[int, int], np.ndarray]
"""(first, last) -> these rows of a map, uint8 [last - first, W]."""


@dataclass(frozen=True)
class Fitted:
    """A map on its canvas.

    Attributes:
        labels: uint8 [size, size]. pixels: int64 [256], how many pixels of the source each id has.
        thin: ids that no canvas pixel has most of, and which were kept where they cover most; lost: ids that were not.
    """

    labels: np.ndarray
    pixels: np.ndarray
    thin: frozenset[int] = frozenset()
    lost: frozenset[int] = frozenset()


def fit(rows: Rows, height: int, width: int, size: int) -> Fitted:
    """Centre a map [height, width] on a square of background and bring it to [size, size].

    Shrinking, every canvas pixel takes the class with the largest share of its area; growing, outlines are smoothed.
    """
    if max(height, width) > size:
        return _shrink(rows, height, width, size)
    labels = rows(0, height)
    pixels = pixel_counts(labels)
    square = _centred(labels)
    if len(square) < size:
        square = _grow(square, size)
    return Fitted(square, pixels, lost=frozenset(_absent(square, pixels)))


def fit_square(labels: np.ndarray, size: int) -> np.ndarray:
    """`fit` for a whole map, uint8 [H, W] -> uint8 [size, size]."""
    return fit(lambda first, last: labels[first:last], labels.shape[0], labels.shape[1], size).labels


def _absent(labels: np.ndarray, pixels: np.ndarray) -> list[int]:
    """Classes that the source has pixels of and these labels do not."""
    here = pixel_counts(labels)
    return np.flatnonzero((pixels > 0) & (here == 0) & (np.arange(256) != BACKGROUND)).tolist()


def _centred(labels: np.ndarray) -> np.ndarray:
    height, width = labels.shape
    side = max(height, width)
    if height == width:
        return labels
    square = np.full((side, side), BACKGROUND, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = labels
    return square


# --- smaller ---------------------------------------------------------------------------------------------------------


def _shrink(rows: Rows, height: int, width: int, size: int) -> Fitted:
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    labels = np.full((size, size), BACKGROUND, np.uint8)
    covered: dict[int, np.ndarray] = {}  # id -> its share of each canvas pixel, uint8 [size, size], 255 = all
    pixels = np.zeros(256, np.int64)
    seam, seam_end = np.empty((0, width), np.uint8), 0
    step = min(64, max(1, 2**19 * size // side**2))  # canvas rows at a time: half a megapixel of the source at most
    for r in range(0, size, step):
        last = min(r + step, size)
        # source rows that these canvas rows cover, in whole numbers; one on a seam is in two strips, and is read once
        y0, y1 = max(r * side // size - top, 0), min(-(-last * side // size) - top, height)
        if y0 >= y1:
            continue
        strip = np.concatenate([seam[: seam_end - y0], rows(seam_end, y1)]) if y0 < seam_end else rows(y0, y1)
        seam, seam_end = strip[-1:], y1
        begin = (np.arange(y0, y1) + top) * size // side
        pixels += pixel_counts(strip[(begin >= r) & (begin < last)])
        ids, share = _coverage(strip, y0 + top, left, (r, last), side, size)
        labels[r:last] = ids[share.argmax(0)]
        for k, one in zip(ids, share, strict=True):
            whole = covered.setdefault(int(k), np.zeros((size, size), np.uint8))
            whole[r:last] = np.ceil(one * (255 / side**2))
    return _keep_thin(labels, covered, pixels)


def _coverage(strip: np.ndarray, top: int, left: int, band: tuple[int, int], side: int, size: int):
    """How much of the canvas rows `band` each class covers: (ids uint8 [K], areas float64 [K, rows, size]).

    A canvas pixel has the area side^2, a source pixel size^2: whole numbers, so that ties are ties on every machine.
    """
    first, last = band
    ids = np.flatnonzero(pixel_counts(strip)).astype(np.uint8)
    ids = np.unique(np.append(ids, np.uint8(BACKGROUND)))  # sorted: of equal shares the lower id wins
    index = np.zeros(256, np.int64)
    index[ids] = np.arange(len(ids))
    area = np.zeros(len(ids) * (last - first) * size)
    y, x0, x1 = _runs(strip, np.arange(left, left + strip.shape[1]) * size // side)
    plane = index[strip[y, x0]] * (last - first)
    for row, high in _split((top + y) * size, (top + y + 1) * size, side):
        for column, wide in _split((left + x0) * size, (left + x1) * size, side):
            weight = high * wide
            here = np.flatnonzero((weight > 0) & (row >= first) & (row < last))
            cell = (plane[here] + row[here] - first) * size + column[here]
            area += np.bincount(cell, weight[here], len(area))
    area = area.reshape(len(ids), last - first, size)
    area[-1] += side * side - area.sum(0)  # beside a map that is not square
    return ids, area


def _runs(strip: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where ids stay the same along a row and a canvas column: (row, first, last + 1), int64 [R] each."""
    begins = np.ones(strip.shape, bool)
    begins[:, 1:] = (strip[:, 1:] != strip[:, :-1]) | (column[1:] != column[:-1])
    y, first = np.nonzero(begins)
    last = np.append(first[1:], 0)
    return y, first, np.where(last == 0, strip.shape[1], last)


def _split(begin: np.ndarray, end: np.ndarray, cell: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Stretches of a line cut into cells -> (cell, length on it), for the cell where each begins and for the next."""
    first = begin // cell
    length = np.minimum((first + 1) * cell, end) - begin
    rest = end - begin - length
    return [(first, length)] + ([(first + 1, rest)] if rest.any() else [])


def _keep_thin(labels: np.ndarray, covered: dict[int, np.ndarray], pixels: np.ndarray) -> Fitted:
    """Give every class that no canvas pixel has most of the pixels where it covers most, the larger class first.

    What that takes the last pixel of gets one back, if there is any to be had.
    """
    missing = sorted(_absent(labels, pixels), key=lambda c: -pixels[c])
    for c in missing:
        labels[covered[c] > covered[c].max() // 2] = c
    for c in _absent(labels, pixels):
        spare = pixel_counts(labels)[labels] > 1
        if (wanted := covered[c] * spare).any():
            labels.flat[wanted.argmax()] = c
    lost = frozenset(_absent(labels, pixels))
    return Fitted(labels, pixels, frozenset(missing) - lost, lost)


# --- larger ----------------------------------------------------------------------------------------------------------

SMOOTH = 1.0
"""Standard deviation, in source pixels, that rounds the stairs of an outline before it is drawn finer."""


def _grow(square: np.ndarray, size: int) -> np.ndarray:
    """A square map -> uint8 [size, size] with smooth outlines; lines thinner than three pixels are repeated."""
    pick = (2 * np.arange(size) + 1) * len(square) // (2 * size)
    labels = np.full((size, size), BACKGROUND, np.uint8)
    best = np.zeros((size, size), np.float32)
    thin = np.zeros(square.shape, bool)
    for c in np.unique(square):
        mask = (square == c).astype(np.uint8)
        if c != BACKGROUND:
            thin |= thin_lines(mask)
        share, _ = softened(mask, size)
        wins = share > best
        labels[wins], best[wins] = c, share[wins]
    return np.where(thin[pick][:, pick], square[pick][:, pick], labels)


def softened(mask: np.ndarray, size: int) -> tuple[np.ndarray, float]:
    """A mask's stairs blurred away: (float32 [size, size] in 0..1, what it rises by a pixel across a straight edge).

    The mask, uint8 [S, S] of 0 and 1, goes on beyond the canvas as it ends there.
    """
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), SMOOTH, borderType=cv2.BORDER_REPLICATE)
    if size != len(mask):
        soft = cv2.resize(soft, (size, size), interpolation=cv2.INTER_LINEAR)
    return soft, len(mask) / (size * SMOOTH * np.sqrt(2 * np.pi))


def thin_lines(mask: np.ndarray) -> np.ndarray:
    """Where a mask, uint8 [S, S] of 0 and 1, is a line thinner than three pixels, no corner's tip: bool [S, S]."""
    block, room = np.ones((3, 3), np.uint8), 3
    padded = cv2.copyMakeBorder(mask, room, room, room, room, cv2.BORDER_REPLICATE)
    thick = cv2.morphologyEx(padded, cv2.MORPH_OPEN, block)[room:-room, room:-room]
    rest = mask - thick
    spots = np.flatnonzero(rest)  # few, and only they can be one
    piece = np.asarray(cv2.connectedComponents(rest, connectivity=8)[1], np.int32).ravel()[spots]
    pixels = np.bincount(piece)
    touching = np.bincount(piece[cv2.dilate(thick, block).ravel()[spots] > 0], minlength=len(pixels))
    tip = (pixels < 4) & (touching > 0)
    thin = np.zeros(mask.shape, bool)
    thin.ravel()[spots] = ~tip[piece]
    return thin
