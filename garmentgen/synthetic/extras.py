"""Recipes for accessories and shoes."""

from __future__ import annotations

import numpy as np

from . import accessories as a
from . import carried, headwear, ids, ornaments, trims
from . import footwear as f
from .bottoms import twin
from .shapes import Garment, Piece, box, moved, placed
from .taste import Taste


def hat(t: Taste) -> Garment:
    """Beanie, cap or brimmed hat."""
    kind = 2 if {ids.RIBBON, ids.FLOWER, ids.BOW} & t.wants else t.pick([0, 0, 1, 2, 2])
    if kind == 0:
        pieces = headwear.beanie(t.span(21, 25), t.span(18, 23), t.span(5, 8), t.pick([0.0, t.span(4, 6)]))
        return Garment(ids.HAT, tuple(pieces), {"knit": 6, "rib": 2, "fur": 1, "melange": 1}, (), 0.5)
    if kind == 1:
        pieces = headwear.cap(t.span(19, 22), t.span(13, 16), t.span(5.5, 8))
        if t.has(ids.APPLIQUE, 0.4):
            pieces += placed(ornaments.applique(t.span(2.6, 3.8), t.rng), 0, -6.5)
        return Garment(ids.HAT, tuple(pieces), {"twill": 4, "plain": 2, "denim": 1, "camouflage": 0.5}, (), 0.5)
    brim = t.span(17, 25)
    pieces = headwear.brimmed_hat(t.span(9.5, 11.5), t.span(10, 14), brim, t.span(5, 9), t.pick([0.2, 1.4]))
    if t.has(ids.FLOWER, 0.25):
        pieces += placed(ornaments.flower(t.span(3, 4.4), t.pick([5, 6]), t.rng), -6, 0.5)
    if t.has(ids.BOW, 0.2):
        pieces += placed(ornaments.bow(8, 4.6, 0, "satin"), 6.5, 1.0)
    return Garment(ids.HAT, tuple(pieces), {"plain": 2, "fur": 1, "rib": 2, "twill": 1, "leather": 0.6}, (), 0.5)


def hair(t: Taste) -> Garment:
    """Headband with a bow, flowers or beads."""
    if t.flip(0.55) or {ids.BEAD, ids.FLOWER} & t.wants:
        width, height = t.span(14, 17), t.span(15, 18)
        pieces: list[Piece] = [headwear.headband(width, height, t.span(1.6, 4))]
        if t.has(ids.FLOWER, 0.35):
            for x, y in ((-0.42, -0.84), (0, -1.0), (0.42, -0.84))[: t.rng.integers(1, 4)]:
                flower = ornaments.flower(t.span(2, 3.2), t.pick([5, 6]), t.rng)
                pieces += placed(flower, x * width / 2 * 1.3, y * height)
        elif t.has(ids.BEAD, 0.3):
            s = np.linspace(-1.1, 1.1, 17)
            row = np.stack([width / 2 * np.sin(s), -height * np.cos(s * 0.9) * 0.99], 1)
            pieces.append(trims.studs(row, 0.6, ids.BEAD, "bead"))
        elif t.has(ids.BOW, 0.6):
            pieces += placed(ornaments.bow(t.span(7, 14), t.span(4, 8)), -3, -height * 0.95, -0.2)
    else:
        pieces = headwear.wide_headband(t.span(19, 23), t.span(7, 9))
        if t.has(ids.BOW, 0.5):
            pieces += placed(ornaments.bow(t.span(9, 12), t.span(5, 7), 0, t.pick(["main", "accent"])), 0, 4)
    fabrics = {"plain": 3, "floral": 1.5, "dots": 1.5, "knit": 1.5, "leather": 0.8, "stripes": 0.8, "check": 0.6}
    return Garment(ids.HEADBAND, tuple(pieces), fabrics, (), 0.6)


def tie(t: Taste) -> Garment:
    """Necktie or bow tie."""
    pieces = a.bow_tie(t.span(11, 13), t.span(6, 8)) if t.flip(0.3) else a.necktie(t.span(46, 56), t.span(7, 9.5))
    fabrics = {"stripes": 4, "dots": 2, "plain": 2, "check": 1, "floral": 0.6, "knit": 0.6}
    return Garment(ids.TIE, tuple(pieces), fabrics, (), 0.4)


def gloves(t: Taste) -> Garment:
    """A pair of gloves or mittens."""
    one = a.glove(t.span(9, 11), t.span(20, 24), t.flip(0.35))
    if t.has(ids.BOW, 0.1):
        one += placed(ornaments.bow(6, 3.6), 0, 13)
    if t.has(ids.RIVET, 0.1):
        one.append(trims.studs(np.array([[x, 1.0] for x in (-3, -1, 1, 3)]), 0.6))
    pieces = twin(one, t.span(9, 11), t.span(-0.05, 0.25))
    return Garment(ids.GLOVE, pieces, {"leather": 3, "knit": 4, "fur": 1, "plain": 1}, (), 0.5)


def watch(t: Taste) -> Garment:
    """Wrist watch."""
    pieces = a.watch(t.span(1.9, 2.4), t.span(1.7, 2.3), t.span(20, 24), t.flip(0.3))
    return Garment(ids.WATCH, tuple(pieces), {"leather": 1}, (), 0.2)


def belt(t: Taste) -> Garment:
    """Belt, laid out or rolled."""
    if t.flip(0.35) and ids.RIVET not in t.wants:
        pieces = a.coiled_belt(t.span(7, 9), t.span(3, 4.5))
    else:
        pieces = a.belt(
            t.span(44, 70), t.span(3.5, 5.5), t.span(-10, 14), int(t.span(8, 16)) if t.has(ids.RIVET, 0.3) else 0
        )
    return Garment(ids.BELT, tuple(pieces), {"leather": 1}, (), 0.2)


def shoes(t: Taste) -> Garment:
    """A pair of shoes."""
    wants = t.wants & {ids.BUCKLE, ids.BOW, ids.ZIPPER, ids.BEAD}
    kind = (
        {ids.BUCKLE: 1, ids.BOW: 1, ids.ZIPPER: 3, ids.BEAD: 2}[min(wants)] if wants else t.pick([0, 0, 1, 2, 3, 4, 5])
    )
    if kind < 3:
        width, length = t.span(9, 10.5), t.span(26, 29)
        shoe = (
            f.sneaker(width, length),
            f.flat_shoe(width * 0.88, length, t.has(ids.BUCKLE, 0.4), t.has(ids.BOW, 0.4)),
            f.flip_flop(width, length, t.has(ids.BEAD, 0.3)),
        )[kind]
        pieces = f.pair(shoe, t.span(6, 7.5), t.span(-0.05, 0.22))
        pieces = placed(pieces, angle=np.pi) if t.flip(0.6) else pieces  # photographers stand at the toes
    elif kind == 3:
        shoe = f.boot(t.span(16, 36), t.span(1.5, 5), t.has(ids.ZIPPER, 0.4))
        pieces = f.pair(placed(shoe, 4), 5, 0)
    else:
        shoe = f.heel_shoe(t.span(4, 9), t.flip(), t.has(ids.BOW, 0.3)) if kind == 4 else f.side_sneaker()
        rise = t.span(10, 14)
        pieces = [*placed(shoe, -3, -rise), *placed(shoe, 3, 3)]
    fabrics = {"leather": 5, "plain": 2, "denim": 0.4, "corduroy": 0.4, "animal": 0.4, "floral": 0.3, "check": 0.3}
    return Garment(ids.SHOE, tuple(pieces), fabrics, (), 0.3)


def bag_trim(t: Taste, width: float, height: float, low: float) -> list[Piece]:
    """Fringe, tassel, rivets or a flower on a handbag; `low` is half its width at the bottom."""
    pieces: list[Piece] = []
    if t.has(ids.FRINGE, 0.12):
        row = np.array([[-width * 0.46, height * 0.62], [width * 0.46, height * 0.62]])
        pieces += trims.fringe(row, height * 0.55, t.rng, 1.0, "strap")
    if t.has(ids.TASSEL, 0.25):
        tassel = ornaments.tassel(t.span(9, 12), t.span(3, 4.2))
        pieces += placed(tassel, width * 0.3, height * 0.2, -0.05)
    if t.has(ids.RIVET, 0.2):
        points = np.array([[x, height - 2.2] for x in np.linspace(-low + 2.5, low - 2.5, int(t.span(8, 15)))])
        pieces.append(trims.studs(points, t.span(0.5, 0.75), tips=t.pick([0, 4])))
    if t.has(ids.FLOWER, 0.05):
        pieces += placed(ornaments.flower(t.span(3, 4.5), 6, t.rng), -width * 0.2, height * 0.65)
    return pieces


def bag(t: Taste) -> Garment:
    """Handbag, tote, clutch or backpack."""
    fabrics = {"leather": 6.0, "quilt": 1.5, "denim": 0.8, "plain": 1.0, "check": 0.5, "animal": 0.4}
    if ids.POCKET in t.wants or (not t.wants and t.flip(0.25)):
        pieces = carried.backpack(t.span(26, 32), t.span(36, 44))
        return Garment(ids.BAG, tuple(pieces), fabrics | {"plain": 4.0, "twill": 3.0, "camouflage": 1.0}, (), 0.6)
    width, height, flare = t.span(24, 38), t.span(18, 28), t.span(0.92, 1.15)
    flap = 0.0 if ids.ZIPPER in t.wants else t.pick([0.0, t.span(0.4, 0.65)])
    flap = 0.55 if ids.BUCKLE in t.wants else flap
    pieces = carried.handbag(width, height, flare, t.span(9, 18), flap)
    if t.has(ids.SEQUIN, 0.05):
        pieces.insert(2, ornaments.sequin_panel(box(-width, 1.5, width, height)))
    pieces += bag_trim(t, width, height, width / 2 * flare)
    return Garment(ids.BAG, tuple(pieces), fabrics, (), 0.5)


def scarf(t: Taste) -> Garment:
    """Scarf with fringed ends."""
    kind = (
        ids.TASSEL
        if ids.TASSEL in t.wants
        else t.pick([None, ids.TASSEL])
        if not t.has(ids.FRINGE, 0.5)
        else ids.FRINGE
    )

    def finish(rim: np.ndarray) -> list[Piece]:
        if kind == ids.FRINGE:
            return trims.fringe(rim, 6.0, t.rng, 1.0, "main")
        if kind == ids.TASSEL:
            return [moved(p, *end) for end in rim for p in ornaments.tassel(10, 4)]
        return []

    width, length = t.span(12, 17), t.span(50, 75)
    if t.flip(0.6):
        pieces = carried.draped_scarf(width, length, t.span(0.75, 1.0), finish)
    else:
        pieces = carried.long_scarf(width, length * 1.3, width * t.span(-0.9, 0.9), finish)
    fabrics = {"check": 4, "knit": 3, "plain": 2, "stripes": 2, "floral": 1.5, "dots": 0.7, "animal": 0.6}
    return Garment(ids.SCARF, tuple(pieces), fabrics, (), 0.9)


def glasses(t: Taste) -> Garment:
    """Spectacles or sunglasses."""
    lens, height, bridge = t.span(2.4, 3.1), t.span(1.9, 2.6), t.span(1.4, 2.2)
    pieces = headwear.glasses(lens, height, bridge, t.pick([2.0, 2.6, 3.6, 5.0]), t.flip(0.6))
    return Garment(ids.GLASSES, tuple(pieces), {"plain": 1}, (), 0.2)


def umbrella(t: Taste) -> Garment:
    """Umbrella, open or rolled."""
    pieces = (
        carried.open_umbrella(t.span(42, 52), t.span(26, 36), t.span(36, 46), t.pick([6, 8]))
        if t.flip(0.65)
        else carried.closed_umbrella(t.span(75, 90), t.span(9, 13))
    )
    if t.has(ids.RUFFLE, 0.06):
        pieces.append(trims.ruffle(np.array([[-42.0, -1.5], [42.0, -1.5]]), 4, t.rng))
    fabrics = {"plain": 5, "stripes": 1.5, "dots": 1.5, "floral": 1, "check": 1}
    return Garment(ids.UMBRELLA, tuple(pieces), fabrics, (), 0.5)
