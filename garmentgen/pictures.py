"""A garment's picture for use elsewhere: cut out with smooth edges, and enlarged. NumPy, OpenCV, Pillow."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from .checks import check_kind, check_whole
from .errors import UserError
from .geometry import bounds, nearest
from .labels import BACKGROUND
from .maps.canvas import softened, thin_lines

MAX_SIDE = 4096
ROOM = 8
"""Pixels around a garment beyond which its outline is not felt: the blur reaches 4, a line's test 3."""


def cutout(picture: np.ndarray, labels: np.ndarray, side: int | None = None) -> np.ndarray:
    """A picture without its background, uint8 RGBA [side, side, 4]; its edge is the map's outline, anti-aliased.

    Colours go on a little beyond the outline, so that no white shows at the edge on any ground. Enlarged, colours are
    resampled (Lanczos, which adds no detail) and the outline is drawn anew.

    Args:
        picture: uint8 RGB [S, S, 3]. labels: uint8 [S, S], its map. side: of the result; None for S.

    Raises:
        UserError: picture and map differ in size, or the side is not 1..MAX_SIDE.
    """
    _check(picture, labels)
    return np.dstack(_parts(picture, labels, len(labels) if side is None else side))


def enlarged(picture: np.ndarray, labels: np.ndarray, side: int) -> np.ndarray:
    """`cutout` on white, uint8 RGB [side, side, 3]: no ringing and no stairs along the outline.

    Raises:
        UserError: see `cutout`.
    """
    _check(picture, labels)
    if side == len(labels):
        return _smoothed(picture, labels)
    colours, opaque = _parts(picture, labels, side)
    return _on_white(colours, opaque)


def _smoothed(picture: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`enlarged` at the picture's own size: only around the garment, and colours sought only beyond its outline."""
    result, painted = np.full_like(picture, 255), labels != BACKGROUND
    if not painted.any():
        return result
    top, left, bottom, right = bounds(painted)
    around = slice(max(top - ROOM, 0), bottom + ROOM), slice(max(left - ROOM, 0), right + ROOM)
    painted = painted[around]
    colours, opaque = picture[around].copy(), outline(painted, len(painted))
    beyond = np.flatnonzero((opaque > 0) & ~painted)
    colours.reshape(-1, 3)[beyond] = colours.reshape(-1, 3)[nearest(painted).ravel()[beyond]]
    result[around] = _on_white(colours, opaque)
    return result


def _on_white(colours: np.ndarray, opaque: np.ndarray) -> np.ndarray:
    result = cv2.copyTo(colours, opaque, np.full_like(colours, 255))
    pixels, edge = result.reshape(-1, 3), np.flatnonzero((opaque > 0) & (opaque < 255))
    alpha = opaque.ravel()[edge, None].astype(np.uint16)
    pixels[edge] = (pixels[edge] * alpha + 255 * (255 - alpha) + 127) // 255
    return result


def _parts(picture: np.ndarray, labels: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Colours uint8 [side, side, 3], which reach over the outline, and opacity uint8 [side, side]."""
    side = check_whole("the side of a picture in pixels", side, 1, MAX_SIDE)
    painted = labels != BACKGROUND
    if not painted.any():
        return np.full((side, side, 3), 255, np.uint8), np.zeros((side, side), np.uint8)
    colours = np.take(picture.reshape(-1, 3), nearest(painted), axis=0)
    if side != len(labels):
        colours = np.asarray(Image.fromarray(colours).resize((side, side), Image.Resampling.LANCZOS))
    return colours, outline(painted, side)


def _check(picture: np.ndarray, labels: np.ndarray) -> None:
    check_kind("the picture", picture, np.ndarray, "Designer.render")
    check_kind("the map", labels, np.ndarray, "Designer.read_map")
    if picture.shape != (*labels.shape, 3) or picture.dtype != np.uint8:
        raise UserError(f"a picture of this map is uint8 {(*labels.shape, 3)}, not {picture.dtype} {picture.shape}")


def outline(painted: np.ndarray, side: int) -> np.ndarray:
    """How much of each pixel lies inside bool [S, S], whose stairs are smoothed first.

    uint8 [side, side], 255 = all; at its own size, side = S, a map may be of any width.

    Blurred by a Gaussian, a straight edge rises at its middle by 1 / (sigma sqrt(2 pi)) a pixel; multiplied so that it
    rises by 1 a pixel of the result and cut to 0..1, it is the edge's area in each pixel.
    """
    soft, slope = softened(painted.astype(np.uint8), side)
    inside = np.clip(0.5 + (soft - 0.5) / slope, 0, 1)
    lines = thin_lines(painted.astype(np.uint8)).astype(np.float32)
    if side != len(painted):
        lines = cv2.resize(lines, (side, side))
    return np.rint(255 * np.maximum(inside, lines)).astype(np.uint8)
