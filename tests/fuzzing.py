"""Throws hostile inputs at a door of the library, in a process that may die, and says what it did not bear.

A *door* is a generator `door(rng, folder)` that yields cases (name, call) without end. A call that returns, or raises
UserError, is borne; any other exception, a signal, more than 10 s or more than 300 MB is a fault. What the cases are
may depend on `rng` alone and not on whether earlier ones were called: after a death the next process goes on behind it.

    faults = fuzz("test_fuzz_maps:images", count=200, seed=0)     # module in this folder : name of the door
    python tests/fuzzing.py test_fuzz_maps:images 0 200 0         # the same by hand, case by case
"""

from __future__ import annotations

import importlib
import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SECONDS = 10
MEGABYTES = 300
_HANGS = 240  # wall clock after which a call is taken to hang: on a busy machine 10 s of work take a minute
_ROOM = 3 * 2**30  # address space that a case may reach for before it gets a MemoryError


@dataclass(frozen=True)
class Fault:
    """One input that was not borne."""

    case: str
    what: str

    def __str__(self) -> str:
        return f"{self.case}: {self.what}"


def fuzz(door: str, count: int, seed: int = 0) -> list[Fault]:
    """Run `count` cases of a door in child processes; returns the faults, in order."""
    faults, first = [], 0
    while first < count:
        faults_here, done = _one_process(door, first, count, seed)
        faults += faults_here
        first += done
    return faults


def _one_process(door: str, first: int, count: int, seed: int) -> tuple[list[Fault], int]:
    """Cases from `first` until the end or a death: (faults, number of cases seen to)."""
    command = [sys.executable, __file__, door, str(first), str(count), str(seed)]
    paths = [str(Path(__file__).parents[1]), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONWARNINGS": "ignore"}
    faults, done, running = [], 0, "before the first case"
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
        assert child.stdout is not None
        for line in child.stdout:
            if not line.startswith("@"):  # what the library itself prints
                continue
            said = json.loads(line[1:])
            if "start" in said:
                running = said["start"]
                continue
            done += 1
            if said["fault"]:
                faults.append(Fault(running, said["fault"]))
            running = ""
        code = child.wait()
        errors.seek(0)
        tail = errors.read()[-400:]
    if code and not running:
        running = "between two cases"
    if code:
        name = signal.Signals(-code).name if code < 0 else f"exit {code}"
        name = f"no end within {_HANGS} s" if code == -signal.SIGALRM else name
        faults.append(Fault(running, f"{name} {tail}"))
        if running in ("before the first case", "between two cases"):
            raise AssertionError(f"the door {door} itself failed: {tail}")
        done += 1
    return faults, done


# --- in the child ----------------------------------------------------------------------------------------------------


def main(door: str, first: int, count: int, seed: int) -> None:
    """Run the cases of one process, with a line before and after each."""
    module, name = door.split(":")
    out = os.fdopen(os.dup(1), "w", buffering=1)
    cases_of = getattr(importlib.import_module(module), name)
    resource.setrlimit(resource.RLIMIT_AS, (_memory("VmSize") + _ROOM,) * 2)
    with tempfile.TemporaryDirectory() as folder:
        cases = cases_of(np.random.default_rng(seed), Path(folder))
        for case, call in itertools.islice(cases, first, count):
            out.write("@" + json.dumps({"start": case[:200]}) + "\n")
            signal.alarm(_HANGS)
            out.write("@" + json.dumps({"fault": _fault_of(call)}) + "\n")
            signal.alarm(0)


def _fault_of(call) -> str:
    """What is wrong with how a call went; nothing if it was borne."""
    from garmentgen.errors import UserError

    before, began = _reset_peak(), time.process_time()
    fault = ""
    try:
        call()
    except UserError as error:
        if len(str(error)) > 1000 or "\n" in str(error).strip():
            fault = f"not one short sentence: {str(error)[:200]!r}"
    except BaseException as error:  # SystemExit too: a library does not end its caller
        place = [frame for frame in traceback.extract_tb(error.__traceback__) if "garmentgen" in frame.filename][-1:]
        where = f"{Path(place[0].filename).name}:{place[0].lineno} {place[0].name}" if place else "?"
        fault = f"{type(error).__name__} at {where}: {str(error)[:160]}"
    seconds, grown = time.process_time() - began, (_memory("VmHWM") - before) / 1e6
    if seconds > SECONDS:
        fault += f" took {seconds:.0f} s"
    if grown > MEGABYTES:
        fault += f" took {grown:.0f} MB"
    return fault


def _reset_peak() -> int:
    """Forget the largest memory so far; returns what is in use now, bytes."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(field: str) -> int:
    """A size from /proc/self/status, bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
