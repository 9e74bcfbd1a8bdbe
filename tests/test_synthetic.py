"""Drawn garments: geometry on paper, every class drawn, reproducible, and the written set read back."""

from __future__ import annotations

import csv
import json

import cv2
import numpy as np
import pytest

from garmentgen.data import rle
from garmentgen.data.resize import garment_frame, nearest
from garmentgen.labels import LABELS, NUM_LABELS, PARTS, find
from garmentgen.synthetic import (
    draw_garment,
    draw_outfit,
    draw_part,
    swatches,
    tops,
    upper,
    wardrobe,
    write_synthetic_set,
)
from garmentgen.synthetic.draw import CARRIERS, RECIPES, choose
from garmentgen.synthetic.outfits import lay_out
from garmentgen.synthetic.painter import Layer, coverage, segments
from garmentgen.synthetic.shapes import SOFT, box, ellipse, flip, moved, sketch, spline, symmetric
from garmentgen.synthetic.shapes import Piece as Cut
from garmentgen.synthetic.taste import Taste

SMALL = 128


def test_spline_keeps_corners_and_bends_through_soft_points():
    square = [(0, 0), (1, 0), (1, 1), (0, 1)]
    assert np.array_equal(spline(square), np.array(square, float))
    curve = spline([(0, 0), (1, 1, SOFT), (2, 0)], closed=False)
    assert np.allclose(curve[[0, -1]], [[0, 0], [2, 0]])
    assert np.abs(curve - [1, 1]).sum(1).min() < 1e-9  # passes through the soft point
    assert np.allclose(curve[:, 1], curve[::-1, 1], atol=1e-9)  # and is as symmetric as its points
    circle = spline([(1, 0, SOFT), (0, 1, SOFT), (-1, 0, SOFT), (0, -1, SOFT)])
    assert np.hypot(*circle.T).min() > 0.95 and np.hypot(*circle.T).max() < 1.02


def test_sketch_and_mirror():
    assert sketch("1,2 -.5,.25~", 2, 4) == [(2, 8), (-1, 1, SOFT)]
    outline = symmetric((0, 0), (1, 0), (1, 2), (0, 2))
    assert {tuple(p) for p in outline} == {(0, 0), (1, 0), (1, 2), (0, 2), (-1, 2), (-1, 0)}
    piece = Cut((box(1, 0, 3, 1),))
    assert flip(piece).outlines[0][:, 0].tolist() == [-1, -3, -3, -1]
    turned = moved(piece, 10, 0, np.pi / 2).outlines[0]  # clockwise on screen: x -> y
    assert np.allclose(turned, [[10, 1], [10, 3], [9, 3], [9, 1]])


def test_coverage_is_the_area_and_counts_holes():
    alpha = coverage([box(2, 3, 7.5, 9)], 0, 0, 12, 12)
    assert alpha[4, 3] == 1 and alpha[1, 1] == 0
    area, perimeter = 5.5 * 6, 2 * (5.5 + 6)
    assert area <= alpha.sum() <= area + 0.26 * perimeter + 0.3
    ring = coverage([ellipse(32, 32, 20), ellipse(32, 32, 10)], 0, 0, 64, 64)
    assert ring[32, 32] == 0 and ring[32, 47] == 1
    assert ring.sum() == pytest.approx(np.pi * (20.25**2 - 9.75**2), rel=0.02)


def test_segments_show_what_lies_on_top():
    full, half = np.full((4, 4), 255, np.uint8), np.full((4, 2), 255, np.uint8)
    sleeve, pocket, top, pants = find("sleeve").id, find("pocket").id, find("t-shirt").id, find("pants").id
    layers = [
        Layer(top, 0, 0, 0, full),
        Layer(sleeve, 0, 0, 0, full),
        Layer(pocket, 0, 0, 0, half),
        Layer(pants, 1, 0, 3, full[:, :1]),
    ]
    found = dict(segments(layers, [top, pants], 4))
    assert found[top].sum() == 12  # the whole garment, but for what the other garment covers
    assert found[sleeve].sum() == 4 and not found[sleeve][:, :2].any()  # cut where the pocket lies
    assert found[pocket].sum() == 8 and found[pants].sum() == 4


def test_recipes_cover_the_table():
    assert set(RECIPES) == {label.id for label in LABELS if not label.is_part}
    assert set(CARRIERS) == set(PARTS)
    for kind, makers in CARRIERS.items():  # every carrier is able to carry its part
        for make in set(makers):
            tastes = (Taste(np.random.default_rng(seed), frozenset({kind})) for seed in range(12))
            assert any(kind in {p.label for p in make(t).pieces} for t in tastes), (LABELS[kind].name, make.__name__)


@pytest.mark.parametrize("kind", range(NUM_LABELS))
def test_every_class_is_drawn_when_asked_for(kind):
    photo, found = draw_garment(np.random.default_rng(kind), SMALL, kind)
    assert photo.shape == (SMALL, SMALL, 3) and photo.dtype == np.uint8
    shown = np.zeros(NUM_LABELS, int)
    for label, mask in found:
        assert mask.shape == (SMALL, SMALL) and mask.dtype == bool and mask.any()
        shown[label] += mask.sum()
    assert shown[kind] > 0
    garment = found[0]
    assert not LABELS[garment[0]].is_part
    assert not (garment[1][[0, -1]].any() or garment[1][:, [0, -1]].any())  # nothing is cut by the border
    for label, mask in found[1:]:
        if label in PARTS:
            assert (mask & garment[1]).sum() == mask.sum()  # parts lie on their garment


def test_cloth_is_not_a_flat_colour():
    flat = 0
    for seed in range(12):
        photo, found = draw_garment(np.random.default_rng(seed), SMALL, find("sweater").id)
        flat += photo[found[0][1]].std(0).mean() < 4
    assert flat <= 1


def _folded(period: int) -> float:
    """Contrast of the mean period x period tile over prepared pictures of sweaters, all cut at the same corner."""
    sums, counts = np.zeros((2, period, period))
    for seed in range(6):
        photo, found = draw_garment(np.random.default_rng(seed), 512, find("sweater").id)
        mask = np.any([one for _, one in found], 0)
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        frame = garment_frame((rows[0], columns[0], rows[-1] + 1, columns[-1] + 1), 256)
        across, down = nearest(frame.left, frame.width, 256), nearest(frame.top, frame.height, 256)
        grid = np.meshgrid(np.float32(across), np.float32(down))
        grey = photo.mean(2).astype(np.float32)
        detail = cv2.remap(grey - cv2.GaussianBlur(grey, (0, 0), 12), *grid, cv2.INTER_LINEAR)
        y, x = np.nonzero(cv2.remap(cv2.erode(mask.astype(np.uint8), np.ones((9, 9))), *grid, 0))
        np.add.at(sums, (y % period, x % period), detail[y, x] / detail[y, x].std())
        np.add.at(counts, (y % period, x % period), 1)
    return float((sums / counts).std())


def test_stitches_of_all_knitted_garments_fall_on_one_grid_of_eight_prepared_pixels():
    assert _folded(8) > 4 * max(_folded(7), _folded(9))


def test_any_kind_comes_often_enough():
    seen = np.zeros(NUM_LABELS, int)
    for seed in range(300):
        garment = choose(np.random.default_rng([11, seed]))
        seen[list({garment.label, *(p.label for p in garment.pieces if p.label is not None)})] += 1
    assert seen.all(), [LABELS[i].name for i in np.flatnonzero(seen == 0)]


def test_same_seed_same_picture():
    first, again, other = (draw_garment(np.random.default_rng(seed), SMALL) for seed in (5, 5, 6))
    assert np.array_equal(first[0], again[0])
    assert all(a == b and np.array_equal(m, n) for (a, m), (b, n) in zip(first[1], again[1], strict=True))
    assert not np.array_equal(first[0], other[0])


def test_outfit_has_garments_that_do_not_share_pixels():
    photo, found = draw_outfit(np.random.default_rng(1), 192)
    whole = [mask for label, mask in found if label not in PARTS]
    assert photo.shape == (192, 192, 3) and len(whole) >= 3
    assert sum(int(label == find("shoe").id) for label, _ in found) == 1
    for seed in range(50):
        for label, (top, left, bottom, right), _ in lay_out(Taste(np.random.default_rng(seed))):
            assert not LABELS[label].is_part and 0 <= left < right <= 1 and 0 <= top < bottom <= 1


def test_photographed_fabrics_are_seamless_small_and_of_known_kinds():
    files = sorted(swatches.FOLDER.glob("*.jpg"))
    assert len(files) >= 12 and sum(file.stat().st_size for file in files) < 300_000
    assert {file.stem.rsplit("_", 1)[0] for file in files} <= set(wardrobe.FABRICS)
    for kind in wardrobe.FABRICS:
        for picture in swatches.swatches(kind):
            grey = picture.mean(-1)
            for one in (grey, grey.T):  # the step over the edge is like the steps inside
                inside = np.abs(np.diff(one, axis=0)).mean(1)
                assert np.abs(one[0] - one[-1]).mean() <= inside.max() + 4


def test_a_photographed_fabric_is_dyed_in_the_colour_asked_for():
    color = np.float32([0.2, 0.5, 0.3])
    for kind in ("denim", "twill", "plain", "melange", "quilt"):
        tile = swatches.photographed(np.random.default_rng(1), kind, color)
        assert tile.shape == (256, 256, 3) and np.abs(tile.reshape(-1, 3).mean(0) - color).max() < 0.02
        assert tile.std((0, 1)).max() > 0.003  # and is no flat colour
    red, other = (swatches.photographed(np.random.default_rng(k), "check", color) for k in (1, 1))
    assert np.array_equal(red, other)


def test_some_shirts_are_of_photographed_cloth_and_some_are_not(monkeypatch):
    used = []
    monkeypatch.setattr(wardrobe, "photographed", lambda *given: used.append(given) or swatches.photographed(*given))
    for seed in range(30):
        draw_garment(np.random.default_rng(seed), 64, find("shirt").id)
    assert 3 <= len(used) <= 20


def test_a_placket_has_a_buttonhole_under_every_button():
    band, *buttons = upper.placket(tops.cut(Taste(np.random.default_rng(0))), 8, 70, 3.2, 7)
    holes = [seam.points.mean(0) for seam in band.seams[4:]]
    assert len(buttons) == len(holes) == 7
    np.testing.assert_allclose([piece.outlines[0].mean(0) for piece in buttons], holes, atol=1e-9)
    assert upper.placket(tops.cut(Taste(np.random.default_rng(0))), 8, 70, 3.2, 0)[1:] == []


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="class id"):
        draw_garment(np.random.default_rng(0), SMALL, NUM_LABELS)


def test_written_set_reads_back(tmp_path):
    write_synthetic_set(tmp_path / "a", 6, SMALL, seed=4)
    write_synthetic_set(tmp_path / "b", 5, SMALL, seed=4)
    table = (tmp_path / "a" / "train.csv").read_text()
    assert table.startswith((tmp_path / "b" / "train.csv").read_text())  # a picture depends on seed and index alone
    categories = json.loads((tmp_path / "a" / "label_descriptions.json").read_text())["categories"]
    assert [(c["id"], c["name"], c["supercategory"]) for c in categories] == [(c.id, c.name, c.group) for c in LABELS]
    names = set()
    for row in csv.DictReader(table.splitlines()):
        photo = cv2.imread(str(tmp_path / "a" / "train" / row["ImageId"]))
        assert photo is not None and photo.shape == (int(row["Height"]), int(row["Width"]), 3) == (SMALL, SMALL, 3)
        runs = rle.parse(row["EncodedPixels"], SMALL, SMALL)
        mask = rle.unpack(runs, SMALL, SMALL)
        assert mask.any() and 0 <= int(row["ClassId"]) < NUM_LABELS
        names.add(row["ImageId"])
    assert len(names) == 6 == len(list((tmp_path / "a" / "train").iterdir()))
    same = [(tmp_path / x / "train" / "drawn_4_000003.jpg").read_bytes() for x in "ab"]
    assert same[0] == same[1]


@pytest.mark.parametrize("kind", PARTS)
def test_part_alone_fills_the_canvas(kind):
    photo, found = draw_part(np.random.default_rng(kind), SMALL, kind)
    assert [label for label, _ in found] == [kind] and photo.shape == (SMALL, SMALL, 3)
    rows, cols = np.nonzero(found[0][1])
    assert max(np.ptp(rows), np.ptp(cols)) > SMALL * 0.5


def test_part_alone_must_be_a_part():
    with pytest.raises(ValueError, match="part"):
        draw_part(np.random.default_rng(0), SMALL, find("coat").id)


def test_pieces_of_one_flower_are_one_segment():
    flower = find("flower").id
    petals = [Layer(flower, 0, 0, k, np.full((4, 2), 255, np.uint8)) for k in (0, 1, 2)]
    far = Layer(flower, 0, 0, 10, np.full((4, 2), 255, np.uint8))
    body = Layer(find("hat").id, 0, 0, 0, np.full((12, 12), 255, np.uint8))
    found = segments([body, *petals, far], [find("hat").id], 12)
    assert [(label, int(mask.sum())) for label, mask in found[1:]] == [(flower, 16), (flower, 8)]
