"""The engines: one picture whichever runs, none believed unseen, and any fault of one costs speed and a line only."""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
from pathlib import Path

import numpy as np
import paddle
import pytest
from small_maps import outfit

from garmentgen import Designer, UserError
from garmentgen.engine import Engine, agreement, onnx_graph, openvino_graph, paddle_graph


class Double(paddle.nn.Layer):
    def forward(self, x):
        return x * 2.0  # [N]


EXAMPLES = [[np.ones(3, np.float32)], [np.arange(3, dtype=np.float32)]]


@pytest.fixture(scope="module")
def doubles_graph(tmp_path_factory):
    """What paddle2onnx, which takes seconds, makes of a Double of any length."""
    folder = tmp_path_factory.mktemp("double")
    paddle_graph.write(Double(), EXAMPLES[0], folder, [(0, 0)])
    return onnx_graph._converted(folder).SerializeToString()


@pytest.fixture
def quick(doubles_graph, monkeypatch):
    """Conversions of Double come from a drawer."""
    import onnx

    monkeypatch.setattr(onnx_graph, "_converted", lambda folder: onnx.load_from_string(doubles_graph))


def double(**settings) -> Engine:
    return Engine(Double, EXAMPLES, "double", **settings)


@pytest.fixture
def cache(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GARMENTGEN_ENGINE", raising=False)
    monkeypatch.delenv("GARMENTGEN_PRECISION", raising=False)
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def designers(weights_file, tmp_path_factory):
    """Designers of one file, by engine; the file has no graph beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GARMENTGEN_CACHE", str(tmp_path_factory.mktemp("cache")))
        made = {name: Designer.load(weights_file, engine=name) for name in ("openvino", "paddle", "dynamic")}
        yield made


# --- the same picture ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["openvino", "paddle"])
def test_pictures_agree_to_one_grey_level(name, designers):
    fast, dynamic = designers[name], designers["dynamic"]
    assert fast.engine.name == name and not fast.engine.why and dynamic.engine.name == "dynamic"
    for labels in (outfit(), np.roll(outfit(), 9, 1), np.full((64, 64), 3, np.uint8)):
        look = dynamic.look(labels, seed=3, diversity=1.5)
        difference = np.abs(fast.render(look).astype(int) - dynamic.render(look))
        assert (difference <= 1).mean() >= 0.9999
        inputs = fast.inputs(look)
        assert np.array_equal(fast.engine(*inputs), fast.engine(*inputs))


def test_paddles_graph_is_loaded_in_silence(designers, weights_file, capfd):
    Designer.load(weights_file, engine="paddle").render(designers["paddle"].look(outfit()))
    assert capfd.readouterr().out == ""


def test_the_network_still_runs_in_dynamic_mode_after_its_export(designers):
    look = designers["dynamic"].look(outfit())
    inputs = designers["paddle"].inputs(look)
    expected = designers["dynamic"].engine(*inputs)
    np.testing.assert_allclose(designers["paddle"].engine.dynamic(inputs), expected, atol=1e-5)


def test_a_graph_is_made_once(designers, weights_file, monkeypatch):
    monkeypatch.setattr(onnx_graph, "write", lambda *_: pytest.fail("exported again"))
    monkeypatch.setattr(paddle_graph, "write", lambda *_: pytest.fail("exported again"))
    for name in ("openvino", "paddle"):
        again = Designer.load(weights_file, engine=name)
        assert again.engine.name == name
        assert np.array_equal(again.generate(outfit()), designers[name].generate(outfit()))


def test_threads_share_an_engine(designers):
    designer = designers["openvino"]
    inputs = [designer.inputs(designer.look(np.roll(outfit(), k, 1), seed=k)) for k in range(4)]
    alone = [designer.engine(*one) for one in inputs]
    got: dict[int, list] = {0: [], 1: []}

    def work(which: int) -> None:
        for _ in range(3):
            got[which] += [designer.engine(*one) for one in inputs[which::2]]

    threads = [threading.Thread(target=work, args=(k,)) for k in got]
    [t.start() for t in threads]
    [t.join() for t in threads]
    for which, pictures in got.items():
        assert all(np.array_equal(p, alone[which::2][k % 2]) for k, p in enumerate(pictures)) and len(pictures) == 6


@pytest.mark.parametrize("choice", ["openvino", "paddle", "dynamic"])
def test_one_thread_does_the_work_whoever_asks(choice, cache, quick, monkeypatch):
    """Paddle keeps its buffers for every thread that ever ran a graph: a server's many workers must not run it."""
    made, seen = double(choice=choice), []
    assert made.name == choice
    plain = made._run
    monkeypatch.setattr(made, "_run", lambda inputs: (seen.append(threading.get_ident()), plain(inputs))[1])
    threads = [threading.Thread(target=made, args=(np.ones(3, np.float32),)) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert made(np.ones(3, np.float32)).tolist() == [2.0] * 3
    assert len(seen) == 5 and len(set(seen)) == 1 and threading.get_ident() not in seen


def test_what_fails_on_the_engines_thread_is_told_to_the_caller():
    made = double(choice="dynamic")
    with pytest.raises(ZeroDivisionError):
        made.alone(lambda: 1 // 0)
    assert made(np.ones(3, np.float32)).tolist() == [2.0] * 3


@pytest.mark.parametrize("choice", ["openvino", "paddle"])
def test_free_axes_take_any_length(choice, cache):
    made = Engine(Double, [[np.ones((2, 3), np.float32)]], "double", choice, free=[(0, 0)])
    assert made.name == choice
    assert made(np.ones((5, 3), np.float32)).tolist() == [[2.0] * 3] * 5


# --- what is believed ------------------------------------------------------------------------------------------------


def test_a_level_at_a_share_of_the_values_is_agreement_and_no_more():
    expected = np.zeros(20_000)
    one = 2 / 255
    agreement.demand(expected + 0.99 * one, expected)
    agreement.demand(np.r_[np.full(2, 9.0), np.zeros(19_998)], expected)  # 1 in 10,000 may be anything
    for wrong in (expected + 1.01 * one, np.r_[np.full(3, 9.0), np.zeros(19_997)], expected + np.nan, expected[:5]):
        with pytest.raises(agreement.Disagreement):
            agreement.demand(wrong, expected)


def test_a_proof_is_a_sample_that_survives_as_text():
    output = np.random.default_rng(0).standard_normal((1, 3, 64, 64)).astype(np.float32)
    text = agreement.proof(output)
    agreement.check_proof(output, text, "f32")
    for other in (output + 0.01, np.zeros_like(output), output * np.nan, output[:, :, :32]):
        with pytest.raises(agreement.Disagreement):
            agreement.check_proof(other, text, "f32")


@pytest.mark.parametrize("wrong, words", [(float("nan"), "nan assigned"), (0.3, "does not give what the network")])
def test_a_graph_that_paints_something_else_is_not_believed(wrong, words, cache, monkeypatch):
    """paddle2onnx 2.1 writes NaN as every slope of a leaky ReLU: OpenVINO refuses it, other numbers are compared."""
    monkeypatch.setattr(paddle_graph, "slopes", lambda folder: [wrong])

    class Leaky(paddle.nn.Layer):
        def forward(self, x):
            return paddle.nn.functional.leaky_relu(x, 0.2)  # [N]

    example = [[np.array([-1, 1, -2], np.float32)]]
    made = Engine(Leaky, example, "leaky")
    assert made.name == "paddle" and words in made.why
    np.testing.assert_allclose(made(*example[0]), [-0.2, 1, -0.4])
    assert not list(cache.glob("onnx-*")), "what is not believed is not kept"


def test_slopes_are_those_of_paddle(cache, tmp_path):
    class Leaky(paddle.nn.Layer):
        def forward(self, x):
            y = paddle.nn.functional.leaky_relu(x, 0.2)  # [N]
            return paddle.nn.functional.leaky_relu(y - 1, 0.3)  # [N]

    net, example = Leaky(), [np.array([-1, 1, -2], np.float32)]
    onnx_graph.write(net, example, tmp_path / "leaky.onnx", {"weights": "x"})
    run = openvino_graph.load(tmp_path / "leaky.onnx", example, "f32", 1)
    np.testing.assert_allclose(run(example), [-0.36, 0, -0.42], atol=1e-6)
    assert openvino_graph.metadata(tmp_path / "leaky.onnx") == {"weights": "x"}


# --- what is missing or broken costs a line --------------------------------------------------------------------------


def one_line(caplog) -> str:
    """The only thing that was said, for as long as the records were gathered."""
    assert len(caplog.records) == 1 and caplog.records[0].levelno == logging.WARNING
    text = caplog.records[0].getMessage()
    assert "\n" not in text
    return text


def test_without_openvino_paddles_static_graph_runs_and_says_so(cache, monkeypatch, caplog):
    monkeypatch.setitem(__import__("sys").modules, "openvino", None)  # what `import` then raises is ImportError
    made = double()
    assert made.name == "paddle" and made(np.array([4, 5, 6], np.float32)).tolist() == [8, 10, 12]
    assert "pip install openvino" in one_line(caplog) and "static graph" in str(made)


def test_without_the_converter_paddles_static_graph_runs_and_says_so(cache, monkeypatch, caplog):
    monkeypatch.setattr(onnx_graph, "converter", lambda: "")
    made = double()
    assert made.name == "paddle" and "garmentgen[onnx]" in one_line(caplog)


def test_when_every_graph_fails_dynamic_mode_runs_and_says_so(cache, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("no such\noperator")

    monkeypatch.setattr(onnx_graph, "write", fail)
    monkeypatch.setattr(paddle_graph, "write", fail)
    made = double()
    assert made.name == "dynamic" and one_line(caplog).count("no such operator") == 2
    assert made(np.array([1, 2, 5], np.float32)).tolist() == [2, 4, 10]


@pytest.mark.parametrize("harm", ["cut", "other weights", "not ONNX"])
def test_a_graph_beside_the_weights_that_is_not_theirs_is_made_anew(harm, cache, quick, tmp_path):
    path = tmp_path / "beside.onnx"
    onnx_graph.write(Double(), EXAMPLES[0], path, {"weights": "another" if harm == "other weights" else "double"})
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    if harm == "not ONNX":
        path.write_text("hello")
    made = double(graph=path)
    assert made.name == "openvino" and made(np.array([4, 5, 6], np.float32)).tolist() == [8, 10, 12]
    assert len(list(cache.glob("onnx-*"))) == 1


def test_a_graph_beside_the_weights_needs_no_network(cache, quick, tmp_path):
    path = tmp_path / "beside.onnx"
    first = double(choice="dynamic")
    onnx_graph.write(first.net, EXAMPLES[0], path, first.facts())
    made = Engine(lambda: pytest.fail("built"), EXAMPLES, "double", graph=path)
    assert made.name == "openvino" and not made.is_built and not cache.exists()
    assert made(np.array([4, 5, 6], np.float32)).tolist() == [8, 10, 12]


def test_a_graph_without_its_proof_is_not_believed(cache, quick, tmp_path):
    path = tmp_path / "beside.onnx"
    onnx_graph.write(Double(), EXAMPLES[0], path, {"weights": "double"})
    assert double(graph=path).is_built


def test_weights_of_another_network_are_an_error_and_no_reason_for_a_slower_engine(cache):
    def build():
        raise UserError("generator lacks 'first.weight'")

    with pytest.raises(UserError, match="lacks"):
        Engine(build, EXAMPLES, "double")


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, value, known",
    [("GARMENTGEN_ENGINE", "onnx", "openvino, paddle or dynamic"), ("GARMENTGEN_PRECISION", "fp16", "f32 or bf16")],
)
def test_a_wrong_setting_is_one_sentence(name, value, known, cache, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=f"{name} is {known}, not '{value}'"):
        double()


@pytest.mark.parametrize("name", ["openvino", "paddle", "dynamic"])
def test_the_environment_chooses(name, cache, quick, monkeypatch, caplog):
    monkeypatch.setenv("GARMENTGEN_ENGINE", name)
    made = double()
    assert made.name == name and not made.why and not caplog.records, "a slower engine that was asked for is no news"


def test_bfloat16_is_used_where_the_processor_has_it_and_single_elsewhere(cache, quick, monkeypatch, caplog):
    monkeypatch.setenv("GARMENTGEN_PRECISION", "bf16")
    monkeypatch.setattr(openvino_graph, "has_bfloat16", lambda: False)
    made = double()
    assert made.precision == "f32" and "float32" in str(made) and "no bfloat16" in one_line(caplog)
    monkeypatch.setattr(openvino_graph, "has_bfloat16", lambda: True)
    assert double().precision == "bf16" and "bfloat16" in str(double())


def test_an_engine_says_what_it_is(cache):
    text = str(double(choice="dynamic"))
    assert text.startswith("Paddle 3.") and "dynamic mode, float32" in text and "threads on" in text


@pytest.mark.skipif(sys.platform != "linux", reason="sigaltstack of Linux's C library")
def test_a_signal_finds_its_stack_whatever_was_compiled_and_dropped(designers, tmp_path):
    """OpenVINO gives the thread that compiles a stack for signals and frees it with the graph, in whatever order."""
    engine = designers["dynamic"].engine
    file = tmp_path / "tiny.onnx"
    onnx_graph.write(engine.net, engine.examples[0], file, {})
    before = signal_stack()
    first = openvino_graph.load(file, engine.examples[0], "f32", 1)
    second = openvino_graph.load(file, engine.examples[0], "f32", 1)
    assert signal_stack() == before
    del first
    del second
    assert signal_stack() == before


def signal_stack() -> tuple:
    """Where this thread's signals are handled: address, flags and size, as sigaltstack(2) tells them."""

    class Stack(ctypes.Structure):
        _fields_ = [("at", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]

    stack = Stack()
    ctypes.CDLL(None).sigaltstack(None, ctypes.byref(stack))
    return stack.at, stack.flags, stack.size
