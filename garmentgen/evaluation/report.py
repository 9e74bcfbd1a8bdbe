"""Writing an evaluation down: report.json with every figure, report.md with the tables a person reads."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from ..files import write_atomically
from .cases import FLAT, NEAREST, PRIOR, REAL
from .figures import ACCURACY, COPY, COPY_SHARE, FD, FINE, HALVES, LPIPS, MIOU, Figure, find_figure
from .networks import Network

Facts = Mapping[str, str | int | float]

_COLUMNS = {
    FD: FD,
    "LPIPS to own photo": LPIPS,
    FINE: FINE,
    MIOU: MIOU,
    ACCURACY: ACCURACY,
    "nearest training photo, LPIPS 5 %": f"{COPY}, 5 %",
    "50 %": f"{COPY}, 50 %",
    COPY_SHARE: COPY_SHARE,
}
ABOVE = f"{FD} above the real photos'"
_ABOUT = {
    REAL: "floor: real photos kept out of training",
    HALVES: "floor by halves; fewer pictures, so not comparable with the rows below",
    FLAT: "each region filled with its real mean colour",
    NEAREST: "the training photo whose map overlaps most, cut to the map",
}


def write_report(folder: Path, figures: list[Figure], facts: Facts, networks: list[Network]) -> None:
    """report.json and report.md. Nothing in them depends on the clock or the machine's load."""
    data = {
        "facts": dict(facts),
        "networks": {network.name: {"weights_sha256": network.sha256} for network in networks},
        "figures": [asdict(f) | {"value": None if math.isnan(f.value) else round(f.value, 6)} for f in figures],
    }
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / "report.json", lambda path: path.write_text(text, encoding="utf-8"))
    page = markdown(figures, facts, networks)
    write_atomically(folder / "report.md", lambda path: path.write_text(page, encoding="utf-8"))


def markdown(figures: list[Figure], facts: Facts, networks: list[Network]) -> str:
    """The report as a page: verdict, picture sets, diversity, classes, how it was measured."""
    sets = list(dict.fromkeys(f.pictures for f in figures if f.name == FD))
    lines = ["# Evaluation", "", *(f"- {key}: {value}" for key, value in facts.items()), "", verdict(figures), ""]
    headings = [*_COLUMNS, ABOVE]
    lines += ["## Pictures", "", _row(["pictures", *headings]), _row(["---"] + ["---:"] * len(headings))]
    for name in sets:
        cells = [find_figure(figures, column, name) for column in _COLUMNS.values()]
        lines.append(_row([name, *("" if f is None else _number(f.value) for f in cells), _above(figures, name)]))
    lines += ["", *(f"*{name}*: {about}." for name, about in _ABOUT.items() if name in sets), ""]
    lines += _details([f for f in figures if f.name in _COLUMNS.values()])
    rest = [f for f in figures if f.name not in _COLUMNS.values() and not f.name.startswith((COPY, "IoU of"))]
    lines += ["## Diversity and independence of regions", "", _row(["figure", "pictures", "value", "pairs", "against"])]
    lines += [_row(["---", "---", "---:", "---:", "---"])]
    lines += [_row([f.name, f.pictures, _number(f.value), str(f.count), f.against]) for f in rest]
    lines += ["", *_details(rest), *_agreement(figures), "## Networks", ""]
    lines += [f"- {network.name}: weights sha256 {network.sha256[:16]}" for network in networks]
    return "\n".join(lines) + "\n"


def verdict(figures: list[Figure]) -> str:
    """One sentence: do the samples beat flat colours, and memory?"""
    sample, plain, memory = (find_figure(figures, FD, name) for name in (PRIOR, FLAT, NEAREST))
    if sample is None or plain is None or memory is None:
        return "No prior samples were measured."
    beats = "beat" if sample.value < plain.value else "do **not** beat"
    return (
        f"By {FD} prior samples ({_number(sample.value)}) {beats} flat colours ({_number(plain.value)}); "
        f"pasted training photos have {_number(memory.value)}."
    )


def _above(figures: list[Figure], name: str) -> str:
    """How far a set is above the floor: so few pictures give even real ones a distance, which says nothing of any."""
    own, floor = find_figure(figures, FD, name), find_figure(figures, FD, REAL)
    if own is None or floor is None or name in (REAL, HALVES):
        return ""
    return _number(own.value - floor.value)


def _agreement(figures: list[Figure]) -> list[str]:
    """IoU per class, picture sets as columns."""
    found = [f for f in figures if f.name.startswith("IoU of ")]
    sets, names = list(dict.fromkeys(f.pictures for f in found)), list(dict.fromkeys(f.name for f in found))
    lines = ["## Agreement with the map, per class", "", _row(["class", *sets]), _row(["---"] + ["---:"] * len(sets))]
    for name in names:
        cells = [find_figure(found, name, one) for one in sets]
        lines.append(_row([name.removeprefix("IoU of "), *("" if f is None else _number(f.value) for f in cells)]))
    return [*lines, "", *_details(found)]


def _details(figures: list[Figure]) -> list[str]:
    """What the numbers above were measured with, each combination once."""
    counts: dict[tuple, list[int]] = {}
    for f in figures:
        name = f.name.split(" of ")[0].split(",")[0]
        counts.setdefault((name, f.network, f.against, f.seed), []).append(f.count)
    lines = []
    for (name, network, against, seed), group in counts.items():
        low, high = min(group), max(group)
        count = f"{low}" if low == high else f"{low} to {high}"
        lines.append(f"- {name}: {network}; N = {count}, against {against}; seed {seed}")
    return [*lines, ""]


def _number(value: float) -> str:
    if math.isnan(value):
        return "none"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.4f}" if abs(value) < 1 else f"{value:.3f}"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
