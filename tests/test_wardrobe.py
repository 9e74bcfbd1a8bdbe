"""The wardrobe: who auditions, on which map, and who is kept."""

from __future__ import annotations

import numpy as np
import pytest
from small_maps import PANTS, SLEEVE, TOP, outfit, photo_of

from garmentgen import Designer
from garmentgen.config import DataConfig
from garmentgen.data.dataset import Garments, split_of
from garmentgen.errors import UserError
from garmentgen.geometry import main_class
from garmentgen.labels import find
from garmentgen.priors.bank import Garment
from garmentgen.training import wardrobe
from garmentgen.training.wardrobe import (
    Audition,
    Candidate,
    audition,
    cleanest,
    encode_candidates,
    fit_wardrobe,
    passing,
)


class Folder:
    """Stands in for a prepared folder: pictures in memory."""

    def __init__(self, pictures: list[tuple[np.ndarray, np.ndarray]]):
        self.pictures = pictures
        self.labels = [labels for _, labels in pictures]

    def picture(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        return self.pictures[row]


def verdicts(specks, print_=None, blemish=None, colour=None) -> Audition:
    columns = [specks, *(one or [0.0] * len(specks) for one in (print_, blemish, None))]
    colours = np.array(colour or [0.0] * len(specks))[:, None] * np.ones(3)
    return Audition(*(np.array(column, float) for column in columns), colours)


def test_the_specked_and_those_whose_print_is_lost_do_not_pass():
    assert passing(verdicts([0, 0.1, 0.02, -0.2, -0.05, 0.021]), TOP).tolist() == [0, 2, 4]


def test_prints_that_stand_in_one_place_do_not_pass_those_all_over_do():
    result = verdicts([0, 0, 0], [0.2, 0, 0.07])
    assert passing(result, TOP).tolist() == [1, 2] and passing(result, find("dress").id).tolist() == [0, 1, 2]


def test_the_cleanest_join_with_colours_spread():
    """Ten of blemishes 0 to 9: the two worst never, unless more than eight are asked for."""
    result = verdicts([0] * 10, None, [*range(10)], [0, 0, 0, 0, 0, 0, 90, 200, 255, 255])
    everybody = np.arange(10)
    assert set(cleanest(result, everybody, 3)) == {0, 7, 1}, "every other one is the farthest in colour"
    assert set(cleanest(result, everybody, 9)) == set(range(9)) and not len(cleanest(result, everybody, 0))
    assert set(cleanest(result, np.array([9, 8]), 2)) == {8, 9}


def test_stray_is_what_is_far_from_the_colour_of_the_cloth():
    mask = np.zeros((64, 64), bool)
    mask[4:60, 4:60] = True  # 48 px of it are inside
    cloth = np.full((64, 64, 3), 100, np.uint8)
    cloth[8:32, 8:32], cloth[32:40, 8:56] = 200, 160
    assert wardrobe._stray(cloth, mask) == 0.25


def test_a_cloth_is_compared_with_its_own_picture(designer):
    """What the designer paints of a candidate's codes has as many specks as the picture that is this very painting."""
    labels = outfit()
    codes = {c: v.astype(np.float32) for c, v in designer.look(labels, seed=3).codes.items()}
    one = Garment(TOP, codes, dict.fromkeys(codes, (0, 0, 8, 8)))
    true = designer.render(designer.look(labels, seed=3))
    plain = np.where((labels == 255)[..., None], 255, np.full_like(true, 90)).astype(np.uint8)
    folder = Folder([(true, labels), (plain, labels)])
    result = audition(designer, [Candidate(one, folder, row, 0) for row in (0, 1)], TOP, labels)
    assert result.colour.shape == (2, 3) and abs(result.specks[0]) < abs(result.specks[1]) and result.print[1] == 0


def test_held_out_pictures_never_audition(designer, prepared):
    source = Garments(prepared)
    data = DataConfig(validation=0.5, split_seed=3)
    candidates = encode_candidates(designer, [source], data, 1_000, {})
    training, held_out = split_of(len(source), data)
    assert [one.row for one in candidates] == training.tolist() and not {*held_out} & {one.row for one in candidates}
    few = encode_candidates(designer, [source], data, 3, {})
    assert len(few) == 3 and {one.row for one in few} <= set(training.tolist())
    for one in few:
        assert one.garment.main == main_class(source.labels[one.row])
        assert one.garment.box.keys() == one.garment.codes.keys()


def test_related_classes_wear_what_was_kept_and_is_clean(designer, monkeypatch):
    """Tops pass for tops; the drawn sweater passes for sweaters, and the cleanest three of the tops join it."""
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

    def judged(_designer, shown, c, _labels) -> Audition:
        asked.append((c, [one.row for one in shown]))
        return verdicts([0.0] * len(shown), None, [0.5 if one.row in (1, 3) else 0.0 for one in shown])

    monkeypatch.setattr(wardrobe, "audition", judged)
    monkeypatch.setattr(wardrobe, "FEWEST", 4)
    bank = fit_wardrobe(designer, candidates, 0)
    assert [(c, sorted(rows)) for c, rows in asked] == [(TOP, [*range(5)]), (sweater, [5]), (sweater, [*range(5)])]
    assert (bank.fits[:, TOP] > 0).tolist() == [True] * 5 + [False]
    assert (bank.fits[:, sweater] > 0).tolist() == [True, False, True, False, True, True]
    assert (bank.fits[:, SLEEVE] > 0).all(), "parts come with their garment"


def test_what_an_eye_kept_passes_what_it_refused_does_not_audition(designer, monkeypatch):
    """Of six tops an eye kept 1 and refused 2; 0, 4 and 5 pass by the rule. Where it kept enough, none is heard."""
    labels = np.where(outfit() == PANTS, 255, outfit()).astype(np.uint8)
    folder = Folder([(photo_of(labels, k), labels) for k in range(6)])
    codes = designer.encode(folder.picture(0)[0], labels)
    garment = Garment(TOP, codes, dict.fromkeys(codes, (0, 0, 8, 8)))

    def dressed(*said: bool | None) -> list:
        heard: list[int] = []

        def judged(_designer, shown, _c, _labels) -> Audition:
            heard.extend(one.row for one in shown)
            return verdicts([0.5 if one.row in (1, 3) else 0.0 for one in shown])

        monkeypatch.setattr(wardrobe, "audition", judged)
        bank = fit_wardrobe(designer, [Candidate(garment, folder, row, 0, one) for row, one in enumerate(said)], 0)
        assert set(heard) >= {row for row, one in enumerate(said) if one}
        return [len(bank.fits), sorted(heard)]

    monkeypatch.setattr(wardrobe, "FEWEST", 2)
    assert dressed(None, True, False, None, None, None) == [4, [0, 1, 3, 4, 5]]
    assert dressed(True, True, False, None, None, None) == [2, [0, 1]]


def test_a_table_of_verdicts_is_read_and_another_is_refused(tmp_path):
    path = tmp_path / "verdicts.csv"
    path.write_text("photo,kept\na.jpg,1\nb.jpg,0\n")
    assert wardrobe.read_verdicts(path) == {"a.jpg": True, "b.jpg": False}
    for text in ("photo,kept\na.jpg,maybe\n", "name\na.jpg\n"):
        path.write_text(text)
        with pytest.raises(UserError, match="expected a table photo,kept"):
            wardrobe.read_verdicts(path)
    with pytest.raises(UserError, match="none.csv"):
        wardrobe.read_verdicts(tmp_path / "none.csv")


def test_black_cloth_is_no_calmer_for_being_dark():
    mask = np.ones((32, 32), bool)
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[::2] = 20
    plain = np.full((32, 32, 3), 200, np.uint8)
    assert wardrobe._uneven(plain, mask) == 0 < wardrobe._uneven(stripes + 180, mask) < wardrobe._uneven(stripes, mask)


def test_clean_maps_are_templates_where_there_are_some(designer: Designer):
    labels = outfit()
    folder = Folder([(photo_of(labels), labels)])
    one = Candidate(Garment(TOP, dict.fromkeys((TOP, SLEEVE), np.zeros((8, 8, 8))), {}), folder, 0, 0)
    maps = wardrobe.clean_maps([one], 64)
    assert set(maps) == {TOP} and maps[TOP].shape == (64, 64) and not np.array_equal(maps[TOP], labels)
    belt = Candidate(Garment(find("belt").id, {find("belt").id: np.zeros((8, 8, 8))}, {}), folder, 0, 0)
    assert np.array_equal(wardrobe.clean_maps([belt], 64)[find("belt").id], labels)
