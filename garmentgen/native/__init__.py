"""The few functions in which training spends its time, each fast on a CPU once `enable()` was called.

Without `enable()` (inference, demo, GPU, static graphs, no compiler) plain Paddle does the same work: see `plain`.
All tensors are float32 NCHW. Gradients of the first order only.
"""

from __future__ import annotations

import ctypes
import functools
import os

import paddle
from paddle import Tensor
from paddle.autograd import PyLayer

from . import plain
from .build import Unavailable, load

__all__ = ["active", "conv2d", "disable", "enable"]

_lib: ctypes.CDLL | None = None
_bf16 = False
_sentence = "plain Paddle (native.enable() was not called)"


def enable(bf16: bool = False) -> str:
    """Switches the functions of this module over to the C++ extension, building it at the first use.

    bf16: convolutions multiply in bfloat16 and sum in float32, where the processor can; ignored with a note where not.
    Returns one sentence: what is active, and why not the extension if it is not. Never raises for a missing compiler etc.
    """
    global _lib, _bf16, _sentence
    _lib, _bf16 = None, False
    try:
        if os.environ.get("GARMENTGEN_NATIVE") == "0":
            raise Unavailable("GARMENTGEN_NATIVE=0 is set")
        if paddle.get_device() != "cpu":
            raise Unavailable(f"Paddle computes on {paddle.get_device()}")
        lib = load()
    except Unavailable as reason:
        _sentence = f"plain Paddle: {reason}"
        return _sentence
    _lib, _bf16 = lib, bf16 and bool(lib.gg_has_bf16())
    note = ", since this processor has no bfloat16 products" if bf16 and not _bf16 else ""
    _sentence = f"native oneDNN kernels, {'bfloat16' if _bf16 else 'float32'}{note}, {lib.gg_threads()} threads"
    return _sentence


def disable() -> None:
    """Back to plain Paddle."""
    global _lib, _bf16, _sentence
    _lib, _bf16, _sentence = None, False, "plain Paddle (native.disable() was called)"


def active() -> str:
    """The sentence of the last `enable()`."""
    return _sentence


def _usable(*tensors: Tensor) -> bool:
    if _lib is None or not paddle.in_dynamic_mode():
        return False
    return all(t.dtype == paddle.float32 and t.place.is_cpu_place() and t.size > 0 for t in tensors)


def _call(function, *arguments) -> None:
    """Calls into the extension: tensors go as addresses (they must be contiguous), None as null."""
    message = function(*(a.data_ptr() if isinstance(a, Tensor) else a for a in arguments))
    if message is not None:
        raise RuntimeError(message.decode())


@functools.lru_cache(maxsize=4096)
def _conv_shape(x: tuple, weight: tuple, stride: tuple, padding: tuple):
    values = (*x, weight[0], *weight[2:], *stride, *padding)
    out = [(x[2 + k] + 2 * padding[k] - weight[2 + k]) // stride[k] + 1 for k in (0, 1)]
    return (ctypes.c_int64 * 11)(*values), [x[0], weight[0], *out]


class _Conv(PyLayer):
    @staticmethod
    def forward(ctx, x, weight, bias, stride, padding, slope):
        shape, out = _conv_shape(tuple(x.shape), tuple(weight.shape), stride, padding)
        x, weight, y = x.contiguous(), weight.contiguous(), paddle.empty(out, "float32")
        _call(_lib.gg_conv_forward, x, weight, bias, y, shape, slope, _bf16)
        ctx.save_for_backward(x, weight, y if slope != 1.0 else None)
        ctx.rest = (
            bias is not None,
            shape,
            slope,
            _bf16,
            [t is not None and not t.stop_gradient for t in (x, weight, bias)],
        )
        return y

    @staticmethod
    def backward(ctx, dy):
        x, weight, y = ctx.saved_tensor()
        has_bias, shape, slope, bf16, (want_x, want_w, want_b) = ctx.rest
        dx = paddle.empty_like(x) if want_x else None
        dw = paddle.empty_like(weight) if want_w or want_b else None
        db = paddle.empty([weight.shape[0]], "float32") if want_b else None
        _call(_lib.gg_conv_backward, x, weight, y, dy.contiguous(), dx, dw, db, shape, slope, bf16)
        return (dx, dw if want_w else None, db)[: 3 if has_bias else 2]


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride=1, padding=0, slope: float = 1.0) -> Tensor:
    """leaky_relu(conv(x, weight) + bias, slope).

    x [N,I,H,W], weight [O,I,kh,kw], bias [O]; stride and padding: an int or a pair; slope >= 0: 1 is linear, 0 is ReLU.
    Returns [N,O,H',W'] with H' = (H + 2 padding - kh) // stride + 1.
    """
    if not _usable(x, weight):
        return plain.conv2d(x, weight, bias, stride, padding, slope)
    stride = (stride, stride) if isinstance(stride, int) else tuple(stride)
    padding = (padding, padding) if isinstance(padding, int) else tuple(padding)
    return _Conv.apply(x, weight, bias, stride, padding, float(slope))
