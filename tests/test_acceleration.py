"""Training without the C++ kernels, whose folder may be left out: it is slower, no more."""

from __future__ import annotations

import sys

import paddle
import pytest

from garmentgen.acceleration import accelerated
from garmentgen.config import override
from garmentgen.models import ops
from garmentgen.presets import PRESETS
from garmentgen.training.logs import read_log
from garmentgen.training.loop import train


def test_a_copy_without_native_trains(prepared, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "garmentgen.native", None)  # what Python makes of a folder that is not there
    ops.use({})
    config = override(PRESETS["tiny"], ["train.images=8", "train.log_images=4"])
    weights = train([prepared], config, tmp_path / "run", show=lambda *_: None)
    assert "plain Paddle: this copy has no garmentgen/native" in capsys.readouterr().out
    assert [line["images"] for line in read_log(tmp_path / "run")] == [4, 8] and weights.is_file()


def test_the_kernels_are_taken_back(prepared, tmp_path):
    """They round otherwise: what is painted after a training, or a failed one, has the bytes it had before."""
    x, weight = paddle.randn([1, 64, 32, 32]), paddle.randn([64, 64, 3, 3])

    def painted() -> bytes:
        with paddle.no_grad():
            return ops.conv2d(x, weight, padding=1).numpy().tobytes()

    before = painted()
    train([prepared], override(PRESETS["tiny"], ["train.images=4"]), tmp_path / "run", show=lambda *_: None)
    assert painted() == before
    with pytest.raises(ZeroDivisionError), accelerated() as sentence:
        assert (painted() == before) == sentence.startswith("plain Paddle")
        1 / 0  # noqa: B018
    assert painted() == before
