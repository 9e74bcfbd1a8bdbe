"""From a photo of any size to a small square: where each target pixel samples, and colour taken inside the mask.

One convention of "nearest" for the whole project: target pixel i of n over a stretch of `length` source pixels
that begins at `start` samples source pixel `start + floor((i + 0.5) * length / n)`, in exact integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..geometry import Box
from ..labels import BACKGROUND
from . import rle

MARGIN = 0.04
"""Room left on each side of the garments by the `garment` fit, as a share of the longer side of their box."""


@dataclass(frozen=True)
class Frame:
    """Source rectangle shown on the size x size target; it may reach past the photo (that part is background)."""

    left: int
    top: int
    width: int
    height: int
    size: int

    @property
    def reduction(self) -> int:
        """1, 2, 4 or 8: how far the photo may be decoded smaller and still be no coarser than the target."""
        return max(d for d in (1, 2, 4, 8) if d == 1 or min(self.width, self.height) >= d * self.size)


def stretch_frame(height: int, width: int, size: int) -> Frame:
    """The published way: the whole photo, both axes stretched to the square."""
    return Frame(0, 0, width, height, size)


def garment_frame(box: Box, size: int) -> Frame:
    """A square around the garments' box with a margin; nothing is ever cut off."""
    top, left, bottom, right = box
    longer = max(right - left, bottom - top)
    side = longer + 2 * max(1, round(longer * MARGIN))
    frame = Frame((left + right - side) // 2, (top + bottom - side) // 2, side, side, size)
    if frame.reduction == 1:
        return frame
    # a photo decoded at 1/8 has pixels that start at multiples of 8: move there, and widen by what was moved
    return Frame(frame.left // 8 * 8, frame.top // 8 * 8, side + 7, side + 7, size)


def nearest(start: int, length: int, n: int) -> np.ndarray:
    """Source coordinates, int64 [n], that n target pixels sample over [start, start + length)."""
    return start + (2 * np.arange(n, dtype=np.int64) + 1) * length // (2 * n)


def paint(masks: list[tuple[int, np.ndarray]], frame: Frame, height: int, width: int) -> np.ndarray:
    """Masks as (class id, runs), later ones on top -> label map, uint8 [size, size], BACKGROUND elsewhere."""
    rows, cols = nearest(frame.top, frame.height, frame.size), nearest(frame.left, frame.width, frame.size)
    rows_in, cols_in = (rows >= 0) & (rows < height), (cols >= 0) & (cols < width)
    inside = np.full((rows_in.sum(), cols_in.sum()), BACKGROUND, np.uint8)
    for class_id, runs in masks:
        inside[rle.sample(runs, rows[rows_in], cols[cols_in], height)] = class_id
    labels = np.full((frame.size, frame.size), BACKGROUND, np.uint8)
    labels[np.ix_(rows_in, cols_in)] = inside
    return labels


def colour(photo: np.ndarray, runs: np.ndarray, frame: Frame, labels: np.ndarray, shape: tuple[int, int], d: int):
    """The frame's colours, averaged over pixels of the mask only, uint8 RGB [size, size, 3], white outside `labels`.

    Args:
        photo: uint8 RGB, decoded at 1/d: [ceil(height / d), ceil(width / d), 3].
        runs: mask of all garments of the full photo, whose (height, width) is `shape`.
        labels: the frame's label map, uint8 [size, size].
        d: reduction of the photo, 1, 2, 4 or 8, `frame.reduction` at most.
    """
    height, width = shape
    left, top = frame.left // d, frame.top // d
    right, bottom = left - (-frame.width // d), top - (-frame.height // d)
    x0, x1, y0, y1 = max(left, 0), min(right, photo.shape[1]), max(top, 0), min(bottom, photo.shape[0])
    rows = np.minimum(np.arange(y0, y1) * d + d // 2, height - 1)
    cols = np.minimum(np.arange(x0, x1) * d + d // 2, width - 1)
    mask = rle.sample(runs, rows, cols, height)
    room = (y0 - top, bottom - y1, x0 - left, right - x1)
    crop = cv2.copyMakeBorder(photo[y0:y1, x0:x1], *room, cv2.BORDER_CONSTANT)
    weight = cv2.copyMakeBorder(edge_weights(mask), *room, cv2.BORDER_CONSTANT)
    return shrink(crop, weight, frame.size * d / frame.width, frame.size * d / frame.height, labels != BACKGROUND)


def edge_weights(mask: np.ndarray, fringe: float = 0.01, width: int = 2) -> np.ndarray:
    """Mask, bool [h, w] -> weights float32: 1 well inside, `fringe` within `width` pixels of its edge, 0 outside.

    The outermost pixels of a hand-made mask carry some floor or skin; they count only where nothing else is near,
    as on a strap that has no inside.
    """
    mask = mask.astype(np.uint8)
    core = cv2.erode(mask, np.ones((2 * width + 1, 2 * width + 1), np.uint8))
    return cv2.addWeighted(mask, fringe, core, 1 - fringe, 0, dtype=cv2.CV_32F)


def shrink(image: np.ndarray, weight: np.ndarray, fx: float, fy: float, wanted: np.ndarray) -> np.ndarray:
    """Resize uint8 RGB [h, w, 3] by (fx, fy), each pixel an average by `weight`, float32 [h, w] in 0..1.

    Pixels outside `wanted`, bool [H, W], come out white; those inside with little weight of their own take in their
    neighbours' (7x7), and where nothing has weight, the plain photo. Returns uint8 [H, W, 3].
    """
    how = cv2.INTER_AREA if max(fx, fy) <= 1 else cv2.INTER_LINEAR
    part = np.s_[: wanted.shape[0], : wanted.shape[1]]
    weighted = cv2.multiply(image, cv2.merge([weight] * 3), dtype=cv2.CV_32F)
    colours = cv2.resize(weighted, None, fx=fx, fy=fy, interpolation=how)[part]
    weights = cv2.resize(weight, None, fx=fx, fy=fy, interpolation=how)[part]
    result = cv2.convertScaleAbs(colours)
    result[~wanted] = 255
    edge = np.nonzero(wanted & (weights < 0.999))
    share, sums = weights[edge], colours[edge]
    weak = (share < 0.5).astype(np.float32)
    share += weak * cv2.GaussianBlur(weights, (7, 7), 1.5)[edge]
    sums += weak[:, None] * cv2.GaussianBlur(colours, (7, 7), 1.5)[edge]
    bare = share < 1e-6
    if bare.any():
        share[bare], sums[bare] = 1, cv2.resize(image, None, fx=fx, fy=fy, interpolation=how)[part][edge][bare]
    result[edge] = np.clip(np.rint(sums / share[:, None]), 0, 255)
    return result
