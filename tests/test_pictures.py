"""Pictures cut out and enlarged: what the map says is inside is there, the edge is its area, no white comes along."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from small_maps import TOP, blank, outfit

from garmentgen import UserError, cutout, encode_png, enlarged
from garmentgen.labels import BACKGROUND, find
from garmentgen.pictures import outline


def red_on_white(labels: np.ndarray) -> np.ndarray:
    return np.where(labels[..., None] == BACKGROUND, 255, np.array([200, 10, 20])).astype(np.uint8)


def test_a_cut_out_garment_leaves_no_white_on_any_ground():
    labels = outfit()
    cut = cutout(red_on_white(labels), labels)
    assert cut.shape == (64, 64, 4) and cut.dtype == np.uint8
    seen = cut[..., 3] > 0
    assert (cut[seen][:, :3] == (200, 10, 20)).all()  # beyond the outline too
    assert (cut[labels != BACKGROUND][:, 3] > 90).all() and (cut[:4, :, 3] == 0).all()


def test_a_straight_edge_is_where_it_was_and_one_pixel_wide():
    labels = blank(64)
    labels[:, 20:40] = TOP
    for side in (64, 128, 256):
        alpha = outline(labels != BACKGROUND, side)
        k = side // 64
        row = alpha[side // 2].astype(float) / 255
        assert row[20 * k : 40 * k].sum() + row[: 20 * k].sum() * 2 == pytest.approx(20 * k, abs=0.3 * k)
        assert ((row > 0.02) & (row < 0.98)).sum() <= 4
        assert (alpha == alpha[0]).all()  # to the canvas's own border


@pytest.mark.parametrize("side", [64, 256])
def test_a_disc_has_the_alpha_of_its_area(side):
    """The exact share of each pixel inside the circle, from a grid of 16 x 16 points in it."""
    y, x = np.mgrid[:64, :64] - 31.5
    painted = y**2 + x**2 < 22**2
    points = (np.arange(side * 16) + 0.5) * 64 / (side * 16) - 32
    inside = (points[:, None] ** 2 + points[None] ** 2 < 22**2).reshape(side, 16, side, 16).mean((1, 3))
    assert np.abs(outline(painted, side) / 255 - inside).mean() < 0.006


def test_a_strap_of_one_pixel_is_cut_out_too():
    labels = blank(64)
    labels[10:60, 20] = find("zipper").id
    assert (cutout(red_on_white(labels), labels)[10:60, 20, 3] == 255).all()
    assert (cutout(red_on_white(labels), labels, 256)[60:220, 81:83, 3] > 200).all()


def test_enlarged_stays_white_outside_and_itself_inside():
    labels = outfit()
    large = enlarged(red_on_white(labels), labels, 256)
    assert large.shape == (256, 256, 3)
    ids = labels.repeat(4, 0).repeat(4, 1)
    far_inside = np.zeros(ids.shape, bool)
    far_inside[100:124, 90:160] = True
    assert (ids[far_inside] != BACKGROUND).all() and (large[far_inside] == (200, 10, 20)).all()
    assert (large[:16] == 255).all()
    assert large[..., 0].min() >= 199  # between the garment's red and white: no ringing anywhere


def test_an_empty_map_gives_an_empty_picture():
    assert not cutout(np.full((64, 64, 3), 255, np.uint8), blank())[..., 3].any()


@pytest.mark.parametrize("picture", [np.zeros((64, 64)), np.zeros((32, 32, 3), np.uint8), np.zeros((64, 64, 3))])
def test_a_picture_of_another_map_is_refused(picture):
    with pytest.raises(UserError, match="picture of this map"):
        cutout(picture, outfit())


@pytest.mark.parametrize("side", [0, -1, 5000])
def test_a_side_without_end_is_refused(side):
    with pytest.raises(UserError, match="1 to 4,096"):
        enlarged(red_on_white(outfit()), outfit(), side)


@pytest.mark.parametrize("level", [None, 9])
@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_a_png_holds_every_value(channels, level):
    picture = np.random.default_rng(0).integers(0, 255, (9, 7, *channels), np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(encode_png(picture, level)))), picture)
