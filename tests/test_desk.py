"""The notebook's painter and desk without a browser: what a kernel sees."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

pytest.importorskip("ipywidgets")
pytest.importorskip("anywidget")
from garmentgen import BACKGROUND, UserError, find
from garmentgen.painter import desk, encode, script
from garmentgen.painter.desk import Desk
from garmentgen.painter.widget import LabelPainter


def picture_of(image) -> np.ndarray:
    """What an Image widget shows, uint8 RGB."""
    return cv2.imdecode(np.frombuffer(image.value, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


@pytest.fixture
def templates(designer) -> dict[str, np.ndarray]:
    first, second = np.full((2, designer.size, designer.size), BACKGROUND, np.uint8)
    first[16:56, 16:48] = find("top").id
    first[20:40, 8:16] = find("sleeve").id
    second[8:60, 20:44] = find("dress").id
    return {"top": first, "dress": second}


@pytest.fixture(params=[True, False], ids=["anywidget", "no anywidget"])
def table(request, designer, templates, monkeypatch) -> Desk:
    if not request.param:
        monkeypatch.setattr(desk, "find_spec", lambda name: None)
    return Desk(designer, templates)


def test_the_widget_carries_the_demo_s_own_script_and_a_map():
    labels = np.full((8, 8), BACKGROUND, np.uint8)
    labels[2:4] = 7
    painter = LabelPainter(labels)
    assert script() in painter._esm and "export default { initialize, render }" in painter._esm
    assert np.array_equal(painter.map, labels) and painter.size == 8 and not painter.ready
    labels[0] = 3
    painter.map = labels
    assert painter.value == encode(labels)
    assert (LabelPainter(size=16).map == BACKGROUND).all()


def test_what_a_browser_sends_is_checked():
    painter = LabelPainter(size=4)
    for text in (
        "",
        "{",
        json.dumps({"w": 4, "h": 4, "runs": [200, 16]}),
        json.dumps({"w": 4, "h": 4, "runs": [1, 9]}),
    ):
        painter.set_state({"value": text})
        with pytest.raises(UserError):
            _ = painter.map


def test_the_desk_shows_the_look_of_its_map_and_sliders(table, designer, templates):
    assert np.array_equal(picture_of(table.garment), designer.generate(templates["top"], 0))
    table.diversity.value = 0.5
    assert np.array_equal(picture_of(table.garment), designer.generate(templates["top"], 0, 0.5))
    table.harmony.value = 0.25
    table.seed.value = 9
    assert np.array_equal(picture_of(table.garment), designer.generate(templates["top"], 9, 0.5, 0.25))
    table.dice.click()
    assert table.look.seed == table.seed.value == 10
    table.template.value = "dress"
    assert np.array_equal(picture_of(table.garment), designer.generate(templates["dress"], 10, 0.5, 0.25))
    assert [c for _, c in table.region.options] == table.look.regions == [find("dress").id]


def test_a_painted_map_is_dressed(designer, templates):
    table = Desk(designer, templates)
    table.painter.set_state({"value": encode(templates["dress"])})  # as the browser's message does
    assert table.look.regions == [find("dress").id]
    assert table.painter.underlay.startswith("data:image/png;base64,")
    before = table.garment.value
    table.painter.set_state({"value": encode(np.full_like(templates["top"], BACKGROUND))})
    assert "empty" in table.status.value and table.garment.value == before  # cleared: said, the last garment stays
    table.painter.set_state({"value": "nonsense"})
    assert "JSON" in table.status.value
    table.painter.set_state({"value": encode(templates["dress"])})
    assert table.status.value == ""


def test_rectangles_by_code(table, designer):
    side = designer.size
    table.paint_rect("口袋", 0.25, 0.5, 0.5, 0.75)
    part = table.labels[side // 4 : side // 2, side // 2 : 3 * side // 4]
    assert (part == find("pocket").id).all() and (table.labels == find("pocket").id).sum() == part.size
    assert find("pocket").id in table.look.regions
    table.paint_rect("background", 0.25, 0.5, 0.5, 0.75)
    assert find("pocket").id not in table.look.regions
    with pytest.raises(UserError, match="left < right"):
        table.paint_rect("口袋", 0.5, 0.75, 0.75, 0.5)
    with pytest.raises(KeyError):
        table.paint_rect("no such thing", 0, 0, 1, 1)
    with pytest.raises(UserError, match="empty"):
        table.paint_rect("background", 0, 0, 1, 1)


def test_re_roll_and_lock_act_on_the_chosen_region(table):
    top, sleeve = find("top").id, find("sleeve").id
    table.region.value = sleeve
    before = table.look
    table.roll.click()
    assert np.array_equal(table.look.codes[top], before.codes[top])
    assert not np.array_equal(table.look.codes[sleeve], before.codes[sleeve])
    assert table.region.value == sleeve  # the choice stays
    table.lock.value = True
    assert table.look.locked == {sleeve}
    kept = table.look.codes[sleeve]
    table.dice.click()
    assert np.array_equal(table.look.codes[sleeve], kept) and table.lock.value
    table.region.value = top
    assert not table.lock.value and table.look.locked == {sleeve}  # choosing another region locks nothing
    table.region.value = sleeve
    table.lock.value = False
    assert table.look.locked == frozenset()


def test_a_variant_is_adopted_whole(table, designer, templates):
    wanted = designer.look(templates["dress"], seed=77, diversity=1.5, harmony=0.4)
    table.adopt(wanted)
    assert table.look is wanted
    assert (table.seed.value, table.diversity.value, table.harmony.value) == (77, 1.5, 0.4)
    assert np.array_equal(picture_of(table.garment), designer.render(wanted))
    assert np.array_equal(table.labels, wanted.labels)
    if table.painter is not None:
        assert np.array_equal(table.painter.map, wanted.labels)


def test_the_painter_takes_its_place_when_the_browser_can_show_it(designer, templates):
    table = Desk(designer, templates)
    assert table.stage.children[0] is table.map_view  # until then, and without the extension for good
    table.painter.set_state({"ready": True})
    assert table.stage.children == (table.painter,)


def test_a_desk_needs_a_template(designer):
    with pytest.raises(UserError, match="at least one template"):
        Desk(designer, {})
