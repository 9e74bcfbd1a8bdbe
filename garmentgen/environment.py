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
    os.environ.setdefault("OMP_NUM_THREADS", str(cores()))
    if _is_amd():
        os.environ.setdefault("MKL_DEBUG_CPU_TYPE", "5")
    return {name: os.environ[name] for name in ("OMP_NUM_THREADS", "MKL_DEBUG_CPU_TYPE") if name in os.environ}


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _is_amd() -> bool:
    try:
        return "AuthenticAMD" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return "AMD" in os.environ.get("PROCESSOR_IDENTIFIER", "")
