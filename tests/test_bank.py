"""The bank: real codes as they are, dealt by the seed, fitting the outline, in pairs."""

from __future__ import annotations

import numpy as np
import pytest
from small_maps import BOW, POCKET, SHOE, SLEEVE, TOP, blank, outfit

from garmentgen.checkpoint import Weights
from garmentgen.labels import NUM_LABELS, find
from garmentgen.presets import PRESETS
from garmentgen.priors.bank import HANDS, OUTGROWN, Bank, Garment, fit_bank, in_one_piece, left_piece, plainest
from garmentgen.priors.files import bank_part, prior_from

SWEATER = find("sweater").id


def flat(level: float) -> np.ndarray:
    return np.full((1, 4, 4), level, np.float32)


def garment(main: int, codes: dict[int, np.ndarray], **box: tuple[int, int, int, int]) -> Garment:
    """A garment whose every class lies on the same square unless a class's box is given by its name."""
    given = {find(name).id: place for name, place in box.items()}
    return Garment(main, codes, dict.fromkeys(codes, (0, 0, 8, 8)) | given)


def tops(count: int) -> Bank:
    """Tops of levels 0, 1 ... with sleeves of a hundred more."""
    return fit_bank([garment(TOP, {TOP: flat(k), SLEEVE: flat(100 + k)}) for k in range(count)])


def sample(bank, labels=None, seed=0, diversity=1.0, harmony=1.0, given=None, seeds=None):
    labels = np.full((64, 64), TOP, np.uint8) if labels is None else labels
    return bank.sample(labels, lambda c: (seeds or {}).get(c, seed), diversity, harmony, given or {})


def level(bank, c: int = TOP, **settings) -> int:
    """Mean of what is drawn for a class: which of the flat garments it is."""
    return round(float(sample(bank, **settings)[c].mean()))


def sleeved() -> np.ndarray:
    labels = blank()
    labels[:, 16:48], labels[:, :16] = TOP, SLEEVE
    return labels


# --- dealing ---------------------------------------------------------------------------------------------------------


def test_every_code_is_a_real_one():
    rng = np.random.default_rng(0)
    codes = [rng.standard_normal((2, 4, 4)).astype(np.float16) for _ in range(9)]
    bank = fit_bank([garment(TOP, {TOP: code}) for code in codes])
    for diversity in (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2):
        for seed in range(9):
            away = np.abs(sample(bank, seed=seed, diversity=diversity)[TOP] - np.stack(codes))
            assert away.max((1, 2, 3)).min() <= 1 / 128, "but for the steps of 1/64 in which codes are kept"


@pytest.mark.parametrize("count", [5, HANDS, 45, 3 * HANDS])
def test_consecutive_seeds_give_different_garments_until_all_have_been_dealt(count):
    drawn = [level(tops(count), seed=seed) for seed in range(2 * HANDS)]
    hands = min(count, HANDS)
    assert len(set(drawn[:hands])) == hands and len(set(drawn[hands : 2 * hands])) == hands
    if count > 1:
        assert drawn[:hands] != drawn[hands : 2 * hands], "shuffled anew"


def test_diversity_is_how_far_from_the_typical_garment_one_may_be_chosen():
    """Of levels 0 to 8 the commonest is 4; from there outwards 3 and 5, then 2 and 6 ..."""
    bank = tops(9)
    reach = {d: {level(bank, seed=seed, diversity=d) for seed in range(64)} for d in (0, 0.25, 0.5, 1, 1.5, 3)}
    assert reach[0] == {4} and reach[0.25] == {3, 4, 5} and reach[0.5] == {2, 3, 4, 5, 6} and reach[1] == set(range(9))
    assert reach[1.5] == {0, 1, 2, 6, 7, 8}, "the outer two thirds"
    assert reach[3] == {0, 7, 8}, "the outer third"


def test_the_typical_garment_varies_least_of_the_common_half():
    """Levels 0, 1, 2, 10 have the mean 3.25: 2 and 1 are nearest, and of them the one that varies less is 1."""
    level, varies = np.array([[0.0], [1.0], [2.0], [10.0]]), np.array([0.0, 0.2, 0.3, 0.1])
    assert plainest(level, varies) == 1 and plainest(level[:1], varies[:1]) == 0


def test_the_typical_garment_paints_the_plainest_cloth():
    """Of levels 0 to 8, which 2 to 6 are common of, 5 was painted the plainest; 0 is plainer still, but rare."""
    uneven = np.full((9, NUM_LABELS), np.inf)
    uneven[:, TOP] = [0.1, 0.9, 0.9, 0.9, 0.9, 0.2, 0.9, 0.9, 0.9]
    bank = fit_bank([garment(TOP, {TOP: flat(k)}) for k in range(9)], None, uneven)
    assert level(bank, diversity=0.0) == 5


def test_only_what_suits_a_class_dresses_it_and_that_may_be_anothers_cloth():
    bank = [garment(TOP, {TOP: flat(k)}) for k in range(6)] + [garment(SWEATER, {SWEATER: flat(50)})]
    suits = np.zeros((7, NUM_LABELS), bool)
    suits[:4, TOP] = suits[[1, 5, 6], SWEATER] = True
    fitted = fit_bank(bank, suits)
    assert {level(fitted, seed=s) for s in range(64)} == {0, 1, 2, 3}
    knitted = np.full((64, 64), SWEATER, np.uint8)
    assert {level(fitted, SWEATER, labels=knitted, seed=s) for s in range(64)} == {1, 5, 50}
    assert sorted(fitted.fits[:, TOP]) == [0, 0, 0, 1, 2, 3, 4]


def test_a_class_the_bank_lacks_takes_any_garment():
    assert level(tops(3), SHOE, labels=np.full((64, 64), SHOE, np.uint8)) in range(3)


# --- outlines --------------------------------------------------------------------------------------------------------


def test_of_a_hand_the_garment_of_the_nearest_proportions_is_worn():
    """Half of the tops are twice as high as wide: a tall map is dressed by them, a wide one hardly ever."""
    shapes = [(0, 0, 8, 4), (0, 0, 4, 8)] * HANDS * 2
    bank = fit_bank([garment(TOP, {TOP: flat(k)}, top=box) for k, box in enumerate(shapes)])
    tall, wide = blank(), blank()
    tall[:, 16:48] = wide[16:48] = TOP
    high = np.mean([level(bank, labels=tall, seed=s) % 2 == 0 for s in range(HANDS)])
    low = np.mean([level(bank, labels=wide, seed=s) % 2 == 0 for s in range(HANDS)])
    assert high > 0.8 and low < 0.2


def test_sleeves_of_the_painted_length_are_preferred():
    """All tops are 64 px long; every other one's sleeves end at the chest, the others' at the hem, as the map's do."""
    ends = [16, 64] * HANDS * 2
    bank = fit_bank(
        [
            garment(TOP, {TOP: flat(k), SLEEVE: flat(k)}, top=(0, 16, 64, 48), sleeve=(0, 0, end, 16))
            for k, end in enumerate(ends)
        ]
    )
    assert np.mean([level(bank, labels=sleeved(), seed=s) % 2 for s in range(HANDS)]) > 0.8


def test_a_stroke_hardly_ever_changes_who_is_chosen():
    rng = np.random.default_rng(0)
    places = [(0, 0, int(h), int(w)) for h, w in rng.integers(20, 60, (4 * HANDS, 2))]
    bank = fit_bank([garment(TOP, {TOP: flat(k)}, top=box) for k, box in enumerate(places)])
    before, after = blank(), blank()
    before[10:50, 16:48], after[10:51, 16:48] = TOP, TOP
    same = [level(bank, labels=before, seed=s) == level(bank, labels=after, seed=s) for s in range(HANDS)]
    assert np.mean(same) > 0.8


# --- parts -----------------------------------------------------------------------------------------------------------


def test_a_garments_parts_come_with_it_and_free_ones_do_not():
    pairs = [sample(tops(10), sleeved(), seed) for seed in range(12)]
    assert all(np.allclose(one[SLEEVE] - one[TOP], 100) for one in pairs)
    free = [sample(tops(10), sleeved(), seed, harmony=0.0) for seed in range(12)]
    assert not all(np.allclose(one[SLEEVE] - one[TOP], 100) for one in free)


def test_a_part_drawn_again_is_one_of_near_colour_and_each_time_another():
    bank = tops(20)
    before = sample(bank, sleeved(), 2)
    drawn = [float(sample(bank, sleeved(), 2, seeds={SLEEVE: s})[SLEEVE].mean()) for s in range(3, 9)]
    own = float(before[SLEEVE].mean())
    assert len(set(drawn)) == 6 and own not in drawn and all(abs(one - own) <= 8 for one in drawn)
    still = sample(bank, sleeved(), 2, diversity=0.0, seeds={SLEEVE: 5})
    assert np.array_equal(still[SLEEVE], sample(bank, sleeved(), 9, diversity=0.0)[SLEEVE]), "none at diversity 0"
    lone = fit_bank([garment(TOP, {TOP: flat(1), SLEEVE: flat(2)})])
    assert level(lone, SLEEVE, labels=sleeved(), seeds={SLEEVE: 5}) == 2, "there is no other"


def test_the_cloth_of_a_garment_goes_on_over_a_part_it_lacks():
    """A slope over the top; the pocket in its first cell reads a sixteenth of it, mirrored at the top's edge."""
    slope = np.linspace(-1, 1, 16, dtype=np.float32).reshape(1, 4, 4)
    bank = fit_bank([garment(TOP, {TOP: k + slope}) for k in (3, 4, 5)])
    labels = np.full((64, 64), TOP, np.uint8)
    labels[:16, :16] = POCKET
    place = np.abs((np.arange(4) + 0.5) / 4 - 0.5)  # of the pocket's cells in the top's grid
    expected = -1 + 2 * (4 * place[:, None] + place) / 15
    for seed in range(8):
        codes = sample(bank, labels, seed)
        np.testing.assert_allclose(codes[POCKET] - codes[TOP].mean(), expected[None], atol=3e-3)


def test_an_ornament_its_garment_lacks_is_another_garments_and_one_it_has_comes_with_it():
    """One top has a bow, of its level plus 100; shoes have bows of level 500 and more."""
    own = [garment(TOP, {TOP: flat(0), BOW: flat(100)}), garment(TOP, {TOP: flat(1)}), garment(TOP, {TOP: flat(2)})]
    bank = fit_bank(own + [garment(SHOE, {SHOE: flat(3), BOW: flat(500 + k)}) for k in range(3)])
    labels = np.full((64, 64), TOP, np.uint8)
    labels[:16, :16] = BOW
    drawn = [sample(bank, labels, seed) for seed in range(80)]
    seen = {(round(float(codes[TOP].mean())), round(float(codes[BOW].mean()))) for codes in drawn}
    assert {bow for top, bow in seen if top == 0} == {100}
    assert {bow for top, bow in seen if top > 0} >= {100, 500, 501, 502}


# --- pairs -----------------------------------------------------------------------------------------------------------


def test_a_pair_wears_the_code_of_both_and_a_single_piece_the_half_of_it():
    """A code that says 1 of the left piece and 5 of the right one."""
    both = np.repeat([[[1.0, 1, 5, 5]]], 4, 1).astype(np.float32)
    bank = fit_bank([garment(TOP, {TOP: both, SLEEVE: both}), garment(SHOE, {SHOE: both})])
    assert np.array_equal(sample(bank, outfit())[SLEEVE], both)
    one = np.where(outfit() == SLEEVE, 255, outfit())
    one[10:40, 4:20] = SLEEVE
    codes = sample(bank, one)
    assert np.allclose(codes[SLEEVE][:, :, :3], 1) and np.array_equal(codes[SLEEVE], left_piece(both))
    assert np.array_equal(codes[TOP], both), "a body comes in no pair"


def test_the_left_piece_is_drawn_out_to_the_width_of_both():
    """Cells of the whole lie two wide: centres at 0, 2, 4 ... of eight; half of it at 0, 1, 2, 3 of those eight."""
    code = np.tile(np.arange(4, dtype=np.float32), (1, 4, 1))
    assert np.allclose(left_piece(code), [0.25, 0.25, 0.75, 1.25])


def test_what_lies_in_one_piece():
    labels = blank()
    labels[10:40, 4:20] = labels[10:40, 40:56] = SHOE
    assert not in_one_piece(labels, SHOE, (10, 4, 40, 56))
    assert in_one_piece(labels, SHOE, (10, 4, 40, 20)), "one shoe"
    labels[10, 20:40] = SHOE
    assert in_one_piece(labels, SHOE, (10, 4, 40, 56)), "a band joins them"


@pytest.mark.parametrize(("side", "worn"), [(31, "own"), (33, "cloth")])
def test_a_part_far_larger_than_on_its_garments_picture_is_cut_from_the_cloth(side, worn):
    """A pocket of 16 x 16 in a top of 64 x 64: up to 32 x 32, four times its share, it is that pocket still."""
    assert OUTGROWN == 4
    picture = {TOP: (0, 0, 64, 64), POCKET: (0, 0, 16, 16)}
    bank = fit_bank([Garment(TOP, {TOP: flat(1), POCKET: flat(7)}, picture)])
    labels = np.full((64, 64), TOP, np.uint8)
    labels[:side, :side] = POCKET
    assert float(sample(bank, labels)[POCKET].mean()) == {"own": 7, "cloth": 1}[worn]


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_bank_of_an_older_file_loads_and_draws():
    """Without `fits`: every garment suits the classes it has, the plainest of common colour is the typical one."""
    model = PRESETS["tiny"].model
    shape = (model.code_channels, model.grid, model.grid)
    old = {name: value.astype(np.float16) for name, value in bank_part(tops(9)).items() if name not in ("box", "fits")}
    old["codes"] = np.tile(old["codes"][:, :, :1, :1], (1, *shape))
    old["typical"] = np.zeros((NUM_LABELS, *shape), np.float16)
    loaded = prior_from(Weights(model, {"prior_bank": old}, {}, "old"), None)
    assert isinstance(loaded, Bank) and level(loaded, diversity=0.0) == 4
    assert {level(loaded, seed=s) for s in range(9)} == set(range(9))
