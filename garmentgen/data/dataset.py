"""Prepared garments, memory-mapped, and endless batches of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from ..config import DataConfig
from ..errors import UserError
from ..labels import PARTS
from .augment import Picture, augment, scale
from .outfits import Wardrobe, compose


class Garments:
    """A folder made by `prepare`.

    Attributes:
        images: uint8 [N, S, S, 3] RGB, white outside the garments (memory-mapped, read-only).
        labels: uint8 [N, S, S] class ids, BACKGROUND elsewhere (memory-mapped, read-only).
        names: the photos' names.
        mains: int64 [N], class of each picture's largest garment.
        single: bool [N], whether that garment is the only one (besides its parts).
        size: S.

    Raises:
        UserError: the folder is not a whole preparation.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        try:
            self.meta = json.loads((self.folder / "meta.json").read_text())
            self.images = np.load(self.folder / "images.npy", mmap_mode="r")
            self.labels = np.load(self.folder / "labels.npy", mmap_mode="r")[..., 0]
            with (self.folder / "index.csv").open(newline="") as file:
                rows = list(csv.DictReader(file))
            self.names = [row["name"] for row in rows]
            self.mains = np.array([int(row["main"]) for row in rows])
            garments = [set(map(int, row["classes"].split())).difference(PARTS) for row in rows]
        except (OSError, ValueError, KeyError, IndexError) as error:
            raise UserError(
                f"expected a prepared folder in {self.folder} (images.npy, labels.npy, index.csv, meta.json), "
                f"but reading it failed ({error}); run prepare again"
            ) from error
        self.single = np.array([len(classes) == 1 for classes in garments])
        self.size = self.labels.shape[1]
        if not len(self.images) == len(self.labels) == len(self.names) == self.meta["count"]:
            raise UserError(f"the files of {self.folder} disagree about the number of pictures; run prepare again")

    def __len__(self) -> int:
        return len(self.names)

    def picture(self, row: int) -> Picture:
        """(image, labels) of one row, as arrays in memory."""
        return np.array(self.images[row]), np.array(self.labels[row])


Share = tuple[Garments, np.ndarray, float]
"""Part of a mix: (prepared set, rows to use int64 [K], weight of being drawn)."""


def split(count: int, seed: int = 0, validation: float = 0.08) -> tuple[np.ndarray, np.ndarray]:
    """Rows 0..count-1 split by picture into (train, validation), both sorted int64; the same for the same seed."""
    order = np.random.default_rng(seed).permutation(count)
    held = round(count * validation)
    return np.sort(order[held:]), np.sort(order[:held])


def split_of(count: int, data: DataConfig) -> tuple[np.ndarray, np.ndarray]:
    """The `split` of a prepared set under these settings: what training learns from, and what it never meets."""
    return split(count, data.split_seed, data.validation)


def batches(
    garments: Garments | Sequence[Share],
    indices: np.ndarray | None,
    batch_size: int,
    rng: np.random.Generator,
    size: int | None = None,
    flip: float = 0.5,
    colour: float = 0.5,
    affine: float = 0.5,
    outfits: float = 0.0,
) -> Iterator[Picture]:
    """Endless shuffled batches (images uint8 [B, S, S, 3], labels uint8 [B, S, S]); background exactly 255 and 255.

    Args:
        garments: one prepared set, or a mix as (set, rows, weight); weights need not sum to 1.
        indices: rows of the one set to use, None for all; not used for a mix.
        rng: all randomness: the same generator state gives the same batches.
        size: side of the pictures, the (first) set's own by default.
        flip, colour, affine: probability of each augmentation.
        outfits: share of pictures composed of several garments of the same rows.

    Raises:
        UserError: a set has no rows or no weight.
    """
    if isinstance(garments, Garments):
        garments = [(garments, np.arange(len(garments)) if indices is None else np.asarray(indices), 1.0)]
    if not garments or any(len(rows) == 0 or weight <= 0 for _, rows, weight in garments):
        raise UserError("every set of a mix needs rows and a weight above 0; one has none")
    side = size or garments[0][0].size
    wardrobe = Wardrobe(garments) if outfits > 0 else None
    singles = _endless(garments, rng)

    def draw() -> Picture:
        if wardrobe and rng.random() < outfits:  # its garments are recoloured one by one
            return augment(compose(wardrobe, side, rng, colour), rng, flip, 0.0, affine)
        picture = next(singles)
        fitting = picture if picture[1].shape == (side, side) else scale(picture, side, side)
        return augment(fitting, rng, flip, colour, affine)

    return _stack(draw, batch_size)


def _stack(draw: Callable[[], Picture], batch_size: int) -> Iterator[Picture]:
    while True:
        images, labels = zip(*(draw() for _ in range(batch_size)), strict=True)
        yield np.stack(images), np.stack(labels)


def _endless(shares: Sequence[Share], rng: np.random.Generator) -> Iterator[Picture]:
    """Pictures of a mix: each set's rows in random order, then all again in another."""
    streams = [_shuffled(rows, rng) for _, rows, _ in shares]
    reach = np.cumsum([weight for _, _, weight in shares])
    while True:
        which = int(np.searchsorted(reach, rng.random() * reach[-1], side="right"))
        yield shares[which][0].picture(next(streams[which]))


def _shuffled(rows: np.ndarray, rng: np.random.Generator) -> Iterator[int]:
    """All rows in random order, then all again in another."""
    while True:
        yield from rng.permutation(rows)
