"""Shoes from above and from the side, one at a time (toe up, or toe to the right). Pure geometry, cm."""

from __future__ import annotations

import numpy as np

from . import ids
from .ornaments import bow
from .shapes import SOFT, Piece, Seam, along, ellipse, flip, placed, sketch, spline, strip
from .trims import buckle, studs, zipper


def sole_outline(width: float, length: float, grow: float = 0.0) -> np.ndarray:
    """Right shoe from above: big toe at the left."""
    right = "-.22,-1~ .45,-.9~ .97,-.5~ .86,0~ .7,.5~ .62,.86~ 0,1~ -.66,.85~ -.68,.4~ -.78,0~ -.95,-.45~ -.72,-.88~"
    return spline(sketch(right, width / 2 + grow, length / 2 + grow))


def sneaker(width: float, length: float) -> list[Piece]:
    """Laced trainer from above."""
    w, h = width / 2, length / 2
    throat = spline(sketch("-.34,-.34 .34,-.34 .42,.1~ .5,.34 -.5,.34 -.42,.1~", w, h))
    tongue = spline(sketch("-.3,-.2 .3,-.2 .4,.4 0,.46~ -.4,.4", w, h))
    mouth = ellipse(0, h * 0.56, w * 0.52, h * 0.30, 2.3)
    laces = []
    for y in np.linspace(-0.3, 0.26, 6):
        for slope in (0.045, -0.045):
            path = np.array([[-0.42 * w, y * h], [0.42 * w, (y + slope) * h]])
            laces.append(Piece((strip(path, 0.75, 8),), None, "cord", relief=0.35, folds=0))
    cap = Seam(spline(sketch("-1,-.45 0,-.52~ 1,-.5", w, h), closed=False), 0.3, 0, 0.7)
    stays = [spline(sketch("-.42,.3 -.6,-.1~ -.4,-.42", s * w, h), closed=False) for s in (-1, 1)]
    seams = (cap, *(Seam(stay, 0.2, 0.4, None) for stay in stays))
    return [
        Piece((sole_outline(width, length, 0.5),), ids.SHOE, "sole", relief=0.5, folds=0),
        Piece((sole_outline(width, length),), ids.SHOE, relief=1.6, folds=0.25, seams=seams),
        Piece((throat,), None, "accent", tone=0.85, relief=0.6, folds=0.1),
        Piece((mouth,), None, "lining", tone=0.4, relief=1.0, folds=0),
        Piece((tongue,), None, relief=0.6, folds=0.2),
        *laces,
    ]


def flat_shoe(width: float, length: float, strap: bool, with_bow: bool) -> list[Piece]:
    """Ballerina or Mary Jane from above; optional strap with buckle, optional bow."""
    w, h = width / 2, length / 2
    mouth = spline(sketch("0,-.42~ .6,-.2~ .6,.3~ .5,.78~ 0,.92~ -.52,.78~ -.56,.3~ -.6,-.2~", w, h))
    rim = Seam(np.concatenate([mouth, mouth[:1]]), 0.35, 0, 0.5)
    pieces = [
        Piece((sole_outline(width, length),), ids.SHOE, relief=1.2, folds=0.2),
        Piece((mouth,), None, "sole", tone=0.8, relief=1.0, folds=0, seams=(rim,)),
    ]
    if strap:
        across = np.array([[-w * 0.8, h * 0.1], [w * 0.86, h * 0.06]])
        pieces.append(Piece((strip(across, 1.5, 10),), None, "collar", relief=0.5, folds=0))
        pieces += placed(buckle(1.8, 2.1), w * 0.68, h * 0.06)
    if with_bow:
        pieces += placed(bow(5.0, 2.8), 0, -h * 0.46)
    return pieces


def flip_flop(width: float, length: float, decorated: bool) -> list[Piece]:
    """Thong sandal from above; `decorated` puts beads on its straps."""
    w, h = width / 2, length / 2
    arms = [spline(sketch("0,-.55 .35,-.25~ .78,.12", s * w, h), closed=False) for s in (-1, 1)]
    pieces = [
        Piece((sole_outline(width, length),), ids.SHOE, "sole", relief=0.7, folds=0),
        *[Piece((strip(a, 1.4, 20),), None, relief=0.5, folds=0) for a in arms],
    ]
    if decorated:
        pieces += [studs(along(a, 9)[1:-1], 0.55, ids.BEAD, "bead") for a in arms]
    return pieces


def boot(height: float, heel: float, zipped: bool) -> list[Piece]:
    """Boot from the side, toe to the right."""
    shaft = [(5.2, -height + 0.6), (4.6, -height * 0.5, SOFT)]
    foot = sketch("5.4,-8.5~ 10,-5.6~ 16,-4~ 18.2,-1.4~ 17.5,0 -6.4,0 -6.6,-4~ -5.4,-9~")
    upper = spline([(-5.5, -height), *shaft, *foot, (-5.6, -height * 0.6, SOFT)])
    sole = spline([*sketch("-6.8,-.8 18.4,-.8 18,.9 1.5,.9"), (0.2, 0.9 + heel), (-6.4, 0.9 + heel)])
    toe = Seam(spline(sketch("10,-5.8 11.4,-2.4~ 10.8,0"), closed=False), 0.2, 0.4, None)
    ankle = Seam(spline(sketch("-6.4,-6.5 0,-8.4~ 5.6,-8.4"), closed=False), 0.25, 0, 0.65)
    mouth = spline([(-5.5, -height), (0, -height - 0.9, SOFT), (5.2, -height + 0.6), (0, -height + 1.6, SOFT)])
    pieces = [
        Piece((sole,), ids.SHOE, "sole", relief=0.4, folds=0),
        Piece((mouth,), ids.SHOE, "lining", tone=0.45, relief=0.4, folds=0),
        Piece((upper,), ids.SHOE, relief=2.2, folds=0.45, seams=(toe, ankle)),
    ]
    if zipped:
        return pieces + zipper(np.array([[-0.5, -height + 2.5], [-0.8, -3.0]]), 1.0)
    strap = strip(np.array([[-6.0, -8.6], [6.2, -8.0]]), 1.6, 12)
    pieces.append(Piece((strap,), None, "strap", relief=0.4, folds=0, inside=True))
    return pieces + placed(buckle(2.4, 2.8), 1.5, -8.2)


def heel_shoe(heel: float, strap: bool, with_bow: bool) -> list[Piece]:
    """Pump from the side, toe to the right."""
    k = heel
    instep = [(-7.2, -k - 5.6), (-4.6, -k - 4.8, SOFT), (0, -k * 0.55 - 2.2, SOFT)]
    arch = [(3, -k * 0.3, SOFT), (-3.4, -k + 0.6, SOFT), (-7.6, -k - 0.4), (-8.0, -k - 3, SOFT)]
    upper = spline([*instep, *sketch("7,-3~ 11,-3.6 15.5,-2~ 17.6,0 9,.2~"), *arch])
    pin = spline(
        [(-7.8, -k - 1), (-3.2, -k + 0.4), (-5.2, -k / 2, SOFT), (-5.8, 0.6), (-7.2, 0.6), (-7.2, -k / 2, SOFT)]
    )
    pieces = [Piece((pin,), ids.SHOE, "sole", relief=0.4, folds=0), Piece((upper,), ids.SHOE, relief=1.2, folds=0.1)]
    if strap:
        loop = (ellipse(-3.2, -k - 8.2, 4.4, 1.8), ellipse(-3.2, -k - 8.5, 3.8, 1.1))
        tab = spline([(-7.6, -k - 8.2), (-6.4, -k - 8.0), (-6.0, -k - 4.6), (-7.4, -k - 5.0)])
        pieces += [
            Piece((tab,), ids.SHOE, relief=0.3, folds=0),
            Piece(loop, ids.SHOE, relief=0.3, folds=0),
            *placed(buckle(1.5, 1.6), -0.2, -k - 7.0),
        ]
    if with_bow:
        pieces += placed(bow(4.6, 2.8), 11.6, -3.4, 0.3)
    return pieces


def side_sneaker() -> list[Piece]:
    """Trainer from the side, toe to the right."""
    upper = spline(
        sketch("-9.5,-9.4 -7.4,-8.6~ -2.5,-8.2 .5,-10.2 3.2,-8.8 8,-5.8~ 13.5,-4.6~ 16.2,-1.4~ 16,0 -10,0 -10.4,-5~")
    )
    sole = spline(sketch("-10.6,-1.4 16.4,-1 16.8,.6~ 14.5,2 -9.6,2 -10.9,1~"))
    stay = spline(sketch(".6,-9.6 3,-8.2 8.6,-5 6.6,-3 1.5,-5~ -1.4,-7.4"))
    laces = [
        Piece((strip(np.array([[x - 0.9, y + 0.8], [x + 1.0, y - 1.0]]), 0.7, 6),), None, "cord", relief=0.3, folds=0)
        for x, y in zip(np.linspace(0.4, 6.8, 5), np.linspace(-7.6, -4.4, 5), strict=True)
    ]
    swoosh = strip(spline(sketch("-8,-1.8 -4,-5.4~ 0,-3.2"), closed=False), 1.3, 20)
    toe = Seam(spline(sketch("10.6,-5.2 9.6,-2.4~ 11,0"), closed=False), 0.2, 0.4, None)
    heel = Seam(spline(sketch("-6.4,-8.4 -6,-4~ -7.5,0"), closed=False), 0.25, 0, 0.7)
    welt = Seam(np.array([[-10.4, 0.6], [16.4, 0.6]]), 0.2, 0, 0.7)
    return [
        Piece((upper,), ids.SHOE, relief=1.6, folds=0.2, seams=(toe, heel)),
        Piece((sole,), ids.SHOE, "sole", relief=0.6, folds=0, seams=(welt,)),
        Piece((swoosh,), None, "accent", relief=0.25, folds=0, inside=True),
        Piece((stay,), None, "accent", relief=0.5, folds=0.1),
        *laces,
    ]


def pair(shoe: list[Piece], gap: float, turn: float) -> list[Piece]:
    """Two shoes side by side from one right shoe; `turn` radians toes outwards."""
    right = placed(shoe, gap, 0, turn)
    return right + [flip(p) for p in right]
