"""The wiring: which event of the page calls which action, and how failures are told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from demo import actions, answers, opening
from demo.actions import Ask, Blank
from demo.chinese import in_chinese
from demo.components import FileArgument, MapArgument, NumberArgument, Workbench
from demo.gate import GuardedBlocks, Refusal, read_upload
from demo.starters import Starter
from demo.texts import Refused, say
from demo.tool import description
from garmentgen import BACKGROUND, Designer, Look, UserError
from garmentgen.checks import MAX_DIVERSITY, MAX_SEED, Diversity, Seed, Share, checked
from garmentgen.painter import decode, encode

log = logging.getLogger("garmentgen.demo")

PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple"}
MODEL: dict[str, Any] = {**PRIVATE, "concurrency_id": "model", "concurrency_limit": 1}  # a picture uses every core
FILES: dict[str, Any] = {**PRIVATE, "concurrency_id": "files", "concurrency_limit": 1}  # a slow file stops no painter
LOST = "() => window.garmentgen.failed()"


def language(data: Mapping[str, Any]) -> str:
    """What the page that sent this speaks: "zh" or "en"."""
    return "zh" if data.get("lang") == "zh" else "en"


def sentence(error: Exception, lang: str) -> str:
    """Every failure of an action as one message in the user's language; surprises are logged with their traceback."""
    if isinstance(error, Refused):
        return say(error.key, lang, **error.values)
    if isinstance(error, Blank):
        return say("empty", lang)
    if isinstance(error, UserError):
        return in_chinese(str(error)) if lang == "zh" else str(error)
    log.error("an action of the demo failed", exc_info=error)
    return say("broken", lang)


class Studio:
    """The app around one designer: builds the page (`.blocks`) and answers its events; it remembers nothing of a tab.

    Every event brings the look and the map that stand on the page, and the answer goes back to be kept there. So
    what is saved is what was seen, whatever became of this process meanwhile.
    """

    def __init__(self, designer: Designer, starters: list[Starter]):
        self.designer, self.starters = designer, starters
        self.looks = opening.dressed(designer, starters)
        options: dict[str, Any] = {"analytics_enabled": False, "fill_width": True, "delete_cache": (1800, 1800)}
        with GuardedBlocks(title="garmentgen", **options) as self.blocks:
            self.page = Workbench(**opening.page(designer, starters, self.looks))
            self._wire_page()
            self._wire_api()

    # ---- the page

    def _wire_page(self) -> None:
        page, designer = self.page, self.designer
        for event, action in (
            *((page.paint, actions.paint), (page.roll, actions.roll), (page.reroll, actions.reroll)),
            *((page.lock, actions.lock), (page.dye, actions.dye), (page.drape, actions.drape)),
            *((page.style, actions.style), (page.adopt, actions.adopt)),
            *((page.take, actions.take), (page.template, self._template)),
        ):
            self._on(event, lambda ask, action=action: answers.shown(designer, action(designer, ask)), MODEL)
        self._on(page.opened, self._opened, MODEL)
        for event, looks in ((page.variants, actions.variants), (page.blend, actions.blend)):
            self._on(event, lambda ask, looks=looks: {"items": answers.items(designer, looks(designer, ask))}, MODEL)
        self._on(page.picture, lambda ask: answers.picture_file(designer, ask), MODEL)
        self._on(page.gif, lambda ask: answers.gif_file(designer, ask), MODEL)
        for event in (page.imported, page.mapped):
            self._on(event, self._read_map, FILES)
        self._on(page.cut, lambda ask: answers.taken(actions.cut(ask)), FILES)
        self._on(page.pdf, answers.pdf_file, FILES)

    def _on(self, event: Callable, answer: Callable[[Ask], dict], options: dict) -> None:
        """Wire one event: a request of the page -> the page's value. It always ends, with an answer or a sentence."""

        def run(event: gr.EventData) -> dict:
            data = event._data if isinstance(event._data, dict) else {}
            number = data.get("id") if isinstance(data.get("id"), int) else None
            try:
                return {"id": number, **answer(Ask.of(data, self.designer.size))}
            except Exception as error:
                return {"id": number, "blank": isinstance(error, Blank), "error": sentence(error, language(data))}

        event(run, None, [self.page], **options).failure(None, js=LOST, **PRIVATE)

    def _template(self, _: Designer, ask: Ask) -> Look:
        """The template `index`, dressed as its thumbnail is."""
        index = ask.data.get("index")
        if type(index) is not int or not 0 <= index < len(self.looks):
            raise Refused("gone")
        return self.looks[index]

    def _opened(self, ask: Ask) -> dict:
        look, notes = actions.open_session(self.designer, ask)
        said = [in_chinese(note) if language(ask.data) == "zh" else note for note in notes]
        return {**answers.shown(self.designer, look), "notes": [[note, True] for note in said]}

    def _read_map(self, ask: Ask) -> dict:
        """A picture of a map (`file`: base64, `size`) as ids, and what was changed in words."""
        data = actions.uploaded(ask.data.get("file"), ask.data.get("size"), actions.MOST_MAP)
        labels, notes = self.designer.read_map(data)
        said = [[note.say(language(ask.data)), note.warning] for note in notes]
        return {"labels": encode(labels), "notes": said}

    # ---- the documented endpoint

    def _wire_api(self) -> None:
        designer = self.designer

        def generate(labels=None, map_png=None, seed=0, diversity=1.0, harmony=1.0):
            try:
                return designer.generate(
                    self._map_argument(labels, map_png),
                    checked(Seed, seed, "seed"),
                    checked(Diversity, diversity, "diversity"),
                    checked(Share, harmony, "harmony"),
                )
            except Refusal:
                raise
            except Exception as error:
                raise Refusal(sentence(error, "en")) from None

        generate.__doc__ = description(designer.size)
        hidden: dict[str, Any] = {"visible": False}
        inputs = [
            MapArgument(side=designer.size, label="labels", **hidden),
            FileArgument(label="map_png", type="filepath", **hidden),
            NumberArgument(0, label="seed", precision=0, minimum=0, maximum=MAX_SEED, **hidden),
            NumberArgument(1.0, label="diversity", minimum=0, maximum=MAX_DIVERSITY, **hidden),
            NumberArgument(1.0, label="harmony", minimum=0, maximum=1, **hidden),
        ]
        garment = gr.Image(label="garment", format="png", **hidden)
        public = {**FILES, "api_name": "generate", "api_visibility": "public"}  # it may bring a file
        gr.Button(visible=False).click(generate, inputs, garment, **public)

    def _map_argument(self, labels: object, map_png: object):
        if map_png is not None:
            if not isinstance(map_png, dict) or not isinstance(map_png.get("path"), str):
                raise UserError("map_png is an uploaded picture of a map; send labels instead to send no file.")
            return self.designer.read_map(read_upload(map_png["path"]))[0]
        if labels is None or labels == "":
            raise Blank
        decoded = decode(labels, self.designer.size)  # type: ignore[arg-type]  # checks the type itself
        if not (decoded != BACKGROUND).any():
            raise Blank
        return decoded
