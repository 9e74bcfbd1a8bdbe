"""The map inside the network: boxes, sampling and positions as tensors, against NumPy and cases known on paper."""

from __future__ import annotations

import numpy as np
import paddle
import pytest
from small_maps import PANTS, SLEEVE, TOP, blank, outfit

from garmentgen.geometry import boxes
from garmentgen.labels import BACKGROUND, NUM_LABELS
from garmentgen.models import build_generator
from garmentgen.models.boxes import class_boxes
from garmentgen.models.lite.layout import STYLE_STRIDE, layout, sample_codes
from garmentgen.pixels import labels_to_tensor
from garmentgen.presets import PRESETS

GRID, OCTAVES = 8, 2


def speck(side: int = 64) -> np.ndarray:
    """One pixel in each corner, a line one pixel wide, and nothing else."""
    labels = blank(side)
    labels[0, 0], labels[0, -1], labels[-1, 0], labels[-1, -1] = 0, 1, 2, NUM_LABELS - 1
    labels[7, 3:50] = SLEEVE
    return labels


def patchwork(side: int = 64) -> np.ndarray:
    """Every class and the background anywhere."""
    labels = np.random.default_rng(0).integers(0, NUM_LABELS + 1, (side, side)).astype(np.uint8)
    return np.where(labels == NUM_LABELS, BACKGROUND, labels).astype(np.uint8)


MAPS = np.stack([outfit(), np.roll(outfit(), 4, 1), np.full((64, 64), TOP, np.uint8), speck(), patchwork()])


def laid(labels: np.ndarray, grid: int = GRID, octaves: int = OCTAVES) -> tuple[np.ndarray, ...]:
    """`layout` of maps uint8 [N, S, S] as arrays."""
    ids = labels_to_tensor(labels)
    return tuple(v.numpy() for v in layout(ids, class_boxes(ids), grid, octaves))


def on_paper(labels: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for the n-th map of a batch, pixel by pixel from the boxes of `geometry`: taps, weights, position."""
    found, small = boxes(labels), labels[2::4, 2::4]
    side = len(small)
    taps, weights = np.zeros((side, side, 4), np.int64), np.zeros((side, side, 4))
    position = np.zeros((4 * OCTAVES + 2, side, side))
    for i, j in np.argwhere(small != BACKGROUND):
        top, left, bottom, right = found[int(small[i, j])]
        v, u = (4 * i + 2 - top) / (bottom - top), (4 * j + 2 - left) / (right - left)
        y, x = (min(max(c * GRID - 0.5, 0), GRID - 1) for c in (v, u))
        row, column = (min(int(c), GRID - 2) for c in (y, x))
        first = (n * NUM_LABELS + int(small[i, j])) * GRID**2 + row * GRID + column
        taps[i, j] = [first, first + 1, first + GRID, first + GRID + 1]
        weights[i, j] = np.outer([row + 1 - y, y - row], [column + 1 - x, x - column]).ravel()
        waves = [f(np.pi * 2**k * c) for k in range(OCTAVES) for c in (v, u) for f in (np.sin, np.cos)]
        sizes = [np.log2((b - a) / len(labels)) / 4 for a, b in ((top, bottom), (left, right))]
        position[:, i, j] = [*waves, *sizes]
    return taps.reshape(-1, 4), weights.reshape(-1, 4), position


def test_boxes_are_those_of_geometry_and_the_backgrounds_is_the_canvas():
    found = class_boxes(labels_to_tensor(MAPS)).numpy()
    assert found.shape == (len(MAPS), NUM_LABELS + 1, 4) and (found[:, -1] == [0, 0, 64, 64]).all()
    for one, labels in zip(found, MAPS, strict=True):
        for c, box in boxes(labels).items():
            assert tuple(one[c]) == box


def test_every_pixel_samples_its_own_class_at_its_place_in_the_box():
    taps, weights, position = laid(MAPS)
    for n, labels in enumerate(MAPS):
        expected = on_paper(labels, n)
        clothed = (labels[2::4, 2::4] != BACKGROUND).ravel()
        assert np.array_equal(taps[n][clothed], expected[0][clothed])
        np.testing.assert_allclose(weights[n], expected[1], atol=1e-5)
        np.testing.assert_allclose(position[n], expected[2], atol=1e-5)
    assert taps.min() >= 0 and taps.max() < len(MAPS) * NUM_LABELS * GRID**2


def _sampled(labels: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """codes [N, K, G, G] of one channel as every style pixel sees them: [N, h, w]."""
    taps, weights, _ = laid(labels)
    return (codes.ravel()[taps] * weights).sum(-1).reshape(len(labels), labels.shape[1] // 4, -1)


def test_codes_that_are_linear_in_place_are_sampled_as_that_place():
    """A code whose cells hold their own column (or row) gives, between cell centres, the position itself."""
    labels = blank(64)
    labels[8:40, 16:48] = TOP
    centre = np.arange(2, 64, STYLE_STRIDE)
    inside = np.ix_(np.flatnonzero((centre >= 8) & (centre < 40)), np.flatnonzero((centre >= 16) & (centre < 48)))
    for axis, start in ((0, 8), (1, 16)):
        codes = np.zeros((1, NUM_LABELS, GRID, GRID))
        codes[0, TOP] = np.indices((GRID, GRID))[axis]
        place = np.clip((centre - start) / 32 * GRID - 0.5, 0, GRID - 1)
        expected = np.broadcast_to(place[:, None] if axis == 0 else place[None], (16, 16))
        np.testing.assert_allclose(_sampled(labels[None], codes)[0][inside], expected[inside], atol=1e-5)


def test_codes_move_with_the_garment():
    """What is sampled depends on the place in the box, not on the canvas."""
    labels = blank(64)
    labels[8:40, 8:36] = TOP
    moved = np.roll(labels, (12, 16), (0, 1))
    codes = np.random.default_rng(0).standard_normal((1, NUM_LABELS, GRID, GRID))
    here, there = (_sampled(one[None], codes)[0] for one in (labels, moved))
    np.testing.assert_allclose(np.roll(here, (3, 4), (0, 1)), there, atol=1e-6)


def test_a_window_reads_codes_and_places_as_the_whole_map_does():
    """Boxes of the whole map, moved into the window: its pixels sample what they sampled."""
    labels = np.stack([outfit(128), np.roll(outfit(128), 8, 1)])
    corners, side = np.array([[32, 0], [64, 64]]), 64
    cut = np.stack([one[y : y + side, x : x + side] for one, (y, x) in zip(labels, corners, strict=True)])
    whole = class_boxes(labels_to_tensor(labels))
    moved = whole - paddle.to_tensor(np.tile(corners, 2)[:, None].astype(np.float32))
    canvas = [v.numpy() for v in layout(labels_to_tensor(labels), whole, GRID, OCTAVES)]
    window = [v.numpy() for v in layout(labels_to_tensor(cut), moved, GRID, OCTAVES)]
    for n, (y, x) in enumerate(corners // STYLE_STRIDE):
        for flat, part in zip(canvas[:2], window[:2], strict=True):
            expected = flat[n].reshape(32, 32, 4)[y : y + 16, x : x + 16].reshape(-1, 4)
            assert np.array_equal(part[n][part[n].any(1)], expected[part[n].any(1)])
        assert np.array_equal(window[2][n], canvas[2][n][:, y : y + 16, x : x + 16])


def test_sampling_reads_the_named_cells_with_their_weights():
    codes = paddle.arange(2 * NUM_LABELS * 2 * 4, dtype="float32").reshape([2, NUM_LABELS, 2, 2, 2])
    taps = paddle.to_tensor(np.full((2, 1, 4), 4 * 3) + np.arange(4) + np.array([0, 4 * NUM_LABELS])[:, None, None])
    weights = paddle.to_tensor([[[0.5, 0.5, 0.0, 0.0]], [[0.0, 0.0, 0.0, 2.0]]])
    got = sample_codes(codes, taps, weights).numpy()  # class 3: cells 24 .. 27 of channel 0, 28 .. 31 of channel 1
    second = NUM_LABELS * 8
    np.testing.assert_allclose(got[:, :, 0], [[24.5, 28.5], [2 * (second + 27), 2 * (second + 31)]])


@pytest.mark.parametrize("absent", [PANTS, NUM_LABELS - 1])
def test_a_class_that_is_not_there_leaves_no_number_that_is_none(absent):
    """Its box is no box; nothing may be read from it."""
    labels = np.where(np.isin(MAPS, [absent]), TOP, MAPS).astype(np.uint8)
    assert all(np.isfinite(v).all() for v in laid(labels))
    net = build_generator(PRESETS["tiny"].model)
    with paddle.no_grad():
        codes = paddle.zeros([len(labels), NUM_LABELS, 8, 8, 8])
        assert np.isfinite(net(labels_to_tensor(labels), codes, paddle.zeros([len(labels), 1, 32, 32])).numpy()).all()
