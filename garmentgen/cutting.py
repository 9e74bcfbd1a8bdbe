"""A garment cut out of a photograph of any framing: what is it, and where does its cloth lie? NumPy and OpenCV only.

It is found by GrabCut (Rother, Kolmogorov and Blake, "GrabCut: interactive foreground extraction using iterated graph
cuts", SIGGRAPH 2004), which on a plain ground starts from what differs in colour from the ground, on a busy one from
all that may be garment. A box says where to look. It works on a small copy, so that a photo's size costs no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .checks import shown
from .cloth import to_lab
from .errors import UserError
from .geometry import Box, bounds
from .labels import BACKGROUND, pixel_counts
from .maps import Picture, read_whole_photo

KEPT = 1024
"""Longest side, in pixels, of the copy that cloth is taken from."""
SIDE = 192
"""Longest side of the copy in which the garment is sought: GrabCut takes a tenth of a second there."""
FRAME = 0.03
"""Share of a photo's longer side at its edge that is taken for ground where no box is given."""
AROUND = 0.15
"""Share of a box's longer side that is looked at around it."""
PLAIN = 0.75
"""Share of the ground that must be near its own colour for the ground to be plain."""
NEAR, SHADE = 9.0, 0.5
"""Distance in Lab up to which colours are the ground's; weight of lightness in it, for shadows are no garment."""
LEAST, LEAST_OF_BOX = 0.02, 0.25
"""Share of a photo, or of a box drawn around it, that a garment must fill."""
LIKE = 0.5
"""Other objects at least this large beside the largest belong to it: shoes come in pairs."""
HOLE = 0.02
"""Holes up to this share of a garment are a print as pale as the ground; larger ones, air between body and sleeve."""
ROUNDS = 4
"""Iterations of GrabCut; more change little."""
EDGE = 0.9
"""Share of a pixel that must be cloth, so that no ground shows along the edge."""
COVERED = 0.1
"""Share of a class that must be covered for the photo to show how it looks."""


@dataclass(frozen=True)
class Cut:
    """A photo and what of it is cloth.

    Attributes:
        photo: uint8 RGB [h, w, 3], upright, up to KEPT pixels a side. mask: bool [h, w], True somewhere.
    """

    photo: np.ndarray
    mask: np.ndarray

    @property
    def box(self) -> Box:
        """The smallest rectangle around what was cut out, in pixels of `photo`."""
        return bounds(self.mask)


def cut_garment(source: Picture, box: Sequence[float] | None = None, whole: bool = False) -> Cut:
    """Find the garment of a photo: the largest object, or the one inside a box.

    Args:
        source: anything `read_photo` takes, of any framing.
        box: (top, left, bottom, right) in shares 0..1 of the upright photo; what it holds is taken whole where nothing
            in it differs from what is around it, as in a box drawn on cloth.
        whole: take the box, or without one the photo, as it is.

    Raises:
        UserError: no picture, no box, or no object.
    """
    photo = read_whole_photo(source, KEPT)
    height, width = photo.shape[:2]
    top, left, bottom, right = _pixels(box, height, width) if box is not None else (0, 0, height, width)
    boxed = np.zeros((height, width), bool)
    boxed[top:bottom, left:right] = True
    if whole:
        return Cut(photo, boxed)
    margin = round(AROUND * max(bottom - top, right - left)) if box is not None else 0
    seen = (slice(max(0, top - margin), bottom + margin), slice(max(0, left - margin), right + margin))
    inside = boxed[seen].copy()
    if box is None:
        frame = max(1, round(FRAME * max(height, width)))
        inside[:frame] = inside[-frame:] = inside[:, :frame] = inside[:, -frame:] = False
    found = find_object(photo[seen], inside, LEAST if box is None else LEAST_OF_BOX)
    if found is None:
        if box is None:
            raise UserError(
                "no garment was found in this photo: nothing stands out from its ground; draw a box around the garment"
            )
        return Cut(photo, boxed)
    mask = np.zeros_like(boxed)
    mask[seen] = found
    return Cut(photo, mask)


def _pixels(box: Sequence[float], height: int, width: int) -> Box:
    values = tuple(box) if isinstance(box, Sequence) else ()
    if not (len(values) == 4 and all(isinstance(v, (int, float)) and 0 <= v <= 1 for v in values)):
        raise UserError(f"a box is (top, left, bottom, right) in shares 0..1 of the photo, but this is {shown(box)}")
    top, left, bottom, right = (round(v * side) for v, side in zip(values, (height, width) * 2, strict=True))
    if bottom - top < 2 or right - left < 2:
        raise UserError("this box is empty: its bottom and right lie below and right of its top and left")
    return top, left, bottom, right


def laid_over(cut: Cut, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What was cut out, its box stretched over that of everything on a map: photo uint8 RGB [S, S, 3] and map [S, S].

    The map keeps its classes where cloth came to lie on them, but none of which cloth covers less than COVERED.

    Args:
        labels: uint8 [S, S], something painted on it.
    """
    top, left, bottom, right = bounds(labels != BACKGROUND)
    there = slice(top, bottom), slice(left, right)
    height, width = labels[there].shape
    top, left, bottom, right = cut.box
    shrinks = cv2.INTER_AREA if height < bottom - top and width < right - left else cv2.INTER_LINEAR
    cloth = cv2.resize(cut.photo[top:bottom, left:right], (width, height), interpolation=shrinks)
    inside = cut.mask[top:bottom, left:right].astype(np.float32)
    inside = cv2.resize(inside, (width, height), interpolation=shrinks) > EDGE
    photo, found = np.full((*labels.shape, 3), 255, np.uint8), np.full_like(labels, BACKGROUND)
    photo[there], found[there] = cloth, np.where(inside, labels[there], BACKGROUND)
    whole, seen = (pixel_counts(each) for each in (labels, found))
    found[(seen < COVERED * whole)[found]] = BACKGROUND
    if (found == BACKGROUND).all():  # a garment that bends around the region, as trousers around what lies between
        found[there] = labels[there]
    return photo, found


def find_object(photo: np.ndarray, inside: np.ndarray, least: float = LEAST) -> np.ndarray | None:
    """The largest object of a photo, bool [h, w]; None where nothing stands out that fills enough of `inside`.

    Args:
        photo: uint8 RGB [h, w, 3]. inside: bool [h, w], where it may lie; the rest is taken for ground.
    """
    height, width = inside.shape
    scale = min(1.0, SIDE / max(height, width))
    small = (max(2, round(width * scale)), max(2, round(height * scale)))
    picture = cv2.resize(photo, small, interpolation=cv2.INTER_AREA)
    allowed = cv2.resize(inside.astype(np.uint8), small, interpolation=cv2.INTER_NEAREST) > 0
    if allowed.all() or not allowed.any():
        return None
    far = _far_from_ground(to_lab(picture), ~allowed)
    found = allowed if far is None else _cleaned(far & allowed)
    if found.any():
        found = _cleaned(_grab_cut(picture, allowed, found))
    if found.sum() < max(1, least * allowed.sum()):
        return None
    soft = cv2.GaussianBlur(found.astype(np.float32), (0, 0), 1)  # no stairs of the small copy
    return cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC) > 0.5


def _far_from_ground(lab: np.ndarray, ground: np.ndarray) -> np.ndarray | None:
    """Where colours [h, w, 3] are not the ground's, bool [h, w]; None where the ground has no one colour.

    The ground's colour may change across the photo as light does: it is a plane, fitted without what is far from it.
    """
    height, width = ground.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    places = np.stack([np.ones_like(x), x, y], -1)
    weighted = lab * np.array([SHADE, 1, 1], np.float32)
    known, colours = places[ground], weighted[ground]
    near = np.linalg.norm(colours - np.median(colours, 0), axis=1) < 2 * NEAR
    for _ in range(3):
        if near.mean() < PLAIN:
            return None
        plane = np.linalg.lstsq(known[near], colours[near], rcond=None)[0]
        near = np.linalg.norm(colours - known @ plane, axis=1) < NEAR
    if near.mean() < PLAIN:
        return None
    return np.linalg.norm(weighted - places @ plane, axis=2) >= NEAR


def _grab_cut(picture: np.ndarray, allowed: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """What of uint8 RGB [h, w, 3] belongs together with the guess, within what is allowed, all bool [h, w]."""
    mask = np.where(guess, cv2.GC_PR_FGD, np.where(allowed, cv2.GC_PR_BGD, cv2.GC_BGD)).astype(np.uint8)
    cv2.setRNGSeed(0)  # its colour models begin at random: the same photo is cut alike each time
    cv2.grabCut(picture, mask, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    return (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)


def _cleaned(found: np.ndarray) -> np.ndarray:
    """The largest component and those LIKE it, bool [h, w], without threads and small holes."""
    opened = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    objects, areas = _components(opened)
    garment = (areas >= LIKE * areas.max())[objects] & (objects > 0)
    rest, areas = _components(~garment)
    return garment | ((areas < HOLE * garment.sum())[rest] & (rest > 0))


def _components(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of the component of every pixel, int32 [h, w], 0 outside the mask; area of each, 0 for number 0."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return numbers, areas
