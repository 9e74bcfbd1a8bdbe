"""Writing files so that a reader never sees half of one; finding the files we ship."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def shipped(name: str) -> Path:
    """A file of the weights folder: inside the installed package if it is there, else beside it (a checkout)."""
    package = Path(__file__).parent
    inside = package / "weights" / name
    return inside if inside.exists() else package.parent / "weights" / name


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, flush it to disk, then rename it to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
