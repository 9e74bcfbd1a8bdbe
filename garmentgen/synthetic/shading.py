"""Light on cloth: folds that radiate from where a garment is pulled, gathers, rounded borders, floors."""

from __future__ import annotations

import cv2
import numpy as np

from .fabrics import hsv, noise

_GRID = 256
_LIGHT = np.array([-0.55, -0.83], np.float32)  # the lamp stands at the upper left


# how many creases, and their length, width, softness (pixels of a 256 grid) and height
_CREASES = ((9, 62, 7.0, 7.0, 5.0), (20, 38, 3.0, 3.0, 2.6), (30, 26, 1.3, 1.5, 0.9))


def _spindles(center: np.ndarray, angle: np.ndarray, length: np.ndarray, width: np.ndarray, bend: np.ndarray) -> list:
    """Slim lenses, each int32 [20, 2] in 1/16 pixels, from K centers [K, 2] and numbers [K]."""
    t = np.linspace(-1, 1, 10)[None, :, None]
    along = np.stack([np.cos(angle), np.sin(angle)], 1)[:, None]
    across = np.stack([-np.sin(angle), np.cos(angle)], 1)[:, None]
    length, width, bend = (v[:, None, None] for v in (length, width, bend))
    spine = center[:, None] + t * length * along + bend * length * t**2 * across
    half = width * (1 - t**2) * across
    return list(np.round(np.concatenate([spine + half, (spine - half)[:, ::-1]], 1) * 16).astype(np.int32))


def crease_height(rng: np.random.Generator, stress: np.ndarray, drape: float, grid: int = _GRID) -> np.ndarray:
    """Height of folded cloth, float32 [grid, grid].

    stress: points [K, 2] in 0..1 of the grid from which creases radiate; drape: preferred angle of the others.
    """
    height = 1.1 * noise(rng, 4, grid) + 0.45 * noise(rng, 9, grid)
    for count, length, width, blur, gain in _CREASES:
        own = length * rng.uniform(0.5, 1.2, count)
        angle = drape + rng.normal(0, 0.5, count)
        center = rng.uniform(0.1, 0.9, (count, 2)) * _GRID
        if len(stress):
            pulled = rng.random(count) < 0.6
            ray = rng.uniform(0, 2 * np.pi, count)
            reach = np.stack([np.cos(ray), np.sin(ray)], 1) * (own * rng.uniform(0.4, 1.3, count))[:, None]
            center = np.where(pulled[:, None], stress[rng.integers(len(stress), size=count)] * _GRID + reach, center)
            angle = np.where(pulled, ray, angle)
        size = grid / _GRID
        thick, bend = width * rng.uniform(0.5, 1.2, count), rng.normal(0, 0.16, count)
        lenses = _spindles(center * size, angle, own * size, thick * size, bend)
        up, down = np.zeros((2, grid, grid), np.float32)
        for i, (lens, tall) in enumerate(zip(lenses, rng.uniform(0.4, 1.0, count), strict=True)):
            cv2.fillPoly(up if i % 2 else down, [lens], float(tall), cv2.LINE_8, 4)
        height += gain * cv2.GaussianBlur(up - down, (0, 0), blur * size)
    return height


def folds(rng: np.random.Generator, size: int, stress: np.ndarray, drape: float) -> tuple[np.ndarray, np.ndarray]:
    """Folds of one garment on a canvas of `size` pixels.

    Args:
        stress: points [K, 2] in 0..1 of the canvas.

    Returns:
        (light, shift): light float32 [size, size], about -1 (in shade) .. 1 (lit), 0 flat; shift float32
        [2, size, size], by how much the cloth's pattern is displaced in x and y, about -1 .. 1.
    """
    height = crease_height(rng, stress, drape, _GRID if size > _GRID else _GRID // 2)
    slope = np.stack([cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3)])
    slope /= slope.std() * 1.6 + 1e-6
    light = np.tanh(-np.tensordot(_LIGHT, slope, 1))
    light *= np.where(light > 0, 0.62, 1.0)  # matte cloth darkens in a fold more than it shines
    drift = [
        cv2.GaussianBlur(np.tanh(layer), (0, 0), 3.5 * len(height) / _GRID) for layer in slope
    ]  # a print slides less than light changes
    resized = [cv2.resize(layer, (size, size), interpolation=cv2.INTER_CUBIC) for layer in (light, *drift)]
    return resized[0], np.stack(resized[1:])


def gathers(rng: np.random.Generator, angles: np.ndarray, reach: np.ndarray, count: float) -> np.ndarray:
    """Light on folds fanning out from an apex.

    angles, reach: float32 [H, W], 0..1 across the fan and from its near to its far end. Returns float32 [H, W].
    """
    phase, second = rng.uniform(0, 6.28, 2)
    bends = 0.5 * np.sin(angles * 5.1 + phase) + 0.35 * np.sin(angles * 11.7 + second) + 0.25 * reach
    wave = np.sin(2 * np.pi * count * (angles + 0.22 * bends / max(count, 1) * 3))
    return (0.75 * wave + 0.25 * wave * np.abs(wave)) * (0.35 + 0.65 * reach)


def rounding(soft: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Light near a piece's border from its blurred coverage: darker at the edge,
    lit towards the lamp; float32 [H, W]."""
    inward = np.clip(soft * 2 - 1, 0, 1) * alpha
    edge = (
        cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3) * -_LIGHT[0]
        + cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3) * -_LIGHT[1]
    )
    peak = float(np.abs(edge).max()) + 1e-6
    return -0.26 * (1 - np.sqrt(inward)) + 0.16 * edge / peak


def floor(rng: np.random.Generator, size: int) -> np.ndarray:
    """What the garment lies on, float32 RGB [size, size, 3] in 0..1: sheet, wall, tiles or planks, unevenly lit."""
    shades = [
        (40, 0.06, 0.86),
        (35, 0.12, 0.74),
        (30, 0.40, 0.66),
        (0, 0.02, 0.78),
        (210, 0.08, 0.72),
        (0, 0.75, 0.5),
        (25, 0.3, 0.42),
        (0, 0.0, 0.25),
    ]
    hue, saturation, value = shades[rng.integers(len(shades))]
    base = hsv(hue + rng.normal(0, 8), saturation, value * rng.uniform(0.9, 1.08))
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    tilt = rng.uniform(-0.12, 0.12, 2)
    light = 1 + tilt[0] * (x - 0.5) + tilt[1] * (y - 0.5) + 0.02 * noise(rng, 5, size) + 0.012 * noise(rng, 120, size)
    kind = rng.random()
    if kind < 0.25:  # tiles with grout
        step, off = rng.uniform(0.35, 0.6), rng.uniform(0, 1, 2)
        light -= 0.14 * ((np.abs((x + off[0]) % step) < 0.006) | (np.abs((y + off[1]) % step) < 0.006))
    elif kind < 0.5:  # planks
        step = rng.uniform(0.14, 0.24)
        plank = np.floor(x / step).astype(int)
        grain = cv2.resize(noise(rng, 60, size)[: size // 6], (size, size))
        light += rng.uniform(-0.05, 0.05, 12)[plank % 12] + 0.025 * grain - 0.12 * (x % step < 0.005)
    elif kind < 0.75:  # sheet
        light += 0.045 * folds(rng, size, np.zeros((0, 2)), rng.uniform(0, 3.14))[0]
    return (base * light[..., None]).astype(np.float32)
