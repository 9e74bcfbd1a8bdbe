"""How codes are drawn: the common contract, and the priors that need no network. NumPy only.

A prior draws the codes of every region of a map. Noise is tied to a region's seed and class and lives on the code grid
inside the region's box, never on the canvas: a small edit of the map leaves the garment as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .counter import integers, key, normal, uniform
from .geometry import Box, boxes, parent_garments, part_of
from .labels import LABELS, NUM_LABELS

Codes = dict[int, np.ndarray]
"""Class id -> code float32 [C, G, G]."""


class Prior(Protocol):
    """What the Designer needs of a prior."""

    def sample(
        self, labels: np.ndarray, seed_of: Callable[[int], int], diversity: float, harmony: float, given: Codes
    ) -> Codes:
        """Codes of every class on a map, uint8 [S, S].

        Args:
            seed_of: seed of each class; the same seeds give the same codes.
            diversity: 0 = the typical garment whatever the seed, 1 = the training spread, more exaggerates.
            harmony: 1 = parts follow their garment, 0 = each part is drawn on its own.
            given: codes that are returned as they are.
        """
        ...


def region_noise(seed: int, region: int, shape: tuple[int, ...]) -> np.ndarray:
    """Standard normal float32 noise of one region."""
    return normal(key(seed, region), shape)


@dataclass(frozen=True)
class Normal:
    """Standard normal codes [C, G, G]: the published latent (SMIS section 3.3), for weights without a fitted prior."""

    shape: tuple[int, int, int]

    def sample(
        self, labels: np.ndarray, seed_of: Callable[[int], int], diversity: float, harmony: float, given: Codes
    ) -> Codes:
        """See `Prior.sample`."""
        codes: Codes = {}
        for c, parent in parent_garments(labels).items():
            share = _share(c, parent, seed_of, harmony)
            shared = region_noise(seed_of(parent), parent, self.shape)
            own = region_noise(seed_of(c), c, self.shape)
            drawn = diversity * (np.sqrt(share) * shared + np.sqrt(1 - share) * own)
            codes[c] = np.asarray(given.get(c, drawn), np.float32)
        return codes


def _share(c: int, parent: int, seed_of: Callable[[int], int], harmony: float) -> float:
    """How much of its garment's noise a class takes: parts follow unless free; one re-rolled alone, half."""
    if c == parent:
        return 1.0
    return harmony if seed_of(c) == seed_of(parent) else harmony / 2


@dataclass(frozen=True)
class Gaussian:
    """A low-rank Gaussian per class: the published latent, fitted instead of assumed.

    mean [K, C, G, G]; factor [K, R, C, G, G]: code = mean + diversity * sum_r eps_r factor_r; eps is shared between a
    garment and its parts as far as `harmony` says. Classes never seen in training have the mean of all.
    """

    mean: np.ndarray
    factor: np.ndarray

    def sample(
        self, labels: np.ndarray, seed_of: Callable[[int], int], diversity: float, harmony: float, given: Codes
    ) -> Codes:
        """See `Prior.sample`."""
        rank = self.factor.shape[1]
        codes: Codes = {}
        for c, parent in parent_garments(labels).items():
            shared = region_noise(seed_of(parent), parent, (rank,))
            own = region_noise(seed_of(c), c, (rank,))
            share = _share(c, parent, seed_of, harmony)
            eps = np.sqrt(share) * shared + np.sqrt(1 - share) * own
            drawn = self.mean[c] + diversity * np.tensordot(eps, self.factor[c], 1)
            codes[c] = np.asarray(given.get(c, drawn), np.float32)
        return codes


def fit_gaussian(codes: list[Codes], rank: int = 16) -> Gaussian:
    """Fit mean and the `rank` leading directions of every class by singular value decomposition.

    Directions are shrunk by n / (n + rank), so that classes seen a few times stay near their mean.
    """
    everything = np.concatenate([np.stack(list(one.values())) for one in codes])
    shape = everything.shape[1:]
    mean = np.broadcast_to(everything.mean(0), (NUM_LABELS, *shape)).copy()
    factor = np.zeros((NUM_LABELS, rank, *shape), np.float32)
    for c in range(NUM_LABELS):
        rows = [one[c] for one in codes if c in one]
        if not rows:
            continue
        matrix = np.stack(rows).reshape(len(rows), -1)
        mean[c] = matrix.mean(0).reshape(shape)
        directions = _principal(matrix - matrix.mean(0), rank)
        shrink = np.sqrt(len(rows) / (len(rows) + rank))
        factor[c, : len(directions)] = shrink * directions.reshape(-1, *shape)
    return Gaussian(mean.astype(np.float32), factor)


def _principal(centred: np.ndarray, rank: int) -> np.ndarray:
    """The leading principal directions of rows [n, d], each as long as its standard deviation: [up to rank, d]."""
    n, d = centred.shape
    scaled = centred / np.sqrt(max(n - 1, 1))
    small = scaled @ scaled.T if n <= d else scaled.T @ scaled  # the smaller of the two matrices with the same values
    values, vectors = np.linalg.eigh(small)
    vectors = vectors[:, ::-1][:, : min(rank, n - 1)].T
    return vectors @ scaled if n <= d else np.sqrt(values[::-1].clip(0))[: len(vectors), None] * vectors


UNMIXED = 1.0
"""Share of the bank's garments that keep their own colour: a print on a mean that is not its own looks embossed."""


@dataclass(frozen=True)
class Bank:
    """Real codes of training garments, recombined: the mean of one garment's code, the texture of another's.

    codes [E, C, G, G] of all regions of all kept garments; entry [E] which garment each belongs to; region [E] its
    class; typical [K, C, G, G] a plain real code of each class, where diversity begins. (The mean of all codes is no
    garment: decoders paint it as a busy weave.)
    """

    codes: np.ndarray
    entry: np.ndarray
    region: np.ndarray
    typical: np.ndarray

    def sample(
        self, labels: np.ndarray, seed_of: Callable[[int], int], diversity: float, harmony: float, given: Codes
    ) -> Codes:
        """See `Prior.sample`. A part follows its garment with probability `harmony`.

        It then takes its colour by the garment's seed and its texture by its own: re-rolled, it still belongs. Where
        the bank's garment lacks the part, the colour is that of its cloth there, and the texture of another garment's
        such part: hoods have openings. An ornament then has a colour of its own too: a bow in the garment's could
        not be seen.
        """
        codes: Codes = {}
        box = boxes(labels)
        for c, parent in parent_garments(labels).items():
            if c in given:
                codes[c] = given[c]
                continue
            free = uniform(key(seed_of(c), c, 1), 1)[0] >= harmony
            lone = LABELS[c].is_ornament and not len(self._rows(self._pick(seed_of(parent), parent)[0], c))
            anchor = c if free or lone else parent
            start = self.typical[c if LABELS[c].is_ornament else parent]
            donor, pattern = self._pick(seed_of(anchor), anchor)[0], self._pick(seed_of(c), anchor)[1]
            pattern = pattern if len(self._rows(pattern, c)) else self._pick(seed_of(c), c)[1]
            colour, texture = (self._code(entry, c, box[parent], box[c]) for entry in (donor, pattern))
            mixed = texture + _level(colour - texture)
            codes[c] = (start + diversity * (mixed - start)).astype(np.float32)
        return codes

    def _rows(self, entry: int, region: int) -> np.ndarray:
        """Where a garment's code of a region stands in `codes`; empty if it has none."""
        return np.flatnonzero((self.entry == entry) & (self.region == region))

    def _pick(self, seed: int, anchor: int) -> tuple[int, int]:
        """Two garments that have the anchor class, for colour and for texture; half the time the same one."""
        having = np.unique(self.entry[self.region == anchor])
        having = having if len(having) else np.unique(self.entry)
        colour, texture = having[integers(key(seed, anchor), len(having), 2)]
        return colour, colour if uniform(key(seed, anchor, 2), 1)[0] < UNMIXED else texture

    def _code(self, entry: int, region: int, parent: Box, box: Box) -> np.ndarray:
        """A garment's code of a region; if it has none, its cloth goes on over the region's box."""
        own = self._rows(entry, region)
        if len(own):
            return self.codes[own[0]].astype(np.float32)
        main = self.codes[self.entry == entry][0]  # `fit_bank` puts it first
        return part_of(main.astype(np.float32), parent, box)


def _level(code: np.ndarray) -> np.ndarray:
    """Mean over the grid, [C, 1, 1]: what a code says of colour."""
    return code.mean((1, 2), keepdims=True)


def fit_bank(codes: list[Codes], mains: list[int], size: int, seed: int = 0) -> Bank:
    """Keep the codes of `size` garments: one of every main class, the others by the square root of its frequency.

    Common garments so have the most variety, and rare ones are never without any.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(codes))
    kinds = np.array(mains)[order]
    firsts = order[np.unique(kinds, return_index=True)[1]]
    others = np.setdiff1d(order, firsts)
    weight = 1 / np.sqrt(np.bincount(mains)[np.array(mains)[others]])
    count = min(max(size - len(firsts), 0), len(others))
    chosen = [*firsts, *rng.choice(others, count, replace=False, p=weight / weight.sum())] if count else firsts
    rows = [(e, c, code) for e, k in enumerate(chosen) for c, code in _main_first(codes[k], mains[k])]
    entry, region = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    kept = np.stack([r[2] for r in rows]).astype(np.float16)
    having = [kept[region == c] if (region == c).any() else kept for c in range(NUM_LABELS)]
    return Bank(kept, entry, region, np.stack([lowest_variance(one.astype(np.float32)) for one in having]))


CALM = 0.75
"""Share of each kind's garments that a bank is chosen from."""


def least_varied(codes: list[Codes], mains: list[int]) -> list[int]:
    """Indices of the garments whose main code varies least over its grid, CALM of every main class, in order.

    The busiest are prints and lettering, which small decoders paint as marks without meaning.
    """
    busy = np.array([one[main].var((1, 2)).sum() for one, main in zip(codes, mains, strict=True)])
    kinds = np.array(mains)
    kept = [np.flatnonzero((kinds == k) & (busy <= np.quantile(busy[kinds == k], CALM))) for k in np.unique(kinds)]
    return np.sort(np.concatenate(kept)).tolist()


def lowest_variance(codes: np.ndarray) -> np.ndarray:
    """Of codes float32 [N, C, G, G] the one that varies least over its grid, among the half with the commonest level.

    The level is the code's mean over the grid, which holds the colour; common is what is near the mean of all.
    """
    level = codes.mean((2, 3))
    rare = np.square(level - level.mean(0)).sum(1)
    common = np.argsort(rare, kind="stable")[: -(-len(codes) // 2)]
    return codes[common[codes[common].var((2, 3)).sum(1).argmin()]]


def _main_first(codes: Codes, main: int) -> list[tuple[int, np.ndarray]]:
    return sorted(codes.items(), key=lambda item: item[0] != main)
