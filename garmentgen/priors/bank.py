"""The bank: new garments wear the codes of real ones, chosen among those seen to paint well. NumPy only.

Nothing is mixed: between two codes, or in the colour of a third, decoders paint specks and embossing. A seed chooses a
garment; diversity says how far from the typical garment it may be chosen, and the painted outline which one fits. Of
classes that come in pairs the codes hold both, alike (`garmentgen/training/pairs.py`).

What is compared is whole numbers, or doubles whose every operation stands here in its order: `garmentgen/web/bank.js`
deals the same garments, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..counter import bits, key, uniform
from ..geometry import Box, boxes, parent_garments, part_of
from ..labels import LABELS, NUM_LABELS, find
from .contract import Codes

HANDS = 32
"""So many consecutive seeds, from a multiple of it, give different garments wherever as many suit the class."""
NEAR = 8
"""A part drawn again takes one of so many that are nearest to it in colour."""
LEVELS = 4096
"""Steps to the unit in which levels are compared."""
STEPS = 64
"""Steps to the unit in which codes are kept: no picture shows finer ones, and a page fetches a tenth less."""
OUTGROWN = 4
"""A part of so many times its real garment's share is cut from the cloth: labels and dark insides are no cloth."""
PIECES = frozenset(find(name).id for name in "sleeve,leg warmer,sock,shoe,glove,epaulette".split(","))
"""Classes of which a map shows two pieces, left and right, or one."""

_SLEEVE, _NECKLINE = find("sleeve").id, find("neckline").id
_IS_PART = np.array([label.is_part for label in LABELS])


@dataclass(frozen=True)
class Garment:
    """A real garment: its main class, the code [C, G, G] and the box of every class on its picture."""

    main: int
    codes: Codes
    box: Mapping[int, Box]


@dataclass(frozen=True)
class Bank:
    """Codes of real garments, and which of them suit which class.

    codes float16 [E, C, G, G] of all classes of all garments, a garment's main one first; entry int64 [E] which garment
    each belongs to; region int64 [E] its class; box float [E, 4] where it lay on its picture; fits int64 [N, K]: 0
    where garment n does not suit class k, else its place from 1, the typical one, outwards.
    """

    codes: np.ndarray
    entry: np.ndarray
    region: np.ndarray
    box: np.ndarray
    fits: np.ndarray

    def sample(
        self, labels: np.ndarray, seed_of: Callable[[int], int], diversity: float, harmony: float, given: Codes
    ) -> Codes:
        """See `Prior.sample`. A part is its garment's with probability `harmony`, else one of another garment.

        A part that the bank's garment lacks, or has far smaller, is cut from its cloth; but an ornament is another
        garment's, as a bow in the garment's own colour could not be seen. A part drawn again is one of near colour.
        """
        box, parent_of = boxes(labels), parent_garments(labels)
        measured = {o: _measures(o, {c: box[c] for c, of in parent_of.items() if of == o}) for o in parent_of.values()}
        codes: Codes = {}
        for c, parent in parent_of.items():
            if c in given:
                codes[c] = given[c]
                continue
            worn = self._deal(seed_of(parent), parent, diversity, measured[parent])
            free = c != parent and uniform(key(seed_of(c), c, 1), 1)[0] >= harmony
            if free or LABELS[c].is_ornament and c != parent and (worn, c) not in self._row:
                code = self._own(self._deal(seed_of(c), c, diversity, None), c)
            else:
                code = self._part(worn, c, parent, box)
                if c != parent and seed_of(c) != seed_of(parent) and diversity:
                    code = self._near(worn, code, c, seed_of(c))
            codes[c] = left_piece(code) if c in PIECES and in_one_piece(labels, c, box[c]) else code
        return codes

    def _deal(self, seed: int, c: int, diversity: float, measures: np.ndarray | None) -> int:
        """The garment that a seed gives a class: the best fitting of a hand of cards.

        The cards are the garments that suit the class: the share `diversity` nearest to the typical one, above 1 the
        share 1 / diversity farthest from it. They are shuffled anew whenever all hands have been dealt. (A seed deals
        another garment once another card fits the outline better; a look keeps its garment from stroke to stroke.)
        """
        deck = self._suiting[c]
        count = max(1, int(np.ceil(len(deck) * min(diversity, 1 / max(diversity, 1)))))
        deck = deck[:count] if diversity <= 1 else deck[-count:]
        hands = min(HANDS, count)
        turn, hand = divmod(seed, hands)
        held = deck[np.argsort(bits(key(turn, c), count), kind="stable")][hand::hands]
        misfit = np.zeros(len(held)) if measures is None else np.abs(self._measured[held] - measures).sum(1)
        return int(held[misfit.argmin()])

    def _own(self, n: int, c: int) -> np.ndarray:
        """Garment n's code of a class; where it has none, its main one."""
        return self.codes[self._row.get((n, c), self._first[n])].astype(np.float32)

    def _part(self, n: int, c: int, parent: int, box: Mapping[int, Box]) -> np.ndarray:
        """What garment n, worn by `parent`, says of a class; its cloth, over the box, where it has none as large."""
        if c == parent or (n, c) in self._row and not self._outgrown(n, c, parent, box):
            return self._own(n, c)
        cut = part_of(self._own(n, parent), box[parent], box[c])
        return cut.astype(np.float16).astype(np.float32)  # as the page has it, where it is cut again

    def _outgrown(self, n: int, c: int, parent: int, box: Mapping[int, Box]) -> bool:
        """Whether a part takes up OUTGROWN times as much of its garment's box as it does on garment n's picture."""
        part, whole = self.box[self._row[n, c]].tolist(), self.box[self._first[n]].tolist()
        return _area(box[c]) * _area(whole) > OUTGROWN * _area(part) * _area(box[parent])

    def _near(self, n: int, code: np.ndarray, c: int, seed: int) -> np.ndarray:
        """Another garment's code of a part, of those nearest in colour the one a seed gives."""
        rows = np.flatnonzero((self.region == c) & (self.entry != n))
        if not len(rows):
            return code
        away = np.square(self._level[rows] - _levels(code.astype(np.float16))).sum(1)
        rows = rows[np.argsort(away, kind="stable")[:NEAR]]
        return self.codes[rows[seed % len(rows)]].astype(np.float32)

    @cached_property
    def _row(self) -> dict[tuple[int, int], int]:
        """Garment and class -> where its code stands."""
        return {(int(n), int(c)): k for k, (n, c) in enumerate(zip(self.entry, self.region, strict=True))}

    @cached_property
    def _first(self) -> np.ndarray:
        return np.unique(self.entry, return_index=True)[1]

    @cached_property
    def _level(self) -> np.ndarray:
        """Mean over the grid of every code, int64 [E, C]: what it says of colour."""
        return _levels(self.codes)

    @cached_property
    def _suiting(self) -> list[np.ndarray]:
        """Garments that suit each class, the typical one first; all of them where none was found to."""
        order = [np.argsort(column, kind="stable")[(column == 0).sum() :] for column in self.fits.T]
        return [one if len(one) else np.arange(len(self.fits)) for one in order]

    @cached_property
    def _measured(self) -> np.ndarray:
        """Measures of every garment, [N, 3]."""
        found: list[dict[int, Box]] = [{} for _ in self.fits]
        for n, c, box in zip(self.entry, self.region, self.box, strict=True):
            found[n][int(c)] = tuple(box.tolist())
        return np.stack([_measures(next(iter(box)), box) for box in found])


def _measures(main: int, box: Mapping[int, Box]) -> np.ndarray:
    """Of a garment and its parts: tall or wide (-1 to 1), how far down sleeves and neck reach, in body lengths; [3]."""
    top, left, bottom, right = box[main]
    height, width = bottom - top, right - left
    reach = [(box[part][2] - top) / height if part in box and part != main else 0.0 for part in (_SLEEVE, _NECKLINE)]
    return np.array([(height - width) / (height + width), *np.clip(reach, 0, 1.5)])


def _area(box: Sequence[float]) -> float:
    top, left, bottom, right = box
    return (bottom - top) * (right - left)


def _levels(codes: np.ndarray) -> np.ndarray:
    """Mean of codes float16 [..., C, G, G] over the grid, in steps of 1 / LEVELS: int64 [..., C].

    The sum is exact in a double, whatever its order.
    """
    mean = codes.sum((-2, -1), dtype=np.float64) / (codes.shape[-2] * codes.shape[-1])
    return np.floor(mean * LEVELS + 0.5).astype(np.int64)


def rules() -> dict[str, Any]:
    """What another language needs beside the arrays to deal the same garments: the constants above, classes as ids."""
    numbers = {"hands": HANDS, "near": NEAR, "levels": LEVELS, "outgrown": OUTGROWN}
    return {**numbers, "sleeve": _SLEEVE, "neckline": _NECKLINE, "pieces": sorted(PIECES)}


def in_one_piece(labels: np.ndarray, c: int, box: Box) -> bool:
    """Whether no empty column parts a class, uint8 [H, W], in its box: one shoe, or a band, in place of two."""
    top, left, bottom, right = box
    return bool((labels[top:bottom, left:right] == c).any(0).all())


def left_piece(code: np.ndarray) -> np.ndarray:
    """Of a pair's code [C, G, G] the left piece's, as wide as both, [C, G, G]."""
    grid = code.shape[1]
    return part_of(code, (0, 0, grid, 2 * grid), (0, 0, grid, grid))


def fit_bank(garments: Sequence[Garment], suits: np.ndarray | None = None, uneven: np.ndarray | None = None) -> Bank:
    """The bank of garments, N of them.

    Args:
        suits: bool [N, K], which garment suits which class; None: every garment its main one. Its parts always suit.
        uneven: see `places`.
    """
    rows = [(n, c, g.codes[c], g.box[c]) for n, g in enumerate(garments) for c in _main_first(g)]
    entry, region = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    codes, box = np.stack([r[2] for r in rows]), np.array([r[3] for r in rows], np.float32)
    codes = (np.round(codes.astype(np.float32) * STEPS) / STEPS).astype(np.float16)
    has = np.zeros((len(garments), NUM_LABELS), bool)
    has[entry, region] = True
    own = np.array([[c == g.main for c in range(NUM_LABELS)] for g in garments])
    wanted = (own if suits is None else suits) | (has & _IS_PART)
    return Bank(codes, entry, region, box, places(codes, entry, region, wanted, uneven))


def places(
    codes: np.ndarray, entry: np.ndarray, region: np.ndarray, suits: np.ndarray, uneven: np.ndarray | None = None
) -> np.ndarray:
    """`Bank.fits` of bool [N, K]: garments that suit a class, by how far their colour is from the typical one's.

    Args:
        uneven: float [N, K], of the cloth that each paints on each class, infinite where that is not known: the typical
            garment is the plainest of common colour. None, or nothing known: the one whose code varies least.
    """
    first = np.unique(entry, return_index=True)[1]
    fits = np.zeros(suits.shape, np.int64)
    for c in range(NUM_LABELS):
        chosen = np.flatnonzero(suits[:, c])
        if not len(chosen):
            continue
        row = dict(zip(entry[region == c].tolist(), np.flatnonzero(region == c).tolist(), strict=True))
        worn = np.stack([codes[row.get(n, first[n])] for n in chosen.tolist()]).astype(np.float32)
        level = worn.mean((2, 3))
        varies = worn.var((2, 3)).sum(1) if uneven is None or np.isinf(uneven[chosen, c]).all() else uneven[chosen, c]
        away = np.square(level - level[plainest(level, varies)]).sum(1)
        fits[chosen[np.argsort(away, kind="stable")], c] = np.arange(1, len(chosen) + 1)
    return fits


def plainest(level: np.ndarray, varies: np.ndarray) -> int:
    """Which of N varies least, float [N], among the half with the commonest level, float [N, C].

    The level is a code's mean over the grid, which holds the colour; common is what is near the mean of all.
    """
    rare = np.square(level - level.mean(0)).sum(1)
    common = np.argsort(rare, kind="stable")[: -(-len(level) // 2)]
    return int(common[varies[common].argmin()])


def _main_first(garment: Garment) -> list[int]:
    return sorted(garment.codes, key=lambda c: (c != garment.main, c))
