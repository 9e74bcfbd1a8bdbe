"""Label maps small enough to think about."""

from __future__ import annotations

import numpy as np

from garmentgen.labels import BACKGROUND, find

TOP, SLEEVE, PANTS, POCKET, SHOE, DRESS, BOW = (
    find(name).id for name in ("top", "sleeve", "pants", "pocket", "shoe", "dress", "bow")
)


def blank(size: int = 64) -> np.ndarray:
    """A map with nothing on it, uint8 [size, size]."""
    return np.full((size, size), BACKGROUND, np.uint8)


def outfit(size: int = 64) -> np.ndarray:
    """A top with two sleeves and a pocket above a pair of trousers, background around: uint8 [size, size]."""
    labels, u = blank(size), size // 16
    labels[2 * u : 8 * u, 5 * u : 11 * u] = TOP
    labels[2 * u : 6 * u, 3 * u : 5 * u] = SLEEVE
    labels[2 * u : 6 * u, 11 * u : 13 * u] = SLEEVE
    labels[4 * u : 5 * u, 8 * u : 10 * u] = POCKET
    labels[8 * u : 14 * u, 5 * u : 11 * u] = PANTS
    return labels


def photo_of(labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """A noisy picture of a map, white outside: uint8 [H, W, 3]."""
    noise = np.random.default_rng(seed).integers(0, 200, (*labels.shape, 3))
    return np.where(labels[..., None] == BACKGROUND, 255, noise).astype(np.uint8)
