"""The few functions in which training spends its time, each fast on a CPU once `enable()` was called.

Without `enable()` (inference, demo, GPU, static graphs, no compiler) plain Paddle does the same work: see `plain`.
All tensors are float32 NCHW. The extension gives gradients of the first order only.
"""

from __future__ import annotations

import ctypes
import os

import paddle
from paddle import Tensor

from . import layers, plain
from .build import Unavailable, load
from .memory import keep_freed_memory

__all__ = [
    "active",
    "avg_pool2",
    "class_norm",
    "conv2d",
    "disable",
    "enable",
    "instance_norm_act",
    "keep_freed_memory",
    "upsample2",
]

_lib: ctypes.CDLL | None = None
_bf16 = False
_sentence = "plain Paddle: native.enable() was not called"


def enable(bf16: bool = False) -> str:
    """Switches the functions of this module over to the C++ extension, building it at the first use.

    bf16: convolutions multiply in bfloat16 and sum in float32 where the processor can; elsewhere float32, with a note.
    Returns one sentence: what is active, and why it is not the extension if it is not. A missing compiler, a missing
    library, a GPU or `GARMENTGEN_NATIVE=0` never raise. In every case freed memory is kept: see `keep_freed_memory`.
    """
    global _lib, _bf16, _sentence
    _lib, _bf16 = None, False
    keep_freed_memory()
    try:
        if os.environ.get("GARMENTGEN_NATIVE") == "0":
            raise Unavailable("GARMENTGEN_NATIVE=0 is set")
        if paddle.device.get_device() != "cpu":
            raise Unavailable(f"Paddle computes on {paddle.device.get_device()}")
        lib = load()
    except Unavailable as reason:
        _sentence = f"plain Paddle: {reason}"
        return _sentence
    _lib, _bf16 = lib, bf16 and bool(lib.gg_has_bf16())
    note = " (this processor has no bfloat16 products)" if bf16 and not _bf16 else ""
    threads = lib.gg_threads()
    _sentence = f"native: oneDNN convolutions in {'bfloat16' if _bf16 else 'float32'}{note}, {threads} thread(s)"
    return _sentence


def disable() -> None:
    """Back to plain Paddle."""
    global _lib, _bf16, _sentence
    _lib, _bf16, _sentence = None, False, "plain Paddle: native.disable() was called"


def active() -> str:
    """The sentence of the last `enable()`: it starts with "native" or with "plain Paddle"."""
    return _sentence


def _usable(*tensors: Tensor | None) -> ctypes.CDLL | None:
    """The library where it can take these tensors: eager, float32, on the CPU, not empty."""
    if _lib is None or not paddle.in_dynamic_mode():
        return None
    fits = all(
        t is None or (t.dtype == paddle.float32 and t.place.is_cpu_place() and 0 not in t.shape) for t in tensors
    )
    return _lib if fits else None


def _pair(value: int | tuple[int, int] | list[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride=1, padding=0, slope: float = 1.0) -> Tensor:
    """leaky_relu(conv(x, weight) + bias, slope); slope 1 is linear, 0 is ReLU.

    x [N,I,H,W]; weight [O,I,kh,kw]; bias [O]; stride and padding an int or a pair (rows, columns); slope >= 0.
    Returns [N,O,H',W'] with H' = (H + 2 padding - kh) // stride + 1.
    """
    lib = _usable(x, weight, bias)
    if lib is None or x.shape[1] != weight.shape[1] or (bias is not None and bias.shape != weight.shape[:1]):
        return plain.conv2d(x, weight, bias, stride, padding, slope)
    return layers.Conv.apply(lib, x, weight, bias, _pair(stride), _pair(padding), float(slope), _bf16)


def class_norm(x: Tensor, labels: Tensor, table: Tensor, style: Tensor | None = None, slope: float = 0.2) -> Tensor:
    """leaky_relu(x r (1 + scale) + shift, slope) with r = 1 / sqrt(mean over channels of x^2 + 1e-6) at each pixel.

    x [N,C,H,W]; labels int32 or int64 [N,H,W], ids 0..K; table [K+1,2C], style [N,2C,H/f,W/f] for f in {1,2,4} or None:
    C scales, then C shifts. scale and shift of a pixel are the table's row of its label plus the style there (nearest).
    Returns [N,C,H,W]. The normalisation is that of Karras et al. 2018, section 4.2, the modulation SPADE's (Park et al.
    2019, section 3.1) with a table lookup in place of its convolutions.
    """
    lib = _usable(x, table, style)
    if lib is None or not _norm_shapes_fit(x, labels, table, style):
        return plain.class_norm(x, labels, table, style, slope)
    return layers.ClassNorm.apply(lib, x, labels, table, style, float(slope))


def _norm_shapes_fit(x: Tensor, labels: Tensor, table: Tensor, style: Tensor | None) -> bool:
    """False also for wrong shapes: plain Paddle then says what is wrong."""
    n, c, h, w = x.shape
    styles = [[n, 2 * c, h // f, w // f] for f in (1, 2, 4) if h % f == w % f == 0]
    return labels.shape == [n, h, w] and table.shape[1:] == [2 * c] and (style is None or style.shape in styles)


def upsample2(x: Tensor) -> Tensor:
    """Nearest neighbours: [N,C,H,W] -> [N,C,2H,2W]."""
    lib = _usable(x)
    return plain.upsample2(x) if lib is None else layers.Upsample.apply(lib, x)


def avg_pool2(x: Tensor) -> Tensor:
    """Means of 2 x 2 pixels: [N,C,H,W] -> [N,C,H/2,W/2]; H and W even."""
    lib = _usable(x) if x.shape[2] % 2 == x.shape[3] % 2 == 0 else None
    return plain.avg_pool2(x) if lib is None else layers.AvgPool.apply(lib, x)


def instance_norm_act(x: Tensor, slope: float = 0.2) -> Tensor:
    """leaky_relu of (x - mean) / sqrt(variance + 1e-5) over each picture's channel. [N,C,H,W] -> [N,C,H,W]."""
    lib = _usable(x)
    return plain.instance_norm_act(x, slope) if lib is None else layers.InstanceNorm.apply(lib, x, float(slope))
