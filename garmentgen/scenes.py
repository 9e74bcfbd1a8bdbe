"""In which company a part is painted, so that a change of one leaves the others where they were. NumPy and OpenCV only.

A generator that paints a pixel sees some way around it: a new sleeve moves the body too. So a look is composed of a few
pictures, one for each *scene*. A part that changes is painted with the codes of now, every other in the scene in which
it was painted last, and only where two scenes meet are they mixed: `BORDER` pixels inside its outline, a part is its
own scene's picture byte for byte. (The two sides of a pair are one class: a new left sleeve repaints the right one.) A
stroke changes every box and code it touches; then only locked classes keep their scene.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from .labels import BACKGROUND, pixel_counts

MAX_SCENES = 3
"""Beside a look's own: each is one more pass of the generator where its picture is not remembered."""
BORDER = 2
"""Pixels on both sides of a border between two scenes that mix them."""


@dataclass(frozen=True, eq=False)
class Scene:
    """All that a picture of one map is painted from: class id -> code float16 [C, G, G], and the seed of the noise."""

    codes: dict[int, np.ndarray]
    noise_seed: int

    @cached_property
    def key(self) -> tuple:
        """Equal where the pictures are."""
        return self.noise_seed, *((c, code.tobytes()) for c, code in sorted(self.codes.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scene) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def settled(scenes: Mapping[int, Scene], own: Scene, labels: np.ndarray, locked: frozenset[int]) -> dict[int, Scene]:
    """The scenes that a look keeps: class id -> scene, of classes on its map that are not painted in its `own`.

    A class that a scene lacks joins it with the code it has now. Beyond MAX_SCENES those that hold a locked class stay
    before others, then those that cover more pixels; the classes of the rest are painted in the company of now.
    """
    whole = {
        c: Scene({k: scene.codes.get(k, code) for k, code in own.codes.items()}, scene.noise_seed)
        for c, scene in sorted(scenes.items())
        if c in own.codes
    }
    apart = {c: scene for c, scene in whole.items() if scene != own}
    if not apart:
        return {}
    area = pixel_counts(labels)
    worth: dict[Scene, tuple[bool, int]] = {}
    for c, scene in apart.items():
        holds, pixels = worth.get(scene, (False, 0))
        worth[scene] = holds or c in locked, pixels + int(area[c])
    kept = sorted(worth, key=lambda scene: worth[scene], reverse=True)[:MAX_SCENES]
    return {c: scene for c, scene in apart.items() if scene in kept}


def composed(pictures: Sequence[np.ndarray], shown: np.ndarray) -> np.ndarray:
    """One picture uint8 [S, S, 3] of several.

    Args:
        pictures: of one map, each uint8 RGB [S, S, 3], all white outside the garment.
        shown: uint8 [S, S]: which of them each pixel is of, BACKGROUND outside the garment.

    A pixel is the mean of the pictures, each weighted by how many of the 25 pixels around (that one among them) are
    of it; halves are rounded up.
    """
    side = (2 * BORDER + 1,) * 2
    result, counts = np.full_like(pictures[0], 255), []
    for n, picture in enumerate(pictures):
        of_it = shown == n
        np.copyto(result, picture, where=of_it[..., None])
        counts.append(cv2.boxFilter(of_it.view(np.uint8), -1, side, normalize=False, borderType=cv2.BORDER_CONSTANT))
    band = (shown != BACKGROUND) & (sum((count > 0).view(np.uint8) for count in counts) > 1)
    weights = [count[band][:, None].astype(np.uint16) for count in counts]
    total = sum(weights)
    mixed = sum(weight * picture[band] for weight, picture in zip(weights, pictures, strict=True))
    result[band] = (mixed + total // 2) // total
    return result
