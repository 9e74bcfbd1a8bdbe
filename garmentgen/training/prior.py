"""Fitting the priors on a trained encoder's codes: Gaussian, bank, and the learned flow. Resume = the same command."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import paddle

from ..acceleration import accelerated
from ..checkpoint import Tensors, Weights, load_strictly, load_weights, save_weights, to_arrays
from ..config import DataConfig, data_of, to_dict
from ..data.dataset import Garments, batches, split_of
from ..errors import UserError
from ..files import claim_folder, write_atomically
from ..geometry import regions
from ..inference import Designer
from ..models import build_encoder
from ..pixels import crops_to_tensor
from ..priors.config import FlowConfig
from ..priors.files import bank_part, gaussian_part
from ..priors.fitting import MAX_REGIONS, Stored, flow_batch, flow_loss, standardise
from ..priors.flow import Scene, build_velocity, scene_of
from ..priors.gaussian import fit_gaussian
from ..progress import bar
from . import ema
from .loop import follow, write_settings
from .run import check_finite, learning_rate_scale
from .state import TrainState, load_state, save_state
from .wardrobe import encode_candidates, fit_wardrobe, read_verdicts

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
    flow: FlowConfig | None = None,
    minutes: float | None = None,
    encoded: int = 8_000,
    default: str | None = None,
    verdicts: Path | None = None,
) -> Path:
    """Fit every prior of trained weights; returns a weights file that holds the old parts and the priors.

    Args:
        data: prepared folders, photographs first. encoded: at most so many pictures audition for the bank, and so many
            varied ones are encoded for the flow, kept in the run's folder.
        flow: how to train the flow; None for no flow. minutes: stop after this long, with the state saved.
        default: which prior a Designer takes unless told otherwise ("gaussian", "bank", "flow"); None for the best.
        verdicts: a table of the photographs that an eye kept or refused for the bank, see `read_verdicts`.
    """
    with accelerated() as engine:
        print(f"engine: {engine}")
        weights, seen = load_weights(weights_path), read_verdicts(verdicts) if verdicts else {}
        folder = claim_folder(folder, "train-prior", lambda one: any(one.glob("codes-*.npz")) or (one / FACTS).exists())
        designer = Designer.load(weights_path, "normal")
        candidates = encode_candidates(designer, [Garments(one) for one in data], data_of(weights.facts), encoded, seen)
        if not candidates:
            raise UserError("no pictures to fit a prior on: prepare data first")
        parts = {
            **weights.parts,
            "prior_gaussian": gaussian_part(fit_gaussian([one.garment.codes for one in candidates], RANK)),
            "prior_bank": bank_part(fit_wardrobe(designer, candidates, SEED)),
        }
        facts = weights.facts | ({"prior": default} if default else {})
        if flow is not None:
            maps = _stored(folder, weights, data, encoded)
            parts["prior_flow"], state = train_flow(folder, weights, maps, flow, minutes)
            facts |= {"prior_maps": state.seen, "prior_hours": round(state.seconds / 3600, 3)}
    path = folder / "weights.safetensors"
    write_atomically(folder / FACTS, lambda temporary: temporary.write_text(json.dumps(facts, indent=2)))
    save_weights(path, weights.config, parts, facts)
    return path


def train_flow(
    folder: Path, weights: Weights, stored: list[Stored], config: FlowConfig, minutes: float | None
) -> tuple[Tensors, TrainState]:
    """Learn, or go on learning, the flow; returns its averaged tensors, and the run's state."""
    paddle.seed(config.seed)
    net = build_velocity(weights.config)
    standardise(net, stored)
    average = ema.averaged(net)
    learning, decay = net.parameters(), config.weight_decay
    adam = paddle.optimizer.AdamW(config.lr, *config.betas, parameters=learning, weight_decay=decay)
    state = TrainState({"flow": net, "flow_average": average}, {"adam": adam})
    load_state(folder, state)
    write_settings(folder, config)
    tokens = [net.to_tokens(paddle.to_tensor(s.codes.astype(np.float32))).numpy() for s in stored]
    counts = np.array([min(len(s.scene.ids), MAX_REGIONS) for s in stored])

    def step() -> dict[str, float]:
        """On a batch that is a function of the count alone, so that a resumed run meets the same one.

        The maps of a batch have equally many regions: padding them to the fullest of 32 costs three times the work.
        """
        rng = np.random.default_rng([config.seed, state.seen])
        chosen = rng.choice(np.flatnonzero(counts == rng.choice(counts)), config.batch)
        rise = min(1, (state.seen + 1) / config.warm_up)
        adam.set_lr(config.lr * rise * learning_rate_scale(state.seen, config.images, config.decay))
        loss = flow_loss(net, flow_batch([tokens[k] for k in chosen], [stored[k].scene for k in chosen], rng))
        loss.backward()
        adam.step()
        adam.clear_grad()
        values = {"flow_loss": float(loss)}
        check_finite(values, state.seen)
        state.seen += config.batch
        ema.update(average, net, ema.decay_for(config.batch, config.ema_half_life, state.seen))
        return values

    follow(state, config, folder, step, lambda: save_state(folder, state), minutes)
    return to_arrays(average), state


def _stored(folder: Path, weights: Weights, data: list[Path], count: int) -> list[Stored]:
    """Encoded pictures, from the run's folder if it has them, made from the same (whatever became of the generator)."""
    split = data_of(weights.facts)
    path = folder / f"codes-{_made_from(weights, split, data, count)}.npz"
    try:
        with np.load(path) as file:
            return _unpack(file)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        pass  # not there yet, or damaged: encoded anew
    share = DataConfig().drawn or 0.3
    sources = []
    for k, one in enumerate(Garments(d) for d in data):
        sources.append((one, split_of(len(one), split)[0], share if k else 1 - share))
    print(f"encoding {count} varied pictures")
    result = []
    with bar(0, count, " pictures") as shown:
        for one in encode_pictures(weights, sources, count, 1):
            result.append(one)
            shown.update(1)
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


def _made_from(weights: Weights, split: DataConfig, data: list[Path], count: int) -> str:
    """16 hex digits of all that decides what encoded pictures hold: encoder, pictures, which of them, how many."""
    digest = hashlib.sha256(f"{weights.config.crop} {weights.config.grid} {count} {to_dict(split)}".encode())
    for name, value in sorted(weights.parts["encoder"].items()):
        digest.update(name.encode() + np.ascontiguousarray(value).tobytes())
    for folder in data:
        digest.update(Garments(folder).digest().encode())
    return digest.hexdigest()[:16]


def _unpack(file: Mapping[str, np.ndarray]) -> list[Stored]:
    ends = np.cumsum(file["lengths"])
    ids, geometry, codes = file["ids"], file["geometry"].astype(np.float32), file["codes"]
    return [Stored(Scene(ids[a:b], geometry[a:b]), codes[a:b]) for a, b in zip(np.r_[0, ends[:-1]], ends, strict=True)]
