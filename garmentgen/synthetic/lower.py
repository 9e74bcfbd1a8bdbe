"""Building blocks of lower and whole garments: trousers, skirts, legs and feet. Pure geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import ids
from .shapes import SOFT, Piece, Point, Seam, between, both, box, ellipse, sketch, spline, symmetric
from .upper import Bodice, armhole


@dataclass(frozen=True)
class Legs:
    """Half measures of trousers in cm; y runs down from the waist. spread: how far the legs stand apart at the hem."""

    waist: float = 20.0
    hip: float = 26.0
    crotch: float = 28.0
    length: float = 102.0
    knee: float = 11.5
    hem: float = 9.5
    spread: float = 5.0

    @property
    def outer(self) -> tuple[float, float]:
        """Outer end of the right hem."""
        return self.spread + 2 * self.hem, self.length - 0.6

    @property
    def inner(self) -> tuple[float, float]:
        """Inner end of the right hem."""
        return self.spread, self.length + 0.6


def leg_points(legs: Legs, top: float = 0.0) -> list[Point]:
    """Right half from the hip down around one leg to the crotch; `top` is the waist's y on the garment."""
    middle = top + (legs.crotch + legs.length) / 2
    mid_x = (legs.outer[0] + legs.inner[0]) / 2 * 0.5 + legs.hip * 0.27
    points: list[Point] = [(legs.hip, top + min(legs.crotch * 0.72, 20), SOFT)]
    if legs.length - legs.crotch > 30:
        points.append((mid_x + legs.knee, middle, SOFT))
    points += [(legs.outer[0], top + legs.outer[1]), (legs.inner[0], top + legs.inner[1])]
    if legs.length - legs.crotch > 30:
        points.append((max(mid_x - legs.knee, 1.2), middle, SOFT))
    points.append((0, top + legs.crotch))
    return points


def trousers(legs: Legs, label: int, dip: float = 1.0) -> Piece:
    """Trousers or shorts, lying flat."""
    fly = spline([(0.2, 4), (3.6, 5, SOFT), (3.4, legs.crotch * 0.5, SOFT), (0.2, legs.crotch * 0.68)], closed=False)
    out, inn = np.array(legs.outer), np.array(legs.inner)
    hems = [Seam(np.stack([out, inn]) * [sign, 1] - [0, k], 0.18, 0.5, 0.78) for sign in (-1, 1) for k in (2.2, 2.8)]
    seams = (Seam(np.array([[0, 4], [0, legs.crotch]]), 0.3, 0, 0.6), Seam(fly, 0.2, 0.5, None), *hems)
    return Piece((symmetric((0, dip, SOFT), (legs.waist, 0), *leg_points(legs)),), label, seams=seams)


def trouser_inside(legs: Legs, dip: float = 1.0) -> Piece:
    """The inside of the back that shows above the front waist."""
    edge = symmetric((0, dip - 1.6, SOFT), (legs.waist - 0.2, 0), (0, dip + 1.0, SOFT))
    return Piece((edge,), None, "lining", tone=0.6, relief=0.5)


def waistband(waist: float, hip: float, depth: float = 3.6, dip: float = 1.0, cloth: str = "main") -> list[Piece]:
    """Waistband following the dip, with a button (cloth "main") or gathered (cloth "rib")."""
    top = spline([(-waist, 0), (0, dip, SOFT), (waist, 0)], closed=False)
    grow = 1 + (hip - waist) / waist * depth / 20
    low = top * [grow, 1] + [0, depth]
    seams = (Seam(low, 0.35, 0, 0.6), Seam(low + [0, 0.5], 0.18, 0.5, None))
    gathers = 0.0 if cloth == "main" else 40.0
    return [Piece((between(top, low),), None, cloth, relief=0.5, seams=seams, gathers=gathers, inside=True)]


def belt_loops(waist: float, depth: float = 3.6, dip: float = 1.0) -> list[Piece]:
    """Loops on the waistband."""
    loops = []
    for x in (0.34, 0.72):
        y = dip * (1 - x**2) - 0.5
        loops += both(Piece((box(x * waist - 0.7, y, x * waist + 0.7, y + depth + 1.2),), relief=0.3, folds=0))
    return loops


def jeans_pockets(legs: Legs, top: float = 3.6, width: float = 12.0, depth: float = 10.0) -> list[Piece]:
    """Curved front pockets: the bag's outline down to its slanted mouth."""
    x = legs.waist + (legs.hip - legs.waist) * 0.25
    mouth = spline(
        [(x - width, top + 0.4), (x - width + 2, top + depth * 0.7, SOFT), (x + 3.5, top + depth)], closed=False
    )
    shape = np.concatenate([mouth, [[x + 1, top]]])
    seams = (Seam(mouth, 0.3, 0, 0.55), Seam(mouth + [-0.5, 0.5], 0.18, 0.5, None))
    return both(Piece((shape,), ids.POCKET, relief=0.3, seams=seams, inside=True))


def skirt_points(
    waist: float, hip: float, hem: float, length: float, top: float = 0.0, sweep: float = 3.0
) -> list[Point]:
    """Right half of a skirt from hip to the middle of the hem; sweep: how much the hem sags in the middle."""
    return [
        (waist + (hip - waist) * 0.8, top + length * 0.22, SOFT),
        (hem - (hem - hip) * 0.28, top + length * 0.72, SOFT),
        (hem, top + length - sweep),
        (hem * 0.5, top + length - sweep * 0.25, SOFT),
        (0, top + length, SOFT),
    ]


def skirt(waist: float, hip: float, hem: float, length: float, gathers: float = 0.0, sweep: float = 3.0) -> Piece:
    """Skirt, from pencil (hem < hip) to circle (hem > 2 waist)."""
    outline = symmetric((0, 1, SOFT), (waist, 0), *skirt_points(waist, hip, hem, length, 0, sweep))
    flare = max(hem - waist, 1.0)
    apex = (0.0, -waist * length / flare)
    line = spline([(-hem, length - sweep), (0, length, SOFT), (hem, length - sweep)], closed=False)
    seams = (Seam(line - [0, 2], 0.18, 0.5, 0.8),)
    return Piece((outline,), ids.SKIRT, gathers=gathers, apex=apex, seams=seams)


def dress_body(b: Bodice, waist_at: float, hip: float, sweep: float = 3.0, gathers: float = 0.0) -> list[Piece]:
    """Dress front: bodice to the waist, then a skirt; the skirt part carries the gathers."""
    length = b.length - waist_at
    lower = skirt_points(b.waist, hip, b.hem, length, waist_at, sweep)
    upper: list[Point] = [(b.neck, 0), *armhole(b), (b.waist, waist_at, SOFT)]
    whole = symmetric((0, b.back, SOFT), *upper, *lower)
    skirt_part = symmetric((0, waist_at + 0.6, SOFT), (b.waist + 0.4, waist_at), *lower)
    flare = max(b.hem - b.waist, 1.0)
    seam = spline([(-b.waist, waist_at), (0, waist_at + 0.6, SOFT), (b.waist, waist_at)], closed=False)
    hem = spline([(-b.hem, b.length - sweep), (0, b.length, SOFT), (b.hem, b.length - sweep)], closed=False)
    return [
        Piece((whole,), ids.DRESS),
        Piece(
            (skirt_part,), None, gathers=gathers, apex=(0.0, waist_at - b.waist * length / flare), relief=0.7,
            inside=True,
            seams=(Seam(seam, 0.35, 0, 0.6), Seam(hem - [0, 1.8], 0.18, 0.5, 0.8)),
        ),
    ]  # fmt: skip


def jumpsuit_body(b: Bodice, legs: Legs, top: float) -> Piece:
    """Bodice that goes on in legs; `top` is the waist's y."""
    upper: list[Point] = [(0, b.back, SOFT), (b.neck, 0), *armhole(b), (b.waist, top, SOFT)]
    middle = np.array([[0, b.depth], [0, top + legs.crotch]])
    waist = spline([(-b.waist, top), (0, top + 0.8, SOFT), (b.waist, top)], closed=False)
    return Piece(
        (symmetric(*upper, *leg_points(legs, top)),),
        ids.JUMPSUIT,
        seams=(Seam(middle, 0.3, 0, 0.65), Seam(waist, 0.4, 0, 0.6)),
    )


def tights(hip: float, crotch: float, length: float, ankle: float, spread: float) -> list[Piece]:
    """Tights: a waistband and two long legs with feet."""
    knee = crotch + (length - crotch) * 0.5
    outline = symmetric(
        (0, 0.6, SOFT), (hip * 0.74, 0), (hip, crotch * 0.7, SOFT), (spread * 0.5 + hip * 0.72, knee, SOFT),
        (spread + ankle * 2, length - 16, SOFT), (spread + ankle * 2.2, length - 8, SOFT),
        (spread + ankle * 2.9, length - 1.5, SOFT),
        (spread + ankle * 1.4, length, SOFT), (spread + ankle * 0.1, length - 7, SOFT), (spread, length - 16, SOFT),
        (spread * 0.5 + hip * 0.16, knee, SOFT), (0, crotch),
    )  # fmt: skip
    toe = between(np.array([[0, length - 5], [60, length - 6]]), np.array([[0, length + 2], [60, length + 2]]))
    band = waistband(hip * 0.74, hip, 4, 0.6, "rib")
    panty = np.array([[-60, crotch + 9], [60, crotch + 9]])
    return [
        Piece((outline,), ids.TIGHTS, relief=1.2, seams=(Seam(panty, 0.6, 0, 0.85),)),
        Piece((toe,), None, tone=0.85, relief=0.1, inside=True),
        Piece((toe * [-1, 1],), None, tone=0.85, relief=0.1, inside=True),
        *band,
    ]


def stocking(top: float, length: float, ankle: float) -> list[Piece]:
    """One stocking with a lace top, foot to the right."""
    leg = sketch("1,0 .8,.4~", top, length)
    foot = [(x * ankle, length - y, SOFT) for x, y in ((1, 14), (3, 5), (3, 0.5), (0.4, 0), (-1.1, 4), (-1, 14))]
    outline = spline([*sketch("-1,0", top), *leg, *foot, (-top * 0.8, length * 0.4, SOFT)])
    seam = Seam(np.array([[-top - 1, 9.0], [top + 1, 9.0]]), 0.4, 0, 0.7)
    lace = Piece((box(-top - 1, -1, top + 1, 9),), None, "lace", relief=0.3, inside=True, seams=(seam,))
    return [Piece((outline,), ids.TIGHTS, relief=1.2), lace]


def sock(width: float, leg: float, foot: float, cuff: float = 4.0) -> list[Piece]:
    """One sock with cuff, heel and toe, foot to the right."""
    w, toe = width, foot - width
    instep = [
        (w + 1, leg - 2, SOFT),
        (foot * 0.55, leg + 1.5, SOFT),
        (toe, leg + 4, SOFT),
        (toe + 3.5, leg + 8.5, SOFT),
    ]
    sole = [(toe - 1, leg + 12, SOFT), (foot * 0.45, leg + 11, SOFT), (0, leg + 10.4, SOFT), (-w + 0.2, leg + 6, SOFT)]
    back = [(-w * 1.02, leg - 2, SOFT), (-w * 0.94, leg * 0.5, SOFT)]
    outline = spline([(-w, 0), (w, 0), (w * 0.92, leg * 0.55, SOFT), *instep, *sole, *back])
    edge = Seam(np.array([[-w - 1, cuff], [w + 1, cuff]]), 0.25, 0, 0.7)
    return [
        Piece((outline,), ids.SOCK, relief=1.4),
        Piece((ellipse(-w * 0.55, leg + 9.0, w * 0.95, 5.2),), None, "accent", relief=0.2, inside=True),
        Piece((ellipse(toe + 3.4, leg + 8.5, 5.2, 6.5),), None, "accent", relief=0.2, inside=True),
        Piece((box(-w - 1, -1, w + 1, cuff),), None, "rib", relief=0.4, inside=True, seams=(edge,)),
    ]


def leg_warmer(top: float, ankle: float, length: float) -> list[Piece]:
    """One knitted tube with ribbed ends."""
    side = [(top, 0), (top * 0.92, length * 0.4, SOFT), (ankle, length - 6, SOFT), (ankle * 1.15, length)]
    outline = symmetric((0, 0.8, SOFT), *side, (0, length + 0.8, SOFT))
    ends = ((-1, 5), (length - 6, length + 2))
    bands = [Piece((box(-30, a, 30, b),), None, "rib", relief=0.5, inside=True) for a, b in ends]
    return [Piece((outline,), ids.LEG_WARMER, relief=1.6), *bands]
