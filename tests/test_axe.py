"""The page under axe-core's rules, WCAG 2.2 A and AA and its best practices: nothing serious, nothing critical."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api")
pytest.importorskip("gradio")
from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from demo_tab import PATIENCE, served  # noqa: E402
from PIL import Image  # noqa: E402

DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(2) as studio:
        yield f"http://127.0.0.1:{studio.port}/"


def faults(page) -> list[str]:
    """What axe-core calls serious or critical: rule, what it asks for, the elements and what is wrong with each."""
    page.wait_for_timeout(400)  # colours that fade in are judged when they are there
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_serious(chromium, address, device, dark):
    context = chromium.new_context(locale="en-US", color_scheme="dark" if dark else "light", **device)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.wait_for_selector(".gp-painter")
    page.wait_for_selector("#regions [data-region]")
    page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
    wrong = {"as it opens": faults(page)}
    for tab in page.get_by_role("tab").all() if device is DESKTOP else ():  # one page: a phone only lays it out anew
        if tab.is_visible():
            tab.click()
            wrong[tab.inner_text()] = faults(page)
    page.click("#tab-style")
    photo = np.full((120, 90, 3), 230, np.uint8)
    photo[30:90, 20:70] = (40, 60, 150)
    data = io.BytesIO()
    Image.fromarray(photo).save(data, "PNG")
    file = {"name": "photo.png", "mimeType": "image/png", "buffer": data.getvalue()}
    page.set_input_files("#photo input[type=file]", file)  # type: ignore[arg-type]
    page.wait_for_selector("#taken img[src]")
    page.locator("#regions button[data-tip=partSides]").first.click()
    page.locator(".gr-side button[data-tip=cloth]").first.click()
    wrong["a photo, a pair's sides and a cloth"] = faults(page)
    for name in ("help", "smooth"):
        page.click(f"button[data-tool={name}]")
        wrong[name] = faults(page)
    page.keyboard.press("Escape")
    page.click("button[data-tool=select]")
    page.fill(".gp-search", "no such thing")
    wrong["search"] = faults(page)
    context.close()
    assert not {where: list_ for where, list_ in wrong.items() if list_}
