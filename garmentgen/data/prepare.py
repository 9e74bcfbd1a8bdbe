"""One pass from photos and masks to two arrays that training maps into memory."""

from __future__ import annotations

import lzma
import shutil
import signal
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2

from ..errors import UserError
from ..progress import bar, tell
from .competition import Competition
from .fashionpedia import Fashionpedia, find_annotations
from .sample import FITS, Outcome, prepare_one
from .source import Record, Source
from .store import Store, check_room


@dataclass(frozen=True)
class PrepareReport:
    """What it did: pictures kept, photos rejected, annotations left out of kept ones, seconds of this run, folder."""

    kept: int
    rejected: int
    left_out: int
    seconds: float
    folder: Path

    def __str__(self) -> str:
        lost = f"{self.rejected} photos rejected, {self.left_out} annotations left out of others"
        return f"{self.kept} pictures in {self.folder}, {lost}, {self.seconds:.0f} s"


TOLD = 50
"""So many lines about photos are shown; `rejected.csv` has them all."""


def open_source(src: Path, kind: str | None = None) -> Source:
    """The reader for a folder (or a COCO json itself), by what lies in it or by `kind`: competition, fashionpedia.

    Raises:
        UserError: nothing known lies there.
    """
    if kind not in (None, "competition", "fashionpedia"):
        raise UserError(f"source {kind!r} is unknown; give competition or fashionpedia")
    if src.is_file() and src.suffix.lower() == ".json" and kind != "competition":
        return Fashionpedia(src)
    if src.is_file() and src.suffix.lower() == ".csv" and kind != "fashionpedia":
        return Competition(src.parent, src)
    annotations = find_annotations(src) if src.is_dir() else None
    if kind == "competition" or (kind is None and (src / "train.csv").is_file()):
        return Competition(src)
    if annotations:
        return Fashionpedia(annotations)
    raise UserError(f"{src} holds neither train.csv (iMaterialist) nor one COCO json (instances_*.json, Fashionpedia)")


def prepare(
    src: str | Path,
    dst: str | Path,
    size: int = 256,
    fit: str = "garment",
    workers: int = 2,
    limit: int | None = None,
    strict: bool = False,
    source: str | None = None,
    progress: Callable[[str], None] | None = tell,
    masks: str | Path | None = None,
) -> PrepareReport:
    """Prepare a whole set: SRC's photos and masks -> DST's arrays. The same call goes on after an interruption.

    Args:
        src: a folder in one of the known layouts, or a COCO json.
        dst: a new or empty folder, or one that this very preparation was interrupted in.
        size: side of the square pictures, pixels.
        fit: "garment" (square around all garments) or "stretch" (whole photo).
        workers: processes; 1 works in this one.
        limit: look at the first so many photos only.
        strict: fail at the end if anything was rejected or left out.
        source: "competition" or "fashionpedia" instead of guessing.
        masks: a table of masks (train.csv, or packed as .csv.xz) for a folder that holds photos only.
        progress: is given the lines to show, above a bar if this is a terminal or a notebook; None hides both.

    Raises:
        UserError: the source or the destination cannot be used, the disk is full, nothing was usable, or `strict`.
    """
    src, dst, began = Path(src), Path(dst), time.perf_counter()
    if fit not in FITS or not 8 <= size <= 2048 or workers < 1 or (limit is not None and limit < 1):
        raise UserError(
            "expected fit garment or stretch, size 8..2048, workers and limit of 1 or more, "
            f"but got fit {fit!r}, size {size}, workers {workers}, limit {limit}"
        )
    with tempfile.TemporaryDirectory() as scratch:
        reader = Competition(src, unpacked(Path(masks), Path(scratch))) if masks else open_source(src, source)
        return _prepare(reader, dst, size, fit, workers, limit, strict, progress, began)


def unpacked(table: Path, folder: Path) -> Path:
    """The table itself, or what a .csv.xz holds, written into `folder`.

    Raises:
        UserError: the file is missing or not xz data.
    """
    if table.suffix != ".xz":
        return table
    target = folder / table.stem
    try:
        with lzma.open(table) as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    except (OSError, lzma.LZMAError, EOFError) as error:
        raise UserError(f"cannot unpack the masks {table} ({error}); fetch the file again") from error
    return target


def _prepare(
    reader: Source,
    dst: Path,
    size: int,
    fit: str,
    workers: int,
    limit: int | None,
    strict: bool,
    progress: Callable[[str], None] | None,
    began: float,
) -> PrepareReport:
    total = len(reader) if limit is None else min(limit, len(reader))
    annotations = f"{reader.file.name}, {reader.file.stat().st_size} bytes"
    store = Store(dst, size, {"format": 1, "annotations": annotations, "size": size, "fit": fit, "limit": limit})
    if not store.done:
        check_room(dst, (total - store.next_photo) * (size * size * 4 + 200))
        _fill(store, reader, total, fit, workers, progress)
    elif progress:
        progress(f"{dst} is already prepared with these settings: {store.kept} pictures")
    report = PrepareReport(store.kept, store.rejected, store.left_out, time.perf_counter() - began, dst)
    if strict and (report.rejected or report.left_out):
        lost = f"{report.rejected} of {total} photos were rejected and {report.left_out} annotations left out of others"
        raise UserError(f"{lost}; {dst / 'rejected.csv'} says why")
    return report


def _fill(store: Store, reader: Source, total: int, fit: str, workers: int, say: Callable[[str], None] | None) -> None:
    first, told = store.next_photo, 0
    records = (reader.record(index) for index in range(first, total))
    try:
        with bar(first, total, "photo", hidden=say is None) as shown:
            for number, (record, outcome) in enumerate(_work(records, reader.runs, store.size, fit, workers), first):
                _add(store, number, record.name, record.path.name, outcome)
                for line in _lines(record.path.name or "a photo", reader.file.name, outcome) if say else ():
                    told += 1
                    if say and told <= TOLD:
                        say(line if told < TOLD else f"{line}; further ones stand in rejected.csv alone")
                shown.update(1)
    except BaseException:
        store.close()
        raise
    if not store.kept:
        store.give_up()
        raise UserError(f"none of {total} photos was usable; {store.folder / 'rejected.csv'} says why")
    store.finish()


def _add(store: Store, number: int, name: str, file: str, outcome: Outcome) -> None:
    sample = outcome.sample
    store.leave_out([(number, file, row, reason) for row, reason in outcome.left_out], sample is None)
    if sample:
        frame = sample.frame
        facts = (sample.main, " ".join(map(str, sample.classes)), *sample.shape)
        place = (frame.left, frame.top, frame.width, frame.height)
        store.keep(sample.image, sample.labels, (number, name, *facts, *place))


def _lines(file: str, table: str, outcome: Outcome) -> list[str]:
    """What is to be said about a photo."""
    what = "left out of" if outcome.sample else "rejected"
    notes = [f"{file} is {outcome.note}"] if outcome.note else []
    return notes + [f"{what} {file} ({table} {row}): {reason}" for row, reason in outcome.left_out]


def _work(records: Iterator[Record], runs: Callable, size: int, fit: str, workers: int) -> Iterator[tuple]:
    """(record, result) in order; a bounded number of photos is under way at a time."""
    if workers <= 1:
        yield from ((record, prepare_one(record, runs, size, fit)) for record in records)
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_start_worker)
    waiting: deque = deque()
    try:
        for record in records:
            waiting.append((record, pool.submit(prepare_one, record, runs, size, fit)))
            if len(waiting) >= 8 * workers:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()
    except BrokenProcessPool as error:
        raise UserError(
            "a worker process ended by itself (out of memory?); run the same command again to go on, or with workers=1"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker() -> None:
    """One thread a process, and Ctrl-C left to the parent."""
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
