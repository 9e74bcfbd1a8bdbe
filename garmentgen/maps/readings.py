"""What the pixels of a map file mean: the palette's colours, or class ids in one of the ways that programs store them.

Files that hold the same pixels are read the same: a lossless optimiser may turn grey into a palette of greys, a palette
into fewer bits, RGB into grey.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..errors import UserError
from ..labels import BACKGROUND, NUM_LABELS, pixel_counts
from .colours import HALO, NEAR, UNKNOWN, Counts, exact_ids, nearest, settled, voc_ids
from .photos import on_white_square
from .rasters import Raster

MAX_EDGES, CALM = 1_000_000, 1024
"""A picture with more pixels beside the palette than this is averaged to a side of CALM to 2 CALM before it is read."""
_FLAT = 64  # a picture of no more colours than this is painted, not photographed
MAX_UNSETTLED, MAX_FAR = 0.5, 0.75
"""A picture is a photo if more than these shares of its painted area lie outside areas near a palette colour, or are
not near one at all."""


@dataclass(frozen=True)
class Reading:
    """How a map's pixels become ids.

    Attributes:
        how: "palette", or where ids were found: a key of `notes._WHERE`.
        rows: (first, last) -> ids uint8 [last - first, W]. height, width: of those.
        counts: of colours beside the palette, complete once all rows were read.
    """

    how: str
    rows: Callable[[int, int], np.ndarray]
    height: int
    width: int
    counts: Counts


def reading(found: Raster) -> Reading:
    """Look at all pixels once and decide.

    Raises:
        UserError: neither ids nor the palette's colours.
    """
    if found.palette is not None:
        return _indexed(found, found.palette)
    if found.rows(0, 1).ndim == 2 or _is_grey(found):
        how = "grey" if found.rows(0, 1).ndim == 2 or found.rows(0, 1).shape[2] == 2 else "equal"
        return _grey(found, how)
    if found.rows(0, 1).dtype == np.uint8 and not any((voc_ids(strip) == UNKNOWN).any() for strip in found.strips()):
        return Reading("voc", lambda a, b: voc_ids(found.rows(a, b)), found.height, found.width, Counts())
    return _coloured(found)


# --- ids -------------------------------------------------------------------------------------------------------------


def _indexed(found: Raster, palette: np.ndarray) -> Reading:
    """By the palette if it is ours, grey or VOC's; else by index."""
    pixels = np.sum([np.bincount(strip.ravel(), minlength=256) for strip in found.strips()], 0)
    used = np.flatnonzero(pixels)
    colours = palette[used]
    ids, counts = exact_ids(colours[None])[0], Counts()
    shown = colours[:, 3] >= 128
    seen = colours[shown, :3]
    distinct = len(np.unique(seen, axis=0)) == len(seen)  # else the colours say less than the indices
    if (ids != UNKNOWN).all() and ((ids != BACKGROUND).any() or len(used) == 1):
        table, how = _table(used, ids), "palette"
        counts.black = int(pixels[used[shown & (colours[:, :3] == 0).all(1)]].sum())
    elif distinct and (seen[:, :1] == seen).all() and _are_ids(seen[:, 0]):
        table, how = _table(used, np.where(shown, colours[:, 0], BACKGROUND)), "greys"
    elif distinct and ((voc := voc_ids(colours[None])[0]) != UNKNOWN).all():
        table, how = _table(used, voc), "voc"
    elif ((ids != UNKNOWN) & (ids != BACKGROUND)).any():  # our colours, smooth edges among them
        rgba = Raster(found.height, found.width, lambda a, b: palette[found.rows(a, b)], None, found.lossy)
        return _coloured(rgba)
    elif _are_ids(used[shown]):
        table, how = _table(used, np.where(shown, used, BACKGROUND)), "index"
    else:
        raise UserError(
            "this indexed picture has neither garmentgen's palette nor class ids as its indices "
            f"(it uses {_few(used)}); {_WANTED}"
        )
    return Reading(how, lambda a, b: table[found.rows(a, b)], found.height, found.width, counts)


def _table(used: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """uint8 [256]: the id of every index that is used."""
    table = np.full(256, BACKGROUND, np.uint8)
    table[used] = ids
    return table


_WANTED = f"a map is painted in the palette's colours on white, or holds ids 0..{NUM_LABELS - 1} and {BACKGROUND}"


def _are_ids(values: np.ndarray) -> bool:
    return bool((((values >= 0) & (values < NUM_LABELS)) | (values == BACKGROUND)).all())


def _few(values: np.ndarray) -> str:
    return ", ".join(str(v) for v in values[:6].tolist()) + (" ..." if len(values) > 6 else "")


def _is_grey(found: Raster) -> bool:
    """Whether all that is seen has equal channels, and not all of it is white."""
    coloured = False
    for strip in found.strips():
        if strip.shape[2] == 2:
            return True
        seen = strip[..., :3] if strip.shape[2] == 3 else strip[_opaque(strip)][:, :3]
        if (seen[..., 0] != seen[..., 1]).any() or (seen[..., 1] != seen[..., 2]).any():
            return False
        coloured |= bool((seen != np.iinfo(seen.dtype).max).any()) if np.issubdtype(seen.dtype, np.integer) else True
    return coloured


def _opaque(strip: np.ndarray) -> np.ndarray:
    return strip[..., -1] >= (np.iinfo(strip.dtype).max + 1) // 2


def _grey(found: Raster, how: str) -> Reading:
    """Ids as grey values of 8, 16 or 32 bits or whole floating-point numbers."""
    if found.lossy:
        raise UserError("this grey picture is a JPEG or lossy WebP, which blurs ids into others; save the map as a PNG")
    seen = np.zeros(2**16, bool)
    for strip in found.strips():
        _see(seen, _whole(strip))
    used = np.flatnonzero(seen)
    table = np.full(2**16, BACKGROUND, np.uint8)
    if _are_ids(used[used != 2**16 - 1]):
        table[used[used < BACKGROUND]] = used[used < BACKGROUND]
    elif (used % 257 == 0).all() and _are_ids(used // 257):
        table[used], how = used // 257, "257"
    else:
        odd = used[(used >= NUM_LABELS) & (used != BACKGROUND)]
        raise UserError(
            f"a map of ids holds {NUM_LABELS} class ids 0..{NUM_LABELS - 1} and {BACKGROUND} for background, "
            f"but this one also has {_few(odd)}; {_WANTED}"
        )
    return Reading(how, lambda a, b: _ids(table, _whole(found.rows(a, b))), found.height, found.width, Counts())


def _see(seen: np.ndarray, values: np.ndarray) -> None:
    if values.dtype == np.uint8:
        seen[:256] |= pixel_counts(values) > 0
    else:
        seen[values] = True


def _ids(table: np.ndarray, values: np.ndarray) -> np.ndarray:
    return cv2.LUT(values, table[:256]) if values.dtype == np.uint8 else table[values]


def _whole(strip: np.ndarray) -> np.ndarray:
    """Grey values [h, W], or the first channel of [h, W, 2 to 4], as unsigned integers; 255 where nothing is seen."""
    values = strip if strip.ndim == 2 else strip[..., 0]
    if np.issubdtype(values.dtype, np.floating):
        whole = np.isfinite(values) & (values == np.floor(values)) & (values >= 0) & (values < 2**16)
        if not whole.all():
            raise UserError(f"a map holds integer class ids, but this one has {values[~whole][0]}; {_WANTED}")
    elif values.dtype == bool or not np.issubdtype(values.dtype, np.integer):
        raise UserError(f"a map holds integer class ids, but this one is {values.dtype}; cast it to uint8")
    elif values.dtype not in (np.uint8, np.uint16) and (odd := values[(values < 0) | (values >= 2**16)]).size:
        raise UserError(f"a map's ids are no smaller than 0, but this one has {_few(odd)}; {_WANTED}")
    values = values if values.dtype == np.uint8 else values.astype(np.uint16)
    if strip.ndim == 3 and strip.shape[2] in (2, 4):
        values = np.where(_opaque(strip), values, BACKGROUND)
    return values


# --- colours ---------------------------------------------------------------------------------------------------------


def _coloured(found: Raster) -> Reading:
    if found.rows(0, 1).dtype not in (np.uint8, np.uint16):
        raise UserError(f"a coloured map is uint8, but this array is {found.rows(0, 1).dtype}; scale it to 0..255")
    counts = Counts()
    if _beside_palette(found) * found.height * found.width > MAX_EDGES:
        small = on_white_square(found, CALM)
        found = Raster(len(small), len(small), lambda a, b: small[a:b])

    def rows(first: int, last: int) -> np.ndarray:
        above, below = min(first, HALO), min(found.height - last, HALO)
        strip = _bytes(found.rows(first - above, last + below))
        return settled(strip, counts, slice(above, above + last - first))[above : above + last - first]

    return Reading("palette", rows, found.height, found.width, counts)


def _beside_palette(found: Raster) -> float:
    """Share of the pixels whose colour is not exactly one of the palette's, estimated from half a million at most.

    Raises:
        UserError: hardly any is even near: a photo.
    """
    dy, dx = max(1, found.height // 512), max(1, found.width // 512)
    rows = range(dy // 2, found.height, dy)
    sample = np.concatenate([_bytes(found.rows(y, y + 1))[:, dx // 2 :: dx] for y in rows])
    ids = exact_ids(sample)
    off = ids == UNKNOWN
    far = sample[off][nearest(sample, off)[1] > NEAR][:, :3]
    painted = (ids != BACKGROUND).sum()
    colours = np.unique(far, axis=0)
    none_exact = (off | (ids == BACKGROUND)).all() and not found.lossy
    if none_exact and len(far) > painted / 10 and len(colours) <= _FLAT:
        shown = ", ".join("#{:02x}{:02x}{:02x}".format(*colour) for colour in colours[:4])
        raise UserError(f"this map's colours ({shown} ...) are not those of garmentgen's classes; {_WANTED}")
    if len(far) > MAX_FAR * painted:
        raise _photo(len(far) / painted)
    return float(off.mean())


def _bytes(strip: np.ndarray) -> np.ndarray:
    """Colours of 16 bits -> the nearest of 8."""
    return strip if strip.dtype == np.uint8 else ((strip.astype(np.uint32) + 128) // 257).astype(np.uint8)


def check_settled(counts: Counts) -> None:
    """Raise UserError if these counts are a photo's."""
    unsettled = counts.edges + counts.foreign
    if unsettled > MAX_UNSETTLED * counts.painted:
        raise _photo(unsettled / counts.painted)


def _photo(share: float) -> UserError:
    return UserError(f"{share:.0%} of this picture's colours are no palette's, so it looks like a photo; {_WANTED}")
