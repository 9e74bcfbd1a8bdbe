"""Settings of the flow's training."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from ..checks import STRICT, Seed
from ..config import Beta, Pictures, Rate, Schedule


@dataclass(frozen=True, config=STRICT)
class FlowConfig(Schedule):
    """The schedule of the flow, for which a picture is the codes of one map."""

    batch: Annotated[int, Field(ge=1, le=1024)] = 32
    betas: tuple[Beta, Beta] = (0.9, 0.99)
    ema_half_life: Pictures = 10_000
    seed: Seed = 17
    save_minutes: Annotated[float, Field(ge=0, le=1_000_000)] = 2.0
    log_images: Pictures = 2_000
    lr: Rate = 1e-3
    warm_up: Pictures = 5_000
    """Pictures over which the learning rate rises from zero."""
    weight_decay: Rate = 0.01
