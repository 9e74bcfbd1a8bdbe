"""Runs and weights at the door: damaged ones are told in a sentence, full disks and wrong folders lose nothing."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from garmentgen import Designer, UserError
from garmentgen.__main__ import main
from garmentgen.checkpoint import load_weights, save_weights
from garmentgen.presets import PRESETS
from garmentgen.priors.files import prior_from
from garmentgen.training.logs import Log, read_log
from garmentgen.training.run import Run
from garmentgen.training.state import PREVIOUS, STATE, load_state


def train(data: Path, folder: Path, images: int, *settings: str) -> int:
    plain = ["train.log_images=4", "loss.vgg=0", "loss.style=0", "model.perceptual_heads=[]", *settings]
    return main(
        ["train", str(data), "--preset", "tiny", "--run", str(folder), "--images", str(images), "--set", *plain]
    )


@pytest.fixture(scope="module")
def finished(prepared, tmp_path_factory) -> Path:
    """The folder of a run of two steps."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    assert train(prepared, folder, 8) == 0
    return folder


@pytest.fixture
def folder(finished, tmp_path) -> Path:
    """A copy of that folder to spoil."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def sentence(capsys) -> str:
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith("garmentgen: ") and len(said) < 400, said
    return said


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- disks -----------------------------------------------------------------------------------------------------------


@contextmanager
def files_of_at_most(size: int):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_state_that_finds_no_room_costs_nothing_but_the_steps_since_the_last(prepared, folder, capsys):
    before = contents(folder)
    capsys.readouterr()
    with files_of_at_most(100_000):
        assert train(prepared, folder, 16) == 2
    assert "state.fresh.safetensors: the file would be larger" in sentence(capsys)
    after = contents(folder)
    assert after[STATE] == before[STATE] and after["weights.safetensors"] == before["weights.safetensors"]
    assert not [name for name in after if name.endswith(".tmp")]
    assert train(prepared, folder, 16) == 0 and [line["images"] for line in read_log(folder)] == [4, 8, 12, 16]


def test_a_disk_that_is_full_from_the_start_is_a_sentence(prepared, tmp_path, capsys):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("only root mounts a small disk")
    try:
        assert train(prepared, disk / "run", 8) == 2
        assert "the disk is full; make room and run the same command again" in sentence(capsys)
        assert not list(disk.rglob("*.tmp"))
    finally:
        subprocess.run(["umount", disk], check=True)


# --- folders ---------------------------------------------------------------------------------------------------------


def test_a_folder_with_anything_else_is_left_alone_by_every_command_that_fills_one(
    prepared, weights_file, finished, tmp_path, capsys
):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "config.json").write_text('{"model_type": "bert"}')
    (theirs / "weights.safetensors").write_bytes(weights_file.read_bytes())
    before, run = contents(theirs), contents(finished)
    for command in (
        ["train", prepared, "--preset", "tiny", "--run", theirs],
        ["train-prior", prepared, "--weights", weights_file, "--run", theirs],
        ["train-prior", prepared, "--weights", weights_file, "--run", finished],
        ["evaluate", weights_file, prepared, "--report", theirs],
        ["draw", theirs, "--count", "1", "--size", "64"],
        ["export", theirs, "--format", "paddle", "--weights", weights_file],
    ):
        assert main([str(word) for word in command]) == 2
        assert f"which `{command[0]}` did not write; give it a new or empty folder" in sentence(capsys)
    assert contents(theirs) == before and contents(finished) == run


def test_a_run_goes_on_whatever_lies_beside_it(prepared, folder):
    (folder / "notes.txt").write_text("the good one")
    assert train(prepared, folder, 12) == 0 and (folder / "notes.txt").exists()


def test_another_model_in_the_same_folder_says_why_not(prepared, folder, capsys):
    capsys.readouterr()
    assert train(prepared, folder, 16, "model.style_width=8") == 2
    assert "should be" in sentence(capsys)


def test_weights_of_another_model_are_named_by_what_differs(prepared, weights_file, tmp_path, capsys):
    settings = ["--init", str(weights_file), "--set", "model.style_width=8"]
    assert main(["train", str(prepared), "--preset", "tiny", "--run", str(tmp_path / "r"), *settings]) == 2
    assert "model.style_width 16 (here 8); use its settings" in sentence(capsys)


# --- states ----------------------------------------------------------------------------------------------------------


def rewritten(path: Path, change) -> None:
    """Let `change(tensors, metadata)` alter a safetensors file."""
    with safe_open(path, "numpy") as file:
        metadata, tensors = dict(file.metadata() or {}), {name: file.get_tensor(name) for name in file.keys()}
    change(tensors, metadata)
    save_file(tensors, path, metadata)


def progress(text: str):
    return lambda tensors, metadata: metadata.update(progress=text)


def poisoned(tensors, metadata) -> None:
    name = next(name for name in tensors if name.startswith("generator."))
    tensors[name] = np.full_like(tensors[name], np.nan)


def moment(tensors, metadata) -> None:
    name = next(name for name in tensors if name.endswith("moment1_0"))
    tensors[name] = np.zeros(3, np.float32)


SPOILT = {
    "junk": progress("junk"),
    "list": progress("[]"),
    "seen -5": progress('{"seen": -5, "seconds": 0, "facts": {}}'),
    "seen text": progress('{"seen": "8", "seconds": 0, "facts": {}}'),
    "seen huge": progress('{"seen": 1' + "0" * 6000 + ', "seconds": 0, "facts": {}}'),
    "seconds nan": progress('{"seen": 8, "seconds": NaN, "facts": {}}'),
    "facts list": progress('{"seen": 8, "seconds": 0, "facts": []}'),
    "none": lambda tensors, metadata: metadata.clear(),
    "not a number": poisoned,
}


@pytest.fixture(scope="module")
def run() -> Run:
    """Networks of the preset to fill; a filled one may be filled again."""
    from garmentgen.config import override

    return Run(override(PRESETS["tiny"], ["loss.vgg=0", "loss.style=0", "model.perceptual_heads=[]"]))


@pytest.mark.parametrize("fault", SPOILT)
def test_a_damaged_state_is_a_sentence_or_the_one_before_it_goes_on(fault, run, folder, capsys):
    shutil.copy(folder / STATE, folder / PREVIOUS)
    rewritten(folder / STATE, SPOILT[fault])
    assert load_state(folder, run.state) and run.state.seen == 8
    assert f"going on from {PREVIOUS}, 8 pictures" in capsys.readouterr().out
    (folder / PREVIOUS).unlink()
    with pytest.raises(UserError, match="no readable training state") as told:
        load_state(folder, run.state)
    assert "\n" not in str(told.value) and len(str(told.value)) < 400


def test_moments_of_another_model_are_refused(run, folder):
    rewritten(folder / STATE, moment)
    with pytest.raises(UserError, match="moment1_0 should be"):
        load_state(folder, run.state)


@pytest.mark.parametrize("odd", [b"\xff\xfe\x00", b'{"images": "4"}\n', b"[]\n", b'{"images": null}\n', b"[" * 9000])
def test_a_log_with_lines_that_are_none_of_ours_loses_only_those(odd, tmp_path):
    (tmp_path / "log.jsonl").write_bytes(b'{"images": 4}\n' + odd)
    Log(tmp_path, 8)
    kept = (tmp_path / "log.jsonl").read_text().splitlines()
    assert kept[0] == '{"images": 4}' and all(json.loads(line)["images"] in (4, "4") for line in kept)


# --- weights ---------------------------------------------------------------------------------------------------------


def lie(**changes):
    """Another number in the config of a weights file."""

    def change(tensors, metadata) -> None:
        metadata["config"] = json.dumps(json.loads(metadata["config"]) | changes)

    return change


def said(entry: str, text: str):
    return lambda tensors, metadata: metadata.update({entry: text})


def filled(name: str, value: float):
    return lambda tensors, metadata: tensors.update({name: np.full_like(tensors[name], value)})


LIES = {
    "grid 0": (lie(grid=0), "model.grid is a whole number from 2 to 64, not 0"),
    "grid null": (lie(grid=None), "not None"),
    "grid alone": (lie(grid=4), "model.crop is 8 times model.grid, 32, not 64"),
    "size text": (lie(size="64"), "not '64'"),
    "size negative": (lie(size=-64), "not -64"),
    "size 63": (lie(size=63), "model.size is a multiple of 32 from 32 to 2,048, not 63"),
    "size 1e6": (lie(size=1_000_000), "not 1000000"),
    "widths 3": (lie(widths=[8, 8, 8]), "a list of 5"),
    "widths text": (lie(widths=["a"] * 5), "not 'a'"),
    "widths of 24 GB": (lie(widths=[4096] * 5, depths=[4] * 5), "generator"),
    "kind list": (lie(kind=["lite"]), "model.kind is one of smis, lite"),
    "config list": (said("config", "[1]"), "config is an object"),
    "config deep": (said("config", "[" * 5000), "config should be JSON"),
    "labels number": (said("labels", "46"), "labels is a list"),
    "facts list": (said("facts", "[1, 2]"), "facts is an object, not [1, 2]"),
    "recipe null": (said("facts", '{"recipe": null}'), "facts.recipe is an object"),
    "split text": (said("facts", '{"recipe": {"data": {"split_seed": "0"}}}'), "facts.recipe.data.split_seed"),
    "prior list": (said("facts", '{"prior": ["bank"]}'), "facts.prior is"),
    "NaN": (filled("generator.first.bias", np.nan), "generator.first.bias holds numbers that are not finite"),
    "infinite": (filled("encoder.heads.bias", np.inf), "encoder.heads.bias holds numbers"),
    "prior NaN": (filled("prior_bank.codes", np.nan), "prior_bank.codes holds numbers"),
}


@pytest.mark.parametrize("name", LIES)
def test_weights_that_cannot_be_true_are_refused_in_a_sentence(name, weights_file, tmp_path):
    path = Path(shutil.copy(weights_file, tmp_path / "w.safetensors"))
    rewritten(path, LIES[name][0])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UserError) as told:
        load_weights(path)
    assert LIES[name][1] in str(told.value) and "\n" not in str(told.value) and len(str(told.value)) < 400
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB


PRIORS = {
    "empty bank": ("bank", {"codes": (0, 8, 8, 8), "entry": (0,), "region": (0,)}),
    "bank of another grid": ("bank", {"codes": (12, 8, 4, 4)}),
    "bank with an entry too few": ("bank", {"entry": (3,)}),
    "mean of too few classes": ("gaussian", {"mean": (3, 8, 8, 8)}),
    "factor flat": ("gaussian", {"factor": (46,)}),
    "no directions": ("gaussian", {"factor": (46, 0, 8, 8, 8)}),
}


@pytest.mark.parametrize("name", PRIORS)
def test_priors_of_another_shape_are_refused_in_a_sentence(name, weights_file, tmp_path):
    prior, shapes = PRIORS[name]
    path = Path(shutil.copy(weights_file, tmp_path / "w.safetensors"))
    rewritten(path, lambda t, _: t.update({f"prior_{prior}.{k}": np.zeros(s, np.float16) for k, s in shapes.items()}))
    with pytest.raises(UserError, match=f"prior_{prior}.*fit it again"):
        prior_from(load_weights(path), prior)


@pytest.mark.parametrize(("entry", "value"), [("region", 46), ("region", -1), ("region", 0.5), ("entry", -3)])
def test_a_bank_of_classes_that_do_not_exist_is_refused(entry, value, weights_file, tmp_path):
    path = Path(shutil.copy(weights_file, tmp_path / "w.safetensors"))
    rewritten(path, filled(f"prior_bank.{entry}", value))
    with pytest.raises(UserError, match=f"prior_bank.{entry}.*whole numbers"):
        prior_from(load_weights(path), "bank")


def test_weights_that_grew_beyond_sixteen_bits_are_never_written(weights_file, tmp_path):
    weights = load_weights(weights_file)
    parts = {**weights.parts, "generator": {"first.bias": np.full(3, 1e6, np.float32)}}
    with pytest.raises(UserError, match="cannot be stored in 16 bits: generator.first.bias"):
        save_weights(tmp_path / "w.safetensors", weights.config, parts, weights.facts)
    assert not list(tmp_path.iterdir())


def test_the_shipped_weights_pass():
    from garmentgen.inference import shipped_weights

    for prior in ("bank", "normal"):
        assert Designer.load(shipped_weights(), prior, engine="dynamic").size >= 256
