"""Codes that no prior drew: from a photograph, between two looks, of a dyed part or a fabric, on one side of a pair.

A dye or fabric changes the part's pixels, the encoder reads them, and the new code is given like a photograph's: it
stays until it is drawn anew.

What the encoder reads is painted a little paler and smoother than it was. So the picture painted of a code is read too,
and what it lacks is added, as one sharpens a picture whose blur is known (iterative back-projection: Irani and Peleg,
CVGIP 1991). It costs two passes of the small picture, and no training. On another map than it was read with, what was
added shows as specks (FD of new garments + 3): there a code stays as it was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from .checks import check_choice, check_kind
from .cloth import Lab, drape, dye, mean_colour
from .cutting import Cut, laid_over
from .errors import UserError
from .geometry import boxes, gaps, main_class, part_of
from .labels import BACKGROUND, LABELS
from .looks import Look, check_look
from .maps import Picture, read_map, read_photo
from .priors.contract import Codes
from .scenes import Scene

if TYPE_CHECKING:
    from .inference import Designer

Side = Literal["left", "right"]
"""Of a pair (sleeves, shoes, gloves), as seen in the picture; both are one class with one code, laid over both."""

CORRECTIONS = 2
"""The LPIPS of 250 photographs at 256 px falls from .133 to .123 with one, and to .120 with two or with three."""


def as_photographed(designer: Designer, photo: np.ndarray, labels: np.ndarray) -> Codes:
    """Codes as of `Designer.encode` whose picture on this map the encoder reads as it reads the photo."""
    wanted = designer.encode(photo, labels)

    def read(codes: np.ndarray) -> np.ndarray:
        scene = Scene(dict(zip(wanted, codes.astype(np.float16), strict=True)), 0)
        return np.stack(list(designer.encode(designer.renderer.paint(labels, scene, len(labels)), labels).values()))

    return dict(zip(wanted, _corrected(np.stack(list(wanted.values())), read), strict=True))


def _corrected(wanted: np.ndarray, read: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Codes near `wanted` of which `read`, what the encoder says of their picture, is nearer to it."""
    codes = wanted
    for _ in range(CORRECTIONS):
        codes = codes + wanted - read(codes)
    return codes


def dyed(designer: Designer, look: Look, region: int, colour: Lab, side: Side | None = None) -> Look:
    """The look with a region in this mean colour.

    Raises:
        UserError: see `on_one_side`; or the part is too thin to be seen.
    """
    labels = designer.renderer.at(look.labels, designer.sizes[0])
    shown = _shown(look, labels, region, side)
    picture = designer.render(look, designer.sizes[0])

    def read(picture: np.ndarray) -> np.ndarray:
        return designer.encode(picture, np.where(labels == region, labels, BACKGROUND))[region]

    def painted(code: np.ndarray) -> np.ndarray:
        return designer.render(on_one_side(look, region, code, side), designer.sizes[0])

    wanted = read(dye(picture, shown, colour))
    code = _corrected(wanted, lambda code: read(painted(code)))
    missed = colour - mean_colour(painted(code), shown)
    code = code + read(dye(picture, shown, colour + missed)) - wanted
    return on_one_side(look, region, code, side)


def draped(
    designer: Designer, look: Look, plain: Look, region: int, fabric: np.ndarray, side: Side | None = None
) -> Look:
    """The look with a region in a fabric, uint8 RGB [h, w, 3]; `plain`: the same map in plain cloth, for its folds."""
    labels = designer.renderer.at(look.labels, designer.sizes[0])
    shown = _shown(look, labels, region, side)
    picture, light = (designer.render(one, designer.sizes[0]) for one in (look, plain))
    code = as_photographed(designer, drape(picture, shown, light, fabric), labels)[region]
    return on_one_side(look, region, code, side)


def on_one_side(look: Look, region: int, code: np.ndarray, side: Side | None) -> Look:
    """The look with this code [C, G, G] given for a region, or for the half of it that lies on one side.

    Raises:
        UserError: a side is asked for, but the region does not lie apart, left and right.
    """
    code = code.astype(np.float16)
    if side is not None:
        columns = (np.arange(code.shape[2]) + 0.5) / code.shape[2]
        share = _gap(look, region, side)
        code = np.where(columns < share if side == "left" else columns >= share, code, look.codes[region])
    return look.redressed({region: code}, pinned=look.pinned | {region})


def styled(look: Look, found: Codes, main: int, regions: list[int]) -> Look:
    """The look with a photograph's codes for some regions; a class the photograph lacks follows its main garment."""
    codes = {c: found.get(c, found[main]).astype(np.float16) for c in regions}
    return look.redressed(codes, pinned=look.pinned | codes.keys())


def photographed(designer: Designer, look: Look, photo: Picture, photo_labels: Picture, regions: list[int]) -> Look:
    """The look with regions in the codes of a photo with its map, which need not be the look's."""
    side = designer.config.size
    if np.array_equal(read_map(photo_labels, designer.size)[0], look.labels):
        labels = designer.renderer.at(look.labels, side)
        found = as_photographed(designer, read_photo(photo, side), labels)
    else:
        labels, _ = read_map(photo_labels, side)
        found = designer.encode(read_photo(photo, side), labels)
    return styled(look, found, main_class(labels), regions)


def worn(designer: Designer, look: Look, cut: Cut, regions: list[int]) -> Look:
    """The look with regions in the cloth that was cut from a photo, its box stretched over theirs.

    Each takes what comes to lie on it; one that the garment does not reach follows the one it covers most.

    Raises:
        UserError: the regions are too thin to be seen.
    """
    check_kind("cut", cut, Cut, "cut_garment")
    labels = designer.renderer.at(look.labels, designer.sizes[0])
    wanted = np.where(np.isin(labels, regions), labels, BACKGROUND)
    if (wanted == BACKGROUND).all():
        raise _too_thin(regions[0])
    photo, found = laid_over(cut, wanted)
    whole, seen = boxes(wanted), boxes(found)
    codes = {c: part_of(code, seen[c], whole[c]) for c, code in as_photographed(designer, photo, found).items()}
    return styled(look, codes, main_class(found), regions)


def blended(a: Look, b: Look, main: int, t: float) -> Look:
    """Codes between two looks on a's map, a straight line from t = 0 to 1; a class b lacks follows b's main garment."""

    def towards(codes: Codes) -> dict[int, np.ndarray]:
        other = {c: b.codes.get(c, b.codes[main]).astype(np.float32) for c in codes}
        return {c: ((1 - t) * code.astype(np.float32) + t * other[c]).astype(np.float16) for c, code in codes.items()}

    scenes = {c: Scene(towards(scene.codes), scene.noise_seed) for c, scene in a.scenes.items()}
    codes = towards(a.codes)
    return replace(a, codes=codes, pinned=frozenset(codes) if t else a.pinned).under(scenes)


def pairs(look: Look) -> list[int]:
    """Classes of the map that lie apart, left and right."""
    check_look(look)
    return list(gaps(look.labels))


def _gap(look: Look, region: int, side: Side) -> float:
    check_choice("side", side, get_args(Side))
    share = gaps(look.labels).get(region)
    if share is None:
        raise UserError(
            f"{LABELS[region].name!r} has no left and right side here: its parts do not lie apart; leave the side out"
        )
    return share


def _shown(look: Look, labels: np.ndarray, region: int, side: Side | None) -> np.ndarray:
    """bool [S, S]: where a region, or one side of it, is seen on the look's map at the side that codes belong to."""
    shown = labels == region
    if side is not None and shown.any():
        _, left, _, right = boxes(labels)[region]
        middle = left + _gap(look, region, side) * (right - left)
        columns = np.arange(labels.shape[1]) + 0.5
        shown &= columns < middle if side == "left" else columns >= middle
    if not shown.any():
        raise _too_thin(region)
    return shown


def _too_thin(region: int) -> UserError:
    return UserError(f"{LABELS[region].name!r} is too thin here to be dressed by hand: paint it wider")
