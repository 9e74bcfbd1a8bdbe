"""Scenes: a part that did not change stays byte for byte, in few pictures, and in the file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from small_maps import PANTS, POCKET, SHOE, SLEEVE, TOP, outfit, photo_of

from garmentgen import Designer, Look, UserError, inference
from garmentgen.labels import BACKGROUND
from garmentgen.scenes import BORDER, MAX_SCENES, Scene, composed, settled

FIXTURES = Path(__file__).parent / "fixtures"
W = BACKGROUND


def code(value: float) -> np.ndarray:
    return np.full((1, 1, 1), value, np.float16)


def scene(top: float, sleeve: float, noise_seed: int = 0) -> Scene:
    return Scene({TOP: code(top), SLEEVE: code(sleeve)}, noise_seed)


# --- on paper --------------------------------------------------------------------------------------------------------


def test_two_pictures_meet_as_on_paper():
    """One row of cloth in an empty picture: pixels 0..3 of the first picture (100), 4..7 of the second (0)."""
    shown = np.full((9, 8), W, np.uint8)
    shown[4, :4], shown[4, 4:] = 0, 1
    first, second = (np.full((9, 8, 3), 255, np.uint8) for _ in range(2))
    first[4], second[4] = 100, 0
    row = composed([first, second], shown)[4, :, 0]
    # of the five in the window: pixel 2 has 4 and 1, pixel 3 has 3 and 2, pixel 4 has 2 and 3, pixel 5 has 1 and 4
    assert row.tolist() == [100, 100, 80, 60, 40, 20, 0, 0]
    assert (composed([first, second], shown)[shown == W] == 255).all()


def test_halves_are_rounded_up_and_air_has_no_weight():
    shown = np.full((1, 2), W, np.uint8)
    shown[0] = 0, 1
    pictures = [np.full((1, 2, 3), value, np.uint8) for value in (10, 13)]
    assert composed(pictures, shown)[0, :, 0].tolist() == [12, 12]  # 11.5, of two pixels; the other 23 are air


def test_stored_pictures_are_composed_as_they_were():
    """`fixtures/composed.json`: what a port is run against, and what old sessions rely on."""
    case = json.loads((FIXTURES / "composed.json").read_text(encoding="utf-8"))
    pictures = [np.array(one, np.uint8) for one in case["pictures"]]
    assert composed(pictures, np.array(case["shown"], np.uint8)).tolist() == case["composed"]


def test_an_equal_scene_is_one_scene_whatever_holds_it():
    assert scene(1, 2) == scene(1, 2) and len({scene(1, 2), scene(1, 2), scene(1, 3), scene(1, 2, 5)}) == 3
    assert scene(1, 2) != 3


def test_a_look_keeps_scenes_of_its_map_that_are_not_its_own():
    labels, own = np.array([[TOP, SLEEVE]], np.uint8), scene(1, 2)
    kept = settled({TOP: Scene({TOP: code(1)}, 0), SLEEVE: scene(3, 2), PANTS: scene(3, 2)}, own, labels, frozenset())
    assert kept == {SLEEVE: scene(3, 2)}, "the top's, completed, is the look's own; there are no pants"
    late = settled({TOP: Scene({TOP: code(1), SHOE: code(9)}, 7)}, own, labels, frozenset())
    assert late == {TOP: scene(1, 2, 7)}, "a class that came later joins, one that left is forgotten"


def test_beyond_the_most_the_smallest_goes_but_not_a_locked_one():
    classes = [10, 11, 12, 13, 14]
    labels = np.repeat(np.array(classes, np.uint8), [5, 1, 2, 3, 4])[None]
    own = Scene({c: code(0) for c in classes}, 0)
    scenes = {c: Scene(own.codes, n + 1) for n, c in enumerate(classes)}
    assert MAX_SCENES == 3
    assert settled(scenes, own, labels, frozenset()).keys() == {10, 13, 14}
    assert settled(scenes, own, labels, frozenset({11})).keys() == {10, 11, 14}
    together = {**scenes, 12: scenes[11]}  # three pixels, as 13 has: the first of equals stays
    assert settled(together, own, labels, frozenset()).keys() == {10, 11, 12, 14}


# --- of a designer ---------------------------------------------------------------------------------------------------


def change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.abs(before.astype(int) - after).max(-1)


def away_from(labels: np.ndarray, *classes: int) -> np.ndarray:
    """Cloth farther than the border from these classes."""
    side = 2 * BORDER + 1
    near = cv2.dilate(np.isin(labels, classes).astype(np.uint8), np.ones((side, side), np.uint8))
    return (labels != BACKGROUND) & (near == 0)


def within(labels: np.ndarray, region: int) -> np.ndarray:
    """A class where everything that near is of it too, or air."""
    others = set(np.unique(labels).tolist()) - {region, BACKGROUND}
    return away_from(labels, *others) & (labels == region)


def test_a_part_drawn_again_moves_no_other(designer):
    look = designer.look(outfit(), seed=3)
    before, rest = designer.render(look), away_from(outfit(), SLEEVE)
    for _ in range(10):
        look = designer.reroll(look, SLEEVE)
        after = designer.render(look)
        assert change(before, after)[rest].max() == 0 and change(before, after)[outfit() == SLEEVE].max() > 0
        assert len(set(look.scenes.values())) == 1, "ten times the same part: still two pictures"
    alone = designer.render(replace(look, scenes={}))
    assert change(before, alone)[rest].max() > 0, "one picture would have moved it"
    assert np.array_equal(after[within(outfit(), SLEEVE)], alone[within(outfit(), SLEEVE)])


def test_each_change_leaves_all_others(designer):
    look = designer.look(outfit(), seed=3)
    photo, fabric = photo_of(outfit(), 4), photo_of(outfit(), 8)
    for region, act in (
        (SLEEVE, lambda one: designer.reroll(one, SLEEVE)),
        (POCKET, lambda one: designer.dye(one, POCKET, "#1e4fa3")),
        (TOP, lambda one: designer.drape(one, TOP, fabric)),
        (PANTS, lambda one: designer.style_from_photo(one, photo, outfit(), [PANTS])),
    ):
        before, look = designer.render(look), act(look)
        moved = change(before, designer.render(look))
        assert moved[away_from(outfit(), region)].max() == 0 and moved[outfit() == region].max() > 0, region
    assert designer.style_from_photo(look, photo, outfit()).scenes == {}, "all classes anew"


def test_a_locked_part_stays_whatever_the_seed_and_sliders(designer):
    look = designer.lock(designer.look(outfit(), seed=3), TOP)
    before, inside = designer.render(look), within(outfit(), TOP)
    others = [designer.look(outfit(), seed, diversity, harmony, like=look)
              for seed, diversity, harmony in ((4, 1, 1), (3, 1.5, 1), (3, 1, 0), (9, 0, 0.5))]  # fmt: skip
    for other in [*others, *designer.variations(outfit(), 3, seed=8, like=look)]:
        moved = change(before, designer.render(other))
        assert moved[inside].max() == 0 and moved[outfit() == PANTS].max() > 0
    twice = designer.look(outfit(), 5, like=others[0])
    assert change(before, designer.render(twice))[inside].max() == 0 and len(set(twice.scenes.values())) == 1
    free = designer.lock(others[0], TOP, False)
    assert np.array_equal(designer.render(free), designer.render(others[0])), "letting go moves nothing yet"
    assert designer.look(outfit(), 5, like=free).scenes == {}


def test_a_stroke_keeps_the_scenes_of_locked_parts_only(designer):
    look = designer.reroll(designer.look(outfit(), seed=3), SLEEVE)
    same = designer.look(outfit(), 3, like=look)
    assert same.scenes == look.scenes and np.array_equal(designer.render(same), designer.render(look))
    edited = outfit()
    edited[-8:, -8:] = SHOE
    assert designer.look(edited, 3, like=look).scenes == {}
    kept = designer.look(edited, 3, like=designer.lock(look, TOP)).scenes
    assert kept.keys() == {TOP} and kept[TOP].codes.keys() == {TOP, SLEEVE, PANTS, POCKET, SHOE}


def test_a_blend_starts_from_the_look_as_it_is_painted(designer):
    a, b = designer.reroll(designer.look(outfit(), seed=1), SLEEVE), designer.look(outfit(), seed=2)
    assert np.array_equal(designer.render(designer.blend(a, b, 0)), designer.render(a)) and a.scenes
    assert np.array_equal(designer.render(designer.blend(a, b, 1)), designer.render(replace(b, seed=1)))


def test_pictures_are_painted_once_and_nobody_spoils_them(designer, monkeypatch):
    look, passes = designer.look(outfit(), seed=77), []
    engine = designer.renderer.engine_at(designer.size)
    monkeypatch.setitem(designer.renderer._engines, designer.size, lambda *a: passes.append(1) or engine(*a))
    picture = designer.render(look)
    picture[:] = 0
    again = designer.render(look)
    assert again.any() and len(passes) == 1
    designer.render(designer.reroll(look, SLEEVE))
    assert len(passes) == 2, "a part drawn anew costs one pass"
    designer.renderer.forget()
    assert np.array_equal(designer.render(look), again) and len(passes) == 3


def test_the_shipped_weights_leave_the_body_and_a_lock_holds():
    path = inference.shipped_weights()
    if not path.exists():
        pytest.skip(f"no trained weights at {path}")
    shipped = Designer.load(path)
    labels = outfit(shipped.size)
    look = shipped.look(labels, seed=2)
    rolled, other = shipped.reroll(look, SLEEVE), shipped.look(labels, 5, like=shipped.lock(look, TOP))
    for size in shipped.sizes:
        shown = shipped.renderer.at(labels, size)
        before = shipped.render(look, size)
        moved = change(before, shipped.render(rolled, size))
        assert moved[away_from(shown, SLEEVE)].max() == 0 and moved[shown == SLEEVE].mean() > 4
        assert change(before, shipped.render(other, size))[within(shown, TOP)].max() == 0


# --- in the file -----------------------------------------------------------------------------------------------------


def test_a_session_keeps_scenes_and_every_code_once(designer):
    look = designer.lock(designer.look(outfit(), seed=3), TOP)
    look = designer.reroll(designer.look(outfit(), 4, like=look), SLEEVE)
    assert len(set(look.scenes.values())) == 2
    back = Look.from_json(look.to_json())
    assert back.scenes == look.scenes and back.to_json() == look.to_json()
    designer.renderer.forget()
    assert np.array_equal(designer.render(back), designer.render(look))
    assert designer.fit(back)[0].scenes == look.scenes
    stored = json.loads(look.to_json())["scenes"]
    assert [one["classes"] for one in stored] == [[TOP], [PANTS, POCKET]]
    assert stored[1]["codes"].keys() == {str(SLEEVE)}, "only the code that is not the look's"
    assert "scenes" not in json.loads(designer.look(outfit()).to_json())


def test_a_session_with_scenes_of_today_loads_tomorrow():
    """Stored: `Designer.random("tiny")` of seed 3, top locked, seed 4, sleeve drawn again."""
    text = (FIXTURES / "look-scenes.json").read_text(encoding="utf-8").strip()
    look = Look.from_json(text)
    assert look.to_json() == text and look.scenes.keys() == {TOP, PANTS, POCKET}


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"classes": [SHOE]}, f"session.scenes name class {SHOE}, which its map does not show"),
        ({"classes": [TOP, SLEEVE], "codes": {str(SHOE): ""}}, "session.codes are|session.scenes name"),
        ({"classes": "all"}, r"session.scenes\[0\].classes is a list, each a whole number from 0 to 45, not 'all'"),
        ({"noise_seed": -1}, r"session.scenes\[0\].noise_seed is a whole number from 0 to 9,007,199,254,740,991"),
        ({"codes": {str(TOP): "???"}}, "session.codes are"),
    ],
)
def test_a_scene_edited_by_hand_is_one_clear_error(designer, edit, words):
    data = json.loads(designer.reroll(designer.look(outfit()), SLEEVE).to_json())
    data["scenes"][0] |= edit
    with pytest.raises(UserError, match=words):
        Look.from_json(json.dumps(data))


def test_too_many_scenes_and_a_class_in_two_are_refused(designer):
    data = json.loads(designer.reroll(designer.look(outfit()), SLEEVE).to_json())
    for count, words in ((2, "or another scene has"), (MAX_SCENES + 1, "at most 3|0 to 3")):
        with pytest.raises(UserError, match=words):
            Look.from_json(json.dumps({**data, "scenes": data["scenes"] * count}))
