"""What a run is fed: sources and their shares, one batch after another, the fixed batch of the sample sheets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import paddle.distributed as dist

from ..config import Config
from ..data.cohorts import cohorts
from ..data.dataset import Garments, Share, batches, split_of
from ..errors import UserError
from ..geometry import main_class
from ..priors.contract import Prior
from .batch import Batch, make_batch
from .loans import lend

if TYPE_CHECKING:
    from ..models import Generator

HeldOut = tuple[Garments, np.ndarray]
"""A prepared folder and the numbers of its pictures that are held out."""


def open_sources(data: list[Path], config: Config) -> tuple[list[Share], HeldOut]:
    """Training sources with their shares, and the first folder's validation split.

    Raises:
        UserError: photos of another size than the model's, or too few to hold any out.
    """
    garments = [Garments(folder) for folder in data]
    sources, held_out = [], None
    for k, one in enumerate(garments):
        one.check_size(config.model.canvas)
        training, validation = split_of(len(one), config.data)
        share = config.data.drawn if k else (1 - config.data.drawn if len(garments) > 1 else 1.0)
        sources.append((one, training, share))
        held_out = held_out or (one, validation)
    assert held_out is not None
    if not len(held_out[1]):
        count, share = len(held_out[0]), config.data.validation
        raise UserError(f"{data[0]} has {count} pictures, too few to hold any out (data.validation={share}); add some")
    return sources, held_out


def load_batch(
    sources: list[Share], config: Config, seen: int, generator: Generator, prior: Prior | None = None
) -> tuple[Batch, np.random.Generator]:
    """The batch after `seen` pictures: a function of seed and count alone, so that a resumed run meets the same one.

    Every process draws the joined batch and keeps its own share of it.
    """
    world, rank, size = dist.get_world_size(), dist.get_rank(), config.train.batch
    rng = np.random.default_rng([config.train.seed, seen])
    images, labels, origins = _draw(sources, config, size * world, rng)
    seeds = rng.integers(2**62, size=size * world)
    own = slice(rank * size, (rank + 1) * size)
    loans = None
    if origins is not None:
        loans = lend(np.array([main_class(one) for one in labels[own]]), origins[own], config.loss.mixed, rng)
    return make_batch(
        images[own], labels[own], seeds[own], generator, config.model.crop, config.train.window, prior, loans
    ), rng


def _draw(
    sources: list[Share], config: Config, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Pictures, maps, and the set each comes from where codes are lent by it (None: they are lent in turn)."""
    data = config.data
    changes: dict[str, Any] = {"flip": data.flip, "colour": data.colour, "affine": data.affine}
    if data.together == 1:
        return *next(batches(sources, None, count, rng, outfits=data.outfits, **changes)), None
    return next(cohorts(sources, data.together, count, rng, **changes))


def fixed_batch(
    held_out: HeldOut, config: Config, generator: Generator, prior: Prior | None = None
) -> tuple[Batch, np.ndarray]:
    """The first eight held-out pictures, always whole, and their maps uint8 [8, S, S]."""
    garments, validation = held_out
    chosen = validation[:8]
    images, labels = np.array(garments.images[chosen]), np.array(garments.labels[chosen])
    return make_batch(images, labels, np.arange(len(chosen)), generator, config.model.crop, prior=prior), labels
