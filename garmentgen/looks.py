"""A look: everything that makes one garment picture, and the small JSON file it is kept in. NumPy only."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from .checks import Diversity, Seed, Share, checked_json
from .errors import UserError
from .files import read_file, write_atomically
from .labels import BACKGROUND, LABELS, NUM_LABELS, find
from .runs import from_runs, to_runs

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
            "codes": {
                str(c): base64.b64encode(v.astype("<f2").tobytes()).decode() for c, v in sorted(self.codes.items())
            },
            "names": {str(c): LABELS[c].name for c in sorted(self.codes)},
        }
        if self.engine:
            data["engine"] = self.engine
        return json.dumps(data)

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
        if len(text) > MAX_BYTES:
            raise UserError("a session file is well under 4 MB; this one is larger, so it is not one of ours")
        stored = checked_json(_Stored, text, "session")
        labels = from_runs(stored.map, stored.size, stored.size, "session.map")
        if (labels == BACKGROUND).all():
            raise UserError("session.map is empty: nothing is painted on it")
        codes = {c: _code(value, stored.code_shape) for c, value in stored.codes.items()}
        present = {int(c) for c in np.unique(labels) if c != BACKGROUND}
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
        )


_Class = Annotated[int, Field(ge=0, le=NUM_LABELS - 1)]
_Side = Annotated[int, Field(ge=1, le=64)]
_Word = Annotated[str, Field(max_length=64)]


@checked_dataclass(frozen=True, config=ConfigDict(strict=True, allow_inf_nan=False))  # other fields: a later version's
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
