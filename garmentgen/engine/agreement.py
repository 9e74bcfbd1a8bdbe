"""A graph is believed when it paints what the network paints in dynamic mode, and not before."""

from __future__ import annotations

import base64

import numpy as np

GREY = 2 / 255
"""One grey level, for values in [-1, 1]."""
SHARE = 0.9999
"""Share of the values that must lie within the tolerance."""
TOLERANCE = {"f32": 1.0, "bf16": 16.0}
"""Grey levels by precision: single rounds otherwise in another order, bfloat16 keeps eight bits (measured: 5.9)."""
STEP = 97
"""A proof holds every so manieth value: a prime, so that it meets all rows, columns and channels."""


class Disagreement(Exception):
    """A graph's values are not the network's."""


def demand(found: np.ndarray, expected: np.ndarray, levels: float = TOLERANCE["f32"]) -> str:
    """How well two outputs of one shape agree, as words.

    Raises:
        Disagreement: fewer than SHARE of the values are within this many grey levels; NaN never is.
    """
    if found.shape != expected.shape:
        raise Disagreement(f"the graph gives {list(found.shape)} where the network gives {list(expected.shape)}")
    gap = np.abs(found.astype(np.float64) - expected) / GREY
    share = float((gap <= levels).mean())
    if not share >= SHARE:
        raise Disagreement(
            f"the graph does not give what the network gives: {share:.2%} of the values are within {levels:g} grey "
            f"level{'s' if levels != 1 else ''}, {SHARE:.2%} should be"
        )
    return f"{share:.3%} of the values within {levels:g} grey level, the largest difference {float(gap.max()):.2g}"


def proof(output: np.ndarray) -> str:
    """A sample of the network's output for the first example, as text that a graph carries with it."""
    return base64.b64encode(_sample(output).astype("<f4").tobytes()).decode()


def check_proof(output: np.ndarray, text: str, precision: str) -> None:
    """Compare an output with the proof that came with the graph; raises Disagreement."""
    demand(_sample(output), np.frombuffer(base64.b64decode(text), "<f4"), TOLERANCE[precision])


def _sample(output: np.ndarray) -> np.ndarray:
    return output.ravel()[::STEP]
