"""The prepared folder while it is written: append, survive an interruption, rename when whole.

images.npy   uint8 [N, S, S, 3]  RGB, white exactly where there is no class
labels.npy   uint8 [N, S, S, 1]  class ids, BACKGROUND (255) elsewhere
index.csv    a row a picture: photo (its number in the source), name, main class, classes, size and frame in the source
rejected.csv a row a problem: photo, file, row, reason (only when there was one); a photo that index.csv names too was
             kept without that annotation
meta.json    settings and counts
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..files import named

INDEX = ("photo", "name", "main", "classes", "height", "width", "left", "top", "frame_width", "frame_height")
REJECTED = ("photo", "file", "row", "reason")
_FILES = ("images.npy", "labels.npy", "index.csv", "rejected.csv")
_TEMPORARY = ".tmp"


def npy_header(shape: tuple[int, ...]) -> bytes:
    """Header of a .npy file of uint8: as long for any count, so that the count can be filled in at the end."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return buffer.getvalue()


class Store:
    """A prepared folder being written. `next_photo` is where to go on; 0 for a fresh one.

    Raises:
        UserError: the folder holds something else, or a preparation with other settings.
    """

    def __init__(self, folder: Path, size: int, settings: dict[str, Any]):
        self.folder, self.size = named(folder), size
        self._settings = settings
        self.done = self._check()
        self.kept = self.rejected = self.left_out = self.next_photo = 0
        if self.done:
            meta = json.loads((folder / "meta.json").read_text())
            self.kept, self.rejected, self.left_out = (meta.get(k, 0) for k in ("count", "rejected", "left_out"))
        else:
            self._open()

    def _check(self) -> bool:
        """True when the folder is already whole; False when it is to be begun or gone on with."""
        whole, partial = self.folder / "meta.json", self._temporary("meta.json")
        found = whole if whole.is_file() else partial
        if not found.is_file():
            if self.folder.exists() and not self._is_free():
                raise UserError(f"{self.folder} is not empty and was not made by prepare; give a new or empty folder")
            return False
        try:
            earlier = json.loads(found.read_text()).get("settings")
        except (ValueError, AttributeError):
            earlier = None
        if not isinstance(earlier, dict):
            raise UserError(f"{found} was not written by prepare; give a new or empty folder")
        other = [k for k in self._settings if earlier.get(k) != self._settings[k]]
        if other:
            was = ", ".join(f"{k}={earlier.get(k)} (now {self._settings[k]})" for k in other)
            raise UserError(f"{self.folder} was prepared with {was}; delete it or give another folder")
        return found == whole

    def _is_free(self) -> bool:
        """Whether the folder is empty, or holds nothing but what `give_up` left."""
        found = list(self.folder.iterdir()) if self.folder.is_dir() else [self.folder]
        left_over = [self.folder / "rejected.csv"]
        return not found or (found == left_over and found[0].read_bytes().startswith(csv_line(REJECTED)))

    def _open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._full(error) from error
        if not self._temporary("meta.json").is_file():
            (self.folder / "rejected.csv").unlink(missing_ok=True)  # of a run that found nothing usable
            self._write("meta.json" + _TEMPORARY, json.dumps({"settings": self._settings}).encode())
        for name in _FILES:  # an interruption of `finish` itself is taken back
            if (self.folder / name).is_file() and not self._temporary(name).is_file():
                os.replace(self.folder / name, self._temporary(name))
        try:
            self._resume()
        except (ValueError, IndexError) as error:
            raise UserError(f"{self.folder} is damaged ({error}); delete it and prepare it again") from error
        for name, channels in (("images.npy", 3), ("labels.npy", 1)):
            path = self._temporary(name)
            path.touch()
            whole = len(npy_header((0, self.size, self.size, channels))) + self.kept * self.size * self.size * channels
            if self.kept and path.stat().st_size < whole:
                raise UserError(f"{path} is shorter than its index says; delete {self.folder} and prepare it again")
            os.truncate(path, whole)  # a picture whose index row was not written yet is done again
        self._files = {name: self._temporary(name).open("ab", buffering=0) for name in _FILES}

    def _resume(self) -> None:
        """Count what an earlier run left, and find the photo to go on with."""
        kept = self._recover("index.csv", INDEX)
        problems = self._recover("rejected.csv", REJECTED)
        if problems and (not kept or int(problems[-1][0]) > int(kept[-1][0])):  # perhaps of a photo not kept yet
            last = problems[-1][0]
            problems = [row for row in problems if row[0] != last]
            self._write("rejected.csv" + _TEMPORARY, b"".join(map(csv_line, (REJECTED, *problems))))
        names = {row[0] for row in kept}
        self.kept, self.rejected = len(kept), len({row[0] for row in problems} - names)
        self.left_out = sum(row[0] in names for row in problems)
        self.next_photo = max((int(row[0]) + 1 for row in kept[-1:] + problems[-1:]), default=0)

    def _recover(self, name: str, columns: tuple[str, ...]) -> list[list[str]]:
        """Whole rows of a csv that may end in the middle of one; the torn end is cut off."""
        path = self._temporary(name)
        text = path.read_bytes() if path.is_file() else b""
        text = text[: text.rfind(b"\n") + 1] or csv_line(columns)
        self._write(path.name, text)
        return list(csv.reader(io.StringIO(text.decode())))[1:]

    def keep(self, image: np.ndarray, labels: np.ndarray, row: tuple) -> None:
        """Add a picture: image uint8 [S, S, 3], labels uint8 [S, S], its index row (INDEX)."""
        self._append("images.npy", image.tobytes())
        self._append("labels.npy", labels.tobytes())
        self._append("index.csv", csv_line(row))
        self.kept += 1

    def leave_out(self, rows: list[tuple], whole_photo: bool) -> None:
        """Note what is left out and why, a row (REJECTED) a reason: a photo, or annotations of one that `keep` adds."""
        self._append("rejected.csv", b"".join(csv_line(row) for row in rows))
        self.rejected += whole_photo
        self.left_out += 0 if whole_photo else len(rows)

    def finish(self) -> None:
        """Fill in the counts and give everything its final name, meta.json last."""
        self.close()
        for name, channels in (("images.npy", 3), ("labels.npy", 1)):
            with self._temporary(name).open("r+b") as file:
                file.write(npy_header((self.kept, self.size, self.size, channels)))
                os.fsync(file.fileno())
        counts = {"count": self.kept, "rejected": self.rejected, "left_out": self.left_out}
        meta = {"settings": self._settings, **counts}
        self._write("meta.json" + _TEMPORARY, json.dumps(meta, indent=1).encode())
        problems = self.rejected + self.left_out > 0
        if not problems:
            self._temporary("rejected.csv").unlink()
        for name in (*_FILES[:3], *(["rejected.csv"] if problems else []), "meta.json"):
            os.replace(self._temporary(name), self.folder / name)

    def give_up(self) -> None:
        """Leave nothing but rejected.csv, so that the same command begins afresh."""
        self.close()
        os.replace(self._temporary("rejected.csv"), self.folder / "rejected.csv")
        for name in (*_FILES[:3], "meta.json"):
            self._temporary(name).unlink()

    def close(self) -> None:
        """Close the files; what was added stays for the next run."""
        for file in self._files.values():
            file.close()

    def _append(self, name: str, data: bytes) -> None:
        file = self._files[name]
        view = memoryview(data)
        try:
            while view:  # an unbuffered write may take only a part
                view = view[file.write(view) :]
        except OSError as error:
            raise self._full(error) from error

    def _write(self, name: str, data: bytes) -> None:
        try:
            (self.folder / (name + ".new")).write_bytes(data)
            os.replace(self.folder / (name + ".new"), self.folder / name)
        except OSError as error:
            raise self._full(error) from error

    def _full(self, error: OSError) -> UserError:
        full = error.errno == errno.ENOSPC
        reason = "the disk is full; make room and" if full else f"{error.strerror}; see to it that it can be written,"
        return UserError(f"cannot write to {self.folder}: {reason} run the same command to go on")

    def _temporary(self, name: str) -> Path:
        return self.folder / (name + _TEMPORARY)


def check_room(folder: Path, needed: int) -> None:
    """Raise UserError unless the disk that will hold `folder` has `needed` bytes free."""
    there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise UserError(f"{folder} needs {needed / 1e9:.2f} GB, but its disk has {free / 1e9:.2f} GB free; make room")


def csv_line(values: Sequence[Any]) -> bytes:
    """One csv row, encoded."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue().encode("utf-8", "backslashreplace")  # JSON can name half of a surrogate pair
