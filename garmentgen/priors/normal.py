"""Standard normal codes: the published latent, for weights without a fitted prior. NumPy only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..geometry import parent_garments
from .contract import Codes, shared_noise


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
            drawn = diversity * shared_noise(c, parent, seed_of, harmony, self.shape)
            codes[c] = np.asarray(given.get(c, drawn), np.float32)
        return codes
