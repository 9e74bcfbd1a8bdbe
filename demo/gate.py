"""What a stranger may send: requests of a bounded size, and the names of files that were uploaded here, nothing else.

Gradio checks file names only where a dictionary says it is a file; here every dictionary with a `path` counts as one,
in the inputs and in the event data of every route (queue, run, api, call, MCP), before anything is touched.
"""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import gradio as gr
from fastapi.exceptions import RequestValidationError
from gradio.utils import get_upload_folder
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from demo.texts import say

log = logging.getLogger("garmentgen.demo")

MOST_FILE = 8 * 2**20
MOST_BODY = 6_000_000
"""Bytes of a request that is no upload: the largest map, session and photo fit, and it is parsed into under 300 MB."""
MOST_UPLOAD = MOST_FILE + 100_000
DOORS = ("ask/", "queue/join", "run/", "api/", "call/", "cancel", "reset", "upload", "mcp", "heartbeat/")
"""The only ways to send something in; Gradio has more, which record, edit and run what this page has no use for."""


class Refusal(gr.Error):
    """A message for the user, not a fault of the program: no traceback is printed."""

    def __init__(self, message: str):
        super().__init__(message, duration=8, print_exception=False)


class GuardedBlocks(gr.Blocks):
    """Blocks that look at what came in before Gradio does."""

    async def process_api(self, block_fn: Any, inputs: list[Any], *args: Any, event_data: Any = None, **kwargs: Any):
        """As `gr.Blocks.process_api`; raises Refusal when a file is named that was not uploaded here."""
        for path in named_files([inputs, getattr(event_data, "_data", None)]):
            if not is_upload(path):
                raise Refusal(say("file_foreign", "en"))
        try:
            return await super().process_api(block_fn, inputs, *args, event_data=event_data, **kwargs)
        except gr.Error:
            raise
        except Exception as error:  # the handlers answer for themselves: these values no widget could have sent
            log.warning("an event was not understood: %.200s", f"{type(error).__name__}: {error}".splitlines()[0])
            raise Refusal(say("not_understood", "en")) from None


def named_files(data: Any) -> Iterator[Any]:
    """The `path` of every dictionary in nested JSON; iterative, for a stranger's nesting may be deep."""
    waiting = [data]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if item.get("path") is not None:
                yield item["path"]
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)


def is_upload(path: Any) -> bool:
    """Whether this names a regular file of bearable size inside the upload folder, through no link; opens nothing."""
    folder = get_upload_folder()
    try:
        inside = PurePath(path).relative_to(folder)
        if ".." in inside.parts or os.path.realpath(path) != os.path.join(os.path.realpath(folder), inside):
            return False
        status = os.lstat(path)
    except (TypeError, ValueError, OSError):
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= MOST_FILE


def read_upload(path: str) -> bytes:
    """The bytes of an uploaded file.

    Raises:
        Refusal: it is no upload (see `is_upload`), or went away.
    """
    try:
        if is_upload(path):
            with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as file:
                return file.read(MOST_FILE)
    except OSError:
        pass
    raise Refusal(say("file_foreign", "en"))


class BodyLimit:
    """ASGI middleware: only the doors in use take anything, and none takes a request larger than it could need."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        """Pass the request on, or answer 404 or 413 in one sentence."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await self.app(scope, receive, send)
        door = scope["path"].partition("/gradio_api/")[2]
        if not door.startswith(DOORS):
            return await _answer(send, 404, "Nothing is taken here.")
        most = MOST_UPLOAD if door.startswith("upload") else MOST_BODY
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > most:
            return await _answer(send, 413, f"A request has at most {most / 1e6:.0f} MB.")
        taken = 0

        async def bounded() -> dict:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:  # sent in chunks, without saying how many
                return {"type": "http.disconnect"}
            return message

        await self.app(scope, bounded, send)


async def unreadable(_: Request, error: Exception) -> Response:
    """A body that is no request becomes one sentence; Gradio's framework would send the whole of it back."""
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return JSONResponse({"detail": f"{where}: {first['msg']}"[:300]}, 422)
    status = getattr(error, "status_code", 400)
    detail = getattr(error, "detail", "")
    if status == 400 and "parsing the body" in str(detail):
        detail = "The body is no JSON that can be read; numbers have at most 4,300 digits (a seed has 16)."
    return JSONResponse({"detail": detail}, status)


HANDLERS = {400: unreadable, RequestValidationError: unreadable}
"""For the app that Gradio makes."""


async def _answer(send: Any, status: int, sentence: str) -> None:
    body = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
