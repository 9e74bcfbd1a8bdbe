"""Outfits: several single garments composed on one canvas, so that maps with many classes are trained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..labels import BACKGROUND, LABELS
from .augment import Picture, box, colour_matrix, foreground, mirror, recolour, scale

if TYPE_CHECKING:
    from .dataset import Garments


@dataclass(frozen=True)
class Place:
    """Where a group of the label table lies in an outfit: centre, most width and height, as shares of the canvas.

    `beside` places lie on a random side, `chance` is how often the place is filled.
    """

    group: str
    x: float
    y: float
    width: float
    height: float
    chance: float
    beside: bool = False


# in painting order, what lies below first
_COMMON_BELOW = (Place("others", 0.33, 0.64, 0.30, 0.34, 0.6, beside=True),)
_COMMON_ABOVE = (
    Place("waist", 0.0, 0.55, 0.32, 0.10, 0.4),
    Place("legs and feet", 0.0, 0.90, 0.28, 0.17, 0.8),
    Place("neck", 0.0, 0.31, 0.16, 0.24, 0.3),
    Place("head", 0.0, 0.10, 0.24, 0.17, 0.7),
    Place("arms and hands", 0.32, 0.46, 0.14, 0.14, 0.4, beside=True),
)
_SEPARATES = (
    *_COMMON_BELOW,
    Place("upperbody", 0.22, 0.42, 0.46, 0.42, 0.4, beside=True),  # a second layer, showing from behind the first
    Place("lowerbody", 0.0, 0.68, 0.40, 0.44, 1.0),
    Place("upperbody", 0.0, 0.36, 0.56, 0.42, 1.0),
    *_COMMON_ABOVE,
)
_ONE_PIECE = (
    *_COMMON_BELOW,
    Place("upperbody", 0.20, 0.38, 0.46, 0.40, 0.3, beside=True),
    Place("wholebody", 0.0, 0.51, 0.54, 0.68, 1.0),
    *_COMMON_ABOVE,
)


class Wardrobe:
    """Pictures with a single garment, found by group and class, from one or several prepared sets with weights."""

    def __init__(self, shares: Sequence[tuple[Garments, np.ndarray, float]]):
        self._rails: dict[str, dict[int, list[tuple[Garments, np.ndarray, float]]]] = defaultdict(dict)
        for garments, indices, weight in shares:
            singles = indices[garments.single[indices]]
            for main in np.unique(garments.mains[singles]):
                rail = self._rails[LABELS[main].group].setdefault(int(main), [])
                rail.append((garments, singles[garments.mains[singles] == main], weight))

    @property
    def groups(self) -> set[str]:
        """Groups that it holds anything of."""
        return set(self._rails)

    def pick(self, group: str, rng: np.random.Generator) -> Picture | None:
        """A random garment of the group, cut to its box; every class it holds equally often. None if it has none."""
        classes = list(self._rails.get(group, {}).values())
        if not classes:
            return None
        rail = classes[rng.integers(len(classes))]
        reach = np.cumsum([weight for _, _, weight in rail])
        garments, rows, _ = rail[int(np.searchsorted(reach, rng.random() * reach[-1], side="right"))]
        row = rows[rng.integers(len(rows))]
        top, left, bottom, right = box(garments.labels[row])
        part = np.s_[row, top:bottom, left:right]
        return np.ascontiguousarray(garments.images[part]), np.ascontiguousarray(garments.labels[part])


@dataclass(frozen=True)
class Piece:
    """A garment chosen for an outfit: the picture cut to its box, its centre and size in shares of the canvas."""

    picture: Picture
    x: float
    y: float
    width: float
    height: float


def compose(wardrobe: Wardrobe, size: int, rng: np.random.Generator, colour: float = 0.5) -> Picture:
    """One outfit: image uint8 [size, size, 3], labels uint8 [size, size], filling the canvas to a small margin.

    Each garment is recoloured on its own with probability `colour`. Places whose group the wardrobe lacks stay empty.
    """
    image = np.full((size, size, 3), 255, np.uint8)
    labels = np.full((size, size), BACKGROUND, np.uint8)
    pieces = choose(wardrobe, rng)
    if not pieces:
        return image, labels
    zoom, top, left = enclose(pieces, rng)
    for piece in pieces:
        width, height = (max(1, round(length * zoom * size)) for length in (piece.width, piece.height))
        fitted = scale(piece.picture, height, width)
        if rng.random() < 0.5:
            fitted = mirror(fitted)
        if rng.random() < colour:
            fitted = recolour(fitted, colour_matrix(rng))
        x, y = (piece.x - left) * zoom * size - width / 2, (piece.y - top) * zoom * size - height / 2
        paste(fitted, image, labels, round(y), round(x))
    return image, labels


def choose(wardrobe: Wardrobe, rng: np.random.Generator) -> list[Piece]:
    """Garments for the places of a random outfit, what lies below first."""
    one_piece = "wholebody" in wardrobe.groups and rng.random() < 0.35
    pieces = []
    for place in _ONE_PIECE if one_piece else _SEPARATES:
        picture = wardrobe.pick(place.group, rng) if rng.random() < place.chance else None
        if picture is None:
            continue
        tall, wide = picture[1].shape
        factor = min(place.width / wide, place.height / tall) * rng.uniform(0.85, 1.1)
        side = -1 if place.beside and rng.random() < 0.5 else 1
        x, y = side * place.x + rng.normal(0, 0.015), place.y + rng.normal(0, 0.015)
        pieces.append(Piece(picture, x, y, wide * factor, tall * factor))
    return pieces


def enclose(pieces: list[Piece], rng: np.random.Generator) -> tuple[float, float, float]:
    """(zoom, top, left): the square, in shares, that holds all pieces with 2 to 6 % of room around."""
    left, right = min(p.x - p.width / 2 for p in pieces), max(p.x + p.width / 2 for p in pieces)
    top, bottom = min(p.y - p.height / 2 for p in pieces), max(p.y + p.height / 2 for p in pieces)
    side = max(right - left, bottom - top) * rng.uniform(1.04, 1.12)
    return 1 / side, (top + bottom - side) / 2, (left + right - side) / 2


def paste(picture: Picture, image: np.ndarray, labels: np.ndarray, top: int, left: int) -> None:
    """Lay a garment on the canvas, in place, with its corner at (top, left), moved where it would reach past it."""
    height, width = picture[1].shape
    top, left = max(0, min(top, len(labels) - height)), max(0, min(left, len(labels) - width))
    part = np.s_[top : top + height, left : left + width]
    there = foreground(picture[1])
    cv2.copyTo(picture[0], there, image[part])
    cv2.copyTo(picture[1], there, labels[part])
