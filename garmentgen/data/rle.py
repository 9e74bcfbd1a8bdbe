"""Run-length masks: parse, measure, sample at a grid without unpacking, unpack, encode.

A mask of a photo [H, W] is an array of *runs*, int64 [K, 2]: (start, end) positions in column-major order, 0-based,
end exclusive, sorted and disjoint. Everything the competition and COCO write is brought into this form once.
"""

from __future__ import annotations

import numpy as np

from ..errors import UserError
from ..geometry import Box

_ALLOWED = b"0123456789 "


def parse(text: str, height: int, width: int) -> np.ndarray:
    """Competition run lengths ("start length start length ...", column-major, 1-based) -> runs, int64 [K, 2].

    Raises:
        UserError: nothing in it, an odd number of values, a value that is no whole number, a run outside the photo.
    """
    if text.encode("utf-8", "replace").translate(None, _ALLOWED):
        tokens = text.split()  # at any kind of blank
        strange = [token for token in tokens if not (token.isascii() and token.isdecimal())]
        if strange:
            raise UserError(f"the mask holds {strange[0][:24]!r} where a whole number is expected")
        text = " ".join(tokens)
    text = text.strip()
    if not text:
        raise UserError("the mask is empty")
    values = np.fromstring(text, dtype=np.int64, sep=" ")  # a number too large for 64 bits becomes the largest
    if len(values) % 2:
        raise UserError(f"the mask has an odd number of values ({len(values)}); they come in pairs 'start length'")
    starts, lengths = values[0::2] - 1, values[1::2]
    if starts.min() < 0:
        raise UserError("the mask has a run that starts at 0; positions count from 1")
    beyond = np.flatnonzero(lengths > height * width - starts)
    if len(beyond):
        run = f"{starts[beyond[0]] + 1} {lengths[beyond[0]]}"
        raise UserError(f"the mask's run {run!r} goes past the end of a {width}x{height} photo ({height * width})")
    return tidy(np.stack([starts, starts + lengths], 1))


def tidy(runs: np.ndarray) -> np.ndarray:
    """Any runs, integer [K, 2] -> sorted, disjoint, none empty, int64 [M, 2].

    Raises:
        UserError: no run is left, so the mask is empty.
    """
    runs = runs[runs[:, 1] > runs[:, 0]]
    if not len(runs):
        raise UserError("the mask is empty")
    if (runs[1:, 0] > runs[:-1, 1]).all():
        return runs
    runs = runs[np.argsort(runs[:, 0], kind="stable")]
    reach = np.maximum.accumulate(runs[:, 1])  # how far any run so far goes
    opens = np.append(True, runs[1:, 0] > reach[:-1])
    return np.stack([runs[opens, 0], reach[np.append(np.flatnonzero(opens)[1:] - 1, len(runs) - 1)]], 1)


def union(masks: list[np.ndarray]) -> np.ndarray:
    """Several masks' runs -> the runs of all their pixels, int64 [K, 2]."""
    return tidy(np.concatenate(masks))


def area(runs: np.ndarray) -> int:
    """Number of pixels."""
    return int((runs[:, 1] - runs[:, 0]).sum())


def box(runs: np.ndarray, height: int) -> Box:
    """Bounding box."""
    first, last = runs[:, 0], runs[:, 1] - 1
    left, right = first[0] // height, last[-1] // height
    if (first // height != last // height).any():  # a run that turns a column's corner touches top and bottom
        top, bottom = 0, height - 1
    else:
        top, bottom = (first % height).min(), (last % height).max()
    return int(top), int(left), int(bottom) + 1, int(right) + 1


def sample(runs: np.ndarray, rows: np.ndarray, cols: np.ndarray, height: int) -> np.ndarray:
    """The mask at a grid of pixels, bool [len(rows), len(cols)], equal to `unpack(...)[np.ix_(rows, cols)]`.

    The full mask is never built: the grid's positions are sorted, so each run's two ends are found among them by
    binary search, and the few marks are summed along the grid.

    Args:
        rows, cols: non-decreasing pixel coordinates inside the photo; they may repeat.
    """
    rows, row_back = np.unique(rows, return_inverse=True)
    cols, col_back = np.unique(cols, return_inverse=True)
    positions = (cols[:, None] * height + rows[None]).ravel()
    first = np.searchsorted(positions, runs[:, 0])
    last = np.searchsorted(positions, runs[:, 1])
    hit = last > first  # the others fall between two grid points
    steps = np.zeros(len(positions) + 1, np.int8)
    steps[first[hit]] += 1
    steps[last[hit]] -= 1
    grid = np.cumsum(steps[:-1], dtype=np.int8).view(bool).reshape(len(cols), len(rows)).T
    return grid if len(row_back) == len(rows) and len(col_back) == len(cols) else grid[np.ix_(row_back, col_back)]


def unpack(runs: np.ndarray, height: int, width: int) -> np.ndarray:
    """Runs -> full mask, bool [height, width]."""
    flat = np.zeros(height * width, bool)
    for start, end in runs:
        flat[start:end] = True
    return flat.reshape(width, height).T


def from_mask(mask: np.ndarray) -> np.ndarray:
    """Mask, bool [H, W] -> runs int64 [K, 2] (K may be 0)."""
    flat = np.concatenate([[False], np.asarray(mask, bool).T.ravel(), [False]])
    return np.flatnonzero(flat[1:] != flat[:-1]).reshape(-1, 2)


def encode(mask: np.ndarray) -> str:
    """Mask, bool [H, W] -> the competition's text, "start length ..." column-major and 1-based."""
    runs = from_mask(mask)
    return " ".join(map(str, np.stack([runs[:, 0] + 1, runs[:, 1] - runs[:, 0]], 1).ravel()))
