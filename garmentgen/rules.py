"""Settings of a run that are right by themselves but must go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from .errors import UserError
from .models.lite.config import Tap

if TYPE_CHECKING:
    from .config import Config, ModelConfig, TrainConfig

MOST_PIXELS = 2**26
"""Of one step's pictures: 1,024 of 256 px."""


def check(config: Config) -> None:
    """Raise UserError for the first two settings that do not go together."""
    model, loss, train = config.model, config.loss, config.train
    model.check()
    side = train.window or model.canvas
    scales, widths = model.discriminator_scales, len(model.discriminator_widths)
    seen = loss.judged or side  # by the discriminator; each scale and each width but the last halve it, two take a rim
    needed = 3 * 2 ** (widths + scales - 2)
    names = get_args(Tap)
    step = 2 ** max((names.index(tap) for tap in model.perceptual_heads), default=0)  # what a judged feature covers
    least = max(4 * step, 16 if loss.vgg19 else 2 ** max(names.index(tap) for tap in loss.taps))
    rules = [
        *_painting_rules(model, train),
        (
            not loss.crop or least <= loss.crop <= side and loss.crop % step == 0,
            f"loss.crop is 0 or a multiple of {step} from {least} to {side}, the side of what is painted, "
            f"not {loss.crop}",
        ),
        (
            needed <= seen <= side,
            f"with {widths} discriminator_widths and {scales} discriminator_scales the discriminator judges from "
            f"{needed} px to the {side} that are painted, but it is shown {seen}: see loss.judged and train.window",
        ),
        (
            list(loss.taps) == sorted(set(loss.taps), key=names.index),
            f"loss.taps go from the first to the last, each once: {', '.join(names)}; not {', '.join(loss.taps)}",
        ),
        (
            train.batch * side**2 <= MOST_PIXELS,
            f"train.batch is at most {MOST_PIXELS // side**2} when {side} px are painted, not {train.batch}",
        ),
    ]
    for holds, message in rules:
        if not holds:
            raise UserError(message)


def _painting_rules(model: ModelConfig, train: TrainConfig) -> list[tuple[bool, str]]:
    """What part of the canvas, and of the generator, a step can paint and teach."""
    step = 32 * model.scale
    return [
        (train.window <= model.canvas, f"train.window is at most the canvas, {model.canvas}, not {train.window}"),
        (
            train.window % step == 0,
            f"train.window is a multiple of {step} on a canvas of {model.canvas} px, not {train.window}",
        ),
        (
            not train.window or model.windows,
            f"{model.kind} paints whole canvases: train.window is 0, not {train.window}",
        ),
        (
            not train.freeze_trunk or (model.scale > 1 and train.freeze_encoder),
            "train.freeze_trunk leaves the detail branch to learn: it goes with model.detail_width and "
            "train.freeze_encoder",
        ),
    ]
