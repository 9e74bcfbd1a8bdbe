"""Pairs: one piece of a photograph's pair, and its mirror image, are read as one code."""

from __future__ import annotations

import numpy as np
from small_maps import PANTS, SHOE, SLEEVE, TOP, blank

from garmentgen import Designer
from garmentgen.geometry import boxes
from garmentgen.training.pairs import encode_paired, paired

SIDE = 64


def picture_of(labels: np.ndarray) -> np.ndarray:
    """Every pixel's column as its red, its row as its green."""
    rows, columns = np.indices(labels.shape)
    return np.stack([columns, rows, np.zeros_like(rows)], 2).astype(np.uint8)


def test_the_larger_of_two_that_lie_apart_has_its_mirror_image_beside_it():
    """A shoe of 10 x 20 at (30, 4), one of 8 x 20 at (10, 40); the air between them has its middle at column 27."""
    labels = blank()
    labels[30:50, 4:14] = labels[10:30, 40:48] = SHOE
    picture, pair = paired(picture_of(labels), labels, SHOE)
    expected = blank()
    expected[:20, :10] = expected[:20, 36:46] = SHOE
    assert np.array_equal(pair, expected) and picture.shape == (SIDE, SIDE, 3)
    assert np.array_equal(picture[0, :46, 0], [*range(4, 27), *range(26, 3, -1)])
    assert np.array_equal(picture[:20, 0, 1], range(30, 50))


def test_where_the_right_one_is_the_larger_it_is_turned_to_stand_on_the_left():
    labels = blank()
    labels[30:50, 4:14] = labels[10:40, 40:52] = SHOE
    picture, pair = paired(picture_of(labels), labels, SHOE)
    assert np.array_equal(picture[0, :12, 0], range(51, 39, -1)), "its outer edge first"
    assert (pair[:30, :12] == SHOE).all() and np.array_equal(pair[:, :50], pair[:, 49::-1])


def test_a_single_one_stands_beside_its_mirror_image_narrowed_to_the_canvas():
    labels = blank()
    labels[8:56, 4:60] = SHOE
    _, pair = paired(picture_of(labels), labels, SHOE)
    assert (pair[:48] == SHOE).all() and (pair[48:] == 255).all()


def test_legs_are_alike_or_stay_as_they_are():
    labels = blank()
    labels[10:20, 20:44] = labels[20:60, 20:31] = labels[20:58, 33:44] = PANTS
    _, pair = paired(picture_of(labels), labels, PANTS)
    assert np.array_equal(pair[:, :24], pair[:, 23::-1]) and (pair[49, :11] == PANTS).all(), "both as long as the left"
    labels[20:60, 33:44] = 255
    assert paired(picture_of(labels), labels, PANTS) is None


def test_codes_of_a_pair_are_those_of_the_pair_and_others_those_of_the_photograph():
    designer = Designer.random("tiny")
    labels = blank(designer.size)
    labels[8:30, 12:20], labels[8:24, 2:10], labels[8:30, 22:28] = TOP, SLEEVE, SLEEVE
    photo = np.random.default_rng(0).integers(0, 256, (*labels.shape, 3), np.uint8)
    codes, own = encode_paired(designer, photo, labels), designer.encode(photo, labels)
    assert np.array_equal(codes[TOP], own[TOP]) and not np.allclose(codes[SLEEVE], own[SLEEVE])
    pair = paired(photo, labels, SLEEVE)
    assert np.array_equal(codes[SLEEVE], designer.encode(*pair)[SLEEVE]) and set(boxes(pair[1])) == {SLEEVE}
