"""A map means what its maker meant: every way a program may store it gives the same ids, and the notes say how."""

from __future__ import annotations

import io
import re
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps
from small_maps import PANTS, POCKET, SLEEVE, TOP, blank, outfit

from garmentgen.errors import UserError
from garmentgen.labels import BACKGROUND, NUM_LABELS, colorize, find, palette
from garmentgen.maps import fit_square, read_map, read_photo
from garmentgen.maps.rasters import raster
from garmentgen.maps.readings import reading

SIZE = 64
SHIRT = 0
ZIPPER = find("zipper").id


def stored(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def indexed(ids: np.ndarray, colours: np.ndarray) -> Image.Image:
    image = Image.fromarray(ids.astype(np.uint8))
    image.putpalette(colours.astype(np.uint8).tobytes())
    return image


def voc() -> np.ndarray:
    """The colours of PASCAL VOC, which labelling tools give to class ids: bits of the id, spread over the channels."""
    table = np.zeros((256, 3), int)
    for k in range(256):
        for bit in range(8):
            for channel in range(3):
                table[k, channel] |= (k >> (3 * bit + channel) & 1) << (7 - bit)
    return table


def on_few_entries(values: np.ndarray, colour_of) -> Image.Image:
    """What an optimiser makes of a picture of few colours: a palette of just those, in the order of their frequency."""
    used, place = np.unique(values, return_inverse=True)
    order = np.argsort(-np.bincount(place.ravel()))
    rank = np.argsort(order)
    return indexed(rank[place].reshape(values.shape), np.stack([colour_of(v) for v in used[order]]))


def wide(ids: np.ndarray, *shape: int) -> bytes:
    """16-bit PNG by OpenCV: Pillow writes no such colours."""
    return cv2.imencode(".png", np.broadcast_to(ids[..., None], (*ids.shape, *shape)).astype(np.uint16))[1].tobytes()


def wide16_alpha(ids: np.ndarray) -> bytes:
    """16-bit grey with alpha, row by row: neither Pillow nor OpenCV writes it."""
    rows = np.stack([ids.astype(int), np.where(ids == BACKGROUND, 0, 65535)], -1).astype(">u2")
    return png_of(ids.shape, 16, 4, b"".join(b"\0" + row.tobytes() for row in rows))


def png_of(shape: tuple[int, ...], depth: int, colour: int, rows: bytes, interlaced: int = 0) -> bytes:
    """A PNG by hand (PNG specification, 5): header, filtered rows, end."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", shape[1], shape[0], depth, colour, 0, 0, interlaced))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def alpha(ids: np.ndarray) -> np.ndarray:
    return np.where(ids == BACKGROUND, 0, 255).astype(np.uint8)


IDS = outfit(SIZE)
HIDDEN = np.where(IDS == BACKGROUND, 0, IDS).astype(np.uint8)
COLOURS = colorize(IDS)
GREY = Image.fromarray(IDS)
RGB = Image.fromarray(COLOURS)
TWO = np.where(IDS == BACKGROUND, BACKGROUND, SHIRT).astype(np.uint8)
WAYS = {
    "grey": (IDS, stored(GREY), "as class ids:"),
    "equal channels": (IDS, stored(GREY.convert("RGB")), "equal channels"),
    "equal channels and alpha": (
        IDS,
        stored(Image.fromarray(np.dstack([HIDDEN] * 3 + [alpha(IDS)]))),
        "equal channels",
    ),
    "grey and alpha": (IDS, stored(Image.merge("LA", [Image.fromarray(HIDDEN), Image.fromarray(alpha(IDS))])), "ids:"),
    "16 bits": (IDS, stored(Image.fromarray(IDS.astype(np.uint16))), "ids:"),
    "16 bits, white as 65535": (IDS, stored(Image.fromarray(np.where(IDS == 255, 65535, IDS).astype("u2"))), "ids:"),
    "16 bits, 257-fold": (IDS, stored(Image.fromarray(IDS.astype(np.uint16) * 257)), "257"),
    "16 bits in equal channels": (IDS, wide(IDS, 3), "equal channels"),
    "16 bits in colour": (
        IDS,
        cv2.imencode(".png", COLOURS[..., ::-1].astype(np.uint16) * 257)[1].tobytes(),
        "palette",
    ),
    "32 bits": (IDS, stored(Image.fromarray(IDS.astype(np.int32)), "TIFF"), "ids:"),
    "whole floats": (IDS, stored(Image.fromarray(IDS.astype(np.float32)), "TIFF"), "ids:"),
    "VOC colours": (IDS, stored(indexed(IDS, voc())), "VOC"),
    "VOC colours, few entries": (IDS, stored(on_few_entries(IDS, lambda c: voc()[c])), "VOC"),
    "VOC colours in RGB": (IDS, stored(Image.fromarray(voc()[IDS].astype(np.uint8))), "VOC"),
    "another tool's colours": (IDS, stored(indexed(IDS, voc()[::-1])), "by index"),
    "black everywhere": (IDS, stored(indexed(IDS, np.zeros((256, 3)))), "by index"),
    "16 bits and alpha": (IDS, wide16_alpha(IDS), "ids:|equal"),
    "our palette by id": (IDS, stored(indexed(IDS, palette())), "palette colours"),
    "our palette, few entries": (IDS, stored(on_few_entries(IDS, lambda c: palette()[c])), "palette colours"),
    "greys, few entries": (IDS, stored(on_few_entries(IDS, lambda c: np.full(3, c))), "palette of greys"),
    "greys in 4 bits": (IDS, stored(on_few_entries(IDS, lambda c: np.full(3, c)), bits=4), "palette of greys"),
    "colours": (IDS, stored(RGB), "palette colours"),
    "colours with alpha": (IDS, stored(Image.fromarray(np.dstack([COLOURS, alpha(IDS)]))), "palette colours"),
    "WebP": (IDS, stored(RGB, "WEBP", lossless=True), "palette colours"),
    "WebP of ids": (IDS, stored(GREY.convert("RGB"), "WEBP", lossless=True), "equal channels"),
    "BMP": (IDS, stored(RGB, "BMP"), "palette colours"),
    "BMP of ids": (IDS, stored(GREY, "BMP"), ""),
    "GIF": (IDS, stored(on_few_entries(IDS, lambda c: palette()[c]), "GIF"), "palette colours"),
    "GIF of ids": (IDS, stored(GREY, "GIF"), ""),
    "TIFF": (IDS, stored(RGB, "TIFF", compression="tiff_deflate"), "palette colours"),
    "one bit": (TWO, stored(Image.fromarray(TWO).convert("1")), "ids:"),
    "one bit in a palette": (TWO, stored(on_few_entries(TWO, lambda c: np.full(3, c)), bits=1), "palette of greys"),
}


@pytest.mark.parametrize("name", WAYS)
def test_every_way_to_store_a_map_gives_its_ids_and_says_how(name):
    ids, data, words = WAYS[name]
    read, notes = read_map(data, SIZE)
    np.testing.assert_array_equal(read, ids)
    assert re.search(words, str(notes[0])) and len(notes) == 1 and not notes[0].warning


def test_an_interlaced_map_is_the_same():
    """Pillow writes no interlaced files; this one is built by hand from its seven passes (PNG specification, 8.2)."""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b"".join(b"\0" + row.tobytes() for y, x, dy, dx in passes for row in IDS[y::dy, x::dx])
    np.testing.assert_array_equal(read_map(png_of(IDS.shape, 8, 0, rows, 1), SIZE)[0], IDS)


def test_the_notes_name_classes_and_shares_in_both_languages():
    _, notes = read_map(stored(GREY), SIZE)
    painted = (IDS != BACKGROUND).sum()
    assert f"pants {(IDS == PANTS).sum() / painted:.0%}" in str(notes[0])
    assert "长裤" in notes[0].say("zh") and "类别编号" in notes[0].say("zh")


@pytest.mark.parametrize("factor", [1.5, 2.7, 5])
@pytest.mark.parametrize("how", [Image.Resampling.BILINEAR, Image.Resampling.BOX, Image.Resampling.LANCZOS])
def test_a_smooth_edge_takes_a_neighbours_class_never_a_third(factor, how):
    side = round(SIZE * factor)
    smooth = RGB.resize((side * 4,) * 2, Image.Resampling.NEAREST).resize((side, side), how)
    read, notes = read_map(stored(smooth), SIZE)
    assert set(np.unique(read)) == set(np.unique(IDS))
    assert (read != IDS).mean() < 0.02  # along the outlines


def test_a_map_read_in_strips_is_the_map_read_whole():
    smooth = np.asarray(RGB.resize((300, 300), Image.Resampling.BILINEAR))
    read = reading(raster(smooth, "map"))
    whole = read.rows(0, 300)
    for step in (1, 7, 64):
        strips = [read.rows(y, min(y + step, 300)) for y in range(0, 300, step)]
        np.testing.assert_array_equal(np.concatenate(strips), whole)


@pytest.mark.parametrize("side", [777, 1100])
def test_every_edge_pixel_is_counted_once(side):
    """Strips of a side that the canvas does not divide share a row."""
    smooth = RGB.resize((side, side), Image.Resampling.BILINEAR)
    known = np.concatenate([palette()[:NUM_LABELS], [[255] * 3]])
    off = ~(np.asarray(smooth)[:, :, None] == known).all(-1).any(-1)
    _, notes = read_map(stored(smooth), SIZE)
    assert next(note for note in notes if note.key in ("edges", "blurred")).values["count"] == off.sum()


@pytest.mark.parametrize("shape", [(777, 1101), (1100, 1100), (900, 333)])
def test_shares_are_of_the_files_own_pixels(shape):
    labels = np.random.default_rng(2).choice(np.array([TOP, PANTS, BACKGROUND], np.uint8), shape)
    _, notes = read_map(labels, SIZE)
    painted = (labels != BACKGROUND).sum()
    assert notes[0].values["classes"] == {c: (labels == c).sum() / painted for c in sorted((TOP, PANTS))}


def test_smooth_edges_of_an_indexed_map_are_settled_too():
    smooth = RGB.resize((200, 200), Image.Resampling.BILINEAR).quantize(200, dither=Image.Dither.NONE)
    read, _ = read_map(stored(smooth), SIZE)
    assert set(np.unique(read)) == set(np.unique(IDS)) and (read != IDS).mean() < 0.02


@pytest.mark.parametrize(("kind", "quality"), [("JPEG", 60), ("JPEG", 75), ("JPEG", 95), ("WEBP", 80)])
def test_a_lossy_map_is_snapped_and_told(kind, quality):
    big = RGB.resize((256, 256), Image.Resampling.NEAREST)
    read, notes = read_map(stored(big, kind, quality=quality), SIZE)
    assert set(np.unique(read)) == set(np.unique(IDS)) and (read != IDS).mean() < 0.02
    assert any("near the palette" in str(note) for note in notes)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_grey_ids_in_a_lossy_file_are_refused(kind):
    """Compression moves ids by one or two: a shirt would become a t-shirt without a word."""
    for image in (GREY, GREY.convert("RGB")):
        if kind == "WEBP" and image.mode == "L":
            continue
        with pytest.raises(UserError, match="PNG|photo"):
            read_map(stored(image, kind, quality=100), SIZE)


def test_a_product_photo_on_white_is_no_map():
    """Most of it is exactly white: what counts is what it shows."""
    noise = np.random.default_rng(0).integers(60, 200, (20, 20, 3)).astype(np.uint8)
    photo = np.full((SIZE, SIZE, 3), 255, np.uint8)
    photo[20:40, 20:40] = noise
    with pytest.raises(UserError, match="photo"):
        read_map(stored(Image.fromarray(photo)), SIZE)


def test_black_around_the_palettes_colours_is_background_and_told():
    black = COLOURS.copy()
    black[IDS == BACKGROUND] = 0
    big = Image.fromarray(black).resize((200, 200), Image.Resampling.BILINEAR)
    for source in (black, stored(Image.fromarray(black)), stored(Image.fromarray(black).quantize(8)), stored(big)):
        read, notes = read_map(source, SIZE)
        assert set(np.unique(read)) == set(np.unique(IDS)) and (read != IDS).mean() < 0.02
        assert [n.key for n in notes if n.key not in ("palette", "edges", "resized")] == ["black"]


def test_flat_colours_of_another_tool_are_named_not_called_a_photo():
    with pytest.raises(UserError, match="#[0-9a-f]{6}.* not those of garmentgen"):
        read_map(255 - voc()[IDS].astype(np.uint8), SIZE)


def test_half_a_download_is_refused():
    """Zeros for the second half, and the end marker: only the decoder can tell."""
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3)).astype(np.uint8)
    data = stored(Image.fromarray(noise), "JPEG")
    half = data[: len(data) // 2] + bytes(len(data) // 2 - 2) + b"\xff\xd9"
    with pytest.raises(UserError, match="damaged"):
        read_photo(half, 64)


# --- suspicious ------------------------------------------------------------------------------------------------------


def test_ids_from_one_on_a_background_of_zero_are_suspicious():
    shifted = np.where(IDS == BACKGROUND, 0, IDS + 1).astype(np.uint8)
    for data in (stored(Image.fromarray(shifted)), stored(indexed(shifted, voc()))):
        _, notes = read_map(data, SIZE)
        assert [note.key for note in notes if note.warning] == ["from_one"] and "count from 1" in str(notes[-1])


def test_a_map_without_any_background_is_suspicious():
    full = np.full((SIZE, SIZE), PANTS, np.uint8)
    for source in (full, colorize(full)):
        assert [note.key for note in read_map(source, SIZE)[1] if note.warning] == ["no_background"]
    assert not [note for note in read_map(IDS, SIZE)[1] if note.warning]


# --- larger and smaller ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", [512, 500, 777])
def test_a_zipper_thinner_than_a_canvas_pixel_is_kept_and_told(side):
    labels = np.full((side, side), BACKGROUND, np.uint8)
    labels[side // 8 : -side // 8, side // 8 : -side // 8] = TOP
    labels[side // 4 : -side // 4, side // 2] = ZIPPER
    for source in (labels, colorize(labels), stored(Image.fromarray(labels))):
        read, notes = read_map(source, SIZE)
        column = np.flatnonzero((read == ZIPPER).any(0))
        assert len(column) <= 2 and (read == ZIPPER).sum() >= SIZE // 2 - 1  # one line, unbroken
        assert [note.key for note in notes].count("thin") == 1 and "zipper" in str(notes[-1])


def test_shrinking_gives_each_pixel_the_class_with_the_largest_area():
    rng = np.random.default_rng(1)
    labels = rng.choice(np.array([TOP, SLEEVE, POCKET, BACKGROUND], np.uint8), (37, 23))
    size, side = 9, 37
    square = np.full((side, side), BACKGROUND, np.uint8)
    square[:, 7:30] = labels
    fine = square.repeat(size, 0).repeat(size, 1)  # every canvas pixel is side x side of these
    cells = fine.reshape(size, side, size, side).transpose(0, 2, 1, 3).reshape(size * size, -1)
    expected = np.array([np.bincount(cell, minlength=256).argmax() for cell in cells]).reshape(size, size)
    np.testing.assert_array_equal(fit_square(labels, size), expected)


def test_one_pixel_each_of_all_classes_is_not_lost():
    labels = blank(256)
    labels[::5, ::5].flat[:NUM_LABELS] = np.arange(NUM_LABELS)
    read, notes = read_map(labels, 64)
    assert set(np.unique(read)) == {*range(NUM_LABELS), BACKGROUND}
    crowded = np.tile(np.arange(NUM_LABELS, dtype=np.uint8), (NUM_LABELS, 1))
    read, notes = read_map(crowded, 4)  # sixteen pixels for 46 classes: the others are lost, and named
    kept = set(np.unique(read)) - {BACKGROUND}
    lost = next(note for note in notes if note.key == "lost")
    assert len(kept) == 16 and set(lost.values["classes"]) == set(range(NUM_LABELS)) - kept


def test_growing_smooths_the_stairs_and_keeps_every_class():
    disc = blank(64)
    y, x = np.mgrid[:64, :64] - 31.5
    disc[y**2 + x**2 < 20**2] = TOP
    disc[10:50, 5] = ZIPPER
    grown = fit_square(disc, 256)
    y, x = np.mgrid[:256, :256] - 127.5
    ideal = y**2 + x**2 < 80**2
    stairs = disc.repeat(4, 0).repeat(4, 1) == TOP
    assert ((grown == TOP) != ideal).sum() < 0.5 * (stairs != ideal).sum()
    assert np.array_equal(grown == ZIPPER, disc.repeat(4, 0).repeat(4, 1) == ZIPPER)


def test_growing_keeps_straight_edges_where_they_are():
    labels = blank(64)
    labels[16:48, 16:48] = PANTS
    grown = fit_square(labels, 128)
    assert np.array_equal(grown[40:88], labels.repeat(2, 0).repeat(2, 1)[40:88])


def test_a_map_of_8192_pixels_a_side_is_read():
    labels = np.full((8192, 8192), BACKGROUND, np.uint8)
    labels[1024:7168, 2048:6144] = TOP
    read, _ = read_map(stored(indexed(labels, palette()), compress_level=1), SIZE)
    expected = blank(SIZE)
    expected[8:56, 16:48] = TOP
    np.testing.assert_array_equal(read, expected)


# --- turned and cut-out photographs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])  # Pillow turns a TIFF by itself
@pytest.mark.parametrize("turn", range(1, 9))
def test_an_exif_rotation_is_undone_for_photo_and_map_alike(turn, kind):
    lying = np.zeros((40, 64, 3), np.uint8)
    lying[:10, :20] = 200
    exif = Image.Exif()
    exif[0x0112] = turn
    photo = stored(Image.fromarray(lying), kind, exif=exif)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(photo))))
    np.testing.assert_array_equal(read_photo(photo, 64), read_photo(upright, 64))
    ids = np.where(lying[..., 0] > 0, TOP, PANTS).astype(np.uint8)
    read, _ = read_map(stored(Image.fromarray(ids), kind, exif=exif), 64)
    np.testing.assert_array_equal(read == TOP, read_photo(upright, 64)[..., 0] == 200)


def test_a_phones_second_picture_is_no_animation():
    first, second = (Image.fromarray(np.full((64, 64, 3), v, np.uint8)) for v in (40, 220))
    data = stored(first, "MPO", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(data)).n_frames == 2
    assert abs(read_photo(data, 64).astype(int) - 40).max() <= 2


def test_a_cut_out_photo_stands_on_white():
    photo = np.zeros((64, 64, 4), np.uint8)
    photo[16:48, 16:48] = (10, 90, 200, 255)
    assert (read_photo(stored(Image.fromarray(photo)), 64)[0, 0] == 255).all()
    read = read_photo(stored(Image.fromarray(photo).quantize(4)), 64)  # indexed, with transparency
    assert (read[0, 0] == 255).all() and abs(read[32, 32].astype(int) - (10, 90, 200)).max() < 8


@pytest.mark.parametrize("deep", [np.uint16, np.int32, np.float32])
def test_deep_photos_are_scaled(deep):
    ramp = np.linspace(0, 1, 64)[None].repeat(64, 0)
    values = ramp if deep == np.float32 else ramp * 65535
    kind = "PNG" if deep == np.uint16 else "TIFF"
    read = read_photo(stored(Image.fromarray(values.astype(deep)), kind), 64)
    np.testing.assert_allclose(read[..., 0], ramp * 255, atol=1)


def test_a_sliver_is_no_photo_of_gigabytes():
    """204 bytes of 1 x 60,000 pixels would be padded to ten gigabytes."""
    with pytest.raises(UserError, match="8192"):
        read_photo(stored(Image.new("L", (1, 60_000), 99)), 64)
    assert read_photo(stored(Image.new("L", (1, 8192), 99)), 64).shape == (64, 64, 3)


@pytest.mark.parametrize("kind", ["AVIF", "ICO", "PPM"])
def test_other_decoders_are_not_even_asked(kind):
    with pytest.raises(UserError, match="PNG or JPEG"):
        read_photo(stored(Image.new("RGB", (64, 64)), kind), 64)
