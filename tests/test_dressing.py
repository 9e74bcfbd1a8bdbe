"""Parts dressed by hand, on the shipped weights: the colour is met, the rest stays, a side alone changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from garmentgen import BACKGROUND, Designer, UserError, dressing, find
from garmentgen.cloth import mean_colour, parse_colour
from garmentgen.dressing import on_one_side, pairs
from garmentgen.geometry import gaps, halved

ROOT = Path(__file__).parents[1]
TOP, SLEEVE, PANTS = (find(name).id for name in ("top", "sleeve", "pants"))


def apart(*spans: tuple[int, int], size: int = 64) -> np.ndarray:
    labels = np.full((size, size), BACKGROUND, np.uint8)
    for left, right in spans:
        labels[10:50, left:right] = SLEEVE
    return labels


def test_where_a_class_lies_apart_on_paper():
    assert gaps(apart((4, 14), (40, 54))).get(SLEEVE) == pytest.approx((27 - 4) / 50)  # air from 14 to 40
    assert gaps(apart((4, 14))).get(SLEEVE) is None
    above = apart((4, 14))
    above[52:60, 8:18] = SLEEVE
    assert gaps(above).get(SLEEVE) is None, "one above the other is no pair"
    speck = apart((4, 44))
    speck[10, 60] = SLEEVE
    assert gaps(speck).get(SLEEVE) is None
    three = apart((0, 8), (12, 20), (50, 60))
    assert gaps(three).get(SLEEVE) == pytest.approx(35 / 60), "the widest air"
    assert gaps(apart((4, 14), (14, 20))).get(SLEEVE) is None and gaps(blank()).get(SLEEVE) is None


def blank() -> np.ndarray:
    return np.full((64, 64), BACKGROUND, np.uint8)


def test_what_is_read_too_pale_is_corrected_on_paper():
    """Read at .8 of its strength, a code becomes 1 + .2 + .2^2 times as strong: .992 of what is wanted is read."""
    wanted = np.float32([1, -2])
    found = dressing._corrected(wanted, lambda codes: np.float32(0.8) * codes)
    np.testing.assert_allclose(found, 1.24 * wanted, rtol=1e-6)
    assert dressing.CORRECTIONS == 2


@pytest.mark.parametrize("name, seed", [("02_shirt", 3), ("05_coat", 8)])
def test_a_picture_is_painted_again_from_its_codes(shipped, monkeypatch, name, seed):
    """Nearer to it than what the encoder says of it at once, on maps of several parts."""
    small, labels = shipped.sizes[0], shipped.read_map(ROOT / "demo" / "templates" / f"{name}.png")[0]
    picture = shipped.generate(labels, seed, size=small)

    def missed() -> float:
        again = shipped.render(shipped.style_from_photo(shipped.look(labels), picture, labels), small)
        return np.abs(again.astype(int) - picture).mean()

    corrected = missed()
    monkeypatch.setattr(dressing, "CORRECTIONS", 0)
    assert corrected < 0.95 * missed()  # 9 and 47 % less is missed


def test_one_side_of_a_code_changes_and_is_given(designer):
    labels = apart((4, 14), (40, 54))
    labels[10:50, 14:40] = TOP
    look = designer.look(labels, 3)
    code = np.full_like(look.codes[SLEEVE], 9)
    left, right = (on_one_side(look, SLEEVE, code, side).codes[SLEEVE] for side in ("left", "right"))
    assert pairs(look) == [SLEEVE]
    edge = int(np.ceil(27 / 50 * 8 - 4 / 50 * 8 - 0.5))
    assert (left[:, :, :edge] == 9).all() and np.array_equal(left[:, :, edge:], look.codes[SLEEVE][:, :, edge:])
    assert (right[:, :, edge:] == 9).all() and np.array_equal(right[:, :, :edge], look.codes[SLEEVE][:, :, :edge])
    drawn = designer.reroll(look, "sleeve", side="right")
    assert np.array_equal(drawn.codes[SLEEVE][:, :, :edge], look.codes[SLEEVE][:, :, :edge])
    assert not np.array_equal(drawn.codes[SLEEVE], look.codes[SLEEVE]) and SLEEVE in drawn.pinned
    with pytest.raises(UserError, match="do not lie apart"):
        designer.reroll(look, "top", side="left")


@pytest.fixture(scope="module")
def shipped() -> Designer:
    return Designer.load()


def shirt(designer: Designer) -> np.ndarray:
    return designer.read_map(ROOT / "demo" / "templates" / "02_shirt.png")[0]


@pytest.mark.parametrize("colour", ["#1e4fa3", "#f0c83c", "#191919"])
def test_a_dyed_part_has_its_colour_and_the_others_their_codes(shipped, colour):
    look = shipped.look(shirt(shipped), 3)
    region = next(c for c in look.regions if find(c).group == "upperbody")
    dyed = shipped.dye(look, region, colour)
    small = dyed.labels if len(dyed.labels) == shipped.sizes[0] else halved(dyed.labels)
    painted = mean_colour(shipped.render(dyed, shipped.sizes[0]), small == region)
    assert np.linalg.norm(painted - parse_colour(colour)) < 6
    assert all(np.array_equal(dyed.codes[c], look.codes[c]) for c in look.regions if c != region)
    assert region in dyed.pinned and region in shipped.look(dyed.labels, 8, like=dyed).pinned
    assert np.array_equal(shipped.look(dyed.labels, 8, like=dyed).codes[region], dyed.codes[region])


def test_a_fabric_brings_its_colour(shipped):
    look = shipped.look(shirt(shipped), 3)
    region = next(c for c in look.regions if find(c).group == "upperbody")
    weave = np.tile(np.array([[[120, 40, 50], [140, 60, 70]]], np.uint8), (32, 16, 1))
    dressed = shipped.drape(look, region, weave)
    small = look.labels if len(look.labels) == shipped.sizes[0] else halved(look.labels)
    painted = mean_colour(shipped.render(dressed, shipped.sizes[0]), small == region)
    meant = mean_colour(weave, np.ones(weave.shape[:2], bool))
    assert np.linalg.norm((painted - meant)[1:]) < 8
    with pytest.raises(UserError):
        shipped.drape(look, region, b"no picture")


def test_what_cannot_be_dyed_is_said(shipped):
    look = shipped.look(shirt(shipped), 3)
    for region, colour, side in ((PANTS, "#101010", None), (look.regions[0], "blue", None)):
        with pytest.raises(UserError):
            shipped.dye(look, region, colour, side)


def test_a_photo_on_its_own_map_is_corrected_and_on_another_is_not(shipped, monkeypatch):
    """The map may come at any side: what counts is whether it is the look's, pixel by pixel, on the canvas."""
    labels = shirt(shipped)
    look, photo = shipped.look(labels), shipped.generate(labels, 3)
    asked = []
    monkeypatch.setattr(dressing, "as_photographed", lambda _designer, _photo, labels: asked.append(labels))
    monkeypatch.setattr(dressing, "styled", lambda look, *_: look)
    shipped.style_from_photo(look, photo, labels)
    assert len(asked) == 1 and np.array_equal(asked[0], halved(labels))
    shipped.style_from_photo(look, photo, np.roll(labels, 9, 1))
    assert len(asked) == 1
