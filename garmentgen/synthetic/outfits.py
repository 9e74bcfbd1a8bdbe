"""Where the garments of a drawn outfit lie: as worn down the middle, the rest beside."""

from __future__ import annotations

from . import ids
from .taste import Taste

Box = tuple[float, float, float, float]
Item = tuple[int, Box, float]

_BESIDE: tuple[tuple[int, Box], ...] = (
    (ids.SCARF, (0.04, 0.02, 0.46, 0.22)),
    (ids.WATCH, (0.16, 0.05, 0.44, 0.17)),
    (ids.TIE, (0.05, 0.06, 0.46, 0.18)),
    (ids.BAG, (0.48, 0.01, 0.74, 0.28)),
    (ids.UMBRELLA, (0.48, 0.01, 0.98, 0.26)),
    (ids.BELT, (0.76, 0.01, 0.88, 0.30)),
    (ids.LEG_WARMER, (0.76, 0.02, 0.98, 0.26)),
    (ids.GLASSES, (0.02, 0.70, 0.12, 0.96)),
    (ids.GLOVE, (0.52, 0.72, 0.70, 0.98)),
    (ids.HEADBAND, (0.54, 0.76, 0.70, 0.96)),
    (ids.SOCK, (0.72, 0.72, 0.97, 0.98)),
    (ids.BAG, (0.70, 0.72, 0.97, 0.98)),
    (ids.CARDIGAN, (0.14, 0.66, 0.50, 0.99)),
    (ids.JACKET, (0.14, 0.66, 0.50, 0.99)),
    (ids.VEST, (0.14, 0.70, 0.50, 0.98)),
)
"""Boxes in 0..1 of the canvas: top, left, bottom, right."""


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _worn(t: Taste) -> list[Item]:
    """The middle column, bottom to top."""
    items: list[Item] = []
    if t.flip(0.65):
        lower = t.pick([ids.PANTS, ids.PANTS, ids.SKIRT, ids.SHORTS])
        if lower != ids.PANTS and t.flip(0.6):
            items.append((ids.TIGHTS, (0.44, 0.38, 0.85, 0.62), 0.0))
        items.append((lower, (0.45, 0.33, 0.85 if lower == ids.PANTS else 0.70, 0.67), 0.0))
        if t.flip(0.4):
            items.append((ids.BELT, (0.445, 0.35, 0.51, 0.65), 0.0))
        items.append((t.pick([ids.TOP, ids.SHIRT, ids.SWEATER]), (0.13, 0.26, 0.47, 0.74), 0.0))
        if t.flip(0.15):
            items.append((ids.TIE, (0.14, 0.44, 0.42, 0.56), 0.0))
    else:
        items.append((t.pick([ids.DRESS, ids.JUMPSUIT, ids.COAT, ids.CAPE]), (0.13, 0.26, 0.84, 0.74), 0.0))
        if t.flip(0.3):
            items.append((ids.SCARF, (0.13, 0.41, 0.45, 0.59), 0.0))
    items.append((t.pick([ids.HAT, ids.HAT, ids.HEADBAND]), (0.01, 0.36, 0.125, 0.64), 0.0))
    items.append((ids.SHOE, (0.86, 0.36, 0.99, 0.64), 0.0))
    return items


def lay_out(t: Taste) -> list[Item]:
    """Garments of an outfit, bottom to top: (class id, box in 0..1 of the canvas, turn in radians); 3 to 11 of them."""
    items, taken = _worn(t), list[Box]()
    for k in t.rng.permutation(len(_BESIDE))[: t.rng.integers(2, 10)]:
        label, box = _BESIDE[k]
        if not any(_overlap(box, other) for other in taken):
            items.append((label, box, t.span(-0.12, 0.12)))
            taken.append(box)
    return items
