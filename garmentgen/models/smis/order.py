"""The network's own order of the classes: grouping merges neighbours, so related ones stand side by side."""

from __future__ import annotations

import numpy as np

from ...labels import LABELS, NUM_LABELS, find

_PART_OF_TOP = [find(name).id for name in ("hood", "collar", "lapel", "epaulette", "sleeve", "pocket", "neckline")]
ORDER = np.array(
    [label.id for label in LABELS if label.group == "upperbody"]
    + _PART_OF_TOP
    + [i for i in range(NUM_LABELS) if LABELS[i].group != "upperbody" and i not in _PART_OF_TOP]
)
"""Class ids in the network's internal order: tops beside their parts."""
