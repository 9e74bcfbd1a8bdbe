"""Reading what a user gives as a map or photo: arrays, files, bytes of any size -> checked arrays. NumPy, Pillow."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import UserError
from .labels import BACKGROUND, check_ids, decolorize

MAX_PIXELS = 16_000_000
MAX_BYTES = 20_000_000
MAX_SNAPPED = 0.25
"""A picture with more off-palette pixels than this is no map: anti-aliased edges are a few percent."""

Picture = np.ndarray | str | Path | bytes


def read_map(source: Picture, size: int) -> tuple[np.ndarray, list[str]]:
    """Ids [H, W], palette-coloured RGB(A) [H, W, 3 or 4], or a PNG (path or bytes) -> (uint8 [size, size], notes).

    A map that is not square is centred on a square first, then resized with nearest neighbour. The notes say in plain
    words what was changed.

    Raises:
        UserError: not a picture, too large, wrong shape or dtype, ids that do not exist, a photo, or an empty map.
    """
    picture = _picture(source, "map")
    labels, notes = _to_labels(picture)
    fitted = fit_square(labels, size)
    if labels.shape != fitted.shape:
        notes.append(f"The map was resized from {labels.shape[1]}x{labels.shape[0]} to {size}x{size}.")
    if (fitted == BACKGROUND).all():
        raise UserError("the map is empty: paint at least one region")
    return fitted, notes


def _picture(source: Picture, what: str) -> np.ndarray:
    if isinstance(source, np.ndarray):
        return source
    if isinstance(source, (str, Path, bytes)):
        return open_picture(source)
    raise UserError(f"a {what} is an array, a file's path or its bytes, but this is {type(source).__name__}")


def _to_labels(picture: np.ndarray) -> tuple[np.ndarray, list[str]]:
    if picture.ndim not in (2, 3) or 0 in picture.shape or (picture.ndim == 3 and picture.shape[2] not in (1, 3, 4)):
        raise UserError(f"a map is ids [H, W] or a picture [H, W, 3], but this array has shape {picture.shape}")
    if picture.shape[0] * picture.shape[1] > MAX_PIXELS:
        raise UserError(
            f"a map has up to {MAX_PIXELS // 10**6} megapixels; this one is {picture.shape[1]}x{picture.shape[0]}"
        )
    if picture.ndim == 2 or picture.shape[2] == 1:
        ids = picture.reshape(picture.shape[:2])
        try:
            check_ids(ids)
        except ValueError as error:
            raise UserError(str(error)) from error
        return ids.astype(np.uint8), []
    if picture.dtype != np.uint8:
        raise UserError(f"a coloured map is uint8, but this array is {picture.dtype}; scale it to 0..255")
    colors = np.ascontiguousarray(picture[..., :3])
    if picture.shape[2] == 4:  # painting programs leave any colour, mostly black, where nothing is seen
        colors = np.where(picture[..., 3:] < 128, np.uint8(255), colors)
    labels, snapped = decolorize(colors)
    share = snapped / labels.size
    if share > MAX_SNAPPED:
        raise UserError(
            f"{share:.0%} of this picture's pixels are not palette colours, so it looks like a photo; "
            "a map is painted in the palette's colours on white"
        )
    return labels, [f"{snapped:,} pixels were not palette colours and took the nearest one."] if snapped else []


def fit_square(labels: np.ndarray, size: int) -> np.ndarray:
    """Centre [H, W] on a square of background and resize it to [size, size] with nearest neighbour."""
    height, width = labels.shape
    side = max(height, width)
    square = np.full((side, side), BACKGROUND, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = labels
    pick = ((np.arange(size) + 0.5) * side / size).astype(int)
    return square[pick][:, pick]


def open_picture(source: str | Path | bytes) -> np.ndarray:
    """A picture file or its bytes -> uint8 [H, W] (grey), [H, W, 3] or [H, W, 4].

    Raises:
        UserError: missing, truncated, animated, not a raster picture, or too large (checked before decoding).
    """
    name = "this picture" if isinstance(source, bytes) else Path(source).name
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise UserError(f"cannot read {str(source)!r}: {getattr(error, 'strerror', error)}") from error
    if len(data) > MAX_BYTES:
        raise UserError(f"{name} has {len(data) / 1e6:.0f} MB; pictures up to {MAX_BYTES // 10**6} MB are read")
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UserError(
                    f"{name} is {image.width}x{image.height}; pictures up to {MAX_PIXELS // 10**6} megapixels are read"
                )
            if getattr(image, "n_frames", 1) > 1:
                raise UserError(f"{name} is animated; give a single picture, best a PNG")
            return _decode(image)
    except Image.DecompressionBombError as error:
        raise UserError(f"{name} is far too large; pictures up to {MAX_PIXELS // 10**6} megapixels are read") from error
    except UnidentifiedImageError as error:
        raise UserError(f"{name} is not a picture that can be read here; give a PNG or JPEG") from error
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{name} is damaged or cut short ({error}); save it again") from error


def _decode(image: Image.Image) -> np.ndarray:
    image.load()
    image = ImageOps.exif_transpose(image)  # phones store photos lying and say so
    if image.mode == "L":
        return np.asarray(image)
    has_alpha = "A" in image.mode or "transparency" in image.info
    return np.asarray(image.convert("RGBA" if has_alpha else "RGB"))


def read_photo(source: Picture, size: int) -> np.ndarray:
    """A photo (array, path or bytes) -> uint8 RGB [size, size, 3], centred on a white square, area-averaged."""
    picture = _picture(source, "photo")
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[..., 0]
    colour = picture.ndim == 3 and picture.shape[2] in (3, 4)
    if picture.dtype != np.uint8 or not (picture.ndim == 2 or colour) or 0 in picture.shape:
        raise UserError(f"a photo is uint8 RGB [H, W, 3], but this array is {picture.dtype} {picture.shape}")
    if picture.shape[0] * picture.shape[1] > MAX_PIXELS:
        raise UserError(f"photos up to {MAX_PIXELS // 10**6} megapixels are read; this one is {picture.shape[:2]}")
    image = Image.fromarray(picture).convert("RGB")
    side = max(image.size)
    square = Image.new("RGB", (side, side), "white")
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return np.asarray(square.resize((size, size), Image.Resampling.BOX if side > size else Image.Resampling.BICUBIC))
