"""Layers that every network shares: convolutions, spectral norm, class-adaptive norm."""

from __future__ import annotations

import math

import paddle
from paddle import nn
from paddle.nn import functional as F

from ..labels import NUM_LABELS
from . import ops

SLOPE = 0.2
"""Negative slope of every leaky ReLU but VGG's."""


def _he(fan_in: int, gain: float = 1.0) -> paddle.ParamAttr:
    return paddle.ParamAttr(initializer=nn.initializer.Normal(0.0, gain * math.sqrt(2.0 / fan_in)))


class Conv(nn.Layer):
    """Square convolution with bias, followed by a leaky ReLU of this slope (1 = linear)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, slope: float = 1.0, gain: float = 1.0):
        super().__init__()
        self.stride, self.padding, self.slope = stride, (kernel - 1) // 2, slope
        shape = [outputs, inputs, kernel, kernel]
        self.weight = self.create_parameter(shape, attr=_he(inputs * kernel * kernel, gain))
        self.bias = self.create_parameter([outputs], is_bias=True)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return ops.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.slope)  # [N, O, h, w]


class SpectralConv(Conv):
    """Convolution whose weight is divided by its largest singular value (Miyato et al., ICLR 2018, algorithm 1).

    One power iteration a training step; in eval mode the last vectors are kept, so that use does not change them.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, slope: float = 1.0, groups: int = 1):
        super().__init__(inputs // groups, outputs, kernel, stride, slope)
        self.groups = groups
        u = paddle.nn.functional.normalize(
            paddle.ones([outputs]) + 0.1 * paddle.arange(outputs).astype("float32"), axis=0
        )
        self.register_buffer("u", u)

    def normalized(self) -> paddle.Tensor:
        """The weight over its spectral norm, [O, I / groups, k, k]."""
        matrix = self.weight.reshape([self.weight.shape[0], -1])  # [O, I k k]
        with paddle.no_grad():
            v = F.normalize(paddle.mv(matrix.t(), self.u), axis=0)  # [I k k]
            u = F.normalize(paddle.mv(matrix, v), axis=0)  # [O]
            if self.training:
                self.u.set_value(u)
        sigma = paddle.dot(u, paddle.mv(matrix, v))  # []
        return self.weight / sigma  # [O, I / groups, k, k]

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        weight = self.normalized()
        if self.groups == 1:
            return ops.conv2d(x, weight, self.bias, self.stride, self.padding, self.slope)  # [N, O, h, w]
        y = F.conv2d(x, weight, self.bias, self.stride, self.padding, groups=self.groups)  # [N, O, h, w]
        return y if self.slope == 1.0 else F.leaky_relu(y, self.slope)  # [N, O, h, w]


class ClassNorm(nn.Layer):
    """Class-adaptive normalisation (CLADE, Tan et al., section 3.2) with per-pixel statistics, then leaky ReLU.

    Scale and shift are a learned vector per class plus a 1x1 convolution of the style map. The root mean square over
    channels is taken at each pixel, so a change in one region never reaches another through the statistics.
    """

    def __init__(self, channels: int, style: int):
        super().__init__()
        self.table = self.create_parameter(
            [NUM_LABELS + 1, 2 * channels], default_initializer=nn.initializer.Constant(0)
        )
        self.style = Conv(style, 2 * channels, 1, gain=0.5) if style else None

    def forward(self, x: paddle.Tensor, labels: paddle.Tensor, style: paddle.Tensor | None) -> paddle.Tensor:
        """x float32 [N, C, h, w], labels int64 [N, h, w], style float32 [N, S, h / f, w / f] where one is used."""
        modulation = self.style(style) if self.style is not None else None  # [N, 2C, h / f, w / f]
        return ops.class_norm(x, labels, self.table, modulation, SLOPE)  # [N, C, h, w]
