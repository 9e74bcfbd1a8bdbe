"""What makes training on a CPU faster: memory that is kept, and the kernels of `garmentgen.native` where they are."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # glibc, malloc.h


@contextlib.contextmanager
def accelerated(bf16: bool = False) -> Iterator[str]:
    """Keep freed memory, and lend the C++ kernels to `models.ops` for a while; gives one sentence: what is active or
    why not.

    They round the last bit otherwise than Paddle: what is painted afterwards is to have the bytes that any process
    gives it, so they are taken back.

    Args:
        bf16: convolutions multiply in bfloat16 where the processor can.
    """
    keep_freed_memory()
    try:
        from .native import disable, enable
    except ModuleNotFoundError as missing:
        if missing.name != f"{__package__}.native":
            raise
        yield "plain Paddle: this copy has no garmentgen/native"
        return
    try:
        yield enable(bf16)
    finally:
        disable()


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
