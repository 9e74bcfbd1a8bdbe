"""What a network takes for a map, and a picture of what it gives. NumPy only: an engine may paint without Paddle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .labels import BACKGROUND, NUM_LABELS

if TYPE_CHECKING:
    import paddle


def network_ids(labels: np.ndarray) -> np.ndarray:
    """uint8 ids [N, H, W] -> int64 [N, H, W] in which the background is NUM_LABELS, the last row of every table."""
    return np.where(labels == BACKGROUND, NUM_LABELS, labels).astype(np.int64)


def network_crops(crops: np.ndarray) -> np.ndarray:
    """uint8 [P, 4, side, side] -> float32: RGB in [-1, 1], 0 outside the class, and the mask in {0, 1}."""
    values = crops.astype(np.float32)
    values[:, :3] = (values[:, :3] / 127.5 - 1) * (crops[:, 3:] > 0)
    values[:, 3] /= 255
    return values


def to_images(pictures: paddle.Tensor | np.ndarray) -> np.ndarray:
    """float [N, 3, H, W] in [-1, 1] (clipped) -> uint8 RGB [N, H, W, 3]."""
    values = np.asarray(pictures, dtype=np.float32)
    return np.clip(np.rint((values + 1) * 127.5), 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)
