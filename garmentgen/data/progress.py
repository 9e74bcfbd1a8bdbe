"""Progress on a terminal: one line that is overwritten, with rate and time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def to_stderr(text: str) -> None:
    """Show progress on the terminal."""
    sys.stderr.write(text)
    sys.stderr.flush()


class Bar:
    """A progress line with rate and time left, written at most ten times a second."""

    def __init__(self, count: int, total: int, write: Callable[[str], None]):
        self.count, self._from, self._total, self._write = count, count, total, write
        self._began = self._shown = time.perf_counter()

    def step(self) -> None:
        """One photo more is done."""
        self.count += 1
        now = time.perf_counter()
        if now - self._shown < 0.1 and self.count < self._total:
            return
        self._shown = now
        rate = (self.count - self._from) / max(now - self._began, 1e-9)
        left = int((self._total - self.count) / max(rate, 1e-9))
        filled = "#" * (24 * self.count // max(self._total, 1))
        self._write(
            f"\r[{filled:<24}] {self.count}/{self._total}  {rate:.1f} photos/s  {left // 60}:{left % 60:02d} left "
        )

    def say(self, line: str) -> None:
        """A line of its own; the bar is drawn again below it."""
        self._write(f"\r{line:<79}\n")

    def end(self, line: str) -> None:
        """Leave the bar and finish with a line."""
        self._write(f"\n{line}\n")
