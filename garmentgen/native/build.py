"""Compiles native.cc once into a cache folder and loads it.

Needed: a C++ compiler, and the oneDNN and OpenMP libraries that lie inside Paddle's Linux wheels. No headers of either:
onednn.h declares what is used, and nothing of Paddle's C++ side is touched.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import paddle
import paddle.version

from ..files import cache_folder

SOURCES = ("native.cc", "onednn.h")
FLAGS = ("-O3", "-std=c++17", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-fopenmp", "-fPIC")


class Unavailable(Exception):
    """Why the extension cannot be used here, in one sentence part without a full stop."""


def paddle_libraries() -> Path:
    """The folder of Paddle's own libraries."""
    return Path(paddle.__file__).parent / "libs"


def find_compiler() -> str:
    """Path of a C++ compiler: `CXX` when set, else c++, g++ or clang++. Raises Unavailable."""
    for name in (os.environ.get("CXX") or "c++", "c++", "g++", "clang++"):
        found = shutil.which(name)
        if found:
            return found
    raise Unavailable("no C++ compiler was found (install g++, or set CXX)")


def _libraries() -> list[Path]:
    libraries = [paddle_libraries() / name for name in ("libiomp5.so", "libdnnl.so.3")]
    for library in libraries:
        if not library.exists():
            raise Unavailable(f"this Paddle has no {library.name} (only its Linux x86-64 wheels carry it)")
    return libraries


def _processor() -> str:
    """What -march=native depends on: a cache folder may be shared by machines."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line for line in lines if line.startswith("flags")), platform.processor())


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        lines = (
            [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines() or ["no output"]
        )
        raise Unavailable(f"the compiler failed: {lines[0].strip()}")


def build() -> Path:
    """Path of the compiled library, made now unless the cache has it. Raises Unavailable or OSError."""
    here, libraries, compiler = Path(__file__).parent, _libraries(), find_compiler()
    parts = [(here / name).read_text() for name in SOURCES]
    parts += [*FLAGS, compiler, paddle.version.full_version, str(libraries[0]), _processor()]
    target = cache_folder() / f"native-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}.so"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        compiled, linked = f"{folder}/native.o", f"{folder}/native.so"
        _run([compiler, *FLAGS, "-c", str(here / SOURCES[0]), "-o", compiled])
        # Linked without -fopenmp: that would bring the compiler's own OpenMP, whose threads would fight with Paddle's.
        _run([compiler, "-shared", compiled, "-o", linked, "-Wl,--no-as-needed", *map(str, libraries),
              f"-Wl,-rpath,{libraries[0].parent}"])  # fmt: skip
        os.replace(linked, target)
    return target


def load() -> ctypes.CDLL:
    """The library with its functions' types declared. Raises Unavailable."""
    try:
        lib = ctypes.CDLL(str(build()))
    except OSError as error:
        raise Unavailable(f"the extension could not be built or loaded: {error}") from error
    if lib.gg_onednn_major() != 3:
        raise Unavailable(f"this Paddle has oneDNN {lib.gg_onednn_major()}, and the extension is written for oneDNN 3")
    pointer, size, number, flag = ctypes.c_void_p, ctypes.c_int64, ctypes.c_float, ctypes.c_int
    signatures = {
        "gg_conv_forward": [pointer] * 5 + [number, flag],
        "gg_conv_backward": [pointer] * 8 + [number, flag],
        "gg_norm_forward": [pointer] * 7 + [number],
        "gg_norm_backward": [pointer] * 11 + [number],
        "gg_repeat": [pointer] * 2 + [size] * 3 + [number],
        "gg_gather": [pointer] * 2 + [size] * 3 + [number],
        "gg_instance_forward": [pointer] * 3 + [size] * 2 + [number],
        "gg_instance_backward": [pointer] * 5 + [size] * 2 + [number],
    }
    for name, types in signatures.items():
        function = getattr(lib, name)
        function.argtypes = types
        function.restype = ctypes.c_char_p if name.startswith(("gg_conv", "gg_norm")) else None
    return lib
