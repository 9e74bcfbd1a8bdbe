"""What a network that is being traced may know of where its graph will run: one word from `engine` to `models.ops`."""

from __future__ import annotations

from contextvars import ContextVar

for_other_programs = ContextVar("for other programs", default=False)
"""Set while a graph is traced that others than Paddle will run: it takes the operators which they are fast at."""
