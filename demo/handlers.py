"""What each control does, as functions from a tab's session to its next one. No Gradio in here."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from demo import pictures
from garmentgen import BACKGROUND, LABELS, Designer, Look, colorize

T = TypeVar("T")

HISTORY = 12
VARIANTS = 8
BLEND_STEPS = 8
THUMBNAIL = 128


@dataclass(frozen=True)
class Kept:
    """One entry of the history: what made it, its thumbnail as a data URL, the look."""

    what: str
    thumbnail: str
    look: Look


@dataclass(frozen=True)
class Session:
    """What the server remembers of one browser tab."""

    look: Look
    history: tuple[Kept, ...] = ()  # newest first
    variants: tuple[Look, ...] = ()
    start: Look | None = None  # A of the blend
    ends: tuple[Look, Look] | None = None  # A and B of the blend on show


@dataclass(frozen=True)
class Controls:
    """What the page shows when an event fires: map uint8 [S, S] or None, seed, diversity, harmony 0..1."""

    labels: np.ndarray
    seed: int
    diversity: float
    harmony: float

    @staticmethod
    def of(look: Look) -> Controls:
        """The controls as they stand for a look."""
        return Controls(look.labels, look.seed, look.diversity, look.harmony)


class Blank(Exception):
    """The painting is empty: there is nothing to draw, and nothing wrong either."""


class Refused(Exception):
    """A message of `texts.MESSAGES` for the user: its key and fields."""

    def __init__(self, key: str, **values: object):
        super().__init__(key)
        self.key, self.values = key, values


# ---------------------------------------------------------------- changing the look


def paint(designer: Designer, session: Session, now: Controls) -> Session:
    """Follow the map and the sliders; locks, re-rolled regions and photo styles stay."""
    if not (now.labels != BACKGROUND).any():
        raise Blank
    look = designer.look(now.labels, now.seed, now.diversity, now.harmony, like=session.look)
    return replace(session, look=look)


def roll(designer: Designer, session: Session, now: Controls, seed: int) -> Session:
    """Another seed for all that is not locked."""
    return paint(designer, _fresh(session), replace(now, seed=seed))


def reroll(designer: Designer, session: Session, now: Controls, region: object) -> Session:
    """Another look for one region, every other as it is."""
    look = paint(designer, session, now).look
    return replace(session, look=designer.reroll(look, _on_map(look, region)))


def lock(designer: Designer, session: Session, region: object, locked: bool) -> Session:
    """Keep a region's look from now on, or let it go."""
    return replace(session, look=designer.lock(session.look, _on_map(session.look, region), locked))


def take_style(
    designer: Designer,
    session: Session,
    now: Controls,
    photo: bytes | None,
    photo_map: bytes | None,
    wanted: list | None,
) -> Session:
    """The style of a photo, for the wanted regions or all; its map is a file or, without one, the painting."""
    if not photo:
        raise Refused("no_photo")
    current = paint(designer, session, now).look
    source = photo_map or now.labels
    return replace(session, look=designer.style_from_photo(current, photo, source, regions=wanted or None))


def open_session(designer: Designer, session: Session, text: str) -> tuple[Session, str | None]:
    """A saved session -> its look on our canvas, and sentences when other weights or another canvas made it."""
    look, notes = designer.fit(Look.from_json(text))
    return replace(session, look=look), " ".join(notes) or None


def make_variants(designer: Designer, session: Session, now: Controls) -> Session:
    """Eight looks of the map that differ in all that is not locked; the first is the present one."""
    current = paint(designer, session, now)
    others = designer.variations(now.labels, VARIANTS, now.seed, now.diversity, now.harmony, like=_fresh(current).look)
    return replace(current, variants=(current.look, *others[1:]))


def adopt(designer: Designer, session: Session, now: Controls, index: object) -> Session:
    """Variant `index` becomes the look; the map stays as it is painted now."""
    variant = entry(session.variants, index)
    style = replace(now, seed=variant.seed, diversity=variant.diversity, harmony=variant.harmony)
    return paint(designer, replace(session, look=variant), style)


def recall(session: Session, index: object) -> Session:
    """Entry `index` of the history becomes the look."""
    return replace(session, look=entry(session.history, index).look)


def begin_blend(designer: Designer, session: Session, now: Controls) -> Session:
    """The present look is A."""
    current = paint(designer, session, now)
    return replace(current, start=current.look)


def end_blend(designer: Designer, session: Session, now: Controls) -> Session:
    """The present look is B."""
    if session.start is None:
        raise Refused("no_start")
    current = paint(designer, session, now)
    return replace(current, ends=(session.start, current.look))


def adopt_blend(designer: Designer, session: Session, index: object) -> Session:
    """Step `index` of the blend becomes the look."""
    if session.ends is None:
        raise Refused("no_blend")
    step = entry(range(BLEND_STEPS), index)
    return replace(session, look=designer.blend(*session.ends, step / (BLEND_STEPS - 1)))


def blend_pictures(designer: Designer, session: Session) -> list[np.ndarray]:
    """The steps from A to B, uint8 RGB [S, S, 3] each."""
    if session.ends is None:
        raise Refused("no_blend")
    return designer.strip(*session.ends, steps=BLEND_STEPS)


# ---------------------------------------------------------------- showing the look


def show(designer: Designer, session: Session, what: str) -> tuple[Session, dict]:
    """Draw the look: the session with its history brought forward, and the value of the garment view."""
    began = time.perf_counter()
    picture = designer.render(session.look)
    seconds = time.perf_counter() - began
    value = {
        "src": pictures.garment_url(picture),
        "map": pictures.map_url(session.look.labels),
        "ms": round(1000 * seconds),
        "stamp": _stamp(),
    }
    entry = Kept(what, pictures.garment_url(picture, THUMBNAIL), session.look)
    older = session.history
    if what == "paint" and older and older[0].what == "paint":
        older = older[1:]  # strokes in a row are one entry
    return replace(session, history=(entry, *older)[:HISTORY]), value


def blank_view(size: int) -> dict:
    """The value of the garment view for an empty painting."""
    paper = np.full((size, size, 3), 255, np.uint8)
    return {"src": pictures.garment_url(paper), "map": pictures.garment_url(paper), "ms": 0, "stamp": _stamp()}


def region_rows(look: Look) -> list[dict]:
    """The region list's value: classes on the map, largest first."""
    counts = np.bincount(look.labels.ravel(), minlength=256)
    inside = counts[: len(LABELS)].sum() or 1
    rows = []
    for label in sorted((label for label in LABELS if counts[label.id]), key=lambda label: -counts[label.id]):
        share = counts[label.id] / inside
        rows.append(
            {
                "id": label.id,
                "en": label.name,
                "zh": label.name_zh,
                "color": "#{:02x}{:02x}{:02x}".format(*label.color),
                "locked": label.id in look.locked,
                "share": f"{share:.0%}" if share >= 0.01 else "<1%",
            }
        )
    return rows


def history_items(session: Session) -> list[dict]:
    """The history strip's value."""
    return [{"src": kept.thumbnail} for kept in session.history]


def looks_items(designer: Designer, looks: Sequence[Look]) -> list[dict]:
    """A strip's value: thumbnails of looks, each drawn."""
    return [{"src": pictures.garment_url(designer.render(look), THUMBNAIL)} for look in looks]


def blend_items(designer: Designer, session: Session) -> list[dict]:
    """The blend strip's value."""
    return [{"src": pictures.garment_url(picture, THUMBNAIL)} for picture in blend_pictures(designer, session)]


# ---------------------------------------------------------------- files


def saved(designer: Designer, session: Session, labels: np.ndarray, kind: str) -> dict:
    """A file for the browser to save: {"name", "mime", "data": base64}."""
    if kind == "map":
        return _download("garment-map.png", "image/png", pictures.png(colorize(labels)))
    if kind == "session":
        return _download("garment-session.json", "application/json", session.look.to_json().encode())
    if kind == "gif":
        return _download("garment-blend.gif", "image/gif", pictures.gif(blend_pictures(designer, session)))
    picture = designer.render(session.look)
    return _download(f"garment-{session.look.seed}.png", "image/png", pictures.png(picture))


def uploaded(data: object, size: object, most: int) -> bytes:
    """A file the page read: base64 text, or None when it was larger than `most` bytes."""
    if data is None:
        number = size if isinstance(size, (int, float)) else 0
        raise Refused("file_large", size=number / 1e6, most=most // 1_000_000)
    if not isinstance(data, str) or len(data) > most * 4 // 3 + 4:
        raise Refused("file_unreadable")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise Refused("file_unreadable") from None


def uploaded_text(data: object, size: object, most: int) -> str:
    """As `uploaded`, for a UTF-8 text file."""
    try:
        return uploaded(data, size, most).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("not_text") from None


def entry(entries: Sequence[T], index: object) -> T:
    """The entry a click names; the index comes from the browser and may be anything."""
    if type(index) is not int or not 0 <= index < len(entries):
        raise Refused("gone")
    return entries[index]


def _on_map(look: Look, region: object) -> int:
    """A class id from the browser -> the same, if it is on the map."""
    if type(region) is not int or not (look.labels == region).any() or region == BACKGROUND:
        raise Refused("gone")
    return region


def _fresh(session: Session) -> Session:
    """The session with re-rolls and photo styles forgotten where not locked, so that a new seed reaches them."""
    look = session.look
    return replace(session, look=replace(look, seeds={}, pinned=look.pinned & look.locked))


def _download(name: str, mime: str, content: bytes) -> dict:
    return {"name": name, "mime": mime, "data": base64.b64encode(content).decode(), "stamp": _stamp()}


def _stamp() -> str:
    """Makes a value differ from the last one: an equal value would never reach the page."""
    return str(time.time_ns())
