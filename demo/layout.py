"""What is on the page and where; no event is wired here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import gradio as gr

from demo import components, handlers
from demo.handlers import Session
from demo.texts import word
from garmentgen import LABELS

W = TypeVar("W")

LARGEST_SEED = 2**31 - 1


class Page:
    """Every widget of the app; make it inside `with gr.Blocks()`.

    `words` says by which text of `texts.TEXTS` each Gradio widget is named.
    """

    def __init__(self, i18n: gr.I18n, first: Session, view: dict, templates: list[dict], variants: list[dict]):
        self.i18n = i18n
        self.words: dict[Any, str] = {}
        self.session, self.lang = gr.State(first), gr.State("en")
        self.header = components.Header(elem_id="header")
        self.templates = components.Strip(templates, elem_id="templates")
        with gr.Row(elem_id="studio"):
            with gr.Column(elem_id="paint-side"):
                labels = first.look.labels
                self.painter = components.LabelPainter(labels, canvas=labels.shape[0], elem_id="painter")
            with gr.Column(elem_id="garment-side"):
                self.view = components.GarmentView(view, elem_id="view")
                self.files = components.Files(elem_id="files")
            with gr.Column(elem_id="control-side"):
                self._controls(first)
        with gr.Tabs(elem_id="drawer"):
            self._variants(variants)
            self._history(first)
            self._blend()
            self._style()
        self._api(labels.shape[0])

    def _named(self, key: str, make: Callable[..., W], *args: Any, **kwargs: Any) -> W:
        """A widget whose label (a button's text) is the text `key`."""
        text = self.i18n(key)
        widget = make(text, *args, **kwargs) if make in (gr.Button, gr.Tab) else make(*args, label=text, **kwargs)
        self.words[widget] = key
        return widget

    def _controls(self, first: Session) -> None:
        look = first.look
        with gr.Row(elem_id="seed-row"):
            self.seed = self._named(
                "seed", gr.Number, look.seed, precision=0, minimum=0, maximum=LARGEST_SEED, min_width=90, elem_id="seed"
            )
            self.dice = self._named("dice", gr.Button, variant="primary", min_width=100, elem_id="dice")
        self.diversity = self._named("diversity", gr.Slider, 0, 2, look.diversity, step=0.05, elem_id="diversity")
        self.harmony = self._named("harmony", gr.Slider, 0, 1, look.harmony, step=0.05, elem_id="harmony")
        self.follow = self._named("follow", gr.Checkbox, look.harmony >= 1, container=False, elem_id="follow")
        self.regions = components.Regions(handlers.region_rows(look), elem_id="regions")

    def _variants(self, variants: list[dict]) -> None:
        with self._named("variants", gr.Tab), gr.Row(elem_classes="strip-row"):
            with gr.Column():
                self.make_variants = self._named("makeVariants", gr.Button, size="sm", elem_id="make-variants")
            self.variants = components.Strip(variants, elem_id="variants")

    def _history(self, first: Session) -> None:
        with self._named("history", gr.Tab):
            self.history = components.Strip(handlers.history_items(first), elem_id="history")

    def _blend(self) -> None:
        with self._named("blend", gr.Tab), gr.Row(elem_classes="strip-row"):
            with gr.Column():
                self.blend_from = self._named("blendFrom", gr.Button, size="sm", elem_id="blend-from")
                self.blend_to = self._named("blendTo", gr.Button, size="sm", elem_id="blend-to")
                self.gif = self._named("gif", gr.Button, size="sm", elem_id="gif")
            self.blend = components.Strip([], elem_id="blend")

    def _style(self) -> None:
        photo = {"type": "filepath", "sources": ["upload"], "height": 140, "buttons": []}
        with self._named("style", gr.Tab):
            with gr.Row(elem_id="style-row"):
                self.photo = self._named("photo", components.Photo, **photo, elem_id="photo")
                self.photo_map = self._named("photoMap", components.Photo, **photo, elem_id="photo-map")
                with gr.Column():
                    self.style_regions = self._named(
                        "styleRegions", gr.Dropdown, region_choices("en"), multiselect=True, elem_id="style-regions"
                    )
                    with gr.Row(elem_classes="tab-row"):
                        self.trace = self._named("trace", gr.Button, size="sm", elem_id="trace")
                        self.apply_style = self._named(
                            "applyStyle", gr.Button, variant="primary", size="sm", elem_id="apply-style"
                        )

    def _api(self, size: int) -> None:
        """Widgets that exist only for the documented endpoint."""
        self.api_labels = components.LabelPainter(canvas=size, label="labels", visible=False)
        self.api_map = components.Photo(label="map_png", type="filepath", visible=False)
        self.api_seed = gr.Number(0, label="seed", precision=0, minimum=0, maximum=LARGEST_SEED, visible=False)
        self.api_diversity = gr.Slider(0, 2, 1.0, label="diversity", visible=False)
        self.api_harmony = gr.Slider(0, 1, 1.0, label="harmony", visible=False)
        self.api_garment = gr.Image(label="garment", format="png", visible=False)
        self.api_button = gr.Button(visible=False)

    def in_language(self, lang: str) -> dict:
        """Updates that put every Gradio label into "en" or "zh"."""
        updates: dict = {self.lang: lang}
        for widget, key in self.words.items():
            text = word(key, lang)
            updates[widget] = gr.update(value=text) if isinstance(widget, gr.Button) else gr.update(label=text)
        updates[self.style_regions] = gr.update(label=word("styleRegions", lang), choices=region_choices(lang))
        return updates


def region_choices(lang: str) -> list[tuple[str, int]]:
    """All classes for a dropdown, named in "en" or "zh"."""
    return [(label.name_zh if lang == "zh" else label.name, label.id) for label in LABELS]
