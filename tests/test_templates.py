"""The twelve templates: palette colours, expected classes, symmetry, margins, and the files of the demo up to date."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from garmentgen.labels import BACKGROUND, NUM_LABELS, colorize, decolorize, find
from garmentgen.synthetic.templates import MARGIN, SIZE, TEMPLATES, draw_templates, write_templates

SHIPPED = Path(__file__).parent.parent / "demo" / "templates"
EXPECTED = {
    "t-shirt": ["t-shirt", "sleeve", "neckline"],
    "shirt": ["shirt", "sleeve", "collar", "pocket"],
    "sweater": ["sweater", "sleeve", "neckline"],
    "hoodie": ["t-shirt", "sleeve", "hood", "pocket"],
    "coat": ["coat", "sleeve", "lapel", "collar", "pocket"],
    "dress": ["dress", "sleeve", "neckline", "ribbon"],
    "skirt": ["skirt", "pocket", "ruffle"],
    "trousers": ["pants", "pocket", "belt", "buckle"],
    "jumpsuit": ["jumpsuit", "sleeve", "collar", "pocket", "zipper", "belt", "buckle"],
    "shoes": ["shoe", "bow"],
    "hat": ["hat", "ribbon"],
}


@pytest.fixture(scope="module")
def maps() -> dict[str, np.ndarray]:
    return draw_templates()


def test_twelve_with_titles(maps):
    assert list(maps) == [t.name for t in TEMPLATES] and len(maps) == 12
    assert all(t.title and any("一" <= c <= "鿿" for c in t.title_zh) for t in TEMPLATES)


@pytest.mark.parametrize("name", EXPECTED)
def test_classes(maps, name):
    labels = maps[name]
    found = set(np.unique(labels[labels != BACKGROUND]).tolist())
    assert found == {find(part).id for part in EXPECTED[name]}
    assert (
        np.bincount(labels[labels != BACKGROUND]).argmax() == find(EXPECTED[name][0]).id
    )  # the garment itself is largest
    for part in found:
        assert (labels == part).sum() >= 40  # large enough to see and to click


def test_outfit_is_many_garments(maps):
    found = np.unique(maps["outfit"])
    wanted = ["hat", "t-shirt", "pants", "shoe", "bag", "umbrella", "glasses", "scarf", "sock", "glove", "sleeve"]
    assert {find(name).id for name in wanted} <= set(found.tolist())


@pytest.mark.parametrize("template", [t.name for t in TEMPLATES])
def test_canvas(maps, template):
    labels = maps[template]
    assert labels.shape == (SIZE, SIZE) and labels.dtype == np.uint8
    assert ((labels == BACKGROUND) | (labels < NUM_LABELS)).all()
    rows, cols = np.nonzero(labels != BACKGROUND)
    edge = int(SIZE * MARGIN)
    assert min(rows.min(), cols.min()) >= edge - 1 and max(rows.max(), cols.max()) <= SIZE - edge
    assert max(np.ptp(rows), np.ptp(cols)) >= SIZE * (1 - 2 * MARGIN) - 4  # fills the canvas one way
    if template != "outfit":
        assert np.array_equal(labels, labels[:, ::-1])


@pytest.mark.parametrize(
    "name", ["t-shirt", "shirt", "sweater", "hoodie", "coat", "dress", "skirt", "trousers", "jumpsuit", "hat"]
)
def test_one_garment_in_one_piece_without_specks(maps, name):
    labels = maps[name]
    whole = (labels != BACKGROUND).astype(np.uint8)
    assert cv2.connectedComponents(whole, connectivity=4)[0] == 2  # background and the garment
    for part in np.unique(labels[labels != BACKGROUND]):
        _, _, stats, _ = cv2.connectedComponentsWithStats((labels == part).astype(np.uint8), connectivity=8)
        assert stats[1:, cv2.CC_STAT_AREA].min() >= 12


def test_sleeves_hang_beside_the_body(maps):
    for name in ("t-shirt", "shirt", "sweater", "hoodie", "coat", "dress", "jumpsuit"):
        sleeves = maps[name] == find("sleeve").id
        left, right = sleeves[:, : SIZE // 2], sleeves[:, SIZE // 2 :]
        assert left.sum() == right.sum() > 0
        assert not sleeves[:, SIZE // 2 - 10 : SIZE // 2 + 10].any()


def test_shipped_files_are_what_the_function_draws(maps, tmp_path):
    paths = write_templates(tmp_path)
    assert [p.name for p in paths] == sorted(p.name for p in SHIPPED.glob("*.png"))
    for path, labels in zip(paths, maps.values(), strict=True):
        picture = cv2.cvtColor(np.asarray(cv2.imread(str(SHIPPED / path.name))), cv2.COLOR_BGR2RGB)
        ids, snapped = decolorize(picture)
        assert snapped == 0 and np.array_equal(ids, labels)
        assert np.array_equal(picture, colorize(labels))


def test_outlines_have_the_canvas_own_resolution(maps):
    for name, labels in maps.items():
        doubled = np.kron(labels[::2, ::2], np.ones((2, 2), np.uint8))
        assert (labels != doubled).sum() > 200, f"{name} is a map of half the size, enlarged"


@pytest.mark.parametrize("name", ["shirt", "dress", "outfit"])
def test_a_smaller_canvas_reads_them_as_they_would_be_drawn_there(name):
    from garmentgen.maps import read_map

    number = [t.name for t in TEMPLATES].index(name) + 1
    read, _ = read_map(SHIPPED / f"{number:02d}_{name}.png", 256)
    assert (read == draw_templates(256)[name]).mean() > 0.985
