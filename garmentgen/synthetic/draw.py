"""Draw one garment, or an outfit, as a photo with its segments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from ..data.resize import MARGIN
from ..labels import NUM_LABELS, PARTS
from . import bottoms, extras, ids, outerwear, tops
from .fabrics import STITCHES, TILE
from .outfits import lay_out
from .painter import Canvas, Cloth, Place, paint_garment, segments
from .shading import floor
from .shapes import Garment
from .taste import Taste
from .wardrobe import dress_up

Recipe = Callable[[Taste], Garment]

RECIPES: dict[int, Recipe] = {
    ids.SHIRT: tops.shirt, ids.TOP: tops.tshirt, ids.SWEATER: tops.sweater, ids.CARDIGAN: tops.cardigan,
    ids.JACKET: outerwear.jacket,
    ids.VEST: outerwear.vest, ids.PANTS: bottoms.pants, ids.SHORTS: bottoms.shorts, ids.SKIRT: bottoms.skirt,
    ids.COAT: outerwear.coat,
    ids.DRESS: bottoms.dress, ids.JUMPSUIT: bottoms.jumpsuit, ids.CAPE: outerwear.cape,
    ids.GLASSES: extras.glasses, ids.HAT: extras.hat,
    ids.HEADBAND: extras.hair, ids.TIE: extras.tie, ids.GLOVE: extras.gloves, ids.WATCH: extras.watch,
    ids.BELT: extras.belt,
    ids.LEG_WARMER: bottoms.leg_warmers, ids.TIGHTS: bottoms.hosiery, ids.SOCK: bottoms.socks,
    ids.SHOE: extras.shoes, ids.BAG: extras.bag,
    ids.SCARF: extras.scarf, ids.UMBRELLA: extras.umbrella,
}  # fmt: skip
"""How to draw each garment class."""

CARRIERS: dict[int, tuple[Recipe, ...]] = {
    ids.HOOD: (tops.hoodie, tops.hoodie, outerwear.jacket, outerwear.coat, outerwear.cape),
    ids.COLLAR: (tops.shirt, outerwear.denim_jacket, outerwear.blazer, outerwear.zip_jacket),
    ids.LAPEL: (outerwear.blazer, outerwear.coat, outerwear.vest),
    ids.EPAULETTE: (tops.shirt, outerwear.coat, outerwear.denim_jacket, outerwear.zip_jacket, outerwear.blazer),
    ids.SLEEVE: (tops.tshirt, tops.sweater, bottoms.dress, outerwear.coat, tops.shirt),
    ids.POCKET: (tops.shirt, tops.cardigan, bottoms.pants, bottoms.shorts,
        bottoms.skirt, bottoms.jumpsuit, extras.bag, outerwear.coat),
    ids.NECKLINE: (tops.tshirt, bottoms.dress, tops.cardigan),
    ids.BUCKLE: (extras.belt, outerwear.coat, extras.shoes, extras.bag, bottoms.dress, bottoms.pants),
    ids.ZIPPER: (outerwear.zip_jacket, tops.hoodie, outerwear.vest, bottoms.skirt, extras.bag, bottoms.jumpsuit),
    ids.APPLIQUE: (tops.tshirt, tops.sweater, outerwear.denim_jacket, outerwear.zip_jacket, bottoms.pants, extras.hat),
    ids.BEAD: (tops.tshirt, tops.cardigan, tops.sweater, bottoms.dress, extras.hair, extras.shoes),
    ids.BOW: (tops.shirt, bottoms.dress, extras.hair, extras.shoes,
        bottoms.skirt, outerwear.cape, extras.gloves, bottoms.socks),
    ids.FLOWER: (tops.tshirt, bottoms.dress, extras.hair, extras.hat, tops.cardigan, extras.bag),
    ids.FRINGE: (tops.tshirt, outerwear.cape, extras.scarf, bottoms.skirt,
        extras.bag, outerwear.vest, bottoms.shorts, bottoms.dress),
    ids.RIBBON: (bottoms.dress, extras.hat, bottoms.skirt),
    ids.RIVET: (outerwear.zip_jacket, extras.belt, bottoms.pants, outerwear.denim_jacket, extras.bag, tops.tshirt),
    ids.RUFFLE: (bottoms.dress, bottoms.skirt, tops.shirt, tops.tshirt),
    ids.SEQUIN: (tops.tshirt, bottoms.dress, bottoms.skirt, extras.bag, tops.sweater),
    ids.TASSEL: (extras.bag, outerwear.cape, bottoms.leg_warmers, extras.scarf),
}  # fmt: skip
"""On which garments each part, closure or decoration is drawn."""

_OFTEN_PHOTOGRAPHED = (
    ids.TOP, ids.SHIRT, ids.PANTS, ids.SHORTS, ids.DRESS, ids.SHOE, ids.HAT, ids.SLEEVE, ids.NECKLINE, ids.COLLAR,
)  # fmt: skip

_KNITTED = (ids.SWEATER, ids.CARDIGAN)


def choose(rng: np.random.Generator, kind: int | None = None) -> Garment:
    """A garment of class `kind`, or one that carries part `kind`; None: any, classes that photos lack more often."""
    if kind is None:
        weights = np.zeros(NUM_LABELS)
        weights[[*RECIPES, *CARRIERS]] = 1
        weights[list(_OFTEN_PHOTOGRAPHED)] = 0.4
        weights[list(_KNITTED)] = 6  # painted often, and knit is learnt from drawings alone
        kind = int(rng.choice(NUM_LABELS, p=weights / weights.sum()))
    if kind not in RECIPES and kind not in CARRIERS:
        raise ValueError(f"kind is a class id of RECIPES or CARRIERS, or None, but it is {kind}")
    if kind in PARTS:
        makers, garment = CARRIERS[kind], None
        while garment is None or kind not in (piece.label for piece in garment.pieces):  # some cuts have no room for it
            garment = makers[int(rng.integers(len(makers)))](Taste(rng, frozenset({kind})))
        return garment
    return RECIPES[kind](Taste(rng))


def _place(
    rng: np.random.Generator,
    garment: Garment,
    box: tuple[float, float, float, float],
    turn: float,
) -> Place:
    """Lay a garment into a box (top, left, bottom, right; pixels), as large as fits."""
    points = garment.points()
    extent = float(np.ptp(points, axis=0).max())
    waves = rng.uniform(1.5, 4.5, (2, 6)) * rng.choice([-1, 1], (2, 6)) / extent
    wobble = np.stack([*waves, rng.uniform(0, 2 * np.pi, 6), rng.normal(0, 0.006, 6) * extent * garment.stiffness])
    unit = Place(1.0, turn, np.zeros(2), wobble).pixels(points)
    low, high = unit.min(0), unit.max(0)
    top, left, bottom, right = box
    fit = float(min((right - left) / (high[0] - low[0]), (bottom - top) / (high[1] - low[1])))
    middle = np.array([left + right, top + bottom]) / 2
    return Place(fit, turn, middle - (low + high) / 2 * fit, wobble)


GAUGES = (32, 64)
"""Stitches across the prepared picture of a knitted garment: 8 or 4 px each at 256, the beat of `Generator.weave`."""


def _on_the_needles(
    garment: Garment, cloths: dict[str, Cloth], place: Place, size: int, extent: float, gauge: int
) -> tuple[Garment, dict[str, Cloth]]:
    """A knitted garment, `extent` pixels long, whose stitches stand upright on a grid around the picture's middle.

    Every such picture has the same grid once it is prepared, so its stitches can be learnt pixel by pixel; stitches
    of any size anywhere are learnt as grain. Sleeves alone are knitted along their own length, as real ones are.
    """
    main = cloths["main"]
    cm = extent * (1 + 2 * MARGIN) / gauge * STITCHES / place.scale
    middle = ((size - 1) / 2 - place.shift) * TILE / cm / place.scale  # of the picture, in the tile's pixels
    right, down = np.rint(middle % (TILE / STITCHES)).astype(int)
    knit = replace(main, tile=np.roll(main.tile, (down, right), (0, 1)), cm=cm)
    pieces = tuple(
        replace(piece, grain=0.0) if cloths[piece.cloth] is main and piece.label != ids.SLEEVE else piece
        for piece in garment.pieces
    )
    return replace(garment, pieces=pieces), {key: knit if cloth is main else cloth for key, cloth in cloths.items()}


def _develop(rng: np.random.Generator, canvas: Canvas) -> np.ndarray:
    """Exposure, softness and grain of a phone's camera: float RGB 0..1 -> uint8."""
    photo = canvas.photo
    photo *= np.float32(rng.uniform(0.9, 1.06)) * (1 + rng.normal(0, 0.02, 3)).astype(np.float32)
    photo = cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.35, 0.6) * canvas.size / 512)
    grain = rng.standard_normal((canvas.size, canvas.size), np.float32) * np.float32(rng.uniform(0.004, 0.012))
    photo += grain[..., None]
    return np.clip(photo * 255 + 0.5, 0, 255).astype(np.uint8)


def draw_garment(
    rng: np.random.Generator, size: int = 512, kind: int | None = None
) -> tuple[np.ndarray, list[tuple[int, np.ndarray]]]:
    """One garment lying flat, as a photo.

    Args:
        rng: source of every choice; the same state gives the same picture.
        size: side of the square photo in pixels.
        kind: class id of a garment or of a part that must be on it; None = any.

    Returns:
        (photo uint8 RGB [size, size, 3], segments): a segment is (class id, mask bool [size, size]), one for the
        whole garment and one for each part of it; masks are never empty.

    Raises:
        ValueError: kind is no class.
    """
    garment = choose(rng, kind)
    margin = size * rng.uniform(0.03, 0.09)
    cloths = dress_up(rng, garment)
    turn = 0.0 if cloths["main"].stitched else rng.normal(0, 0.06)
    place = _place(rng, garment, (margin, margin, size - margin, size - margin), turn)
    if cloths["main"].stitched:
        gauge = int(rng.choice(GAUGES))
        garment, cloths = _on_the_needles(garment, cloths, place, size, size - 2 * margin, gauge)
    canvas = Canvas(floor(rng, size), [])
    paint_garment(canvas, garment, cloths, place, 0, rng)
    return _develop(rng, canvas), segments(canvas.layers, [garment.label], size)


def draw_part(
    rng: np.random.Generator, size: int = 512, kind: int | None = None
) -> tuple[np.ndarray, list[tuple[int, np.ndarray]]]:
    """A part, closure or decoration by itself and large, so that a big bow is learnt as well as a small one.

    Arguments and returned values as in `draw_garment`; `kind` must be the class id of a part, None = any part.
    """
    kind = int(rng.choice(PARTS)) if kind is None else kind
    if kind not in PARTS:
        raise ValueError(f"kind is the class id of a part, one of {PARTS}, but it is {kind}")
    garment = choose(rng, kind)
    pieces = tuple(replace(piece, inside=False) for piece in garment.pieces if piece.label == kind)
    right = tuple(p for p in pieces if min(o[:, 0].min() for o in p.outlines) > 0)
    left = tuple(p for p in pieces if max(o[:, 0].max() for o in p.outlines) < 0)
    if len(left) + len(right) == len(pieces) and right:  # a pair: one of it is enough, and larger
        pieces = right
    alone = Garment(kind, pieces, garment.fabrics, (), garment.stiffness)
    canvas, margin = Canvas(floor(rng, size), []), size * rng.uniform(0.05, 0.2)
    place = _place(rng, alone, (margin, margin, size - margin, size - margin), rng.normal(0, 0.3))
    paint_garment(canvas, alone, dress_up(rng, alone), place, 0, rng)
    return _develop(rng, canvas), segments(canvas.layers, [kind], size)


def draw_outfit(rng: np.random.Generator, size: int = 512) -> tuple[np.ndarray, list[tuple[int, np.ndarray]]]:
    """Several garments laid out as they are worn: hat above top above trousers above shoes, the rest beside.

    Arguments and returned values as in `draw_garment`.
    """
    canvas, labels = Canvas(floor(rng, size), []), []
    for number, (label, box, turn) in enumerate(lay_out(Taste(rng))):
        garment = choose(rng, label)
        top, left, bottom, right = box
        place = _place(rng, garment, (top * size, left * size, bottom * size, right * size), turn)
        paint_garment(canvas, garment, dress_up(rng, garment), place, number, rng)
        labels.append(label)
    return _develop(rng, canvas), segments(canvas.layers, labels, size)
