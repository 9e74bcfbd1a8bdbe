"""Accessories: hats, bags, scarves, gloves, belts, ties, glasses, watches, umbrellas. Pure geometry from a few numbers."""

from __future__ import annotations

import numpy as np

from . import ids
from .shapes import (
    SOFT,
    Piece,
    Seam,
    along,
    between,
    both,
    box,
    ellipse,
    mirrored,
    moved,
    normals,
    shifted,
    spline,
    strip,
    symmetric,
)
from .trims import buckle, fringe, studs, zipper


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
    rows = tuple(Seam(shifted(along(spline(mirrored([(0, visor * k, SOFT), (w * 0.62, visor * k * 0.9, SOFT), (w, visor * k * 0.42)]), closed=False), 40), 0), 0.15, 0.4, 0.8) for k in (0.95, 0.75, 0.55, 0.35))  # fmt: skip
    return [
        Piece((dome,), ids.HAT, relief=2.0, seams=tuple(seams), folds=0.6),
        Piece((bill,), None, "collar", relief=0.9, folds=0.25, seams=rows),
        Piece((ellipse(0, -height + 0.2, 0.9, 0.7),), None, "collar", relief=0.4, folds=0),
    ]


def brimmed_hat(crown: float, height: float, brim: float, dip: float, pinch: float = 1.2) -> list[Piece]:
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
        (crown * 0.45, -height - 0.3, SOFT),
        (crown * 0.86, -height + 1.6, SOFT),
        (crown, 0),
        (0, dip * 0.42, SOFT),
    )
    band = np.array([(x, dip * 0.42 * (1 - (x / crown) ** 2) - 1.6) for x in np.linspace(-crown, crown, 24)])
    edge = Seam(np.concatenate([plate, plate[:1]]) * [0.96, 0.93], 0.18, 0.4, 0.8)
    return [
        Piece((plate,), ids.HAT, relief=1.0, folds=0.5, seams=(edge,)),
        Piece((top,), None, relief=1.8, folds=0.5),
        Piece((strip(band * [0.985, 1], 3.2),), ids.RIBBON, "satin", relief=0.4, folds=0.2),
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
    """Stretch band lying flat, its far side showing above."""
    w, h = width / 2, height
    far = symmetric((0, -h * 0.75, SOFT), (w * 0.8, -h * 0.55, SOFT), (w, 0, SOFT), (0, h * 0.3, SOFT))
    near = symmetric(
        (0, h * 0.1, SOFT),
        (w * 0.7, -h * 0.12, SOFT),
        (w, -h * 0.1, SOFT),
        (w * 0.96, h * 0.6, SOFT),
        (w * 0.6, h, SOFT),
        (0, h * 1.15, SOFT),
    )
    return [
        Piece((far,), ids.HEADBAND, "lining", tone=0.75, relief=0.8),
        Piece((near,), ids.HEADBAND, relief=1.2, gathers=5),
    ]


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


def glove(width: float, length: float, mitten: bool) -> list[Piece]:
    """Right glove, fingers up, thumb to the left."""
    w, palm = width / 2, length * 0.52
    if mitten:
        outline = spline(
            [
                (-w, palm),
                (-w * 1.05, 0, SOFT),
                (-w * 0.9, -length * 0.32, SOFT),
                (0, -length * 0.48, SOFT),
                (w * 0.95, -length * 0.3, SOFT),
                (w * 1.05, 0, SOFT),
                (w * 0.94, palm),
            ]
        )
        hand = [outline]
    else:
        tips = ((-0.74, -0.36, 0.30), (-0.26, -0.47, 0.31), (0.26, -0.43, 0.30), (0.73, -0.29, 0.26))
        hand = [
            spline(
                [
                    (-w, palm),
                    (-w * 1.02, 0, SOFT),
                    (-w, -length * 0.1),
                    (w, -length * 0.08),
                    (w * 1.03, length * 0.1, SOFT),
                    (w * 0.92, palm),
                ]
            )
        ]
        for x, top, half in tips:
            r, lean = half * w * 0.92, x * 0.10
            finger = spline(
                [
                    (-r, 3),
                    (-r * 0.95, top * length * 0.6 + 1, SOFT),
                    (-r * 0.7, top * length + 0.8, SOFT),
                    (0, top * length, SOFT),
                    (r * 0.7, top * length + 0.8, SOFT),
                    (r * 0.95, top * length * 0.6 + 1, SOFT),
                    (r, 3),
                ]
            )
            hand.append(moved(Piece((finger,)), x * w, 0.0, lean).outlines[0])
    thumb = spline(
        [
            (-w * 0.4, length * 0.22),
            (-w * 0.98, length * 0.28),
            (-w * 1.55, length * 0.02, SOFT),
            (-w * 1.62, -length * 0.14, SOFT),
            (-w * 1.32, -length * 0.17, SOFT),
            (-w * 1.05, -length * 0.02, SOFT),
            (-w * 0.5, length * 0.05, SOFT),
        ]
    )
    ribbed = box(-w * 1.06, palm - 1, w * 1.0, palm + length * 0.2)
    backs = tuple(
        Seam(np.array([[x * w, -length * 0.02], [x * w * 0.8, length * 0.2]]), 0.2, 0, 0.7)
        for x in (-0.45, 0, 0.45)
        if not mitten
    )
    return [
        Piece((thumb,), ids.GLOVE, relief=0.9, folds=0.6),
        *[Piece((o,), ids.GLOVE, relief=0.9, folds=0.6) for o in hand[1:]],
        Piece((hand[0],), ids.GLOVE, relief=1.0, folds=0.6, seams=backs),
        Piece((ribbed,), ids.GLOVE, "rib", relief=0.6, seams=(Seam(ribbed[:2], 0.3, 0, 0.65),)),
    ]


def watch(strap: float, case: float, length: float, square: bool) -> list[Piece]:
    """Wrist watch lying open: strap with holes and buckle, case, dial with hands."""
    w, power = strap / 2, 5.0 if square else 2.0
    band = spline(
        [
            (-w * 0.8, -length / 2),
            (w * 0.8, -length / 2),
            (w, -case),
            (w, case),
            (w * 0.75, length / 2 - 1),
            (0, length / 2, SOFT),
            (-w * 0.75, length / 2 - 1),
            (-w, case),
            (-w, -case),
        ]
    )
    hands = (
        Seam(np.array([[0, 0], [case * 0.38, -case * 0.3]]), 0.18, 0, 0.15),
        Seam(np.array([[0, 0], [-case * 0.1, -case * 0.62]]), 0.12, 0, 0.15),
    )
    marks = tuple(
        Seam(np.array([[np.sin(a), np.cos(a)]]) * case * np.array([[0.6], [0.72]]), 0.12, 0, 0.2)
        for a in np.arange(12) * np.pi / 6
    )
    holes = np.array([[0.0, y] for y in np.linspace(length * 0.26, length * 0.42, 5)])
    return [
        Piece(
            (band,),
            ids.WATCH,
            "strap",
            relief=0.4,
            folds=0.1,
            seams=(Seam(shifted(along(band, 80), -0.25), 0.1, 0.25, None),),
        ),
        Piece(studs(holes, 0.14).outlines, None, "strap", tone=0.3, relief=0.1, folds=0),
        Piece((box(case * 0.9, -0.25, case * 1.2, 0.25),), ids.WATCH, "metal", relief=0.15, folds=0),
        Piece((ellipse(0, 0, case, case, power),), ids.WATCH, "metal", relief=0.35, folds=0),
        Piece(
            (ellipse(0, 0, case * 0.82, case * 0.82, power),),
            None,
            "dial",
            relief=0.12,
            folds=0,
            seams=(*marks, *hands),
        ),
        *[moved(p, 0, -length / 2 - 0.1, np.pi / 2) for p in buckle(1.7, strap * 1.15)],
    ]


def belt(length: float, width: float, bend: float, stud_count: int = 0) -> list[Piece]:
    """Belt laid out with a gentle bend, buckle at its left end, holes at its right."""
    x = np.linspace(-length / 2, length / 2, 60)
    path = np.stack([x, bend * np.cos(x / length * np.pi) + bend * 0.35 * np.sin(x / length * 2 * np.pi)], 1)
    seams = tuple(Seam(shifted(path, k * width * 0.38), 0.12, 0.4, None) for k in (-1, 1))
    tip = ellipse(*path[-1], width * 0.75, width / 2, 2.6)
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
    loop = moved(
        Piece((box(-0.6, -width * 0.6, 0.6, width * 0.6),), None, "strap", relief=0.3, folds=0), *line[9], turn
    )
    return [*pieces, loop, *[moved(p, *line[1], turn) for p in buckle(width * 1.3, width * 1.5)]]


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
    arch = spline([(-bridge, -height * 0.2), (0, -height * 0.45, SOFT), (bridge, -height * 0.2)], closed=False)
    return [
        *both(Piece((temple,), ids.GLASSES, "frame", tone=0.8, relief=0.25, folds=0)),
        *both(Piece((rim,), ids.GLASSES, "frame", relief=0.3, folds=0)),
        *both(Piece((glass,), None, "dark glass" if dark else "glass", relief=0.15, folds=0)),
        Piece((strip(arch, 0.5),), ids.GLASSES, "frame", relief=0.2, folds=0),
    ]


def handbag(width: float, height: float, flare: float, handle: float, flap: float) -> list[Piece]:
    """Bag with an arched handle; `flap` 0..1 of its height is a flap with a clasp, else a zip runs along the top."""
    w, low = width / 2, width / 2 * flare
    shell = spline(
        [
            (-w, 0),
            (0, -0.6, SOFT),
            (w, 0),
            (low, height - 2),
            (low - 2, height, SOFT),
            (0, height + 0.5, SOFT),
            (-low + 2, height, SOFT),
            (-low, height - 2),
        ]
    )
    arc = spline(
        [
            (-w * 0.55, 1.5),
            (-w * 0.5, -handle * 0.7, SOFT),
            (0, -handle, SOFT),
            (w * 0.5, -handle * 0.7, SOFT),
            (w * 0.55, 1.5),
        ],
        closed=False,
    )
    pieces = [
        Piece((strip(arc, 1.7, 60),), ids.BAG, "strap", relief=0.5, folds=0.1),
        Piece(
            (shell,), ids.BAG, relief=1.8, folds=0.35, seams=(Seam(shifted(along(shell, 120), -0.9), 0.18, 0.5, None),)
        ),
    ]
    if not flap:
        return pieces + zipper(np.array([[-w * 0.86, 1.4], [w * 0.86, 1.4]]), 1.3, pull=False)
    cover = symmetric(
        (0, -0.8, SOFT),
        (w + 0.2, -0.2),
        (w * 0.98, height * flap * 0.7, SOFT),
        (w * 0.6, height * flap, SOFT),
        (0, height * flap * 1.06, SOFT),
    )
    pieces.append(
        Piece(
            (cover,),
            None,
            "strap",
            relief=1.2,
            folds=0.25,
            seams=(Seam(shifted(along(cover, 120), -0.7), 0.18, 0.5, None),),
        )
    )
    return pieces + [moved(p, 0, height * flap) for p in buckle(4.2, 3.6)]


def backpack(width: float, height: float) -> list[Piece]:
    """Backpack from the front: straps, lid, front pocket with a zip."""
    w = width / 2
    loop = strip(spline([(-3, 1), (-2.6, -4, SOFT), (2.6, -4, SOFT), (3, 1)], closed=False), 1.4)
    sides = both(
        Piece(
            (
                spline(
                    [
                        (w - 1, 4),
                        (w + 4, 10, SOFT),
                        (w + 4.5, height * 0.7, SOFT),
                        (w, height - 2),
                        (w - 2, height * 0.6),
                    ]
                ),
            ),
            ids.BAG,
            "strap",
            tone=0.85,
            relief=0.7,
            folds=0.3,
        )
    )
    shell = symmetric(
        (0, 0, SOFT),
        (w * 0.7, 0.8, SOFT),
        (w, height * 0.25, SOFT),
        (w * 1.04, height * 0.7, SOFT),
        (w * 0.96, height - 2, SOFT),
        (0, height, SOFT),
    )
    front = symmetric(
        (0, height * 0.48),
        (w * 0.76, height * 0.48),
        (w * 0.8, height * 0.86, SOFT),
        (w * 0.6, height * 0.94, SOFT),
        (0, height * 0.95, SOFT),
    )
    lid = spline(
        [
            (-w * 0.94, height * 0.3),
            (-w * 0.5, height * 0.12, SOFT),
            (0, height * 0.09, SOFT),
            (w * 0.5, height * 0.12, SOFT),
            (w * 0.94, height * 0.3),
        ],
        closed=False,
    )
    return [
        Piece((loop,), ids.BAG, "strap", relief=0.4, folds=0),
        *sides,
        Piece((shell,), ids.BAG, relief=2.0, folds=0.5),
        *zipper(lid, 1.3, pull=False),
        Piece((front,), ids.POCKET, "collar", relief=1.0, folds=0.5),
        *zipper(np.array([[-w * 0.66, height * 0.56], [w * 0.66, height * 0.56]]), 1.2, pull=False),
    ]


def draped_scarf(width: float, length: float, rng: np.random.Generator, fringed: bool) -> list[Piece]:
    """Scarf laid as around a neck: a loop and two ends hanging down."""
    w = width / 2
    ends = []
    for side, own in ((-1, length), (1, length * rng.uniform(0.75, 1.0))):
        path = spline([(side * w * 1.1, -2), (side * w * 0.9, own * 0.5, SOFT), (side * w * 1.15, own)], closed=False)
        ends.append(Piece((strip(path, width),), ids.SCARF, relief=1.2, gathers=4, apex=(side * w, -80.0)))
        if fringed:
            rim = np.array([[side * w * 1.15 - w * 0.96, own], [side * w * 1.15 + w * 0.96, own]])
            ends += fringe(rim, 6.0, rng, 1.0, "main")
    loop = symmetric((0, -13, SOFT), (w * 1.7, -11, SOFT), (w * 2.4, -3, SOFT), (w * 1.9, 6, SOFT), (0, 10, SOFT))
    hole = symmetric((0, -10, SOFT), (w * 1.3, -8.6, SOFT), (w * 1.6, -5, SOFT), (0, -3, SOFT))
    return [
        *ends,
        Piece((loop,), ids.SCARF, relief=2.0, gathers=5, apex=(0, -40)),
        Piece((hole,), None, tone=0.5, relief=0.8),
    ]


def long_scarf(width: float, length: float, rng: np.random.Generator, fringed: bool) -> list[Piece]:
    """Scarf laid out in a lazy S."""
    y = np.linspace(0, length, 50)
    path = np.stack([width * 0.9 * np.sin(y / length * 5 + rng.uniform(0, 6)), y], 1)
    pieces = [Piece((strip(path, width, 60),), ids.SCARF, relief=1.5, gathers=3, apex=(0, -120))]
    if fringed:
        across = normals(path)[-1] * width / 2
        rims = [np.stack([path[-1] + across * [s, 1], path[-1] - across * [s, 1]]) for s in (1,)]
        pieces = [*fringe(rims[0][np.argsort(rims[0][:, 0])], 7.0, rng, 1.0, "main"), *pieces]
    return pieces


def open_umbrella(radius: float, height: float, handle: float, panels: int) -> list[Piece]:
    """Open umbrella from the side: scalloped canopy, ribs, shaft and crook."""
    xs = radius * np.sin(np.linspace(-np.pi / 2, np.pi / 2, panels + 1))
    rim = [(float(x), 0.0) for x in xs]
    scallops = [
        p
        for a, b in zip(rim[::-1], rim[::-1][1:], strict=False)
        for p in ((*a,), ((a[0] + b[0]) / 2, -height * 0.10, SOFT))
    ][1:]
    canopy = spline(
        [
            (-radius, 0),
            (-radius * 0.72, -height * 0.66, SOFT),
            (0, -height, SOFT),
            (radius * 0.72, -height * 0.66, SOFT),
            (radius, 0),
            *scallops,
        ]
    )
    ribs = tuple(
        Seam(spline([(0, -height), (x * 0.8, -height * 0.62, SOFT), (x, 0)], closed=False), 0.5, 0, 0.66)
        for x in xs[1:-1]
    )
    crook = spline(
        [
            (0, -height * 0.2),
            (0, handle - 5),
            (0.2, handle - 1, SOFT),
            (3, handle + 1.5, SOFT),
            (5.6, handle - 1.5, SOFT),
            (5.6, handle - 4),
        ],
        closed=False,
    )
    shaft = box(-0.5, -height - 5, 0.5, handle - 6)
    return [
        Piece((shaft,), ids.UMBRELLA, "metal", relief=0.3, folds=0),
        Piece((strip(crook[8:], 1.7, 50),), ids.UMBRELLA, "strap", relief=0.5, folds=0),
        Piece((canopy,), ids.UMBRELLA, relief=2.0, gathers=panels, apex=(0, -height * 1.6), folds=0.4, seams=ribs),
    ]


def closed_umbrella(length: float, width: float) -> list[Piece]:
    """Rolled umbrella with its strap and crook."""
    w = width / 2
    cone = symmetric(
        (0, -length * 0.62),
        (w, -length * 0.55, SOFT),
        (w * 0.9, -length * 0.2, SOFT),
        (0.7, length * 0.34),
        (0, length * 0.34),
    )
    shaft = box(-0.45, -length * 0.72, 0.45, length * 0.42)
    crook = spline(
        [
            (0, -length * 0.66),
            (0, -length * 0.84),
            (1, -length * 0.93, SOFT),
            (4, -length * 0.95, SOFT),
            (5.8, -length * 0.88, SOFT),
            (5.6, -length * 0.83),
        ],
        closed=False,
    )
    folds = tuple(
        Seam(
            spline(
                [(k * w * 0.3, -length * 0.58), (k * w * 0.75, -length * 0.25, SOFT), (0, length * 0.33)], closed=False
            ),
            0.45,
            0,
            0.62,
        )
        for k in (-1, -0.35, 0.35, 1)
    )
    return [
        Piece((shaft,), ids.UMBRELLA, "metal", relief=0.3, folds=0),
        Piece((strip(crook, 1.6, 40),), ids.UMBRELLA, "strap", relief=0.5, folds=0),
        Piece((cone,), ids.UMBRELLA, relief=1.2, folds=0.6, gathers=4, apex=(0, -length), seams=folds),
        Piece(
            (
                between(
                    np.array([[-w, -length * 0.1], [w, -length * 0.16]]),
                    np.array([[-w, -length * 0.06], [w, -length * 0.12]]),
                ),
            ),
            None,
            "strap",
            relief=0.3,
            inside=True,
        ),
    ]
