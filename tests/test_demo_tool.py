"""`generate` for agents: listed with all it takes, drawn as the library draws, every wrong argument named."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from garmentgen import BACKGROUND, LABELS, UserError, colorize, find
from garmentgen.painter import encode

pytest.importorskip("gradio")
mcp = pytest.importorskip("mcp")
from demo_tab import served  # noqa: E402
from mcp.client.streamable_http import streamable_http_client  # noqa: E402

from demo import tool  # noqa: E402
from demo.app import Studio  # noqa: E402


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with served(1, mcp=True) as studio:
        yield studio


def asked(studio: Studio, *calls: dict, name: str = "generate") -> list:
    """What the server lists, and how it answers these calls."""

    async def talk() -> list:
        address = f"http://127.0.0.1:{studio.port}/gradio_api/mcp/"  # type: ignore[attr-defined]
        async with streamable_http_client(address) as (read, write, _):
            async with mcp.ClientSession(read, write) as session:
                await session.initialize()
                listed = (await session.list_tools()).tools
                return [listed, *[await session.call_tool(name, arguments) for arguments in calls]]

    return asyncio.run(talk())


def dress(side: int) -> np.ndarray:
    labels = np.full((side, side), BACKGROUND, np.uint8)
    labels[10:50, 12:40] = find("dress").id
    return labels


def data_url(labels: np.ndarray) -> str:
    data = io.BytesIO()
    Image.fromarray(colorize(labels)).save(data, "PNG")
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"


def test_the_tool_is_listed_and_draws_what_the_library_draws(studio):
    labels = dress(studio.designer.size)
    calls = {"labels": encode(labels), "seed": 7, "diversity": 0.5}, {"map_png": data_url(labels), "seed": 7}
    listed, by_runs, by_picture = asked(studio, *calls)
    assert [one.name for one in listed] == ["generate"]
    takes = listed[0].inputSchema["properties"]
    assert list(takes) == ["labels", "map_png", "seed", "diversity", "harmony"]
    assert f'"w": {studio.designer.size}' in takes["labels"]["description"]
    assert all(f"{label.id} {label.name.partition(',')[0]}" in takes["labels"]["description"] for label in LABELS)
    for answer, garment in (
        (by_runs, studio.designer.generate(labels, 7, 0.5)),
        (by_picture, studio.designer.generate(labels, 7)),
    ):
        picture = Image.open(io.BytesIO(base64.b64decode(answer.content[0].data)))
        assert not answer.isError and np.array_equal(np.asarray(picture.convert("RGB")), garment)


WRONG = (
    ({"seed": "abc"}, "generate.seed is a whole number from 0 to"),
    ({"seed": -1}, "generate.seed is a whole number"),
    ({"seed": 1.5}, "generate.seed is a whole number"),
    ({"seed": None}, "generate.seed is a whole number"),
    ({"seed": True}, "generate.seed is a whole number"),
    ({"seed": 10**30}, "generate.seed is a whole number"),
    ({"diversity": 9}, "generate.diversity is a number from 0 to 2, not 9"),
    ({"diversity": [1]}, "generate.diversity is a number"),
    ({"harmony": "much"}, "generate.harmony is a number from 0 to 1, not 'much'"),
    ({"labels": 5}, "generate.labels is a text, not 5"),
    ({"labels": "x"}, "map is not readable JSON"),
    ({"labels": '{"w":64,"h":64,"runs":[255,1]}'}, "map should fill 64 x 64"),
    ({"labels": ""}, "labels and map_png are both empty"),
    ({"labels": "", "map_png": "/etc/passwd"}, "generate.map_png is a picture as a data URL"),
    ({"labels": "", "map_png": "http://127.0.0.1:9/map.png"}, "generate.map_png is a picture as a data URL"),
    ({"labels": "", "map_png": {"path": "/etc/passwd"}}, "generate.map_png is a text"),
    ({"labels": "", "map_png": "data:image/png;base64,AAAA"}, "map is not a picture"),
    ({"colour": "blue"}, "generate has no 'colour'; it has diversity, harmony, labels, map_png, seed"),
)


def test_every_wrong_argument_is_named_and_nothing_fills_the_log(studio, capfd, caplog):
    given = {"labels": encode(dress(studio.designer.size))}
    _, *answers = asked(studio, *[{**given, **wrong} for wrong, _ in WRONG])
    for answer, (wrong, sentence) in zip(answers, WRONG, strict=True):
        words = answer.content[0].text
        assert answer.isError and sentence in words and len(words) < 250 and "\n" not in words, (wrong, words)
    _, answer = asked(studio, given, name="paint")
    assert answer.isError
    assert "Traceback" not in "".join(capfd.readouterr()) + caplog.text


def test_a_missing_package_is_said(monkeypatch):
    monkeypatch.setattr(tool, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"garmentgen\[mcp\]"):
        tool.check_package()
