"""The notebooks as files: how they are stored and what they may contain. `pytest --nbmake notebooks` runs them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
FOLDER = Path(__file__).parents[1] / "notebooks"
NAMES = ["01_preprocess.ipynb", "02_train.ipynb", "03_losses.ipynb", "04_design.ipynb"]
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(params=NAMES)
def notebook(request):
    return nbformat.read(FOLDER / request.param, as_version=4)


def code_of(notebook) -> list[str]:
    """Code cells without IPython's magics."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return ["\n".join(line for line in cell.splitlines() if not line.startswith("%")) for cell in cells]


def test_there_are_these_four():
    assert sorted(path.name for path in FOLDER.glob("*.ipynb")) == NAMES


def test_stored_small_without_outputs_for_the_python3_kernel(notebook):
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3" and notebook.metadata.kernelspec.language == "python"
    assert len(nbformat.writes(notebook)) < 300_000
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    for cell in notebook.cells:
        assert not cell.metadata or cell is first and set(cell.metadata) == {"nbmake"}  # how much less a test trains
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_they_define_nothing_and_import_from_the_library(notebook):
    imported = set()
    for cell in code_of(notebook):
        for node in ast.walk(ast.parse(cell)):
            assert not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)), ast.unparse(node)[:80]
            if isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).split(".")[0])
            elif isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
    assert "garmentgen" in imported
    assert imported <= {"garmentgen", "numpy", "paddle", "os", "sys", "pathlib"}


def test_the_environment_is_tuned_before_paddle_is_imported(notebook):
    first, rest = code_of(notebook)[0], code_of(notebook)[1:]
    assert "environment.tune()" in first
    lines = [ast.unparse(n) for n in ast.parse(first).body if isinstance(n, (ast.Import, ast.ImportFrom))]
    assert set(lines) <= {"import os", "import sys", "from pathlib import Path", "from garmentgen import environment"}
    assert not any("environment.tune" in cell for cell in rest)


def test_the_data_s_place_is_one_variable_at_the_top(notebook):
    first, rest = code_of(notebook)[0], code_of(notebook)[1:]
    names = [
        t.id for n in ast.parse(first).body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
    ]
    assert "DATA" in names and "GARMENTGEN_NOTEBOOK_DATA" in first
    stored = [n for cell in rest for n in ast.walk(ast.parse(cell)) if isinstance(n, ast.Name) and n.id == "DATA"]
    assert stored and all(isinstance(n.ctx, ast.Load) for n in stored)


def test_prose_is_chinese_first_and_english_beside(notebook):
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        words = [c for c in re.sub(r"```.*?```", "", cell.source, flags=re.S) if c.isalpha()]
        assert CHINESE.search(cell.source), cell.source[:80]
        assert any(c.isascii() for c in words), cell.source[:80]
        paragraphs = [p for p in cell.source.split("\n\n") if p.strip() and not p.startswith(("#", "```", "|", "$"))]
        prose = [bool(CHINESE.search(p)) for p in paragraphs]
        if len(prose) > 1:
            assert prose[0], f"English before Chinese: {cell.source[:80]}"


def test_what_they_write_is_ignored_by_git(monkeypatch):
    from garmentgen import notebook

    monkeypatch.delenv("GARMENTGEN_NOTEBOOK_WORK", raising=False)
    ignored = (FOLDER.parent / ".gitignore").read_text("utf-8").splitlines()
    assert (FOLDER / notebook.work_folder()).resolve().is_relative_to(FOLDER.parent / "runs") and "/runs/" in ignored
