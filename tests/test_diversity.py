"""mCSD and mOCD on pictures whose change is known."""

from __future__ import annotations

import numpy as np
import pytest

from garmentgen.evaluation.diversity import class_diversity, masked_mean
from garmentgen.evaluation.figures import class_figures
from garmentgen.evaluation.networks import Network, load_lpips
from garmentgen.labels import find

TOP, SLEEVE = find("top").id, find("sleeve").id


def _pixels(pictures: np.ndarray) -> tuple[np.ndarray, ...]:
    """A feature network that is its own picture: LPIPS becomes the squared difference of colours."""
    return (pictures.transpose(0, 3, 1, 2).astype(np.float32),)


@pytest.fixture
def scene() -> dict[str, np.ndarray]:
    """8x8, rows 0-1 region, rows 2-4 the rest of the garment, rows 5-7 background."""
    garment, region = np.zeros((1, 8, 8), bool), np.zeros((1, 8, 8), bool)
    garment[:, :5] = True
    region[:, :2] = True
    return {"before": np.full((1, 8, 8, 3), 100, np.uint8), "region": region, "garment": garment}


def test_change_is_measured_on_its_own_side(scene):
    after = scene["before"].copy()
    after[:, 0] += 3  # half the region by 3 in each of three channels
    after[:, 4] += 2  # a third of the rest by 2
    after[:, 7] += 50  # background does not count
    inside, outside = class_diversity(_pixels, after=after, **scene)
    assert inside == pytest.approx([3 * 9 / 2])
    assert outside == pytest.approx([3 * 4 / 3])


def test_a_change_inside_never_leaks_outside(scene):
    rng = np.random.default_rng(0)
    before = rng.integers(0, 255, (2, 64, 64, 3)).astype(np.uint8)
    garment, region = (m.repeat(8, 1).repeat(8, 2).repeat(2, 0) for m in (scene["garment"], scene["region"]))
    after = np.where(region[..., None], 255 - before, before)
    inside, outside = class_diversity(load_lpips(), before, after, region, garment)
    assert (inside > 0.03).all()
    assert (outside == 0).all()
    inside, outside = class_diversity(load_lpips(), before, np.where(region[..., None], before, 255), region, garment)
    assert (inside == 0).all()
    assert (outside > 0.03).all()


def test_no_pixels_no_number(scene):
    inside, outside = class_diversity(
        _pixels, scene["before"], scene["before"], scene["garment"], scene["garment"]
    )  # the region is the whole garment
    assert inside == [0]
    assert np.isnan(outside).all()
    assert masked_mean(np.ones((2, 2, 2)), np.array([[[1, 0], [0, 0]], [[0, 0], [0, 0]]], bool))[0] == 1


def test_mean_is_over_classes_not_over_pictures():
    classes = np.array([TOP, TOP, TOP, SLEEVE])
    inside, outside = np.array([1.0, 2.0, 3.0, 8.0]), np.array([0.5, np.nan, 0.5, 0.25])
    network = Network("a network", "", None, lambda planes: [planes])
    figures = {f.name: f for f in class_figures(classes, inside, outside, "samples", network, 7)}
    assert figures["mCSD"].value == (2 + 8) / 2
    assert figures["mOCD"].value == (0.5 + 0.25) / 2
    assert figures["CSD of top, t-shirt, sweatshirt"].value == 2
    assert figures["CSD of sleeve"].count == 1
    assert all((f.network, f.seed, f.pictures) == ("a network", 7, "samples") for f in figures.values())
