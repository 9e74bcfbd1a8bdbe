"""Small annotated folders for the data tests: garments of one colour on a floor of another."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np

from garmentgen.data import rle
from garmentgen.labels import find

TOP, SLEEVE, PANTS, POCKET, HAT = (find(n).id for n in ("top", "sleeve", "pants", "pocket", "hat"))
RED, FLOOR = (200, 30, 40), (30, 160, 60)


def rectangle(shape: tuple[int, int], top: int, left: int, bottom: int, right: int) -> np.ndarray:
    """bool [H, W], true in rows top..bottom and columns left..right (exclusive)."""
    mask = np.zeros(shape, bool)
    mask[top:bottom, left:right] = True
    return mask


def photo(shape: tuple[int, int], mask: np.ndarray, color=RED) -> np.ndarray:
    """uint8 RGB: the colour inside the mask, floor outside."""
    return np.where(mask[..., None], np.uint8(color), np.uint8(FLOOR))


def write_photo(path: Path, image: np.ndarray) -> None:
    """JPEG (or what the ending says), best quality."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])


def rows_of(name: str, segments: list[tuple[int, np.ndarray]]) -> list[list]:
    """Rows of train.csv for one photo."""
    return [[name, rle.encode(mask), *mask.shape, class_id] for class_id, mask in segments]


def write_csv(
    folder: Path, rows: list[list], header=("ImageId", "EncodedPixels", "Height", "Width", "ClassId")
) -> None:
    """train.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "train.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def simple_folder(folder: Path, count: int = 6, shape: tuple[int, int] = (90, 70)) -> Path:
    """`count` photos of a top with a sleeve; the top's position tells them apart."""
    rows = []
    for i in range(count):
        body = rectangle(shape, 20 + i, 15, 70, 50)
        sleeve = rectangle(shape, 20 + i, 15, 40, 25)
        write_photo(folder / "train" / f"{i:03}.jpg", photo(shape, body, (200, 30 + 5 * i, 40)))
        rows += rows_of(f"{i:03}.jpg", [(SLEEVE, sleeve), (TOP, body)])
    write_csv(folder, rows)
    return folder
