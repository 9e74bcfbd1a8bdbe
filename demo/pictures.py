"""Pictures for the browser: data URLs, thumbnails, PNG and GIF files."""

from __future__ import annotations

import base64
import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from garmentgen import UserError, encode_png


def garment_url(picture: np.ndarray, side: int | None = None) -> str:
    """uint8 RGB [H, W, 3] -> JPEG data URL with full colour resolution; `side` shrinks it to a thumbnail."""
    image, buffer = Image.fromarray(picture), io.BytesIO()
    if side:
        image = image.resize((side, side), Image.Resampling.BOX)
    image.save(buffer, "JPEG", quality=92, subsampling=0)
    return url("image/jpeg", buffer.getvalue())


def png_url(picture: np.ndarray, side: int) -> str:
    """uint8 RGB(A) [H, W, 3 or 4] -> PNG data URL of a thumbnail, its longer side at most `side`."""
    image = Image.fromarray(picture)
    image.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=None)
    return url("image/png", encode_png(np.asarray(image), 9))


def file_url(path: Path) -> str:
    """A small JPEG file as a data URL."""
    return url("image/jpeg", path.read_bytes())


def sides(data: bytes) -> tuple[int, int]:
    """Width and height that a picture file claims, without decoding it; (0, 0) when it is none."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as image:
            warnings.simplefilter("ignore")
            return image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return 0, 0


def gif(pictures: list[np.ndarray], seconds: float = 0.12) -> bytes:
    """uint8 RGB pictures of one size -> an endless GIF that runs there and back."""
    frames = [Image.fromarray(picture) for picture in [*pictures, *pictures[-2:0:-1]]]
    buffer = io.BytesIO()
    duration = round(1000 * seconds)
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=duration, loop=0)
    return buffer.getvalue()


def pdf(sheets: list[bytes], dots_per_inch: int = 200) -> bytes:
    """Picture files -> a PDF with one on each page.

    Raises:
        UserError: one of them is no picture.
    """
    try:
        pages = [Image.open(io.BytesIO(sheet), formats=("JPEG", "PNG")).convert("RGB") for sheet in sheets]
    except (OSError, SyntaxError, ValueError) as error:
        raise UserError(f"this page is damaged or cut short ({error}); save it again") from error
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=dots_per_inch)
    return buffer.getvalue()


def url(mime: str, data: bytes) -> str:
    """Bytes -> data URL."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
