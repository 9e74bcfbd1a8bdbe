"""Augmentation: label and image move together, background stays exactly white, no fringe of it bleeds in.

All on uint8 with OpenCV, about a millisecond a 256 px picture. Every random number comes from the generator passed in.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..geometry import Box
from ..labels import BACKGROUND

Picture = tuple[np.ndarray, np.ndarray]
"""(image uint8 RGB [H, W, 3], labels uint8 [H, W])"""

_LUMA = np.array([0.299, 0.587, 0.114])


def augment(picture: Picture, rng: np.random.Generator, flip: float, colour: float, affine: float) -> Picture:
    """Each change with its own probability: mirror, new colours, small affine move."""
    if rng.random() < flip:
        picture = mirror(picture)
    if rng.random() < colour:
        picture = recolour(picture, colour_matrix(rng))
    if rng.random() < affine:
        picture = warp(picture, affine_matrix(picture[1], rng))
    return picture


def mirror(picture: Picture) -> Picture:
    """Left becomes right."""
    return cv2.flip(picture[0], 1), cv2.flip(picture[1], 1)


def colour_matrix(rng: np.random.Generator) -> np.ndarray:
    """A random change of colours, float64 [3, 4], for `recolour`; garments come in every colour.

    Channels in another order (half of the time), hue turned, saturation and brightness scaled, sometimes a dye:
    the cloth multiplied by a colour, which is what gives white and grey garments a hue.
    """
    matrix = np.eye(3)
    if rng.random() < 0.5:
        matrix = matrix[rng.permutation(3)]
    matrix = hue_rotation(rng.normal(0, math.radians(15))) @ matrix
    saturation = rng.uniform(0.6, 1.4)
    matrix = (saturation * np.eye(3) + (1 - saturation) * np.outer(np.ones(3), _LUMA)) @ matrix
    if rng.random() < 0.25:
        matrix = np.diag(rng.uniform(0.35, 1.0, 3)) @ matrix
    matrix = matrix * math.exp(rng.normal(0, 0.12))
    return np.column_stack([matrix, np.full(3, rng.uniform(-12, 12))])


def hue_rotation(angle: float) -> np.ndarray:
    """Rotation of RGB around the grey axis by radians, float64 [3, 3]; greys stay as they are."""
    cos, sin = math.cos(angle), math.sin(angle)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    return cos * np.eye(3) + (1 - cos) / 3 * np.ones((3, 3)) + sin * cross


def recolour(picture: Picture, matrix: np.ndarray) -> Picture:
    """Apply an affine colour change, float [3, 4], inside the mask; outside stays white."""
    image, labels = picture
    return whiten(cv2.transform(image, matrix), labels), labels


def affine_matrix(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A small random turn, scale and shear of the canvas, float64 [2, 3], that keeps the whole garment on it.

    The garment may end anywhere on the canvas; it is made smaller where the turn would push a corner out.
    """
    height, width = labels.shape
    top, left, bottom, right = box(labels)
    angle, shear = rng.normal(0, math.radians(5)), rng.normal(0, 0.03)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = math.exp(rng.uniform(-0.25, 0.12)) * turn @ np.array([[1, shear], [0, 1]])
    corners = np.array([[left, right, left, right], [top, top, bottom, bottom]], np.float64)
    moved = matrix @ corners
    extent = moved.max(1) - moved.min(1)
    fit = min(1.0, (width - 2) / extent[0], (height - 2) / extent[1])
    matrix, moved, extent = matrix * fit, moved * fit, extent * fit
    target = 1 + rng.random(2) * (np.array([width, height]) - 2 - extent)
    return np.column_stack([matrix, target - moved.min(1)])


def warp(picture: Picture, matrix: np.ndarray) -> Picture:
    """Move both by an affine matrix, float [2, 3], source to target: labels nearest, colour linear inside the mask."""
    image, labels = picture
    shape = labels.shape[::-1]
    moved = cv2.warpAffine(labels, matrix, shape, flags=cv2.INTER_NEAREST, borderValue=BACKGROUND)
    colours = cv2.warpAffine(weighted(image, labels), matrix, shape, flags=cv2.INTER_LINEAR)
    return whiten(unweighted(colours), moved), moved


def scale(picture: Picture, height: int, width: int) -> Picture:
    """Resize both: labels nearest (pixel centres), colour by area or linear inside the mask."""
    image, labels = picture
    rows = (2 * np.arange(height) + 1) * labels.shape[0] // (2 * height)
    cols = (2 * np.arange(width) + 1) * labels.shape[1] // (2 * width)
    smaller = labels[np.ix_(rows, cols)]
    how = cv2.INTER_AREA if height <= labels.shape[0] and width <= labels.shape[1] else cv2.INTER_LINEAR
    colours = cv2.resize(weighted(image, labels), (width, height), interpolation=how)
    return whiten(unweighted(colours), smaller), smaller


def weighted(image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Colour, black outside the mask, and the mask as 0 or 255, uint8 [H, W, 4]: these average without fringes."""
    mask = foreground(labels)
    return cv2.merge([cv2.bitwise_and(image, image, mask=mask), mask])


def unweighted(layers: np.ndarray) -> np.ndarray:
    """Averages of `weighted` -> colours of the mask's share alone, uint8 [H, W, 3]."""
    weight = cv2.cvtColor(cv2.extractChannel(layers, 3), cv2.COLOR_GRAY2RGB)
    return cv2.divide(cv2.cvtColor(layers, cv2.COLOR_RGBA2RGB), weight, scale=255)


def whiten(image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Make the background of an image exactly white, in place."""
    outside = cv2.cvtColor(cv2.bitwise_not(foreground(labels)), cv2.COLOR_GRAY2RGB)
    return cv2.bitwise_or(image, outside, dst=image)


def foreground(labels: np.ndarray) -> np.ndarray:
    """255 where there is a class, 0 on the background, uint8 [H, W]."""
    return cv2.threshold(labels, BACKGROUND - 1, 255, cv2.THRESH_BINARY_INV)[1]


def box(labels: np.ndarray) -> Box:
    """Bounding box of all that is not background; the whole map when there is nothing."""
    left, top, width, height = cv2.boundingRect(foreground(labels))
    return (top, left, top + height, left + width) if width else (0, 0, *labels.shape)
