"""Which cloth each piece of a garment is made of: one family for the whole garment, now and then a contrast."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import fabrics
from .fabrics import Maker, cloth_color, contrast, hsv
from .painter import Cloth
from .shapes import Garment

FABRICS: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        fabrics.plain, fabrics.melange, fabrics.twill, fabrics.denim, fabrics.stripes, fabrics.check, fabrics.dots, fabrics.floral,
        fabrics.camouflage, fabrics.animal, fabrics.knit, fabrics.rib, fabrics.corduroy, fabrics.leather, fabrics.fur, fabrics.quilt,
        fabrics.lace, fabrics.sequins, fabrics.metal,
    )
}  # fmt: skip
_SHINE = {"leather": 0.28, "metal": 0.9, "sequins": 0.12, "quilt": 0.10}
_SPAN = {"leather": 22.0, "quilt": 30.0, "denim": 26.0, "twill": 20.0, "plain": 26.0}


def weave(rng: np.random.Generator, name: str, color: np.ndarray, cm: float | None = None) -> Cloth:
    """A cloth of the named fabric in a colour; `cm` one tile covers."""
    tile = np.clip(FABRICS[name](rng, color) * 255, 0, 255).astype(np.uint8)
    return Cloth(tile, cm or _SPAN.get(name, float(rng.uniform(20, 36))), _SHINE.get(name, 0.0))


def _small(garment: Garment) -> float:
    """Patterns shrink with small garments: a tie's stripes are finer than a dress's. Factor 0.2 .. 1."""
    return float(np.clip(np.ptp(garment.points(), axis=0).max() / 60, 0.3, 1))


def dress_up(rng: np.random.Generator, garment: Garment) -> dict[str, Cloth]:
    """Cloths for all pieces of a garment by their key, and "thread"."""
    names, weights = list(garment.fabrics), np.array(list(garment.fabrics.values()), float)
    name = names[rng.choice(len(names), p=weights / weights.sum())]
    color = cloth_color(rng)
    main = weave(rng, name, color)
    main = Cloth(main.tile, main.cm * _small(garment), main.gloss)
    tone = main.tile.reshape(-1, 3).mean(0).astype(np.float32) / 255
    other = contrast(rng, tone)
    calm = "plain" if name in ("stripes", "check", "dots", "floral", "animal", "camouflage", "lace") else name
    brown = hsv(rng.uniform(15, 32), rng.uniform(0.3, 0.7), rng.uniform(0.12, 0.5))
    black_or = [np.full(3, 0.12, np.float32), tone, brown]
    makers: dict[str, Callable[[], Cloth]] = {
        "rib": lambda: weave(rng, "rib", tone if rng.random() < 0.8 else other, 22 * _small(garment)),
        "collar": lambda: main if rng.random() < 0.85 else weave(rng, calm, other),
        "lapel": lambda: main if rng.random() < 0.9 else weave(rng, "plain", tone * 0.6),
        "lining": lambda: weave(rng, "plain", tone if rng.random() < 0.8 else other),
        "accent": lambda: weave(rng, calm if rng.random() < 0.5 else "plain", other),
        "print": lambda: weave(rng, str(rng.choice(["floral", "camouflage", "stripes", "check", "animal"])), other, float(rng.uniform(10, 24))),
        "button": lambda: weave(rng, "plain", [tone * 0.6, np.full(3, 0.9, np.float32), np.full(3, 0.13, np.float32), brown][rng.integers(4)]),
        "metal": lambda: weave(rng, "metal", tone),
        "zip": lambda: weave(rng, "plain", [tone * 0.7, np.full(3, 0.2, np.float32), np.full(3, 0.6, np.float32)][rng.integers(3)]),
        "cord": lambda: weave(rng, "plain", [tone, np.full(3, 0.92, np.float32), other][rng.integers(3)]),
        "sole": lambda: weave(rng, "plain", [np.full(3, 0.9, np.float32), np.full(3, 0.15, np.float32), hsv(32, 0.35, 0.7)][rng.integers(3)]),
        "strap": lambda: main if name == "leather" and rng.random() < 0.7 else weave(rng, "leather", black_or[rng.integers(3)]),
        "lace": lambda: weave(rng, "lace", tone, 16),
        "fur": lambda: weave(rng, "fur", [tone, other, np.full(3, 0.85, np.float32)][rng.integers(3)], 16),
        "bead": lambda: Cloth(weave(rng, "plain", [np.float32([0.93, 0.9, 0.84]), other, hsv(45, 0.5, 0.8), np.full(3, 0.2, np.float32)][rng.integers(4)]).tile, 20, 0.45),
        "sequin": lambda: weave(rng, "sequins", [tone, other, hsv(45, 0.5, 0.8), np.full(3, 0.75, np.float32), np.full(3, 0.14, np.float32)][rng.integers(5)], float(rng.uniform(16, 24))),
        "satin": lambda: Cloth(weave(rng, "plain", [other, other, np.full(3, 0.12, np.float32), tone][rng.integers(4)]).tile, 20, 0.2),
        "petal": lambda: weave(rng, "plain", [other, contrast(rng, other), tone, hsv(rng.uniform(330, 400), 0.5, 0.85)][rng.integers(4)]),
        "fringe": lambda: weave(rng, "plain", tone if rng.random() < 0.7 else other),
        "frame": lambda: Cloth(weave(rng, "plain", [np.full(3, 0.1, np.float32), brown, color, hsv(45, 0.4, 0.7)][rng.integers(4)]).tile, 20, 0.3),
        "glass": lambda: Cloth(weave(rng, "plain", np.float32([0.84, 0.88, 0.9])).tile, 20, 0.3),
        "dark glass": lambda: Cloth(weave(rng, "plain", [np.float32([0.14, 0.14, 0.17]), hsv(25, 0.5, 0.3), hsv(210, 0.5, 0.4)][rng.integers(3)]).tile, 20, 0.5),
        "dial": lambda: Cloth(weave(rng, "plain", [np.float32([0.95, 0.95, 0.93]), np.float32([0.75, 0.78, 0.85])][rng.integers(2)]).tile, 20, 0.1),
    }  # fmt: skip
    cloths = {key: makers[key]() for key in dict.fromkeys(p.cloth for p in garment.pieces) if key != "main"}
    thread = (
        hsv(32, 0.75, 0.72)
        if name == "denim" and rng.random() < 0.7
        else np.clip(tone * 0.72 + (0.25 if tone.mean() < 0.3 else 0), 0, 1)
    )
    return {"main": main, "thread": Cloth(np.full((1, 1, 3), np.asarray(thread) * 255, np.uint8)), **cloths}
