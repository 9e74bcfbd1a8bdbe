"""Reader for the iMaterialist (Fashion) competition at FGVC, 2019 and 2020.

`train.csv` has a row a segment. 2019: `ImageId` with ".jpg", `ClassId` "31" or "10_3_14_20" (class, attributes);
2020: `ImageId` without ending, `AttributesIds` apart. Masks are run lengths, column-major and 1-based.

Spreadsheets and pandas re-save it with semicolons or tabs, other line ends, quotes, "240.0" for 240: all are read.
"""

from __future__ import annotations

import codecs
import csv
import mmap
from collections.abc import Iterator
from pathlib import Path

from ..errors import UserError
from . import rle
from .source import Photos, Record, Segment

COLUMNS = ("ImageId", "EncodedPixels", "Height", "Width", "ClassId")
_SEPARATORS = ",;\t|"
_LONGEST = 16_000_000
"""Bytes of a row that are looked at; a mask has at most a few million. What is cut lacks its last columns."""


class Competition:
    """`train.csv` indexed in one pass; the masks stay in the file (it has gigabytes) until a record is asked for.

    Photos come in the order of their first row; their rows need not stand together. `table` names another csv to use
    with the folder's photos.

    Raises:
        UserError: no csv, a column is missing, no rows.
    """

    runs = staticmethod(rle.parse)

    def __init__(self, folder: Path, table: Path | None = None):
        self.file = table or folder / "train.csv"
        self._photos = Photos([folder / "train", folder / "images", folder])
        csv.field_size_limit(2**31 - 1)  # one mask may be longer than the csv module's default limit
        if not self.file.is_file():
            raise UserError(f"expected {self.file}, but there is no such file; give the folder that holds train.csv")
        self._rows: dict[str, list[tuple[int, int, int]]] = {}  # photo -> (row number, first byte, end)
        try:
            with self.file.open("rb") as file:
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    self._index(data)
        except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
            if isinstance(error, UserError):
                raise
            raise UserError(f"{self.file} cannot be read ({error}); expected the header and a row a segment") from error
        self.names = list(self._rows)
        if not self.names:
            raise UserError(f"{self.file} has no rows; expected one a segment")

    def __len__(self) -> int:
        return len(self.names)

    def record(self, index: int) -> Record:
        """Photo number `index` with all its rows. Malformed rows stay as they are: the worker checks them."""
        name = self.names[index]
        segments = []
        with self.file.open("rb") as file:
            for number, start, end in self._rows[name]:
                file.seek(start)
                row = self._split(file.read(min(end - start, _LONGEST)))
                facts = (row["ClassId"], row["EncodedPixels"], row["Height"], row["Width"])
                segments.append(Segment(f"row {number}", *facts))
        problem = "" if name else "the row names no photo: its ImageId is empty"
        return self._photos.record(name, tuple(segments), problem)

    def _index(self, data: mmap.mmap) -> None:
        start = len(codecs.BOM_UTF8) if data[:3] == codecs.BOM_UTF8 else 0
        if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise UserError(f"{self.file} is UTF-16; save it as csv in UTF-8")
        rows = _lines(data, start)
        _, first, stop = next(rows, (0, 0, 0))
        self._read_header(data[first:stop])
        for number, start, end in rows:
            if not data[start : min(end, start + 4096)].strip() and not data[start:end].strip():
                continue
            self._rows.setdefault(self._name(data, start, end), []).append((number, start, end))

    def _read_header(self, line: bytes) -> None:
        known = {name.lower(): name for name in COLUMNS}
        headers = {}
        for mark in _SEPARATORS:
            names = [name.strip() for name in _fields(line[:100_000], mark)]
            headers[mark] = {known.get(name.lower(), name): i for i, name in enumerate(names)}
        self._separator = max(headers, key=lambda mark: len(headers[mark].keys() & set(COLUMNS)))
        self._columns = headers[self._separator]
        missing = [name for name in COLUMNS if name not in self._columns]
        if missing:
            raise UserError(f"{self.file} has no column {', '.join(missing)}; it has {', '.join(self._columns)[:200]}")

    def _name(self, data: mmap.mmap, start: int, end: int) -> str:
        """A row's photo: nearly always a plain first field, so that the long mask need not be split off it."""
        head = data[start : min(end, start + 1024)].partition(self._separator.encode())[0]
        if self._columns["ImageId"] or len(head) == 1024 or b'"' in head:
            return self._split(data[start : min(end, start + _LONGEST)])["ImageId"].strip()
        return head.decode("utf-8", "replace").replace("\0", "").strip()

    def _split(self, line: bytes) -> dict[str, str]:
        fields = _fields(line, self._separator)
        return {name: fields[i] if i < len(fields) else "" for name, i in self._columns.items()}


def _fields(line: bytes, separator: str) -> list[str]:
    """A line's fields; what no csv line may hold (zero bytes, stray line ends) is dropped or a blank."""
    text = line.strip(b"\r\n").decode("utf-8", "replace").replace("\0", "").replace("\r", " ").replace("\n", " ")
    return next(csv.reader([text], delimiter=separator), [])


def _lines(data: mmap.mmap, start: int) -> Iterator[tuple[int, int, int]]:
    """(number from 1, first byte, end) of every line; all end as the first one does: LF, CR LF, or old Mac's CR."""
    carriage, feed = data.find(b"\r", start), data.find(b"\n", start)
    end = b"\r" if carriage >= 0 and (feed < 0 or carriage + 1 < feed) else b"\n"
    number = 0
    while start < len(data):
        number += 1
        stop = data.find(end, start)
        stop = len(data) if stop < 0 else stop
        yield number, start, stop
        start = stop + 1
