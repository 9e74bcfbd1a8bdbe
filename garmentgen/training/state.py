"""Training state: everything a run needs to go on as if it had never stopped, in one safetensors file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import paddle
from paddle import nn
from pydantic import Field
from pydantic.dataclasses import dataclass as pydantic_dataclass
from safetensors import safe_open
from safetensors.numpy import save_file

from ..checkpoint import Tensors, check_finite, load_strictly, to_arrays
from ..checks import STRICT, checked_json
from ..errors import UserError
from ..files import write_atomically

STATE, PREVIOUS = "state.safetensors", "state.previous.safetensors"


@pydantic_dataclass(frozen=True, config=STRICT)
class Progress:
    """What a state's metadata says."""

    seen: Annotated[int, Field(ge=0, le=10**15)]
    seconds: Annotated[float, Field(ge=0)]
    facts: dict[str, Any]


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
    metadata = {"progress": json.dumps(asdict(Progress(state.seen, state.seconds, state.facts)))}
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
    """Fill `state` from the newest whole file of a run's folder; False if the run has none yet.

    Raises:
        UserError: no file is whole, or it was made for another model.
    """
    candidates = [folder / name for name in ("state.fresh.safetensors", STATE, PREVIOUS)]
    problems = []
    for path in (p for p in candidates if p.exists()):
        try:
            tensors, progress = _read(path)
        except UserError as error:
            problems.append(str(error))
            continue
        _fill(state, tensors, progress, path)
        if problems:
            print(f"{problems[0]}: going on from {path.name}, {progress.seen} pictures")
        return True
    if problems:
        raise UserError(f"no readable training state ({'; '.join(problems)}); delete the run's folder to start anew")
    return False


def _read(path: Path) -> tuple[Tensors, Progress]:
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except Exception as error:  # a cut file: safetensors has many words for it
        raise UserError(f"{path} is no whole safetensors file ({error})") from error
    check_finite(tensors, f"{path}: ")
    return tensors, checked_json(Progress, metadata.get("progress", ""), f"{path}: progress")


def _fill(state: TrainState, tensors: Tensors, progress: Progress, path: Path) -> None:
    groups: dict[str, Tensors] = {}
    for name, value in tensors.items():
        group, _, rest = name.partition(".")
        groups.setdefault(group, {})[rest] = value
    for name, net in state.nets.items():
        load_strictly(net, groups.get(name, {}), f"{path}: {name}")
    for name, optimizer in state.optimizers.items():
        _restore(optimizer, state.nets, groups.get(name, {}), f"{path}: {name}")
    state.seen, state.seconds, state.facts = progress.seen, progress.seconds, progress.facts


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


def _restore(optimizer: paddle.optimizer.Optimizer, nets: dict[str, nn.Layer], values: Tensors, what: str) -> None:
    state = {}
    for name, p in _named(optimizer, nets).items():
        for kind in _ACCUMULATORS:
            if f"{name}.{kind}" in values:
                value, expected = values[f"{name}.{kind}"], [1] if "pow" in kind else p.shape
                if list(value.shape) != list(expected):
                    raise UserError(f"{what}: {name}.{kind} should be {expected}, but it is {list(value.shape)}")
                tensor = paddle.to_tensor(value.astype(np.float32))
                tensor.name = f"{p.name}_{kind}"
                state[tensor.name] = tensor
    optimizer.set_state_dict(state)
