"""Picture files and arrays of any size and depth, in strips of rows. Pillow, OpenCV for deep colours.

A picture is judged by what it becomes in memory, before anything is decoded: a few hundred bytes can hold gigabytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ..errors import UserError
from ..files import read_file
from ..photo import decode, read_header, turn

Picture = np.ndarray | str | Path | bytes

MAX_SIDE = 8192
MAX_BYTES = 20_000_000
MEMORY = 280_000_000
"""What one decoded picture may take, in bytes: 8192 x 8192 RGBA pixels and a little more."""
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
"""What is read: decoders that are old, common and held to limits. JPEG includes MPO, what phones write for it."""
DRAFT = 2048
"""JPEGs of at least twice this are decoded at 1/2, 1/4 or 1/8, to no less than this."""
_SCANS = 64  # a progressive JPEG has about ten; each costs a pass over the whole picture
_COST = {"WEBP": 16, "TIFF": 8}  # bytes a pixel at the decoder's peak, copies and all; others: 4
_STORED = ("1", "L", "LA", "P", "I", "I;16", "I;16L", "I;16B", "F", "RGB", "RGBA")


@dataclass(frozen=True)
class Raster:
    """A picture whose pixels come in strips.

    Attributes:
        height, width: of the pixels handed out. shown: (width, height) that the file has, before any reduction.
        rows: (first, last) -> their pixels, [n, W] or [n, W, 2 to 4]; indices if `palette` is set.
        palette: uint8 RGBA [256, 4] of an indexed picture, else None.
        lossy: the file is a JPEG or a lossy WebP, so that its colours are near what was meant.
        tag: EXIF orientation 1..8, to be undone with `photo.turn` at the end.
    """

    height: int
    width: int
    rows: Callable[[int, int], np.ndarray]
    palette: np.ndarray | None = None
    lossy: bool = False
    tag: int = 1
    shown: tuple[int, int] = (0, 0)

    def strips(self, step: int | None = None) -> Iterator[np.ndarray]:
        """All pixels, a few rows at a time: about a megapixel, or `step` rows."""
        step = step or max(1, 2**20 // self.width)
        for first in range(0, self.height, step):
            yield self.rows(first, min(first + step, self.height))


def raster(source: Picture, what: str) -> Raster:
    """An array, a file's path or its bytes -> its Raster. `what` names it in errors: "map", "photo".

    Raises:
        UserError: of another type or shape, missing, damaged, animated, of no format in FORMATS, or too large.
    """
    if isinstance(source, np.ndarray):
        return _of_array(source, what)
    if not isinstance(source, (str, Path, bytes)):
        raise UserError(f"a {what} is an array, a file's path or its bytes, but this is {type(source).__name__}")
    if isinstance(source, bytes):
        name, data = f"this {what}", source
        if len(data) > MAX_BYTES:
            raise UserError(f"{name} has {len(data) / 1e6:.0f} MB; pictures up to {MAX_BYTES // 10**6} MB are read")
    else:
        name, data = Path(source).name, read_file(source, MAX_BYTES, "a picture")
    with _one_sentence(name), Image.open(io.BytesIO(data), formats=FORMATS) as image:
        _check(image, name, data)
        return _of_image(image, data)


def _of_array(pixels: np.ndarray, what: str) -> Raster:
    if pixels.ndim not in (2, 3) or 0 in pixels.shape or (pixels.ndim == 3 and pixels.shape[2] not in (1, 3, 4)):
        raise UserError(f"a {what} is [H, W], [H, W, 3] or [H, W, 4], but this array has shape {pixels.shape}")
    height, width = pixels.shape[:2]
    _check_sides(width, height, f"this {what}")
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    return _of_pixels(pixels, (width, height))


@contextmanager
def _one_sentence(name: str) -> Iterator[None]:
    """Decoders fail in as many ways as files are damaged; the user gets one sentence for each."""
    try:
        yield
    except UserError:
        raise
    except Image.DecompressionBombError as error:
        raise UserError(f"{name} is far too large; pictures up to {MAX_SIDE} pixels a side are read") from error
    except Image.UnidentifiedImageError as error:
        raise UserError(
            f"{name} is not a picture that can be read here; give a PNG or JPEG (also read: WebP, BMP, GIF, TIFF)"
        ) from error
    except MemoryError as error:
        raise UserError(f"{name} needs more memory than there is; make it smaller") from error
    except Exception as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise UserError(f"{name} is damaged or cut short ({reason}); save it again") from error


def _check(image: Image.Image, name: str, data: bytes) -> None:
    """Refuse by the header alone what would take too much memory or time."""
    _check_sides(image.width, image.height, name)
    kind = image.format or ""
    cost = _COST.get(kind, 16 if _is_deep(image) else 4)
    if kind in ("JPEG", "MPO"):  # decoded reduced, but for CMYK; progressive ones keep all coefficients meanwhile
        cost = 1 if image.mode in ("L", "RGB") else 4
        cost += 2 * len(image.getbands()) if image.info.get("progressive") else 0
        if data.count(b"\xff\xda") > _SCANS:
            raise UserError(f"{name} is stored in more than {_SCANS} passes, which no camera does; save it again")
    if cost * image.width * image.height > MEMORY:
        most = int((MEMORY / cost) ** 0.5)
        raise UserError(
            f"{name} is a {image.width}x{image.height} {kind}, of which up to {most}x{most} are read; "
            "make it smaller, or save it as an 8-bit PNG"
        )
    if kind != "MPO" and getattr(image, "is_animated", False):  # an MPO's first picture is the photo
        what = "has several pages" if kind == "TIFF" else "is animated"
        raise UserError(f"{name} {what}; give a single picture, best a PNG")


def _check_sides(width: int, height: int, name: str) -> None:
    if max(width, height) > MAX_SIDE:
        raise UserError(f"{name} is {width}x{height}; pictures up to {MAX_SIDE} pixels a side are read")


def _is_deep(image: Image.Image) -> bool:
    """Colours of 16 bits, of which Pillow would keep the upper half."""
    return len(image.getbands()) > 1 and any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def _of_image(image: Image.Image, data: bytes) -> Raster:
    encoded, shown = read_header(data), image.size
    if encoded.reducible:
        pixels = decode(encoded, max(d for d in (1, 2, 4, 8) if d == 1 or max(shown) >= d * DRAFT))
        return _of_pixels(pixels, shown, lossy=True, tag=encoded.tag)
    if _is_deep(image):
        return _of_pixels(_deep(data), shown, tag=encoded.tag)
    image.load()
    indexed = image.mode == "P"
    palette = _full_palette(image) if indexed else None
    as_stored = image.mode in _STORED and not ("transparency" in image.info and not indexed)
    alpha = "A" in image.mode or "a" in image.mode or "transparency" in image.info

    def rows(first: int, last: int) -> np.ndarray:
        strip = image.crop((0, first, image.width, last))
        if image.mode == "1":
            strip = strip.convert("L")
        return np.asarray(strip if as_stored else strip.convert("RGBA" if alpha else "RGB"))

    lossy = image.format in ("JPEG", "MPO") or (image.format == "WEBP" and b"VP8 " in data[:4096])
    return Raster(image.height, image.width, rows, palette, lossy, encoded.tag, shown)


def _of_pixels(pixels: np.ndarray, shown: tuple[int, int], lossy: bool = False, tag: int = 1) -> Raster:
    height, width = pixels.shape[:2]
    return Raster(height, width, lambda first, last: pixels[first:last], None, lossy, tag, shown)


def _deep(data: bytes) -> np.ndarray:
    """A colour picture of 16 bits, uint16 RGB or RGBA [H, W, 3 or 4]."""
    stored = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is None or stored.ndim != 3:
        raise ValueError("its 16-bit colours cannot be decoded")
    return cv2.cvtColor(stored, cv2.COLOR_BGRA2RGBA if stored.shape[2] == 4 else cv2.COLOR_BGR2RGB)


def _full_palette(image: Image.Image) -> np.ndarray:
    """Every colour of the palette with its transparency, uint8 RGBA [256, 4]."""
    line = Image.new("P", (256, 1))
    line.putdata(range(256))
    colours = image.palette
    line.putpalette(*(colours.getdata()[1], colours.mode) if colours else (b"", "RGB"))
    pixels = np.asarray(line.convert("RGBA"))[0].copy()
    clear = image.info.get("transparency", b"")
    if isinstance(clear, int):  # one index is not seen
        clear = b"\xff" * clear + b"\0"
    pixels[: len(clear), 3] = list(clear)
    return pixels


def open_picture(source: str | Path | bytes) -> np.ndarray:
    """A picture file or its bytes -> uint8 [H, W] (grey), [H, W, 3] or [H, W, 4], as it is meant to be seen.

    Raises:
        UserError: see `raster`; or not 8 bits deep.
    """
    found = raster(source, "picture")
    pixels = np.concatenate(list(found.strips()))
    if found.palette is not None:
        pixels = found.palette[pixels]
        pixels = pixels if (pixels[..., 3] < 255).any() else pixels[..., :3]
    if pixels.dtype != np.uint8:
        raise UserError(f"this picture is {pixels.dtype}; save it with 8 bits a channel")
    return turn(pixels, found.tag)
