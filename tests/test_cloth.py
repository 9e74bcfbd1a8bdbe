"""Dyes and fabrics on paper: mean colours are met, folds and neighbours stay, fabrics repeat without a seam."""

from __future__ import annotations

import numpy as np
import pytest

from garmentgen.cloth import drape, dye, mean_colour, parse_colour, to_lab, to_rgb
from garmentgen.errors import UserError

REGION = np.zeros((64, 64), bool)
REGION[8:56, 8:40] = True


def folded() -> np.ndarray:
    """Grey cloth whose light goes up and down across, on white, beside a red patch."""
    lab = np.zeros((64, 64, 3), np.float32)
    lab[..., 0] = 55 + 8 * np.sin(np.arange(64) / 4)
    picture = np.full((64, 64, 3), 255, np.uint8)
    picture[REGION] = to_rgb(lab)[REGION]
    picture[20:30, 45:60] = (200, 0, 0)
    return picture


def test_lab_and_back_and_the_colours_one_writes():
    picture = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    assert np.abs(to_rgb(to_lab(picture)).astype(int) - picture).max() <= 1
    assert parse_colour("#ffffff") == pytest.approx([100, 0, 0], abs=0.1)
    assert parse_colour("FF0000") == pytest.approx([53.24, 80.09, 67.2], abs=0.1)  # sRGB red, as every table has it


@pytest.mark.parametrize("text", ["red", "#12345", "#1234567", "#12345g", "", None, "#１２３４５６"])
def test_what_is_no_colour_is_said(text):
    with pytest.raises(UserError, match="#rrggbb"):
        parse_colour(text)


@pytest.mark.parametrize("colour", ["#1e4fa3", "#c81e28", "#787878"])
def test_dyed_cloth_has_the_colour_and_its_folds_and_neighbours_stay(colour):
    before = folded()
    after = dye(before, REGION, parse_colour(colour))
    assert np.linalg.norm(mean_colour(after, REGION) - parse_colour(colour)) < 3
    assert np.array_equal(after[~REGION], before[~REGION])
    light, dyed = (to_lab(p)[..., 0][REGION] for p in (before, after))
    assert np.corrcoef(light, dyed)[0, 1] > 0.95 and dyed.std() > 4


def test_a_print_is_faded_by_a_dye():
    before = folded()
    before[30:40, 12:30] = (0, 160, 60)
    after = to_lab(dye(before, REGION, parse_colour("#9060a0")))
    apart = np.linalg.norm(after[35, 20, 1:] - after[50, 20, 1:])
    was = np.linalg.norm(to_lab(before)[35, 20, 1:] - to_lab(before)[50, 20, 1:])
    assert apart == pytest.approx(0.35 * was, rel=0.15)


def test_a_fabric_brings_its_colours_and_takes_the_folds_of_plain_cloth():
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2], stripes[:, 1::2] = (40, 60, 120), (60, 80, 140)
    before, plain = folded(), folded()
    before[30:40, 12:30] = (0, 0, 0)  # a print: must not shine through
    after = drape(before, REGION, plain, stripes)
    assert np.array_equal(after[~REGION], before[~REGION])
    flat = np.tile(np.array([50, 70, 130], np.uint8), (64, 64, 1))
    assert np.linalg.norm(mean_colour(after, REGION)[1:] - mean_colour(flat, REGION)[1:]) < 3
    light, folds = to_lab(after)[..., 0], to_lab(plain)[..., 0]
    columns = [float(v[12:50, x].mean()) for v in (light, folds) for x in range(9, 39)]
    assert np.corrcoef(columns[:30], columns[30:])[0, 1] > 0.9
    assert to_lab(after)[35, 20, 0] > 15


def test_fabrics_of_any_size_and_what_is_no_fabric():
    for shape in ((2, 2, 3), (500, 20, 3), (128, 128, 3)):
        assert drape(folded(), REGION, folded(), np.full(shape, 90, np.uint8)).shape == (64, 64, 3)
    for bad in (np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), np.float32), np.zeros((1, 8, 3), np.uint8)):
        with pytest.raises(UserError, match="fabric"):
            drape(folded(), REGION, folded(), bad)
