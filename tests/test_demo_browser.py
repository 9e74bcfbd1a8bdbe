"""The demo in a real browser: what a designer does, and what a careless or hostile one does."""

from __future__ import annotations

import base64
import http.client
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from garmentgen import BACKGROUND, Look, colorize
from garmentgen.labels import find
from garmentgen.painter import decode, encode

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api")
pytest.importorskip("gradio")
from demo_tab import Tab, free_port, served  # noqa: E402
from PIL import Image  # noqa: E402

from demo.__main__ import serve  # noqa: E402
from demo.app import Studio  # noqa: E402


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with served() as studio:
        yield studio


@pytest.fixture(scope="module")
def desktop(chromium, studio, tmp_path_factory) -> Iterator[Tab]:
    tab = Tab(chromium, f"http://127.0.0.1:{studio.port}/", viewport={"width": 1440, "height": 900})
    tab.start = tmp_path_factory.mktemp("start") / "session.json"
    tab.first_variants = tab.page.locator("#variants .gs-item").count()
    tab.start.write_bytes(tab.save("session"))
    yield tab
    tab.context.close()
    assert tab.outside == [], "the page asked another machine for something"


@pytest.fixture
def tab(desktop) -> Tab:
    """The tab with the first template as at the start (a page load is the slow part of these tests)."""
    desktop.after(lambda: desktop.page.set_input_files("#files input[type=file]", desktop.start))
    desktop.tool("brush")
    for name in ("mirror", "inside"):
        if desktop.page.get_attribute(f"[data-tool={name}]", "aria-pressed") == "true":
            desktop.tool(name)
    desktop.page.get_by_role("tab", name="Variants").click()
    return desktop


def ids_of(tab: Tab, studio: Studio) -> np.ndarray:
    return decode(tab.value(), studio.designer.size)


def test_first_screen_shows_the_first_template_and_its_garment(tab, studio):
    assert tab.value() == encode(studio.starters[0].labels)
    data = base64.b64decode(tab.picture().split(",")[1])
    picture = np.asarray(Image.open(io.BytesIO(data)))
    assert picture.shape[:2] == studio.starters[0].labels.shape
    assert picture[studio.starters[0].labels != BACKGROUND].std() > 0
    assert tab.page.locator("#templates .gs-item").count() == len(studio.starters)
    assert tab.first_variants == 8


def test_a_stroke_changes_the_map_and_then_the_garment(tab, studio):
    before, first = ids_of(tab, studio), tab.picture()
    tab.choose("scarf")
    second = tab.after(lambda: tab.stroke((0.2, 0.5), (0.8, 0.5)))
    ids = ids_of(tab, studio)
    assert second != first
    size, scarf = studio.designer.size, find("scarf").id
    row = ids[size // 2]
    assert (row[int(0.2 * size) : int(0.8 * size)] == scarf).all()
    assert row[int(0.1 * size)] == before[size // 2, int(0.1 * size)]
    assert "scarf" in tab.page.inner_text("#regions")


def test_a_garment_that_arrives_leaves_the_stroke_under_way_alone(tab, studio):
    page, size, waiting = tab.page, studio.designer.size, []
    box = page.locator(".gp-overlay").bounding_box()

    def drag(x: float) -> None:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + 0.9 * box["height"], steps=4)

    tab.choose("scarf")
    page.route("**/ask/paint", lambda route: waiting.append(route))
    tab.stroke((0.2, 0.1), (0.8, 0.1))
    drag(0.1)
    page.mouse.down()
    drag(0.5)
    tab.after(lambda: waiting[0].continue_())
    page.unroute("**/ask/paint")
    drag(0.9)
    tab.after(page.mouse.up)
    row = ids_of(tab, studio)[int(0.9 * size)]
    assert (row[int(0.1 * size) : int(0.9 * size)] == find("scarf").id).all()


def test_classes_are_found_in_both_languages_and_by_group(tab):
    for words, expected in (("sleeve", "sleeve"), ("袖", "sleeve"), ("CLOSURES", "buckle"), ("44", "sequin")):
        tab.choose(words)
        assert tab.page.inner_text(".gp-current") == expected
    tab.page.fill(".gp-search", "submarine")
    assert tab.page.is_visible(".gp-none")


def test_fill_and_undo_and_redo_are_exact(tab, studio):
    original = tab.value()
    tab.choose("cape")
    tab.tool("bucket")
    tab.after(lambda: tab.stroke((0.01, 0.01)))
    filled = ids_of(tab, studio)
    before = studio.starters[0].labels
    assert filled[0, 0] == find("cape").id
    garment = before != BACKGROUND
    np.testing.assert_array_equal(filled[garment], before[garment])
    full = tab.value()
    tab.after(lambda: tab.page.keyboard.press("Control+z"))
    assert tab.value() == original
    tab.after(lambda: tab.page.keyboard.press("Control+Shift+Z"))
    assert tab.value() == full


def test_mirror_rectangle_polygon_eraser_and_stay_inside(tab, studio):
    size = studio.designer.size
    tab.tool("clear")
    tab.page.wait_for_timeout(300)
    assert (ids_of(tab, studio) == BACKGROUND).all()
    tab.tool("mirror")
    tab.choose("skirt")
    tab.tool("rect")
    tab.after(lambda: tab.stroke((0.1, 0.2), (0.3, 0.6)))
    ids = ids_of(tab, studio)
    np.testing.assert_array_equal(ids, ids[:, ::-1])
    skirt = find("skirt").id
    rows, columns = np.nonzero(ids[:, : size // 2] == skirt)
    assert (rows.min(), columns.min()) == (int(0.2 * size), int(0.1 * size))
    assert abs(rows.max() - int(0.6 * size)) <= 1
    tab.tool("mirror")
    tab.choose("belt")
    tab.tool("polygon")
    for point in ((0.4, 0.4), (0.6, 0.4), (0.5, 0.6)):
        tab.stroke(point)
    tab.after(lambda: tab.page.keyboard.press("Enter"))
    area = (ids_of(tab, studio) == find("belt").id).sum() / size**2
    assert area == pytest.approx(0.5 * 0.2 * 0.2, rel=0.25)
    tab.page.keyboard.press("s")
    tab.choose("pocket")
    tab.tool("brush")
    tab.after(lambda: tab.stroke((0.2, 0.4), (0.6, 0.5)))  # begins in the skirt: belt and background stay
    ids = ids_of(tab, studio)
    assert (ids == find("pocket").id).any() and (ids == find("belt").id).sum() / size**2 == area
    tab.tool("eraser")
    tab.after(lambda: tab.stroke((0.2, 0.3), (0.2, 0.35)))


def test_every_template_loads_its_map_and_a_garment(tab, studio):
    for index, starter in list(enumerate(studio.starters))[::-1]:
        tab.after(lambda index=index: tab.page.locator("#templates .gs-item").nth(index).click())
        assert tab.value() == encode(starter.labels), starter.en


def test_reroll_changes_one_region_and_lock_keeps_one(tab, studio):
    before = Look.from_json(tab.save("session").decode())
    region = before.regions[-1]
    tab.after(lambda: tab.page.click(f"[data-region='{region}'] button[data-tip=reroll]"))
    after = Look.from_json(tab.save("session").decode())
    for other in before.regions:
        same = np.array_equal(before.codes[other], after.codes[other])
        assert same == (other != region)
    tab.page.click(f"[data-region='{region}'] button[data-tip=lock]")
    tab.page.wait_for_selector(f"[data-region='{region}'] button[data-tip=unlock]")
    tab.after(lambda: tab.page.click("#dice"))
    rolled = Look.from_json(tab.save("session").decode())
    assert rolled.seed != after.seed and str(rolled.seed) == tab.page.input_value("#seed-number")
    for other in before.regions:
        same = np.array_equal(after.codes[other], rolled.codes[other])
        assert same == (other == region)


def test_a_saved_session_gives_the_same_bytes(tab, studio, tmp_path):
    tab.after(lambda: tab.page.locator("#templates .gs-item").nth(1).click())
    tab.choose("scarf")
    tab.after(lambda: tab.stroke((0.4, 0.4), (0.6, 0.6)))
    tab.after(lambda: tab.page.click("#dice"))
    picture, session, shown, value = tab.save("image"), tab.save("session"), tab.picture(), tab.value()
    file = tmp_path / "session.json"
    file.write_bytes(session)
    tab.after(lambda: tab.page.locator("#templates .gs-item").nth(0).click())
    assert tab.value() != value
    reopened = tab.after(lambda: tab.page.set_input_files("#files input[type=file]", file))
    assert reopened == shown and tab.value() == value
    assert tab.save("image") == picture and tab.save("session") == session


def test_the_map_goes_out_as_png_and_comes_back(tab, studio, tmp_path):
    tab.choose("scarf")
    tab.after(lambda: tab.stroke((0.3, 0.3), (0.7, 0.5)))
    value, file = tab.value(), tmp_path / "map.png"
    file.write_bytes(tab.download(lambda: tab.tool("save")))
    np.testing.assert_array_equal(np.asarray(Image.open(file).convert("RGB")), colorize(ids_of(tab, studio)))
    tab.after(lambda: tab.page.locator("#templates .gs-item").nth(2).click())
    tab.after(lambda: tab.page.set_input_files(".gp-painter input[type=file]", file))
    assert tab.value() == value and "sleeve" in tab.toast()  # says what it was read as
    off = np.asarray(Image.open(file).convert("RGB")).copy()
    off[:3] = (250, 250, 240)  # near white, not white
    Image.fromarray(off).save(file)
    tab.after(lambda: tab.page.set_input_files(".gp-painter input[type=file]", file))
    assert str(3 * studio.designer.size) in tab.toast()  # says how many pixels were snapped


def broken_files(folder: Path) -> dict[str, Path]:
    """Every kind of bad picture, by what it is."""
    good = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(good, "PNG")
    frames = [Image.new("RGB", (32, 32), color) for color in ("red", "blue")]
    contents = {
        "text.png": b"this is not a picture",
        "broken.png": good.getvalue()[: len(good.getvalue()) // 2],
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "empty.png": b"",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    Image.new("1", (10000, 10000)).save(folder / "huge.png")
    frames[0].save(folder / "moving.gif", save_all=True, append_images=frames[1:])
    Image.new("RGB", (64, 64), "white").save(folder / "blank.png")
    return {path.name: path for path in sorted(folder.iterdir())}


def test_bad_maps_give_a_message_and_the_painting_stays(tab, tmp_path):
    tab.choose("scarf")
    tab.after(lambda: tab.stroke((0.3, 0.3), (0.7, 0.5)))
    value = tab.value()
    for name, file in broken_files(tmp_path).items():
        tab.page.set_input_files(".gp-painter input[type=file]", file)
        assert "error" in tab.toast(), name
        assert tab.value() == value, name
    tab.after(lambda: tab.stroke((0.3, 0.6), (0.7, 0.6)))


def test_bad_sessions_give_a_message_and_other_weights_a_warning(tab, tmp_path):
    session = json.loads(tab.save("session"))
    value = tab.value()
    file = tmp_path / "session.json"
    edited = {**session, "map": session["map"][2:]}
    for content in (b"\xff\xfe\x00", b"{", b"[]", json.dumps(edited).encode(), b" " * (4 * 2**20 + 1)):
        file.write_bytes(content)
        tab.page.set_input_files("#files input[type=file]", file)
        assert "error" in tab.toast()
        assert tab.value() == value
    file.write_text(json.dumps({**session, "format": "<img src=x onerror=document.title='gone'>"}))
    tab.page.set_input_files("#files input[type=file]", file)
    assert "error" in tab.toast() and tab.page.title() != "gone"
    file.write_text(json.dumps({**session, "weights": "f" * 16}))
    tab.after(lambda: tab.page.set_input_files("#files input[type=file]", file))
    assert "weights" in tab.toast()


def test_variants_history_and_blend(tab, studio):
    first = tab.picture()
    tab.page.click("#make-variants")
    tab.page.wait_for_timeout(500)
    adopted = tab.after(lambda: tab.page.locator("#variants .gs-item").nth(3).click())
    assert adopted != first
    tab.page.get_by_role("tab", name="Blend").click()
    tab.page.click("#blend-to")
    assert "Press" in tab.toast()
    tab.page.click("#blend-from")
    tab.page.wait_for_function("document.querySelectorAll('#blend .gs-item').length === 1")
    tab.after(lambda: tab.page.click("#dice"))
    tab.page.click("#blend-to")
    tab.page.wait_for_function("document.querySelectorAll('#blend .gs-item').length === 8")
    start = tab.after(lambda: tab.page.locator("#blend .gs-item").first.click())
    assert start == adopted  # step 0 of the blend is A itself
    movie = Image.open(io.BytesIO(tab.download(lambda: tab.page.click("#gif"))))
    assert movie.format == "GIF" and movie.n_frames == 14 and movie.size == (studio.designer.size,) * 2
    tab.page.get_by_role("tab", name="History").click()
    again = tab.after(lambda: tab.page.locator("#history .gs-item").nth(3).click())  # before variant, roll, blend
    assert again == first


def given_photo(tab: Tab, file: Path, picture: np.ndarray) -> None:
    tab.page.get_by_role("tab", name="Style from a photo").click()
    Image.fromarray(picture).save(file)
    tab.page.set_input_files("#photo input[type=file]", file)


def box_of(tab: Tab) -> np.ndarray:
    """The box drawn on the photo, as shares of it: top, left, bottom, right."""
    stage, box = (tab.page.locator(at).bounding_box() for at in (".gx-stage", ".gx-box"))
    top, left = (box["y"] - stage["y"]) / stage["height"], (box["x"] - stage["x"]) / stage["width"]
    return np.array([top, left, top + box["height"] / stage["height"], left + box["width"] / stage["width"]])


def test_the_garment_of_a_photo_is_found_and_shown_and_another_box_corrects_it(tab, studio, tmp_path):
    photo = np.full((400, 300, 3), 225, np.uint8)
    photo[80:320, 60:240] = (40, 60, 150)
    photo[80:200, 60:150] = (150, 40, 60)
    given_photo(tab, tmp_path / "photo.png", photo)
    tab.page.wait_for_selector("#taken img[src]")
    assert np.abs(box_of(tab) - (0.2, 0.2, 0.8, 0.8)).max() < 0.02
    first = tab.page.get_attribute("#taken img", "src")
    before = Look.from_json(tab.save("session").decode())
    tab.after(lambda: tab.page.click("#apply-style"))
    after = Look.from_json(tab.save("session").decode())
    wanted = studio.designer.style_from_photo(before, np.asarray(Image.fromarray(photo)))
    assert after.pinned == wanted.pinned == before.codes.keys()
    assert all(np.abs(after.codes[c] - wanted.codes[c]).mean() < 0.1 for c in wanted.codes), (
        "but for the JPEG it is sent as"
    )
    tab.page.evaluate("document.querySelector('.gx-stage').scrollIntoView({ block: 'center' })")
    stage = tab.page.locator(".gx-stage").bounding_box()
    at = [(stage["x"] + x * stage["width"], stage["y"] + y * stage["height"]) for x, y in ((0.02, 0.95), (0.45, 0.55))]
    tab.page.mouse.move(*at[0])
    tab.page.mouse.down()
    tab.page.mouse.move(*at[1], steps=3)
    tab.page.mouse.up()
    tab.page.wait_for_function("was => document.querySelector('#taken img').src !== was", arg=first)
    assert np.abs(box_of(tab) - (0.55, 0.02, 0.95, 0.45)).max() < 0.01
    tab.page.focus(".gx-box")
    tab.page.keyboard.press("ArrowUp")
    tab.page.keyboard.press("Shift+ArrowRight")
    assert np.abs(box_of(tab) - (0.53, 0.02, 0.93, 0.47)).max() < 0.01
    tab.page.wait_for_timeout(600)
    tab.page.click("#style-way button[data-choice=takeBox]")
    tab.page.wait_for_timeout(400)
    tab.page.click("button[data-text=findAgain]")
    tab.page.wait_for_function("was => document.querySelector('#taken img').src === was", arg=first)
    tab.page.click("#photo button[aria-label='Remove']")
    assert not tab.page.locator("#taken").is_visible()


def test_a_photo_without_a_garment_gets_its_sentence_and_a_box_takes_its_cloth(tab, tmp_path):
    given_photo(tab, tmp_path / "photo.png", np.full((90, 60, 3), (200, 40, 30), np.uint8))
    assert "no garment was found in this photo" in tab.toast()
    assert "Draw a box" in tab.page.inner_text("#taken")
    tab.page.click("#style-way button[data-choice=takeBox]")
    tab.page.wait_for_selector("#taken img[src]")
    tab.after(lambda: tab.page.click("#apply-style"))


def test_the_style_of_a_photo_framed_as_the_map(tab, studio, tmp_path):
    given_photo(tab, tmp_path / "photo.jpg", np.full((90, 60, 3), (200, 40, 30), np.uint8))
    assert "no garment" in tab.toast()
    labels = np.full((90, 60), BACKGROUND, np.uint8)
    labels[20:80, 10:50] = find("dress").id
    Image.fromarray(colorize(labels)).save(tmp_path / "map.png")
    before = Look.from_json(tab.save("session").decode())
    tab.page.click("#style-way button[data-choice=takeMapped]")
    tab.after(lambda: tab.page.click("#apply-style"))
    tab.page.set_input_files("#photo-map input[type=file]", tmp_path / "map.png")
    assert "dress 100%" in tab.toast()
    tab.after(lambda: tab.page.click("#apply-style"))
    after = Look.from_json(tab.save("session").decode())
    assert after.pinned and all(not np.array_equal(before.codes[c], after.codes[c]) for c in after.pinned)
    tab.page.click("#trace")
    assert tab.page.get_attribute(".gp-underlay", "src") == tab.page.get_attribute("#photo img", "src")
    tab.page.click("#trace")
    assert tab.page.get_attribute(".gp-underlay", "src") == tab.picture()
    (tmp_path / "text.png").write_bytes(b"this is not a picture")
    tab.page.click("#photo button[aria-label='Remove']")
    tab.page.set_input_files("#photo input[type=file]", tmp_path / "text.png")
    assert "cannot read the picture" in tab.toast()


def test_two_tabs_keep_their_own_looks(tab, chromium, studio):
    other = Tab(chromium, tab.address)
    tab.after(lambda: tab.page.locator("#templates .gs-item").nth(1).click())
    mine = tab.picture()
    other.after(lambda: other.page.click("#dice"))
    assert tab.picture() == mine
    assert other.value() == encode(studio.starters[0].labels)
    assert tab.value() == encode(studio.starters[1].labels)
    other.context.close()


def test_a_click_storm_ends_with_the_last_state(tab, studio):
    for index in (0, 1, 2, 1, 0, 2):
        tab.page.locator("#templates .gs-item").nth(index).click(no_wait_after=True)
    for _ in range(5):
        tab.page.click("#dice", no_wait_after=True)
    tab.choose("scarf")
    for y in np.linspace(0.2, 0.8, 5):
        tab.stroke((0.2, y), (0.5, y))
    tab.page.wait_for_timeout(1500)
    tab.after(lambda: tab.stroke((0.5, 0.1), (0.6, 0.1)))
    tab.page.wait_for_timeout(500)
    assert tab.page.locator(".gg-toast").count() == 0
    look = Look.from_json(tab.save("session").decode())
    np.testing.assert_array_equal(look.labels, ids_of(tab, studio))


def test_chinese_and_back(chromium, studio, tmp_path):
    tab = Tab(chromium, f"http://127.0.0.1:{studio.port}/", locale="zh-CN")
    page = tab.page
    page.wait_for_selector("text=换一个")
    assert page.inner_text("#files button[data-text=session]") == "会话"
    assert "袖子" in page.inner_text(".gp-classes") and page.get_attribute("html", "lang") == "zh-CN"
    (tmp_path / "session.json").write_bytes(b"\xff\xfe")
    page.set_input_files("#files input[type=file]", tmp_path / "session.json")
    assert "会话" in tab.toast()
    page.click(".gg-lang")
    page.wait_for_selector("text=Another look")
    assert "sleeve" in page.inner_text(".gp-classes") and "袖子" not in page.inner_text(".gp-classes")
    tab.open()  # the choice is remembered
    page.wait_for_selector("text=Another look")
    assert page.inner_text(".gg-lang") == "中文"
    tab.context.close()
    assert tab.outside == []


def test_a_finger_paints_on_a_phone(chromium, studio):
    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    tab = Tab(chromium, f"http://127.0.0.1:{studio.port}/", **options)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    tab.choose("scarf")
    tab.page.locator(".gp-overlay").scroll_into_view_if_needed()
    box = tab.page.locator(".gp-overlay").bounding_box()
    assert box["width"] > 330
    touch = tab.context.new_cdp_session(tab.page)
    before = tab.value()

    def swipe():
        for kind, share in (("touchStart", 0.3), ("touchMove", 0.5), ("touchMove", 0.7)):
            point = {"x": box["x"] + share * box["width"], "y": box["y"] + share * box["height"]}
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    tab.after(swipe)
    assert tab.value() != before
    tab.context.close()


PREFIX = "/user/me/proxy/7860"


def start_proxy(target: int) -> ThreadingHTTPServer:
    """A proxy as JupyterHub and AI Studio have: below PREFIX, and the prefix is cut off before it asks the app."""

    class Proxy(BaseHTTPRequestHandler):
        def forward(self) -> None:
            if not self.path.startswith(PREFIX):
                return self.send_error(404)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {key: value for key, value in self.headers.items() if key.lower() != "connection"}
            upstream = http.client.HTTPConnection("127.0.0.1", target)
            upstream.request(self.command, self.path[len(PREFIX) :] or "/", body, headers)
            answer = upstream.getresponse()
            self.send_response(answer.status)
            for key, value in answer.getheaders():
                if key.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                    self.send_header(key, value)
            self.end_headers()  # HTTP/1.0: the end of the stream is the end of the connection
            while chunk := answer.read1(65536):
                self.wfile.write(chunk)
                self.wfile.flush()

        do_GET = do_POST = do_HEAD = forward

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_behind_a_prefix_stripping_proxy(chromium, studio):
    behind, port = Studio(studio.designer, studio.starters[:1]), free_port()
    serve(behind, "127.0.0.1", port, PREFIX, block=False)
    proxy = start_proxy(port)
    tab = Tab(chromium, f"http://127.0.0.1:{proxy.server_address[1]}{PREFIX}/")
    first = tab.picture()
    tab.choose("scarf")
    assert tab.after(lambda: tab.stroke((0.2, 0.5), (0.8, 0.5))) != first
    tab.context.close()
    proxy.shutdown()
    behind.blocks.close(verbose=False)
    assert tab.outside == []
