"""The border between numpy and Paddle: nothing is lost, nothing is mirrored, background is nobody's class."""

from __future__ import annotations

import numpy as np
from small_maps import PANTS, TOP, blank, outfit

from garmentgen import pixels
from garmentgen.arrays import to_images
from garmentgen.labels import BACKGROUND, NUM_LABELS, palette


def test_every_grey_level_survives_the_round_trip():
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    picture = np.concatenate([ramp, ramp[:, ::-1], ramp[:, :, ::-1]], -1)
    tensor = pixels.to_tensor(picture)
    assert tensor.shape == [1, 3, 16, 16] and float(tensor.min()) == -1 and float(tensor.max()) == 1
    assert np.array_equal(to_images(tensor), picture)


def test_planes_are_red_green_blue_and_rows_stay_rows():
    picture = np.zeros((1, 2, 3, 3), np.uint8)
    picture[0, 0, 2] = (255, 0, 51)
    tensor = pixels.to_tensor(picture).numpy()
    assert tensor.dtype == np.float32
    np.testing.assert_allclose(tensor[0, :, 0, 2], [1, -1, -0.6], atol=1e-6)


def test_pictures_are_rounded_and_clipped():
    values = np.array([-9.0, -1.0, 0.0, 0.003, 1.0, 9.0], np.float32).reshape(1, 1, 2, 3).repeat(3, 1)
    # 0 is 127.5, which rounds to the even 128; 0.003 is 127.88
    assert to_images(values)[0, ..., 0].tolist() == [[0, 0, 128], [128, 255, 255]]


def test_background_becomes_the_last_row_and_no_class_of_the_one_hot_map():
    labels = outfit()
    tensor = pixels.labels_to_tensor(labels[None])
    assert str(tensor.dtype) == "paddle.int64" and set(np.unique(tensor.numpy())) == set(
        np.unique(np.where(labels == BACKGROUND, NUM_LABELS, labels))
    )
    planes = pixels.one_hot(tensor).numpy()
    assert planes.shape == (1, NUM_LABELS, 64, 64)
    assert np.array_equal(planes[0].sum(0), (labels != BACKGROUND).astype(np.float32))
    assert np.array_equal(planes[0, PANTS] == 1, labels == PANTS)


def test_class_zero_is_not_background():
    labels = blank(4)
    labels[0, 0] = 0
    planes = pixels.one_hot(pixels.labels_to_tensor(labels[None])).numpy()
    assert planes[0, 0, 0, 0] == 1 and planes.sum() == 1


def test_crops_are_grey_outside_their_class():
    crops = np.zeros((1, 4, 1, 2), np.uint8)
    crops[0, :, 0, 0] = (255, 0, 51, 255)
    crops[0, :, 0, 1] = (90, 90, 90, 0)
    tensor = pixels.crops_to_tensor(crops).numpy()
    np.testing.assert_allclose(tensor[0, :, 0, 0], [1, -1, -0.6, 1], atol=1e-6)
    assert not tensor[0, :, 0, 1].any()


def test_a_map_shown_as_a_picture_wears_the_palette():
    labels = blank(4)
    labels[1, 2] = TOP
    picture = to_images(pixels.maps_as_pictures(labels[None]))[0]
    assert picture[1, 2].tolist() == palette()[TOP].tolist() and (picture[0] == 255).all()


def test_noise_depends_on_its_generator_alone():
    import paddle

    paddle.seed(1)
    first = pixels.make_noise(np.random.default_rng(5), [2, 3, 4, 4]).numpy()
    paddle.seed(2)
    np.random.seed(2)
    again = pixels.make_noise(np.random.default_rng(5), [2, 3, 4, 4]).numpy()
    assert first.shape == (2, 3, 4, 4) and first.dtype == np.float32 and np.array_equal(first, again)
    assert not np.array_equal(first, pixels.make_noise(np.random.default_rng(6), [2, 3, 4, 4]).numpy())
