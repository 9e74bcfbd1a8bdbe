"""The fine-tuning on worn cloth, run small: its losses count, and a resumed run meets the same loans."""

from __future__ import annotations

import os
import signal

import pytest
from safetensors.numpy import load_file

from garmentgen import native
from garmentgen.config import LOSSES, override
from garmentgen.presets import PRESETS
from garmentgen.training import state
from garmentgen.training.logs import read_log
from garmentgen.training.loop import train


@pytest.fixture(autouse=True, scope="module")
def plain_again():
    """Training switches the process to native kernels; other tests start from plain Paddle."""
    yield
    native.disable()


def stop_at(seen: int):
    """A `show` that sends this process SIGTERM once so many pictures were seen."""
    return lambda line: os.kill(os.getpid(), signal.SIGTERM) if line["images"] == seen else None


def quiet(*_) -> None:
    pass


def test_worn_cloth_is_held_to_its_statistics_and_a_resumed_run_meets_the_same_loans(prepared, tmp_path):
    worn = ["data.together=2", "loss.stat=2", "loss.gram=1", "loss.mixed=0.5", "loss.jitter=0.1", "loss.judged=48"]
    settings = [*worn, "loss.crop=0", "train.images=8", "train.log_images=4", "train.save_minutes=60"]
    config = override(PRESETS["tiny"], settings)
    train([prepared], config, tmp_path / "whole", show=quiet)
    lines = read_log(tmp_path / "whole")
    assert all(line["g_statloss"] > 0 and line["g_gramloss"] > 0 for line in lines)
    for line in lines:
        total = sum(line[k] for k in (*LOSSES[4:9], "g_statloss", "g_gramloss"))
        assert line["g_loss"] == pytest.approx(total, abs=1e-4)
    train([prepared], config, tmp_path / "parts", show=stop_at(4))
    assert len(read_log(tmp_path / "parts")) == 1
    train([prepared], config, tmp_path / "parts", show=quiet)
    one, two = (load_file(tmp_path / name / state.STATE) for name in ("whole", "parts"))
    assert one.keys() == two.keys() and all((one[k] == two[k]).all() for k in one)
