"""A look: everything that makes one garment picture, and the small JSON file it is kept in. NumPy only."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import UserError
from .files import write_atomically
from .labels import BACKGROUND, LABELS, NUM_LABELS, check_ids, find

FORMAT = "garmentgen-look-1"
MAX_SIDE = 1024


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
        weights_hash: of the weights file that drew the codes.
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

    @property
    def regions(self) -> list[int]:
        """Ids of the classes on the map, ascending."""
        return sorted(self.codes)

    def given(self) -> dict[int, np.ndarray]:
        """Codes given to the prior when map, seed or sliders change: those of locked and pinned classes."""
        return {c: code for c, code in self.codes.items() if c in self.locked or c in self.pinned}

    def seed_of(self, region: int) -> int:
        """The seed that draws this class."""
        return self.seeds.get(region, self.seed)

    def to_json(self) -> str:
        """The look as JSON text: map as runs, codes as base64 of little-endian float16."""
        flat = self.labels.ravel()
        starts = np.flatnonzero(np.r_[True, flat[1:] != flat[:-1]])
        lengths = np.diff(np.r_[starts, flat.size])
        data = {
            "format": FORMAT,
            "weights": self.weights_hash,
            "seed": self.seed,
            "seeds": {str(c): s for c, s in sorted(self.seeds.items())},
            "diversity": self.diversity,
            "harmony": self.harmony,
            "locked": sorted(self.locked),
            "pinned": sorted(self.pinned),
            "size": self.labels.shape[0],
            "map": np.stack([flat[starts], lengths], 1).ravel().tolist(),
            "code_shape": list(next(iter(self.codes.values())).shape),
            "codes": {
                str(c): base64.b64encode(v.astype("<f2").tobytes()).decode() for c, v in sorted(self.codes.items())
            },
            "names": {str(c): LABELS[c].name for c in sorted(self.codes)},
        }
        return json.dumps(data)

    def save(self, path: str | Path) -> None:
        """Write the JSON file."""
        write_atomically(Path(path), lambda temporary: temporary.write_text(self.to_json(), encoding="utf-8"))

    @staticmethod
    def load(path: str | Path) -> Look:
        """Read a JSON file; raises UserError when it is missing or not a look."""
        try:
            return Look.from_json(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(
                f"cannot read the session file {path} ({error}); choose a .json saved by garmentgen"
            ) from error

    @staticmethod
    def from_json(text: str) -> Look:
        """Inverse of `to_json`. The text is untrusted: everything is checked, and any fault is one UserError."""
        if len(text) > 4_000_000:
            raise UserError("a session file is well under 4 MB; this one is larger, so it is not one of ours")
        try:
            data = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise UserError(
                f"a session file is JSON, but this text is not ({error}); save the session again"
            ) from error
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise UserError(f"a session file says format {FORMAT!r}; this one does not, so it is not one of ours")
        try:
            return _parse(data)
        except (KeyError, TypeError, ValueError, OverflowError, binascii.Error) as error:
            reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
            raise UserError(f"this session file was damaged or edited by hand ({reason}); save it again") from error


def _parse(data: dict[str, Any]) -> Look:
    labels = _parse_map(data["size"], data["map"])
    present = {int(c) for c in np.unique(labels) if c != BACKGROUND}
    shape = tuple(data["code_shape"])
    if len(shape) != 3 or not all(type(n) is int and 1 <= n <= 64 for n in shape):
        raise UserError(f"code_shape should be three small numbers, not {str(shape):.80}")
    codes = {_class_id(c): _parse_code(value, shape) for c, value in _entries(data["codes"])}
    if set(codes) != present:
        raise UserError(f"codes are for classes {sorted(codes)}, but the map shows {sorted(present)}")
    seeds = {_class_id(c): _seed(s) for c, s in _entries(data["seeds"])}
    return Look(
        labels=labels,
        codes=codes,
        seed=_seed(data["seed"]),
        seeds=seeds,
        diversity=_between(data["diversity"], 0, 4, "diversity"),
        harmony=_between(data["harmony"], 0, 1, "harmony"),
        locked=_class_ids(data["locked"]),
        pinned=_class_ids(data["pinned"]),
        weights_hash=str(data["weights"])[:64],
    )


def _parse_map(size: Any, runs: Any) -> np.ndarray:
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_SIDE:
        raise UserError(f"size should be 1..{MAX_SIDE}, not {size!r}")
    area = size * size
    if not isinstance(runs, list) or {type(n) for n in runs} != {int} or len(runs) > 2 * area:
        raise UserError("the map should be a flat list of whole numbers: id, count, id, count ...")
    values = np.array(runs, np.int64).reshape(-1, 2)
    if (values[:, 1] < 1).any() or (values[:, 1] > area).any() or values[:, 1].sum() != area:
        raise UserError(f"the map's runs should sum to {area} pixels")
    check_ids(values[:, 0])
    labels = np.repeat(values[:, 0], values[:, 1]).astype(np.uint8).reshape(size, size)
    if (labels == BACKGROUND).all():
        raise UserError("the map is empty")
    return labels


def _parse_code(value: str, shape: tuple[int, ...]) -> np.ndarray:
    code = np.frombuffer(base64.b64decode(value, validate=True), "<f2").astype(np.float16).reshape(shape)
    if not np.isfinite(code).all():
        raise UserError("a code holds a number that is not finite")
    return code


def _entries(value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise UserError(f"codes and seeds should be by class id, not {str(value):.80}")
    return list(value.items())


def _class_ids(values: Any) -> frozenset[int]:
    if not isinstance(values, list) or not {type(v) for v in values} <= {int}:
        raise UserError(f"classes should be a list of ids, not {str(values):.80}")
    return frozenset(_class_id(v) for v in values)


def _class_id(value: Any) -> int:
    if not 0 <= int(value) < NUM_LABELS:
        raise UserError(f"{value!r} is not a class id")
    return int(value)


def _seed(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise UserError(f"a seed is a whole number from 0, not {value!r}")
    return value


def _between(value: Any, low: float, high: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise UserError(f"{name} is a number from {low} to {high}, not {value!r}")
    return float(value)


def swap(labels: np.ndarray, a: int | str, b: int | str) -> np.ndarray:
    """The map with class `a` turned into class `b` and `b` into `a`, uint8 of the same shape."""
    first, second = find(a).id, find(b).id
    table = np.arange(256, dtype=np.uint8)
    table[first], table[second] = second, first
    return table[labels]
