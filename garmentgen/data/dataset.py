"""Prepared garments, memory-mapped, and endless batches of them."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from ..config import DataConfig
from ..errors import UserError
from ..labels import BACKGROUND, NUM_LABELS, PARTS, pixel_counts
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
            labels = np.load(self.folder / "labels.npy", mmap_mode="r")
            with (self.folder / "index.csv").open(newline="") as file:
                rows = list(csv.DictReader(file))
            self.names = [row["name"] for row in rows]
            self.mains = np.array([int(row["main"]) for row in rows])
            garments = [set(map(int, row["classes"].split())).difference(PARTS) for row in rows]
            self._check(labels)
        except Exception as error:  # numpy and csv raise whatever they meet in a damaged file
            raise UserError(
                f"expected a prepared folder in {self.folder} (images.npy, labels.npy, index.csv, meta.json), "
                f"but reading it failed ({error}); run prepare again"
            ) from error
        self.labels = labels[..., 0]
        self.single = np.array([len(classes) == 1 for classes in garments])
        self.size = self.labels.shape[1]
        for row in np.unique(np.linspace(0, len(self) - 1, min(len(self), 32)).astype(int)):
            self.picture(row)  # a look here and there: a wrong file shows at once, a wrong picture when its turn comes

    def _check(self, labels: np.ndarray) -> None:
        """Raise ValueError unless the files hold what `prepare` writes, as many pictures each."""
        count, size = self.meta["count"], labels.shape[1] if labels.ndim == 4 else 0
        for name, array, channels in (("images", self.images, 3), ("labels", labels, 1)):
            if array.dtype != np.uint8 or array.shape != (count, size, size, channels) or not size:
                expected = f"uint8 [{count}, S, S, {channels}]"
                raise ValueError(f"{name}.npy is {array.dtype} {list(array.shape)}, but {expected} was expected")
        if len(self.names) != count:
            raise ValueError(f"index.csv has {len(self.names)} rows, but meta.json counts {count}")
        if not ((self.mains >= 0) & (self.mains < NUM_LABELS)).all():
            raise ValueError(f"index.csv has a main class that is not one of 0..{NUM_LABELS - 1}")

    def __len__(self) -> int:
        return len(self.names)

    def picture(self, row: int) -> Picture:
        """(image, labels) of one row, as arrays in memory.

        Raises:
            UserError: its map has no garment, or ids that are no classes.
        """
        image, labels = np.array(self.images[row]), np.array(self.labels[row])
        found = np.flatnonzero(pixel_counts(labels)[:BACKGROUND])
        if not len(found) or found[-1] >= NUM_LABELS:
            what = "no garment" if not len(found) else f"the id {found[-1]}, which is no class"
            raise UserError(f"the map of picture {row} of {self.folder} holds {what}; run prepare again")
        return image, labels

    def digest(self) -> str:
        """64 hex digits that name the pictures and maps."""
        digest = hashlib.sha256(repr((self.names, self.images.shape)).encode())
        for array in (self.images, self.labels):
            for start in range(0, len(self), 256):
                digest.update(np.ascontiguousarray(array[start : start + 256]).tobytes())
        return digest.hexdigest()

    def check_size(self, size: int) -> None:
        """Raise UserError unless the pictures are as large as a model that paints `size` pixels needs them."""
        if self.size != size:
            raise UserError(
                f"the model paints {size} px, but the photos of {self.folder} were prepared at {self.size} px; "
                f"prepare them with --size {size}, or train a model that paints {self.size} px "
                f"(without a detail branch: --set model.size={self.size})"
            )


class Rows:
    """Some rows of an array, read when they are asked for: thousands of photos on disk take no memory.

    An index or slice gives an array, as with the array of those rows.
    """

    def __init__(self, array: np.ndarray | Rows, rows: np.ndarray):
        self._array, self._rows = array, rows
        self.dtype, self.shape, self.ndim = array.dtype, (len(rows), *array.shape[1:]), array.ndim

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, which: int | slice | np.ndarray) -> np.ndarray:
        return self._array[self._rows[which]]


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
