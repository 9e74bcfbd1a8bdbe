"""The networks: published sizes, class-locality, budgets, and each layer against its formula."""

from __future__ import annotations

import dataclasses

import numpy as np
import paddle
import pytest
from paddle.nn import functional as F
from safetensors.numpy import load_file
from small_maps import PANTS, POCKET, SLEEVE, TOP, blank, outfit, photo_of

from garmentgen.arrays import to_images
from garmentgen.config import LiteConfig, SmisConfig
from garmentgen.errors import UserError
from garmentgen.geometry import regions
from garmentgen.labels import BACKGROUND, NUM_LABELS
from garmentgen.models import build_discriminator, build_encoder, build_generator
from garmentgen.models.features import PerceptualFeatures
from garmentgen.models.layers import ClassNorm, Conv, SpectralConv
from garmentgen.models.lite.generator import TILE, TILE_GAIN
from garmentgen.models.smis.encoder import Encoder as SmisEncoder
from garmentgen.models.smis.generator import Generator as SmisGenerator
from garmentgen.models.smis.order import ORDER
from garmentgen.pixels import crops_to_tensor, labels_to_tensor
from garmentgen.presets import PRESETS
from garmentgen.training.run import FEATURES

PUBLISHED = SmisConfig(width=160, groups=(8, 8, 4, 4, 2, 2, 1), hidden=128, encoder_width=256)
"""GroupDNet as released for eight classes (model notes: 96.3 M + 12.8 M parameters, 291 GMAC)."""
SMALL = SmisConfig(
    width=NUM_LABELS, multipliers=(4, 4, 2, 1), groups=(NUM_LABELS, NUM_LABELS, 2), hidden=8, encoder_width=NUM_LABELS,
    encoder_multipliers=(1, 2, 2),
)  # fmt: skip
"""The published system with three stages: 16 px, quick to run."""


def parameters(net: paddle.nn.Layer) -> int:
    return sum(int(np.prod(p.shape)) for p in net.parameters())


class Meter:
    """Counts the multiply-accumulates of every convolution while a network runs; `shares` splits them by layer name."""

    def __init__(self, net: paddle.nn.Layer):
        self.shares: dict[str, int] = {}
        for name, layer in net.named_sublayers():
            if isinstance(layer, (Conv, paddle.nn.Conv2D)):
                layer.register_forward_post_hook(self._hook(name))

    def _hook(self, name: str):
        def count(layer, _, output) -> None:
            n, _, h, w = output.shape
            self.shares[name] = self.shares.get(name, 0) + n * h * w * int(np.prod(layer.weight.shape))

        return count

    @property
    def total(self) -> int:
        return sum(self.shares.values())


def smis_macs(net: SmisGenerator) -> dict[str, int]:
    """The same by formula: weights times pixels, the k-th block working at 4 * 2^k pixels a side."""
    result = {"first": 16 * int(np.prod(net.first.weight.shape))}
    side = 4
    for k, block in enumerate(net.blocks):
        side = 4 * 2**k
        for name, p in block.named_parameters():
            if name.endswith("weight"):
                result[f"blocks.{k}.{name.removesuffix('.weight')}"] = side * side * int(np.prod(p.shape))
    result["last"] = side * side * int(np.prod(net.last.weight.shape))
    return result


# --- smis ------------------------------------------------------------------------------------------------------------


def test_published_sizes_are_met_at_eight_classes():
    """Shapes only: LazyGuard keeps 96 million numbers from being drawn."""
    with paddle.LazyGuard():
        generator, encoder = SmisGenerator(PUBLISHED, classes=8), SmisEncoder(PUBLISHED, classes=8)
    assert parameters(generator) == pytest.approx(96.4e6, rel=2e-3)
    assert parameters(encoder) == pytest.approx(12.84e6, rel=2e-3)
    macs = smis_macs(generator)
    total = sum(macs.values())
    modulation = sum(v for name, v in macs.items() if name.endswith(("gamma", "beta")))
    assert total == pytest.approx(291.6e9, rel=2e-3) and modulation / total == pytest.approx(0.59, abs=0.01)
    assert [list(b.conv0.weight.shape) for b in generator.blocks] == [
        [2560, 320, 3, 3], [2560, 320, 3, 3], [2560, 640, 3, 3], [1280, 640, 3, 3],
        [640, 640, 3, 3], [320, 320, 3, 3], [160, 320, 3, 3],
    ]  # fmt: skip
    assert list(encoder.mu.weight.shape) == [64, 256, 3, 3]


def test_at_our_classes_the_preset_is_legal_and_ordinary_where_it_must_be():
    """128 hidden channels are no multiple of the class count: ordinary first convolution, then what divides both."""
    with paddle.LazyGuard():
        generator, encoder = SmisGenerator(SmisConfig()), SmisEncoder(SmisConfig())
    assert list(generator.blocks[0].conv0.weight.shape) == [16 * NUM_LABELS, 16, 3, 3]  # one class a group
    assert list(generator.blocks[0].norm0.shared.weight.shape) == [128, NUM_LABELS, 3, 3]
    assert list(generator.blocks[0].norm0.gamma.weight.shape) == [16 * NUM_LABELS, 64, 3, 3]
    assert parameters(generator) == pytest.approx(15.9e6, rel=0.01)
    assert sum(smis_macs(generator).values()) == pytest.approx(75.4e9, rel=0.01)
    assert list(encoder.mu.weight.shape) == [8 * NUM_LABELS, 32, 3, 3]


def test_the_formula_counts_what_really_runs():
    net = SmisGenerator(SMALL)
    meter = Meter(net)
    codes = paddle.zeros([1, 8 * NUM_LABELS, 4, 4])
    net.features(codes, paddle.zeros([1, NUM_LABELS, 16, 16]))
    formula = smis_macs(net)
    formula.pop("last")  # `features` stops before it
    assert meter.shares == formula


def smis_inputs(seed: int = 0) -> tuple[paddle.Tensor, paddle.Tensor]:
    rng = np.random.default_rng(seed)
    maps = np.zeros((1, NUM_LABELS, 16, 16), np.float32)
    ids = rng.integers(0, NUM_LABELS, (16, 16))
    np.put_along_axis(maps[0], ids[None], 1, 0)
    codes = rng.standard_normal((1, NUM_LABELS, 8, 4, 4)).astype(np.float32)
    return paddle.to_tensor(codes), paddle.to_tensor(maps)


@pytest.mark.parametrize("changed", [0, 17, NUM_LABELS - 1])
def test_grouped_stages_keep_classes_apart(changed):
    """Changing a class's code moves the features of its own group and of no other, exactly."""
    net = SmisGenerator(SMALL)
    net.eval()
    codes, maps = smis_inputs()
    other = codes.clone()
    other[:, changed] += 1
    for stages in (0, 1, 2):
        before, after = (net.features(c.flatten(1, 2), maps, stages=stages).numpy() for c in (codes, other))
        moved = np.abs(after - before).reshape(NUM_LABELS, -1).max(1)
        assert moved[changed] > 1e-4 and not np.delete(moved, changed).any()
    before, after = (net.features(c.flatten(1, 2), maps).numpy() for c in (codes, other))  # the last stage has 2 groups
    moved = np.abs(after - before).reshape(2, -1).max(1)
    assert moved[changed * 2 // NUM_LABELS] > 1e-5 and moved[1 - changed * 2 // NUM_LABELS] == 0


def test_the_internal_order_is_a_permutation_with_tops_beside_their_parts():
    assert sorted(ORDER) == list(range(NUM_LABELS))
    order = ORDER.tolist()
    assert abs(order.index(TOP) - order.index(SLEEVE)) < NUM_LABELS // 2


def test_codes_reach_their_own_class_through_the_internal_order():
    """The public class id, not the place in the internal order, owns a code."""
    net = SmisGenerator(SMALL)
    net.eval()
    seen = []
    net.features = lambda codes, maps: seen.append((codes, maps)) or paddle.zeros([1, NUM_LABELS, 16, 16])
    labels = np.full((1, 16, 16), SLEEVE)
    codes = paddle.zeros([1, NUM_LABELS, 8, 4, 4])
    codes[:, SLEEVE] = 1.0
    net(paddle.to_tensor(labels), codes)
    (given, maps), place = seen[0], ORDER.tolist().index(SLEEVE)
    assert given.numpy().reshape(NUM_LABELS, -1).any(1).nonzero()[0].tolist() == [place]
    assert maps.numpy().reshape(NUM_LABELS, -1).any(1).nonzero()[0].tolist() == [place]


def test_the_published_encoder_sees_each_class_on_its_own_canvas():
    """mu of a pair depends on that pair's crop alone; pairs may come from several pictures."""
    net = SmisEncoder(SMALL)
    net.eval()
    rng = np.random.default_rng(0)
    index = paddle.to_tensor([TOP, SLEEVE, NUM_LABELS + PANTS])
    crops = paddle.to_tensor(rng.standard_normal((3, 4, 32, 32)).astype(np.float32))
    mu, logvar = net(crops, index, index)
    assert mu.shape == logvar.shape == [3, 8, 4, 4]
    changed = crops.clone()
    changed[1, :3] += paddle.to_tensor(rng.standard_normal((3, 32, 32)).astype(np.float32))
    moved = (net(changed, index, index)[0] - mu).abs().numpy().reshape(3, -1).max(1)
    assert moved[1] > 1e-4 and moved[0] == moved[2] == 0


def test_the_published_generator_paints_white_around_the_garment():
    net = SmisGenerator(SMALL)
    labels = np.full((2, 16, 16), BACKGROUND, np.uint8)
    labels[:, 4:12, 4:12] = TOP
    codes = paddle.zeros([2, NUM_LABELS, 8, 4, 4])
    picture = net(labels_to_tensor(labels), codes).numpy()
    assert picture.shape == (2, 3, 16, 16)
    assert (picture.transpose(0, 2, 3, 1)[labels == BACKGROUND] == 1).all() and np.abs(picture).max() <= 1


# --- lite ------------------------------------------------------------------------------------------------------------


def lite_inputs(labels: np.ndarray, config: LiteConfig, seed: int = 0) -> list[paddle.Tensor]:
    """Codes and noise for maps [N, S, S]."""
    rng = np.random.default_rng(seed)
    codes = rng.standard_normal((len(labels), NUM_LABELS, config.code_channels, config.grid, config.grid))
    noise = rng.standard_normal((len(labels), 1, labels.shape[1] // 2, labels.shape[1] // 2))
    return [paddle.to_tensor(v.astype(np.float32)) for v in (codes, noise)]


@pytest.fixture(scope="module")
def tiny():
    paddle.seed(0)
    net = build_generator(PRESETS["tiny"].model)
    net.eval()
    return net


@paddle.no_grad()
def test_lite_keeps_its_budget_and_its_changes_to_the_region():
    """At 256 px: at most 4 GMAC and 8 M parameters; a sleeve's new code changes the sleeve far more than the rest."""
    config = PRESETS["lite"].model
    assert isinstance(config, LiteConfig)
    paddle.seed(0)
    net = build_generator(config)
    net.eval()
    meter = Meter(net)
    labels = outfit(256)[None]
    codes, noise = lite_inputs(labels, config)
    before = net(labels_to_tensor(labels), codes, noise)
    assert before.shape == [1, 3, 256, 256]
    assert parameters(net) <= 8e6 and 1e9 < meter.total <= 4e9
    changed = codes.clone()
    changed[:, SLEEVE] = -changed[:, SLEEVE]
    moved = (net(labels_to_tensor(labels), changed, noise) - before).abs().sum(1)[0].numpy()
    region = labels[0] == SLEEVE
    rest = (labels[0] != BACKGROUND) & ~region
    assert moved[region].sum() > 0.5 * moved.sum(), "most of the change lies inside the region"
    assert moved[rest].mean() < 0.25 * moved[region].mean()


def test_background_is_exactly_white_and_the_picture_is_bounded(tiny):
    labels = np.stack([outfit(), np.roll(outfit(), 5, 0)])
    pictures = to_images(tiny(labels_to_tensor(labels), *lite_inputs(labels, tiny.config)).detach())
    assert pictures.shape == (2, 64, 64, 3) and (pictures[labels == BACKGROUND] == 255).all()
    assert (pictures[labels != BACKGROUND] != 255).any(-1).mean() > 0.9


def test_any_canvas_that_is_a_multiple_of_32_will_do(tiny):
    for side in (32, 96):
        labels = np.full((1, side, side), TOP, np.uint8)
        assert tiny(labels_to_tensor(labels), *lite_inputs(labels, tiny.config)).shape == [1, 3, side, side]


@paddle.no_grad()
def test_a_picture_does_not_depend_on_its_neighbours_in_the_batch(tiny):
    labels = np.stack([outfit(), np.roll(outfit(), 7, 1), np.full((64, 64), PANTS, np.uint8)])
    codes, noise = lite_inputs(labels, tiny.config)
    together = tiny(labels_to_tensor(labels), codes, noise).numpy()
    swapped = labels[[0, 2, 1]]
    other = tiny(
        labels_to_tensor(swapped), codes * paddle.to_tensor([1.0, 3.0, 3.0]).reshape([3, 1, 1, 1, 1]), noise
    ).numpy()
    assert np.array_equal(together[0], other[0])
    alone = tiny(labels_to_tensor(labels[:1]), codes[:1], noise[:1]).numpy()
    assert np.array_equal(to_images(together[:1]), to_images(alone))


@paddle.no_grad()
def test_codes_of_absent_classes_do_not_matter(tiny):
    labels = outfit()[None]
    codes, noise = lite_inputs(labels, tiny.config)
    masked = codes.clone()
    masked[:, [c for c in range(NUM_LABELS) if c not in np.unique(labels)]] = 1e3
    ids = labels_to_tensor(labels)
    assert np.array_equal(tiny(ids, codes, noise).numpy(), tiny(ids, masked, noise).numpy())


@pytest.fixture(scope="module")
def encoder():
    paddle.seed(0)
    net = build_encoder(PRESETS["tiny"].model)
    net.eval()
    return net


def encode(net, image: np.ndarray, labels: np.ndarray) -> dict[int, np.ndarray]:
    cut = regions(image[None], labels[None], 64, 8)
    with paddle.no_grad():
        mu, logvar = net(crops_to_tensor(cut.crops), paddle.to_tensor(cut.index), paddle.to_tensor(cut.padding))
    assert mu.shape == logvar.shape == [len(cut.index), 8, 8, 8]
    assert float(logvar.max()) <= 4 and float(logvar.min()) >= -12
    return dict(zip(cut.classes.tolist(), mu.numpy(), strict=True))


def test_a_class_is_encoded_from_its_own_pixels_wherever_it_lies(encoder):
    labels, image = outfit(), photo_of(outfit())
    codes = encode(encoder, image, labels)
    assert set(codes) == {TOP, SLEEVE, PANTS, POCKET}
    recoloured = np.where((labels == PANTS)[..., None], image, 255 - image)
    assert np.array_equal(encode(encoder, recoloured, labels)[PANTS], codes[PANTS])
    assert not np.allclose(encode(encoder, recoloured, labels)[TOP], codes[TOP], atol=1e-3)
    moved = encode(encoder, np.roll(image, (-5, 9), (0, 1)), np.roll(labels, (-5, 9), (0, 1)))
    assert all(np.allclose(moved[c], codes[c], atol=1e-5) for c in codes)


def test_cells_the_class_does_not_cover_mirror_those_it_does(encoder):
    labels = blank()
    labels[0:64, 0:32] = TOP
    labels[0, 32:64] = TOP  # the box is the whole canvas, its right half empty but for one row
    code = encode(encoder, photo_of(labels), labels)[TOP]
    assert np.array_equal(code[:, 2:, 4:], code[:, 2:, [2, 1, 0, 3]])


def test_a_crop_that_does_not_fit_the_grid_is_refused():
    with pytest.raises(ValueError, match="crop"):
        build_encoder(dataclasses.replace(PRESETS["tiny"].model, crop=48))


def test_a_class_weaves_its_own_tile_every_eight_pixels():
    """One number of the top's tile is set: it comes back on every fourth row and column of the top alone."""
    config = PRESETS["tiny"].model
    paddle.seed(0)
    net = build_generator(config)
    net.eval()
    labels = blank()
    labels[:, :32], labels[:, 32:] = TOP, PANTS
    tile = np.zeros((NUM_LABELS + 1, TILE, TILE, net.weave.shape[1]), np.float32)
    tile[TOP, 1, 2] = 1
    net.weave.set_value(tile.reshape(net.weave.shape))
    woven = net._tiles(paddle.to_tensor(labels[None, 1::2, 1::2].astype(np.int64))).numpy()[0, 0]
    expected = np.zeros((32, 32), np.float32)
    expected[1::TILE, 2:16:TILE] = TILE_GAIN
    assert np.array_equal(woven, expected)


# --- layers, judge, features -----------------------------------------------------------------------------------------


def test_class_norm_against_its_formula():
    rng = np.random.default_rng(0)
    norm = ClassNorm(4, 3)
    norm.table.set_value(rng.standard_normal((NUM_LABELS + 1, 8)).astype(np.float32))
    x, style = (rng.standard_normal((2, c, s, s)).astype(np.float32) for c, s in ((4, 8), (3, 4)))
    labels = rng.integers(0, NUM_LABELS + 1, (2, 8, 8))
    inputs = [paddle.to_tensor(v) for v in (x, labels, style)]
    weight, bias = norm.style.weight.numpy()[:, :, 0, 0], norm.style.bias.numpy()
    modulation = np.einsum("oi,nihw->nohw", weight, style) + bias[None, :, None, None]
    affine = norm.table.numpy()[labels].transpose(0, 3, 1, 2) + modulation.repeat(2, 2).repeat(2, 3)
    y = x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-6) * (1 + affine[:, :4]) + affine[:, 4:]
    expected = np.where(y > 0, y, 0.2 * y)
    np.testing.assert_allclose(norm(*inputs).detach().numpy(), expected, atol=1e-5)


def test_class_norm_keeps_pixels_apart():
    norm = ClassNorm(4, 0)
    x = np.random.default_rng(0).standard_normal((1, 4, 4, 4)).astype(np.float32)
    labels = paddle.zeros([1, 4, 4], "int64")
    other = x.copy()
    other[..., 2, 1] += 5
    moved = np.abs(
        norm(paddle.to_tensor(x), labels, None).numpy() - norm(paddle.to_tensor(other), labels, None).numpy()
    )
    assert np.argwhere(moved.sum((0, 1))).tolist() == [[2, 1]]


def test_spectral_norm_is_one_after_training_and_still_in_use():
    paddle.seed(3)
    conv = SpectralConv(6, 8, 3)
    for _ in range(60):
        conv.normalized()
    assert np.linalg.norm(conv.normalized().numpy().reshape(8, -1), 2) == pytest.approx(1, abs=5e-3)
    conv.eval()
    kept = conv.u.numpy()
    first = conv(paddle.ones([1, 6, 5, 5])).numpy()
    assert np.array_equal(conv.u.numpy(), kept) and np.array_equal(conv(paddle.ones([1, 6, 5, 5])).numpy(), first)


def test_a_grouped_spectral_convolution_keeps_its_groups_apart():
    conv = SpectralConv(4, 6, 3, groups=2)
    conv.eval()
    assert list(conv.weight.shape) == [6, 2, 3, 3]
    x = paddle.to_tensor(np.random.default_rng(0).standard_normal((1, 4, 5, 5)).astype(np.float32))
    other = x.clone()
    other[:, :2] += 1
    moved = (conv(other) - conv(x)).abs().sum([0, 2, 3]).numpy()
    assert (moved[:3] > 0).all() and not moved[3:].any()


@pytest.mark.parametrize("label_channels", [0, 5])
def test_the_judge_has_a_head_a_scale_and_gives_its_features(label_channels):
    config = dataclasses.replace(
        PRESETS["tiny"].model, discriminator_widths=(8, 16, 12), discriminator_scales=2, label_channels=label_channels
    )
    net = build_discriminator(config)
    labels = paddle.to_tensor(np.where(outfit() == BACKGROUND, NUM_LABELS, outfit()).astype(np.int64)[None])
    features = net(paddle.zeros([1, 3, 64, 64]), labels)
    assert [[f.shape for f in scale] for scale in features] == [
        [[1, 8, 32, 32], [1, 16, 16, 16], [1, 12, 15, 15], [1, 1, 14, 14]],
        [[1, 8, 16, 16], [1, 16, 8, 8], [1, 12, 7, 7], [1, 1, 6, 6]],
    ]
    judged = net.heads[0].first.weight.shape[1]
    assert judged == 3 + (label_channels or NUM_LABELS)


def test_the_judge_sees_the_map():
    net = build_discriminator(PRESETS["tiny"].model)
    pictures, labels = paddle.zeros([1, 3, 64, 64]), paddle.full([1, 64, 64], TOP, "int64")
    other = paddle.full([1, 64, 64], PANTS, "int64")
    assert not np.allclose(net(pictures, labels)[0][-1].numpy(), net(pictures, other)[0][-1].numpy())


def test_perceptual_heads_judge_features_with_their_map():
    net = build_discriminator(dataclasses.replace(PRESETS["tiny"].model, perceptual_heads=("relu2_2", "relu3_3")))
    features = [paddle.ones([2, 128, 24, 24]), paddle.ones([2, 256, 12, 12])]
    labels = paddle.full([2, 48, 48], TOP, "int64")
    labels[1] = PANTS
    scales = net.judge(features, labels)
    assert [[f.shape for f in scale] for scale in scales] == [
        [[2, 64, 24, 24], [2, 128, 12, 12], [2, 1, 11, 11]],
        [[2, 64, 12, 12], [2, 128, 6, 6], [2, 1, 5, 5]],
    ]
    for *_, logits in scales:
        assert not np.allclose(logits[0].numpy(), logits[1].numpy())


def test_perceptual_features_are_vggs():
    """relu1_2 computed from the file by hand, and the shapes of the other taps."""
    net = PerceptualFeatures(FEATURES, ("relu1_2", "relu2_2", "relu3_3"))
    x = paddle.to_tensor(np.random.default_rng(0).uniform(-1, 1, (1, 3, 16, 16)).astype(np.float32))
    taps = net(x)
    assert [t.shape for t in taps] == [[1, 64, 16, 16], [1, 128, 8, 8], [1, 256, 4, 4]]
    file = {k: paddle.to_tensor(v.astype(np.float32)) for k, v in load_file(FEATURES).items()}
    mean, std = (paddle.to_tensor(v).reshape([1, 3, 1, 1]) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    h = ((x + 1) / 2 - mean) / std
    for layer in (0, 2):
        h = F.relu(F.conv2d(h, file[f"features.{layer}.weight"], file[f"features.{layer}.bias"], padding=1))
    np.testing.assert_allclose(taps[0].numpy(), h.numpy(), rtol=1e-3, atol=1e-3)
    assert not net.parameters(), "frozen: nothing to train"


def test_perceptual_features_never_run_on_random_weights(tmp_path):
    with pytest.raises(UserError, match="VGG16 weights at"):
        PerceptualFeatures(tmp_path / "none.safetensors", ("relu1_2",))
    (tmp_path / "cut.safetensors").write_bytes(FEATURES.read_bytes()[:1000])
    with pytest.raises(UserError, match="not a readable safetensors"):
        PerceptualFeatures(tmp_path / "cut.safetensors", ("relu1_2",))
    with pytest.raises(UserError, match="relu9_9"):
        PerceptualFeatures(FEATURES, ("relu9_9",))
    with pytest.raises(UserError, match="features.17"):
        PerceptualFeatures(FEATURES, ("relu4_3",))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_taps_what_is_shipped(preset):
    loss = PRESETS[preset].loss
    net = PerceptualFeatures(FEATURES, loss.taps)
    assert len(net(paddle.zeros([1, 3, 16, 16]))) == len(loss.taps) == len(loss.tap_weights)
