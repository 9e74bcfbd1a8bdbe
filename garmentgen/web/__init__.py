"""A designer without Python: the weights as files that any browser reads, and the JavaScript that paints with them.

`*.js` are plain ES modules without a build step, each the twin of the module of its name in Python or of the one that
its head names. `write_model` writes what `model.js` reads. Whole numbers, exact sums and one order of operations make a
seed the same garment in both languages; see `tests/test_web.py`.
"""

from __future__ import annotations

from pathlib import Path

from ..files import claim_folder
from .model import write_model
from .runtime import check_model, write_runtime

__all__ = ["SCRIPTS", "check_model", "claim", "write_model", "write_runtime"]

SCRIPTS = tuple(sorted(Path(__file__).parent.glob("*.js")))
"""The modules; they find one another in one folder."""


def claim(folder: Path, mark: str) -> Path:
    """The folder of a page: new, empty, or with the file `mark` of an earlier one; see `files.claim_folder`."""
    return claim_folder(folder, "export --format web", lambda one: (one / mark).exists())
