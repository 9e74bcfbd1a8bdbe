"""Fabrics as seamless tiles. A maker takes (rng, colour float [3] in 0..1) and returns a tile,
float32 RGB [256, 256, 3]."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

TILE = 256
STITCHES = 16
"""Stitches a tile of knit has in a row; its span in cm makes them fine or coarse."""
Maker = Callable[[np.random.Generator, np.ndarray], np.ndarray]
_Y, _X = np.mgrid[0:TILE, 0:TILE].astype(np.float32) / TILE * (2 * np.pi)

# hue (degrees), saturation, value, weight: what wardrobes are made of
_WARDROBE = np.array(
    [
        (0, 0.02, 0.11, 15), (0, 0.02, 0.93, 13), (222, 0.55, 0.22, 11), (0, 0.03, 0.42, 7), (0, 0.02, 0.68, 6),
        (38, 0.16, 0.85, 7),
        (212, 0.45, 0.50, 8), (210, 0.28, 0.74, 5), (28, 0.45, 0.34, 4), (30, 0.30, 0.62, 4), (95, 0.28, 0.34, 4),
        (350, 0.72, 0.45, 4),
        (2, 0.80, 0.74, 5), (345, 0.40, 0.86, 5), (45, 0.68, 0.88, 3), (18, 0.68, 0.80, 3), (165, 0.50, 0.48, 3),
        (150, 0.25, 0.74, 2),
        (275, 0.40, 0.48, 2), (280, 0.18, 0.80, 2), (195, 0.60, 0.72, 2), (325, 0.68, 0.74, 2), (125, 0.55, 0.42, 2),
        (54, 0.30, 0.92, 2),
    ]
)  # fmt: skip


def hsv(hue: float, saturation: float, value: float) -> np.ndarray:
    """Hue in degrees, saturation and value in 0..1 -> RGB float32 [3]."""
    k = (np.array([5, 3, 1]) + hue / 60) % 6
    return (value * (1 - saturation * np.clip(np.minimum(k, 4 - k), 0, 1))).astype(np.float32)


def cloth_color(rng: np.random.Generator) -> np.ndarray:
    """A colour garments really have: many blacks, whites, navies and greys, some bright ones; RGB float32 [3]."""
    weights = _WARDROBE[:, 3] / _WARDROBE[:, 3].sum()
    hue, saturation, value, _ = _WARDROBE[rng.choice(len(_WARDROBE), p=weights)]
    saturation = np.clip(saturation * rng.uniform(0.75, 1.25) + rng.uniform(0, 0.03), 0, 0.95)
    value = np.clip(value * rng.uniform(0.88, 1.12), 0.07, 0.95)
    return hsv(hue + rng.normal(0, 9), saturation, value)


def contrast(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """A second colour that can be told from the first."""
    for _ in range(6):
        other = cloth_color(rng)
        if abs(other - color).mean() > 0.22:
            return other
    return np.full(3, 0.92 if color.mean() < 0.5 else 0.12, np.float32)


def noise(rng: np.random.Generator, cells: int, size: int = TILE) -> np.ndarray:
    """Smooth seamless noise, float32 [size, size] of mean 0 and deviation about 1."""
    grid = np.pad(rng.standard_normal((cells, cells), np.float32), 3, mode="wrap")
    step = size / cells
    big = cv2.resize(grid, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
    start = int(round(3 * step))
    return big[start : start + size, start : start + size]


def _lit(color: np.ndarray, light: np.ndarray) -> np.ndarray:
    return np.clip(np.asarray(color, np.float32) * light[..., None], 0, 1).astype(np.float32)


def _blend(under: np.ndarray, over: np.ndarray | list[float], alpha: np.ndarray) -> np.ndarray:
    return under + (np.asarray(over, np.float32) - under) * alpha[..., None].astype(np.float32)


def _wave(phase: np.ndarray, sharp: float = 6.0) -> np.ndarray:
    """0..1 stripes with soft edges."""
    return 1 / (1 + np.exp(-sharp * np.sin(phase)))


def plain(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Jersey or poplin: fine grain only."""
    grain = 0.02 * noise(rng, 128) + 0.02 * noise(rng, 24)
    return _lit(color, 1 + grain)


def melange(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Heathered yarn: short horizontal flecks of a lighter shade."""
    flecks = cv2.resize(noise(rng, 128), (TILE * 3, TILE), interpolation=cv2.INTER_LINEAR)[:, :TILE]
    return _blend(_lit(color, 1 + 0.02 * noise(rng, 128)), color * 0.4 + 0.5, np.clip(0.22 + 0.2 * flecks, 0, 0.7))


def twill(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Gabardine: fine diagonal ribs."""
    return _lit(color, 1 + 0.035 * np.sin((_X + _Y) * 48) + 0.025 * noise(rng, 16))


def denim(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Blue (or black, rarely white) twill with pale threads and washed patches."""
    blue = hsv(rng.normal(214, 6), rng.uniform(0.32, 0.62), rng.choice([0.25, 0.36, 0.5, 0.62, 0.75]))
    base = np.full(3, 0.16, np.float32) if rng.random() < 0.12 else blue
    threads = 0.5 + 0.5 * np.sin((_X * 1.0 + _Y) * 40 + noise(rng, 64))
    pale = np.clip(0.10 + 0.20 * threads + 0.12 * noise(rng, 128) + 0.10 * noise(rng, 8), 0, 0.8)
    return _blend(_lit(base, np.ones_like(_X)), [0.82, 0.86, 0.9], pale * 0.6)


def stripes(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Breton, pin or block stripes; two or three colours."""
    other = contrast(rng, color) if rng.random() < 0.6 else np.full(3, 0.93 if color.mean() < 0.6 else 0.15, np.float32)
    count = int(rng.choice([4, 6, 8, 11, 16, 24]))
    axis = _Y if rng.random() < 0.7 else _X
    share = rng.uniform(-0.75, 0.75)
    tile = _blend(plain(rng, color), other, 1 / (1 + np.exp(-(80 / count) * (np.sin(axis * count) - share))))
    if rng.random() < 0.3 and count <= 8:
        thin = _wave(axis * count + np.pi, 30) * (np.sin(axis * count) < -0.93)
        tile = _blend(tile, contrast(rng, other), thin)
    return tile


def check(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Gingham or tartan: bands of colour crossing."""
    tile = plain(rng, color)
    count = int(rng.choice([4, 5, 8, 12]))
    for _ in range(1 if rng.random() < 0.35 else 3):
        other, share, shift = contrast(rng, color), rng.uniform(0.0, 0.85), rng.uniform(0, 6.28)
        for axis in (_X, _Y):
            band = 1 / (1 + np.exp(-(60 / count) * (np.sin(axis * count + shift) - share)))
            tile = _blend(tile, other, band * 0.5)
    return tile * (1 + 0.02 * np.sin((_X + _Y) * 60))[..., None].astype(np.float32)


def _stamp(tile: np.ndarray, outline: np.ndarray, color: np.ndarray, x: float, y: float) -> None:
    """Fill an outline (pixels) on a tile with wrap-around, in place."""
    reach = float(abs(outline).max())
    for dx in (-TILE, 0, TILE):
        for dy in (-TILE, 0, TILE):
            if -reach < x + dx < TILE + reach and -reach < y + dy < TILE + reach:
                points = np.round((outline + [x + dx, y + dy]) * 16).astype(np.int32)
                cv2.fillPoly(tile, [points], [float(c) for c in color], cv2.LINE_AA, 4)


def _petals(radius: float, count: int, depth: float, angle: float) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    r = radius * (1 - depth + depth * np.abs(np.cos(count * t / 2)))
    return np.stack([r * np.cos(t + angle), r * np.sin(t + angle)], 1)


def _bytes(tile: np.ndarray) -> np.ndarray:
    return np.clip(tile * 255, 0, 255).astype(np.uint8)


def dots(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Polka dots on a staggered grid."""
    tile, other = _bytes(plain(rng, color)), contrast(rng, color) * 255
    count = int(rng.choice([4, 6, 8, 10]))
    step, radius = TILE / count, TILE / count * rng.uniform(0.14, 0.33)
    dot = _petals(radius, 1, 0, 0)
    for row in range(count):
        for col in range(count):
            if (row + col) % 2 == 0:
                _stamp(tile, dot, other, (col + 0.5) * step, (row + 0.5) * step)
    return tile.astype(np.float32) / 255


def floral(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Flowers and leaves strewn over a ground."""
    tile = _bytes(plain(rng, color))
    flowers = [contrast(rng, color) * 255 for _ in range(3)]
    leaf = hsv(rng.uniform(80, 150), 0.45, 0.35 if color.mean() > 0.4 else 0.6) * 255
    size = rng.uniform(9, 30)
    for _ in range(int(min(9000 / size**2, 60)) + 6):
        x, y, angle, radius = *rng.uniform(0, TILE, 2), rng.uniform(0, 6.28), size * rng.uniform(0.6, 1.2)
        for turn in (0.5, 2.6)[: rng.integers(0, 3)]:
            along = np.array([np.cos(angle + turn), np.sin(angle + turn)])
            _stamp(tile, _petals(radius * 0.75, 2, 0.75, angle + turn), leaf, *(np.array([x, y]) + along * radius))
        bloom, count = flowers[rng.integers(3)], int(rng.choice([5, 5, 6, 8]))
        _stamp(tile, _petals(radius, count, 0.4, angle), bloom, x, y)
        _stamp(tile, _petals(radius * 0.62, count, 0.35, angle + 0.5), np.clip(bloom * 0.8 + 12, 0, 255), x, y)
        _stamp(tile, _petals(radius * 0.25, 1, 0, 0), np.array([225, 190, 90]), x, y)
    return tile.astype(np.float32) / 255


def camouflage(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Blotches of neighbouring shades: camouflage, tie-dye and watercolour prints."""
    tile = plain(rng, color)
    shades = (
        [color * 0.6, color * 0.5 + 0.4, contrast(rng, color)]
        if rng.random() < 0.5
        else [contrast(rng, color) for _ in range(3)]
    )
    cells, sharp = int(rng.choice([4, 6, 9])), rng.choice([2.0, 12.0])
    for shade in shades:
        field = noise(rng, cells) + 0.4 * noise(rng, cells * 3)
        tile = _blend(tile, shade, 1 / (1 + np.exp(-sharp * (field - 0.6))))
    return tile


def animal(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Leopard or zebra."""
    field, dark = noise(rng, 14), np.array([0.12, 0.09, 0.08], np.float32)
    if rng.random() < 0.4:
        ripple = np.sin(_Y * 9 + 2.5 * noise(rng, 5) + 0.8 * field)
        return _blend(plain(rng, np.array([0.9, 0.88, 0.83])), dark, 1 / (1 + np.exp(-8 * ripple)))
    tan = plain(rng, hsv(rng.uniform(28, 40), 0.42, 0.78))
    ring = np.exp(-(((field - 0.75) / 0.28) ** 2)) * (noise(rng, 30) > -0.7)
    return _blend(_blend(tan, hsv(28, 0.55, 0.55), field > 0.8), dark, np.clip(ring * 1.6 - 0.3, 0, 1))


def knit(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Stocking stitch: STITCHES columns of small v, as many rows, sometimes with a band pattern or cables."""
    columns = rows = STITCHES
    across = (_X * columns / (2 * np.pi)) % 1
    slant = _Y * rows / (2 * np.pi) + np.abs(across - 0.5) * 1.1
    yarn = 0.5 + 0.5 * np.cos(2 * np.pi * slant)
    gap = np.abs(np.cos(np.pi * across))  # dark between columns and down the middle of a v
    light = 0.62 + 0.38 * 1.25 * yarn * (0.55 + 0.45 * np.sqrt(1 - gap**4)) + 0.02 * noise(rng, 64)
    base = np.broadcast_to(np.asarray(color, np.float32), (TILE, TILE, 3))
    style = rng.random()
    if style < 0.12:  # band pattern, one cell a stitch
        cell_x, cell_y = (_X * columns / 6.2832).astype(int), ((slant + 0.5) % rows).astype(int)
        for shade in (contrast(rng, color), contrast(rng, color)):
            period, shift, band = int(rng.choice([4, 6, 8])), int(rng.integers(0, 8)), int(rng.choice([7, 10]))
            on = (np.abs((cell_x % period) - period // 2) + (cell_y + shift) % band == period // 2 + 1) | (
                (cell_y + shift) % band == 0
            )
            base = _blend(base, shade, on.astype(np.float32))
    elif style < 0.27:  # cables and ribs standing out
        ropes = int(rng.choice([3, 4, 5]))
        twist = np.sin(_X * ropes + 0.7 * np.sin(_Y * ropes * 2))
        light = (
            light
            * (0.80 + 0.22 * twist)
            * (1 - 0.25 * np.exp(-((np.sin(_Y * ropes * 2 + _X * ropes * 2) / 0.25) ** 2)) * (twist > 0.3))
        )
    return np.clip(base * light[..., None], 0, 1).astype(np.float32)


def rib(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Ribbed knit for cuffs and hems: vertical ridges."""
    ridge = np.sin(_X * int(rng.choice([10, 13, 17])))
    return _lit(color, 0.86 + 0.18 * ridge + 0.03 * noise(rng, 64))


def corduroy(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Wales of pile with a dark groove between."""
    ridge = np.abs(np.cos(_X * int(rng.choice([12, 18, 26]))))
    return _lit(color, 0.72 + 0.36 * np.sqrt(ridge) + 0.05 * noise(rng, 48))


def leather(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Grained leather: pebbles of different brightness."""
    pebbles = 0.035 * noise(rng, 90) + 0.02 * noise(rng, 30)
    return _lit(color, 1 + pebbles)


def fur(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Fleece or faux fur: curls at several sizes."""
    return _lit(color, 0.92 + 0.10 * noise(rng, 40) + 0.07 * noise(rng, 90))


def quilt(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Quilted or padded cloth: cushions with stitched valleys between."""
    count = int(rng.choice([3, 4, 6]))
    if rng.random() < 0.55:
        cushion = np.abs(np.sin(_Y * count)) ** 0.5 + 0.25 * np.cos(_Y * 2 * count) * 0.4
    else:
        cushion = (np.abs(np.sin((_X + _Y) * count)) * np.abs(np.sin((_X - _Y) * count))) ** 0.4
    pucker = noise(rng, 22) * (1.1 - cushion) * 0.10
    return _lit(color, 0.62 + 0.42 * cushion + pucker)


def lace(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Sheer net with denser blossoms; what is below shows darker through the holes."""
    net = np.abs(np.sin((_X + _Y) * 32)) * np.abs(np.sin((_X - _Y) * 32))
    tile, dense = _lit(color, 0.66 + 0.3 * (net < 0.35)), np.zeros((TILE, TILE, 3), np.uint8)
    for _ in range(22):
        radius, angle = rng.uniform(12, 24), rng.uniform(0, 6.28)
        x, y = rng.uniform(0, TILE, 2)
        for share, shade in ((1.0, 255), (0.8, 120), (0.6, 255), (0.25, 60)):
            _stamp(dense, _petals(radius * share, 6, 0.4, angle), np.full(3, shade), x, y)
    return _blend(tile, np.clip(color * 1.08 + 0.02, 0, 1), dense[..., 0].astype(np.float32) / 255)


def sequins(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Overlapping scales, each catching the light by itself."""
    count = int(rng.choice([14, 18, 24]))
    row = np.floor(_Y * count / 6.2832)
    x = (_X * count / 6.2832 + 0.5 * (row % 2)) % 1 - 0.5
    y = (_Y * count / 6.2832) % 1 - 0.5
    column = np.floor(_X * count / 6.2832 + 0.5 * (row % 2)) % count
    flash = rng.gamma(1.2, 0.35, (count, count))[row.astype(int) % count, column.astype(int)]
    disc = np.clip(1.25 - 2.4 * np.hypot(x, y - 0.08), 0, 1)
    light = (0.35 + 0.75 * flash) * (0.45 + 0.65 * disc)
    glint = np.clip(flash - 1.0, 0, 1) * disc
    return _blend(_lit(np.clip(color + 0.06, 0, 1), light), [1.0, 0.98, 0.94], np.clip(glint, 0, 0.9))


def metal(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """Brushed gold, silver, brass or gunmetal; the colour asked for does not matter."""
    shade = np.array([(0.80, 0.66, 0.36), (0.78, 0.79, 0.81), (0.62, 0.50, 0.30), (0.42, 0.43, 0.46)][rng.integers(4)])
    return _lit(shade, 1 + 0.10 * noise(rng, 12) + 0.03 * noise(rng, 90))
