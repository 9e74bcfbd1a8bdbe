"""The encoder by its graph: it reads as the network reads, without Paddle; one that is not its own is not used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_maps import outfit, photo_of

from garmentgen import Designer, dressing
from garmentgen.geometry import regions
from garmentgen.inference import shipped_weights
from garmentgen.reader import Reader

DYE = """
import sys
from garmentgen import Designer
designer = Designer.load()
look = designer.look(designer.read_map(sys.argv[1])[0], 3)
print(len(designer.dye(look, look.regions[0], "#336699").pinned), "paddle" in sys.modules)
"""


@pytest.fixture(scope="module")
def shipped() -> Designer:
    return Designer.load()


def test_the_shipped_graph_reads_what_the_network_reads(shipped, monkeypatch):
    """Which also proves that weights/lite-encoder.onnx is of these weights and of this code."""
    monkeypatch.setattr(dressing, "CORRECTIONS", 0)  # what is painted by two engines rounds otherwise in places
    size = shipped.sizes[0]
    labels = outfit(size)
    photo = photo_of(labels)
    by_graph, by_network = (one.encode(photo, labels) for one in (shipped, Designer.load(engine="dynamic")))
    assert by_graph.keys() == by_network.keys() and len(by_graph) > 2
    assert max(np.abs(by_graph[c] - by_network[c]).max() for c in by_graph) < 0.01
    assert "encoder" not in vars(shipped.networks), "the shipped graph was not believed: make graph"


def test_a_dye_needs_no_paddle():
    template = Path(__file__).parents[1] / "demo" / "templates" / "02_shirt.png"
    done = subprocess.run([sys.executable, "-c", DYE, str(template)], capture_output=True, text=True)
    assert done.stdout.split() == ["1", "False"], done.stderr


def test_a_graph_of_other_weights_is_told_and_the_network_reads(shipped, designer, caplog):
    reader = Reader(designer.networks, shipped.engine, shipped_weights())
    found = regions(photo_of(outfit())[None], outfit()[None], designer.config.crop, designer.config.grid)
    assert np.array_equal(reader(found), designer.reader(found))
    assert "encoder: slower" in caplog.text and "other weights" in caplog.text
