"""Bags, scarves and umbrellas. Pure geometry from a few numbers, cm."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import ids
from .shapes import SOFT, Piece, Point, Seam, along, arch, both, box, placed, shifted, sketch, spline, strip, symmetric
from .trims import buckle, zipper

Finish = Callable[[np.ndarray], list[Piece]]


def _stitched(outline: np.ndarray, inset: float) -> tuple[Seam, ...]:
    return (Seam(shifted(along(outline, 120), -inset), 0.18, 0.5, None),)


def handbag(width: float, height: float, flare: float, handle: float, flap: float) -> list[Piece]:
    """Bag with an arched handle; `flap` 0..1 of its height is a flap with a clasp, else a zip runs along the top."""
    w, low = width / 2, width / 2 * flare
    bottom = [
        (low, height - 2),
        (low - 2, height, SOFT),
        (0, height + 0.5, SOFT),
        (-low + 2, height, SOFT),
        (-low, height - 2),
    ]
    shell = spline([(-w, 0), (0, -0.6, SOFT), (w, 0), *bottom])
    arc = arch((0, -handle, SOFT), (w * 0.5, -handle * 0.7, SOFT), (w * 0.55, 1.5))
    pieces = [
        Piece((strip(arc, 1.7, 60),), ids.BAG, "strap", relief=0.5, folds=0.1),
        Piece((shell,), ids.BAG, relief=1.8, folds=0.35, seams=_stitched(shell, 0.9)),
    ]
    if not flap:
        return pieces + zipper(np.array([[-w * 0.86, 1.4], [w * 0.86, 1.4]]), 1.3, pull=False)
    cover = symmetric((0, -0.8, SOFT), (w + 0.2, -0.2), *sketch(".98,.7~ .6,1~ 0,1.06~", w, height * flap))
    pieces.append(Piece((cover,), None, "strap", relief=1.2, folds=0.25, seams=_stitched(cover, 0.7)))
    return pieces + placed(buckle(4.2, 3.6), 0, height * flap)


def backpack(width: float, height: float) -> list[Piece]:
    """Backpack from the front: straps, lid, front pocket with a zip."""
    w, h = width / 2, height
    loop = strip(spline(sketch("-3,1 -2.6,-4~ 2.6,-4~ 3,1"), closed=False), 1.4)
    strap = spline(sketch(".8,.08 1.1,.13~ 1.25,.4~ 1.18,.8~ .93,.96 .8,.5", w, h))
    shell = symmetric(*sketch("0,0~ .7,.02~ 1,.25~ 1.04,.7~ .96,.95~ 0,1~", w, h))
    front = symmetric(*sketch("0,.48 .76,.48 .8,.86~ .6,.94~ 0,.95~", w, h))
    return [
        Piece((loop,), ids.BAG, "strap", relief=0.4, folds=0),
        *both(Piece((strap,), ids.BAG, "strap", tone=0.85, relief=0.7, folds=0.3)),
        Piece((shell,), ids.BAG, relief=2.0, folds=0.5),
        *zipper(arch(*sketch("0,.09~ .5,.12~ .94,.3", w, h)), 1.3, pull=False),
        Piece((front,), ids.POCKET, "collar", relief=1.0, folds=0.5),
        *zipper(np.array([[-w * 0.66, h * 0.56], [w * 0.66, h * 0.56]]), 1.2, pull=False),
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
    rim = radius * np.sin(np.linspace(np.pi / 2, -np.pi / 2, panels + 1))  # where the ribs end, right to left
    scallops: list[Point] = []
    for a, b in zip(rim, rim[1:], strict=False):
        scallops += [((a + b) / 2, -height * 0.10, SOFT), (b, 0)]
    canopy = spline([*sketch("-.72,-.66~ 0,-1~ .72,-.66~ 1,0", radius, height), *scallops])
    ribs = [spline([(0, -height), (x * 0.8, -height * 0.62, SOFT), (x, 0)], closed=False) for x in rim[1:-1]]
    crook = spline(
        [(p[0], p[1] + handle, *p[2:]) for p in sketch("0,-6 0,-5 .2,-1~ 3,1.5~ 5.6,-1.5~ 5.6,-4")], closed=False
    )
    return [
        Piece((box(-0.5, -height - 5, 0.5, handle - 5),), ids.UMBRELLA, "metal", relief=0.3, folds=0),
        Piece((strip(crook, 1.7, 50),), ids.UMBRELLA, "strap", relief=0.5, folds=0),
        Piece(
            (canopy,), ids.UMBRELLA, relief=2.0, folds=0.4, gathers=panels, apex=(0, -height * 1.6),
            seams=tuple(Seam(rib, 0.5, 0, 0.66) for rib in ribs),
        ),
    ]  # fmt: skip


def closed_umbrella(length: float, width: float) -> list[Piece]:
    """Rolled umbrella with its strap and crook."""
    w = width / 2
    cone = symmetric(*sketch("0,-.62 1,-.55~ .9,-.2~ .12,.34 0,.34", w, length))
    crook = spline(
        [*sketch("0,-.66 0,-.84", 1, length), *sketch("1,-.93~ 4,-.95~ 5.8,-.88~ 5.6,-.83", 1, length)], closed=False
    )
    creases = [spline(sketch(".3,-.58 .75,-.25~ 0,.33", k * w, length), closed=False) for k in (-1, -0.35, 0.35, 1)]
    folds = tuple(Seam(line, 0.45, 0, 0.62) for line in creases)
    tie = spline(sketch("-1,-.1 1,-.16 1,-.12 -1,-.06", w, length))
    return [
        Piece((box(-0.45, -length * 0.72, 0.45, length * 0.42),), ids.UMBRELLA, "metal", relief=0.3, folds=0),
        Piece((strip(crook, 1.6, 40),), ids.UMBRELLA, "strap", relief=0.5, folds=0),
        Piece((cone,), ids.UMBRELLA, relief=1.2, folds=0.6, gathers=4, apex=(0, -length), seams=folds),
        Piece((tie,), None, "strap", relief=0.3, inside=True),
    ]
