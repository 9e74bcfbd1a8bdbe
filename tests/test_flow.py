"""The learned prior: its arithmetic with velocities known on paper, who sees whom, and its training pairs."""

from __future__ import annotations

import dataclasses

import numpy as np
import paddle
import pytest
from small_maps import PANTS, POCKET, SLEEVE, TOP, blank, outfit

from garmentgen.labels import NUM_LABELS
from garmentgen.presets import PRESETS
from garmentgen.priors import flow
from garmentgen.priors.contract import region_noise
from garmentgen.priors.fitting import MAX_REGIONS, flow_batch, flow_loss, largest
from garmentgen.priors.flow import FlowPrior, Velocity, build_velocity, scene_of

GRID = 8


@pytest.fixture(scope="module")
def net() -> Velocity:
    paddle.seed(0)
    net = Velocity(8, GRID, width=16, depth=2, heads=2)
    net.eval()
    return net


@pytest.fixture
def prior(net) -> FlowPrior:
    return FlowPrior(net, "test", engine="dynamic")


def sample(prior, labels, seed=0, diversity=1.0, harmony=1.0, given=None):
    return prior.sample(labels, lambda _: seed, diversity, harmony, given or {})


def random_codes(*lead: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((*lead, 8, GRID, GRID)).astype(np.float32)


def test_tokens_and_codes_are_inverse(net):
    net.code_mean.set_value(paddle.arange(8, dtype="float32").reshape([8, 1, 1]))
    net.code_std.set_value(paddle.full([8, 1, 1], 2.0))
    codes = random_codes(2, 3)
    tokens = net.to_tokens(paddle.to_tensor(codes))
    assert tokens.shape == [2, 3, 16, 32]
    np.testing.assert_allclose(net.to_codes(tokens).numpy(), codes, atol=1e-5)
    # the token in row 1, column 2 of a 4 x 4 grid of 2 x 2 patches, standardised
    patch = (codes[1, 2, :, 2:4, 4:6] - np.arange(8).reshape(8, 1, 1)) / 2
    np.testing.assert_allclose(tokens[1, 2, 1 * 4 + 2].numpy(), patch.ravel(), atol=1e-5)
    net.code_mean.set_value(paddle.zeros([8, 1, 1]))
    net.code_std.set_value(paddle.ones([8, 1, 1]))


class Stub:
    """An engine whose velocity is a given function of x and time; remembers the times it was asked at."""

    def __init__(self, velocity):
        self.velocity, self.times, self.biases = velocity, [], []

    def __call__(self, x, time, ids, geometry, bias):
        self.times.append(time[0].tolist())
        self.biases.append(bias[0])
        return self.velocity(x, time[..., None, None])


def noise(net, c: int, seed: int = 0) -> np.ndarray:
    return net.to_codes(paddle.to_tensor(region_noise(seed, c, (net.tokens, 32)))).numpy()


def test_one_euler_step_by_hand(prior, net, monkeypatch):
    monkeypatch.setattr(flow, "STEPS", 1)
    prior.engine = Stub(lambda x, t: 3 - x)  # x + (3 - x) = 3
    codes = sample(prior, outfit(), diversity=1.7)
    assert prior.engine.times == [[0.0] * 4] and all(np.allclose(v, 3) for v in codes.values())


def test_all_steps_on_paper(prior, net):
    times = [0, 1 / 43, 1 / 19, 1 / 11, 1 / 7, 5 / 23, 1 / 3, 7 / 13, 1]  # k / 8 bent sixfold: k / (k + 6 (8 - k))
    steps = np.diff(times)
    prior.engine = Stub(lambda x, t: -x)
    codes = sample(prior, outfit(), seed=4, diversity=0.5)
    for c, code in codes.items():
        np.testing.assert_allclose(code, 0.5 * noise(net, c, 4) * np.prod(1 - steps), atol=1e-6)
    prior.engine = Stub(lambda x, t: 0 * x + t)
    codes = sample(prior, outfit())
    np.testing.assert_allclose(codes[TOP], noise(net, TOP) + np.dot(times[:-1], steps), atol=1e-6)
    assert [t[0] for t in prior.engine.times] == pytest.approx(times[:-1])


def test_kept_regions_enter_as_finished_and_do_not_move(prior, net):
    given = {PANTS: random_codes()}
    prior.engine = Stub(lambda x, t: 1 + 0 * x)
    codes = sample(prior, outfit(), given=given)
    ids = scene_of(outfit(), GRID, net.patch).ids.tolist()
    assert all(times[ids.index(PANTS)] == 1.0 for times in prior.engine.times)
    assert codes[PANTS].tobytes() == given[PANTS].tobytes()
    np.testing.assert_allclose(codes[TOP], noise(net, TOP) + 1, atol=1e-5)


def test_harmony_mixes_being_together_and_being_alone(prior):
    prior.engine = Stub(lambda x, t: 0 * x)
    sample(prior, outfit(), harmony=1.0)
    assert not any(bias.any() for bias in prior.engine.biases)
    prior.engine = Stub(lambda x, t: 0 * x)
    sample(prior, outfit(), harmony=0.0)
    assert all(
        (np.diag(bias) == 0).all() and (bias[~np.eye(4, dtype=bool)] < -1e3).all() for bias in prior.engine.biases
    )

    class Biased(Stub):
        def __call__(self, x, time, ids, geometry, bias):
            return np.full_like(x, 1.0 if bias.any() else 5.0)

    prior.engine = Biased(None)
    codes = sample(prior, outfit(), diversity=0, harmony=0.25)
    np.testing.assert_allclose(codes[TOP], 0.25 * 5 + 0.75 * 1, atol=1e-5)


def test_regions_see_one_another_only_in_harmony(prior):
    """A kept region's code moves the others at harmony 1 and leaves them bit for bit alone at harmony 0."""
    one, other = ({PANTS: random_codes(seed=s)} for s in (1, 2))
    together = [sample(prior, outfit(), given=k, harmony=1.0)[TOP] for k in (one, other)]
    alone = [sample(prior, outfit(), given=k, harmony=0.0)[TOP] for k in (one, other)]
    assert np.abs(together[0] - together[1]).max() > 1e-4
    assert np.array_equal(alone[0], alone[1])


def test_padding_is_not_seen(net):
    """Velocities of two regions are the same with a third, padded one behind them."""
    scene = scene_of(outfit(), GRID, net.patch)
    tokens = [net.to_tokens(paddle.to_tensor(random_codes(4))).numpy()]
    small = flow_batch(tokens, [scene], np.random.default_rng(0))
    fields, fills = [small.x, small.time, small.ids, small.geometry], (9, 0.5, NUM_LABELS, 9)
    padded = [np.concatenate([v, np.full_like(v[:, :1], f)], 1) for v, f in zip(fields, fills, strict=True)]
    bias = np.full((1, 5, 5), -1e4, np.float32)
    bias[:, :4, :4], bias[:, 4:] = small.bias, 0
    with paddle.no_grad():
        plain = net(*map(paddle.to_tensor, (*fields, small.bias))).numpy()
        got = net(*map(paddle.to_tensor, (*padded, bias))).numpy()
    np.testing.assert_allclose(got[:, :4], plain, atol=1e-5)


def test_a_scene_tells_what_each_patch_covers_and_where_it_lies():
    labels = blank(64)
    labels[0:32, 16:48] = TOP
    labels[0:32, 40:48] = PANTS
    scene = scene_of(labels, GRID, 2)
    assert scene.ids.tolist() == [TOP, PANTS] and scene.geometry.shape == (2, 16, 4 + 4 + 12)
    cover = scene.geometry[0, :, :4]  # the top's box is 32 x 24, whole columns of it
    assert (cover == 1).all()
    np.testing.assert_allclose(scene.geometry[0, 0, 4:8], [-1, -0.5, 0, 0.25])  # box over the canvas, in [-1, 1]
    y, x = 0.5 * (0.5 / 4), 16 / 64 + 24 / 64 * (0.5 / 4)  # centre of the first patch
    np.testing.assert_allclose(
        scene.geometry[0, 0, 8:12], [f(np.pi * v) for v in (y, x) for f in (np.sin, np.cos)], atol=1e-6
    )


def test_partly_covered_patches_say_so():
    labels = blank(64)
    labels[0:64, 0:64] = TOP
    labels[32:, :] = PANTS
    labels[0, :8], labels[63, :] = PANTS, TOP
    cover = scene_of(labels, GRID, 2).geometry[0, :, :4].reshape(4, 4, 4)
    assert cover[1, 0].tolist() == [1, 1, 1, 1] and cover[2, 0].tolist() == [0, 0, 0, 0]
    np.testing.assert_allclose(cover[0, 0], [7 / 8, 1, 1, 1])


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_has_a_small_velocity(preset):
    with paddle.LazyGuard():
        net = build_velocity(PRESETS[preset].model)
    assert sum(int(np.prod(p.shape)) for p in net.parameters()) <= 6e6


# --- training pairs --------------------------------------------------------------------------------------------------


def test_training_pairs_lie_on_straight_lines(net):
    """x_t = (1 - t) noise + t codes and velocity = codes - noise, so codes = x_t + (1 - t) velocity."""
    scenes = [scene_of(outfit(), GRID, net.patch), scene_of(np.full((64, 64), TOP, np.uint8), GRID, net.patch)]
    codes = [net.to_tokens(paddle.to_tensor(random_codes(m, seed=m))).numpy() for m in (4, 1)]
    finished = 0
    for seed in range(8):
        batch = flow_batch(codes, scenes, np.random.default_rng(seed))
        assert batch.x.shape == (2, 4, 16, 32) and batch.ids[1].tolist() == [TOP, *[NUM_LABELS] * 3]
        t = batch.time[..., None, None]
        for n, m in ((0, 4), (1, 1)):
            reached = (batch.x + (1 - t) * batch.target)[n, :m]
            np.testing.assert_allclose(reached, codes[n], atol=1e-5)
        assert np.array_equal(batch.counted[0] == 1, batch.time[0] < 1) and batch.counted[0].any()
        assert batch.counted[1].tolist() == [1, 0, 0, 0]
        assert (batch.bias[1, 0, 1:] < -1e3).all() and batch.bias[1, 0, 0] == 0
        finished += int((batch.time[0] == 1).sum())
        kept = batch.time[0] == 1
        np.testing.assert_allclose(batch.x[0, kept], codes[0][kept], atol=1e-6)
    assert finished > 0, "some regions are given, as when one is drawn again"


def test_the_largest_regions_are_kept():
    labels = blank(128)
    ids = [c for c in range(MAX_REGIONS + 2)]
    for k, c in enumerate(ids):  # class 0 has the smallest box
        labels[10 * k : 10 * k + 9, : 10 + 5 * k] = c
    scene = scene_of(labels, GRID, 2)
    assert scene.ids[largest(scene, MAX_REGIONS)].tolist() == ids[2:]


def test_the_flow_loss_counts_unfinished_regions_only():
    scene = scene_of(outfit(), GRID, 2)
    batch = flow_batch([np.zeros((4, 16, 32), np.float32)], [scene], np.random.default_rng(0))
    batch = dataclasses.replace(
        batch, target=np.stack([[np.full((16, 32), v, np.float32) for v in (1, 2, 3, 100)]]),
        counted=np.array([[1, 1, 1, 0]], np.float32),
    )  # fmt: skip
    loss = flow_loss(lambda x, *_: paddle.zeros_like(x), batch)
    assert float(loss) == pytest.approx((1 + 4 + 9) / 3)


def test_the_static_graph_draws_the_same_codes(net, tmp_path, monkeypatch):
    monkeypatch.setenv("GARMENTGEN_CACHE", str(tmp_path))
    static, plain = FlowPrior(net, "test"), FlowPrior(net, "test", engine="dynamic")
    assert static.engine.name != "dynamic"
    for labels in (outfit(), np.full((64, 64), POCKET, np.uint8)):  # four regions, one region
        a, b = (sample(p, labels, harmony=0.5) for p in (static, plain))
        assert all(np.allclose(a[c], b[c], atol=1e-3) for c in b) and a.keys() == b.keys()
        again = sample(static, labels, harmony=0.5)
        assert all(np.array_equal(a[c], again[c]) for c in a)
    assert SLEEVE in sample(static, outfit())
