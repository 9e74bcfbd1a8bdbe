"""The twelve label maps the demo starts from: flat garments drawn from the same patterns as the drawn photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from ..labels import BACKGROUND, colorize
from ..photo import write_png
from . import accessories, carried, collars, footwear, headwear, ids, ornaments, trims
from . import lower as lo
from . import upper as u
from .painter import coverage
from .shapes import SOFT, Piece, along, arch, between, both, box, flip, moved, placed

SIZE = 512
MARGIN = 0.04

_TOP = u.Bodice(
    neck=8.5, depth=5.5, back=1.6, shoulder=21.5, slope=4.2, chest=25.5, armhole=23, waist=25, waist_at=44,
    hem=24.9, length=66, rise=0.6
)  # fmt: skip


@dataclass(frozen=True)
class Template:
    """File name without number, titles, and what draws its pieces (cm, bottom to top)."""

    name: str
    title: str
    title_zh: str
    draw: Callable[[], list[Piece]]


def tshirt(b: u.Bodice = _TOP) -> list[Piece]:
    """Crew-neck T-shirt."""
    return [u.body(b, ids.TOP), *both(u.sleeve(b, 21, 0.86, 16.5)), u.neckline(b, 2.4, filled=True)]


def shirt() -> list[Piece]:
    """Long-sleeved shirt with two chest pockets."""
    b = replace(_TOP, neck=8, depth=6.5, chest=26, hem=26, length=74, rise=5, waist=25)
    pocket = moved(trims.patch_pocket(11.5, 13), 12.8, 24)
    return [u.body(b, ids.SHIRT), *both(u.sleeve(b, 57, 0.36, 11)), *collars.shirt_collar(b, 6.5, 6), *both(pocket)]


def sweater() -> list[Piece]:
    """Crew-neck pullover."""
    b = replace(_TOP, neck=8.8, depth=6, shoulder=22, chest=26.5, waist=26, hem=25.5, length=63, rise=0.3)
    return [u.body(b, ids.SWEATER), *both(u.sleeve(b, 58, 0.34, 11)), u.neckline(b, 3.0, filled=True)]


def hoodie() -> list[Piece]:
    """Hooded sweatshirt with a pouch."""
    b = replace(_TOP, neck=9.5, depth=7, shoulder=23, chest=28, waist=27.5, hem=26, length=66, rise=0)
    pouch = moved(trims.kangaroo_pocket(33, 19), 0, 42)
    return [u.body(b, ids.TOP), *both(u.sleeve(b, 56, 0.36, 11.5)), pouch, *collars.hood(b, 26, 15)]


def coat() -> list[Piece]:
    """Long coat with lapels and flap pockets."""
    b = replace(_TOP, neck=8, depth=30, chest=25.5, waist=23.5, waist_at=46, hem=29.5, length=104, rise=0.8)
    b = replace(b, shoulder=21, slope=4.5)
    pocket = moved(trims.welt_pocket(15, 5.5), 15.5, 60, 0.06)
    return [u.body(b, ids.COAT), *both(u.sleeve(b, 59, 0.3, 11)), *both(pocket), *collars.lapels(b, 34, (14.5, 14.0))]


def dress() -> list[Piece]:
    """Short-sleeved dress with a sash and a flared skirt."""
    b = u.Bodice(
        neck=9, depth=7.5, back=2, shoulder=18.5, slope=3.6, chest=21.5, armhole=20, waist=17.5, waist_at=38,
        hem=38, length=100, rise=0
    )  # fmt: skip
    sash = Piece(
        (between(arch((0, 36.4, SOFT), (18.6, 35.8)), arch((0, 40.6, SOFT), (18.8, 40.0))),), ids.RIBBON, inside=True
    )
    puffed = u.sleeve(b, 16, 0.8, 13.5, puff=1.2)
    return [lo.dress_body(b, 38, 20, 4)[0], *both(puffed), u.neckline(b, 2.2, filled=False), sash]


def skirt() -> list[Piece]:
    """A-line skirt with two pockets and a frill at the hem."""
    frill_top, hem = arch((0, 48.4, SOFT), (34.0, 44.4)), along(arch((0, 60, SOFT), (39.5, 55.5)), 400)
    scallop = hem - np.outer(np.cos(np.linspace(0, 1, len(hem)) * 2 * np.pi * 11), (0, 0.9))
    frill = Piece((between(frill_top, scallop),), ids.RUFFLE)
    body = lo.skirt(17, 23, 34, 49, sweep=4)
    pocket = Piece((lo.jeans_pockets(lo.Legs(17, 24), 4.5, 8.5, 11)[0].outlines[0],), ids.POCKET, inside=True)
    return [body, *both(pocket), frill]


def trousers() -> list[Piece]:
    """Straight trousers with front pockets and a belt."""
    legs = lo.Legs(19, 25.5, 29, 104, 10.6, 8.6, 5.6)
    band = lo.waistband(legs.waist, legs.hip, 4.4)[0]
    buckle = placed(trims.buckle(7.0, 5.6)[:1], 0, 3.0)
    return [
        lo.trousers(legs, ids.PANTS),
        *lo.jeans_pockets(legs, 4.6, 11.5, 11),
        replace(band, label=ids.BELT),
        *buckle,
    ]


def jumpsuit() -> list[Piece]:
    """Short-sleeved overall with collar, zip and belt."""
    b = replace(_TOP, neck=8, depth=7, shoulder=20, chest=23.5, armhole=22, waist=20.5, waist_at=42)
    legs = lo.Legs(b.waist, 24.5, 27, 98, 10.6, 9, 4)
    belt = Piece(
        (between(arch((0, 40.6, SOFT), (22, 40.0)), arch((0, 44.8, SOFT), (22, 44.2))),), ids.BELT, inside=True
    )
    buckle = placed(trims.buckle(6.6, 6.0)[:1], 0, 42.6)
    pocket = moved(trims.patch_pocket(10.5, 11), 11.5, 22)
    zipper = trims.zipper(np.array([[0, b.depth], [0, 58.0]]), 2.2, pull=False)
    sleeves = both(u.sleeve(b, 20, 0.72, 15))
    return [
        lo.jumpsuit_body(b, legs, 42),
        *sleeves,
        *zipper,
        *both(pocket),
        belt,
        *buckle,
        *collars.shirt_collar(b, 6, 5.5),
    ]


def shoes() -> list[Piece]:
    """A pair of ballet flats from above, toes down as most are photographed."""
    sole = Piece((footwear.sole_outline(10.6, 27),), ids.SHOE)
    bow = placed(ornaments.bow(6.4, 3.8), 0.3, -7.6)
    return placed(both(*placed([sole, *bow], 6.4, 0, 0.07)), angle=np.pi)


def hat() -> list[Piece]:
    """Brimmed hat with a ribbon."""
    plate, crown, _ = headwear.brimmed_hat(11.5, 13.5, 22, 6.5, 0.5)
    band = Piece(
        (between(arch((0, -1.2, SOFT), (12.4, -4.2)), arch((0, 2.9, SOFT), (12.4, 0.2))),), ids.RIBBON, inside=True
    )
    return [plate, replace(crown, label=ids.HAT), band]


def outfit() -> list[Piece]:
    """Hat, T-shirt, trousers and shoes as worn; glasses, bag, scarf, gloves, umbrella and socks beside."""

    def fringe(rim: np.ndarray) -> list[Piece]:
        (x0, y), (x1, _) = rim
        return [Piece((box(x0, y, x1, y + 5),), ids.FRINGE)]

    sock = lo.sock(4.6, 17, 17)[:1]
    glove = accessories.glove(10, 22, False)
    bag = [p for p in carried.handbag(27, 21, 1.08, 13, 0.5) if p.label in (ids.BAG, ids.BUCKLE)][:3]
    return [
        *placed(trousers(), 0, 70, scale=0.9),
        *placed(tshirt(), 0, 8),
        *placed(hat(), 0, -2.5, scale=0.9),
        *placed(shoes(), 0, 182),
        *placed(headwear.glasses(2.8, 2.3, 1.8, 2.8, True), 66, -6, scale=2.5),
        *placed(carried.long_scarf(10, 46, 0, fringe), -66, 6, scale=1.3),
        *placed(bag, -64, 116, scale=1.3),
        *placed(glove, -77, 178, scale=0.95),
        *placed([flip(p) for p in glove], -55, 178, scale=0.95),
        *placed(carried.closed_umbrella(72, 12)[:3], 68, 92, scale=1.15),
        *placed(sock, 74, 148, scale=1.15),
        *placed([flip(p) for p in sock], 56, 148, scale=1.15),
    ]


TEMPLATES: tuple[Template, ...] = (
    Template("t-shirt", "T-shirt", "T恤", tshirt),
    Template("shirt", "Shirt", "衬衫", shirt),
    Template("sweater", "Sweater", "毛衣", sweater),
    Template("hoodie", "Hoodie", "连帽卫衣", hoodie),
    Template("coat", "Coat", "大衣", coat),
    Template("dress", "Dress", "连衣裙", dress),
    Template("skirt", "Skirt", "半身裙", skirt),
    Template("trousers", "Trousers", "长裤", trousers),
    Template("jumpsuit", "Jumpsuit", "连体衣", jumpsuit),
    Template("shoes", "Shoes", "鞋", shoes),
    Template("hat", "Hat", "帽子", hat),
    Template("outfit", "Outfit", "整套搭配", outfit),
)


def absorb_specks(labels: np.ndarray, least: int = 64) -> np.ndarray:
    """Label map uint8 [H, W] -> the same with every patch of fewer than `least` pixels given to its neighbours."""
    labels = labels.copy()
    for label in np.unique(labels):
        _, patches, stats, _ = cv2.connectedComponentsWithStats((labels == label).astype(np.uint8), connectivity=4)
        for patch in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] < least):
            mask = patches == patch
            rim = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~mask
            labels[mask] = np.bincount(labels[rim]).argmax()
    return labels


def paint_map(pieces: list[Piece], size: int = SIZE, mirror: bool = True) -> np.ndarray:
    """Pieces -> label map uint8 [size, size], 255 background, filling the canvas but for the margin.

    mirror: the left half is made the exact mirror image of the right one.
    """
    points = np.concatenate([o for p in pieces if p.label is not None and not p.inside for o in p.outlines])
    low, high = points.min(0), points.max(0)
    scale = size * (1 - 2 * MARGIN) / float((high - low).max())
    shift = size / 2 - (low + high) / 2 * scale
    labels = np.full((size, size), BACKGROUND, np.uint8)
    for piece in pieces:
        if piece.label is None:
            continue
        mask = coverage([o * scale + shift for o in piece.outlines], 0, 0, size, size) > 0.5
        labels[mask & (labels != BACKGROUND) if piece.inside else mask] = piece.label
    labels = absorb_specks(labels)
    if mirror:
        labels[:, : size // 2] = labels[:, size // 2 :][:, ::-1]
    return labels


def draw_templates(size: int = SIZE) -> dict[str, np.ndarray]:
    """Name -> label map uint8 [size, size] (class ids, 255 background), in the order of TEMPLATES."""
    return {t.name: paint_map(t.draw(), size, mirror=t.draw is not outfit) for t in TEMPLATES}


def write_templates(folder: str | Path) -> list[Path]:
    """Write every template as NN_name.png, RGB in palette colours on white; returns the paths in order."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, (name, labels) in enumerate(draw_templates().items(), 1):
        path = folder / f"{number:02d}_{name}.png"
        write_png(path, colorize(labels), 9)
        paths.append(path)
    return paths
