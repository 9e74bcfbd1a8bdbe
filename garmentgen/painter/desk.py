"""The design desk of notebook 4: map, sliders and garment side by side, in ipywidgets.

The painter (anywidget) takes its place once the browser says that it can show it; until then, and where that front-end
extension is missing, there is the map as a picture, the templates, the sliders and `paint_rect`.
"""

from __future__ import annotations

import base64
import html
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import ipywidgets as widgets
import numpy as np

from ..checks import MAX_DIVERSITY, MAX_SEED
from ..errors import UserError
from ..inference import HARMONY, Designer
from ..labels import BACKGROUND, LABELS, colorize, find
from ..looks import Look
from ..photo import encode_png

SIDE = "360px"
_NOTE = (
    "这里没有画板（前端缺少 anywidget 扩展）：请用模板、滑块和下面的 paint_rect 单元格。<br>"
    "No painter here (the front end lacks anywidget): use the templates, sliders and the paint_rect cells below."
)


class Desk:
    """A garment that follows its map and sliders. Show `box`; `look` is the last one drawn.

    Args:
        designer: paints the garments. templates: name -> map uint8 [S, S], S = designer.size; the first is shown.

    Raises:
        UserError: there is no template.
    """

    def __init__(self, designer: Designer, templates: Mapping[str, np.ndarray]):
        if not templates:
            raise UserError("a desk needs at least one template map to start with, but got none")
        self.designer, self.templates = designer, dict(templates)
        self.labels = next(iter(self.templates.values()))
        self.look: Look | None = None
        self._build()
        self.painter = self._make_painter()
        self._arrange()
        self._dress()
        self._listen()

    # ---- what a cell can do

    def set_map(self, labels: np.ndarray) -> None:
        """Show another map: anything `Designer.read_map` takes."""
        labels, _ = self.designer.read_map(labels)
        if self.painter is not None:
            self.painter.map = labels  # its observer dresses it
        else:
            self._painted(labels)

    def paint_rect(self, region: int | str, top: float, left: float, bottom: float, right: float) -> None:
        """Paint a rectangle of a class (or "background"); edges are shares of the canvas from the top left, 0..1.

        Raises:
            UserError: edges outside 0..1 or in the wrong order, or nothing would be left. KeyError: no such class.
        """
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise UserError(
                "edges are shares of the canvas, top < bottom and left < right within 0..1, "
                f"but got top {top}, left {left}, bottom {bottom}, right {right}"
            )
        top, left, bottom, right = (round(v * self.designer.size) for v in (top, left, bottom, right))
        labels = self.labels.copy()
        labels[top:bottom, left:right] = BACKGROUND if region in ("background", BACKGROUND) else find(region).id
        self.set_map(labels)

    def reroll(self, region: int | str) -> None:
        """Draw one region anew, all others stay."""
        if self.look is not None:
            self._show(self.designer.reroll(self.look, region))

    def adopt(self, look: Look) -> None:
        """Put a look (a variant, a blend, one from a file) on the desk, with its map, seed and sliders."""
        self.look = None  # the widgets below change one by one; nothing is drawn before all have
        self.labels = look.labels
        self.seed.value, self.diversity.value, self.harmony.value = look.seed, look.diversity, look.harmony
        self._show(look)
        if self.painter is not None:
            self.painter.map = look.labels

    # ---- building

    def _build(self) -> None:
        wide = {"style": {"description_width": "90px"}, "layout": widgets.Layout(width=SIDE)}
        live = {"continuous_update": False, **wide}
        self.template = widgets.Dropdown(options=list(self.templates), description="模板 map", **wide)
        self.diversity = widgets.FloatSlider(
            1.0, min=0, max=MAX_DIVERSITY, step=0.05, description="多样性 div.", **live
        )
        self.harmony = widgets.FloatSlider(HARMONY, min=0, max=1, step=0.05, description="协调度 har.", **live)
        self.seed = widgets.BoundedIntText(0, min=0, max=MAX_SEED, description="种子 seed", **live)
        self.dice = widgets.Button(description="换一件 another garment", icon="random", layout=wide["layout"])
        self.region = widgets.Dropdown(description="区域 region", **wide)
        self.roll = widgets.Button(description="重抽此区域 re-roll", icon="refresh")
        self.lock = widgets.ToggleButton(description="锁定 lock", icon="lock")
        self.map_view = widgets.Image(format="png", width=SIDE, height=SIDE)
        self.garment = widgets.Image(format="png", width=SIDE, height=SIDE)
        self.garment.add_class("garment")
        self.status = widgets.HTML()
        self.stage = widgets.VBox(layout=widgets.Layout(width="100%", overflow="visible"))
        knobs = (self.garment, self.status, self.diversity, self.harmony, self.seed, self.dice, self.region)
        right = widgets.VBox([*knobs, widgets.HBox([self.roll, self.lock])], layout=widgets.Layout(flex="0 0 auto"))
        left = widgets.VBox([self.template, self.stage], layout=widgets.Layout(flex="1 1 540px", overflow="visible"))
        self.box = widgets.HBox([left, right], layout=widgets.Layout(flex_flow="row wrap", align_items="flex-start"))

    def _make_painter(self) -> Any:
        if find_spec("anywidget") is None:
            return None
        from .widget import LabelPainter

        return LabelPainter(self.labels, self.designer.size)

    def _arrange(self) -> None:
        if self.painter is not None and self.painter.ready:
            self.stage.children = [self.painter]
        else:
            self.stage.children = [self.map_view, widgets.HTML(_NOTE)]

    def _listen(self) -> None:
        for slider in (self.diversity, self.harmony, self.seed):
            slider.observe(lambda _: self.look is not None and self._dress(), "value")
        self.template.observe(lambda change: self.set_map(self.templates[change["new"]]), "value")
        self.dice.on_click(lambda _: setattr(self.seed, "value", (self.seed.value + 1) % 2**31))
        self.roll.on_click(lambda _: self._attempt(lambda: self.reroll(self._chosen())))
        self.region.observe(lambda _: self._mark_lock(), "value")
        self.lock.observe(lambda change: self._set_lock(change["new"]), "value")
        if self.painter is not None:
            self.painter.observe(lambda _: self._arrange(), "ready")
            self.painter.observe(lambda _: self._attempt(lambda: self._painted(self.painter.map)), "value")

    # ---- showing

    def _painted(self, labels: np.ndarray) -> None:
        self.labels, self.status.value = labels, ""
        if self.look is None or not np.array_equal(labels, self.look.labels):
            self._dress()

    def _dress(self) -> None:
        """Draw the map on the desk with what the widgets say; locks and re-rolls of the last look are kept."""

        def draw() -> None:
            settings = (self.seed.value, self.diversity.value, self.harmony.value)
            self._show(self.designer.look(self.labels, *settings, like=self.look))

        self._attempt(draw)

    def _attempt(self, act: Callable[[], None]) -> None:
        """An error of an event has no cell to appear in: say it under the garment."""
        try:
            act()
        except UserError as error:
            self.status.value = f"<b>{html.escape(str(error))}</b>"

    def _show(self, look: Look) -> None:
        began = time.perf_counter()
        picture = encode_png(self.designer.render(look))
        self.look = look
        self.garment.value, self.map_view.value = picture, encode_png(colorize(look.labels))
        if self.painter is not None:
            self.painter.underlay = "data:image/png;base64," + base64.b64encode(picture).decode()
        self.status.value = f"{1000 * (time.perf_counter() - began):.0f} ms"
        chosen = self._chosen() if self._chosen() in look.codes else look.regions[0]
        self.region.options = [(f"{LABELS[c].name_zh} {LABELS[c].name}", c) for c in look.regions]
        self.region.value = chosen
        self._mark_lock()

    def _chosen(self) -> int:
        """The class in the region list; BACKGROUND while the list is empty."""
        value = self.region.value
        return BACKGROUND if value is None else value

    def _mark_lock(self) -> None:
        self.lock.value = self.look is not None and self._chosen() in self.look.locked

    def _set_lock(self, locked: bool) -> None:
        if self.look is not None and locked != (self._chosen() in self.look.locked):
            self.look = self.designer.lock(self.look, self._chosen(), locked)
