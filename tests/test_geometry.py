"""Boxes, crops, padding and windows, each on maps whose answer is known on paper."""

from __future__ import annotations

import numpy as np
import pytest
from small_maps import PANTS, POCKET, SLEEVE, TOP, blank, outfit, photo_of

from garmentgen.geometry import (
    WINDOW_STEP,
    boxes,
    classes_on,
    cloth_windows,
    main_class,
    padding_index,
    parent_garments,
    part_of,
    regions,
    windows,
)
from garmentgen.labels import BACKGROUND, NUM_LABELS, find


def test_the_classes_on_a_map_are_those_with_a_pixel():
    labels = blank(8)
    assert classes_on(labels) == set()
    labels[7, 7], labels[0, 0] = 0, NUM_LABELS - 1
    assert classes_on(labels) == {0, NUM_LABELS - 1} == set(boxes(labels))
    assert classes_on(labels[:4]) == {NUM_LABELS - 1}


def test_boxes_are_half_open_and_join_the_pieces_of_a_class():
    labels = blank(16)
    labels[2:5, 1:4] = TOP
    labels[9, 12] = TOP
    labels[15, 0] = 0
    found = boxes(labels)
    assert found == {0: (15, 0, 16, 1), TOP: (2, 1, 10, 13)} and list(found) == sorted(found)
    assert boxes(blank()) == {}


def test_a_part_belongs_to_the_garment_it_borders_on_most():
    """The outfit's sleeves and pocket lie on the top, though the trousers are larger; a lone hood follows the main."""
    labels = outfit()
    assert parent_garments(labels) == {TOP: TOP, PANTS: PANTS, SLEEVE: TOP, POCKET: TOP}
    labels[32:40, 20:28] = POCKET  # 8 x 8 across the seam and deep in the trousers
    labels[36:52, 24:32] = POCKET
    assert parent_garments(labels)[POCKET] == PANTS
    hood = find("hood").id
    labels[:4, :4] = hood
    assert parent_garments(labels)[hood] == main_class(labels)
    assert parent_garments(np.full((4, 4), SLEEVE, np.uint8)) == {SLEEVE: SLEEVE}


def test_the_main_class_is_the_largest_garment_and_a_part_only_when_alone():
    labels = blank(16)
    labels[:8] = SLEEVE
    assert main_class(labels) == SLEEVE
    labels[8] = TOP
    assert main_class(labels) == TOP
    labels[9:11] = PANTS
    assert main_class(labels) == PANTS
    with pytest.raises(ValueError, match="background"):
        main_class(blank())


def test_every_class_of_every_picture_is_cut_out_once():
    labels = np.stack([outfit(), blank()])
    labels[1, 10:20, 10:20] = PANTS
    cut = regions(np.stack([photo_of(one) for one in labels]), labels, 32, 8)
    assert list(zip(cut.pictures.tolist(), cut.classes.tolist(), strict=True)) == [
        *((0, c) for c in sorted((TOP, SLEEVE, PANTS, POCKET))),
        (1, PANTS),
    ]
    assert cut.crops.shape == (5, 4, 32, 32) and cut.padding.shape == (5, 64)


@pytest.mark.parametrize("side", [8, 32])  # the box of 24 x 24 is shrunk, and enlarged
def test_a_crop_holds_its_class_alone_and_neighbours_do_not_bleed(side):
    labels = blank(32)
    labels[4:28, 4:28] = PANTS
    labels[10:20, 10:20] = POCKET
    images = np.full((1, 32, 32, 3), 255, np.uint8)
    images[0][labels == PANTS] = (10, 20, 30)
    images[0][labels == POCKET] = (250, 0, 0)
    cut = regions(images, labels[None], side, 4)
    pants = cut.crops[cut.classes.tolist().index(PANTS)]
    inside = pants[3] == 255
    assert set(np.unique(pants[3])) == {0, 255} and inside[0].all() and not inside[side // 2 - 1, side // 2 - 1]
    assert (pants[:3, inside].T == (10, 20, 30)).all() and (pants[:3, ~inside] == 128).all()
    pocket = cut.crops[cut.classes.tolist().index(POCKET)]
    assert (pocket[3] == 255).all() and (pocket[:3].reshape(3, -1).T == (250, 0, 0)).all()


def test_no_pixel_at_all_is_an_error():
    with pytest.raises(ValueError, match="background"):
        regions(np.zeros((1, 8, 8, 3), np.uint8), blank(8)[None], 8, 4)


def test_empty_cells_take_the_mirror_image_of_the_nearest_solid_one():
    mask = np.zeros((8, 12), np.float32)
    mask[:, :6] = 1  # a grid of 4 x 4 cells of 2 x 3 pixels: columns 0 and 1 are covered
    # the mirror at column 1 shows column 0 in column 2, and nothing in column 3, which takes the mirror's own
    assert padding_index(mask, 4).reshape(4, 4).tolist() == [[4 * r + c for c in (0, 1, 0, 1)] for r in range(4)]


def test_cells_that_the_outline_crosses_keep_their_code_when_half_covered_but_never_lend_it():
    mask = np.zeros((8, 40), np.float32)
    mask[:, :26] = 1  # cells of 2 x 10 pixels: columns 0 and 1 are full, column 2 is six tenths covered
    assert padding_index(mask, 4).reshape(4, 4)[0].tolist() == [0, 1, 2, 1]
    mask[:, 24:] = 0  # four tenths: too little to keep
    assert padding_index(mask, 4).reshape(4, 4)[0].tolist() == [0, 1, 0, 1]


def test_the_fullest_cells_of_a_thin_region_lend_their_codes():
    mask = np.zeros((40, 40), np.float32)
    mask[3:6] = 1  # a stripe that covers three tenths of the first row of cells and nothing else
    filled = padding_index(mask, 4).reshape(4, 4)
    assert filled[0].tolist() == [0, 1, 2, 3] and (filled == filled[0]).all()


def test_a_region_too_thin_to_cover_any_cell_still_has_one():
    mask = np.zeros((64, 64), np.float32)
    mask[40, 3] = 1
    assert (padding_index(mask, 4) == 2 * 4 + 0).all()


def test_part_of_a_code_is_its_crop_and_beyond_its_box_its_mirror_image():
    code = np.indices((4, 4)).astype(np.float32)  # two channels: row and column of each cell
    whole = (8, 16, 40, 48)
    assert np.allclose(part_of(code, whole, whole), code)
    corner = part_of(code, whole, (24, 32, 40, 48))  # the lower right quarter: cells 1.75, 2.25, 2.75 and 3.25
    assert np.allclose(corner[0][:, 0], [1.75, 2.25, 2.75, 2.75]) and np.allclose(corner[1], corner[0].T)
    above = part_of(code, whole, (-16, 16, 8, 48))[0][:, 0]  # cells -3.125, -2.375, -1.625 and -0.875
    assert np.allclose(above, [2.875, 2.375, 1.625, 0.875])


def test_full_coverage_leaves_every_cell_as_it_is():
    assert padding_index(np.ones((10, 7), np.float32), 8).tolist() == list(range(64))


def test_windows_lie_on_the_canvas_around_something_painted():
    rng = np.random.default_rng(0)
    labels = blank(256)
    labels[3:9, 240:250] = TOP
    labels[130:140, 5:12] = PANTS
    corners = np.concatenate([windows(labels[None], 128, rng) for _ in range(60)])
    assert (corners % WINDOW_STEP == 0).all() and corners.min() >= 0 and corners.max() <= 128
    for y, x in corners:
        assert (labels[y : y + 128, x : x + 128] != BACKGROUND).any()
    assert len(np.unique(corners, axis=0)) >= 3, "both regions are visited, and not always from the same corner"
    assert np.array_equal(windows(labels[None], 256, rng), [[0, 0]])


def test_cloth_windows_are_full_of_the_main_class():
    labels = np.full((1, 256, 256), BACKGROUND, np.uint8)
    labels[0, 100:230, 40:200] = 1
    labels[0, 10:60, 10:60] = 31
    rng = np.random.default_rng(0)
    corners = np.concatenate([cloth_windows(labels, np.array([1]), 128, rng) for _ in range(200)])
    assert (corners % 32 == 0).all() and corners.min() >= 0 and corners.max() <= 128
    cloth = np.array([(labels[0, y : y + 128, x : x + 128] == 1).sum() for y, x in corners])
    assert 0.8 <= (cloth >= 0.8 * cloth.max()).mean() < 1, "the others lie anywhere"
