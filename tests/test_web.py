"""The page without a server: what JavaScript computes is what Python computes."""

from __future__ import annotations

import base64
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from demo_tab import Tab
from PIL import Image
from small_maps import PANTS, SHOE, blank
from test_axe import faults
from web_folder import NODE, fifty_looks, in_node, served

from demo.starters import FOLDER as TEMPLATES
from garmentgen import BACKGROUND, SWATCHES, Designer, Look, UserError, cut_garment, encode_png, enlarged
from garmentgen.counter import noise_tile, tile_offset
from garmentgen.geometry import gaps
from garmentgen.inference import shipped_weights
from garmentgen.pictures import outline
from garmentgen.runs import to_runs
from garmentgen.web import vectors, winograd
from garmentgen.web.graphs import fold_ranges

pytestmark = pytest.mark.skipif(NODE is None, reason="no node on the PATH")
FIXTURES = Path(__file__).parent / "fixtures"
NUMBERS = json.loads((FIXTURES / "counter.json").read_text())


@pytest.fixture(scope="session")
def shipped() -> Designer:
    return Designer.load()


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The page of the shipped weights, as the command writes it."""
    from demo.site import build

    folder = tmp_path_factory.mktemp("page")
    try:
        build(folder, shipped_weights())
    except UserError as error:
        if "npm could not bring it" in str(error) or "PATH" in str(error):
            pytest.skip(str(error))
        raise
    return folder


@pytest.fixture(scope="session")
def files(site) -> Path:
    """The folder of the version."""
    return next(path.parent for path in site.glob("*/model.json"))


@pytest.fixture(scope="session")
def looks(shipped) -> list[tuple[Look, list[list]]]:
    maps = [shipped.read_map(path)[0] for path in sorted(TEMPLATES.glob("*.png"))]
    assert len(maps) == 12
    return fifty_looks(shipped, maps)


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_both_languages_draw_the_numbers_of_the_fixture():
    cases, tile = NUMBERS["cases"], NUMBERS["tile"]
    drawn, noise, *offsets = in_node(
        [
            ["counter", cases],
            ["noise", tile["side"]],
            *(["offset", int(seed), tile["side"]] for seed in tile["offsets"]),
        ]
    )
    for case, found in zip(cases, drawn, strict=True):
        assert found == {key: case[key] for key in found}
    assert noise == noise_tile(tile["side"]).ravel().tolist()
    assert offsets == [list(tile_offset(int(seed), tile["side"])) for seed in tile["offsets"]]


def test_halves_are_rounded_as_numpy_rounds_them():
    rng = np.random.default_rng(0)
    plain = rng.standard_normal(2000) * 10.0 ** rng.integers(-9, 6, 2000)
    halves = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float64)  # and the middles between them
    values = np.concatenate([plain, halves, -halves, (halves[1:] + halves[:-1]) / 2]).astype(np.float32)
    with np.errstate(over="ignore"):
        expected = values.astype(np.float16).view(np.uint16)
    assert in_node([["halves", values.tolist()]])[0] == expected.tolist()


def test_what_lies_apart_is_told_alike():
    pair, one, air = blank(), blank(), blank()
    pair[40:60, 4:20] = pair[42:60, 30:50] = SHOE
    one[10:60, 10:30] = PANTS
    air[30:34, 2:9], air[30:60, 15:20], air[29:60, 40:60], air[0, 63] = SHOE, SHOE, SHOE, SHOE  # the last one a speck
    cases = [(pair, SHOE), (one, PANTS), (one, SHOE), (air, SHOE)]
    found = in_node([["gap", to_runs(labels), len(labels), c] for labels, c in cases])
    assert found == [gaps(labels).get(c) for labels, c in cases] and found[0] is not None and found[1] is None


def test_outlines_are_drawn_alike():
    """Up to the canvas's edge, whose side is no multiple of a word's 32 bits; with a line, a corner's tip, a speck."""
    labels = blank(70)
    labels[:30, 32:], labels[35:70, :32], labels[10:60, 5], labels[40:60, 68:] = SHOE, PANTS, SHOE, SHOE
    labels[30, 69], labels[5, 20], labels[66:68, 60:69] = SHOE, SHOE, PANTS
    for side in (70, 35, 140):
        (found,) = in_node([["outline", to_runs(labels), 70, side]])
        away = np.abs(np.array(found).reshape(side, side) - outline(labels != BACKGROUND, side).astype(int))
        assert away.max() <= 1 and (away > 0).mean() < 0.001, side


def test_scenes_are_composed_alike():
    case = json.loads((FIXTURES / "composed.json").read_text())
    expected = np.array(case["composed"], np.uint8)
    height, width, _ = expected.shape
    room = (0, width - height)  # a page's pictures are square
    pictures = [
        np.pad(np.array(one, np.uint8), (room, (0, 0), (0, 0)), constant_values=255) for one in case["pictures"]
    ]
    shown = np.pad(np.array(case["shown"], np.uint8), (room, (0, 0)), constant_values=255)
    texts = [base64.b64encode(each.tobytes()).decode() for each in (*pictures, shown)]
    found = in_node([["composed", texts[:-1], texts[-1], width]])[0]
    assert base64.b64decode(found)[: expected.size] == expected.tobytes()


# --- looks -----------------------------------------------------------------------------------------------------------


def test_fifty_looks_have_the_codes_that_python_deals(files, looks):
    answers = in_node([["look", steps] for _, steps in looks], files)
    for (look, steps), text in zip(looks, answers, strict=True):
        found, expected = Look.from_json(text), json.loads(look.to_json())
        assert {c: code.tobytes() for c, code in found.codes.items()} == {c: v.tobytes() for c, v in look.codes.items()}
        assert {**json.loads(text), "engine": ""} == {**expected, "engine": ""}, steps
    assert sum(bool(look.scenes) for look, _ in looks) > 20


def test_a_look_goes_through_the_page_and_back_unchanged(files, looks):
    texts = [look.to_json() for look, _ in looks[:5]]
    for before, after in zip(texts, in_node([["look", [["open", text]]] for text in texts], files), strict=True):
        assert json.loads(after) == json.loads(before)


def test_blends_are_python_s(shipped, files, looks):
    (a, _), (b, _) = looks[1], looks[14]
    asks = [["look", [["open", a.to_json()], ["blend", b.to_json(), t]]] for t in (0, 0.3, 1)]
    for t, text in zip((0, 0.3, 1), in_node(asks, files), strict=True):
        expected = shipped.blend(a, b, t)
        assert {c: v.tobytes() for c, v in Look.from_json(text).codes.items()} == {
            c: v.tobytes() for c, v in expected.codes.items()
        }


@pytest.mark.parametrize("count", [2, pytest.param(50, marks=pytest.mark.slow)])
def test_pictures_are_within_one_grey_level(shipped, files, looks, count):
    cases = [(look, size) for look, _ in looks[:count] for size in shipped.sizes]
    gaps = []
    painted = in_node([["paint", look.to_json(), size] for look, size in cases], files)
    for (look, size), text in zip(cases, painted, strict=True):
        found = np.frombuffer(base64.b64decode(text), np.uint8).reshape(size, size, 3)
        gaps.append(np.abs(found.astype(int) - shipped.render(look, size)).ravel())
    share = float((np.concatenate(gaps) <= 1).mean())
    assert share >= 0.9999, f"{share:.4%} of the values are within one grey level"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data | {"format": "garmentgen-look-9"},
        lambda data: data | {"seed": -1},
        lambda data: data | {"seed": 1.5},
        lambda data: data | {"diversity": 2.5},
        lambda data: data | {"locked": [46]},
        lambda data: data | {"map": data["map"][:-2]},
        lambda data: data | {"map": [99, data["size"] ** 2]},
        lambda data: data | {"map": [255, data["size"] ** 2]},
        lambda data: data | {"codes": {}},
        lambda data: data | {"codes": dict.fromkeys(data["codes"], "!")},
        lambda data: data | {"codes": {c: base64.b64encode(b"\xff" * 4096).decode() for c in data["codes"]}},
        lambda data: data | {"code_shape": [8, 4, 4]},
        lambda data: [data],
    ],
)
def test_a_damaged_session_is_refused_in_both_languages(files, looks, damage):
    text = json.dumps(damage(json.loads(looks[0][0].to_json())))
    with pytest.raises(UserError):
        Look.from_json(text)
    assert in_node([["look", [["open", text]]]], files)[0]["error"].startswith("session_")


# --- the graphics processor ------------------------------------------------------------------------------------------


def test_only_what_follows_from_no_input_is_folded():
    """Whole numbers below 3 in doubles, cast; and as many as an input says."""
    text = """<ir_version: 8, opset_import: ["": 13]> count (int64 n, float[3] x) => (float[3] y, int64[m] z) {
        a = Constant<value = double {0}>() b = Constant<value = double {3}>() c = Constant<value = double {1}>()
        counted = Range(a, b, c) cast = Cast<to = 1>(counted) y = Add(cast, x)
        d = Constant<value = int64 {0}>() e = Constant<value = int64 {1}>() z = Range(d, n, e)
    }"""
    parser, reference = (pytest.importorskip(f"onnx.{name}") for name in ("parser", "reference"))
    model = parser.parse_model(text)
    fold_ranges(model)
    assert [node.op_type for node in model.graph.node if node.op_type != "Constant"] == ["Add", "Range"]
    assert [value.name for value in model.graph.initializer] == ["cast"]
    y, z = reference.ReferenceEvaluator(model).run(None, {"n": np.array(2), "x": np.float32([0.5, 0.5, 0.5])})
    assert y.tolist() == [0.5, 1.5, 2.5] and z.tolist() == [0, 1]


def test_winograd_s_form_gives_the_convolution():
    """A wide one is put in it, whatever its sides; a narrow one, and one of 14 x 16 pixels, are left as they are."""
    text = """<ir_version: 8, opset_import: ["": 13]>
        picture (float[n, 32, H, W] x) => (float[n, 40, H, W] y) {
        same = Identity(x)
        y = Conv<kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [1, 1], dilations = [1, 1], group = 1>(same, w)
    }"""
    parser, helper, reference = (
        pytest.importorskip(f"onnx.{name}") for name in ("parser", "numpy_helper", "reference")
    )
    rng = np.random.default_rng(0)
    for (high, wide), outputs, count in (((16, 24), 40, 1), ((14, 16), 40, 0), ((16, 24), 8, 0)):
        sides = text.replace("H, W", f"{high}, {wide}").replace("40", str(outputs))
        plain, tiled = parser.parse_model(sides), parser.parse_model(sides)
        weight = rng.standard_normal((outputs, 32, 3, 3)).astype(np.float32)
        for model in (plain, tiled):
            model.graph.initializer.append(helper.from_array(weight, "w"))
        assert winograd.rewrite(tiled) == count
        assert [node.op_type for node in tiled.graph.node].count("DepthToSpace") == count
        x = rng.standard_normal((1, 32, high, wide)).astype(np.float32)
        expected, found = (reference.ReferenceEvaluator(model).run(None, {"x": x})[0] for model in (plain, tiled))
        assert np.abs(found - expected).max() < 1e-3 < np.abs(expected).max()


def test_what_is_computed_four_numbers_at_a_time_is_the_same():
    """A sum over channels, one over rows, which stays, and a leaky ReLU."""
    text = """<ir_version: 8, opset_import: ["": 13]>
        sums (float[n, 3, 4, 5] x) => (float[n, 1, 4, 5] y, float[n, 3, 1, 5] z) {
        same = Identity(x) bent = LeakyRelu<alpha = 0.2>(same)
        channels = Constant<value = int64[1] {1}>() rows = Constant<value = int64[1] {2}>()
        y = ReduceSum<keepdims = 1>(bent, channels) z = ReduceSum<keepdims = 1>(bent, rows)
    }"""
    parser, reference = (pytest.importorskip(f"onnx.{name}") for name in ("parser", "reference"))
    plain, quick = parser.parse_model(text), parser.parse_model(text)
    vectors.rewrite(quick)
    assert [node.op_type for node in quick.graph.node if node.op_type != "Constant"] == [
        "Mul",
        "Max",
        "Conv",
        "ReduceSum",
    ]
    x = np.random.default_rng(0).standard_normal((1, 3, 4, 5)).astype(np.float32)
    expected, found = (reference.ReferenceEvaluator(model).run(None, {"x": x}) for model in (plain, quick))
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(expected, found, strict=True))


def test_another_engine_is_believed_when_it_paints_the_stored_picture(files):
    exact, near, rare, far, none = in_node(
        [["believed", *case] for case in ((0, 1), (0.9, 1), (9, 0.00005), (1.2, 0.01), ("nothing", 1))], files
    )
    assert exact is near is rare is True
    assert "1.20 grey levels" in far and "NaN grey levels" in none


def test_a_fault_of_the_graphics_processor_loses_no_picture():
    failed, hung, sound = in_node([["painters", 3, 1, False], ["painters", 3, 1, True], ["painters", 2, 2, False]])
    assert failed == {"by": ["worker", "sure", "sure"], "faults": ["device lost"], "ended": 1}
    assert hung == {**failed, "faults": ["no answer in time"]}
    assert sound == {"by": ["worker", "worker"], "faults": [], "ended": 0}


# --- the folder ------------------------------------------------------------------------------------------------------


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    from demo.site import build

    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="holds thesis.txt"):
        build(tmp_path, shipped_weights())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_folder_is_small_enough_to_travel(files):
    """As it lies there; text would still pack to a third. A browser with WebGPU brings its runtime later."""
    assert sum(path.stat().st_size for path in files.iterdir() if "webgpu" not in path.name) < 20e6


# --- in a browser ----------------------------------------------------------------------------------------------------

DRESSED = "(document.querySelector('#told')?.textContent ?? '')"
DESKTOP, PHONE = {"viewport": {"width": 1440, "height": 900}}, {"viewport": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    with served(site) as at:
        yield at


@pytest.fixture()
def tab(chromium, address) -> Iterator[Tab]:
    """The page once its worker paints. Playwright's own waiting needs the eval that the page forbids."""
    tab = Tab(chromium, address, bypass_csp=True, accept_downloads=True, **DESKTOP)
    tab.page.set_default_timeout(120000)
    yield tab
    tab.context.close()


def ready(tab: Tab) -> None:
    """Wait until the worker has said what computes."""
    tab.page.wait_for_function(f"() => {DRESSED}.includes('WebAssembly')")


@pytest.mark.browser
def test_a_designer_works_with_the_network_off(tab, files, shipped):
    """From the first byte nothing is asked of any other place; then the network goes, and all goes on."""
    tab.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    brought = "(path) => fetch(path).then((response) => response.ok, () => false)"
    assert tab.page.evaluate(brought, f"{files.name}/ort-webgpu.js"), "the service worker keeps it from now on"
    assert tab.page.evaluate("() => document.querySelector('#drawer').innerText").count("Style") <= 1
    tab.context.set_offline(True)
    tab.page.reload()
    tab.page.wait_for_selector(".gp-painter")
    ready(tab)
    assert tab.page.evaluate("() => self.crossOriginIsolated"), "the service worker isolates the page"
    assert tab.page.evaluate(brought, f"{files.name}/ort-webgpu.js"), "kept when it was first used"
    assert not tab.page.evaluate(brought, f"{files.name}/ort-webgpu.wasm"), "kept by those who use it alone"

    first = tab.after(lambda: tab.page.locator("#templates button").nth(1).click())
    tab.choose("pocket")
    painted = tab.after(lambda: tab.stroke((0.4, 0.5), (0.5, 0.5), (0.45, 0.6)))
    slid = tab.after(lambda: tab.page.locator("#diversity-slider").fill("0.5"))
    rerolled = tab.after(lambda: tab.page.locator("#regions .gr-row button[data-tip=reroll]").first.click())
    locked = tab.after(lambda: tab.page.locator("#regions .gr-row button[data-tip=lock]").first.click())
    rolled = tab.after(lambda: tab.page.click("#dice"))
    assert len({first, painted, slid, rerolled, rolled}) == 5 and locked == rerolled

    session = tab.save("session")
    look = Look.from_json(session)
    again = shipped.look(look.labels, look.seed, look.diversity, look.harmony, like=look)
    assert again.to_json() == replace(look, engine=again.engine).to_json(), "Python goes on with the page's session"
    picture = np.asarray(Image.open(io.BytesIO(tab.save("image"))).convert("RGB")).astype(int)
    expected = enlarged(shipped.render(look), look.labels, shipped.size)
    assert (np.abs(picture - expected) <= 1).mean() > 0.999

    tab.page.set_input_files("#files input[type=file]", {"name": "s.json", "mimeType": "", "buffer": session})
    tab.page.wait_for_function("() => window.garmentgen.page.work.settled()")
    assert tab.picture() == rolled and json.loads(tab.save("session")) == json.loads(session)
    tab.page.click("#make-variants")
    tab.page.wait_for_function("() => document.querySelectorAll('#variants button').length === 8")
    assert not tab.outside
    tab.context.set_offline(False)


@pytest.mark.browser
def test_a_session_of_the_demo_opens_in_the_page(tab, shipped, looks):
    look = next(look for look, _ in looks if look.scenes)
    ready(tab)
    data = {"name": "s.json", "mimeType": "", "buffer": look.to_json().encode()}
    tab.after(lambda: tab.page.set_input_files("#files input[type=file]", data))
    assert json.loads(tab.save("session")) == json.loads(look.to_json()), "the page changes nothing in it"
    tab.page.set_input_files("#files input[type=file]", {**data, "buffer": b"{}"})
    assert "format" in tab.toast()


@pytest.mark.browser
def test_cloth_chosen_by_hand_is_near_python_s(tab, shipped):
    """Colours and crops pass through a browser's own arithmetic: codes are near, not equal."""
    ready(tab)
    before = Look.from_json(tab.page.evaluate("() => window.garmentgen.page.work.state().look"))
    top, clothes = before.regions[0], before.labels != BACKGROUND
    photo = shipped.render(shipped.look(before.labels, 4))
    sent = base64.b64encode(encode_png(photo)).decode()
    ask = "([kind, args]) => window.garmentgen.page.work.ask(kind, args)"
    for kind, args, expected in (
        ("dye", {"region": top, "colour": "#b3202c"}, lambda look: shipped.dye(look, top, "#b3202c")),
        ("drape", {"region": top, "fabric": 3}, lambda look: shipped.drape(look, top, SWATCHES[3])),
        ("style", {"photo": sent, "regions": []}, lambda look: shipped.style_from_photo(look, photo, look.labels)),
    ):
        start = Look.from_json(tab.page.evaluate("() => window.garmentgen.page.work.state().look"))
        tab.after(lambda kind=kind, args=args: tab.page.evaluate(ask, [kind, args]))
        found = Look.from_json(tab.page.evaluate("() => window.garmentgen.page.work.state().look"))
        assert found.pinned == expected(start).pinned, kind
        away = np.abs(shipped.render(found).astype(int) - shipped.render(expected(start)))[clothes].mean()
        assert away < 3, f"{kind}: {away:.2f} grey levels in the mean"
    seek = "async (photo) => window.garmentgen.page.work.read('cut', { photo, box: null, whole: false })"
    box, (top, left, bottom, right) = tab.page.evaluate(seek, sent)["box"], cut_garment(photo).box
    assert np.allclose(box, np.array([top, left, bottom, right]) / shipped.size, atol=0.03)


FAKED_ADAPTER = """
const adapter = { info: { isFallbackAdapter: false } };
Object.defineProperty(navigator, "gpu", { value: { requestAdapter: async () => adapter } });
"""
FAKED_WORKER = """
import { fromBase64 } from "./look.js";

let passes = 0; // both of the proof are as they should be, the third is not
onmessage = async ({ data: { id, feeds } }) => {
  const { values, step } = (await (await fetch(new URL("model.json", import.meta.url))).json()).proof;
  const painted = new Float32Array(3 * feeds.labels.data.length);
  new Float32Array(fromBase64(values).buffer).forEach((value, k) => { painted[k * step] = value; });
  postMessage(++passes > 2 ? { id, error: "device lost" } : { id, values: painted });
};
"""


@pytest.mark.browser
def test_the_page_says_which_paints_and_paints_on_after_a_lost_device(chromium, site, shipped, tmp_path):
    """A graphics processor that gives the stored picture at once, and then no other."""
    folder = shutil.copytree(site, tmp_path / "page")
    (files,) = (path.parent for path in folder.glob("*/model.json"))
    (files / "worker.js").write_text((files / "worker.js").read_text("utf-8") + FAKED_ADAPTER, "utf-8")
    (files / "gpu.js").write_text(FAKED_WORKER, "utf-8")
    with served(folder) as address:
        tab = Tab(chromium, address, bypass_csp=True, service_workers="block", accept_downloads=True, **DESKTOP)
        tab.page.wait_for_function(f"() => {DRESSED}.includes('WebGPU')")
        tab.after(lambda: tab.page.locator("#templates button").nth(1).click())
        ready(tab)
        look = Look.from_json(tab.save("session"))
        picture = np.asarray(Image.open(io.BytesIO(tab.save("image"))).convert("RGB")).astype(int)
        tab.context.close()
    expected = enlarged(shipped.render(look), look.labels, shipped.size)
    assert (np.abs(picture - expected) <= 1).mean() > 0.999


@pytest.mark.browser
def test_the_page_allows_no_other_origin(chromium, address):
    """Its own policy, as a browser enforces it: what a script would ask of elsewhere is never sent."""
    context = chromium.new_context()
    page, asked, forbidden = context.new_page(), [], []
    context.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: forbidden.append(message.text))
    page.goto(address)
    page.wait_for_selector(".gp-painter")
    assert not [text for text in forbidden if "Content Security Policy" in text], "the page itself keeps to it"
    page.evaluate("() => fetch('http://127.0.0.2:9/').catch(() => null)")
    assert any("Content Security Policy" in text for text in forbidden)
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    context.close()


@pytest.mark.browser
def test_the_page_is_as_dark_as_the_system_until_somebody_chooses(chromium, address):
    context = chromium.new_context(color_scheme="dark", service_workers="block", bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    dark = "document.body.classList.contains('dark')"
    for scheme in ("dark", "light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"{dark} === {str(scheme == 'dark').lower()}")
    page.wait_for_selector("#regions [data-region]")
    page.click("button[data-tip=dark]")
    assert not page.evaluate(dark)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
        page.wait_for_timeout(100)  # those who listen have heard of it
        assert not page.evaluate(dark)
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_serious_for_those_who_cannot_see_it(chromium, address, device, dark):
    context = chromium.new_context(locale="zh-CN" if dark else "en-US", bypass_csp=True, **device)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#regions [data-region]")
    page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
    assert not faults(page)
    context.close()
