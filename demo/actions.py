"""What each control does, as functions from what the page sent to the next look. The server remembers nothing."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from demo import pictures
from demo.texts import Refused
from garmentgen import BACKGROUND, SWATCHES, Cut, Designer, Look, UserError, cut_garment
from garmentgen.checks import Diversity, Seed, Share, checked
from garmentgen.painter import decode

VARIANTS = 8
BLEND_STEPS = 8
MOST_MAP = 4_000_000  # bytes of a picture of a map
MOST_PHOTO = 3_000_000  # bytes; the page shrinks a photo before it sends it
PHOTO_SIDE = 1024
MOST_SESSION = 4_000_000


class Blank(Exception):
    """The painting is empty: there is nothing to draw, and nothing wrong either."""


@dataclass(frozen=True)
class Ask:
    """What stands on the page when it asks for something; everything is checked, for anybody may send it.

    Attributes:
        look: the one on show, None when the painting was empty. labels: the map as painted now, uint8 [S, S].
        seed, diversity, harmony: the controls as they stand now.
        data: what this request brings besides.
    """

    look: Look | None
    labels: np.ndarray
    seed: int
    diversity: float
    harmony: float
    data: Mapping[str, Any]

    @staticmethod
    def of(data: Mapping[str, Any], size: int) -> Ask:
        """Read a request.

        Raises:
            UserError: an argument is not what it should be; says which.
        """
        look = None if data.get("look") is None else sent_look(data["look"], size)
        if data.get("map") is None:
            labels = look.labels if look else np.full((size, size), BACKGROUND, np.uint8)
        else:
            labels = decode(data["map"], size)
        return Ask(
            look,
            labels,
            checked(Seed, data.get("seed", 0), "seed"),
            checked(Diversity, data.get("diversity", 1), "diversity"),
            checked(Share, data.get("harmony", 1), "harmony"),
            data,
        )


# ---------------------------------------------------------------- looks


def paint(designer: Designer, ask: Ask) -> Look:
    """Follow the map and the sliders; locks, re-rolled regions and photo styles stay.

    Raises:
        Blank: the map is empty.
    """
    if not (ask.labels != BACKGROUND).any():
        raise Blank
    return designer.look(ask.labels, ask.seed, ask.diversity, ask.harmony, like=ask.look)


def roll(designer: Designer, ask: Ask) -> Look:
    """The seed `dice` for all that is not locked."""
    seed = checked(Seed, ask.data.get("dice"), "dice")
    return paint(designer, replace(ask, look=_fresh(ask.look), seed=seed))


def reroll(designer: Designer, ask: Ask) -> Look:
    """Another look for one `region`, or one `side` of a pair, every other as it is."""
    look = paint(designer, ask)
    return designer.reroll(look, on_map(look, ask.data.get("region")), side=_side(ask))


def dye(designer: Designer, ask: Ask) -> Look:
    """`region` in the `colour`, "#rrggbb"; of a pair only one `side`, if it says so."""
    look = paint(designer, ask)
    return designer.dye(look, on_map(look, ask.data.get("region")), ask.data.get("colour") or "", _side(ask))


def drape(designer: Designer, ask: Ask) -> Look:
    """`region` in the shipped fabric of this number, or in the `picture` (base64) of one's own."""
    look = paint(designer, ask)
    fabric = ask.data.get("fabric")
    if ask.data.get("picture") is not None:
        cloth = uploaded(ask.data["picture"], None, MOST_PHOTO)
    elif type(fabric) is int and 0 <= fabric < len(SWATCHES):
        cloth = SWATCHES[fabric]
    else:
        raise Refused("gone")
    return designer.drape(look, on_map(look, ask.data.get("region")), cloth, _side(ask))


def _side(ask: Ask) -> Any:
    side = ask.data.get("side")
    if side not in (None, "left", "right"):
        raise Refused("gone")
    return side


def lock(designer: Designer, ask: Ask) -> Look:
    """Keep the look of `region` from now on, or let it go (`locked`)."""
    look = paint(designer, ask)
    return designer.lock(look, on_map(look, ask.data.get("region")), ask.data.get("locked") is True)


def style(designer: Designer, ask: Ask) -> Look:
    """The style of `photo` (base64) for `regions`, or all.

    With `cut` ({box, whole}, see `cut`) it is that of the garment found there; else photo and `photo_map`, or without
    one the painting, are framed alike.
    """
    photo = _photo(ask.data)
    look = paint(designer, ask)
    wanted = ask.data.get("regions") or look.regions
    if not isinstance(wanted, list):
        raise Refused("gone")
    regions = [on_map(look, region) for region in wanted]
    how = ask.data.get("cut")
    if isinstance(how, dict):
        return designer.style_from_cut(look, cut_garment(photo, how.get("box"), how.get("whole") is True), regions)
    given = ask.data.get("photo_map")
    return designer.style_from_photo(
        look, photo, ask.labels if given is None else decode(given, designer.size), regions
    )


def cut(ask: Ask) -> Cut:
    """The garment of `photo` (base64), sought in `box` (shares: top, left, bottom, right) or anywhere, or `whole`."""
    return cut_garment(_photo(ask.data), ask.data.get("box"), ask.data.get("whole") is True)


def _photo(data: Mapping[str, Any]) -> bytes:
    if not data.get("photo"):
        raise Refused("no_photo")
    photo = uploaded(data["photo"], None, MOST_PHOTO)
    width, height = pictures.sides(photo)
    if max(width, height) > PHOTO_SIDE:  # the page shrinks photos, so that none keeps the others waiting
        raise Refused("photo_large", most=PHOTO_SIDE, width=width, height=height)
    return photo


def adopt(designer: Designer, ask: Ask) -> Look:
    """The look `chosen` becomes the present one; the map stays as it is painted now."""
    chosen = sent_look(ask.data.get("chosen"), designer.size)
    return paint(designer, replace(ask, look=chosen, **settings(chosen)))


def take(designer: Designer, ask: Ask) -> Look:
    """The look `chosen` becomes the present one, map and all."""
    return sent_look(ask.data.get("chosen"), designer.size)


def open_session(designer: Designer, ask: Ask) -> tuple[Look, list[str]]:
    """A session file (`file`: base64, `size`) -> its look on our canvas, and sentences on what that changed."""
    data = uploaded(ask.data.get("file"), ask.data.get("size"), MOST_SESSION)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("not_text") from None
    return designer.fit(Look.from_json(text))


def variants(designer: Designer, ask: Ask) -> list[Look]:
    """Eight looks of the map that differ in all that is not locked; the first is the present one."""
    look = paint(designer, ask)
    others = designer.variations(ask.labels, VARIANTS, ask.seed, ask.diversity, ask.harmony, like=_fresh(look))
    return [look, *others[1:]]


def blend(designer: Designer, ask: Ask) -> list[Look]:
    """The steps from the look `start` to the look `end`."""
    if not (ask.data.get("start") and ask.data.get("end")):
        raise Refused("no_start")
    start, end = (sent_look(ask.data[key], designer.size) for key in ("start", "end"))
    return [designer.blend(start, end, step / (BLEND_STEPS - 1)) for step in range(BLEND_STEPS)]


# ---------------------------------------------------------------- checking what came


def sent_look(text: object, size: int) -> Look:
    """A look that the page kept; raises UserError with why it is none, or none of this canvas."""
    if not isinstance(text, str):
        raise Refused("gone")
    look = Look.from_json(text)
    if look.labels.shape != (size, size):
        raise UserError(
            f"This look holds a map of {look.labels.shape[1]} x {look.labels.shape[0]}, "
            f"but the map here is {size} x {size}."
        )
    return look


def settings(look: Look) -> dict[str, Any]:
    """The controls as they stand for a look."""
    return {"seed": look.seed, "diversity": look.diversity, "harmony": look.harmony}


def on_map(look: Look, region: object) -> int:
    """A class id from the browser -> the same, if it is on the map."""
    if type(region) is not int or region not in look.codes:
        raise Refused("no_part")
    return region


def uploaded(data: object, size: object, most: int) -> bytes:
    """A file the page read: base64 text, or None when it was larger than `most` bytes."""
    if data is None:
        number = size if isinstance(size, (int, float)) and math.isfinite(size) else 0
        raise Refused("file_large", size=number / 1e6, most=most // 1_000_000)
    if not isinstance(data, str) or len(data) > most * 4 // 3 + 4:
        raise Refused("file_unreadable")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("file_unreadable") from None


def _fresh(look: Look | None) -> Look | None:
    """The look with re-rolls and photo styles forgotten where not locked, so that a new seed reaches them."""
    return replace(look, seeds={}, pinned=look.pinned & look.locked) if look else None
