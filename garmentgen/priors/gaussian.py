"""The Gaussian of every class: the published latent, fitted instead of assumed. NumPy only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..geometry import parent_garments
from ..labels import NUM_LABELS
from .contract import Codes, shared_noise


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
        rank = self.factor.shape[1:2]
        codes: Codes = {}
        for c, parent in parent_garments(labels).items():
            eps = shared_noise(c, parent, seed_of, harmony, rank)
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
