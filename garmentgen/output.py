"""Writing pictures for the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .errors import UserError
from .files import check_file
from .inference import Designer
from .photo import write_png

MOST_ON_A_SHEET = 64
COLUMNS = 4


def contact_sheet(pictures: list[np.ndarray], columns: int) -> np.ndarray:
    """Pictures of one size on a white sheet, row by row."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for k, picture in enumerate(pictures):
        y, x = divmod(k, columns)
        sheet[y * height : (y + 1) * height, x * width : (x + 1) * width] = picture
    return sheet


def names_of(out: Path, count: int, grid: bool) -> list[Path]:
    """The files that `count` variations go to: OUT, OUT-1, OUT-2 ..., or one sheet. Each can be written.

    Raises:
        UserError: one of them cannot, or there are too many pictures for a sheet.
    """
    target = check_file(out)
    if grid and count > MOST_ON_A_SHEET:
        raise UserError(
            f"--grid shows up to {MOST_ON_A_SHEET} pictures on its sheet, not {count}; lower --count or drop --grid"
        )
    if grid or count == 1:
        return [out]
    if target.exists() and not target.is_file():
        raise UserError(f"{out} is no file and takes one picture, not {count}; name a file, or add --grid")
    names = [out, *(out.with_stem(f"{out.stem}-{k}") for k in range(1, count))]
    for name in names:
        check_file(name)
    return names


def write_variations(
    designer: Designer, source: Path, names: list[Path], count: int, seed: int, diversity: float, harmony: float
) -> Iterator[str]:
    """Write variations of a map file as PNG, one to each name or all on one sheet; yields what to tell the user.

    Raises:
        UserError: the map cannot be used, or a file cannot be written.
    """
    labels, notes = designer.read_map(source)
    yield from map(str, notes)
    looks = designer.variations(labels, count, seed, diversity, harmony)
    if len(names) < count:
        pictures = [designer.render(look) for look in looks]
        write_png(names[0], contact_sheet(pictures, min(COLUMNS, count)))
        yield f"{count} variations on {names[0]}"
        return
    for name, look in zip(names, looks, strict=True):
        write_png(name, designer.render(look))
        yield f"{name}  seed {look.seed}"
