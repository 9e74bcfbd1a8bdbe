"""The page's own door: a request brings an event and what stands on the page, its response is the answer.

Gradio's own way, a queue and a stream of messages whose last one renders the component anew, costs a stroke more than
its picture does. It serves the documented endpoint; people painting come in here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MOST_WAITING = 64
"""Requests in one line before it says "busy": thirty people painting at once and their clicks."""

AT_ONCE = 2
"""Requests of one line under way: the engine paints one garment at a time, and meanwhile the next is read."""

Answer = Callable[[Any], dict]


class Busy(Exception):
    """More wait than are let in."""


class Line:
    """Requests that are answered in the order they came, `at_once` of them at a time."""

    def __init__(self, most: int = MOST_WAITING, at_once: int = AT_ONCE):
        self._most, self._inside, self._turn = most, 0, asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for it; raises Busy where `most` others do already."""
        if self._inside >= self._most:
            raise Busy
        self._inside += 1
        try:
            async with self._turn:
                yield
        finally:
            self._inside -= 1


def door(lines: Mapping[str, Mapping[str, Answer]]) -> Route:
    """POST gradio_api/ask/EVENT: JSON in, JSON out. `lines`: the events that wait for one another, by name."""
    waiting = {event: (line, events) for line, events in ((Line(), e) for e in lines.values()) for event in events}

    async def ask(request: Request) -> Response:
        event = request.path_params["event"]
        if event not in waiting:
            return _refused(404, "There is no such event.")
        line, events = waiting[event]
        try:
            sent = json.loads(await request.body())
        except (ValueError, RecursionError, ClientDisconnect):
            return _refused(400, "The body is no JSON that can be read.")
        try:
            async with line.turn():
                return JSONResponse(await run_in_threadpool(events[event], sent))
        except Busy:
            return _refused(503, "Too many are waiting; ask again.")

    return Route("/gradio_api/ask/{event}", ask, methods=["POST"])


def _refused(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status)
