"""Photographs as people have them: header without decoding, strict decoding, deep and transparent pictures, rotation.

JPEGs are decoded by libjpeg-turbo with its warnings as errors, for only it knows whether the data is whole: half a
download padded with zeros decodes to half a picture otherwise.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image

from .errors import UserError
from .files import write_atomically

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".jfif", ".mpo")
MAX_PIXELS = 150_000_000
"""Larger pictures are refused by their header; one of this size takes half a gigabyte decoded."""

_ORIENTATION = 0x0112
_PADDING = re.compile(r"Corrupt JPEG data: (\d|1\d) extraneous bytes before marker 0xd9")
"""Some cameras pad the data's end with a few bytes: the decoder says so, but nothing is lost."""


@dataclass(frozen=True)
class Photo:
    """An encoded photo: its bytes, stored (height, width), rotation tag (1 as stored .. 8), whether a colour JPEG."""

    data: bytes
    shape: tuple[int, int]
    tag: int
    reducible: bool

    @property
    def upright(self) -> tuple[int, int]:
        """(height, width) once turned as the tag says."""
        return (self.shape[1], self.shape[0]) if self.tag >= 5 else self.shape


def read_header(data: bytes) -> Photo:
    """Size and rotation tag of an encoded photo, without decoding it.

    Raises:
        UserError: not a picture of a known format, or one of an absurd size.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            tag = 1 if image.format == "TIFF" else image.getexif().get(_ORIENTATION, 1)  # Pillow turns a TIFF itself
            reducible = image.format in ("JPEG", "MPO") and image.mode in ("L", "RGB")
    except Exception as error:  # Pillow's readers raise whatever they meet on hostile data
        raise UserError("the photo is damaged, or no picture of a known format") from error
    if width * height > MAX_PIXELS:
        raise UserError(f"the photo has {width}x{height} pixels; up to {MAX_PIXELS // 10**6} megapixels are read")
    return Photo(data, (height, width), tag if tag in range(1, 9) else 1, reducible)


def load(path: Path) -> np.ndarray:
    """A photo file's stored pixels, uint8 RGB [H, W, 3]. Raises UserError: it cannot be read, or is damaged."""
    try:
        return decode(read_header(path.read_bytes()))
    except OSError as error:
        raise UserError(f"the photo cannot be read ({error.strerror})") from error


def decode(photo: Photo, reduction: int = 1) -> np.ndarray:
    """The stored pixels, uint8 RGB [ceil(H / reduction), ceil(W / reduction), 3]; the first picture of several.

    Transparency is composed on white, deep greys are scaled to 0..255; the rotation tag is for `turn`.

    Args:
        reduction: 1, 2, 4 or 8; more than 1 only where `photo.reducible`.

    Raises:
        UserError: the decoder met damage.
    """
    try:
        if photo.reducible:
            return _decode_jpeg(photo, reduction)
        with Image.open(io.BytesIO(photo.data), formats=FORMATS) as image:
            if image.mode == "CMYK" and image.format in ("JPEG", "MPO"):
                simplejpeg.decode_jpeg(photo.data, "CMYK")  # for its judgement; the colours are Pillow's
            return to_rgb(image)
    except Exception as error:
        raise UserError(f"the photo is damaged ({error or type(error).__name__})") from error


def _decode_jpeg(photo: Photo, reduction: int) -> np.ndarray:
    least = [-(-length // reduction) for length in photo.shape]
    try:
        return simplejpeg.decode_jpeg(photo.data, "RGB", min_height=least[0], min_width=least[1])
    except ValueError as error:
        if not _PADDING.fullmatch(str(error)):
            raise
        return simplejpeg.decode_jpeg(photo.data, "RGB", min_height=least[0], min_width=least[1], strict=False)


def to_rgb(image: Image.Image) -> np.ndarray:
    """A Pillow image of any mode -> uint8 RGB [H, W, 3]: transparency on white, deep greys scaled to 0..255."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return np.repeat(to_eight_bits(np.asarray(image))[..., None], 3, 2)
    if image.has_transparency_data:
        picture = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return np.asarray(image.convert("RGB"))


def to_eight_bits(values: np.ndarray, white: float | None = None) -> np.ndarray:
    """Numbers of any type -> uint8 of the same shape, `white` (None: see `white_of`) becoming 255.

    What is negative or not a number becomes 0.
    """
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0).clip(min=0)
    white = white_of(values) if white is None else white
    return np.rint(numbers * (255 / white)).clip(max=255).astype(np.uint8)


def white_of(*parts: np.ndarray) -> float:
    """The brightest value that these numbers can mean: the end of the smallest usual range that holds them all.

    The ranges: 0..1 for floating point, then 8, 16 and 32 bits.
    """
    finite = (np.nan_to_num(part, posinf=0, neginf=0).max(initial=0) for part in parts)
    largest = float(max(finite))
    fractions = [1.0] if np.issubdtype(parts[0].dtype, np.floating) else []
    usual = (limit for limit in [*fractions, *(2.0**bits - 1 for bits in (8, 16, 32))] if largest <= limit)
    return next(usual, largest)


def turn(pixels: np.ndarray, tag: int) -> np.ndarray:
    """Stored pixels [H, W, ...] -> the upright view that the rotation tag 1..8 (EXIF Orientation) asks for."""
    if tag >= 5:
        pixels = pixels.swapaxes(0, 1)
    down, right = (-1 if tag in (3, 4, 7, 8) else 1), (-1 if tag in (2, 3, 6, 7) else 1)
    return np.ascontiguousarray(pixels[::down, ::right])


def encode_png(picture: np.ndarray, level: int | None = None) -> bytes:
    """uint8 grey [H, W] or RGB(A) [H, W, 3 or 4] -> a PNG's bytes.

    Args:
        level: of compression, 1 (fast) .. 9 (small). None looks for runs alone: a garment has nothing else that
            repeats, and so takes a fifth of the time of level 6 and no more bytes.
    """
    how = {"compress_level": 1, "compress_type": zlib.Z_RLE} if level is None else {"compress_level": level}
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", **how)
    return buffer.getvalue()


def write_png(path: Path, picture: np.ndarray, level: int | None = None) -> None:
    """Write what `encode_png` makes of a picture."""
    write_atomically(path, lambda temporary: temporary.write_bytes(encode_png(picture, level)))
