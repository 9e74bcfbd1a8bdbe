"""Drawn garments written as the competition's own files."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from ...labels import LABELS
from ..rle import encode
from .draw import draw_garment, draw_outfit, draw_part


def draw_numbered(seed: int, index: int, size: int = 512) -> tuple[np.ndarray, list[tuple[int, np.ndarray]]]:
    """Picture `index` of a drawn set (garment, outfit or lone part), the same bytes for the same arguments."""
    rng = np.random.default_rng([seed, index])
    lot = rng.random()
    draw = draw_outfit if lot < 0.12 else draw_part if lot < 0.20 else draw_garment
    return draw(rng, size)


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    os.replace(part, path)


def write_synthetic_set(
    dst: str | Path, count: int, size: int = 512, seed: int = 0, progress: Callable[[str], None] | None = None
) -> None:
    """Write `count` drawn pictures as train.csv, train/*.jpg and label_descriptions.json into the folder `dst`.

    The layout is iMaterialist (Fashion) 2019's: a row a segment, run lengths column-major and 1-based.
    Pictures depend on (seed, index, size) alone; train.csv is written last, when everything it names is there.
    """
    dst = Path(dst)
    (dst / "train").mkdir(parents=True, exist_ok=True)
    categories = [{"id": c.id, "name": c.name, "supercategory": c.group, "level": 2} for c in LABELS]
    text = json.dumps({"info": {"description": "drawn garments"}, "categories": categories, "attributes": []}, indent=1)
    _write(dst / "label_descriptions.json", text.encode())
    table = io.StringIO(newline="")
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["ImageId", "EncodedPixels", "Height", "Width", "ClassId"])
    for index in range(count):
        photo, found = draw_numbered(seed, index, size)
        name = f"drawn_{seed}_{index:06d}.jpg"
        _write(
            dst / "train" / name, cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
        )
        rows.writerows([name, encode(mask), size, size, label] for label, mask in found)
        if progress and (index + 1) % 100 == 0:
            progress(f"{index + 1} of {count} pictures drawn")
    _write(dst / "train.csv", table.getvalue().encode())
