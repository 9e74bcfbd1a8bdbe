"""A look and its JSON file: byte for byte there and back, and nothing damaged gets in."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from small_maps import PANTS, POCKET, SLEEVE, TOP, blank, outfit

from garmentgen import Look, UserError, swap
from garmentgen.labels import BACKGROUND, LABELS, NUM_LABELS


def made(labels: np.ndarray | None = None, seed: int = 0) -> Look:
    """A look as a Designer would make it, without a Designer."""
    labels = outfit(16) if labels is None else labels
    rng = np.random.default_rng(seed)
    present = [int(c) for c in np.unique(labels) if c != BACKGROUND]
    return Look(
        labels=labels,
        codes={c: rng.standard_normal((8, 4, 4)).astype(np.float16) for c in present},
        seed=seed,
        seeds={present[0]: 7},
        diversity=1.25,
        harmony=0.5,
        locked=frozenset(present[:1]),
        pinned=frozenset(present[-1:]),
        weights_hash="0123456789abcdef",
    )


def same(a: Look, b: Look) -> bool:
    plain = [f for f in a.__dataclass_fields__ if f not in ("labels", "codes")]
    codes = a.codes.keys() == b.codes.keys() and all(a.codes[c].tobytes() == b.codes[c].tobytes() for c in a.codes)
    return codes and np.array_equal(a.labels, b.labels) and all(getattr(a, f) == getattr(b, f) for f in plain)


maps = hnp.arrays(np.uint8, (6, 6), elements=st.sampled_from([BACKGROUND, 0, TOP, SLEEVE, NUM_LABELS - 1]))


@given(maps.filter(lambda m: (m != BACKGROUND).any()), st.integers(0, 2**53 - 1))
def test_json_there_and_back_is_the_same_look_and_the_same_text(labels, seed):
    look = made(labels, seed)
    text = look.to_json()
    back = Look.from_json(text)
    assert same(look, back) and back.to_json() == text
    assert back.labels.dtype == np.uint8 and all(v.dtype == np.float16 for v in back.codes.values())


def test_files_there_and_back(tmp_path):
    look = made()
    look.save(tmp_path / "look.json")
    assert same(look, Look.load(tmp_path / "look.json")) and [p.name for p in tmp_path.iterdir()] == ["look.json"]


def test_the_file_is_small_and_names_its_classes():
    look = made(outfit(64))
    data = json.loads(look.to_json())
    assert len(look.to_json()) < 20_000
    assert data["names"] == {str(c): LABELS[c].name for c in (TOP, PANTS, SLEEVE, POCKET)}


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "3", '"look"', "{}", '{"format": "other"}', "[" * 100_000])
def test_what_is_not_a_look_says_so(text):
    with pytest.raises(UserError):
        Look.from_json(text)


def test_a_huge_text_is_refused_unread():
    with pytest.raises(UserError, match="4 MB"):
        Look.from_json(" " * 4_000_001)


def test_missing_and_binary_files_are_one_error(tmp_path):
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.json", tmp_path, "/dev/zero", "x" * 5000):
        with pytest.raises(UserError, match="cannot read .* choose a session file"):
            Look.load(path)
    for path in ("a\0b", "", None, 3, "\ud800"):
        with pytest.raises(UserError, match="name of a file"):
            Look.load(path)
        if path != 3:
            with pytest.raises(UserError):
                made().save(path)
    with pytest.raises(UserError, match="JSON"):
        Look.load(tmp_path / "binary.json")


TEXT = made().to_json()
DATA = json.loads(TEXT)

HUGE = 2**62
EDITS = {
    "no runs": {"map": []},
    "runs of odd length": {"map": [BACKGROUND]},
    "too few pixels": {"map": [TOP, 255]},
    "too many pixels": {"map": [TOP, 257]},
    "a negative run": {"map": [TOP, 300, BACKGROUND, -44]},
    "an empty run": {"map": [TOP, 256, BACKGROUND, 0]},
    "runs that overflow to the right sum": {"map": [TOP, HUGE, TOP, HUGE, TOP, HUGE, TOP, HUGE + 256]},
    "a run beyond any integer": {"map": [TOP, 10**30]},
    "fractional pixels": {"map": [TOP, 128.5, TOP, 127.5]},
    "an unknown id": {"map": [NUM_LABELS, 256]},
    "an empty map": {"map": [BACKGROUND, 256], "codes": {}},
    "words for runs": {"map": ["a", "b"]},
    "a deep map": {"map": [[[TOP, 256]]]},
    "no map": {"map": None},
    "size 0": {"size": 0, "map": []},
    "size too large": {"size": 5000},
    "size as text": {"size": "16"},
    "size as a fraction": {"size": 16.0},
    "two numbers of shape": {"code_shape": [8, 16]},
    "a huge shape": {"code_shape": [8, 4096, 4096]},
    "a negative shape": {"code_shape": [8, -4, -4]},
    "shape as text": {"code_shape": "844"},
    "another shape": {"code_shape": [8, 4, 5]},
    "no codes": {"codes": {}},
    "codes as a list": {"codes": []},
    "codes of another class": {"codes": {str(NUM_LABELS - 1): DATA["codes"][str(TOP)]}},
    "codes of no class": {"codes": {**DATA["codes"], "trousers": DATA["codes"][str(TOP)]}},
    "codes not base64": {"codes": {**DATA["codes"], str(TOP): "???"}},
    "codes cut short": {"codes": {**DATA["codes"], str(TOP): DATA["codes"][str(TOP)][:-4]}},
    "codes not finite": {"codes": {**DATA["codes"], str(TOP): "AHwA" * 85 + "AA=="}},
    "codes as numbers": {"codes": {**DATA["codes"], str(TOP): 3}},
    "a negative seed": {"seed": -1},
    "a huge seed": {"seed": 2**53},
    "a fractional seed": {"seed": 1.5},
    "a seed in words": {"seed": "one"},
    "a true seed": {"seed": True},
    "seeds as a list": {"seeds": [1]},
    "a seed of no class": {"seeds": {str(NUM_LABELS): 1}},
    "a bad seed of a class": {"seeds": {str(TOP): None}},
    "diversity in words": {"diversity": "much"},
    "more diversity than there is": {"diversity": 3.0},
    "diversity without end": {"diversity": float("inf")},
    "diversity that is no number": {"diversity": float("nan")},
    "negative diversity": {"diversity": -0.1},
    "too much harmony": {"harmony": 1.1},
    "locked as a number": {"locked": 3},
    "locked as text": {"locked": "12"},
    "locked as fractions": {"locked": [1.5]},
    "locked of no class": {"locked": [NUM_LABELS]},
    "pinned of no class": {"pinned": [-1]},
    "pinned as a dict": {"pinned": {"1": 2}},
}


@pytest.mark.parametrize("name", EDITS)
def test_a_look_edited_by_hand_is_one_clear_error(name):
    with pytest.raises(UserError) as caught:
        Look.from_json(json.dumps({**DATA, **EDITS[name]}))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("key", sorted(set(DATA) - {"names"}))
def test_every_field_is_needed(key):
    with pytest.raises(UserError):
        Look.from_json(json.dumps({k: v for k, v in DATA.items() if k != key}))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def accepted_only_if_whole(text: str) -> None:
    """Either one UserError, or a look that is as good as any: its text comes back the same."""
    try:
        look = Look.from_json(text)
    except UserError:
        return
    assert same(look, Look.from_json(look.to_json()))
    assert set(look.codes) == {int(c) for c in np.unique(look.labels) if c != BACKGROUND}
    assert all(np.isfinite(v).all() and v.ndim == 3 for v in look.codes.values())


@given(st.sampled_from(sorted(DATA)), anything)
def test_any_value_in_any_field_is_refused_or_whole(key, value):
    accepted_only_if_whole(json.dumps({**DATA, key: value}))


@given(st.sampled_from(["map", "code_shape", "locked", "seeds", "codes"]), st.data())
def test_any_value_inside_a_field_is_refused_or_whole(key, data):
    edited = copy.deepcopy(DATA)
    inner = edited[key]
    where = data.draw(st.sampled_from(sorted(inner)) if isinstance(inner, dict) else st.integers(0, len(inner) - 1))
    inner[where] = data.draw(anything)
    accepted_only_if_whole(json.dumps(edited))


SCENES = json.loads(made().redressed({SLEEVE: np.ones((8, 4, 4), np.float16)}).to_json())


@given(st.sampled_from(["classes", "noise_seed", "codes"]), anything)
def test_any_value_inside_a_scene_is_refused_or_whole(key, value):
    edited = copy.deepcopy(SCENES)
    edited["scenes"][0][key] = value
    accepted_only_if_whole(json.dumps(edited))
    accepted_only_if_whole(json.dumps({**SCENES, "scenes": [value]}))


@given(st.sampled_from([TEXT, json.dumps(SCENES)]), st.integers(0, len(TEXT) - 1), st.characters(), st.booleans())
def test_any_character_changed_or_lost_is_refused_or_whole(text, position, character, lost):
    position = len(text) - 1 - position
    accepted_only_if_whole(text[:position] + ("" if lost else character) + text[position + 1 :])


def test_kept_codes_are_those_of_locked_and_pinned_classes():
    look = replace(made(), locked=frozenset({TOP}), pinned=frozenset({SLEEVE, TOP}))
    assert set(look.given()) == {TOP, SLEEVE} and look.regions == sorted((TOP, SLEEVE, PANTS, POCKET))
    assert replace(look, seed=3, seeds={TOP: 9}).seed_of(TOP) == 9
    assert replace(look, seed=3, seeds={TOP: 9}).seed_of(PANTS) == 3


def test_swap_exchanges_two_classes_and_is_its_own_inverse():
    labels = outfit()
    swapped = swap(labels, "pants", SLEEVE)
    assert np.array_equal(swapped == PANTS, labels == SLEEVE) and np.array_equal(swapped == SLEEVE, labels == PANTS)
    assert np.array_equal(swapped == BACKGROUND, labels == BACKGROUND) and swapped.dtype == np.uint8
    assert np.array_equal(swap(swapped, SLEEVE, PANTS), labels)
    with pytest.raises(KeyError):
        swap(blank(), "spacesuit", TOP)


FIXTURE = Path(__file__).parent / "fixtures" / "look.json"


def test_a_session_of_the_first_version_is_saved_again_byte_for_byte():
    text = FIXTURE.read_text(encoding="utf-8").rstrip()
    assert Look.from_json(text).to_json() == text


def test_the_engine_that_painted_it_is_kept_if_known():
    look = replace(made(), engine="openvino bfloat16")
    assert Look.from_json(look.to_json()).engine == "openvino bfloat16"
    assert Look.from_json(TEXT).engine == "" and '"engine"' not in TEXT


def test_a_later_versions_field_does_not_close_a_session_to_this_one():
    assert same(Look.from_json(json.dumps({**DATA, "lens": "50 mm"})), Look.from_json(TEXT))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"seed": "9" * 5000}, "session.seed is a whole number from 0 to 9,007,199,254,740,991"),
        ({"diversity": 3}, "session.diversity is a number from 0 to 2"),
        ({"size": 5000}, "session.size is a whole number from 1 to 1,024"),
        ({"seeds": {"46": 1}}, "session.seeds"),
    ],
)
def test_the_sentence_names_the_field_and_what_it_allows(edit, words):
    with pytest.raises(UserError, match=words):
        Look.from_json(json.dumps({**DATA, **edit}))
