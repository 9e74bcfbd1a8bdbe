"""Decorations, drawn around the origin, to be moved onto a garment."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from . import ids
from .shapes import SOFT, Piece, Seam, along, box, ellipse, moved, shifted, spline, star, strip
from .trims import fringe, studs


def bow(width: float, height: float, tails: float = 0.0, cloth: str = "accent", label: int = ids.BOW) -> list[Piece]:
    """Two loops and a knot, centred; `tails` cm of ribbon hang below."""
    w, h = width / 2, height / 2
    loop = spline([(w * 0.08, -h * 0.2), (w * 0.5, -h * 0.85, SOFT), (w * 0.93, -h * 0.95, SOFT), (w, 0, SOFT),
        (w * 0.93, h * 0.95, SOFT), (w * 0.5, h * 0.8, SOFT), (w * 0.08, h * 0.2)])  # fmt: skip
    knot = ellipse(0, 0, w * 0.17, h * 0.42, 3)
    loops = (loop, loop * [-1, 1])
    pieces = []
    if tails:
        tail = spline([(0, 0), (w * 0.14, 0), (w * 0.42, tails * 0.6, SOFT), (w * 0.62, tails), (w * 0.38,
            tails * 0.93), (w * 0.2, tails * 1.03), (w * 0.12, tails * 0.5, SOFT)])  # fmt: skip
        pieces.append(Piece((tail, tail * [-1, 1]), label, cloth, relief=0.4, tone=0.93))
    pieces += [Piece((o,), label, cloth, relief=0.9, gathers=7, apex=(0, 0)) for o in loops]
    return [*pieces, Piece((knot,), label, cloth, relief=0.6)]


def flower(radius: float, petals: int, rng: np.random.Generator, cloth: str = "petal") -> list[Piece]:
    """Cloth blossom, centred: two rings of petals and a heart."""
    pieces = []
    for share, turn in ((1.0, 0.0), (0.66, np.pi / petals)):
        r = radius * share
        for k in rng.permutation(petals):
            petal = spline([(0, 0), (r * 0.42, -r * 0.45, SOFT), (r * 0.36, -r * 0.92, SOFT), (0, -r, SOFT),
                (-r * 0.36, -r * 0.92, SOFT), (-r * 0.42, -r * 0.45, SOFT)])  # fmt: skip
            leaf = Piece(
                (petal,),
                ids.FLOWER,
                cloth,
                relief=radius * 0.14,
                folds=0.3,
                gathers=3,
                apex=(0, 0),
                tone=0.88 + 0.12 * share,
            )
            pieces.append(moved(leaf, angle=turn + k * 2 * np.pi / petals))
    return [*pieces, Piece((ellipse(0, 0, radius * 0.2),), ids.FLOWER, "bead", relief=radius * 0.1, folds=0)]


def tassel(length: float, width: float, cloth: str = "accent") -> list[Piece]:
    """Head, neck and strands hanging from the origin."""
    w, top = width / 2, length * 0.26
    skirt = spline(
        [
            (-w * 0.5, top),
            (w * 0.5, top),
            (w * 0.85, length * 0.6, SOFT),
            (w, length),
            (0, length * 1.03, SOFT),
            (-w, length),
            (-w * 0.85, length * 0.6, SOFT),
        ]
    )
    strands = tuple(
        Seam(np.array([[k * w * 0.45, top], [k * w * 0.9, length]]), width * 0.05, 0, 0.6)
        for k in np.linspace(-1, 1, 7)
    )
    head = ellipse(0, length * 0.13, w * 0.62, length * 0.13)
    neck = box(-w * 0.5, length * 0.23, w * 0.5, length * 0.29)
    loop = strip(np.array([[0.0, -length * 0.2], [0.0, length * 0.05]]), width * 0.14, 4)
    return [
        Piece((loop,), ids.TASSEL, cloth, relief=0.2, folds=0),
        Piece((skirt,), ids.TASSEL, cloth, relief=width * 0.12, folds=0.2, seams=strands),
        Piece((head,), ids.TASSEL, cloth, relief=width * 0.2, folds=0.2),
        Piece((neck,), ids.TASSEL, "metal", relief=0.2, folds=0),
    ]


def scatter(outline: np.ndarray, spacing: float, rng: np.random.Generator, jitter: float = 0.12) -> np.ndarray:
    """Points on a staggered grid inside an outline, float [N, 2]."""
    low, high = outline.min(0), outline.max(0)
    rows = np.arange(low[1] + spacing / 2, high[1], spacing * 0.87)
    points = np.array(
        [(x + (spacing / 2) * (i % 2), y) for i, y in enumerate(rows) for x in np.arange(low[0], high[0], spacing)]
    )
    points = points + rng.normal(0, jitter * spacing, points.shape)
    shape = outline.astype(np.float32).reshape(-1, 1, 2)
    keep = [cv2.pointPolygonTest(shape, (float(x), float(y)), True) > spacing * 0.42 for x, y in points]
    return points[keep]


def beadwork(
    outline: np.ndarray, radius: float, rng: np.random.Generator, label: int = ids.BEAD, cloth: str = "bead"
) -> list[Piece]:
    """A region covered by beads (or rivets): the ground between them counts as part of it."""
    ground = Piece((outline,), label, "main", tone=0.8, relief=0.15, inside=True)
    points = scatter(outline, radius * 2.25, rng)
    return [ground, studs(points, radius, label, cloth)] if len(points) else [ground]


def sequin_panel(outline: np.ndarray) -> Piece:
    """A region covered by sequins."""
    return Piece((outline,), ids.SEQUIN, "sequin", relief=0.4, inside=True)


def motif(kind: int, radius: float, rng: np.random.Generator) -> np.ndarray:
    """Outline of an applique, centred: heart, star, circle, cat, cloud, letter-like block or leaf."""
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    if kind == 0:
        return np.stack(
            [
                np.sin(t) ** 3 * radius,
                -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16 * radius,
            ],
            1,
        )
    if kind == 1:
        return star(0, 0, radius, radius * 0.42, 5)
    if kind == 2:
        return ellipse(0, 0, radius, radius * rng.uniform(0.7, 1.0), 2.5)
    if kind == 3:
        r = radius
        return spline(
            [
                (-r * 0.8, -r * 0.95),
                (-r * 0.3, -r * 0.62),
                (r * 0.3, -r * 0.62),
                (r * 0.8, -r * 0.95),
                (r * 0.9, 0, SOFT),
                (0, r * 0.8, SOFT),
                (-r * 0.9, 0, SOFT),
            ]
        )
    if kind == 4:
        return np.stack(
            [
                np.cos(t) * radius * (1 + 0.12 * np.abs(np.sin(3.5 * t))),
                np.sin(t) * radius * (0.62 + 0.16 * np.abs(np.sin(2.5 * t))),
            ],
            1,
        )
    return spline(
        [(0, -radius), (radius * 0.6, -radius * 0.2, SOFT), (0, radius), (-radius * 0.6, -radius * 0.2, SOFT)]
    )


def applique(radius: float, rng: np.random.Generator) -> list[Piece]:
    """Sewn-on motif with a stitched edge and a second colour inside, centred."""
    outline = motif(int(rng.integers(6)), radius, rng)
    edge = Seam(np.concatenate([outline, outline[:1]]) * 0.93, 0.22, 0.5, None)
    pieces = [Piece((outline,), ids.APPLIQUE, "accent", relief=0.5, folds=0.5, seams=(edge,))]
    inner = motif(int(rng.integers(6)), radius * 0.5, rng)
    return [*pieces, Piece((inner,), ids.APPLIQUE, "petal", relief=0.35, folds=0.4)]


def epaulette(length: float, width: float, fringed: bool, rng: np.random.Generator) -> list[Piece]:
    """Shoulder strap from the origin (the neck side) to the right,
    with its button; `fringed` adds strands at the end."""
    w = width / 2
    outline = spline(
        [
            (0, -w * 0.55),
            (-0.8, 0),
            (0, w * 0.55),
            (length - 1.5, w),
            (length, w * 0.6, SOFT),
            (length, -w * 0.6, SOFT),
            (length - 1.5, -w),
        ]
    )
    seam = Seam(shifted(along(outline, 60), -0.45), 0.15, 0.4, 0.75)
    button = ellipse(1.4, 0, 0.6)
    pieces = [
        Piece((outline,), ids.EPAULETTE, "lapel", relief=0.6, folds=0.3, seams=(seam,)),
        Piece((button,), None, "metal", relief=0.3, folds=0),
    ]
    if fringed:
        rim = np.array([[length - 0.5, -w], [length + 0.6, 0], [length - 0.2, w]])
        strands = [replace(p, label=ids.EPAULETTE) for p in fringe(rim, 4.5, rng, 0.7, "metal")]
        pieces = strands + pieces
    return pieces
