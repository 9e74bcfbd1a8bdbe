"""The page without a server beside the one with: bytes it brings, the first garment, strokes in Chromium."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from .data import table
from .demo import CHROMIUM, FLAGS, LISTEN, ROOT, demo_server, strokes_on

OPENED = """
window.shown = [];
document.addEventListener("garment:shown", () => window.shown.push(performance.now()));
"""
WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PLAIN: dict[str, Any] = {**WIDE, "service_workers": "block", "bypass_csp": True}
"""A first visit: nothing is kept, so that threads cannot be had; the driver's own waiting needs eval."""


def bench_web(strokes: int = 30, openings: int = 3) -> str:
    """Build the page, serve it plainly, open it afresh, paint; then paint the same on the demo's server."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="garmentgen-") as folder, sync_playwright() as api:
        command = [sys.executable, "-m", "garmentgen", "export", folder, "--format", "web"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            return f"the page without a server: not measured, {done.stderr.strip().splitlines()[-1]}"
        browser = api.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with _served(Path(folder)) as (address, brought):
            visits = [_opened(browser, address) for _ in range(openings)]
            size, requests = sum(brought) / openings / 1e6, len(brought) // openings
            page = browser.new_context(**PLAIN).new_page()
            engine, mine = _strokes(page, address, strokes)
        with demo_server() as server:
            _, theirs = _strokes(browser.new_page(**WIDE), server.address, strokes)
        browser.close()
    first, painted = np.median(np.array(visits), axis=0) / 1000
    rows = [
        ("brought by a first visit", f"{size:.1f} MB in {requests} requests; the server compresses nothing"),
        ("opened: the stored garment on screen", f"{first:.1f} s (median of {openings})"),
        ("opened: the first garment painted here", f"{painted:.1f} s (median of {openings})"),
        ("a stroke's new garment, in the page", _spread(mine)),
        ("a stroke's new garment, from the server", _spread(theirs)),
    ]
    return f"{engine}\n{server.engine}\n" + table(
        f"Page without a server, {strokes} strokes in Chromium", ("", ""), rows
    )


def _spread(waits: np.ndarray) -> str:
    """On screen after the stroke's end, and of that the drawing itself."""
    (p50, p95), drawing = np.percentile(waits[:, 0], (50, 95)), np.median(waits[:, 1])
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms; of which drawing {drawing:.0f} ms"


def _opened(browser, address: str) -> tuple[float, float]:
    """Milliseconds from opening to the stored garment, and to one that was asked for as soon as it could be."""
    context = browser.new_context(**PLAIN)
    page = context.new_page()
    page.add_init_script(OPENED)
    page.goto(address)
    page.wait_for_function("window.shown.length > 0")
    page.evaluate("document.querySelector('#dice').click()")
    page.wait_for_function("window.shown.length > 1", timeout=120000)
    times = page.evaluate("window.shown")
    context.close()
    return times[0], times[1]


def _strokes(page, address: str, strokes: int) -> tuple[str, np.ndarray]:
    """What the page says of its engine, and the waits of `strokes_on`."""
    page.add_init_script(LISTEN)
    page.goto(address)
    page.wait_for_selector(".gp-overlay")
    page.wait_for_timeout(5000)
    waits = np.array(strokes_on(page, strokes + 3)[3:])  # the first ones warm up
    return page.evaluate("document.querySelector('#told')?.textContent ?? ''"), waits


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """A plain web server on a folder: its address, and the bytes of every file it sends."""
    brought: list[int] = []

    class Counting(SimpleHTTPRequestHandler):
        def do_GET(self):
            path = Path(self.translate_path(self.path))
            path = path / "index.html" if path.is_dir() else path
            brought.append(path.stat().st_size if path.exists() else 0)
            super().do_GET()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Counting, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", brought
    server.shutdown()
    server.server_close()
