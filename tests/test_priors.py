"""The priors' common contract, and what each of them promises of its own."""

from __future__ import annotations

import numpy as np
import paddle
import pytest
from small_maps import DRESS, PANTS, POCKET, SHOE, SLEEVE, TOP, outfit

from garmentgen.labels import NUM_LABELS
from garmentgen.priors.bank import Bank, Garment, fit_bank
from garmentgen.priors.contract import region_noise
from garmentgen.priors.flow import FlowPrior, Velocity
from garmentgen.priors.gaussian import Gaussian, fit_gaussian
from garmentgen.priors.normal import Normal

GRID = 8
SHAPE = (8, GRID, GRID)


def garments(count: int = 12, seed: int = 0) -> tuple[list[dict[int, np.ndarray]], list[int]]:
    """Codes of tops with sleeves and of trousers, every garment its own random ones."""
    rng = np.random.default_rng(seed)
    mains = [TOP, PANTS] * (count // 2)
    classes = {TOP: (TOP, SLEEVE), PANTS: (PANTS,)}
    return [{c: rng.standard_normal(SHAPE).astype(np.float32) for c in classes[main]} for main in mains], mains


def flow() -> FlowPrior:
    paddle.seed(0)
    net = Velocity(8, GRID, width=16, depth=1, heads=2)
    net.eval()
    return FlowPrior(net, "test", engine="dynamic")


def bank() -> Bank:
    """Garments that differ in colour more than in texture, as cloth does."""
    levels = 3 * np.random.default_rng(1).standard_normal((24, 8, 1, 1)).astype(np.float32)
    coloured = [
        {c: code + level for c, code in one.items()} for one, level in zip(garments(24)[0], levels, strict=True)
    ]
    return fit_bank(
        [Garment(m, one, dict.fromkeys(one, (0, 0, 4, 4))) for one, m in zip(coloured, garments(24)[1], strict=True)]
    )


PRIORS = {
    "normal": lambda: Normal(SHAPE),
    "gaussian": lambda: fit_gaussian(garments()[0], 4),
    "bank": bank,
    "flow": flow,
}


@pytest.fixture(params=PRIORS, scope="module")
def prior(request):
    return PRIORS[request.param]()


def sample(prior, labels=None, seed=0, diversity=1.0, harmony=1.0, given=None, seeds=None):
    labels = outfit() if labels is None else labels
    return prior.sample(labels, lambda c: (seeds or {}).get(c, seed), diversity, harmony, given or {})


def equal(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[c], b[c]) for c in a)


def test_one_code_for_each_class_of_the_map(prior):
    codes = sample(prior)
    assert set(codes) == {TOP, SLEEVE, PANTS, POCKET}
    assert all(v.shape == SHAPE and v.dtype == np.float32 and np.isfinite(v).all() for v in codes.values())


def test_the_seed_alone_decides(prior):
    paddle.seed(1)
    np.random.seed(1)
    first = sample(prior, seed=5)
    paddle.seed(2)
    np.random.seed(2)
    assert equal(first, sample(prior, seed=5))
    others = [sample(prior, seed=s) for s in range(6, 12)]
    assert not any(equal(first, other) for other in others)


def test_diversity_zero_is_one_garment_whatever_the_seed(prior):
    assert equal(sample(prior, seed=1, diversity=0), sample(prior, seed=2, diversity=0))
    assert equal(sample(prior, seed=1, diversity=0, harmony=0), sample(prior, seed=9, diversity=0, harmony=0))


def test_diversity_widens_the_spread(prior):
    def spread(diversity: float) -> float:
        drawn = np.stack([sample(prior, seed=s, diversity=diversity)[TOP] for s in range(6)])
        return float(drawn.std(0).mean())

    low, middle, high = (spread(d) for d in (0.5, 1.0, 2.0))
    assert 0 < low < middle < high


def test_kept_codes_come_back_bit_for_bit(prior):
    rng = np.random.default_rng(3)
    given = {c: rng.standard_normal(SHAPE).astype(np.float16).astype(np.float32) for c in (TOP, POCKET)}
    codes = sample(prior, given=given)
    assert set(codes) == {TOP, SLEEVE, PANTS, POCKET}
    assert all(codes[c].tobytes() == given[c].tobytes() for c in given)


def test_keeping_everything_changes_nothing(prior):
    first = sample(prior, seed=1)
    assert equal(sample(prior, seed=2, diversity=2.0, harmony=0.3, given=first), first)


def test_a_region_drawn_again_is_another_one(prior):
    first = sample(prior)
    others = {c: v for c, v in first.items() if c != SLEEVE}
    drawn = [sample(prior, given=others, seeds={SLEEVE: s})[SLEEVE] for s in range(1, 5)]
    assert any(not np.array_equal(v, first[SLEEVE]) for v in drawn)
    assert any(not np.array_equal(drawn[0], v) for v in drawn[1:])


def test_a_small_edit_of_the_map_keeps_the_garment(prior):
    """One stroke at the hem moves the codes a small fraction of what another seed does."""
    labels = outfit()
    edited = labels.copy()
    edited[56:58, 24:40] = PANTS  # two rows longer
    before, after, other = sample(prior), sample(prior, edited), sample(prior, seed=1)
    moved, differ = (np.abs(x[PANTS] - before[PANTS]).mean() for x in (after, other))
    assert moved <= 0.1 * differ


@pytest.mark.parametrize("name", ["normal", "gaussian", "bank"])
def test_noise_belongs_to_the_class_not_to_the_canvas(name):
    prior = PRIORS[name]()
    moved = np.roll(outfit(), 6, 1)
    assert equal(sample(prior), sample(prior, moved))


# --- harmony ---------------------------------------------------------------------------------------------------------


def test_parts_follow_their_garment_as_far_as_harmony_says():
    prior = Normal(SHAPE)

    def correlation(a: int, b: int, harmony: float, seeds=None) -> float:
        codes = sample(prior, harmony=harmony, seeds=seeds)
        return float(np.corrcoef(codes[a].ravel(), codes[b].ravel())[0, 1])

    assert correlation(TOP, SLEEVE, 1.0) == pytest.approx(1)  # the sleeves touch the top alone
    assert abs(correlation(TOP, SLEEVE, 0.0)) < 0.2
    assert correlation(TOP, SLEEVE, 0.5) == pytest.approx(np.sqrt(0.5), abs=0.15)
    assert abs(correlation(PANTS, TOP, 1.0)) < 0.2, "another garment never follows"
    again = correlation(TOP, SLEEVE, 1.0, {SLEEVE: 4})
    assert again == pytest.approx(np.sqrt(0.5), abs=0.15), "a part drawn again still belongs, by half"


def test_harmony_leaves_the_spread_alone():
    drawn = np.stack([sample(Normal(SHAPE), seed=s, harmony=0.5)[SLEEVE] for s in range(40)])
    assert drawn.std() == pytest.approx(1, abs=0.03)


def test_regions_have_their_own_noise():
    first = region_noise(1, TOP, SHAPE)
    assert np.array_equal(first, region_noise(1, TOP, SHAPE)) and first.dtype == np.float32
    assert not np.array_equal(first, region_noise(1, PANTS, SHAPE))
    assert not np.array_equal(first, region_noise(2, TOP, SHAPE))


# --- Gaussian --------------------------------------------------------------------------------------------------------


def test_the_gaussian_recovers_a_known_mean_and_covariance():
    """More rows than numbers in a code; the case on paper below has fewer."""
    rng = np.random.default_rng(0)
    shape, count = (2, 4, 4), 4000
    mean = rng.standard_normal(shape)
    axes = np.linalg.qr(rng.standard_normal((32, 2)))[0].T.reshape(2, *shape) * np.array([3.0, 0.5]).reshape(2, 1, 1, 1)
    draws = rng.standard_normal((count, 2))
    codes = [{DRESS: (mean + np.tensordot(e, axes, 1)).astype(np.float32)} for e in draws]
    fitted = fit_gaussian(codes, rank=2)
    np.testing.assert_allclose(fitted.mean[DRESS], mean, atol=0.15)
    flat, factor = axes.reshape(2, -1), fitted.factor[DRESS].reshape(2, -1)
    np.testing.assert_allclose(factor.T @ factor, flat.T @ flat, atol=0.15)


def test_the_gaussian_of_two_codes_on_paper():
    """Mean m, one direction d: the sample covariance of m + d and m - d is 2 d d', shrunk by n / (n + rank) = 2 / 3."""
    m, d = np.full((1, 2, 2), 5.0, np.float32), np.array([[[1.0, 0.0], [0.0, -2.0]]], np.float32)
    fitted = fit_gaussian([{TOP: m + d}, {TOP: m - d}], rank=1)
    factor = fitted.factor[TOP, 0]
    np.testing.assert_allclose(fitted.mean[TOP], m, atol=1e-6)
    np.testing.assert_allclose(np.abs(factor), np.abs(d) * np.sqrt(2 * 2 / 3), atol=1e-5)
    assert np.sign(factor[0, 0, 0]) == -np.sign(factor[0, 1, 1])


def test_a_class_never_seen_is_the_mean_of_all_and_one_seen_once_does_not_vary():
    codes, _ = garments(2)
    fitted = fit_gaussian(codes, 4)
    everything = np.concatenate([np.stack(list(one.values())) for one in codes])
    np.testing.assert_allclose(fitted.mean[SHOE], everything.mean(0), atol=1e-6)
    assert not fitted.factor[SHOE].any() and not fitted.factor[PANTS].any()
    assert np.array_equal(fitted.mean[PANTS], codes[1][PANTS])
    assert fitted.mean.shape == (NUM_LABELS, *SHAPE) and fitted.factor.shape == (NUM_LABELS, 4, *SHAPE)


def test_a_draw_of_the_gaussian_is_mean_plus_its_factors():
    prior = fit_gaussian(garments()[0], 4)
    eps = region_noise(3, PANTS, (4,))
    expected = prior.mean[PANTS] + 1.5 * np.tensordot(eps, prior.factor[PANTS], 1)
    np.testing.assert_allclose(sample(prior, seed=3, diversity=1.5)[PANTS], expected, atol=1e-5)


def test_normal_codes_are_standard_normal():
    drawn = np.stack([sample(Normal(SHAPE), seed=s)[TOP] for s in range(40)])
    assert drawn.mean() == pytest.approx(0, abs=0.03) and drawn.std() == pytest.approx(1, abs=0.02)


def test_gaussian_is_a_value():
    fitted = fit_gaussian(garments()[0], 2)
    assert isinstance(fitted, Gaussian) and fitted.mean.dtype == fitted.factor.dtype == np.float32
