"""One training step: batch -> reconstruction -> discriminator step -> generator step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import paddle

from .. import losses
from ..config import LOSSES as LOSSES
from ..config import Config
from ..models.features import PerceptualFeatures, VGG19Features
from .batch import Batch, borrowed_codes, draw_noise, scatter_codes
from .sight import Sight, look, part, pick
from .worn import holds_statistics, worn_statistics

if TYPE_CHECKING:
    from ..models import Discriminator, Encoder, Generator


@dataclass(frozen=True)
class Networks:
    """The three trained networks and the frozen one (None when its losses have no weight)."""

    encoder: Encoder
    generator: Generator
    discriminator: Discriminator
    features: PerceptualFeatures | VGG19Features | None


@dataclass(frozen=True)
class Outcome:
    """What the generator made of a batch."""

    fake: paddle.Tensor
    swapped: paddle.Tensor | None
    mu: paddle.Tensor
    logvar: paddle.Tensor


def run_generator(nets: Networks, batch: Batch, swap: bool, frozen_encoder: bool = False) -> Outcome:
    """Reconstruct the batch and, if `swap`, paint its maps with one another's or the prior's codes."""
    index = paddle.to_tensor(batch.regions.index)
    with paddle.set_grad_enabled(not frozen_encoder and paddle.is_grad_enabled()):
        mu, logvar = nets.encoder(batch.crops, index, paddle.to_tensor(batch.regions.padding))
    code_noise, noise = draw_noise(batch, mu.shape[1:])
    packed = mu + code_noise * paddle.exp(0.5 * logvar)  # [P, 8, G, G]
    fake = nets.generator(batch.labels, scatter_codes(packed, index, batch.size), noise, batch.boxes)
    swapped = None
    if swap:
        borrowed = borrowed_codes(packed, batch)  # [P, 8, G, G]
        swapped = nets.generator(batch.labels, scatter_codes(borrowed, index, batch.size), noise, batch.boxes)
    return Outcome(fake, swapped, mu, logvar)


@dataclass(frozen=True)
class Perceived:
    """Perceptual features, one tensor a tap, of a random crop of each picture, and the labels of that crop.

    `made` has those of the reconstructions, then of the swapped pictures if there are any.
    """

    real: list[paddle.Tensor]
    made: list[paddle.Tensor]
    labels: paddle.Tensor

    @property
    def fake(self) -> list[paddle.Tensor]:
        """Features of the reconstructions."""
        return [made[: len(real)] for real, made in zip(self.real, self.made, strict=True)]


def perceive(
    features: PerceptualFeatures | VGG19Features, batch: Batch, out: Outcome, window: tuple[int, int], crop: int
) -> Perceived:
    """Look at the crop at `window` (it costs a quarter of whole pictures and serves as well); 0 = whole pictures."""
    top, left = window
    side = crop or batch.pictures.shape[2]
    made = out.fake if out.swapped is None else paddle.concat([out.fake, out.swapped])
    real, made = (x[:, :, top : top + side, left : left + side] for x in (batch.pictures, made))
    with paddle.no_grad():
        target = features(real)
    return Perceived(target, features(made), batch.labels[:, top : top + side, left : left + side])


def discriminator_losses(
    nets: Networks,
    batch: Batch,
    out: Outcome,
    perceived: Perceived | None,
    heads: tuple[int, ...] = (),
    sight: Sight | None = None,
) -> dict[str, paddle.Tensor]:
    """Real -> true, generated -> false, and the map itself shown as a picture -> false.

    `heads`: which of the perceived taps the discriminator's perceptual heads judge. They are not shown the map.
    `sight`: how the pixels' heads see pictures; None = as they are.
    """
    n, worn = batch.size, judged_swaps(batch, out)
    shown = [batch.pictures, batch.label_pictures, out.fake.detach()]
    if out.swapped is not None and worn.size:
        shown.append(pick(out.swapped, worn).detach())
    rows = np.concatenate([np.tile(np.arange(n), 3), worn])
    features = look(nets.discriminator, paddle.concat(shown), batch.labels, rows, sight)
    real, made = part(features, 0, n), part(features, 2 * n, len(rows))
    if perceived is not None and heads:
        chosen = np.concatenate([np.arange(n), n + worn])
        joined = [paddle.concat([perceived.real[k], pick(perceived.made[k], chosen).detach()]) for k in heads]
        judged = nets.discriminator.judge(joined, pick(perceived.labels, np.concatenate([np.arange(n), chosen % n])))
        real, made = real + part(judged, 0, n), made + part(judged, n, len(joined[0]))
    values = {
        "d_real_loss": losses.hinge_real(real),
        "d_fake_loss": losses.hinge_fake(made),
        "d_seg_ganloss": losses.hinge_fake(part(features, n, 2 * n)),
    }
    values["d_all_loss"] = values["d_real_loss"] + values["d_fake_loss"] + values["d_seg_ganloss"]
    return values


def judged_swaps(batch: Batch, out: Outcome) -> np.ndarray:
    """int64 [J]: the pictures whose swapped version the discriminator is shown."""
    return np.flatnonzero(batch.loans.judged) if out.swapped is not None else np.zeros(0, np.int64)


def generator_losses(
    nets: Networks,
    batch: Batch,
    out: Outcome,
    config: Config,
    adversarial: bool,
    perceived: Perceived | None,
    heads: tuple[int, ...] = (),
    sight: Sight | None = None,
) -> dict[str, paddle.Tensor]:
    """The terms of the generator, weighted, and their sum. Before `adversarial` the discriminator is left out."""
    weight = config.loss
    zero = paddle.zeros([])
    values = {"g_ganloss": zero, "g_featloss": zero, "g_vggloss": zero, "g_styleloss": zero}
    pixels = losses.masked_l1(out.fake, batch.pictures, batch.clothes)
    values["g_featloss"] = weight.feat * weight.pixel * pixels
    if adversarial:
        gan, matched = _adversarial(nets, batch, out, weight.swapped, perceived, heads, sight)
        values["g_ganloss"] = gan
        values["g_featloss"] = values["g_featloss"] + weight.feat * matched
    if perceived is not None:
        real, fake = perceived.real, perceived.fake
        values["g_vggloss"] = weight.vgg * losses.perceptual(fake, real, weight.tap_weights)
        values["g_styleloss"] = weight.style * losses.style(fake, real, weight.tap_weights)
    values["kldloss"] = weight.kld * losses.kld(out.mu, out.logvar)
    if perceived is not None and out.swapped is not None and holds_statistics(config):
        stat, gram = worn_statistics(
            perceived.real,
            [made[batch.size :] for made in perceived.made],
            perceived.labels,
            batch.mains,
            batch.loans,
            weight.taps,
        )
        values |= {"g_statloss": weight.stat * stat, "g_gramloss": weight.gram * gram}
    values["g_loss"] = paddle.add_n(list(values.values()))
    return values


def _adversarial(
    nets: Networks,
    batch: Batch,
    out: Outcome,
    swapped: float,
    perceived: Perceived | None,
    heads: tuple[int, ...],
    sight: Sight | None,
) -> tuple[paddle.Tensor, paddle.Tensor]:
    n, worn = batch.size, judged_swaps(batch, out) if swapped else np.zeros(0, np.int64)
    own = np.arange(n)
    with paddle.no_grad():
        real = look(nets.discriminator, batch.pictures, batch.labels, own, sight)
    shown = paddle.concat([out.fake, pick(out.swapped, worn)]) if out.swapped is not None and worn.size else out.fake
    features = look(nets.discriminator, shown, batch.labels, np.concatenate([own, worn]), sight)
    clothes = batch.clothes if sight is None else sight.window(batch.clothes)
    matched = losses.feature_matching(part(features, 0, n), real, clothes)
    if perceived is not None and heads:
        chosen = np.concatenate([own, n + worn])
        made = [pick(perceived.made[k], chosen) for k in heads]
        features = features + nets.discriminator.judge(made, pick(perceived.labels, chosen % n))
    gan = losses.hinge_generator(part(features, 0, n))
    if worn.size:
        gan = gan + swapped * losses.hinge_generator(part(features, n, n + worn.size))
    return gan, matched
