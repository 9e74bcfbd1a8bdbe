"""Training state: everything a run needs to go on as if it had never stopped, in one safetensors file."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import paddle
from paddle import nn
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ..checkpoint import load_strictly, to_arrays
from ..errors import UserError
from ..files import write_atomically

STATE, PREVIOUS = "state.safetensors", "state.previous.safetensors"


@dataclass
class TrainState:
    """What changes during a run; `nets` includes the averaged copies. Randomness is a function of `seen`, not state."""

    nets: dict[str, nn.Layer]
    optimizers: dict[str, paddle.optimizer.Optimizer]
    seen: int = 0
    seconds: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)


def save_state(folder: Path, state: TrainState) -> None:
    """Write the state; the last one is kept under `PREVIOUS`, and at no moment is there none."""
    tensors = {f"{name}.{k}": v for name, net in state.nets.items() for k, v in to_arrays(net).items()}
    for name, optimizer in state.optimizers.items():
        tensors.update({f"{name}.{k}": v for k, v in _moments(optimizer, state.nets).items()})
    if bad := [name for name, value in tensors.items() if not np.isfinite(value).all()]:
        raise UserError(
            f"after {state.seen} pictures {bad[0]} and {len(bad) - 1} more became NaN or infinite; "
            "the last saved state is untouched: lower the learning rate and run the same command again"
        )
    metadata = {
        "progress": json.dumps({"seen": state.seen, "seconds": state.seconds, "facts": state.facts}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "state.fresh.safetensors"
    write_atomically(fresh, lambda temporary: save_file(tensors, temporary, metadata))
    if (folder / STATE).exists():
        os.replace(folder / STATE, folder / PREVIOUS)
    os.replace(fresh, folder / STATE)


def remove_leftovers(folder: Path) -> None:
    """Delete the half-written states and weights of a run that was killed while it wrote."""
    for pattern in ("state.*.tmp", "weights.*.tmp"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def load_state(folder: Path, state: TrainState) -> bool:
    """Fill `state` from the newest whole file of a run's folder; False if the run has none yet."""
    candidates = [folder / name for name in ("state.fresh.safetensors", STATE, PREVIOUS)]
    problems = []
    for path in (p for p in candidates if p.exists()):
        try:
            with safe_open(path, "numpy") as file:
                metadata = file.metadata()
                tensors = {name: file.get_tensor(name) for name in file.keys()}
        except (SafetensorError, OSError) as error:
            problems.append(f"{path}: {error}")
            continue
        _fill(state, tensors, metadata, path)
        return True
    if problems:
        raise UserError(f"no readable training state ({'; '.join(problems)}); delete the run's folder to start anew")
    return False


def _fill(state: TrainState, tensors: dict[str, np.ndarray], metadata: dict[str, str], path: Path) -> None:
    groups: dict[str, dict[str, np.ndarray]] = {}
    for name, value in tensors.items():
        group, _, rest = name.partition(".")
        groups.setdefault(group, {})[rest] = value
    for name, net in state.nets.items():
        load_strictly(net, groups.get(name, {}), f"{path}: {name}")
    for name, optimizer in state.optimizers.items():
        _restore(optimizer, state.nets, groups.get(name, {}))
    progress = json.loads(metadata["progress"])
    state.seen, state.seconds, state.facts = progress["seen"], progress["seconds"], progress["facts"]


_ACCUMULATORS = ("moment1_0", "moment2_0", "beta1_pow_acc_0", "beta2_pow_acc_0")


def parameters_of(optimizer: paddle.optimizer.Optimizer) -> list[paddle.Tensor]:
    """The tensors an optimizer moves, in its order."""
    return [p for p in optimizer._parameter_list or [] if isinstance(p, paddle.Tensor)]


def _named(optimizer: paddle.optimizer.Optimizer, nets: dict[str, nn.Layer]) -> dict[str, paddle.Tensor]:
    """What an optimizer moves, by network and place in it: Paddle's own names are counters that differ between
    processes, and a position would point elsewhere once a run freezes its encoder."""
    moved = {id(p) for p in parameters_of(optimizer)}
    return {f"{name}.{k}": p for name, net in nets.items() for k, p in net.named_parameters() if id(p) in moved}


def _moments(optimizer: paddle.optimizer.Optimizer, nets: dict[str, nn.Layer]) -> dict[str, np.ndarray]:
    values = optimizer.state_dict()
    return {
        f"{name}.{kind}": np.asarray(values[f"{p.name}_{kind}"].numpy(), np.float32)
        for name, p in _named(optimizer, nets).items()
        for kind in _ACCUMULATORS
        if f"{p.name}_{kind}" in values
    }


def _restore(optimizer: paddle.optimizer.Optimizer, nets: dict[str, nn.Layer], values: dict[str, np.ndarray]) -> None:
    state = {}
    for name, p in _named(optimizer, nets).items():
        for kind in _ACCUMULATORS:
            if f"{name}.{kind}" in values:
                tensor = paddle.to_tensor(values[f"{name}.{kind}"])
                tensor.name = f"{p.name}_{kind}"
                state[tensor.name] = tensor
    optimizer.set_state_dict(state)
