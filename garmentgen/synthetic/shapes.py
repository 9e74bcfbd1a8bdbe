"""Geometry of drawn garments: smooth outlines, pieces of cloth and the seams on them.

Everything is in centimetres, x = 0 is the wearer's middle, y runs down. Points are (x, y) for a corner and
(x, y, SOFT) where the outline passes smoothly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

SOFT = 1
Point = Sequence[float]


@dataclass(frozen=True)
class Seam:
    """A line on a piece: points float [N, 2], width and dash length in cm (dash 0 = a whole line).

    `tone` multiplies the cloth's brightness under the line; None draws it in the colour of the cloth `thread`.
    """

    points: np.ndarray
    width: float = 0.25
    dash: float = 0.0
    tone: float | None = 0.7
    thread: str = "thread"


@dataclass(frozen=True)
class Piece:
    """One piece of cloth: closed outlines, filled by the even-odd rule (so an inner outline is a hole).

    label: class id, or None for a detail that belongs to the garment below it.
    cloth: key of the garment's cloths. grain: radians by which the cloth is turned. tone: brightness factor.
    relief: cm over which the border rounds off and casts a shadow. folds: how much the garment's folds show.
    gathers: number of folds that radiate from `apex` (cm).
    inside: cut the piece at the silhouette of what its garment has painted so far.
    """

    outlines: tuple[np.ndarray, ...]
    label: int | None = None
    cloth: str = "main"
    grain: float = 0.0
    tone: float = 1.0
    relief: float = 1.0
    folds: float = 1.0
    gathers: float = 0.0
    apex: tuple[float, float] = (0.0, -60.0)
    inside: bool = False
    seams: tuple[Seam, ...] = ()

    @property
    def keys(self) -> list[str]:
        """Keys of all cloths it is painted with."""
        return [self.cloth, *(seam.thread for seam in self.seams)]


@dataclass(frozen=True)
class Garment:
    """A class id, its pieces from bottom to top, the name of its main fabric, and where folds radiate from (cm)."""

    label: int
    pieces: tuple[Piece, ...]
    fabrics: dict[str, float] = field(default_factory=dict)
    stress: tuple[tuple[float, float], ...] = ()
    stiffness: float = 1.0

    def points(self) -> np.ndarray:
        """All outlines' points that can show, float [N, 2]."""
        return np.concatenate([o for p in self.pieces if not p.inside for o in p.outlines])


def spline(points: Iterable[Point], closed: bool = True, samples: int = 32) -> np.ndarray:
    """Curve through the points, float [N, 2]: straight between corners, cubic Hermite through SOFT points."""
    items = [(float(p[0]), float(p[1]), len(p) > 2) for p in points]
    xy = np.array([i[:2] for i in items])
    soft = np.array([i[2] for i in items])
    n = len(xy)
    ahead, behind = np.roll(xy, -1, 0) - xy, xy - np.roll(xy, 1, 0)
    out, back = np.hypot(*ahead.T)[:, None] + 1e-9, np.hypot(*behind.T)[:, None] + 1e-9
    unit = ahead / out * back + behind / back * out  # direction at a point, the nearer neighbour counting more
    unit /= np.hypot(*unit.T)[:, None] + 1e-9
    t = np.linspace(0, 1, samples, endpoint=False)[:, None]
    pieces = []
    for i in range(n if closed else n - 1):
        j = (i + 1) % n
        a, b, chord = xy[i], xy[j], ahead[i]
        inner_a, inner_b = soft[i] and (closed or i > 0), soft[j] and (closed or j < n - 1)
        if not inner_a and not inner_b:
            pieces.append(a[None])
            continue
        ta, tb = unit[i] * out[i], unit[j] * out[i]
        ta = ta if inner_a else (3 * chord - tb) / 2  # natural end: no curvature at a corner
        tb = tb if inner_b else (3 * chord - ta) / 2
        blend_a, blend_b = (2 * t**3 - 3 * t**2 + 1) * a, (3 * t**2 - 2 * t**3) * b
        pieces.append(blend_a + (t**3 - 2 * t**2 + t) * ta + blend_b + (t**3 - t**2) * tb)
    if not closed:
        pieces.append(xy[-1:])
    return np.concatenate(pieces)


def sketch(text: str, width: float = 1.0, height: float = 1.0) -> list[Point]:
    """Points written as "x,y x,y~ ...", ~ marking smooth ones, scaled by width and height."""
    points: list[Point] = []
    for word in text.split():
        x, y = map(float, word.rstrip("~").split(","))
        points.append((x * width, y * height, SOFT) if word.endswith("~") else (x * width, y * height))
    return points


def mirrored(half: Iterable[Point]) -> list[Point]:
    """Points of the right half, from axis to axis, completed by their mirror image."""
    half = list(half)
    return half + [(-p[0], *p[1:]) for p in reversed(half) if abs(p[0]) > 1e-9]


def arch(*half: Point) -> np.ndarray:
    """Open curve from left to right from the points of its right half, the first of them on the axis."""
    return spline([(-p[0], *p[1:]) for p in reversed(half[1:])] + list(half), closed=False)


def symmetric(*half: Point) -> np.ndarray:
    """Closed outline from the points of its right half."""
    return spline(mirrored(half))


def flip(piece: Piece) -> Piece:
    """Mirror image of a piece."""
    sign = np.array([-1.0, 1.0])
    return replace(
        piece,
        outlines=tuple(o * sign for o in piece.outlines),
        grain=-piece.grain,
        apex=(-piece.apex[0], piece.apex[1]),
        seams=tuple(replace(s, points=s.points * sign) for s in piece.seams),
    )


def both(*pieces: Piece) -> list[Piece]:
    """The pieces and their mirror images."""
    return [q for p in pieces for q in (p, flip(p))]


def moved(piece: Piece, dx: float = 0.0, dy: float = 0.0, angle: float = 0.0, scale: float = 1.0) -> Piece:
    """Scale, then turn (radians, clockwise on screen) about the origin, then shift a piece."""
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    matrix, shift = np.array([[c, s], [-s, c]]), np.array([dx, dy])
    apex = np.array(piece.apex) @ matrix + shift
    return replace(
        piece,
        outlines=tuple(o @ matrix + shift for o in piece.outlines),
        grain=piece.grain + angle,
        apex=(float(apex[0]), float(apex[1])),
        seams=tuple(replace(s, points=s.points @ matrix + shift) for s in piece.seams),
    )


def placed(
    pieces: Iterable[Piece], dx: float = 0.0, dy: float = 0.0, angle: float = 0.0, scale: float = 1.0
) -> list[Piece]:
    """Several pieces `moved` together."""
    return [moved(piece, dx, dy, angle, scale) for piece in pieces]


def ellipse(x: float, y: float, rx: float, ry: float | None = None, power: float = 2.0, n: int = 40) -> np.ndarray:
    """Superellipse around (x, y): power 1 is a diamond, 2 an ellipse, 4 nearly a rectangle."""
    t = np.arange(n) * (2 * np.pi / n)
    c, s = np.cos(t), np.sin(t)
    ry = rx if ry is None else ry
    return np.stack([x + rx * np.sign(c) * abs(c) ** (2 / power), y + ry * np.sign(s) * abs(s) ** (2 / power)], 1)


def box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    """Rectangle."""
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


def along(path: np.ndarray, n: int) -> np.ndarray:
    """n points at equal distances along an open path, float [n, 2]."""
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = np.linspace(0, length[-1], n)
    return np.stack([np.interp(at, length, path[:, k]) for k in (0, 1)], 1)


def normals(path: np.ndarray) -> np.ndarray:
    """Unit normals of an open path, pointing to its left on screen (up, for a path that runs right)."""
    d = np.gradient(path, axis=0)
    d /= np.hypot(*d.T)[:, None] + 1e-9
    return np.stack([d[:, 1], -d[:, 0]], 1)


def strip(path: np.ndarray, width: float | np.ndarray, n: int = 40) -> np.ndarray:
    """Band of a given width (cm; a number or one for each of the n points) along an open path."""
    path = along(path, n)
    half = normals(path) * (np.broadcast_to(width, n)[:, None] / 2)
    return np.concatenate([path + half, (path - half)[::-1]])


def between(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Closed outline between two open paths that run the same way."""
    return np.concatenate([first, second[::-1]])


def shifted(path: np.ndarray, distance: float) -> np.ndarray:
    """Path moved to its left (negative: right) by a distance in cm."""
    return path + normals(path) * distance


def star(x: float, y: float, outer: float, inner: float, tips: int, angle: float = 0.0) -> np.ndarray:
    """Star with so many tips."""
    t = np.arange(2 * tips) * (np.pi / tips) + angle - np.pi / 2
    r = np.where(np.arange(2 * tips) % 2, inner, outer)
    return np.stack([x + r * np.cos(t), y + r * np.sin(t)], 1)
