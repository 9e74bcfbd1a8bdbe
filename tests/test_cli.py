"""The command line, driven as a user would: help, one sentence for an error, and from nothing to a garment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_maps import outfit

from garmentgen import colorize
from garmentgen.__main__ import main
from garmentgen.errors import UserError

ROOT = Path(__file__).parents[1]
COMMANDS = ["prepare", "draw", "train", "train-prior", "evaluate", "generate", "export", "bench"]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-m", "garmentgen", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def map_file(tmp_path) -> Path:
    path = tmp_path / "map.png"
    Image.fromarray(colorize(outfit())).save(path)
    return path


def generate(*arguments: object) -> int:
    """In this process: starting Python anew for each picture would take most of the time."""
    return main(["generate", *map(str, arguments)])


@pytest.mark.parametrize("command", [[], *([c] for c in COMMANDS)], ids=lambda c: c[0] if c else "garmentgen")
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as done:
        main([*command, "--help"])
    out = capsys.readouterr().out
    assert done.value.code == 0 and "usage:" in out
    assert all(name in out for name in ([] if command else COMMANDS))


def test_help_is_quick_to_come_because_paddle_is_not_imported():
    code = "import sys; from garmentgen.__main__ import main\ntry: main(['train', '--help'])\nexcept SystemExit: pass\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "sys.exit('paddle' in sys.modules)"], cwd=ROOT, capture_output=True
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["paint"],
        ["generate"],
        ["generate", "m.png", "--seed", "x"],
        ["bench", "all"],
        ["evaluate", "w", "d", "a\nb"],
    ],
)
def test_a_wrong_command_line_is_one_sentence_that_names_the_help(arguments, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith("garmentgen: ") and "--help`" in said


def test_a_user_error_is_one_line_and_2_without_a_traceback(tmp_path, map_file):
    done = run("generate", map_file, "--weights", tmp_path / "none.safetensors", "-o", tmp_path / "out.png")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("garmentgen: no weights at") and not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    "options, words",
    [
        (["--seed", "-1"], "seed"),
        (["--diversity", "9"], "diversity"),
        (["--harmony", "-1"], "harmony"),
        (["--count", "0"], "--count"),
        (["--diversity", "nan"], "diversity"),
    ],
)
def test_options_out_of_range_are_user_errors(options, words, map_file, weights_file, tmp_path, capsys):
    code = generate(map_file, "--weights", weights_file, "-o", tmp_path / "out.png", *options)
    assert code == 2 and words in capsys.readouterr().err and not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["prepare", "NONE", "OUT"], "NONE"),
        (["train", "NONE", "--preset", "tiny", "--run", "OUT"], "prepared folder"),
        (["train", "NONE", "--run", "OUT", "--set", "train.speed=9", "--set", "train.batch=8"], "train has no 'speed'"),
        (["train-prior", "NONE", "--weights", "NONE", "--run", "OUT"], "no weights at"),
        (["export", "OUT", "--weights", "NONE"], "no weights at"),
        (["generate", "NONE", "--weights", "WEIGHTS"], "cannot read"),
    ],
)
def test_every_command_reports_a_users_mistake_in_one_line(arguments, words, tmp_path, weights_file, capsys):
    places = {"NONE": str(tmp_path / "none"), "OUT": str(tmp_path / "out"), "WEIGHTS": str(weights_file)}
    code = main([places.get(a, a) for a in arguments])
    error = capsys.readouterr().err.strip()
    assert code == 2 and error.startswith("garmentgen: ") and places.get(words, words) in error
    assert len(error.splitlines()) == 1


def test_an_interrupt_is_no_traceback(monkeypatch, map_file, capsys):
    from garmentgen import inference

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(inference.Designer, "load", interrupted)
    assert generate(map_file) == 130 and "stopped" in capsys.readouterr().err


def test_generate_writes_what_the_designer_paints(map_file, weights_file, tmp_path, capsys):
    from garmentgen import Designer

    out = tmp_path / "new" / "garment.png"
    assert generate(map_file, "--weights", weights_file, "-o", out, "--seed", 4, "--diversity", 1.5) == 0
    expected = Designer.load(weights_file).generate(outfit(), 4, 1.5)
    assert np.array_equal(np.asarray(Image.open(out)), expected) and str(out) in capsys.readouterr().out


def test_generate_writes_several_variations_or_one_sheet(map_file, weights_file, tmp_path, capsys):
    assert generate(map_file, "--weights", weights_file, "-o", tmp_path / "g.png", "--count", 3) == 0
    names = sorted(p.name for p in tmp_path.glob("g*.png"))
    assert names == ["g-1.png", "g-2.png", "g.png"]
    pictures = [np.asarray(Image.open(tmp_path / name)) for name in ("g.png", "g-1.png", "g-2.png")]
    assert not np.array_equal(pictures[0], pictures[1]) and not np.array_equal(pictures[1], pictures[2])
    assert generate(map_file, "--weights", weights_file, "-o", tmp_path / "sheet.png", "--count", 6, "--grid") == 0
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert sheet.shape == (128, 256, 3) and (sheet[64:, 128:] == 255).all()
    assert np.array_equal(sheet[:64, :64], pictures[0]) and np.array_equal(sheet[:64, 64:128], pictures[1])


def test_notes_about_the_map_are_told(weights_file, tmp_path, capsys):
    Image.fromarray(colorize(outfit(128))).save(tmp_path / "big.png")
    assert generate(tmp_path / "big.png", "--weights", weights_file, "-o", tmp_path / "g.png") == 0
    assert "resized from 128x128 to 64x64" in capsys.readouterr().out


def test_export_writes_a_graph_that_paints_the_same(weights_file, tmp_path, capsys):
    import paddle

    from garmentgen import Designer
    from garmentgen.engine.paddle_graph import input_names

    assert main(["export", str(tmp_path / "graph"), "--weights", str(weights_file)]) == 0
    assert "Run on three examples: 100.000%" in capsys.readouterr().out
    names = {p.name for p in (tmp_path / "graph").iterdir()}
    assert {"graph.json", "graph.pdiparams", "inputs.txt"} <= names
    designer = Designer.load(weights_file, engine="dynamic")
    look = designer.look(outfit())
    inputs = designer.inputs(look)
    listed = (tmp_path / "graph" / "inputs.txt").read_text().splitlines()
    assert [line.split()[0] for line in listed] == input_names(designer.engine.net, 3)
    assert [line.split()[1] for line in listed] == [str(v.dtype) for v in inputs]
    graph = paddle.jit.load(str(tmp_path / "graph" / "graph"))
    picture = graph(*(paddle.to_tensor(v) for v in inputs)).numpy()
    np.testing.assert_allclose(picture, designer.engine(*inputs), atol=2e-3)


def test_export_to_onnx_is_run_by_two_other_engines(weights_file, tmp_path, capsys):
    """Written and run by OpenVINO inside the command; here by ONNX Runtime, one sample and two at once."""
    onnxruntime = pytest.importorskip("onnxruntime")
    from garmentgen import Designer
    from garmentgen.engine.paddle_graph import input_names

    assert main(["export", str(tmp_path), "--format", "onnx", "--weights", str(weights_file)]) == 0
    file = tmp_path / f"{weights_file.stem}.onnx"
    assert "Run on three examples: 100.000%" in capsys.readouterr().out
    assert main(["export", "--check", str(file), "--weights", str(weights_file)]) == 0
    designer = Designer.load(weights_file, engine="dynamic")
    looks = [designer.look(outfit(), seed=3), designer.look(np.roll(outfit(), 7, 1), seed=4, diversity=1.5)]
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    assert [i.name for i in session.get_inputs()] == input_names(designer.engine.net, 3)
    assert {i.shape[0] for i in session.get_inputs()} == {"N"} == {session.get_outputs()[0].shape[0]}
    assert session.get_modelmeta().custom_metadata_map["weights"] == designer.weights_hash
    for look in looks:
        feed = dict(zip(input_names(designer.engine.net, 3), designer.inputs(look), strict=True))
        gap = np.abs(session.run(None, feed)[0] - designer.engine(*feed.values())) * 127.5
        assert (gap <= 1).mean() >= 0.9999


def test_an_onnx_file_that_paints_something_else_is_refused(weights_file, tmp_path, capsys, monkeypatch):
    from garmentgen.engine import paddle_graph

    plain = paddle_graph.slopes
    monkeypatch.setattr(paddle_graph, "slopes", lambda folder: [0.25 for _ in plain(folder)])
    assert main(["export", str(tmp_path), "--format", "onnx", "--weights", str(weights_file)]) == 2
    assert "not what these weights paint" in capsys.readouterr().err and not list(tmp_path.iterdir())
    (tmp_path / "other.onnx").write_text("no graph")
    assert main(["export", "--check", str(tmp_path / "other.onnx"), "--weights", str(weights_file)]) == 2
    assert "no ONNX file" in capsys.readouterr().err
    assert main(["export"]) == 2 and "a folder to write into, or --check" in capsys.readouterr().err


def test_onnx_without_its_extra_says_what_to_install(weights_file, tmp_path, capsys, monkeypatch):
    from garmentgen.engine import onnx_graph

    monkeypatch.setattr(onnx_graph, "converter", lambda: "")
    assert main(["export", str(tmp_path), "--format", "onnx", "--weights", str(weights_file)]) == 2
    assert "garmentgen[onnx]" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_a_user_error_of_any_command_becomes_2(monkeypatch, capsys):
    from garmentgen import bench

    def refuse(*_):
        raise UserError("expected this, got that, do so")

    monkeypatch.setattr(bench, "run", refuse)
    assert (
        main(["bench", "generate"]) == 2 and capsys.readouterr().err == "garmentgen: expected this, got that, do so\n"
    )


def test_from_nothing_to_a_garment(tmp_path, map_file, capsys):
    """draw, prepare, train, resume, fit the priors, generate, at 64 px."""
    from garmentgen.checkpoint import load_weights
    from garmentgen.training.logs import read_log

    raw, data, first = tmp_path / "raw", tmp_path / "data", tmp_path / "run"
    assert main(["draw", str(raw), "--count", "8", "--size", "128"]) == 0
    assert main(["prepare", str(raw), str(data), "--size", "64", "--workers", "1"]) == 0
    train = ["train", str(data), "--preset", "tiny", "--run", str(first)]
    for images in ("24", "40"):
        options = ["--images", images, "--set", "train.log_images=8", "train.sample_images=16"]
        assert main([*train, *options]) == 0
        said = capsys.readouterr().out
        assert "environment: OMP_NUM_THREADS=" in said and "averaged weights" in said
    assert [line["images"] for line in read_log(first)] == [8, 16, 24, 32, 40]
    assert (first / "samples" / "000000032.png").exists()
    small = ["--images", "64", "--batch", "16", "--encoded", "24"]
    own = ["--weights", str(first / "weights.safetensors"), "--run", str(tmp_path / "prior")]
    assert main(["train-prior", str(data), *own, *small]) == 0
    weights = tmp_path / "prior" / "weights.safetensors"
    assert {"prior_gaussian", "prior_bank", "prior_flow"} <= set(load_weights(weights).parts)
    assert generate(map_file, "-o", tmp_path / "garment.png", "--weights", weights) == 0
    picture = np.asarray(Image.open(tmp_path / "garment.png"))
    assert picture.shape == (64, 64, 3) and (picture[outfit() == 255] == 255).all()
