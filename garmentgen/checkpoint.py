"""Weights files: safetensors without pickle, which carry their config and rebuild their own model.

Metadata (all JSON): `config` (the model's), `labels` (names, in order), `facts` (how it was trained). Tensors are
named `part.parameter`, parts being encoder, generator, discriminator, prior; stored as float16, used as float32.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import paddle
from paddle import nn
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from .config import ModelConfig, model_from_dict, to_dict
from .errors import UserError
from .files import write_atomically
from .labels import LABELS

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


def load_strictly(net: nn.Layer, tensors: Tensors, what: str) -> None:
    """Copy arrays into a network; every name and shape must match (Paddle's own loader never raises).

    Raises:
        UserError: names the first missing, unexpected or wrongly shaped tensor.
    """
    expected = net.state_dict()
    if missing := sorted(set(expected) - set(tensors)):
        raise UserError(f"{what} lacks {missing[0]!r} and {len(missing) - 1} more; it was made for another model")
    if extra := sorted(set(tensors) - set(expected)):
        raise UserError(
            f"{what} has {extra[0]!r} and {len(extra) - 1} more that the model lacks; another model's file?"
        )
    for name, target in expected.items():
        value = tensors[name]
        if list(value.shape) != list(target.shape):
            raise UserError(f"{what}: {name} should be {list(target.shape)}, but the file has {list(value.shape)}")
        target.set_value(paddle.to_tensor(value.astype(np.float32)))


def load_what_fits(net: nn.Layer, tensors: Tensors) -> list[str]:
    """Copy the arrays whose name and shape fit a network; returns the names of its tensors for which there was none."""
    expected = net.state_dict()
    fitting = {name: v for name, v in tensors.items() if name in expected and list(v.shape) == expected[name].shape}
    load_strictly(net, to_arrays(net) | fitting, "these weights")
    return sorted(set(expected) - set(fitting))


def save_weights(path: Path, config: ModelConfig, parts: dict[str, Tensors], facts: dict[str, Any]) -> None:
    """Write a weights file, float16, under a temporary name first."""
    tensors = {f"{part}.{name}": v.astype(np.float16) for part, values in parts.items() for name, v in values.items()}
    metadata = {
        "format": "garmentgen-1",
        "config": json.dumps(to_dict(config)),
        "labels": json.dumps([label.name for label in LABELS]),
        "facts": json.dumps(facts),
    }
    write_atomically(Path(path), lambda temporary: save_file(tensors, temporary, metadata))


def load_weights(path: Path) -> Weights:
    """Read a weights file.

    Raises:
        UserError: the file is missing, truncated, not ours, or made for another list of labels.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"no weights at {path}; pass a .safetensors file made by `garmentgen train`, or reinstall")
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            ours = metadata.get("format") == "garmentgen-1"  # another's may hold types that NumPy lacks: leave them be
            tensors = {name: file.get_tensor(name) for name in file.keys()} if ours else {}
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(f"{path} is truncated or not a safetensors file ({error}); fetch it again") from error
    if not ours:
        raise UserError(
            f"{path} is a safetensors file, but not one of garmentgen's; use one made by `garmentgen train`"
        )
    try:
        config, labels, facts = (json.loads(metadata[entry]) for entry in ("config", "labels", "facts"))
    except (KeyError, json.JSONDecodeError) as error:
        raise UserError(f"the metadata of {path} is damaged ({error}); fetch it again") from error
    if labels != [label.name for label in LABELS]:
        raise UserError(f"{path} was trained on another list of labels and cannot paint these; train again")
    parts: dict[str, Tensors] = {}
    for name, value in tensors.items():
        part, _, rest = name.partition(".")
        parts.setdefault(part, {})[rest] = value
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return Weights(model_from_dict(config), parts, facts, digest)
