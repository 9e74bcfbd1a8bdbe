"""Cohorts share a class and come from the sets that have it; who lends to whom."""

from __future__ import annotations

import numpy as np
import pytest

from garmentgen.data.cohorts import cohorts
from garmentgen.errors import UserError
from garmentgen.training.loans import lend


class Rack:
    """Stands for `Garments`: row k is a flat picture of its main class."""

    size = 8

    def __init__(self, mains, single=True):
        self.mains = np.array(mains)
        self.single = np.full(len(mains), single)

    def picture(self, row):
        main = int(self.mains[row])
        return np.full((8, 8, 3), main, np.uint8), np.full((8, 8), main, np.uint8)


PLAIN = {"flip": 0.0, "colour": 0.0, "affine": 0.0}


def rows(rack):
    return np.arange(len(rack.mains))


def test_three_in_a_row_share_their_class_and_common_classes_come_by_their_root():
    rack = Rack([1] * 90 + [7] * 10)
    stream = cohorts([(rack, rows(rack), 1.0)], 3, 6, np.random.default_rng(0), **PLAIN)
    mains = np.concatenate([next(stream)[1][:, 0, 0].reshape(2, 3) for _ in range(300)])
    assert (mains == mains[:, :1]).all()
    assert (mains[:, 0] == 7).mean() == pytest.approx(1 / 4, abs=0.07)  # sqrt(10) of sqrt(10) + sqrt(90)


def test_a_class_is_drawn_from_the_sets_that_have_it_by_their_weights():
    photos, drawn = Rack([1, 1]), Rack([1, 5])
    shares = [(photos, rows(photos), 0.75), (drawn, rows(drawn), 0.25)]
    stream = cohorts(shares, 2, 4, np.random.default_rng(1), **PLAIN)
    drawn_batches = [next(stream) for _ in range(300)]
    labels = np.concatenate([batch[1][:, 0, 0] for batch in drawn_batches])
    origins = np.concatenate([batch[2] for batch in drawn_batches])
    assert (origins[labels == 5] == 1).all()
    assert (origins[labels == 1] == 1).mean() == pytest.approx(0.25, abs=0.06)


def test_the_same_generator_gives_the_same_cohorts():
    rack = Rack([1, 1, 2, 2, 3])
    one, two = (next(cohorts([(rack, rows(rack), 1.0)], 2, 6, np.random.default_rng(4), **PLAIN)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one, two, strict=True))


def test_outfits_alone_make_no_cohort():
    rack = Rack([1, 2], single=False)
    with pytest.raises(UserError, match="data.together"):
        next(cohorts([(rack, rows(rack), 1.0)], 2, 4, np.random.default_rng(0)))


def test_donors_share_class_and_origin():
    mains, origins = np.array([1, 1, 1, 1, 4, 4, 9]), np.array([0, 0, 1, 1, 0, 1, 0])
    met = {n: set() for n in range(7)}
    for seed in range(200):
        loans = lend(mains, origins, 0.0, np.random.default_rng(seed))
        assert (loans.share == 0).all() and (loans.second == loans.first).all()
        for n in range(7):
            met[n].add((int(loans.first[n]), bool(loans.judged[n])))
    assert met[0] == {(1, True)} and met[1] == {(0, True)}  # photographs wear photographs
    assert met[2] == {(0, False), (1, False), (3, True)}  # a drawn map wears either; in a photograph's cloth unjudged
    assert met[5] == {(4, False)}
    assert met[4] == {(4, True)} and met[6] == {(6, True)}  # the drawn one may not lend to a photograph: own code


def test_codes_between_two_donors_are_of_one_origin():
    mains, origins = np.zeros(6, int), np.array([0, 0, 0, 1, 1, 1])
    shares = []
    for seed in range(200):
        loans = lend(mains, origins, 0.45, np.random.default_rng(seed))
        mixed = loans.share > 0
        assert (origins[loans.first] == origins[loans.second])[mixed].all()
        assert (loans.first != loans.second)[mixed].all() and (loans.second == loans.first)[~mixed].all()
        shares.append(mixed.mean())
    assert np.mean(shares) == pytest.approx(0.45, abs=0.04)
