"""Hostile weights, run states, settings and command lines: each is borne, or told in one sentence."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import struct
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzzing import fuzz
from safetensors.numpy import save
from small_maps import outfit
from test_fuzz_maps import ODD, TEXTS, damaged, odd_json

Case = tuple[str, Callable[[], object]]

DOORS = {"weights": 120, "states": 80, "settings": 200, "steps": 8, "commands": 40}
"""How many inputs each gets in the short form; the long form gives forty times as many."""


@pytest.mark.parametrize("door", DOORS)
def test_the_door_bears_anything(door):
    assert [str(fault) for fault in fuzz(f"test_fuzz_doors:{door}", DOORS[door])] == []


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
def test_the_door_bears_much_more(door):
    assert [str(fault) for fault in fuzz(f"test_fuzz_doors:{door}", 40 * DOORS[door], seed=1)] == []


# --- files of tensors ------------------------------------------------------------------------------------------------


def odd_file(rng: np.random.Generator, tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> tuple[str, bytes]:
    """A safetensors file with damaged bytes, another header, an odd entry of its metadata, or an odd tensor."""
    lot = rng.random()
    if lot < 0.25:
        return damaged(rng, save(tensors, metadata))
    if lot < 0.6:
        entry = sorted(metadata)[rng.integers(len(metadata))]
        try:
            odd = json.dumps(odd_json(rng, json.loads(metadata[entry])))
        except json.JSONDecodeError:  # not JSON in the first place
            odd = TEXTS[rng.integers(len(TEXTS))]
        odd = TEXTS[rng.integers(len(TEXTS))] if rng.random() < 0.15 else odd
        return f"{entry} {odd[:60]!r}", with_header(tensors, {**metadata, entry: odd})
    name = sorted(tensors)[rng.integers(len(tensors))]
    if lot < 0.7:
        rest = {k: v for k, v in tensors.items() if k != name}
        renamed = rest | {("", "generator", ".", "prior_bank.", name + "x")[rng.integers(5)]: tensors[name]}
        return f"{name} renamed", save(renamed, metadata)
    kind = ("f2", "f4", "f8", "i1", "i8", "u1", "?")[rng.integers(7)]
    shape = tuple(int(n) for n in rng.choice([0, 1, 2, 3, 8, 46, 47], size=int(rng.integers(0, 6))))
    shape = tensors[name].shape if rng.random() < 0.4 else shape[:4]
    value = (0, 1, -1, 46, 127, float("nan"), float("inf"), 0.5)[rng.integers(8)]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        changed = np.full(shape, value, np.float64).astype(kind)
    return f"{name} {kind} {shape} of {value}", save(tensors | {name: changed}, metadata)


def with_header(tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> bytes:
    """As `save`, but whatever the metadata holds: safetensors itself would not write lone surrogates."""
    whole = save(tensors, {"a": "b"})
    length = struct.unpack("<Q", whole[:8])[0]
    header = json.loads(whole[8 : 8 + length]) | {"__metadata__": metadata}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + whole[8 + length :]


def weights(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Weights files, loaded with each of their priors, and used if they load."""
    from garmentgen import Designer
    from garmentgen.checkpoint import load_weights

    path, tensors, metadata = _small_weights(folder)

    def use(data: bytes, prior: str | None) -> None:
        path.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            designer = Designer.load(path, prior, engine="dynamic")
            designer.generate(outfit())

    for name in ("", ".", "/", "a\0b", "x" * 5000, "/dev/null", "/proc/self/mem", "nowhere", "\ud800"):
        yield f"named {name!r:.40}", lambda n=name: load_weights(Path(n))
    while True:
        how, data = odd_file(rng, tensors, metadata)
        prior = (None, None, "bank", "gaussian", "flow", "normal", "none")[rng.integers(7)]
        yield f"{how} with {prior}", lambda d=data, p=prior: use(d, p)


def _small_weights(folder: Path) -> tuple[Path, dict[str, np.ndarray], dict[str, str]]:
    from safetensors import safe_open

    from garmentgen.checkpoint import save_weights, untrained
    from garmentgen.presets import PRESETS

    model = PRESETS["tiny"].model
    cells = (8, 8, 8)
    parts = {
        **untrained(model, 0).parts,
        "prior_gaussian": {"mean": np.zeros((46, *cells)), "factor": np.ones((46, 2, *cells))},
        "prior_bank": {
            "codes": np.ones((4, *cells)),
            "entry": np.array([0, 0, 1, 2]),
            "region": np.array([1, 31, 6, 1]),
            "typical": np.ones((46, *cells)),
        },
    }
    path = folder / "weights.safetensors"
    save_weights(path, model, parts, {"prior": "bank", "recipe": {"data": {"split_seed": 0}}, "hours": 1.5})
    with safe_open(path, "numpy") as file:
        return path, {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata())


def states(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Run folders with an odd state, and at times one before it."""
    from safetensors import safe_open

    from garmentgen.config import override
    from garmentgen.presets import PRESETS
    from garmentgen.training.logs import Log
    from garmentgen.training.run import Run
    from garmentgen.training.state import PREVIOUS, STATE, load_state, save_state

    run = Run(override(PRESETS["tiny"], ["loss.vgg=0", "loss.style=0", "model.perceptual_heads=[]"]))
    save_state(folder, run.state)
    with safe_open(folder / STATE, "numpy") as file:
        tensors, metadata = {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata())
    log = b'{"images": 4, "g_loss": 1.5}\n' * 3

    def resume(name: str, data: bytes, lines: bytes) -> None:
        for other in (STATE, PREVIOUS):
            (folder / other).unlink(missing_ok=True)
        (folder / name).write_bytes(data)
        (folder / "log.jsonl").write_bytes(lines)
        with contextlib.redirect_stdout(io.StringIO()):
            load_state(folder, run.state)
        Log(folder, run.state.seen)

    while True:
        how, data = odd_file(rng, tensors, metadata)
        lines = damaged(rng, log)[1]
        name = (STATE, PREVIOUS)[rng.integers(2)]
        yield f"{name} {how}", lambda n=name, d=data, x=lines: resume(n, d, x)


# --- settings --------------------------------------------------------------------------------------------------------


def odd_setting(rng: np.random.Generator, config: Any) -> str:
    """One `section.key=value`, mostly of a key that exists."""
    section = ("model", "loss", "data", "train")[rng.integers(4)]
    key = list(dataclasses.asdict(getattr(config, section)))
    name = key[rng.integers(len(key))]
    default = getattr(getattr(config, section), name)
    lot = rng.random()
    if lot < 0.15:
        value = TEXTS[rng.integers(len(TEXTS))]
    elif lot < 0.6:
        value = json.dumps(ODD[rng.integers(len(ODD))])
    else:
        value = json.dumps(odd_json(rng, list(default) if isinstance(default, tuple) else default))
    if rng.random() < 0.05:
        section, name = ("", "model.model", "optimizer")[rng.integers(3)], ("", "\0", "kind", name)[rng.integers(4)]
    return f"{section}.{name}={value}"


def settings(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Settings of every section, one or two at a time; what passes must have networks."""
    import paddle

    from garmentgen.config import override
    from garmentgen.models import build_discriminator, build_encoder, build_generator
    from garmentgen.presets import PRESETS

    def build(preset: str, chosen: list[str]) -> None:
        config = override(PRESETS[preset], chosen)
        with paddle.LazyGuard():
            for one in (build_encoder, build_generator, build_discriminator):
                one(config.model)

    while True:
        preset = sorted(PRESETS)[rng.integers(len(PRESETS))]
        chosen = [odd_setting(rng, PRESETS[preset]) for _ in range(int(rng.integers(1, 3)))]
        yield f"{preset} {' '.join(chosen)[:120]!a}", lambda p=preset, c=chosen: build(p, c)


def steps(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Settings at the edge of what is allowed, trained for a step: none may reach a kernel that it kills."""
    from garmentgen.config import override
    from garmentgen.presets import PRESETS
    from garmentgen.training.batch import make_batch
    from garmentgen.training.run import Run

    edges: dict[str, list[Any]] = {
        "loss.crop": [0, 1, 2, 3, 4, 5, 7, 16, 33],
        "model.discriminator_scales": [1, 2, 3, 4, 9],
        "model.discriminator_widths": [[1], [4, 4], [2, 2, 2, 2], [1] * 8],
        "model.perceptual_heads": [[], ["relu1_2"]],
        "train.window": [0, 32, 64],
        "train.batch": [1, 2],
        "model.octaves": [1, 16],
        "model.code_channels": [1, 3],
        "model.widths": [[1] * 5, [3, 2, 1, 2, 3]],
        "model.depths": [[1] * 5, [2, 1, 1, 1, 2]],
        "model.last_width": [1],
        "model.style_width": [1, 5],
        "model.label_channels": [0, 1],
        "model.encoder_widths": [[1, 1]],
        "loss.vgg": [0, 1],
        "loss.judged": [0, 1, 24, 48, 64],
        "loss.jitter": [0, 1],
        "loss.swapped": [0, 1],
        "train.freeze_encoder": [True, False],
        "train.betas": [[0, 0], [0.99, 0.999]],
        "train.ema_half_life": [1],
    }
    labels = np.stack([outfit(), outfit()[:, ::-1]])
    images = rng.integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)

    def step(chosen: list[str]) -> None:
        config = override(PRESETS["tiny"], ["train.batch=2", *chosen])
        run, count = Run(config), config.train.batch
        drawn = np.random.default_rng(0)
        batch = make_batch(
            images[:count], labels[:count], np.arange(count), run.nets.generator, config.model.crop, config.train.window
        )
        run.step(batch, drawn, count)

    while True:
        names = rng.choice(sorted(edges), 4, replace=False)
        chosen = [f"{name}={json.dumps(edges[name][rng.integers(len(edges[name]))])}" for name in names]
        yield " ".join(chosen), lambda c=chosen: step(c)


# --- command lines ---------------------------------------------------------------------------------------------------

WORDS = [
    *("", "-1", "0", "1e9", "nan", "inf", "1.5", "9" * 400, "-", "--", "=", "\0", "\ud800", "é" * 200, "x" * 300),
    *(".", "/", "..", "/dev/full", "/proc/x", "a\nb", "*", "~", "%s", "{}", "None", "true", "[1]", "٣"),
]
COMMANDS = {
    "generate": (["map.png"], ["-o", "--seed", "--diversity", "--harmony", "--count", "--weights", "--grid"]),
    "draw": (["out", "--count=1", "--size=32"], ["--count", "--size", "--seed"]),
    "prepare": (["nowhere", "out"], ["--size", "--fit", "--workers", "--limit", "--strict", "--source", "--masks"]),
    "train": (["nowhere", "--run", "out"], ["--preset", "--set", "--images", "--minutes", "--init", "--drawn"]),
    "train-prior": (
        ["nowhere", "--weights", "weights.safetensors", "--run", "out"],
        ["--images", "--batch", "--encoded", "--default", "--minutes", "--drawn"],
    ),
    "evaluate": (["weights.safetensors", "nowhere"], ["--split", "--report", "--prior", "--limit"]),
    "export": (["/proc/x"], ["--format", "--weights"]),
    "bench": (["--size=many"], ["--size"]),
}


def commands(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Commands with odd words for their options and their files, in a folder of their own."""
    from PIL import Image

    from garmentgen import colorize, environment
    from garmentgen.__main__ import main

    environment.start_paddle()
    _small_weights(folder)
    os.chdir(folder)
    os.environ |= {"GARMENTGEN_WEIGHTS": str(folder / "weights.safetensors"), "GARMENTGEN_ENGINE": "dynamic"}
    Image.fromarray(colorize(outfit())).save("map.png")

    def run(arguments: list[str]) -> None:
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                code = main(arguments)
            except SystemExit as end:  # --help
                code = end.code
        lines = said.getvalue().strip().splitlines()
        assert code in (0, 2) and len(lines) == (1 if code else 0), f"exit {code}: {said.getvalue()[-300:]}"

    while True:
        name = sorted(COMMANDS)[rng.integers(len(COMMANDS))]
        given, options = COMMANDS[name]
        words = list(given)
        for _ in range(int(rng.integers(0, 3))):
            option = options[rng.integers(len(options))]
            words += [option] if option in ("--grid", "--strict") else [option, WORDS[rng.integers(len(WORDS))]]
        if rng.random() < 0.3 and words:
            words[rng.integers(len(words))] = WORDS[rng.integers(len(WORDS))]
        yield f"{name} {' '.join(words)[:120]!a}", lambda a=[name, *words]: run(a)
