"""One way in: every kind of wrong value is one sentence that names the place, the range and what came."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Annotated, Literal

import pytest
from pydantic import Field
from pydantic.dataclasses import dataclass

from garmentgen.checks import STRICT, Seed, Share, allowed, checked, checked_json, option
from garmentgen.errors import UserError

Small = Annotated[int, Field(ge=1, le=64)]


@dataclass(frozen=True, config=STRICT)
class Inner:
    side: Annotated[int, Field(ge=32, le=2048, multiple_of=32)] = 32
    share: Share = 0.5
    widths: Annotated[tuple[Small, ...], Field(min_length=2, max_length=2)] = (1, 2)
    pair: tuple[Share, Share] = (0.0, 0.9)
    kind: Literal["lite", "smis"] = "lite"
    flag: bool = False
    seed: Seed | None = None

    def __post_init__(self) -> None:
        if self.kind == "smis" and self.side == 64:
            raise UserError("smis has no side of 64")


@dataclass(frozen=True, config=STRICT)
class Outer:
    inner: Inner = Inner()
    name: Annotated[str, Field(max_length=5)] = ""


WRONG = [
    ({"side": 0}, "run.inner.side is a multiple of 32 from 32 to 2,048, not 0"),
    ({"side": 33}, "run.inner.side is a multiple of 32 from 32 to 2,048, not 33"),
    ({"side": True}, "not True"),
    ({"side": "64"}, "not '64'"),
    ({"side": 64.0}, "not 64.0"),
    ({"side": None}, "not None"),
    ({"share": float("nan")}, "run.inner.share is a number from 0 to 1, not nan"),
    ({"share": float("inf")}, "not inf"),
    ({"share": 1.01}, "not 1.01"),
    ({"widths": [1]}, "run.inner.widths is a list of 2, each a whole number from 1 to 64, not [1]"),
    ({"widths": [1, 0]}, "run.inner.widths[1] is a whole number from 1 to 64, not 0"),
    ({"widths": 3}, "not 3"),
    ({"pair": [0.1]}, "run.inner.pair[1] is missing; expected a number from 0 to 1"),
    ({"kind": "tiny"}, "run.inner.kind is one of lite, smis, not 'tiny'"),
    ({"flag": 1}, "run.inner.flag is true or false, not 1"),
    ({"seed": -1}, "run.inner.seed is a whole number from 0 to 9,007,199,254,740,991 or nothing, not -1"),
    ({"colour": 1}, "run.inner has no 'colour'; it has flag, kind, pair, seed, share, side, widths"),
    ({"side": 64, "kind": "smis"}, "smis has no side of 64"),
    ([], "run.inner is an object, not []"),
]


@pytest.mark.parametrize(("data", "sentence"), WRONG, ids=lambda v: str(v)[:40])
def test_a_wrong_value_is_one_sentence(data, sentence):
    with pytest.raises(UserError) as told:
        checked(Outer, {"inner": data}, "run")
    assert sentence in str(told.value) and "\n" not in str(told.value)


def test_what_is_right_comes_as_its_own_type():
    data = {"inner": {"side": 64, "share": 1, "widths": [3, 4], "pair": [0, 1]}, "name": "ab"}
    outer = checked(Outer, data, "run")
    assert outer == Outer(Inner(side=64, share=1.0, widths=(3, 4), pair=(0.0, 1.0)), "ab")
    assert type(outer.inner.share) is float and replace(outer, name="c").inner is outer.inner


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 200_000, '{"name": ' * 9_000, "\ud800", b"\xff\xfe", "1" * 10_000, '{"inner": {"side": 1e999}}'],
)
def test_text_that_no_json_reader_should_meet_is_one_sentence_too(text):
    with pytest.raises(UserError, match="^the file") as told:
        checked_json(Outer, text, "the file")
    assert len(str(told.value)) < 300


def test_a_wrong_value_of_any_length_makes_a_short_sentence():
    with pytest.raises(UserError) as told:
        checked(Outer, {"name": "x" * 100_000}, "run")
    assert "a text of at most 5 characters" in str(told.value) and len(str(told.value)) < 200


def test_numbers_of_the_command_line_are_read_from_text():
    read = option(Small)
    assert read("64") == 64 and option(Share)("1") == 1.0
    for text in ("0", "65", "-1", "1.5", "x", "", "1e3", "nan", "9" * 5_000):
        with pytest.raises(argparse.ArgumentTypeError, match="expected a whole number from 1 to 64, not '"):
            read(text)
    for text in ("nan", "inf", "-0.1"):
        with pytest.raises(argparse.ArgumentTypeError, match="expected a number from 0 to 1"):
            option(Share)(text)


def test_ranges_in_words():
    assert allowed(Annotated[float, Field(gt=0, lt=2)]) == "a number above 0 below 2"
    assert allowed(dict[str, int]) == "an object" and allowed(list[bool]) == "a list, each true or false"
