"""Plain Paddle against paper, and every way of not having the extension."""

from __future__ import annotations

import numpy as np
import paddle
import pytest

from garmentgen import native
from garmentgen.models import ops
from garmentgen.native import build


@pytest.fixture(autouse=True)
def leave_disabled():
    yield
    native.disable()


# ---------------------------------------------------------------- plain Paddle = paper


def test_conv_on_paper():
    x = paddle.to_tensor([[[[1.0, 2.0], [3.0, -4.0]]]])
    weight = paddle.to_tensor([[[[2.0]]], [[[-1.0]]]])
    y = ops.conv2d(x, weight, paddle.to_tensor([1.0, 0.0]), slope=0.5)
    assert y.numpy().tolist() == [[[[3.0, 5.0], [7.0, -3.5]], [[-0.5, -1.0], [-1.5, 4.0]]]]


def test_class_norm_on_paper():
    """(3, 4) has mean square 12.5: normalised (0.6, 0.8) sqrt(2). Class 0 doubles it; class 1 and style move it."""
    x = paddle.to_tensor([3.0, 3.0, 4.0, 4.0]).reshape([1, 2, 1, 2])
    labels = paddle.to_tensor([[[0, 1]]])
    table = paddle.to_tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, -5.0, 1.0]])
    style = paddle.to_tensor([0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.5]).reshape([1, 4, 1, 2])
    h = np.array([0.6, 0.8]) * np.sqrt(2)
    y = ops.class_norm(x, labels, table, None, 0.2).numpy()[0, :, 0]
    assert np.allclose(y, [[2 * h[0], 0.2 * (h[0] - 5)], [2 * h[1], h[1] + 1]], atol=1e-5)
    y = ops.class_norm(x, labels, table, style, 0.2).numpy()[0, :, 0]
    assert np.allclose(y, [[2 * h[0], 0.2 * (h[0] - 5)], [3 * h[1], 2 * h[1] + 1.5]], atol=1e-5)


def test_upsample_on_paper():
    x = paddle.to_tensor([[[[1.0, 2.0]]]], stop_gradient=False)
    y = ops.upsample2(x)
    assert y.numpy().tolist() == [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]
    y.backward(paddle.to_tensor([[[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]]]))
    assert x.grad.numpy().tolist() == [[[[14.0, 22.0]]]]


def test_avg_pool_on_paper():
    x = paddle.to_tensor([[[[1.0, 2.0, 0.0, 0.0], [3.0, 6.0, 0.0, 8.0]]]], stop_gradient=False)
    y = ops.avg_pool2(x)
    assert y.numpy().tolist() == [[[[3.0, 2.0]]]]
    y.backward(paddle.to_tensor([[[[4.0, 8.0]]]]))
    assert x.grad.numpy().tolist() == [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]


def test_instance_norm_on_paper():
    y = ops.instance_norm_act(paddle.to_tensor([[[[2.0, 4.0]]]]), slope=0.5)
    assert np.allclose(y.numpy(), [[[[-0.5, 1.0]]]], atol=1e-4)


# ---------------------------------------------------------------- not having it


def refused(monkeypatch, tmp_path) -> str:
    """The sentence of enable() with an empty cache; the functions must work all the same."""
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path / "cache"))
    sentence = native.enable()
    assert sentence.startswith("plain Paddle: ")
    assert ops.upsample2(paddle.ones([1, 1, 1, 1])).shape == [1, 1, 2, 2]
    return sentence


def test_switched_off_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("GARMENTGEN_NATIVE", "0")
    assert "GARMENTGEN_NATIVE=0" in refused(monkeypatch, tmp_path)


def test_no_compiler(monkeypatch, tmp_path):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no C++ compiler" in refused(monkeypatch, tmp_path)


def test_compiler_that_fails(monkeypatch, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'native.cc:1: error: no such language' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    assert "no such language" in refused(monkeypatch, tmp_path)


def test_no_onednn_in_paddle(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "paddle_libraries", lambda: tmp_path)
    assert "libiomp5.so" in refused(monkeypatch, tmp_path)


def test_gpu(monkeypatch, tmp_path):
    monkeypatch.setattr(paddle.device, "get_device", lambda: "gpu:0")
    assert "gpu:0" in refused(monkeypatch, tmp_path)
