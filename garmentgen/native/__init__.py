"""Faster twins of the operations of `models.ops` for training on a CPU, in C++: an extra that may be left out.

Nothing else in the package needs this folder; `acceleration` takes it where it is there. The twins know eager float32
tensors on the CPU, and give gradients of the first order only; whatever else comes is left to plain Paddle.
"""

from __future__ import annotations

import ctypes
import os

import paddle
from paddle import Tensor

from ..models import ops
from . import layers
from .build import Unavailable, load

_lib: ctypes.CDLL | None = None
_bf16 = False


def enable(bf16: bool = False) -> str:
    """Lends the twins to `models.ops`, building the extension at the first use.

    bf16: convolutions multiply in bfloat16 and sum in float32 where the processor can; elsewhere float32, with a note.
    Returns one sentence: what is active, and why it is not the extension if it is not. A missing compiler, a missing
    library, a GPU or `GARMENTGEN_NATIVE=0` never raise.
    """
    global _lib, _bf16
    disable()
    try:
        if os.environ.get("GARMENTGEN_NATIVE") == "0":
            raise Unavailable("GARMENTGEN_NATIVE=0 is set")
        if paddle.device.get_device() != "cpu":
            raise Unavailable(f"Paddle computes on {paddle.device.get_device()}")
        lib = load()
    except Unavailable as reason:
        return f"plain Paddle: {reason}"
    _lib, _bf16 = lib, bf16 and bool(lib.gg_has_bf16())
    ops.use({twin.__name__: twin for twin in (conv2d, class_norm, upsample2, avg_pool2, instance_norm_act)})
    note = " (this processor has no bfloat16 products)" if bf16 and not _bf16 else ""
    threads = lib.gg_threads()
    return f"native: oneDNN convolutions in {'bfloat16' if _bf16 else 'float32'}{note}, {threads} thread(s)"


def disable() -> None:
    """Back to plain Paddle."""
    global _lib, _bf16
    ops.use({})
    _lib, _bf16 = None, False


def _usable(*tensors: Tensor | None) -> ctypes.CDLL | None:
    """The library where it can take these tensors: float32, on the CPU, not empty."""
    fits = all(
        t is None or (t.dtype == paddle.float32 and t.place.is_cpu_place() and 0 not in t.shape) for t in tensors
    )
    return _lib if fits else None


def _pair(value: int | tuple[int, int] | list[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def conv2d(
    x: Tensor, weight: Tensor, bias: Tensor | None = None, stride=1, padding=0, slope: float = 1.0
) -> Tensor | None:
    """See `ops.conv2d`."""
    lib = _usable(x, weight, bias)
    if lib is None or x.shape[1] != weight.shape[1] or (bias is not None and bias.shape != weight.shape[:1]):
        return None
    return layers.Conv.apply(lib, x, weight, bias, _pair(stride), _pair(padding), float(slope), _bf16)


def class_norm(
    x: Tensor, labels: Tensor, table: Tensor, style: Tensor | None = None, slope: float = 0.2
) -> Tensor | None:
    """See `ops.class_norm`."""
    lib = _usable(x, table, style)
    if lib is None or not _norm_shapes_fit(x, labels, table, style):
        return None
    return layers.ClassNorm.apply(lib, x, labels, table, style, float(slope))


def _norm_shapes_fit(x: Tensor, labels: Tensor, table: Tensor, style: Tensor | None) -> bool:
    """False also for wrong shapes: plain Paddle then says what is wrong."""
    n, c, h, w = x.shape
    styles = [[n, 2 * c, h // f, w // f] for f in (1, 2, 4) if h % f == w % f == 0]
    return labels.shape == [n, h, w] and table.shape[1:] == [2 * c] and (style is None or style.shape in styles)


def upsample2(x: Tensor) -> Tensor | None:
    """See `ops.upsample2`."""
    lib = _usable(x)
    return None if lib is None else layers.Upsample.apply(lib, x)


def avg_pool2(x: Tensor) -> Tensor | None:
    """See `ops.avg_pool2`."""
    lib = _usable(x) if x.shape[2] % 2 == x.shape[3] % 2 == 0 else None
    return None if lib is None else layers.AvgPool.apply(lib, x)


def instance_norm_act(x: Tensor, slope: float = 0.2) -> Tensor | None:
    """See `ops.instance_norm_act`."""
    lib = _usable(x)
    return None if lib is None else layers.InstanceNorm.apply(lib, x, float(slope))
