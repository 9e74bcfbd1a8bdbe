"""Photographs as the encoder wants them: square, RGB on white, whatever their depth and transparency."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from ..errors import UserError
from .rasters import Picture, Raster, raster, turned

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
    return np.ascontiguousarray(turned(np.asarray(square.resize((size, size), how)), found.turn))


def on_white_square(found: Raster, ample: int = AMPLE) -> np.ndarray:
    """A picture centred on a white square, uint8 RGB [S, S, 3], averaged by a whole number from twice `ample` on."""
    side = max(found.height, found.width)
    k = max(1, side // ample)
    top, left = (side - found.height) // 2, (side - found.width) // 2
    white = _white(found)
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


def _white(found: Raster) -> float:
    """The value that means white: 255 of 8 bits, 65535 of 16, 1 of fractions; else the largest there is."""
    if found.palette is not None or found.rows(0, 1).dtype == np.uint8:
        return 255
    with np.errstate(invalid="ignore"):
        largest = max(float(np.nanmax(strip, initial=0)) for strip in found.strips())
    if not 0 < largest < np.inf:
        raise UserError("this photo holds no brightness above 0, or values without end; save it as an 8-bit PNG")
    fractions = np.issubdtype(found.rows(0, 1).dtype, np.floating) and largest <= 1
    return 1 if fractions else next((white for white in (255, 65535) if largest <= white), largest)


def _rgb(strip: np.ndarray, palette: np.ndarray | None, white: float) -> np.ndarray:
    """Pixels as stored -> uint8 RGB [h, W, 3], transparency on white."""
    if palette is not None:
        strip = palette[strip]
    if strip.dtype != np.uint8:
        strip = np.rint(np.clip(np.nan_to_num(strip), 0, white) * (255 / white)).astype(np.uint8)
    strip = strip if strip.ndim == 3 else strip[..., None]
    colours = strip[..., :-1] if strip.shape[2] in (2, 4) else strip
    if strip.shape[2] in (2, 4):
        alpha = strip[..., -1:].astype(np.uint16)
        colours = ((colours * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.broadcast_to(colours, (*colours.shape[:2], 3))
