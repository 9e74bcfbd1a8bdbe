"""The demo's own Gradio components: thin Python ends of what `web/page.js` draws.

Each has a fixed `html_template` and one line of JavaScript; the events are the names quoted in that line
(`painter.stroke(...)`, `strip.pick(...)`), their data comes as `gr.EventData`.
"""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import gradio as gr
import gradio.component_meta
import numpy as np
from gradio.data_classes import ImageData

from demo.texts import TEXTS
from garmentgen import BACKGROUND, UserError, find
from garmentgen import painter as core

gradio.component_meta.create_or_modify_pyi = lambda *_: None  # it would write a stub file beside this one

_WEB = Path(__file__).with_name("web")


def head() -> str:
    """The painter's style sheet (Gradio's `css` loses container queries) and the page's script, for the page's head."""
    script = core.script().replace("\nexport ", "\n") + (_WEB / "page.js").read_text("utf-8")
    style = core.STYLE.read_text("utf-8")
    return f"<style>{style}</style><script>(() => {{ const TEXTS = {json.dumps(TEXTS)};\n{script} }})();</script>"


def css() -> str:
    """The page's style sheet."""
    return (_WEB / "page.css").read_text("utf-8")


class _Widget(gr.HTML):
    """A `gr.HTML` whose value is drawn by page.js; the value is only ever sent to the browser."""

    def __init__(self, value: Any = None, *, script: str, **kwargs: Any):
        super().__init__(value, html_template="<div></div>", js_on_load=script, apply_default_css=False, **kwargs)
        self.script = script


class LabelPainter(_Widget):
    """The painter. In handlers its value is uint8 [side, side] class ids; on the wire it is RLE JSON."""

    def __init__(self, value: np.ndarray | None = None, *, canvas: int = 256, **kwargs: Any):
        self.canvas = canvas
        script = (
            "window.garmentgen.painter(element, props, watch, {stroke: () => trigger('stroke'), "
            "imported: (data) => trigger('imported', data), exported: () => trigger('exported')});"
        )
        super().__init__(value, script=script, labels=core.label_table(), side=canvas, **kwargs)

    def preprocess(self, payload: str | None) -> np.ndarray | None:
        """Whatever a client sent -> a checked map; raises gr.Error with what is wrong."""
        if payload is None or payload == "":
            return None
        try:
            return core.decode(payload, self.canvas)
        except UserError as error:
            raise gr.Error(html.escape(str(error)), print_exception=False) from None

    def postprocess(self, value: np.ndarray | None) -> str | None:
        return None if value is None else core.encode(value)

    def api_info(self) -> dict[str, Any]:
        return {
            "type": "string",
            "description": f'label map as RLE JSON: {{"w": {self.canvas}, "h": {self.canvas}, '
            '"runs": [class id, count, ...]}, rows from the top, 255 = background',
        }

    def example_payload(self) -> str:
        return self.example_value()

    def example_value(self) -> str:
        size = self.canvas
        ids = np.full((size, size), BACKGROUND, np.uint8)
        ids[size // 4 : -size // 4, size // 3 : -size // 3] = find("dress").id
        return core.encode(ids)


class GarmentView(_Widget):
    """Picture, map and milliseconds: {"src": data URL, "map": data URL, "ms": int, "stamp": never the same}."""

    def __init__(self, value: dict | None = None, **kwargs: Any):
        super().__init__(value, script="window.garmentgen.view(element, props, watch);", **kwargs)


class Strip(_Widget):
    """A row of pictures to click: [{"src": data URL, "en": title, "zh": title}]; event `pick` carries `index`."""

    def __init__(self, value: list[dict] | None = None, **kwargs: Any):
        script = "window.garmentgen.strip(element, props, watch, (data) => trigger('pick', data));"
        super().__init__(value, script=script, **kwargs)


class Regions(_Widget):
    """The classes on the map with lock and dice; events `lock` (id, locked) and `reroll` (id)."""

    def __init__(self, value: list[dict] | None = None, **kwargs: Any):
        script = (
            "window.garmentgen.regions(element, props, watch, "
            "{lock: (data) => trigger('lock', data), reroll: (data) => trigger('reroll', data)});"
        )
        super().__init__(value, script=script, **kwargs)


class Files(_Widget):
    """Save and open. Its value {"name", "mime", "data": base64} is saved by the browser.

    Events: `saved` (kind: image, map or session), `opened` (data: base64 or None, size).
    """

    def __init__(self, value: dict | None = None, **kwargs: Any):
        script = (
            "window.garmentgen.files(element, props, watch, "
            "{saved: (data) => trigger('saved', data), opened: (data) => trigger('opened', data)});"
        )
        super().__init__(value, script=script, **kwargs)


class Photo(gr.Image):
    """An upload that hands its path on unopened; `gr.Image` opens it first and fails without a word to the user."""

    def preprocess(self, payload: ImageData | None) -> str | None:
        return payload.path if payload else None

    def get_block_name(self) -> str:
        return "image"  # to the browser it is one


class Header(_Widget):
    """Name, language and light or dark; event `language` carries `lang`."""

    def __init__(self, **kwargs: Any):
        super().__init__(script="window.garmentgen.header(element, (data) => trigger('language', data));", **kwargs)
