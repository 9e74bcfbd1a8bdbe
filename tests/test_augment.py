"""Augmentation: label and image move together, no white bleeds in, nothing leaves the canvas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from garment_folder import PANTS, TOP
from hypothesis import given, settings
from hypothesis import strategies as st

from garmentgen.data import augment as a
from garmentgen.labels import BACKGROUND

COLORS = {TOP: (200, 30, 40), PANTS: (20, 60, 210)}


def two_garments(rng, size=48):
    """Two filled circles well apart, each class in one colour: the colour tells every pixel's label."""
    yy, xx = np.indices((size, size))
    labels = np.full((size, size), BACKGROUND, np.uint8)
    for class_id, middle in ((TOP, 0.26), (PANTS, 0.74)):
        y, x = rng.uniform(0.3, 0.7) * size, middle * size
        labels[np.hypot(yy - y, xx - x) < rng.uniform(0.08, 0.18) * size] = class_id
    image = np.full((size, size, 3), 255, np.uint8)
    for class_id, color in COLORS.items():
        image[labels == class_id] = color
    return image, labels


def assert_together(image, labels, tolerance=3):
    """Each garment in its own colour up to its very edge, the background white."""
    assert image.dtype == labels.dtype == np.uint8
    assert (image[labels == BACKGROUND] == 255).all()
    for class_id, color in COLORS.items():
        pixels = image[labels == class_id].astype(int)
        assert np.abs(pixels - color).max(initial=0) <= tolerance


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_warped_label_and_image_agree_and_nothing_is_cropped(seed):
    rng = np.random.default_rng(seed)
    picture = two_garments(rng)
    matrix = a.affine_matrix(picture[1], rng)
    image, labels = a.warp(picture, matrix)
    assert_together(image, labels)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    assert (edge == BACKGROUND).all()
    area = abs(np.linalg.det(matrix[:, :2])) * (picture[1] != BACKGROUND).sum()
    assert abs((labels != BACKGROUND).sum() - area) <= 0.12 * area + 6  # all of the garment is still there


def test_a_move_by_whole_pixels_is_exact():
    image, labels = two_garments(np.random.default_rng(3))
    moved_image, moved = a.warp((image, labels), np.array([[1.0, 0, 3], [0, 1, -2]]))
    np.testing.assert_array_equal(moved[:-2, 3:], labels[2:, :-3])
    np.testing.assert_array_equal(moved_image[:-2, 3:], image[2:, :-3])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(((24, 24), (12, 12), (31, 17), (48, 48), (96, 80))))
def test_scaled_label_and_image_agree(seed, shape):
    picture = two_garments(np.random.default_rng(seed))
    image, labels = a.scale(picture, *shape)
    assert labels.shape == shape
    rows = [int((i + 0.5) * 48 / shape[0]) for i in range(shape[0])]
    cols = [int((j + 0.5) * 48 / shape[1]) for j in range(shape[1])]
    np.testing.assert_array_equal(labels, picture[1][np.ix_(rows, cols)])
    assert_together(image, labels, tolerance=9)


def test_mirror():
    image, labels = two_garments(np.random.default_rng(0))
    flipped = a.mirror((image, labels))
    np.testing.assert_array_equal(flipped[0], image[:, ::-1])
    np.testing.assert_array_equal(flipped[1], labels[:, ::-1])


def test_recolour_changes_the_inside_alone():
    image, labels = two_garments(np.random.default_rng(1))
    halved = np.column_stack([np.eye(3) * 0.5, [0, 0, 10]])
    new, same = a.recolour((image, labels), halved)
    np.testing.assert_array_equal(same, labels)
    assert (new[labels == BACKGROUND] == 255).all()
    assert (new[labels == TOP] == (100, 15, 30)).all()


def test_hue_rotation_on_paper():
    third = a.hue_rotation(2 * math.pi / 3)  # a third of a turn hands each channel on to the next
    np.testing.assert_allclose(third @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(a.hue_rotation(1.234) @ [7, 7, 7], [7, 7, 7])


def test_colours_of_one_garment_spread_over_the_wheel():
    rng = np.random.default_rng(0)
    colours = np.array([a.colour_matrix(rng) @ [200, 40, 60, 1] for _ in range(400)])
    assert {0, 1, 2} == set(colours.argmax(1))  # red becomes green and blue, too
    greys = np.array([a.colour_matrix(rng) @ [220, 220, 220, 1] for _ in range(400)])
    assert (np.ptp(greys, axis=1) > 60).mean() > 0.05  # some white garments are dyed
    assert (np.ptp(greys, axis=1) < 1).mean() > 0.5  # most stay white


def test_nothing_at_probability_nought():
    picture = two_garments(np.random.default_rng(0))
    new = a.augment(picture, np.random.default_rng(0), 0, 0, 0)
    np.testing.assert_array_equal(new[0], picture[0])
    np.testing.assert_array_equal(new[1], picture[1])


@pytest.mark.parametrize("chance", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_each_change_by_itself(chance):
    picture = two_garments(np.random.default_rng(0))
    new = a.augment(picture, np.random.default_rng(0), *chance)
    assert (new[0] != picture[0]).any()
    assert (new[1] == picture[1]).all() == (chance == (0, 1, 0))
    assert (new[0][new[1] == BACKGROUND] == 255).all()


def test_randomness_comes_from_the_generator_alone():
    picture = two_garments(np.random.default_rng(0))
    one, two, other = (a.augment(picture, np.random.default_rng(seed), 0.5, 1, 1) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one[0], two[0])
    assert (one[0] != other[0]).any()


def test_an_empty_map_goes_through():
    empty = np.full((16, 16, 3), 255, np.uint8), np.full((16, 16), BACKGROUND, np.uint8)
    image, labels = a.augment(empty, np.random.default_rng(0), 1, 1, 1)
    assert (image == 255).all() and (labels == BACKGROUND).all()


def test_pictures_are_not_changed_in_place():
    image, labels = two_garments(np.random.default_rng(0))
    before = image.copy(), labels.copy()
    a.augment((image, labels), np.random.default_rng(0), 1, 1, 1)
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(labels, before[1])
