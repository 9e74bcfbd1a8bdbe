"""A garment found in a photo of any framing: drawn ones to two pixels, boxes are kept to, the rest is said."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from garmentgen import BACKGROUND, UserError, cut_garment, dressing, find
from garmentgen.cutting import KEPT, Cut, laid_over

TOP, SLEEVE = find("top").id, find("sleeve").id
CLOTH = (40, 70, 160)


def ground(height: int = 500, width: int = 400, seed: int = 0) -> np.ndarray:
    """A pale wall, lit from the left, with a grain."""
    light = np.linspace(230, 190, width)[None, :, None] + np.random.default_rng(seed).normal(0, 2, (height, width, 1))
    return np.repeat(light, 3, 2).clip(0, 255).astype(np.uint8)


def busy(height: int = 500, width: int = 400) -> np.ndarray:
    """A bed of many colours, none of them that of the cloth."""
    squares = np.random.default_rng(1).integers(0, 5, (height // 25, width // 25))
    colours = np.array([(200, 160, 40), (90, 150, 70), (220, 220, 210), (150, 60, 40), (240, 200, 160)], np.uint8)
    return cv2.resize(colours[squares], (width, height), interpolation=cv2.INTER_NEAREST)


def shirt(picture: np.ndarray, colour: tuple[int, int, int] = CLOTH) -> np.ndarray:
    """Draw a shirt with sleeves; bool [H, W], where it lies."""
    outline = [
        (120, 100),
        (280, 100),
        (350, 200),
        (310, 230),
        (270, 180),
        (270, 400),
        (130, 400),
        (130, 180),
        (90, 230),
    ]
    where = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(where, [np.array(outline, np.int32)], 1)
    picture[where > 0] = colour
    return where > 0


def off(box: tuple, other: tuple) -> float:
    return max(abs(a - b) for a, b in zip(box, other, strict=True))


def test_a_rectangle_on_a_plain_ground_is_found_to_two_pixels():
    photo = ground()
    photo[120:371, 93:288] = CLOTH
    cut = cut_garment(photo)
    assert off(cut.box, (120, 93, 371, 288)) <= 2 and cut.mask[120:371, 93:288].mean() > 0.98
    assert np.array_equal(cut.photo, photo)


@pytest.mark.parametrize("colour", [CLOTH, (20, 20, 22), (250, 250, 250), (120, 120, 120)])
def test_a_garment_on_a_plain_ground_is_found(colour):
    photo = ground() if colour[0] < 200 else ground() - 90
    where = shirt(photo, colour)
    mask = cut_garment(photo).mask
    assert (mask & where).sum() / (mask | where).sum() > 0.97


def test_soft_shadows_and_a_print_of_the_grounds_colour_are_seen_through():
    photo = ground()
    shade = cv2.GaussianBlur(np.roll(shirt(photo.copy()).astype(np.float32), (8, 8), (0, 1)), (0, 0), 6)
    photo = (photo * (1 - 0.12 * shade[..., None])).astype(np.uint8)
    where = shirt(photo)
    photo[220:250, 160:190] = (205, 205, 205)  # a print as pale as the wall: it is no hole
    mask = cut_garment(photo).mask
    assert (mask & where).sum() / (mask | where).sum() > 0.95 and mask[220:250, 160:190].all()


def test_air_between_body_and_sleeve_is_ground():
    photo = ground()
    photo[100:400, 60:340] = CLOTH
    photo[180:380, 100:150] = ground()[180:380, 100:150]
    mask = cut_garment(photo).mask
    assert not mask[190:370, 106:144].any() and mask[190:370, 160:330].all()


def test_both_shoes_are_found_and_a_button_beside_them_is_not():
    photo = ground()
    photo[200:400, 80:170] = photo[210:400, 230:320] = CLOTH
    photo[50:70, 50:70] = CLOTH
    mask = cut_garment(photo).mask
    assert mask[300, 120] and mask[300, 270] and not mask[60, 60]


def test_on_a_busy_ground_the_box_is_kept_to():
    photo = busy()
    where = shirt(photo)
    photo[420:490, 40:360] = CLOTH  # more of the same cloth outside
    box = (0.17, 0.1, 0.82, 0.9)
    mask = cut_garment(photo, box).mask
    assert not mask[: int(0.17 * 500) - 2].any() and not mask[int(0.82 * 500) + 2 :].any()
    assert (mask & where).sum() / (mask | where).sum() > 0.85


def test_a_box_drawn_on_cloth_is_taken_whole():
    photo = np.tile(ground(100, 100)[:50, :50], (10, 8, 1))
    cut = cut_garment(photo, (0.25, 0.25, 0.5, 0.75))
    assert cut.box == (125, 100, 250, 300) and cut.mask.sum() == 125 * 200


def test_all_of_a_box_or_of_a_photo_is_taken_when_asked_for():
    photo = ground()
    shirt(photo)
    assert cut_garment(photo, (0, 0.5, 1, 1), whole=True).box == (0, 200, 500, 400)
    assert cut_garment(photo, whole=True).mask.all()


def test_a_photo_is_cut_alike_each_time_and_framed_as_it_is_seen(tmp_path):
    photo = busy()
    where = shirt(photo)
    masks = [cut_garment(photo, (0.1, 0.05, 0.9, 0.95)).mask for _ in range(2)]
    assert np.array_equal(*masks)
    turned, tags = tmp_path / "turned.png", Image.Exif()
    tags[0x0112] = 6  # stored lying on its left side
    plain = ground()
    plain[where] = CLOTH
    Image.fromarray(np.rot90(plain)).save(turned, exif=tags)
    assert np.array_equal(cut_garment(turned).photo, plain)


def test_a_large_photo_is_kept_small(tmp_path):
    photo = cv2.resize(ground(), (3000, 4000))
    photo[1000:3000, 900:2100] = CLOTH
    Image.fromarray(photo).save(tmp_path / "large.jpg")
    cut = cut_garment(tmp_path / "large.jpg")
    assert cut.photo.shape == (KEPT, 768, 3)
    assert off(cut.box, tuple(v * KEPT / 4000 for v in (1000, 900, 3000, 2100))) <= 3


@pytest.mark.parametrize("photo", [ground(), np.full((300, 200, 3), 128, np.uint8), np.zeros((2, 2, 3), np.uint8)])
def test_a_photo_without_an_object_gets_the_sentence(photo):
    with pytest.raises(UserError, match="no garment was found in this photo.*draw a box"):
        cut_garment(photo)


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ((0.1, 0.1, 0.5), "shares 0..1"),
        ((0, 0, 1, 2), "shares 0..1"),
        ((0, 0, float("nan"), 1), "shares 0..1"),
        ("0011", "shares 0..1"),
        ((0.5, 0.1, 0.5, 0.9), "empty"),
        ((0.1, 0.9, 0.9, 0.1), "empty"),
    ],
)
def test_what_is_no_box_is_said(box, reason):
    with pytest.raises(UserError, match=reason):
        cut_garment(ground(), box)
    with pytest.raises(UserError, match="photo"):
        cut_garment(np.zeros((8, 8, 3), np.float32))


def test_a_cut_is_laid_over_the_box_of_a_map_on_paper():
    """The left half of the cut is red, the right blue; its lower left corner is no cloth."""
    photo = np.full((100, 100, 3), 255, np.uint8)
    photo[20:60, 10:50], photo[20:60, 50:90] = (255, 0, 0), (0, 0, 255)
    mask = np.zeros((100, 100), bool)
    mask[20:60, 10:90] = True
    mask[40:60, 10:50] = False
    labels = np.full((32, 32), BACKGROUND, np.uint8)
    labels[8:24, 4:12], labels[8:24, 12:20] = SLEEVE, TOP
    laid, found = laid_over(Cut(photo, mask), labels)
    assert (laid[9:15, 5:11] == (255, 0, 0)).all() and (laid[9:23, 13:19] == (0, 0, 255)).all()
    assert (found[8:15, 4:12] == SLEEVE).all() and (found[17:24, 4:12] == BACKGROUND).all()
    assert (found[8:24, 13:20] == TOP).all() and (found[24:] == BACKGROUND).all()


def test_a_class_that_cloth_hardly_covers_is_left_out_and_an_empty_overlap_takes_the_box():
    labels = np.full((32, 32), BACKGROUND, np.uint8)
    labels[8:24, 4:12], labels[8:24, 12:20] = SLEEVE, TOP
    right = np.zeros((16, 16), bool)
    right[:, 8:], right[0, 0] = True, True  # one pixel in the left corner opens the box to it
    cut = Cut(np.zeros((16, 16, 3), np.uint8), right)
    assert set(np.unique(laid_over(cut, labels)[1])) == {TOP, BACKGROUND}
    ring = np.ones((16, 16), bool)
    ring[1:-1, 1:-1] = False
    labels[:] = BACKGROUND
    labels[12, 4:20] = labels[4:20, 12] = TOP  # a cross, which meets a ring at its four ends only
    labels[4, 12] = labels[19, 12] = labels[12, 4] = labels[12, 19] = BACKGROUND
    labels[4, 4] = labels[19, 19] = SLEEVE
    ring[:2, :2] = ring[-2:, -2:] = False
    found = laid_over(Cut(np.zeros((16, 16, 3), np.uint8), ring), labels)[1]
    assert np.array_equal(found, labels)


def dressed_square(size: int) -> np.ndarray:
    labels = np.full((size, size), BACKGROUND, np.uint8)
    labels[size // 4 : -size // 8, size // 4 : -size // 4] = TOP
    labels[size // 4 : size // 2, size // 8 : size // 4] = SLEEVE
    return labels


@pytest.mark.parametrize("place", [(30, 20, 230, 120), (200, 100, 460, 380)])
def test_the_style_of_a_photo_does_not_depend_on_its_framing(designer, place, monkeypatch):
    """Flat cloth at any place of a photo gives the codes of flat cloth that fills the map."""
    monkeypatch.setattr(dressing, "CORRECTIONS", 0)  # of a network that has learnt nothing they are noise
    photo, (top, left, bottom, right) = ground(), place
    photo[top:bottom, left:right] = CLOTH
    labels = dressed_square(designer.size)
    look = designer.look(labels, 3)
    flat = designer.encode(np.full((*labels.shape, 3), CLOTH, np.uint8), labels)
    for styled in (designer.style_from_photo(look, photo), designer.style_from_cut(look, cut_garment(photo))):
        assert styled.pinned == {TOP, SLEEVE} and np.array_equal(styled.labels, labels)
        for c in flat:  # but for the rim, where the outline that was found is a pixel off
            assert np.median(np.abs(styled.codes[c] - flat[c])) < 0.1 * np.abs(look.codes[c] - flat[c]).mean()
    only = designer.style_from_photo(look, photo, regions=["sleeve"])
    assert only.pinned == {SLEEVE} and np.array_equal(only.codes[TOP], look.codes[TOP])
    assert not np.array_equal(only.codes[SLEEVE], look.codes[SLEEVE])


def test_a_part_the_garment_does_not_reach_follows_the_one_it_covers_most(designer):
    photo = ground()
    photo[100:400, 100:300] = CLOTH
    mask = np.zeros(photo.shape[:2], bool)
    mask[100:400, 150:300] = mask[399, 100:300] = True
    labels = dressed_square(designer.size)
    styled = designer.style_from_cut(designer.look(labels, 3), Cut(photo, mask))
    assert np.array_equal(styled.codes[SLEEVE], styled.codes[TOP])
    with pytest.raises(UserError, match="no 'shoe'"):
        designer.style_from_cut(styled, Cut(photo, mask), ["shoe"])
