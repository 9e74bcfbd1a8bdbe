"""Contact sheets: pictures in labelled columns."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

_GAP, _HEAD = 6, 22


def sheet(rows: Sequence[Sequence[np.ndarray]], headings: Sequence[str]) -> np.ndarray:
    """Rows of pictures, uint8 RGB [S, S, 3] all alike, under their headings (ASCII) -> one uint8 RGB picture."""
    side, columns = rows[0][0].shape[0], len(headings)
    if any(len(row) != columns for row in rows):
        raise ValueError(f"every row needs {columns} pictures, one a heading, but they have {[len(r) for r in rows]}")
    step = side + _GAP
    picture = np.full((_HEAD + len(rows) * step, columns * step, 3), 230, np.uint8)
    for column, text in enumerate(headings):
        place = (column * step + 4, _HEAD - 7)
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (30, 30, 30), 1, cv2.LINE_AA)
        for row, pictures in enumerate(rows):
            top = _HEAD + row * step
            picture[top : top + side, column * step : column * step + side] = pictures[column]
    return picture
