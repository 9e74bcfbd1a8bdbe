"""The way in: what the pages say can be typed, what is installed, and what is said when something is in the way."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from garmentgen import UserError, environment
from garmentgen.__main__ import _parser
from garmentgen.__main__ import main as command_line

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"
PAGES = [ENGLISH, CHINESE, ROOT / "weights" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
IMPORTED_AS = {"paddlepaddle": "paddle", "opencv-python-headless": "cv2", "pillow": "PIL"}
SHORTENED = {"train": "--images 8", "train-prior": "--encoded 32", "evaluate": "--limit 4"}
"""What is added to commands that would take hours; all else is run as written."""


def blocks(page: Path, language: str = "sh") -> list[list[str]]:
    """The commands of each fenced block of a page."""
    found = re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    lines = [block.replace("\\\n", "").splitlines() for block in found]
    return [[line for line in block if line.strip() and not line.startswith("#")] for block in lines]


def commands(page: Path) -> set[str]:
    """Every command of a page, in blocks and in running text."""
    inline = re.findall(r"`((?:python -m |make |pip )[^`]*)`", page.read_text("utf-8"))
    return {command for block in blocks(page) for command in block} | set(inline)


def block_with(word: str) -> list[str]:
    return next(block for block in blocks(ENGLISH) if any(word in command for command in block))


@pytest.fixture
def reader(tmp_path) -> Path:
    """A folder that looks like a checkout, where a reader's commands may write."""
    for name in ("garmentgen", "demo", "weights", "notebooks", "requirements.txt"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run(command: str, folder: Path, **settings: str) -> str:
    """Run one line as a reader would, in an activated environment; returns what it printed."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env={**os.environ, "PATH": path, **settings}, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-1000:]}{done.stderr[-2000:]}"
    return done.stdout


# --- what the pages say ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_understood(page, capsys):
    for command in sorted(commands(page)):
        words = shlex.split(command, comments=True)
        if words[0] == "make":
            done = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True)
            assert done.returncode == 0, f"{command}: {done.stderr}"
        elif "-m garmentgen" in command:
            try:
                _parser().parse_args(words[words.index("garmentgen") + 1 :])
            except SystemExit as stop:
                assert stop.code == 0, f"{command}: {capsys.readouterr().err}"


def test_both_languages_give_the_same_commands():
    assert blocks(ENGLISH) == blocks(CHINESE)
    assert blocks(ENGLISH, "python") == blocks(CHINESE, "python")
    assert commands(ENGLISH) == commands(CHINESE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_the_command_line_block_runs_as_written(reader, weights_file):
    """On the shipped weights, of which the export alone takes half a minute: here it is one of small weights."""
    for command in block_with("generate"):
        run(command, reader, **({"GARMENTGEN_WEIGHTS": str(weights_file)} if "export" in command else {}))
    assert (reader / "shirt.png").exists() and (reader / "sheet.png").exists()
    assert (reader / "graph" / f"{weights_file.stem}.onnx").exists()


@pytest.mark.slow
def test_what_is_shipped_is_exported_as_written(reader):
    run(next(command for command in block_with("export") if "export" in command), reader)
    assert sorted(path.name for path in (reader / "graph").iterdir()) == sorted(
        path.name for path in (ROOT / "weights").glob("*.onnx")
    )


def test_the_python_block_runs_as_written(reader):
    (code,) = blocks(ENGLISH, "python")
    (reader / "five.py").write_text("\n".join([*code, "print(picture.shape, picture.dtype)"]))
    assert "(512, 512, 3) uint8" in run("python five.py", reader, PYTHONPATH=str(reader))
    assert (reader / "look.json").exists()


@pytest.mark.slow
def test_training_blocks_run_as_written(reader):
    """Drawn garments, which are written in the competition's layout, stand for the competition's photographs.

    Not run: GPUs, for which two processes stand, and a step of the published network, which takes minutes here.
    """
    run("python -m garmentgen draw imaterialist --count 64 --seed 1", reader)
    for word in ("garmentgen draw", "prepare imaterialist data/ready", "lite-worn"):
        for command in block_with(word):
            run(f"{command} {SHORTENED.get(command.split()[3], '')}", reader)
    for command in block_with("--gpus 0,1"):
        run(command.replace("--gpus 0,1", "--nproc_per_node 2") + " --minutes 0", reader)
    assert (reader / "report" / "report.json").exists()
    assert {path.parent.name for path in reader.glob("runs/*/weights.safetensors")} >= {"first", "prior", "detail"}


# --- what is installed -----------------------------------------------------------------------------------------------


def requirements() -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines())
    return [Requirement(line) for line in lines if line]


def imported(folders: tuple[str, ...]) -> set[str]:
    """Top-level names of every absolute import in these folders."""
    names = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add((node.module or "").partition(".")[0])
    return names


def test_everything_installed_is_pinned_explained_and_used():
    used = imported(("garmentgen", "demo"))
    for requirement in requirements():
        assert {s.operator for s in requirement.specifier} == {">=", "<"}, requirement
        assert IMPORTED_AS.get(requirement.name, requirement.name) in used, requirement
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert all("  # " in line for line in lines)


def test_one_list_serves_demo_notebooks_and_ai_studio():
    listed = {requirement.name for requirement in requirements()}
    assert {"gradio", "paddlepaddle", "numpy", "opencv-python-headless", "matplotlib", "ipywidgets"} <= listed
    for page in (ROOT / "docs" / "aistudio.md", ROOT / "README.md", ROOT / "README.zh.md"):
        lines = [line for line in page.read_text("utf-8").splitlines() if "pip install -r" in line]
        assert lines and all(line.strip().endswith("-r requirements.txt") for line in lines), page


def test_the_space_takes_the_same_gradio_and_a_supported_python():
    _, front, _ = ENGLISH.read_text("utf-8").split("---\n", 2)
    facts = dict(line.split(": ", 1) for line in front.splitlines() if ": " in line)
    (gradio,) = (requirement for requirement in requirements() if requirement.name == "gradio")
    assert facts["sdk_version"] in gradio.specifier
    assert f"{facts['python_version'].strip(chr(34))}.0" in SpecifierSet(">=3.10,<3.13")
    assert (ROOT / facts["app_file"]).is_file() and len(facts["short_description"]) <= 60


def test_the_installed_package_works_from_another_folder(tmp_path):
    """`pip install .` without its dependencies, which are here already."""
    source, site = tmp_path / "source", tmp_path / "site"
    source.mkdir()
    for name in ("pyproject.toml", "requirements.txt", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    for name in ("garmentgen", "demo", "weights"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    run(f"python -m pip install -q --no-deps --no-build-isolation --target '{site}' .", source)
    for name in ("painter/painter.js", "native/native.cc", "weights/features/NOTICE.md", "../demo/web/page.js"):
        assert (site / "garmentgen" / name).is_file(), name
    here = {str(path.relative_to(source)) for path in source.glob("[gd]*/**/*.py") if "build" not in path.parts}
    assert here <= {str(path.relative_to(site)) for path in site.rglob("*.py")}, "a folder is missing in pyproject.toml"
    code = "import garmentgen as g, demo.starters as s; d = g.Designer.load(); m = s.load_starters(d)[0].labels;"
    fresh = {"PYTHONPATH": str(site), "GARMENTGEN_WEIGHTS": ""}
    printed = run(f"python -c '{code} print(g.__file__, d.generate(m).shape)'", tmp_path, **fresh)
    assert printed.split(" ", 1)[0].startswith(str(site)) and "(512, 512, 3)" in printed


# --- what is said when something is in the way -----------------------------------------------------------------------


def refusal(capsys) -> str:
    """The one line on stderr."""
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


def test_the_demo_says_what_is_wrong_at_the_door(tmp_path, capsys, weights_file):
    from demo.__main__ import main as demo

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert demo(["--port", port, "--weights", str(weights_file)]) == 2
        assert port in refusal(capsys)
    assert demo(["--port", port, "--weights", str(tmp_path / "none.safetensors")]) == 2
    assert "no weights" in refusal(capsys)
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(weights_file.read_bytes()[:-100])
    assert demo(["--port", port, "--weights", str(damaged)]) == 2
    assert "truncated" in refusal(capsys)


def test_the_command_line_says_where_it_cannot_write(tmp_path, capsys, weights_file):
    (tmp_path / "file").touch()
    arguments = ["generate", str(ROOT / "demo/templates/01_t-shirt.png"), "--weights", str(weights_file)]
    assert command_line([*arguments, "-o", str(tmp_path / "file" / "a.png")]) == 2
    assert str(tmp_path / "file") in refusal(capsys)


def test_a_home_that_cannot_be_written_costs_speed_only(tmp_path, weights_file):
    (tmp_path / "file").touch()
    nowhere = {"HOME": str(tmp_path / "file" / "home"), "GARMENTGEN_CACHE": "", "XDG_CACHE_HOME": ""}
    command = (
        f"python -m garmentgen generate demo/templates/01_t-shirt.png -o {tmp_path}/a.png --weights {weights_file}"
    )
    run(f"{command} -o {tmp_path}/a.png --weights {weights_file}", ROOT, **nowhere)
    assert (tmp_path / "a.png").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/cpuinfo")
def test_a_processor_without_avx_is_named_before_paddle_crashes(tmp_path):
    old = tmp_path / "cpuinfo"
    old.write_text("processor\t: 0\nflags\t\t: fpu sse sse2 avx512_less\n")
    with pytest.raises(UserError, match="AVX"):
        environment.check(old)
    environment.check()


def setup(folder: Path, **settings: str) -> str:
    """What `scripts/setup.sh demo` says last, in a fresh folder with a space in its name, when it fails."""
    home = folder / "a new folder"
    (home / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup.sh", home / "scripts")
    shutil.copy(ROOT / "requirements.txt", home)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PIP_") and name != "PYTHON"}
    done = subprocess.run(
        ["sh", "scripts/setup.sh", "demo"], cwd=home, env=clean | settings, capture_output=True, text=True
    )
    assert done.returncode == 1 and not (home / ".venv" / ".demo").exists()
    return done.stderr.strip().splitlines()[-1]


def fake_python(folder: Path, version_fits: int, venv: int) -> str:
    """A python that answers the questions of setup.sh with these exit codes."""
    script = folder / "python with space"
    answers = f"-V) echo Python 3.8.2 ;; -c) exit {version_fits} ;; -m) echo no ensurepip; exit {venv} ;;"
    script.write_text(f'#!/bin/sh\ncase "$1" in {answers} esac\n')
    script.chmod(0o755)
    return str(script)


def test_an_old_python_is_refused_in_one_line(tmp_path):
    line = setup(tmp_path, PYTHON=fake_python(tmp_path, version_fits=1, venv=1))
    assert "needs Python 3.10, 3.11 or 3.12" in line and "Python 3.8.2" in line


def test_a_missing_venv_module_is_named(tmp_path):
    line = setup(tmp_path, PYTHON=fake_python(tmp_path, version_fits=0, venv=1))
    assert "no ensurepip" in line and "apt-get install python3-venv" in line


def test_installing_without_a_network_ends_in_one_line(tmp_path):
    offline = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull}
    assert "offline" in setup(tmp_path, PYTHON=sys.executable, **offline)
