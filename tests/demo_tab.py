"""A browser tab with the demo open, driven as a designer would."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator
from pathlib import Path

from demo.__main__ import serve
from demo.app import Studio
from demo.starters import load_starters
from garmentgen import Designer

PATIENCE = 120_000
"""Milliseconds after which a page hangs: on a busy machine what takes one second takes half a minute."""

COUNT_PICTURES = "document.addEventListener('garment:shown', () => { window.shown = (window.shown ?? 0) + 1; });"


def free_port() -> int:
    """A port that stays free until it is used: below those that the system hands out for every connection."""
    for port in random.SystemRandom().sample(range(20000, 32768), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("a hundred ports are taken")


@contextlib.contextmanager
def served(templates: int | None = None, mcp: bool = False) -> Iterator[Studio]:
    """The demo around an untrained designer, answering at 127.0.0.1:`studio.port`; with its first templates alone."""
    designer = Designer.random("tiny", seed=0)
    studio = Studio(designer, load_starters(designer)[:templates])
    studio.port = free_port()  # type: ignore[attr-defined]
    serve(studio, "127.0.0.1", studio.port, block=False, mcp=mcp)  # type: ignore[attr-defined]
    yield studio
    studio.blocks.close(verbose=False)


class Tab:
    """One browser tab with the demo open; remembers requests that leave this machine."""

    def __init__(self, browser, address: str, **options):
        self.outside: list[str] = []
        self.context = browser.new_context(locale=options.pop("locale", "en-US"), **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("dialog", lambda dialog: dialog.accept())  # leaving with unsaved work asks
        self.page.add_init_script(COUNT_PICTURES)
        self.context.on("request", self._note)
        self.address = address
        self.open()

    def _note(self, request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.outside.append(request.url)

    def open(self) -> None:
        self.page.goto(self.address)
        self.page.wait_for_selector(".gp-painter")
        self.page.wait_for_function("window.shown > 0")
        self.page.wait_for_timeout(200)

    def value(self) -> str:
        return self.page.evaluate("window.garmentgen.page.painter.getValue()")

    def picture(self) -> str:
        return self.page.get_attribute("img.gv-picture", "src")

    def after(self, act) -> str:
        """Do something and wait for the next garment; its data URL."""
        before = self.page.evaluate("window.shown")
        act()
        self.page.wait_for_function("before => window.shown > before", arg=before)
        return self.picture()

    def stroke(self, *points: tuple[float, float]) -> None:
        """Drag with the mouse through points given as shares of the canvas."""
        overlay = self.page.locator(".gp-overlay")
        overlay.scroll_into_view_if_needed()
        box = overlay.bounding_box()
        at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        self.page.mouse.move(*at[0])
        self.page.mouse.down()
        for point in at[1:]:
            self.page.mouse.move(*point, steps=4)
        self.page.mouse.up()

    def tool(self, name: str) -> None:
        self.page.click(f".gp-tool[data-tool={name}]")

    def choose(self, words: str) -> None:
        self.page.fill(".gp-search", words)
        self.page.press(".gp-search", "Enter")

    def download(self, act) -> bytes:
        with self.page.expect_download() as waiting:
            act()
        return Path(waiting.value.path()).read_bytes()

    def save(self, kind: str) -> bytes:
        return self.download(lambda: self.page.click(f"#files button[data-text={kind}]"))

    def toast(self) -> str:
        """The text of the message on show; takes it away."""
        message = self.page.wait_for_selector(".gg-toast")
        text, kind = message.inner_text(), message.get_attribute("class")
        message.query_selector("button").click()
        self.page.wait_for_selector(".gg-toast", state="detached")
        return f"{kind.split('-')[-1]}: {text}"
