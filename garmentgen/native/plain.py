"""The same functions in plain Paddle: without the extension, on a GPU and in static graphs.

Shapes and meanings are those of the functions of the same name in `garmentgen.native`.
"""

from __future__ import annotations

import paddle
import paddle.nn.functional as F
from paddle import Tensor

NORM_EPSILON = 1e-6  # native.cc has the same two numbers
INSTANCE_EPSILON = 1e-5


def _activate(x: Tensor, slope: float) -> Tensor:
    return x if slope == 1.0 else F.leaky_relu(x, slope)


def _enlarge(x: Tensor, factor: int) -> Tensor:
    """Nearest, by reshape and expand: F.interpolate takes three times as long, and fails in oneDNN's executor."""
    n, c, h, w = x.shape
    x = x.reshape([n, c, h, 1, w, 1]).expand([n, c, h, factor, w, factor])  # [N,C,h,f,w,f]
    return x.reshape([n, c, h * factor, w * factor])  # [N,C,H,W]


def conv2d(x, weight, bias=None, stride=1, padding=0, slope=1.0) -> Tensor:
    return _activate(F.conv2d(x, weight, bias, stride, padding), slope)  # [N,O,H',W']


def class_norm(x, labels, table, style=None, slope=0.2) -> Tensor:
    x = x * paddle.rsqrt((x * x).mean(axis=1, keepdim=True) + NORM_EPSILON)  # [N,C,H,W]
    affine = F.embedding(labels, table).transpose([0, 3, 1, 2])  # [N,2C,H,W]
    if style is not None:
        affine = affine + _enlarge(style, x.shape[2] // style.shape[2])  # [N,2C,H,W]
    scale, shift = affine.chunk(2, axis=1)  # [N,C,H,W] each
    return _activate(x * (1.0 + scale) + shift, slope)  # [N,C,H,W]


def upsample2(x) -> Tensor:
    return _enlarge(x, 2)  # [N,C,2H,2W]


def avg_pool2(x) -> Tensor:
    return F.avg_pool2d(x, 2)  # [N,C,H/2,W/2]


def instance_norm_act(x, slope=0.2) -> Tensor:
    return _activate(F.instance_norm(x, eps=INSTANCE_EPSILON), slope)  # [N,C,H,W]
