"""The wiring: which event of the page calls which action, and how failures are told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from demo import actions, answers, opening
from demo.actions import Ask, Blank
from demo.ask import AT_ONCE, Answer
from demo.chinese import in_chinese
from demo.components import FileArgument, Garment, MapArgument, NumberArgument, Workbench
from demo.gate import GuardedBlocks, Refusal, read_upload
from demo.starters import Starter
from demo.texts import Refused, say
from demo.tool import description
from garmentgen import BACKGROUND, Designer, Look, UserError
from garmentgen.checks import MAX_DIVERSITY, MAX_SEED, Diversity, Seed, Share, checked
from garmentgen.painter import decode, encode

log = logging.getLogger("garmentgen.demo")

LOOKS = ("paint", "roll", "reroll", "lock", "dye", "drape", "style", "adopt", "take")
"""Events whose action in `actions.py`, of the same name, gives another look."""


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
        self.lines = {"model": self._painting(), "files": self._reading()}  # a slow file keeps no painter waiting
        events = [event for line in self.lines.values() for event in line]
        with GuardedBlocks(title="garmentgen", **options) as self.blocks:
            Workbench(**opening.page(designer, starters, self.looks), events=events)
            self._wire_api()

    # ---- the page

    def _painting(self) -> dict[str, Answer]:
        """The events that need the networks: a picture uses every core."""
        designer = self.designer
        made = {
            **{name: self._look(getattr(actions, name)) for name in LOOKS},
            "template": self._look(self._template),
            "opened": self._opened,
            "picture": lambda ask: answers.picture_file(designer, ask),
            "gif": lambda ask: answers.gif_file(designer, ask),
            "variants": lambda ask: {"items": answers.items(designer, actions.variants(designer, ask))},
            "blend": lambda ask: {"items": answers.items(designer, actions.blend(designer, ask))},
        }
        return {name: self._answering(answer) for name, answer in made.items()}

    def _reading(self) -> dict[str, Answer]:
        """The events that read files."""
        made = {
            "imported": self._read_map,
            "mapped": self._read_map,
            "cut": lambda ask: answers.taken(actions.cut(ask)),
            "pdf": answers.pdf_file,
        }
        return {name: self._answering(answer) for name, answer in made.items()}

    def _look(self, action: Callable[[Designer, Ask], Look]) -> Callable[[Ask], dict]:
        return lambda ask: answers.shown(self.designer, action(self.designer, ask))

    def _answering(self, answer: Callable[[Ask], dict]) -> Answer:
        """A request of the page -> its answer. It always ends, with what was asked for or with a sentence."""

        def run(sent: Any) -> dict:
            data = sent if isinstance(sent, dict) else {}
            try:
                return answer(Ask.of(data, self.designer.size))
            except Exception as error:
                return {"blank": isinstance(error, Blank), "error": sentence(error, language(data))}

        return run

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
        garment = Garment(label="garment", **hidden)
        public: dict[str, Any] = {"show_progress": "hidden", "trigger_mode": "multiple", "concurrency_limit": AT_ONCE}
        gr.Button(visible=False).click(generate, inputs, garment, api_name="generate", **public)

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
