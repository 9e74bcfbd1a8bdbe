"""garmentgen: paint a label map, see a garment. `Designer` is the door; everything else serves it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import environment
from .cloth import SWATCHES
from .cutting import Cut, cut_garment
from .errors import UserError
from .labels import BACKGROUND, LABELS, NUM_LABELS, PARTS, colorize, decolorize, find
from .looks import Look, swap
from .photo import encode_png
from .pictures import cutout, enlarged

if TYPE_CHECKING:
    from .config import LOSSES, override
    from .data import rle
    from .data.dataset import Garments, batches, split
    from .data.prepare import open_source, prepare
    from .data.sample import prepare_one
    from .geometry import regions
    from .inference import Designer
    from .maps import open_picture
    from .models import build_discriminator, build_encoder, build_generator
    from .painter.desk import Desk
    from .pixels import labels_to_tensor, make_noise, one_hot, to_tensor
    from .presets import PRESETS
    from .priors.config import FlowConfig
    from .synthetic.templates import TEMPLATES, draw_templates
    from .training.logs import read_log
    from .training.loop import train
    from .training.prior import train_prior

_LATER = {
    "config": ("LOSSES", "override"),
    "data": ("rle",),
    "data.dataset": ("Garments", "batches", "split"),
    "data.prepare": ("open_source", "prepare"),
    "data.sample": ("prepare_one",),
    "geometry": ("regions",),
    "inference": ("Designer",),
    "maps": ("open_picture",),
    "models": ("build_discriminator", "build_encoder", "build_generator"),
    "painter.desk": ("Desk",),
    "pixels": ("labels_to_tensor", "make_noise", "one_hot", "to_tensor"),
    "presets": ("PRESETS",),
    "priors.config": ("FlowConfig",),
    "synthetic.templates": ("TEMPLATES", "draw_templates"),
    "training.logs": ("read_log",),
    "training.loop": ("train",),
    "training.prior": ("train_prior",),
}
"""Public names by their module, imported when they are asked for: labels and looks need neither data nor Paddle."""
_MODULES = {name: module for module, names in _LATER.items() for name in names}

__all__ = [
    "BACKGROUND", "LABELS", "LOSSES", "NUM_LABELS", "PARTS", "PRESETS", "SWATCHES", "TEMPLATES", "Cut", "Designer",
    "Desk", "FlowConfig", "Garments", "Look", "UserError", "batches", "build_discriminator", "build_encoder",
    "build_generator", "colorize", "cut_garment", "cutout", "decolorize", "draw_templates", "encode_png", "enlarged",
    "find", "labels_to_tensor", "make_noise", "one_hot", "open_picture", "open_source", "override", "prepare",
    "prepare_one", "read_log", "regions", "rle", "split", "swap", "to_tensor", "train", "train_prior",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """A public name of `_LATER`; the environment is tuned first, as Paddle may come in with it."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    environment.tune()
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
