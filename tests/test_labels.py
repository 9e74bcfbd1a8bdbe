"""The label table: order and groups of the competition, colours that can be told apart, maps there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from garmentgen.labels import (
    BACKGROUND,
    GROUPS_ZH,
    LABELS,
    NUM_LABELS,
    PARTS,
    check_ids,
    colorize,
    decolorize,
    find,
    palette,
    pixel_counts,
)


def test_the_competitions_classes_stand_in_its_order():
    assert [label.id for label in LABELS] == list(range(46)) and NUM_LABELS == 46
    known = {0: "shirt, blouse", 6: "pants", 10: "dress", 23: "shoe", 26: "umbrella", 27: "hood", 31: "sleeve"}
    known |= {13: "glasses", 33: "neckline", 35: "zipper", 43: "ruffle", 45: "tassel"}
    assert {i: LABELS[i].name for i in known} == known


def test_parts_are_the_classes_from_hood_on():
    assert PARTS == tuple(range(find("hood").id, NUM_LABELS))
    assert all(label.is_part == (label.id in PARTS) for label in LABELS)


def test_ornaments_are_the_parts_of_another_stuff_than_the_garments():
    ornaments = [label.name for label in LABELS if label.is_ornament]
    assert ornaments == "buckle zipper applique bead bow flower fringe ribbon rivet sequin tassel".split()


def test_every_group_has_a_chinese_name_and_every_class_two_names():
    assert {label.group for label in LABELS} == set(GROUPS_ZH)
    for names in ([label.name for label in LABELS], [label.name_zh for label in LABELS]):
        assert len(set(names)) == NUM_LABELS and all(names)


def test_colours_are_at_least_40_apart_and_none_is_near_white():
    colors = np.concatenate([palette()[:NUM_LABELS], [[255, 255, 255]]]).astype(float)
    distance = np.linalg.norm(colors[:, None] - colors[None], axis=-1) + 1e9 * np.eye(len(colors))
    assert distance.min() >= 40


@pytest.mark.parametrize("name", [31, "31", "sleeve", " Sleeve ", "袖子"])
def test_find_by_id_and_either_name(name):
    assert find(name).id == 31


@pytest.mark.parametrize(("name", "id_"), [("blouse", 0), ("t-shirt", 1), ("T恤", 1), ("wallet", 24)])
def test_find_by_one_of_several_names(name, id_):
    assert find(name).id == id_


def test_find_says_what_there_is():
    with pytest.raises(KeyError, match="sleeve"):
        find("sleev")
    with pytest.raises(KeyError, match="umbrella"):
        find("no such thing")


ids = st.one_of(st.integers(0, NUM_LABELS - 1), st.just(BACKGROUND))


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=ids))
def test_colours_bring_every_map_back_exactly(labels):
    back, snapped = decolorize(colorize(labels))
    assert back.dtype == np.uint8 and snapped == 0
    np.testing.assert_array_equal(back, labels)


@given(hnp.arrays(np.uint8, (5, 4, 3)))
def test_other_colours_snap_to_the_nearest_and_are_counted(picture):
    known = np.concatenate([palette()[:NUM_LABELS], [[255, 255, 255]]]).astype(int)
    back, snapped = decolorize(picture)
    distance = np.square(picture[:, :, None].astype(int) - known).sum(-1)  # by hand, pixel by pixel
    chosen = np.square(picture.astype(int) - palette()[back]).sum(-1)
    np.testing.assert_array_equal(chosen, distance.min(-1))
    assert snapped == (distance.min(-1) > 0).sum()


def test_background_is_white_and_shirt_is_not():
    assert colorize(np.array([[BACKGROUND, 0]])).tolist() == [[[255, 255, 255], list(LABELS[0].color)]]


@pytest.mark.parametrize("value", [-1, NUM_LABELS, 254, 256])
def test_ids_outside_the_table_are_refused(value):
    with pytest.raises(ValueError, match=str(value)):
        check_ids(np.array([[0, value]]))
    with pytest.raises(ValueError, match="255 for background"):
        colorize(np.array([[value]]))


def test_maps_of_another_kind_are_refused():
    with pytest.raises(ValueError, match="float"):
        colorize(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="uint8 RGB"):
        decolorize(np.zeros((2, 2), np.uint8))


def test_the_table_cannot_be_changed_by_accident():
    with pytest.raises(ValueError):
        palette()[0] = 0


@pytest.mark.parametrize("shape", [(3, 5), (2, 4, 4), (4097, 4097)])
def test_every_pixel_is_counted(shape):
    labels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    labels[..., 1:] = 7
    for view in (labels, labels[..., ::2]):
        np.testing.assert_array_equal(pixel_counts(view), np.bincount(view.ravel(), minlength=256))
