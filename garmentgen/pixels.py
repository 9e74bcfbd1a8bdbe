"""The border from numpy to Paddle: uint8 HWC RGB outside, float32 NCHW in [-1, 1] inside. Back: see `arrays`."""

from __future__ import annotations

import numpy as np
import paddle

from .arrays import network_crops, network_ids
from .labels import NUM_LABELS, palette


def to_tensor(images: np.ndarray) -> paddle.Tensor:
    """uint8 RGB [N, H, W, 3] -> float32 [N, 3, H, W] in [-1, 1]."""
    planes = np.ascontiguousarray(images.transpose(0, 3, 1, 2), dtype=np.float32)
    return paddle.to_tensor(planes / np.float32(127.5) - np.float32(1))


def labels_to_tensor(labels: np.ndarray) -> paddle.Tensor:
    """`network_ids` as a tensor."""
    return paddle.to_tensor(network_ids(labels))


def crops_to_tensor(crops: np.ndarray) -> paddle.Tensor:
    """`network_crops` as a tensor."""
    return paddle.to_tensor(network_crops(crops))


def maps_as_pictures(labels: np.ndarray) -> paddle.Tensor:
    """uint8 ids [N, H, W] -> the coloured maps as pictures, float32 [N, 3, H, W] in [-1, 1]."""
    return to_tensor(palette()[labels])


def one_hot(labels: paddle.Tensor) -> paddle.Tensor:
    """int64 [N, H, W] with background NUM_LABELS -> float32 [N, NUM_LABELS, H, W]; background is all zero."""
    planes = paddle.nn.functional.one_hot(labels, NUM_LABELS + 1)[..., :NUM_LABELS]  # [N, H, W, K]
    return planes.transpose([0, 3, 1, 2])


def make_noise(rng: np.random.Generator, shape: list[int] | tuple[int, ...]) -> paddle.Tensor:
    """Standard normal float32 noise of this shape, drawn with numpy so that it is the same on every device."""
    return paddle.to_tensor(rng.standard_normal(shape, dtype=np.float32))
