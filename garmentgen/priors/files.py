"""Priors in the weights file: parts `prior_gaussian`, `prior_bank`, `prior_flow`, and which one is the default."""

from __future__ import annotations

import numpy as np

from .. import environment
from ..checkpoint import Tensors, Weights, load_strictly
from ..checks import shown
from ..errors import UserError
from ..labels import NUM_LABELS
from .bank import Bank, places
from .contract import Prior
from .gaussian import Gaussian
from .normal import Normal


def _normal(weights: Weights, _: str | None) -> Prior:
    grid = weights.config.grid
    return Normal((weights.config.code_channels, grid, grid))


def _gaussian(weights: Weights, _: str | None) -> Prior:
    part = weights.parts["prior_gaussian"]
    return Gaussian(part["mean"].astype(np.float32), part["factor"].astype(np.float32))


def _bank(weights: Weights, _: str | None) -> Prior:
    part = weights.parts["prior_bank"]
    codes, entry, region = part["codes"], part["entry"].astype(np.int64), part["region"].astype(np.int64)
    if "fits" not in part:  # an older file's garments suit the classes they have, and fit any outline
        suits = np.zeros((entry.max() + 1, NUM_LABELS), bool)
        suits[entry, region] = True
        anywhere = np.tile(np.array([0, 0, 1, 1], np.float32), (len(entry), 1))
        return Bank(codes, entry, region, anywhere, places(codes, entry, region, suits))
    return Bank(codes, entry, region, part["box"].astype(np.float32), part["fits"].astype(np.int64))


def _flow(weights: Weights, engine: str | None) -> Prior:
    environment.start_paddle()
    from .flow import FlowPrior, build_velocity

    net = build_velocity(weights.config)
    load_strictly(net, weights.parts["prior_flow"], "prior_flow")
    net.eval()
    return FlowPrior(net, weights.hash, engine)


_BUILDERS = {"bank": _bank, "flow": _flow, "gaussian": _gaussian, "normal": _normal}
"""In order of preference where the file names no default: the order of their figures in the model card."""


def prior_from(weights: Weights, name: str | None, engine: str | None = None) -> Prior:
    """The named prior of a weights file, or its default: what `facts["prior"]` says, else the best one it holds.

    Args:
        engine: where a prior that has a network runs it (see `Engine`).

    Raises:
        UserError: the file holds no prior of this name, or one of an older version.
    """
    held = [n for n in _BUILDERS if n == "normal" or f"prior_{n}" in weights.parts]
    chosen = name or weights.facts.get("prior") or held[0]
    if chosen not in held:
        raise UserError(f"these weights hold the priors {', '.join(held)}, but {shown(chosen)} was asked for")
    _check_shapes(weights, f"prior_{chosen}")
    try:
        return _BUILDERS[chosen](weights, engine)
    except KeyError as missing:
        raise UserError(
            f"the prior {chosen!r} of these weights lacks {missing}: an older version made it; "
            "fit it again with `garmentgen train-prior`, or ask for another"
        ) from None


_SHAPES = {
    "prior_gaussian": {"mean": "KCGG", "factor": "KRCGG"},
    "prior_bank": {"codes": "ECGG", "entry": "E", "region": "E", "typical": "KCGG", "box": "E4", "fits": "NK"},
}
"""Axes of every tensor: K classes, C channels and G cells as the model has them; E, N and R are the prior's own."""
_BELOW = {"entry": 2048, "region": NUM_LABELS, "fits": 2048}
"""Whole numbers from 0: where float16 still holds all of them, or there is a class."""


def _check_shapes(weights: Weights, part: str) -> None:
    """Raise UserError where a prior was not made for this model, is empty, or names classes that do not exist."""
    sizes = {"4": 4, "K": NUM_LABELS, "C": weights.config.code_channels, "G": weights.config.grid}
    for name, axes in _SHAPES.get(part, {}).items():
        value = weights.parts[part].get(name)
        if value is None:  # told by its builder, which knows what older files lack
            continue
        expected = [sizes.setdefault(axis, n) for axis, n in zip(axes, value.shape, strict=False)]
        if list(value.shape) != expected or len(axes) != value.ndim or not value.size:
            raise UserError(
                f"{part}.{name} of these weights is {list(value.shape)}, which does not fit the model or the rest of "
                "the prior; fit it again with `garmentgen train-prior`"
            )
        if name in _BELOW and not (np.isin(value, np.arange(_BELOW[name]))).all():
            raise UserError(
                f"{part}.{name} of these weights holds whole numbers from 0 to {_BELOW[name] - 1}, "
                f"but one is {float(value.max())}; fit it again with `garmentgen train-prior`"
            )


def gaussian_part(prior: Gaussian) -> Tensors:
    """Tensors to store."""
    return {"mean": prior.mean, "factor": prior.factor}


def bank_part(prior: Bank) -> Tensors:
    """Tensors to store; whole numbers stay below 2048, which float16 holds exactly."""
    return {name: getattr(prior, name) for name in ("codes", "entry", "region", "box", "fits")}
