"""onnxruntime-web beside the page: brought by npm when a folder is built, pinned by package-lock.json."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path

from ..cache import kept
from ..errors import UserError

_HERE = Path(__file__).parent
_LOCK = [_HERE / "package.json", _HERE / "package-lock.json"]
_DIST = "node_modules/onnxruntime-web/dist"
FILES = {
    "ort-wasm.js": "ort.wasm.bundle.min.mjs",
    "ort-wasm.wasm": "ort-wasm-simd-threaded.wasm",
    "ort-webgpu.js": "ort.jspi.bundle.min.mjs",
    "ort-webgpu.wasm": "ort-wasm-simd-threaded.jspi.wasm",
}
"""Our name -> the package's. A browser fetches the second pair only where it has WebGPU (4 MB; its builds for browsers
that cannot suspend WebAssembly have 7)."""


def write_runtime(folder: Path) -> None:
    """Write FILES, the WebAssembly gzipped.

    Raises:
        UserError: npm is missing, or its registry cannot be reached and nothing was kept from an earlier time.
    """
    with kept("onnxruntime-web", f"{FILES} {[path.read_text('utf-8') for path in _LOCK]}", _fetch) as cached:
        for name in FILES:
            shutil.copyfile(cached / name, folder / name)


def _fetch(folder: Path) -> None:
    scratch = folder / "npm"
    scratch.mkdir()
    for path in _LOCK:
        shutil.copy(path, scratch)
    _run([_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], scratch, "npm could not bring it")
    for name, source in FILES.items():
        data = (scratch / _DIST / source).read_bytes()
        (folder / name).write_bytes(gzip.compress(data, 9, mtime=0) if name.endswith(".wasm") else data)
    shutil.rmtree(scratch)


def check_model(folder: Path) -> str:
    """Paint the stored look with the files of a folder, as a page would; returns in words how near it is.

    Raises:
        UserError: it is not the picture that the network paints.
    """
    return _run([_program("node"), str(_HERE / "check.js"), str(folder.resolve())], folder, "the page would not paint")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise UserError(f"a page is built with Node.js, of which {name} is not on the PATH: https://nodejs.org")
    return found


def _run(command: list[str], folder: Path, fault: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        words = " ".join((done.stderr or done.stdout).split())[-300:]
        raise UserError(f"onnxruntime-web: {fault}; its last words: {words}")
    return done.stdout.strip()
