"""What long work tells: a bar on a terminal or in a notebook, and lines of text. A log file gets the lines alone."""

from __future__ import annotations

import sys

from tqdm.auto import tqdm


def tell(line: str) -> None:
    """Show a line, above the bar if there is one."""
    tqdm.write(line, file=sys.stderr)


def bar(done: int, total: int, unit: str, hidden: bool = False) -> tqdm:
    """A bar of `total` units, `done` of them earlier; use it as a context and call `update(1)`."""
    return tqdm(total=total, initial=done, unit=unit, dynamic_ncols=True, disable=True if hidden else None)
