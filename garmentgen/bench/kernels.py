"""Speed of the operations of `models.ops`, plain Paddle against `native`, at the shapes of `lite` training."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import paddle

from ..acceleration import accelerated
from ..labels import NUM_LABELS
from ..models import ops
from .data import table

BATCH = 4
LAYERS = (  # what, inputs, outputs, size, kernel, stride
    ("generator", 256, 256, 8, 3, 1),
    ("generator", 192, 192, 16, 3, 1),
    ("generator", 128, 128, 32, 3, 1),
    ("generator", 96, 96, 64, 3, 1),
    ("generator", 96, 48, 64, 3, 1),
    ("generator", 48, 48, 128, 3, 1),
    ("generator", 48, 64, 128, 3, 1),
    ("generator", 16, 3, 256, 3, 1),
    ("style", 32, 192, 64, 1, 1),
    ("discriminator", 16, 64, 256, 4, 2),
    ("discriminator", 64, 128, 128, 4, 2),
    ("discriminator", 128, 256, 64, 4, 2),
    ("VGG", 3, 64, 96, 3, 1),
    ("VGG", 64, 64, 96, 3, 1),
    ("VGG", 128, 128, 48, 3, 1),
    ("VGG", 256, 256, 24, 3, 1),
)
NORMS = (
    (256, 8, 1),
    (192, 16, 1),
    (128, 32, 1),
    (96, 64, 1),
    (48, 128, 2),
    (16, 256, 4),
)  # channels, size, style factor


def bench_kernels() -> str:
    """Two tables: GFLOP/s of the convolutions, milliseconds of the other functions; each as plain / native.

    The environment (threads, MKL's path) must be set before Paddle is imported: see `environment.tune`.
    """
    with accelerated() as sentence:
        if not sentence.startswith("native"):
            return f"nothing to compare: {sentence}"
    convs = table(
        f"{sentence}; convolutions with bias and leaky ReLU, batch {BATCH}: GFLOP/s plain / native",
        ("layer", "forward", "to data", "to weights", "all three"),
        [_conv_row(*layer) for layer in LAYERS],
    )
    others = table(
        f"other functions, batch {BATCH}: ms plain / native", ("function", "forward", "backward"), list(_other_rows())
    )
    return f"{convs}\n\n{others}"


def _conv_row(what: str, inputs: int, outputs: int, size: int, kernel: int, stride: int) -> tuple[str, ...]:
    x = paddle.randn([BATCH, inputs, size, size])
    weight, bias = 0.05 * paddle.randn([outputs, inputs, kernel, kernel]), paddle.zeros([outputs])
    padding, rates = (kernel - 1) // 2, []
    side = (size + 2 * padding - kernel) // stride + 1
    work = 2e-9 * BATCH * outputs * inputs * kernel**2 * side**2
    for kernels in (contextlib.nullcontext, accelerated):
        with kernels():
            parts = _times(lambda x, w, b: ops.conv2d(x, w, b, stride, padding, 0.2), [x, weight, bias], (1, 2))
        rates.append([*(work / t for t in parts), 3 * work / sum(parts)])
    name = f"{what} {inputs} > {outputs} at {size}, {kernel}x{kernel}" + (f" / {stride}" if stride > 1 else "")
    return (name, *(f"{a:.0f} / {b:.0f}" for a, b in zip(*rates, strict=True)))


def _other_rows():
    def row(name: str, call: Callable, tensors: list) -> tuple[str, ...]:
        times = []
        for kernels in (contextlib.nullcontext, accelerated):
            with kernels():
                times.append(_times(call, tensors, (len(tensors),)))
        return (name, *(f"{1e3 * a:.2f} / {1e3 * b:.2f}" for a, b in zip(*times, strict=True)))

    for channels, size, factor in NORMS:
        coarse = paddle.randint(0, NUM_LABELS + 1, [BATCH, 8, 1, 8, 1])
        labels = coarse.expand([BATCH, 8, size // 8, 8, size // 8]).reshape([BATCH, size, size]).astype("int32")
        tensors = [
            paddle.randn([BATCH, channels, size, size]),
            paddle.randn([NUM_LABELS + 1, 2 * channels]),
            paddle.randn([BATCH, 2 * channels, size // factor, size // factor]),
        ]
        yield row(f"class_norm {channels} at {size}", lambda x, t, s, n=labels: ops.class_norm(x, n, t, s), tensors)
    x = paddle.randn([BATCH, 48, 64, 64])
    yield row("upsample2 48 at 64", ops.upsample2, [x])
    yield row("avg_pool2 16 at 256", ops.avg_pool2, [paddle.randn([BATCH, 16, 256, 256])])
    yield row("instance_norm_act 128 at 64", ops.instance_norm_act, [paddle.randn([BATCH, 128, 64, 64])])


def _times(call: Callable, tensors: list, groups: tuple[int, ...]) -> list[float]:
    """Seconds of call(*tensors), then of its backward pass for the first groups[0] tensors, the next groups[1], ..."""
    with paddle.no_grad():
        seconds, start = [_best(lambda: call(*tensors))], 0
    for count in groups:
        for k, tensor in enumerate(tensors):
            tensor.stop_gradient = not start <= k < start + count
        wanted, y = tensors[start : start + count], call(*tensors)
        upstream = paddle.randn(y.shape)
        seconds.append(_best(lambda y=y, w=wanted, u=upstream: paddle.grad([y], w, [u], retain_graph=True)))
        start += count
    return seconds


def _best(call: Callable, least: int = 4, budget: float = 0.4) -> float:
    """Shortest of several runs: the others were disturbed by other processes."""
    call()
    times: list[float] = []
    while len(times) < least or sum(times) < budget:
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)
