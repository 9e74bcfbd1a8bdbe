"""Recipes for jackets, vests, coats and capes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import collars, ids, ornaments, trims
from . import upper as u
from .shapes import SOFT, Garment, Piece, Seam, both, box, moved, placed, spline, symmetric
from .taste import Taste
from .tops import cut, epaulettes, hoodie, sleeves, stress


def blazer(t: Taste) -> Garment:
    """Tailored jacket with lapels."""
    b = replace(cut(t), depth=t.span(26, 36), neck_shape=1.1, neck=t.span(7, 8.5), rise=1.5)
    pieces = [u.body(b, ids.JACKET), u.lining(b, 0.5), *sleeves(t, b, t.span(55, 61))]
    edge = Seam(np.array([[1.2, b.depth], [1.2, b.length]]), 0.35, 0, 0.55)
    pieces.append(Piece((box(-2.5, b.depth - 2, 1.2, b.length),), None, relief=0.5, inside=True, seams=(edge,)))
    pieces += collars.lapels(b, b.depth, (b.chest * t.span(0.46, 0.58), t.span(11, 15)))
    pieces += u.button_row(b.depth + 1.5, b.depth + 13, 2, 1.0)
    pieces += both(moved(trims.welt_pocket(14, t.pick([2.2, 5.5])), b.hem * 0.56, b.length - 23, -0.06))
    if t.flip(0.6):
        pieces.append(moved(trims.welt_pocket(9, 2.2), b.chest * 0.5, b.armhole + 1, -0.12))
    if t.has(ids.EPAULETTE, 0.08):
        pieces += epaulettes(t, b)
    return Garment(
        ids.JACKET, tuple(pieces), {"twill": 4, "plain": 2, "check": 2, "corduroy": 1, "stripes": 0.6}, stress(b), 0.7
    )


def zip_jacket(t: Taste) -> Garment:
    """Bomber, biker, track or puffer jacket."""
    b = replace(cut(t), depth=t.span(5, 7), neck=t.span(8, 9.5), length=t.span(54, 68), rise=0.3)
    pieces = [
        u.body(b, ids.JACKET),
        *sleeves(t, b, t.span(54, 60), t.pick(["rib", "main"]), t.pick(["main", "main", "accent"])),
    ]
    pieces.append(u.hem_band(b, t.span(5, 7), t.pick(["rib", "main"])))
    pieces += trims.zipper(np.array([[0, b.depth - 1.5], [0, b.length - 0.4]]), t.span(1.5, 2.4))
    pieces += (
        collars.shirt_collar(b, 5, 5) if t.flip(0.3) else collars.stand_collar(b, t.span(5, 8), t.pick(["rib", "main"]))
    )
    for side in (-1, 1):
        if t.flip(0.5):
            pieces.append(moved(trims.welt_pocket(3.0, 15), side * b.hem * 0.6, b.length - 24, side * 0.3))
        else:
            slit = np.array([[side * b.hem * 0.46, b.length - 24], [side * b.hem * 0.66, b.length - 11]])
            pieces += trims.zipper(slit, 1.2)
    if t.has(ids.EPAULETTE, 0.12):
        pieces += epaulettes(t, b)
    if t.has(ids.RIVET, 0.1):
        rows = [
            np.stack([np.linspace(b.neck + 2, b.shoulder - 2, 8), np.linspace(3, b.slope + 2, 8) + k], 1)
            for k in (0, 1.9, 3.8)
        ]
        points = np.concatenate(rows)
        pieces += both(trims.studs(points, 0.75, tips=t.pick([0, 4])))
    if t.has(ids.APPLIQUE, 0.1):
        pieces += placed(ornaments.applique(5, t.rng), b.chest * 0.5, b.armhole + 2)
    return Garment(
        ids.JACKET,
        tuple(pieces),
        {"plain": 3, "leather": 3, "quilt": 2.5, "melange": 0.6, "fur": 0.7, "camouflage": 0.5},
        stress(b),
        0.9,
    )


def denim_jacket(t: Taste) -> Garment:
    """Jeans or military jacket: collar, buttons, flap pockets, rivets."""
    b = replace(cut(t), depth=6.5, neck=8.0, length=t.span(54, 64), rise=0.3)
    yoke = Seam(np.array([[-b.chest, b.armhole * 0.72], [b.chest, b.armhole * 0.72]]), 0.35, 0, 0.6)
    yoke2 = Seam(yoke.points + [0, 0.7], 0.18, 0.5, None)
    panels = tuple(
        Seam(np.array([[s * b.chest * k, b.armhole], [s * b.hem * k * 0.6, b.length]]), 0.2, 0.5, None)
        for s in (-1, 1)
        for k in (0.3, 0.62)
    )
    front = u.body(b, ids.JACKET)
    pieces = [
        replace(front, seams=(*front.seams, yoke, yoke2, *panels)),
        *sleeves(t, b, t.span(54, 60), "main"),
        u.hem_band(b, 5, "main"),
    ]
    pieces += u.placket(b, b.depth, b.length, 3.6, 0)
    buttons = np.array([[0, y] for y in np.linspace(b.depth + 4, b.length - 2.5, 6)])
    pieces.append(
        trims.studs(buttons, 0.9)
        if t.has(ids.RIVET, 0.5)
        else Piece(trims.studs(buttons, 0.9).outlines, None, "metal", relief=0.6, folds=0)
    )
    pieces += collars.shirt_collar(b, 6.5, 5.5)
    pieces += both(moved(trims.patch_pocket(11.5, 12.5, flap=True), b.chest * 0.47, b.armhole - 4))
    if t.flip(0.5):
        pieces += both(moved(trims.welt_pocket(2.4, 14), b.hem * 0.58, b.length - 22, 0.25))
    if t.has(ids.EPAULETTE, 0.12):
        pieces += epaulettes(t, b)
    if t.has(ids.APPLIQUE, 0.1):
        pieces += placed(ornaments.applique(5.5, t.rng), -b.chest * 0.5, b.length * 0.62)
    return Garment(
        ids.JACKET, tuple(pieces), {"denim": 6, "twill": 2, "corduroy": 1.5, "camouflage": 0.8}, stress(b), 0.9
    )


def jacket(t: Taste) -> Garment:
    """Any jacket that can carry what is wanted."""
    if ids.LAPEL in t.wants:
        return blazer(t)
    if ids.ZIPPER in t.wants:
        return zip_jacket(t)
    if ids.HOOD in t.wants:
        return hoodie(t, ids.JACKET, True)
    return t.pick([blazer, zip_jacket, zip_jacket, denim_jacket])(t)


def waistcoat(t: Taste) -> Garment:
    """Tailored vest: V neck, buttons, pointed fronts."""
    b = replace(vest_cut(t), depth=t.span(24, 32), neck_shape=1.05, length=t.span(56, 64), rise=-4)
    pieces = [u.body(b, ids.VEST), u.lining(b, 0.5), *u.placket(b, b.depth, b.length, 3, 0)]
    pieces += u.button_row(b.depth + 2, b.length - 6, 5, 0.8)
    lapels = collars.lapels(b, b.depth, (b.chest * 0.42, 14), collar=False)
    pieces += lapels if t.has(ids.LAPEL, 0.35) else [u.neckline(b, 1.2)]
    pieces += both(moved(trims.welt_pocket(11), b.hem * 0.52, b.length - 17, -0.15))
    return Garment(
        ids.VEST, tuple(pieces), {"twill": 3, "plain": 2, "check": 1.5, "stripes": 1, "leather": 0.6}, stress(b), 0.7
    )


def padded_vest(t: Taste) -> Garment:
    """Body warmer with a zip and a standing collar."""
    b = replace(vest_cut(t), depth=6, neck_shape=2.0)
    pieces = [u.body(b, ids.VEST), *trims.zipper(np.array([[0, 4.0], [0, b.length - 0.4]]), 2.0)]
    pieces += collars.stand_collar(b, t.span(6, 8), "main")
    pieces += both(moved(trims.welt_pocket(2.6, 15), b.hem * 0.55, b.length - 24, 0.25))
    return Garment(ids.VEST, tuple(pieces), {"quilt": 6, "denim": 1, "fur": 1}, stress(b), 0.7)


def slipover(t: Taste) -> Garment:
    """Knitted or leather vest pulled over the head."""
    b = replace(vest_cut(t), depth=t.span(14, 22), neck_shape=1.05)
    pieces = [u.body(b, ids.VEST), u.lining(b), u.hem_band(b, 6), u.neckline(b, 2.8)]
    if t.has(ids.FRINGE, 0.1):
        pieces += trims.fringe(np.array([[-b.hem, b.length - 0.5], [b.hem, b.length - 0.5]]), 10, t.rng, 1.2)
    return Garment(ids.VEST, tuple(pieces), {"knit": 5, "leather": 1}, stress(b), 0.8)


def vest_cut(t: Taste) -> u.Bodice:
    """Measures of a sleeveless garment worn over others."""
    b = replace(cut(t, 0.92), armhole=t.span(24, 28), rise=0.5)
    return replace(b, shoulder=b.chest * t.span(0.66, 0.76))


def vest(t: Taste) -> Garment:
    """Any vest that can carry what is wanted."""
    only = {ids.LAPEL: waistcoat, ids.ZIPPER: padded_vest, ids.FRINGE: slipover}
    wanted = [only[part] for part in only if part in t.wants]
    return (wanted or [t.pick([waistcoat, padded_vest, slipover])])[0](t)


def belted(t: Taste, b: u.Bodice, y: float, width: float = 4.5) -> list[Piece]:
    """Belt with a buckle across the waist."""
    half = np.interp(y, [b.armhole, b.waist_at, b.length], [b.chest, b.waist, b.hem]) + 0.6
    path = spline([(-half, y), (0, y + 1.0, SOFT), (half, y)], closed=False)
    band = Piece(
        (np.concatenate([path - [0, width / 2], (path + [0, width / 2])[::-1]]),),
        ids.BELT,
        t.pick(["collar", "strap"]),
        relief=0.6,
        folds=0.3,
    )
    return [band, *placed(trims.buckle(6.0, width * 1.5), 0, y + 0.9)]


def coat(t: Taste) -> Garment:
    """Long coat: tailored or trench, duffle with a hood."""
    b = replace(
        cut(t, 0.98), depth=t.span(22, 32), neck_shape=1.1, neck=t.span(7, 8.5), length=t.span(92, 120), rise=1.0
    )
    b = replace(b, waist=b.chest * t.span(0.86, 0.98), waist_at=50, hem=b.chest * t.span(1.05, 1.3))
    hooded = t.has(ids.HOOD, 0.15) and ids.LAPEL not in t.wants
    b = replace(b, depth=7.0, neck_shape=2.0) if hooded else b
    pieces = [u.body(b, ids.COAT), u.lining(b, 0.5), *sleeves(t, b, t.span(57, 63), t.pick([None, "main"]))]
    front = Piece(
        (box(-5.5, b.depth - 2, 3.0, b.length),),
        None,
        relief=0.5,
        inside=True,
        seams=(Seam(np.array([[3.0, b.depth], [3.0, b.length]]), 0.4, 0, 0.5),),
    )
    pieces.append(front)
    if hooded:
        pieces += [*trims.zipper(np.array([[0, b.depth], [0, b.length * 0.8]]), 1.8), *collars.hood(b, 29, 15)]
    else:
        pieces += collars.lapels(b, b.depth, (b.chest * t.span(0.52, 0.64), t.span(12, 16)))
        rows = (0.0,) if t.flip(0.5) else (-6.5, 6.5)
        pieces += [p for x in rows for p in u.button_row(b.depth + 3, b.length * 0.72, 4, 1.2, x)]
    pieces += both(
        moved(t.pick([trims.welt_pocket(3.6, 17), trims.patch_pocket(15, 17, flap=True)]), b.waist * 0.62, 58, 0.12)
    )
    if t.has(ids.BUCKLE, 0.3) or ids.BELT in t.wants:
        pieces += belted(t, b, 49.0)
    if t.has(ids.EPAULETTE, 0.2):
        pieces += epaulettes(t, b)
    return Garment(
        ids.COAT,
        tuple(pieces),
        {"twill": 4, "plain": 2, "fur": 1, "check": 1.2, "leather": 0.8, "quilt": 1},
        stress(b),
        0.8,
    )


def cape(t: Taste) -> Garment:
    """Cape or poncho, with a collar or hood, often fringed."""
    neck, wide, length = t.span(8, 10), t.span(42, 56), t.span(60, 84)
    b = u.Bodice(neck=neck, depth=7, shoulder=20, slope=6, chest=30)
    outline = symmetric(
        (0, 2, SOFT),
        (neck, 0),
        (neck + 10, 5, SOFT),
        (wide * 0.72, length * 0.42, SOFT),
        (wide, length * t.span(0.72, 0.85)),
        (wide * 0.55, length * 0.95, SOFT),
        (0, length, SOFT),
    )
    front = Seam(np.array([[0, 7], [0, length]]), 0.45, 0, 0.5)
    arms = tuple(
        Seam(np.array([[s * wide * 0.45, length * 0.42], [s * wide * 0.48, length * 0.62]]), 0.5, 0, 0.5)
        for s in (-1, 1)
    )
    pieces = [
        Piece((outline,), ids.CAPE, gathers=t.span(5, 9), apex=(0, -26), relief=1.4, seams=(front, *arms)),
        u.lining(b),
    ]
    low = outline[np.abs(outline[:, 0]) < wide + 1]
    low = low[low[:, 1] > length * 0.70]
    if t.has(ids.FRINGE, 0.35):
        rim = low[np.argsort(low[:, 0])]
        pieces = [*trims.fringe(rim, t.span(6, 10), t.rng, 1.3), *pieces]
    if t.has(ids.HOOD, 0.3):
        pieces += collars.hood(b, 28, 15)
    elif t.flip(0.5):
        pieces += collars.shirt_collar(b, 6, 6)
    else:
        pieces.append(u.neckline(b, 3))
    if t.has(ids.TASSEL, 0.3):
        pieces += both(*placed(ornaments.tassel(11, 4), 3.0, 22), collars.cords(b, 13)[0])
    if t.has(ids.BOW, 0.15):
        pieces += placed(ornaments.bow(14, 7, 12), 0, 10)
    return Garment(ids.CAPE, tuple(pieces), {"twill": 2, "knit": 2, "plain": 2, "check": 2, "fur": 1}, ((0, 8),), 0.7)
