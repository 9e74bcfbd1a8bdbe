"""Random numbers that every language repeats: SplitMix64 read at a counter (Steele et al., OOPSLA 2014). NumPy only.

A look says its seed, and a page without Python draws the same garment from it. So a choice is a pure function of a
key and a place in the key's sequence, in whole numbers of 64 bits: with BigInt or two halves of 32 bits, a dozen lines
of JavaScript. `tests/fixtures/counter.json` holds numbers that a port is run against.

    mix(z):          z ^= z >> 30; z *= 0xBF58476D1CE4E5B9; z ^= z >> 27; z *= 0x94D049BB133111EB; z ^= z >> 31
    key(seed, a, b): mix((mix(seed + STEP) ^ a) + STEP) ^ b, all modulo 2^64
    bits(key)[n]:    mix(key + (n + 1) * STEP)
"""

from __future__ import annotations

import math

import numpy as np

_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK, _HALF = (1 << 64) - 1, np.uint64(32)


def key(seed: int, *words: int) -> int:
    """Where one sequence starts: another for every seed and every list of words, all whole numbers below 2^64."""
    state = int(seed)
    for word in words:
        state = int(bits(state, 1)[0]) ^ int(word)
    return state & _MASK


def bits(start: int, count: int) -> np.ndarray:
    """uint64 [count]: the key's sequence from its first number."""
    z = np.uint64(start) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_STEP)  # wraps around, as it should
    z = (z ^ (z >> np.uint64(30))) * np.uint64(_FIRST)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(_SECOND)
    return z ^ (z >> np.uint64(31))


def uniform(start: int, count: int) -> np.ndarray:
    """float64 [count] in [0, 1): the upper halves of `bits` over 2^32, exact."""
    return (bits(start, count) >> _HALF) / 2.0**32


def integers(start: int, below: int, count: int) -> np.ndarray:
    """int64 [count] in [0, below), below at most 2^31: upper half of `bits` times below, over 2^32, rounded down.

    The product is exact in a double, as JavaScript has, where below is a power of two or at most 2^21.
    """
    return ((bits(start, count) >> _HALF) * np.uint64(below) >> _HALF).astype(np.int64)


def normal(start: int, shape: tuple[int, ...]) -> np.ndarray:
    """Standard normal float32 of a shape, the last axis running fastest (Box and Muller, 1958).

    Every number of `bits` makes two: of its upper half h and lower half l, r = sqrt(-2 log((h + 1) / 2^32)) times
    cosine, then sine, of 2 pi l / 2^32. They are computed in doubles and rounded once, so that the last bit of
    somebody's logarithm shows in one number of a hundred million.
    """
    count = math.prod(shape)
    drawn = bits(start, -(-count // 2))
    radius = np.sqrt(-2 * np.log(((drawn >> _HALF) + np.uint64(1)) / 2.0**32))
    angle = (drawn & np.uint64(0xFFFFFFFF)) * (2 * np.pi / 2.0**32)
    return (
        np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).ravel()[:count].astype(np.float32).reshape(shape)
    )


def noise_tile(side: int) -> np.ndarray:
    """Standard normal float32 [side, side], always the same: the noise of every picture, before it is rolled.

    Its numbers are exact in half precision, so that a graph may hold the tile in half the bytes.
    """
    return normal(key(0, side), (side, side)).astype(np.float16).astype(np.float32)


def tile_offset(seed: int, side: int) -> tuple[int, int]:
    """How far down and to the right a seed rolls a tile of this side: `np.roll(tile, offset, (0, 1))`."""
    down, right = integers(key(seed, side), side, 2)
    return int(down), int(right)
