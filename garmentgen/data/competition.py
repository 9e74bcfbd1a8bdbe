"""Reader for the iMaterialist (Fashion) competition at FGVC, 2019 and 2020.

`train.csv` has a row a segment. 2019: `ImageId` with ".jpg", `ClassId` "31" or "10_3_14_20" (class, attributes);
2020: `ImageId` without ending, `AttributesIds` apart. Masks are run lengths, column-major and 1-based.
"""

from __future__ import annotations

import csv
from pathlib import Path

from ..errors import UserError
from . import rle
from .source import Record, Segment, find_photo

COLUMNS = ("ImageId", "EncodedPixels", "Height", "Width", "ClassId")


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
        self._folders = [folder / "train", folder / "images", folder]
        csv.field_size_limit(2**31 - 1)  # one mask may be longer than the csv module's default limit
        if not self.file.is_file():
            raise UserError(f"expected {self.file}, but there is no such file; give the folder that holds train.csv")
        self._rows: dict[str, list[tuple[int, int]]] = {}  # photo -> (row number, byte offset)
        with self.file.open("rb") as lines:
            header = next(csv.reader([lines.readline().decode("utf-8-sig", "replace")]), [])
            self._columns = {name.strip(): i for i, name in enumerate(header)}
            missing = [name for name in COLUMNS if name not in self._columns]
            if missing:
                raise UserError(f"{self.file} has no column {', '.join(missing)}; it has {', '.join(header)[:200]}")
            self._index(lines)
        self.names = list(self._rows)
        if not self.names:
            raise UserError(f"{self.file} has no rows; expected one a segment")

    def __len__(self) -> int:
        return len(self.names)

    def record(self, index: int) -> Record:
        """Photo number `index` with all its rows. Malformed rows stay as they are: the worker checks them."""
        name = self.names[index]
        segments = []
        with self.file.open("rb") as lines:
            for number, offset in self._rows[name]:
                lines.seek(offset)
                row = self._split(lines.readline())
                facts = (row["ClassId"], row["EncodedPixels"], row["Height"], row["Width"])
                segments.append(Segment(f"row {number}", *facts))
        return Record(name, find_photo(self._folders, name), tuple(segments))

    def _index(self, lines) -> None:
        position, number = lines.tell(), 1
        first = self._columns["ImageId"]
        for line in lines:
            number += 1
            if line.strip():
                # the name is nearly always the first field: no need to split the long mask off it
                name = line.split(b",", 1)[0].decode("utf-8", "replace") if first == 0 else self._split(line)["ImageId"]
                self._rows.setdefault(name.strip().strip('"'), []).append((number, position))
            position += len(line)

    def _split(self, line: bytes) -> dict[str, str]:
        fields = next(csv.reader([line.decode("utf-8", "replace")]), [])
        return {name: fields[i] if i < len(fields) else "" for name, i in self._columns.items()}
