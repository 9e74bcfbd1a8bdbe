"""Building blocks of upper garments: body, sleeves, neckline, collars, lapels, hood, closures. Pure geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import ids
from .shapes import SOFT, Piece, Point, Seam, along, between, both, box, ellipse, shifted, spline, symmetric


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


def armhole(b: Bodice, inset: float = 1.8) -> list[Point]:
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


def body(b: Bodice, label: int) -> Piece:
    """The front of an upper garment, its top edge along the back of the neck."""
    return Piece((symmetric((0, b.back, SOFT), *right_side(b)),), label, seams=hem_seams(b))


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
    bow = 0.2 + 0.012 * length
    points: list[Point] = [(*start,)]
    if raglan:
        points.append((*(b.tip - n * 0.8), SOFT))
    if puff > 0.4:
        points.append((*(b.tip + d * min(4, length / 3) - n * puff), SOFT))
    points += [(*(b.tip + d * length * 0.5 - n * (bow + puff)), SOFT), (*end,), (*inner,)]
    points += [(*((inner + b.pit) / 2 + n * puff * 0.3 + d * 0.3), SOFT), (*b.pit,)]
    middle = armhole(b)[1]
    hole = (start + b.pit) / 2 + [-1.5 - 2 * raglan, 1.0] if raglan else np.array(middle[:2])
    points.append((*hole, SOFT))
    seams = [
        Seam(np.stack([end - d * k, inner - d * k]), 0.18, 0.5, 0.8) for k in (2.2, 2.7) if length > 6 and not puff
    ]
    edge = spline([(*start,), (*hole, SOFT), (*b.pit,)], closed=False)
    seams.append(Seam(edge, 0.3, 0, 0.68))
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


def open_front(b: Bodice, gap: float, width: float, cloth: str = "rib") -> list[Piece]:
    """A front worn open: lining from the neck down to the hem, `gap` cm to each side there, and the bands along it."""
    edge = spline([(b.neck, 0), (gap * 0.8 + b.neck * 0.3, b.depth * 0.7, SOFT), (gap, b.length + 1)], closed=False)
    inside = Piece((between(edge, edge * [-1, 1]),), None, "lining", tone=0.6, relief=0.6, inside=True)
    back = Piece(
        (between(back_curve(b), back_curve(b) + [0, 2.5]),), None, "lining", tone=0.75, relief=0.3, inside=True
    )
    band = Piece((between(edge, shifted(edge, width)),), ids.NECKLINE, cloth, relief=0.5, inside=True)
    return [inside, back, *both(band)]


def placket(b: Bodice, top: float, bottom: float, width: float = 3.0, buttons: int = 6) -> list[Piece]:
    """Button placket down the middle: an edge and a line of stitches on either side, a buttonhole under each button."""
    half, heights = width / 2, np.linspace(top + 2, bottom - 4, buttons)
    edges = [Seam(np.array([[x, top], [x, bottom]]), 0.2, 0, 0.72) for x in (-half, half)]
    stitches = [Seam(np.array([[x, top], [x, bottom]]), 0.16, 0.4, 0.8) for x in (0.45 - half, half - 0.45)]
    holes = [Seam(np.array([[0, y - 1.1], [0, y + 1.1]]), 0.22, 0, 0.55) for y in heights]
    band = Piece(
        (box(-half, top, half, bottom),), relief=0.35, folds=0.8, inside=True, seams=(*edges, *stitches, *holes)
    )
    return [band, *(button(0, y) for y in heights)]


def button(x: float, y: float, radius: float = 0.65) -> Piece:
    """A button with its rim, sewn on through two holes."""
    thread = Seam(np.array([[x - 0.3 * radius, y], [x + 0.3 * radius, y]]), 0.28 * radius, 0, 0.45)
    rim = Seam(ellipse(x, y, 0.78 * radius, n=20), 0.12 * radius, 0, 0.8)
    return Piece((ellipse(x, y, radius, n=20),), None, "button", relief=0.5 * radius, folds=0, seams=(rim, thread))


def button_row(top: float, bottom: float, count: int, radius: float = 0.65, x: float = 0.0) -> list[Piece]:
    """Buttons at equal distances."""
    return [button(x, y, radius) for y in np.linspace(top, bottom, count)]
