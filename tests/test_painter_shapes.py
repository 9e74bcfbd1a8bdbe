"""The painter's pure functions, run in the browser: cases on paper, brute force in NumPy, and the picture they make."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from garmentgen import BACKGROUND
from garmentgen.painter import decode, encode, script

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api")

NAMES = (
    "encodeMap decodeMap MapDocument capsule rectangle polygon smoothOutline area components surrounding smoothEdges "
    "maskOf placeMask LabelRaster clampView"
)


@pytest.fixture(scope="module")
def js(chromium):
    """Runs an expression of the painter's functions; `ids` are sent as a list."""
    page = chromium.new_page()
    page.set_content("<!doctype html><title>functions</title>")
    page.add_script_tag(type="module", content=f"{script()}\nObject.assign(window, {{{', '.join(NAMES.split())}}});")
    page.wait_for_function("window.clampView !== undefined")
    yield page.evaluate
    page.close()


SHAPE = """([size, call]) => {
  const rows = Array.from({length: size * size}, () => 0);
  const span = (y, left, right) => {
    for (let x = Math.max(0, left); x < Math.min(size, right); x++) if (y >= 0 && y < size) rows[y * size + x] += 1;
  };
  new Function("span", "size", "return " + call)(span, size);
  return rows;
}"""


def filled(js, size: int, call: str) -> np.ndarray:
    """How often each pixel of a size x size map is set by a shape."""
    return np.array(js(SHAPE, [size, call])).reshape(size, size)


def blocks(size: int, seed: int, classes: int = 4) -> np.ndarray:
    """Random rectangles of a few classes."""
    rng = np.random.default_rng(seed)
    ids = np.full((size, size), BACKGROUND, np.uint8)
    for _ in range(20):
        top, left = rng.integers(0, size - 4, 2)
        height, width = rng.integers(2, size // 2, 2)
        ids[top : top + height, left : left + width] = rng.integers(0, classes)
    return ids


@pytest.mark.parametrize("size", [8, 64, 256, 512])
def test_a_map_goes_to_python_and_back(js, size):
    ids = blocks(size, size)
    text = js("([text, size]) => encodeMap(decodeMap(text, size), size)", [encode(ids), size])
    assert text == encode(ids)
    np.testing.assert_array_equal(decode(text, size), ids)
    assert js(
        "([text, size]) => { try { decodeMap(text, 2 * size) } catch (error) { return error.message } }", [text, size]
    ) == (f"a map of {2 * size} x {2 * size} was expected, but this one is {size} x {size}")


def test_a_brush_stroke_covers_the_pixels_whose_centres_are_near_it(js):
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:40, 0:40] + 0.5
    for radius in (0.5, 1, 2.5, 7, 16):
        for _ in range(6):
            a, b = rng.uniform(-6, 46, (2, 2)).round(3)
            along = np.clip(((x - a[0]) * (b[0] - a[0]) + (y - a[1]) * (b[1] - a[1])) / ((b - a) ** 2).sum(), 0, 1)
            near = np.hypot(x - a[0] - along * (b[0] - a[0]), y - a[1] - along * (b[1] - a[1])) <= radius
            column, row = np.floor(b).astype(int)
            if 0 <= row < 40 and 0 <= column < 40:
                near[row, column] = True
            got = filled(js, 40, f"window.capsule({a.tolist()}, {b.tolist()}, {radius}, span)")
            np.testing.assert_array_equal(got > 0, near)


def test_rectangle_and_polygon_on_paper(js):
    got = filled(js, 6, "window.rectangle([4.9, 3.2], [1.1, 1.9], span)")
    want = np.zeros((6, 6), int)
    want[1:4, 1:5] = 1
    np.testing.assert_array_equal(got, want)
    got = filled(js, 6, "window.polygon([[1, 1], [5, 1], [5, 5]], size, span)")
    assert [row.nonzero()[0].tolist() for row in got] == [[], [1, 2, 3, 4], [2, 3, 4], [3, 4], [4], []]
    bow = filled(js, 6, "window.polygon([[0, -0.2], [6, 6.2], [6, -0.2], [0, 6.2]], size, span)")
    assert bow.max() == 1 and (bow == bow[:, ::-1]).all() and bow[3, 0] and not bow[0, 3]


def test_a_curve_goes_through_its_points_and_closes(js):
    angles = np.arange(6) * np.pi / 3
    points = np.stack([30 + 20 * np.cos(angles), 30 + 20 * np.sin(angles)], 1)
    path = np.array(js("points => smoothOutline(points)", points.tolist()))
    assert len(path) == 6 * 16
    np.testing.assert_allclose(path[::16], points, atol=1e-9)
    radii = np.hypot(*(path - 30).T)
    assert abs(radii - 20).max() < 0.6  # the polygon's edges come as near as 17.3
    assert np.hypot(*(path - np.roll(path, 1, 0)).T).max() < 1.6  # no jump, at the end neither
    twice = js("points => smoothOutline(points)", [[1, 1], [1, 1], [5, 1], [5, 4]])
    assert np.isfinite(np.array(twice)).all() and len(twice) == 3 * 16  # a double click is one corner
    for few in ([[1, 1], [2, 2]], [[1, 1], [1, 1]], [[3, 3]]):
        assert js("points => smoothOutline(points)", few) == few


@pytest.mark.parametrize("seed", range(3))
def test_parts_are_those_of_opencv(js, seed):
    ids = blocks(48, seed)
    for label in range(4):
        count, areas, stats, centres = cv2.connectedComponentsWithStats((ids == label).astype(np.uint8), connectivity=4)
        parts = js(
            "([ids, id]) => components(Uint8Array.from(ids), 48, id).map((p) => ({...p, pixels: [...p.pixels]}))",
            [ids.ravel().tolist(), label],
        )
        assert len(parts) == count - 1
        sizes = [len(part["pixels"]) for part in parts]
        assert sizes == sorted(sizes, reverse=True)
        for part in parts:
            rows, columns = np.divmod(part["pixels"], 48)
            number = areas[rows[0], columns[0]]
            assert set(part["pixels"]) == set(np.flatnonzero(areas.ravel() == number))
            left, top, width, height, _ = stats[number]
            assert part["box"] == [left, top, left + width, top + height]
            np.testing.assert_allclose(part["centre"], centres[number] + 0.5)
            start = [int(columns[0]), int(rows[0])]
            flood = js("([ids, at]) => [...area(Uint8Array.from(ids), 48, ...at)]", [ids.ravel().tolist(), start])
            assert sorted(flood) == sorted(part["pixels"])


def smoothed(js, ids: np.ndarray, radius: int, only: int | None = None) -> np.ndarray:
    size = len(ids)
    flat = js(
        "([ids, size, radius, only]) => [...smoothEdges(Uint8Array.from(ids), size, radius, only)]",
        [ids.ravel().tolist(), size, radius, only],
    )
    return np.array(flat, np.uint8).reshape(size, size)


def test_smoothing_takes_steps_away_and_leaves_straight_edges_and_straps(js):
    y, x = np.mgrid[0:96, 0:96]
    straight = np.where(x < 40, 1, BACKGROUND).astype(np.uint8)
    np.testing.assert_array_equal(smoothed(js, straight, 2), straight)
    line = (x - 48) * 0.5 + 48  # the outline as drawn: 8 pixels wide steps, 4 high, along y = line
    steps = np.where(y < (x // 8 * 8 + 4 - 48) * 0.5 + 48, 1, BACKGROUND).astype(np.uint8)
    ideal = np.where(y + 0.5 < line, 1, BACKGROUND)
    after = smoothed(js, steps, 2)
    inner = np.s_[16:80, 16:80]
    assert (after != ideal)[inner].sum() < 0.6 * (steps != ideal)[inner].sum()
    strap = straight.copy()
    strap[20, 50:90] = 2  # one pixel high: a majority would erase it
    np.testing.assert_array_equal(smoothed(js, strap, 2), strap)


def test_smoothing_one_class_changes_pixels_from_and_to_it_alone(js):
    ids = blocks(64, 7)
    after = smoothed(js, ids, 1, 2)
    changed = after != ids
    assert changed.any() and ((ids == 2) | (after == 2))[changed].all()
    assert (smoothed(js, ids, 1) != ids).sum() > changed.sum()


PLACED = """([size, pixels, placed]) => {
  const found = [];
  placeMask(maskOf(pixels, size), placed, size, (y, left, right) => {
    for (let x = left; x < right; x++) found.push(y * size + x);
  });
  return found.sort((a, b) => a - b);
}"""


def test_a_region_is_laid_down_as_it_was_moved_doubled_and_turned_exactly(js):
    mask = np.zeros((32, 32), bool)
    mask[4:12, 6:10] = True
    mask[4:6, 10:14] = True
    pixels = np.flatnonzero(mask).tolist()
    centre = [(6 + 14) / 2, (4 + 12) / 2]

    def place(dx=0.0, dy=0.0, scale=(1, 1), angle=0.0) -> np.ndarray:
        placed = {"centre": [centre[0] + dx, centre[1] + dy], "scale": list(scale), "angle": angle}
        out = np.zeros(32 * 32, bool)
        out[js(PLACED, [32, pixels, placed])] = True
        return out.reshape(32, 32)

    np.testing.assert_array_equal(place(), mask)
    np.testing.assert_array_equal(place(5, 9), np.roll(mask, (9, 5), (0, 1)))
    box = mask[4:12, 6:14]
    quarter = place(angle=np.pi / 2)  # clockwise on the screen
    np.testing.assert_array_equal(quarter[4:12, 6:14], np.rot90(box, -1))
    doubled = place(2, 6, (2, 2))
    want = box.repeat(2, 0).repeat(2, 1)
    assert (doubled[6:22, 4:20] != want).sum() <= 12 and doubled.sum() == doubled[
        6:22, 4:20
    ].sum()  # but for its corners
    assert place(-40, 0).sum() == 0 and place(-12, 0).any()


def test_what_a_region_leaves_behind_takes_the_class_around_it(js):
    ids = np.full((16, 16), BACKGROUND, np.uint8)
    ids[2:14, 2:10] = 1
    ids[5:8, 4:7] = 2  # a pocket on the shirt
    ids[4:12, 10:12] = 3  # a sleeve beside it
    ids[0:2, 0:3] = 4  # in the corner of the map
    around = (
        "([ids, id]) => surrounding(Uint8Array.from(ids), 16, components(Uint8Array.from(ids), 16, id)[0].pixels, 255)"
    )
    assert [js(around, [ids.ravel().tolist(), id]) for id in (2, 3, 4)] == [1, BACKGROUND, BACKGROUND]


def test_steps_lead_back_and_forth_exactly_and_their_memory_is_bounded(js):
    report = js("""() => {
      const size = 512, map = new MapDocument(size), states = [encodeMap(map.ids, size)];
      let seed = 1;
      const random = (n) => (seed = (seed * 16807) % 2147483647) % n;
      for (let k = 0; k < 40; k++) {
        map.edit(() => capsule([random(size), random(size)], [random(size), random(size)], 1 + random(60),
          (y, left, right) => map.span(y, left, right, random(46), random(3) ? null : 255)));
        states.push(encodeMap(map.ids, size));
      }
      const nothing = map.edit(() => map.put([0], map.ids[0]));
      let exact = !nothing;
      for (let k = 39; k >= 0; k--) exact = exact && map.undo() && encodeMap(map.ids, size) === states[k];
      exact = exact && !map.undo();
      for (let k = 1; k <= 40; k++) exact = exact && map.redo() && encodeMap(map.ids, size) === states[k];
      for (let k = 0; k < 60; k++)
        map.edit(() => map.copy(Uint8Array.from(map.ids, () => random(46))));
      const numbers = map.past.reduce((sum, step) => sum + step.runs.length, 0);
      map.begin();
      map.span(3, 5, 9, 7);
      const painted = encodeMap(map.ids, size);
      map.revert();
      return {exact, numbers, steps: map.past.length, reverted: encodeMap(map.ids, size) !== painted && !map.commit()};
    }""")
    assert report["exact"] and report["reverted"]
    assert report["numbers"] <= 2**21 and 1 <= report["steps"] <= 100


RASTER = """([ids, size, side, view]) => {
  const colors = new Uint8Array(768).map((_, k) => (k < 765 ? (k * 97) % 256 : 0));
  const raster = new LabelRaster(size, colors), pixels = new Uint32Array(side * side);
  raster.setView(view, side);
  raster.mark(Uint8Array.from(ids), [0, 0, size, size]);
  raster.draw(Uint8Array.from(ids), pixels, [0, 0, side, side]);
  return [...pixels];
}"""


def drawn(js, ids: np.ndarray, side: int, scale: float = 1.0, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    """The screen's pixels, uint8 RGBA [side, side, 4]."""
    view = {"scale": scale, "x": x, "y": y}
    pixels = js(RASTER, [ids.ravel().tolist(), len(ids), side, view])
    return np.array(pixels, np.uint32).view(np.uint8).reshape(side, side, 4)


def test_outlines_are_smooth_where_the_map_has_steps(js):
    y, x = np.mgrid[0:64, 0:64] + 0.5
    for slope, shift in ((0.5, 0.25), (1.0, 0.5), (0.3, 0.05)):  # shift: the line lies midway between pixels
        ids = np.where(y - 32 < slope * (x - 32) + shift, 1, BACKGROUND).astype(np.uint8)
        picture = drawn(js, ids, 256, 2, 0.25, 0.25)  # 8 pixels of the screen to one of the map
        v, u = np.mgrid[0:256, 0:256]
        off = ((v + 0.5) / 8 - 16 - slope * ((u + 0.5) / 8 - 16) - shift) / np.hypot(1, slope)
        inside = picture[..., 3] > 127
        wrong = np.abs(off[inside != (off < 0)])
        assert wrong.max(initial=0) < 0.3  # of the map's pixels; its own steps go up to 0.7
        soft = (picture[..., 3] > 10) & (picture[..., 3] < 245)
        assert np.abs(off[soft]).max() < 0.35  # sharp: blurred by about a pixel of the screen


@pytest.mark.parametrize("upright", [False, True])
def test_a_seam_with_steps_far_apart_is_straight(js, upright):
    y, x = np.mgrid[0:128, 0:128] + 0.5
    ids = np.where(y - 64 < (x - 64) / 25, 1, BACKGROUND).astype(np.uint8)  # a step every 25 pixels
    picture = drawn(js, ids.T if upright else ids, 256, 2, 0.25, 0.25)  # 4 pixels of the screen to one of the map
    inside = picture[..., 3].T > 127 if upright else picture[..., 3] > 127
    edge = inside.sum(0) / 4 + 32  # by columns, in the map's pixels
    line = 64 + (np.arange(256) / 4 + 32 - 64) / 25
    assert np.abs(edge - line).max() < 0.3  # 0.5 and more in the map itself
    assert np.abs(np.diff(edge)).max() <= 0.25  # nowhere more than one pixel of the screen


def test_single_pixels_and_lines_stay_seen(js):
    ids = np.full((32, 32), 3, np.uint8)
    ids[8, 8] = ids[20, 4:28] = ids[4:14, 24] = 7
    ids[0, 0] = 9
    picture = drawn(js, ids, 320)
    colors = picture.view(np.uint32)[..., 0]
    body, other, corner = colors[155, 155], colors[205, 150], colors[2, 2]
    assert len({int(body), int(other), int(corner)}) == 3
    assert colors[85, 85] == other and colors[95, 245] == other and (colors[205, 50:270] == other).all()
    again = drawn(js, np.where(ids == 3, BACKGROUND, ids).astype(np.uint8), 320)
    assert again[85, 85, 3] == 255 and again[155, 155, 3] == 0


def test_far_from_outlines_every_pixel_has_its_class(js):
    ids = blocks(64, 11, classes=8)
    near = cv2.dilate(
        (cv2.erode(ids, np.ones((3, 3))) != cv2.dilate(ids, np.ones((3, 3)))).astype(np.uint8), np.ones((3, 3))
    )
    picture = drawn(js, ids, 256)
    picture[picture[..., 3] == 0] = 0  # clear in any colour
    centres = picture.view(np.uint32)[2::4, 2::4, 0]
    for label in np.unique(ids):
        sure = (ids == label) & (near == 0)
        assert len(np.unique(centres[sure])) <= 1


def test_a_view_stays_on_the_map(js):
    views = [{"scale": 0.2, "x": 3, "y": -1}, {"scale": 4, "x": 0.9, "y": 0.5}, {"scale": 99, "x": 0, "y": 0}]
    clamp = js("views => views.map(clampView)", views)
    assert clamp == [{"scale": 1, "x": 0, "y": 0}, {"scale": 4, "x": 0.75, "y": 0.5}, {"scale": 16, "x": 0, "y": 0}]
