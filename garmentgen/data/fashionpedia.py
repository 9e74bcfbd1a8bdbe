"""Reader for COCO json with polygons and run lengths: Fashionpedia (Jia et al., ECCV 2020), or a labelling tool's.

Classes go by their names in `categories`, for tools count ids from 1 or in another order.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..labels import find
from . import rle
from .source import Photos, Record, Segment, whole

_HUGE = 2**40
"""No photo has so many pixels."""
_FAR = 1e6
"""Corners farther out are a mistake: no photo is nearly as wide."""
_RAGGED = 2
"""Crossings of columns per pixel of the photo; the most ragged true outline crosses each column at each pixel."""


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
        if shift > 45 or abs(counts[-1] if counts else 0) > _HUGE:
            raise UserError("the mask's compressed run lengths hold a number larger than any photo")
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
    ends = np.cumsum(counts.astype(np.float64))  # which huge counts cannot wrap
    if (counts < 0).any() or not len(ends) or ends[-1] > height * width:
        total = ends[-1] if len(ends) else 0
        raise UserError(f"the mask's counts sum to {total:.0f}, past the end of a {width}x{height} photo")
    ends = ends.astype(np.int64)
    ends = ends[: len(ends) // 2 * 2].reshape(-1, 2)
    return rle.tidy(ends)


def polygons_to_runs(polygons: list[list[float]], height: int, width: int) -> np.ndarray:
    """Outlines as flat lists x, y, x, y ... in pixels -> runs of the pixels whose centres they hold, int64 [K, 2].

    Parts outside the photo are cut off; several outlines are joined; one that crosses itself fills by even and odd.

    Outlines of one or two corners hold nothing; beside others they are passed over.

    Raises:
        UserError: no outline of three corners, an odd number of values, something not a number, an empty mask.
    """
    runs, points = [np.empty((0, 2), np.int64)], np.empty(6)
    for polygon in polygons:
        try:
            points = np.asarray(polygon, np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError("the mask's outline holds something that is not a number") from error
        if points.ndim != 1 or len(points) % 2 or not np.isfinite(points).all():
            raise UserError("the mask's outline is no list x, y, x, y ... of at least three corners")
        if np.abs(points).max(initial=0) > _FAR:
            raise UserError(f"the mask's outline reaches {np.abs(points).max():.3g} pixels away")
        if len(points) >= 6:
            runs.append(_polygon(points.reshape(-1, 2) - 0.5, height, width))
    if polygons and len(runs) == 1:
        raise UserError(f"the mask's outline has {len(points) // 2} corners, but takes at least three corners")
    return rle.tidy(np.concatenate(runs))


def _polygon(corners: np.ndarray, height: int, width: int) -> np.ndarray:
    """Each column's line through the pixel centres crosses the outline an even number of times: pairs are runs."""
    ends = np.stack([corners, np.roll(corners, -1, 0)], 1)  # [edges, 2, xy]
    ends = np.take_along_axis(ends, ends[:, :, :1].argsort(1), 1)  # left end first
    first, last = np.clip(np.ceil(ends[..., 0]), 0, width).astype(np.int64).T  # columns that an edge crosses
    if (last - first).sum() > _RAGGED * height * width:
        raise UserError("the mask's outline goes to and fro more often than the photo has pixels")
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
    size = mask.get("size", [height, width])
    if not isinstance(size, list) or [whole(length) for length in size] != [height, width]:
        said = str(size)[:40]
        raise UserError(f"the mask is of a photo of height, width {said}, but the photo has {[height, width]}")
    counts = mask["counts"]
    if isinstance(counts, str):
        return counts_to_runs(decode_counts(counts), height, width)
    try:
        numbers = np.array(counts if isinstance(counts, list) else None, np.float64)
    except (TypeError, ValueError, OverflowError):
        numbers = np.array(np.nan)
    if numbers.ndim != 1 or (numbers != np.rint(numbers)).any():
        raise UserError("the mask's counts hold something that is not a whole number")
    return counts_to_runs(numbers, height, width)


def find_annotations(folder: Path) -> Path | None:
    """The folder's COCO json: the training annotations before others; None when there is none, or it is unclear."""
    files = [*sorted(folder.glob("*.json")), *sorted(folder.glob("annotations/*.json"))]
    files = [file for file in files if file.name != "label_descriptions.json"]
    instances = sorted((file for file in files if "instances" in file.name), key=lambda file: "train" not in file.name)
    return instances[0] if instances else files[0] if len(files) == 1 else None


def name_classes(categories: Any) -> dict[str, int | str] | None:
    """COCO's `categories` -> {id as written: class id, or the name if the table lacks it}; None when there are none.

    An id that is given to two classes stands for neither.
    """
    named: dict[str, int | str] = {}
    for category in categories if isinstance(categories, list) else []:
        if not isinstance(category, dict) or "id" not in category:
            continue
        key, name = _key(category["id"]), str(category.get("name", ""))
        try:
            label: int | str = name if name.strip().isdecimal() else find(name).id
        except KeyError:
            label = name
        named[key] = label if named.get(key, label) == label else f"{named[key]} or {label}"
    return named or None


def _key(written: Any) -> str:
    """An id as a key: 7, "7" and 7.0 are the same."""
    number = whole(written)
    return str(written) if number is None else str(number)


class Fashionpedia:
    """Annotated photos of one COCO json; photos lie in train/, test/, val/ or images/ beside it.

    Raises:
        UserError: no such file, not COCO json.
    """

    runs = staticmethod(to_runs)

    def __init__(self, file: Path):
        self.file = file
        above = [file.parent.parent] if file.parent.name == "annotations" else []
        beside = ("train", "test", "val", "images", ".")
        self._photos = Photos(folder / name for folder in (file.parent, *above) for name in beside)
        try:
            data = json.loads(file.read_bytes())
            images, annotations = data["images"], data["annotations"]
            if not (isinstance(images, list) and isinstance(annotations, list)):
                raise TypeError("images and annotations are lists")
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise UserError(
                f"expected COCO json with images (id, file_name, height, width) and annotations (image_id, "
                f"category_id, segmentation) in {file}, but reading it failed ({type(error).__name__}: {error})"
            ) from error
        self._classes = name_classes(data.get("categories"))
        self._images: dict[str, list[dict]] = {}
        for image in images:
            if isinstance(image, dict):
                self._images.setdefault(_key(image.get("id")), []).append(image)
        self._segments: dict[str, list[dict]] = {}
        for annotation in annotations:
            known = annotation if isinstance(annotation, dict) else {}
            self._segments.setdefault(_key(known.get("image_id")), []).append(known)
        self._ids = list(self._segments)
        if not self._ids:
            raise UserError(f"{file} has no annotations")

    def __len__(self) -> int:
        return len(self._ids)

    def record(self, index: int) -> Record:
        """Photo number `index` with all its annotations."""
        key = self._ids[index]
        images = self._images.get(key, [])
        image = images[0] if len(images) == 1 else {}
        name = image.get("file_name")
        problem = "" if name and isinstance(name, str) else f"{len(images)} images of the file have the id {key[:40]!r}"
        if len(images) == 1 and problem:
            problem = f"the image of id {key[:40]!r} has no file_name"
        segments = tuple(
            Segment(
                f"annotation {str(a.get('id', '?'))[:40]}", self._class(a.get("category_id")), a.get("segmentation"),
                image.get("height"), image.get("width"),
            )
            for a in self._segments[key]
        )  # fmt: skip
        return self._photos.record(f"image {key[:40]}" if problem else str(name), segments, problem)

    def _class(self, written: Any) -> Any:
        return written if self._classes is None else self._classes.get(_key(written), f"category {written}")
