"""Recipes for trousers, shorts, skirts, dresses, jumpsuits and what covers the legs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import collars, ids, ornaments, trims
from . import lower as lo
from . import upper as u
from .outerwear import belted
from .shapes import Garment, Piece, both, box, flip, moved, placed
from .taste import Taste
from .tops import cut, hem_trim, sleeves, stress


def crotch_stress(legs: lo.Legs, top: float = 0.0) -> tuple[tuple[float, float], ...]:
    """Where trousers pull: the crotch and the knees."""
    knee = top + (legs.crotch + legs.length) / 2
    x = legs.hip * 0.6
    return ((0, top + legs.crotch), (0, top + legs.crotch), (-x, knee), (x, knee), (-legs.hip * 0.7, top + 8))


def leg_trim(t: Taste, legs: lo.Legs) -> list[Piece]:
    """Waistband, pockets, rivets, patches, zips, belt."""
    sporty = t.flip(0.3) and ids.BUCKLE not in t.wants
    pieces = lo.waistband(legs.waist, legs.hip, 4.0, cloth="rib" if sporty else "main")
    if sporty:
        pieces += collars.cords(u.Bodice(neck=3, depth=0.5), t.span(8, 13))
    else:
        pieces += [
            *lo.belt_loops(legs.waist),
            Piece(u.button_row(2.4, 2.5, 1, 0.9)[0].outlines, None, "metal", relief=0.5, folds=0),
        ]
    if t.has(ids.POCKET, 0.6):
        pieces += lo.jeans_pockets(legs)
    if t.has(ids.RIVET, 0.3):
        corners = np.array([[legs.waist - 10.6, 5.0], [legs.hip * 0.92, 13.0], [legs.waist - 12, 4.6]])
        pieces += both(trims.studs(corners[:2], 0.7))
    if t.has(ids.ZIPPER, 0.05):
        side = np.array([[legs.hip * 0.86, 22.0], [legs.hip * 0.8, 34.0]])
        pieces += both(*trims.zipper(side, 1.3))
    if t.has(ids.APPLIQUE, 0.06):
        pieces += placed(ornaments.applique(5, t.rng), legs.hip * 0.55, legs.length * 0.5)
    if t.has(ids.BUCKLE, 0.15) and not sporty:
        x = legs.waist + 0.4
        pieces.append(Piece((box(-x, 0.7, x, 4.2),), ids.BELT, "strap", relief=0.5, folds=0.2, inside=True))
        pieces += placed(trims.buckle(5.2, 4.4), 0, 2.4)
    return pieces


def pants(t: Taste) -> Garment:
    """Jeans, chinos, leggings, wide trousers."""
    slim = t.span(0, 1)
    legs = lo.Legs(
        t.span(17, 21), t.span(22, 27), t.span(24, 31), t.span(92, 108), 8 + 5 * slim, 6 + 7 * slim, t.span(1.5, 9)
    )
    pieces = [lo.trouser_inside(legs), lo.trousers(legs, ids.PANTS), *leg_trim(t, legs)]
    if t.flip(0.12):
        pieces += cuffs(legs)
    fabrics = {"denim": 6, "twill": 4, "plain": 3, "corduroy": 1, "check": 0.7, "camouflage": 0.5}
    fabrics |= {"leather": 0.5, "melange": 1, "floral": 0.2}
    return Garment(ids.PANTS, tuple(pieces), fabrics, crotch_stress(legs))


def cuffs(legs: lo.Legs, depth: float = 4.0) -> list[Piece]:
    """Turn-ups."""
    out, inn = np.array(legs.outer), np.array(legs.inner)
    shape = np.array([inn + [-0.5, 0.2], out + [0.5, 0.2], out + [0.7, -depth], inn + [-0.7, -depth]])
    return both(Piece((shape,), None, relief=0.7, folds=0.6, tone=0.95))


def shorts(t: Taste) -> Garment:
    """Shorts, from hot pants to bermudas."""
    length = t.span(32, 54)
    legs = lo.Legs(t.span(17, 21), t.span(23, 27), t.span(23, 28), length, 13, t.span(11.5, 14), t.span(0.8, 4))
    pieces = [lo.trouser_inside(legs), lo.trousers(legs, ids.SHORTS), *leg_trim(t, legs)]
    if t.flip(0.3):
        pieces += cuffs(legs, 3.5)
    if t.has(ids.FRINGE, 0.06):
        out, inn = np.array(legs.outer), np.array(legs.inner)
        pieces += [q for p in trims.fringe(np.stack([inn, out]), 3.5, t.rng, 0.8) for q in (p, flip(p))]
    if t.has(ids.RUFFLE, 0.04):
        pieces += both(trims.ruffle(np.stack([np.array(legs.inner), np.array(legs.outer)]) - [0, 0.5], 5, t.rng))
    fabrics = {"denim": 5, "twill": 3, "plain": 3, "check": 1, "floral": 1}
    fabrics |= {"stripes": 0.6, "camouflage": 0.7, "melange": 0.8}
    return Garment(ids.SHORTS, tuple(pieces), fabrics, crotch_stress(legs)[:2])


def tiers(t: Taste, waist: float, hip: float, hem: float, length: float) -> list[Piece]:
    """Frills of a tiered skirt, or one at its hem."""
    pieces = []
    for share in (0.5, 0.76, 0.98)[t.rng.integers(0, 3) :]:
        side = [waist, waist + (hip - waist) * 0.8, hem - (hem - hip) * 0.28, hem]
        half = np.interp(share, [0, 0.22, 0.72, 1], side)
        x = np.linspace(-half, half, 30)
        pieces.append(trims.ruffle(np.stack([x, length * share - 3.0 * (x / half) ** 2], 1), length * 0.17 + 2, t.rng))
    return pieces


def skirt(t: Taste) -> Garment:
    """Pencil, A-line, pleated, circle or tiered skirt."""
    waist, length = t.span(15, 19), t.span(32, 80)
    hip = waist + t.span(3, 6)
    flared = t.flip(0.7)
    hem = hip + length * t.span(0.18, 0.42) if flared else hip * t.span(0.85, 1.08)
    gathers = t.pick([0.0, t.span(5, 9), t.span(11, 16)]) if flared else 0.0
    body = lo.skirt(waist, hip, hem, length, gathers, t.span(1, 5))
    pieces = [body, *lo.waistband(waist, hip, 3.6, cloth=t.pick(["main", "rib"]))]
    if t.has(ids.SEQUIN, 0.05):
        pieces.insert(1, ornaments.sequin_panel(body.outlines[0] * [0.999, t.pick([0.5, 0.985])]))
    if t.has(ids.RUFFLE, 0.2) and flared:
        pieces += tiers(t, waist, hip, hem, length)
    if t.has(ids.POCKET, 0.15):
        pieces += both(moved(trims.patch_pocket(11, 12), hip * 0.55, length * 0.25))
    if t.has(ids.ZIPPER, 0.1):
        pieces += trims.zipper(np.array([[0.0, 1.5], [0.0, length * t.span(0.35, 0.97)]]), 1.5)
    if t.has(ids.RIBBON, 0.08) or (ids.BOW in t.wants):
        pieces.append(trims.ribbon(np.array([[-waist - 1, 2.0], [waist + 1, 2.0]]), 3.6))
        pieces += placed(ornaments.bow(10, 5, 14, "satin"), waist * 0.3, 2.4) if t.has(ids.BOW, 0.5) else []
    if t.has(ids.FRINGE, 0.05):
        x = np.linspace(-hem, hem, 20)
        pieces += trims.fringe(np.stack([x, length - 3.0 * (x / hem) ** 2 - 0.8], 1), t.span(7, 14), t.rng, 1.2)
    fabrics = {"plain": 3, "denim": 1.5, "floral": 2, "check": 2, "twill": 1.5, "leather": 0.8, "dots": 0.8}
    fabrics |= {"stripes": 0.8, "lace": 0.8, "corduroy": 0.5}
    return Garment(ids.SKIRT, tuple(pieces), fabrics, ((0, 4),), 0.8)


def dress_cut(t: Taste) -> u.Bodice:
    """Measures of a dress: narrow waist (its seam at `waist_at`), any hem."""
    b = replace(cut(t, 0.86), length=t.span(84, 128), neck=t.span(8, 11), depth=t.span(7, 16))
    b = replace(b, neck_shape=t.pick([2.0, 2.2, 1.05, 3.5]), back=t.span(1.5, 4), waist_at=t.span(36, 44))
    return replace(b, waist=b.chest * t.span(0.72, 0.9), hem=b.chest * t.span(1.05, 2.1))


def waist_trim(t: Taste, b: u.Bodice) -> list[Piece]:
    """Sash, belt or bow at the waist of a dress."""
    pieces: list[Piece] = []
    if t.has(ids.RIBBON, 0.2):
        pieces.append(trims.ribbon(np.array([[-b.waist - 1.5, b.waist_at], [b.waist + 1.5, b.waist_at]]), t.span(3, 6)))
    elif {ids.BELT, ids.BUCKLE} & t.wants or t.flip(0.1):
        pieces += belted(t, b, b.waist_at, 3.6)
    if t.has(ids.BOW, 0.15):
        x, y = t.pick([(0.0, b.waist_at), (b.waist * 0.5, b.waist_at), (0.0, b.depth + 3)])
        bow = ornaments.bow(t.span(11, 24), t.span(6, 12), t.pick([0, 18]), t.pick(["satin", "main", "accent"]))
        pieces += placed(bow, x, y)
    return pieces


def dress(t: Taste) -> Garment:
    """Summer, shirt, evening or shift dress."""
    b = dress_cut(t)
    length = t.pick([0.0, 0.0, 16.0, 24.0, 56.0]) if ids.SLEEVE not in t.wants else 18.0
    if length == 0:
        b = replace(b, shoulder=b.neck + t.span(3, 6), slope=2.0)
    gathers = t.pick([0.0, t.span(6, 10), t.span(10, 16)])
    pieces = lo.dress_body(b, b.waist_at, b.waist * 1.12, t.span(1, 4), gathers)
    pieces.append(u.lining(b))
    if t.has(ids.SEQUIN, 0.08):
        top = box(-b.chest * 1.2, -1, b.chest * 1.2, b.waist_at + 0.5)
        pieces.insert(2, ornaments.sequin_panel(top if t.flip() else pieces[0].outlines[0] * [0.998, 0.996]))
    pieces += sleeves(t, b, length, None, puff=t.span(0, 3) if length < 20 else 0) if length else []
    pieces.append(u.neckline(b, t.span(1.2, 2.2), filled=b.depth < 8, cloth=t.pick(["main", "accent"])))
    pieces += waist_trim(t, b)
    if t.has(ids.RUFFLE, 0.2):
        x = np.linspace(-b.hem, b.hem, 30)
        hem = np.stack([x, b.length - 3.0 * (x / b.hem) ** 2 - 0.6], 1)
        pieces.append(trims.ruffle(hem, t.span(7, 13), t.rng))
    else:
        pieces += hem_trim(t, replace(b, rise=0.0))
    fabrics = {"floral": 3, "plain": 4, "dots": 1.2, "stripes": 1, "check": 0.8, "lace": 1.2, "denim": 0.6}
    fabrics |= {"animal": 0.5, "knit": 0.5, "camouflage": 0.4}
    return Garment(ids.DRESS, tuple(pieces), fabrics, stress(b)[:2], 0.9)


def jumpsuit(t: Taste) -> Garment:
    """Overall, playsuit or baby romper."""
    b = replace(cut(t, 0.86), neck=t.span(7.5, 9.5), depth=t.span(6, 13), neck_shape=t.pick([2.0, 1.1]))
    top = t.span(40, 46)
    b = replace(b, waist=b.chest * t.span(0.8, 0.98), waist_at=top)
    crotch, leg = t.span(24, 28), t.pick([42.0, 98.0, 100.0])
    legs = lo.Legs(b.waist, b.chest * 1.02, crotch, leg, t.span(9, 12), t.span(8, 12), t.span(1.5, 6))
    legs = replace(legs, hem=12.0) if legs.length < 60 else legs
    pieces = [lo.jumpsuit_body(b, legs, top), u.lining(b)]
    length = t.pick([0.0, 18.0, 56.0])
    if length:
        pieces += sleeves(t, b, length, "main" if length > 30 else None)
    if t.has(ids.ZIPPER, 0.4):
        pieces += trims.zipper(np.array([[0, b.depth - 1], [0, top + legs.crotch * 0.7]]), 1.8)
    else:
        pieces += u.placket(b, b.depth, top + 2, 3, 6)
    pieces += (
        collars.shirt_collar(replace(b, depth=7.0), 6, 5) if t.flip(0.4) else [u.neckline(b, 2.0, filled=b.depth < 8)]
    )
    if t.has(ids.POCKET, 0.5):
        pieces += both(moved(trims.patch_pocket(10, 11, flap=t.flip()), b.chest * 0.48, b.armhole + 1))
        pieces += both(moved(trims.welt_pocket(2.4, 13), legs.hip * 0.7, top + 7, 0.25))
    if t.has(ids.BUCKLE, 0.3) or ids.BELT in t.wants:
        pieces += belted(t, b, top, 4.0)
    fabrics = {"denim": 3, "twill": 3, "plain": 3, "floral": 1, "stripes": 1, "melange": 0.6, "dots": 0.5}
    return Garment(ids.JUMPSUIT, tuple(pieces), fabrics, (*stress(b)[:2], *crotch_stress(legs, top)[:2]))


def twin(pieces: list[Piece], gap: float, turn: float = 0.0) -> tuple[Piece, ...]:
    """A pair: the pieces shifted right and turned, and their mirror images."""
    right = placed(pieces, gap, 0, turn)
    return (*right, *[flip(p) for p in right])


def hosiery(t: Taste) -> Garment:
    """Tights, or a pair of stockings."""
    fabrics = {"plain": 4, "lace": 1.5, "stripes": 1, "dots": 1, "rib": 1, "melange": 0.5}
    if t.flip(0.65):
        pieces = lo.tights(t.span(14, 18), t.span(22, 27), t.span(95, 110), t.span(3.4, 4.6), t.span(2, 8))
        return Garment(ids.TIGHTS, tuple(pieces), fabrics, ((0, 25),), 0.7)
    pieces = twin(lo.stocking(t.span(8, 10), t.span(70, 85), t.span(4, 5)), 12, t.span(-0.12, 0.05))
    return Garment(ids.TIGHTS, pieces, fabrics, (), 0.7)


def socks(t: Taste) -> Garment:
    """A pair of socks."""
    one = lo.sock(t.span(4.2, 5.2), t.span(10, 30), t.span(16, 20), t.span(3, 5))
    pieces = twin(one, t.span(5, 8), t.span(-0.12, 0.12))
    if t.has(ids.BOW, 0.06) or t.has(ids.RUFFLE, 0.08):
        pieces = (*pieces, *both(*placed(ornaments.bow(6, 3.5), 6.5, 2)))
    return Garment(ids.SOCK, pieces, {"knit": 3, "stripes": 3, "plain": 2, "dots": 1, "melange": 1, "rib": 1}, (), 0.8)


def leg_warmers(t: Taste) -> Garment:
    """A pair of leg warmers."""
    one = lo.leg_warmer(t.span(8, 10), t.span(5.5, 7), t.span(34, 46))
    pieces = twin(one, t.span(10, 13), t.span(-0.1, 0.1))
    if t.has(ids.TASSEL, 0.15):
        pieces = (*pieces, *both(*placed(ornaments.tassel(8, 3.2), 12, 4)))
    return Garment(
        ids.LEG_WARMER, pieces, {"knit": 6, "rib": 2, "stripes": 1, "fur": 1}, ((11.0, 20.0), (-11.0, 20.0)), 1.1
    )
