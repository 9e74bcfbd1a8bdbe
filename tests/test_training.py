"""The trainer: resume is exact, nothing is ever half-written, every loss is logged, two processes are one."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import paddle
import pytest
from safetensors.numpy import load_file

from garmentgen import Designer, UserError, native
from garmentgen.checkpoint import load_weights
from garmentgen.config import LOSSES, Config, DataConfig, from_dict, override
from garmentgen.data.dataset import Garments
from garmentgen.labels import BACKGROUND, NUM_LABELS
from garmentgen.models.layers import SpectralConv
from garmentgen.presets import PRESETS
from garmentgen.priors.bank import Bank
from garmentgen.priors.config import FlowConfig
from garmentgen.priors.files import prior_from
from garmentgen.priors.gaussian import Gaussian
from garmentgen.priors.normal import Normal
from garmentgen.training import batch as batches_of
from garmentgen.training import ema, prior, state
from garmentgen.training.batch import draw_noise, lenders, make_batch, scatter_codes
from garmentgen.training.feed import load_batch, open_sources
from garmentgen.training.logs import Log, read_log
from garmentgen.training.loop import train
from garmentgen.training.run import Run, learning_rate_scale
from garmentgen.training.start import take_weights
from garmentgen.training.steps import generator_losses, run_generator

ROOT = Path(__file__).parents[1]
SETTINGS = ["train.images=16", "train.log_images=4", "train.sample_images=8", "train.save_minutes=60"]


@pytest.fixture(autouse=True, scope="module")
def plain_again():
    """Training switches the process to native kernels; other tests start from plain Paddle."""
    yield
    native.disable()


def tiny(*settings: str) -> Config:
    return override(PRESETS["tiny"], [*SETTINGS, *settings])


def state_of(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / state.STATE)


def equal(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


def stop_at(seen: int):
    """A `show` that sends this process SIGTERM once so many pictures were seen."""

    def show(line: dict) -> None:
        if line["images"] == seen:
            os.kill(os.getpid(), signal.SIGTERM)

    return show


def quiet(*_) -> None:
    pass


@pytest.fixture(scope="module")
def whole(prepared, tmp_path_factory) -> Path:
    """The folder of four steps in one go; the discriminator joins at the third."""
    folder = tmp_path_factory.mktemp("whole")
    train([prepared], tiny("train.adversarial_from=8"), folder, show=quiet)
    return folder


# --- what a run leaves -----------------------------------------------------------------------------------------------


def test_a_run_logs_the_ten_losses_by_name_from_the_adversarial_phase_on(whole):
    lines = read_log(whole)
    assert [line["images"] for line in lines] == [4, 8, 12, 16]
    for line in lines[:2]:
        assert line["g_ganloss"] == 0 and "d_real_loss" not in line
    for line in lines[2:]:
        assert set(LOSSES) <= line.keys() and line["images_per_second"] > 0
        assert line["d_all_loss"] == pytest.approx(sum(line[k] for k in LOSSES[:3]), abs=1e-4)
        assert line["g_loss"] == pytest.approx(sum(line[k] for k in LOSSES[4:9]), abs=1e-4)
        assert line["d_real_loss"] > 0 and line["g_featloss"] > 0 and line["g_vggloss"] > 0 and line["g_styleloss"] > 0


def test_a_run_leaves_weights_that_rebuild_a_designer(whole):
    weights = load_weights(whole / "weights.safetensors")
    assert set(weights.parts) == {"encoder", "generator", "discriminator"} and weights.facts["images"] == 16
    assert from_dict(weights.facts["recipe"]) == tiny("train.adversarial_from=8")
    designer = Designer.load(whole / "weights.safetensors", engine="dynamic")
    assert designer.generate(np.full((64, 64), 3, np.uint8)).shape == (64, 64, 3)
    averaged = {k.removeprefix("generator_average."): v for k, v in state_of(whole).items() if "generator_av" in k}
    shipped = weights.parts["generator"]
    assert all(np.array_equal(shipped[k], averaged[k].astype(np.float16)) for k in shipped), "averages are what ships"


def test_a_run_shows_map_real_reconstruction_and_borrowed_codes(whole, prepared):
    names = sorted(p.name for p in (whole / "samples").iterdir())
    assert names == ["000000008.png", "000000016.png"]
    sheet = cv2.imread(str(whole / "samples" / names[0]))[..., ::-1]
    garments = Garments(prepared)
    held = round(0.08 * len(garments))
    assert sheet.shape == (64 * held, 64 * 4, 3)
    real = sheet[:64, 64:128]
    assert any(np.abs(real.astype(int) - image).max() <= 1 for image in garments.images)


def test_settings_are_kept_beside_the_run(whole):
    assert from_dict(json.loads((whole / "config.json").read_text())) == tiny("train.adversarial_from=8")
    assert not list(whole.rglob("*.tmp"))


# --- resume ----------------------------------------------------------------------------------------------------------


def test_four_steps_are_two_and_two_more(whole, prepared, tmp_path):
    """SIGTERM after two steps saves and stops; the same command goes on to the very same bits."""
    config = tiny("train.adversarial_from=8")
    handlers = [signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)]
    train([prepared], config, tmp_path, show=stop_at(8))
    assert [signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)] == handlers, "a notebook goes on"
    assert [line["images"] for line in read_log(tmp_path)] == [4, 8] and not equal(state_of(tmp_path), state_of(whole))
    train([prepared], config, tmp_path, show=quiet)
    assert equal(state_of(tmp_path), state_of(whole))
    assert load_weights(tmp_path / "weights.safetensors").parts.keys() == {"encoder", "generator", "discriminator"}
    same = [{k: v for k, v in line.items() if k != "images_per_second"} for line in read_log(whole)]
    assert [{k: v for k, v in line.items() if k != "images_per_second"} for line in read_log(tmp_path)] == same


def test_a_finished_run_is_left_as_it_is(whole, prepared):
    before = state_of(whole)
    train([prepared], tiny("train.adversarial_from=8"), whole, show=quiet)
    assert equal(before, state_of(whole)) and len(read_log(whole)) == 4


def test_pictures_since_the_last_line_are_logged_at_the_end(prepared, tmp_path):
    told = []
    config = tiny("train.images=12", "train.log_images=8", "loss.vgg=0", "loss.style=0")
    train([prepared], config, tmp_path, show=told.append)
    assert [line["images"] for line in read_log(tmp_path)] == [8, 12]
    assert told == read_log(tmp_path)


def test_minutes_stop_a_run_with_its_state_saved(prepared, tmp_path):
    train([prepared], tiny("loss.vgg=0", "loss.style=0"), tmp_path, minutes=1e-9, show=quiet)
    assert (tmp_path / state.STATE).exists() and (tmp_path / "weights.safetensors").exists()


def test_every_batch_is_a_function_of_seed_and_count(prepared):
    config = tiny("loss.vgg=0", "loss.style=0", "data.affine=0.5", "data.outfits=0.3")
    sources, _ = open_sources([prepared], config)
    run = Run(config)
    first, again, next_one = (load_batch(sources, config, seen, run.nets.generator)[0] for seen in (8, 8, 12))
    assert np.array_equal(first.pictures.numpy(), again.pictures.numpy()) and np.array_equal(first.seeds, again.seeds)
    assert not np.array_equal(first.pictures.numpy(), next_one.pictures.numpy())


def test_fitting_the_priors_resumes_to_the_same_bits(prepared, weights_file, tmp_path, monkeypatch):
    calls = []

    def stop_at_the_second(*_) -> None:
        calls.append(1)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    def fit(name: str) -> Path:
        return prior.train_prior([prepared], weights_file, tmp_path / name, FlowConfig(images=64, batch=16), encoded=16)

    fit("whole")
    with monkeypatch.context() as patch:
        patch.setattr(prior, "check_finite", stop_at_the_second)
        fit("resumed")
    assert len(calls) == 2 and not equal(state_of(tmp_path / "resumed"), state_of(tmp_path / "whole"))
    weights = fit("resumed")
    assert equal(state_of(tmp_path / "resumed"), state_of(tmp_path / "whole"))
    parts = load_weights(weights).parts
    assert {"encoder", "generator", "prior_gaussian", "prior_bank", "prior_flow"} <= set(parts)
    assert equal(parts["prior_bank"], load_weights(tmp_path / "whole" / "weights.safetensors").parts["prior_bank"])


def test_priors_without_a_flow_and_the_default_that_was_chosen(prepared, whole, tmp_path):
    path = whole / "weights.safetensors"
    fitted = load_weights(prior.train_prior([prepared], path, tmp_path / "a", encoded=16, default="gaussian"))
    assert "prior_flow" not in fitted.parts and "prior_bank" in fitted.parts
    assert isinstance(prior_from(fitted, None), Gaussian) and isinstance(prior_from(fitted, "bank"), Bank)
    unsaid = load_weights(prior.train_prior([prepared], path, tmp_path / "b", encoded=16))
    assert isinstance(prior_from(unsaid, None), Bank), "the best that the file holds"
    with pytest.raises(UserError, match="hold the priors bank, gaussian, normal, but 'flow' was asked for"):
        prior_from(unsaid, "flow")
    del unsaid.parts["prior_bank"]["box"]
    with pytest.raises(UserError, match="'bank' of these weights lacks 'box': an older version made it"):
        prior_from(unsaid, None)


def test_encoded_pictures_are_kept_under_all_that_they_were_made_from(prepared, weights_file, tmp_path):
    weights, folder = load_weights(weights_file), shutil.copytree(prepared, tmp_path / "other")
    names = [prior._made_from(weights, data, [prepared], 16) for data in (DataConfig(), DataConfig(split_seed=1))]
    assert prior._made_from(weights, DataConfig(), [folder], 16) == names[0], "a copy holds the same pictures"
    names.append(prior._made_from(weights, DataConfig(), [folder], 17))
    pixels = np.load(folder / "images.npy", mmap_mode="r+")
    pixels[-1, -1, -1, -1] ^= 1
    names.append(prior._made_from(weights, DataConfig(), [folder], 16))
    weights.parts["encoder"] = {k: v + 1 for k, v in weights.parts["encoder"].items()}
    names.append(prior._made_from(weights, DataConfig(), [prepared], 16))
    assert len(set(names)) == 5


def test_the_flow_sees_varied_pictures(prepared, weights_file):
    """Of one picture sixteen codes, hardly two alike."""
    sources = [(Garments(prepared), np.arange(1), 1.0)]
    drawn = prior.encode_pictures(load_weights(weights_file), sources, 16, 3)
    assert len({one.codes[0].tobytes() for one in drawn}) > 6


# --- nothing is lost -------------------------------------------------------------------------------------------------


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_last_state(prepared, tmp_path, monkeypatch):
    config = tiny("train.save_minutes=0", "loss.vgg=0", "loss.style=0")
    real, calls = generator_losses, []

    def poisoned(*arguments):
        values = real(*arguments)
        calls.append(1)
        if len(calls) == 3:
            values["kldloss"] = values["kldloss"] * float("nan")
            values["g_loss"] = values["g_loss"] * float("inf")
        return values

    monkeypatch.setattr("garmentgen.training.run.generator_losses", poisoned)
    with pytest.raises(UserError, match="after 8 pictures: kldloss, g_loss became NaN or infinite"):
        train([prepared], config, tmp_path, show=quiet)
    with open(tmp_path / state.STATE, "rb") as file:
        kept = file.read()
    run = Run(config)
    assert state.load_state(tmp_path, run.state) and run.state.seen == 8
    assert all(np.isfinite(v).all() for v in state_of(tmp_path).values())
    monkeypatch.setattr("garmentgen.training.run.generator_losses", real)
    assert (tmp_path / state.STATE).read_bytes() == kept
    train([prepared], config, tmp_path, show=quiet)
    assert read_log(tmp_path)[-1]["images"] == 16


def test_weights_that_are_no_numbers_are_never_saved(tmp_path):
    """A gradient can be NaN while the loss is not; the next save must not replace the last good state."""
    run = Run(tiny("loss.vgg=0", "loss.style=0"))
    state.save_state(tmp_path, run.state)
    kept = (tmp_path / state.STATE).read_bytes()
    weight = run.nets.generator.first.weight
    weight.set_value(weight * float("nan"))
    with pytest.raises(UserError, match="generator.first.weight"):
        state.save_state(tmp_path, run.state)
    assert (tmp_path / state.STATE).read_bytes() == kept and [p.name for p in tmp_path.iterdir()] == [state.STATE]


def test_the_previous_state_is_kept_and_a_torn_one_passed_over(tmp_path):
    run = Run(tiny("loss.vgg=0", "loss.style=0"))
    assert not state.load_state(tmp_path, run.state)
    for seen in (4, 8, 12):
        run.state.seen = seen
        state.save_state(tmp_path, run.state)

    def resumed() -> int:
        fresh = Run(tiny("loss.vgg=0", "loss.style=0"))
        state.load_state(tmp_path, fresh.state)
        return fresh.state.seen

    assert resumed() == 12 and sorted(p.name for p in tmp_path.iterdir()) == [state.PREVIOUS, state.STATE]
    os.replace(tmp_path / state.STATE, tmp_path / "state.fresh.safetensors")  # killed between the two renames
    assert resumed() == 12
    (tmp_path / "state.fresh.safetensors").unlink()
    assert resumed() == 8
    (tmp_path / state.STATE).write_bytes((tmp_path / state.PREVIOUS).read_bytes()[:-100])  # a disk that lied
    assert resumed() == 8
    (tmp_path / state.PREVIOUS).write_bytes(b"")
    with pytest.raises(UserError, match="no readable training state"):
        resumed()


def test_leftovers_of_a_kill_are_swept_up(prepared, tmp_path):
    for name in ("state.fresh.safetensors.123.tmp", "weights.safetensors.123.tmp"):
        (tmp_path / name).write_bytes(b"half")
    train([prepared], tiny("train.images=4", "loss.vgg=0", "loss.style=0"), tmp_path, show=quiet)
    assert not list(tmp_path.glob("*.tmp"))


def test_a_log_cut_short_or_ahead_of_its_state_is_trimmed(tmp_path):
    lines = [json.dumps({"images": n, "g_loss": 1.0}) for n in (4, 8, 12)]
    (tmp_path / "log.jsonl").write_text("\n".join(lines) + '\n{"images": 16, "g_lo')
    log = Log(tmp_path, 8)
    log.add({"g_loss": 2.0}, 4, 0.5)
    log.add({"g_loss": 5.0}, 8, 0.5)
    log.write(20)
    assert [line["images"] for line in read_log(tmp_path)] == [4, 8, 20]
    assert read_log(tmp_path)[-1] == {"images": 20, "g_loss": 4.0, "images_per_second": 12.0}


LEAN = ["loss.vgg=0", "loss.style=0", "train.sample_images=1000000", "train.log_images=4", "train.save_minutes=0"]


def command(data: Path, run: Path, *settings: str, launcher: tuple[str, ...] = ()) -> list[str]:
    arguments = ["train", str(data), "--preset", "tiny", "--run", str(run), "--set", *LEAN, *settings]
    return [sys.executable, "-W", "ignore", *launcher, "-m", "garmentgen", *arguments]


def kill_at_random_moments(kills: int, data: Path, folder: Path, images: int) -> None:
    """Start, wait for news in the log, kill -9 at a random moment; then check what lies on the disk."""
    rng, reached = random.Random(kills), 0
    for _ in range(kills):
        process = subprocess.Popen(command(data, folder, f"train.images={images}"), cwd=ROOT, stdout=subprocess.DEVNULL)
        log, goal = folder / "log.jsonl", reached + 4 * rng.randint(1, 3)
        while process.poll() is None and (not log.exists() or last_seen(log) < goal):
            time.sleep(0.005)
        time.sleep(rng.random() * 0.2)
        process.kill()
        process.wait()
        run = Run(tiny(*LEAN))
        assert state.load_state(folder, run.state) or last_seen(log) <= 4, "a whole state lies there"
        assert run.state.seen >= max(last_seen(log) - 4, reached), "none older than the interval"
        assert all(np.isfinite(v).all() for net in run.state.nets.values() for v in state.to_arrays(net).values())
        if run.state.seen > 4:
            load_weights(folder / "weights.safetensors")
        reached = run.state.seen


def last_seen(log: Path) -> int:
    whole_lines = log.read_text().splitlines(keepends=True)
    return max((json.loads(line)["images"] for line in whole_lines if line.endswith("\n")), default=0)


def finishes_as_if_never_killed(data: Path, folder: Path, untouched: Path, images: int) -> None:
    for one in (folder, untouched):
        train([data], tiny(*LEAN, f"train.images={images}"), one, show=quiet)
    assert equal(state_of(folder), state_of(untouched)) and read_log(folder)[-1]["images"] == images
    assert not list(folder.glob("*.tmp"))


def test_kill_9_loses_nothing_but_the_steps_since_the_last_save(prepared, tmp_path):
    kill_at_random_moments(2, prepared, tmp_path / "killed", 48)
    finishes_as_if_never_killed(prepared, tmp_path / "killed", tmp_path / "untouched", 48)


@pytest.mark.slow
def test_kill_9_at_ten_random_moments(prepared, tmp_path):
    kill_at_random_moments(10, prepared, tmp_path / "killed", 200)
    finishes_as_if_never_killed(prepared, tmp_path / "killed", tmp_path / "untouched", 200)


def test_sigterm_saves_before_it_stops(prepared, tmp_path):
    settings = ("train.images=100000", "train.save_minutes=60")
    process = subprocess.Popen(command(prepared, tmp_path, *settings), cwd=ROOT, stdout=subprocess.DEVNULL)
    while process.poll() is None and not ((tmp_path / "log.jsonl").exists() and last_seen(tmp_path / "log.jsonl")):
        time.sleep(0.01)
    process.terminate()
    assert process.wait() == 0
    run = Run(tiny(*LEAN))
    assert state.load_state(tmp_path, run.state) and run.state.seen == last_seen(tmp_path / "log.jsonl")


# --- several processes -----------------------------------------------------------------------------------------------


def test_two_processes_lose_what_one_does(prepared, tmp_path):
    """Batches of 2 in two processes against 4 in one, three steps. Kernels sum in another order: 1e-3 relative.

    Borrowed codes are off: a process borrows within its own share, so that its donors are others.
    """
    same = ["train.images=12", "loss.swapped=0", "train.seed=3"]
    logs = tmp_path / "launch"
    launcher = ("-m", "paddle.distributed.launch", "--nproc_per_node", "2", "--log_dir", str(logs))
    two = command(prepared, tmp_path / "two", *same, "train.batch=2", launcher=launcher)
    environment = os.environ | {"GARMENTGEN_NATIVE": "0"}
    done = subprocess.run(two, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    worker = "\n".join(path.read_text()[-2000:] for path in logs.glob("workerlog.*"))
    assert done.returncode == 0, done.stderr[-2000:] + worker
    one = command(prepared, tmp_path / "one", *same, "train.batch=4")
    subprocess.run(one, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
    ours, theirs = read_log(tmp_path / "two"), read_log(tmp_path / "one")
    assert [line["images"] for line in ours] == [line["images"] for line in theirs] == [4, 8, 12]
    for a, b in zip(ours, theirs, strict=True):
        for name in LOSSES:
            assert a[name] == pytest.approx(b[name], rel=1e-3, abs=1e-4), (a["images"], name)
    a, b = state_of(tmp_path / "two"), state_of(tmp_path / "one")
    trained = [k for k in a if k.startswith("generator.")]
    apart = [np.abs(a[k] - b[k]) for k in trained]
    assert max(one.mean() for one in apart) < 1e-4, "of every tensor, however small"
    # a few numbers have a gradient of rounding noise, which Adam makes a whole step
    assert np.quantile(np.concatenate([one.ravel() for one in apart]), 0.999) < 5e-4
    assert max(one.max() for one in apart) < 3e-3


# --- pieces ----------------------------------------------------------------------------------------------------------


def test_learning_rates_are_constant_then_fall_to_zero():
    assert [learning_rate_scale(seen, 100, 0.4) for seen in (0, 60, 80, 100, 120)] == [1, 1, 0.5, 0, 0]
    assert learning_rate_scale(99, 100, 0.0) == 1


def test_the_average_halves_every_half_life():
    assert ema.decay_for(50, 50, 10**9) == 0.5 and ema.decay_for(100, 50, 10**9) == 0.25
    assert ema.decay_for(4, 5_000, 80) == 0.5, "a young run forgets faster: its half-life is a twentieth of what it saw"
    net = paddle.nn.Linear(1, 1)
    average = ema.averaged(net)
    average.weight.set_value(paddle.full([1, 1], 8.0))
    net.weight.set_value(paddle.full([1, 1], 4.0))
    ema.update(average, net, 0.75)
    assert average.weight.item() == 7.0 and average.weight.stop_gradient and net.weight.item() == 4.0


def test_buffers_of_the_average_are_copied():
    net = SpectralConv(2, 3, 3)
    average = ema.averaged(net)
    net.normalized()
    assert not np.array_equal(average.u.numpy(), net.u.numpy())
    ema.update(average, net, 0.9)
    assert np.array_equal(average.u.numpy(), net.u.numpy()) and not average.training


def test_codes_are_borrowed_from_the_next_picture_by_class_or_from_its_main_garment(prepared):
    generator = Run(tiny("loss.vgg=0", "loss.style=0")).nets.generator
    labels = np.full((3, 64, 64), 255, np.uint8)
    labels[0, :32], labels[0, 32:] = 1, 6
    labels[1, :, :] = 6
    labels[2, :40], labels[2, 40:] = 1, 23
    batch = make_batch(np.zeros((3, 64, 64, 3), np.uint8), labels, np.arange(3), generator, 64)
    pairs = list(zip(batch.regions.pictures.tolist(), batch.regions.classes.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 6), (1, 6), (2, 1), (2, 23)]
    # 0's top and trousers take 1's trousers; 1's trousers 2's top, its main garment; 2's top and shoes 0's top
    lent = lenders(batch.regions, batch.mains, batch.loans.first)
    assert [pairs[d] for d in lent] == [(1, 6), (1, 6), (2, 1), (0, 1), (0, 1)]


def test_the_swapped_pass_can_paint_what_a_prior_draws(prepared):
    """Each picture its own seed, each class its own code, and the reconstruction is none the wiser."""
    config = tiny("loss.vgg=0", "loss.style=0")
    sources, _ = open_sources([prepared], config)
    nets = Run(config).nets
    prior = Normal((8, 8, 8))
    plain, _ = load_batch(sources, config, 0, nets.generator)
    batch, _ = load_batch(sources, config, 0, nets.generator, prior)
    assert plain.prior_codes is None and batch.prior_codes is not None
    labels = batch.labels.numpy().astype(np.uint8)
    labels[labels == NUM_LABELS] = BACKGROUND
    diversity: dict[int, float] = {}
    for p, (n, c) in enumerate(zip(batch.regions.pictures, batch.regions.classes, strict=True)):
        alone = prior.sample(labels[n], lambda _, n=n: int(batch.seeds[n]), 1.0, 1.0, {})[int(c)]
        scale = diversity.setdefault(int(n), float(batch.prior_codes[p].std() / alone.std()))
        np.testing.assert_allclose(batch.prior_codes[p], scale * alone, rtol=1e-4, atol=1e-5)
    with paddle.no_grad():
        out, before = (run_generator(nets, one, True) for one in (batch, plain))
        codes = scatter_codes(paddle.to_tensor(batch.prior_codes), paddle.to_tensor(batch.regions.index), batch.size)
        expected = nets.generator(batch.labels, codes, draw_noise(batch, [8, 8, 8])[1], batch.boxes)
    assert out.swapped is not None and np.array_equal(out.swapped.numpy(), expected.numpy())
    assert np.array_equal(out.fake.numpy(), before.fake.numpy())


def test_half_the_swapped_pictures_are_drawn_at_the_default_diversity():
    labels = np.full((400, 8, 8), 0, np.uint8)
    used = []

    class Watched:
        def sample(self, labels, seed_of, diversity, harmony, keep):
            used.append(diversity)
            return {0: np.zeros((1, 2, 2), np.float32)}

    batches_of._sample(Watched(), labels, np.arange(400))
    others = [d for d in used if d != 1.0]
    assert 150 < len(others) < 250 and min(others) < 0.1 and max(others) > 1.4 and max(others) <= 1.5


def test_a_frozen_encoder_stays_and_keeps_the_priors(prepared, weights_file, tmp_path):
    options = ("train.images=4", "loss.vgg=0", "loss.style=0")
    path = train([prepared], tiny("train.freeze_encoder=true", *options), tmp_path / "a", init=weights_file, show=quiet)
    before, after = load_weights(weights_file), load_weights(path)
    assert after.facts["prior"] == before.facts["prior"] == "gaussian"
    for part in ("prior_gaussian", "prior_bank", "prior_flow", "encoder"):
        assert equal(before.parts[part], after.parts[part])
    assert not equal(before.parts["generator"], after.parts["generator"])
    free = train([prepared], tiny(*options), tmp_path / "b", init=weights_file, show=quiet)
    assert not any(part.startswith("prior_") for part in load_weights(free).parts)


def test_a_window_shows_the_same_part_of_picture_and_map(prepared):
    """The encoder still sees whole garments; what is painted and judged is the window alone."""
    config = tiny("train.window=32", "loss.vgg=0", "loss.style=0")
    sources, _ = open_sources([prepared], config)
    run = Run(config)
    part, rng = load_batch(sources, config, 0, run.nets.generator)
    whole, _ = load_batch(sources, override(config, ["train.window=0"]), 0, run.nets.generator)
    assert part.pictures.shape == [4, 3, 32, 32] and whole.pictures.shape == [4, 3, 64, 64]
    assert np.array_equal(part.crops.numpy(), whole.crops.numpy()) and np.array_equal(part.mains, whole.mains)
    shifts = (whole.boxes - part.boxes)[:, :, :2].numpy()
    for n in range(4):
        found = [
            (y, x)
            for y in (0, 32)
            for x in (0, 32)
            if np.array_equal(whole.labels[n, y : y + 32, x : x + 32].numpy(), part.labels[n].numpy())
            and np.array_equal(whole.pictures[n, :, y : y + 32, x : x + 32].numpy(), part.pictures[n].numpy())
        ]
        assert found and (shifts[n] == shifts[n, 0]).all() and tuple(shifts[n, 0]) in found, "boxes of the whole map"
    assert all(math.isfinite(v) for v in run.step(part, rng, 4).values())


def test_starting_from_weights_takes_the_averages_and_the_judge(whole, tmp_path):
    run = Run(tiny("train.seed=9"))
    weights = load_weights(whole / "weights.safetensors")
    take_weights(run.state.nets, run.config.model, weights, whole / "weights.safetensors")
    started = [("generator", run.nets.generator), ("generator", run.generator_average), ("encoder", run.nets.encoder)]
    for name, net in [*started, ("discriminator", run.nets.discriminator)]:
        arrays = state.to_arrays(net)
        assert all(np.array_equal(arrays[k], v.astype(np.float32)) for k, v in weights.parts[name].items())


def test_moments_follow_their_weights_when_the_encoder_is_frozen(prepared, tmp_path):
    plain = ("loss.vgg=0", "loss.style=0", "train.images=8")
    train([prepared], tiny(*plain), tmp_path, show=quiet)
    kept = {k: v for k, v in state_of(tmp_path).items() if k.startswith("adam_generator.") and "moment" in k}
    assert any(".encoder." in k for k in kept) and all(v.any() for v in kept.values())
    frozen = Run(tiny(*plain, "train.freeze_encoder=true"))
    assert state.load_state(tmp_path, frozen.state)
    state.save_state(tmp_path / "again", frozen.state)
    again = state_of(tmp_path / "again")
    painted = {k: v for k, v in kept.items() if ".generator." in k}
    assert painted and all(np.array_equal(again[k], v) for k, v in painted.items())
    assert not any(k.startswith("adam_generator.encoder.") for k in again)


def test_too_few_pictures_and_unprepared_folders_are_one_clear_error(prepared, tmp_path):
    config = tiny("data.validation=0.01", "loss.vgg=0", "loss.style=0")
    with pytest.raises(UserError, match="12 pictures, too few to hold any out"):
        train([prepared], config, tmp_path / "a", show=quiet)
    with pytest.raises(UserError, match="prepared folder"):
        train([tmp_path / "nowhere"], config, tmp_path / "b", show=quiet)


def test_heads_judge_only_what_the_losses_look_at():
    with pytest.raises(UserError, match="judges relu2_2, but the losses look at relu1_2"):
        Run(tiny('model.perceptual_heads=["relu2_2"]'))
    with pytest.raises(UserError, match="perceptual_heads="):
        Run(tiny("loss.vgg19=true"))


def test_tap_weights_must_fit_the_taps():
    with pytest.raises(UserError, match="tap_weights"):
        Run(tiny("loss.tap_weights=[1.0,1.0]"))


def test_a_step_trains_every_weight(prepared):
    """No parameter is left without a gradient by a slip of the graph."""
    config = tiny()
    sources, _ = open_sources([prepared], config)
    run = Run(config)
    before = {k: state.to_arrays(net) for k, net in run.state.nets.items()}
    batch, rng = load_batch(sources, config, 0, run.nets.generator)
    values = run.step(batch, rng, config.train.batch)
    assert set(values) == set(LOSSES) and all(math.isfinite(v) for v in values.values())
    for name in ("encoder", "generator", "discriminator"):
        net = run.state.nets[name]
        arrays = state.to_arrays(net)
        still = [k for k, p in net.named_parameters() if np.array_equal(arrays[k], before[name][k]) and p.trainable]
        assert not still, (name, still)


def test_reconstruction_is_learnt(prepared):
    """Twenty steps on one batch: the pixel loss falls by a third at least."""
    config = tiny("loss.vgg=0", "loss.style=0", "train.adversarial_from=1000000", "train.images=100000")
    config = dataclasses.replace(config, train=dataclasses.replace(config.train, lr_generator=3e-3))
    sources, _ = open_sources([prepared], config)
    run = Run(config)
    batch, rng = load_batch(sources, config, 0, run.nets.generator)
    losses = [run.step(batch, rng, 4)["g_featloss"] for _ in range(20)]
    assert losses[-1] < 0.67 * losses[0]
