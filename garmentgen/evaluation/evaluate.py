"""The whole evaluation: pictures, figures, yardsticks, sheets, report. Twice run, twice the same figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..acceleration import accelerated
from ..errors import UserError
from ..labels import BACKGROUND, NUM_LABELS, colorize
from ..photo import write_png
from .cases import FLAT, NEAREST, PRIOR, REAL, RECONSTRUCTION, Case, Pictures, choose, generate, make_pictures, varied
from .diversity import class_diversity
from .figures import (
    LPIPS,
    Figure,
    agreement_figures,
    class_figures,
    contrast_figures,
    frechet_figures,
    lpips_figures,
    memory_figures,
)
from .lpips import lpips
from .memorisation import Nearest
from .networks import FEATURES, Network, load_lpips, load_mobilenet, load_mobilenet_taps
from .report import Facts, write_report
from .segmenter import cached_segmenter
from .sheets import sheet

if TYPE_CHECKING:
    from ..data.dataset import Garments
    from ..inference import Designer

Progress = Callable[[str], object]

LEVELS = (0.0, 0.5, 1.0, 1.5)
"""Diversities that are compared."""
_SECOND, _REROLL = 1_000_000, 2_000_000  # added to a sample's seed: its second draw, a re-rolled region


@accelerated()  # the segmenter trains three times as fast where a compiler is found
def evaluate(
    designer: Designer,
    garments: Garments,
    train: np.ndarray,
    scored: np.ndarray,
    report_dir: str | Path,
    *,
    others: Mapping[str, Designer] | None = None,
    seed: int = 0,
    limit: int | None = 250,
    reference: int = 1000,
    level_maps: int = 32,
    class_maps: int = 10,
    epochs: int = 6,
    features: str | Path = FEATURES,
    progress: Progress = print,
) -> list[Figure]:
    """Measure a designer on photos it was not trained on; writes report.json, report.md and four PNG sheets.

    Args:
        train: rows of `garments` the weights were trained on: the reference of distances, the segmenter's photos, the
            photos a sample might have been copied from. Rows drawn from `scored` are left out of it.
        scored: rows to score, usually the validation split.
        report_dir: gets the report; its `cache` keeps the segmenter for the next evaluation on the same photos. The
            sheets show photographs: keep them to yourself if the photographs are not yours to publish.
        others: more designers by name, e.g. the same weights with another prior; only their samples are scored.
        seed: of every choice made here. limit: at most that many maps, None for all.
        reference: at most that many training photos for the Frechet distance.
        level_maps: maps drawn at four diversities, twice each. class_maps: re-rolled regions of each class.
        epochs: of the segmenter's training.
        features: folder of the feature networks.

    Raises:
        UserError: a feature network is missing, the photos are not of the designer's size, or there are too few.
    """
    folder, others = Path(report_dir), dict(others or {})
    _check_size([designer, *others.values()], garments)
    alex, mobile, taps = load_lpips(features), load_mobilenet(features), load_mobilenet_taps(features)
    case = choose(garments, train, scored, limit, seed)
    segmenter = cached_segmenter(taps, case.training, case.training_labels, folder / "cache", seed, epochs, progress)
    pictures, overlap = make_pictures(designer, others, case, seed, progress)
    progress("measuring")
    figures = frechet_figures(pictures, case, mobile, reference, seed)
    figures += lpips_figures(pictures, case, alex, seed)
    figures += contrast_figures(pictures, case, seed)
    figures += agreement_figures(pictures, case, segmenter, seed)
    progress("looking for the nearest training photos")
    found, nearest = memory_figures(pictures, case, alex, seed)
    figures += found
    levels = sample_levels(designer, case, level_maps, seed, progress)
    figures += level_figures(levels, alex, seed)
    for name, one in {PRIOR: designer, **{f"{PRIOR}, {name}": one for name, one in others.items()}}.items():
        progress(f"re-rolling regions: {name}")
        figures += reroll_figures(one, case, pictures[name], name, alex, class_maps, seed)
    write_report(folder, figures, _facts(designer, case, overlap, seed), [mobile, alex, taps])
    write_sheets(folder, pictures, case, levels, nearest[PRIOR])
    return figures


def _check_size(designers: list[Designer], garments: Garments) -> None:
    for one in designers:
        if garments.size != one.size:
            raise UserError(
                f"the designer's canvas is {one.size} px, but the photos were prepared at {garments.size} px; "
                f"run prepare with --size {one.size}, or load the designer with size={garments.size}"
            )


def _facts(designer: Designer, case: Case, overlap: float, seed: int) -> Facts:
    return {
        "weights": designer.weights_hash,
        "size": f"{case.labels.shape[1]} px",
        "photos scored": len(case.photos),
        "training photos": len(case.training),
        "seed": seed,
        "mean overlap of the nearest training map": round(overlap, 4),
    }


def sample_levels(
    designer: Designer, case: Case, maps: int, seed: int, progress: Progress
) -> dict[float, tuple[np.ndarray, np.ndarray]]:
    """Two samples of each of some varied maps at every diversity: level -> two arrays uint8 [M, S, S, 3]."""
    progress(f"sampling at diversities {', '.join(f'{level:g}' for level in LEVELS)}")
    chosen = varied(case.labels, maps)

    def draw(level: float, base: int) -> np.ndarray:
        return np.stack([generate(designer, case.labels[i], base + int(i), level) for i in chosen])

    return {level: (draw(level, seed), draw(level, seed + _SECOND)) for level in LEVELS}


def level_figures(levels: dict[float, tuple[np.ndarray, np.ndarray]], network: Network, seed: int) -> list[Figure]:
    """LPIPS between two samples of one map: how much the dice change."""
    figures = []
    for level, (a, b) in levels.items():
        value = float(lpips(network, a, b).mean())
        name = f"{LPIPS} between two samples"
        figures.append(Figure(name, f"diversity {level:g}", value, network.name, len(a), seed, "another seed"))
    return figures


def reroll_figures(
    designer: Designer, case: Case, samples: np.ndarray, name: str, network: Network, maps: int, seed: int
) -> list[Figure]:
    """mCSD and mOCD: up to `maps` samples of each class that covers .5 % of the map, that class re-rolled."""
    chosen: list[tuple[int, int]] = []
    for c in range(NUM_LABELS):
        covers = np.flatnonzero((case.labels == c).mean((1, 2)) >= 0.005)
        chosen += [(c, int(i)) for i in covers[:maps]]
    if not chosen:
        return []
    classes, index = (np.array(column) for column in zip(*chosen, strict=True))

    def rerolled(c: int, i: int) -> np.ndarray:
        look = designer.reroll(designer.look(case.labels[i], seed=seed + i), c, seed=seed + _REROLL + i)
        return designer.render(look, case.labels.shape[1])

    after = np.stack([rerolled(c, i) for c, i in chosen])
    labels = case.labels[index]
    region = labels == classes[:, None, None]
    inside, outside = class_diversity(network, samples[index], after, region, labels != BACKGROUND)
    return class_figures(classes, inside, outside, name, network, seed)


def write_sheets(
    folder: Path,
    pictures: Pictures,
    case: Case,
    levels: dict[float, tuple[np.ndarray, np.ndarray]],
    nearest: Nearest,
) -> None:
    """comparison.png, yardsticks.png, diversity.png, memorisation.png."""
    maps = colorize(case.labels)
    chosen = varied(case.labels, 8)
    rows = [[pictures[PRIOR][i], case.photos[i], maps[i]] for i in chosen]
    write_png(folder / "comparison.png", sheet(rows, ["generated", "ground truth", "coloured map"]))
    names = [REAL, RECONSTRUCTION, *(name for name in pictures if name.startswith(PRIOR)), FLAT, NEAREST]
    write_png(folder / "yardsticks.png", sheet([[pictures[name][i] for name in names] for i in chosen], names))
    drawn = min(4, len(levels[LEVELS[0]][0]))
    rows = [[maps[i], *(levels[v][k][j] for v in LEVELS)] for j, i in enumerate(chosen[:drawn]) for k in (0, 1)]
    headings = ["coloured map", *(f"diversity {level:g}" for level in LEVELS)]
    write_png(folder / "diversity.png", sheet(rows, headings))
    closest = nearest.closest(12)
    rows = [[pictures[PRIOR][i], case.training[nearest.index[i]], case.photos[i]] for i in closest]
    write_png(folder / "memorisation.png", sheet(rows, ["sample", "nearest training photo", "the map's own photo"]))
