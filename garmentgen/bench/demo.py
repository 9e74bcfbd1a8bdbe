"""The demo as its users meet it: from the end of a stroke to the new garment, and thirty people painting at once.

Both start `python -m demo` as a process of its own, with the weights it ships (or GARMENTGEN_WEIGHTS).
"""

from __future__ import annotations

import base64
import http.client
import importlib.util
import io
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..geometry import bounds
from ..labels import BACKGROUND, NUM_LABELS
from ..painter import encode
from .data import table

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
NEARLY_WHITE, BLOCK = 245, 16
LISTEN = """
window.waits = [];
window.waited = (n) => new Promise((done) => document.addEventListener("garment:shown", function heard() {
  if (window.waits.length <= n) return;
  document.removeEventListener("garment:shown", heard);
  done();
}));
document.addEventListener("pointerup", () => { window.began = performance.now(); }, true);
document.addEventListener("garment:shown", (event) => {
  if (window.began) window.waits.push([performance.now() - window.began, event.detail.ms]);
  window.began = null;
});
"""


def no_browser(what: str) -> str:
    """A sentence on why a bench that drives a browser cannot run here; empty if it can."""
    if importlib.util.find_spec("playwright") is None:
        return f"{what}: not measured, playwright is not installed; make test installs it (pip install playwright)"
    if not Path(CHROMIUM).exists():
        return f"{what}: not measured, there is no {CHROMIUM}; on Debian or Ubuntu: apt-get install chromium"
    return ""


@dataclass(frozen=True)
class Server:
    """A running demo: its address, its process id and what it says of its engine."""

    address: str
    pid: int
    engine: str


@contextmanager
def demo_server() -> Iterator[Server]:
    """Run the demo until the block ends.

    Raises:
        RuntimeError: it did not start; with what it printed.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile("w+") as log:
        command = [sys.executable, "-m", "demo", "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}/"
            answered = _answers(address, process)
            log.seek(0)
            said = log.read()
            if not answered:
                raise RuntimeError(f"the demo did not start: {said[-2000:]}")
            lines = [line for line in said.splitlines() if line.startswith("engine: ")]
            yield Server(address, process.pid, lines[0] if lines else "engine: unknown")
        finally:
            process.terminate()
            process.wait(20)


def _answers(address: str, process: subprocess.Popen, patience: float = 300) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return True
        except OSError:
            time.sleep(0.3)
    return False


# ---- one person, a real browser


def bench_demo(strokes: int = 40) -> str:
    """Paint strokes in Chromium, one after the other; time from the end of each to the new garment on screen."""
    from playwright.sync_api import sync_playwright

    with demo_server() as server, sync_playwright() as api:
        browser = api.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(LISTEN)
        page.goto(server.address)
        page.wait_for_selector(".gp-overlay")
        page.wait_for_timeout(1500)
        waits = np.array(strokes_on(page, strokes + 3)[3:])  # the first ones warm up
        browser.close()
    rows = [
        (name, *(f"{np.percentile(column, p):.0f}" for p in (50, 95, 100)))
        for name, column in (("on screen, after the stroke's end", waits[:, 0]), ("of which drawing", waits[:, 1]))
    ]
    return f"{server.engine}\n" + table(f"{strokes} strokes in Chromium", ("", "p50 ms", "p95 ms", "max ms"), rows)


def strokes_on(page, strokes: int) -> list[tuple[float, float]]:
    """Strokes of ever other classes across the middle; [(ms to the screen, ms of drawing)]."""
    rng = np.random.default_rng(0)
    box = page.locator(".gp-overlay").bounding_box()
    for k in range(strokes):
        page.evaluate("id => window.garmentgen.page.painter.choose(id)", (k + 2) % NUM_LABELS)
        (x0, y0), (x1, y1) = rng.uniform(0.2, 0.8, (2, 2))
        page.mouse.move(box["x"] + x0 * box["width"], box["y"] + y0 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + x1 * box["width"], box["y"] + y1 * box["height"], steps=6)
        page.evaluate("n => { window.next = window.waited(n); }", k)  # to look again and again would cost frames
        page.mouse.up()
        page.evaluate("window.next")
        page.wait_for_timeout(150)
    return page.evaluate("window.waits")


# ---- many people at once

Painter = Callable[[np.ndarray, int], np.ndarray]
"""Asks for the garment of a map, uint8 [S, S], and a seed: uint8 RGB [S, S, 3]."""


@dataclass
class Tally:
    """What the painters of `bench_clients` saw."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    wrong: int = 0


def bench_clients(clients: int = 30, seconds: float = 60) -> str:
    """That many people paint ever new maps, each as soon as the last garment came: at the page, then by programs.

    A garment counts as wrong unless it is white where its own map is background, and nowhere else.
    """
    from gradio_client import Client

    with demo_server() as server, tempfile.TemporaryDirectory() as folder:
        # it would load the system's certificates for each of its requests, which takes longer than painting
        plain: dict[str, Any] = {"verbose": False, "download_files": folder, "ssl_verify": False}
        programs = [Client(server.address, **plain) for _ in range(clients)]
        size = _canvas(programs[0])
        crowds = {
            "at the page": [_tab(server.address) for _ in range(clients)],
            "by the endpoint": [_program(client) for client in programs],
        }
        columns = [_crowd(painters, size, seconds, server.pid) for painters in crowds.values()]
    names = ("garments", "errors", "garments of another map", "wait p50, p95", "server's memory after 1/4, at the end")
    title = f"{clients} painting at once, {seconds:.0f} s"
    return f"{server.engine}\n" + table(title, ("", *crowds), list(zip(names, *columns, strict=True)))


def _crowd(painters: list[Painter], size: int, seconds: float, pid: int) -> tuple[str, ...]:
    """Let them paint; returns the column of the table."""
    tally, end = Tally(), time.monotonic() + seconds
    threads = [
        threading.Thread(target=_paint, args=(painter, size, np.random.default_rng(k), end, tally))
        for k, painter in enumerate(painters)
    ]
    for thread in threads:
        thread.start()
    memory, waits = _watch_memory(pid, threads), np.array(tally.seconds)
    took = time.monotonic() - end + seconds  # the last ones are waited for
    return (
        f"{len(waits)} ({len(waits) / took:.1f} a second)",
        "; ".join([str(len(tally.errors)), *tally.errors[:1]]),
        str(tally.wrong),
        f"{np.percentile(waits, 50):.1f} s, {np.percentile(waits, 95):.1f} s",
        f"{memory[len(memory) // 4]} MB, {memory[-1]} MB",
    )


def _tab(address: str) -> Painter:
    """As the page does it: its look goes with the map, the answer is kept for the next stroke."""
    host = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=120)
    kept: dict[str, Any] = {"look": None, "diversity": 1, "harmony": 1}

    def paint(labels: np.ndarray, seed: int) -> np.ndarray:
        body = json.dumps({**kept, "map": encode(labels), "seed": seed})
        connection.request("POST", "/gradio_api/ask/paint", body, {"content-type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        if "src" not in answer:
            raise RuntimeError(answer.get("error") or answer.get("detail") or "no garment")
        kept["look"] = answer["look"]
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["src"].partition(",")[2]))))

    return paint


def _program(client) -> Painter:
    """By the documented endpoint."""

    def paint(labels: np.ndarray, seed: int) -> np.ndarray:
        path = client.predict(encode(labels), None, seed, 1.0, 1.0, api_name="/generate")
        picture = np.asarray(Image.open(path).convert("RGB"))
        Path(path).unlink()
        return picture

    return paint


def _canvas(client) -> int:
    """The map's side, from the endpoint's description."""
    parameters = client.view_api(return_format="dict", print_info=False)["named_endpoints"]["/generate"]["parameters"]
    found = re.search(r'"w": (\d+)', str(parameters))
    return int(found.group(1)) if found else 256


def _paint(painter: Painter, size: int, rng: np.random.Generator, end: float, tally: Tally) -> None:
    while time.monotonic() < end:
        labels = np.full((size, size), BACKGROUND, np.uint8)
        top, left = rng.integers(0, size // 2, 2)
        height, width = rng.integers(size // 8, size // 2, 2)
        labels[top : top + height, left : left + width] = rng.integers(NUM_LABELS)
        began = time.monotonic()
        try:
            picture = painter(labels, int(rng.integers(1000)))
        except Exception as error:
            tally.errors.append(f"{type(error).__name__}: {error}")
            continue
        tally.seconds.append(time.monotonic() - began)
        tally.wrong += _is_wrong(picture, labels)


def _is_wrong(picture: np.ndarray, labels: np.ndarray) -> bool:
    """Whether cloth is seen outside a map of one rectangle (a JPEG is grey a block beyond edges), or none inside."""
    painted = labels != BACKGROUND
    top, left, bottom, right = bounds(painted)
    outside = picture.min(-1) < NEARLY_WHITE
    outside[max(top - BLOCK, 0) : bottom + BLOCK, max(left - BLOCK, 0) : right + BLOCK] = False
    return bool(outside.any() or (picture[painted] != 255).any(-1).mean() < 0.5)


def _watch_memory(pid: int, threads: list[threading.Thread]) -> list[int]:
    """The process's resident memory in MB, each second until the threads end."""
    samples = []
    while any(thread.is_alive() for thread in threads):
        status = Path(f"/proc/{pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        samples.append(int(found.group(1)) // 1024 if found else 0)
        time.sleep(1)
    return samples
