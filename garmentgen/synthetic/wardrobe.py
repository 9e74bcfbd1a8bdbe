"""Which cloth each piece of a garment is made of: one family for the whole garment, now and then a contrast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from . import fabrics
from .fabrics import Maker, cloth_color, contrast, hsv
from .painter import Cloth
from .shapes import Garment
from .swatches import SHARE, photographed, swatches

FABRICS: dict[str, Maker] = {
    "plain": fabrics.plain,
    "melange": fabrics.melange,
    "twill": fabrics.twill,
    "denim": fabrics.denim,
    "stripes": fabrics.stripes,
    "check": fabrics.check,
    "dots": fabrics.dots,
    "floral": fabrics.floral,
    "camouflage": fabrics.camouflage,
    "animal": fabrics.animal,
    "knit": fabrics.knit,
    "rib": fabrics.rib,
    "corduroy": fabrics.corduroy,
    "leather": fabrics.leather,
    "fur": fabrics.fur,
    "quilt": fabrics.quilt,
    "lace": fabrics.lace,
    "sequins": fabrics.sequins,
    "metal": fabrics.metal,
}
_PATTERNED = ("stripes", "check", "dots", "floral", "animal", "camouflage", "lace")
_GLOSS = {"leather": 0.28, "metal": 0.9, "sequins": 0.12, "quilt": 0.10}
_SPAN = {"leather": 22.0, "quilt": 30.0, "denim": 26.0, "twill": 20.0, "plain": 26.0}
_KEEPS_MAIN = {"collar": 0.85, "lapel": 0.9, "strap": 0.0}
"""Chance that a piece asking for this cloth gets the garment's main one."""


def weave(rng: np.random.Generator, name: str, color: np.ndarray, cm: float | None = None) -> Cloth:
    """A cloth of the named fabric in a colour float [3]; `cm` one tile covers."""
    return _cloth(name, FABRICS[name](rng, color), cm or _SPAN.get(name, float(rng.uniform(20, 36))))


def _main_cloth(rng: np.random.Generator, name: str, color: np.ndarray) -> Cloth:
    """The cloth that most of a garment is made of, photographed now and then."""
    if swatches(name) and rng.random() < SHARE:
        return _cloth(name, photographed(rng, name, color), float(rng.uniform(11, 20)))
    return weave(rng, name, color)


def _cloth(name: str, tile: np.ndarray, cm: float) -> Cloth:
    colors = np.clip(tile * 255, 0, 255).astype(np.uint8)
    return Cloth(colors, cm, _GLOSS.get(name, 0.0), name == "knit")


def _grey(value: float) -> np.ndarray:
    return np.full(3, value, np.float32)


def _options(rng: np.random.Generator, name: str, tone: np.ndarray, other: np.ndarray) -> dict[str, tuple]:
    """Cloth key -> (fabric, colours to choose from, gloss or None, cm or None) for a garment of colour `tone`."""
    black, white, gold = _grey(0.12), _grey(0.92), hsv(45, 0.5, 0.8)
    brown = hsv(rng.uniform(15, 32), rng.uniform(0.3, 0.7), rng.uniform(0.12, 0.5))
    pearl, skin_pink = np.array([0.93, 0.90, 0.84]), hsv(rng.uniform(330, 400), 0.5, 0.85)
    calm = "plain" if name in _PATTERNED else name
    printed = str(rng.choice(["floral", "camouflage", "stripes", "check", "animal"]))
    return {
        "rib": ("rib", (tone, tone, tone, tone, other), None, 22.0),
        "collar": (calm, (other,), None, None),
        "lapel": ("plain", (tone * 0.6,), None, None),
        "lining": ("plain", (tone, tone, tone, tone, other), None, None),
        "accent": (calm if rng.random() < 0.5 else "plain", (other,), None, None),
        "print": (printed, (other,), None, float(rng.uniform(10, 24))),
        "button": ("plain", (tone * 0.6, white, black, brown), None, None),
        "metal": ("metal", (tone,), None, None),
        "zip": ("plain", (tone * 0.7, _grey(0.2), _grey(0.6)), None, None),
        "cord": ("plain", (tone, white, other), None, None),
        "sole": ("plain", (white, black, hsv(32, 0.35, 0.7)), None, None),
        "strap": ("leather", (black, tone, brown), None, None),
        "lace": ("lace", (tone,), None, 16.0),
        "fur": ("fur", (tone, other, _grey(0.85)), None, 16.0),
        "bead": ("plain", (pearl, other, gold, _grey(0.2)), 0.45, None),
        "sequin": ("sequins", (tone, other, gold, _grey(0.75), black), None, float(rng.uniform(16, 24))),
        "satin": ("plain", (other, other, black, tone), 0.2, None),
        "petal": ("plain", (other, contrast(rng, other), tone, skin_pink), None, None),
        "fringe": ("plain", (tone, tone, other), None, None),
        "frame": ("plain", (black, brown, tone, gold), 0.3, None),
        "glass": ("plain", (np.array([0.84, 0.88, 0.9]),), 0.3, None),
        "dark glass": ("plain", (_grey(0.15), hsv(25, 0.5, 0.3), hsv(210, 0.5, 0.4)), 0.5, None),
        "dial": ("plain", (_grey(0.95), np.array([0.75, 0.78, 0.85])), 0.1, None),
    }


def _thread(rng: np.random.Generator, name: str, tone: np.ndarray) -> Cloth:
    """Colour of top stitching: orange on most jeans, else a shade of the cloth."""
    orange = name == "denim" and rng.random() < 0.7
    color = hsv(32, 0.75, 0.72) if orange else np.clip(tone * 0.72 + (0.25 if tone.mean() < 0.3 else 0), 0, 1)
    return Cloth(np.full((1, 1, 3), color * 255, np.uint8))


def pick_fabric(rng: np.random.Generator, weights: dict[str, float]) -> str:
    """One of the fabrics by weight."""
    names: Sequence[str] = list(weights)
    share = np.array(list(weights.values()), float)
    return names[rng.choice(len(names), p=share / share.sum())]


def dress_up(rng: np.random.Generator, garment: Garment) -> dict[str, Cloth]:
    """Cloths for all pieces of a garment by their key, and "thread"."""
    name = pick_fabric(rng, garment.fabrics)
    small = float(
        np.clip(np.ptp(garment.points(), axis=0).max() / 60, 0.3, 1)
    )  # a tie's stripes are finer than a dress's
    main = _main_cloth(rng, name, cloth_color(rng))
    main = replace(main, cm=main.cm * small)
    tone = main.tile.reshape(-1, 3).mean(0).astype(np.float32) / 255
    options = _options(rng, name, tone, contrast(rng, tone))
    keeps = _KEEPS_MAIN | ({"strap": 0.7} if name == "leather" else {})
    cloths = {"main": main, "thread": _thread(rng, name, tone)}
    for key in dict.fromkeys(key for piece in garment.pieces for key in piece.keys if key not in cloths):
        fabric, colors, gloss, cm = options[key]
        cloth = weave(rng, fabric, colors[rng.integers(len(colors))], cm and cm * small)
        cloth = cloth if gloss is None else replace(cloth, gloss=gloss)
        cloths[key] = main if rng.random() < keeps.get(key, 0.0) else cloth
    return cloths
