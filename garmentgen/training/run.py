"""A run of the networks: what it holds, and one step of it; discriminator, generator, averages."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import paddle

from ..checkpoint import Tensors, Weights, save_weights, to_arrays
from ..config import Config, check, to_dict
from ..errors import UserError
from ..files import shipped
from ..models import build_discriminator, build_encoder, build_generator
from ..models.features import build_features
from ..priors.contract import Prior
from ..priors.files import prior_from
from . import ema
from .batch import Batch
from .parallel import average_gradients, average_values
from .sight import draw_sight
from .start import learning
from .state import TrainState, parameters_of
from .steps import Networks, discriminator_losses, generator_losses, perceive, run_generator
from .worn import holds_statistics

FEATURES = shipped("features/vgg16-relu3_3.safetensors")


class Run:
    """A run's networks, optimizers and averages. `seen` counts pictures over all processes."""

    def __init__(self, config: Config, features: Path = FEATURES):
        check(config)
        paddle.seed(config.train.seed)
        self.config = config
        model, frozen = config.model, build_features(config, features)
        self.heads = tuple(config.loss.taps.index(tap) for tap in model.perceptual_heads)
        self.nets = Networks(build_encoder(model), build_generator(model), build_discriminator(model), frozen)
        self.encoder_average, self.generator_average = (
            ema.averaged(self.nets.encoder),
            ema.averaged(self.nets.generator),
        )
        self.prior: Prior | None = None
        self.prior_parts: dict[str, Tensors] = {}
        beta1, beta2 = config.train.betas
        painted = learning(self.nets.encoder, self.nets.generator, config.train)
        judged = self.nets.discriminator.parameters()
        self.state = TrainState(
            nets={
                "encoder": self.nets.encoder,
                "generator": self.nets.generator,
                "discriminator": self.nets.discriminator,
                "encoder_average": self.encoder_average,
                "generator_average": self.generator_average,
            },
            optimizers={
                "adam_generator": paddle.optimizer.Adam(config.train.lr_generator, beta1, beta2, parameters=painted),
                "adam_discriminator": paddle.optimizer.Adam(
                    config.train.lr_discriminator, beta1, beta2, parameters=judged
                ),
            },
        )

    def keep_prior(self, weights: Weights) -> None:
        """Hold on to the priors of a weights file whose encoder this run freezes, and so leaves them valid.

        The swapped pass then paints what its default prior draws: the very pictures that users see meet the
        discriminator.
        """
        self.prior_parts = {name: part for name, part in weights.parts.items() if name.startswith("prior_")}
        if self.prior_parts:
            self.state.facts["prior"] = weights.facts.get("prior")
            if not holds_statistics(self.config):  # those compare a donor's cloth with its photograph
                self.prior = prior_from(weights, None)

    def step(self, batch: Batch, rng: np.random.Generator, joined: int) -> dict[str, float]:
        """One discriminator and one generator step; returns the losses by their logged names."""
        config, seen = self.config, self.state.seen
        adversarial = seen >= config.train.adversarial_from
        self._set_learning_rates(seen)
        swap = holds_statistics(config) or (adversarial and config.loss.swapped > 0)
        out = run_generator(self.nets, batch, swap, config.train.freeze_encoder)
        room = batch.pictures.shape[2] - (config.loss.crop or batch.pictures.shape[2])
        window = (int(rng.integers(room + 1)), int(rng.integers(room + 1)))
        perceived = None
        if self.nets.features is not None:
            perceived = perceive(self.nets.features, batch, out, window, config.loss.crop)
        sight = None
        if config.loss.jitter or config.loss.judged:
            sight = draw_sight(batch.size, batch.pictures.shape[2], config.loss.jitter, config.loss.judged, rng)
        values: dict[str, paddle.Tensor] = {}
        if adversarial:
            values |= discriminator_losses(self.nets, batch, out, perceived, self.heads, sight)
            self._descend("adam_discriminator", values["d_all_loss"])
        with _frozen(self.nets.discriminator):
            values |= generator_losses(self.nets, batch, out, config, adversarial, perceived, self.heads, sight)
            self._descend("adam_generator", values["g_loss"])
        result = average_values({name: float(value) for name, value in values.items()})
        check_finite(result, seen)
        self.state.seen += joined
        decay = ema.decay_for(joined, config.train.ema_half_life, self.state.seen)
        if not config.train.freeze_encoder:
            ema.update(self.encoder_average, self.nets.encoder, decay)
        ema.update(self.generator_average, self.nets.generator, decay)
        return result

    def _descend(self, name: str, loss: paddle.Tensor) -> None:
        optimizer = self.state.optimizers[name]
        loss.backward()
        average_gradients(parameters_of(optimizer))
        optimizer.step()
        optimizer.clear_grad()

    def _set_learning_rates(self, seen: int) -> None:
        train = self.config.train
        scale = learning_rate_scale(seen, train.images, train.decay)
        self.state.optimizers["adam_generator"].set_lr(train.lr_generator * scale)
        self.state.optimizers["adam_discriminator"].set_lr(train.lr_discriminator * scale)

    def export(self, path: Path) -> None:
        """Write averaged weights and the discriminator as a weights file."""
        nets = {"encoder": self.encoder_average, "generator": self.generator_average}
        parts = {name: to_arrays(net) for name, net in (nets | {"discriminator": self.nets.discriminator}).items()}
        parts |= self.prior_parts
        facts = self.state.facts | {
            "images": self.state.seen,
            "hours": round(self.state.seconds / 3600, 3),
            "recipe": to_dict(self.config),
        }
        save_weights(path, self.config.model, parts, facts)


class _frozen:
    """Within: no gradients for this network's weights (they would be computed only to be thrown away)."""

    def __init__(self, net: paddle.nn.Layer):
        self.parameters = net.parameters()

    def __enter__(self) -> None:
        for p in self.parameters:
            p.stop_gradient = True

    def __exit__(self, *_: object) -> None:
        for p in self.parameters:
            p.stop_gradient = False


def learning_rate_scale(seen: int, images: int, decay: float) -> float:
    """1, then linearly to 0 over the last `decay` of `images`."""
    return min(1.0, max(0.0, (images - seen) / max(decay * images, 1e-8)))


def check_finite(values: dict[str, float], seen: int) -> None:
    """Raise UserError naming every loss that is NaN or infinite."""
    if bad := [name for name, value in values.items() if not math.isfinite(value)]:
        raise UserError(
            f"training stopped after {seen} pictures: {', '.join(bad)} became NaN or infinite; "
            "the last saved state is untouched: lower the learning rate and run the same command again"
        )
