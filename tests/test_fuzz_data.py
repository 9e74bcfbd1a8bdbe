"""Hostile tables, COCO json, photographs, prepared folders: a row costs itself, nothing gets more than a sentence."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fuzzing import fuzz
from garment_folder import simple_folder
from test_cases_data import UNUSUAL, coco
from test_fuzz_maps import ODD, TEXTS, Case, damaged, odd_json

from garmentgen.data.dataset import Garments
from garmentgen.data.prepare import prepare
from garmentgen.synthetic import write_synthetic_set

DOORS = {"tables": 100, "annotations": 120, "photos": 100, "prepared_folders": 120, "numbers": 40}
"""How many inputs each gets in the short form; the long form gives twenty times as many."""


@pytest.mark.parametrize("door", DOORS)
def test_the_door_bears_anything(door):
    assert [str(fault) for fault in fuzz(f"test_fuzz_data:{door}", DOORS[door])] == []


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
def test_the_door_bears_much_more(door):
    assert [str(fault) for fault in fuzz(f"test_fuzz_data:{door}", 20 * DOORS[door], seed=1)] == []


def _preparing(folder: Path, file: Path, data: bytes) -> Callable[[], object]:
    """Prepare the set of `folder` with other bytes in one of its files."""

    def call() -> None:
        kept = file.read_bytes()
        file.write_bytes(data)
        try:
            prepare(folder, folder.parent / "out", size=16, workers=1, progress=None)
        finally:
            file.write_bytes(kept)
            shutil.rmtree(folder.parent / "out", ignore_errors=True)

    return call


def _cell(rng: np.random.Generator, cell: str) -> str:
    """A field of a table, exchanged for something odd."""
    odd = ODD[rng.integers(len(ODD))]
    marks = ("", "\t", ",", ";", '"', "\r", "\0", " ", "-", ".0", "e9", "_", "²")
    mark = marks[rng.integers(len(marks))]
    return str(odd)[:10_000] if rng.random() < 0.5 else cell[: int(rng.integers(len(cell) + 1))] + mark + cell[-3:]


def tables(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """train.csv with odd fields, other separators and line ends, and damaged bytes."""
    src = simple_folder(folder / "set", 2)
    file, good = src / "train.csv", (src / "train.csv").read_bytes()
    for text in ("", "\ufeff", "a,b", "\0" * 999, '"' * 99, "," * 9999, "ImageId\n" * 9, "1" * 5_000_000):
        yield f"table {text!r:.30}", _preparing(src, file, text.encode())
    rows = [line.split(",") for line in good.decode().splitlines()]
    long = ["000.jpg", "1 2 " * 3_000_000, "90", "70", "1"]
    yield "a mask of 12 MB", _preparing(src, file, "\n".join(",".join(r) for r in [*rows, long]).encode())
    while True:
        if rng.random() < 0.3:
            how, data = damaged(rng, good)
            yield f"damaged {how}", _preparing(src, file, data)
            continue
        odd = [list(row) for row in rows]
        for _ in range(int(rng.integers(1, 4))):
            row, column = rng.integers(len(odd)), rng.integers(5)
            odd[row][column] = _cell(rng, odd[row][column])
        separator, end = (",", ";", "\t")[rng.integers(3)], ("\n", "\r", "\r\n")[rng.integers(3)]
        text = end.join(separator.join(row) for row in odd)
        yield f"odd {text[-60:]!r}", _preparing(src, file, text.encode("utf-8", "surrogatepass"))


def annotations(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """COCO json with odd values at any depth, and damaged bytes."""
    mask = {"id": 8, "image_id": 1, "category_id": 31, "segmentation": {"size": [90, 70], "counts": "0d0P1"}}
    counts = {"id": 9, "image_id": 1, "category_id": 1, "segmentation": {"size": [90, 70], "counts": [9, 5]}}
    src = coco(simple_folder(folder / "set", 1), extra=[mask, counts])
    file = src / "instances_train.json"
    good = json.loads(file.read_bytes())
    good["categories"] = good["categories"][:3]
    for text in TEXTS:
        yield f"json {text!r:.40}", _preparing(src, file, text.encode("utf-8", "surrogatepass"))
    while True:
        if rng.random() < 0.2:
            how, data = damaged(rng, json.dumps(good).encode())
            yield f"damaged {how}", _preparing(src, file, data)
            continue
        odd = good
        for _ in range(int(rng.integers(1, 4))):
            odd = odd_json(rng, odd)
        yield f"edited {json.dumps(odd)[:80]}", _preparing(src, file, json.dumps(odd).encode())


def photos(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Photographs of many kinds, damaged, in a set whose other photo is whole."""
    src = simple_folder(folder / "set", 2)
    file = src / "train" / "001.jpg"
    good = {"plain": file.read_bytes(), **{name: data for name, (data, _) in UNUSUAL.items()}}
    while True:
        name = sorted(good)[rng.integers(len(good))]
        how, data = damaged(rng, good[name])
        yield f"{name} {how}", _preparing(src, file, data)


def prepared_folders(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Prepared folders with one of their files damaged."""
    prepare(simple_folder(folder / "set", 3), folder / "whole", size=16, workers=1, progress=None)

    def opening(name: str, data: bytes) -> Callable[[], object]:
        def call() -> None:
            shutil.rmtree(folder / "copy", ignore_errors=True)
            shutil.copytree(folder / "whole", folder / "copy")
            (folder / "copy" / name).write_bytes(data)
            garments = Garments(folder / "copy")
            for row in range(len(garments)):
                garments.picture(row)

        return call

    names = ("images.npy", "labels.npy", "index.csv", "meta.json")
    for name, text in itertools.product(names, TEXTS):
        yield f"{name} {text!r:.30}", opening(name, text.encode("utf-8", "surrogatepass"))
    meta = json.loads((folder / "whole" / "meta.json").read_text())
    while True:
        name = names[rng.integers(4)]
        if name == "meta.json" and rng.random() < 0.7:
            yield "meta edited", opening(name, json.dumps(odd_json(rng, meta)).encode())
        else:
            how, data = damaged(rng, (folder / "whole" / name).read_bytes())
            yield f"{name} {how}", opening(name, data)


def numbers(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Counts, sizes and seeds of `draw` and `prepare`."""
    src = simple_folder(folder / "set", 1)
    odd = [0, -1, -5, 1, 7, 31, 64, 4096, 4097, 10**5, 10**8, 2**63, -(2**63), 10**30]
    for seed, size in itertools.product((-1, 2**63, 10**30), (0, -5, 64, 10**5)):
        yield f"draw {size} {seed}", lambda s=seed, z=size: write_synthetic_set(folder / "drawn", 1, z, s)
    while True:
        count, size, workers, limit = (odd[k] for k in rng.integers(len(odd), size=4))
        if rng.random() < 0.5 and not (1 <= count <= 64 and 32 <= size <= 4096):
            yield f"draw {count} {size}", lambda c=count, z=size: write_synthetic_set(folder / "drawn", c, z)
        else:
            given = {"size": size, "workers": min(workers, 1), "limit": limit, "progress": None}
            target = folder / f"out{size}{limit}"
            yield f"prepare {size} {workers} {limit}", lambda g=given, t=target: prepare(src, t, **g)
