"""From sets of pictures to figures. Each function is one kind of measurement and needs no generator."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..data.dataset import Rows
from ..labels import BACKGROUND, LABELS
from .agreement import agreement
from .cases import REAL, Case, Pictures
from .frechet import feature_distance, frechet, statistics
from .lpips import distance
from .memorisation import SIDE, Nearest, nearest_photos, share_closer
from .networks import Network, resize
from .segmenter import Segmenter
from .yardsticks import shrink

FD, LPIPS, MIOU, ACCURACY, IOU = "FD-MobileNetV2", "LPIPS", "mIoU", "pixel accuracy", "IoU"
FINE, MARGIN = "fine contrast", 4
COPY, COPY_SHARE = "LPIPS to nearest training photo", "share nearer than 5 % of real photos"
HALVES = "one half of the real photos"


@dataclass(frozen=True)
class Figure:
    """One number and all that it depends on.

    Attributes:
        name: what is measured. pictures: of which pictures. against: compared with what.
        network: what it was measured with. count: how many pictures, or pairs. seed: of the evaluation.
    """

    name: str
    pictures: str
    value: float
    network: str
    count: int
    seed: int
    against: str


def frechet_figures(pictures: Pictures, case: Case, network: Network, reference: int, seed: int) -> list[Figure]:
    """FD-MobileNetV2 of every set against at most `reference` training photos; the floor also by halves."""
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(case.training))[:reference])
    training = statistics(network(Rows(case.training, chosen))[0])
    figures = []
    for name, some in pictures.items():
        features = network(some)[0]
        value = frechet(*statistics(features), *training)
        figures.append(Figure(FD, name, value, network.name, len(some), seed, f"{len(chosen)} training photos"))
        if name == REAL:
            order = rng.permutation(len(some))
            left, right = features[order[: len(some) // 2]], features[order[len(some) // 2 :]]
            value = feature_distance(left, right)
            figures.append(Figure(FD, HALVES, value, network.name, len(left), seed, f"the other {len(right)}"))
    return figures


def lpips_figures(pictures: Pictures, case: Case, network: Network, seed: int) -> list[Figure]:
    """Mean LPIPS of every set to the photos whose maps they show; the photos are embedded once for all sets."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in pictures if name != REAL}
    for start in range(0, len(case.photos), 16):
        block = slice(start, start + 16)
        photos = network(case.photos[block])
        for name, values in found.items():
            values.append(distance(network(pictures[name][block]), photos))
    count = len(case.photos)
    return [
        Figure(LPIPS, name, float(np.concatenate(values).mean()), network.name, count, seed, "own photo")
        for name, values in found.items()
    ]


def contrast_figures(pictures: Pictures, case: Case, seed: int) -> list[Figure]:
    """Fine contrast of every set: grain and edges of the cloth, which enlarged pictures lack and noisy ones overdo."""
    return [
        Figure(FINE, name, fine_contrast(some, case.labels), "grey levels", len(some), seed, "the mean of 3 x 3 pixels")
        for name, some in pictures.items()
    ]


def fine_contrast(pictures: np.ndarray, labels: np.ndarray) -> float:
    """Spread of what a pixel has beyond the mean of the 3 x 3 around it, in grey levels, mean over pictures.

    Counted MARGIN pixels inside the outline, which enlarging blurs so far.
    pictures uint8 [N, S, S, 3], labels uint8 [N, S, S].
    """
    around, spreads = np.ones((2 * MARGIN + 1,) * 2, np.uint8), []
    for picture, one in zip(pictures, labels, strict=True):
        inner = cv2.erode((one != BACKGROUND).astype(np.uint8), around, borderValue=0) > 0
        beyond = picture.astype(np.float32) - cv2.blur(picture.astype(np.float32), (3, 3))
        spreads.append(float(beyond[inner].std()) if inner.any() else 0.0)
    return float(np.mean(spreads))


def agreement_figures(pictures: Pictures, case: Case, segmenter: Segmenter, seed: int) -> list[Figure]:
    """Does the segmenter, trained on real photos, find in a picture what its map says? Real photos set the scale."""
    figures = []
    network = f"{segmenter.encoder.name}, decoder {segmenter.key}"
    labels = shrink(case.labels, segmenter.side)
    for name, some in pictures.items():
        result = agreement(segmenter(some), labels)
        values = {MIOU: result.miou, ACCURACY: result.accuracy}
        values |= {f"{IOU} of {LABELS[c].name}": value for c, value in result.iou.items()}
        figures += [Figure(key, name, v, network, len(some), seed, "its map") for key, v in values.items()]
    return figures


def memory_figures(
    pictures: Pictures, case: Case, network: Network, seed: int
) -> tuple[list[Figure], dict[str, Nearest]]:
    """Distances to the nearest training photo, for every set of pictures, and which photos those are."""
    small = np.concatenate([resize(some, SIDE) for some in pictures.values()])
    everything = nearest_photos(network, small, case.training)
    count = len(case.photos)
    nearest = {
        name: Nearest(everything.index[i * count : (i + 1) * count], everything.distance[i * count : (i + 1) * count])
        for i, name in enumerate(pictures)
    }
    against = f"{len(case.training)} training photos, {SIDE} px"
    figures = []
    for name, found in nearest.items():
        values = {f"{COPY}, {p} %": value for p, value in found.percentiles().items()}
        values[COPY_SHARE] = share_closer(found, nearest[REAL])
        figures += [Figure(key, name, v, network.name, count, seed, against) for key, v in values.items()]
    return figures, nearest


def class_figures(
    classes: np.ndarray, inside: np.ndarray, outside: np.ndarray, name: str, network: Network, seed: int
) -> list[Figure]:
    """mCSD and mOCD per class, then the mean over classes: three arrays [P], one entry for each re-rolled region."""
    figures = []
    for key, values in (("CSD", inside), ("OCD", outside)):
        means = {int(c): _mean(values[classes == c]) for c in np.unique(classes)}
        for c, value in means.items():
            count = int((classes == c).sum())
            figures.append(Figure(f"{key} of {LABELS[c].name}", name, value, network.name, count, seed, "re-rolled"))
        value = _mean(np.array(list(means.values())))
        figures.append(Figure(f"m{key}", name, value, network.name, len(classes), seed, "re-rolled, mean over classes"))
    return figures


def find_figure(figures: list[Figure], name: str, pictures: str) -> Figure | None:
    """The figure of that name for that set, if it was measured."""
    return next((f for f in figures if (f.name, f.pictures) == (name, pictures)), None)


def _mean(values: np.ndarray) -> float:
    """Mean of what could be measured: a garment without parts has nothing outside its one region (nan)."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
