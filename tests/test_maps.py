"""What a user may hand over as a map or photo, and the one sentence for everything else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from small_maps import PANTS, TOP, blank, outfit, photo_of

from garmentgen.errors import UserError
from garmentgen.labels import BACKGROUND, NUM_LABELS, colorize, palette
from garmentgen.maps import fit_square, read_map, read_photo


def png(picture: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind)
    return buffer.getvalue()


def test_ids_and_their_colours_say_the_same(tmp_path):
    labels = outfit()
    path = tmp_path / "map.png"
    path.write_bytes(png(colorize(labels)))
    transparent = np.concatenate([colorize(labels), np.where(labels == BACKGROUND, 0, 255)[..., None]], -1)
    indexed = Image.fromarray(labels).convert("P")
    indexed.putpalette(palette().tobytes())
    indexed.save(tmp_path / "indexed.png")
    sources = [
        labels, labels.astype(np.int64), labels[..., None], colorize(labels), transparent.astype(np.uint8),
        path, str(path), path.read_bytes(), png(labels), tmp_path / "indexed.png",
    ]  # fmt: skip
    for source in sources:
        read, notes = read_map(source, 64)
        assert read.dtype == np.uint8 and np.array_equal(read, labels) and len(notes) == 1


def test_transparent_pixels_are_background_whatever_colour_hides_there():
    """Painting programs leave black under full transparency: that is no photo."""
    labels = outfit()
    hidden = colorize(labels)
    hidden[labels == BACKGROUND] = 0
    picture = np.dstack([hidden, np.where(labels == BACKGROUND, 0, 255).astype(np.uint8)])
    read, notes = read_map(picture, 64)
    assert np.array_equal(read, labels) and len(notes) == 1


def test_resizing_is_told():
    labels = outfit()
    big = labels.repeat(3, 0).repeat(3, 1)
    read, notes = read_map(big, 64)
    assert np.array_equal(read, labels) and str(notes[1]) == "The map was resized from 192x192 to 64x64."


def test_a_map_that_is_not_square_is_centred_not_stretched():
    labels = np.full((64, 32), TOP, np.uint8)
    read, notes = read_map(labels, 64)
    assert (read[:, 16:48] == TOP).all() and (read[:, :16] == BACKGROUND).all() and (read[:, 48:] == BACKGROUND).all()
    assert "32x64" in str(notes[1])


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.integers(0, NUM_LABELS - 1)))
def test_fitting_invents_no_class(labels):
    fitted = fit_square(labels, 32)
    assert fitted.shape == (32, 32) and set(np.unique(fitted)) <= {*np.unique(labels), BACKGROUND}


def test_snapped_colours_are_counted_and_told():
    picture = colorize(outfit())
    picture[0, :3] = (250, 250, 250)
    read, notes = read_map(picture, 64)
    assert np.array_equal(read, outfit()) and str(notes[1]).startswith("3 pixels are only near")


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)


TALL = 20_000
BAD = {
    "no axis": (np.array(3, np.uint8), "shape"),
    "one axis": (np.zeros(64, np.uint8), "shape"),
    "four axes": (np.zeros((1, 64, 64, 3), np.uint8), "shape"),
    "two channels": (np.zeros((64, 64, 2), np.uint8), "shape"),
    "no pixels": (np.zeros((0, 64), np.uint8), "shape"),
    "floats": (np.zeros((64, 64)), "integer"),
    "booleans": (np.zeros((64, 64), bool), "integer"),
    "strings": (np.full((8, 8), "top"), "integer"),
    "objects": (np.full((8, 8), None), "integer"),
    "an id too high": (np.full((64, 64), NUM_LABELS, np.uint8), "ids"),
    "a negative id": (np.full((64, 64), -1), "ids"),
    "background as 256": (np.full((64, 64), 256), "ids"),
    "empty": (blank(), "empty"),
    "empty in colour": (np.full((64, 64, 3), 255, np.uint8), "empty"),
    "all transparent": (np.zeros((64, 64, 4), np.uint8), "empty"),
    "float colours": (np.zeros((64, 64, 3), np.float32), "uint8"),
    "a photo": (noise(64, 64, 3), "photo"),
    "a photo as a file": (png(noise(64, 64, 3)), "photo"),
    "a JPEG photo": (png(noise(64, 64, 3), "JPEG"), "photo"),
    "too tall": (np.broadcast_to(np.uint8(TOP), (TALL, TALL)), "8192"),
    "too tall in colour": (np.broadcast_to(palette()[TOP], (TALL, TALL, 3)), "8192"),
    "a file too tall": (png(np.full((8193, 8), TOP, np.uint8)), "8192"),
    "no bytes": (b"", "not a picture"),
    "other bytes": (b"GIF89a, or so it says", "not a picture|damaged"),
    "text": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
    "half a file": (png(noise(64, 64))[:-900], "damaged"),
    "no such file": ("nowhere/map.png", "cannot read"),
    "a folder": (".", "cannot read"),
    "an empty name": ("", "name of a file"),
    "a name no file can have": ("a\0b", "name of a file"),
    "a device": ("/dev/zero", "device"),
    "a name too long": ("a" * 5000, "cannot read"),
    "nothing": (None, "map"),
    "a list": ([[TOP, TOP], [TOP, TOP]], "map"),
}


@pytest.mark.parametrize("name", BAD)
def test_every_bad_map_is_one_clear_error(name):
    source, words = BAD[name]
    with pytest.raises(UserError, match=words) as caught:
        read_map(source, 64)
    assert len(str(caught.value).splitlines()) == 1 and "Traceback" not in str(caught.value)


def test_a_picture_of_20000_pixels_a_side_is_refused_before_it_is_decoded(tmp_path):
    """Half a gigabyte of white compresses to little; Pillow's own guard must not speak first in riddles."""
    path = tmp_path / "huge.png"
    Image.new("1", (TALL, TALL), 1).save(path)
    with pytest.raises(UserError, match="8192"):
        read_map(path, 64)


def test_an_animation_is_refused():
    frames = [Image.fromarray(np.full((8, 8), v, np.uint8)) for v in (0, 200)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(UserError, match="animated"):
        read_map(buffer.getvalue(), 64)


@given(st.binary(max_size=200))
def test_random_bytes_are_never_more_than_an_error(data):
    with pytest.raises(UserError):
        read_map(data, 16)


@given(st.integers(0, 2000), st.integers(0, 255))
def test_a_map_file_damaged_anywhere_is_read_or_refused(position, value):
    data = bytearray(png(colorize(outfit(16))))
    data[position % len(data)] = value
    try:
        read, _ = read_map(bytes(data), 16)
    except UserError:
        return
    assert read.shape == (16, 16) and read.dtype == np.uint8


def test_photos_of_any_kind_become_square_rgb():
    labels = blank(64)
    labels[:, 16:48] = PANTS
    photo = photo_of(labels)
    tall = photo[:, 16:48]
    assert np.array_equal(read_photo(photo, 64), photo)
    assert np.array_equal(read_photo(tall, 64), photo)  # centred on white, as its map would be
    grey = read_photo(np.full((10, 10), 80, np.uint8), 32)
    assert grey.shape == (32, 32, 3) and (grey == 80).all()
    clear = np.full((10, 10, 4), 80, np.uint8)
    assert (read_photo(clear, 20)[5, 5] == round(80 * 80 / 255 + 255 - 80)).all()  # on white
    clear[..., 3] = 255
    assert (read_photo(clear, 20)[5, 5] == 80).all()
    assert np.array_equal(read_photo(png(photo), 64), photo)
    assert (read_photo(np.full((10, 10, 1), 80, np.uint8), 20) == 80).all()


BAD_PHOTOS = [
    np.zeros((8, 8, 3), np.float32),
    np.zeros((8, 8, 5), np.uint8),
    np.zeros(8, np.uint8),
    np.zeros((0, 8, 3), np.uint8),
    np.broadcast_to(np.uint8(0), (TALL, TALL, 3)),
    b"not a photo",
    None,
]


@pytest.mark.parametrize("photo", BAD_PHOTOS, ids=range(len(BAD_PHOTOS)))
def test_a_bad_photo_is_one_clear_error(photo):
    with pytest.raises(UserError):
        read_photo(photo, 64)
