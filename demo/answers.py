"""What the page gets back: looks with their pictures, strips, files. All values are plain JSON."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence

from demo import pictures
from demo.actions import Ask, blend, settings
from demo.texts import Refused
from garmentgen import Designer, Look
from garmentgen.painter import encode

THUMBNAIL = 128


def shown(designer: Designer, look: Look) -> dict:
    """A look as the page shows and keeps it: the look itself, its map and controls, its picture, ms of drawing."""
    began = time.perf_counter()
    picture = designer.render(look)
    seconds = time.perf_counter() - began
    return {
        "look": look.to_json(),
        "map": encode(look.labels),
        **settings(look),
        "locked": sorted(look.locked),
        "src": pictures.garment_url(picture),
        "ms": round(1000 * seconds),
    }


def items(designer: Designer, looks: Sequence[Look]) -> list[dict]:
    """A strip's value: each look drawn small, and the look itself to be asked for."""
    return [{"src": pictures.garment_url(designer.render(look), THUMBNAIL), "look": look.to_json()} for look in looks]


def picture_file(designer: Designer, ask: Ask) -> dict:
    """The picture of the look on show as a PNG.

    Raises:
        Refused: other weights made the look, so that the picture would be another than the one on screen.
    """
    if ask.look is None:
        raise Refused("nothing_shown")
    if designer.check(ask.look):
        raise Refused("other_weights")
    return _download(f"garment-{ask.look.seed}.png", "image/png", pictures.png(designer.render(ask.look)))


def gif_file(designer: Designer, ask: Ask) -> dict:
    """The blend from `start` to `end` as a GIF."""
    frames = [designer.render(look) for look in blend(designer, ask)]
    return _download("garment-blend.gif", "image/gif", pictures.gif(frames))


def _download(name: str, mime: str, content: bytes) -> dict:
    return {"file": {"name": name, "mime": mime, "data": base64.b64encode(content).decode()}}
