"""What every reader yields: photos with their segments, masks still encoded (the workers decode them)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..errors import UserError
from ..labels import NUM_LABELS
from ..photo import ENDINGS


@dataclass(frozen=True)
class Segment:
    """One mask of a photo: where it stands in the file (for messages), then class, mask and photo size as written."""

    row: str
    class_id: Any
    mask: Any
    height: Any
    width: Any


@dataclass(frozen=True)
class Record:
    """One photo: name as written, path, at least one segment. `problem` says why it cannot be read, if it cannot."""

    name: str
    path: Path
    segments: tuple[Segment, ...]
    problem: str = ""


class Source(Protocol):
    """A folder of annotated photos. `runs(mask, height, width)` decodes a segment's mask to runs."""

    file: Path
    runs: Callable[[Any, int, int], np.ndarray]

    def __len__(self) -> int: ...

    def record(self, index: int) -> Record: ...


def whole(value: Any) -> int | None:
    """A whole number as people's tools write it (31, "31", "31.0", "31,0"), None for anything else."""
    text = str(value).strip()
    if not re.fullmatch(r"[+-]?\d{1,15}([.,]0*)?", text, re.ASCII):
        return None
    return int(re.split(r"[.,]", text)[0])


def parse_class(written: Any) -> int:
    """Class as written, "31", "31.0" or "10_3_14_20" (class, then attributes) -> class id.

    Raises:
        UserError: not an id of the table.
    """
    number = whole(str(written).split("_")[0])
    if number is None or not 0 <= number < NUM_LABELS:
        raise UserError(f"class {str(written)[:40]!r} is not one of 0..{NUM_LABELS - 1}")
    return number


class Photos:
    """The photos of some folders, found by the name that an annotation gives them.

    Either separator, any case, with or without ending, and with leading folders of another machine: the longest end of
    the name that exists counts, and the exact spelling before any other.
    """

    def __init__(self, folders: Iterable[Path]):
        self._folders = list(folders)
        self._listed: dict[Path, dict[str, str]] = {}

    def record(self, name: str, segments: tuple[Segment, ...], problem: str = "") -> Record:
        """The record of a photo by its name."""
        path = None if problem else self.find(name)
        return Record(name, path or Path(name), segments, problem or ("" if path else "the photo is missing"))

    def find(self, name: str) -> Path | None:
        """Path of the photo, None when there is none."""
        parts = [part for part in re.split(r"[\\/]+", name.strip()) if part not in ("", ".", "..")]
        for start in range(len(parts)):
            for folder in self._folders:
                path = self._within(folder, parts[start:])
                if path:
                    return path
        return None

    def _within(self, folder: Path, parts: list[str]) -> Path | None:
        for part in parts[:-1]:
            found = self._names(folder).get(part.lower())
            if not found:
                return None
            folder = folder / found
        named = os.path.splitext(parts[-1])[1].lower() in ENDINGS
        names = self._names(folder)
        for ending in ("",) if named else ENDINGS:
            name = parts[-1] + ending
            found = names.get(name) or names.get(name.lower())
            if found and (folder / found).is_file():
                return folder / found
        return None

    def _names(self, folder: Path) -> dict[str, str]:
        """A folder's entries by their exact and by their lower-case names; read once."""
        if folder not in self._listed:
            try:
                entries = sorted(os.listdir(folder))
            except OSError:
                entries = []
            self._listed[folder] = {entry.lower(): entry for entry in entries} | {entry: entry for entry in entries}
        return self._listed[folder]
