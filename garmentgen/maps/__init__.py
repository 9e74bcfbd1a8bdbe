"""Reading what a user gives as a map or photo: arrays, files, bytes of any size -> checked arrays. No Paddle.

`read_map` says with every map what it took it for.
"""

from __future__ import annotations

import numpy as np

from ..errors import UserError
from ..labels import BACKGROUND, NUM_LABELS
from ..photo import turn
from .canvas import Fitted, fit, fit_square
from .colours import Counts
from .notes import Note
from .photos import read_fabric, read_photo, read_whole_photo
from .rasters import Picture, Raster, open_picture, raster
from .readings import Reading, check_settled, reading

__all__ = ["Note", "Picture", "fit_square", "open_picture", "read_fabric", "read_map", "read_photo", "read_whole_photo"]


def read_map(source: Picture, size: int) -> tuple[np.ndarray, list[Note]]:
    """Ids or palette colours, as an array, a picture file (path) or its bytes -> (uint8 [size, size], notes).

    Ids are integers [H, W], or grey, equal-channel or indexed pictures of any depth; a palette of garmentgen's colours
    is read by colour. A map that is not square is centred on a square first. It is shrunk by coverage, so that a class
    thinner than a canvas pixel is kept, and enlarged with smooth outlines. The notes say what the map was taken for,
    which classes it has, what was changed and what is suspicious.

    Raises:
        UserError: not a picture, too large, wrong shape or dtype, ids that do not exist, a photo, or an empty map.
    """
    if isinstance(source, np.ndarray) and not np.issubdtype(source.dtype, np.integer):
        raise UserError(f"a map holds integer ids or uint8 colours, but this array is {source.dtype}; cast it to uint8")
    found = raster(source, "map")
    read = reading(found)
    fitted = fit(read.rows, read.height, read.width, size)
    check_settled(read.counts)
    if (fitted.labels == BACKGROUND).all():
        raise UserError("the map is empty: paint at least one region")
    return turn(fitted.labels, found.tag), _notes(found, read, fitted, size)


def _notes(found: Raster, read: Reading, fitted: Fitted, size: int) -> list[Note]:
    painted = fitted.pixels[:NUM_LABELS]
    classes = {int(c): float(painted[c] / painted.sum()) for c in np.flatnonzero(painted)}
    where = {} if read.how == "palette" else {"where": read.how}
    notes = [Note("ids" if where else "palette", {**where, "classes": classes})]
    notes += _beside_palette(read.counts, found.lossy)
    width, height = found.shown
    if (width, height) != (size, size):
        notes.append(Note("resized", {"width": width, "height": height, "size": size}))
    told = {"thin": fitted.thin, "lost": fitted.lost}
    notes += [Note(key, {"classes": dict.fromkeys(ids)}) for key, ids in told.items() if ids]
    if not fitted.pixels[BACKGROUND]:
        notes.append(Note("from_one" if where and _framed_by_first(read) else "no_background"))
    return notes


def _beside_palette(counts: Counts, lossy: bool) -> list[Note]:
    """What became of colours that are none of the palette's."""
    if lossy or counts.near > counts.edges:
        told = {"blurred": counts.near + counts.edges}
    else:
        told = {"edges": counts.near + counts.edges}
    told |= {"foreign": counts.foreign, "black": counts.black}
    return [Note(key, {"count": count}) for key, count in told.items() if count]


def _framed_by_first(read: Reading) -> bool:
    """Whether id 0 fills nine tenths of the border: in other data sets it is the background."""
    step = 256
    sides = [read.rows(y, min(y + step, read.height))[:, [0, -1]] for y in range(0, read.height, step)]
    border = [read.rows(0, 1), read.rows(read.height - 1, read.height), *sides]
    return bool((np.concatenate([part.ravel() for part in border]) == 0).mean() >= 0.9)
