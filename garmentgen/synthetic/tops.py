"""Recipes for garments of the upper body: each takes a Taste and returns a Garment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import collars, ids, lettering, ornaments, trims
from . import upper as u
from .shapes import Garment, Piece, both, box, ellipse, flip, moved, placed
from .taste import Taste

SLEEVELESS, SHORT, LONG = 0.0, 18.0, 58.0


def cut(t: Taste, loose: float = 1.0) -> u.Bodice:
    """Measures of an ordinary upper garment, narrow to wide."""
    chest = t.span(22, 29) * loose
    shoulder = chest * t.span(0.78, 0.88)
    waist = chest * t.span(0.88, 1.0)
    return u.Bodice(
        neck=t.span(7.5, 10), depth=t.span(6, 10), neck_shape=2.0, back=t.span(1.2, 2.6),
        shoulder=shoulder, slope=t.span(3, 5.5), chest=chest, armhole=t.span(21, 26),
        waist=waist, waist_at=t.span(40, 46), hem=max(waist, chest * t.span(0.92, 1.06)),
        length=t.span(58, 76), rise=t.span(0, 2.5),
    )  # fmt: skip


def sleeves(
    t: Taste, b: u.Bodice, length: float, cuff: str | None = None, cloth: str = "main", puff: float = 0.0
) -> list[Piece]:
    """Left and right sleeve,
    each at its own angle as when laid down by hand; `cuff` is the cloth of a band at the end."""
    short = length < 32
    angle = t.span(0.75, 1.0) if short else t.span(0.22, 0.5)
    width = t.span(13.5, 17) if short else t.span(8, 11)
    raglan = t.pick([0.0, 0.0, 0.0, 0.75])
    pieces = []
    for side in (1, -1):
        own = angle + t.span(-0.07, 0.07)
        sleeve = replace(u.sleeve(b, length, own, width, puff, raglan), cloth=cloth)
        parts = [sleeve, u.cuff(b, length, own, width, 6.0, cuff)] if cuff else [sleeve]
        pieces += parts if side == 1 else [flip(p) for p in parts]
    return pieces


def chest_print(t: Taste, b: u.Bodice) -> list[Piece]:
    """Picture or patch on the chest."""
    y = b.armhole + t.span(0, 6)
    if t.has(ids.APPLIQUE, 0.1):
        return [moved(p, t.span(-3, 3), y, t.span(-0.2, 0.2)) for p in ornaments.applique(t.span(5, 13), t.rng)]
    if t.has(ids.SEQUIN, 0.05):
        return [moved(ornaments.sequin_panel(ornaments.motif(int(t.rng.integers(4)), t.span(8, 13), t.rng)), 0, y)]
    if t.flip(0.16):
        rows, height = t.pick([1, 1, 2, 3]), t.span(3, 8)
        width = t.span(0.9, 1.35) * b.chest
        seams = [
            replace(seam, points=seam.points + [0, y + k * height * 1.5])
            for k in range(rows)
            for seam in lettering.lines(lettering.word(t.rng, int(t.span(3, 9))), width, height, "cord")
        ]
        patch = box(-b.chest, y - height, b.chest, y + rows * height * 1.5)
        return [Piece((patch,), None, relief=0.05, inside=True, seams=tuple(seams))]
    if t.flip(0.15):
        w, h = t.span(9, 13), t.span(5, 12)
        shape = t.pick([box(-w, -h, w, h), ellipse(0, 0, w), ellipse(0, 0, w, h, 4)])
        return [moved(Piece((shape,), None, "print", relief=0.1), 0, y)]
    return []


def tshirt(t: Taste) -> Garment:
    """T-shirt, longsleeve, tank top, sweatshirt or hoodie."""
    b = cut(t)
    if t.has(ids.HOOD, 0.15):
        return hoodie(t)
    kind = t.pick([SLEEVELESS, SHORT, SHORT, LONG]) if ids.SLEEVE not in t.wants else t.pick([SHORT, LONG])
    b = replace(b, neck_shape=t.pick([2.0, 2.0, 2.2, 1.05]))
    if kind == SLEEVELESS:
        b = replace(b, chest=b.chest * 0.88, waist=b.waist * 0.9, hem=b.hem * 0.92)
        b = replace(
            b, neck=t.span(8, 10), shoulder=t.span(12, 15.5), depth=t.span(12, 20), back=t.span(3, 7), slope=2.5
        )
    pieces = [u.body(b, ids.TOP), u.lining(b)]
    if kind != SLEEVELESS:
        cloth = "accent" if t.flip(0.12) else "main"
        pieces += sleeves(
            t,
            b,
            t.span(16, 24) if kind == SHORT else t.span(52, 60),
            "rib" if kind == LONG and t.flip(0.5) else None,
            cloth,
        )
    pieces.append(u.neckline(b, t.span(1.6, 2.8), filled=b.depth < 8, cloth=t.pick(["main", "rib", "rib", "accent"])))
    pieces += chest_print(t, b)
    if t.has(ids.POCKET, 0.12):
        pieces.append(moved(trims.patch_pocket(10, 11), b.chest * 0.42, b.armhole + 1))
    pieces += hem_trim(t, b)
    fabrics = {"plain": 5, "stripes": 2, "melange": 2, "floral": 0.6, "camouflage": 0.6}
    fabrics |= {"dots": 0.4, "animal": 0.3, "lace": 0.4}
    return Garment(ids.TOP, tuple(pieces), fabrics, stress(b))


def stress(b: u.Bodice) -> tuple[tuple[float, float], ...]:
    """Where an upper garment pulls: armpits and waist."""
    return ((-b.chest + 2, b.armhole), (b.chest - 2, b.armhole), (-b.waist, b.waist_at + 6), (b.waist, b.waist_at + 6))


def hem_trim(t: Taste, b: u.Bodice) -> list[Piece]:
    """Frill, fringe, beads, sequins or flowers, when wanted (or seldom)."""
    hem = np.array([[-b.hem + 0.3, b.length - b.rise - 0.6], [b.hem - 0.3, b.length - b.rise - 0.6]])
    pieces: list[Piece] = []
    if t.has(ids.RUFFLE, 0.04):
        pieces.append(trims.ruffle(hem, t.span(5, 9), t.rng))
    if t.has(ids.FRINGE, 0.02):
        pieces += trims.fringe(hem, t.span(7, 14), t.rng, t.span(0.9, 1.4))
    if t.has(ids.BEAD, 0.03):
        collar = np.concatenate([u.neck_curve(b, 1.0), u.neck_curve(b, t.span(5, 8))[::-1]])
        pieces += ornaments.beadwork(collar, t.span(0.6, 1.0), t.rng)
    if t.has(ids.FLOWER, 0.03):
        flower = ornaments.flower(t.span(4, 10), t.pick([5, 6, 7]), t.rng)
        pieces += [moved(p, b.shoulder * t.span(-0.7, 0.7), b.armhole * t.span(0.7, 1.3)) for p in flower]
    if t.has(ids.RIVET, 0.03):
        points = np.concatenate([u.neck_curve(b, 2.0 + k)[6:-6:3] for k in (1.4, 3.4)])
        pieces.append(trims.studs(points, t.span(0.55, 0.8)))
    return pieces


def hoodie(t: Taste, label: int = ids.TOP, zipped: bool | None = None) -> Garment:
    """Hooded sweatshirt, pulled over or zipped."""
    b = replace(cut(t), neck=t.span(8.5, 10), depth=7.5, rise=0.3)
    zipped = t.has(ids.ZIPPER, 0.4) if zipped is None else zipped
    pieces = [u.body(b, label), *sleeves(t, b, t.span(52, 60), "rib"), u.hem_band(b, 6)]
    if zipped:
        pocket = moved(trims.welt_pocket(3.2, 15), b.hem * 0.55, b.length - 25, 0.35)
        pieces += [*trims.zipper(np.array([[0, b.depth - 1.0], [0, b.length - 0.6]]), 1.7), *both(pocket)]
    else:
        pieces.append(moved(trims.kangaroo_pocket(b.hem * 1.25, 19), 0, b.length - 26))
    pieces += [
        *collars.hood(b, t.span(26, 31), t.span(14, 17)),
        *(collars.cords(b, t.span(10, 20)) if t.flip(0.7) else []),
    ]
    pieces += [] if zipped else chest_print(t, replace(b, armhole=b.armhole - 3))
    return Garment(
        label, tuple(pieces), {"plain": 5, "melange": 4, "fur": 0.6, "camouflage": 0.4, "stripes": 0.3}, stress(b)
    )


def _collar(t: Taste, b: u.Bodice) -> list[Piece]:
    """A turned-down collar, its tips buttoned down now and then, or a band standing up."""
    if ids.COLLAR not in t.wants and t.flip(0.12):
        band = collars.stand_collar(b, t.span(2.8, 4), "collar")
        return [*band, u.button(0, b.back + 0.4, 0.55)]
    point, spread = t.span(5, 8), t.span(4, 7)
    leaves = collars.shirt_collar(b, point, spread)
    tip = u.button(spread + 2.6, b.depth + point - 2.6, 0.45)
    return [*leaves, *both(tip)] if t.flip(0.25) else leaves


def shirt(t: Taste) -> Garment:
    """Button shirt or blouse."""
    b = replace(cut(t), neck=t.span(7.5, 9), depth=t.span(6, 8), rise=t.span(3, 7))
    blouse = t.flip(0.35) or bool({ids.BOW, ids.RUFFLE} & t.wants)
    length = t.pick([SHORT + 3, LONG, LONG])
    pieces = [u.body(b, ids.SHIRT), u.lining(b)]
    pieces += sleeves(t, b, length, "main" if length == LONG else None, puff=t.span(0, 2) if blouse else 0)
    pieces += u.placket(b, b.depth - 0.5, b.length, 3.2, int(t.pick([6, 7, 8])))
    if t.has(ids.RUFFLE, 0.25) and blouse:
        for side in (-1, 1):
            path = np.array([[side * 1.8, b.depth + 1], [side * 2.2, b.length * 0.62]])
            pieces.append(trims.ruffle(path[::-side], t.span(3, 5), t.rng, 9))
    if blouse and t.has(ids.BOW, 0.35):
        pieces.append(u.neckline(b, 2.5, filled=True, cloth="main"))
        pieces += placed(ornaments.bow(t.span(14, 24), t.span(7, 10), t.span(16, 26), "main"), 0, b.depth + 2)
    else:
        pieces += _collar(t, b)
    if t.has(ids.POCKET, 0.5):
        pocket = moved(trims.patch_pocket(11, 12.5, flap=t.flip()), b.chest * 0.46, b.armhole - 1)
        pieces += both(pocket) if t.flip() else [pocket]
    if t.has(ids.EPAULETTE, 0.05):
        pieces += epaulettes(t, b)
    pieces += hem_trim(t, replace(b, rise=b.rise)) if ids.RUFFLE not in t.wants else []
    fabrics = {"plain": 4, "stripes": 2, "check": 3, "denim": 1, "floral": 1, "dots": 0.6, "twill": 1, "lace": 0.3}
    return Garment(ids.SHIRT, tuple(pieces), fabrics, stress(b))


def epaulettes(t: Taste, b: u.Bodice) -> list[Piece]:
    """A strap on each shoulder."""
    run, drop = b.shoulder - b.neck, b.slope
    strap = ornaments.epaulette(run * 0.82, t.span(4, 5.5), t.flip(0.25), t.rng)
    return both(*placed(strap, b.neck + 1.8, 2.6, float(np.arctan2(drop, run))))


def sweater(t: Taste) -> Garment:
    """Knitted pullover: crew neck, V or turtleneck."""
    b = replace(cut(t), depth=t.span(5, 8), neck_shape=t.pick([2.0, 2.0, 1.05]), rise=0.3)
    b = replace(b, depth=t.span(14, 20)) if b.neck_shape < 1.5 else b
    pieces = [u.body(b, ids.SWEATER), u.lining(b), *sleeves(t, b, t.span(52, 60), "rib"), u.hem_band(b, t.span(5, 8))]
    if b.neck_shape > 1.5 and t.flip(0.35):
        pieces += collars.stand_collar(b, t.span(8, 13), label=ids.COLLAR)
    else:
        pieces.append(u.neckline(b, t.span(2.4, 3.4), filled=b.depth < 8))
    pieces += chest_print(t, b) + hem_trim(t, b)
    return Garment(ids.SWEATER, tuple(pieces), {"knit": 8, "rib": 0.7, "fur": 0.7}, stress(b), 0.8)


def cardigan(t: Taste) -> Garment:
    """Knitted jacket: V neck, buttons, often pockets."""
    b = replace(cut(t), depth=t.span(20, 34), neck_shape=1.15, rise=0.3, length=t.span(56, 84))
    pieces = [u.body(b, ids.CARDIGAN), u.lining(b), *sleeves(t, b, t.span(50, 60), "rib"), u.hem_band(b, 6)]
    if t.flip(0.4):
        pieces += u.open_front(b, t.span(3, 7), 3.2)
    else:
        pieces += [*u.placket(b, b.depth, b.length, 4.0, int(t.pick([4, 5, 6]))), u.neckline(b, 3.4)]
    if t.has(ids.POCKET, 0.6):
        pieces += both(moved(trims.patch_pocket(13, 14, pointed=False), b.hem * 0.55, b.length - 24))
    if t.has(ids.FLOWER, 0.05):
        pieces += both(*placed(ornaments.flower(4.5, 5, t.rng), b.chest * 0.5, b.armhole + 3))
    if t.has(ids.BEAD, 0.05):
        pieces.append(trims.studs(u.neck_curve(b, 1.6)[::2], 0.9, ids.BEAD, "bead"))
    return Garment(ids.CARDIGAN, tuple(pieces), {"knit": 8, "rib": 0.6, "melange": 0.8}, stress(b), 0.8)
