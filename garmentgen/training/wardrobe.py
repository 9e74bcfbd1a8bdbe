"""The wardrobe of a bank: every training garment auditions for the classes it may dress, by being painted on a map.

Decoders paint most codes well and some badly, on another map than their own. A garment that paints well keeps a plain
cloth plain; whether its folds and prints are those of its photograph is asked of nobody: an audition by the statistics
of their features (Gatys et al., CVPR 2016) kept what is calm and lost what is various. An eye judges best of all: what
one said of a photograph (`read_verdicts`) stands.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..config import DataConfig
from ..data.dataset import Garments, split_of
from ..errors import UserError
from ..geometry import boxes, main_class
from ..inference import Designer
from ..labels import NUM_LABELS, find
from ..priors.bank import Bank, Garment, fit_bank
from ..scenes import Scene
from ..synthetic.templates import draw_templates
from .pairs import encode_paired

CANDIDATES, FEWEST = 200, 34
"""At most so many garments audition for a class, photographs first; so many at least, more than a hand of the bank
deals, are kept for it where as many audition, well or not. Where an eye kept as many, no others are heard."""
SPECKS, LOST = 0.02, -0.1
"""Share of specks beyond the photograph's that is too much; and too little: its print has become something else."""
MARKED, PRINT = "top,jacket,coat,jumpsuit,pants", 0.07
"""Classes whose prints stand in one place and tear on another outline; the share of their cloth that may be print."""
CLEAN = 0.8
"""Of a related class's cloth, the share from which colours are chosen: the rest is the least clean."""
RELATED = {
    "sweater": ("top",), "cardigan": ("top", "jacket"), "vest": ("jacket", "top"), "cape": ("coat", "jacket"),
    "coat": ("jacket",), "jumpsuit": ("dress", "shirt", "pants"), "bag": ("jacket", "top"), "hat": ("top", "jacket"),
    "scarf": ("top", "shirt"), "headband": ("top", "dress"), "tie": ("shirt", "dress"), "glove": ("jacket", "top"),
    "leg warmer": ("top", "sweater"), "tights": ("top", "pants"), "sock": ("top", "shirt"), "belt": ("shoe", "jacket"),
    "watch": ("shoe", "jacket"), "glasses": ("shoe", "hat"), "umbrella": ("dress", "jacket"),
    "zipper": ("shoe", "jacket"), "rivet": ("shoe", "jacket"), "applique": ("top", "dress"), "bead": ("top", "dress"),
    "bow": ("dress", "top"), "flower": ("dress", "top"), "fringe": ("top", "dress"), "ribbon": ("dress", "top"),
    "sequin": ("dress",), "tassel": ("top", "dress"),
}  # fmt: skip
"""Whose cloth a class with few photographs of its own may wear: its tables in the decoder make it knit or strap. All of
these were painted and looked at; shoes on buckles, for one, were no buckles."""
_KIN = {find(name).id: [find(one).id for one in others] for name, others in RELATED.items()}
_MARKED = [find(name).id for name in MARKED.split(",")]


@dataclass(frozen=True)
class Candidate:
    """A training garment and its picture: a row of a prepared folder, and the folder's place among the sources.

    kept: what an eye said that saw it painted; None where none did.
    """

    garment: Garment
    source: Garments
    row: int
    place: int
    kept: bool | None = None


@dataclass(frozen=True)
class Audition:
    """How A garments paint a class: share [A] of specks beyond their pictures'; share [A] of their pictures' cloth that
    is print; share [A] of the painted cloth that is specks or print; how uneven [A] that cloth is; its mean colour
    [A, 3]."""

    specks: np.ndarray
    print: np.ndarray
    blemish: np.ndarray
    uneven: np.ndarray
    colour: np.ndarray


def fit_wardrobe(designer: Designer, candidates: Sequence[Candidate], seed: int) -> Bank:
    """The bank of the candidates that pass for their own classes; where those are few, related cloth joins them.

    What an eye kept passes, what it refused does not audition.
    """
    rng, maps = np.random.default_rng(seed), clean_maps(candidates, designer.config.size)
    mains, place = (np.array([f(one) for one in candidates]) for f in (lambda c: c.garment.main, lambda c: c.place))
    chosen, refused = (np.array([one.kept is said for one in candidates]) for said in (True, False))
    suits = np.zeros((len(candidates), NUM_LABELS), bool)
    uneven = np.full(suits.shape, np.inf)

    def hear(numbers: np.ndarray, c: int) -> tuple[np.ndarray, Audition]:
        result = audition(designer, [candidates[k] for k in numbers], c, maps[c])
        uneven[numbers, c] = result.uneven
        return numbers, result

    def fill(heard: tuple[np.ndarray, Audition], c: int) -> None:
        numbers, result = heard
        short = max(0, FEWEST - int(suits[:, c].sum()))
        suits[numbers[cleanest(result, np.flatnonzero(~suits[numbers, c]), short)], c] = True

    own = {}
    for c in maps:
        numbers = rng.permutation(np.flatnonzero((mains == c) & ~refused))
        numbers = numbers[np.lexsort((place[numbers], ~chosen[numbers]))]
        seen = int(chosen[numbers].sum())
        own[c] = hear(numbers[: seen if seen >= FEWEST else CANDIDATES], c)
        suits[numbers[:seen], c] = True
        if seen < FEWEST:
            suits[own[c][0][passing(own[c][1], c)], c] = True
        print(f"{suits[:, c].sum()} of {len(numbers)} garments suit class {c}", flush=True)
    kept = np.flatnonzero(suits.any(1))
    for c in maps:
        related = rng.permutation(kept[np.isin(mains[kept], _KIN.get(c, []))])[: 3 * FEWEST // 2]
        if suits[:, c].sum() < FEWEST and len(related):
            fill(hear(related, c), c)
        fill(own[c], c)
    kept = np.flatnonzero(suits.any(1))
    return fit_bank([candidates[k].garment for k in kept.tolist()], suits[kept], uneven[kept])


def read_verdicts(path: Path) -> dict[str, bool]:
    """What an eye said of photographs that it saw painted, a table `photo,kept` of names and 1 or 0: name -> kept.

    Raises:
        UserError: no such table.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return {row["photo"]: {"0": False, "1": True}[row["kept"]] for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise UserError(
            f"expected a table photo,kept of names and 1 or 0 in {path}, but reading it failed ({error!r})"
        ) from error


def encode_candidates(
    designer: Designer, sources: Sequence[Garments], data: DataConfig, most: int, verdicts: Mapping[str, bool]
) -> list[Candidate]:
    """Training pictures, `most` evenly spread ones at most, encoded as they are, but pairs alike; none held out."""
    rows = [(one, int(k), place) for place, one in enumerate(sources) for k in split_of(len(one), data)[0]]
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)).tolist()
    candidates = []
    for source, row, place in (rows[k] for k in chosen):
        photo, labels = source.picture(row)
        garment = Garment(main_class(labels), encode_paired(designer, photo, labels), boxes(labels))
        candidates.append(Candidate(garment, source, row, place, verdicts.get(source.names[row])))
    return candidates


def clean_maps(candidates: Sequence[Candidate], size: int) -> dict[int, np.ndarray]:
    """A map uint8 [S, S] of every main class: a template where there is one, else the fullest plain one of the data."""
    best: dict[int, tuple[float, Candidate]] = {}
    for one in candidates:
        labels, c = one.source.labels[one.row], one.garment.main
        score = float((labels == c).mean()) - (len(one.garment.codes) > 3)
        if c not in best or score > best[c][0]:
            best[c] = (score, one)
    templates = {main_class(one): one for one in list(draw_templates(size).values())[-2::-1]}  # the last is an outfit
    return {c: templates.get(c, np.array(one.source.labels[one.row])) for c, (_, one) in sorted(best.items())}


def audition(designer: Designer, candidates: Sequence[Candidate], c: int, labels: np.ndarray) -> Audition:
    """Paint every candidate on a map of class c, uint8 [S, S], and compare with its own picture."""
    suits, shown = np.arange(NUM_LABELS)[None] == c, labels == c
    rows = []
    for one in candidates:
        codes = fit_bank([one.garment], suits).sample(labels, lambda _: 0, 1.0, 1.0, {})
        painted = designer.renderer.paint(labels, Scene(codes, 0), len(labels))
        photo, worn = one.source.picture(one.row)
        own = worn == one.garment.main
        specks, theirs = _specks(*_window(painted, shown)), _specks(*_window(photo, own))
        blemish = _specks(painted, shown) + _stray(painted, shown)
        rows.append((specks - theirs, _stray(photo, own), blemish, _uneven(painted, shown), painted[shown].mean(0)))
    return Audition(*(np.array(column) for column in zip(*rows, strict=True)))


def passing(result: Audition, c: int) -> np.ndarray:
    """Numbers of those that keep plain cloth plain and prints whole, all of them: colours as common as they are."""
    whole = (result.print <= PRINT) | (c not in _MARKED)
    return np.flatnonzero((result.specks <= SPECKS) & (result.specks >= LOST) & whole)


def cleanest(result: Audition, numbers: np.ndarray, count: int) -> np.ndarray:
    """Of these numbers so many, colours spread evenly, from the clean share CLEAN of them, or more where it is few."""
    clean = numbers[np.argsort(result.blemish[numbers], kind="stable")][: max(count, int(CLEAN * len(numbers)))]
    return spread(clean, result.colour, count)


def spread(numbers: np.ndarray, colour: np.ndarray, most: int) -> np.ndarray:
    """Of numbers, `most` at most, colours spread evenly: every other one is the farthest from all before it."""
    chosen, left = [], list(numbers)
    away = np.full(len(colour), np.inf)
    while left and len(chosen) < most:
        chosen.append(left.pop(int(away[left].argmax()) if len(chosen) % 2 else 0))
        away = np.minimum(away, np.linalg.norm(colour - colour[chosen[-1]], axis=1))
    return np.array(chosen, np.int64)


def _window(picture: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The window of half the canvas's side that shows most of bool [S, S], and the mask there."""
    side = len(mask) // 2
    full = cv2.boxFilter(mask.astype(np.float32), -1, (side, side), None, (0, 0), False, cv2.BORDER_CONSTANT)
    y, x = np.unravel_index(full[: side + 1, : side + 1].argmax(), (side + 1, side + 1))
    return np.ascontiguousarray(picture[y : y + side, x : x + side]), mask[y : y + side, x : x + side]


def _specks(picture: np.ndarray, mask: np.ndarray) -> float:
    """Share of pixels well inside a mask that differ by more than 40 from the median around them."""
    away = np.abs(picture.astype(int) - cv2.medianBlur(picture, 9).astype(int)).max(2)
    return float((away[_inner(mask)] > 40).mean())


def _stray(picture: np.ndarray, mask: np.ndarray) -> float:
    """Share of pixels well inside a mask whose colour is more than 70 from the median colour there."""
    colours = picture[_inner(mask)].astype(int)
    return float((np.abs(colours - np.median(colours, 0)).max(1) > 70).mean())


def _uneven(picture: np.ndarray, mask: np.ndarray) -> float:
    """How much the colour well inside a mask varies, for its lightness: what is black would else seem the calmest."""
    colours = picture[_inner(mask)].astype(float)
    return float(colours.std(0).mean() / (40 + colours.mean()))


def _inner(mask: np.ndarray) -> np.ndarray:
    """What of bool [S, S] is well inside it; all of it where nothing is."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return inner if inner.any() else mask
