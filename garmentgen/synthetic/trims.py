"""Pockets, closures and edgings, drawn around the origin or along a line, to be moved onto a garment."""

from __future__ import annotations

import numpy as np

from . import ids
from .shapes import SOFT, Piece, Seam, along, between, box, ellipse, normals, shifted, spline, star, strip


def patch_pocket(width: float, height: float, flap: bool = False, pointed: bool = True, cloth: str = "main") -> Piece:
    """Patch pocket with its mouth at y = 0, centred."""
    w, tip = width / 2, height + (1.2 if pointed else 0)
    outline = spline([(-w, 0), (w, 0), (w, height - 1), (w - 1, height), (0, tip), (-w + 1, height), (-w, height - 1)])
    seams = [
        Seam(np.array([[-w, 1.6], [w, 1.6]]), 0.18, 0.45, 0.75),
        Seam(shifted(along(outline, 80), -0.5)[20:], 0.16, 0.45, 0.8),
    ]
    if flap:
        edge = spline([(-w - 0.2, 3.4), (0, 5.0, SOFT), (w + 0.2, 3.4)], closed=False)
        seams += [Seam(edge, 0.45, 0, 0.6)]
    return Piece((outline,), ids.POCKET, cloth, relief=0.5, folds=0.8, seams=tuple(seams))


def welt_pocket(width: float, height: float = 2.4) -> Piece:
    """Slit with a welt or flap, centred."""
    outline = box(-width / 2, 0, width / 2, height)
    return Piece((outline,), ids.POCKET, relief=0.5, folds=0.7, seams=(Seam(outline[:2], 0.35, 0, 0.55),))


def kangaroo_pocket(width: float, height: float) -> Piece:
    """Front pouch of a hoodie, its top at y = 0."""
    w = width / 2
    outline = spline([(-w * 0.62, 0), (w * 0.62, 0), (w * 0.92, height * 0.5, SOFT), (w, height * 0.8), (w,
        height), (-w, height), (-w, height * 0.8), (-w * 0.92, height * 0.5, SOFT)])  # fmt: skip
    seams = (Seam(shifted(along(outline, 80), -0.6), 0.16, 0.45, 0.78), Seam(along(outline, 80), 0.3, 0, 0.62))
    return Piece((outline,), ids.POCKET, relief=0.8, seams=seams)


def zipper(path: np.ndarray, width: float = 1.5, pull: bool = True) -> list[Piece]:
    """Zip fastener along a path: tape with teeth, and the pull at its start."""
    tape = strip(path, width)
    line = along(path, 60)
    teeth = (
        Seam(line, width * 0.42, width * 0.18, 1.9),
        Seam(line, 0.14, 0, 0.4),
        *(Seam(shifted(line, k * width * 0.48), 0.15, 0, 0.5) for k in (-1, 1)),
    )
    pieces = [Piece((tape,), ids.ZIPPER, "zip", relief=0.3, folds=0.4, seams=teeth)]
    if pull:
        x, y = path[0]
        slider = spline(
            [
                (x - 0.6, y + 0.2),
                (x + 0.6, y + 0.2),
                (x + 0.5, y + 1.6),
                (x + 0.35, y + 3.6),
                (x - 0.35, y + 3.6),
                (x - 0.5, y + 1.6),
            ]
        )
        pieces.append(Piece((slider,), ids.ZIPPER, "metal", relief=0.3, folds=0))
    return pieces


def buckle(width: float, height: float, rounded: float = 5.0) -> list[Piece]:
    """Frame with its prong, centred; the mask takes the strap inside the frame along."""
    bar = min(width, height) * 0.17
    frame = (ellipse(0, 0, width / 2, height / 2, rounded), ellipse(0, 0, width / 2 - bar, height / 2 - bar, rounded))
    filled = Piece((frame[0],), ids.BUCKLE, "strap", tone=0.8, relief=0.3, folds=0)
    prong = box(-width / 2 + bar * 0.4, -bar * 0.35, width / 2 - bar * 0.3, bar * 0.35)
    return [
        filled,
        Piece(frame, ids.BUCKLE, "metal", relief=0.45, folds=0),
        Piece((prong,), ids.BUCKLE, "metal", relief=0.25, folds=0),
    ]


def ruffle(
    path: np.ndarray, depth: float, rng: np.random.Generator, waves: float | None = None, cloth: str = "main"
) -> Piece:
    """Gathered frill hanging from a path (to its right on screen: below, for a path that runs right)."""
    path = along(path, 160)
    length = np.hypot(*np.diff(path, axis=0).T).sum()
    count = waves or length / (depth * 0.55 + 1.6)
    t = np.linspace(0, 1, 160)
    wave = np.sin(2 * np.pi * count * t + rng.uniform(0, 6) + 0.8 * np.sin(t * 9))
    low = shifted(path, 0) - normals(path) * (depth * (1 + 0.11 * wave))[:, None]
    low[:, 0] += np.gradient(wave) * depth * 0.05
    outline = between(path, low)
    middle = (path[0] + path[-1]) / 2
    chord = path[-1] - path[0]
    span = float(np.hypot(*chord)) + 1e-6
    far = middle + np.array([chord[1], -chord[0]]) / span * span * 2.2
    seam = Seam(shifted(path, -0.3), 0.4, 0, 0.6)
    return Piece(
        (outline,),
        ids.RUFFLE,
        cloth,
        relief=0.6,
        gathers=float(count) * 1.3,
        apex=(float(far[0]), float(far[1])),
        seams=(seam,),
    )


def fringe(
    path: np.ndarray, depth: float, rng: np.random.Generator, spacing: float = 0.8, cloth: str = "fringe"
) -> list[Piece]:
    """Strands hanging straight down from a path, in front of a darker row."""
    length = float(np.hypot(*np.diff(path, axis=0).T).sum())
    roots = along(path, max(int(length / spacing), 4))
    rows = []
    for tone, share in ((0.72, 0.94), (1.0, 1.0)):
        strands = []
        for x, y in roots:
            sway, own, w = (
                rng.normal(0, 0.06) * depth,
                depth * share * rng.uniform(0.88, 1.06),
                spacing * rng.uniform(0.34, 0.46),
            )
            x = x + (spacing / 2 if tone < 1 else 0)
            strands.append(spline([(x - w, y), (x + w, y), (x + w + sway * 0.5, y + own * 0.6, SOFT),
                (x + sway + w * 0.5, y + own), (x + sway - w * 0.6, y + own), (x - w + sway * 0.5,
                y + own * 0.6, SOFT)], samples=4))  # fmt: skip
        rows += [
            Piece(tuple(s), ids.FRINGE, cloth, relief=0.25, folds=0.3, tone=tone) for s in (strands[::2], strands[1::2])
        ]
    band = Piece((strip(along(path, 30), 1.0, 30),), ids.FRINGE, cloth, relief=0.3)
    return [*rows, band]


def ribbon(path: np.ndarray, width: float, cloth: str = "satin") -> Piece:
    """Satin band along a path."""
    line = along(path, 40)
    edges = tuple(Seam(shifted(line, k * width * 0.42), 0.15, 0, 0.8) for k in (-1, 1))
    return Piece((strip(line, width),), ids.RIBBON, cloth, relief=0.45, folds=0.9, seams=edges)


def studs(points: np.ndarray, radius: float, label: int = ids.RIVET, cloth: str = "metal", tips: int = 0) -> Piece:
    """Rivets, beads or pearls at points [N, 2], one piece; `tips` > 0 gives facetted studs."""
    dots = [star(x, y, radius, radius * 0.75, tips) if tips else ellipse(x, y, radius, n=14) for x, y in points]
    return Piece(tuple(dots), label, cloth, relief=radius * 0.8, folds=0)
