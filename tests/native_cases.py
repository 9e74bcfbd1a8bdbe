"""Random tensors, a function's output with its gradients, and their comparison; leaks. For the tests of `native`."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import paddle

from garmentgen.models import ops

NAMES = ("conv2d", "class_norm", "upsample2", "avg_pool2", "instance_norm_act")
plain = SimpleNamespace(**{name: getattr(ops, name).__wrapped__ for name in NAMES})
"""The operations as they are without anything faster lent."""


def tensor(rng, *shape, wanted=True):
    t = paddle.to_tensor(rng.standard_normal(shape).astype("float32"))
    t.stop_gradient = not wanted
    return t


def results(function, tensors, *arguments, **options):
    """Output and the gradient of every tensor (None where it is frozen), for a random gradient of the output."""
    for t in tensors:
        if t is not None:
            t.clear_gradient()
    y = function(*tensors, *arguments, **options)
    weight = np.random.default_rng(1).standard_normal(y.shape).astype("float32")
    (y * paddle.to_tensor(weight)).sum().backward()
    grads = [None if t is None or t.grad is None else t.grad.numpy().copy() for t in tensors]
    return [y.numpy(), *grads]


def check_equal(got, expected, tolerance=1e-5):
    for a, b in zip(got, expected, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert a.shape == b.shape
            assert np.abs(a - b).max() <= tolerance * max(np.abs(b).max(), 1e-3)


def check_layers():
    """One of each, large enough to be shared out among threads."""
    rng = np.random.default_rng(0)
    labels = paddle.to_tensor(rng.integers(0, 5, (3, 48, 48)))
    tensors = [tensor(rng, 3, 8, 24, 24), tensor(rng, 16, 8, 3, 3), tensor(rng, 5, 32), tensor(rng, 3, 32, 24, 24)]

    def layers(module):
        def run(x, weight, table, style):
            h = module.upsample2(module.conv2d(x, weight, None, 1, 1, 1.0))
            return module.instance_norm_act(module.class_norm(h, labels, table, style))

        return run

    check_equal(results(layers(ops), tensors), results(layers(plain), tensors), 1e-4)


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def leak_of(steps: int) -> float:
    """Growth of the resident memory in MB, for a net with a branch that gets no backward pass."""
    rng = np.random.default_rng(0)
    x, weight, table = tensor(rng, 1, 8, 48, 48), tensor(rng, 8, 8, 3, 3), tensor(rng, 4, 16)
    labels = paddle.to_tensor(rng.integers(0, 4, (1, 48, 48)).astype("int32"))

    def step():
        h = ops.conv2d(x, weight, None, 1, 1, 0.2)
        unused = ops.instance_norm_act(ops.upsample2(ops.class_norm(h, labels, table)))
        ops.conv2d(unused, weight, None, 1, 1, 0.2)
        paddle.grad(ops.class_norm(h, labels, table).mean(), [x, weight, table])

    for _ in range(20):
        step()
    before = resident_mb()
    for _ in range(steps):
        step()
    return resident_mb() - before
