"""What Paddle needs of the machine and the environment on a CPU, seen to before it is imported (standard library only).

Paddle takes one thread unless OMP_NUM_THREADS says otherwise, and its bundled MKL picks a slow path on AMD
processors unless MKL_DEBUG_CPU_TYPE=5. Whatever the user has set stays.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import logging
import os
import platform
import re
import sys
import warnings
from pathlib import Path

from .errors import UserError

CPUINFO = Path("/proc/cpuinfo")
_M_ARENA_MAX = -8  # glibc, malloc.h


def start_paddle() -> None:
    """Import Paddle: machine checked, environment tuned, and without its advice against more than one thread.

    Raises:
        UserError: see `check`.
    """
    if "paddle" in sys.modules:
        return
    check()
    tune()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    with contextlib.redirect_stderr(io.StringIO()):
        import paddle
    root.handlers[:] = handlers  # its own would take every warning of this program into that string
    root.setLevel(level)
    paddle.disable_signal_handler()  # else a server that is stopped prints a stack of C++


def check_threads() -> None:
    """Raise UserError where OMP_NUM_THREADS is no number of threads."""
    threads = os.environ.get("OMP_NUM_THREADS", "1")
    if not re.fullmatch(r"[1-9]\d{0,3}(,[1-9]\d{0,3})*", threads):
        raise UserError(f"OMP_NUM_THREADS is a whole number from 1, not {threads!r:.40}; correct it, or unset it")


def check(cpuinfo: Path = CPUINFO) -> None:
    """Raise UserError where Paddle's Linux wheels cannot even be imported, or would be started with nonsense.

    Without AVX the import would end the process with "Illegal instruction"; without OpenMP's library, in a traceback.
    """
    check_threads()
    if sys.platform != "linux":
        return
    if platform.machine() == "x86_64" and cpuinfo.exists() and "avx" not in cpuinfo.read_text().split():
        raise UserError(
            "Paddle's wheels need a processor with AVX, and this one has none; "
            "use another machine, or install a Paddle that was built from source without AVX"
        )
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        raise UserError("Paddle needs libgomp.so.1, which this system lacks: apt-get install libgomp1") from None


def print_anything() -> None:
    """Let a console that lacks a character (a Chinese file name, a code page) show a question mark in its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def finish_printing() -> None:
    """Flush the output; if nobody reads it or it has no room, what is left goes nowhere, without a traceback."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tune() -> dict[str, str]:
    """Set what is unset and return all that is in force. Must run before Paddle is imported."""
    os.environ.setdefault("GLOG_minloglevel", "2")  # Paddle's warnings about its own internals
    warnings.filterwarnings("ignore", message="No ccache found")
    for name, value in recommended().items():
        os.environ.setdefault(name, value)
    return {name: os.environ[name] for name in recommended()}


def recommended() -> dict[str, str]:
    """The variables and their values for this machine."""
    threads = {"OMP_NUM_THREADS": str(cores())}
    return threads | ({"MKL_DEBUG_CPU_TYPE": "5"} if _is_amd() else {})


def stock() -> dict[str, str]:
    """This process's environment without what `tune` sets: Paddle as it comes, for the benches to compare with."""
    ours = recommended()
    return {name: value for name, value in os.environ.items() if name not in ours}


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def threads() -> int:
    """How many threads an engine takes: OMP_NUM_THREADS, else every processor this process may use."""
    named = os.environ.get("OMP_NUM_THREADS", "")
    return int(named) if named.isdigit() and int(named) else cores()


def share_one_heap() -> None:
    """Let all threads to come take memory from one heap: glibc gives each its own, and keeps in each what is free."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library, or Windows
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Let the C library return to the system what is free: glibc keeps a third of what it took to make a graph."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library, or Windows
        ctypes.CDLL(None).malloc_trim(0)


def processor() -> str:
    """What this machine's processor calls itself, such as "AMD EPYC"."""
    try:
        names = [line.partition(":")[2].strip() for line in CPUINFO.read_text().splitlines() if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def _is_amd() -> bool:
    try:
        return "AuthenticAMD" in CPUINFO.read_text()
    except OSError:
        return "AMD" in os.environ.get("PROCESSOR_IDENTIFIER", "")
