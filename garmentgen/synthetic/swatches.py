"""Photographed fabrics beside the procedural ones: small seamless pictures of ambientCG (CC0), by kind of fabric."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from .fabrics import TILE

FOLDER = Path(__file__).with_name("swatches")
SHARE = 0.4
"""Share of main cloths that are photographed, of those kinds that there are pictures of."""
_PRINTED = ("check", "stripes")


@cache
def swatches(kind: str) -> tuple[np.ndarray, ...]:
    """The pictures of a kind ("check", "denim" ...), uint8 RGB [128, 128, 3]; none for a kind without any."""
    files = sorted(FOLDER.glob(f"{kind}_*.jpg"))
    return tuple(cv2.cvtColor(np.asarray(cv2.imread(str(file))), cv2.COLOR_BGR2RGB) for file in files)


def photographed(rng: np.random.Generator, kind: str, color: np.ndarray) -> np.ndarray:
    """A tile of a photographed fabric, float32 RGB [256, 256, 3]: dyed in the colour, a print in colours of its own."""
    pictures = swatches(kind)
    picture = np.pad(pictures[rng.integers(len(pictures))], ((4, 4), (4, 4), (0, 0)), "wrap")
    zoom = TILE / (len(picture) - 8)
    large = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    tile = large[round(4 * zoom) :, round(4 * zoom) :][:TILE, :TILE]
    if kind in _PRINTED:
        return tile[..., rng.permutation(3)]
    grey = tile.mean(-1, keepdims=True)
    return np.clip(color * (grey / grey.mean()), 0, 1).astype(np.float32)
