"""From pieces in centimetres to pixels and masks: coverage, cloth, light, shadow, stitches."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from . import shading
from .fabrics import TILE
from .shapes import Garment, Piece, Seam

_SUBPIXEL = 4  # bits


@dataclass(frozen=True)
class Cloth:
    """A fabric ready to paint with: tile uint8 RGB [256, 256, 3], cm it covers, gloss 0 (wool) .. 1 (metal), knit?"""

    tile: np.ndarray
    cm: float = 32.0
    gloss: float = 0.0
    stitched: bool = False


@dataclass(frozen=True)
class Place:
    """Where a garment lies: pixels a cm, turn in radians, shift in pixels, and a gentle smooth deformation [4, 6]."""

    scale: float
    turn: float
    shift: np.ndarray
    wobble: np.ndarray

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """cm [N, 2] -> pixels [N, 2]."""
        kx, ky, phase, gain = self.wobble
        bend = np.sin(points[:, :1] * kx + points[:, 1:] * ky + phase) * gain
        points = points + np.stack([bend[:, :3].sum(1), bend[:, 3:].sum(1)], 1)
        c, s = np.cos(self.turn), np.sin(self.turn)
        return points @ np.array([[c, s], [-s, c]]) * self.scale + self.shift


@dataclass
class Layer:
    """What one piece covers: class id, its garment's number, coverage uint8 [h, w] at (top, left)."""

    label: int | None
    owner: int
    top: int
    left: int
    alpha: np.ndarray


@dataclass
class Canvas:
    """The picture while it is painted: photo float32 RGB [S, S, 3] in 0..1 and the layers so far."""

    photo: np.ndarray
    layers: list[Layer]

    @property
    def size(self) -> int:
        """Side in pixels."""
        return self.photo.shape[0]


@dataclass
class Work:
    """One garment being painted: its number, cloths, place, folds (light [S, S], shift [2, S, S]), coverage so far."""

    number: int
    cloths: dict[str, Cloth]
    place: Place
    light: np.ndarray
    shift: np.ndarray
    silhouette: np.ndarray


def coverage(outlines: list[np.ndarray], top: int, left: int, height: int, width: int) -> np.ndarray:
    """Anti-aliased coverage, float32 [height, width] in 0..1: filled at twice the size, then averaged.

    OpenCV fills the outline itself too, which makes shapes a quarter of a pixel larger on each side.
    """
    mask = np.zeros((height * 2, width * 2), np.uint8)
    points = [np.round(((o - [left, top]) * 2 - 0.5) * 2**_SUBPIXEL).astype(np.int32) for o in outlines]
    cv2.fillPoly(mask, points, 255, cv2.LINE_8, _SUBPIXEL)
    return cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _window(outlines: list[np.ndarray], pad: int, size: int) -> tuple[int, int, int, int]:
    """Box around outlines, padded and cut at the canvas: top, left, height, width."""
    low = np.min([o.min(0) for o in outlines], 0).astype(int) - pad
    high = np.max([o.max(0) for o in outlines], 0).astype(int) + pad + 1
    low, high = np.clip(low, 0, size), np.clip(high, 0, size)
    return int(low[1]), int(low[0]), int(high[1] - low[1]), int(high[0] - low[0])


def _ink(seam: Seam, place: Place, top: int, left: int, shape: tuple[int, int]) -> np.ndarray:
    """Coverage of a seam's line, float32 [h, w]."""
    line = (place.pixels(seam.points) - [left, top]) * 2**_SUBPIXEL
    if seam.dash:
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(seam.points, axis=0).T))])
        marks = np.arange(0, length[-1], seam.dash * 1.6)
        ends = np.stack([marks, np.minimum(marks + seam.dash, length[-1])], 1)
        lines = np.stack([np.interp(ends, length, line[:, k]) for k in (0, 1)], -1)
    else:
        lines = line[None]
    ink = np.zeros(shape, np.uint8)
    width = seam.width * place.scale
    cv2.polylines(ink, list(np.round(lines).astype(np.int32)), False, 255, max(1, round(width)), cv2.LINE_AA, _SUBPIXEL)
    return ink.astype(np.float32) * (min(width, 1.0) / 255)


def _cloth_pixels(
    piece: Piece, cloth: Cloth, place: Place, x: np.ndarray, y: np.ndarray, shift: np.ndarray
) -> np.ndarray:
    """The unlit cloth of a piece, float32 RGB [h, w, 3] in 0..1; x, y are pixel coordinates [h, w]."""
    angle = place.turn + piece.grain
    c, s = float(np.cos(angle)), float(np.sin(angle))
    per_pixel = TILE / cloth.cm / place.scale
    tile = cloth.tile
    while per_pixel > 1.6 and tile.shape[0] > 32:  # a far garment: average the cloth before sampling it
        tile, per_pixel = cv2.resize(tile, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), per_pixel / 2
    dx, dy = x - np.float32(place.shift[0]) + shift[0], y - np.float32(place.shift[1]) + shift[1]
    u = ((c * dx + s * dy) * per_pixel) % tile.shape[1]
    v = ((c * dy - s * dx) * per_pixel) % tile.shape[0]
    return cv2.remap(tile, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP).astype(np.float32) / 255


def _fan(
    rng: np.random.Generator, piece: Piece, place: Place, outlines: list[np.ndarray], x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Light of a piece's gathers, float32 [h, w]."""
    apex = place.pixels(np.array([piece.apex]))[0].astype(np.float32)
    c, s = float(np.cos(place.turn)), float(np.sin(place.turn))

    def polar(px: np.ndarray, py: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        right, down = c * (px - apex[0]) + s * (py - apex[1]), c * (py - apex[1]) - s * (px - apex[0])
        return np.arctan2(right, down), np.hypot(right, down)

    edge_angle, edge_far = polar(*np.concatenate(outlines).astype(np.float32).T)
    angle, far = polar(x, y)
    across = (angle - edge_angle.min()) / (np.ptp(edge_angle) + 1e-6)
    reach = np.clip((far - edge_far.min()) / (np.ptp(edge_far) + 1e-6), 0, 1)
    return shading.gathers(rng, across.astype(np.float32), reach.astype(np.float32), piece.gathers)


def _lit_cloth(
    work: Work, piece: Piece, light: np.ndarray, x: np.ndarray, y: np.ndarray, shift: np.ndarray
) -> np.ndarray:
    """Cloth with its seams under the given light [h, w], float32 RGB [h, w, 3]; x, y as in `_cloth_pixels`."""
    cloth, place = work.cloths[piece.cloth], work.place
    color = _cloth_pixels(piece, cloth, place, x, y, shift * (piece.folds * place.scale * 0.9))
    for seam in piece.seams:
        ink = _ink(seam, place, int(y[0, 0]), int(x[0, 0]), light.shape)[..., None]
        if seam.tone is None:
            color += (work.cloths[seam.thread].tile[0, 0].astype(np.float32) / 255 - color) * ink
        else:
            color *= 1 + (seam.tone - 1) * ink
    color *= ((1 + light) * piece.tone)[..., None]
    shine = np.clip(light, 0, 1)  # lit folds of black cloth are grey, not black
    color += (shine * (0.07 + 0.5 * cloth.gloss) + np.clip(shine - 0.12, 0, 1) * 1.6 * cloth.gloss)[..., None]
    return color


def paint_piece(canvas: Canvas, work: Work, piece: Piece, rng: np.random.Generator) -> None:
    """Paint one piece with its shadow on the canvas and add its layer."""
    outlines = [work.place.pixels(o) for o in piece.outlines]
    radius = max(piece.relief * work.place.scale * 0.5, 0.6)
    top, left, height, width = _window(outlines, int(radius * 3) + 3, canvas.size)
    if width <= 2 or height <= 2:
        return
    area = (slice(top, top + height), slice(left, left + width))
    alpha = coverage(outlines, top, left, height, width)
    if piece.inside:
        alpha *= work.silhouette[area]
    x, y = np.meshgrid(np.arange(left, left + width, dtype=np.float32), np.arange(top, top + height, dtype=np.float32))
    light = shading.rounding(cv2.GaussianBlur(alpha, (0, 0), radius), alpha) + 0.26 * piece.folds * work.light[area]
    if piece.gathers:
        light += 0.20 * _fan(rng, piece, work.place, outlines, x, y)
    color = _lit_cloth(work, piece, light, x, y, work.shift[:, area[0], area[1]])
    drop = max(int(round(radius * 0.7)), 1)
    shadow = np.roll(cv2.GaussianBlur(alpha, (0, 0), radius * 0.8), (drop, drop), (0, 1))
    target = canvas.photo[area]
    target *= (1 - 0.42 * shadow * (1 - alpha))[..., None]
    target += (color - target) * alpha[..., None]
    np.maximum(work.silhouette[area], alpha, out=work.silhouette[area])
    canvas.layers.append(Layer(piece.label, work.number, top, left, (alpha * 255).astype(np.uint8)))


def _folds(garment: Garment, place: Place, size: int, rng: np.random.Generator) -> np.ndarray:
    """Light and shift in x and y of a garment's folds, float32 [3, size, size], zero away from the garment."""
    outline = place.pixels(garment.points())
    low, high = np.floor(outline.min(0)).astype(int) - 2, np.ceil(outline.max(0)).astype(int) + 2
    side = max(int((high - low).max()), 8)
    stress = (place.pixels(np.array(garment.stress, float).reshape(-1, 2)) - low) / side
    light, shift = shading.folds(rng, side, stress, place.turn + np.pi / 2 + rng.normal(0, 0.2))
    strength = np.float32(garment.stiffness * rng.uniform(0.6, 1.5))
    full = np.zeros((3, size, size), np.float32)
    (x0, y0), (x1, y1) = np.clip(low, 0, size), np.clip(low + side, 0, size)
    inside = (slice(y0 - low[1], y1 - low[1]), slice(x0 - low[0], x1 - low[0]))
    full[0, y0:y1, x0:x1] = light[inside] * strength
    full[1:, y0:y1, x0:x1] = shift[:, inside[0], inside[1]] * strength
    return full


def paint_garment(
    canvas: Canvas, garment: Garment, cloths: dict[str, Cloth], place: Place, number: int, rng: np.random.Generator
) -> None:
    """Paint all pieces of a garment, bottom to top; its layers carry `number`."""
    relief = _folds(garment, place, canvas.size, rng)
    work = Work(number, cloths, place, relief[0], relief[1:], np.zeros((canvas.size, canvas.size), np.float32))
    for piece in garment.pieces:
        paint_piece(canvas, work, piece, rng)


def _touch(a: Layer, b: Layer) -> bool:
    """Do two layers' windows overlap?"""
    (ah, aw), (bh, bw) = a.alpha.shape, b.alpha.shape
    return a.left < b.left + bw and b.left < a.left + aw and a.top < b.top + bh and b.top < a.top + ah


def segments(layers: list[Layer], labels: list[int], size: int) -> list[tuple[int, np.ndarray]]:
    """Layers -> what is to be seen of every garment and part, (class id, bool [size, size]) each, none empty.

    labels: class id of each garment by number. A part is cut where a later part lies on it, a garment and its
    parts where a later garment does. Neighbours painted one after the other as the same part, such as the
    petals of a flower, are one segment.
    """
    whole = np.zeros((len(labels), size, size), bool)
    parts: list[tuple[int, np.ndarray]] = []
    taken = np.zeros((size, size), bool)  # by parts painted later
    above = np.zeros((size, size), bool)  # by garments painted later
    for number in reversed(range(len(labels))):
        last: Layer | None = None
        for layer in reversed([layer for layer in layers if layer.owner == number]):
            mask = np.zeros((size, size), bool)
            h, w = layer.alpha.shape
            mask[layer.top : layer.top + h, layer.left : layer.left + w] = layer.alpha > 127
            mask &= ~above
            whole[number] |= mask
            if layer.label is not None and layer.label != labels[number]:
                if last is not None and last.label == layer.label and _touch(last, layer):
                    parts[-1][1][:] |= mask & ~taken
                else:
                    parts.append((layer.label, mask & ~taken))
                last = layer
                taken |= mask
        above |= whole[number]
    found = list(zip(labels, whole, strict=True)) + parts[::-1]
    return [(label, mask) for label, mask in found if mask.any()]
