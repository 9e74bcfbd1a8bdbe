"""Ties, gloves, watches and belts. Pure geometry from a few numbers, cm."""

from __future__ import annotations

import numpy as np

from . import ids
from .shapes import SOFT, Piece, Seam, along, both, box, ellipse, moved, shifted, sketch, spline, strip, symmetric
from .trims import buckle, studs


def necktie(length: float, width: float) -> list[Piece]:
    """Tied tie: loop, knot, blade."""
    w = width / 2
    loop = (ellipse(0, -13, 7.6, 12), ellipse(0, -14, 6.0, 10.6))
    tail = spline([(-1.2, 2), (2.6, 2), (w * 0.5 + 2.2, length * 0.8), (w * 0.4 + 1, length * 0.85), (0, length * 0.8)])
    blade = spline([(-1.7, 2), (1.7, 2), (w, length - w * 1.1), (0, length), (-w, length - w * 1.1)])
    knot = spline([(-3.2, -3.0), (0, -3.4, SOFT), (3.2, -3.0), (2.0, 3.0), (0, 3.4, SOFT), (-2.0, 3.0)])
    return [
        Piece(loop, ids.TIE, relief=0.7, folds=0.5),
        Piece((tail,), ids.TIE, tone=0.85, relief=0.6, folds=0.5),
        Piece((blade,), ids.TIE, relief=0.9, folds=0.6, grain=0.78),
        Piece((knot,), ids.TIE, relief=1.0, grain=-0.5, folds=0.6),
    ]


def bow_tie(width: float, height: float) -> list[Piece]:
    """Bow tie with its neck strap."""
    w, h = width / 2, height / 2
    wing = spline(
        [
            (0.6, -h * 0.35),
            (w * 0.55, -h * 0.7, SOFT),
            (w, -h),
            (w * 0.97, 0, SOFT),
            (w, h),
            (w * 0.55, h * 0.7, SOFT),
            (0.6, h * 0.35),
        ]
    )
    strap = box(-w * 1.9, -h * 0.22, w * 1.9, h * 0.22)
    return [
        Piece((strap,), ids.TIE, relief=0.4, folds=0.5),
        *both(Piece((wing,), ids.TIE, relief=0.8, gathers=4, apex=(0, 0))),
        Piece((ellipse(0, 0, 1.3, h * 0.48, 4),), ids.TIE, relief=0.6),
    ]


def fingers(width: float, length: float) -> list[np.ndarray]:
    """Four fingers of a right hand, pointing up."""
    w, outlines = width / 2, []
    for x, top, half in ((-0.74, -0.36, 0.30), (-0.26, -0.47, 0.31), (0.26, -0.43, 0.30), (0.73, -0.29, 0.26)):
        tip = top * length
        up = sketch("-.95,.62~ -.7,.94~ 0,1~ .7,.94~ .95,.62~", half * w * 0.92, tip)
        finger = spline([(-half * w * 0.92, 3), *up, (half * w * 0.92, 3)])
        outlines.append(moved(Piece((finger,)), x * w, 0.0, x * 0.10).outlines[0])
    return outlines


def glove(width: float, length: float, mitten: bool) -> list[Piece]:
    """Right glove, fingers up, thumb to the left."""
    w, palm = width / 2, length * 0.52
    hand = (
        "-1,.52 -1.05,0~ -.9,-.32~ 0,-.48~ .95,-.3~ 1.05,0~ .94,.52"
        if mitten
        else "-1,.52 -1.02,0~ -1,-.1 1,-.08 1.03,.1~ .92,.52"
    )
    thumb = spline(sketch("-.4,.22 -.98,.28 -1.55,.02~ -1.62,-.14~ -1.32,-.17~ -1.05,-.02~ -.5,.05~", w, length))
    ribbed = box(-w * 1.06, palm - 1, w * 1.0, palm + length * 0.2)
    backs = [np.array([[x * w, -length * 0.02], [x * w * 0.8, length * 0.2]]) for x in (-0.45, 0, 0.45)]
    seams = () if mitten else tuple(Seam(line, 0.2, 0, 0.7) for line in backs)
    tops = [] if mitten else fingers(width, length)
    return [
        *[Piece((o,), ids.GLOVE, relief=0.9, folds=0.6) for o in (thumb, *tops)],
        Piece((spline(sketch(hand, w, length)),), ids.GLOVE, relief=1.0, folds=0.6, seams=seams),
        Piece((ribbed,), ids.GLOVE, "rib", relief=0.6, seams=(Seam(ribbed[:2], 0.3, 0, 0.65),)),
    ]


def dial(radius: float, power: float) -> list[Piece]:
    """Case and face of a watch, with hands and hour marks."""
    r = radius
    turns = np.arange(12) * np.pi / 6
    lines = [np.array([[0, 0], [0.38, -0.3]]), np.array([[0, 0], [-0.1, -0.62]])]
    lines += [np.outer([0.6, 0.72], [np.sin(a), np.cos(a)]) for a in turns]
    seams = tuple(Seam(line * r, 0.14, 0, 0.15) for line in lines)
    return [
        Piece((box(r * 0.9, -0.25, r * 1.2, 0.25),), ids.WATCH, "metal", relief=0.15, folds=0),
        Piece((ellipse(0, 0, r, r, power),), ids.WATCH, "metal", relief=0.35, folds=0),
        Piece((ellipse(0, 0, r * 0.82, r * 0.82, power),), None, "dial", relief=0.12, folds=0, seams=seams),
    ]


def watch(strap: float, case: float, length: float, square: bool) -> list[Piece]:
    """Wrist watch lying open: strap with holes and buckle, case, dial with hands."""
    w, end = strap / 2, length / 2
    sides = [(w, -case), (w, case), (w * 0.75, end - 1), (0, end, SOFT), (-w * 0.75, end - 1), (-w, case), (-w, -case)]
    band = spline([(-w * 0.8, -end), (w * 0.8, -end), *sides])
    stitch = Seam(shifted(along(band, 80), -0.25), 0.1, 0.25, None)
    holes = np.array([[0.0, y] for y in np.linspace(length * 0.26, length * 0.42, 5)])
    return [
        Piece((band,), ids.WATCH, "strap", relief=0.4, folds=0.1, seams=(stitch,)),
        Piece(studs(holes, 0.14).outlines, None, "strap", tone=0.3, relief=0.1, folds=0),
        *dial(case, 5.0 if square else 2.0),
        *[moved(p, 0, -end - 0.1, np.pi / 2) for p in buckle(1.7, strap * 1.15)],
    ]


def belt(length: float, width: float, bend: float, stud_count: int = 0) -> list[Piece]:
    """Belt laid out with a gentle bend, buckle at its left end, holes at its right."""
    x = np.linspace(-length / 2, length / 2, 60)
    path = np.stack([x, bend * np.cos(x / length * np.pi) + bend * 0.35 * np.sin(x / length * 2 * np.pi)], 1)
    seams = tuple(Seam(shifted(path, k * width * 0.38), 0.12, 0.4, None) for k in (-1, 1))
    tip = ellipse(path[-1, 0], path[-1, 1], width * 0.75, width / 2, 2.6)
    line = along(path, 200)
    turn = float(np.arctan2(*(line[1] - line[0])[::-1]))
    pieces = [
        Piece((tip,), ids.BELT, "strap", relief=0.35, folds=0.1),
        Piece((strip(path, width, 60),), ids.BELT, "strap", relief=0.5, folds=0.15, seams=seams),
        Piece(studs(line[[170, 176, 182, 188]], 0.22).outlines, None, "strap", tone=0.3, relief=0.1, folds=0),
    ]
    if stud_count:
        rows = [shifted(line[20:160], k * width * 0.22)[:: max(140 // stud_count, 2)] for k in (-1, 1)]
        pieces.append(studs(np.concatenate(rows), min(width * 0.13, 0.6)))
    loop = Piece((box(-0.6, -width * 0.6, 0.6, width * 0.6),), None, "strap", relief=0.3, folds=0)
    pieces.append(moved(loop, line[9, 0], line[9, 1], turn))
    return pieces + [moved(p, line[1, 0], line[1, 1], turn) for p in buckle(width * 1.3, width * 1.5)]


def coiled_belt(radius: float, width: float) -> list[Piece]:
    """Belt rolled up, seen from the side a little above: rings inside one another."""
    pieces = []
    for k, share in enumerate((1.0, 0.86)):
        r = radius * share
        ring = (
            np.concatenate([ellipse(0, -width * 0.3 * k, r, r * 0.42)]),
            ellipse(0, -width * 0.3 * k, r * 0.93, r * 0.37),
        )
        wall = symmetric(
            (0, r * 0.42, SOFT),
            (r * 0.7, r * 0.3, SOFT),
            (r, 0),
            (r, width),
            (r * 0.7, r * 0.3 + width, SOFT),
            (0, r * 0.42 + width, SOFT),
        )
        pieces = [
            Piece(ring, ids.BELT, "strap", tone=0.8, relief=0.4, folds=0.1),
            Piece((wall,), ids.BELT, "strap", relief=0.8, folds=0.1),
            *pieces,
        ]
    front = radius * 0.42 + width / 2
    return [*pieces, *[moved(p, 0, front) for p in buckle(width * 1.4, width * 1.35)]]
