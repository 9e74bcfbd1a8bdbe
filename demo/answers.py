"""What the page gets back: looks with their pictures, strips, files. All values are plain JSON."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence

import numpy as np

from demo import pictures
from demo.actions import Ask, blend, settings, uploaded
from demo.gate import MOST_BODY
from demo.texts import FABRICS, Refused
from garmentgen import SWATCHES, Cut, Designer, Look, UserError, cutout, encode_png, enlarged
from garmentgen.painter import encode

THUMBNAIL = 128
TAKEN = 256  # px, longest side of what was cut from a photo
LARGE = 1024  # px, resampled
MOST_PAGES = 4
LONGEST_PAGE = 2400  # px


def shown(designer: Designer, look: Look) -> dict:
    """A look as the page shows and keeps it: the look itself, its map and controls, its picture, ms of drawing."""
    began = time.perf_counter()
    picture = smooth(designer, look)
    seconds = time.perf_counter() - began
    return {
        "look": look.to_json(),
        "map": encode(look.labels),
        **settings(look),
        "locked": sorted(look.locked),
        "pairs": designer.pairs(look),
        "src": pictures.garment_url(picture),
        "ms": round(1000 * seconds),
    }


def smooth(designer: Designer, look: Look) -> np.ndarray:
    """The picture on screen, uint8 RGB [S, S, 3]: as rendered, its outline anti-aliased, so that it shows no stairs."""
    return enlarged(designer.render(look), look.labels, designer.size)


def items(designer: Designer, looks: Sequence[Look]) -> list[dict]:
    """A strip's value: each look as a thumbnail, and the look itself to be asked for.

    Painted at the smallest size there is: nobody waits for detail that shrinking takes away.
    """
    drawn = ((look, designer.render(look, designer.sizes[0])) for look in looks)
    return [{"src": pictures.garment_url(picture, THUMBNAIL), "look": look.to_json()} for look, picture in drawn]


def fabrics() -> list[dict]:
    """The shipped fabrics: what the page shows of each, in the order that `actions.drape` counts them."""
    return [
        {"src": pictures.file_url(path), **dict(zip(("en", "zh"), FABRICS[path.stem.partition("_")[0]], strict=True))}
        for path in SWATCHES
    ]


def taken(cut: Cut) -> dict:
    """What was cut from a photo: its `box` in shares of the photo, and its picture without what is around it."""
    top, left, bottom, right = cut.box
    height, width = cut.mask.shape
    cloth = np.dstack([cut.photo, np.where(cut.mask, 255, 0).astype(np.uint8)])[top:bottom, left:right]
    return {"box": [top / height, left / width, bottom / height, right / width], "src": pictures.png_url(cloth, TAKEN)}


def picture_file(designer: Designer, ask: Ask) -> dict:
    """The picture of the look on show as a PNG of `side` (the canvas's or LARGE), perhaps `transparent`.

    Raises:
        Refused: other weights made the look, so that the picture would be another than the one on screen.
    """
    if ask.look is None:
        raise Refused("nothing_shown")
    if designer.check(ask.look):
        raise Refused("other_weights")
    side = ask.data.get("side", designer.size)
    if side not in (designer.size, LARGE):
        raise UserError(f"side is {designer.size} or {LARGE}, not {side!r:.40}.")
    picture, labels = designer.render(ask.look), ask.look.labels
    name = f"garment-{ask.look.seed}"
    if ask.data.get("transparent") is True:
        picture, name = cutout(picture, labels, side), f"{name}-transparent"
    else:
        picture = enlarged(picture, labels, side)
    return _download(f"{name}-{side}.png", "image/png", encode_png(picture))


def pdf_file(ask: Ask) -> dict:
    """The `pages` that the page drew (base64 pictures) as one PDF."""
    pages = ask.data.get("pages")
    if not isinstance(pages, list) or not 1 <= len(pages) <= MOST_PAGES:
        raise UserError(f"pages are a list of 1 to {MOST_PAGES} pictures.")
    sheets = [uploaded(page, None, MOST_BODY) for page in pages]
    if any(max(pictures.sides(sheet)) not in range(1, LONGEST_PAGE + 1) for sheet in sheets):
        raise Refused("file_unreadable")
    return _download("garment-lookbook.pdf", "application/pdf", pictures.pdf(sheets))


def gif_file(designer: Designer, ask: Ask) -> dict:
    """The blend from `start` to `end` as a GIF."""
    frames = [smooth(designer, look) for look in blend(designer, ask)]
    return _download("garment-blend.gif", "image/gif", pictures.gif(frames))


def _download(name: str, mime: str, content: bytes) -> dict:
    return {"file": {"name": name, "mime": mime, "data": base64.b64encode(content).decode()}}
