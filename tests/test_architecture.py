"""The shape of the code itself: imports go one way, the label table is alone, files and functions stay short."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import garmentgen
from garmentgen.labels import LABELS, NUM_LABELS

ROOT = Path(__file__).parents[1]
LAYERS = [
    {"errors"},
    {"labels", "files", "environment", "checks", "counter", "progress", "tracing"},
    {"arrays", "cache", "photo", "runs", "scenes"},
    {"models.lite.config", "models.smis.config"},
    {"rules"},
    {"config", "geometry", "looks", "maps", "painter", "cloth"},
    {"presets", "pixels", "pictures", "cutting", "priors", "plots"},
    {"data", "models", "losses", "engine"},  # these do not know one another
    {"checkpoint", "priors.flow", "synthetic", "native"},
    {"priors.files", "priors.fitting", "networks", "acceleration"},
    {"renderer", "reader", "dressing"},
    {"inference"},
    {"export", "output", "evaluation"},
    {"training", "web"},
    {"bench", "painter.desk"},
    {"notebook"},
    {"__main__"},
]
"""A module imports from the layers above it and from its own folder, never sideways or back."""
RANK = {name: k for k, layer in enumerate(LAYERS) for name in layer}
PUBLIC = set(garmentgen.__all__)
NUMPY_ONLY = set(
    """
    arrays cache checks cloth config counter cutting data errors files geometry labels looks maps models.lite.config
    models.smis.config painter photo pictures plots presets priors progress rules runs scenes synthetic
    """.split()
)


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository that are, or are about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [ROOT / name for name in sorted(set(listed)) if (ROOT / name).is_file()]


CODE = tracked("garmentgen/*.py", "demo/*.py")
OUTSIDE_THE_TABLE = [path for path in CODE if path != ROOT / "garmentgen" / "labels.py"]
LIBRARY = [path for path in CODE if path.is_relative_to(ROOT / "garmentgen")]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def module_of(path: Path) -> str:
    """The top-level module or folder of garmentgen that a file belongs to, unless it has a layer of its own."""
    return layer_of(path.relative_to(ROOT / "garmentgen").with_suffix("").parts)


def layer_of(parts: tuple[str, ...]) -> str:
    """What of a dotted name below garmentgen stands in LAYERS, as much of it as possible; else its first part."""
    names = [".".join(parts[:k]) for k in range(len(parts), 0, -1)]
    return next((name for name in names if name in RANK), parts[0])


def imports_of(path: Path) -> set[str]:
    """Absolute dotted names that a file imports, at its head or inside its functions; type checking apart."""
    return imports_in(tree_of(path), list(path.relative_to(ROOT).parts[:-1]))


def imports_in(tree: ast.Module, package: list[str]) -> set[str]:
    """`imports_of` code that stands in this package."""
    only_typed = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in only_typed:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{start}.{alias.name}" for alias in node.names}
    return found


@cache
def arrows() -> dict[tuple[str, str], str]:
    """(unit that imports, unit that is imported) of LAYERS -> an import that says so."""
    found = {}
    for path in LIBRARY:
        here = module_of(path)
        for imported in imports_of(path) if here != "__init__" else ():
            parts = imported.split(".")
            if parts[0] != "garmentgen" or len(parts) < 2:
                continue
            target = layer_of(tuple(parts[1:]))
            if target not in RANK:  # a public name
                target = "inference" if parts[1] == "Designer" else "looks"
            if target != here:
                found[here, target] = f"{name_of(path)} imports {imported}"
    return found


def test_imports_go_one_way():
    for (here, target), said in arrows().items():
        assert here in RANK, f"give {here} a layer"
        assert RANK[target] < RANK[here], f"{said}: {here} may not know {target}"


def test_the_kernels_may_be_left_out():
    """Nothing needs `garmentgen.native`, which is taken where it is there: without it training is slower, no more."""
    needing = {module_of(path) for path in LIBRARY for name in imports_of(path) if name.startswith("garmentgen.native")}
    assert needing - {"native"} == {"acceleration"}


def test_the_library_has_no_module_without_a_layer_and_no_utils():
    assert {module_of(path) for path in LIBRARY} - {"__init__"} <= set(RANK)
    assert not [path for path in CODE if "utils" in path.stem or "utils" in path.parts]


def test_what_needs_no_network_does_not_import_paddle():
    for path in (p for p in LIBRARY if module_of(p) in NUMPY_ONLY):
        assert not {name for name in imports_of(path) if name.split(".")[0] == "paddle"}, name_of(path)


def test_the_environment_can_be_seen_to_before_anything_is_imported():
    code = "import sys; from garmentgen import environment; environment.tune(); sys.exit('paddle' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_demo_sees_the_public_surface_only():
    for path in tracked("demo/*.py"):
        assert_public(imports_of(path), {"checks", "environment", "painter", "web"}, name_of(path))


def test_notebooks_see_the_public_surface_only():
    """The names of `garmentgen`, what notebooks share, the figures, and the environment, which comes before Paddle."""
    for path in tracked("notebooks/*.ipynb"):
        cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
        lines = "".join("".join(cell["source"]) + "\n" for cell in cells).splitlines()
        tree = ast.parse("\n".join(line for line in lines if not line.lstrip().startswith(("%", "!"))))
        assert_public(imports_in(tree, []), {"environment", "notebook", "plots"}, name_of(path))


def assert_public(imported: set[str], modules: set[str], where: str) -> None:
    for name in imported:
        parts = name.split(".")
        if parts[0] == "garmentgen" and len(parts) > 1:
            assert parts[1] in PUBLIC | modules, f"{where} imports {name}, which is not public"


def test_the_public_surface_is_what_it_says():
    assert all(getattr(garmentgen, name) is not None for name in PUBLIC)


def test_reading_labels_and_looks_needs_no_paddle():
    code = "import sys, garmentgen; garmentgen.colorize; garmentgen.Look; sys.exit('paddle' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_every_function_a_command_calls_exists():
    """Commands import what they call when they are run, so that a wrong name shows only then."""
    for name in sorted(imports_of(ROOT / "garmentgen" / "__main__.py")):
        if name.startswith("garmentgen."):
            module, _, attribute = name.rpartition(".")
            found = importlib.import_module(module)
            assert hasattr(found, attribute) or importlib.import_module(name), name


def test_nobody_outside_models_asks_which_kind_a_model_is():
    """Encoder and generator have one contract; a config says for itself how large its crops are."""
    kinds = r"isinstance\([^)]*(SmisConfig|LiteConfig|Generator|Encoder|Discriminator)"
    asked = kinds + r"|getattr\([^)]*(model|config\.model|weights\.config)\s*,"
    for path in (path for path in CODE if not name_of(path).startswith("garmentgen/models/")):
        assert not re.search(asked, path.read_text(encoding="utf-8")), name_of(path)


def test_a_box_has_one_order():
    """`geometry.Box`: top, left, bottom, right."""
    for path in CODE:
        assert "left, top, right" not in path.read_text(encoding="utf-8"), name_of(path)


# --- one label table -------------------------------------------------------------------------------------------------

DRAWING = ("garmentgen/synthetic/",)
"""Patterns in centimetres: there the number is a length."""


def test_the_number_of_classes_is_written_nowhere_else():
    for path in OUTSIDE_THE_TABLE:
        if name_of(path).startswith(DRAWING):
            continue
        numbers = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.Constant) and type(n.value) is int]
        assert not [n.lineno for n in numbers if n.value in (NUM_LABELS, NUM_LABELS + 1)], (
            f"{name_of(path)}: NUM_LABELS"
        )


def test_class_names_are_written_elsewhere_only_to_be_found():
    """Outside the table a name is a key into it: the file that writes one asks `find`, which fails on a wrong one."""
    for path in OUTSIDE_THE_TABLE:
        if name_of(path).startswith((*DRAWING, "demo/starters.py")):  # looked up in one place; titles of template files
            continue
        tree = tree_of(path)
        names = {name.lower() for label in LABELS for name in (label.name, label.name_zh)}
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        written = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() in names
            if id(node) not in prose
        ]
        asks = any(isinstance(n, ast.Call) and ast.unparse(n.func).endswith("find") for n in ast.walk(tree))
        assert not written or asks, f"{name_of(path)} writes {[n.value for n in written]} and never calls find"


# --- short files, nothing of this workplace --------------------------------------------------------------------------


def test_files_and_functions_are_short():
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300, name_of(path)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert length(node) <= 40, f"{name_of(path)}: {node.name} has {length(node)} lines"


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    total = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        total -= (first.end_lineno or 0) - first.lineno + 1
    return total


def test_tests_do_not_sprawl():
    for path in tracked("tests/*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 600, name_of(path)


FORBIDDEN = ["/wo" + "rk/", "../sha" + "red", "/opt/" + "gg", "developer " + "session"]


def test_nothing_names_the_place_it_was_made_in():
    for path in tracked():
        data = path.read_bytes().replace(b"/home/aistudio/wo" + b"rk/", b"")  # AI Studio's own folder
        for words in FORBIDDEN:
            assert words.encode() not in data, f"{name_of(path)} says {words!r}"


def test_the_page_on_the_architecture_names_what_there_is():
    """Files of `docs/architecture.md` exist, and a name stands in one of the files of its row."""
    for row in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").splitlines():
        spans = re.findall(r"`([^`]+)`", row)
        paths = [
            ROOT / span for span in spans if re.fullmatch(r"[\w./]+(/|\.(py|js|css|md|toml|txt|sh|cc)|Makefile)", span)
        ]
        for path in paths:
            assert path.exists(), f"docs/architecture.md names {name_of(path)}"
        text = "".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())
        for name in spans if row.startswith("| ") and not row.startswith("| `") else []:  # those: the environment's
            known = name == "Makefile" or not re.fullmatch(r"\w+", name) or name in text
            assert known, f"{name} is in no file of: {row[:60]}"


UNDER_NATIVE = "garmentgen/native/layers.py"
"""How the functions of the same names in `garmentgen.native` do their work."""


def test_every_public_name_is_described():
    for path in CODE:
        tree = tree_of(path)
        assert ast.get_docstring(tree) or not tree.body, f"{name_of(path)} says what it is for"
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                overloads = [d for d in node.decorator_list if "overload" in ast.unparse(d)]
                described = ast.get_docstring(node) or overloads or name_of(path).startswith(UNDER_NATIVE)
                assert described, f"{name_of(path)}: {node.name} has no docstring"


def test_random_numbers_come_from_an_argument():
    """No module draws from a global generator: `np.random.something(...)` other than a Generator's constructor."""
    allowed = {"default_rng", "Generator", "SeedSequence"}
    for path in LIBRARY:
        used = set(re.findall(r"np\.random\.(\w+)", path.read_text(encoding="utf-8")))
        assert used <= allowed, f"{name_of(path)} uses {used - allowed}"
