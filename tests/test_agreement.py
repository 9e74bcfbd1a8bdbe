"""Agreement between maps, and the segmenter that reads pictures back into maps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from garmentgen.evaluation.agreement import agreement, confusion
from garmentgen.evaluation.networks import Network, load_mobilenet_taps
from garmentgen.evaluation.segmenter import Segmenter, cached_segmenter, class_weights, segmenter_key
from garmentgen.evaluation.yardsticks import shrink
from garmentgen.labels import BACKGROUND, NUM_LABELS, find

TOP, PANTS, SLEEVE = (find(name).id for name in ("top", "pants", "sleeve"))
_ = BACKGROUND


def test_agreement_on_paper():
    labels = np.array([[[TOP, TOP, TOP, SLEEVE], [PANTS, PANTS, _, _]]], np.uint8)
    predicted = np.array([[[TOP, TOP, PANTS, TOP], [PANTS, _, PANTS, _]]], np.uint8)
    found = agreement(predicted, labels)
    assert found.iou == pytest.approx({TOP: 2 / 4, PANTS: 1 / 4, SLEEVE: 0})
    assert found.miou == pytest.approx((2 / 4 + 1 / 4) / 3)
    assert found.accuracy == pytest.approx(3 / 6)


def test_classes_that_no_map_has_do_not_count_but_their_pixels_do():
    labels = np.array([[[TOP, TOP, _, _]]], np.uint8)
    assert agreement(np.array([[[TOP, PANTS, PANTS, _]]], np.uint8), labels).iou == {TOP: 0.5}
    assert agreement(labels, labels) == agreement(labels.copy(), labels)
    assert agreement(labels, labels).miou == agreement(labels, labels).accuracy == 1
    with pytest.raises(ValueError, match="all background"):
        agreement(labels, np.full_like(labels, _))
    with pytest.raises(ValueError, match="one shape"):
        agreement(labels[:, :, :2], labels)


def test_confusion_keeps_background_last():
    table = confusion(np.array([[[_, TOP]]], np.uint8), np.array([[[TOP, _]]], np.uint8))
    assert table[TOP, NUM_LABELS] == table[NUM_LABELS, TOP] == 1
    assert table.sum() == 2


def test_rare_classes_weigh_more_and_absent_ones_nothing():
    labels = np.full((1, 10, 10), BACKGROUND, np.uint8)
    labels[0, :4, :] = TOP
    labels[0, 0, :4] = SLEEVE
    weight = class_weights(labels)
    assert weight[[TOP, SLEEVE, NUM_LABELS, PANTS]] == pytest.approx([0.36**-0.5, 0.04**-0.5, 0.6**-0.5, 0])


def _garments(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Tops are reddish boxes, trousers blueish boxes, on white: uint8 [N, 64, 64, 3], uint8 [N, 64, 64]."""
    rng = np.random.default_rng(seed)
    images = np.full((count, 64, 64, 3), 255, np.uint8)
    labels = np.full((count, 64, 64), BACKGROUND, np.uint8)
    for i in range(count):
        y, x, h, w = rng.integers(4, 20), rng.integers(4, 20), rng.integers(24, 40), rng.integers(24, 40)
        where, kind = np.s_[i, y : y + h, x : x + w], rng.integers(2)
        labels[where] = (TOP, PANTS)[kind]
        images[where] = ((200, 30, 40), (30, 40, 200))[kind] + rng.integers(-25, 25, (h, w, 3))
    return images, labels


def test_segmenter_learns_is_deterministic_and_is_kept(tmp_path):
    images, labels = _garments(24, 0)
    encoder = load_mobilenet_taps(side=64)
    said: list[str] = []

    def train(folder: str) -> Segmenter:
        return cached_segmenter(encoder, images, labels, tmp_path / folder, 0, 40, said.append)

    first = train("a")
    others, truth = _garments(12, 1)
    predicted = first(others)
    assert predicted.shape == (12, first.side, first.side) == (12, 64, 64)
    assert agreement(predicted, shrink(truth, 64)).miou > 0.8
    assert agreement(predicted, truth[::-1]).miou < 0.5

    again = train("b")
    assert again.key == first.key
    for name, value in first.decoder.state_dict().items():
        assert (value.numpy() == again.decoder.state_dict()[name].numpy()).all(), name

    said.clear()
    kept = train("a")
    assert not said, "a stored segmenter is not trained again"
    assert (kept(others) == predicted).all()


def test_whatever_a_segmenter_is_trained_from_changes_its_key():
    images, labels = _garments(3, 0)
    encoder = Network("taps", "abc", 64, lambda planes: [planes])
    other_image, other_label = images.copy(), labels.copy()
    other_image[0, 0, 0, 0] = 0
    other_label[2, 0, 0] = SLEEVE
    keys = [
        segmenter_key(encoder, images, labels, 0, 6),
        segmenter_key(encoder, other_image, labels, 0, 6),
        segmenter_key(encoder, images, other_label, 0, 6),
        segmenter_key(encoder, images, labels, 1, 6),
        segmenter_key(encoder, images, labels, 0, 7),
        segmenter_key(replace(encoder, sha256="abd"), images, labels, 0, 6),
    ]
    assert len(set(keys)) == len(keys)
    assert segmenter_key(encoder, images.copy(), labels.copy(), 0, 6) == keys[0]
