"""Hostile maps, photographs, sessions and painter values: none does harm, none gets more than a sentence."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzzing import fuzz
from PIL import Image

from garmentgen import Look, painter
from garmentgen.labels import BACKGROUND, colorize
from garmentgen.maps import read_map, read_photo

Case = tuple[str, Callable[[], object]]
FIXTURE = Path(__file__).parent / "fixtures" / "look.json"

DOORS = {"images": 180, "arrays": 100, "sessions": 180, "painter_values": 100}
"""How many inputs each gets in the short form; the long form gives forty times as many."""


@pytest.mark.parametrize("door", DOORS)
def test_the_door_bears_anything(door):
    assert [str(fault) for fault in fuzz(f"test_fuzz_maps:{door}", DOORS[door])] == []


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
def test_the_door_bears_much_more(door):
    assert [str(fault) for fault in fuzz(f"test_fuzz_maps:{door}", 40 * DOORS[door], seed=1)] == []


# --- pictures --------------------------------------------------------------------------------------------------------


def images(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Files of many formats, whole, damaged, and built to cost gigabytes; as bytes and by name."""
    for name, data in _bombs():
        yield f"map {name}", _reader(read_map, data)
        yield f"photo {name}", _reader(read_photo, data)
    for name in ("", ".", "/", "a\0b", "x" * 5000, "/dev/zero", "/dev/null", "/proc/self/mem", "nowhere.png", "\ud800"):
        yield f"file named {name!r:.40}", _reader(read_map, name)
        yield f"photo named {name!r:.40}", _reader(read_photo, Path(name))
    good = _files(rng)
    while True:
        kind = sorted(good)[rng.integers(len(good))]
        how, data = damaged(rng, good[kind])
        if kind.startswith("PNG") and rng.random() < 0.5:
            data = _mended(data)
        read = (read_map, read_photo)[rng.integers(2)]
        yield f"{read.__name__} {kind} {how}", _reader(read, data)


def _reader(read: Callable, source: Any) -> Callable[[], object]:
    return lambda: read(source, 64)


def _files(rng: np.random.Generator) -> dict[str, bytes]:
    """One small file of every mode and format that Pillow writes and that a user may bring."""
    ids = rng.choice(np.array([0, 1, 31, BACKGROUND], np.uint8), (24, 40))
    rgb, grey = Image.fromarray(colorize(ids)), Image.fromarray(ids)
    alpha = grey.point(lambda v: 0 if v == BACKGROUND else 255)
    modes = {
        "RGB": rgb, "L": grey, "P": rgb.quantize(), "1": grey.convert("1"), "CMYK": rgb.convert("CMYK"),
        "LA": Image.merge("LA", [grey, alpha]), "RGBA": Image.merge("RGBA", [*rgb.split(), alpha]),
        "I;16": Image.fromarray(ids.astype(np.uint16)), "I": Image.fromarray(ids.astype(np.int32)),
        "F": Image.fromarray(ids.astype(np.float32)), "LAB": rgb.convert("LAB"),
    }  # fmt: skip
    wanted = {
        "PNG": ("RGB", "L", "P", "1", "LA", "RGBA", "I;16"), "JPEG": ("RGB", "L", "CMYK"), "BMP": ("RGB", "L", "P"),
        "GIF": ("P", "L"), "TIFF": ("RGB", "F", "I", "CMYK", "LAB", "RGBA"), "WEBP": ("RGB", "RGBA"), "AVIF": ("RGB",),
        "ICO": ("RGBA",), "PPM": ("RGB",), "JPEG2000": ("RGB",), "TGA": ("RGB",), "DDS": ("RGBA",),
    }  # fmt: skip
    files = {f"{kind} {mode}": _stored(modes[mode], kind) for kind in wanted for mode in wanted[kind]}
    files["MPO"] = _stored(rgb, "MPO", save_all=True, append_images=[rgb])
    files["GIF animated"] = _stored(rgb.quantize(), "GIF", save_all=True, append_images=[grey.convert("P")])
    files["WEBP animated"] = _stored(rgb, "WEBP", save_all=True, append_images=[rgb.rotate(90)])
    files["PNG animated"] = _stored(rgb, "PNG", save_all=True, append_images=[rgb.rotate(180)])
    files["TIFF pages"] = _stored(rgb, "TIFF", save_all=True, append_images=[grey])
    files["JPEG progressive"] = _stored(rgb, "JPEG", progressive=True)
    for turn in (3, 6, 99):
        exif = Image.Exif()
        exif[0x0112] = turn
        files[f"JPEG turned {turn}"] = _stored(rgb, "JPEG", exif=exif)
    return files


def _stored(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def damaged(rng: np.random.Generator, data: bytes) -> tuple[str, bytes]:
    """Bytes with some of them changed, lost, repeated or put elsewhere, and in which way."""
    changed = bytearray(data)
    how = ("whole", "bits", "bytes", "cut", "lost", "twice", "large field", "zeros", "tail")[rng.integers(9)]
    at = int(rng.integers(max(len(changed), 1)))
    length = int(rng.integers(1, 64))
    if how == "bits":
        for place in rng.integers(len(changed), size=int(rng.integers(1, 8))):
            changed[place] ^= 1 << int(rng.integers(8))
    elif how == "bytes":
        changed[at : at + length] = rng.bytes(length)
    elif how == "cut":
        del changed[at:]
    elif how == "lost":
        del changed[at : at + length]
    elif how == "twice":
        changed[at:at] = changed[at : at + length]
    elif how == "large field":
        place = int(rng.integers(min(len(changed), 200)))  # sizes and offsets stand in the head
        changed[place : place + 4] = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\0\0\x7f\xff")[
            rng.integers(4)
        ]
    elif how == "zeros":
        changed[at : at + 1000] = bytes(len(changed[at : at + 1000]))
    elif how == "tail":
        changed += rng.bytes(length)
    return f"{how} at {at}", bytes(changed)


def _mended(data: bytes) -> bytes:
    """A damaged PNG whose checksums are right again, so that the damage reaches the decoder."""
    out, at = bytearray(data[:8]), 8
    while at + 12 <= len(data):
        length = min(int.from_bytes(data[at : at + 4], "big"), len(data) - at - 12)
        body = data[at + 4 : at + 8 + length]
        out += length.to_bytes(4, "big") + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + length
    return bytes(out + data[at:])


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _bombs() -> list[tuple[str, bytes]]:
    """Small files that claim, or become, very much."""

    def png(width: int, height: int, depth: int = 8, colour: int = 0, body: bytes = b"", extra: bytes = b"") -> bytes:
        head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
        parts = _chunk(b"IHDR", head) + extra + _chunk(b"IDAT", zlib.compress(body)) + _chunk(b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + parts

    flat = io.BytesIO()
    Image.new("RGBA", (8192, 8192), (63, 247, 94, 255)).save(flat, "PNG", compress_level=1)
    tall = [(1, 60_000), (60_000, 1), (1, 8192), (8192, 1), (2**31 - 1, 1), (20_000, 20_000), (0, 0)]
    scans = _stored(Image.new("L", (64, 64)), "JPEG", progressive=True)
    scan = scans.rfind(b"\xff\xda")
    text = _chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000)))
    bmp = bytearray(_stored(Image.new("L", (8, 8)), "BMP"))
    bmp[18:26] = struct.pack("<ii", 8000, -8000)
    return [
        ("8192 RGBA", flat.getvalue()),
        *((f"{w}x{h}", png(w, h, body=bytes(min(w * h + h, 10**7)))) for w, h in tall),
        ("16 bits 8000", png(8000, 8000, 16, 6)),
        ("one bit 8192", png(8192, 8192, 1, 0, bytes(8192 * 1025))),
        ("text bomb", png(8, 8, body=bytes(72), extra=text)),
        ("webp 4300", _stored(Image.new("RGB", (4300, 4300)), "WEBP", lossless=True, quality=0, method=0)),
        ("progressive 6400", _stored(Image.new("RGB", (6400, 6400)), "JPEG", progressive=True, subsampling=0)),
        ("a thousand scans", scans[:scan] + scans[scan:-2] * 1000 + scans[-2:]),
        ("bmp 8000", bytes(bmp)),
        ("tiff 6000", _stored(Image.new("RGB", (6000, 6000)), "TIFF", compression="tiff_lzw")),
        ("noise 2048", _stored(Image.fromarray(_noise(2048)), "PNG")),
        ("empty", b""),
        ("22 MB", b"\x89PNG\r\n\x1a\n" + bytes(22_000_000)),
    ]


def _noise(side: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)


def arrays(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Arrays of any type and shape, and things that are no arrays."""
    kinds = ["u1", "u2", "i4", "i8", "f2", "f4", "f8", "c8", "?", "U3", "O", "S2", "M8[s]"]
    for other in (None, 3, 1.5, [], {}, [[1, 2]], object(), range(3), memoryview(b"abc"), "", b""):
        yield f"{other!r:.30}", _reader(read_map, other)
        yield f"photo {other!r:.30}", _reader(read_photo, other)
    while True:
        shape = tuple(int(n) for n in rng.choice([0, 1, 2, 3, 4, 5, 17, 64, 9000], size=int(rng.integers(0, 5))))
        kind = np.dtype(kinds[rng.integers(len(kinds))])
        value = (0, 1, 31, 45, 46, 255, 256, -1, 2**40, float("nan"), float("inf"))[rng.integers(11)]
        read = (read_map, read_photo)[rng.integers(2)]
        yield (
            f"{read.__name__} {kind} {shape} of {value}",
            lambda s=shape, k=kind, v=value, r=read: r(_full(s, k, v), 32),
        )


def _full(shape: tuple[int, ...], kind: np.dtype, value: float) -> np.ndarray:
    with np.errstate(all="ignore"):
        try:
            one = np.array(value).astype(kind)
        except (ValueError, OverflowError, TypeError):
            one = np.zeros((), kind)
    return np.broadcast_to(one, shape)  # nothing is allocated for it


# --- sessions and painter values -------------------------------------------------------------------------------------

ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2, 46, 255, 256, 2**31, 2**53, 2**63, -(2**63), 10**30, 1.5, -0.0, 1e308,
    "", "a", "0", "１", "\0", "\ud800", "x" * 300, "AAAA", "9" * 5000,
    [], {}, [[]], [None], [1, "a"], {"a": 1}, {"0": "AAAA"}, [255, 4096], [0] * 100_000,
    float("nan"), float("inf"), -float("inf"),
]  # fmt: skip


def odd_json(rng: np.random.Generator, value: Any) -> Any:
    """A JSON value with one of its parts, at any depth, exchanged for something odd, lost or added."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = sorted(value)[rng.integers(len(value))]
        what = rng.random()
        if what < 0.1:
            return {k: v for k, v in value.items() if k != key}
        if what < 0.2:
            return {**value, str(ODD[rng.integers(len(ODD))])[:60]: value[key]}
        return {**value, key: odd_json(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.7:
        at = int(rng.integers(len(value)))
        return [*value[:at], odd_json(rng, value[at]), *value[at + int(rng.random() < 0.8) :]]
    return ODD[rng.integers(len(ODD))]


TEXTS = [
    "",
    " ",
    "null",
    "1",
    "{",
    "[" * 100_000,
    '{"a":' * 5000,
    "9" * 5000,
    "-",
    "NaN",
    '"\\ud800"',
    "\0",
    "\ufeff{}",
]


def sessions(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Session texts and files: a good one with something wrong in it, and what is none."""
    text = FIXTURE.read_text(encoding="utf-8")
    look, good = Look.from_json(text), json.loads(text)
    for other in [*TEXTS, "9" * 4_100_000, '{"format": "garmentgen-look-1", "seed": ' + "9" * 10_000 + "}"]:
        yield f"text {other!r:.40}", lambda t=other: Look.from_json(t)
    for name in (
        "",
        ".",
        "/",
        "a\0b",
        "x" * 5000,
        "/dev/zero",
        "/dev/full",
        "/proc/self/none",
        "a/b/c",
        "\ud800",
        None,
        3,
    ):
        yield f"load {name!r:.40}", lambda n=name: Look.load(n)  # type: ignore[arg-type]
        if name not in ("a/b/c", 3):  # a file that would be written
            yield f"save {name!r:.40}", lambda n=name: look.save(n)  # type: ignore[arg-type]
    (folder / "binary.json").write_bytes(bytes(range(256)))
    yield "load binary", lambda: Look.load(folder / "binary.json")
    while True:
        if rng.random() < 0.25:
            how, data = damaged(rng, text.encode())
            yield f"damaged {how}", lambda d=data: Look.from_json(d.decode("utf-8", "surrogateescape"))
        else:
            edited = odd_json(rng, good)
            yield f"edited {_difference(good, edited)}", lambda e=edited: Look.from_json(json.dumps(e))


def _difference(good: dict, edited: Any) -> str:
    if not isinstance(edited, dict):
        return f"{edited!r:.60}"
    return "; ".join(f"{k} {edited.get(k)!r:.60}" for k in {*good, *edited} if good.get(k, 0) != edited.get(k, 1))[:160]


def painter_values(rng: np.random.Generator, folder: Path) -> Iterator[Case]:
    """Values that a browser, or somebody who says to be one, sends for a painting."""
    labels = np.random.default_rng(0).choice(np.array([0, 31, BACKGROUND], np.uint8), (64, 64))
    good = json.loads(painter.encode(labels))
    for other in [*TEXTS, None, 3, b"{}", [], {}, "9" * 10**6]:
        yield f"value {other!r:.40}", lambda v=other: painter.decode(v, 64)  # type: ignore[arg-type]
    while True:
        if rng.random() < 0.25:
            how, data = damaged(rng, json.dumps(good).encode())
            yield f"damaged {how}", lambda d=data: painter.decode(d.decode("utf-8", "surrogateescape"), 64)
        else:
            edited = odd_json(rng, good)
            yield f"edited {edited!r:.80}", lambda e=edited: painter.decode(json.dumps(e), 64)
