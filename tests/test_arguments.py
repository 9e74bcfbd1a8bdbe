"""Whatever a script hands to the facade: what cannot be used is one sentence that names it, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from small_maps import SLEEVE, TOP, outfit, photo_of

from garmentgen import Designer, Look, UserError, cut_garment, cutout, enlarged

WRONG = [None, True, 1.5, float("nan"), 10**30, -1, "x", b"\xff", [], {}, {"a": 1}, object(), range(3)]
ARRAYS = [np.zeros((3, 3)), np.zeros((64, 64, 3), np.uint8), np.array("x"), np.full((64, 64), 255, np.uint8)]


@pytest.fixture(scope="module")
def look(designer) -> Look:
    return designer.look(outfit(), 3)


def refused(call: Callable[[Any], object], value: object) -> str | None:
    """The sentence, or None where the value can be used; any other exception is a fault."""
    try:
        call(value)
    except UserError as error:
        assert "\n" not in str(error) and len(str(error)) < 900
        return str(error)
    return None


@pytest.mark.parametrize("value", [*WRONG, *ARRAYS], ids=lambda value: f"{value!r:.20}".replace("\n", ""))
def test_what_is_no_look_is_named(designer, look, value):
    """A map or a picture in its place is what people give."""
    calls = {
        "render": designer.render,
        "reroll": lambda v: designer.reroll(v, TOP),
        "lock": lambda v: designer.lock(v, TOP),
        "dye": lambda v: designer.dye(v, TOP, "#1e4fa3"),
        "drape": lambda v: designer.drape(v, TOP, photo_of(outfit())),
        "style": lambda v: designer.style_from_photo(v, photo_of(outfit()), outfit()),
        "pairs": designer.pairs,
        "from": lambda v: designer.blend(v, look, 0.5),
        "to": lambda v: designer.blend(look, v, 0.5),
        "strip": lambda v: designer.strip(look, v, 2),
        "check": designer.check,
        "fit": designer.fit,
        "inputs": designer.inputs,
    }
    if value is not None:  # like=None is without
        calls["like"] = lambda v: designer.look(outfit(), like=v)
    for name, call in calls.items():
        assert "look is a Look, which Designer.look makes, not " in (refused(call, value) or ""), name


ARGUMENTS: dict[str, Callable[[Designer, Look, Any], object]] = {
    "size": lambda d, look, v: d.render(look, v),
    "n": lambda d, look, v: d.variations(outfit(), v),
    "side": lambda d, look, v: d.reroll(look, SLEEVE, 1, v),
    "dyed side": lambda d, look, v: d.dye(look, SLEEVE, "#1e4fa3", v),
    "region": lambda d, look, v: d.reroll(look, v),
    "regions": lambda d, look, v: d.style_from_photo(look, photo_of(outfit()), outfit(), v),
    "colour": lambda d, look, v: d.dye(look, TOP, v),
    "cut": lambda d, look, v: d.style_from_cut(look, v),
    "steps": lambda d, look, v: d.strip(look, look, v),
    "t": lambda d, look, v: d.blend(look, look, v),
    "encoded photo": lambda d, look, v: d.encode(v, outfit()),
    "weights": lambda d, look, v: Designer.load(v if v is not None and v != [] and v != {} else "nowhere"),
    "engine": lambda d, look, v: Designer.load("nowhere", engine=v),
    "preset": lambda d, look, v: Designer.random(v),
    "seed": lambda d, look, v: Designer.random("tiny", v),
    "session": lambda d, look, v: Look.from_json(v),
    "cut-out's map": lambda d, look, v: cutout(d.render(look), v),
    "cut-out's side": lambda d, look, v: cutout(d.render(look), outfit(), v),
    "enlarged map": lambda d, look, v: enlarged(d.render(look), v, 64),
    "box": lambda d, look, v: cut_garment(photo_of(outfit()), v),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_value_of_another_kind_is_named(designer, look, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for value in WRONG:
        refused(lambda v: ARGUMENTS[name](designer, look, v), value)
    for value in (0.5, "x", object(), b"\xff"):
        if name != "t" or value != 0.5:
            assert refused(lambda v: ARGUMENTS[name](designer, look, v), value), value


def test_one_region_needs_no_list(designer, look):
    """Of a word, each letter was taken for the name of a class."""
    photo = photo_of(outfit())
    alone = designer.style_from_photo(look, photo, outfit(), "sleeve")
    assert alone.to_json() == designer.style_from_photo(look, photo, outfit(), [SLEEVE]).to_json()
    assert alone.to_json() == designer.style_from_photo(look, photo, outfit(), SLEEVE).to_json()


@pytest.mark.parametrize("n", [0, -1, 10_001, "3", 2.5, True])
def test_variations_are_as_many_as_asked_for_or_refused(designer, n):
    with pytest.raises(UserError, match="n is a whole number from 1 to 10,000, not"):
        designer.variations(outfit(), n)
    assert len(designer.variations(outfit(), np.int64(2))) == 2


def test_a_long_value_is_shown_on_one_line(designer, look):
    with pytest.raises(UserError, match=r"^no class is called array\(.{0,60}; classes: "):
        designer.reroll(look, np.zeros((64, 64)))  # type: ignore[arg-type]
