"""Where the regions of a label map lie: boxes, crops for the encoder, windows of the canvas. NumPy only.

A class's *region* is all its pixels on one map; its *box* is the smallest rectangle around them. Codes live on a
G x G grid stretched over that box, so they stay aligned with the garment whatever its place and size on the canvas.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from .labels import BACKGROUND, LABELS, NUM_LABELS, pixel_counts

Box = tuple[int, int, int, int]
"""Half-open pixel box (top, left, bottom, right): the order of every box, in pixels or in shares 0..1."""


def classes_on(labels: np.ndarray) -> frozenset[int]:
    """Ids of the classes on maps uint8 [..., H, W]."""
    return frozenset(np.flatnonzero(pixel_counts(labels)[:NUM_LABELS]).tolist())


def boxes(labels: np.ndarray) -> dict[int, Box]:
    """Box of every class on one map, uint8 [H, W]; classes in ascending order."""
    return dict(_boxes(labels.tobytes(), labels.shape))


@lru_cache(maxsize=16)  # one stroke asks for the boxes of its map four times
def _boxes(pixels: bytes, shape: tuple[int, int]) -> tuple[tuple[int, Box], ...]:
    labels = np.frombuffer(pixels, np.uint8).reshape(shape)
    return tuple((c, bounds(labels == c)) for c in sorted(classes_on(labels)))


def bounds(mask: np.ndarray) -> Box:
    """Box of what is True in bool [H, W], True somewhere."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def halved(labels: np.ndarray) -> np.ndarray:
    """Every second pixel of maps [..., 2S, 2S]: what a network sees that paints half the canvas's side."""
    return labels[..., 1::2, 1::2]


def doubled(labels: np.ndarray) -> np.ndarray:
    """Maps [..., S, S] with every pixel twice in both directions; `halved` gives them back."""
    return labels.repeat(2, -1).repeat(2, -2)


def main_class(labels: np.ndarray) -> int:
    """The class with most pixels on one map, parts only when there is nothing else.

    Raises:
        ValueError: the map is all background.
    """
    counts = pixel_counts(labels)[:NUM_LABELS]
    if not counts.any():
        raise ValueError("expected a map with at least one painted pixel, but it is all background")
    from_garments = counts * np.array([not label.is_part for label in LABELS])
    return int((from_garments if from_garments.any() else counts).argmax())


def parent_garments(labels: np.ndarray) -> dict[int, int]:
    """Which garment every class on one map, uint8 [H, W], belongs to: itself, or for a part the one it borders on most.

    A part that touches no garment belongs to the main class.
    """
    return dict(_parents(labels.tobytes(), labels.shape))


@lru_cache(maxsize=16)  # eight variations ask for those of one map
def _parents(pixels: bytes, shape: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    labels = np.frombuffer(pixels, np.uint8).reshape(shape)
    neighbours = [(labels[:, 1:], labels[:, :-1]), (labels[1:], labels[:-1])]
    meeting = [a[a != b].astype(np.int64) * 256 + b[a != b] for a, b in neighbours]
    border = np.bincount(np.concatenate(meeting), minlength=256 * 256).reshape(256, 256)
    border = (border + border.T)[:NUM_LABELS, :NUM_LABELS] * np.array([not label.is_part for label in LABELS])
    main = main_class(labels)
    touched = {c: int(border[c].argmax()) if border[c].any() else main for c in sorted(classes_on(labels))}
    return tuple((c, touched[c] if LABELS[c].is_part else c) for c in touched)


@dataclass(frozen=True)
class Regions:
    """Every (picture, class) pair of a batch that has pixels; P of them in all.

    Attributes:
        crops: uint8 [P, 4, side, side]; RGB of the class's pixels in its box (others 128) and their mask (0 or 255).
        index: int64 [P]; the (picture, class) index n * NUM_LABELS + c into codes flattened over pictures and classes.
        padding: int64 [P, G * G]; for every cell the cell whose code it takes (see `padding_index`): codes are complete
            and fit a region of any outline.
    """

    crops: np.ndarray
    index: np.ndarray
    padding: np.ndarray

    @property
    def classes(self) -> np.ndarray:
        """int64 [P]: class id of each pair."""
        return self.index % NUM_LABELS

    @property
    def pictures(self) -> np.ndarray:
        """int64 [P]: index of the picture in the batch."""
        return self.index // NUM_LABELS


def regions(images: np.ndarray, labels: np.ndarray, side: int, grid: int) -> Regions:
    """Cut every class out of every picture (SMIS, section 3.2: each class fills its own canvas).

    Args:
        images: uint8 RGB [N, S, S, 3]. labels: uint8 [N, S, S]. side: of a crop. grid: side of the code grid.
    """
    crops, index, padding = [], [], []
    for n in range(len(images)):
        for c, (top, left, bottom, right) in boxes(labels[n]).items():
            mask = (labels[n, top:bottom, left:right] == c).astype(np.float32)
            crops.append(_crop(images[n, top:bottom, left:right], mask, side))
            index.append(n * NUM_LABELS + c)
            padding.append(padding_index(mask, grid))
    if not index:
        raise ValueError("expected at least one painted pixel in the batch, but every map is all background")
    return Regions(np.stack(crops), np.array(index, np.int64), np.stack(padding))


def _crop(picture: np.ndarray, mask: np.ndarray, side: int) -> np.ndarray:
    shrinks = min(mask.shape) > side
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    weight = cv2.resize(mask, (side, side), interpolation=interpolation)
    # colour is averaged over the class's own pixels only, so that neighbours do not bleed into the crop
    color = cv2.resize(picture * mask[..., None], (side, side), interpolation=interpolation)
    inside = weight > 0.25
    result = np.full((4, side, side), 128, np.uint8)
    result[:3, inside] = np.rint(color[inside] / weight[inside, None]).T
    result[3] = inside * np.uint8(255)
    return result


COVERED, SOLID = 0.5, 0.95
"""Share of a code cell that a region must cover for the cell to keep its code, and to lend it to empty cells."""


def padding_index(mask: np.ndarray, grid: int) -> np.ndarray:
    """int64 [G * G]: for every cell of the grid over this float mask [h, w] the cell whose code it takes.

    Cells the region covers keep their own. An empty cell looks into the mirror that stands at the nearest solid cell:
    cloth goes on as cloth. (The nearest cell itself, repeated, is painted as streaks; a cell the outline crosses, of
    which the encoder saw little, as specks.) In regions so thin that few cells are solid, the fullest quarter is.
    """
    coverage = cv2.resize(mask, (grid, grid), interpolation=cv2.INTER_AREA)
    full = float(np.quantile(coverage[coverage > 0], 0.75))
    solid, own = coverage >= min(SOLID, full), np.arange(grid * grid).reshape(grid, grid)
    source = nearest(solid)
    y, x = (2 * s - p for s, p in zip(np.divmod(source, grid), np.divmod(own, grid), strict=True))
    inside = (y >= 0) & (y < grid) & (x >= 0) & (x < grid)
    mirrored = np.where(inside, y * grid + x, source)
    mirrored = np.where(solid.ravel()[mirrored], mirrored, source)
    return np.where(coverage >= min(COVERED, full), own, mirrored).ravel()


def nearest(wanted: np.ndarray) -> np.ndarray:
    """int64 [h, w]: flat index of the nearest cell where bool [h, w] holds."""
    rest = (~wanted).astype(np.uint8)
    nearest = cv2.distanceTransformWithLabels(rest, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)[1].astype(np.int64)
    index_of = np.zeros(int(nearest.max()) + 1, np.int64)
    index_of[nearest[wanted]] = np.flatnonzero(wanted)
    return index_of[nearest]


def part_of(code: np.ndarray, box: Box, part: Box) -> np.ndarray:
    """What a code [C, G, G] over `box` says of the box `part`, float32 [C, G, G]; beyond its own box it is mirrored."""
    (above, dy), (before, dx) = _between(box, part, 0, code.shape[1]), _between(box, part, 1, code.shape[1])
    code = code.astype(np.float64)
    rows = code[:, above] * (1 - dy)[:, None] + code[:, above + 1] * dy[:, None]
    return (rows[:, :, before] * (1 - dx) + rows[:, :, before + 1] * dx).astype(np.float32)


def _between(box: Box, part: Box, axis: int, grid: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the cells of a part lie on its garment's grid, along one axis: cell before int64 [G], share of the next."""
    start, length = box[axis], box[axis + 2] - box[axis]
    place = part[axis] + (np.arange(grid) + 0.5) * (part[axis + 2] - part[axis]) / grid
    place = np.abs((place - start) / length * grid - 0.5)
    place = np.clip(grid - 1 - np.abs(grid - 1 - place), 0, grid - 1)
    before = np.minimum(np.floor(place), grid - 2).astype(np.int64)
    return before, place - before


WINDOW_STEP = 32
"""Windows start at multiples of this, so that a window's coarse levels sample the very pixels the canvas's would."""


def windows(labels: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Corners int64 [N, 2] of a random window on every map, uint8 [N, S, S], each around a random painted pixel."""
    last = (labels.shape[1] - side) // WINDOW_STEP
    corners = []
    for one in labels:
        painted = np.flatnonzero(one != BACKGROUND)
        centre = np.array(divmod(int(painted[rng.integers(len(painted))]), one.shape[1]))
        step = np.rint((centre - side / 2 + rng.uniform(-16, 16, 2)) / WINDOW_STEP).astype(np.int64)
        corners.append(np.clip(step, 0, last) * WINDOW_STEP)
    return np.stack(corners)


FULL, ANYWHERE = 0.8, 0.2
"""How much of the fullest window's cloth a window must hold; share of windows that may lie on sleeves and collars."""


def cloth_windows(labels: np.ndarray, mains: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Corners int64 [N, 2] of a random window full of its map's main class, uint8 [N, S, S] and int64 [N].

    ANYWHERE of them are those of `windows`.
    """
    corners = windows(labels, side, rng)
    for n, main in enumerate(mains):
        if rng.random() < ANYWHERE:
            continue
        steps = range(0, labels.shape[1] - side + 1, WINDOW_STEP)
        spots = np.array([(top, left) for top in steps for left in steps])
        cloth = np.array([(labels[n, y : y + side, x : x + side] == main).sum() for y, x in spots])
        full = np.flatnonzero(cloth >= FULL * cloth.max())
        corners[n] = spots[rng.choice(full)]
    return corners


SPECK = 0.05
"""Share of a class's pixels below which a component is a speck and no part of a pair."""


def gaps(labels: np.ndarray) -> dict[int, float]:
    """Classes that lie apart, left and right -> middle of their widest empty column of air, as a share of their box."""
    found = {c: _gap(labels[top:bottom, left:right] == c) for c, (top, left, bottom, right) in boxes(labels).items()}
    return {c: share for c, share in found.items() if share is not None}


def _gap(region: np.ndarray) -> float | None:
    """`gaps` of one region, bool [h, w]; None where its components, specks apart, are one or lie one above another."""
    part = region.view(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    large = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= SPECK * part.sum()]
    spans = sorted((int(s[cv2.CC_STAT_LEFT]), int(s[cv2.CC_STAT_LEFT] + s[cv2.CC_STAT_WIDTH])) for s in large)
    ends = np.maximum.accumulate([stop for _, stop in spans])[:-1]
    air = [(start - end, (start + end) / 2) for end, (start, _) in zip(ends, spans[1:], strict=True) if start >= end]
    return float(max(air)[1] / part.shape[1]) if air else None
