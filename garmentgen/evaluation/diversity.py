"""How far samples of one map differ, and whether changing one class leaves the others alone.

mCSD and mOCD follow SMIS (Zhu et al., CVPR 2020, section 4.2): change the code of one class, then compare the two
pictures with LPIPS inside the class's region (class-specific diversity, should be high) and outside (should be 0).
"""

from __future__ import annotations

import numpy as np

from .lpips import BLOCK, Embed, lpips_map


def class_diversity(
    embed: Embed, before: np.ndarray, after: np.ndarray, region: np.ndarray, garment: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Change inside and outside one region: pictures uint8 [N, S, S, 3], masks bool [N, S, S] -> two float64 [N].

    Our masking: LPIPS's network sees some 200 px around a pixel, so a change inside would show outside by itself. The
    two sides are therefore taken apart first: for *inside*, `before` is compared with itself in which only the region
    comes from `after`, and the LPIPS map is averaged over the region; for *outside*, only the rest comes from
    `after`, and the map is averaged over the garment's pixels that are not in the region (background never counts).
    A side without any pixel gives nan.
    """
    found = []
    for start in range(0, len(before), BLOCK):
        old, new, mask, cloth = (x[start : start + BLOCK] for x in (before, after, region, garment))
        inside = np.where(mask[..., None], new, old)
        outside = np.where(mask[..., None], old, new)
        one = masked_mean(lpips_map(embed, old, inside), mask)
        other = masked_mean(lpips_map(embed, old, outside), cloth & ~mask)
        found.append((one, other))
    inner, outer = zip(*found, strict=True)
    return np.concatenate(inner), np.concatenate(outer)


def masked_mean(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean of float [N, S, S] over bool [N, S, S], for every picture: float64 [N]; nan where the mask is empty."""
    count = mask.sum((1, 2))
    total = np.where(mask, values, 0).sum((1, 2), dtype=np.float64)
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
