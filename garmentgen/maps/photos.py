"""Photographs as the encoder wants them: square, RGB on white, whatever their depth and transparency."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from ..errors import UserError
from ..photo import to_eight_bits, turn, white_of
from .rasters import Picture, Raster, raster

AMPLE = 2048
"""Sides of twice this and more are first averaged by a whole number, to between this and its double."""


def read_photo(source: Picture, size: int) -> np.ndarray:
    """A photo (array, path or bytes) -> uint8 RGB [size, size, 3], centred on a white square, area-averaged.

    Transparency is shown on white; deep grey and floating-point files are scaled; an EXIF rotation is undone.

    Raises:
        UserError: no picture that can be read, see `rasters.raster`; or an array that is not uint8.
    """
    if isinstance(source, np.ndarray) and source.dtype != np.uint8:
        raise UserError(f"a photo is uint8 RGB [H, W, 3], but this array is {source.dtype} {source.shape}")
    found = raster(source, "photo")
    square = Image.fromarray(on_white_square(found))
    how = Image.Resampling.BOX if square.width > size else Image.Resampling.BICUBIC
    return turn(np.asarray(square.resize((size, size), how)), found.tag)


def read_whole_photo(source: Picture, most: int) -> np.ndarray:
    """A photo in its own framing, uint8 RGB [h, w, 3], area-averaged to at most this many pixels a side.

    Raises:
        UserError: see `read_photo`; or a photo narrower than two pixels.
    """
    if isinstance(source, np.ndarray) and source.dtype != np.uint8:
        raise UserError(f"a photo is uint8 RGB [H, W, 3], but this array is {source.dtype} {source.shape}")
    found = raster(source, "photo")
    square = on_white_square(found, most)
    side, longest = len(square), max(found.height, found.width)
    height, width = (max(1, round(length * side / longest)) for length in (found.height, found.width))
    top, left = (side - height) // 2, (side - width) // 2
    photo = square[top : top + height, left : left + width]
    if side > most:
        height, width = (max(1, round(length * most / side)) for length in (height, width))
        photo = cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA)
    if min(height, width) < 2:
        raise UserError(f"a photo shows a garment, but this picture is {found.width}x{found.height}")
    return np.ascontiguousarray(turn(photo, found.tag))


FABRIC = 256
"""Side that a fabric is kept at: more than a part ever shows of it."""


def read_fabric(source: Picture) -> np.ndarray:
    """A picture of cloth (array, path or bytes) -> the square in its middle, uint8 RGB [s, s, 3], s up to FABRIC.

    Raises:
        UserError: see `read_photo`; or a picture narrower than two pixels.
    """
    if isinstance(source, np.ndarray) and source.dtype != np.uint8:
        raise UserError(f"a fabric is uint8 RGB [h, w, 3], but this array is {source.dtype} {source.shape}")
    found = raster(source, "photo")
    square = on_white_square(found)
    share = min(found.height, found.width) / max(found.height, found.width)
    side = round(share * len(square))
    if side < 2:
        raise UserError(f"a fabric shows some cloth, but this picture is {found.width}x{found.height}; give a square")
    start = (len(square) - side) // 2
    middle = square[start : start + side, start : start + side]
    if side > FABRIC:
        middle = cv2.resize(middle, (FABRIC, FABRIC), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(turn(middle, found.tag))


def on_white_square(found: Raster, ample: int = AMPLE) -> np.ndarray:
    """A picture centred on a white square, uint8 RGB [S, S, 3], averaged by a whole number from twice `ample` on."""
    side = max(found.height, found.width)
    k = max(1, side // ample)
    top, left = (side - found.height) // 2, (side - found.width) // 2
    deep = found.palette is None and found.rows(0, 1).dtype != np.uint8
    white = max(white_of(strip) for strip in found.strips()) if deep else 255.0
    square = np.full((-(-side // k),) * 2 + (3,), 255, np.uint8)
    for first in range(0, len(square), 32):
        last = min(first + 32, len(square))
        y0, y1 = max(first * k - top, 0), min(last * k - top, found.height)
        if y0 >= y1:
            continue
        band = np.full(((last - first) * k, len(square) * k, 3), 255, np.uint8)
        y = y0 + top - first * k
        band[y : y + y1 - y0, left : left + found.width] = _rgb(found.rows(y0, y1), found.palette, white)
        square[first:last] = cv2.resize(band, (len(square), last - first), interpolation=cv2.INTER_AREA)
    return square


def _rgb(strip: np.ndarray, palette: np.ndarray | None, white: float) -> np.ndarray:
    """Pixels as stored -> uint8 RGB [h, W, 3], transparency on white."""
    if palette is not None:
        strip = palette[strip]
    if strip.dtype != np.uint8:
        strip = to_eight_bits(strip, white)
    strip = strip if strip.ndim == 3 else strip[..., None]
    colours = strip[..., :-1] if strip.shape[2] in (2, 4) else strip
    if strip.shape[2] in (2, 4):
        alpha = strip[..., -1:].astype(np.uint16)
        colours = ((colours * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.broadcast_to(colours, (*colours.shape[:2], 3))
