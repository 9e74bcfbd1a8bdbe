"""The wardrobe of a bank: every training garment auditions for the classes it may dress, by being painted on a map.

Decoders paint most codes well and some badly, on another map than their own. A garment that paints well keeps what
does not depend on where things are: the statistics of its photograph's features (Gatys et al., CVPR 2016), and a plain
cloth stays plain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import paddle

from ..config import DataConfig
from ..data.dataset import Garments, split_of
from ..geometry import boxes, main_class
from ..inference import Designer
from ..labels import NUM_LABELS, find
from ..models.features import PerceptualFeatures
from ..priors.bank import Bank, Garment, fit_bank
from ..scenes import Scene
from ..synthetic.templates import draw_templates

CANDIDATES, KEPT, FEWEST = 160, 64, 28
"""At most so many garments audition for a class, photographs first, at most so many are kept for it,
and so many where as many audition, well or not."""
TRUE, SPECKS, LOST = 0.65, 0.012, -0.05
"""Share of a class's candidates that are true enough to their pictures; share of specks that is too much; and too
little: where a picture's marks are lost, its print has become something else."""
STRAY = 0.025
"""The share of a cloth that may be far from its colour: more is a print, which tears on another outline."""
TAPS = ("relu2_2", "relu3_3")
RELATED = {
    "sweater": ("top",), "cardigan": ("top", "jacket"), "vest": ("jacket", "top"), "cape": ("coat", "jacket"),
    "coat": ("jacket",), "jumpsuit": ("dress", "shirt"), "bag": ("jacket", "top"), "scarf": ("top",),
    "glove": ("jacket", "top"), "leg warmer": ("top",), "tights": ("top",), "sock": ("top",), "tie": ("shirt", "dress"),
    "belt": ("jacket", "shoe"), "headband": ("top", "dress"), "umbrella": ("dress", "jacket"),
    "glasses": ("shoe", "hat"), "watch": ("shoe", "jacket"),
}  # fmt: skip
"""Whose cloth a class with few photographs of its own may wear: its tables in the decoder make it knit or strap."""
_KIN = {find(name).id: [find(one).id for one in others] for name, others in RELATED.items()}


@dataclass(frozen=True)
class Candidate:
    """A training garment and its picture: a row of a prepared folder, and the folder's place among the sources."""

    garment: Garment
    source: Garments
    row: int
    place: int


@dataclass(frozen=True)
class Audition:
    """How A garments paint a class: distance [A] of statistics from their own pictures, nan where not compared; share
    of specks [A] beyond their pictures'; share [A] of the cloth far from its colour; mean colour [A, 3]."""

    distance: np.ndarray
    specks: np.ndarray
    stray: np.ndarray
    colour: np.ndarray


def fit_wardrobe(designer: Designer, features: PerceptualFeatures, candidates: Sequence[Candidate], seed: int) -> Bank:
    """The bank of the candidates that pass for their own classes, and of which related classes they pass for too."""
    rng, maps = np.random.default_rng(seed), clean_maps(candidates, designer.config.size)
    mains, place = (np.array([f(one) for one in candidates]) for f in (lambda c: c.garment.main, lambda c: c.place))
    suits = np.zeros((len(candidates), NUM_LABELS), bool)
    blemish = np.full(suits.shape, np.inf)

    def hear(numbers: np.ndarray, c: int) -> None:
        if len(numbers):
            result = audition(designer, features, [candidates[k] for k in numbers], c, maps[c])
            suits[numbers[choose(result, KEPT)], c] = True
            blemish[numbers, c] = result.specks + result.stray

    for c in maps:
        own = rng.permutation(np.flatnonzero(mains == c))
        hear(own[np.argsort(place[own], kind="stable")][:CANDIDATES], c)
        print(f"{suits[:, c].sum()} of {len(own)} garments suit class {c}", flush=True)
    kept = np.flatnonzero(suits.any(1))
    for c in [c for c in maps if c in _KIN]:
        hear(rng.permutation(kept[np.isin(mains[kept], _KIN[c])])[:CANDIDATES], c)
    for c in maps:  # where few passed, the cleanest of the others: every seed of a hand shall find another garment
        spare = np.flatnonzero(~suits[:, c] & np.isfinite(blemish[:, c]))
        short = max(0, FEWEST - int(suits[:, c].sum()))
        suits[spare[blemish[spare, c].argsort()][:short], c] = True
    kept = np.flatnonzero(suits.any(1))
    return fit_bank([candidates[k].garment for k in kept.tolist()], suits[kept])


def encode_candidates(designer: Designer, sources: Sequence[Garments], data: DataConfig, most: int) -> list[Candidate]:
    """Training pictures of the sources, `most` evenly spread ones at most, encoded as they are; none held out."""
    rows = [(one, int(k), place) for place, one in enumerate(sources) for k in split_of(len(one), data)[0]]
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)).tolist()
    candidates = []
    for source, row, place in (rows[k] for k in chosen):
        photo, labels = source.picture(row)
        garment = Garment(main_class(labels), designer.encode(photo, labels), boxes(labels))
        candidates.append(Candidate(garment, source, row, place))
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


def audition(
    designer: Designer, features: PerceptualFeatures, candidates: Sequence[Candidate], c: int, labels: np.ndarray
) -> Audition:
    """Paint every candidate on a map of class c, uint8 [S, S], and compare with its own picture."""
    suits = np.arange(NUM_LABELS)[None] == c
    rows = []
    for one in candidates:
        codes = fit_bank([one.garment], suits).sample(labels, lambda _: 0, 1.0, 1.0, {})
        painted = designer.renderer.paint(labels, Scene(codes, 0), len(labels)), labels == c
        photo, worn = one.source.picture(one.row)
        both = painted, (photo, worn == one.garment.main)
        grams = [_grams(features, *_window(*each)) for each in both] if one.garment.main == c else None
        specks = [_specks(*_window(*each)) for each in both]
        rows.append(
            (
                _distance(*grams) if grams else np.nan,
                specks[0] - specks[1],
                _stray(*painted),
                painted[0][painted[1]].mean(0),
            )
        )
    return Audition(*(np.array(column) for column in zip(*rows, strict=True)))


def choose(result: Audition, most: int) -> np.ndarray:
    """Numbers of those that paint well, `most` at most: cloth that is plain, and true enough to its picture.

    What a class adds to any cloth, as stitches and buttons, is no fault: the median sets what is allowed.
    """
    compared = ~np.isnan(result.distance).any() and len(result.distance) > 0
    limit = np.quantile(result.distance, TRUE) if compared else np.inf
    true = ~(result.distance > limit)  # what was not compared passes
    specks = result.specks - max(0.0, float(np.median(result.specks)))
    plain = result.stray <= max(STRAY, float(np.median(result.stray)))
    return spread(np.flatnonzero(true & plain & (specks <= SPECKS) & (specks >= LOST)), result.colour, most)


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


def _grams(features: PerceptualFeatures, picture: np.ndarray, mask: np.ndarray) -> list[np.ndarray]:
    """Gram matrices of a picture's features inside a mask; of all of them where the mask holds no whole cells."""
    with paddle.no_grad():
        tapped = features(paddle.to_tensor((picture / np.float32(127.5) - 1).transpose(2, 0, 1)[None]))
    grams = []
    for values in (one.numpy()[0] for one in tapped):
        inside = cv2.resize(mask.astype(np.float32), values.shape[:0:-1], interpolation=cv2.INTER_AREA) > 0.9
        values = values[:, inside] if inside.sum() > 16 else values.reshape(len(values), -1)
        grams.append(values @ values.T / values.shape[1])
    return grams


def _distance(grams: list[np.ndarray], others: list[np.ndarray]) -> float:
    """Mean logarithm of relative distances: both taps count alike."""
    away = [np.linalg.norm(a - b) / (np.linalg.norm(b) + 1e-6) for a, b in zip(grams, others, strict=True)]
    return float(np.mean(np.log(np.array(away) + 1e-6)))


def _specks(picture: np.ndarray, mask: np.ndarray) -> float:
    """Share of pixels well inside a mask that differ by more than 40 from the median around them."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    inner = inner if inner.any() else mask
    away = np.abs(picture.astype(int) - cv2.medianBlur(picture, 9).astype(int)).max(2)
    return float((away[inner] > 40).mean())


def _stray(picture: np.ndarray, mask: np.ndarray) -> float:
    """Share of pixels well inside a mask whose colour is more than 70 from the median colour there."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    colours = picture[inner if inner.any() else mask].astype(int)
    return float((np.abs(colours - np.median(colours, 0)).max(1) > 70).mean())
