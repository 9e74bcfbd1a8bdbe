"""Writing looks first: what is no file stays what it is, what was there stays whole, a fault is one sentence."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import save_file

from garmentgen.errors import UserError
from garmentgen.files import append, cache_folder, check_file, claim_folder, unwritable, write_atomically


def hello(path: Path) -> None:
    path.write_bytes(b"hello")


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(path: str) -> str:
    with pytest.raises(UserError) as told:
        write_atomically(path, hello)
    assert "\n" not in str(told.value) and len(str(told.value)) < 300
    return str(told.value)


@pytest.mark.parametrize("name", ["a.txt", "new/er/a.txt", "x" * 255, "衣" * 85, "a b.png", "-o"])
def test_a_file_is_written_whole_and_nothing_is_left_beside_it(here, name):
    write_atomically(name, hello)
    assert Path(name).read_bytes() == b"hello" and len(list(Path(name).parent.iterdir())) == 1


@pytest.mark.parametrize("name", [".", "/", "..", "", "folder", "to-folder"])
def test_a_folder_is_no_file(here, name):
    (here / "folder").mkdir()
    (here / "to-folder").symlink_to("folder")
    assert "is a folder" in refused(name) or name == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("x" * 256, "too long"),
        ("衣" * 100, "too long"),
        ("a\0b", "a\\x00b"),
        ("\ud800.png", "\\ud800"),
        ("file/below.png", "is a file, not a folder"),
        ("/proc/garment.png", "choose another place"),
        ("round", "circle"),
    ],
)
def test_impossible_names_are_sentences(here, name, reason):
    (here / "file").write_text("in the way")
    (here / "round").symlink_to("and-round")
    (here / "and-round").symlink_to("round")
    assert reason in refused(name)


def test_a_link_stays_and_what_it_points_to_is_written(here):
    (here / "target.txt").write_text("old")
    (here / "link").symlink_to("target.txt")
    (here / "link-to-link").symlink_to("link")
    (here / "dangling").symlink_to("later/target.txt")
    write_atomically("link-to-link", hello)
    write_atomically("dangling", hello)
    assert (here / "target.txt").read_text() == (here / "later" / "target.txt").read_text() == "hello"
    assert all((here / name).is_symlink() for name in ("link", "link-to-link", "dangling"))


def test_a_new_file_may_be_read_by_whoever_may_read_new_files(here):
    """safetensors makes its files for their owner alone."""
    (here / "other").touch()
    write_atomically("own", lambda path: save_file({"a": np.zeros(2)}, path))
    assert (here / "own").stat().st_mode == (here / "other").stat().st_mode


def test_rights_of_a_replaced_file_stay(here):
    (here / "own").write_text("mine alone")
    (here / "own").chmod(0o600)
    write_atomically("own", hello)
    assert stat.S_IMODE((here / "own").stat().st_mode) == 0o600


def test_a_pipe_is_given_the_bytes(here):
    os.mkfifo("pipe")
    assert "nobody reads" in refused("pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(Path("pipe").read_bytes()))
    reader.start()
    while reader.is_alive() and not got:
        try:
            write_atomically("pipe", hello)
            break
        except UserError:  # the reader has not opened it yet
            continue
    reader.join(10)
    assert got == [b"hello"] and stat.S_ISFIFO(os.stat("pipe").st_mode)


def device(name: str, minor: int) -> None:
    if subprocess.run(["mknod", name, "c", "1", str(minor)], capture_output=True).returncode:
        pytest.skip("only root makes devices")


def test_a_device_is_given_the_bytes_and_stays_a_device(here):
    device("null", 3)
    (here / "to-null").symlink_to("null")
    write_atomically("null", hello)
    write_atomically("to-null", hello)
    assert stat.S_ISCHR(os.stat("null").st_mode) and (here / "to-null").is_symlink()


def test_a_full_device_is_a_sentence():
    assert refused("/dev/full") == "cannot write /dev/full: the disk is full; make room and run the same command again"
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def write_into_a_full_disk(_: Path) -> None:
    Path("/dev/full").write_text("much")


def test_a_full_disk_leaves_what_was_there(here):
    (here / "kept.txt").write_text("before")
    with pytest.raises(UserError, match="kept.txt: the disk is full; make room"):
        write_atomically("kept.txt", write_into_a_full_disk)
    assert (here / "kept.txt").read_text() == "before" and len(list(here.iterdir())) == 1


def test_safetensors_tells_of_a_full_disk_in_its_own_words():
    told = unwritable(Path("w"), SafetensorError("I/O error: No space left on device (os error 28)"))
    assert str(told) == "cannot write w: the disk is full; make room and run the same command again"


LIMITED = """
import resource
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from garmentgen.errors import UserError
from garmentgen.files import append, write_atomically

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for attempt in (
    lambda: append(Path("log"), "x" * 5000),
    lambda: write_atomically("log", lambda path: path.write_bytes(bytes(5000))),
    lambda: write_atomically("log", lambda path: save_file({"a": np.zeros(5000)}, path)),
):
    try:
        attempt()
    except UserError as error:
        print(error)
"""


def test_what_finds_no_room_is_taken_back(here):
    """A limit on the size of files stands for a disk that fills up in the middle of a write."""
    append(Path("log"), "one\n")
    environment = os.environ | {"PYTHONPATH": ROOT}
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, env=environment)
    assert done.stdout.count("cannot write log: the file would be larger") == 3, done.stdout + done.stderr
    assert (here / "log").read_text() == "one\n" and [p.name for p in here.iterdir()] == ["log"]
    append(Path("log"), "two\n")
    assert (here / "log").read_text() == "one\ntwo\n"


ROOT = str(Path(__file__).parents[1])


def test_a_folder_that_holds_something_else_is_refused(here):
    def ours(folder: Path) -> bool:
        return (folder / "mark").exists()

    assert claim_folder("new/er", "draw", ours).is_dir()
    (here / "new" / "er" / "mark").touch()
    (here / "new" / "er" / "theirs").touch()
    claim_folder("new/er", "draw", ours)  # again: ours, whatever lies beside it
    (here / "theirs").mkdir()
    (here / "theirs" / "thesis.doc").touch()
    (here / "theirs" / "train.csv").touch()
    with pytest.raises(UserError, match="theirs holds thesis.doc and 1 more, which `draw` did not write"):
        claim_folder("theirs", "draw", ours)
    with pytest.raises(UserError, match="is a file"):
        claim_folder("theirs/train.csv", "draw", ours)
    with pytest.raises(UserError, match="not a folder"):
        claim_folder("theirs/train.csv/below", "draw", ours)
    for name in ("a\0b", "x" * 300):
        with pytest.raises(UserError):
            claim_folder(name, "draw", ours)
    assert sorted(p.name for p in (here / "theirs").iterdir()) == ["thesis.doc", "train.csv"]


def test_looking_changes_nothing(here):
    (here / "file").write_text("old")
    assert check_file("file") == Path("file") and check_file("none") == Path("none")
    assert [p.name for p in here.iterdir()] == ["file"] and (here / "file").read_text() == "old"


def test_the_cache_lies_where_it_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path / "named"))
    assert cache_folder() == tmp_path / "named" and cache_folder().is_dir()
    monkeypatch.delenv("GARMENTGEN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "garmentgen"
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path / "file" / "below"))
    assert cache_folder().is_dir(), "a read-only home must not stop anyone"
    monkeypatch.setenv("GARMENTGEN_CACHE", "~nobody-of-that-name/cache")
    assert cache_folder().is_dir(), "nor a user without a home"


@pytest.mark.parametrize("door", [check_file, lambda path: claim_folder(path, "draw", lambda _: True)])
def test_a_name_of_a_thousand_folders_is_refused(door, tmp_path):
    with pytest.raises(UserError, match="more than 200 folders"):
        door(tmp_path / ("a/" * 1000))
    door(tmp_path / ("a/" * 100))
