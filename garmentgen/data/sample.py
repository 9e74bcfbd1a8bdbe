"""One photo with its masks becomes one training picture, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..labels import BACKGROUND, PARTS
from ..photo import Photo, decode, read_header, turn
from . import resize, rle
from .source import Record, Segment, parse_class, whole


@dataclass(frozen=True)
class Sample:
    """One prepared picture: image uint8 [S, S, 3], labels uint8 [S, S], (height, width) of the photo, ..."""

    image: np.ndarray
    labels: np.ndarray
    shape: tuple[int, int]
    frame: resize.Frame
    main: int
    classes: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one photo: the sample, None if it is rejected; (row, reason) of all left out; a word about it."""

    sample: Sample | None
    left_out: tuple[tuple[str, str], ...] = ()
    note: str = ""


FITS: dict[str, Callable[..., resize.Frame]] = {
    "garment": lambda box, height, width, size: resize.garment_frame(box, size),
    "stretch": lambda box, height, width, size: resize.stretch_frame(height, width, size),
}


def painting_order(masks: list[tuple[int, np.ndarray]]) -> list[tuple[int, np.ndarray]]:
    """(class id, runs) sorted for painting: garments by area, large first, then parts by area, large first."""
    return sorted(masks, key=lambda mask: (mask[0] in PARTS, -rle.area(mask[1])))


def prepare_one(record: Record, to_runs: Callable, size: int, fit: str) -> Outcome:
    """Prepare one photo. A broken annotation costs itself: the image is white where no mask is, so the pair agrees."""
    first_row = record.segments[0].row
    try:
        if record.problem:
            raise UserError(record.problem)
        photo = read_header(read(record.path))
        tag, note = orient(photo, record.segments)
        shape = photo.shape if tag == 1 else photo.upright
        masks, wrong = decode_masks(record.segments, to_runs, photo, shape)
        if not masks:
            return Outcome(None, tuple(wrong))
        return Outcome(cut(photo, tag, painting_order(masks), shape, size, fit), tuple(wrong), note)
    except UserError as error:
        return Outcome(None, ((first_row, str(error)),))
    except Exception as error:  # one photo never ends a preparation, whatever it meets
        return Outcome(None, ((first_row, f"it could not be prepared ({type(error).__name__}: {error})"),))


def read(path: Path) -> bytes:
    """The bytes of a photo; raises UserError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"the photo cannot be read ({error.strerror})") from error


def orient(photo: Photo, segments: tuple[Segment, ...]) -> tuple[int, str]:
    """(rotation tag to follow, note): masks are drawn on the stored pixels or on what viewers show, by their sizes.

    A square photo, or one turned by 180 degrees, has the same size both ways: it is turned, as labelling tools and
    browsers show it, and the note says so.
    """
    if photo.tag == 1:
        return 1, ""
    said = [(whole(segment.height), whole(segment.width)) for segment in segments]
    if photo.shape == photo.upright:
        return photo.tag, f"turned upright by its rotation tag ({photo.tag}); its size fits either way"
    return (photo.tag, "") if said.count(photo.upright) > said.count(photo.shape) else (1, "")


def decode_masks(
    segments: tuple[Segment, ...], to_runs: Callable, photo: Photo, shape: tuple[int, int]
) -> tuple[list[tuple[int, np.ndarray]], list[tuple[str, str]]]:
    """([(class id, runs)], [(row, what is wrong with it)]) of a photo that is (height, width) `shape` as annotated."""
    masks, wrong = [], []
    height, width = shape
    for segment in segments:
        try:
            if (whole(segment.height), whole(segment.width)) != shape:
                said = f"{str(segment.width)[:20].strip() or '?'}x{str(segment.height)[:20].strip() or '?'}"
                tag = f" and the rotation tag {photo.tag}" if photo.tag != 1 else ""
                raise UserError(f"the photo has {width}x{height} pixels{tag}, but its annotation says {said}")
            masks.append((parse_class(segment.class_id), to_runs(segment.mask, height, width)))
        except UserError as error:
            wrong.append((segment.row, str(error)))
    return masks, wrong


def cut(
    photo: Photo, tag: int, masks: list[tuple[int, np.ndarray]], shape: tuple[int, int], size: int, fit: str
) -> Sample:
    """The sample of a photo, turned as `tag` says, and its masks (class id, runs) in painting order."""
    height, width = shape
    everything = rle.union([runs for _, runs in masks])
    frame = FITS[fit](rle.box(everything, height), height, width, size)
    labels = resize.paint(masks, frame, height, width)
    if (labels == BACKGROUND).all():
        raise UserError(f"its masks are too small: nothing is left of them at {size} px")
    reduction = frame.reduction if photo.reducible and tag == 1 else 1  # a reduced photo's blocks do not turn with it
    pixels = turn(decode(photo, reduction), tag)
    image = resize.colour(pixels, everything, frame, labels, shape, reduction)
    return Sample(image, labels, shape, frame, masks[0][0], tuple(sorted({c for c, _ in masks})))
