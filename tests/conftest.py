"""What tests share: the environment before Paddle is imported, a small prepared set, small weights with every prior."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from garmentgen import environment

hypothesis.settings.register_profile("patient", deadline=None)  # speed is never asserted
hypothesis.settings.load_profile("patient")


def pytest_configure(config):
    """What the processes that run the tests and all that they start inherit.

    Side by side, each takes its share of the cores. Graphs of throw-away weights and compiled kernels go beside
    pytest's own cache, not into the user's.
    """
    workers = getattr(config.option, "numprocesses", None) or 1
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, environment.cores() // workers)))
    os.environ.setdefault("GARMENTGEN_CACHE", str(config.cache.mkdir("garmentgen")))
    environment.tune()


LONGEST = "first_run cli web training fuzz_doors demo_work".split()
"""Half a minute and more each."""


def pytest_collection_modifyitems(items):
    """Notebooks and the longest files come first: at the end one process would wait for another."""
    order = {f"test_{name}.py": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: -1 if item.path.suffix == ".ipynb" else order.get(item.path.name, len(LONGEST)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Whole files go to whichever process is free, all notebooks to one: each uses what those before it made."""
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "notebooks" if ".ipynb::" in nodeid else super()._split_scope(nodeid)

    return Files(config, log)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """Twelve drawn garments, prepared at 64 px."""
    from garmentgen.data.prepare import prepare
    from garmentgen.synthetic import write_synthetic_set

    folder = tmp_path_factory.mktemp("drawn")
    write_synthetic_set(folder / "raw", 12, 160, 0)
    prepare(folder / "raw", folder / "prepared", size=64, workers=1, progress=lambda *_: None)
    return folder / "prepared"


@pytest.fixture(scope="session")
def designer():
    """An untrained Designer of 64 px in dynamic mode; treat it as read-only."""
    from garmentgen import Designer

    return Designer.random("tiny")


@pytest.fixture(scope="session")
def weights_file(designer, tmp_path_factory) -> Path:
    """The designer's networks as a weights file that also holds a Gaussian, a bank and a flow."""
    import paddle

    from garmentgen.checkpoint import save_weights, to_arrays
    from garmentgen.labels import find
    from garmentgen.priors.bank import Garment, fit_bank
    from garmentgen.priors.files import bank_part, gaussian_part
    from garmentgen.priors.flow import build_velocity
    from garmentgen.priors.gaussian import fit_gaussian

    paddle.seed(1)
    rng = np.random.default_rng(1)
    top, sleeve, pants = (find(name).id for name in ("top", "sleeve", "pants"))
    grid = designer.config.grid
    mains = [top, pants] * 6
    codes = [
        {
            c: rng.standard_normal((8, grid, grid), dtype=np.float32)
            for c in ((top, sleeve) if main == top else (pants,))
        }
        for main in mains
    ]
    bank = [Garment(main, one, {c: (8, 8, 56, 56) for c in one}) for main, one in zip(mains, codes, strict=True)]
    parts = {
        "encoder": to_arrays(designer.networks.encoder),
        "generator": to_arrays(designer.engine.net),
        "prior_gaussian": gaussian_part(fit_gaussian(codes, rank=4)),
        "prior_bank": bank_part(fit_bank(bank)),
        "prior_flow": to_arrays(build_velocity(designer.config)),
    }
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_weights(path, designer.config, parts, {"images": 0, "prior": "gaussian"})
    return path


@pytest.fixture(scope="module")
def chromium():
    """A running browser, driven as `garmentgen.bench.demo` drives it."""
    from playwright.sync_api import sync_playwright

    from garmentgen.bench.demo import CHROMIUM, FLAGS

    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium here")
    with sync_playwright() as api:
        browser = api.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
