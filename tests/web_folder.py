"""What the tests of the static page share: its modules run in Node, looks made in both languages, a web server."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from garmentgen import Designer, Look
from garmentgen import web as package
from garmentgen.runs import to_runs

MODULES = Path(package.__file__).parent
HARNESS = Path(__file__).with_name("web_harness.mjs")
NODE = shutil.which("node")


def in_node(asks: list[list], folder: Path | None = None) -> list:
    """Answers of `web_harness.mjs`."""
    command = [str(NODE), str(HARNESS), str(MODULES), *([str(folder)] if folder else [])]
    done = subprocess.run(command, input=json.dumps(asks), capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def fifty_looks(designer: Designer, maps: list[np.ndarray]) -> list[tuple[Look, list[list]]]:
    """Looks of templates: seeds, sliders, re-rolls, locks, sides, variations; and the same steps for the page."""
    rng = np.random.default_rng(0)
    made = []
    for k in range(50):
        labels = maps[k % len(maps)]
        settings = (int(rng.integers(2**53 if k % 3 == 0 else 1000)), *map(float, rng.choice([0, 0.25, 0.5, 1], 2)))
        settings = (settings[0], 2 * settings[1], settings[2])
        runs, size = to_runs(labels), len(labels)
        look, steps = designer.look(labels, *settings), [["look", runs, size, *settings]]
        if k % 2:
            c = int(rng.choice(look.regions))
            look = designer.reroll(look, c)
            steps.append(["reroll", c])
        if k % 5 == 0:
            c, seed = int(rng.choice(look.regions)), int(rng.integers(1000))
            look = designer.look(labels, seed, *settings[1:], like=designer.lock(look, c))
            steps += [["lock", c, True], ["look", runs, size, seed, *settings[1:]]]
        if k % 7 == 3:
            look = designer.variations(labels, 8, look.seed, *settings[1:], like=look)[5]
            steps.append(["variation", 5, 8])
        if k % 2 == 0 and (apart := designer.pairs(look)):
            look = designer.reroll(look, apart[0], side="left")
            steps.append(["reroll", apart[0], "left"])
        made.append((look, steps))
    return made


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a plain web server on a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()
