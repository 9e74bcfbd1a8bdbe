"""The user's work survives: reload, lost network, restarted server, other tabs; and what is saved is what is shown."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from garmentgen import Designer, Look
from garmentgen.painter import decode

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api")
pytest.importorskip("gradio")
from demo_tab import PATIENCE, Tab, free_port  # noqa: E402
from PIL import Image  # noqa: E402

from demo import answers  # noqa: E402

ROOT = Path(__file__).parents[1]


class Server:
    """`python -m demo` as a process that can be killed and started again at the same address."""

    def __init__(self, weights: Path):
        self.weights, self.port = weights, free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        self.start()

    def start(self, weights: Path | None = None) -> None:
        command = [sys.executable, "-m", "demo", "--port", str(self.port), "--weights", str(weights or self.weights)]
        self.said = tempfile.TemporaryFile("w+")
        at_once = os.environ | {"GARMENTGEN_ENGINE": "dynamic"}  # no graph is made of weights that are met once
        self.process = subprocess.Popen(command, cwd=ROOT, env=at_once, stdout=subprocess.DEVNULL, stderr=self.said)

    def wait(self, page) -> None:
        while True:
            try:
                urllib.request.urlopen(self.address, timeout=PATIENCE / 1000).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    self.said.seek(0)
                    raise RuntimeError(f"the demo did not start: {self.said.read()[-2000:]}") from None
                page.wait_for_timeout(300) if page else time.sleep(0.3)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def server(weights_file) -> Iterator[Server]:
    server = Server(weights_file)
    yield server
    server.kill()


@pytest.fixture
def tab(chromium, server) -> Iterator[Tab]:
    server.wait(None)
    tab = Tab(chromium, server.address, viewport={"width": 1280, "height": 900})
    yield tab
    tab.context.close()


def design(tab: Tab) -> None:
    """A stroke, a roll, a lock and a re-roll: a look that no map and seed alone can give back."""
    tab.choose("scarf")
    tab.after(lambda: tab.stroke((0.3, 0.4), (0.7, 0.5)))
    tab.after(lambda: tab.page.click("#dice"))
    tab.after(lambda: tab.page.locator("#regions button[data-tip=reroll]").first.click())
    tab.page.locator("#regions button[data-tip=lock]").first.click()
    tab.page.wait_for_selector("#regions button[data-tip=unlock]")
    tab.page.wait_for_function("window.garmentgen.page.work.settled()")


def on_show(tab: Tab) -> tuple:
    """All that a user would miss: map, picture, controls, locks, number of steps."""
    settings = [tab.page.input_value(name) for name in ("#seed-number", "#diversity-slider", "#harmony-slider")]
    locks = tab.page.locator("#regions button[data-tip=unlock]").count()
    return tab.value(), tab.picture(), *settings, locks, tab.page.evaluate("window.garmentgen.page.work.steps.length")


def assert_saved_is_shown(tab: Tab, designer: Designer) -> None:
    """The session holds the map on screen, and its picture is the one on screen and the one that is saved."""
    look = Look.from_json(tab.save("session").decode())
    np.testing.assert_array_equal(look.labels, decode(tab.value(), designer.size))
    drawn = answers.smooth(designer, look)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(tab.save("image"))).convert("RGB")), drawn)
    shown = tab.page.evaluate(
        """async () => {
            const picture = document.querySelector("img.gv-picture"), canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
            canvas.getContext("2d").drawImage(picture, 0, 0);
            return [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data];
        }"""
    )
    shown = np.array(shown, np.uint8).reshape(*drawn.shape[:2], 4)[..., :3]
    assert np.abs(shown.astype(int) - drawn).mean() < 4, "JPEG on screen"


@pytest.fixture(scope="module")
def small(weights_file) -> Designer:
    return Designer.load(weights_file, engine="dynamic")


def test_a_reload_and_back_keep_everything(tab, small):
    design(tab)
    before = on_show(tab)
    tab.open()
    assert on_show(tab) == before
    tab.page.goto("about:blank")
    tab.page.go_back()
    tab.page.wait_for_selector("img.gv-picture[src]")
    tab.page.wait_for_timeout(300)
    assert on_show(tab) == before
    assert_saved_is_shown(tab, small)


def test_one_undo_goes_back_through_everything_byte_for_byte_and_forth_again(tab):
    start = (tab.value(), tab.picture(), tab.page.input_value("#seed-number"))
    session = tab.save("session")
    design(tab)
    tab.after(lambda: tab.page.locator("#variants .gs-item").nth(3).click())
    tab.page.focus("#diversity-slider")
    tab.after(lambda: tab.page.keyboard.press("ArrowLeft"))
    tab.after(lambda: tab.page.locator("#templates .gs-item").nth(4).click())
    tab.page.wait_for_function("window.garmentgen.page.work.settled()")
    end, last = on_show(tab), tab.save("session")
    for _ in range(7):
        tab.page.click("[data-tool=undo]")
    assert (tab.value(), tab.picture(), tab.page.input_value("#seed-number")) == start
    assert tab.save("session") == session
    assert tab.page.is_disabled("[data-tool=undo]")
    for _ in range(7):
        tab.page.click("[data-tool=redo]")
    assert on_show(tab) == end and tab.save("session") == last


def test_undo_after_a_variant_undoes_the_variant(tab):
    before = (tab.value(), tab.picture())
    tab.after(lambda: tab.page.locator("#variants .gs-item").nth(2).click())
    assert tab.picture() != before[1]
    tab.page.hover(".gp-overlay")
    tab.page.keyboard.press("Control+z")
    tab.page.wait_for_function("src => document.querySelector('img.gv-picture').src === src", arg=before[1])
    assert (tab.value(), tab.picture()) == before


def test_leaving_asks_while_something_is_not_saved(chromium, server):
    server.wait(None)
    tab = Tab(chromium, server.address)
    asked: list[str] = []
    tab.page.on("dialog", lambda dialog: asked.append(dialog.type))
    tab.choose("scarf")
    tab.after(lambda: tab.stroke((0.3, 0.4), (0.7, 0.5)))
    tab.page.reload()
    assert asked == ["beforeunload"]
    tab.page.wait_for_selector("img.gv-picture[src]")
    tab.page.wait_for_timeout(300)
    tab.save("session")
    tab.page.reload()
    assert asked == ["beforeunload"]
    tab.context.close()


def test_the_network_drops_and_comes_back(tab, small):
    design(tab)
    before = on_show(tab)
    tab.context.set_offline(True)
    tab.choose("cape")
    tab.stroke((0.2, 0.2), (0.8, 0.25))
    painted = tab.value()
    assert painted != before[0]
    tab.page.wait_for_timeout(1500)
    tab.context.set_offline(False)
    tab.page.wait_for_function("window.garmentgen?.page.work?.steps.at(-1).state?.look")
    tab.page.wait_for_timeout(3000)  # Gradio may reload the page when the connection is back
    tab.page.wait_for_function("window.garmentgen?.page.work?.settled()")
    assert tab.value() == painted
    assert_saved_is_shown(tab, small)


def test_the_server_is_killed_and_starts_again_under_an_open_tab(tab, server, small):
    design(tab)
    before = on_show(tab)
    server.kill()
    assert Look.from_json(tab.save("session").decode()).locked, "a session is saved without any server"
    server.start()
    server.wait(tab.page)
    tab.page.wait_for_timeout(3000)
    tab.page.wait_for_function("window.garmentgen?.page.work?.settled()")
    assert on_show(tab) == before
    assert_saved_is_shown(tab, small)
    tab.after(lambda: tab.stroke((0.1, 0.8), (0.3, 0.9)))
    assert_saved_is_shown(tab, small)


DOOR = "**/gradio_api/ask/**"
PAINTED = "window.garmentgen.page.work.steps.at(-1).state?.src"
AWAY = ".gg-toast:has-text('goes on as soon as the server is back')"


def test_a_server_that_does_not_answer_is_told_until_it_does(tab, small):
    tab.page.route(DOOR, lambda route: route.abort())
    tab.choose("cape")
    tab.stroke((0.2, 0.2), (0.8, 0.25))
    told = tab.page.wait_for_selector(AWAY)
    tab.page.click("#make-variants")  # would come unawares, minutes later
    tab.page.click("#files button[data-text=image]")
    tab.page.wait_for_selector(".gg-toast:has-text('this was not done')")
    tab.page.click("[data-tool=undo]")
    tab.page.wait_for_selector(AWAY, state="detached")  # nothing waits for the server any more
    tab.page.click("[data-tool=redo]")
    tab.page.wait_for_selector(AWAY)
    tab.page.unroute(DOOR)
    tab.page.wait_for_function(PAINTED)
    tab.page.wait_for_selector(AWAY, state="detached")
    assert told and tab.page.evaluate("window.garmentgen.page.work.settled()")
    assert_saved_is_shown(tab, small)


@pytest.mark.parametrize("status", [502, 503, 504, 404])
def test_a_proxy_in_front_of_no_server_is_waited_for(tab, status):
    tab.page.route(DOOR, lambda route: route.fulfill(status=status, body="<html>"))
    tab.stroke((0.2, 0.2), (0.8, 0.25))
    tab.page.wait_for_selector(AWAY)
    tab.page.unroute(DOOR)
    tab.page.wait_for_function(PAINTED)
    assert not tab.page.locator(AWAY).count()


def test_many_strokes_while_it_is_away_ask_once_at_a_time(tab):
    asked = []
    tab.page.route(DOOR, lambda route: (asked.append(route.request.url), route.abort()))
    for k in range(6):
        tab.stroke((0.2, 0.2 + k / 20), (0.8, 0.2 + k / 20))
    tab.page.wait_for_selector(AWAY)
    strokes = len(asked)
    tab.page.wait_for_timeout(7000)
    assert 1 <= len(asked) - strokes <= 3, "every three seconds, not six times"


def test_what_is_too_large_for_the_server_is_told_and_keeps_nothing_waiting(tab):
    tab.page.route(DOOR, lambda route: route.fulfill(status=413, body="{}"))
    tab.stroke((0.2, 0.2), (0.8, 0.25))
    assert "more than the server takes" in tab.toast()
    tab.page.locator("#templates .gs-item").nth(2).click()
    assert "more than the server takes" in tab.toast()
    tab.page.unroute(DOOR)
    tab.after(lambda: tab.stroke((0.2, 0.4), (0.8, 0.45)))
    assert tab.page.evaluate("window.garmentgen.page.work.settled()")


def test_a_slow_answer_is_told_and_comes(chromium, server):
    server.wait(None)
    tab = Tab(chromium, server.address)
    tab.page.route(DOOR, lambda route: (tab.page.wait_for_selector(AWAY), route.continue_()))
    tab.choose("cape")
    tab.after(lambda: tab.stroke((0.2, 0.2), (0.8, 0.25)))
    tab.page.wait_for_selector(AWAY, state="detached")
    tab.context.close()


@pytest.mark.parametrize("step_back", ["Undo", "History", "Lookbook"])
def test_a_step_back_is_shown_though_a_strip_is_being_drawn(tab, step_back):
    before = tab.picture()
    tab.page.get_by_role("tab", name="Lookbook").click()
    tab.page.click("#pin")
    tab.page.wait_for_selector(".gg-pin")
    after = tab.after(lambda: tab.page.click("#dice"))
    assert after != before
    hung = []
    tab.page.route("**/gradio_api/ask/variants", lambda route: hung.append(route))
    tab.page.get_by_role("tab", name="Variants").click()
    tab.page.click("#make-variants")
    if step_back == "Undo":
        tab.page.keyboard.press("Control+z")
    else:
        tab.page.get_by_role("tab", name=step_back).click()
        tab.page.locator(f"#{step_back.lower()} .gs-item").last.click()
    tab.page.wait_for_function("src => document.querySelector('img.gv-picture').src === src", arg=before)
    assert hung, "it is still being drawn"
    hung[0].abort()


def test_a_part_of_a_map_that_is_being_replaced_is_no_riddle(tab):
    held = []
    tab.page.route("**/gradio_api/ask/template", lambda route: held.append(route))
    tab.page.locator("#templates .gs-item").nth(9).click()  # shoes: nothing of the T-shirt
    tab.page.locator("#regions button[data-tip=reroll]").first.click()
    tab.page.wait_for_timeout(200)
    held[0].continue_()
    assert "not on the map any more" in tab.toast()
    assert "shoe" in tab.page.inner_text("#regions")


def test_a_look_of_the_history_counts_as_saved_when_it_is(chromium, server):
    server.wait(None)
    tab = Tab(chromium, server.address)
    asked: list[str] = []
    tab.page.on("dialog", lambda dialog: asked.append(dialog.type))
    tab.after(lambda: tab.page.click("#dice"))
    tab.page.get_by_role("tab", name="History").click()
    tab.after(lambda: tab.page.locator("#history .gs-item").nth(1).click())
    tab.save("session")
    tab.page.reload()
    assert asked == []
    tab.context.close()


def test_a_hundred_and_ten_other_tabs_change_nothing(tab, server, small):
    design(tab)
    before, session = on_show(tab), tab.save("session")
    crowd(server.address, 110)
    assert on_show(tab) == before and tab.save("session") == session
    assert_saved_is_shown(tab, small)
    tab.after(lambda: tab.page.locator("#regions button[data-tip=reroll]").last.click())
    after = Look.from_json(tab.save("session").decode())
    locked = Look.from_json(session.decode())
    assert after.locked == locked.locked
    assert all(np.array_equal(after.codes[c], locked.codes[c]) for c in locked.locked)


def crowd(address: str, tabs: int) -> None:
    """That many other sessions each ask for something."""
    import httpx

    with httpx.Client(base_url=address, timeout=60) as client:
        for _ in range(tabs):
            assert client.post("gradio_api/ask/paint", json={}).raise_for_status().json()["blank"]


def test_a_closed_tab_is_offered_and_two_tabs_of_one_browser_stay_apart(tab, server):
    design(tab)
    before = on_show(tab)
    other = tab.context.new_page()
    other.goto(server.address)
    other.wait_for_selector("#former")
    assert other.evaluate("window.garmentgen.page.work.steps.length") == 1
    other.click("#former .gg-word")
    other.wait_for_function("window.garmentgen.page.work.steps.length > 1")
    assert other.evaluate("window.garmentgen.page.painter.getValue()") == before[0]
    other.click("#dice")
    other.wait_for_function("window.garmentgen.page.work.settled()")
    tab.open()
    assert on_show(tab) == before


def test_other_weights_are_told_before_anything_is_saved(chromium, server, weights_file, tmp_path):
    """The last of this file: its server goes on with them."""
    from garmentgen.checkpoint import load_weights, save_weights

    server.wait(None)
    tab = Tab(chromium, server.address)
    design(tab)
    before = on_show(tab)
    other = load_weights(weights_file)
    parts = {name: {key: 1.01 * value for key, value in part.items()} for name, part in other.parts.items()}
    save_weights(tmp_path / "other.safetensors", other.config, parts, {"images": 0, "prior": "gaussian"})
    server.kill()
    server.start(tmp_path / "other.safetensors")
    server.wait(tab.page)
    tab.open()
    assert "other weights" in tab.toast()
    assert on_show(tab) == before
    tab.page.click("#files button[data-text=image]")
    assert "other weights" in tab.toast()
    assert Look.from_json(tab.save("session").decode()).locked
    tab.after(lambda: tab.stroke((0.1, 0.8), (0.3, 0.9)))
    tab.save("image")
    tab.context.close()
