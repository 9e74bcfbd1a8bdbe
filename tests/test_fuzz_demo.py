"""Hostile requests at every event of the page and at the endpoint: each ends with an answer or one sentence."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fuzzing import fuzz
from test_fuzz_maps import ODD, TEXTS, damaged, odd_json

DOORS = {"events": 80, "generate": 60}


def studio():
    """The app on small weights with two templates, and what its page would send."""
    from demo.app import Studio
    from demo.starters import load_starters
    from garmentgen import Designer

    designer = Designer.random("tiny", seed=0)
    studio = Studio(designer, load_starters(designer)[:2])
    look = studio.looks[0].to_json()
    from garmentgen.painter import encode

    good = {"id": 1, "lang": "zh", "look": look, "map": encode(studio.looks[0].labels)}
    good |= {"seed": 3, "diversity": 1, "harmony": 1}
    return studio, good


def picture() -> bytes:
    """A small photo as PNG."""
    from garmentgen import encode_png

    return encode_png(np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8))


def events(rng: np.random.Generator, _: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Requests with odd parts, straight into the functions that answer the page."""
    made, good = studio()
    image = picture()
    functions = [answer for line in made.lines.values() for answer in line.values()]
    while True:
        file = base64.b64encode(damaged(rng, image)[1] if rng.random() < 0.7 else image).decode()
        extra = {"region": 33, "locked": True, "dice": 5, "index": 1, "side": 64, "size": 9, "regions": [33]}
        extra |= dict.fromkeys(("chosen", "start", "end"), good["look"]) | {"photo_map": good["map"], "pages": [file]}
        extra |= {"photo": file, "file": file, "colour": "#336699", "fabric": 1, "picture": file}
        data = odd_json(rng, {**good, **extra}) if rng.random() < 0.8 else ODD[rng.integers(len(ODD))]
        if isinstance(data, dict) and data and rng.random() < 0.2:
            key = list(data)[rng.integers(len(data))]
            data[key] = TEXTS[rng.integers(len(TEXTS))]
        function = functions[rng.integers(len(functions))]
        yield f"request {str(data)[:200]!r}", lambda function=function, data=data: answered(function(data))


def answered(answer: dict) -> None:
    """An answer is plain JSON; an error in it is one sentence, and none that the program had to apologise for."""
    from demo.texts import MESSAGES

    json.dumps(answer)
    error = answer.get("error")
    assert error is None or (0 < len(error) <= 1000 and error not in MESSAGES["broken"]), error


def generate(rng: np.random.Generator, folder: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Arguments of the endpoint, through Gradio's own door."""
    import asyncio

    import gradio as gr

    made, good = studio()
    fn = next(fn for fn in made.blocks.fns.values() if fn.api_name == "generate")
    while True:
        data = [good["map"], None, 3, 1.0, 1.0]
        for at in rng.integers(5, size=rng.integers(1, 3)):
            data[at] = ODD[rng.integers(len(ODD))] if rng.random() < 0.7 else TEXTS[rng.integers(len(TEXTS))]

        def call(data=data) -> None:
            try:
                asyncio.run(made.blocks.process_api(fn, data))
            except gr.Error as error:
                assert not error.print_exception and 0 < len(error.message) <= 1000

        yield f"arguments {str(data)[:200]!r}", call


@pytest.mark.parametrize("door", DOORS)
def test_the_door_bears_anything(door):
    assert [str(fault) for fault in fuzz(f"test_fuzz_demo:{door}", DOORS[door])] == []


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
def test_the_door_bears_anything_for_long(door):
    assert [str(fault) for fault in fuzz(f"test_fuzz_demo:{door}", 40 * DOORS[door], seed=1)] == []
