"""What every reader yields: photos with their segments, masks still encoded (the workers decode them)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..errors import UserError
from ..labels import NUM_LABELS


@dataclass(frozen=True)
class Segment:
    """One mask of a photo: where it stands in the file (for messages), then class, mask and photo size as written."""

    row: str
    class_id: str
    mask: Any
    height: str
    width: str


@dataclass(frozen=True)
class Record:
    """One photo: name for the index, path, at least one segment."""

    name: str
    path: Path
    segments: tuple[Segment, ...]


class Source(Protocol):
    """A folder of annotated photos. `runs(mask, height, width)` decodes a segment's mask to runs."""

    file: Path
    runs: Callable[[Any, int, int], np.ndarray]

    def __len__(self) -> int: ...

    def record(self, index: int) -> Record: ...


def parse_class(text: str) -> int:
    """Class as written, "31" or "10_3_14_20" (class, then attributes) -> class id.

    Raises:
        UserError: not an id of the table.
    """
    head = str(text).strip().split("_")[0]
    if not head.isdecimal() or int(head) >= NUM_LABELS:
        raise UserError(f"class id {str(text)[:24]!r} is not one of 0..{NUM_LABELS - 1}")
    return int(head)


def find_photo(folders: list[Path], name: str) -> Path:
    """Path of a photo by its name with or without ending; the first folder's .jpg when there is none (to report)."""
    candidates = [folder / (name + ending) for folder in folders for ending in ("", ".jpg", ".jpeg", ".png")]
    named = [path for path in candidates if path.suffix.lower() in (".jpg", ".jpeg", ".png")]
    return next((path for path in named if path.is_file()), named[0])
