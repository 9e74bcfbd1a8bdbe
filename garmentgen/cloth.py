"""Cloth of a part, chosen: a colour or a fabric in place of what a prior drew. NumPy and OpenCV only.

No network of its own: the part's pixels are recoloured in Lab, where lightness stands apart, and what the encoder then
reads from them is the new code. Pictures are uint8 RGB [S, S, 3], regions bool [S, S].
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from .checks import shown
from .errors import UserError

SWATCHES = tuple(sorted((Path(__file__).parent / "synthetic" / "swatches").glob("*.jpg")))
"""The fabrics that come with the package (ambientCG, CC0), files named by kind and number: denim_1.jpg."""

Lab = np.ndarray
"""float32 [3]: CIE L*a*b* of D65, lightness 0..100."""

FADED = 0.35
"""Share of a print's own hues that a dye leaves: a dyed print is seen by its light and a hint of its colours."""
FOLDS = 3.0
"""Blur, in pixels of a 256-px canvas, that leaves of a plain garment its folds and takes its grain."""
SWATCH = 96
"""Pixels of a 256-px canvas that a fabric picture's shorter side covers before it repeats."""


def dye(picture: np.ndarray, region: np.ndarray, colour: Lab) -> np.ndarray:
    """The picture with a region in this mean colour; folds and light are kept, other regions untouched."""
    lab = to_lab(picture)
    spread = (lab[region] - lab[region].mean(0)) * np.array([1, FADED, FADED], np.float32)
    return _laid(picture, region, colour + spread)


def drape(picture: np.ndarray, region: np.ndarray, plain: np.ndarray, fabric: np.ndarray) -> np.ndarray:
    """The picture with a region in this fabric, its light that of a plain garment on the same map.

    Args:
        plain: the same map in plain cloth: its folds fall on the fabric. (Those of `picture` would bring its prints.)
        fabric: uint8 RGB [h, w, 3], repeated mirror-wise, so that no seam shows.

    Raises:
        UserError: the fabric is no picture.
    """
    if fabric.ndim != 3 or fabric.shape[2] != 3 or fabric.dtype != np.uint8 or min(fabric.shape[:2]) < 2:
        raise UserError(f"a fabric is uint8 RGB [h, w, 3], but this array is {fabric.dtype} {fabric.shape}")
    size = len(picture)
    light = to_lab(plain)[..., 0]
    mean = float(light[region].mean())
    filled = np.where(region, light, mean).astype(np.float32)
    folds = cv2.GaussianBlur(filled, (0, 0), FOLDS * size / 256) - mean
    lab = to_lab(_tiled(fabric, size))
    lab[..., 0] = np.clip(lab[..., 0] + folds, 0, 100)
    return _laid(picture, region, lab[region])


def _tiled(fabric: np.ndarray, size: int) -> np.ndarray:
    """uint8 [size, size, 3] full of the fabric at its scale."""
    scale = SWATCH * size / 256 / min(fabric.shape[:2])
    shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    height, width = (max(2, round(side * scale)) for side in fabric.shape[:2])
    swatch = cv2.resize(fabric, (width, height), interpolation=shrinks)
    return cv2.copyMakeBorder(swatch, 0, max(0, size - height), 0, max(0, size - width), cv2.BORDER_REFLECT)[
        :size, :size
    ]


def mean_colour(picture: np.ndarray, region: np.ndarray) -> Lab:
    """Mean of a region in Lab."""
    return to_lab(picture)[region].mean(0)


def to_lab(picture: np.ndarray) -> np.ndarray:
    """uint8 RGB [..., 3] -> float32 Lab of the same shape."""
    return cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def to_rgb(lab: np.ndarray) -> np.ndarray:
    """Float Lab [H, W, 3] -> uint8 RGB; colours outside RGB are clipped."""
    return np.rint(np.clip(cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB), 0, 1) * 255).astype(np.uint8)


def parse_colour(colour: str) -> Lab:
    """ "#rrggbb" -> Lab.

    Raises:
        UserError: any other text.
    """
    digits = colour.removeprefix("#") if isinstance(colour, str) else ""
    if len(digits) != 6 or set(digits.lower()) - set("0123456789abcdef"):
        raise UserError(f"a colour is written #rrggbb, for example #1e4fa3, but this is {shown(colour)}")
    return to_lab(np.array([[list(bytes.fromhex(digits))]], np.uint8))[0, 0]


def _laid(picture: np.ndarray, region: np.ndarray, lab: np.ndarray) -> np.ndarray:
    """The picture with these Lab values float [n, 3] on the region's n pixels."""
    result = picture.copy()
    result[region] = to_rgb(lab[None])[0]
    return result
