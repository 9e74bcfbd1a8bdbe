"""The label painter: JavaScript modules for the demo, the notebook and a static page, and the text format they send.

`painter.js` (see its head for `mountPainter`), the modules it imports and `painter.css` need no build step. A painted
map travels as RLE JSON, rows from the top, each run an id and how often it repeats:

    {"w": 256, "h": 256, "runs": [255, 3000, 31, 12, ...]}
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from garmentgen.errors import UserError
from garmentgen.labels import GROUPS_ZH, LABELS, check_ids
from garmentgen.runs import from_runs, to_runs

_FOLDER = Path(__file__).parent
MODULES = (
    *("texts", "dom", "map", "shapes", "outlines", "straight", "raster", "canvas", "palette", "selection"),
    *("drawing", "boxes", "pointer", "keys", "painter"),
)
"""The ES modules, each after those it imports; `painter` has `export function mountPainter(element, options)`."""
STYLE = _FOLDER / "painter.css"
"""Its style sheet; colours come from Gradio's or Jupyter's own variables, light and dark."""


def script() -> str:
    """All modules as the text of one, for where a single script is wanted."""
    texts = ((_FOLDER / f"{name}.js").read_text("utf-8") for name in MODULES)
    return "\n".join(re.sub(r"^import .*\n", "", text, flags=re.MULTILINE) for text in texts)


def label_table() -> list[dict]:
    """The label table as `mountPainter` wants it: a list of plain dicts, ready for JSON."""
    return [
        {
            "id": label.id,
            "name": label.name,
            "name_zh": label.name_zh,
            "group": label.group,
            "group_zh": GROUPS_ZH[label.group],
            "color": "#{:02x}{:02x}{:02x}".format(*label.color),
        }
        for label in LABELS
    ]


def encode(labels: np.ndarray) -> str:
    """Class ids, uint8 [H, W] (255 = background) -> RLE JSON.

    Raises:
        ValueError: not a two-dimensional integer array of known ids.
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or not labels.size:
        raise ValueError(f"a map to encode is [H, W], but this one has the shape {labels.shape}")
    check_ids(labels)
    return json.dumps({"w": labels.shape[1], "h": labels.shape[0], "runs": to_runs(labels)}, separators=(",", ":"))


def decode(text: str, size: int) -> np.ndarray:
    """RLE JSON from a browser or a client -> class ids, uint8 [size, size]. Trusts nothing.

    Raises:
        UserError: too long, not JSON, other sides, runs that do not add up, unknown ids; says which.
    """
    return from_runs(_runs(text, size), size, size, "The map")


def _runs(text: str, size: int) -> list[int]:
    """The flat list id, count, id, count ... with every check that needs no arithmetic on it."""
    if not isinstance(text, str):
        raise UserError(f"A map is a JSON text, but this one is {type(text).__name__}.")
    longest = 64 + 8 * size * size  # one run a pixel, "255,1," each
    if len(text) > longest:
        raise UserError(f"A map of {size} x {size} has at most {longest} characters, but this one has {len(text)}.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise UserError("The map is not readable JSON; send it as the painter does.") from None
    if not isinstance(value, dict) or set(value) != {"w", "h", "runs"}:
        raise UserError('A map is {"w": ..., "h": ..., "runs": [id, count, ...]} and nothing else.')
    if value["w"] != size or value["h"] != size:
        raise UserError(f"A map here is {size} x {size}, but this one is {value['w']!s:.20} x {value['h']!s:.20}.")
    runs = value["runs"]
    if not isinstance(runs, list) or set(map(type, runs)) - {int}:
        raise UserError("The runs of a map are a flat list of whole numbers: id, count, id, count ...")
    return runs
