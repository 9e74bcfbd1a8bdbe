"""The wardrobe: who auditions, on which map, and who is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_maps import PANTS, SLEEVE, TOP, outfit, photo_of

from garmentgen import Designer
from garmentgen.config import DataConfig
from garmentgen.data.dataset import Garments, split_of
from garmentgen.geometry import main_class
from garmentgen.labels import find
from garmentgen.models.features import PerceptualFeatures
from garmentgen.priors.bank import Garment
from garmentgen.training import wardrobe
from garmentgen.training.wardrobe import TAPS, Audition, Candidate, audition, choose, encode_candidates, fit_wardrobe

FEATURES = Path(__file__).parents[1] / "weights" / "features" / "vgg16-relu3_3.safetensors"


class Folder:
    """Stands in for a prepared folder: pictures in memory."""

    def __init__(self, pictures: list[tuple[np.ndarray, np.ndarray]]):
        self.pictures = pictures
        self.labels = [labels for _, labels in pictures]

    def picture(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        return self.pictures[row]


@pytest.fixture(scope="module")
def features() -> PerceptualFeatures:
    return PerceptualFeatures(FEATURES, TAPS)


def verdicts(distance, specks, colour, stray=None) -> Audition:
    none = [0.0] * len(distance)
    columns = (distance, specks, stray or none)
    return Audition(*(np.array(column, float) for column in columns), np.array(colour)[:, None] * np.ones(3))


def test_the_untrue_the_specked_and_those_whose_print_is_lost_are_not_kept():
    """Ten of distances 1 to 10: the better 65 % are the first six, of which one has specks and one lost its print."""
    specks = [0, 0, 0.1, 0, -0.2, 0, 0, 0, 0, 0]
    assert sorted(choose(verdicts([*range(1, 11)], specks, [*range(10)]), 9)) == [0, 1, 3, 5]


def test_what_the_class_adds_to_any_cloth_is_no_speck():
    """Stitches add .1 to all; with .02 more one is out. Nothing was compared, as the cloth is another class's."""
    result = verdicts([np.nan] * 5, [0.1, 0.1, 0.1, 0.1, 0.12], [1, 2, 3, 4, 5])
    assert sorted(choose(result, 9)) == [0, 1, 2, 3]


def test_colours_are_spread_evenly():
    """Ten black ones and four bright: of five kept, at most three are black."""
    result = verdicts([np.nan] * 14, [0.0] * 14, [0] * 10 + [60, 120, 180, 240])
    kept = choose(result, 5)
    assert len(set(kept)) == 5 and sum(k < 10 for k in kept) <= 3 and 13 in kept


def test_torn_prints_are_not_kept():
    """Three have marks on a tenth of their cloth; the median is none, so that a fortieth is allowed."""
    assert sorted(choose(verdicts([np.nan] * 7, [0] * 7, [0] * 7, [0, 0.1, 0.02, 0, 0.1, 0.1, 0]), 9)) == [0, 2, 3, 6]


def test_stray_is_what_is_far_from_the_colour_of_the_cloth():
    mask = np.zeros((64, 64), bool)
    mask[4:60, 4:60] = True  # 48 px of it are inside
    cloth = np.full((64, 64, 3), 100, np.uint8)
    cloth[8:32, 8:32], cloth[32:40, 8:56] = 200, 160
    assert wardrobe._stray(cloth, mask) == 0.25


def test_none_passes_where_none_is_good():
    assert not len(choose(verdicts([1.0, 1.0], [-0.3, -0.3], [0, 0]), 5))


def test_a_garment_that_paints_like_its_picture_is_nearer_than_one_that_does_not(designer, features):
    """One candidate's picture is what the designer paints of its codes, the other's is noise."""
    labels = outfit()
    codes = {c: v.astype(np.float32) for c, v in designer.look(labels, seed=3).codes.items()}
    one = Garment(TOP, codes, dict.fromkeys(codes, (0, 0, 8, 8)))
    true = designer.render(designer.look(labels, seed=3))
    folder = Folder([(true, labels), (photo_of(labels), labels)])
    candidates = [Candidate(one, folder, row, 0) for row in (0, 1)]
    result = audition(designer, features, candidates, TOP, labels)
    assert result.distance[0] < result.distance[1] - 0.5 and result.colour.shape == (2, 3)
    other = audition(designer, features, candidates, PANTS, labels)
    assert np.isnan(other.distance).all(), "trousers in a top's cloth have no picture to be like"


def test_held_out_pictures_never_audition(designer, prepared):
    source = Garments(prepared)
    data = DataConfig(validation=0.5, split_seed=3)
    candidates = encode_candidates(designer, [source], data, 1_000)
    training, held_out = split_of(len(source), data)
    assert [one.row for one in candidates] == training.tolist() and not {*held_out} & {one.row for one in candidates}
    few = encode_candidates(designer, [source], data, 3)
    assert len(few) == 3 and {one.row for one in few} <= set(training.tolist())
    for one in few:
        assert one.garment.main == main_class(source.labels[one.row])
        assert one.garment.box.keys() == one.garment.codes.keys()


def test_related_classes_wear_what_was_kept_and_passed(designer, features, monkeypatch):
    """Tops pass for tops; the drawn sweater and three of the tops pass for sweaters."""
    sweater = find("sweater").id
    labels = np.where(outfit() == PANTS, 255, outfit()).astype(np.uint8)
    knitted = np.where(labels == TOP, sweater, labels).astype(np.uint8)
    folder = Folder([(photo_of(one, k), one) for k, one in enumerate([labels] * 5 + [knitted])])
    candidates = []
    for row, one in enumerate(folder.labels):
        codes = designer.encode(folder.picture(row)[0], one)
        candidates.append(
            Candidate(Garment(main_class(one), codes, dict.fromkeys(codes, (0, 0, 8, 8))), folder, row, 0)
        )
    asked = []

    def judged(_designer, _features, shown, c, _labels) -> Audition:
        asked.append((c, [one.row for one in shown]))
        specks = [0.5 if c == sweater and one.row in (1, 3) else 0.0 for one in shown]
        return verdicts([np.nan] * len(shown), specks, [0.0] * len(shown))

    monkeypatch.setattr(wardrobe, "audition", judged)
    bank = fit_wardrobe(designer, features, candidates, 0)
    assert [(c, sorted(rows)) for c, rows in asked] == [(TOP, [*range(5)]), (sweater, [5]), (sweater, [*range(5)])]
    assert (bank.fits[:, TOP] > 0).tolist() == [True] * 5 + [False]
    assert (bank.fits[:, sweater] > 0).tolist() == [True] * 6, "where few pass, the others follow"
    assert (bank.fits[:, SLEEVE] > 0).all(), "parts come with their garment"


def test_clean_maps_are_templates_where_there_are_some(designer: Designer):
    labels = outfit()
    folder = Folder([(photo_of(labels), labels)])
    one = Candidate(Garment(TOP, dict.fromkeys((TOP, SLEEVE), np.zeros((8, 8, 8))), {}), folder, 0, 0)
    maps = wardrobe.clean_maps([one], 64)
    assert set(maps) == {TOP} and maps[TOP].shape == (64, 64) and not np.array_equal(maps[TOP], labels)
    belt = Candidate(Garment(find("belt").id, {find("belt").id: np.zeros((8, 8, 8))}, {}), folder, 0, 0)
    assert np.array_equal(wardrobe.clean_maps([belt], 64)[find("belt").id], labels)
