"""The priors' common contract, and what each of them promises of its own."""

from __future__ import annotations

import numpy as np
import paddle
import pytest
from small_maps import BOW, DRESS, PANTS, POCKET, SHOE, SLEEVE, TOP, blank, outfit

from garmentgen.flow import FlowPrior, Velocity
from garmentgen.labels import NUM_LABELS
from garmentgen.priors import (
    UNMIXED,
    Bank,
    Gaussian,
    Normal,
    fit_bank,
    fit_gaussian,
    least_varied,
    lowest_variance,
    region_noise,
)

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


PRIORS = {
    "normal": lambda: Normal(SHAPE),
    "gaussian": lambda: fit_gaussian(garments()[0], 4),
    "bank": lambda: fit_bank(*garments(24), 24),
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


# --- bank ------------------------------------------------------------------------------------------------------------


def coarse(code: np.ndarray) -> np.ndarray:
    return code.mean((1, 2), keepdims=True)


def test_the_bank_pairs_the_colour_of_one_real_code_with_the_texture_of_another():
    codes, mains = garments()
    prior = fit_bank(codes, mains, len(codes))
    real = [one[TOP] for one, main in zip(codes, mains, strict=True) if main == TOP]
    labels = np.full((64, 64), TOP, np.uint8)
    for seed in range(6):
        code = sample(prior, labels, seed)[TOP]
        fine = [np.abs((code - coarse(code)) - (r - coarse(r))).max() for r in real]
        broad = [np.abs(coarse(code) - coarse(r)).max() for r in real]
        assert min(fine) < 0.01 and min(broad) < 0.01, "both halves are those of real codes, to float16"


def test_half_the_banks_garments_keep_their_own_colour():
    """Twelve garments of a level and a slope: alike in both by chance once in twelve, and by intent half the time."""
    slope = np.linspace(-1, 1, 16, dtype=np.float32).reshape(1, 4, 4)
    codes = [{TOP: 10 * k + (k + 1) * slope} for k in range(12)]
    prior = fit_bank(codes, [TOP] * 12, 12)
    drawn = [sample(prior, np.full((64, 64), TOP, np.uint8), seed)[TOP] for seed in range(600)]
    own = [round(float(one.mean()) / 10) == round(float(np.ptp(one)) / 2) - 1 for one in drawn]
    assert np.mean(own) == pytest.approx(UNMIXED + (1 - UNMIXED) / 12, abs=0.06)


def test_the_typical_code_is_the_plainest_of_the_common_half():
    """Levels 0, 1, 2, 10 have the mean 3.25: 2 and 1 are nearest, and of them the one that varies less is 1."""
    slope = np.linspace(-1, 1, 16, dtype=np.float32).reshape(1, 4, 4)
    codes = np.stack([0 + 0 * slope, 1 + 0.2 * slope, 2 + 0.3 * slope, 10 + 0.1 * slope])
    assert np.array_equal(lowest_variance(codes), codes[1])
    assert np.array_equal(lowest_variance(codes[:1]), codes[0])


def test_the_busiest_quarter_of_every_kind_is_left_out():
    """Tops vary by 4, 1, 2, 3 and 9 times a slope: of the five the busiest is out. The only trousers stay."""
    slope = np.linspace(-1, 1, 16, dtype=np.float32).reshape(1, 4, 4)
    codes = [{TOP: 7 + k * slope, SLEEVE: 50 * slope} for k in (4, 1, 2, 3, 9)] + [{PANTS: 90 * slope}]
    assert least_varied(codes, [TOP] * 5 + [PANTS]) == [0, 1, 2, 3, 5]


def test_at_diversity_zero_a_part_is_as_plain_as_its_garment():
    prior = fit_bank(*garments(24), 24)
    labels = blank()
    labels[:, 16:48], labels[:, :16] = TOP, SLEEVE
    looks = [sample(prior, labels, seed, diversity=0.0, harmony=harmony) for seed in (1, 2) for harmony in (0.0, 1.0)]
    for one in looks:
        assert np.array_equal(one[TOP], looks[0][TOP]) and np.array_equal(one[SLEEVE], looks[0][TOP])


def test_the_banks_parts_come_with_their_garment():
    """At full harmony a sleeve is taken from the very garments its top is taken from."""
    shape = (1, 4, 4)
    codes = [{TOP: np.full(shape, k, np.float32), SLEEVE: np.full(shape, 100 + k, np.float32)} for k in range(10)]
    prior = fit_bank(codes, [TOP] * 10, 10)
    labels = blank()
    labels[:, 16:48], labels[:, :16] = TOP, SLEEVE
    pairs = [sample(prior, labels, seed) for seed in range(12)]
    assert all(np.allclose(one[SLEEVE] - one[TOP], 100, atol=0.2) for one in pairs)
    free = [sample(prior, labels, seed, harmony=0.0) for seed in range(12)]
    assert not all(np.allclose(one[SLEEVE] - one[TOP], 100, atol=0.2) for one in free)


def test_a_part_drawn_again_keeps_the_colour_of_its_garment_and_changes_its_texture():
    codes, mains = garments(24)
    prior = fit_bank(codes, mains, 24)
    before, after = sample(prior, seed=2), sample(prior, seed=2, seeds={SLEEVE: 77})
    np.testing.assert_allclose(coarse(before[SLEEVE]), coarse(after[SLEEVE]), atol=1e-5)
    assert not np.allclose(before[SLEEVE], after[SLEEVE], atol=1e-2)
    freed = sample(prior, seed=2, seeds={SLEEVE: 77}, harmony=0.0)
    assert not np.allclose(coarse(before[SLEEVE]), coarse(freed[SLEEVE]), atol=1e-2)


def test_a_class_the_bank_lacks_takes_another_garments_code():
    prior = fit_bank(*garments(), 8)
    code = sample(prior, np.full((64, 64), SHOE, np.uint8))[SHOE]
    assert code.shape == SHAPE and np.abs(code).max() > 0


def test_the_cloth_of_a_garment_goes_on_over_a_part_it_lacks():
    """A slope over the top; the pocket in its first cell reads a sixteenth of it, mirrored at the top's edge."""
    slope = np.linspace(-1, 1, 16, dtype=np.float32).reshape(1, 4, 4)
    prior = fit_bank([{TOP: 3 + slope}, {TOP: 5 + slope}, {TOP: 4 + slope}], [TOP] * 3, 3)
    labels = np.full((64, 64), TOP, np.uint8)
    labels[:16, :16] = POCKET
    place = np.abs((np.arange(4) + 0.5) / 4 - 0.5)  # of the pocket's cells in the top's grid
    expected = -1 + 2 * (4 * place[:, None] + place) / 15
    for seed in range(8):
        codes = sample(prior, labels, seed)
        np.testing.assert_allclose(codes[POCKET] - codes[TOP].mean(), expected[None], atol=3e-3)


def test_a_part_its_garment_lacks_has_its_colour_and_the_texture_of_another_garments_such_part():
    slope = np.linspace(-1, 1, 16, dtype=np.float32).reshape(1, 4, 4)
    tops = [{TOP: np.full((1, 4, 4), k, np.float32)} for k in range(3)]
    shirts = [{DRESS: slope, POCKET: 50 + (k + 1) * slope} for k in range(2)]
    prior = fit_bank(tops + shirts, [TOP] * 3 + [DRESS] * 2, 5)
    labels = np.full((64, 64), TOP, np.uint8)
    labels[:16, :16] = POCKET
    drawn = [sample(prior, labels, seed) for seed in range(20)]
    assert all(np.allclose(one[POCKET].mean(), one[TOP].mean(), atol=1e-2) for one in drawn)
    assert {round(float(np.ptp(one[POCKET]))) for one in drawn} == {2, 4}


def test_an_ornament_its_garment_lacks_has_a_code_of_its_own_and_one_it_has_comes_with_it():
    """One top has a bow, of its level plus 100; another kind of garment has bows of level 500 and more."""

    def flat(level: float) -> np.ndarray:
        return np.full((1, 4, 4), level, np.float32)

    tops = [{TOP: flat(0), BOW: flat(100)}, {TOP: flat(1)}, {TOP: flat(2)}]
    shoes = [{SHOE: flat(3), BOW: flat(500 + k)} for k in range(3)]
    prior = fit_bank(tops + shoes, [TOP] * 3 + [SHOE] * 3, 6)
    labels = np.full((64, 64), TOP, np.uint8)
    labels[:16, :16] = BOW
    drawn = [sample(prior, labels, seed) for seed in range(80)]
    seen = {(round(float(codes[TOP].mean())), round(float(codes[BOW].mean()))) for codes in drawn}
    assert {bow for top, bow in seen if top == 0} == {100}
    assert {bow for top, bow in seen if top > 0} >= {100, 500, 501, 502}
    assert sample(prior, labels, diversity=0.0)[BOW].mean() >= 100, "an ornament begins at one of its kind"


def test_the_bank_keeps_every_kind_of_garment():
    codes, mains = garments(20)
    rare = [{SHOE: np.ones(SHAPE, np.float32)}]
    bank = fit_bank(codes + rare * 1, mains + [SHOE], 9, seed=0)
    assert isinstance(bank, Bank) and len(np.unique(bank.entry)) == 9
    kept = [SHOE in fit_bank(codes + rare, mains + [SHOE], 9, seed=s).region for s in range(12)]
    assert all(kept), "one picture in twenty-one"


def test_the_banks_share_of_a_kind_is_the_square_root_of_its_frequency():
    """90 tops and 10 trousers: one of each, then 89 / sqrt(90) to 9 / sqrt(10), that is 3.3 to 1."""
    mains = [TOP] * 90 + [PANTS] * 10
    codes = [{c: np.full(SHAPE, k, np.float32)} for k, c in enumerate(mains)]
    trousers = [(fit_bank(codes, mains, 6, seed=s).region == PANTS).sum() for s in range(100)]
    assert np.mean(trousers) == pytest.approx(1 + 4 / 4.3, abs=0.25)


def test_normal_codes_are_standard_normal():
    drawn = np.stack([sample(Normal(SHAPE), seed=s)[TOP] for s in range(40)])
    assert drawn.mean() == pytest.approx(0, abs=0.03) and drawn.std() == pytest.approx(1, abs=0.02)


def test_gaussian_is_a_value():
    fitted = fit_gaussian(garments()[0], 2)
    assert isinstance(fitted, Gaussian) and fitted.mean.dtype == fitted.factor.dtype == np.float32
