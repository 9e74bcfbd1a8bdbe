"""The operations in which networks spend their time: each defined once, here, in plain Paddle.

Something faster may be lent from outside (`use`): training takes the kernels of `garmentgen.native`. Inference, GPUs
and static graphs run what stands here. All tensors are float32 NCHW.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TypeVar

import paddle
import paddle.nn.functional as F
from paddle import Tensor

from ..tracing import for_other_programs

NORM_EPSILON = 1e-6  # native.cc has the same two numbers
INSTANCE_EPSILON = 1e-5

Operation = TypeVar("Operation", bound=Callable[..., Tensor])

_lent: dict[str, Callable[..., Tensor | None]] = {}


def use(faster: Mapping[str, Callable[..., Tensor | None]]) -> None:
    """Let functions do the work of the operations of the same names in dynamic mode; {} = plain Paddle again.

    Each takes the arguments of its operation, and returns None where it cannot: then the plain one is run.
    """
    _lent.clear()
    _lent.update(faster)


def _may_be_faster(plain: Operation) -> Operation:
    @functools.wraps(plain)
    def run(*args, **kwargs) -> Tensor:
        faster = _lent.get(plain.__name__) if paddle.in_dynamic_mode() else None
        result = None if faster is None else faster(*args, **kwargs)
        return plain(*args, **kwargs) if result is None else result

    return run  # type: ignore[return-value]


@_may_be_faster
def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride=1, padding=0, slope: float = 1.0) -> Tensor:
    """leaky_relu(conv(x, weight) + bias, slope); slope 1 is linear, 0 is ReLU.

    x [N,I,H,W]; weight [O,I,kh,kw]; bias [O]; stride and padding an int or a pair (rows, columns); slope >= 0.
    Returns [N,O,H',W'] with H' = (H + 2 padding - kh) // stride + 1.
    """
    return _activate(F.conv2d(x, weight, bias, stride, padding), slope)  # [N,O,H',W']


@_may_be_faster
def class_norm(x: Tensor, labels: Tensor, table: Tensor, style: Tensor | None = None, slope: float = 0.2) -> Tensor:
    """leaky_relu(x r (1 + scale) + shift, slope) with r = 1 / sqrt(mean over channels of x^2 + 1e-6) at each pixel.

    x [N,C,H,W]; labels int32 or int64 [N,H,W], ids 0..K; table [K+1,2C], style [N,2C,H/f,W/f] for f in {1,2,4} or None:
    C scales, then C shifts. scale and shift of a pixel are the table's row of its label plus the style there (nearest).
    Returns [N,C,H,W]. The normalisation is that of Karras et al. 2018, section 4.2, the modulation SPADE's (Park et al.
    2019, section 3.1) with a table lookup in place of its convolutions.
    """
    mean = (x * x).sum(axis=1, keepdim=True) / x.shape[1]  # [N,1,H,W]; of a mean Paddle's executor (3.3) prints a line
    x = x * paddle.rsqrt(mean + NORM_EPSILON)  # [N,C,H,W]
    affine = F.embedding(labels, table).transpose([0, 3, 1, 2])  # [N,2C,H,W]
    if style is not None:
        affine = affine + _enlarge(style, x.shape[2] // style.shape[2])  # [N,2C,H,W]
    scale, shift = affine.chunk(2, axis=1)  # [N,C,H,W] each
    return _activate(x * (1.0 + scale) + shift, slope)  # [N,C,H,W]


@_may_be_faster
def upsample2(x: Tensor) -> Tensor:
    """Nearest neighbours: [N,C,H,W] -> [N,C,2H,2W]."""
    return _enlarge(x, 2)  # [N,C,2H,2W]


@_may_be_faster
def avg_pool2(x: Tensor) -> Tensor:
    """Means of 2 x 2 pixels: [N,C,H,W] -> [N,C,H/2,W/2]; H and W even."""
    return F.avg_pool2d(x, 2)  # [N,C,H/2,W/2]


@_may_be_faster
def instance_norm_act(x: Tensor, slope: float = 0.2) -> Tensor:
    """leaky_relu of (x - mean) / sqrt(variance + 1e-5) over each picture's channel. [N,C,H,W] -> [N,C,H,W]."""
    return _activate(F.instance_norm(x, eps=INSTANCE_EPSILON), slope)  # [N,C,H,W]


def _activate(x: Tensor, slope: float) -> Tensor:
    return x if slope == 1.0 else F.leaky_relu(x, slope)


def _enlarge(x: Tensor, factor: int) -> Tensor:
    """Nearest, by reshape and expand: F.interpolate takes three times as long, and fails in Paddle's executor (3.3)."""
    n, c, h, w = x.shape
    if for_other_programs.get():
        return F.interpolate(x, size=[h * factor, w * factor])  # [N,C,H,W]
    x = x.reshape([n, c, h, 1, w, 1]).expand([n, c, h, factor, w, factor])  # [N,C,h,f,w,f]
    return x.reshape([n, c, h * factor, w * factor])  # [N,C,H,W]
