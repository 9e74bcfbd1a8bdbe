"""What Paddle needs of the environment on a CPU, set before it is imported (standard library only).

Paddle takes one thread unless OMP_NUM_THREADS says otherwise, and its bundled MKL picks a slow path on AMD
processors unless MKL_DEBUG_CPU_TYPE=5. Whatever the user has set stays.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def tune() -> dict[str, str]:
    """Set what is unset and return all that is in force. Must run before Paddle is imported."""
    for name, value in recommended().items():
        os.environ.setdefault(name, value)
    return {name: os.environ[name] for name in recommended()}


def recommended() -> dict[str, str]:
    """The variables and their values for this machine."""
    threads = {"OMP_NUM_THREADS": str(cores())}
    return threads | ({"MKL_DEBUG_CPU_TYPE": "5"} if _is_amd() else {})


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _is_amd() -> bool:
    try:
        return "AuthenticAMD" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return "AMD" in os.environ.get("PROCESSOR_IDENTIFIER", "")
