"""Hats, hair bands and glasses. Pure geometry from a few numbers, cm."""

from __future__ import annotations

import numpy as np

from . import ids
from .shapes import SOFT, Piece, Seam, arch, between, both, ellipse, spline, strip, symmetric


def beanie(width: float, height: float, cuff: float, pompom: float) -> list[Piece]:
    """Knitted cap, its brim turned up; pompom radius 0 = none."""
    w = width / 2
    dome = symmetric(
        (0, -height, SOFT), (w * 0.72, -height * 0.82, SOFT), (w * 0.98, -height * 0.3, SOFT), (w, 0), (0, 1.2, SOFT)
    )
    band = symmetric((0, -cuff + 1, SOFT), (w + 0.4, -cuff), (w + 0.5, 0.4), (0, 1.8, SOFT))
    pieces = [
        Piece((dome,), ids.HAT, relief=2.2, gathers=9, apex=(0, -height - 4)),
        Piece((band,), None, "rib", relief=0.9),
    ]
    if pompom:
        t = np.linspace(0, 2 * np.pi, 90, endpoint=False)
        r = pompom * (1 + 0.05 * np.sin(t * 17) + 0.04 * np.sin(t * 29 + 1))
        ball = np.stack([r * np.cos(t), -height - pompom * 0.6 + r * np.sin(t)], 1)
        pieces.insert(0, Piece((ball,), None, "fur", relief=pompom * 0.5))
    return pieces


def cap(width: float, height: float, visor: float) -> list[Piece]:
    """Baseball cap from the front: six panels, button, visor."""
    w = width / 2
    dome = symmetric(
        (0, -height, SOFT), (w * 0.62, -height * 0.88, SOFT), (w * 0.97, -height * 0.4, SOFT), (w, 0), (0, 1.5, SOFT)
    )
    seams = [
        Seam(spline([(0, -height), (s * w * 0.5, -height * 0.55, SOFT), (s * w * 0.58, 1)], closed=False), 0.3, 0, 0.7)
        for s in (-1, 1)
    ]
    bill = symmetric(
        (0, -1.5, SOFT),
        (w * 0.7, -0.9, SOFT),
        (w * 1.0, 0.2),
        (w * 1.06, visor * 0.55, SOFT),
        (w * 0.6, visor, SOFT),
        (0, visor * 1.12, SOFT),
    )
    front = arch((0, visor * 1.12, SOFT), (w * 0.6, visor, SOFT), (w * 1.06, visor * 0.55))
    rows = tuple(Seam(front * [k, k], 0.15, 0.4, 0.8) for k in (0.93, 0.8, 0.66, 0.5))
    return [
        Piece((dome,), ids.HAT, relief=2.0, seams=tuple(seams), folds=0.6),
        Piece((bill,), None, "collar", relief=0.9, folds=0.25, seams=rows),
        Piece((ellipse(0, -height + 0.2, 0.9, 0.7),), None, "collar", relief=0.4, folds=0),
    ]


def brimmed_hat(crown: float, height: float, brim: float, dip: float, pinch: float = 0.7) -> list[Piece]:
    """Hat with a crown, a ribbon around it and a brim, seen a little from above. Half measures."""
    plate = symmetric(
        (0, -dip * 0.7, SOFT),
        (brim * 0.7, -dip * 0.55, SOFT),
        (brim, 0.6, SOFT),
        (brim * 0.7, dip * 0.8, SOFT),
        (0, dip * 1.1, SOFT),
    )
    top = symmetric(
        (0, -height + pinch, SOFT),
        (crown * 0.5, -height + 0.1, SOFT),
        (crown * 0.86, -height + 1.6, SOFT),
        (crown, 0),
        (0, dip * 0.42, SOFT),
    )
    band = np.array(
        [(x, dip * 0.42 * (1 - (x / crown) ** 2) - 1.4) for x in np.linspace(-crown * 0.97, crown * 0.97, 24)]
    )
    edge = Seam(np.concatenate([plate, plate[:1]]) * [0.96, 0.93], 0.18, 0.4, 0.8)
    return [
        Piece((plate,), ids.HAT, relief=1.0, folds=0.5, seams=(edge,)),
        Piece((top,), None, relief=1.8, folds=0.5),
        Piece((between(band - [0, 1.6], band * [1.03, 1] + [0, 1.6]),), ids.RIBBON, "satin", relief=0.4, folds=0.2),
    ]


def headband(width: float, height: float, band: float) -> Piece:
    """Hair band: an open arch."""
    w = width / 2
    arch = spline(
        [(-w * 0.82, 0), (-w, -height * 0.5, SOFT), (0, -height, SOFT), (w, -height * 0.5, SOFT), (w * 0.82, 0)],
        closed=False,
    )
    t = np.linspace(-1, 1, 60)
    return Piece((strip(arch, band * (1 - 0.45 * t**2), 60),), ids.HEADBAND, relief=band * 0.3, folds=0.6)


def wide_headband(width: float, height: float) -> list[Piece]:
    """Stretch band lying as a ring, its far side showing behind."""
    w, h = width / 2, height

    def arc(side: float, middle: float) -> np.ndarray:
        return spline(
            [
                (-w, side),
                (-w * 0.6, side + (middle - side) * 0.72, SOFT),
                (0, middle, SOFT),
                (w * 0.6, side + (middle - side) * 0.72, SOFT),
                (w, side),
            ],
            closed=False,
        )

    far = Piece((between(arc(0, -h * 0.72), arc(h * 0.1, -h * 0.12)),), ids.HEADBAND, "lining", tone=0.72, relief=0.7)
    near = Piece((between(arc(0, h * 0.42), arc(h * 0.45, h * 1.15)),), ids.HEADBAND, relief=1.2, gathers=4)
    return [far, near]


def glasses(lens: float, height: float, bridge: float, power: float, dark: bool) -> list[Piece]:
    """Spectacles from the front with the temples showing behind. Half widths."""
    x = bridge / 2 + lens
    rim, glass = ellipse(x, 0, lens, height, power), ellipse(x, 0.1, lens - 0.45, height - 0.45, power)
    temple = spline(
        [
            (x + lens * 0.8, -height * 0.55),
            (x + lens + 0.7, -height * 0.6),
            (x + lens + 0.5, height * 0.3),
            (x + lens * 0.3, height * 0.5),
            (x + lens * 0.9, -height * 0.1),
        ]
    )
    arch = spline(
        [(-bridge * 0.8, -height * 0.15), (0, -height * 0.42, SOFT), (bridge * 0.8, -height * 0.15)], closed=False
    )
    return [
        Piece((strip(arch, 0.5),), ids.GLASSES, "frame", relief=0.2, folds=0),
        *both(Piece((temple,), ids.GLASSES, "frame", tone=0.8, relief=0.25, folds=0)),
        *both(Piece((rim,), ids.GLASSES, "frame", relief=0.3, folds=0)),
        *both(Piece((glass,), None, "dark glass" if dark else "glass", relief=0.15, folds=0)),
    ]
