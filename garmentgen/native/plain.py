"""The same functions in plain Paddle: used without the extension, on a GPU and in static graphs.

Shapes and meanings are those of the functions of the same name in `garmentgen.native`.
"""

from __future__ import annotations

import paddle
import paddle.nn.functional as F
from paddle import Tensor

EPSILON = 1e-6


def _activate(x: Tensor, slope: float) -> Tensor:
    return x if slope == 1.0 else F.leaky_relu(x, slope)


def conv2d(x, weight, bias=None, stride=1, padding=0, slope=1.0) -> Tensor:
    return _activate(F.conv2d(x, weight, bias, stride, padding), slope)  # [N,O,H',W']
