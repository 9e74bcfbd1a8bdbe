"""One training step: batch -> reconstruction -> discriminator step -> generator step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import paddle

from .. import losses
from ..config import LOSSES as LOSSES
from ..config import Config
from ..geometry import Regions, main_class, regions, windows
from ..labels import BACKGROUND, NUM_LABELS
from ..models.boxes import class_boxes
from ..models.features import PerceptualFeatures, VGG19Features
from ..pixels import crops_to_tensor, labels_to_tensor, maps_as_pictures, to_tensor
from ..priors import Prior

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
class Batch:
    """A batch on the Paddle side; `boxes` are those of the whole maps, `regions` stays in numpy."""

    pictures: paddle.Tensor
    labels: paddle.Tensor
    label_pictures: paddle.Tensor
    clothes: paddle.Tensor
    boxes: paddle.Tensor
    crops: paddle.Tensor
    regions: Regions
    donors: np.ndarray
    prior_codes: np.ndarray | None
    """Codes of every pair drawn from a prior, float32 [P, 8, G, G]; they take the place of the donors' in the swapped
    pass."""
    seeds: np.ndarray

    @property
    def size(self) -> int:
        """Number of pictures."""
        return self.pictures.shape[0]


def make_batch(
    images: np.ndarray,
    labels: np.ndarray,
    seeds: np.ndarray,
    generator: Generator,
    crop: int,
    window: int = 0,
    prior: Prior | None = None,
) -> Batch:
    """uint8 [N, S, S, 3] and [N, S, S], one int seed a picture -> everything the steps need.

    The encoder gets whole garments; with a `window` pictures and maps are a part of each canvas, chosen by the
    pictures' seeds. With a `prior` the swapped pass paints what it draws, not the codes of other pictures.
    """
    found = regions(images, labels, crop, generator.config.grid)
    lenders = donors(found, labels)
    prior_codes = None if prior is None else _sample(prior, labels, seeds)
    boxes = class_boxes(labels_to_tensor(labels))
    if window:
        corners = np.concatenate([windows(labels[n : n + 1], window, _rng(s)) for n, s in enumerate(seeds)])
        boxes = boxes - paddle.to_tensor(np.tile(corners, 2)[:, None].astype(np.float32))
        images, labels = (_windows_of(pixels, corners, window) for pixels in (images, labels))
    return Batch(
        pictures=to_tensor(images),
        labels=labels_to_tensor(labels),
        label_pictures=maps_as_pictures(labels),
        clothes=paddle.to_tensor((labels != BACKGROUND)[:, None].astype(np.float32)),
        boxes=boxes,
        crops=crops_to_tensor(found.crops),
        regions=found,
        donors=lenders,
        prior_codes=prior_codes,
        seeds=seeds,
    )


def _sample(prior: Prior, labels: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """float32 [P, 8, G, G]: codes of every (picture, class) pair, in the order of `Regions.index`.

    Half the pictures are drawn at the default diversity, the others anywhere on the slider.
    """
    codes = []
    for one, seed in zip(labels, seeds, strict=True):
        rng = _rng(seed)
        diversity = 1.0 if rng.random() < 0.5 else rng.uniform(0, 1.5)
        codes.append(prior.sample(one, lambda _, s=int(seed): s, diversity, 1.0, {}))
    return np.stack([one[c] for one in codes for c in sorted(one)])


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng([int(seed), 1])


def _windows_of(pixels: np.ndarray, corners: np.ndarray, side: int) -> np.ndarray:
    return np.stack([one[y : y + side, x : x + side] for one, (y, x) in zip(pixels, corners, strict=True)])


def donors(cut: Regions, labels: np.ndarray) -> np.ndarray:
    """int64 [P]: for every pair the pair whose code it borrows in the swapped pass.

    Picture i takes the codes of picture i + 1; a class that picture lacks follows its main garment.
    """
    where = {int(i): p for p, i in enumerate(cut.index)}
    main = [n * NUM_LABELS + main_class(one) for n, one in enumerate(labels)]
    count = len(labels)

    def donor(i: int) -> int:
        other = (i // NUM_LABELS + 1) % count
        return where.get(other * NUM_LABELS + i % NUM_LABELS, where[main[other]])

    return np.array([donor(int(i)) for i in cut.index], np.int64)


def scatter_codes(packed: paddle.Tensor, index: paddle.Tensor, pictures: int) -> paddle.Tensor:
    """Packed codes [P, 8, G, G], their index [P] -> dense [N, NUM_LABELS, 8, G, G], zero where absent."""
    pairs, channels, grid, _ = packed.shape
    flat = paddle.zeros([pictures * NUM_LABELS, channels * grid * grid])  # [N K, 8 G G]
    flat = paddle.scatter(flat, index, packed.reshape([pairs, -1]))  # [N K, 8 G G]
    return flat.reshape([pictures, NUM_LABELS, channels, grid, grid])  # [N, K, 8, G, G]


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
        if batch.prior_codes is not None:
            borrowed = paddle.to_tensor(batch.prior_codes)  # [P, 8, G, G]
        else:
            borrowed = paddle.gather(packed.detach(), paddle.to_tensor(batch.donors))  # [P, 8, G, G]
        swapped = nets.generator(batch.labels, scatter_codes(borrowed, index, batch.size), noise, batch.boxes)
    return Outcome(fake, swapped, mu, logvar)


def draw_noise(batch: Batch, code_shape: list[int]) -> tuple[paddle.Tensor, paddle.Tensor]:
    """Code noise [P, 8, G, G] and pixel noise [N, 1, S / 2, S / 2]; each picture draws from its own seed."""
    half = batch.pictures.shape[2] // 2
    counts = np.bincount(batch.regions.pictures, minlength=batch.size)
    rngs = [np.random.default_rng(int(seed)) for seed in batch.seeds]
    codes = [r.standard_normal((n, *code_shape), dtype=np.float32) for r, n in zip(rngs, counts, strict=True)]
    noise = [r.standard_normal((1, half, half), dtype=np.float32) for r in rngs]
    return paddle.to_tensor(np.concatenate(codes)), paddle.to_tensor(np.stack(noise))


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
    nets: Networks, batch: Batch, out: Outcome, perceived: Perceived | None, heads: tuple[int, ...] = ()
) -> dict[str, paddle.Tensor]:
    """Real -> true, generated -> false, and the map itself shown as a picture -> false.

    `heads`: which of the perceived taps the discriminator's perceptual heads judge. They are not shown the map.
    """
    shown = [batch.pictures, batch.label_pictures, out.fake.detach()]
    if out.swapped is not None:
        shown.append(out.swapped.detach())
    features = nets.discriminator(paddle.concat(shown), paddle.concat([batch.labels] * len(shown)))
    n = batch.size
    real, made = part(features, 0, n), part(features, 2 * n, len(shown) * n)
    if perceived is not None and heads:
        joined = [paddle.concat([perceived.real[k], perceived.made[k].detach()]) for k in heads]
        judged = judge(nets, joined, perceived.labels)
        real, made = real + part(judged, 0, n), made + part(judged, n, len(joined[0]))
    values = {
        "d_real_loss": losses.hinge_real(real),
        "d_fake_loss": losses.hinge_fake(made),
        "d_seg_ganloss": losses.hinge_fake(part(features, n, 2 * n)),
    }
    values["d_all_loss"] = values["d_real_loss"] + values["d_fake_loss"] + values["d_seg_ganloss"]
    return values


def judge(nets: Networks, features: list[paddle.Tensor], labels: paddle.Tensor) -> list[list[paddle.Tensor]]:
    """What the perceptual heads think of joined groups of pictures, every group over the same labels."""
    groups = len(features[0]) // len(labels)
    return nets.discriminator.judge(features, paddle.concat([labels] * groups))


def part(features: losses.Features, start: int, stop: int) -> list[list[paddle.Tensor]]:
    """The features of some pictures of a joined batch."""
    return [[layer[start:stop] for layer in scale] for scale in features]


def generator_losses(
    nets: Networks,
    batch: Batch,
    out: Outcome,
    config: Config,
    adversarial: bool,
    perceived: Perceived | None,
    heads: tuple[int, ...] = (),
) -> dict[str, paddle.Tensor]:
    """The five terms of the generator, weighted, and their sum. Before `adversarial` the discriminator is left out."""
    weight = config.loss
    zero = paddle.zeros([])
    values = {"g_ganloss": zero, "g_featloss": zero, "g_vggloss": zero, "g_styleloss": zero}
    pixels = losses.masked_l1(out.fake, batch.pictures, batch.clothes)
    values["g_featloss"] = weight.feat * weight.pixel * pixels
    if adversarial:
        gan, matched = _adversarial(nets, batch, out, weight.swapped, perceived, heads)
        values["g_ganloss"] = gan
        values["g_featloss"] = values["g_featloss"] + weight.feat * matched
    if perceived is not None:
        real, fake = perceived.real, perceived.fake
        values["g_vggloss"] = weight.vgg * losses.perceptual(fake, real, weight.tap_weights)
        values["g_styleloss"] = weight.style * losses.style(fake, real, weight.tap_weights)
    values["kldloss"] = weight.kld * losses.kld(out.mu, out.logvar)
    total = values["g_ganloss"] + values["g_featloss"] + values["g_vggloss"] + values["g_styleloss"]
    values["g_loss"] = total + values["kldloss"]
    return values


def _adversarial(
    nets: Networks, batch: Batch, out: Outcome, swapped: float, perceived: Perceived | None, heads: tuple[int, ...]
) -> tuple[paddle.Tensor, paddle.Tensor]:
    with paddle.no_grad():
        real = nets.discriminator(batch.pictures, batch.labels)
    shown = [out.fake] if out.swapped is None else [out.fake, out.swapped]
    features = nets.discriminator(paddle.concat(shown), paddle.concat([batch.labels] * len(shown)))
    fake = part(features, 0, batch.size)
    matched = losses.feature_matching(fake, real, batch.clothes)
    if perceived is not None and heads:
        features = features + judge(nets, [perceived.made[k] for k in heads], perceived.labels)
    gan = losses.hinge_generator(part(features, 0, batch.size))
    if out.swapped is not None:
        gan = gan + swapped * losses.hinge_generator(part(features, batch.size, 2 * batch.size))
    return gan, matched
