"""The painter by itself in a real browser, at every size a map has: mouse, fingers, keys, and who keeps the history."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from garmentgen import BACKGROUND
from garmentgen.labels import find
from garmentgen.painter import STYLE, decode, encode, label_table, script

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api")

SIZES = (64, 256, 512)
SHIRT, SLEEVE, POCKET, SCARF = (find(name).id for name in ("shirt", "sleeve", "pocket", "scarf"))


def shirt(size: int) -> np.ndarray:
    """A body, a sleeve on each side, a pocket on the body; in eighths of the map."""
    ids = np.full((8, 8), BACKGROUND, np.uint8)
    ids[1:7, 2:6] = SHIRT
    ids[1:5, 1] = ids[1:5, 6] = SLEEVE
    ids[3, 3] = POCKET
    return ids.repeat(size // 8, 0).repeat(size // 8, 1)


class Board:
    """A page with nothing but a text field and the painter; stage 512 CSS pixels wide."""

    def __init__(self, page, size: int, options: str):
        self.page, self.size = page, size
        page.set_content(
            f"<!doctype html><html lang=en><title>painter</title><style>body{{margin:8px}} {STYLE.read_text('utf-8')}"
            "</style><input id=text><button id=other>other</button><div id=box style='width:733px'></div>"
        )
        page.add_script_tag(
            type="module",
            content=f"{script()}\nwindow.said = []; window.views = []; window.asked = [];"
            f"window.painter = mountPainter(document.querySelector('#box'), {{ labels: {json.dumps(label_table())}, "
            f"size: {size}, value: {json.dumps(encode(shirt(size)))}, lang: 'en', onView: (view) => views.push(view), "
            f"onChange: (value, what) => said.push(what), {options} }});",
        )
        page.wait_for_function("window.painter !== undefined")
        self.settle()
        self.box = page.locator(".gp-overlay").bounding_box()
        assert self.box["width"] == 512

    def settle(self) -> None:
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def ids(self) -> np.ndarray:
        return decode(self.page.evaluate("painter.getValue()"), self.size)

    def said(self) -> list[str]:
        return self.page.evaluate("window.said.splice(0)")

    def view(self) -> dict:
        return self.page.evaluate("painter.canvas.view")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Shares of the stage -> the page's pixels."""
        return self.box["x"] + 512 * x, self.box["y"] + 512 * y

    def drag(self, *points: tuple[float, float], button: str = "left") -> None:
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down(button=button)
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point), steps=3)
        self.page.mouse.up(button=button)

    def keys(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)

    def pixels(self) -> np.ndarray:
        """What the canvas shows, uint8 RGBA."""
        self.settle()
        flat = self.page.evaluate(
            "() => { const { canvas } = painter.canvas, side = canvas.width;"
            "const { data } = canvas.getContext('2d').getImageData(0, 0, side, side); let text = '';"
            "for (let k = 0; k < data.length; k += 4096) text += String.fromCharCode(...data.subarray(k, k + 4096));"
            "return [side, btoa(text)]; }"
        )
        return np.frombuffer(base64.b64decode(flat[1]), np.uint8).reshape(flat[0], flat[0], 4)


@pytest.fixture(scope="module")
def mount(chromium) -> Iterator[Callable[..., Board]]:
    context = chromium.new_context(viewport={"width": 800, "height": 760}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(120_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: wrong.append(request.url))
    yield lambda size=64, options="keysOn: document": Board(page, size, options)
    assert wrong == []
    context.close()


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        pass


def test_the_modules_load_as_they_are(chromium):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(STYLE.parent)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{server.server_address[1]}/texts.js")
    made = page.evaluate(
        """async (labels) => {
      const { mountPainter } = await import("/painter.js");
      return mountPainter(document.body, { labels, size: 64, lang: "zh" }).getValue();
    }""",
        label_table(),
    )
    assert (decode(made, 64) == BACKGROUND).all()
    assert page.get_by_role("option", name=find("sleeve").name_zh).count() == 1
    page.close()
    server.shutdown()


@pytest.mark.parametrize("size", SIZES)
def test_a_stroke_a_fill_and_the_way_back(mount, size):
    board = mount(size)
    start = board.ids()
    np.testing.assert_array_equal(start, shirt(size))
    board.page.evaluate("id => painter.choose(id)", SCARF)
    board.page.evaluate("d => painter.setDiameter(d)", size // 8)
    board.drag((0.25, 0.5), (0.75, 0.5))
    drawn = board.ids()
    y, x = np.mgrid[0:size, 0:size] + 0.5
    along = np.clip(x, 0.25 * size, 0.75 * size)
    want = np.where(np.hypot(x - along, y - size / 2) <= size / 16, SCARF, start)
    assert (drawn != want).sum() <= 4  # the pointer's coordinates are rounded
    board.keys("g")
    board.drag((0.01, 0.01))
    filled = board.ids()
    np.testing.assert_array_equal(filled, np.where(start == BACKGROUND, SCARF, drawn))
    assert board.said() == ["stroke", "fill"]
    for expected in (drawn, start):
        board.keys("Control+z")
        np.testing.assert_array_equal(board.ids(), expected)
    board.keys("Control+z")
    board.keys("Control+Shift+Z", "Control+y")
    np.testing.assert_array_equal(board.ids(), filled)
    assert board.said() == ["undo", "undo", "redo", "redo"]


@pytest.mark.parametrize(("size", "scale"), [(64, 1), (256, 3), (512, 1), (512, 7.3)])
def test_what_is_drawn_bit_by_bit_is_what_is_drawn_at_once(mount, size, scale):
    board = mount(size)
    board.page.evaluate("view => painter.setView(view)", {"scale": scale, "x": 0.3, "y": 0.21})
    board.keys("m")
    rng = np.random.default_rng(size)
    for k in range(6):
        board.page.evaluate("([id, d]) => { painter.choose(id); painter.setDiameter(d); }", [k, 1 + k * size // 40])
        board.drag(*rng.uniform(0.1, 0.9, (4, 2)).tolist())
    board.keys("Control+z")
    parts = board.pixels()
    board.page.evaluate(
        "() => { painter.canvas.moved = true; painter.map.touch([0, 0, painter.size, painter.size]); painter.draw(); }"
    )
    np.testing.assert_array_equal(parts, board.pixels())


def test_drawing_touches_no_more_than_what_changed(mount):
    board = mount(512)
    board.page.evaluate("""() => {
      window.boxes = [];
      const { context } = painter.canvas, put = context.putImageData.bind(context);
      context.putImageData = (image, x, y, left, top, width, height) => {
        boxes.push(width * height);
        put(image, x, y, left, top, width, height);
      };
    }""")
    board.drag((0.4, 0.5), (0.6, 0.5))
    areas = board.page.evaluate("boxes")
    assert areas and max(areas) < 0.1 * 512**2


def test_the_wheel_sizes_the_brush_and_with_control_zooms_where_the_pointer_is(mount):
    board = mount(256)
    board.page.mouse.move(*board.at(0.75, 0.25))
    board.page.mouse.wheel(0, -100)
    assert board.page.evaluate("painter.diameter") == 18 and board.view()["scale"] == 1
    point = board.page.evaluate("[...painter.hover]")
    board.page.keyboard.down("Control")
    for _ in range(5):
        board.page.mouse.wheel(0, -100)
    board.page.keyboard.up("Control")
    view = board.view()
    assert view["scale"] == pytest.approx(np.exp(1.5))
    assert board.page.evaluate("views.at(-1)") == view
    board.page.mouse.move(*board.at(0.75, 0.25))
    np.testing.assert_allclose(board.page.evaluate("[...painter.hover]"), point, atol=0.3)
    under = board.page.evaluate("document.querySelector('.gp-underlay').style.transform")
    assert f"scale({view['scale']:.3}"[:9] in under
    board.keys("1")
    assert board.page.evaluate("painter.canvas.pixel") == 2  # 256 on 512: the whole map is larger than one to one
    board.keys("0")
    assert board.view() == {"scale": 1, "x": 0, "y": 0}


def test_space_or_the_middle_button_drag_the_view_and_paint_nothing(mount):
    board = mount(512)
    board.keys("+", "+")
    board.page.evaluate("views.splice(0)")
    scale = board.view()["scale"]
    before = board.view()
    board.page.mouse.move(*board.at(0.5, 0.5))
    board.page.keyboard.down(" ")
    board.drag((0.5, 0.5), (0.6, 0.45))
    board.page.keyboard.up(" ")
    after = board.view()
    assert after["x"] == pytest.approx(before["x"] - 0.1 / scale, abs=0.003)
    assert after["y"] == pytest.approx(before["y"] + 0.05 / scale, abs=0.003)
    board.drag((0.05, 0.05), (0.95, 0.95), button="middle")
    assert board.view() == {"scale": scale, "x": 0, "y": 0}  # the map's edge stops it
    assert board.said() == [] and len(board.page.evaluate("views")) > 2
    board.page.evaluate("() => { views.splice(0); painter.setView({scale: 2, x: 0.25, y: 9}); }")
    assert board.view() == {"scale": 2, "x": 0.25, "y": 0.5} and board.page.evaluate("views") == []
    board.drag((0.5, 0.0))  # paints where the view says
    column, row = (0.25 + 0.25) * 512, 0.5 * 512
    assert board.ids()[int(row), int(column)] == board.page.evaluate("painter.chosen")


def test_two_fingers_zoom_and_move_and_leave_no_stroke(mount):
    board = mount(256)
    start = board.ids()
    touch = board.page.context.new_cdp_session(board.page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        at = [dict(zip("xy", board.at(*point), strict=True), id=k) for k, point in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    for tool in ("b", "g"):
        board.keys(tool)
        fingers("touchStart", (0.4, 0.5))
        fingers("touchStart", (0.4, 0.5), (0.6, 0.5))
        fingers("touchMove", (0.2, 0.5), (0.8, 0.5))
        fingers("touchEnd", (0.2, 0.5))
        fingers("touchEnd")
        assert board.view()["scale"] == pytest.approx(3, rel=0.05)
        np.testing.assert_array_equal(board.ids(), start)
        board.keys("0")
    assert board.said() == []
    fingers("touchStart", (0.02, 0.02))
    fingers("touchEnd")
    assert board.said() == ["fill"]


def part(board: Board, label: int) -> tuple[float, ...]:
    """left, top, right, bottom of a class and its pixels, in eighths of the map."""
    rows, columns = np.nonzero(board.ids() == label)
    step = board.size / 8
    edges = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return *(float(edge / step) for edge in edges), len(rows) / step**2


@pytest.mark.parametrize("size", SIZES)
def test_a_region_is_moved_and_what_it_leaves_is_closed(mount, size):
    board = mount(size)
    board.keys("v")
    board.drag((3.5 / 8, 3.5 / 8), (4.5 / 8, 5.5 / 8))  # the pocket, one to the right and two down
    assert part(board, POCKET) == (4, 5, 5, 6, 1) and part(board, SHIRT)[4] == 23
    assert board.ids()[int(3.5 / 8 * size), int(3.5 / 8 * size)] == SHIRT
    board.keys("ArrowLeft", "Shift+ArrowUp")
    assert board.said() == ["move"] * 3
    board.keys("Control+z", "Control+z", "Control+z")
    np.testing.assert_array_equal(board.ids(), shirt(size))
    board.drag((3.5 / 8, 3.5 / 8), (4.5 / 8, 5.5 / 8))
    board.keys("Escape")  # where it came from
    np.testing.assert_array_equal(board.ids(), shirt(size))
    board.drag((3.5 / 8, 3.5 / 8))
    board.keys("Delete")
    want = shirt(size)
    want[want == POCKET] = SHIRT
    np.testing.assert_array_equal(board.ids(), want)


def test_a_region_is_scaled_and_turned_by_its_handles_and_keys(mount):
    board = mount(256)
    board.keys("v")
    board.drag((3.5 / 8, 3.5 / 8))
    board.drag((4 / 8, 4 / 8), (5 / 8, 5 / 8))  # lower right corner: twice as large, the upper left one stays
    assert part(board, POCKET) == pytest.approx((3, 3, 5, 5, 4), abs=0.05)
    board.drag((5 / 8, 4 / 8), (5.5 / 8, 3 / 8))  # right edge: only wider
    assert part(board, POCKET) == pytest.approx((3, 3, 5.5, 5, 5), abs=0.05)
    arm = 26 / 512
    board.page.keyboard.down("Shift")
    board.drag((4.25 / 8, 3 / 8 - arm), (4.25 / 8 + 0.3, 4 / 8 + 0.01))  # a quarter: 2.5 x 2 becomes 2 x 2.5
    board.page.keyboard.up("Shift")
    assert part(board, POCKET) == pytest.approx((3.25, 2.75, 5.25, 5.25, 5), abs=0.1)
    board.keys("[", "]", ",", ".", "Enter")
    assert part(board, POCKET) == pytest.approx((3.25, 2.75, 5.25, 5.25, 5), abs=0.1)
    assert set(board.said()) == {"move"}
    board.drag((0.01, 0.01))  # background: nothing to pick up
    assert board.page.evaluate("painter.drawing.selection") is None


def test_a_part_its_whole_class_or_both_sides_are_picked_up(mount):
    board = mount(64)
    board.keys("v")
    board.drag((1.5 / 8, 2 / 8), (0.5 / 8, 2 / 8))
    ids = board.ids()
    assert (ids[16, :8] == SLEEVE).all() and (ids[16, 48:56] == SLEEVE).all() and ids[16, 60] == BACKGROUND
    board.keys("Escape", "m")
    board.drag((1.5 / 8, 2 / 8), (0.5 / 8, 2 / 8))
    ids = board.ids()
    np.testing.assert_array_equal(ids == SLEEVE, (ids == SLEEVE)[:, ::-1])
    assert (ids[16, 56:] == SLEEVE).all() and (ids[16, 48:56] == BACKGROUND).all()
    board.keys("Escape", "m")
    board.page.keyboard.down("Shift")
    board.drag((1.5 / 8, 2 / 8), (1.5 / 8, 4 / 8))
    board.page.keyboard.up("Shift")
    assert part(board, SLEEVE) == (1, 3, 7, 7, 8)


def test_curves_smoothing_and_replacing(mount):
    board = mount(256)
    board.page.evaluate("id => painter.choose(id)", SCARF)
    areas = {}
    for tool in ("polygon", "curve"):
        board.page.click(f"[data-tool={tool}]")
        for x, y in ((0.5, 0.3), (0.7, 0.5), (0.5, 0.7), (0.3, 0.5)):
            board.drag((x, y))
        board.keys("Enter")
        areas[tool] = (board.ids() == SCARF).mean()
        board.keys("Control+z")
    assert areas["polygon"] == pytest.approx(0.08, rel=0.03)
    assert 0.1 < areas["curve"] < np.pi * 0.04  # between the polygon and the circle through its corners
    assert board.said() == ["polygon", "undo", "curve", "undo"]
    board.page.click("[data-tool=smooth]")
    before = board.ids()
    board.page.select_option(".gp-box select", str(POCKET))
    board.page.click(".gp-box .gp-apply")
    after = board.ids()
    changed = after != before
    assert changed.any() and ((before == POCKET) | (after == POCKET))[changed].all()
    board.page.select_option(".gp-box select", "")
    board.page.click(".gp-box .gp-apply")
    assert (board.ids() != after).sum() > changed.sum() and board.said() == ["smooth", "smooth"]
    board.keys("Escape")
    assert board.page.is_hidden(".gp-box") and board.page.evaluate("document.activeElement.dataset.tool") == "smooth"
    board.page.click("[data-tool=swap]")
    board.page.locator(".gp-box select").nth(0).select_option(str(POCKET))
    board.page.locator(".gp-box select").nth(1).select_option(str(SHIRT))
    board.page.click(".gp-box .gp-apply")
    assert not (board.ids() == POCKET).any() and board.said() == ["swap"]


def test_the_canvas_paints_by_keyboard(mount):
    board = mount(64)
    board.page.evaluate("id => painter.choose(id)", SCARF)
    board.page.evaluate("painter.setDiameter(1)")
    board.page.focus("[data-tool=inside]")
    board.keys("Tab")
    assert board.page.evaluate("document.activeElement.className") == "gp-overlay"
    board.keys("ArrowRight")
    x, y = np.array(board.page.evaluate("painter.hover")).astype(int)
    assert (x, y) == (33, 32)
    board.page.keyboard.down(" ")
    board.keys("Shift+ArrowRight", "ArrowDown")
    board.page.keyboard.up(" ")
    rows, columns = np.nonzero(board.ids() == SCARF)
    assert set(zip(columns.tolist(), rows.tolist(), strict=True)) == {(k, 32) for k in range(33, 38)} | {(37, 33)}
    assert board.said() == ["stroke"]
    board.page.wait_for_function("document.querySelector('.gp-voice').textContent.endsWith(', 37, 33')")
    board.keys("r", " ", "ArrowUp", "ArrowUp", "ArrowLeft", " ")
    assert (board.ids()[31:34, 36:38] == SCARF).all() and board.said() == ["rect"]
    board.keys("g", "Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowUp", " ")
    assert board.said() == ["fill"]
    board.keys("+", "+", "+", "Shift+ArrowRight", "Shift+ArrowRight")
    view, (x, _) = board.view(), board.page.evaluate("painter.hover")
    assert view["x"] < x / 64 < view["x"] + 1 / view["scale"]  # what is painted stays in sight


def test_every_group_of_buttons_is_one_tab_stop_with_a_name(mount):
    board = mount(64)
    board.page.focus("#other")
    stops = []
    for _ in range(12):
        board.keys("Tab")
        stops.append(board.page.evaluate("document.activeElement.className || document.activeElement.tagName"))
        if stops[-1] in ("BODY", "HTML"):
            break
    assert stops[:8] == [
        *("gp-search", "gp-class gp-present", "gp-tool", "gp-tool", "gp-overlay", "INPUT", "INPUT", "gp-tool")
    ]
    board.page.focus("button[data-tool=brush]")
    board.keys("ArrowDown", "ArrowDown", "End", "ArrowDown", "ArrowUp")
    assert board.page.evaluate("document.activeElement.dataset.tool") == "inside"
    assert board.page.get_by_role("application", name="Label map").count() == 1
    names = board.page.locator("button, input:visible, [role=toolbar], [role=listbox]").evaluate_all(
        "nodes => nodes.map((node) => node.getAttribute('aria-label') ?? node.textContent)"
    )
    assert all(name.strip() for name in names[2:])


def test_keys_work_wherever_no_text_is_typed(mount):
    board = mount(64)
    board.page.fill(".gp-search", "sequin")
    board.keys("Enter")
    found = board.page.locator(f".gp-class[data-id='{find('sequin').id}']")
    lists = board.page.locator(".gp-classes").bounding_box()
    item = found.bounding_box()
    assert lists["y"] <= item["y"] and item["y"] + item["height"] <= lists["y"] + lists["height"]  # scrolled to
    tool = "painter.tool"
    board.keys("e")
    assert board.page.evaluate(tool) == "eraser"
    board.page.focus("[data-slider=size]")
    board.keys("g")
    assert board.page.evaluate(tool) == "bucket"
    board.page.focus("#other")
    board.keys("r")
    assert board.page.evaluate(tool) == "rect"
    for field in ("#text", ".gp-search"):
        board.page.focus(field)
        board.page.keyboard.type("be[?")
        assert board.page.evaluate(tool) == "rect" and board.page.input_value(field) == "be[?"
    board.page.focus("#other")
    board.keys("?")
    assert board.page.is_visible(".gp-box")
    board.page.uncheck(".gp-letters")
    board.page.focus("#other")
    board.keys("b")
    assert board.page.evaluate(tool) == "rect"  # single letters are off, but on the canvas
    board.page.focus(".gp-overlay")
    board.keys("b")
    assert board.page.evaluate(tool) == "brush"
    board.page.check(".gp-letters")


def test_in_a_notebook_keys_stay_inside(mount):
    board = mount(64, "keysOn: undefined")
    board.page.focus("#other")
    board.keys("e")
    assert board.page.evaluate("painter.tool") == "brush"
    board.page.mouse.move(*board.at(0.5, 0.5))
    board.page.evaluate("document.activeElement.blur()")
    board.drag((0.5, 0.5))
    board.keys("e")
    assert board.page.evaluate("painter.tool") == "eraser"


def test_the_page_may_keep_the_history(mount):
    board = mount(64, "keysOn: document, onUndo: () => asked.push('undo'), onRedo: () => asked.push('redo')")
    start = board.ids()
    board.drag((0.1, 0.1), (0.9, 0.9))
    drawn = board.ids()
    board.keys("Control+z", "Control+Shift+Z", "Control+y")
    assert board.page.evaluate("asked") == ["undo", "redo", "redo"]
    np.testing.assert_array_equal(board.ids(), drawn)
    undo = board.page.locator("[data-tool=undo]")
    assert undo.get_attribute("aria-disabled") == "true"
    board.page.evaluate("painter.setHistory({undo: true, redo: false})")
    assert undo.get_attribute("aria-disabled") == "false"
    undo.click()
    assert board.page.evaluate("asked.at(-1)") == "undo"
    board.said()
    board.page.evaluate("value => painter.setValue(value)", encode(start))
    np.testing.assert_array_equal(board.ids(), start)
    assert board.said() == [] and undo.get_attribute("aria-disabled") == "false"


def test_a_map_that_comes_from_elsewhere_is_one_step_and_ends_what_is_under_way(mount):
    board = mount(64)
    other = np.full((64, 64), SCARF, np.uint8)
    start = board.ids()
    board.page.mouse.move(*board.at(0.1, 0.1))
    board.page.mouse.down()
    board.page.mouse.move(*board.at(0.5, 0.5), steps=3)
    board.page.evaluate("value => painter.setValue(value)", encode(other))
    board.page.mouse.move(*board.at(0.7, 0.9), steps=3)
    board.page.mouse.up()
    np.testing.assert_array_equal(board.ids(), other)
    board.keys("Control+z")
    np.testing.assert_array_equal(board.ids(), start)
    board.page.mouse.down()
    board.page.mouse.move(*board.at(0.5, 0.5), steps=3)
    board.keys("Control+z")  # in the middle of a stroke: the stroke goes, nothing else breaks
    board.page.mouse.up()
    assert not (board.ids() == SCARF).any() or (board.ids() == start).all()


def test_on_a_laptop_the_chosen_class_keeps_its_name_whatever_the_pointer_is_over(mount):
    board = mount(512)
    board.page.evaluate("document.querySelector('#box').style.width = '570px'")  # as wide as the page has it at 1280 px
    board.page.evaluate("id => painter.choose(id)", find("neckline").id)
    stage = board.page.locator(".gp-overlay").bounding_box()
    board.page.mouse.move(stage["x"] + 0.5 * stage["width"], stage["y"] + 0.7 * stage["height"])
    board.settle()
    cut = "(name) => name.scrollWidth > name.clientWidth"
    assert not board.page.locator(".gp-current .gp-name").evaluate(cut)
    assert board.page.locator(".gp-under").inner_text().strip()[:1].isdigit(), "where it is; its class is a colour"
    bar = board.page.locator(".gp-status")
    assert bar.evaluate("(bar) => bar.scrollWidth <= bar.clientWidth")
