"""COCO masks: numbers on paper, an encoder written the other way round, and a whole small set."""

from __future__ import annotations

import json

import numpy as np
import pytest
from garment_folder import PANTS, TOP, photo, rectangle, write_photo
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from garmentgen.data import rle
from garmentgen.data.dataset import Garments
from garmentgen.data.fashionpedia import Fashionpedia, decode_counts, to_runs
from garmentgen.data.prepare import open_source, prepare
from garmentgen.errors import UserError

masks = hnp.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))).filter(lambda mask: mask.any())


def plain_counts(mask: np.ndarray) -> list[int]:
    """Background first, then alternating, one pixel at a time down the columns."""
    counts, value = [0], False
    for pixel in mask.T.ravel():
        if pixel != value:
            counts.append(0)
            value = not value
        counts[-1] += 1
    return counts


def compress(counts: list[int]) -> str:
    """COCO's code, from its description: differences to two before from the fourth on, 5 bits at a time."""
    text = ""
    for i, count in enumerate(counts):
        x = count - counts[i - 2] if i > 2 else count
        while True:
            bits, x = x & 31, x >> 5
            more = x != (-1 if bits & 16 else 0)
            text += chr(48 + (bits | (32 if more else 0)))
            if not more:
                break
    return text


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("5", [5]),  # below 16: one character from "0" on
        ("d0", [20]),  # 20 has bit 5 set, so a second group of zeros says that it is positive
        ("031N", [0, 3, 1, 1]),  # the fourth, "N" = 30 = -2, is a difference to the 3 two before
        ("o0", [31]),
        ("P1", [32]),  # 32 = 1 * 32 + 0: first group 0 with more to come, then 1
    ],
)
def test_compressed_numbers_on_paper(text, counts):
    assert decode_counts(text).tolist() == counts


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_compressed_numbers_come_back(counts):
    assert decode_counts(compress(counts)).tolist() == counts


@given(masks)
def test_all_three_ways_of_writing_a_mask(mask):
    counts = plain_counts(mask)
    for written in (counts, compress(counts)):
        runs = to_runs({"size": list(mask.shape), "counts": written}, *mask.shape)
        np.testing.assert_array_equal(rle.unpack(runs, *mask.shape), mask)


def test_an_outline_holds_the_pixels_whose_centres_it_holds():
    runs = to_runs([[2, 1, 6, 1, 6, 4, 2, 4]], 6, 8)
    np.testing.assert_array_equal(rle.unpack(runs, 6, 8), rectangle((6, 8), 1, 2, 4, 6))
    triangle = rle.unpack(to_runs([[0, 0, 4, 0, 0, 4]], 4, 4), 4, 4)
    assert triangle.astype(int).tolist() == [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_outlines_are_joined_and_cut_at_the_photo():
    outlines = [[-5, -5, 3, -5, 3, 99, -5, 99], [2, 0, 5, 0, 5, 2, 2, 2]]
    expected = rectangle((6, 8), 0, 0, 6, 3) | rectangle((6, 8), 0, 2, 2, 5)
    np.testing.assert_array_equal(rle.unpack(to_runs(outlines, 6, 8), 6, 8), expected)


@given(st.lists(st.tuples(st.floats(-3, 14), st.floats(-3, 14)), min_size=3, max_size=9))
def test_an_outline_against_even_and_odd_pixel_by_pixel(corners):
    polygon = np.array(corners)
    expected, unclear = np.zeros((10, 11), bool), np.zeros((10, 11), bool)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, 0), strict=True):
        for column in range(11):
            x = column + 0.5
            if (x0 < x) != (x1 < x):  # flip all pixels below the crossing
                y = (y0 - 0.5) + (column - (x0 - 0.5)) * ((y1 - 0.5) - (y0 - 0.5)) / ((x1 - 0.5) - (x0 - 0.5))
                expected[:, column] ^= np.arange(10) >= y
                unclear[:, column] |= np.abs(np.arange(10) - y) < 1e-9  # the outline goes through the centre
    try:
        found = rle.unpack(to_runs([polygon.ravel().tolist()], 10, 11), 10, 11)
    except UserError:
        found = np.zeros((10, 11), bool)
    assert not ((found != expected) & ~unclear).any()


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (None, "neither"),
        ([], "empty"),
        ([[1, 2, 3, 4]], "three corners"),
        ([[1, 2, 3, 4, 5, 6, 7]], "three corners"),
        ([[1, 2, 3, 4, 5, "x"]], "not a number"),
        ([[1, 2, 3, 4, 5, float("nan")]], "three corners"),
        ([[-9, -9, -5, -9, -5, -5]], "empty"),
        ({"size": [3, 2], "counts": [6]}, "empty"),
        ({"size": [3, 2], "counts": []}, "sum to 0"),
        ({"size": [3, 2], "counts": [1, 9]}, "past the end"),
        ({"size": [3, 2], "counts": [3, -1, 2]}, "past the end"),
        ({"size": [3, 2], "counts": [1, 2.5]}, "whole number"),
        ({"size": [9, 9], "counts": [1, 2]}, "photo of height, width"),
        ({"size": [3, 2], "counts": "1\x7f"}, "outside the code"),
        ({"size": [3, 2], "counts": "d"}, "middle of a number"),
    ],
)
def test_what_is_wrong_with_a_mask_is_said(mask, reason):
    with pytest.raises(UserError, match=reason):
        to_runs(mask, 3, 2)


def coco(folder, annotations):
    images = [{"id": 7, "file_name": "a.jpg", "height": 60, "width": 50}]
    images += [{"id": 8, "file_name": "b.jpg", "height": 60, "width": 50}]
    text = json.dumps({"images": images, "annotations": annotations, "categories": []})
    (folder / "instances_attributes_train2020.json").write_text(text)


def test_a_small_set_is_prepared_and_its_bad_rows_named(tmp_path):
    body = rectangle((60, 50), 10, 10, 50, 40)
    for name, folder in (("a.jpg", "train"), ("b.jpg", "test")):
        write_photo(tmp_path / folder / name, photo((60, 50), body))
    outline = [[10, 10, 40, 10, 40, 50, 10, 50]]
    coco(
        tmp_path,
        [
            {"id": 1, "image_id": 7, "category_id": TOP, "segmentation": outline},
            {"id": 2, "image_id": 8, "category_id": PANTS, "segmentation": {"size": [60, 50], "counts": [0, 1, 2999]}},
            {"id": 3, "image_id": 8, "category_id": 46, "segmentation": outline},
            {"id": 4, "image_id": 9, "category_id": 0, "segmentation": outline},
        ],
    )
    assert isinstance(open_source(tmp_path), Fashionpedia)
    lines: list[str] = []
    report = prepare(tmp_path, tmp_path / "out", size=32, fit="stretch", workers=1, progress=lines.append)
    assert (report.kept, report.rejected, report.left_out) == (2, 1, 1)
    assert any("b.jpg" in line and "annotation 3" in line and "'46'" in line for line in lines)
    assert any("annotation 4" in line and "0 images of the file have the id '9'" in line for line in lines)
    labels = Garments(tmp_path / "out").labels[0]
    rows, cols = (2 * np.arange(32) + 1) * 60 // 64, (2 * np.arange(32) + 1) * 50 // 64
    np.testing.assert_array_equal(labels == TOP, body[np.ix_(rows, cols)])


@pytest.mark.parametrize("text", ["{", "[]", '{"images": []}', '{"images": [], "annotations": []}'])
def test_another_json_is_refused_in_one_sentence(tmp_path, text):
    path = tmp_path / "instances.json"
    path.write_text(text)
    with pytest.raises(UserError, match="instances.json"):
        open_source(path)
