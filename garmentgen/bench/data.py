"""How fast pictures are prepared and loaded, against the way such data is usually read, in one run."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from ..data import rle
from ..data.competition import COLUMNS, Competition
from ..data.dataset import Garments, batches
from ..data.prepare import prepare
from ..data.resize import nearest
from ..data.sample import prepare_one
from ..data.source import Record, parse_class
from ..data.store import csv_line
from ..labels import BACKGROUND, NUM_LABELS, PARTS
from ..photo import load
from ..synthetic import draw_garment


def write_large_set(dst: Path, distinct: int, copies: int, seed: int = 0) -> None:
    """Drawn photos of 2,000-4,000 px with 8-12 segments and a camera's grain; each is written `copies` times."""
    rng = np.random.default_rng(seed)
    (dst / "train").mkdir(parents=True)
    rows: list[tuple] = []
    made = 0
    while made < distinct:
        photo, segments = draw_garment(rng, 700)
        if not 8 <= len(segments) <= 12:
            continue
        height, width = (int(side) for side in rng.integers(2000, 4001, 2))
        photo = cv2.resize(photo, (width, height), interpolation=cv2.INTER_CUBIC)
        grain = np.tile(rng.normal(0, 4, (500, 500, 3)), (8, 8, 1))[:height, :width]
        photo = np.clip(photo + grain, 0, 255).astype(np.uint8)
        data = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
        masks = [
            (c, cv2.resize(m.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)) for c, m in segments
        ]
        texts = [(class_id, rle.encode(mask > 0)) for class_id, mask in masks]
        for copy in range(copies):
            name = f"{copy:03}_{made:03}.jpg"
            if copy == 0:
                (dst / "train" / name).write_bytes(data)
            else:
                os.link(dst / "train" / f"000_{made:03}.jpg", dst / "train" / name)
            rows += [(name, text, height, width, class_id) for class_id, text in texts]
        made += 1
    rows.sort(key=lambda row: row[0])  # first one copy of each, then the next
    (dst / "train.csv").write_bytes(b"".join(csv_line(row) for row in [COLUMNS, *rows]))


def naive_sample(record: Record, size: int = 256) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The usual way: decode the photo and every mask in full, resize, one-hot floats.

    Returns (image float32 [S, S, 3], one-hot float32 [S, S, classes], label map uint8 [S, S]).
    """
    photo = load(record.path)
    height, width = photo.shape[:2]
    masks = []
    for segment in record.segments:
        numbers = [int(token) for token in segment.mask.split()]
        flat = np.zeros(height * width, np.uint8)
        for start, length in zip(numbers[0::2], numbers[1::2], strict=True):
            flat[start - 1 : start - 1 + length] = 1
        masks.append((parse_class(segment.class_id), flat.reshape(width, height).T))
    full = np.full((height, width), BACKGROUND, np.uint8)
    for class_id, mask in sorted(masks, key=lambda item: (item[0] in PARTS, -int(item[1].sum()))):
        full[mask > 0] = class_id
    labels = full[np.ix_(nearest(0, height, size), nearest(0, width, size))]
    image = cv2.resize(photo, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 127.5 - 1
    onehot = (labels[..., None] == np.arange(NUM_LABELS)).astype(np.float32)
    return image, onehot, labels


def naive_labels(record: Record) -> np.ndarray:
    """Label map alone of `naive_sample`, so that a pool of processes does not spend its time on sending floats."""
    return naive_sample(record)[2]


def bench_prepare(distinct: int = 8, copies: int = 20, workers: int = 2, seed: int = 0) -> str:
    """Preparing photos of 2,000-4,000 px at 256 px (`stretch`, so that both ways do the same), as a table.

    `distinct` photos are drawn and linked `copies` times; the usual way sees each once, ours all copies. Ours includes
    starting the processes and writing the files; the usual way gets its processes started beforehand.
    """
    with tempfile.TemporaryDirectory(prefix="garmentgen-bench-") as folder:
        source, whole = Path(folder) / "set", Path(folder) / "prepared"
        write_large_set(source, distinct, copies, seed)
        reader = Competition(source)
        records = [reader.record(i) for i in range(distinct)]
        naive = {1: distinct / _seconds(lambda: [naive_labels(r) for r in records])}
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            list(pool.map(time.sleep, [0.2] * workers))
            slow: list[np.ndarray] = []
            naive[workers] = distinct / _seconds(lambda: slow.extend(pool.map(naive_labels, records)))
        ours = {}
        for n in sorted({1, workers}):
            report = prepare(source, f"{whole}{n}", fit="stretch", workers=n, progress=None)
            ours[n] = report.kept / report.seconds
        garments = Garments(f"{whole}{workers}")
        same = np.array_equal(np.stack(slow), garments.labels[:distinct])
        photos = sum((source / "train" / name).stat().st_size for name in garments.names[:distinct]) / distinct
        texts = (source / "train.csv").stat().st_size / len(reader)
        prepared = sum((garments.folder / n).stat().st_size for n in ("images.npy", "labels.npy")) / len(garments)
    pixels = garments.size**2
    rows = [
        (f"images/s, {n} process{'es' if n > 1 else ''}", naive[n], ours[n], ours[n] / naive[n]) for n in sorted(ours)
    ]
    rows += [
        ("bytes a sample on disk", photos + texts, prepared, (photos + texts) / prepared),
        ("  image in memory (float32, uint8)", pixels * 12, pixels * 3, 4.0),
        ("  labels in memory, one-hot float32", pixels * NUM_LABELS * 4, pixels, NUM_LABELS * 4.0),
        ("  labels in memory, one-hot uint8", pixels * NUM_LABELS, pixels, float(NUM_LABELS)),
    ]
    title = f"{distinct} photos of 2,000-4,000 px, 8-12 segments; labels {'identical' if same else 'DIFFER'}"
    return table(title, ("", "usual way", "garmentgen", "ratio"), rows)


def race(size: int = 256) -> tuple[Record, float, float]:
    """One drawn photo of 2,000-4,000 px: its record, and the seconds that the usual way and ours take for it."""
    with tempfile.TemporaryDirectory(prefix="garmentgen-bench-") as folder:
        write_large_set(Path(folder) / "set", 1, 1)
        reader = Competition(Path(folder) / "set")
        record = reader.record(0)
        naive = _seconds(lambda: naive_labels(record))
        return record, naive, _seconds(lambda: prepare_one(record, reader.runs, size, "stretch"))


def bench_load(
    folder: str | Path | None = None, batch_size: int = 4, repeats: int = 200, distinct: int = 6, seed: int = 0
) -> str:
    """Milliseconds until a batch of 256 px is ready, after warm-up, as a table; the usual way online beside it.

    Args:
        folder: a prepared set for our side; the drawn photos, prepared, when None.
        repeats: batches measured; the usual way, hundreds of times slower, is measured on 3.
    """
    with tempfile.TemporaryDirectory(prefix="garmentgen-bench-") as place:
        source = Path(place) / "set"
        write_large_set(source, distinct, 6, seed)
        reader = Competition(source)
        if folder is None:
            prepare(source, Path(place) / "prepared", progress=None)
        garments = Garments(folder or Path(place) / "prepared")
        turn = iter(range(10**9))

        def online() -> np.ndarray:
            samples = [naive_sample(reader.record(next(turn) % len(reader))) for _ in range(batch_size)]
            return np.stack([np.concatenate(sample[:2], -1) for sample in samples])

        slow = measure(online, 3, warm_up=1)
        rows = [("usual way, online", *slow, 1.0)]
        ways = {
            "garmentgen, as stored": {"flip": 0.0, "colour": 0.0, "affine": 0.0},
            "garmentgen, augmented (default)": {},
            "garmentgen, a third outfits": {"outfits": 1 / 3},
        }
        for name, settings in ways.items():
            stream = batches(garments, None, batch_size, np.random.default_rng(seed), **settings)
            fast = measure(lambda stream=stream: next(stream), repeats)
            rows.append((name, *fast, slow[0] / fast[0]))
    title = f"batch of {batch_size} at {garments.size} px ready in ... ms ({len(garments)} pictures)"
    return table(title, ("", "median", "90 %", "times faster"), rows)


def measure(call: Callable[[], object], repeats: int, warm_up: int = 20) -> tuple[float, float]:
    """(median, 90th percentile) of a call's milliseconds."""
    for _ in range(warm_up):
        call()
    times = [_seconds(call) * 1000 for _ in range(repeats)]
    return float(np.median(times)), float(np.percentile(times, 90))


def table(title: str, header: tuple[str, ...], rows: list[tuple]) -> str:
    """Rows of a name and numbers as aligned text."""

    def show(value: object) -> str:
        if not isinstance(value, float | int):
            return str(value)
        return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"

    cells = [header, *[tuple(show(value) for value in row) for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in cells
    ]
    return "\n".join([title, *lines])


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
