"""The counter-based generator: known numbers, exact arithmetic, and the fixture other languages are run against."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from garmentgen.counter import bits, integers, key, noise_tile, normal, tile_offset, uniform

FIXTURE = Path(__file__).parent / "fixtures" / "counter.json"
STORED = json.loads(FIXTURE.read_text())
CASES = STORED["cases"]


def test_the_sequence_is_splitmix64():
    """The published test vector of seed 1234567."""
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    assert bits(1234567, 5).tolist() == [*published, 16408922859458223821]


def slowly(start: int, n: int) -> int:
    """The n-th number in Python's own whole numbers, as a port with BigInt writes it."""
    z = (start + (n + 1) * 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['seed']}-{case['words']}")
def test_the_fixture_holds_what_the_generator_gives(case):
    start = key(int(case["seed"]), *case["words"])
    assert str(start) == case["key"]
    assert [str(n) for n in bits(start, 4)] == case["bits"] == [str(slowly(start, n)) for n in range(4)]
    assert uniform(start, 4).tolist() == case["uniform"]
    assert {below: integers(start, int(below), 4).tolist() for below in case["integers"]} == case["integers"]
    assert normal(start, (5,)).tolist() == case["normal"]


def test_whole_numbers_below_a_bound_are_products_that_a_double_holds():
    """By hand from the upper halves, in doubles, as JavaScript does it; and every number below a small bound comes."""
    start = key(9, 4)
    upper = [n >> 32 for n in (slowly(start, k) for k in range(200))]
    for below in (1, 2, 7, 1000, 2**21, 2**31):
        assert integers(start, below, 200).tolist() == [math.floor(float(u) * below / 2**32) for u in upper]
    assert set(integers(start, 7, 200).tolist()) == set(range(7))


def test_normal_numbers_are_normal_and_alone():
    drawn = normal(key(1, 2), (200, 500))
    assert drawn.dtype == np.float32 and drawn.shape == (200, 500) and np.isfinite(drawn).all()
    assert abs(drawn.mean()) < 0.01 and abs(drawn.std() - 1) < 0.01
    assert abs(np.mean(drawn**4) - 3) < 0.1, "neither cut off nor heavy at the ends"
    assert abs(np.corrcoef(drawn[:, :-1].ravel(), drawn[:, 1:].ravel())[0, 1]) < 0.01
    assert np.array_equal(normal(5, (7,)), normal(5, (9,))[:7]), "a longer draw begins like a shorter one"


def test_seeds_and_words_give_sequences_of_their_own():
    keys = [key(s, *w) for s in range(40) for w in ((), (0,), (1,), (0, 0), (0, 1), (1, 0))]
    firsts = {int(bits(k, 1)[0]) for k in keys}
    assert len(set(keys)) == len(firsts) == len(keys)
    following = np.array([uniform(key(s, 3), 1)[0] for s in range(400)])
    assert abs(np.corrcoef(following[:-1], following[1:])[0, 1]) < 0.15, "neighbouring seeds are strangers"
    assert key(2**63 - 1, 45) >= 0


def test_the_noise_of_every_picture_is_one_tile_rolled_by_the_seed():
    tile = noise_tile(128)
    assert np.array_equal(tile, noise_tile(128)) and tile.dtype == np.float32 and abs(tile.std() - 1) < 0.02
    assert np.array_equal(tile.astype(np.float16).astype(np.float32), tile)
    offsets = {tile_offset(s, 128) for s in range(200)}
    stored = STORED["tile"]
    assert tile.ravel()[:8].tolist() == stored["first"] and stored["side"] == 128
    assert {s: list(tile_offset(int(s), 128)) for s in stored["offsets"]} == stored["offsets"]
    assert len(offsets) > 190 and all(0 <= n < 128 for pair in offsets for n in pair)
