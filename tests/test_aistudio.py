"""The entry that AI Studio runs."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

pytest.importorskip("gradio")
import demo.__main__

ENTRY = Path(__file__).parents[1] / "main.gradio.py"


@pytest.fixture
def served(monkeypatch, weights_file) -> list[tuple]:
    """Where the entry serves, instead of serving; the environment as AI Studio's, and afterwards as it was."""
    calls: list[tuple] = []
    monkeypatch.setattr(demo.__main__, "serve", lambda studio, host, port, root, mcp: calls.append((host, port, root)))
    monkeypatch.setattr(os, "environ", os.environ.copy())
    for name in ("GRADIO_SERVER_NAME", "GRADIO_ROOT_PATH"):
        os.environ.pop(name, None)
    os.environ |= {"GARMENTGEN_WEIGHTS": str(weights_file), "GRADIO_SERVER_PORT": "18764"}
    monkeypatch.setattr("sys.argv", ["main.gradio.py", "--an-option-of-the-platform"])
    return calls


def test_it_listens_to_the_outside_below_the_platform_s_prefix(served):
    os.environ |= {"STUDIO_MODEL_API_URL_PREFIX": "https://studio.example", "JUPYTERHUB_SERVICE_PREFIX": "/user/9/"}
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ENTRY), run_name="__main__")
    assert end.value.code == 0
    assert served == [("0.0.0.0", 18764, "https://studio.example/user/9/gradio/18764")]


def test_the_user_s_own_address_wins(served):
    os.environ["GRADIO_SERVER_NAME"] = "127.0.0.1"
    with pytest.raises(SystemExit):
        runpy.run_path(str(ENTRY), run_name="__main__")
    assert served[0][0] == "127.0.0.1"
