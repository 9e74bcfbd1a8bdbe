"""LPIPS: how different two pictures look (Zhang et al., CVPR 2018), with AlexNet, version 0.1.

The network (networks.load_lpips, injected as `embed`) gives outputs already scaled such that LPIPS is a squared
Euclidean distance; so a table of all pairs is one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

Arrays = tuple[np.ndarray, ...]
Embed = Callable[[np.ndarray], Arrays]
"""uint8 [N, S, S, 3] -> one float32 [N, C, s, s] for every layer."""

BLOCK = 16
"""Pictures at once."""


def distance(a: Arrays, b: Arrays) -> np.ndarray:
    """LPIPS of embedded pictures: two times [N, C, s, s] a layer -> float64 [N]."""
    layers = [np.square(x - y).sum(1).mean((1, 2)) for x, y in zip(a, b, strict=True)]
    return np.stack(layers).sum(0, dtype=np.float64)


def distance_map(a: Arrays, b: Arrays, side: int) -> np.ndarray:
    """LPIPS before the mean over positions: -> float32 [N, side, side], every layer enlarged bilinearly, summed."""
    total = np.zeros((len(a[0]), side, side), np.float32)
    for x, y in zip(a, b, strict=True):
        coarse = np.square(x - y).sum(1)  # [N, s, s]
        total += np.stack([cv2.resize(c, (side, side), interpolation=cv2.INTER_LINEAR) for c in coarse])
    return total


def lpips(embed: Embed, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """LPIPS of picture pairs, uint8 [N, S, S, 3] twice -> float64 [N]; 0 for equal pictures."""
    _check_pair(a, b)
    blocks = range(0, len(a), BLOCK)
    return np.concatenate([distance(embed(a[i : i + BLOCK]), embed(b[i : i + BLOCK])) for i in blocks])


def lpips_map(embed: Embed, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Where picture pairs differ: uint8 [N, S, S, 3] twice -> float32 [N, S, S]; its mean is about the LPIPS."""
    _check_pair(a, b)
    blocks = range(0, len(a), BLOCK)
    return np.concatenate([distance_map(embed(a[i : i + BLOCK]), embed(b[i : i + BLOCK]), a.shape[1]) for i in blocks])


def pairwise(embed: Embed, queries: np.ndarray, references: np.ndarray) -> np.ndarray:
    """LPIPS of every query with every reference: uint8 [Q, S, S, 3], [R, S, S, 3] -> float32 [Q, R].

    Exact to float32 rounding (about 1e-6). Keeps the queries' embeddings in memory, once: .6 MB each at 128 px.
    """
    first = _flatten(embed(queries[:BLOCK]))
    left = np.empty((len(queries), first.shape[1]), np.float32)
    left[:BLOCK] = first
    for start in range(BLOCK, len(queries), BLOCK):
        left[start : start + BLOCK] = _flatten(embed(queries[start : start + BLOCK]))
    lengths = np.stack([np.square(one).sum() for one in left])  # [Q]; the square of all would take as much again
    columns = []
    for start in range(0, len(references), 4 * BLOCK):
        right = _flatten(embed(references[start : start + 4 * BLOCK]))  # [r, D]
        columns.append(np.square(right).sum(1) - left @ (2 * right).T)  # [Q, r]
    return (lengths[:, None] + np.concatenate(columns, 1)).clip(0)


def _flatten(layers: Arrays) -> np.ndarray:
    """Embedded pictures as points whose squared distance is LPIPS: -> float32 [N, D]."""
    return np.concatenate([x.reshape(len(x), -1) / np.float32(np.sqrt(x[0, 0].size)) for x in layers], axis=1)


def _check_pair(a: np.ndarray, b: np.ndarray) -> None:
    if a.shape != b.shape:
        raise ValueError(f"LPIPS compares pictures of one size, pair by pair, but these are {a.shape} and {b.shape}")
