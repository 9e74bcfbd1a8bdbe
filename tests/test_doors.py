"""The doors of the program: command line, environment, console, what is written where. No traceback, nothing lost."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from demo_tab import free_port
from PIL import Image
from small_maps import outfit

from garmentgen import colorize
from garmentgen.__main__ import main
from garmentgen.output import MOST_ON_A_SHEET

ROOT = Path(__file__).parents[1]


@pytest.fixture
def map_file(tmp_path) -> Path:
    path = tmp_path / "map.png"
    Image.fromarray(colorize(outfit())).save(path)
    return path


@pytest.fixture
def generate(map_file, weights_file, tmp_path, monkeypatch, capsys):
    """Call `generate` in a folder of its own; gives exit code and what was said, one line at most on stderr."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("GARMENTGEN_ENGINE", "dynamic")  # starts at once, and what paints is no matter here

    def call(*options: object) -> tuple[int, str]:
        code = main(["generate", str(map_file), "--weights", str(weights_file), *map(str, options)])
        said = capsys.readouterr()
        assert said.err.count("\n") == (1 if code else 0), said.err
        return code, said.err or said.out

    return call


WRONG = [
    *(["generate", "m.png", *rest] for rest in (["--seed", "-1"], ["--seed", "1.5"], ["--seed", "9" * 30])),
    *(["generate", "m.png", *rest] for rest in (["--diversity", "nan"], ["--diversity", "5"], ["--harmony", "inf"])),
    *(["generate", "m.png", "--count", count] for count in ("0", "-3", "1000000", "9" * 5000, "many", "")),
    *(["generate", name] for name in ("", "a\0b", "\ud800.png")),
    *(["generate", "m.png", "-o", name] for name in ("", "a\0b", "\ud800.png")),
    *(["draw", "D", "--count", count] for count in ("0", "-1", "100000000")),
    *(["draw", "D", "--size", size] for size in ("0", "-5", "100000", "nan")),
    *(["prepare", "S", "D", option, "0"] for option in ("--size", "--workers", "--limit")),
    *(["prepare", "S", "D", "--workers", "100000"], ["prepare", "S", "D", "--size", "1e9"]),
    *(["train", "D", "--run", "R", "--minutes", minutes] for minutes in ("nan", "-1", "1e300")),
    *(["train-prior", "D", "--weights", "W", "--run", "R", "--batch", batch] for batch in ("0", "-1", "100000000")),
    *(["train-prior", "D", "--weights", "W", "--run", "R", "--encoded", "0"],),
    *(["evaluate", "W", "D", "--limit", "0"], ["bench", "train", "--size", "-1"], ["export", ""]),
]


@pytest.mark.parametrize("arguments", WRONG, ids=lambda a: ascii(" ".join(a))[:60])
def test_a_number_or_name_out_of_range_is_one_sentence_with_the_range(arguments, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith("garmentgen: argument ") and len(said) < 300
    assert "expected" in said or "choose from" in said


def test_what_is_written_may_have_any_name_that_a_file_can_have(generate):
    for name in ("a.png", "衬衫.png", "new folder/a.png", "-dash.png", "x" * 251 + ".png", "no ending"):
        assert generate(f"--out={name}", "--count", 1)[0] == 0 and Path(name).stat().st_size > 100


@pytest.mark.parametrize("name", [".", "/", "..", "x" * 256, "a/" * 3000 + "b", "/proc/a.png", "/dev/full"])
def test_what_cannot_be_written_is_told_before_anything_is_painted(generate, name):
    code, said = generate("-o", name)
    assert code == 2 and len(said) < 300 and not list(Path().iterdir())


def test_several_pictures_go_to_files_with_a_number_or_none_is_written(generate):
    assert generate("-o", "g.png", "--count", 3)[0] == 0
    assert sorted(path.name for path in Path().iterdir()) == ["g-1.png", "g-2.png", "g.png"]
    code, said = generate("-o", "x" * 251 + ".png", "--count", 3)  # OUT-1 would be too long a name
    assert code == 2 and "too long" in said and len(list(Path().iterdir())) == 3
    code, said = generate("-o", "sheet.png", "--grid", "--count", MOST_ON_A_SHEET + 1)
    assert code == 2 and f"up to {MOST_ON_A_SHEET} pictures" in said and not Path("sheet.png").exists()


def test_a_device_and_a_pipe_are_written_through_and_a_link_is_followed(generate):
    assert generate("-o", "g.png")[0] == 0
    expected = Path("g.png").read_bytes()
    Path("link.png").symlink_to("target.png")
    assert generate("-o", "link.png")[0] == 0
    assert Path("link.png").is_symlink() and Path("target.png").read_bytes() == expected
    os.mkfifo("pipe")
    reader = subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE)
    while generate("-o", "pipe")[0]:  # until the reader has opened it
        time.sleep(0.05)
    assert reader.communicate(timeout=60)[0] == expected and stat.S_ISFIFO(os.stat("pipe").st_mode)
    if subprocess.run(["mknod", "null", "c", "1", "3"], capture_output=True).returncode:
        pytest.skip("only root makes devices")
    assert generate("-o", "null")[0] == 0 and stat.S_ISCHR(os.stat("null").st_mode)
    code, said = generate("-o", "null", "--count", 2)
    assert code == 2 and "takes one picture" in said and not Path("null-1").exists()


@pytest.mark.parametrize(("encoding", "shown"), [("cp1252", "??.png"), ("ascii", "??.png"), ("utf-8", "衬衫.png")])
def test_a_console_that_lacks_the_letters_shows_others(generate, monkeypatch, encoding, shown):
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", console)
    assert generate("-o", "衬衫.png")[0] == 0 and Path("衬衫.png").exists()
    console.seek(0)
    assert f"{shown}  seed 0" in console.read()


@pytest.mark.parametrize("pipe", ["| head -1", "> /dev/full"])
def test_an_output_that_ends_early_or_has_no_room_is_no_traceback(map_file, weights_file, tmp_path, pipe):
    command = f'{sys.executable} -W ignore -m garmentgen generate "{map_file}" --weights "{weights_file}" --count 3'
    clean = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", f"{command} {pipe}"], cwd=tmp_path, env=clean, capture_output=True, text=True)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr and done.stderr.count("\n") <= 1


def test_an_odd_number_of_threads_is_named(monkeypatch, capsys, map_file):
    for odd in ("many", "0", "-2"):
        monkeypatch.setenv("OMP_NUM_THREADS", odd)
        assert main(["generate", str(map_file)]) == 2
        assert f"OMP_NUM_THREADS is a whole number from 1, not {odd!r}" in capsys.readouterr().err


# --- the demo's ------------------------------------------------------------------------------------------------------

HOSTILE = {
    "http_proxy": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "no_proxy": "example.com",
    "GRADIO_ROOT_PATH": "studio/garments/",
    "HOME": "/nowhere/at/all",
    "XDG_CACHE_HOME": "",
    "GARMENTGEN_CACHE": "~nobody-of-that-name/cache",
    "MPLCONFIGDIR": "",
    "PYTHONIOENCODING": "ascii",
    "LANG": "C",
}


def test_the_demo_starts_behind_proxies_without_a_home_and_below_a_path(tmp_path):
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "demo", "--port", str(port)]
    with (
        open(tmp_path / "log", "w+") as log,
        subprocess.Popen(command, cwd=ROOT, env=os.environ | HOSTILE, stdout=log, stderr=log) as server,
    ):
        try:
            page = first_page(f"http://127.0.0.1:{port}/", server)
            assert b"/studio/garments" in page, (tmp_path / "log").read_text()
        finally:
            server.kill()
    assert "Traceback" not in (tmp_path / "log").read_text()


def first_page(address: str, server: subprocess.Popen) -> bytes:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(600):
        try:
            return direct.open(address, timeout=10).read()
        except OSError:
            if server.poll() is not None:
                return b""
            time.sleep(0.2)
    return b""


def test_uploads_need_a_folder_and_the_demo_says_so(tmp_path):
    (tmp_path / "file").touch()
    missing = os.environ | {"GRADIO_TEMP_DIR": str(tmp_path / "file" / "below")}
    done = subprocess.run([sys.executable, "-m", "demo"], cwd=ROOT, env=missing, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "GRADIO_TEMP_DIR" in done.stderr
