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
from garmentgen.config import LOSSES
from garmentgen.labels import BACKGROUND, NUM_LABELS
from garmentgen.pixels import to_tensor
from garmentgen.presets import PRESETS
from garmentgen.training.batch import make_batch
from garmentgen.training.sight import Sight, draw_sight
from garmentgen.training.steps import Networks, Outcome, discriminator_losses, generator_losses, perceive


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


def test_moments_on_paper():
    features = np.array([[[[1.0, 3.0], [9.0, 9.0]], [[2.0, 2.0], [9.0, 9.0]]]], np.float32)
    features = np.repeat(np.repeat(features, 4, 2), 4, 3)  # 8 x 8: sixteen cells each of (1, 2), (3, 2), (9, 9)
    cloth = np.zeros((1, 1, 8, 8), np.float32)
    cloth[0, 0, :4] = 1  # the upper half: channel 0 is 1 and 3, channel 1 is 2
    got = losses.moments(tensor(features), tensor(cloth))
    assert got.mean.numpy()[0] == pytest.approx([2, 2]) and got.cells.numpy().tolist() == [32]
    assert got.spread.numpy()[0] == pytest.approx([1, 0.01], abs=1e-4)  # sqrt of the variance + 1e-4
    assert got.gram.numpy()[0].ravel() == pytest.approx([5, 4, 4, 4])  # means of 1 and 9; of 2 and 6; of 4


def test_cells_across_the_outline_do_not_count():
    features = np.zeros((1, 1, 8, 8), np.float32)
    features[0, 0, 4:] = 100
    cloth = np.zeros((1, 1, 16, 16), np.float32)
    cloth[0, 0, :9] = 1  # half of the ninth row of pixels' cells: 0.5 < COVERED
    got = losses.moments(tensor(features), tensor(cloth))
    assert got.cells.numpy().item() == 32 and got.mean.numpy().item() == 0


def test_worn_statistics_do_not_ask_where_things_are():
    rng = np.random.default_rng(0)
    one = rng.random((1, 3, 8, 8)).astype(np.float32)
    turned = one[:, :, ::-1, ::-1].copy()
    everywhere = tensor(np.ones((1, 1, 8, 8)))
    a, b = losses.moments(tensor(one), everywhere), losses.moments(tensor(turned), everywhere)
    assert [float(v) for v in losses.worn_statistics([a], [b], [1.0])] == pytest.approx([0, 0], abs=1e-4)
    brighter = losses.moments(tensor(one + 0.5), everywhere)
    stat, product = losses.worn_statistics([brighter, a], [a, b], [2.0, 1.0])
    assert float(stat) == pytest.approx(0.25, abs=1e-4) and float(product) > 0.1  # means .5 apart over magnitude 2


def test_a_mixture_of_codes_is_held_to_the_mixture_of_statistics():
    plain, loud = (losses.moments(tensor(np.full((1, 1, 4, 4), v)), tensor(np.ones((1, 1, 4, 4)))) for v in (1.0, 3.0))
    half = losses.between(plain, loud, tensor([0.25]))
    assert half.mean.numpy().item() == pytest.approx(1.5) and half.gram.numpy().item() == pytest.approx(
        3
    )  # 1 + (9 - 1) / 4


def test_pictures_with_too_little_cloth_count_nothing():
    features, cloth = np.ones((2, 1, 8, 8), np.float32), np.ones((2, 1, 8, 8), np.float32)
    cloth[1], cloth[1, 0, :3, :5] = 0, 1  # fifteen cells
    own, worn = losses.moments(tensor(features), tensor(cloth)), losses.moments(tensor(features + 1), tensor(cloth))
    assert float(losses.worn_statistics([worn], [own], [1.0])[0]) == pytest.approx(1, abs=1e-4)


def test_worn_pictures_of_foreign_origin_are_not_judged(step):
    nets, batch, out = step
    loans = dataclasses.replace(batch.loans, judged=np.array([False, False]))
    values = discriminator_losses(nets, dataclasses.replace(batch, loans=loans), out, None)
    assert float(values["d_fake_loss"]) == pytest.approx((1.1 + 1.2) / 2, abs=1e-4)  # the reconstruction alone
    config = dataclasses.replace(PRESETS["tiny"], loss=dataclasses.replace(PRESETS["tiny"].loss, swapped=1.0))
    made = generator_losses(nets, dataclasses.replace(batch, loans=loans), out, config, True, None)
    assert float(made["g_ganloss"]) == pytest.approx(-0.15, abs=1e-4)


def test_statistics_of_worn_cloth_are_logged_beside_the_ten_and_count(step):
    nets, batch, out = step
    batch = dataclasses.replace(batch, mains=np.array([TOP, TOP]))
    seen = perceive(lambda x: [x[:, :1]], batch, out, (12, 24), 8)
    loss = dataclasses.replace(PRESETS["tiny"].loss, swapped=0.5, taps=("relu1_2",), tap_weights=(1.0,), stat=2.0)
    values = generator_losses(nets, batch, out, dataclasses.replace(PRESETS["tiny"], loss=loss), False, seen)
    assert tuple(values) == (*LOSSES[4:9], "g_statloss", "g_gramloss", "g_loss")
    # the swapped cloth is -0.3 where its donor's is 0.6; both flat; the tap's magnitude is 1.2
    assert float(values["g_statloss"]) == pytest.approx(2 * 0.9 / 1.2, rel=1e-3) and float(values["g_gramloss"]) == 0
    total = sum(float(v) for name, v in values.items() if name != "g_loss")
    assert float(values["g_loss"]) == pytest.approx(total, rel=1e-5)


def test_other_light_leaves_the_ground_white_and_is_the_same_for_what_shares_a_map():
    labels = paddle.to_tensor(np.where(np.arange(16).reshape(1, 4, 4) < 8, 1, NUM_LABELS))
    pictures = tensor(np.where(labels.numpy()[:, None] == 1, 0.2, 1.0).repeat(3, 1))
    pictures[:, 0, :2] = 0.5
    sight = Sight(*(np.array([v], np.float32) for v in (0.1, 0.5, 1.0)), corner=(1, 0), side=3)
    seen, map_ = sight(paddle.concat([pictures, pictures]), paddle.concat([labels, labels]), np.zeros(2, np.int64))
    assert seen.shape == [2, 3, 3, 3] and (seen[0] == seen[1]).all() and map_.shape == [2, 3, 3]
    assert (seen[:, :, 1:] == 1).all(), "white stays white"
    # grey is .3; saturation halves the distance to it: .4 .25 .25; brightness adds .1
    assert seen[0, :, 0, 0].numpy() == pytest.approx([0.5, 0.35, 0.35], abs=1e-5)


def test_drawn_light_stays_within_its_bounds_and_windows_on_the_canvas():
    sights = [draw_sight(3, 64, 0.2, 48, np.random.default_rng(s)) for s in range(50)]
    assert all(np.abs(s.brightness).max() <= 0.2 and np.abs(s.contrast - 1).max() <= 0.2 for s in sights)
    assert {0, 16} >= {min(max(v, 0), 16) for s in sights for v in s.corner} - set(range(1, 16))
    assert draw_sight(2, 64, 0.0, 0, np.random.default_rng(0)).side == 64
