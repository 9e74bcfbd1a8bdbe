"""The static graph: same picture, cached once, and any fault of it costs speed only."""

from __future__ import annotations

import threading
import warnings

import numpy as np
import paddle
import pytest
from small_maps import outfit

from garmentgen import Designer, engine
from garmentgen.engine import Engine


@pytest.fixture(scope="module")
def pair(weights_file, tmp_path_factory):
    """(static, dynamic) Designers of one file, and the cache folder."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GARMENTGEN_CACHE", str(cache))
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a fallback would warn
            static = Designer.load(weights_file)
    return static, Designer.load(weights_file, static=False), cache


def test_static_and_dynamic_pictures_agree_to_one_grey_level(pair):
    static, dynamic, _ = pair
    assert static.engine.predictor is not None and dynamic.engine.predictor is None
    for labels in (outfit(), np.roll(outfit(), 9, 1), np.full((64, 64), 3, np.uint8)):
        look = dynamic.look(labels, seed=3, diversity=1.5)
        difference = np.abs(static.render(look).astype(int) - dynamic.render(look))
        assert (difference <= 1).mean() >= 0.999
        assert np.array_equal(static.render(look), static.render(look))


def test_the_graph_is_exported_once(pair, weights_file, monkeypatch):
    static, _, cache = pair
    before = sorted(p.name for p in cache.iterdir())
    assert len(before) == 1 and (cache / before[0] / "graph.json").exists()
    monkeypatch.setenv("GARMENTGEN_CACHE", str(cache))
    monkeypatch.setattr(engine, "export_graph", lambda *_: pytest.fail("exported again"))
    again = Designer.load(weights_file)
    assert np.array_equal(again.generate(outfit()), static.generate(outfit()))
    assert sorted(p.name for p in cache.iterdir()) == before


def test_the_network_still_runs_in_dynamic_mode_after_its_export(pair):
    static, dynamic, _ = pair
    look = dynamic.look(outfit())
    inputs = [paddle.to_tensor(v) for v in static.inputs(look)]
    with paddle.no_grad():
        np.testing.assert_allclose(static.engine.net(*inputs).numpy(), dynamic.engine(*dynamic.inputs(look)), atol=1e-5)


class Double(paddle.nn.Layer):
    def forward(self, x):
        return x * 2.0  # [N]


@pytest.mark.parametrize("broken", ["_exported", "_predictor"])
def test_a_fault_of_the_graph_warns_and_goes_on(broken, monkeypatch, tmp_path):
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path))

    def fail(*_):
        raise RuntimeError("no such operator")

    monkeypatch.setattr(engine, broken, fail)
    with pytest.warns(UserWarning, match="static graph unavailable.*no such operator"):
        made = Engine(Double(), [np.ones(3, np.float32)], "double")
    assert made(np.array([1, 2, 5], np.float32)).tolist() == [2, 4, 10]


def test_a_damaged_cache_warns_and_goes_on(monkeypatch, tmp_path):
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path))
    example = [np.ones(3, np.float32)]
    Engine(Double(), example, "double")
    (tmp_path / next(p.name for p in tmp_path.iterdir()) / "graph.json").write_text("{")
    with pytest.warns(UserWarning, match="static graph unavailable"):
        made = Engine(Double(), example, "double")
    assert made(np.array([4], np.float32)).tolist() == [8]


def test_another_network_or_shape_is_another_graph(monkeypatch, tmp_path):
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path))
    Engine(Double(), [np.ones(3, np.float32)], "double")
    Engine(Double(), [np.ones(4, np.float32)], "double")
    Engine(Double(), [np.ones(4, np.float32)], "other")
    assert len(list(tmp_path.iterdir())) == 3


def test_free_axes_take_any_length(monkeypatch, tmp_path):
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path))
    made = Engine(Double(), [np.ones((2, 3), np.float32)], "double", free=[(0, 0)])
    assert made.predictor is not None
    assert made(np.ones((5, 3), np.float32)).tolist() == [[2.0] * 3] * 5


def test_every_source_of_a_network_names_its_graph():
    """A changed network must never meet a stale graph: the flow and the plain layers count, not only models/."""
    folder = engine.Path(engine.__file__).parent
    needed = {folder / "flow.py", folder / "native" / "plain.py", *(folder / "models").glob("*.py")}
    assert needed <= set(engine.network_sources())


def test_two_threads_share_the_static_graph(pair):
    static, _, _ = pair
    looks = [static.look(np.roll(outfit(), k, 1), seed=k) for k in range(4)]
    alone = [static.render(look) for look in looks]
    got: dict[int, list] = {0: [], 1: []}

    def work(which: int) -> None:
        for _ in range(3):
            got[which] += [static.render(look) for look in looks[which::2]]

    threads = [threading.Thread(target=work, args=(k,)) for k in got]
    [t.start() for t in threads]
    [t.join() for t in threads]
    for which, pictures in got.items():
        assert all(np.array_equal(p, alone[which::2][k % 2]) for k, p in enumerate(pictures)) and len(pictures) == 6


@pytest.mark.parametrize("static", [True, False])
def test_one_thread_does_the_work_whoever_asks(static, monkeypatch, tmp_path):
    """Paddle keeps its buffers for every thread that ever ran a graph: a server's many workers must not run it."""
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path))
    made, seen = Engine(Double(), [np.ones(3, np.float32)], "double", static), []
    plain = made._run
    monkeypatch.setattr(made, "_run", lambda inputs: (seen.append(threading.get_ident()), plain(inputs))[1])
    threads = [threading.Thread(target=made, args=(np.ones(3, np.float32),)) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert made(np.ones(3, np.float32)).tolist() == [2.0] * 3
    assert len(seen) == 5 and len(set(seen)) == 1 and threading.get_ident() not in seen


def test_what_fails_on_the_engines_thread_is_told_to_the_caller():
    made = Engine(Double(), [np.ones(3, np.float32)], "double", static=False)
    with pytest.raises(ZeroDivisionError):
        made.alone(lambda: 1 // 0)
    assert made(np.ones(3, np.float32)).tolist() == [2.0] * 3
