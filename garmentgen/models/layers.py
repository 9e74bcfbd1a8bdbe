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

    def enlarged(self, x: paddle.Tensor, factor: int, outputs: slice = slice(None)) -> paddle.Tensor:
        """Some outputs of this 1x1 convolution, each pixel repeated factor x factor times: for static graphs.

        Both are one transposed convolution: oneDNN has no fast nearest upsampling.
        """
        weight, bias = self.weight[outputs], self.bias[outputs]
        if factor == 1:
            return F.conv2d(x, weight, bias)  # [N, O, h, w]
        weight = weight.transpose([1, 0, 2, 3]).expand([-1, -1, factor, factor])  # [I, O, f, f]
        return F.conv2d_transpose(x, weight, bias, stride=factor)  # [N, O, f h, f w]


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

    def forward(
        self, x: paddle.Tensor, labels: paddle.Tensor, style: paddle.Tensor | None, upsample: bool = False
    ) -> paddle.Tensor:
        """x [N, C, h, w] (half as large where it is to be upsampled), labels [N, h, w], style [N, S, h / f, w / f]."""
        if paddle.in_dynamic_mode():
            x = ops.upsample2(x) if upsample else x  # [N, C, h, w]
            modulation = self.style(style) if self.style is not None else None  # [N, 2C, h / f, w / f]
            return ops.class_norm(x, labels, self.table, modulation, SLOPE)  # [N, C, h, w]
        return self._static(x, labels, style, upsample)  # [N, C, h, w]

    def _static(self, x, labels, style, upsample: bool) -> paddle.Tensor:
        """The same for a static graph, in the operators that oneDNN is fast at: the mean is a 1x1 convolution.

        Nearest upsampling leaves a pixel's statistics alone, so it comes after them, and costs them a quarter.
        """
        channels = x.shape[1]
        mean = F.conv2d(x * x, paddle.full([1, channels, 1, 1], 1.0 / channels))  # [N, 1, h, w]
        x = x * paddle.rsqrt(mean + ops.NORM_EPSILON)  # [N, C, h, w]
        x = ops.upsample2(x) if upsample else x  # [N, C, h, w]
        scale = F.embedding(labels, self.table[:, :channels] + 1.0).transpose([0, 3, 1, 2])  # [N, C, h, w]
        shift = F.embedding(labels, self.table[:, channels:]).transpose([0, 3, 1, 2])  # [N, C, h, w]
        if self.style is not None and style is not None:
            factor = x.shape[2] // style.shape[2]
            scale = scale + self.style.enlarged(style, factor, slice(0, channels))  # [N, C, h, w]
            shift = shift + self.style.enlarged(style, factor, slice(channels, None))  # [N, C, h, w]
        return F.leaky_relu(x * scale + shift, SLOPE)  # [N, C, h, w]
