"""What a run starts from: another file's weights, and what of its networks is to learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import paddle
from paddle import nn

from ..checkpoint import Weights, load_strictly, to_arrays
from ..config import ModelConfig, TrainConfig, to_dict
from ..errors import UserError

DETAIL = "detail"
"""What the names of a detail branch's tensors begin with, and its setting's."""


def take_weights(nets: dict[str, nn.Layer], model: ModelConfig, weights: Weights, path: Path) -> dict[str, Any]:
    """Fill networks (by part; averages end in "_average") with the weights of a file; returns the file's facts.

    A detail branch may be new: it keeps what it has, begins where the smaller picture's last layer is, and its tensors
    are named on the screen. A model without one leaves the file's out, which is said too: it belongs to that trunk. All
    else must be there, and of the same model.

    Raises:
        UserError: names the settings or the tensor in which the file differs.
    """
    held, ours = to_dict(weights.config), to_dict(model)
    grown = ours.get("detail_width") is not None and held.get("detail_width") is None
    cut = ours.get("detail_width") is None and held.get("detail_width") is not None
    keys = (held | ours).keys() - ({"detail_width"} if grown or cut else set())
    if other := [f"model.{k} {held.get(k)} (here {ours.get(k)})" for k in sorted(keys) if held.get(k) != ours.get(k)]:
        raise UserError(f"{path} has {', '.join(other)}; use its settings, or start without --init")
    new: set[str] = set()
    for name, net in nets.items():
        part = name.removesuffix("_average")
        if part in weights.parts:
            branch = {k: v for k, v in to_arrays(net).items() if grown and k.startswith(DETAIL)}
            trunk = {k: v for k, v in weights.parts[part].items() if not (cut and k.startswith(DETAIL))}
            load_strictly(net, branch | trunk, f"{path}: {part}")
            if branch:
                net.begin_detail()
            new |= branch.keys()
    if cut:
        print(f"left out of {path}: its detail branch, which this model has not (model.detail_width)")
    if new:
        print(f"new, not in {path}: {', '.join(sorted(new))}")
    return weights.facts


def learning(encoder: nn.Layer, generator: nn.Layer, train: TrainConfig) -> list[paddle.Tensor]:
    """The weights that the generator's step teaches; the generator's others get no gradients."""
    taught = [p for name, p in generator.named_parameters() if not train.freeze_trunk or name.startswith(DETAIL)]
    for p in generator.parameters():
        p.stop_gradient = True
    for p in taught:
        p.stop_gradient = False
    return taught if train.freeze_encoder else encoder.parameters() + taught
