"""Data sets as people have them: re-saved tables, other ids, turned, damaged, deep and transparent photos.

Each case is a small set that says the same as `simple_folder` in another way, or one broken thing beside good ones.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from garment_folder import SLEEVE, TOP, photo, rectangle, rows_of, simple_folder, write_csv, write_photo
from PIL import Image

from garmentgen.data.dataset import Garments
from garmentgen.data.fashionpedia import to_runs
from garmentgen.data.prepare import PrepareReport, prepare
from garmentgen.errors import UserError
from garmentgen.labels import BACKGROUND, LABELS
from garmentgen.photo import decode, read_header, to_eight_bits, turn
from garmentgen.synthetic import write_synthetic_set

SHAPE = (90, 70)
BODY, SLEEVES = rectangle(SHAPE, 20, 15, 70, 50), rectangle(SHAPE, 20, 15, 40, 25)


def quiet(src: Path, dst: Path, **kwargs) -> PrepareReport:
    return prepare(src, dst, **{"size": 32, "workers": 1, "progress": None, **kwargs})


def same(folder: Path, expected: Path) -> None:
    one, other = Garments(folder), Garments(expected)
    np.testing.assert_array_equal(one.labels, other.labels)
    np.testing.assert_array_equal(one.images, other.images)


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Path:
    """One photo prepared from files as they should be."""
    folder = tmp_path_factory.mktemp("plain")
    quiet(simple_folder(folder / "set", 1), folder / "out")
    return folder / "out"


# --- tables ---------------------------------------------------------------------------------------------------------


def resaved(text: str, separator=",", end="\n", **_) -> str:
    rows = list(csv.reader(text.splitlines()))
    table = io.StringIO(newline="")
    csv.writer(table, delimiter=separator, lineterminator=end).writerows(rows)
    return table.getvalue()


def floats(text: str) -> str:
    rows = list(csv.reader(text.splitlines()))
    body = [[r[0], r[1], *(f"{v}.0" for v in r[2:])] for r in rows[1:]]
    return "\n".join(",".join(row) for row in [rows[0], *body])


RESAVED = {
    "old Mac's line ends": lambda t: resaved(t, end="\r"),
    "Windows' line ends": lambda t: resaved(t, end="\r\n"),
    "no line end at the end": lambda t: t.rstrip("\n"),
    "semicolons": lambda t: resaved(t, ";"),
    "semicolons and old line ends": lambda t: resaved(t, ";", "\r"),
    "tabs": lambda t: resaved(t, "\t"),
    "byte order mark": lambda t: "\ufeff" + t,
    "byte order mark and semicolons": lambda t: "\ufeff" + resaved(t, ";"),
    "all quoted": lambda t: "\n".join(",".join(f'"{f}"' for f in line.split(",")) for line in t.splitlines()),
    "floats from pandas": floats,
    "decimal commas": lambda t: floats(t).replace(",", ";").replace(".0", ",0"),
    "an index column": lambda t: "\n".join(f"{n - 1 if n else ''},{line}" for n, line in enumerate(t.splitlines())),
    "lower-case header": lambda t: t.splitlines()[0].lower() + "\n" + "\n".join(t.splitlines()[1:]),
    "tabs in masks": lambda t: "\n".join(line.replace(" ", "\t") for line in t.splitlines()),
    "several blanks in masks": lambda t: t.replace(" ", "  \u00a0"),
    "no endings": lambda t: t.replace(".jpg", ""),
    "upper-case endings": lambda t: t.replace(".jpg", ".JPG"),
    "Windows' folders": lambda t: t.replace("000.jpg", "train\\000.jpg"),
    "another machine's folders": lambda t: t.replace("000.jpg", "/home/me/set/train/000.jpg"),
}


@pytest.mark.parametrize("name", RESAVED)
def test_a_resaved_table_is_read_as_before(tmp_path, plain, name):
    src = simple_folder(tmp_path / "set", 1)
    table = src / "train.csv"
    table.write_bytes(RESAVED[name]("\n".join(table.read_text().splitlines()) + "\n").encode())
    report = quiet(src, tmp_path / "out")
    assert (report.kept, report.rejected, report.left_out) == (1, 0, 0)
    same(tmp_path / "out", plain)


@pytest.mark.parametrize("file", ["a.JPG", "A.jpeg", "a.Png"])
@pytest.mark.parametrize("name", ["a", "A"])
def test_a_photo_is_found_whatever_its_case_and_ending(tmp_path, file, name):
    write_photo(tmp_path / "train" / file, photo(SHAPE, BODY))
    write_csv(tmp_path, rows_of(name, [(TOP, BODY)]))
    assert quiet(tmp_path, tmp_path / "out").kept == 1


def test_the_exact_name_is_taken_before_any_other(tmp_path):
    colors = {"a.jpg": (200, 30, 40), "A.jpg": (30, 40, 200), "a,b.jpg": (250, 250, 0)}
    for name, color in colors.items():
        write_photo(tmp_path / "train" / name, photo(SHAPE, BODY, color))
    write_csv(tmp_path, [row for name in colors for row in rows_of(name, [(TOP, BODY)])])
    quiet(tmp_path, tmp_path / "out")
    garments = Garments(tmp_path / "out")
    assert garments.names == list(colors)
    for image, labels, color in zip(garments.images, garments.labels, colors.values(), strict=True):
        assert np.abs(image[labels == TOP].mean(0) - color).max() < 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",1 2,90,70,1", "ImageId is empty"),
        ('"",1 2,90,70,1', "ImageId is empty"),
        ("  ,1 2,90,70,1", "ImageId is empty"),
        ("000.jpg,5\r 2,90,70,1", ""),  # a stray line end is a blank
        ("000.jpg,1 2,nan,70,1", "says 70xnan"),
        ("000.jpg,1 2\0,90,70,x", "'x'"),
        ('000.jpg,"1 2,90,70,1', "annotation says"),  # the quote never ends
        ("\ud800", "missing"),
        ("../../etc/passwd,1 2,90,70,1", "missing"),
        ("a\0b,1 2,90,70,1", "missing"),
        ("x" * 5000, "missing"),
        ("000.jpg," + "1 2 " * 200_000 + ",90,70,46", "'46'"),  # longer than the csv module's default limit
    ],
)
def test_a_bad_row_never_ends_the_preparation(tmp_path, line, reason):
    src = simple_folder(tmp_path / "set", 2)
    with (src / "train.csv").open("ab") as table:
        table.write(line.encode("utf-8", "surrogatepass") + b"\n")
    report = quiet(src, tmp_path / "out")
    assert report.kept == 2 and report.rejected + report.left_out == bool(reason)
    if reason:
        assert reason in list(csv.DictReader((tmp_path / "out" / "rejected.csv").open()))[0]["reason"]


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfeI\0m\0", b"\0" * 100, b'"', b"ImageId\r"])
def test_another_table_is_refused_in_one_sentence(tmp_path, data):
    (tmp_path / "train.csv").write_bytes(data)
    with pytest.raises(UserError, match="train.csv"):
        quiet(tmp_path, tmp_path / "out")


# --- COCO json ------------------------------------------------------------------------------------------------------


def outline(mask: np.ndarray) -> list[list[int]]:
    rows, cols = np.nonzero(mask)
    left, top, right, bottom = cols.min(), rows.min(), cols.max() + 1, rows.max() + 1
    return [[int(v) for v in (left, top, right, top, right, bottom, left, bottom)]]


def coco(folder: Path, number=lambda c: c, names=lambda c: LABELS[c].name, extra=(), file="000.jpg", **image) -> Path:
    """`simple_folder`'s first photo as COCO json: category ids and names by function, further annotations."""
    (folder / "train.csv").unlink()
    masks = [(SLEEVE, SLEEVES), (TOP, BODY)]
    annotations = [
        {"id": i, "image_id": 1, "category_id": number(c), "segmentation": outline(mask)}
        for i, (c, mask) in enumerate(masks)
    ]
    data = {
        "images": [{"id": 1, "file_name": file, "height": 90, "width": 70, **image}],
        "annotations": [*annotations, *extra],
        "categories": [{"id": number(c.id), "name": names(c.id)} for c in LABELS],
    }
    (folder / "instances_train.json").write_text(json.dumps(data))
    return folder


@pytest.mark.parametrize(
    ("number", "names"),
    [
        (lambda c: c + 1, lambda c: LABELS[c].name),
        (lambda c: 100 - c, lambda c: LABELS[c].name.upper()),
        (lambda c: f"c{c}", lambda c: f" {LABELS[c].name.split(', ')[0]} "),
        (lambda c: c * 3, lambda c: LABELS[c].name_zh),
    ],
)
def test_classes_go_by_their_names(tmp_path, plain, number, names):
    src = coco(simple_folder(tmp_path / "set", 1), number, names)
    assert quiet(src, tmp_path / "out").left_out == 0
    same(tmp_path / "out", plain)


def test_a_name_that_the_table_lacks_is_told(tmp_path):
    src = coco(simple_folder(tmp_path / "set", 1), names=lambda c: "poncho" if c == TOP else LABELS[c].name)
    lines: list[str] = []
    assert quiet(src, tmp_path / "out", progress=lines.append).left_out == 1
    assert any("annotation 1" in line and "'poncho'" in line for line in lines)
    assert set(np.unique(Garments(tmp_path / "out").labels)) == {SLEEVE, BACKGROUND}


def test_an_id_of_two_names_stands_for_neither(tmp_path):
    src = coco(simple_folder(tmp_path / "set", 1), number=lambda c: min(c, SLEEVE))
    assert quiet(src, tmp_path / "out").left_out == 1  # the sleeve's id is given to all the classes after it


BROKEN = [
    {"segmentation": [[10, 10]]},
    {"segmentation": []},
    {"segmentation": [[]]},
    {"segmentation": None},
    {"segmentation": [[500, 500, 600, 500, 600, 600]]},
    {"segmentation": [[0, 0, 1e300, 0, 5, 5]]},
    {"segmentation": {"counts": [1, 10**30], "size": [90, 70]}},
    {"segmentation": {"counts": "o" * 4000 + "0", "size": [90, 70]}},
    {"segmentation": {"counts": [1, 2], "size": None}},
    {"segmentation": {"counts": [[1]], "size": [90, 70]}},
    {"segmentation": {"counts": {"a": 1}}},
    {"image_id": [1]},
    {"image_id": None},
    {"category_id": None},
    {"category_id": 1e99},
    {"category_id": {"a": 1}},
]


@pytest.mark.parametrize("damage", [*BROKEN, None, 7], ids=str)
def test_a_broken_annotation_costs_itself(tmp_path, plain, damage):
    whole = {"id": 9, "image_id": 1, "category_id": 3, "segmentation": outline(SLEEVES)}
    src = coco(simple_folder(tmp_path / "set", 1), extra=[{**whole, **damage} if isinstance(damage, dict) else damage])
    report = quiet(src, tmp_path / "out")
    assert report.kept == 1 and report.rejected + report.left_out == 1
    same(tmp_path / "out", plain)


def test_a_broken_outline_beside_a_good_one_is_passed_over():
    good = outline(BODY)
    np.testing.assert_array_equal(to_runs([[3, 4], *good, []], *SHAPE), to_runs(good, *SHAPE))


def test_an_outline_to_and_fro_takes_no_memory():
    zigzag = [[v for i in range(200_000) for v in ((i % 2) * 70, i % 90)]]
    with pytest.raises(UserError, match="to and fro"):
        to_runs(zigzag, *SHAPE)


@pytest.mark.parametrize("file", ["train\\000.jpg", "C:\\data\\train\\000.JPG", "./train//000.jpg", "000"])
def test_names_written_on_another_system(tmp_path, plain, file):
    quiet(coco(simple_folder(tmp_path / "set", 1), file=file), tmp_path / "out")
    same(tmp_path / "out", plain)


@pytest.mark.parametrize("image", [{"height": 90.0, "width": "70"}, {"id": 1.0}, {"id": "1"}])
def test_numbers_written_as_text_or_floats(tmp_path, plain, image):
    quiet(coco(simple_folder(tmp_path / "set", 1), **image), tmp_path / "out")
    same(tmp_path / "out", plain)


@pytest.mark.parametrize("file", [None, "", 7, "\ud800.jpg", "a\0b", "../" * 99 + "etc/passwd"])
def test_a_photo_with_an_impossible_name_is_rejected(tmp_path, file):
    src = coco(simple_folder(tmp_path / "set", 1), file=file)
    with pytest.raises(UserError, match="none of 1 photos was usable"):
        quiet(src, tmp_path / "out")
    assert "000" not in (tmp_path / "out" / "rejected.csv").read_text()


def test_two_images_of_one_id_are_not_mixed_up(tmp_path):
    src = coco(simple_folder(tmp_path / "set", 1))
    data = json.loads((src / "instances_train.json").read_text())
    data["images"] *= 2
    (src / "instances_train.json").write_text(json.dumps(data))
    with pytest.raises(UserError, match="none of 1"):
        quiet(src, tmp_path / "out")
    assert "2 images" in (tmp_path / "out" / "rejected.csv").read_text()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"images": {}, "annotations": {}}', "null", "1" * 5000, "\xff"])
def test_another_json_is_refused_in_one_sentence(tmp_path, text):
    (tmp_path / "instances.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError, match="instances.json"):
        quiet(tmp_path, tmp_path / "out")


@pytest.mark.parametrize("name", ["annotations/instances_default.json", "result.json", "annotations/export.json"])
def test_annotations_where_labelling_tools_put_them(tmp_path, plain, name):
    src = coco(simple_folder(tmp_path / "set", 1))
    (src / "annotations").mkdir()
    (src / "instances_train.json").rename(src / name)
    quiet(src, tmp_path / "out")
    same(tmp_path / "out", plain)


# --- photos ---------------------------------------------------------------------------------------------------------

GRADIENT = np.dstack([np.add.outer(np.arange(90), np.arange(70)) % 256, *np.indices(SHAPE)]).astype(np.uint8)


def encoded(picture: np.ndarray, kind="JPEG", tag=1, **how) -> bytes:
    exif, data = Image.Exif(), io.BytesIO()
    exif[0x0112] = tag
    Image.fromarray(picture).save(data, kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}), **how)
    return data.getvalue()


def stored(upright: np.ndarray, tag: int) -> np.ndarray:
    """The pixels that a camera stores for what `tag` turns to `upright`."""
    back = {6: 8, 8: 6}.get(tag, tag)  # the others undo themselves
    return turn(upright, back)


@pytest.mark.parametrize("tag", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("drawn", ["upright", "stored"])
def test_a_turned_photo_is_read_as_its_masks_were_drawn(tmp_path, tag, kind, drawn):
    picture = stored(GRADIENT, tag)
    view, body = (GRADIENT, BODY) if drawn == "upright" else (picture, stored(BODY, tag))
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "a.jpg").write_bytes(encoded(picture, kind, tag))
    write_csv(tmp_path, rows_of("a.jpg", [(TOP, body)]))
    lines: list[str] = []
    quiet(tmp_path, tmp_path / "out", fit="stretch", size=48, progress=lines.append)
    image, labels = Garments(tmp_path / "out").picture(0)
    told = any("rotation tag" in line for line in lines)
    assert told == (tag in (2, 3, 4))  # the size fits both ways: upright, and said
    if drawn == "stored" and told:
        return
    rows, cols = (2 * np.arange(48) + 1) * len(view) // 96, (2 * np.arange(48) + 1) * view.shape[1] // 96
    np.testing.assert_array_equal(labels == TOP, body[np.ix_(rows, cols)])
    inner = cv2.erode((labels == TOP).astype(np.uint8), np.ones((5, 5))) > 0
    error = np.abs(image.astype(int) - view[np.ix_(rows, cols)])[..., 1:]  # the first channel wraps around
    assert inner.any() and error[inner].max() <= 8


def test_a_size_that_fits_neither_way_names_the_tag(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "a.jpg").write_bytes(encoded(GRADIENT, tag=6))
    write_csv(tmp_path, [["a.jpg", "1 2", 91, 70, TOP]])
    with pytest.raises(UserError):
        quiet(tmp_path, tmp_path / "out")
    assert "the rotation tag 6, but its annotation says 70x91" in (tmp_path / "out" / "rejected.csv").read_text()


def halves(data: bytes) -> bytes:
    return data[: len(data) // 2]


NOISE = np.random.default_rng(0).integers(0, 255, (90, 70, 3), np.uint8)
WHOLE = encoded(NOISE)
DAMAGED = {
    "second half zeros, end marker there": halves(WHOLE) + bytes(len(WHOLE) // 2) + b"\xff\xd9",
    "second half missing, end marker there": halves(WHOLE) + b"\xff\xd9",
    "second half missing": halves(WHOLE),
    "no end marker": WHOLE[:-2],
    "a hole": WHOLE[: len(WHOLE) // 2] + bytes(512) + WHOLE[len(WHOLE) // 2 + 512 :],
    "another file's end": halves(WHOLE) + halves(encoded(GRADIENT))[-2000:] + b"\xff\xd9",
    "half a progressive one": halves(encoded(GRADIENT, progressive=True)) + b"\xff\xd9",
    "half a PNG": halves(encoded(GRADIENT, "PNG")),
    "a PNG with a hole": encoded(NOISE, "PNG")[:8000] + bytes(200) + encoded(NOISE, "PNG")[8200:],
    "header alone": WHOLE[:400],
    "html": b"<!DOCTYPE html><title>404</title>",
    "nothing": b"",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_photo_is_rejected_by_what_the_decoder_says(tmp_path, name):
    src = simple_folder(tmp_path / "set", 2)
    (src / "train" / "000.jpg").write_bytes(DAMAGED[name])
    report = quiet(src, tmp_path / "out")
    assert (report.kept, report.rejected) == (1, 1)
    assert "damaged" in (tmp_path / "out" / "rejected.csv").read_text()


def two_pictures(data: bytes) -> bytes:
    """Multi-picture JPEG as phones write it: the photo, then a preview."""
    file = io.BytesIO()
    first, second = Image.fromarray(decode(read_header(data))), Image.new("RGB", (35, 45), "lime")
    first.save(file, "MPO", save_all=True, append_images=[second], quality=95)
    return file.getvalue()


UNUSUAL = {
    "two pictures in one": (two_pictures(WHOLE), 1),
    "a motion photo": (WHOLE + b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 40 + b"\xff\xda" * 9, 0),
    "a gain map behind": (WHOLE + encoded(GRADIENT), 0),
    "a few bytes before the end marker": (WHOLE[:-2] + bytes(7) + WHOLE[-2:], 0),
    "progressive": (encoded(GRADIENT, progressive=True), None),
    "grey": (encoded(GRADIENT[..., 0]), None),
    "animated": (encoded(GRADIENT, "GIF", save_all=True, append_images=[Image.new("RGB", (70, 90))]), None),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_the_first_picture_of_an_unusual_file(name):
    data, near = UNUSUAL[name]
    pixels = decode(read_header(data))
    assert pixels.shape == (90, 70, 3)
    if near is not None:
        error = np.abs(pixels.astype(int) - decode(read_header(WHOLE)))
        assert (
            error.max() == 0 if near == 0 else error.mean() < 8
        )  # noise encoded twice; a preview or grey would be 60 off


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.uint16([0, 32896, 65535]), [0, 128, 255]),
        (np.uint16([0, 128, 255]), [0, 128, 255]),  # eight bits in sixteen
        (np.float32([0, 0.5, 1]), [0, 128, 255]),
        (np.float32([-1, np.nan, 255]), [0, 0, 255]),
        (np.int32([0, 65535, 2**31 - 1]), [0, 0, 127]),
        (np.float64([0, 1e30, 2e30]), [0, 128, 255]),
    ],
)
def test_deep_values_on_paper(values, expected):
    assert to_eight_bits(values).tolist() == expected


@pytest.mark.parametrize(("dtype", "top", "kind"), [("u2", 65535, "PNG"), ("u2", 65535, "TIFF"), ("f4", 1, "TIFF")])
def test_deep_grey_photos_are_scaled(dtype, top, kind):
    ramp = np.linspace(0, top, 90 * 70).reshape(90, 70).astype(dtype)
    data = io.BytesIO()
    Image.fromarray(ramp).save(data, kind)
    pixels = decode(read_header(data.getvalue()))
    assert (pixels == pixels[..., :1]).all() and np.abs(pixels[..., 0] - ramp / top * 255).max() <= 0.51


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparency_lies_on_white(kind):
    cutout = np.dstack([np.where(BODY[..., None], GRADIENT, 0), BODY * 255]).astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(cutout).save(data, kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {}))
    pixels = decode(read_header(data.getvalue()))
    assert (pixels[~BODY] == 255).all() and (pixels[BODY] == GRADIENT[BODY]).all()


def test_a_palette_with_a_transparent_colour_lies_on_white():
    picture = Image.fromarray(np.where(BODY, 1, 0).astype(np.uint8), "P")
    picture.putpalette([0, 0, 0, 200, 30, 40])
    data = io.BytesIO()
    picture.save(data, "PNG", transparency=0)
    pixels = decode(read_header(data.getvalue()))
    assert (pixels[~BODY] == 255).all() and (pixels[BODY] == [200, 30, 40]).all()


# --- folders that hold something else, and prepared ones that are damaged -------------------------------------------


@pytest.mark.parametrize("file", ["train.csv", "label_descriptions.json", "notes.txt", "train/.keep"])
def test_drawing_into_a_folder_that_holds_something_else_is_refused(tmp_path, file):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("{}")
    with pytest.raises(UserError, match="did not write"):
        write_synthetic_set(tmp_path, 1, 64)
    assert (tmp_path / file).read_text() == "{}"


def test_drawing_goes_on_in_its_own_folder_only_with_the_same_settings(tmp_path):
    write_synthetic_set(tmp_path / "set", 1, 64)
    write_synthetic_set(tmp_path / "set", 2, 64)
    with pytest.raises(UserError, match=r"seed 0 \(now 1\)"):
        write_synthetic_set(tmp_path / "set", 1, 64, seed=1)
    with pytest.raises(UserError, match=r"size 64 \(now 65\)"):
        write_synthetic_set(tmp_path / "set", 1, 65)
    with pytest.raises(UserError, match="is a file"):
        write_synthetic_set(tmp_path / "set" / "train.csv", 1, 64)


@pytest.mark.parametrize("wrong", [{"count": 0}, {"count": 10**8}, {"size": 0}, {"size": -5}, {"size": 10**5}])
def test_numbers_out_of_range_are_one_sentence(tmp_path, wrong):
    for arguments in (wrong, {"seed": -1}):
        with pytest.raises(UserError, match=r"1\.\.1000000"):
            write_synthetic_set(tmp_path / "set", **{"count": 1, "size": 64, **arguments})
    assert not (tmp_path / "set").exists()


def test_a_name_that_no_folder_can_have(tmp_path):
    with pytest.raises(UserError, match="name of a file or folder"):
        write_synthetic_set("a\0b", 1, 64)
    with pytest.raises(UserError, match="name of a file or folder"):
        quiet(simple_folder(tmp_path / "set", 1), Path("a\0b"))


def cut_index(folder: Path) -> None:
    lines = (folder / "index.csv").read_text().splitlines()
    (folder / "index.csv").write_text("\n".join([*lines[:-1], lines[-1][:8]]))


def saved(folder: Path, name: str, change) -> None:
    np.save(folder / name, change(np.load(folder / name)))


DAMAGE = {
    "index cut": cut_index,
    "index binary": lambda f: (f / "index.csv").write_bytes(bytes(range(256))),
    "meta a list": lambda f: (f / "meta.json").write_text("[]"),
    "meta without a count": lambda f: (f / "meta.json").write_text("{}"),
    "meta with text for a count": lambda f: (f / "meta.json").write_text('{"count": "3"}'),
    "images of floats": lambda f: saved(f, "images.npy", lambda a: a.astype(np.float32)),
    "images with channels first": lambda f: saved(f, "images.npy", lambda a: a.transpose(0, 3, 1, 2)),
    "images of another size": lambda f: saved(f, "images.npy", lambda a: a[:, ::2, ::2]),
    "labels all background": lambda f: saved(f, "labels.npy", lambda a: np.full_like(a, BACKGROUND)),
    "labels that are no classes": lambda f: saved(f, "labels.npy", lambda a: np.full_like(a, 99)),
    "labels without a channel": lambda f: saved(f, "labels.npy", lambda a: a[..., 0]),
    "labels of objects": lambda f: np.save(f / "labels.npy", np.array([None]), allow_pickle=True),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_prepared_folder_is_one_sentence(tmp_path, name):
    quiet(simple_folder(tmp_path / "set", 3), tmp_path / "out")
    DAMAGE[name](tmp_path / "out")
    with pytest.raises(UserError, match="run prepare again"):
        Garments(tmp_path / "out")


def test_a_set_of_another_size_than_the_model_is_refused_with_what_to_do(plain):
    garments = Garments(plain)
    garments.check_size(32)
    for size in (16, 256):
        with pytest.raises(UserError, match=rf"--size {size}.*model\.size=32"):
            garments.check_size(size)


@pytest.mark.parametrize("size", [32, 128, 256])
def test_training_refuses_another_size_before_anything_is_written(prepared, tmp_path, size):
    from garmentgen.config import override
    from garmentgen.presets import PRESETS
    from garmentgen.training.loop import train

    config = override(PRESETS["tiny"], [f"model.size={size}"])
    with pytest.raises(UserError, match=rf"paints {size} px.*--size {size}.*model\.size=64"):
        train([prepared, prepared], config, tmp_path / "run")
    assert not (tmp_path / "run").exists()
