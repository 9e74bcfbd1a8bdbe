"""One setting of the C library's allocator that matters more to training than most kernels."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # glibc, malloc.h


def keep_freed_memory() -> bool:
    """Makes malloc keep freed memory for the next tensor of the process instead of giving it back to the system.

    Paddle 3.3 takes every CPU tensor straight from malloc, and glibc maps and unmaps each large one: the system then
    clears every page again at its first touch. That made x * 2 at [4,48,128,128] four to ten times as slow as the
    products. The price: the process keeps the memory of its peak. True where the C library is glibc and obeyed.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, or Windows
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_TOP_PAD, 2**26))
    return all(mallopt(name, value) == 1 for name, value in settings)
