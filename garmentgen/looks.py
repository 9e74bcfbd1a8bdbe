"""A look: everything that makes one garment picture, and the small JSON file it is kept in. NumPy only."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from .checks import Diversity, Seed, Share, check_kind, checked_json, shown
from .errors import UserError
from .files import read_file, write_atomically
from .labels import BACKGROUND, LABELS, NUM_LABELS, find, pixel_counts
from .runs import from_runs, to_runs
from .scenes import MAX_SCENES, Scene, settled

FORMAT = "garmentgen-look-1"
MAX_SIDE = 1024
MAX_BYTES = 4_000_000


@dataclass(frozen=True)
class Look:
    """A map and the codes that dress it. Immutable: every change makes a new one.

    Attributes:
        labels: uint8 [S, S], BACKGROUND where nothing is painted.
        codes: class id -> float16 [C, G, G]; one entry for each class on the map. Codes are rounded when drawn, so that
            a stored look gives the very bytes it gave before.
        seed: of the look; seeds: class id -> its own seed, where a region was re-rolled.
        diversity: 0 the typical garment, 1 the training spread. harmony: 1 parts follow their garment, 0 they are free.
        locked: classes whose codes stay whatever the seed, map or sliders do; pinned: classes whose codes came from a
            photo or a blend, which stay until they are re-rolled.
        weights_hash: of the weights file that drew the codes. engine: what painted it, "" where that is not known.
        scenes: class id -> the scene it is painted in, where that is not the look's own: since it was painted last,
            other classes, or the seed it does not follow, have changed (see `scenes.py`). Codes as in `codes`.
    """

    labels: np.ndarray
    codes: dict[int, np.ndarray]
    seed: int
    seeds: dict[int, int]
    diversity: float
    harmony: float
    locked: frozenset[int]
    pinned: frozenset[int]
    weights_hash: str
    engine: str = ""
    scenes: dict[int, Scene] = field(default_factory=dict)

    @property
    def regions(self) -> list[int]:
        """Ids of the classes on the map, ascending."""
        return sorted(self.codes)

    def given(self) -> dict[int, np.ndarray]:
        """Codes given to the prior when map, seed or sliders change: those of locked and pinned classes."""
        return {c: code for c, code in self.codes.items() if c in self.locked or c in self.pinned}

    @property
    def noise_seed(self) -> int:
        """The seed of the pixel noise: at diversity 0 no seed may show."""
        return self.seed if self.diversity else 0

    @cached_property
    def own(self) -> Scene:
        """The scene of all classes that have none kept."""
        return Scene(self.codes, self.noise_seed)

    def scene_of(self, region: int) -> Scene:
        """The scene this class is painted in."""
        return self.scenes.get(region, self.own)

    def under(self, scenes: Mapping[int, Scene]) -> Look:
        """The look with its classes painted in these scenes, the few of them that it keeps (see `settled`)."""
        return replace(self, scenes=settled(scenes, self.own, self.labels, self.locked))

    def redressed(self, codes: Mapping[int, np.ndarray], **changes: Any) -> Look:
        """The look with other codes for some classes, and other changes; every other class stays as it is painted."""
        others = {c: self.scene_of(c) for c in self.codes if c not in codes}
        return replace(self, codes={**self.codes, **codes}, **changes).under(others)

    def seed_of(self, region: int) -> int:
        """The seed that draws this class."""
        return self.seeds.get(region, self.seed)

    def to_json(self) -> str:
        """The look as JSON text: map as runs, codes as base64 of little-endian float16."""
        data: dict[str, Any] = {
            "format": FORMAT,
            "weights": self.weights_hash,
            "seed": self.seed,
            "seeds": {str(c): s for c, s in sorted(self.seeds.items())},
            "diversity": self.diversity,
            "harmony": self.harmony,
            "locked": sorted(self.locked),
            "pinned": sorted(self.pinned),
            "size": self.labels.shape[0],
            "map": to_runs(self.labels),
            "code_shape": list(next(iter(self.codes.values())).shape),
            "codes": {str(c): _text(code) for c, code in sorted(self.codes.items())},
            "names": {str(c): LABELS[c].name for c in sorted(self.codes)},
        }
        if self.engine:
            data["engine"] = self.engine
        if self.scenes:
            data["scenes"] = [self._stored(scene) for scene in dict.fromkeys(v for _, v in sorted(self.scenes.items()))]
        return json.dumps(data)

    def _stored(self, scene: Scene) -> dict[str, Any]:
        """A scene in JSON; of its codes only those that differ from the look's."""
        other = {c: code for c, code in sorted(scene.codes.items()) if code.tobytes() != self.codes[c].tobytes()}
        return {
            "classes": sorted(c for c, of in self.scenes.items() if of == scene),
            "noise_seed": scene.noise_seed,
            "codes": {str(c): _text(code) for c, code in other.items()},
        }

    def save(self, path: str | Path) -> None:
        """Write the JSON file."""
        write_atomically(path, lambda temporary: temporary.write_text(self.to_json(), encoding="utf-8"))

    @staticmethod
    def load(path: str | Path) -> Look:
        """Read a JSON file; raises UserError when it is missing or not a look."""
        return Look.from_json(read_file(path, MAX_BYTES, "a session file (.json)"))

    @staticmethod
    def from_json(text: str | bytes) -> Look:
        """Inverse of `to_json`. The text is untrusted: everything is checked, and any fault is one UserError."""
        if not isinstance(text, (str, bytes)):
            raise UserError(f"a session is JSON text, as `to_json` gives it, not {shown(text)}")
        if len(text) > MAX_BYTES:
            raise UserError("a session file is well under 4 MB; this one is larger, so it is not one of ours")
        stored = checked_json(_Stored, text, "session")
        labels = from_runs(stored.map, stored.size, stored.size, "session.map")
        if (labels == BACKGROUND).all():
            raise UserError("session.map is empty: nothing is painted on it")
        codes = {c: _code(value, stored.code_shape) for c, value in stored.codes.items()}
        present = set(np.flatnonzero(pixel_counts(labels)[:NUM_LABELS]).tolist())
        if set(codes) != present:
            raise UserError(f"session.codes are for classes {sorted(codes)}, but its map shows {sorted(present)}")
        return Look(
            labels=labels,
            codes=codes,
            seed=stored.seed,
            seeds=stored.seeds,
            diversity=stored.diversity,
            harmony=stored.harmony,
            locked=frozenset(stored.locked),
            pinned=frozenset(stored.pinned),
            weights_hash=stored.weights,
            engine=stored.engine,
            scenes=_scenes(stored, codes),
        )


def check_look(look: object) -> None:
    """Raise UserError unless this is a look: a map or a picture is easily given for one."""
    check_kind("look", look, Look, "Designer.look")


def region_of(look: Look, name: int | str) -> int:
    """The id of a class on the look's map, by id or name; raises UserError where there is none, or no look."""
    check_look(look)
    try:
        c = find(name).id
    except KeyError as error:
        raise UserError(str(error.args[0])) from error
    if c not in look.codes:
        there = ", ".join(LABELS[k].name for k in look.regions)
        raise UserError(f"there is no {LABELS[c].name!r} on this map; it shows {there}")
    return c


def regions_of(look: Look, names: Iterable[int | str] | int | str | None) -> list[int]:
    """As `region_of` for several, for one, or for all of the map (None)."""
    check_look(look)
    if names is None:
        return look.regions
    if isinstance(names, str) or not isinstance(names, Iterable):  # of a word each letter is a text as well
        return [region_of(look, names)]
    return [region_of(look, name) for name in names]


_Class = Annotated[int, Field(ge=0, le=NUM_LABELS - 1)]
_Side = Annotated[int, Field(ge=1, le=64)]
_Word = Annotated[str, Field(max_length=64)]


_LOOSE = ConfigDict(strict=True, allow_inf_nan=False)  # other fields: a later version's


@checked_dataclass(frozen=True, config=_LOOSE)
class _StoredScene:
    """The JSON of a scene: its classes, and its codes as far as they are not the look's."""

    classes: list[_Class]
    noise_seed: Seed
    codes: dict[_Class, str]


@checked_dataclass(frozen=True, config=_LOOSE)
class _Stored:
    """The JSON of a look."""

    format: Literal["garmentgen-look-1"]
    weights: _Word
    seed: Seed
    seeds: dict[_Class, Seed]
    diversity: Diversity
    harmony: Share
    locked: list[_Class]
    pinned: list[_Class]
    size: Annotated[int, Field(ge=1, le=MAX_SIDE)]
    map: list[Annotated[int, Field(ge=0, le=MAX_SIDE**2)]]
    code_shape: tuple[_Side, _Side, _Side]
    codes: dict[_Class, str]
    engine: _Word = ""
    scenes: Annotated[list[_StoredScene], Field(max_length=MAX_SCENES)] = field(default_factory=list)


def _scenes(stored: _Stored, codes: dict[int, np.ndarray]) -> dict[int, Scene]:
    scenes = {}
    for one in stored.scenes:
        other = {c: _code(value, stored.code_shape) for c, value in one.codes.items()}
        if odd := sorted({*one.classes, *other} - codes.keys() | scenes.keys() & {*one.classes}):
            raise UserError(f"session.scenes name class {odd[0]}, which its map does not show, or another scene has")
        scenes |= dict.fromkeys(one.classes, Scene({**codes, **other}, one.noise_seed))
    return scenes


def _text(code: np.ndarray) -> str:
    return base64.b64encode(code.astype("<f2").tobytes()).decode()


def _code(value: str, shape: tuple[int, int, int]) -> np.ndarray:
    try:
        data = base64.b64decode(value, validate=True)
        code = np.frombuffer(data, "<f2").astype(np.float16).reshape(shape)
    except ValueError as error:  # base64's own error is one
        raise UserError(f"session.codes are {shape} numbers in base64 each, but one is not; save it again") from error
    if not np.isfinite(code).all():
        raise UserError("session.codes hold a number that is not finite; save the session again")
    return code


def swap(labels: np.ndarray, a: int | str, b: int | str) -> np.ndarray:
    """The map with class `a` turned into class `b` and `b` into `a`, uint8 of the same shape."""
    first, second = find(a).id, find(b).id
    table = np.arange(256, dtype=np.uint8)
    table[first], table[second] = second, first
    return table[labels]
