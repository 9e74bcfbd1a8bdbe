"""What is made once and kept between runs: folders named by all they were made from, used only when whole."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .files import cache_folder

log = logging.getLogger("garmentgen")

CONTENTS = "contents.json"
"""File name -> SHA-256 of every other file of a folder. Written last: a folder without it is not finished."""
KEPT = 12
"""Folders of one kind that stay; those not used for longest go when a new one comes."""
ROOM = 64 * 2**20
"""Bytes that must be free before a folder is made: Paddle writes half a file on a full disk and says nothing."""


@contextmanager
def kept(kind: str, made_from: str, make: Callable[[Path], object]) -> Iterator[Path]:
    """A folder that `make` filled, now or in an earlier run, for as long as the block lasts.

    A kept folder whose files are not those that were written is made anew. On a full disk a sentence says so and the
    folder is a temporary one.

    Args:
        kind: the first word of the folder's name. made_from: all that decides what `make` writes.
    """
    try:
        folder = _kept(kind, hashlib.sha256(made_from.encode()).hexdigest()[:16], make)
    except OSError as error:
        log.warning("nothing is cached, so that every start takes longer (%s); set GARMENTGEN_CACHE", error)
        with tempfile.TemporaryDirectory(prefix="garmentgen-", ignore_cleanup_errors=True) as temporary:
            make(Path(temporary))
            yield Path(temporary)
    else:
        yield folder


def _kept(kind: str, digest: str, make: Callable[[Path], object]) -> Path:
    folder = cache_folder() / f"{kind}-{digest}"
    if whole(folder):
        os.utime(folder)
        return folder
    if (free := shutil.disk_usage(folder.parent).free) < ROOM:
        raise OSError(f"{folder.parent} has {free // 2**20} MB left")
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix="unfinished-"))
    try:
        make(scratch)
        (scratch / CONTENTS).write_text(json.dumps(_contents(scratch)))
        shutil.rmtree(folder, ignore_errors=True)
        try:
            os.replace(scratch, folder)
        except OSError:
            if not whole(folder):  # else another process was first
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for old in sorted(folder.parent.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def whole(folder: Path) -> bool:
    """Whether a folder holds the files that were written into it, byte for byte."""
    try:
        return json.loads((folder / CONTENTS).read_text()) == _contents(folder)
    except (OSError, ValueError):
        return False


def _contents(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.iterdir() if path.name != CONTENTS)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
