"""What the notebooks share: data folders, the view of a run, shapes in a network."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("IPython")
import paddle

from garmentgen import UserError, notebook
from garmentgen.data.dataset import Garments


@pytest.fixture
def few(monkeypatch):
    """Two small drawn garments instead of many."""
    monkeypatch.setattr(notebook, "DRAWN", 2)
    monkeypatch.setattr(notebook, "DRAWN_SIZE", 64)


def test_without_data_garments_are_drawn_and_prepared_once(few, tmp_path, monkeypatch):
    raw = notebook.raw_folder("", tmp_path)
    assert len(list((raw / "train").glob("*.jpg"))) == 2
    folder = notebook.prepared_folder("", tmp_path, 32)
    assert Garments(folder).labels.shape == (2, 32, 32) and tmp_path in folder.parents
    monkeypatch.setattr(notebook, "prepare", None)  # a second time nothing is done
    monkeypatch.setattr(notebook, "write_synthetic_set", None)
    assert notebook.prepared_folder("", tmp_path, 32) == folder
    assert notebook.raw_folder("", tmp_path) == raw


def test_sizes_and_limits_have_folders_of_their_own(few, tmp_path):
    folders = [notebook.prepared_folder("", tmp_path, *settings) for settings in ((32, None), (48, None), (32, 1))]
    assert len(set(folders)) == 3
    assert [len(Garments(folder)) for folder in folders] == [2, 2, 1]


def test_a_published_folder_is_prepared_under_work(few, tmp_path):
    raw = notebook.raw_folder("", tmp_path / "elsewhere")
    before = sorted(raw.rglob("*"))
    folder = notebook.prepared_folder(str(raw), tmp_path / "here", 32)
    assert (tmp_path / "here") in folder.parents and len(Garments(folder)) == 2
    assert sorted(raw.rglob("*")) == before  # a data set's folder may be read-only
    assert notebook.raw_folder(raw, tmp_path / "here") == raw


def test_a_prepared_folder_is_taken_as_it_is(few, prepared, tmp_path):
    assert notebook.prepared_folder(prepared, tmp_path, 32) == prepared
    assert notebook.raw_folder(prepared, tmp_path).is_relative_to(tmp_path)  # photos to show: drawn ones


def test_a_wrong_folder_is_said_to_be_wrong(tmp_path):
    with pytest.raises(UserError, match="nowhere"):
        notebook.prepared_folder(tmp_path / "nowhere", tmp_path, 32)


def test_the_best_designer_there_is(weights_file, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(notebook, "shipped_weights", lambda: tmp_path / "none.safetensors")
    assert notebook.best_designer(tmp_path).weights_hash == "random"
    assert "untrained" in capsys.readouterr().out
    own = tmp_path / "prior" / "weights.safetensors"
    own.parent.mkdir()
    own.write_bytes(weights_file.read_bytes())
    mine = notebook.best_designer(tmp_path)
    assert mine.weights_hash != "random" and type(mine.prior).__name__ == "Bank"
    assert str(own) in capsys.readouterr().out
    monkeypatch.setattr(notebook, "shipped_weights", lambda: weights_file)
    assert notebook.best_designer(tmp_path).weights_hash == mine.weights_hash
    assert weights_file.name in capsys.readouterr().out


def test_a_view_shows_the_newest_sheet(tmp_path):
    view, shown = notebook.SheetView(tmp_path), []
    view.handle = SimpleNamespace(update=shown.append)
    view({})
    assert not shown, "before the first sheet"
    (tmp_path / "samples").mkdir()
    for name in ("000000100.png", "000000300.png", "000000200.png"):
        (tmp_path / "samples" / name).write_bytes(name.encode())
    view({})
    assert [one.data for one in shown] == [b"000000300.png"]


def test_layer_shapes_on_paper():
    net = paddle.nn.Sequential(paddle.nn.Conv2D(3, 5, 3), paddle.nn.Flatten())
    table = notebook.layer_shapes(net, lambda: net(paddle.zeros([2, 3, 8, 8])))
    rows = [re.split(r"\s{2,}|\s(?=\d)", line.strip()) for line in table.splitlines()[1:]]
    assert rows[0] == ["0", "Conv2D", "2x5x6x6", str(5 * 3 * 9 + 5)]
    assert rows[1] == ["1", "Flatten", "2x180", "0"]
    assert rows[2] == ["total", "140"]
    assert np.asarray(net(paddle.zeros([1, 3, 8, 8]))).shape == (1, 180)  # the hooks are gone
    assert len(table.splitlines()) == 4


def test_broken_photos_are_passed_over_and_named(few, tmp_path, capsys, monkeypatch):
    """The picture with most regions was shown first: when its file was missing, no cell after it ran."""
    monkeypatch.setattr(notebook, "DRAWN", 5)
    raw = notebook.raw_folder("", tmp_path)
    photos = sorted((raw / "train").glob("*.jpg"))
    photos[0].unlink()
    photos[1].write_bytes(photos[1].read_bytes()[:300])
    photos[2].write_bytes(b"")
    table = (raw / "train.csv").read_text()
    (raw / "train.csv").write_text(table.replace(f"{photos[3].name},", f"{photos[3].name},9 9 9 ", 1))
    source = notebook_source(raw)
    sound = notebook.sound_records(source, 64)
    assert [record.name for record in sound] == [photo.name for photo in photos[3:]]
    assert f"passed over: 3; {photos[0].name}: the photo is missing" in capsys.readouterr().out
    for record in sound:
        photo, masks = notebook.annotated(source, record)
        assert photo.shape == (64, 64, 3) and masks
    assert len(notebook.sound_records(source, 1)) == 1
    for photo in photos[3:]:
        photo.unlink()
    with pytest.raises(
        UserError, match=f"no photo here can be used; the first, {photos[0].name}: the photo is missing"
    ):
        notebook.sound_records(notebook_source(raw), 64)


def notebook_source(raw):
    from garmentgen import open_source

    return open_source(raw)
