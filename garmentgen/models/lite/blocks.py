"""The last layers of the detail branch for programs other than Paddle: the same sums on blocks of 2 x 2 pixels.

At twice the side there are few channels, and processors are slow at few. So the four pixels of a block stand one behind
the other in the channels (pixel q's channel c is channel q C + c), and only the picture itself is large. It is the
sub-pixel convolution of Shi et al. (CVPR 2016, section 3.2), put off to the end. OpenVINO takes .7 of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import paddle
from paddle.nn import functional as F

from ...labels import NUM_LABELS
from .. import ops
from ..layers import SLOPE

if TYPE_CHECKING:
    from .generator import Generator

_ROWS = NUM_LABELS + 1


def colours(net: Generator, picture: paddle.Tensor, h: paddle.Tensor, whole: paddle.Tensor) -> paddle.Tensor:
    """tanh of the enlarged picture and of what the branch adds, float32 [N, 3, 2S, 2S].

    Args:
        picture: float32 [N, 3, S, S], beside the garment already that of its neighbours. h: float32 [N, C, S, S], what
            the branch begins with, normalised. whole: int64 [N, 2S, 2S].
    """
    h = F.conv2d(h, _by_pixel(net.detail.weight), _by_pixel(net.detail.bias), 1, 1)  # [N, 4 W, S, S]
    h = _class_norm(h, whole, net.detail_last_norm.table)  # [N, 4 W, S, S]
    last, bias = net.detail_last.weight, net.detail_last.bias  # [3, W, 3, 3], [3]
    h = F.conv2d(h, _between(last), bias.unsqueeze(1).expand([3, 4]).flatten(), 1, 1)  # [N, 12, S + 1, S + 1]
    padded = F.pad(picture, [1, 1, 1, 1], "replicate")  # [N, 3, S + 2, S + 2]
    h = paddle.tanh(F.conv2d(padded, paddle.to_tensor(_BILINEAR)) + h)  # [N, 12, S + 1, S + 1]
    return F.pixel_shuffle(h, 2)[:, :, 1:-1, 1:-1]  # [N, 3, 2S, 2S]


def _by_pixel(parameter: paddle.Tensor) -> paddle.Tensor:
    """A convolution's outputs [4 W, ...], which a sub-pixel step orders by channel, ordered by pixel."""
    rest = parameter.shape[1:]
    swapped = parameter.reshape([-1, 4, *rest]).transpose([1, 0, *range(2, 2 + len(rest))])  # [4, W, ...]
    return swapped.reshape([-1, *rest])  # [4 W, ...]


def _class_norm(x: paddle.Tensor, whole: paddle.Tensor, table: paddle.Tensor) -> paddle.Tensor:
    """`ops.class_norm` of blocks [N, 4 W, S, S] by a map [N, 2S, 2S] and the table [K + 1, 2 W] alone."""
    width, side = table.shape[1] // 2, x.shape[2]
    pixel = np.eye(4, dtype=np.float32)[:, :, None, None]
    mean = F.conv2d(x * x, paddle.to_tensor(np.repeat(pixel, width, 1) / width))  # [N, 4, S, S]
    scale = paddle.rsqrt(mean + ops.NORM_EPSILON)  # [N, 4, S, S]
    x = x * F.conv2d(scale, paddle.to_tensor(np.repeat(pixel, width, 0)))  # [N, 4 W, S, S]
    beside = whole[:, :, ::2] * _ROWS + whole[:, :, 1::2]  # [N, 2S, S]; two pixels at a time: half the lookups
    beside = beside.reshape([-1, side, 2, side]).transpose([0, 1, 3, 2])  # [N, S, S, 2]
    scale, shift = (_looked_up(half, beside) for half in table.chunk(2, 1))  # [N, 4 W, S, S] each
    return F.leaky_relu(x * (1.0 + scale) + shift, SLOPE)  # [N, 4 W, S, S]


def _looked_up(table: paddle.Tensor, beside: paddle.Tensor) -> paddle.Tensor:
    """Rows [K + 1, W] of the pixels of every block: [N, S, S, 2] pairs of ids -> [N, 4 W, S, S]."""
    width, side = table.shape[1], beside.shape[1]
    left, right = (table.unsqueeze(axis).expand([_ROWS, _ROWS, width]) for axis in (1, 0))
    pairs = paddle.concat([left, right], 2).reshape([-1, 2 * width])  # [(K + 1)^2, 2 W]
    rows = F.embedding(beside, pairs).reshape([-1, side, side, 4 * width])  # [N, S, S, 4 W]
    return rows.transpose([0, 3, 1, 2])  # [N, 4 W, S, S]


def _between(weight: paddle.Tensor) -> paddle.Tensor:
    """A 3 x 3 convolution [O, I, 3, 3] on blocks, [4 O, 4 I, 2, 2]: what it gives in the blocks between four blocks.

    Outputs are ordered by channel, as a sub-pixel step wants them.
    """
    outputs, inputs = weight.shape[:2]
    taps = paddle.matmul(weight.reshape([-1, 9]), paddle.to_tensor(_WHERE))  # [O I, 4 * 4 * 2 * 2]
    taps = taps.reshape([outputs, inputs, 4, 4, 2, 2]).transpose([0, 2, 3, 1, 4, 5])  # [O, 4, 4, I, 2, 2]
    return taps.reshape([4 * outputs, 4 * inputs, 2, 2])  # [4 O, 4 I, 2, 2]


_P, _Q, _BLOCK, _TAP = np.ogrid[:2, :2, :2, :3]
_LINE = (2 * _BLOCK + _Q - _P == _TAP).astype(np.float32)
"""Whether, along a line, pixel p between two blocks sees pixel q of one of them through a tap."""
_WHERE = np.einsum("pqbt,PQBT->tTpPqQbB", _LINE, _LINE).reshape(9, 64)
_TAPS = np.array([[3, 1], [1, 3]], np.float32) / 4
_BILINEAR = np.einsum("cd,ai,bj->cabdij", np.eye(3, dtype=np.float32), _TAPS, _TAPS).reshape(12, 3, 2, 2)
"""Bilinear enlarging in the blocks between."""
