"""Shoes from above and from the side, one at a time (toe up, or toe to the right). Pure geometry, cm."""

from __future__ import annotations

import numpy as np

from . import ids
from .ornaments import bow
from .shapes import SOFT, Piece, Seam, along, ellipse, flip, moved, spline, strip
from .trims import buckle, studs, zipper


def sole_outline(width: float, length: float, grow: float = 0.0) -> np.ndarray:
    """Right shoe from above: big toe at the left."""
    w, h = width / 2 + grow, length / 2 + grow
    return spline(
        [(-w * 0.22, -h, SOFT), (w * 0.45, -h * 0.9, SOFT), (w * 0.97, -h * 0.5, SOFT), (w * 0.86, 0, SOFT), (w * 0.70, h * 0.5, SOFT), (w * 0.62, h * 0.86, SOFT),
         (0, h, SOFT), (-w * 0.66, h * 0.85, SOFT), (-w * 0.68, h * 0.4, SOFT), (-w * 0.78, 0, SOFT), (-w * 0.95, -h * 0.45, SOFT), (-w * 0.72, -h * 0.88, SOFT)]
    )  # fmt: skip


def sneaker(width: float, length: float) -> list[Piece]:
    """Laced trainer from above."""
    w, h = width / 2, length / 2
    throat = spline(
        [
            (-w * 0.34, -h * 0.34),
            (w * 0.34, -h * 0.34),
            (w * 0.42, h * 0.1, SOFT),
            (w * 0.5, h * 0.34),
            (-w * 0.5, h * 0.34),
            (-w * 0.42, h * 0.1, SOFT),
        ]
    )
    mouth = ellipse(0, h * 0.56, w * 0.52, h * 0.30, 2.3)
    tongue = spline(
        [(-w * 0.3, -h * 0.2), (w * 0.3, -h * 0.2), (w * 0.4, h * 0.4), (0, h * 0.46, SOFT), (-w * 0.4, h * 0.4)]
    )
    laces = [
        Piece(
            (strip(np.array([[-w * 0.42, y], [w * 0.42, y + s * h * 0.045]]), 0.75, 8),),
            None,
            "cord",
            relief=0.35,
            folds=0,
        )
        for y in np.linspace(-h * 0.3, h * 0.26, 6)
        for s in (1, -1)
    ]
    cap = Seam(spline([(-w, -h * 0.45), (0, -h * 0.52, SOFT), (w, -h * 0.5)], closed=False), 0.3, 0, 0.7)
    sides = tuple(
        Seam(
            spline([(s * w * 0.42, h * 0.3), (s * w * 0.6, -h * 0.1, SOFT), (s * w * 0.4, -h * 0.42)], closed=False),
            0.2,
            0.4,
            None,
        )
        for s in (-1, 1)
    )
    return [
        Piece((sole_outline(width, length, 0.5),), ids.SHOE, "sole", relief=0.5, folds=0),
        Piece((sole_outline(width, length),), ids.SHOE, relief=1.6, folds=0.25, seams=(cap, *sides)),
        Piece((throat,), None, "accent", tone=0.85, relief=0.6, folds=0.1),
        Piece((mouth,), None, "lining", tone=0.4, relief=1.0, folds=0),
        Piece((tongue,), None, relief=0.6, folds=0.2),
        *laces,
    ]


def flat_shoe(width: float, length: float, strap: bool, with_bow: bool) -> list[Piece]:
    """Ballerina or Mary Jane from above; optional strap with buckle, optional bow."""
    w, h = width / 2, length / 2
    mouth = spline(
        [
            (0, -h * 0.42, SOFT),
            (w * 0.6, -h * 0.2, SOFT),
            (w * 0.6, h * 0.3, SOFT),
            (w * 0.5, h * 0.78, SOFT),
            (0, h * 0.92, SOFT),
            (-w * 0.52, h * 0.78, SOFT),
            (-w * 0.56, h * 0.3, SOFT),
            (-w * 0.6, -h * 0.2, SOFT),
        ]
    )
    pieces = [
        Piece((sole_outline(width, length),), ids.SHOE, relief=1.2, folds=0.2),
        Piece(
            (mouth,),
            None,
            "sole",
            tone=0.8,
            relief=1.0,
            folds=0,
            seams=(Seam(np.concatenate([mouth, mouth[:1]]), 0.35, 0, 0.5),),
        ),
    ]
    if strap:
        pieces.append(
            Piece(
                (strip(np.array([[-w * 0.8, h * 0.1], [w * 0.86, h * 0.06]]), 1.5, 10),),
                None,
                "collar",
                relief=0.5,
                folds=0,
            )
        )
        pieces += [moved(p, w * 0.68, h * 0.06) for p in buckle(1.8, 2.1)]
    if with_bow:
        pieces += [moved(p, 0, -h * 0.46) for p in bow(5.0, 2.8)]
    return pieces


def flip_flop(width: float, length: float, decorated: bool) -> list[Piece]:
    """Thong sandal from above; `decorated` puts beads on its straps."""
    w, h = width / 2, length / 2
    arms = [
        spline([(0, -h * 0.55), (s * w * 0.35, -h * 0.25, SOFT), (s * w * 0.78, h * 0.12)], closed=False)
        for s in (-1, 1)
    ]
    pieces = [
        Piece((sole_outline(width, length),), ids.SHOE, "sole", relief=0.7, folds=0),
        *[Piece((strip(a, 1.4, 20),), None, relief=0.5, folds=0) for a in arms],
    ]
    if decorated:
        pieces += [studs(along(a, 9)[1:-1], 0.55, ids.BEAD, "bead") for a in arms]
    return pieces


def boot(height: float, heel: float, zipped: bool) -> list[Piece]:
    """Boot from the side, toe to the right."""
    upper = spline(
        [
            (-5.5, -height),
            (5.2, -height + 0.6),
            (4.6, -height * 0.5, SOFT),
            (5.4, -8.5, SOFT),
            (10, -5.6, SOFT),
            (16, -4.0, SOFT),
            (18.2, -1.4, SOFT),
            (17.5, 0),
            (-6.4, 0),
            (-6.6, -4, SOFT),
            (-5.4, -9, SOFT),
            (-5.6, -height * 0.6, SOFT),
        ]
    )
    sole = spline([(-6.8, -0.8), (18.4, -0.8), (18, 0.9), (1.5, 0.9), (0.2, 0.9 + heel), (-6.4, 0.9 + heel)])
    toe = Seam(spline([(10, -5.8), (11.4, -2.4, SOFT), (10.8, 0)], closed=False), 0.2, 0.4, None)
    ankle = Seam(spline([(-6.4, -6.5), (0, -8.4, SOFT), (5.6, -8.4)], closed=False), 0.25, 0, 0.65)
    mouth = spline([(-5.5, -height), (0, -height - 0.9, SOFT), (5.2, -height + 0.6), (0, -height + 1.6, SOFT)])
    pieces = [
        Piece((sole,), ids.SHOE, "sole", relief=0.4, folds=0),
        Piece((mouth,), ids.SHOE, "lining", tone=0.45, relief=0.4, folds=0),
        Piece((upper,), ids.SHOE, relief=2.2, folds=0.45, seams=(toe, ankle)),
    ]
    if zipped:
        pieces += zipper(np.array([[-0.5, -height + 2.5], [-0.8, -3.0]]), 1.0)
    else:
        pieces.append(
            Piece(
                (strip(np.array([[-6.0, -8.6], [6.2, -8.0]]), 1.6, 12),),
                None,
                "strap",
                relief=0.4,
                folds=0,
                inside=True,
            )
        )
        pieces += [moved(p, 1.5, -8.2) for p in buckle(2.4, 2.8)]
    return pieces


def heel_shoe(heel: float, strap: bool, petal_bow: bool) -> list[Piece]:
    """Pump from the side, toe to the right."""
    k = heel
    upper = spline(
        [
            (-7.2, -k - 5.6),
            (-4.6, -k - 4.8, SOFT),
            (0, -k * 0.55 - 2.2, SOFT),
            (7, -3.0, SOFT),
            (11, -3.6),
            (15.5, -2.0, SOFT),
            (17.6, 0),
            (9, 0.2, SOFT),
            (3, -k * 0.3, SOFT),
            (-3.4, -k + 0.6, SOFT),
            (-7.6, -k - 0.4),
            (-8.0, -k - 3, SOFT),
        ]
    )
    pin = spline(
        [(-7.8, -k - 1), (-3.2, -k + 0.4), (-5.2, -k * 0.5, SOFT), (-5.8, 0.6), (-7.2, 0.6), (-7.2, -k * 0.5, SOFT)]
    )
    pieces = [Piece((pin,), ids.SHOE, "sole", relief=0.4, folds=0), Piece((upper,), ids.SHOE, relief=1.2, folds=0.1)]
    if strap:
        loop = (ellipse(-3.4, -k - 7.4, 4.6, 1.7), ellipse(-3.4, -k - 7.7, 4.0, 1.0))
        pieces += [Piece(loop, ids.SHOE, relief=0.3, folds=0), *[moved(p, -0.6, -k - 6.4) for p in buckle(1.5, 1.6)]]
    if petal_bow:
        pieces += [moved(p, 11.6, -3.4, 0.3) for p in bow(4.6, 2.8)]
    return pieces


def side_sneaker() -> list[Piece]:
    """Trainer from the side, toe to the right."""
    upper = spline(
        [
            (-9.5, -9.4),
            (-7.4, -8.6, SOFT),
            (-2.5, -8.2),
            (0.5, -10.2),
            (3.2, -8.8),
            (8, -5.8, SOFT),
            (13.5, -4.6, SOFT),
            (16.2, -1.4, SOFT),
            (16, 0),
            (-10, 0),
            (-10.4, -5, SOFT),
        ]
    )
    sole = spline([(-10.6, -1.4), (16.4, -1.0), (16.8, 0.6, SOFT), (14.5, 2.0), (-9.6, 2.0), (-10.9, 1, SOFT)])
    stay = spline([(0.6, -9.6), (3.0, -8.2), (8.6, -5.0), (6.6, -3.0), (1.5, -5.0, SOFT), (-1.4, -7.4)])
    laces = [
        Piece((strip(np.array([[x - 0.9, y + 0.8], [x + 1.0, y - 1.0]]), 0.7, 6),), None, "cord", relief=0.3, folds=0)
        for x, y in zip(np.linspace(0.4, 6.8, 5), np.linspace(-7.6, -4.4, 5), strict=True)
    ]
    swoosh = strip(spline([(-8, -1.8), (-4, -5.4, SOFT), (0, -3.2)], closed=False), 1.3, 20)
    lines = (
        Seam(spline([(10.6, -5.2), (9.6, -2.4, SOFT), (11, 0)], closed=False), 0.2, 0.4, None),
        Seam(spline([(-6.4, -8.4), (-6, -4, SOFT), (-7.5, 0)], closed=False), 0.25, 0, 0.7),
    )
    return [
        Piece((upper,), ids.SHOE, relief=1.6, folds=0.2, seams=lines),
        Piece(
            (sole,),
            ids.SHOE,
            "sole",
            relief=0.6,
            folds=0,
            seams=(Seam(np.array([[-10.4, 0.6], [16.4, 0.6]]), 0.2, 0, 0.7),),
        ),
        Piece((swoosh,), None, "accent", relief=0.25, folds=0, inside=True),
        Piece((stay,), None, "accent", relief=0.5, folds=0.1),
        *laces,
    ]


def pair(shoe: list[Piece], gap: float, turn: float) -> list[Piece]:
    """Two shoes side by side from one right shoe; `turn` radians toes outwards."""
    right = [moved(p, gap, 0, turn) for p in shoe]
    return right + [flip(p) for p in right]
