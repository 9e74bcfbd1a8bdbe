"""Collars, lapels and hoods on a bodice. Pure geometry, cm."""

from __future__ import annotations

import numpy as np

from . import ids
from .shapes import SOFT, Piece, Seam, along, between, both, ellipse, shifted, spline, symmetric
from .upper import Bodice


def shirt_collar(b: Bodice, point: float = 7.0, spread: float = 5.0) -> list[Piece]:
    """Stand at the back and the two leaves of a turned-down collar: `point` how far the tips reach below the neck."""
    n, d = b.neck, b.depth
    stand = symmetric((0, -3.2, SOFT), (n - 2, -2.6, SOFT), (n + 0.3, 0.5), (n * 0.66, d * 0.45, SOFT), (0, d + 0.4))
    shade = symmetric((0, -1.6, SOFT), (n - 2.4, -1.0, SOFT), (n - 1.0, 1.0), (n * 0.66, d * 0.45, SOFT), (0, d))
    leaf = spline(
        [
            (0, b.depth),
            (b.neck * 0.62, b.depth * 0.32, SOFT),
            (b.neck - 1.6, -2.6),
            (b.neck + 1.0, -1.4, SOFT),
            (b.neck + 2.6, 2.4, SOFT),
            (spread + 3.4, b.depth + point - 1.2),
            (1.2, b.depth + 0.6, SOFT),
        ]
    )
    edge = shifted(along(leaf, 120), -0.5)
    fold = spline([(n * 0.3, d * 0.72), (n * 0.66, d * 0.36, SOFT), (n - 1.3, -1.9)], closed=False)  # where it turns
    seams = (Seam(edge[4:-4], 0.16, 0.45, 0.8), Seam(fold, 0.7, 0, 0.9))
    half = Piece((leaf,), ids.COLLAR, "collar", relief=0.8, folds=0.4, grain=-0.3, seams=seams)
    band = Seam(np.array([[-n, d - 1.4], [n, d - 1.4]]), 0.16, 0.45, 0.8)
    return [
        Piece((stand,), ids.COLLAR, "collar", tone=0.85, relief=0.5, seams=(band,)),
        Piece((shade,), tone=0.6, cloth="lining", relief=0.5),
        *both(half),
    ]


def stand_collar(b: Bodice, height: float, cloth: str = "rib", label: int | None = ids.COLLAR) -> list[Piece]:
    """Turtleneck, mandarin or ribbed bomber collar standing up from the neck."""
    top = b.neck * 0.9
    outline = symmetric(
        (0, -height + 0.8, SOFT),
        (top, -height),
        (b.neck, 0),
        (b.neck * 0.6, b.back + 1.4, SOFT),
        (0, b.back + 2.4, SOFT),
    )
    mouth = symmetric(
        (0, -height, SOFT), (top - 0.6, -height + 0.2), (top * 0.5, -height + 1.5, SOFT), (0, -height + 2, SOFT)
    )
    return [
        Piece((outline,), label, cloth, relief=0.9),
        Piece((mouth,), tone=0.6, cloth="lining", relief=0.3, inside=True),
    ]


def lapels(b: Bodice, stop: float, tip: tuple[float, float] = (14.0, 13.0), collar: bool = True) -> list[Piece]:
    """Notched lapels folding out of the front edge down to y = `stop`, with their collar."""
    tx, ty = tip
    n = b.neck
    leaf = spline(
        [
            (n - 1.4, -1),
            (0.2, stop),
            (tx * 0.62, stop * 0.6 + ty * 0.2, SOFT),
            (tx, ty),
            (tx - 4, ty - 2.2),
            (n + 0.6, 4.2),
        ]
    )
    edge = spline(
        [(0.9, stop - 1.5), (tx * 0.62 - 0.6, stop * 0.6 + ty * 0.2, SOFT), (tx - 0.9, ty + 0.5)], closed=False
    )
    pieces = both(
        Piece((leaf,), ids.LAPEL, "lapel", grain=-0.25, relief=0.8, folds=0.5, seams=(Seam(edge, 0.16, 0.45, 0.8),))
    )
    if not collar:
        return pieces
    back = symmetric((0, -3.0, SOFT), (n - 1.5, -2.6, SOFT), (n + 0.4, 0.6), (n * 0.5, 1.6, SOFT), (0, 2.0, SOFT))
    wing = spline(
        [
            (n - 2.2, -2.4),
            (n + 1.0, -1.8, SOFT),
            (n + 3.2, 1.6, SOFT),
            (tx - 0.4, ty - 5.2),
            (tx - 3.6, ty - 2.0),
            (n - 1.0, 2.2, SOFT),
        ]
    )
    return [
        Piece((back,), ids.COLLAR, "collar", tone=0.9, relief=0.6),
        *pieces,
        *both(Piece((wing,), ids.COLLAR, "collar", grain=-0.4, relief=0.7, folds=0.5)),
    ]


def hood(b: Bodice, height: float = 29.0, width: float = 15.5) -> list[Piece]:
    """Hood lying above the neck: shell, dark inside and the drawstrings."""
    n = b.neck
    shell = symmetric(
        (0, -height, SOFT), (width * 0.6, -height * 0.92, SOFT), (width * 0.98, -height * 0.54, SOFT),
        (width * 0.96, -height * 0.18, SOFT), (n + 5.5, 2.6, SOFT), (n * 0.6, 8.0, SOFT), (0, 10.4),
    )  # fmt: skip
    mouth = symmetric(
        (0, -height * 0.78, SOFT), (width * 0.5, -height * 0.68, SOFT), (width * 0.62, -height * 0.34, SOFT),
        (n * 0.62, 0, SOFT), (n * 0.3, 4.5, SOFT), (0, 7.2),
    )  # fmt: skip
    rim = symmetric(
        (0, -height * 0.85, SOFT),
        (width * 0.57, -height * 0.74, SOFT),
        (width * 0.72, -height * 0.34, SOFT),
        (n * 0.74, 1, SOFT),
        (0, 8.6),
    )
    return [
        Piece((shell,), ids.HOOD, relief=1.6, seams=(Seam(rim, 0.18, 0.5, 0.78),)),
        Piece((mouth,), tone=0.55, cloth="lining", relief=1.4),
        Piece(
            (spline([(-0.2, -height * 0.95), (0.2, -height * 0.95), (0.15, -height * 0.8), (-0.15, -height * 0.8)]),),
            tone=0.7,
            relief=0.2,
        ),
    ]


def cords(b: Bodice, length: float = 16.0) -> list[Piece]:
    """Two drawstrings hanging from the neck."""
    x, y = b.neck * 0.45, b.depth + 1.0
    path = spline([(x, y), (x + 0.8, y + length * 0.5, SOFT), (x + 0.2, y + length)], closed=False)
    cord = between(shifted(path, 0.35), shifted(path, -0.35))
    tip = ellipse(x + 0.2, y + length, 0.5, 1.0)
    return both(Piece((cord,), None, "cord", relief=0.3, folds=0), Piece((tip,), None, "metal", relief=0.3, folds=0))
