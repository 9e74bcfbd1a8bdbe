"""Drawn garments written as the competition's own files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..data.competition import COLUMNS
from ..data.rle import encode
from ..data.store import check_room
from ..errors import UserError
from ..files import claim_folder, write_atomically
from ..labels import LABELS
from ..progress import bar
from .draw import draw_garment, draw_outfit, draw_part

DESCRIPTIONS, DRAWN = "label_descriptions.json", "drawn garments"


def draw_numbered(seed: int, index: int, size: int = 512) -> tuple[np.ndarray, list[tuple[int, np.ndarray]]]:
    """Picture `index` of a drawn set (garment, outfit or lone part), the same bytes for the same arguments."""
    rng = np.random.default_rng([seed, index])
    lot = rng.random()
    draw = draw_outfit if lot < 0.12 else draw_part if lot < 0.20 else draw_garment
    return draw(rng, size)


MAX_COUNT, MIN_SIZE, MAX_SIZE = 1_000_000, 32, 2048


def write_synthetic_set(dst: str | Path, count: int, size: int = 512, seed: int = 0) -> None:
    """Write `count` drawn pictures as train.csv, train/*.jpg and label_descriptions.json into the folder `dst`.

    The layout is iMaterialist (Fashion) 2019's: a row a segment, run lengths column-major and 1-based.
    Pictures depend on (seed, index, size) alone; train.csv gets its name last, when everything it names is there.

    Raises:
        UserError: a number out of range, a folder that holds something else, too little room on the disk.
    """
    dst = Path(dst)
    if not (1 <= count <= MAX_COUNT and MIN_SIZE <= size <= MAX_SIZE and 0 <= seed < 2**63):
        raise UserError(
            f"expected a count of 1..{MAX_COUNT}, a size of {MIN_SIZE}..{MAX_SIZE} and a seed of 0 or more, "
            f"but got count {count}, size {size}, seed {seed}"
        )
    facts = {"description": DRAWN, "seed": seed, "size": size}
    claim_folder(dst, "draw", lambda folder: bool(_facts(folder)))
    _check_facts(dst, facts)
    check_room(dst, int(count * (size * size * 0.2 + 2_000)))
    categories = [{"id": c.id, "name": c.name, "supercategory": c.group, "level": 2} for c in LABELS]
    text = json.dumps({"info": facts, "categories": categories, "attributes": []}, indent=1)
    write_atomically(dst / DESCRIPTIONS, lambda path: path.write_text(text))
    (dst / "train").mkdir(exist_ok=True)
    write_atomically(dst / "train.csv", lambda path: _write_table(path, dst / "train", count, size, seed))


def _write_table(table: Path, photos: Path, count: int, size: int, seed: int) -> None:
    """Draw the pictures into `photos` and their rows into `table`, one at a time."""
    with table.open("w", newline="") as file, bar(0, count, "picture") as shown:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for index in range(count):
            photo, found = draw_numbered(seed, index, size)
            name = f"drawn_{seed}_{index:06d}.jpg"
            data = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
            write_atomically(photos / name, lambda path, data=data: path.write_bytes(data))
            rows.writerows([name, encode(mask), size, size, label] for label, mask in found)
            shown.update(1)


def _check_facts(dst: Path, facts: dict[str, Any]) -> None:
    """Raise UserError if `dst` was drawn with other facts; an older version wrote fewer."""
    info = _facts(dst)
    other = [f"{key} {info[key]} (now {value})" for key, value in facts.items() if info.get(key, value) != value]
    if other:
        raise UserError(f"the garments in {dst} were drawn with {', '.join(other)}; delete it or give another folder")


def _facts(dst: Path) -> dict[str, Any]:
    """What a drawn set says of itself; nothing if the folder is no drawn set."""
    try:
        info = json.loads((dst / DESCRIPTIONS).read_bytes())["info"]
        return info if info["description"] == DRAWN else {}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return {}
