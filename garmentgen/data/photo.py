"""Reading photographs: size from the header, decoding at a reduced scale."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ..errors import UserError

_FLAGS = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def read_bytes(path: Path) -> bytes:
    """The file's bytes.

    Raises:
        UserError: it is missing, unreadable, or a JPEG that ends early.
    """
    if not path.is_file():
        raise UserError("the photo is missing")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"the photo cannot be read ({error.strerror})") from error
    if data[:2] == b"\xff\xd8" and data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda"):
        raise UserError("the photo is truncated: its JPEG data has no end")
    return data


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """(height, width) from a JPEG's frame header, without decoding; None when there is none."""
    at = 2
    while data[:2] == b"\xff\xd8" and at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
        filler = marker == 0xFF or 0xD0 <= marker <= 0xD8
        at += 1 if marker == 0xFF else 2 if filler else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def decode(data: bytes, reduction: int = 1) -> np.ndarray:
    """Encoded photo -> uint8 RGB [ceil(H / reduction), ceil(W / reduction), 3]; the camera's rotation tag is ignored.

    Masks are drawn on the stored pixels, hence no rotation. Only JPEGs gain speed from a reduction (1, 2, 4, 8).

    Raises:
        UserError: not a picture.
    """
    flags = _FLAGS[reduction] | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        stored = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None
    except cv2.error as error:  # an absurd size in the header
        raise UserError(f"the photo cannot be decoded ({error.err})") from error
    if stored is None:
        raise UserError("the photo is damaged, or no picture of a known format")
    return cv2.cvtColor(stored, cv2.COLOR_BGR2RGB)


def measure(data: bytes) -> tuple[int, int, np.ndarray | None]:
    """(height, width, pixels): from the header where that can be read (pixels None), else by decoding.

    Raises:
        UserError: not a picture.
    """
    size = jpeg_size(data)
    if size:
        return *size, None
    pixels = decode(data)
    return *pixels.shape[:2], pixels
