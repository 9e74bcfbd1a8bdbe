"""Fitting the priors on a trained encoder's codes: Gaussian, bank, and the learned flow. Resume = the same command."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import paddle

from ..acceleration import accelerate
from ..checkpoint import Tensors, Weights, load_strictly, load_weights, save_weights, to_arrays
from ..config import DataConfig, data_of
from ..data.dataset import Garments, batches, split_of
from ..errors import UserError
from ..files import claim_folder, write_atomically
from ..geometry import regions
from ..inference import Designer
from ..models import build_encoder
from ..models.features import PerceptualFeatures
from ..pixels import crops_to_tensor
from ..priors.files import bank_part, gaussian_part
from ..priors.fitting import MAX_REGIONS, Stored, flow_batch, flow_loss, standardise
from ..priors.flow import Scene, Velocity, build_velocity, scene_of
from ..priors.gaussian import fit_gaussian
from . import ema
from .logs import Log, progress
from .loop import FEATURES, StopFlag, check_finite, learning_rate_scale
from .state import TrainState, load_state, save_state
from .wardrobe import TAPS, encode_candidates, fit_wardrobe

LEARNING_RATE, HALF_LIFE, SAVE_SECONDS = 1e-3, 10_000, 120.0
RANK, SEED = 16, 17
FACTS = "facts.json"


def encode_pictures(
    weights: Weights, sources: list[tuple[Garments, np.ndarray, float]], count: int, seed: int
) -> Iterator[Stored]:
    """Draw `count` pictures, turned, recoloured and composed to outfits, and encode them (posterior means)."""
    encoder = build_encoder(weights.config)
    load_strictly(encoder, weights.parts["encoder"], "encoder")
    encoder.eval()
    net = build_velocity(weights.config)
    crop = weights.config.crop
    rng = np.random.default_rng(seed)
    drawn = batches(sources, None, 8, rng, flip=0.5, colour=0.35, affine=0.3, outfits=0.15)
    for _ in range(-(-count // 8)):
        images, labels = next(drawn)
        cut = regions(images, labels, crop, weights.config.grid)
        with paddle.no_grad():
            mu = encoder(crops_to_tensor(cut.crops), paddle.to_tensor(cut.index), paddle.to_tensor(cut.padding))[
                0
            ].numpy()
        for n in range(len(labels)):
            scene = scene_of(labels[n], net.grid, net.patch)
            yield Stored(scene, mu[cut.pictures == n].astype(np.float16))


def train_prior(
    data: list[Path],
    weights_path: Path,
    folder: Path,
    images: int,
    minutes: float | None = None,
    batch_size: int = 32,
    encoded: int = 8_000,
    default: str | None = None,
) -> Path:
    """Fit every prior of trained weights; returns a weights file that holds the old parts and the priors.

    Args:
        data: prepared folders, photographs first. encoded: at most so many pictures audition for the bank, and so many
            varied ones are encoded for the flow, kept in the run's folder.
        images: maps the flow sees in all, 0 for no flow. minutes: stop after this long, with the state saved.
        default: which prior a Designer takes unless told otherwise ("gaussian", "bank", "flow"); None for the best.
    """
    print(f"engine: {accelerate()}")
    weights = load_weights(weights_path)
    folder = claim_folder(folder, "train-prior", lambda one: any(one.glob("codes-*.npz")) or (one / FACTS).exists())
    designer = Designer.load(weights_path, "normal")
    candidates = encode_candidates(designer, [Garments(one) for one in data], data_of(weights.facts), encoded)
    if not candidates:
        raise UserError("no pictures to fit a prior on: prepare data first")
    parts = {
        **weights.parts,
        "prior_gaussian": gaussian_part(fit_gaussian([one.garment.codes for one in candidates], RANK)),
        "prior_bank": bank_part(fit_wardrobe(designer, PerceptualFeatures(FEATURES, TAPS), candidates, SEED)),
    }
    facts = weights.facts | ({"prior": default} if default else {})
    if images:
        maps = _stored(folder, weights, data, encoded)
        parts["prior_flow"], seen, hours = train_flow(folder, weights, maps, images, minutes, batch_size)
        facts |= {"prior_maps": seen, "prior_hours": round(hours, 3)}
    path = folder / "weights.safetensors"
    write_atomically(folder / FACTS, lambda temporary: temporary.write_text(json.dumps(facts, indent=2)))
    save_weights(path, weights.config, parts, facts)
    return path


def train_flow(
    folder: Path, weights: Weights, stored: list[Stored], images: int, minutes: float | None, batch_size: int
) -> tuple[Tensors, int, float]:
    """Learn, or go on learning, the flow; returns its averaged tensors, the maps it saw in all and the hours."""
    paddle.seed(SEED)
    net = build_velocity(weights.config)
    standardise(net, stored)
    average = ema.averaged(net)
    adam = paddle.optimizer.AdamW(LEARNING_RATE, 0.9, 0.99, parameters=net.parameters(), weight_decay=0.01)
    state = TrainState({"flow": net, "flow_average": average}, {"adam": adam})
    load_state(folder, state)
    tokens = [net.to_tokens(paddle.to_tensor(s.codes.astype(np.float32))).numpy() for s in stored]
    log, began = Log(folder, state.seen), time.monotonic()
    saved = began
    with StopFlag() as stop:
        while state.seen < images and not stop.set and time.monotonic() - began < 60 * (minutes or math.inf):
            started = time.monotonic()
            adam.set_lr(LEARNING_RATE * min(1, (state.seen + 1) / 5_000) * learning_rate_scale(state.seen, images, 0.5))
            values = _step(net, adam, stored, tokens, batch_size, state.seen)
            state.seen += batch_size
            ema.update(average, net, ema.decay_for(batch_size, HALF_LIFE, state.seen))
            state.seconds += time.monotonic() - started
            log.add(values, batch_size, time.monotonic() - started)
            if state.seen // 2_000 != (state.seen - batch_size) // 2_000 or state.seen >= images:
                line = log.write(state.seen)
                progress(state.seen, images, line["images_per_second"], line)
            if time.monotonic() - saved > SAVE_SECONDS:
                saved = time.monotonic()
                save_state(folder, state)
    save_state(folder, state)
    return to_arrays(average), state.seen, state.seconds / 3600


def _step(
    net: Velocity,
    adam: paddle.optimizer.AdamW,
    stored: list[Stored],
    tokens: list[np.ndarray],
    batch_size: int,
    seen: int,
) -> dict[str, float]:
    """One step on a batch that is a function of `seen` alone, so that a resumed run meets the same one.

    The maps of a batch have equally many regions: padding them to the fullest of 32 costs three times the work.
    """
    rng = np.random.default_rng([SEED, seen])
    counts = np.array([min(len(s.scene.ids), MAX_REGIONS) for s in stored])
    chosen = rng.choice(np.flatnonzero(counts == rng.choice(counts)), batch_size)
    loss = flow_loss(net, flow_batch([tokens[k] for k in chosen], [stored[k].scene for k in chosen], rng))
    loss.backward()
    adam.step()
    adam.clear_grad()
    values = {"flow_loss": float(loss)}
    check_finite(values, seen)
    return values


def _stored(folder: Path, weights: Weights, data: list[Path], count: int) -> list[Stored]:
    """Encoded pictures, from the run's folder if it has them for this encoder (whatever became of the generator)."""
    path = folder / f"codes-{_hash(weights.parts['encoder'])}-{count}-varied.npz"
    try:
        with np.load(path) as file:
            return _unpack(file)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        pass  # not there yet, or damaged: encoded anew
    share = DataConfig().drawn or 0.3
    sources = []
    for k, one in enumerate(Garments(d) for d in data):
        training, _ = split_of(len(one), data_of(weights.facts))
        sources.append((one, training, share if k else 1 - share))
    print(f"encoding {count} varied pictures")
    result = list(encode_pictures(weights, sources, count, 1))
    arrays = {
        "lengths": np.array([len(s.scene.ids) for s in result]),
        "ids": np.concatenate([s.scene.ids for s in result]),
        "geometry": np.concatenate([s.scene.geometry for s in result]).astype(np.float16),
        "codes": np.concatenate([s.codes for s in result]),
    }

    def write(temporary: Path) -> None:
        with open(temporary, "wb") as file:
            np.savez(file, **arrays)

    write_atomically(path, write)
    return _unpack(arrays)  # as a resumed run reads it, to the bit


def _hash(tensors: Tensors) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode() + np.ascontiguousarray(tensors[name]).tobytes())
    return digest.hexdigest()[:16]


def _unpack(file: Mapping[str, np.ndarray]) -> list[Stored]:
    ends = np.cumsum(file["lengths"])
    ids, geometry, codes = file["ids"], file["geometry"].astype(np.float32), file["codes"]
    return [Stored(Scene(ids[a:b], geometry[a:b]), codes[a:b]) for a, b in zip(np.r_[0, ends[:-1]], ends, strict=True)]
