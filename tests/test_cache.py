"""The cache: what is kept is whole, what is not is made anew, and a place that cannot be written stops nobody."""

from __future__ import annotations

import os
from collections import namedtuple
from pathlib import Path

import pytest

from garmentgen import cache, files
from garmentgen.cache import kept


@pytest.fixture
def place(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path / "named"))
    return tmp_path / "named"


class Maker:
    """Writes two files and counts how often."""

    def __init__(self):
        self.made = 0

    def __call__(self, folder: Path) -> None:
        self.made += 1
        (folder / "graph.json").write_text("{}")
        (folder / "graph.pdiparams").write_bytes(bytes(1000))


def test_what_was_made_once_is_kept_by_all_that_it_was_made_from(place):
    make = Maker()
    for made_from in ("a", "a", "b", "a"):
        with kept("graph", made_from, make) as folder:
            assert folder.parent == place and (folder / "graph.json").read_text() == "{}"
    assert make.made == 2 and len(list(place.iterdir())) == 2


def harm_missing(folder: Path) -> None:
    (folder / "graph.pdiparams").unlink()


def harm_cut(folder: Path) -> None:
    os.truncate(folder / "graph.pdiparams", 10)


def harm_flipped(folder: Path) -> None:
    (folder / "graph.pdiparams").write_bytes(bytes(999) + b"x")


def harm_contents(folder: Path) -> None:
    (folder / cache.CONTENTS).write_text("{")


def harm_unfinished(folder: Path) -> None:
    (folder / cache.CONTENTS).unlink()


@pytest.mark.parametrize("harm", [harm_missing, harm_cut, harm_flipped, harm_contents, harm_unfinished])
def test_what_is_not_whole_is_made_anew(harm, place):
    make = Maker()
    with kept("graph", "a", make) as folder:
        pass
    harm(folder)
    with kept("graph", "a", make) as again:
        assert again == folder and len((folder / "graph.pdiparams").read_bytes()) == 1000
    assert make.made == 2 and list(place.iterdir()) == [folder]


def test_what_fails_leaves_nothing(place):
    def fail(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), kept("graph", "a", fail):
        pass
    assert not list(place.iterdir())


def in_the_way(monkeypatch, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path / "file" / "below"))


def read_only(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GARMENTGEN_CACHE", "/proc/garmentgen")


def full(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path))
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda _: usage(100, 99, 1))


def homeless(monkeypatch, tmp_path) -> None:
    for name in ("GARMENTGEN_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)

    def fail(self):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(files.Path, "expanduser", fail)


@pytest.mark.parametrize("where", [in_the_way, read_only, full, homeless])
def test_without_a_place_to_write_one_sentence_is_said_and_the_work_is_done(where, monkeypatch, tmp_path, caplog):
    files._passing_cache.cache_clear()
    make = Maker()
    where(monkeypatch, tmp_path)
    for _ in range(2):
        with kept("graph", "a", make) as folder:
            assert (folder / "graph.json").exists()
        if where is full:
            assert not folder.exists(), "a temporary folder is not left behind"
            break
    assert len(caplog.records) == 1 and "GARMENTGEN_CACHE" in caplog.text and "\n" not in caplog.records[0].getMessage()


def test_the_oldest_go_when_there_are_too_many(place, monkeypatch):
    monkeypatch.setattr(cache, "KEPT", 2)
    for k, made_from in enumerate("abc"):
        with kept("graph", made_from, Maker()) as folder:
            os.utime(folder, (k, k))
    make = Maker()
    with kept("graph", "b", make), kept("graph", "c", make):
        assert make.made == 0
    with kept("other", "a", make):
        assert len(list(place.glob("graph-*"))) == 2, "another kind has its own room"
