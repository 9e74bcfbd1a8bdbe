"""What the benches say where something is missing, and what they print beside the figures."""

from __future__ import annotations

import pytest

from garmentgen import bench
from garmentgen.bench import demo


@pytest.mark.parametrize("what", ["demo", "painter", "web"])
def test_without_a_browser_a_sentence_takes_the_place_of_the_figures(what, monkeypatch, tmp_path):
    """`make bench` runs where `make demo` does, without playwright: its other rows go on."""
    monkeypatch.setattr(demo.importlib.util, "find_spec", lambda name: None)
    assert "make test installs it" in bench.run(what) and "\n" not in bench.run(what)
    monkeypatch.undo()
    monkeypatch.setattr(demo, "CHROMIUM", str(tmp_path / "none"))
    assert "apt-get install chromium" in bench.run(what)


def test_the_demos_benches_say_which_engine_painted(monkeypatch, tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "__init__.py").touch()
    (tmp_path / "demo" / "__main__.py").write_text(
        "import http.server, sys\n"
        "print('engine: OpenVINO 1.2, float32, 2 threads on a processor', flush=True)\n"
        "http.server.HTTPServer(('127.0.0.1', int(sys.argv[-1])), http.server.SimpleHTTPRequestHandler).serve_forever()"
    )
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    with demo.demo_server() as server:
        assert server.engine == "engine: OpenVINO 1.2, float32, 2 threads on a processor" and server.pid > 0
