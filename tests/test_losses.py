"""Every loss against a case worked on paper or a NumPy reference; the named sums; what each job of the judge counts."""

from __future__ import annotations

import dataclasses
import math
from types import SimpleNamespace

import numpy as np
import paddle
import pytest
from small_maps import TOP, blank, outfit, photo_of

from garmentgen import losses
from garmentgen.config import LOSSES, PRESETS
from garmentgen.labels import BACKGROUND
from garmentgen.pixels import to_tensor
from garmentgen.training.steps import Networks, Outcome, discriminator_losses, generator_losses, make_batch, perceive


def tensor(values) -> paddle.Tensor:
    return paddle.to_tensor(np.asarray(values, np.float32))


def logits(*scales: list[float]) -> list[list[paddle.Tensor]]:
    """Features that are logits alone, one list of values a scale."""
    return [[tensor(values).reshape([-1, 1, 1, 1])] for values in scales]


def test_hinge_losses_on_paper():
    features = logits([2.0, 0.5, -1.0], [0.0])
    # real: scale 1 has max(0, 1 - l) = 0, .5, 2 (mean 5/6), scale 2 has 1; fake: 3, 1.5, 0 (mean 1.5) and 1
    assert float(losses.hinge_real(features)) == pytest.approx((5 / 6 + 1) / 2, abs=1e-6)
    assert float(losses.hinge_fake(features)) == pytest.approx((1.5 + 1) / 2, abs=1e-6)
    assert float(losses.hinge_generator(features)) == pytest.approx((-0.5 + 0) / 2, abs=1e-6)


def test_only_logits_are_judged():
    with_features = [[tensor(np.full((1, 2, 4, 4), 99.0)), tensor([[[[0.5]]]])]]
    assert float(losses.hinge_real(with_features)) == 0.5


def test_masked_l1_counts_clothes_only_and_every_picture_alike():
    a, b = np.zeros((2, 3, 2, 2), np.float32), np.zeros((2, 3, 2, 2), np.float32)
    clothes = np.zeros((2, 1, 2, 2), np.float32)
    a[0, :, 0, 0], clothes[0, 0, 0] = 3.0, 1  # picture 0: differences 3 and 0 inside: 1.5
    a[0, :, 1], a[1, :, 1] = 100.0, 100.0  # outside: must not count
    a[1, 0, 0, 1], clothes[1, 0, 0, 1] = 6.0, 1  # picture 1: one pixel, one channel of three: 2
    assert float(losses.masked_l1(tensor(a), tensor(b), tensor(clothes))) == pytest.approx(1.75, rel=1e-5)


def test_masked_l1_of_smaller_features_weighs_by_covered_area():
    clothes = np.zeros((1, 1, 4, 4), np.float32)
    clothes[0, 0, :2, :2], clothes[0, 0, 0, 2] = 1, 1  # at 2 x 2 the mask is 1 and 1/4, else 0
    a = np.array([[[[2.0, 12.0], [50.0, 50.0]]]], np.float32)
    got = losses.masked_l1(tensor(a), tensor(np.zeros_like(a)), tensor(clothes))
    assert float(got) == pytest.approx((2 + 12 / 4) / 1.25, rel=1e-5)


def test_a_batch_is_worth_the_mean_of_its_parts():
    """Several processes must give what one would."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 4, 3, 8, 8))
    clothes = (rng.random((4, 1, 8, 8)) < [[[[0.1]]], [[[0.9]]], [[[0.5]]], [[[0.3]]]]).astype(np.float32)
    whole = float(losses.masked_l1(tensor(a), tensor(b), tensor(clothes)))
    halves = [float(losses.masked_l1(tensor(a[s]), tensor(b[s]), tensor(clothes[s]))) for s in (slice(2), slice(2, 4))]
    assert whole == pytest.approx(np.mean(halves), rel=1e-6)


def test_feature_matching_is_the_mean_over_layers_and_scales_without_logits():
    ones = tensor(np.ones((1, 1, 4, 4)))
    fake = [[ones * 1, ones * 2, ones * 1000], [ones * 3, ones * 1000]]
    real = [[ones * 0, ones * 0, ones * 0], [ones * 0, ones * 0]]
    got = losses.feature_matching(fake, real, tensor(np.ones((1, 1, 4, 4))))
    assert float(got) == pytest.approx((1 + 2 + 3) / 3, rel=1e-5)


def test_feature_matching_does_not_train_the_real_side():
    fake, real = tensor(np.ones((1, 1, 2, 2))), tensor(np.zeros((1, 1, 2, 2)))
    fake.stop_gradient = real.stop_gradient = False
    losses.feature_matching([[fake, fake]], [[real, real]], tensor(np.ones((1, 1, 2, 2)))).backward()
    assert real.grad is None and float(fake.grad.sum()) == pytest.approx(1, rel=1e-5)


def test_perceptual_is_a_weighted_sum_of_means():
    fake = [tensor(np.full((1, 2, 2, 2), 3.0)), tensor([[[[1.0, -1.0]]]])]
    real = [tensor(np.ones((1, 2, 2, 2))), tensor([[[[0.0, 1.0]]]])]
    assert float(losses.perceptual(fake, real, (0.25, 1.0))) == pytest.approx(0.25 * 2 + 1.5)


def test_gram_matrix_against_numpy():
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5)).astype(np.float32)
    flat = x.reshape(2, 3, 20)
    np.testing.assert_allclose(
        losses.gram(tensor(x)).numpy(), flat @ flat.transpose(0, 2, 1) / 60, rtol=1e-5, atol=1e-6
    )


def test_style_is_blind_to_place_and_worked_on_paper():
    x = np.random.default_rng(1).standard_normal((1, 3, 4, 4)).astype(np.float32)
    assert float(losses.style([tensor(x)], [tensor(x[..., ::-1].copy())], (1.0,))) == pytest.approx(0, abs=1e-6)
    # one pixel, two channels: Grams are [[4, 2], [2, 1]] / 2 and 0; the sum of |.| is 4.5, over C 2.25, times 3
    fake, real = tensor([[[[2.0]], [[1.0]]]]), tensor([[[[0.0]], [[0.0]]]])
    assert float(losses.style([fake], [real], (3.0,))) == pytest.approx(6.75)


def test_kl_divergence_on_paper():
    def kld(mu: float, logvar: float) -> float:
        shape = (3, 8, 4, 4)
        return float(losses.kld(tensor(np.full(shape, mu)), tensor(np.full(shape, logvar))))

    assert kld(0, 0) == 0
    assert kld(1, 0) == pytest.approx(0.5)  # mu^2 / 2
    assert kld(0, math.log(4)) == pytest.approx(0.5 * (4 - 1 - math.log(4)), rel=1e-6)


# --- a whole step's losses, with a judge whose answers are known -----------------------------------------------------


class Judge:
    """Two heads; a picture's feature and logit are its mean over the clothes, the second head's twice that."""

    def __call__(self, pictures: paddle.Tensor, labels: paddle.Tensor) -> list[list[paddle.Tensor]]:
        clothes = (labels != labels.max()).astype("float32").unsqueeze(1)
        inside = (pictures * clothes).sum([1, 2, 3], keepdim=True) / (3 * clothes.sum([1, 2, 3], keepdim=True))
        plane = inside.expand([-1, 1, *pictures.shape[2:]])
        return [[plane, inside], [2 * plane, 2 * inside]]

    def judge(self, features: list[paddle.Tensor], labels: paddle.Tensor) -> list[list[paddle.Tensor]]:
        return [[x, x] for x in features]


@pytest.fixture(scope="module")
def step():
    """(networks, batch, outcome): real clothes are 0.6, the reconstruction is 0.1, the swapped picture -0.3."""
    labels = np.stack([outfit(), outfit()])
    real = np.where((labels == BACKGROUND)[..., None], 255, 204).astype(np.uint8).repeat(3, -1)
    generator = SimpleNamespace(config=PRESETS["tiny"].model, maps=lambda _: ())
    batch = make_batch(real, labels, np.arange(2), generator, 64)
    clothes = batch.clothes

    def flat(value: float) -> paddle.Tensor:
        return (1 + (value - 1) * clothes).expand([2, 3, 64, 64])

    codes = tensor(np.ones((4, 8, 8, 8)))
    return Networks(None, None, Judge(), None), batch, Outcome(flat(0.1), flat(-0.3), codes, codes * 0)


def test_the_judges_three_jobs_and_their_sum(step):
    nets, batch, out = step
    values = {name: float(v) for name, v in discriminator_losses(nets, batch, out, None).items()}
    assert values["d_real_loss"] == pytest.approx((0.4 + 0) / 2, abs=1e-4)  # logits 0.6 and 1.2
    # generated: 0.1 and 0.2 of the reconstruction, -0.3 and -0.6 of the swapped picture, all -> false
    assert values["d_fake_loss"] == pytest.approx(((1.1 + 0.7) / 2 + (1.2 + 0.4) / 2) / 2, abs=1e-4)
    shown = batch.label_pictures.numpy().transpose(0, 2, 3, 1)[batch.labels.numpy() != batch.labels.numpy().max()]
    mean = float(shown.mean())  # the map itself, shown as a picture
    assert values["d_seg_ganloss"] == pytest.approx((max(0, 1 + mean) + max(0, 1 + 2 * mean)) / 2, abs=1e-4)
    total = values["d_real_loss"] + values["d_fake_loss"] + values["d_seg_ganloss"]
    assert values["d_all_loss"] == pytest.approx(total, rel=1e-6) and tuple(values) == LOSSES[:4]


def test_the_five_terms_of_the_generator_and_their_sum(step):
    nets, batch, out = step
    loss = dataclasses.replace(PRESETS["tiny"].loss, feat=10.0, pixel=2.0, swapped=0.5, kld=0.05)
    config = dataclasses.replace(PRESETS["tiny"], loss=loss)
    values = {k: float(v) for k, v in generator_losses(nets, batch, out, config, True, None).items()}
    assert tuple(values) == LOSSES[4:]
    assert values["g_ganloss"] == pytest.approx(-0.15 + 0.5 * 0.45, abs=1e-4)  # -(.1 + .2) / 2 and half of .45
    # pixels differ by .5 (weight 10 x 2); the two heads' features by .5 and 1 (weight 10)
    assert values["g_featloss"] == pytest.approx(10 * 2 * 0.5 + 10 * 0.75, rel=1e-3)
    assert values["kldloss"] == pytest.approx(0.05 * 0.5, rel=1e-5)
    assert values["g_vggloss"] == values["g_styleloss"] == 0
    assert values["g_loss"] == pytest.approx(sum(values[name] for name in LOSSES[4:9]), rel=1e-6)


def test_perceptual_heads_judge_features_and_count_as_heads(step):
    """Beside the two heads on pictures (logits x and 2x), one on features that are four times the picture's mean."""
    nets, batch, out = step
    seen = perceive(lambda x: [x * 0, 4 * x.mean([1, 2, 3], keepdim=True)], batch, out, (12, 24), 8)
    values = {k: float(v) for k, v in discriminator_losses(nets, batch, out, seen, (1,)).items()}
    assert values["d_real_loss"] == pytest.approx((0.4 + 0 + 0) / 3, abs=1e-3)  # 4 x .6 is above the margin
    pictures = (1.1 + 0.7) / 2 + (1.2 + 0.4) / 2
    assert values["d_fake_loss"] == pytest.approx((pictures + (1.4 + 0) / 2) / 3, abs=1e-3)
    assert values["d_seg_ganloss"] == pytest.approx(
        float(discriminator_losses(nets, batch, out, None)["d_seg_ganloss"])
    )
    loss = dataclasses.replace(PRESETS["tiny"].loss, swapped=0.5, vgg=0.0, style=0.0)
    config = dataclasses.replace(PRESETS["tiny"], loss=dataclasses.replace(loss, tap_weights=(1.0, 1.0)))
    made = generator_losses(nets, batch, out, config, True, seen, (1,))
    assert float(made["g_ganloss"]) == pytest.approx(-(0.1 + 0.2 + 0.4) / 3 + 0.5 * (0.3 + 0.6 + 1.2) / 3, abs=1e-3)


def test_before_the_discriminator_joins_its_terms_are_zero(step):
    nets, batch, out = step
    config = dataclasses.replace(PRESETS["tiny"], loss=dataclasses.replace(PRESETS["tiny"].loss, pixel=1.0, feat=10.0))
    values = generator_losses(dataclasses.replace(nets, discriminator=None), batch, out, config, False, None)
    assert float(values["g_ganloss"]) == 0 and float(values["g_featloss"]) == pytest.approx(5.0, rel=1e-3)


def test_perceptual_terms_see_the_crop_and_carry_their_weights(step):
    nets, batch, out = step
    seen = []

    def features(x: paddle.Tensor) -> list[paddle.Tensor]:
        seen.append(x.shape)
        return [x.mean([1, 2, 3], keepdim=True)]

    loss = dataclasses.replace(PRESETS["tiny"].loss, vgg=4.0, style=3.0, tap_weights=(0.5,), crop=8)
    config = dataclasses.replace(PRESETS["tiny"], loss=loss)
    seen_by_features = perceive(features, batch, out, (12, 24), loss.crop)  # a window inside the top
    values = generator_losses(nets, batch, out, config, False, seen_by_features)
    assert seen == [[2, 3, 8, 8], [4, 3, 8, 8]]  # real, then reconstruction and swapped picture together
    assert seen_by_features.labels.shape == [2, 8, 8] and (seen_by_features.labels.numpy() == TOP).all()
    assert float(values["g_vggloss"]) == pytest.approx(4 * 0.5 * 0.5, rel=1e-3)
    assert float(values["g_styleloss"]) == pytest.approx(3 * 0.5 * (0.36 - 0.01), rel=1e-3)


def test_losses_read_the_masked_picture_not_its_surroundings():
    """A generator that paints the background wrongly is not told so: background is never generated."""
    labels = blank(32)
    labels[8:24, 8:24] = TOP
    picture = to_tensor(photo_of(labels)[None])
    clothes = tensor((labels != BACKGROUND)[None, None])
    wrong = picture * clothes + (1 - clothes) * -1
    assert float(losses.masked_l1(wrong, picture, clothes)) == 0
