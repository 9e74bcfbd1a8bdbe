"""Building blocks of upper garments: body, sleeves, neckline, collars, lapels, hood, closures. Pure geometry."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from . import ids
from .shapes import SOFT, Piece, Point, Seam, along, between, both, box, ellipse, mirrored, shifted, spline, symmetric


@dataclass(frozen=True)
class Bodice:
    """Half measures of an upper garment in cm, lying flat; y runs down from where neck and shoulder meet.

    neck_shape: 1 is a V, 2 round, 4 square. rise: how much higher the hem is at the sides than in the middle.
    """

    neck: float = 9.0
    depth: float = 8.0
    neck_shape: float = 2.0
    back: float = 2.0
    shoulder: float = 22.0
    slope: float = 4.5
    chest: float = 27.0
    armhole: float = 24.0
    waist: float = 26.0
    waist_at: float = 44.0
    hem: float = 27.0
    length: float = 70.0
    rise: float = 1.0

    @property
    def tip(self) -> np.ndarray:
        """Shoulder point."""
        return np.array([self.shoulder, self.slope])

    @property
    def pit(self) -> np.ndarray:
        """Armpit."""
        return np.array([self.chest, self.armhole])


def neck_curve(b: Bodice, grow: float = 0.0) -> np.ndarray:
    """Front neck edge from the left to the right neck point, widened by `grow` cm; float [N, 2]."""
    t = np.linspace(-np.pi / 2, np.pi / 2, 41)
    power = 2 / b.neck_shape
    lift = b.slope * grow / max(b.shoulder - b.neck, 1.0)
    x = (b.neck + grow) * np.sign(np.sin(t)) * abs(np.sin(t)) ** power
    return np.stack([x, lift + (b.depth + grow - lift) * np.cos(t).clip(0) ** power], 1)


def back_curve(b: Bodice) -> np.ndarray:
    """Back neck edge from the left to the right neck point."""
    return spline([(-b.neck, 0), (0, b.back, SOFT), (b.neck, 0)], closed=False)


def armhole(b: Bodice, inset: float = 2.2) -> list[Point]:
    """Points of the right armhole, from shoulder point to armpit."""
    x = min(b.shoulder, b.chest)
    return [(*b.tip,), (x - inset, b.slope + (b.armhole - b.slope) * 0.55, SOFT), (*b.pit,)]


def right_side(b: Bodice) -> list[Point]:
    """Points of the right half from the neck point down to the middle of the hem."""
    return [
        (b.neck, 0),
        *armhole(b),
        (b.waist, b.waist_at, SOFT),
        (b.hem, b.length - b.rise),
        (b.hem * 0.5, b.length - b.rise * 0.25, SOFT),
        (0, b.length, SOFT),
    ]


def body(b: Bodice, label: int, **look: float) -> Piece:
    """The front of an upper garment, its top edge along the back of the neck."""
    return Piece((symmetric((0, b.back, SOFT), *right_side(b)),), label, seams=hem_seams(b), **look)


def hem_seams(b: Bodice) -> tuple[Seam, ...]:
    """Shoulder seams and a double stitch above the hem."""
    hem = spline([(-b.hem, b.length - b.rise), (0, b.length, SOFT), (b.hem, b.length - b.rise)], closed=False)
    return (Seam(hem - [0, 2.0], 0.18, 0.5, 0.8), Seam(hem - [0, 2.5], 0.18, 0.5, 0.8))


def lining(b: Bodice, tone: float = 0.62) -> Piece:
    """What shows of the inside of the back above the front neck edge, with a size tag's shade."""
    return Piece((between(back_curve(b), neck_curve(b)),), tone=tone, relief=0.7, cloth="lining", inside=True)


def neckline(b: Bodice, width: float = 2.2, filled: bool = False, cloth: str = "rib") -> Piece:
    """Band along the front neck edge; `filled` also takes the inside of the back (shallow necks)."""
    inner = back_curve(b) if filled else neck_curve(b)
    outer = neck_curve(b, width)
    seam = Seam(neck_curve(b, width + 0.25), 0.2, 0.45, 0.8)
    inner = along(inner, 60)
    return Piece((between(inner, outer),), ids.NECKLINE, cloth, inside=True, relief=0.35, seams=(seam,))


def sleeve(b: Bodice, length: float, angle: float, cuff: float, puff: float = 0.0, raglan: float = 0.0) -> Piece:
    """Right sleeve: `angle` radians from straight down, `cuff` its width at the end, `puff` cm of bulge.

    raglan: 0 starts at the shoulder point, 1 at the neck.
    """
    d, n = np.array([np.sin(angle), np.cos(angle)]), np.array([-np.cos(angle), np.sin(angle)])
    start = b.tip * (1 - raglan) + np.array([b.neck, 0.0]) * raglan
    end = b.tip + d * length
    inner = end + n * cuff
    bow = 0.6 + 0.012 * length
    points: list[Point] = [(*start,)]
    if raglan:
        points.append((*(b.tip - n * 0.8), SOFT))
    points += [(*(b.tip + d * min(4, length / 3) - n * (0.5 + puff)), SOFT)]
    points += [(*(b.tip + d * length * 0.55 - n * (bow + puff)), SOFT), (*end,), (*inner,)]
    points += [(*((inner + b.pit) / 2 + n * puff * 0.3 + d * 0.3), SOFT), (*b.pit,)]
    middle = armhole(b)[1]
    hole = (start + b.pit) / 2 + [-1.5 - 2 * raglan, 1.0] if raglan else np.array(middle[:2])
    points.append((*hole, SOFT))
    seams = [
        Seam(np.stack([end - d * k, inner - d * k]), 0.18, 0.5, 0.8) for k in (2.2, 2.7) if length > 6 and not puff
    ]
    edge = spline([(*start,), (*hole, SOFT), (*b.pit,)], closed=False)
    seams.append(Seam(edge, 0.35, 0, 0.62))
    return Piece((spline(points),), ids.SLEEVE, grain=-angle * 0.9, seams=tuple(seams))


def cuff(b: Bodice, length: float, angle: float, width: float, depth: float, cloth: str = "rib") -> Piece:
    """Band at the end of the right sleeve, part of the sleeve."""
    d, n = np.array([np.sin(angle), np.cos(angle)]), np.array([-np.cos(angle), np.sin(angle)])
    end = b.tip + d * length
    corners = np.array([end, end + n * width, end + n * (width + 0.4) - d * depth, end - n * 0.4 - d * depth])
    return Piece((corners,), None, cloth, grain=-angle, relief=0.5, seams=(Seam(corners[2:], 0.3, 0, 0.7),))


def hem_band(b: Bodice, depth: float, cloth: str = "rib") -> Piece:
    """Ribbed or belted band at the bottom of the body."""
    low = spline([(-b.hem, b.length - b.rise), (0, b.length, SOFT), (b.hem, b.length - b.rise)], closed=False)
    up = low * [1.015, 1] - [0, depth]
    return Piece((between(low, up),), None, cloth, relief=0.6, seams=(Seam(up, 0.3, 0, 0.7),), inside=True)


def shirt_collar(b: Bodice, point: float = 7.0, spread: float = 5.0) -> list[Piece]:
    """Stand at the back and the two leaves of a turned-down collar: `point` how far the tips reach below the neck."""
    stand = symmetric(
        (0, -3.2, SOFT), (b.neck - 2, -2.6, SOFT), (b.neck + 0.3, 0.5), (b.neck * 0.6, 3.2, SOFT), (0, 4.2, SOFT)
    )
    shade = symmetric(
        (0, -1.6, SOFT), (b.neck - 2.4, -1.0, SOFT), (b.neck - 1.0, 1.0), (b.neck * 0.6, 3.4, SOFT), (0, 4.4, SOFT)
    )
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
    half = Piece(
        (leaf,), ids.COLLAR, "collar", relief=0.6, folds=0.4, grain=-0.3, seams=(Seam(edge[4:-4], 0.16, 0.45, 0.8),)
    )
    return [
        Piece((stand,), ids.COLLAR, "collar", tone=0.85, relief=0.5),
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


def front_opening(b: Bodice, gap: float, cloth: str = "lining") -> Piece:
    """Wedge of lining that shows where an open front parts by `gap` cm at the hem."""
    wedge = symmetric(
        (0, b.depth - 1),
        (gap * 0.2, b.depth),
        (gap * 0.7, b.length * 0.55, SOFT),
        (gap, b.length + 4),
        (0, b.length + 4),
    )
    return Piece((wedge,), None, cloth, tone=0.6, relief=0.6, inside=True)


def hood(b: Bodice, height: float = 29.0, width: float = 15.5) -> list[Piece]:
    """Hood lying above the neck: shell, dark inside and the drawstrings."""
    n = b.neck
    shell = symmetric(
        (0, -height, SOFT), (width * 0.62, -height * 0.93, SOFT), (width, -height * 0.5, SOFT),
        (width - 1.5, -4, SOFT), (n + 3.2, 3.5, SOFT), (n * 0.55, 8.6, SOFT), (0, 10.4),
    )  # fmt: skip
    mouth = symmetric(
        (0, -height * 0.78, SOFT), (width * 0.5, -height * 0.68, SOFT), (width * 0.62, -height * 0.34, SOFT),
        (n * 0.62, 0, SOFT), (n * 0.3, 4.5, SOFT), (0, 7.2),
    )  # fmt: skip
    rim = spline(
        mirrored(
            [
                (0, -height * 0.85, SOFT),
                (width * 0.57, -height * 0.74, SOFT),
                (width * 0.72, -height * 0.34, SOFT),
                (n * 0.74, 1, SOFT),
                (0, 8.6),
            ]
        )
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


def placket(b: Bodice, top: float, bottom: float, width: float = 3.0, buttons: int = 6) -> list[Piece]:
    """Button placket down the middle."""
    sides = [np.array([[s * width / 2, top], [s * width / 2, bottom]]) for s in (-1, 1)]
    seams = tuple(Seam(line, 0.2, 0, 0.72) for line in sides)
    band = Piece((box(-width / 2, top, width / 2, bottom),), relief=0.35, folds=0.8, inside=True, seams=seams)
    return [band, *button_row(top + 2, bottom - 4, buttons)] if buttons else [band]


def button_row(top: float, bottom: float, count: int, radius: float = 0.65, x: float = 0.0) -> list[Piece]:
    """Buttons at equal distances."""
    return [
        Piece((ellipse(x, y, radius, n=20),), None, "button", relief=0.35, folds=0)
        for y in np.linspace(top, bottom, count)
    ]


def longer(b: Bodice, length: float, hem: float) -> Bodice:
    """The same bodice with another length and hem."""
    return replace(b, length=length, hem=hem)
