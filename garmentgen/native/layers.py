"""The calls into the extension, with gradients of the first order. Every `lib` is the library of `build.load()`.

An output that the backward pass needs is saved detached: as it is, it would hold its own graph node and never be freed.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any

import paddle
from paddle import Tensor
from paddle.autograd import PyLayer


def _call(function: Any, *arguments) -> None:
    """Tensors go as addresses (so they must be contiguous), None as null."""
    message = function(*(a.data_ptr() if isinstance(a, Tensor) else a for a in arguments))
    if message is not None:
        raise RuntimeError(message.decode())


def _wanted(*tensors: Tensor | None) -> list[bool]:
    return [t is not None and not t.stop_gradient for t in tensors]


@functools.lru_cache(maxsize=4096)
def _numbers(*values: int) -> Any:
    """The int64 fields of a shape struct of native.cc."""
    return (ctypes.c_int64 * len(values))(*values)


class Conv(PyLayer):
    @staticmethod
    def forward(ctx, lib, x, weight, bias, stride, padding, slope, bf16):
        ctx.wanted = _wanted(x, weight, bias)
        x, weight, bias = x.contiguous(), weight.contiguous(), None if bias is None else bias.contiguous()
        (n, i, *size), (o, _, *kernel) = x.shape, weight.shape
        out = [(size[k] + 2 * padding[k] - kernel[k]) // stride[k] + 1 for k in (0, 1)]
        y, shape = paddle.empty([n, o, *out], "float32"), _numbers(n, i, *size, o, *kernel, *stride, *padding)
        _call(lib.gg_conv_forward, x, weight, bias, y, shape, slope, bf16)
        ctx.save_for_backward(x, weight, None if slope == 1.0 else y.detach())
        ctx.rest = lib, bias is not None, shape, slope, bf16
        return y

    @staticmethod
    def backward(ctx, dy):
        (x, weight, y), (lib, has_bias, shape, slope, bf16) = ctx.saved_tensor(), ctx.rest
        want_x, want_weight, want_bias = ctx.wanted
        dx = paddle.empty_like(x) if want_x else None
        dw = paddle.empty_like(weight) if want_weight or want_bias else None
        db = paddle.empty([weight.shape[0]], "float32") if want_bias else None
        _call(lib.gg_conv_backward, x, weight, y, dy.contiguous(), dx, dw, db, shape, slope, bf16)
        return (dx, dw if want_weight else None, db)[: 3 if has_bias else 2]


class ClassNorm(PyLayer):
    @staticmethod
    def forward(ctx, lib, x, labels, table, style, slope):
        ctx.wanted = _wanted(x, table, style)
        x, labels, table = x.contiguous(), labels.astype("int32").contiguous(), table.contiguous()
        style = None if style is None else style.contiguous()
        n, c, h, w = x.shape
        shape = _numbers(n, c, h, w, table.shape[0], 1 if style is None else h // style.shape[2])
        y, r = paddle.empty_like(x), paddle.empty([n, h, w], "float32")
        _call(lib.gg_norm_forward, x, labels, table, style, y, r, shape, slope)
        ctx.save_for_backward(x, labels, table, style, y.detach(), r)
        ctx.rest = lib, shape, slope
        return y

    @staticmethod
    def backward(ctx, dy):
        (x, labels, table, style, y, r), (lib, shape, slope) = ctx.saved_tensor(), ctx.rest
        dx, dtable, dstyle = (
            paddle.empty_like(t) if wanted else None for t, wanted in zip((x, table, style), ctx.wanted, strict=True)
        )
        _call(lib.gg_norm_backward, x, labels, table, style, y, r, dy.contiguous(), dx, dtable, dstyle, shape, slope)
        return (dx, None, dtable, dstyle)[: 3 if style is None else 4]


def _enlarge(lib, x: Tensor, factor: float) -> Tensor:
    n, c, h, w = x.shape
    y = paddle.empty([n, c, 2 * h, 2 * w], "float32")
    lib.gg_repeat(x.contiguous().data_ptr(), y.data_ptr(), n * c, h, w, factor)
    return y


def _shrink(lib, x: Tensor, factor: float) -> Tensor:
    n, c, h, w = x.shape
    y = paddle.empty([n, c, h // 2, w // 2], "float32")
    lib.gg_gather(x.contiguous().data_ptr(), y.data_ptr(), n * c, h // 2, w // 2, factor)
    return y


class Upsample(PyLayer):
    @staticmethod
    def forward(ctx, lib, x):
        ctx.lib = lib
        return _enlarge(lib, x, 1.0)

    @staticmethod
    def backward(ctx, dy):
        return _shrink(ctx.lib, dy, 1.0)


class AvgPool(PyLayer):
    @staticmethod
    def forward(ctx, lib, x):
        ctx.lib = lib
        return _shrink(lib, x, 0.25)

    @staticmethod
    def backward(ctx, dy):
        return _enlarge(ctx.lib, dy, 0.25)


class InstanceNorm(PyLayer):
    @staticmethod
    def forward(ctx, lib, x, slope):
        x = x.contiguous()
        planes, size = x.shape[0] * x.shape[1], x.shape[2] * x.shape[3]
        y, stats = paddle.empty_like(x), paddle.empty([planes, 2], "float32")
        lib.gg_instance_forward(x.data_ptr(), y.data_ptr(), stats.data_ptr(), planes, size, slope)
        ctx.save_for_backward(x, y.detach(), stats)
        ctx.rest = lib, planes, size, slope
        return y

    @staticmethod
    def backward(ctx, dy):
        (x, y, stats), (lib, planes, size, slope) = ctx.saved_tensor(), ctx.rest
        dx, dy = paddle.empty_like(x), dy.contiguous()
        lib.gg_instance_backward(
            x.data_ptr(), y.data_ptr(), stats.data_ptr(), dy.data_ptr(), dx.data_ptr(), planes, size, slope
        )
        return dx
