"""Notebook 4 in JupyterLab and a real browser: the painter, and the desk where the front end lacks anywidget."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from demo_tab import free_port

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api")
pytest.importorskip("jupyterlab")
pytest.importorskip("anywidget")

ROOT = Path(__file__).parents[1]
PICTURE = """async () => {
  const image = document.querySelector('img.garment');
  const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
  return bytes.length + ':' + bytes.reduce((sum, byte, i) => (sum * 31 + byte + i) % 1000000007, 7);
}"""
"""A fingerprint of the garment on the desk."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory, weights_file) -> Iterator[Callable[[bool], str]]:
    """Starts JupyterLab on a copy of notebook 4, with or without anywidget's front end; gives its address."""
    servers: list[subprocess.Popen] = []

    def start(painter: bool) -> str:
        home = tmp_path_factory.mktemp("lab")
        write_notebook(home / "work" / "04_design.ipynb")
        off = {"@jupyterlab/apputils-extension:announcements": True} | ({} if painter else {"anywidget": True})
        (home / "config" / "labconfig").mkdir(parents=True)
        (home / "config" / "labconfig" / "page_config.json").write_text(json.dumps({"disabledExtensions": off}))
        places = ("JUPYTER_CONFIG_DIR", "config"), ("JUPYTER_DATA_DIR", "data"), ("JUPYTER_RUNTIME_DIR", "runtime")
        lab_places = ("JUPYTERLAB_SETTINGS_DIR", "settings"), ("JUPYTERLAB_WORKSPACES_DIR", "workspaces")
        environment = os.environ | {name: str(home / folder) for name, folder in (*places, *lab_places)}
        environment |= {
            "IPYTHONDIR": str(home / "ipython"),
            "PYTHONPATH": str(ROOT),
            "GARMENTGEN_WEIGHTS": str(weights_file),
            "GARMENTGEN_NOTEBOOK_WORK": str(home / "runs"),
        }
        address = f"http://127.0.0.1:{free_port()}"
        command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--expose-app-in-browser"]
        settings = {"port": address.rsplit(":")[-1], "open_browser": "False", "root_dir": str(home / "work")}
        options = [f"--ServerApp.{name}={value}" for name, value in settings.items()]
        with (home / "log").open("w") as log:
            servers.append(
                subprocess.Popen(
                    [*command, *options, "--IdentityProvider.token="], env=environment, stdout=log, stderr=log
                )
            )
        wait_for(address, servers[-1], home / "log")
        return address

    yield start
    for server in servers:
        server.terminate()
    for server in servers:
        server.wait(30)


def write_notebook(path: Path) -> None:
    """Notebook 4 up to the desk and the cell that paints a rectangle; what follows is run by nbmake."""
    notebook = json.loads((ROOT / "notebooks" / "04_design.ipynb").read_text("utf-8"))
    last = max(n for n, cell in enumerate(notebook["cells"]) if "desk.paint_rect" in "".join(cell["source"]))
    notebook["cells"] = notebook["cells"][: last + 1]
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), "utf-8")


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5).read()
            return
        except (urllib.error.URLError, OSError):
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1500, "height": 1100})
    page = context.new_page()
    page.set_default_timeout(120_000)
    yield page
    context.close()


def open_and_run(page, address: str) -> None:
    """Open the notebook and run all its cells, as `Run All Cells` does; wait until the last one is done."""
    page.goto(f"{address}/lab/tree/04_design.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    )
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    page.wait_for_selector("img.garment", state="attached")
    page.wait_for_selector(".jp-Notebook .jp-RenderedImage img", state="attached")  # paint_rect's figure


def garment_once(page, wanted: Callable[[str], bool]) -> str:
    """Wait until the garment is as wanted."""
    for _ in range(600):
        garment = page.evaluate(PICTURE)
        if wanted(garment):
            return garment
        page.wait_for_timeout(100)
    pytest.fail("the garment did not change as expected")


def test_a_stroke_changes_the_garment(page, lab):
    open_and_run(page, lab(True))
    overlay = page.locator(".gp-overlay")
    overlay.wait_for()
    overlay.scroll_into_view_if_needed()
    before, traced = page.evaluate(PICTURE), page.get_attribute("img.gp-underlay", "src")
    box = overlay.bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.6 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.9 * box["height"], steps=6)
    page.mouse.up()
    garment_once(page, lambda now: now != before)
    page.wait_for_function(
        "before => document.querySelector('img.gp-underlay').getAttribute('src') !== before", arg=traced
    )
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.keyboard.press("b")  # the brush; in JupyterLab's own keys it inserts a cell
    page.keyboard.press("Control+z")
    garment_once(page, lambda now: now == before)  # undone
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_without_the_front_end_the_sliders_serve(page, lab):
    open_and_run(page, lab(False))
    page.wait_for_timeout(1000)
    assert page.locator(".gp-painter").count() == 0
    assert page.locator("text=paint_rect 单元格").first.is_visible()
    assert page.locator(".widget-image").count() == 2  # map and garment
    before = page.evaluate(PICTURE)
    handle = page.locator(".widget-slider .noUi-handle").first
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    slid = garment_once(page, lambda now: now != before)
    page.locator(".widget-dropdown select").first.select_option("outfit")
    garment_once(page, lambda now: now not in (before, slid))
