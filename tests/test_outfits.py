"""Outfits: whole garments on one canvas, in places that make sense, one above the other."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from garmentgen.data import outfits
from garmentgen.data.outfits import Piece, Wardrobe, compose, enclose, paste
from garmentgen.labels import BACKGROUND, GROUPS_ZH, LABELS, PARTS, find

MAINS = [label.id for label in LABELS if label.id not in PARTS]


def drawn_set(mains, single=True, size=32, part=None):
    """A stand-in for Garments: each picture a block of its main class, its colour the class id."""
    labels = np.full((len(mains), size, size), BACKGROUND, np.uint8)
    images = np.full((len(mains), size, size, 3), 255, np.uint8)
    for i, main in enumerate(mains):
        labels[i, 4:28, 8:24] = main
        images[i, 4:28, 8:24] = main
        if part is not None:
            labels[i, 4:8, 8:24] = part
    return SimpleNamespace(
        images=images, labels=labels, mains=np.array(mains), single=np.full(len(mains), single), size=size
    )


def share(garments, weight=1.0):
    return garments, np.arange(len(garments.mains)), weight


def test_every_place_is_a_group_of_the_table_and_all_garment_groups_have_one():
    places = {place.group for place in (*outfits._SEPARATES, *outfits._ONE_PIECE)}
    assert places <= set(GROUPS_ZH)
    assert places == {LABELS[main].group for main in MAINS}


def test_outfits_have_many_classes_and_clean_background():
    wardrobe = Wardrobe([share(drawn_set(MAINS))])
    rng = np.random.default_rng(0)
    counts = []
    for _ in range(60):
        image, labels = compose(wardrobe, 96, rng)
        assert image.shape == (96, 96, 3) and labels.shape == (96, 96)
        assert (image[labels == BACKGROUND] == 255).all()
        counts.append(len(np.unique(labels)) - 1)
        edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        assert (edge == BACKGROUND).all()  # whole garments
    assert np.mean(counts) > 4 and max(counts) >= 6


def test_without_recolouring_every_pixel_is_its_own_garments():
    image, labels = compose(Wardrobe([share(drawn_set(MAINS))]), 96, np.random.default_rng(1), colour=0.0)
    inside = labels != BACKGROUND
    assert (image[inside] == labels[inside][:, None]).all()


def test_hats_lie_above_tops_above_trousers_above_shoes():
    names = ("hat", "top", "pants", "shoe")
    wardrobe = Wardrobe([share(drawn_set([find(name).id for name in names]))])
    rng = np.random.default_rng(2)
    for _ in range(30):
        labels = compose(wardrobe, 96, rng)[1]
        middles = [np.nonzero(labels == find(n).id)[0].mean() for n in names if (labels == find(n).id).any()]
        assert middles == sorted(middles)


def test_parts_come_with_their_garment():
    sleeve = find("sleeve").id
    wardrobe = Wardrobe([share(drawn_set([find("top").id], part=sleeve))])
    labels = compose(wardrobe, 64, np.random.default_rng(0))[1]
    rows = np.nonzero(labels == sleeve)[0]
    assert len(rows) and rows.max() < np.nonzero(labels == find("top").id)[0].max()


def test_pictures_with_several_garments_are_not_used():
    wardrobe = Wardrobe([share(drawn_set([find("top").id], single=False))])
    assert wardrobe.groups == set()
    image, labels = compose(wardrobe, 32, np.random.default_rng(0))
    assert (image == 255).all() and (labels == BACKGROUND).all()


def test_only_the_given_rows_are_used():
    garments = drawn_set([find("top").id, find("sweater").id])
    wardrobe = Wardrobe([(garments, np.array([1]), 1.0)])
    labels = np.stack([compose(wardrobe, 32, np.random.default_rng(i))[1] for i in range(10)])
    assert set(np.unique(labels)) == {find("sweater").id, BACKGROUND}


def test_rare_classes_are_picked_as_often_as_common_ones():
    wardrobe = Wardrobe([share(drawn_set([find("pants").id] * 9 + [find("skirt").id]))])
    rng = np.random.default_rng(0)
    picked = [wardrobe.pick("lowerbody", rng) for _ in range(400)]
    skirts = np.mean([p is not None and p[1][0, 0] == find("skirt").id for p in picked])
    assert 0.4 < skirts < 0.6
    assert wardrobe.pick("head", rng) is None


def test_a_picked_garment_is_cut_to_its_box():
    picked = Wardrobe([share(drawn_set([find("hat").id]))]).pick("head", np.random.default_rng(0))
    assert picked is not None and picked[1].shape == (24, 16) and picked[0].shape == (24, 16, 3)


def test_sets_are_picked_by_weight():
    one, two = drawn_set([find("hat").id]), drawn_set([find("hat").id])
    two.images[:, 4:28, 8:24] = 99
    wardrobe = Wardrobe([share(one, 3.0), share(two, 1.0)])
    rng = np.random.default_rng(0)
    picked = [wardrobe.pick("head", rng) for _ in range(400)]
    assert 0.17 < np.mean([p is not None and p[0][0, 0, 0] == 99 for p in picked]) < 0.33


def test_paste_lays_on_top_and_leaves_the_rest():
    image, labels = np.full((4, 4, 3), 9, np.uint8), np.full((4, 4), 3, np.uint8)
    piece = np.full((2, 2, 3), 7, np.uint8), np.array([[1, BACKGROUND], [BACKGROUND, 1]], np.uint8)
    paste(piece, image, labels, -1, 3)  # moved onto the canvas: columns 2..3, rows 0..1
    assert labels.tolist() == [[3, 3, 1, 3], [3, 3, 3, 1], [3, 3, 3, 3], [3, 3, 3, 3]]
    assert image[..., 0].tolist() == [[9, 9, 7, 9], [9, 9, 9, 7], [9, 9, 9, 9], [9, 9, 9, 9]]


@pytest.mark.parametrize("seed", range(5))
def test_the_square_holds_all_pieces(seed):
    rng = np.random.default_rng(seed)
    nothing = np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8)
    pieces = [Piece(nothing, *rng.uniform(-1, 1, 2), *rng.uniform(0.1, 1, 2)) for _ in range(4)]
    zoom, top, left = enclose(pieces, rng)
    for p in pieces:
        for centre, length, start in ((p.x, p.width, left), (p.y, p.height, top)):
            assert 0 < (centre - length / 2 - start) * zoom < (centre + length / 2 - start) * zoom < 1


def test_the_same_generator_gives_the_same_outfit():
    wardrobe = Wardrobe([share(drawn_set(MAINS))])
    one, two = (compose(wardrobe, 64, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])
