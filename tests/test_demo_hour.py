"""A designer's hour at the demo, and what the page looks like meanwhile: widths, empty states, both languages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from garmentgen import Look, find

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api")
pytest.importorskip("gradio")
from demo_tab import Tab, served  # noqa: E402
from PIL import Image  # noqa: E402

from demo.app import Studio  # noqa: E402


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with served(4) as studio:
        yield studio


@pytest.fixture
def tab(chromium, studio) -> Iterator[Tab]:
    tab = Tab(chromium, f"http://127.0.0.1:{studio.port}/", viewport={"width": 1440, "height": 900})
    yield tab
    tab.context.close()
    assert tab.outside == []


def pin(tab: Tab, count: int) -> None:
    tab.page.get_by_role("tab", name="Lookbook").click()
    tab.page.click("#pin")
    tab.page.wait_for_function("n => document.querySelectorAll('.gg-pin').length === n", arg=count)


def dress(tab: Tab, region: str, choose: str, side: str | None = None) -> None:
    """Open a region's cloth, or that of a side of a pair, click a colour or a fabric, close it again."""
    row = f"#regions .gr-row:has-text('{region}')"
    if side:
        tab.page.click(f"{row} button[data-tip=partSides]")
        row = f"#regions .gr-side:has-text('{side}')"
    opener = tab.page.locator(f"{row} button[data-tip=cloth]")
    opener.click()
    tab.after(lambda: tab.page.locator(f".gc-panel {choose}").first.click())
    opener.click()
    tab.page.wait_for_selector(".gc-panel", state="detached")


def given(session: bytes) -> Look:
    return Look.from_json(session.decode())


def test_an_hour_of_design_and_back_to_its_first_byte(tab, studio, tmp_path):
    start = (tab.save("session"), tab.picture(), tab.value())
    tab.after(lambda: tab.page.locator("#templates .gs-item").nth(3).click())
    dress(tab, "top", "button[title='#2f5fa8']")
    dress(tab, "pocket", "button[title=Denim]")
    both = given(tab.save("session"))
    dress(tab, "sleeve", "button[title='#e08a2e']", "Left")
    top, sleeve, pocket = (find(name).id for name in ("top", "sleeve", "pocket"))
    parted = given(tab.save("session"))
    assert {top, sleeve, pocket} <= parted.pinned and sleeve not in both.pinned
    assert tab.page.get_attribute("#regions .gr-open[aria-expanded]", "aria-expanded") == "true"
    changed = (parted.codes[sleeve] != both.codes[sleeve]).any((0, 1))
    assert changed[0] and not changed[-1], "the right sleeve kept its cloth"
    tab.choose("pocket")
    tab.after(lambda: tab.stroke((0.4, 0.5), (0.6, 0.55)))
    for _ in range(3):
        tab.page.keyboard.press("+")  # painting and garment come nearer together
    zoom = "getComputedStyle(document.querySelector('img.gv-picture')).transform"
    assert float(re.findall(r"[\d.]+", tab.page.evaluate(zoom))[0]) > 1
    tab.after(lambda: tab.stroke((0.5, 0.5), (0.6, 0.6)))
    tab.page.keyboard.press("0")
    pin(tab, 1)
    tab.page.get_by_role("tab", name="Style from a photo").click()
    photo, seen = tmp_path / "photo.png", np.full((900, 1400, 3), 235, np.uint8)
    seen[200:700, 300:800] = np.random.default_rng(1).integers(0, 120, (500, 500, 3), np.uint8)
    Image.fromarray(seen).save(photo)
    tab.page.set_input_files("#photo input[type=file]", photo)
    tab.page.wait_for_selector("#taken img[src]")
    tab.page.click("#style-regions button:has-text('pocket')")
    before = tab.save("session")
    tab.after(lambda: tab.page.click("#apply-style"))
    assert tab.save("session") != before
    pin(tab, 2)
    tab.after(lambda: tab.page.click("#dice"))
    pin(tab, 3)
    end = (tab.save("session"), tab.picture(), tab.value())
    steps = tab.page.evaluate("window.garmentgen.page.work.at")
    for _ in range(steps):
        tab.page.keyboard.press("Control+z")
    assert (tab.save("session"), tab.picture(), tab.value()) == start
    for _ in range(steps):
        tab.page.keyboard.press("Control+Shift+Z")
    assert (tab.save("session"), tab.picture(), tab.value()) == end
    tab.page.locator(".gg-pin input").first.fill("口袋 one")
    tab.page.keyboard.press("Tab")
    sheet = Image.open(io.BytesIO(tab.download(lambda: tab.page.click("#sheet-png"))))
    assert sheet.size[0] == 2339 and np.asarray(sheet.convert("L")).std() > 5
    assert tab.download(lambda: tab.page.click("#sheet-pdf")).startswith(b"%PDF")
    session = tmp_path / "session.json"
    session.write_bytes(end[0])
    tab.open()
    assert tab.page.locator(".gg-pin").count() == 3, "pins outlive a reload"
    tab.after(lambda: tab.page.locator("#templates .gs-item").nth(0).click())
    assert tab.after(lambda: tab.page.set_input_files("#files input[type=file]", session)) == end[1]
    tab.page.get_by_role("tab", name="Lookbook").click()
    tab.after(lambda: tab.page.locator(".gg-pin .gs-item").nth(0).click())
    assert tab.value() != start[2] and tab.picture() != end[1]
    assert tab.after(lambda: tab.page.locator(".gg-pin .gs-item").nth(2).click()) == end[1]


def test_a_template_looks_as_its_thumbnail_whatever_was_there(tab, studio):
    tab.after(lambda: tab.page.click("#dice"))
    tab.page.locator("#regions button[data-tip=lock]").first.click()
    tab.page.wait_for_selector("#regions button[data-tip=unlock]")
    tab.after(lambda: tab.page.locator("#templates .gs-item").nth(1).click())
    assert tab.save("session").decode() == studio.looks[1].to_json()
    assert tab.page.locator("#variants .gs-item").count() == 0, "variants of another map are gone"


def test_an_empty_painting_is_a_hint_and_nothing_is_saved(tab):
    tab.tool("clear")
    assert "Nothing is painted" in tab.page.wait_for_selector(".gv-hint:visible").inner_text()
    tab.page.wait_for_function("window.garmentgen.page.work.settled()")
    for kind in ("image", "session"):
        tab.page.click(f"#files button[data-text={kind}]")
        assert "no garment to save" in tab.toast()
    tab.after(lambda: tab.stroke((0.3, 0.3), (0.6, 0.6)))
    tab.save("image")


def test_pictures_are_saved_as_chosen(tab, studio):
    side = studio.designer.size
    for index, size, mode in ((0, side, "RGB"), (1, side, "RGBA"), (2, 1024, "RGB"), (3, 1024, "RGBA")):
        tab.page.select_option("#picture-kind", str(index))
        picture = Image.open(io.BytesIO(tab.save("image")))
        assert (picture.size, picture.mode) == ((size, size), mode)


SIZES = [(390, 844), *((width, 768) for width in (768, 1024, 1366, 1440, 1920, 2560))]
LAPTOPS = [(1280, 800), (1181, 850), (1280, 860), (1300, 720)]


@pytest.mark.parametrize(("width", "height"), SIZES + LAPTOPS)
def test_nothing_is_cut_covered_or_drifts(chromium, studio, width, height):
    tab = Tab(chromium, f"http://127.0.0.1:{studio.port}/", viewport={"width": width, "height": height})
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
    box = tab.page.locator(".gg-page").bounding_box()
    assert abs(box["x"] - (width - box["x"] - box["width"])) <= 16, "centred, but for a scroll bar"
    parts = ["#painter", "#view", "#settings", "#regions", "#files", "#drawer", "#templates"]
    boxes = [tab.page.locator(part).bounding_box() for part in parts]
    for k, a in enumerate(boxes):
        assert a["x"] >= 0 and a["x"] + a["width"] <= width + 1
        for b in boxes[k + 1 :]:
            apart_x = a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1
            apart_y = a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1
            assert apart_x or apart_y, "one part covers another"
    tab.page.fill("#seed-number", "9007199254740991")
    needed = tab.page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('#seed-number'))")
    assert needed <= 0, "the longest seed is whole"
    tab.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_box_to_tick_shows_whether_it_is_ticked(chromium, studio, scheme):
    tab = Tab(chromium, f"http://127.0.0.1:{studio.port}/", color_scheme=scheme)
    tab.page.keyboard.press("?")
    boxes = tab.page.locator("#page input[type=checkbox]")
    assert boxes.count() == 2
    for box in boxes.all():
        seen = {}
        for ticked in (True, False):
            box.set_checked(ticked)
            picture = Image.open(io.BytesIO(box.screenshot())).convert("RGB")
            seen[ticked] = np.asarray(picture.resize((16, 16), Image.Resampling.BOX), int)[5:11, 5:11]
        assert np.abs(seen[True] - seen[False]).max() > 100, "its middle, where no focus ring is"
    tab.context.close()


def test_terms_are_explained_on_tap_in_both_languages(tab):
    info = tab.page.locator("#diversity .gg-info")
    sentence = tab.page.locator("#term-diversity")
    assert not sentence.is_visible()
    info.click()
    assert sentence.is_visible() and "typical" in sentence.inner_text()
    tab.page.click(".gg-lang")
    info.click()
    assert "典型" in sentence.inner_text()


def test_errors_are_in_the_pages_language(chromium, studio, tmp_path):
    tab = Tab(chromium, f"http://127.0.0.1:{studio.port}/", locale="zh-CN")
    (tmp_path / "text.png").write_bytes(b"no picture")
    (tmp_path / "session.json").write_text("{")
    tab.page.set_input_files(".gp-painter input[type=file]", tmp_path / "text.png")
    assert "无法识别" in tab.toast()
    tab.page.set_input_files("#files input[type=file]", tmp_path / "session.json")
    assert "会话" in tab.toast()
    tab.context.close()


def test_keys_of_the_strips_and_tabs(tab):
    tab.page.focus("#templates .gs-item")
    tab.page.keyboard.press("ArrowRight")
    assert tab.page.evaluate("document.activeElement.title") == "Shirt"
    before = tab.page.evaluate("window.shown")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_function("before => window.shown > before", arg=before)
    tab.page.focus("#tab-variants")
    tab.page.keyboard.press("ArrowLeft")
    assert tab.page.locator("#panel-lookbook").is_visible()


def test_a_jpeg_of_a_map_is_read_and_told(tab, studio, tmp_path):
    from garmentgen import colorize

    file = tmp_path / "map.jpg"
    Image.fromarray(colorize(np.kron(studio.starters[2].labels, np.ones((8, 8), np.uint8)))).save(file, quality=90)
    tab.after(lambda: tab.page.set_input_files(".gp-painter input[type=file]", Path(file)))
    assert find("sweater").name in tab.toast()
