"""The one way in: what comes from outside is checked against a type; a fault is one sentence with the allowed range.

Settings, options, the metadata of files and rows of tables all come here. The ranges stand where a field is declared
(`Annotated[int, Field(ge=1, le=64)]`) and the sentence is made from them, so that the two cannot part. Pydantic does
the checking: it comes with Gradio, knows dataclasses, and reads JSON strictly (no text for a number, no true for 1)
without the interpreter's limits on depth and digits.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Collection, Iterable
from functools import cache
from numbers import Integral, Real
from typing import Annotated, Any, TypeVar, overload

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from .errors import UserError

T = TypeVar("T")

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
"""How our dataclasses are checked: `@pydantic.dataclasses.dataclass(frozen=True, config=STRICT)`."""

MAX_SEED = 2**53 - 1
"""Whole numbers up to here are the same in every language that reads our files; pages and widgets show them all."""
MAX_DIVERSITY = 2

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Share = Annotated[float, Field(ge=0, le=1)]
Diversity = Annotated[float, Field(ge=0, le=MAX_DIVERSITY)]
Width = Annotated[int, Field(ge=1, le=4096)]
"""Channels of a layer."""


@overload
def checked(kind: type[T], data: Any, what: str) -> T: ...
@overload
def checked(kind: Any, data: Any, what: str) -> Any: ...
def checked(kind: Any, data: Any, what: str) -> Any:
    """Plain JSON types (as `json.loads` gives them) as a value of this type; lists become its tuples.

    Args:
        kind: anything pydantic knows: a dataclass, an `Annotated` number, `dict[str, float]`.
        what: how the data is called in the sentence.

    Raises:
        UserError: names the first field that is wrong, what is allowed there and what came.
    """
    try:
        text = json.dumps(data)
    except (TypeError, ValueError, RecursionError) as error:
        raise UserError(f"{what} should hold plain values only, but {error}") from error
    return checked_json(kind, text, what)


def checked_json(kind: type[T], text: str | bytes, what: str) -> T:
    """`checked` for JSON that is still text.

    Raises:
        UserError: also where the text is no JSON.
    """
    try:
        return _adapter(kind).validate_json(text, strict=True)
    except ValidationError as error:
        raise UserError(_sentence(error, kind, what)) from error


def option(kind: Any) -> Callable[[str], Any]:
    """The `type` of a command-line option: its text as a value of this type."""

    def parse(text: str) -> Any:
        try:
            return _adapter(kind).validate_strings(text)
        except ValidationError:
            raise argparse.ArgumentTypeError(f"expected {allowed(kind)}, not {shown(text)}") from None

    return parse


def allowed(kind: Any) -> str:
    """What a type allows, in words: "a whole number from 1 to 64"."""
    return _words(_adapter(kind).json_schema())


def shown(value: object) -> str:
    """A value that came from outside, short enough for a sentence and on one line."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python prints
        text = f"a number of {value.bit_length()} bits" if isinstance(value, int) else type(value).__name__
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:60]}..."


@cache
def _adapter(kind: Any) -> TypeAdapter:
    try:
        return TypeAdapter(kind, config=ConfigDict(allow_inf_nan=False))
    except Exception:  # a dataclass brings its own configuration
        return TypeAdapter(kind)


def _sentence(error: ValidationError, kind: Any, what: str) -> str:
    first = error.errors(include_url=False)[0]
    place, reason, cause = first["loc"], first["type"], first.get("ctx", {}).get("error")
    name = what + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    schema = _adapter(kind).json_schema()
    if reason == "value_error":
        return str(cause)
    if reason == "json_invalid":
        return f"{what} should be JSON, but it is not ({cause})"
    if reason in ("unexpected_keyword_argument", "extra_forbidden"):
        parent = _at(schema, place[:-1])
        holder = name.rpartition(".")[0]
        return f"{holder} has no {shown(place[-1])}; it has {', '.join(sorted(parent.get('properties', {})))}"
    if reason in ("missing", "missing_argument"):
        return f"{name} is missing; expected {_words(_at(schema, place))}"
    return f"{name} is {_words(_at(schema, place))}, not {shown(first['input'])}"


def _at(schema: dict[str, Any], place: Iterable[int | str]) -> dict[str, Any]:
    """The part of a JSON schema that describes one place of the data."""
    definitions = schema.get("$defs", {})
    for step in place:
        schema = _resolved(schema, definitions)
        if isinstance(step, int):
            fixed = schema.get("prefixItems", [])
            schema = fixed[step] if step < len(fixed) else schema.get("items", {})
        else:
            schema = schema.get("properties", {}).get(step) or schema.get("additionalProperties", {})
        schema = schema if isinstance(schema, dict) else {}
    return _resolved(schema, definitions)


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return definitions.get(name, schema)


def _words(schema: dict[str, Any]) -> str:
    """A JSON schema in words."""
    if "anyOf" in schema:
        return " or ".join(_words(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return "one of " + ", ".join(map(str, schema.get("enum", [schema.get("const")])))
    kind = schema.get("type", "")
    if kind in ("integer", "number"):
        return _number_words(schema)
    if kind == "array":
        return _list_words(schema)
    names = {"boolean": "true or false", "string": "a text", "object": "an object", "null": "nothing"}
    longest = f" of at most {schema['maxLength']} characters" if "maxLength" in schema else ""
    return names.get(kind, "a value of its kind") + longest


def _number_words(schema: dict[str, Any]) -> str:
    whole = schema["type"] == "integer"
    noun = "a whole number" if whole else "a number"
    if step := schema.get("multipleOf"):
        noun = f"a multiple of {step}"
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    first = f" from {low:,}" if low is not None else f" above {above:,}" if above is not None else ""
    last = f" to {high:,}" if high is not None else f" below {below:,}" if below is not None else ""
    return noun + first + last


def _list_words(schema: dict[str, Any]) -> str:
    fixed = schema.get("prefixItems")
    if fixed:
        return f"a list of {len(fixed)}: " + ", ".join(_words(one) for one in fixed)
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    count = f"{least}" if least == most else f"{least} to {most}" if most else f"at least {least}" if least else ""
    each = _words(schema["items"]) if schema.get("items") else "a value"
    return f"a list of {count}, each {each}" if count else f"a list, each {each}"


def check_slider(name: str, value: float, low: float, high: float) -> None:
    """Raise UserError unless the slider stands between low and high."""
    if not isinstance(value, Real) or not low <= value <= high:
        raise UserError(f"{name} is a number from {low} to {high}, not {shown(value)}")


def check_seed(seed: int) -> int:
    """The seed as a whole number; raises UserError where it is none."""
    return check_whole("a seed", seed, 0, MAX_SEED)


def check_whole(name: str, value: object, low: int, high: int) -> int:
    """The value as a whole number; raises UserError where it is none, or not between low and high."""
    number: Any = value if isinstance(value, Real) and not isinstance(value, bool) else None
    if number is None or not low <= number <= high or int(number) != number:
        raise UserError(f"{name} is a whole number from {low:,} to {high:,}, not {shown(value)}")
    return int(number)


def is_one_of(value: object, choices: Collection[object]) -> bool:
    """Whether a value, which may be anything at all, is one of these words or whole numbers."""
    return isinstance(value, (str, Integral)) and not isinstance(value, bool) and value in choices


def check_choice(name: str, value: object, choices: Collection[object]) -> None:
    """Raise UserError unless the value is one of these."""
    if not is_one_of(value, choices):
        raise UserError(f"{name} is {' or '.join(map(str, choices))}, not {shown(value)}")


def check_kind(name: str, value: object, kind: type, made_by: str) -> None:
    """Raise UserError unless the value is of this class; `made_by` says where one is had."""
    if not isinstance(value, kind):
        raise UserError(f"{name} is a {kind.__name__}, which {made_by} makes, not {shown(value)}")
