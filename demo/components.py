"""The demo's own Gradio components: the page itself, and the arguments of the documented endpoint.

The page is one `gr.HTML` that `web/*.js` fills; what it asks comes in at its own door (`ask.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import gradio as gr
import gradio.component_meta
import numpy as np
from gradio.data_classes import ImageData
from gradio.processing_utils import save_bytes_to_cache

from demo.texts import MESSAGES, TERMS, TEXTS
from garmentgen import BACKGROUND, encode_png, find
from garmentgen import painter as core

gradio.component_meta.create_or_modify_pyi = lambda *_: None  # it would write a stub file beside this one

_WEB = Path(__file__).with_name("web")
SCRIPTS = (
    "words",
    "store",
    "work",
    "view",
    "cloth",
    "regions",
    "panels",
    "photo",
    "lookbook",
    "page",
)  # in this order: one script
TAKEN = "mountPainter, decodeMap, clampView, components, make, rove, icon, rgb, ICONS, BACKGROUND"
"""What it takes from the painter's script."""


def head() -> str:
    """The painter's style sheet (Gradio's `css` loses container queries) and the page's script, for the page's head."""
    scripts = script((_WEB / "server.js").read_text("utf-8"))
    return f"<style>{core.STYLE.read_text('utf-8')}</style><script>{scripts}</script>"


Words = Mapping[str, tuple[str, str]]
"""Key -> English, Chinese."""


def script(more: str = "", texts: Words | None = None, messages: Words | None = None) -> str:
    """The page's JavaScript as one script, and `more` of it that may call what is in there and has words of its own."""
    painter = core.script().replace("\nexport ", "\n")
    own = "\n".join((_WEB / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    tables = {"TEXTS": {**TEXTS, **(texts or {})}, "TERMS": TERMS, "MESSAGES": {**MESSAGES, **(messages or {})}}
    words = json.dumps(tables).replace("</", "<\\/")
    return f"""(() => {{
const {{ {TAKEN} }} = (() => {{ {painter}
return {{ {TAKEN} }}; }})();
const {{ TEXTS, TERMS, MESSAGES }} = {words};
{own}
{more} }})();"""


def css() -> str:
    """The page's style sheet."""
    return (_WEB / "page.css").read_text("utf-8")


class Workbench(gr.HTML):
    """The page. Its value is the look it opens with; `events`: what it may ask; `props`: see `opening.page`."""

    def __init__(self, *, value: dict, events: Sequence[str], **props: Any):
        super().__init__(
            value,
            html_template="<div></div>",
            js_on_load=f"window.garmentgen.workbench(element, props, window.garmentgen.server({json.dumps(events)}));",
            apply_default_css=False,
            elem_id="page",
            **props,
        )


class _Argument:
    """A widget that hands on what a client sent as it is: `generate` checks it, in words that name the argument."""

    def preprocess(self, payload: Any) -> Any:
        return payload


class MapArgument(_Argument, gr.HTML):
    """A label map as RLE JSON."""

    def __init__(self, *, side: int, **kwargs: Any):
        self.map_side = side
        super().__init__(**kwargs)

    def api_info(self) -> dict[str, Any]:
        return {
            "type": "string",
            "description": f'label map as RLE JSON: {{"w": {self.map_side}, "h": {self.map_side}, '
            '"runs": [class id, count, ...]}, rows from the top, 255 = background',
        }

    def example_payload(self) -> str:
        return self.example_value()

    def example_value(self) -> str:
        size = self.map_side
        ids = np.full((size, size), BACKGROUND, np.uint8)
        ids[size // 4 : -size // 4, size // 3 : -size // 3] = find("dress").id
        return core.encode(ids)


class FileArgument(_Argument, gr.Image):
    """An uploaded picture; nothing is opened before `generate` has looked at what was sent."""

    data_model = None  # type: ignore[assignment]  # Gradio would refuse wrong types in words of its own

    def api_info(self) -> dict[str, Any]:
        return ImageData.model_json_schema()

    def get_block_name(self) -> str:
        return "image"  # to the browser it is one


class Garment(gr.Image):
    """The picture that `generate` answers with, a PNG: Gradio's own way to write one takes half as long as painting."""

    def postprocess(self, value: np.ndarray | None) -> ImageData | None:
        if value is None:
            return None
        name = f"garment-{uuid4().hex}.png"  # else one painted twice is written anew while a client fetches it
        path = save_bytes_to_cache(encode_png(value), name, self.GRADIO_CACHE)
        return ImageData(path=path, orig_name="garment.png")

    def get_block_name(self) -> str:
        return "image"


class NumberArgument(_Argument, gr.Number):
    """A number."""

    def get_block_name(self) -> str:
        return "number"
