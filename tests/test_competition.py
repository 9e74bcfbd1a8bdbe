"""The competition's files, both years."""

from __future__ import annotations

import pytest
from garment_folder import RED, SLEEVE, TOP, photo, rectangle, rows_of, simple_folder, write_csv, write_photo

from garmentgen.data.competition import Competition
from garmentgen.data.prepare import open_source, prepare
from garmentgen.data.source import parse_class
from garmentgen.errors import UserError
from garmentgen.labels import NUM_LABELS


def test_rows_of_a_photo_are_gathered_even_when_they_stand_apart(tmp_path):
    write_csv(tmp_path, [["a.jpg", "1 2", 3, 4, 1], ["b.jpg", "5 1", 3, 4, 6], ["a.jpg", "2 2", 3, 4, "31_7_8"]])
    source = Competition(tmp_path)
    assert len(source) == 2 and source.names == ["a.jpg", "b.jpg"]
    record = source.record(0)
    assert [(s.row, s.class_id, s.mask) for s in record.segments] == [("row 2", "1", "1 2"), ("row 4", "31_7_8", "2 2")]
    assert record.name == "a.jpg" and record.problem == "the photo is missing"
    assert {(s.height, s.width) for s in record.segments} == {("3", "4")}


def test_2020_has_attributes_apart_and_names_without_ending(tmp_path):
    header = ("ImageId", "EncodedPixels", "Height", "Width", "ClassId", "AttributesIds")
    body = rectangle((40, 30), 5, 5, 35, 25)
    write_csv(tmp_path, [[*rows_of("abc", [(TOP, body)])[0], "115,136,143"]], header)
    write_photo(tmp_path / "train" / "abc.jpg", photo((40, 30), body))
    assert Competition(tmp_path).record(0).path.name == "abc.jpg"
    assert prepare(tmp_path, tmp_path / "out", size=16, workers=1, progress=None).kept == 1


def test_columns_in_another_order_and_a_byte_order_mark(tmp_path):
    text = "\ufeffClassId,Width,Height,ImageId,EncodedPixels\r\n31,4,3,a.jpg,1 2\r\n\r\n1,4,3,a.jpg,3 2\r\n"
    (tmp_path / "train.csv").write_text(text, newline="")
    record = Competition(tmp_path).record(0)
    assert [(s.row, s.class_id, s.mask) for s in record.segments] == [("row 2", "31", "1 2"), ("row 4", "1", "3 2")]


def test_a_missing_column_is_named_with_the_file(tmp_path):
    write_csv(tmp_path, [["a.jpg", "1 2", 3, 4]], ("ImageId", "EncodedPixels", "Height", "Width"))
    with pytest.raises(UserError, match=r"train.csv has no column ClassId"):
        Competition(tmp_path)


@pytest.mark.parametrize("rows", [[], None])
def test_no_rows_or_no_file(tmp_path, rows):
    if rows is not None:
        write_csv(tmp_path, rows)
    with pytest.raises(UserError, match="train.csv"):
        Competition(tmp_path)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("31", 31),
        ("10_3_14_20", 10),
        (" 0 ", 0),
        (str(NUM_LABELS - 1), NUM_LABELS - 1),
        ("3.0", 3),
        ("3,0", 3),
        (7, 7),
        (7.0, 7),
    ],
)
def test_class_before_attributes(text, id_):
    assert parse_class(text) == id_


@pytest.mark.parametrize("text", [str(NUM_LABELS), "-1", "", "x", "3.5", "_3", "²", "1e1", "nan", "٣"])
def test_classes_outside_the_table(text):
    with pytest.raises(UserError, match=rf"not one of 0\.\.{NUM_LABELS - 1}"):
        parse_class(text)


def test_the_layout_is_told_by_what_lies_there(tmp_path):
    assert isinstance(open_source(simple_folder(tmp_path / "set", 1)), Competition)
    with pytest.raises(UserError, match="neither train.csv"):
        open_source(tmp_path)
    with pytest.raises(UserError, match="unknown"):
        open_source(tmp_path, "imagenet")


def test_photos_may_lie_beside_the_csv(tmp_path):
    body = rectangle((40, 30), 5, 5, 35, 25)
    write_csv(tmp_path, rows_of("x.png", [(TOP, body), (SLEEVE, rectangle((40, 30), 5, 5, 12, 9))]))
    write_photo(tmp_path / "x.png", photo((40, 30), body, RED))
    assert prepare(tmp_path, tmp_path / "out", size=16, workers=1, progress=None).kept == 1
