"""The extension against plain Paddle: outputs, gradients, training, memory, threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import paddle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_cases import check_equal, check_layers, leak_of, plain, results, tensor

from garmentgen import native
from garmentgen.models import ops
from garmentgen.native import build

REPO = Path(__file__).parent.parent
grid = settings(max_examples=30, deadline=None, derandomize=True)
slopes = st.sampled_from([0.0, 0.2, 1.0])


@pytest.fixture
def extension():
    sentence = native.enable()
    if not sentence.startswith("native"):
        pytest.skip(sentence)
    yield native
    native.disable()


@pytest.fixture(autouse=True)
def leave_disabled():
    yield
    native.disable()


# ---------------------------------------------------------------- extension = plain Paddle


@grid
@given(
    channels=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    size=st.tuples(st.integers(4, 17), st.integers(4, 17)),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 2), st.integers(1, 2))),
    padding=st.one_of(st.integers(0, 2), st.tuples(st.integers(0, 1), st.integers(0, 2))),
    slope=slopes,
    batch=st.integers(1, 3),
    bias=st.booleans(),
    seed=st.integers(0, 99),
)
def check_conv(channels, size, kernel, stride, padding, slope, batch, bias, seed):
    rng = np.random.default_rng(seed)
    (i, o), options = channels, {"stride": stride, "padding": padding, "slope": slope}
    tensors = [tensor(rng, batch, i, *size), tensor(rng, o, i, *kernel), tensor(rng, o) if bias else None]
    check_equal(results(ops.conv2d, tensors, **options), results(plain.conv2d, tensors, **options))


def test_conv_equals_paddle(extension):
    check_conv()


def test_the_extension_does_the_work(extension, monkeypatch):
    monkeypatch.setattr(paddle.nn.functional, "conv2d", lambda *_: pytest.fail("plain Paddle was called"))
    rng = np.random.default_rng(0)
    assert ops.conv2d(tensor(rng, 1, 2, 4, 4), tensor(rng, 3, 2, 1, 1)).shape == [1, 3, 4, 4]


@pytest.mark.parametrize(
    "i,o,size,kernel,stride,padding",
    [(64, 48, 16, 3, 1, 1), (16, 3, 32, 3, 1, 1), (8, 128, 8, 1, 1, 0), (16, 64, 32, 4, 2, 1), (3, 64, 24, 3, 1, 1)],
)
def test_conv_equals_paddle_on_our_layers(extension, i, o, size, kernel, stride, padding):
    rng = np.random.default_rng(0)
    tensors = [tensor(rng, 2, i, size, size), tensor(rng, o, i, kernel, kernel), tensor(rng, o)]
    check_equal(
        results(ops.conv2d, tensors, stride, padding, 0.2), results(plain.conv2d, tensors, stride, padding, 0.2)
    )


@grid
@given(
    channels=st.integers(3, 20),  # with fewer the gradient of x is a difference of nearly equal numbers
    cells=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    factor=st.sampled_from([None, 1, 2, 3, 4]),
    classes=st.integers(1, 9),
    slope=slopes,
    wide=st.booleans(),
    dtype=st.sampled_from(["int32", "int64"]),
    seed=st.integers(0, 99),
)
def check_norm(channels, cells, factor, classes, slope, wide, dtype, seed):
    rng = np.random.default_rng(seed)
    h, w = cells[0] * (factor or 1), cells[1] * (factor or 1) * (97 if wide else 1)
    labels = paddle.to_tensor(rng.integers(0, classes, (2, h, w)).astype(dtype))
    style = tensor(rng, 2, 2 * channels, h // factor, w // factor) if factor else None
    tensors = [tensor(rng, 2, channels, h, w), tensor(rng, classes, 2 * channels), style]

    def run(function):
        return results(lambda x, table, style: function(x, labels, table, style, slope), tensors)

    check_equal(run(ops.class_norm), run(plain.class_norm))


def test_class_norm_equals_paddle(extension):
    check_norm()


@grid
@given(shape=st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(2, 19), st.integers(2, 19)), slope=slopes)
def check_small(shape, slope):
    tensors = [tensor(np.random.default_rng(sum(shape)), *shape)]
    check_equal(results(ops.upsample2, tensors), results(plain.upsample2, tensors))
    check_equal(results(ops.avg_pool2, tensors), results(plain.avg_pool2, tensors))
    check_equal(results(ops.instance_norm_act, tensors, slope), results(plain.instance_norm_act, tensors, slope))


def test_upsample_pool_and_instance_norm_equal_paddle(extension):
    check_small()


def test_strided_views_are_taken_as_they_read(extension):
    rng = np.random.default_rng(0)
    x, weight = tensor(rng, 2, 9, 11, 6), tensor(rng, 4, 6, 3, 3)
    seen = [t.transpose([0, 3, 1, 2]).detach() for t in (x, x)]
    for t in seen:
        t.stop_gradient = False
    check_equal(results(ops.conv2d, [seen[0], weight], None), results(plain.conv2d, [seen[1], weight], None))
    check_equal(results(ops.upsample2, seen[:1]), results(plain.upsample2, seen[1:]))


@pytest.mark.parametrize("frozen", [(0,), (1,), (2,), (1, 2), (0, 2)])
def test_frozen_tensors_get_no_gradient_and_the_others_theirs(extension, frozen):
    rng = np.random.default_rng(0)
    conv = [tensor(rng, *s, wanted=k not in frozen) for k, s in enumerate([(1, 5, 8, 8), (6, 5, 3, 3), (6,)])]
    check_equal(results(ops.conv2d, conv, slope=0.2), results(plain.conv2d, conv, slope=0.2))
    assert [k for k in range(3) if conv[k].grad is None] == list(frozen)
    labels = paddle.to_tensor(rng.integers(0, 3, (1, 8, 8)))
    norm = [tensor(rng, *s, wanted=k not in frozen) for k, s in enumerate([(1, 5, 8, 8), (3, 10), (1, 10, 4, 4)])]
    got, expected = (
        results(lambda x, table, style, f=f: f(x, labels, table, style), norm)
        for f in (ops.class_norm, plain.class_norm)
    )
    check_equal(got, expected)
    assert [k for k in range(3) if norm[k].grad is None] == list(frozen)


def test_results_repeat_bit_by_bit(extension):
    rng = np.random.default_rng(0)
    x, table, weight = tensor(rng, 2, 16, 48, 48), tensor(rng, 5, 32), tensor(rng, 16, 16, 3, 3)
    labels = paddle.to_tensor(rng.integers(0, 5, (2, 48, 48)))

    def layer(x, table, weight):
        return ops.class_norm(ops.conv2d(x, weight, None, 1, 1), labels, table)

    first, second = (results(layer, [x, table, weight]) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert np.array_equal(a, b)


def test_training_follows_plain_paddle(extension):
    """50 steps of a small generator-like net towards a picture: the losses agree, and they fall."""

    def train():
        rng = np.random.default_rng(0)
        table, w1, w2 = (tensor(rng, *s) * 0.3 for s in ((4, 16), (8, 8, 3, 3), (3, 8, 3, 3)))
        parameters = [t.detach() for t in (table, w1, w2)]
        for t in parameters:
            t.stop_gradient = False
        table, w1, w2 = parameters
        x, target = tensor(rng, 2, 8, 8, 8, wanted=False), tensor(rng, 2, 3, 16, 16, wanted=False)
        labels = paddle.to_tensor(rng.integers(0, 4, (2, 8, 8)))
        optimizer = paddle.optimizer.Adam(0.01, parameters=parameters)
        losses = []
        for _ in range(50):
            h = ops.conv2d(ops.class_norm(x, labels, table), w1, None, 1, 1, 0.2)
            y = ops.conv2d(ops.instance_norm_act(ops.upsample2(h)), w2, None, 1, 1)
            loss = ((y - target) ** 2).mean()
            loss.backward()
            optimizer.step()
            optimizer.clear_grad()
            losses.append(float(loss))
        return losses

    fast = train()
    native.disable()
    slow = train()
    assert fast[-1] < 0.9 * fast[0]
    assert np.allclose(fast, slow, rtol=1e-3)


def test_labels_outside_the_table_are_refused(extension):
    rng = np.random.default_rng(0)
    for wrong in (3, -1):
        labels = paddle.full([1, 4, 4], wrong, "int32")
        with pytest.raises(RuntimeError, match=f"labels from 0 to 2, got {wrong}"):
            ops.class_norm(tensor(rng, 1, 2, 4, 4), labels, tensor(rng, 3, 4))


def test_wrong_shapes_are_refused(extension):
    """The extension must not read past a tensor: such calls go to plain Paddle, which raises."""
    rng = np.random.default_rng(0)
    x, labels = tensor(rng, 1, 4, 8, 8), paddle.zeros([1, 8, 8], "int32")
    with pytest.raises(ValueError):
        ops.conv2d(x, tensor(rng, 2, 5, 3, 3))
    with pytest.raises(ValueError):
        ops.conv2d(x, tensor(rng, 2, 4, 12, 12))
    for wrong in [(labels[:, :4], tensor(rng, 3, 8), None), (labels, tensor(rng, 3, 6), None)]:
        with pytest.raises(ValueError):
            ops.class_norm(x, *wrong)
    with pytest.raises(ValueError):
        ops.class_norm(x, labels, tensor(rng, 3, 8), tensor(rng, 1, 6, 4, 4))


def test_static_graphs_use_plain_paddle(extension, tmp_path):
    class Net(paddle.nn.Layer):
        def __init__(self):
            super().__init__()
            self.weight = self.create_parameter([4, 3, 3, 3])

        def forward(self, x):
            return ops.upsample2(ops.conv2d(x, self.weight, None, 1, 1, 0.2))

    net, x = Net(), tensor(np.random.default_rng(0), 1, 3, 8, 8)
    net.eval()
    paddle.jit.save(net, str(tmp_path / "net"), input_spec=[paddle.static.InputSpec([1, 3, 8, 8], "float32")])
    loaded = paddle.jit.load(str(tmp_path / "net"))
    check_equal([loaded(x).numpy()], [net(x).numpy()])


# ---------------------------------------------------------------- bfloat16, cache


def test_bf16_where_the_processor_has_none(extension, monkeypatch):
    class Processor:
        """The real library on a processor without bfloat16."""

        def __getattr__(self, name):
            return (lambda: 0) if name == "gg_has_bf16" else getattr(library, name)

    library = build.load()
    monkeypatch.setattr(native, "load", Processor)
    assert "float32 (this processor has no bfloat16 products)" in native.enable(bf16=True)
    rng = np.random.default_rng(0)
    tensors = [tensor(rng, 1, 8, 8, 8), tensor(rng, 8, 8, 3, 3)]
    check_equal(results(ops.conv2d, tensors), results(plain.conv2d, tensors))


def test_bf16_where_the_processor_has_it(extension):
    """bfloat16 has 8 bits of mantissa: sums of 72 products stay within 2 % of the largest."""
    if "in bfloat16" not in (sentence := native.enable(bf16=True)):
        pytest.skip(sentence)
    rng = np.random.default_rng(0)
    tensors = [tensor(rng, 1, 8, 16, 16), tensor(rng, 8, 8, 3, 3), tensor(rng, 8)]
    check_equal(results(ops.conv2d, tensors), results(plain.conv2d, tensors), 0.02)


def test_the_second_start_compiles_nothing(extension, monkeypatch):
    monkeypatch.setattr(build, "_run", lambda command: pytest.fail("compiled again"))
    assert native.enable().startswith("native")


# ---------------------------------------------------------------- long runs, threads


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
@pytest.mark.parametrize("steps", [100, pytest.param(2000, marks=pytest.mark.slow)])
def test_no_leak(extension, steps):
    assert leak_of(steps) < 20  # one kept output a step would be 7 MB in 100 steps, the graph of all 50 MB


def test_layers_together(extension):
    check_layers()


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_number_of_threads(extension, threads):
    code = (
        "import sys; sys.path[:0] = ['tests']; import native_cases as t; from garmentgen import native\n"
        "print(native.enable()); t.check_layers()"
    )
    # More threads than cores spin at every barrier unless they are told to sleep.
    env = {**os.environ, "OMP_NUM_THREADS": str(threads), "PYTHONPATH": str(REPO), "KMP_BLOCKTIME": "0"}
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert f"{threads} thread(s)" in done.stdout
