"""Prepared folders, splits, and batches: seeded, endless, each picture once a round, mixes by weight."""

from __future__ import annotations

import json

import numpy as np
import pytest
from garment_folder import PANTS, SLEEVE, TOP, photo, rectangle, rows_of, simple_folder, write_csv, write_photo

from garmentgen.data.dataset import Garments, batches, split
from garmentgen.data.prepare import prepare
from garmentgen.errors import UserError
from garmentgen.labels import BACKGROUND

PLAIN = {"flip": 0.0, "colour": 0.0, "affine": 0.0}


@pytest.fixture(scope="module")
def garments(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tops")
    prepare(simple_folder(folder / "set", 12), folder / "out", size=32, workers=1, progress=None)
    return Garments(folder / "out")


@pytest.fixture(scope="module")
def trousers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trousers")
    rows = []
    for i in range(4):
        legs = rectangle((80, 60), 10, 20 - i, 70, 40)
        write_photo(folder / "set" / "train" / f"p{i}.jpg", photo((80, 60), legs, (20, 60, 210)))
        rows += rows_of(f"p{i}.jpg", [(PANTS, legs)])
    write_csv(folder / "set", rows)
    prepare(folder / "set", folder / "out", size=32, workers=1, progress=None)
    return Garments(folder / "out")


def test_a_prepared_folder_is_mapped_not_read(garments):
    assert len(garments) == 12 and garments.size == 32
    assert garments.images.shape == (12, 32, 32, 3) and garments.labels.shape == (12, 32, 32)
    assert isinstance(garments.images, np.memmap) and isinstance(garments.labels.base, np.memmap)
    assert not garments.images.flags.writeable
    assert garments.names[3] == "003.jpg"
    assert set(garments.mains) == {TOP} and garments.single.all()
    assert set(np.unique(garments.labels[0])) == {TOP, SLEEVE, BACKGROUND}


def test_split_is_seeded_by_picture_and_complete():
    train, held = split(100, seed=3, validation=0.08)
    assert len(held) == 8 and sorted([*train, *held]) == list(range(100))
    np.testing.assert_array_equal(split(100, seed=3)[1], held)
    assert (split(100, seed=4)[1] != held).any()


def test_batches_have_the_stated_form(garments):
    images, labels = next(batches(garments, None, 4, np.random.default_rng(0)))
    assert images.shape == (4, 32, 32, 3) and labels.shape == (4, 32, 32)
    assert images.dtype == labels.dtype == np.uint8
    assert (images[labels == BACKGROUND] == 255).all()


def which(garments, image):
    return int(np.flatnonzero((garments.images == image).all((1, 2, 3)))[0])


def test_each_round_shows_every_picture_once_in_a_new_order(garments):
    rows = np.array([1, 4, 5, 7, 9, 11])
    stream = batches(garments, rows, 3, np.random.default_rng(0), **PLAIN)
    order = [which(garments, image) for _ in range(8) for image in next(stream)[0]]
    rounds = [order[i : i + 6] for i in range(0, 24, 6)]
    assert all(sorted(one) == rows.tolist() for one in rounds)
    assert len(set(map(tuple, rounds))) > 1


def test_image_and_labels_stay_together(garments):
    images, labels = next(batches(garments, None, 12, np.random.default_rng(1), **PLAIN))
    for image, label in zip(images, labels, strict=True):
        np.testing.assert_array_equal(label, garments.labels[which(garments, image)])


def test_the_same_generator_gives_the_same_batches(garments):
    def first_three(seed):
        stream = batches(garments, None, 4, np.random.default_rng(seed), outfits=0.3)
        return np.concatenate([next(stream)[0] for _ in range(3)])

    np.testing.assert_array_equal(first_three(7), first_three(7))
    assert (first_three(7) != first_three(8)).any()


@pytest.mark.parametrize("size", [16, 32, 48])
def test_another_size(garments, size):
    images, labels = next(batches(garments, None, 2, np.random.default_rng(0), size=size, outfits=0.5))
    assert images.shape == (2, size, size, 3) and labels.shape == (2, size, size)
    assert (images[labels == BACKGROUND] == 255).all() and (labels != BACKGROUND).any()


def test_a_mix_draws_by_weight(garments, trousers):
    mix = [(garments, np.arange(12), 3.0), (trousers, np.arange(4), 1.0)]
    stream = batches(mix, None, 4, np.random.default_rng(0), **PLAIN)
    labels = np.concatenate([next(stream)[1] for _ in range(100)])
    share = (labels == PANTS).any((1, 2)).mean()
    assert 0.17 < share < 0.33  # a quarter of 400, four standard deviations


def test_outfits_bring_garments_of_both_sets_together(garments, trousers):
    mix = [(garments, np.arange(12), 1.0), (trousers, np.arange(4), 1.0)]
    labels = next(batches(mix, None, 20, np.random.default_rng(0), outfits=1.0))[1]
    both = (labels == PANTS).any((1, 2)) & (labels == TOP).any((1, 2))
    assert both.all()


def test_unusable_mixes(garments):
    for mix in ([], [(garments, np.arange(0), 1.0)], [(garments, np.arange(3), 0.0)]):
        with pytest.raises(UserError, match="rows and a weight"):
            batches(mix, None, 4, np.random.default_rng(0))


def test_a_folder_that_is_not_prepared(tmp_path):
    with pytest.raises(UserError, match="run prepare again"):
        Garments(tmp_path)


@pytest.mark.parametrize("damage", ["meta.json", "images.npy", "index.csv"])
def test_a_damaged_folder(tmp_path, damage):
    prepare(simple_folder(tmp_path / "set", 2), tmp_path / "out", size=16, workers=1, progress=None)
    path = tmp_path / "out" / damage
    if damage == "meta.json":
        path.write_text(json.dumps({"count": 3}))
    else:
        path.write_bytes(path.read_bytes()[:70])
    with pytest.raises(UserError, match="run prepare again"):
        Garments(tmp_path / "out")
