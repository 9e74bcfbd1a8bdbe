"""Block letters for printed shirts: made-up words in strokes."""

from __future__ import annotations

import numpy as np

from .shapes import Seam, sketch, spline

_STROKES = {
    "A": ("0,1 .5,0 1,1", ".2,.62 .8,.62"),
    "B": ("0,1 0,0 .6,0~ .85,.24~ .6,.48 0,.48", ".6,.48 .95,.74~ .6,1 0,1"),
    "C": ("1,.15 .5,0~ 0,.5~ .5,1~ 1,.85",),
    "D": ("0,1 0,0 .5,0 1,.5~ .5,1 0,1",),
    "E": ("1,0 0,0 0,1 1,1", "0,.5 .8,.5"),
    "F": ("1,0 0,0 0,1", "0,.5 .8,.5"),
    "H": ("0,0 0,1", "1,0 1,1", "0,.5 1,.5"),
    "I": (".5,0 .5,1",),
    "K": ("0,0 0,1", "1,0 0,.55 1,1"),
    "L": ("0,0 0,1 1,1",),
    "M": ("0,1 0,0 .5,.6 1,0 1,1",),
    "N": ("0,1 0,0 1,1 1,0",),
    "O": (".5,0~ 1,.5~ .5,1~ 0,.5~ .5,0",),
    "P": ("0,1 0,0 .6,0 1,.26~ .6,.52 0,.52",),
    "R": ("0,1 0,0 .6,0 1,.26~ .6,.52 0,.52", ".5,.52 1,1"),
    "S": (".95,.12 .5,0~ .05,.25~ .5,.5~ .95,.75~ .5,1~ .05,.88",),
    "T": ("0,0 1,0", ".5,0 .5,1"),
    "U": ("0,0 0,.6 .5,1~ 1,.6 1,0",),
    "V": ("0,0 .5,1 1,0",),
    "W": ("0,0 .25,1 .5,.3 .75,1 1,0",),
    "Y": ("0,0 .5,.5 1,0", ".5,.5 .5,1"),
}
_VOWELS, _CONSONANTS = "AEIOUY", "BCDFHKLMNPRSTVW"


def word(rng: np.random.Generator, letters: int) -> str:
    """A pronounceable word that means nothing."""
    start = int(rng.integers(2))
    return "".join(str(rng.choice(list((_VOWELS, _CONSONANTS)[(k + start) % 2]))) for k in range(letters))


def lines(text: str, width: float, height: float, thread: str) -> list[Seam]:
    """Strokes of a word centred on (0, 0), as wide and high as asked for (cm), in the colour of a cloth."""
    step = width / len(text)
    return [
        Seam(
            spline(sketch(stroke, step * 0.72, height), closed=False) + [k * step - width / 2, -height / 2],
            height * 0.17,
            0,
            None,
            thread,
        )
        for k, letter in enumerate(text)
        for stroke in _STROKES[letter]
    ]
