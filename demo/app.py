"""The wiring: which widget calls which handler, and what the page shows afterwards."""

from __future__ import annotations

import html
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np

from demo import handlers, pictures
from demo.gate import GuardedBlocks, read_upload
from demo.handlers import Blank, Controls, Refused, Session
from demo.layout import Page
from demo.starters import Starter
from demo.texts import i18n, say
from garmentgen import BACKGROUND, Designer, UserError

log = logging.getLogger("garmentgen.demo")

MOST_MAP = 2 * 2**20  # bytes
MOST_SESSION = 4_000_000
PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
MODEL: dict[str, Any] = {**PRIVATE, "concurrency_id": "model", "concurrency_limit": 1}  # a picture uses every core
DICE = 1_000_000  # seeds short enough to write down
OPENING = 22  # seed of the first screen: chosen by eye among thirty for the shipped weights
FREE = 0.5  # harmony when the parts no longer follow their garment
IDLE = "() => window.garmentgen.say('idle')"


@contextmanager
def polite(lang: str) -> Iterator[None]:
    """Every failure of a handler becomes one message in the app; surprises are logged with their traceback."""

    def message(text: str) -> gr.Error:
        return gr.Error(html.escape(text), duration=8, print_exception=False)  # Gradio shows HTML

    try:
        yield
    except Refused as refusal:
        raise message(say(refusal.key, lang, **refusal.values)) from None
    except Blank:
        raise message(say("empty", lang)) from None
    except UserError as error:
        raise message(str(error)) from None
    except gr.Error:
        raise
    except Exception as error:
        log.exception("a handler of the demo failed")
        raise message(say("broken", lang)) from error


class Studio:
    """The app around one designer: builds the page (`.blocks`) and answers its events.

    A step is `step(session, controls, event data, *more inputs)`. `act` turns one that returns the next session into
    a Gradio handler that shows the new look; `ask` does so for one that returns Gradio updates itself.
    """

    def __init__(self, designer: Designer, starters: list[Starter]):
        self.designer, self.starters = designer, starters
        looks = [designer.look(starter.labels, OPENING) for starter in starters]
        first = handlers.make_variants(designer, Session(looks[0]), Controls.of(looks[0]))
        session, view = handlers.show(designer, first, "template")
        templates = [
            {**item, "map": pictures.map_url(starter.labels, 64), "en": starter.en, "zh": starter.zh}
            for item, starter in zip(handlers.looks_items(designer, looks), starters, strict=True)
        ]
        self.i18n = i18n()
        options: dict[str, Any] = {"analytics_enabled": False, "fill_width": True, "delete_cache": (1800, 1800)}
        with GuardedBlocks(title="garmentgen", **options) as self.blocks:
            variants = handlers.looks_items(designer, session.variants)
            self.page = Page(self.i18n, session, view, templates, variants)
            self._wire_live()
            self._wire_looks()
            self._wire_strips()
            self._wire_makers()
            self._wire_files()
            self._wire_api()

    # ---- from steps to Gradio handlers

    def act(self, what: str, step: Callable[..., Session], moved: tuple = ()) -> Callable[..., dict]:
        """`moved`: the widgets (map, seed, sliders) that the step may have changed."""

        def answer(session: Session, now: Controls, data: dict, *more) -> dict:
            try:
                return self._shown(step(session, now, data, *more), what, moved)
            except Blank:
                if what != "paint":
                    raise
                return {self.page.view: handlers.blank_view(self.designer.size), self.page.regions: []}

        return self.ask(answer)

    def ask(self, answer: Callable[..., dict]) -> Callable[..., dict]:
        size = self.designer.size

        def run(event: gr.EventData, session, lang, labels, seed, diversity, harmony, *more) -> dict:
            with polite(lang):
                labels = np.full((size, size), BACKGROUND, np.uint8) if labels is None else labels
                now = Controls(labels, int(seed or 0), float(diversity), float(harmony))
                return answer(session, now, event._data or {}, *more)

        return run

    def _shown(self, session: Session, what: str, moved: tuple) -> dict:
        page = self.page
        session, view = handlers.show(self.designer, session, what)
        look = session.look
        if page.painter in moved:  # another map: variants of the former one would mislead
            session = replace(session, variants=())
        values: dict[Any, Any] = {
            page.painter: look.labels,
            page.variants: [],
            page.seed: look.seed,
            page.diversity: look.diversity,
            page.harmony: look.harmony,
            page.follow: look.harmony >= 1,
        }
        return {
            page.session: session,
            page.view: view,
            page.regions: handlers.region_rows(look),
            page.history: handlers.history_items(session),
            **{widget: values[widget] for widget in moved},
        }

    def _on(self, event: Callable, handler: Callable, outputs: list, more: tuple = (), **options: Any) -> None:
        """Wire one event of the model's queue; when it fails, the garment view stops waiting."""
        page = self.page
        inputs = [page.session, page.lang, page.painter, page.seed, page.diversity, page.harmony, *more]
        event(handler, inputs, outputs, **{**MODEL, **options}).failure(None, js=IDLE, **PRIVATE)

    def _on_look(self, event: Callable, what: str, step: Callable, moved: tuple = (), more: tuple = (), **options: Any):
        page = self.page
        outputs = [page.session, page.view, page.regions, page.history, *moved]
        waiting = {"show_progress": "minimal", "show_progress_on": page.view}  # the place in the queue, when it is long
        self._on(event, self.act(what, step, moved), outputs, more, **waiting, **options)

    # ---- the controls

    def _wire_live(self) -> None:
        """The garment follows every stroke and slider without a button; of a storm only the last is drawn."""
        page, designer = self.page, self.designer

        def paint(session: Session, now: Controls, _: dict) -> Session:
            return handlers.paint(designer, session, now)

        def follow(session: Session, now: Controls, _: dict, on: bool) -> Session:
            return handlers.paint(designer, session, replace(now, harmony=1.0 if on else FREE))

        last: dict[str, Any] = {"trigger_mode": "always_last"}
        self._on_look(page.painter.stroke, "paint", paint, **last)
        self._on_look(page.seed.input, "paint", paint, **last)
        self._on_look(page.diversity.input, "paint", paint, **last)
        self._on_look(page.harmony.input, "paint", paint, (page.follow,), **last)
        self._on_look(page.follow.input, "paint", follow, (page.harmony,), (page.follow,), **last)

    def _wire_looks(self) -> None:
        page, designer = self.page, self.designer

        def roll(session: Session, now: Controls, _: dict) -> Session:
            return handlers.roll(designer, session, now, random.randrange(DICE))

        def reroll(session: Session, now: Controls, data: dict) -> Session:
            return handlers.reroll(designer, session, now, data.get("id"))

        def lock(session: Session, now: Controls, data: dict) -> dict:
            session = handlers.lock(designer, session, data.get("id"), bool(data.get("locked")))
            return {page.session: session, page.regions: handlers.region_rows(session.look)}

        def take_style(session: Session, now: Controls, _: dict, photo, photo_map, wanted) -> Session:
            photo, photo_map = (read_upload(path) if path else None for path in (photo, photo_map))
            return handlers.take_style(designer, session, now, photo, photo_map, wanted)

        self._on_look(page.dice.click, "roll", roll, (page.seed,))
        self._on_look(page.regions.reroll, "reroll", reroll)
        self._on(page.regions.lock, self.ask(lock), [page.session, page.regions])
        photo = (page.photo, page.photo_map, page.style_regions)
        self._on_look(page.apply_style.click, "style", take_style, more=photo)
        page.trace.click(None, js="() => window.garmentgen.trace()", **PRIVATE)
        page.header.language(self._language, None, [page.lang, *page.words], queue=False, **PRIVATE)

    def _language(self, event: gr.EventData) -> dict:
        return self.page.in_language("zh" if (event._data or {}).get("lang") == "zh" else "en")

    # ---- strips of pictures

    def _wire_strips(self) -> None:
        """Clicks on the pictures of a strip: their looks, and with them perhaps their maps and sliders."""
        page, designer = self.page, self.designer
        sliders = (page.seed, page.diversity, page.harmony, page.follow)
        everything = (page.painter, page.variants, *sliders)

        def template(session: Session, now: Controls, data: dict) -> Session:
            starter = handlers.entry(self.starters, data.get("index"))
            return handlers.paint(designer, session, replace(now, labels=starter.labels))

        def adopt(session: Session, now: Controls, data: dict) -> Session:
            return handlers.adopt(designer, session, now, data.get("index"))

        def recall(session: Session, _: Controls, data: dict) -> Session:
            return handlers.recall(session, data.get("index"))

        def adopt_blend(session: Session, _: Controls, data: dict) -> Session:
            return handlers.adopt_blend(designer, session, data.get("index"))

        self._on_look(page.templates.pick, "template", template, (page.painter, page.variants))
        self._on_look(page.variants.pick, "variant", adopt, sliders)
        self._on_look(page.history.pick, "recall", recall, everything)
        self._on_look(page.blend.pick, "blend", adopt_blend, everything)

    def _wire_makers(self) -> None:
        """Buttons that fill a strip."""
        page, designer = self.page, self.designer

        def variants(session: Session, now: Controls, _: dict) -> dict:
            session = handlers.make_variants(designer, session, now)
            return {page.session: session, page.variants: handlers.looks_items(designer, session.variants)}

        def begin(session: Session, now: Controls, _: dict) -> dict:
            session = handlers.begin_blend(designer, session, now)
            return {page.session: session, page.blend: handlers.looks_items(designer, [session.look])}

        def end(session: Session, now: Controls, _: dict) -> dict:
            session = handlers.end_blend(designer, session, now)
            return {page.session: session, page.blend: handlers.blend_items(designer, session)}

        made = ((page.make_variants, variants, page.variants), (page.blend_from, begin, page.blend))
        for button, answer, strip in (*made, (page.blend_to, end, page.blend)):
            waiting = {"show_progress": "minimal", "show_progress_on": strip}
            self._on(button.click, self.ask(answer), [page.session, strip], **waiting)

    # ---- files

    def _wire_files(self) -> None:
        page, designer = self.page, self.designer

        def saved(kind: str | None) -> Callable:
            def save(session: Session, now: Controls, data: dict) -> dict:
                return {page.files: handlers.saved(designer, session, now.labels, kind or data.get("kind", ""))}

            return self.ask(save)

        def imported(session: Session, now: Controls, data: dict) -> Session:
            labels, notes = designer.read_map(handlers.uploaded(data.get("data"), data.get("size"), MOST_MAP))
            session = handlers.paint(designer, session, replace(now, labels=labels))
            for note in notes:
                gr.Info(html.escape(str(note)), duration=8)
            return session

        def opened(session: Session, _: Controls, data: dict) -> Session:
            text = handlers.uploaded_text(data.get("data"), data.get("size"), MOST_SESSION)
            session, warning = handlers.open_session(designer, session, text)
            if warning:
                gr.Warning(html.escape(warning), duration=10)
            return session

        everything = (page.painter, page.variants, page.seed, page.diversity, page.harmony, page.follow)
        self._on(page.files.saved, saved(None), [page.files])
        self._on(page.painter.exported, saved("map"), [page.files])
        self._on(page.gif.click, saved("gif"), [page.files])
        self._on_look(page.painter.imported, "map", imported, (page.painter, page.variants))
        self._on_look(page.files.opened, "session", opened, everything)

    # ---- the documented endpoint

    def _wire_api(self) -> None:
        page, designer = self.page, self.designer

        def generate(labels=None, map_png=None, seed=0, diversity=1.0, harmony=1.0):
            """Draw the garment of a label map.

            Args:
                labels: the map as RLE JSON, see its description; leave it empty when map_png is given
                map_png: instead of labels, a PNG in the palette's colours
                seed: whole number from 0; the same inputs give the same picture
                diversity: 0 the typical garment, 1 as varied as real ones, up to 2
                harmony: 0 every region by itself, 1 all regions in one style
            """
            with polite("en"):
                if map_png is not None:
                    labels, _ = designer.read_map(read_upload(map_png))
                if labels is None or not (labels != BACKGROUND).any():
                    raise Blank
                return designer.generate(labels, int(seed), float(diversity), float(harmony))

        inputs = [page.api_labels, page.api_map, page.api_seed, page.api_diversity, page.api_harmony]
        public = {"api_name": "generate", "api_visibility": "public", "concurrency_id": "files"}  # it reads one
        page.api_button.click(generate, inputs, page.api_garment, **{**MODEL, **public})
