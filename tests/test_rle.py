"""Run lengths: cases on paper, and the sampled mask against the unpacked one for random masks and grids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from garmentgen.data import rle
from garmentgen.errors import UserError

masks = hnp.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))).filter(lambda mask: mask.any())


def test_runs_go_down_columns_and_count_from_one():
    # 3 rows, 2 columns; positions 1 2 3 go down the first column, 4 5 6 down the second
    runs = rle.parse("2 3 6 1", 3, 2)
    assert runs.tolist() == [[1, 4], [5, 6]]
    assert rle.unpack(runs, 3, 2).astype(int).tolist() == [[0, 1], [1, 0], [1, 1]]
    assert rle.area(runs) == 4


def test_a_run_may_end_with_the_photo_but_not_past_it():
    assert rle.parse("6 1", 3, 2).tolist() == [[5, 6]]
    with pytest.raises(UserError, match=r"'6 2' goes past the end of a 2x3 photo \(6\)"):
        rle.parse("6 2", 3, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("3 0", "empty"),
        ("1 2 3", "odd number"),
        ("1 x", "'x'"),
        ("1 2.5", "'2.5'"),
        ("1 -2", "'-2'"),
        ("1 ²", "'²'"),
        ("0 2", "starts at 0"),
        ("7 1", "past the end"),
        ("1 99999999999999999999", "past the end"),
        ("99999999999999999999 1", "past the end"),
    ],
)
def test_what_is_wrong_with_a_mask_is_said(text, reason):
    with pytest.raises(UserError, match=reason):
        rle.parse(text, 3, 2)


def test_unsorted_touching_and_overlapping_runs_become_sorted_and_disjoint():
    runs = np.array([[8, 9], [0, 3], [3, 4], [1, 2], [5, 7], [6, 8]])
    assert rle.tidy(runs).tolist() == [[0, 4], [5, 9]]


def test_union():
    assert rle.union([np.array([[0, 2]]), np.array([[1, 4], [6, 7]])]).tolist() == [[0, 4], [6, 7]]


@given(masks)
def test_text_and_back(mask):
    np.testing.assert_array_equal(rle.unpack(rle.parse(rle.encode(mask), *mask.shape), *mask.shape), mask)


@given(masks)
def test_area_and_box_are_those_of_the_full_mask(mask):
    runs = rle.from_mask(mask)
    rows, cols = np.nonzero(mask)
    assert rle.area(runs) == mask.sum()
    assert rle.box(runs, mask.shape[0]) == (rows.min(), cols.min(), rows.max() + 1, cols.max() + 1)


@given(masks, st.data())
def test_a_sampled_grid_equals_the_full_mask_at_its_points(mask, data):
    height, width = mask.shape
    rows = np.sort(np.array(data.draw(st.lists(st.integers(0, height - 1), max_size=20)), np.int64))
    cols = np.sort(np.array(data.draw(st.lists(st.integers(0, width - 1), max_size=20)), np.int64))
    sampled = rle.sample(rle.from_mask(mask), rows, cols, height)
    np.testing.assert_array_equal(sampled, mask[np.ix_(rows, cols)])


def test_a_long_mask_of_single_pixels():
    mask = np.indices((301, 203)).sum(0) % 2 == 0
    rows, cols = np.arange(0, 301, 7), np.arange(0, 203, 3)
    np.testing.assert_array_equal(rle.sample(rle.from_mask(mask), rows, cols, 301), mask[np.ix_(rows, cols)])
