"""Pockets, closures and decorations, drawn around the origin or along a line, to be moved onto a garment."""

from __future__ import annotations

import numpy as np

from . import ids
from .shapes import SOFT, Piece, Seam, along, between, box, ellipse, moved, normals, shifted, spline, star, strip


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
    outline = spline([(-w * 0.62, 0), (w * 0.62, 0), (w * 0.92, height * 0.5, SOFT), (w, height * 0.8), (w, height), (-w, height), (-w, height * 0.8), (-w * 0.92, height * 0.5, SOFT)])  # fmt: skip
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


def bow(width: float, height: float, tails: float = 0.0, cloth: str = "accent", label: int = ids.BOW) -> list[Piece]:
    """Two loops and a knot, centred; `tails` cm of ribbon hang below."""
    w, h = width / 2, height / 2
    loop = spline([(w * 0.08, -h * 0.2), (w * 0.5, -h * 0.85, SOFT), (w * 0.93, -h * 0.95, SOFT), (w, 0, SOFT), (w * 0.93, h * 0.95, SOFT), (w * 0.5, h * 0.8, SOFT), (w * 0.08, h * 0.2)])  # fmt: skip
    knot = ellipse(0, 0, w * 0.17, h * 0.42, 3)
    loops = (loop, loop * [-1, 1])
    pieces = []
    if tails:
        tail = spline([(0, 0), (w * 0.14, 0), (w * 0.42, tails * 0.6, SOFT), (w * 0.62, tails), (w * 0.38, tails * 0.93), (w * 0.2, tails * 1.03), (w * 0.12, tails * 0.5, SOFT)])  # fmt: skip
        pieces.append(Piece((tail, tail * [-1, 1]), label, cloth, relief=0.4, tone=0.93))
    pieces += [Piece((o,), label, cloth, relief=0.9, gathers=7, apex=(0, 0)) for o in loops]
    return [*pieces, Piece((knot,), label, cloth, relief=0.6)]


def flower(radius: float, petals: int, rng: np.random.Generator, cloth: str = "petal") -> list[Piece]:
    """Cloth blossom, centred: two rings of petals and a heart."""
    pieces = []
    for share, turn in ((1.0, 0.0), (0.66, np.pi / petals)):
        r = radius * share
        for k in rng.permutation(petals):
            petal = spline([(0, 0), (r * 0.42, -r * 0.45, SOFT), (r * 0.36, -r * 0.92, SOFT), (0, -r, SOFT), (-r * 0.36, -r * 0.92, SOFT), (-r * 0.42, -r * 0.45, SOFT)])  # fmt: skip
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
            strands.append(spline([(x - w, y), (x + w, y), (x + w + sway * 0.5, y + own * 0.6, SOFT), (x + sway + w * 0.5, y + own), (x + sway - w * 0.6, y + own), (x - w + sway * 0.5, y + own * 0.6, SOFT)], samples=4))  # fmt: skip
        rows += [
            Piece(tuple(s), ids.FRINGE, cloth, relief=0.25, folds=0.3, tone=tone) for s in (strands[::2], strands[1::2])
        ]
    band = Piece((strip(along(path, 30), 1.0, 30),), ids.FRINGE, cloth, relief=0.3)
    return [*rows, band]


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


def ribbon(path: np.ndarray, width: float, cloth: str = "satin") -> Piece:
    """Satin band along a path."""
    line = along(path, 40)
    edges = tuple(Seam(shifted(line, k * width * 0.42), 0.15, 0, 0.8) for k in (-1, 1))
    return Piece((strip(line, width),), ids.RIBBON, cloth, relief=0.45, folds=0.9, seams=edges)


def studs(points: np.ndarray, radius: float, label: int = ids.RIVET, cloth: str = "metal", tips: int = 0) -> Piece:
    """Rivets, beads or pearls at points [N, 2], one piece; `tips` > 0 gives facetted studs."""
    dots = [star(x, y, radius, radius * 0.75, tips) if tips else ellipse(x, y, radius, n=14) for x, y in points]
    return Piece(tuple(dots), label, cloth, relief=radius * 0.8, folds=0)


def scatter(outline: np.ndarray, spacing: float, rng: np.random.Generator, jitter: float = 0.12) -> np.ndarray:
    """Points on a staggered grid inside an outline, float [N, 2]."""
    import cv2

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
    """Shoulder strap from the origin (the neck side) to the right, with its button; `fringed` adds strands at the end."""
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
        strands = [replace_label(p) for p in fringe(rim, 4.5, rng, 0.7, "metal")]
        pieces = strands + pieces
    return pieces


def replace_label(piece: Piece) -> Piece:
    """The fringe of an epaulette counts as the epaulette."""
    return Piece(piece.outlines, ids.EPAULETTE, piece.cloth, relief=piece.relief, folds=0.2, tone=piece.tone)
