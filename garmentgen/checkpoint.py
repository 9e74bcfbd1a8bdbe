"""Weights files: safetensors without pickle, which carry their config and rebuild their own model.

Metadata (all JSON): `config` (the model's), `labels` (names, in order), `facts` (how it was trained). Tensors are
named `part.parameter`, parts being encoder, generator, discriminator, prior; stored as float16, used as float32.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from .checks import checked_json
from .config import ModelConfig, data_of, model_from_dict, to_dict
from .errors import UserError
from .files import write_atomically
from .labels import LABELS
from .models import build_encoder, build_generator

if TYPE_CHECKING:
    from paddle import nn

Tensors = dict[str, np.ndarray]


@dataclass(frozen=True)
class Weights:
    """A weights file in memory: arrays as stored, by part; the model's config; training facts; a content hash."""

    config: ModelConfig
    parts: dict[str, Tensors]
    facts: dict[str, Any]
    hash: str


def to_arrays(net: nn.Layer) -> Tensors:
    """Parameters and buffers of a network as float32 arrays."""
    return {name: np.asarray(value.numpy(), np.float32) for name, value in net.state_dict().items()}


def untrained(config: ModelConfig, seed: int) -> Weights:
    """Weights of networks as they are initialised; their hash is "random"."""
    import paddle

    paddle.seed(seed)
    parts = {"encoder": to_arrays(build_encoder(config)), "generator": to_arrays(build_generator(config))}
    return Weights(config, parts, {}, "random")


def load_strictly(net: nn.Layer, tensors: Tensors, what: str) -> None:
    """Copy arrays into a network; every name and shape must match (Paddle's own loader never raises).

    Raises:
        UserError: names the first missing, unexpected or wrongly shaped tensor; nothing was copied.
    """
    check_shapes(net, tensors, what)
    for name, target in net.state_dict().items():
        target.set_value(tensors[name].astype(np.float32))


def check_shapes(net: nn.Layer, tensors: Tensors, what: str) -> None:
    """Raise UserError unless names and shapes are the network's."""
    expected = net.state_dict()
    if missing := sorted(set(expected) - set(tensors)):
        raise UserError(f"{what} lacks {missing[0]!r} and {len(missing) - 1} more; it was made for another model")
    if extra := sorted(set(tensors) - set(expected)):
        raise UserError(
            f"{what} has {extra[0]!r} and {len(extra) - 1} more that the model lacks; another model's file?"
        )
    for name, target in expected.items():
        if list(tensors[name].shape) != list(target.shape):
            found = list(tensors[name].shape)
            raise UserError(f"{what}: {name} should be {list(target.shape)}, but the file has {found}")


def save_weights(path: Path, config: ModelConfig, parts: dict[str, Tensors], facts: dict[str, Any]) -> None:
    """Write a weights file, float16, under a temporary name first."""
    with np.errstate(over="ignore"):  # told below, by name
        tensors = {f"{p}.{name}": v.astype(np.float16) for p, values in parts.items() for name, v in values.items()}
    check_finite(tensors, "these weights cannot be stored in 16 bits: ")
    metadata = {
        "format": "garmentgen-1",
        "config": json.dumps(to_dict(config)),
        "labels": json.dumps([label.name for label in LABELS]),
        "facts": json.dumps(facts),
    }
    write_atomically(Path(path), lambda temporary: save_file(tensors, temporary, metadata))


def load_weights(path: Path) -> Weights:
    """Read a weights file and check it in full.

    Raises:
        UserError: see `read_weights` and `check_networks`.
    """
    weights = read_weights(path)
    check_networks(weights, str(path))
    return weights


def check_networks(weights: Weights, of: str) -> None:
    """Raise UserError unless the tensors are those of the networks that the config describes; needs Paddle."""
    import paddle

    with paddle.LazyGuard():  # shapes alone: a config that lies about its widths must not take the memory for them
        for part, build in (("encoder", build_encoder), ("generator", build_generator)):
            if part in weights.parts:
                check_shapes(build(weights.config), weights.parts[part], f"{of}: {part}")


def read_weights(path: Path) -> Weights:
    """Read a weights file, without a look at whether its tensors fit its config: an engine's proof shows that too.

    Raises:
        UserError: the file is missing, truncated, not ours, or made for another list of labels.
    """
    path = Path(path)
    if not os.path.isfile(path):  # unlike Path's, it takes a name that no file can have
        raise UserError(
            f"no weights at {str(path):.120}; pass a .safetensors file made by `garmentgen train`, or reinstall"
        )
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != "garmentgen-1":
                raise UserError(
                    f"{path} is a safetensors file, but not one of garmentgen's; use one made by `garmentgen train`"
                )
            config, facts = _described(metadata, path)
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except UserError:
        raise
    except Exception as error:  # a cut file, or numbers in a format that NumPy lacks: safetensors has many words for it
        raise UserError(f"{path} is truncated or not a safetensors file ({error}); fetch it again") from error
    check_finite(tensors, f"{path}: ")
    parts: dict[str, Tensors] = {}
    for name, value in tensors.items():
        part, _, rest = name.partition(".")
        parts.setdefault(part, {})[rest] = value
    return Weights(config, parts, facts, digest)


def _described(metadata: dict[str, str], path: Path) -> tuple[ModelConfig, dict[str, Any]]:
    """Config and facts of a weights file, checked."""
    if missing := [entry for entry in ("config", "labels", "facts") if entry not in metadata]:
        raise UserError(f"the metadata of {path} lacks {missing[0]!r}; fetch the file again")
    labels = checked_json(list[str], metadata["labels"], f"{path}: labels")
    if labels != [label.name for label in LABELS]:
        raise UserError(f"{path} was trained on another list of labels and cannot paint these; train again")
    config, facts = (checked_json(dict[str, Any], metadata[entry], f"{path}: {entry}") for entry in ("config", "facts"))
    data_of(facts)  # what the program will read of them
    return model_from_dict(config, f"{path}: model"), facts


def check_finite(tensors: Tensors, of: str) -> None:
    """Raise UserError naming a tensor that holds what no network can use: no numbers, NaN or infinite ones."""
    for name, value in tensors.items():
        if value.dtype.kind not in "fiu" or not np.isfinite(value).all():
            raise UserError(f"{of}{name} holds numbers that are not finite; fetch the file again, or train again")
