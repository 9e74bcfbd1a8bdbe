"""garmentgen: paint a label map, see a garment. `Designer` is the door; everything else serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import environment
from .cloth import SWATCHES
from .cutting import Cut, cut_garment
from .errors import UserError
from .labels import BACKGROUND, LABELS, NUM_LABELS, PARTS, colorize, decolorize, find
from .looks import Look, swap
from .pictures import cutout, enlarged

if TYPE_CHECKING:
    from .inference import Designer
    from .synthetic.templates import TEMPLATES

__all__ = [
    "BACKGROUND",
    "LABELS",
    "NUM_LABELS",
    "PARTS",
    "SWATCHES",
    "TEMPLATES",
    "Cut",
    "Designer",
    "Look",
    "UserError",
    "colorize",
    "cut_garment",
    "cutout",
    "decolorize",
    "enlarged",
    "find",
    "swap",
]


def __getattr__(name: str) -> Any:
    """Import the Designer and what draws templates only when they are asked for; Paddle, when a network needs it."""
    if name == "Designer":
        environment.tune()
        from .inference import Designer

        return Designer
    if name == "TEMPLATES":
        from .synthetic.templates import TEMPLATES

        return TEMPLATES
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
