"""Bags, scarves and umbrellas. Pure geometry from a few numbers, cm."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import ids
from .shapes import SOFT, Piece, Seam, along, between, both, box, moved, shifted, spline, strip, symmetric
from .trims import buckle, zipper

Finish = Callable[[np.ndarray], list[Piece]]


def handbag(width: float, height: float, flare: float, handle: float, flap: float) -> list[Piece]:
    """Bag with an arched handle; `flap` 0..1 of its height is a flap with a clasp, else a zip runs along the top."""
    w, low = width / 2, width / 2 * flare
    shell = spline(
        [
            (-w, 0),
            (0, -0.6, SOFT),
            (w, 0),
            (low, height - 2),
            (low - 2, height, SOFT),
            (0, height + 0.5, SOFT),
            (-low + 2, height, SOFT),
            (-low, height - 2),
        ]
    )
    arc = spline(
        [
            (-w * 0.55, 1.5),
            (-w * 0.5, -handle * 0.7, SOFT),
            (0, -handle, SOFT),
            (w * 0.5, -handle * 0.7, SOFT),
            (w * 0.55, 1.5),
        ],
        closed=False,
    )
    pieces = [
        Piece((strip(arc, 1.7, 60),), ids.BAG, "strap", relief=0.5, folds=0.1),
        Piece(
            (shell,), ids.BAG, relief=1.8, folds=0.35, seams=(Seam(shifted(along(shell, 120), -0.9), 0.18, 0.5, None),)
        ),
    ]
    if not flap:
        return pieces + zipper(np.array([[-w * 0.86, 1.4], [w * 0.86, 1.4]]), 1.3, pull=False)
    cover = symmetric(
        (0, -0.8, SOFT),
        (w + 0.2, -0.2),
        (w * 0.98, height * flap * 0.7, SOFT),
        (w * 0.6, height * flap, SOFT),
        (0, height * flap * 1.06, SOFT),
    )
    pieces.append(
        Piece(
            (cover,),
            None,
            "strap",
            relief=1.2,
            folds=0.25,
            seams=(Seam(shifted(along(cover, 120), -0.7), 0.18, 0.5, None),),
        )
    )
    return pieces + [moved(p, 0, height * flap) for p in buckle(4.2, 3.6)]


def backpack(width: float, height: float) -> list[Piece]:
    """Backpack from the front: straps, lid, front pocket with a zip."""
    w = width / 2
    loop = strip(spline([(-3, 1), (-2.6, -4, SOFT), (2.6, -4, SOFT), (3, 1)], closed=False), 1.4)
    x, low = w + 3.5, height * 0.8
    strap = spline(
        [
            (w - 3, 3),
            (w + 1.5, 5, SOFT),
            (x, height * 0.4, SOFT),
            (x - 1, low, SOFT),
            (w - 1, height - 1.5),
            (w - 3, height * 0.5),
        ]
    )
    sides = both(Piece((strap,), ids.BAG, "strap", tone=0.85, relief=0.7, folds=0.3))
    shell = symmetric(
        (0, 0, SOFT),
        (w * 0.7, 0.8, SOFT),
        (w, height * 0.25, SOFT),
        (w * 1.04, height * 0.7, SOFT),
        (w * 0.96, height - 2, SOFT),
        (0, height, SOFT),
    )
    front = symmetric(
        (0, height * 0.48),
        (w * 0.76, height * 0.48),
        (w * 0.8, height * 0.86, SOFT),
        (w * 0.6, height * 0.94, SOFT),
        (0, height * 0.95, SOFT),
    )
    lid = spline(
        [
            (-w * 0.94, height * 0.3),
            (-w * 0.5, height * 0.12, SOFT),
            (0, height * 0.09, SOFT),
            (w * 0.5, height * 0.12, SOFT),
            (w * 0.94, height * 0.3),
        ],
        closed=False,
    )
    return [
        Piece((loop,), ids.BAG, "strap", relief=0.4, folds=0),
        *sides,
        Piece((shell,), ids.BAG, relief=2.0, folds=0.5),
        *zipper(lid, 1.3, pull=False),
        Piece((front,), ids.POCKET, "collar", relief=1.0, folds=0.5),
        *zipper(np.array([[-w * 0.66, height * 0.56], [w * 0.66, height * 0.56]]), 1.2, pull=False),
    ]


def draped_scarf(width: float, length: float, short: float, finish: Finish) -> list[Piece]:
    """Scarf laid as around a neck: a loop and two ends hanging down; `finish` trims the rim [2, 2] of an end."""
    w = width / 2
    ends = []
    for side, own in ((-1, length), (1, length * short)):
        path = spline([(side * w * 1.1, -2), (side * w * 0.9, own * 0.5, SOFT), (side * w * 1.15, own)], closed=False)
        ends.append(Piece((strip(path, width),), ids.SCARF, relief=1.2, gathers=4, apex=(side * w, -80.0)))
        ends += finish(np.array([[side * w * 1.15 - w * 0.94, own - 0.4], [side * w * 1.15 + w * 0.94, own - 0.4]]))
    loop = symmetric((0, -13, SOFT), (w * 1.7, -11, SOFT), (w * 2.4, -3, SOFT), (w * 1.9, 6, SOFT), (0, 10, SOFT))
    hole = symmetric((0, -10, SOFT), (w * 1.3, -8.6, SOFT), (w * 1.6, -5, SOFT), (0, -3, SOFT))
    return [
        *ends,
        Piece((loop,), ids.SCARF, relief=2.0, gathers=5, apex=(0, -40)),
        Piece((hole,), None, tone=0.5, relief=0.8),
    ]


def long_scarf(width: float, length: float, sway: float, finish: Finish) -> list[Piece]:
    """Scarf laid out in a lazy S; `finish` trims the rim [2, 2] of its lower end."""
    t = np.linspace(0, 1, 50)
    path = np.stack([sway * np.sin(t * 6.5) * np.sin(np.pi * t) ** 2, t * length], 1)
    rim = np.array([[-width * 0.47, length - 0.4], [width * 0.47, length - 0.4]])
    return [*finish(rim), Piece((strip(path, width, 60),), ids.SCARF, relief=1.5, gathers=3, apex=(0, -120))]


def open_umbrella(radius: float, height: float, handle: float, panels: int) -> list[Piece]:
    """Open umbrella from the side: scalloped canopy, ribs, shaft and crook."""
    xs = radius * np.sin(np.linspace(-np.pi / 2, np.pi / 2, panels + 1))
    rim = [(float(x), 0.0) for x in xs]
    scallops = [
        p
        for a, b in zip(rim[::-1], rim[::-1][1:], strict=False)
        for p in ((*a,), ((a[0] + b[0]) / 2, -height * 0.10, SOFT))
    ][1:]
    canopy = spline(
        [
            (-radius, 0),
            (-radius * 0.72, -height * 0.66, SOFT),
            (0, -height, SOFT),
            (radius * 0.72, -height * 0.66, SOFT),
            (radius, 0),
            *scallops,
        ]
    )
    ribs = tuple(
        Seam(spline([(0, -height), (x * 0.8, -height * 0.62, SOFT), (x, 0)], closed=False), 0.5, 0, 0.66)
        for x in xs[1:-1]
    )
    crook = spline(
        [
            (0, -height * 0.2),
            (0, handle - 5),
            (0.2, handle - 1, SOFT),
            (3, handle + 1.5, SOFT),
            (5.6, handle - 1.5, SOFT),
            (5.6, handle - 4),
        ],
        closed=False,
    )
    shaft = box(-0.5, -height - 5, 0.5, handle - 6)
    return [
        Piece((shaft,), ids.UMBRELLA, "metal", relief=0.3, folds=0),
        Piece((strip(crook[8:], 1.7, 50),), ids.UMBRELLA, "strap", relief=0.5, folds=0),
        Piece((canopy,), ids.UMBRELLA, relief=2.0, gathers=panels, apex=(0, -height * 1.6), folds=0.4, seams=ribs),
    ]


def closed_umbrella(length: float, width: float) -> list[Piece]:
    """Rolled umbrella with its strap and crook."""
    w = width / 2
    cone = symmetric(
        (0, -length * 0.62),
        (w, -length * 0.55, SOFT),
        (w * 0.9, -length * 0.2, SOFT),
        (0.7, length * 0.34),
        (0, length * 0.34),
    )
    shaft = box(-0.45, -length * 0.72, 0.45, length * 0.42)
    crook = spline(
        [
            (0, -length * 0.66),
            (0, -length * 0.84),
            (1, -length * 0.93, SOFT),
            (4, -length * 0.95, SOFT),
            (5.8, -length * 0.88, SOFT),
            (5.6, -length * 0.83),
        ],
        closed=False,
    )
    folds = tuple(
        Seam(
            spline(
                [(k * w * 0.3, -length * 0.58), (k * w * 0.75, -length * 0.25, SOFT), (0, length * 0.33)], closed=False
            ),
            0.45,
            0,
            0.62,
        )
        for k in (-1, -0.35, 0.35, 1)
    )
    return [
        Piece((shaft,), ids.UMBRELLA, "metal", relief=0.3, folds=0),
        Piece((strip(crook, 1.6, 40),), ids.UMBRELLA, "strap", relief=0.5, folds=0),
        Piece((cone,), ids.UMBRELLA, relief=1.2, folds=0.6, gathers=4, apex=(0, -length), seams=folds),
        Piece(
            (
                between(
                    np.array([[-w, -length * 0.1], [w, -length * 0.16]]),
                    np.array([[-w, -length * 0.06], [w, -length * 0.12]]),
                ),
            ),
            None,
            "strap",
            relief=0.3,
            inside=True,
        ),
    ]
