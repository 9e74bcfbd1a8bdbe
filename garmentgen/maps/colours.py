"""Colours -> ids: the palette's exactly, others by where they lie. An edge takes a neighbour's class, never a third."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from ..labels import BACKGROUND, NUM_LABELS, palette

UNKNOWN = 254
NEAR = 20
"""How far compression moves a flat colour. The palette's are twice as far apart: only one can have been meant."""
ROUNDS = 4
"""How often a seam of unknown pixels grows shut from both sides, two pixels each time."""
HALO = 2 * ROUNDS + 2
"""Rows above and below that a strip needs to be read as it would be in the whole picture."""


@dataclass
class Counts:
    """What became of the pixels whose colour is not exactly one of the palette's; `painted`: they, and all classes'."""

    near: int = 0
    black: int = 0
    edges: int = 0
    foreign: int = 0
    painted: int = 0


@cache
def _known() -> tuple[np.ndarray, np.ndarray]:
    """Ids uint8 [K] and their colours uint8 [K, 3]: the classes', and white and black for the background.

    Many programs leave black where nothing was painted; no class is near it.
    """
    ids = np.append(np.arange(NUM_LABELS), [BACKGROUND] * 2).astype(np.uint8)
    return ids, np.concatenate([palette()[ids[:-1]], np.zeros((1, 3), np.uint8)])


@cache
def _exact() -> tuple[int, np.ndarray, np.ndarray]:
    """A hash of the known colours without collisions: (modulus, ids uint8 [modulus], packed colours [modulus])."""
    ids, colours = _known()
    packed = _packed(colours)
    modulus = next(m for m in range(len(ids), 2**16) if len(np.unique(packed % m)) == len(ids))
    id_at, colour_at = np.full(modulus, UNKNOWN, np.uint8), np.full(modulus, 2**24, np.uint32)
    id_at[packed % modulus], colour_at[packed % modulus] = ids, packed
    return modulus, id_at, colour_at


@cache
def _voc() -> tuple[np.ndarray, np.ndarray]:
    """The colours that PASCAL VOC's tools and labelme give to ids: (packed, ascending; their ids uint8).

    Bit 3 i + c of an id is bit 7 - i of channel c.
    """
    ids = np.append(np.arange(NUM_LABELS), BACKGROUND)
    bits = ids[:, None, None] >> (3 * np.arange(3)[:, None] + np.arange(3)) & 1  # [K, i, channel]
    packed = _packed((bits << (7 - np.arange(3))[:, None]).sum(1).astype(np.uint8))
    order = np.argsort(packed)
    return packed[order], ids[order].astype(np.uint8)


def voc_ids(pixels: np.ndarray) -> np.ndarray:
    """uint8 RGB(A) [H, W, 3 or 4] -> ids uint8 [H, W] by VOC's colours; UNKNOWN where a colour is none of them."""
    known, ids_of = _voc()
    packed = _packed(pixels)
    place = np.searchsorted(known, packed).clip(max=len(known) - 1)
    ids = np.where(known[place] == packed, ids_of[place], UNKNOWN)
    if pixels.shape[2] == 4:
        ids[pixels[..., 3] < 128] = BACKGROUND
    return ids


def _packed(colours: np.ndarray) -> np.ndarray:
    """uint8 [..., 3] -> uint32 [...], r << 16 | g << 8 | b."""
    packed = colours[..., 0].astype(np.uint32)
    for channel in (1, 2):
        packed <<= 8
        packed |= colours[..., channel]
    return packed


def exact_ids(pixels: np.ndarray) -> np.ndarray:
    """uint8 RGB(A) [H, W, 3 or 4] -> ids uint8 [H, W]; UNKNOWN where a colour is none of the palette's (nor black).

    Painting programs leave any colour, mostly black, where nothing is seen: there it is background.
    """
    modulus, id_at, colour_at = _exact()
    packed = _packed(pixels)
    place = packed % np.uint32(modulus)
    ids = id_at[place]
    ids[colour_at[place] != packed] = UNKNOWN
    if pixels.shape[2] == 4:
        ids[pixels[..., 3] < 128] = BACKGROUND
    return ids


def settled(pixels: np.ndarray, counts: Counts, inner: slice = slice(None)) -> np.ndarray:
    """uint8 RGB(A) [H, W, 3 or 4] -> ids uint8 [H, W], all known. Counts what it did on the rows `inner`.

    A colour near one of the palette's stands for it where it fills at least 3 x 3 pixels: an area, not an edge. Any
    other unknown pixel takes, of the classes within two pixels, the one whose colour is nearest.
    """
    ids = exact_ids(pixels)
    off = ids == UNKNOWN
    if off.any():
        closest, distance = nearest(pixels, off)
        _accept_areas(ids, off, closest, distance <= NEAR)
        near = off & (ids != UNKNOWN)
        edges = _close_seams(ids, pixels)
        foreign = ids == UNKNOWN
        if foreign.any():
            here = np.unique(ids[~foreign])
            ids[foreign] = nearest(pixels, foreign, here if (here != BACKGROUND).any() else _known()[0])[0]
        for name, mask in (("near", near), ("edges", edges), ("foreign", foreign)):
            setattr(counts, name, getattr(counts, name) + int(mask[inner].sum()))
    dark = (pixels[inner, :, :3] == 0).all(-1)
    counts.black += int((dark if pixels.shape[2] == 3 else dark & (pixels[inner, :, 3] >= 128)).sum())
    counts.painted += int((off | (ids != BACKGROUND))[inner].sum())
    return ids


def nearest(pixels: np.ndarray, where: np.ndarray, among: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Nearest palette colour of the pixels at bool [H, W]: (ids uint8 [K], Euclidean distances float32 [K]).

    among: ids to choose from; None for all.
    """
    ids, known = _known()
    chosen = np.ones(len(ids), bool) if among is None else np.isin(ids, among)
    ids, known = ids[chosen], known[chosen].astype(np.float32)
    colours, inverse = np.unique(_packed(pixels[where]), return_inverse=True)
    channels = np.stack([colours >> 16 & 255, colours >> 8 & 255, colours & 255], 1).astype(np.float32)
    closest, distance = np.empty(len(colours), np.uint8), np.empty(len(colours), np.float32)
    for start in range(0, len(colours), 2**15):  # a photo has millions of colours
        block = slice(start, start + 2**15)
        table = np.square(channels[block, None] - known).sum(-1)
        closest[block], distance[block] = ids[table.argmin(1)], np.sqrt(table.min(1))
    return closest[inverse], distance[inverse]


def _accept_areas(ids: np.ndarray, off: np.ndarray, closest: np.ndarray, close: np.ndarray) -> None:
    """Write the nearest class where it is close and part of a 3 x 3 block of that class."""
    guess = ids.copy()
    guess[off] = np.where(close, closest, UNKNOWN)
    block = np.ones((3, 3), np.uint8)
    core = (cv2.erode(guess, block) == cv2.dilate(guess, block)) & (guess != UNKNOWN)
    y, x = np.nonzero(off)
    y, x = y[close], x[close]
    mine, in_core = guess[y, x], np.zeros(len(y), bool)
    for v, u in _around(guess.shape, y, x, 1):
        in_core |= core[v, u] & (guess[v, u] == mine)
    ids[y[in_core], x[in_core]] = mine[in_core]


def _close_seams(ids: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Give unknown pixels a neighbour's class, from the seam's sides inwards; returns where, bool [H, W]."""
    colour = palette().astype(np.int32)
    closed = np.zeros(ids.shape, bool)
    for _ in range(ROUNDS):
        y, x = np.nonzero(ids == UNKNOWN)
        if not len(y):
            break
        mine = pixels[y, x, :3].astype(np.int32)
        dark = np.square(mine).sum(1)
        best, chosen = np.full(len(y), 2**30), np.full(len(y), UNKNOWN, np.uint8)
        for v, u in _around(ids.shape, y, x, 2):
            other = ids[v, u]
            distance = np.square(mine - colour[other]).sum(1)
            distance = np.where(other == BACKGROUND, np.minimum(distance, dark), distance)
            distance[other == UNKNOWN] = 2**30
            better = distance < best
            best[better], chosen[better] = distance[better], other[better]
        ids[y, x] = chosen
        closed[y, x] = chosen != UNKNOWN
    return closed


def _around(shape: tuple[int, ...], y: np.ndarray, x: np.ndarray, reach: int):
    """The neighbours of some pixels, one direction at a time: (rows, columns), held inside the picture."""
    steps = range(-reach, reach + 1)
    for dy in steps:
        for dx in steps:
            if dy or dx:
                yield np.clip(y + dy, 0, shape[0] - 1), np.clip(x + dx, 0, shape[1] - 1)
