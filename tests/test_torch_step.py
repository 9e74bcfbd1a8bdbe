"""The PyTorch twins of the benchmark compute what our networks and our training step do; without PyTorch, skipped."""

from __future__ import annotations

import numpy as np
import paddle
import pytest
from small_maps import outfit, photo_of

from garmentgen import native
from garmentgen.config import LOSSES, PRESETS, override
from garmentgen.training.loop import Run
from garmentgen.training.steps import draw_noise, make_batch, scatter_codes

pytest.importorskip("torch")


@pytest.fixture(scope="module", autouse=True)
def plain_paddle():
    native.disable()


@pytest.fixture()
def run():
    """A run of the smallest model: every weight, also those that start at zero, is a random number."""
    run = Run(override(PRESETS["tiny"], ["train.adversarial_from=0"]))
    rng = np.random.default_rng(0)
    for net in (run.nets.encoder, run.nets.generator, run.nets.discriminator):
        for p in net.parameters():
            p.set_value(p + paddle.to_tensor(0.05 * rng.standard_normal(p.shape).astype("float32")))
    return run


@pytest.fixture()
def batch(run):
    labels = np.stack([outfit(), np.roll(outfit(), 9, 1), outfit()[:, ::-1], np.roll(outfit()[::-1], 5, 0)])
    images = np.stack([photo_of(one, seed) for seed, one in enumerate(labels)])
    return make_batch(images, labels, np.arange(4), run.nets.generator, run.config.model.crop)


def assert_close(torch_value, paddle_value, tolerance: float = 1e-4) -> None:
    assert list(torch_value.shape) == list(paddle_value.shape)
    np.testing.assert_allclose(torch_value.detach().numpy(), paddle_value.numpy(), atol=tolerance, rtol=tolerance)


def test_networks_keep_names_and_give_the_same_outputs(run, batch):
    from garmentgen.bench.torch_step import tensor, twin

    nets = run.nets
    twins = {name: twin(getattr(nets, name)) for name in ("encoder", "generator", "discriminator", "features")}
    for name, net in twins.items():
        ours = getattr(nets, name).state_dict()
        assert {k: list(v.shape) for k, v in net.state_dict().items()} == {k: v.shape for k, v in ours.items()}
    rows, fill = paddle.to_tensor(batch.regions.rows), paddle.to_tensor(batch.regions.fill)
    mu, logvar = nets.encoder(batch.crops, rows, fill)
    for got, expected in zip(twins["encoder"](*map(tensor, (batch.crops, rows, fill))), (mu, logvar), strict=True):
        assert_close(got, expected)
    noise, grain = draw_noise(batch, mu.shape[1:])
    arguments = [*batch.maps, scatter_codes(mu + noise, rows, batch.size), grain]
    picture = nets.generator(*arguments)
    assert picture.std() > 0.1
    assert_close(twins["generator"](*map(tensor, arguments)), picture)
    seen, expected = twins["features"](tensor(picture)), nets.features(picture)
    for got, one in zip(seen, expected, strict=True):
        assert_close(got, one)
    for _ in range(2):  # the second call sees the first one's power iteration
        judged = nets.discriminator(picture, batch.labels) + nets.discriminator.judge(expected, batch.labels)
        labels = tensor(batch.labels)
        found = twins["discriminator"](tensor(picture), labels) + twins["discriminator"].judge(seen, labels)
        for scale, ours in zip(found, judged, strict=True):
            for got, one in zip(scale, ours, strict=True):
                assert_close(got, one)


def test_a_step_has_the_same_losses_and_leaves_the_same_weights(run, batch):
    from garmentgen.bench.torch_step import Step

    step = Step(run, batch)
    for _ in range(2):
        expected, got = run.step(batch, np.random.default_rng(3), batch.size), step(np.random.default_rng(3))
        assert set(got) == set(LOSSES)
        for name in LOSSES:
            assert got[name] == pytest.approx(expected[name], rel=1e-4), name
    pairs = [(step.discriminator, run.nets.discriminator)]
    for name, net in step.painters.items():
        pairs += [(net, getattr(run.nets, name)), (step.averages[name], getattr(run, f"{name}_average"))]
    for theirs, ours in pairs:  # Adam moved each by 1e-3, also the few whose gradient is nothing but rounding
        values = theirs.state_dict()
        differences = [np.abs(values[key].numpy() - value.numpy()).ravel() for key, value in ours.state_dict().items()]
        assert np.concatenate(differences).mean() < 1e-6
