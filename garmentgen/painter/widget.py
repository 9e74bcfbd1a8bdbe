"""The painter as a notebook widget (anywidget): the demo's own JavaScript, no build step.

The map travels as RLE JSON text. Bytes would be shorter, but they reach Python as a memoryview, which traitlets' Bytes
rejects without a word.
"""

from __future__ import annotations

import anywidget
import numpy as np
import traitlets

from ..labels import BACKGROUND
from . import STYLE, decode, encode, label_table, script

_GLUE = """
function render({ model, el }) {
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys stay out of the painter
  const painter = mountPainter(el, {
    labels: model.get("labels"),
    size: model.get("size"),
    value: model.get("value"),
    lang: model.get("lang"),
    onChange: (value) => {
      model.set("value", value);
      model.save_changes();
    },
  });
  const follow = () => {
    if (model.get("value") !== painter.getValue()) painter.setValue(model.get("value"));
  };
  const trace = () => painter.setUnderlay(model.get("underlay") || null);
  const speak = () => painter.setLang(model.get("lang"));
  model.on("change:value", follow);
  model.on("change:underlay", trace);
  model.on("change:lang", speak);
  trace();
  return () => {
    model.off("change:value", follow);
    model.off("change:underlay", trace);
    model.off("change:lang", speak);
    painter.destroy();
  };
}

function initialize({ model }) {
  model.set("ready", true);
  model.save_changes();
}

export default { initialize, render };
"""


class LabelPainter(anywidget.AnyWidget):
    """A canvas to paint a label map on.

    Traits:
        value: the map as RLE JSON (see `garmentgen.painter`); observe it to follow every finished stroke.
        underlay: data URL of a picture beneath the labels, "" for none; seen when the labels are not opaque.
        lang: "zh" or "en".
        ready: True once a browser has said that it can show this widget; stays False without the front end's extension.
    """

    _esm = script() + _GLUE
    _css = STYLE.read_text("utf-8")

    value = traitlets.Unicode().tag(sync=True)
    underlay = traitlets.Unicode().tag(sync=True)
    lang = traitlets.Unicode("zh").tag(sync=True)
    size = traitlets.Int().tag(sync=True)
    labels = traitlets.List().tag(sync=True)
    ready = traitlets.Bool(False).tag(sync=True)

    def __init__(self, labels: np.ndarray | None = None, size: int = 256, lang: str = "zh"):
        """labels: the map to start with, uint8 [size, size]; None is an empty one."""
        start = np.full((size, size), BACKGROUND, np.uint8) if labels is None else labels
        super().__init__(value=encode(start), size=len(start), lang=lang, labels=label_table())

    @property
    def map(self) -> np.ndarray:
        """The painted map, uint8 [size, size]; set it to show another.

        Raises:
            UserError: the browser sent something that is no map.
        """
        return decode(self.value, self.size)

    @map.setter
    def map(self, labels: np.ndarray) -> None:
        self.value = encode(labels)
