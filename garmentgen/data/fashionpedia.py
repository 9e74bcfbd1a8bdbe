"""Reader for Fashionpedia (Jia et al., ECCV 2020): COCO json with polygons and run lengths, the same 46 classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from . import rle
from .source import Record, Segment, find_photo


def decode_counts(text: str) -> np.ndarray:
    """COCO's compressed run lengths -> counts, int64 [K]: background first, then alternating.

    Each number is written in groups of 5 bits, low first, as characters from "0" on; bit 6 says that more follow, the
    last group's bit 5 is the sign; from the fourth number on it is the difference to the number two before.

    Raises:
        UserError: a character outside the code, or an end in the middle of a number.
    """
    counts: list[int] = []
    value = shift = 0
    for code in (ord(c) - 48 for c in text):
        if not 0 <= code < 64:
            raise UserError("the mask's compressed run lengths hold a character outside the code")
        value |= (code & 31) << shift
        shift += 5
        if code & 32:
            continue
        if code & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    if shift:
        raise UserError("the mask's compressed run lengths end in the middle of a number")
    return np.array(counts, np.int64)


def counts_to_runs(counts: np.ndarray, height: int, width: int) -> np.ndarray:
    """COCO counts (column-major; background, mask, background ...) -> runs, int64 [K, 2].

    Raises:
        UserError: negative counts, a sum other than the photo's pixels, an empty mask.
    """
    ends = np.cumsum(counts)
    if (counts < 0).any() or not len(ends) or ends[-1] > height * width:
        total = int(ends[-1]) if len(ends) else 0
        raise UserError(f"the mask's counts sum to {total}, past the end of a {width}x{height} photo")
    ends = ends[: len(ends) // 2 * 2].reshape(-1, 2)
    return rle.tidy(ends)


def polygons_to_runs(polygons: list[list[float]], height: int, width: int) -> np.ndarray:
    """Outlines as flat lists x, y, x, y ... in pixels -> runs of the pixels whose centres they hold, int64 [K, 2].

    Parts outside the photo are cut off; several outlines are joined; one that crosses itself fills by even and odd.

    Raises:
        UserError: fewer than three corners, an odd number of values, something not a number, an empty mask.
    """
    runs = [np.empty((0, 2), np.int64)]
    for polygon in polygons:
        try:
            points = np.asarray(polygon, np.float64)
        except (TypeError, ValueError) as error:
            raise UserError("the mask's outline holds something that is not a number") from error
        if points.ndim != 1 or len(points) < 6 or len(points) % 2 or not np.isfinite(points).all():
            raise UserError("the mask's outline is no list x, y, x, y ... of at least three corners")
        runs.append(_polygon(points.reshape(-1, 2) - 0.5, height, width))
    return rle.tidy(np.concatenate(runs))


def _polygon(corners: np.ndarray, height: int, width: int) -> np.ndarray:
    """Each column's line through the pixel centres crosses the outline an even number of times: pairs are runs."""
    ends = np.stack([corners, np.roll(corners, -1, 0)], 1)  # [edges, 2, xy]
    ends = np.take_along_axis(ends, ends[:, :, :1].argsort(1), 1)  # left end first
    first, last = np.clip(np.ceil(ends[..., 0]), 0, width).astype(np.int64).T  # columns that an edge crosses
    edge = np.repeat(np.arange(len(ends)), last - first)
    column = np.arange(len(edge)) - np.repeat(np.cumsum(last - first) - (last - first), last - first) + first[edge]
    (x0, y0), (x1, y1) = ends[edge].transpose(1, 2, 0)
    crossing = y0 + (column - x0) * (y1 - y0) / (x1 - x0)
    rows = np.clip(np.ceil(crossing), 0, height).astype(np.int64)
    order = np.lexsort((crossing, column))
    return (column * height + rows)[order].reshape(-1, 2)


def to_runs(mask: Any, height: int, width: int) -> np.ndarray:
    """Any COCO segmentation (outlines, plain counts, compressed counts) -> runs, int64 [K, 2].

    Raises:
        UserError: malformed, of another photo size, or empty.
    """
    if isinstance(mask, list):
        return polygons_to_runs(mask, height, width)
    if not isinstance(mask, dict) or "counts" not in mask:
        raise UserError("the mask is neither a list of outlines nor run lengths with 'counts'")
    if list(mask.get("size", [height, width])) != [height, width]:
        raise UserError(f"the mask is of a photo of height, width {mask['size']}, but the photo has {[height, width]}")
    counts = mask["counts"]
    if isinstance(counts, str):
        return counts_to_runs(decode_counts(counts), height, width)
    if not isinstance(counts, list) or not all(isinstance(c, int) for c in counts):
        raise UserError("the mask's counts hold something that is not a whole number")
    return counts_to_runs(np.array(counts, np.int64), height, width)


def find_annotations(folder: Path) -> Path | None:
    """The folder's COCO json: the training annotations before others; None when there is none."""
    files = [f for f in sorted(folder.glob("*.json")) if f.name != "label_descriptions.json"]
    ranked = sorted(files, key=lambda f: ("instances" not in f.name, "train" not in f.name))
    return ranked[0] if ranked and "instances" in ranked[0].name else None


class Fashionpedia:
    """Annotated photos of one COCO json; photos lie in train/, test/, val/ or images/ beside it.

    Raises:
        UserError: no such file, not COCO json.
    """

    runs = staticmethod(to_runs)

    def __init__(self, file: Path):
        self.file = file
        folder = file.parent
        self._folders = [folder / name for name in ("train", "test", "val", "images", ".")]
        try:
            data = json.loads(file.read_bytes())
            self._images = {image["id"]: image for image in data["images"]}
            segments = [(a["image_id"], a) for a in data["annotations"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"expected COCO json with images (id, file_name, height, width) and annotations (image_id, "
                f"category_id, segmentation) in {file}, but reading it failed ({type(error).__name__}: {error})"
            ) from error
        self._segments: dict[Any, list[dict]] = {}
        for image_id, annotation in segments:
            self._segments.setdefault(image_id, []).append(annotation)
        self._ids = list(self._segments)
        if not self._ids:
            raise UserError(f"{file} has no annotations")

    def __len__(self) -> int:
        return len(self._ids)

    def record(self, index: int) -> Record:
        """Photo number `index` with all its annotations."""
        image_id = self._ids[index]
        image = self._images.get(image_id, {})
        name = str(image.get("file_name", f"image {image_id}"))
        size = (str(image.get("height", "")), str(image.get("width", "")))
        segments = tuple(
            Segment(f"annotation {a.get('id', '?')}", str(a.get("category_id", "")), a.get("segmentation"), *size)
            for a in self._segments[image_id]
        )
        return Record(name, find_photo(self._folders, name), segments)
