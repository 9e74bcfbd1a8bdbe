"""Writing pictures for the command line."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from .errors import UserError
from .files import write_atomically
from .inference import Designer


def write_picture(path: Path, picture: np.ndarray) -> None:
    """Write uint8 RGB [H, W, 3] as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    write_atomically(path, lambda temporary: temporary.write_bytes(buffer.getvalue()))


def contact_sheet(pictures: list[np.ndarray], columns: int) -> np.ndarray:
    """Pictures of one size on a white sheet, row by row."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for k, picture in enumerate(pictures):
        y, x = divmod(k, columns)
        sheet[y * height : (y + 1) * height, x * width : (x + 1) * width] = picture
    return sheet


def write_variations(
    designer: Designer,
    source: Path,
    out: Path,
    seed: int,
    diversity: float,
    harmony: float,
    count: int,
    grid: bool,
) -> list[str]:
    """Write `count` variations of a map file as PNG; returns what to tell the user.

    Raises:
        UserError: the map cannot be used, or the count is not positive.
    """
    if count < 1:
        raise UserError(f"--count is 1 or more, not {count}")
    labels, notes = designer.read_map(source)
    looks = designer.variations(labels, count, seed, diversity, harmony)
    pictures = [designer.render(look) for look in looks]
    if grid:
        write_picture(out, contact_sheet(pictures, min(4, count)))
        return [*notes, f"{count} variations on {out}"]
    names = [out] + [out.with_stem(f"{out.stem}-{k}") for k in range(1, count)]
    for name, look, picture in zip(names, looks, pictures, strict=True):
        write_picture(name, picture)
        notes.append(f"{name}  seed {look.seed}")
    return notes
