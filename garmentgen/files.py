"""Writing: look first, never leave half a file, never replace what is no file; a fault is one sentence.

Also the two places that we own: the weights that ship with the code, and the cache.
"""

from __future__ import annotations

import atexit
import errno
import functools
import logging
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError

from .errors import UserError

log = logging.getLogger("garmentgen")

NOT_ALLOWED = "nothing may be written there; choose another place"
NO_FOLDER = "a part of that path is a file, not a folder; choose another place"
DEEPEST = 200
"""Folders in a name."""
REASONS = {
    errno.ENOSPC: "the disk is full; make room and run the same command again",
    errno.EDQUOT: "your share of the disk is full; make room and run the same command again",
    errno.EFBIG: "the file would be larger than this system allows; choose another place",
    errno.EACCES: NOT_ALLOWED,
    errno.EPERM: NOT_ALLOWED,
    errno.EROFS: NOT_ALLOWED,
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ENOENT: "no file can be made there; choose another place",
    errno.ENOTDIR: NO_FOLDER,
    errno.EEXIST: NO_FOLDER,
    errno.ELOOP: "its links lead in a circle; choose another place",
    errno.ENXIO: "nobody reads that pipe; start its reader first",
}


def shipped(name: str) -> Path:
    """A file of the weights folder: inside the installed package if it is there, else beside it (a checkout)."""
    package = Path(__file__).parent
    inside = package / "weights" / name
    return inside if inside.exists() else package.parent / "weights" / name


def cache_folder() -> Path:
    """GARMENTGEN_CACHE, else garmentgen in XDG_CACHE_HOME or ~/.cache.

    If it cannot be written, a sentence says so and it is a temporary folder, until this process ends.
    """
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        chosen = Path(os.environ.get("GARMENTGEN_CACHE") or f"{base}/garmentgen").expanduser()
        chosen.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=chosen):
            return chosen
    except (OSError, RuntimeError) as error:  # RuntimeError: a user without a home
        return _passing_cache(str(error))


@functools.cache
def _passing_cache(reason: str) -> Path:
    log.warning("nothing is cached, so that every start takes longer (%s); set GARMENTGEN_CACHE", reason)
    folder = tempfile.mkdtemp(prefix="garmentgen-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def named(text: str | bytes | Path) -> Path:
    """A file or folder that a user named.

    Raises:
        UserError: no file can have this name.
    """
    try:
        encoded = os.fsencode(text)
    except (UnicodeEncodeError, TypeError):  # TypeError: nothing that names a file
        encoded = b""
    if not encoded or b"\0" in encoded:
        raise UserError(f"expected the name of a file or folder, not {ascii(str(text)):.80}; choose another")
    path = Path(os.fsdecode(text))
    if len(path.parts) > DEEPEST:  # Python makes folders one inside the other, and gives up in a traceback
        raise UserError(f"{str(path)!a:.80} lies in more than {DEEPEST} folders; choose a shorter name")
    return path


def read_file(path: str | Path, most: int, what: str) -> bytes:
    """The bytes of a regular file, `most` at most. `what` says in errors what is wanted: "a picture".

    Raises:
        UserError: no such file, a folder, a device or pipe, not allowed, or too large: then nothing is read.
    """
    path = named(path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            kind = "a folder" if stat.S_ISDIR(found.st_mode) else "a device or pipe"
            raise UserError(f"cannot read {str(path):.120}: it is {kind}; choose {what}")
        size, data = found.st_size, b""
        if size <= most:
            with open(path, "rb") as file:
                data = file.read(most + 1)  # files of /proc say that they are empty
        if max(size, len(data)) > most:
            raise UserError(f"{path.name:.120} is larger than {most / 1e6:.0f} MB, the most that {what} may have")
        return data
    except OSError as error:
        raise UserError(f"cannot read {str(path):.120}: {error.strerror}; choose {what}") from error


def check_file(path: str | Path) -> Path:
    """Where a file of this name is to be written: behind its links, in a folder that is there (it is made).

    Raises:
        UserError: it is a folder, no file can have this name, or nothing may be written there.
    """
    path = named(path)
    try:
        if path.is_dir():
            raise UserError(f"{path} is a folder; name a file to write, such as {path / 'garment.png'}")
        if _takes_bytes(path):
            return path
        target = Path(os.path.realpath(path)) if path.is_symlink() else path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():  # realpath gives up on a circle
            raise OSError(errno.ELOOP, "links in a circle")
        target.exists()
        if not os.access(target.parent, os.W_OK):
            raise OSError(errno.EACCES, "read-only")
        return target
    except OSError as error:
        raise unwritable(path, error) from error


def write_atomically(path: str | Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, flush it to disk, then rename it to `path`.

    A symbolic link stays and what it points to is written. A device or a pipe stays too and is given the bytes.

    Raises:
        UserError: see `check_file`, or the disk is full; what was there before is whole.
    """
    target = check_file(path)
    try:
        if _takes_bytes(target):
            with tempfile.TemporaryDirectory(prefix="garmentgen-") as scratch:
                write(Path(scratch) / "bytes")
                _pour(Path(scratch) / "bytes", target)
        else:
            _replace(target, write)
    except (OSError, SafetensorError) as error:
        raise unwritable(Path(path), error) from error


def _takes_bytes(path: Path) -> bool:
    """Whether something stands there that is no file and no folder: a device, a pipe, a socket."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _pour(source: Path, target: Path) -> None:
    # a pipe without a reader is an error at once (ENXIO) where an ordinary open would wait for ever
    descriptor = os.open(target, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    os.set_blocking(descriptor, True)
    with open(source, "rb") as bytes_, open(descriptor, "wb") as device:
        shutil.copyfileobj(bytes_, device)


def _replace(target: Path, write: Callable[[Path], object]) -> None:
    temporary = target.with_name(f"{target.name[:40]}.{os.getpid()}.tmp")
    try:
        temporary.touch()
        rights = os.stat(target if target.exists() else temporary).st_mode  # safetensors would let nobody else read
        write(temporary)
        with open(temporary, "r+b") as file:
            os.fsync(file.fileno())
        os.chmod(temporary, rights & 0o777)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def append(path: Path, text: str) -> None:
    """Add text to a file in UTF-8, all of it or nothing.

    Raises:
        UserError: it cannot be written.
    """
    before = path.stat().st_size if path.exists() else 0
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        if path.is_file():
            os.truncate(path, before)
        raise unwritable(path, error) from error


def claim_folder(folder: str | Path, command: str, is_ours: Callable[[Path], bool]) -> Path:
    """Make the folder a command is to fill, or take one that is empty or that this command has filled before.

    Args:
        command: as the user knows it. is_ours: whether a folder that is not empty is this command's.

    Raises:
        UserError: it is a file, holds something else, or nothing may be written there.
    """
    folder = named(folder)
    try:
        if folder.exists() and not folder.is_dir():
            raise UserError(f"{folder} is a file; give `{command}` a new or empty folder")
        folder.mkdir(parents=True, exist_ok=True)
        found = sorted(path.name for path in folder.iterdir())
        if found and not is_ours(folder):
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            raise UserError(
                f"{folder} holds {found[0]}{more}, which `{command}` did not write; give it a new or empty folder"
            )
        if not os.access(folder, os.W_OK):
            raise OSError(errno.EACCES, "read-only")
    except OSError as error:
        raise unwritable(folder, error) from error
    return folder


def unwritable(path: Path, error: Exception) -> UserError:
    """The sentence for a failed write; safetensors hides the system's number in its text."""
    hidden = re.search(r"os error (\d+)", str(error))
    number = int(hidden[1]) if hidden else getattr(error, "errno", None)
    reason = REASONS.get(number or 0) or getattr(error, "strerror", None) or str(error)
    return UserError(f"cannot write {str(path):.120}: {reason}")
