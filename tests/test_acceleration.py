"""Training without the C++ kernels, whose folder may be left out: it is slower, no more."""

from __future__ import annotations

import sys

from garmentgen.config import PRESETS, override
from garmentgen.models import ops
from garmentgen.training.logs import read_log
from garmentgen.training.loop import train


def test_a_copy_without_native_trains(prepared, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "garmentgen.native", None)  # what Python makes of a folder that is not there
    ops.use({})
    config = override(PRESETS["tiny"], ["train.images=8", "train.log_images=4"])
    weights = train([prepared], config, tmp_path / "run", show=lambda *_: None)
    assert "plain Paddle: this copy has no garmentgen/native" in capsys.readouterr().out
    assert [line["images"] for line in read_log(tmp_path / "run")] == [4, 8] and weights.is_file()
