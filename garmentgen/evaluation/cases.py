"""What is measured: the maps and photos chosen for an evaluation, and the sets of pictures made on those maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..data.dataset import Rows
from ..errors import UserError
from ..labels import BACKGROUND, NUM_LABELS
from .yardsticks import flat, nearest_map, paste

if TYPE_CHECKING:
    from ..data.dataset import Garments
    from ..inference import Designer
    from ..looks import Look

REAL, FLAT, NEAREST = "real photos", "flat", "nearest"
RECONSTRUCTION, PRIOR = "reconstructions", "prior samples"
ENLARGED = "enlarged"
"""Ends the name of a set painted at the smaller size and enlarged to the photos'."""
Pictures = dict[str, np.ndarray]
"""Name of a set -> uint8 [N, S, S, 3], in the order of the chosen maps."""


@dataclass(frozen=True)
class Case:
    """The chosen photos with their maps, and the training photos that nothing chosen is among.

    Attributes:
        photos, training: uint8 [N, S, S, 3] and [M, S, S, 3]. labels, training_labels: uint8 [N, S, S] and [M, S, S].
    """

    photos: np.ndarray
    labels: np.ndarray
    training: Rows
    training_labels: Rows


def choose(garments: Garments, train: np.ndarray, scored: np.ndarray, limit: int | None, seed: int) -> Case:
    """Draw at most `limit` of the rows `scored`; what is drawn is taken out of the training rows.

    Raises:
        UserError: fewer than four photos are left on either side.
    """
    chosen = np.sort(np.random.default_rng(seed).permutation(scored)[:limit])
    rest = np.setdiff1d(train, chosen)
    if min(len(chosen), len(rest)) < 4:
        raise UserError(
            f"an evaluation needs at least 4 photos to score and 4 training photos, but there are {len(chosen)} and "
            f"{len(rest)}; prepare more photos or choose another split"
        )
    training = Rows(garments.images, rest), Rows(garments.labels, rest)
    return Case(garments.images[chosen], garments.labels[chosen], *training)


def make_pictures(
    designer: Designer, others: Mapping[str, Designer], case: Case, seed: int, progress: Callable[[str], object]
) -> tuple[Pictures, float]:
    """All sets of pictures, and the mean overlap of the nearest maps.

    Map i is sampled with seed `seed + i`; reconstructions are codes of the map's own photo. Where the photos are larger
    than the weights' smaller size, that one's pictures, enlarged, show what the detail of the larger adds.
    """
    maps = range(len(case.labels))
    index, overlap = nearest_map(case.labels, case.training_labels)
    pictures = {
        REAL: case.photos,
        FLAT: np.stack([flat(case.photos[i], case.labels[i]) for i in maps]),
        NEAREST: np.stack(
            [paste(case.training[j], case.training_labels[j], case.labels[i]) for i, j in enumerate(index)]
        ),
    }

    def paint(name: str, one: Designer, looks: list[Look]) -> None:
        size, small = case.labels.shape[1], one.sizes[0]
        pictures[name] = np.stack([one.render(look, size) for look in looks])
        if size > small:
            pictures[f"{name}, {ENLARGED}"] = np.stack([enlarge(one.render(look, small), size) for look in looks])

    progress(f"reconstructing {len(maps)} photos")
    paint(RECONSTRUCTION, designer, [reconstruct(designer, case.photos[i], case.labels[i]) for i in maps])
    for name, other in {PRIOR: designer, **{f"{PRIOR}, {name}": other for name, other in others.items()}}.items():
        progress(f"sampling {len(maps)} maps: {name}")
        paint(name, other, [other.look(case.labels[i], seed + i) for i in maps])
    return pictures, float(overlap.mean())


def reconstruct(designer: Designer, photo: np.ndarray, labels: np.ndarray) -> Look:
    """The look whose codes are those of a photo uint8 [S, S, 3] with its map."""
    return designer.style_from_photo(designer.look(labels), photo, labels)


def enlarge(picture: np.ndarray, size: int) -> np.ndarray:
    """A picture uint8 RGB [S, S, 3] at another size, bicubic: what anyone can have without a network."""
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_CUBIC)


def generate(designer: Designer, labels: np.ndarray, seed: int, diversity: float = 1.0) -> np.ndarray:
    """A sample of a map uint8 [S, S] at the map's own size."""
    return designer.generate(labels, seed, diversity, size=len(labels))


def varied(labels: np.ndarray, count: int) -> np.ndarray:
    """Positions of up to `count` maps of uint8 [N, S, S] with main classes as different as possible."""
    areas = np.stack([np.bincount(one[one != BACKGROUND], minlength=NUM_LABELS) for one in labels])  # [N, K]
    main = areas.argmax(1)
    turn = np.array([(main[:i] == main[i]).sum() for i in range(len(main))])  # the how-manieth of its class
    return np.lexsort((np.arange(len(main)), turn))[:count]
