"""What `python -m garmentgen evaluate` calls: files in, report out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..config import data_of
from ..data.dataset import Garments, split_of
from ..files import claim_folder
from ..inference import Designer
from .evaluate import evaluate
from .figures import FD
from .report import verdict


def evaluate_files(
    weights: str | Path | None,
    data: str | Path,
    rows: str,
    report: str | Path,
    priors: Sequence[str] = (),
    limit: int | None = None,
    progress: Callable[[str], object] = print,
) -> str:
    """Evaluate a weights file on a prepared folder; returns what to tell the user.

    Args:
        weights: file, or None for the shipped one.
        rows: which photos to score: "val", "train" or "all". Those drawn are never also the reference.
        report: folder for report.json, report.md and the sheets.
        priors: names of the file's priors to sample from, the first as the main one; none for the file's default.
        limit: at most that many maps, drawn with seed 0; None for 250.

    Raises:
        UserError: see Designer.load, Garments and evaluate.
    """
    claim_folder(report, "evaluate", lambda one: (one / "report.json").exists() or any(one.glob("cache/segmenter-*")))
    first, *others = priors or [None]
    garments = Garments(data)
    designer, *more = (Designer.load(weights, name, size=garments.size) for name in [first, *others])
    named = dict(zip(map(str, others), more, strict=True))
    train, held_out = split_of(len(garments), data_of(designer.facts))  # the split of its own training
    scored = {"val": held_out, "train": train, "all": np.arange(len(garments))}[rows]
    figures = evaluate(designer, garments, train, scored, report, others=named, limit=limit or 250, progress=progress)
    count = max(f.count for f in figures if f.name == FD)
    return f"{verdict(figures)}\n{count} maps; tables, figures and sheets are in {Path(report)}"
