"""Preparation: labels against a full decode, clean colours, every bad input, interruptions."""

from __future__ import annotations

import csv
import json
import lzma
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from garment_folder import (
    HAT,
    PANTS,
    POCKET,
    RED,
    SLEEVE,
    TOP,
    photo,
    rectangle,
    rows_of,
    simple_folder,
    write_csv,
    write_photo,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from garmentgen.data import resize, rle, store
from garmentgen.data.dataset import Garments
from garmentgen.data.prepare import prepare
from garmentgen.data.sample import painting_order, prepare_one
from garmentgen.data.source import Record, Segment
from garmentgen.errors import UserError
from garmentgen.labels import BACKGROUND, PARTS
from garmentgen.photo import decode, read_header


def quiet(src, dst, **kwargs):
    return prepare(src, dst, **{"size": 32, "workers": 1, "progress": None, **kwargs})


# --- labels: pixel for pixel those of a full decode ---------------------------------------------------------------


def full_decode(segments, frame, shape):
    """The slow way, written apart: full masks painted in order on the photo, padded, nearest pixel by pixel."""
    order = sorted(segments, key=lambda s: -s[1].sum())
    full = np.full(shape, BACKGROUND, np.uint8)
    for parts in (False, True):
        for class_id, mask in order:
            if (class_id in PARTS) == parts:
                full[mask] = class_id
    target = np.full((frame.size, frame.size), BACKGROUND, np.uint8)
    for i in range(frame.size):
        for j in range(frame.size):
            y = frame.top + int(np.floor((i + 0.5) * frame.height / frame.size))
            x = frame.left + int(np.floor((j + 0.5) * frame.width / frame.size))
            if 0 <= y < shape[0] and 0 <= x < shape[1]:
                target[i, j] = full[y, x]
    return target


@st.composite
def annotated_photos(draw):
    shape = (draw(st.integers(8, 320)), draw(st.integers(8, 320)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    segments = []
    for _ in range(draw(st.integers(1, 5))):
        class_id = draw(st.sampled_from((TOP, SLEEVE, PANTS, POCKET, HAT)))
        top, left = rng.integers(0, shape[0]), rng.integers(0, shape[1])
        mask = rectangle(shape, top, left, top + 1 + rng.integers(shape[0]), left + 1 + rng.integers(shape[1]))
        if draw(st.booleans()):
            mask &= rng.random(shape) < 0.6  # ragged: thousands of runs
        mask[top, left] = True
        segments.append((class_id, mask))
    return shape, segments


@settings(max_examples=120, deadline=None)
@given(annotated_photos(), st.sampled_from((8, 11, 32)), st.sampled_from(("garment", "stretch")), st.booleans())
def test_labels_equal_a_full_decode(tmp_path_factory, annotated, size, fit, lossless):
    shape, segments = annotated
    path = tmp_path_factory.getbasetemp() / ("photo.png" if lossless else "photo.jpg")
    everything = np.any([mask for _, mask in segments], 0)
    write_photo(path, photo(shape, everything))
    rows = [Segment(f"row {i}", str(c), rle.encode(m), *map(str, shape)) for i, (c, m) in enumerate(segments)]
    outcome = prepare_one(Record("x", path, tuple(rows)), rle.parse, size, fit)
    sample = outcome.sample
    if sample is None:  # so thin that no target pixel's centre falls on it
        assert "nothing is left" in outcome.left_out[0][1]
        return
    assert not outcome.left_out
    expected = full_decode(segments, sample.frame, shape)
    np.testing.assert_array_equal(sample.labels, expected)
    assert (sample.image[sample.labels == BACKGROUND] == 255).all()
    if not lossless:
        assert read_header(path.read_bytes()).shape == shape


@given(st.integers(-50, 50), st.integers(1, 5000), st.integers(1, 300))
def test_nearest_is_the_stated_convention(start, length, n):
    expected = [start + int(np.floor((i + 0.5) * length / n)) for i in range(n)]
    assert resize.nearest(start, length, n).tolist() == expected


def test_nearest_on_paper():
    assert resize.nearest(0, 8, 2).tolist() == [2, 6]  # the middles of 0..3 and 4..7
    assert resize.nearest(10, 3, 3).tolist() == [10, 11, 12]
    assert resize.nearest(0, 2, 4).tolist() == [0, 0, 1, 1]


def test_garments_are_painted_large_first_then_parts_large_first():
    def runs(length):
        return np.array([[0, length]])

    order = painting_order([(POCKET, runs(90)), (TOP, runs(50)), (SLEEVE, runs(99)), (PANTS, runs(60))])
    assert [class_id for class_id, _ in order] == [PANTS, TOP, SLEEVE, POCKET]


# --- frames: nothing is cropped, the photo is never coarser than the target ---------------------------------------


boxes = st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(1, 3000), st.integers(1, 3000))


@given(boxes, st.sampled_from((16, 64, 256)))
def test_the_garment_frame_holds_the_whole_box_with_some_room(box, size):
    left, top, right, bottom = box[0], box[1], box[0] + box[2], box[1] + box[3]
    frame = resize.garment_frame((top, left, bottom, right), size)
    assert frame.width == frame.height
    assert frame.left < left and frame.top < top
    assert frame.left + frame.width > right and frame.top + frame.height > bottom
    longer = max(box[2:])
    assert frame.width <= longer * 1.09 + 16  # the clothes fill the picture
    d = frame.reduction
    assert frame.left % d == 0 and frame.top % d == 0
    assert d == 1 or frame.width // d >= size
    assert d == 8 or frame.width < 2 * d * size  # and no larger photo than needed


def test_the_stretched_frame_is_the_photo():
    frame = resize.stretch_frame(300, 200, 64)
    assert (frame.left, frame.top, frame.width, frame.height) == (0, 0, 200, 300)


# --- colours: from inside the mask only ---------------------------------------------------------------------------


@pytest.mark.parametrize("side", [40, 64, 150, 300, 700, 1500])
@pytest.mark.parametrize("fit", ["garment", "stretch"])
def test_no_floor_on_the_edges_at_any_reduction(tmp_path, side, fit):
    shape = (side, side + side // 3)
    yy, xx = np.indices(shape)
    mask = np.hypot(yy - side / 2, xx - side / 1.5) < side * 0.4
    write_photo(tmp_path / "train" / "a.jpg", photo(shape, mask))
    write_csv(tmp_path, rows_of("a.jpg", [(TOP, mask)]))
    quiet(tmp_path, tmp_path / "out", fit=fit)
    garments = Garments(tmp_path / "out")
    image, labels = garments.picture(0)
    assert 200 < (labels == TOP).sum() < 1000
    worst = np.abs(image[labels == TOP].astype(int) - RED).max()
    assert worst <= 40  # floor differs by 170; JPEG's half-size colour channels reach past two pixels a little
    assert (image[labels != TOP] == 255).all()


def test_a_strap_without_inside_keeps_its_own_colour(tmp_path):
    strap = rectangle((64, 64), 4, 30, 60, 32) | rectangle((64, 64), 4, 4, 6, 60)
    write_photo(tmp_path / "train" / "a.png", photo((64, 64), strap))
    write_csv(tmp_path, rows_of("a.png", [(TOP, strap)]))
    quiet(tmp_path, tmp_path / "out", size=64)
    image, labels = Garments(tmp_path / "out").picture(0)
    assert np.abs(image[labels == TOP].astype(int) - RED).max() <= 2


def test_a_garment_of_one_pixel_of_a_large_photo_is_not_black(tmp_path):
    dot = rectangle((512, 512), 101, 101, 102, 102)  # on the 48 px grid, not on the reduced photo's
    block = rectangle((512, 512), 300, 300, 420, 420)
    write_photo(tmp_path / "train" / "a.jpg", np.full((512, 512, 3), 90, np.uint8))
    write_csv(tmp_path, rows_of("a.jpg", [(TOP, block), (HAT, dot)]))
    quiet(tmp_path, tmp_path / "out", size=48, fit="stretch")
    image, labels = Garments(tmp_path / "out").picture(0)
    assert (labels == HAT).sum() == 1
    assert np.abs(image[labels != BACKGROUND].astype(int) - 90).max() <= 2


def test_a_pattern_is_where_it_was(tmp_path):
    # four quarters of one garment in four colours, reduced by 8: each lands in its quarter, exactly in the middle
    quarters = np.zeros((512, 512, 3), np.uint8)
    for i, color in enumerate(((250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0))):
        quarters[256 * (i // 2) : 256 * (i // 2) + 256, 256 * (i % 2) : 256 * (i % 2) + 256] = color
    write_photo(tmp_path / "train" / "a.jpg", quarters)
    write_csv(tmp_path, rows_of("a.jpg", [(TOP, np.ones((512, 512), bool))]))
    quiet(tmp_path, tmp_path / "out", size=64, fit="stretch")
    image = Garments(tmp_path / "out").images[0].astype(int)
    small = quarters[4::8, 4::8].astype(int)
    assert np.abs(image - small).max() <= 12


def test_reduced_decoding_keeps_every_pixels_share(tmp_path):
    image = np.zeros((43, 61, 3), np.uint8)
    write_photo(tmp_path / "a.jpg", image)
    data = read_header((tmp_path / "a.jpg").read_bytes())
    assert data.reducible and [decode(data, d).shape[:2] for d in (1, 2, 4, 8)] == [
        (43, 61),
        (22, 31),
        (11, 16),
        (6, 8),
    ]


# --- files --------------------------------------------------------------------------------------------------------


def test_the_prepared_folder(tmp_path):
    report = quiet(simple_folder(tmp_path / "set", 3), tmp_path / "out")
    assert (report.kept, report.rejected) == (3, 0)
    assert sorted(os.listdir(tmp_path / "out")) == ["images.npy", "index.csv", "labels.npy", "meta.json"]
    images, labels = np.load(tmp_path / "out" / "images.npy"), np.load(tmp_path / "out" / "labels.npy", mmap_mode="r")
    assert images.shape == (3, 32, 32, 3) and labels.shape == (3, 32, 32, 1) and labels.dtype == np.uint8
    assert set(np.unique(labels)) == {TOP, SLEEVE, BACKGROUND}
    rows = list(csv.DictReader((tmp_path / "out" / "index.csv").open()))
    assert [row["name"] for row in rows] == ["000.jpg", "001.jpg", "002.jpg"]
    assert rows[0]["main"] == str(TOP) and rows[0]["classes"] == f"{TOP} {SLEEVE}"
    assert json.loads((tmp_path / "out" / "meta.json").read_text())["count"] == 3


def test_two_workers_and_one_give_the_same_bytes(tmp_path):
    src = simple_folder(tmp_path / "set", 7)
    quiet(src, tmp_path / "one")
    quiet(src, tmp_path / "two", workers=2)
    for name in ("images.npy", "labels.npy", "index.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_limit_and_repeating_a_whole_preparation(tmp_path):
    src = simple_folder(tmp_path / "set", 4)
    assert quiet(src, tmp_path / "out", limit=2).kept == 2
    before = (tmp_path / "out" / "images.npy").stat().st_mtime_ns
    assert quiet(src, tmp_path / "out", limit=2).kept == 2
    assert (tmp_path / "out" / "images.npy").stat().st_mtime_ns == before
    with pytest.raises(UserError, match=r"limit=2 \(now None\)"):
        quiet(src, tmp_path / "out")


@pytest.mark.parametrize("after", [0, 1, 4, 6])
@pytest.mark.parametrize("torn", [False, True])
def test_an_interrupted_preparation_goes_on_where_it_stopped(tmp_path, monkeypatch, after, torn):
    src = simple_folder(tmp_path / "set", 7)
    (src / "train" / "002.jpg").unlink()
    quiet(src, tmp_path / "whole")
    keep, count = store.Store.keep, 0

    def interrupted(self, *args):
        nonlocal count
        count += 1
        if count > after:
            if torn:  # as when the machine stops in the middle of writing
                self._append("images.npy", b"half a picture")
                self._append("index.csv", b"5,00")
            raise KeyboardInterrupt
        keep(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(store.Store, "keep", interrupted)
        if after < 6:
            with pytest.raises(KeyboardInterrupt):
                quiet(src, tmp_path / "out")
            assert not (tmp_path / "out" / "meta.json").exists()
            with pytest.raises(UserError, match=r"size=32 \(now 16\)"):
                quiet(src, tmp_path / "out", size=16)
    seen = []
    with monkeypatch.context() as patch:
        patch.setattr(store.Store, "keep", lambda self, *args: (seen.append(args[2][0]), keep(self, *args)))
        quiet(src, tmp_path / "out")
    assert len(seen) == 6 - (after if after < 6 else 0)  # nothing is prepared twice
    for name in os.listdir(tmp_path / "whole"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()


@pytest.mark.parametrize("done", [0, 1, 2, 3, 4])
def test_an_interruption_while_the_files_get_their_names(tmp_path, monkeypatch, done):
    src = simple_folder(tmp_path / "set", 3)
    (src / "train" / "002.jpg").unlink()
    quiet(src, tmp_path / "whole")
    replace, count = os.replace, 0

    def interrupted(a, b):
        nonlocal count
        if str(b).endswith((".npy", ".csv", "meta.json")):
            count += 1
            if count > done:
                raise KeyboardInterrupt
        replace(a, b)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            quiet(src, tmp_path / "out")
    assert quiet(src, tmp_path / "out").kept == 2
    for name in os.listdir(tmp_path / "whole"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    assert sorted(os.listdir(tmp_path / "whole")) == sorted(os.listdir(tmp_path / "out"))


def test_a_killed_process_goes_on(tmp_path):
    src = simple_folder(tmp_path / "set", 40, (900, 700))
    quiet(src, tmp_path / "whole", size=64)
    code = (
        "import sys; from garmentgen.data.prepare import prepare; "
        "prepare(sys.argv[1], sys.argv[2], size=64, workers=1, progress=None)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, src, tmp_path / "out"])
    index = tmp_path / "out" / "index.csv.tmp"
    for _ in range(3000):
        if index.is_file() and index.read_bytes().count(b"\n") > 5:
            break
        time.sleep(0.01)
    process.kill()
    process.wait()
    quiet(src, tmp_path / "out", size=64)
    for name in ("images.npy", "labels.npy", "index.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()


# --- bad input: one line each, the rest goes on -------------------------------------------------------------------


def break_missing(folder, rows):
    (folder / "train" / "001.jpg").unlink()


def break_truncated(folder, rows):
    path = folder / "train" / "001.jpg"
    path.write_bytes(path.read_bytes()[:-200])


def break_not_an_image(folder, rows):
    (folder / "train" / "001.jpg").write_text("this is no picture")


def break_empty_file(folder, rows):
    (folder / "train" / "001.jpg").write_bytes(b"")


def break_header_only(folder, rows):
    path = folder / "train" / "001.jpg"
    path.write_bytes(path.read_bytes()[:20] + b"\xff\xd9")


def break_size(folder, rows):
    rows[3][2] = 91


def break_no_size(folder, rows):
    rows[3][3] = "wide"


def break_odd(folder, rows):
    rows[3][1] += " 7"


def break_past_end(folder, rows):
    rows[3][1] = "6299 3"


def break_not_whole(folder, rows):
    rows[3][1] = "12 3.5"


def break_class(folder, rows):
    rows[3][4] = 46


def break_no_class(folder, rows):
    rows[3][4] = "shirt"


def break_empty_mask(folder, rows):
    rows[3][1] = ""


def break_short_row(folder, rows):
    del rows[3][2:]


def rejected_rows(folder: Path) -> list[dict]:
    return list(csv.DictReader((folder / "rejected.csv").open()))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (break_missing, "missing"),
        (break_truncated, "damaged (Premature end of JPEG file)"),
        (break_not_an_image, "no picture"),
        (break_empty_file, "no picture"),
        (break_header_only, "damaged"),
    ],
)
def test_a_bad_photo_is_one_line_and_the_rest_goes_on(tmp_path, damage, reason):
    src = simple_folder(tmp_path / "set", 4)
    damage(src, [])
    text: list[str] = []
    report = quiet(src, tmp_path / "out", progress=text.append)
    assert (report.kept, report.rejected, report.left_out) == (3, 1, 0)
    assert len(text) == 1 and text[0].startswith("rejected 001.jpg (train.csv row 4): ") and reason in text[0]
    assert str(report).startswith(f"3 pictures in {tmp_path / 'out'}, 1 photos rejected, 0 annotations left out")
    noted = rejected_rows(tmp_path / "out")
    assert [(n["file"], n["row"]) for n in noted] == [("001.jpg", "row 4")] and reason in noted[0]["reason"]
    assert Garments(tmp_path / "out").names == ["000.jpg", "002.jpg", "003.jpg"]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (break_size, "70x90 pixels, but its annotation says 70x91"),
        (break_no_size, "70x90 pixels, but its annotation says widex90"),
        (break_odd, "odd number"),
        (break_past_end, "past the end"),
        (break_not_whole, "'3.5'"),
        (break_class, "'46'"),
        (break_no_class, "'shirt'"),
        (break_empty_mask, "empty"),
        (break_short_row, "annotation says"),
    ],
)
def test_a_bad_annotation_costs_itself_and_not_the_photo(tmp_path, damage, reason):
    src = simple_folder(tmp_path / "set", 4)
    rows = list(csv.reader((src / "train.csv").open()))[1:]
    damage(src, rows)
    write_csv(src, rows)
    text: list[str] = []
    report = quiet(src, tmp_path / "out", progress=text.append)
    assert (report.kept, report.rejected, report.left_out) == (4, 0, 1)
    assert any("left out of 001.jpg (train.csv row 5)" in line and reason in line for line in text)
    noted = rejected_rows(tmp_path / "out")
    assert [(n["file"], n["row"]) for n in noted] == [("001.jpg", "row 5")] and reason in noted[0]["reason"]
    labels = Garments(tmp_path / "out").labels
    assert set(np.unique(labels[1])) == {SLEEVE, BACKGROUND} and set(np.unique(labels[2])) == {SLEEVE, TOP, BACKGROUND}


def test_every_bad_row_of_a_photo_is_named(tmp_path):
    src = simple_folder(tmp_path / "set", 2)
    rows = list(csv.reader((src / "train.csv").open()))[1:]
    rows[0][4], rows[1][1] = 99, "1"
    write_csv(src, rows)
    assert quiet(src, tmp_path / "out").rejected == 1
    noted = list(csv.DictReader((tmp_path / "out" / "rejected.csv").open()))
    assert [n["row"] for n in noted] == ["row 2", "row 3"]


def test_strict_fails_at_the_end_but_the_rest_is_there(tmp_path):
    src = simple_folder(tmp_path / "set", 3)
    (src / "train" / "001.jpg").unlink()
    with pytest.raises(UserError, match=r"1 of 3 photos were rejected.*rejected\.csv"):
        quiet(src, tmp_path / "out", strict=True)
    assert len(Garments(tmp_path / "out")) == 2


def test_nothing_usable_is_an_error_and_can_be_mended(tmp_path):
    src = simple_folder(tmp_path / "set", 2)
    shutil.move(src / "train", src / "away")
    with pytest.raises(UserError, match="none of 2 photos was usable"):
        quiet(src, tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["rejected.csv"]
    shutil.move(src / "away", src / "train")
    assert quiet(src, tmp_path / "out").kept == 2
    assert "rejected.csv" not in os.listdir(tmp_path / "out")


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    src = simple_folder(tmp_path / "set", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        quiet(src, tmp_path / "out")
    (tmp_path / "out" / "meta.json").write_text("{}")
    with pytest.raises(UserError, match="not written by prepare"):
        quiet(src, tmp_path / "out")
    with pytest.raises(UserError, match="not empty"):
        quiet(src, src / "train.csv")
    assert sorted(os.listdir(tmp_path / "out")) == ["meta.json", "thesis.txt"]


def test_a_rejected_csv_of_somebody_else_is_left_alone_too(tmp_path):
    src = simple_folder(tmp_path / "set", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "rejected.csv").write_text("applicant\n")
    with pytest.raises(UserError, match="not empty"):
        quiet(src, tmp_path / "out")


def test_a_folder_that_cannot_be_made(tmp_path):
    src = simple_folder(tmp_path / "set", 1)
    with pytest.raises(UserError, match="cannot write to"):
        quiet(src, src / "train.csv" / "out")


def test_too_little_disk_is_said_before_anything_is_written(tmp_path, monkeypatch):
    src = simple_folder(tmp_path / "set", 2)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=100))
    with pytest.raises(UserError, match="make room"):
        quiet(src, tmp_path / "out")


def test_a_disk_that_fills_up_on_the_way(tmp_path, monkeypatch):
    src = simple_folder(tmp_path / "set", 2)

    def full(self, name, data):
        raise self._full(OSError(28, "No space left on device"))

    with monkeypatch.context() as patch:
        patch.setattr(store.Store, "_append", full)
        with pytest.raises(UserError, match="the disk is full.*go on"):
            quiet(src, tmp_path / "out")
    assert quiet(src, tmp_path / "out").kept == 2


@pytest.mark.parametrize("wrong", [{"fit": "crop"}, {"size": 4}, {"workers": 0}, {"limit": 0}])
def test_arguments_out_of_range(tmp_path, wrong):
    with pytest.raises(UserError, match="expected fit"):
        quiet(simple_folder(tmp_path / "set", 1), tmp_path / "out", **wrong)


def test_a_photo_with_a_rotation_tag_is_read_as_stored(tmp_path):
    src = simple_folder(tmp_path / "set", 1)
    quiet(src, tmp_path / "plain")
    plain = (src / "train" / "000.jpg").read_bytes()
    tag = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    (src / "train" / "000.jpg").write_bytes(
        plain[:2] + b"\xff\xe1" + (len(tag) + 2).to_bytes(2, "big") + tag + plain[2:]
    )
    assert cv2.imread(str(src / "train" / "000.jpg")).shape[:2] == (70, 90)  # a viewer would turn it
    quiet(src, tmp_path / "out")
    np.testing.assert_array_equal(Garments(tmp_path / "out").images, Garments(tmp_path / "plain").images)


@pytest.mark.data
@pytest.mark.skipif("GARMENTGEN_DATA" not in os.environ, reason="GARMENTGEN_DATA names no prepared folder")
def test_real_photographs():
    garments = Garments(Path(os.environ["GARMENTGEN_DATA"]))
    for row in np.random.default_rng(0).integers(0, len(garments), 40):
        image, labels = garments.picture(row)
        assert (image[labels == BACKGROUND] == 255).all()
        assert (labels[[0, -1]] == BACKGROUND).all() and (labels[:, [0, -1]] == BACKGROUND).all()  # whole garments


# --- masks kept apart from the photos -------------------------------------------------------------------------------


def test_a_packed_table_of_masks_serves_a_folder_of_photos_alone(tmp_path):
    with_table = simple_folder(tmp_path / "whole")
    quiet(with_table, tmp_path / "expected")
    photos = tmp_path / "photos"
    shutil.copytree(with_table / "train", photos / "images")
    packed = tmp_path / "masks.csv.xz"
    packed.write_bytes(lzma.compress((with_table / "train.csv").read_bytes()))
    quiet(photos, tmp_path / "got", masks=packed)
    for name in ("images.npy", "labels.npy"):
        assert (tmp_path / "got" / name).read_bytes() == (tmp_path / "expected" / name).read_bytes()


def test_a_packed_table_that_is_damaged_is_one_clear_error(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "masks.csv.xz").write_bytes(b"not xz at all")
    with pytest.raises(UserError, match="cannot unpack the masks"):
        quiet(tmp_path / "photos", tmp_path / "out", masks=tmp_path / "masks.csv.xz")


def test_a_log_file_gets_lines_and_no_bar(tmp_path, capfd):
    src = simple_folder(tmp_path / "set", 3)
    (src / "train" / "001.jpg").unlink()
    prepare(src, tmp_path / "out", size=32, workers=1)
    told = capfd.readouterr()
    assert told.out == "" and told.err == "rejected 001.jpg (train.csv row 4): the photo is missing\n"


def test_no_more_lines_are_told_than_one_reads(tmp_path):
    src = simple_folder(tmp_path / "set", 1)
    write_csv(
        src, [["000.jpg", "x", 90, 70, TOP]] * 60 + rows_of("000.jpg", [(TOP, rectangle((90, 70), 9, 9, 60, 60))])
    )
    text: list[str] = []
    assert quiet(src, tmp_path / "out", progress=text.append).left_out == 60
    assert len(text) == 50 and "rejected.csv" in text[-1] and len(rejected_rows(tmp_path / "out")) == 60
