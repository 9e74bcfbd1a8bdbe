"""The painter by itself at 512 px in Chromium: frames while a brush draws, traced, and how long a fill takes."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np

from ..maps import read_map
from ..painter import STYLE, encode, label_table, script
from .data import table
from .demo import CHROMIUM, FLAGS, ROOT

SIDE = 512
TEMPLATE = ROOT / "demo" / "templates" / "02_shirt.png"
DRAW = """async ([diameter, seconds]) => {
  painter.setDiameter(diameter);
  const overlay = document.querySelector(".gp-overlay"), box = overlay.getBoundingClientRect();
  overlay.setPointerCapture = () => {};
  const send = (type, x, y) => overlay.dispatchEvent(new PointerEvent(type, { pointerId: 1, bubbles: true,
    clientX: box.x + box.width * (0.5 + 0.4 * x), clientY: box.y + box.height * (0.5 + 0.4 * y) }));
  const began = performance.now();
  let frames = 0, angle = 0;
  send("pointerdown", 0, 1);
  await new Promise((done) => requestAnimationFrame(function draw() {
    for (let k = 0; k < 2; k++, angle += 0.025) send("pointermove", Math.sin(1.3 * angle), Math.cos(angle));
    frames++;
    if (performance.now() - began > 1000 * seconds) done();
    else requestAnimationFrame(draw);
  }));
  const wall = performance.now() - began;
  send("pointerup", 0, 0);
  return [frames, wall];
}"""
FILL = """() => Array.from({ length: 25 }, (_, k) => {
  painter.choose(k);
  const began = performance.now();
  painter.drawing.press([1, 1], {});
  painter.canvas.draw(painter.map.ids, painter.map.takeDirty());
  return performance.now() - began;
})"""


def bench_painter(seconds: float = 5) -> str:
    """Draw with the usual and the largest brush, two pointer events a frame; fill everything around a shirt."""
    from playwright.sync_api import sync_playwright

    rows = []
    with sync_playwright() as api:
        browser = api.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = _open(browser)
        for diameter in (SIDE // 16, SIDE // 4):
            page.evaluate(DRAW, [diameter, 1])  # warms up
            (frames, wall), cpu = _traced(browser, page, DRAW, [diameter, seconds])
            rate = f"{1000 * frames / wall:.0f} frames a second"
            rows.append((f"brush of {diameter} px", f"{rate}; a frame costs the page {cpu / frames:.1f} ms of a core"))
        page.evaluate("painter.setTool('bucket')")
        page.evaluate(FILL)
        fills, cpu = _traced(browser, page, FILL, None)
        p50, p95 = np.percentile(fills, (50, 95))
        cost = f"costs {cpu / len(fills):.0f} ms of a core"
        rows.append(("fill around the shirt, drawn", f"p50 {p50:.0f} ms, p95 {p95:.0f} ms; {cost}"))
        browser.close()
    return table(f"Painter at {SIDE} px in Chromium", ("", ""), rows)


def _open(browser):
    page = browser.new_page(viewport={"width": 900, "height": 800})
    labels, _ = read_map(TEMPLATE, SIDE)
    page.set_content(f"<!doctype html><style>{STYLE.read_text('utf-8')}</style><div id=box style='width:740px'></div>")
    options = f"{{labels: {json.dumps(label_table())}, size: {SIDE}, value: {json.dumps(encode(labels))}}}"
    mount = f"window.painter = mountPainter(document.querySelector('#box'), {options});"
    page.add_script_tag(type="module", content=f"{script()}\n{mount}")
    page.wait_for_function("window.painter !== undefined")
    return page


def _traced(browser, page, function: str, argument: list | None) -> tuple[list, float]:
    """Run a function of the page under Chromium's tracing; (its result, CPU milliseconds of the page's main thread)."""
    session = browser.new_browser_cdp_session()
    events: list[dict] = []
    ended: list[bool] = []
    session.on("Tracing.dataCollected", lambda message: events.extend(message["value"]))
    session.on("Tracing.tracingComplete", lambda _: ended.append(True))
    session.send("Tracing.start", {"traceConfig": {"includedCategories": ["toplevel"]}})
    result = page.evaluate(function, argument)
    session.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    main = {(e["pid"], e["tid"]) for e in events if e.get("args", {}).get("name") == "CrRendererMain"}
    tasks: Counter = Counter()
    for event in events:
        if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in main:
            tasks[event["pid"]] += event.get("tdur", 0) / 1000
    return result, max(tasks.values(), default=0.0)
