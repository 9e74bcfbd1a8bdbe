"""The detail branch: against its formula in NumPy, the smaller picture untouched, maps of either size, old weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import paddle
import pytest
from small_maps import PANTS, POCKET, TOP, outfit, photo_of

from garmentgen import Designer
from garmentgen.checkpoint import load_strictly, load_weights, save_weights, to_arrays, untrained
from garmentgen.config import override
from garmentgen.data.prepare import prepare
from garmentgen.errors import UserError
from garmentgen.geometry import doubled, halved
from garmentgen.labels import BACKGROUND, NUM_LABELS
from garmentgen.models import build_encoder, build_generator
from garmentgen.models.lite.generator import enlarged, reaching
from garmentgen.networks import Networks
from garmentgen.pixels import labels_to_tensor
from garmentgen.presets import PRESETS
from garmentgen.priors.files import prior_from
from garmentgen.renderer import Renderer
from garmentgen.synthetic import write_synthetic_set
from garmentgen.tracing import for_other_programs
from garmentgen.training.batch import make_batch
from garmentgen.training.loop import train
from garmentgen.training.start import take_weights

FIXTURES = Path(__file__).parent / "fixtures"
CONFIG = replace(PRESETS["tiny"].model, detail_width=4)
SMALL, LARGE = CONFIG.sizes


def with_detail():
    """A generator whose branch has something to say."""
    paddle.seed(0)
    net, rng = build_generator(CONFIG), np.random.default_rng(0)
    for name, p in net.named_parameters():
        if name.startswith("detail"):
            p.set_value((0.3 * rng.standard_normal(p.shape)).astype(np.float32))
    net.eval()
    return net


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[Path, Path]:
    """Weights with a branch, and the same without it."""
    folder, net = tmp_path_factory.mktemp("detail"), with_detail()
    parts = {"encoder": to_arrays(build_encoder(CONFIG)), "generator": to_arrays(net)}
    save_weights(folder / "with.safetensors", CONFIG, parts, {})
    trunk = build_generator(CONFIG.painting(SMALL))
    load_strictly(trunk, {name: parts["generator"][name] for name in trunk.state_dict()}, "trunk")
    save_weights(folder / "without.safetensors", CONFIG.painting(SMALL), parts | {"generator": to_arrays(trunk)}, {})
    return folder / "with.safetensors", folder / "without.safetensors"


@pytest.fixture(scope="module")
def pair(files) -> tuple[Designer, Designer]:
    return Designer.load(files[0], engine="dynamic"), Designer.load(files[1], engine="dynamic")


def smooth(side: int) -> np.ndarray:
    """A disc and a bar over it: no doubling of a smaller map."""
    y, x = np.indices((side, side)) / side
    labels = np.where((y - 0.5) ** 2 + (x - 0.5) ** 2 < 0.16, TOP, BACKGROUND).astype(np.uint8)
    labels[int(0.6 * side) :, int(0.3 * side) : int(0.71 * side)] = PANTS
    return labels


# --- the formula -----------------------------------------------------------------------------------------------------


def bilinear(x: np.ndarray) -> np.ndarray:
    """[..., S, S] twice as large: a quarter of a pixel beside each centre, edges repeated."""
    for axis in (-1, -2):
        before, after = (np.take(x, np.clip(np.arange(x.shape[axis]) + d, 0, x.shape[axis] - 1), axis) for d in (-1, 1))
        x = np.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis if axis == -1 else -2)
        x = x.reshape(*x.shape[:-2], -1) if axis == -1 else x.reshape(*x.shape[:-3], -1, x.shape[-1])
    return x


def test_the_bilinear_of_this_file_on_paper():
    assert np.allclose(bilinear(np.array([[0.0, 4.0], [0.0, 4.0]])), [[0, 1, 3, 4]] * 4)
    assert np.allclose(bilinear(np.array([[0.0, 0.0], [8.0, 8.0]])).T, [[0, 2, 6, 8]] * 4)


def conv(x: np.ndarray, layer) -> np.ndarray:
    """3 x 3 convolution with zeros around, from its definition."""
    weight, padded = layer.weight.numpy(), np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    side = x.shape[2]
    taps = [np.einsum("oi,nihw->nohw", weight[:, :, i, j], padded[:, :, i : i + side, j : j + side])
            for i in range(3) for j in range(3)]  # fmt: skip
    return sum(taps) + layer.bias.numpy()[None, :, None, None]


def norm(x: np.ndarray, labels: np.ndarray, layer, style: np.ndarray | None) -> np.ndarray:
    """Class-adaptive normalisation and leaky ReLU."""
    affine = layer.table.numpy()[labels].transpose(0, 3, 1, 2)
    if style is not None:
        factor = x.shape[2] // style.shape[2]
        weight, bias = layer.style.weight.numpy()[:, :, 0, 0], layer.style.bias.numpy()[None, :, None, None]
        affine = affine + (np.einsum("oi,nihw->nohw", weight, style) + bias).repeat(factor, 2).repeat(factor, 3)
    scale, shift = np.split(affine, 2, 1)
    y = x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-6) * (1 + scale) + shift
    return np.where(y > 0, y, 0.2 * y)


def shuffle(x: np.ndarray) -> np.ndarray:
    """[N, 4 C, S, S] -> [N, C, 2S, 2S]."""
    n, c, s, _ = x.shape
    return x.reshape(n, c // 4, 2, 2, s, s).transpose(0, 1, 4, 2, 5, 3).reshape(n, c // 4, 2 * s, 2 * s)


def reach(base: np.ndarray, clothed: np.ndarray) -> np.ndarray:
    """Outside the garment the mean of the clothed among the nine neighbours, pixel by pixel; 0 where there is none."""
    result = np.where(clothed[:, None], base, 0)
    for n, i, j in np.argwhere(~clothed):
        around = (n, slice(None), slice(max(i - 1, 0), i + 2), slice(max(j - 1, 0), j + 2))
        near = clothed[n, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2]
        if near.any():
            result[n, :, i, j] = base[around][:, near].mean(1)
    return result


@paddle.no_grad()
def test_the_forward_pass_is_the_formula():
    net, seen = with_detail(), {}
    labels = np.stack([smooth(LARGE), np.roll(smooth(LARGE), 9, 1)])
    net.last.register_forward_post_hook(lambda _, __, out: seen.update(base=out.numpy()))
    net.detail_norm.register_forward_pre_hook(lambda _, given: seen.update(h=given[0].numpy(), style=given[2].numpy()))
    rng = np.random.default_rng(1)
    codes = rng.standard_normal((2, NUM_LABELS, 8, CONFIG.grid, CONFIG.grid)).astype(np.float32)
    noise = rng.standard_normal((2, 1, SMALL // 2, SMALL // 2)).astype(np.float32)
    picture = net(labels_to_tensor(labels), paddle.to_tensor(codes), paddle.to_tensor(noise)).numpy()

    ids, half = labels_to_tensor(labels).numpy(), labels_to_tensor(halved(labels)).numpy()
    d = shuffle(conv(norm(seen["h"], half, net.detail_norm, seen["style"]), net.detail))
    d = conv(norm(d, ids, net.detail_last_norm, None), net.detail_last)
    whole = np.tanh(bilinear(reach(seen["base"], half != NUM_LABELS)) + d)
    expected = np.where((ids != NUM_LABELS)[:, None], whole, 1)
    assert picture.shape == (2, 3, LARGE, LARGE) and np.abs(d).max() > 0.1
    np.testing.assert_allclose(picture, expected, atol=2e-4)


@paddle.no_grad()
def test_blocks_of_pixels_give_what_the_pixels_give():
    """The form of the branch that other programs run, beside the one that is trained: two maps, every class."""
    net, rng = with_detail(), np.random.default_rng(2)
    ids = paddle.to_tensor(rng.integers(0, NUM_LABELS + 1, (2, LARGE, LARGE)))
    codes = rng.standard_normal((2, NUM_LABELS, 8, CONFIG.grid, CONFIG.grid)).astype(np.float32)
    noise = rng.standard_normal((2, 1, SMALL // 2, SMALL // 2)).astype(np.float32)
    net.detail_last_norm.table.set_value(rng.standard_normal([NUM_LABELS + 1, 8]).astype(np.float32))
    plain = net(ids, paddle.to_tensor(codes), paddle.to_tensor(noise)).numpy()
    token = for_other_programs.set(True)
    try:
        in_blocks = net(ids, paddle.to_tensor(codes), paddle.to_tensor(noise)).numpy()
    finally:
        for_other_programs.reset(token)
    assert plain.std() > 0.1
    np.testing.assert_allclose(in_blocks, plain, atol=2e-5)


@paddle.no_grad()
def test_colours_reach_over_the_outline_before_they_are_enlarged():
    """A red field on a canvas of nonsense: no pixel of the field's doubled outline has any of the nonsense."""
    labels = np.full((1, 16, 16), NUM_LABELS)
    labels[0, 4:12, 5:13] = TOP
    picture = np.random.default_rng(0).standard_normal((1, 3, 16, 16)).astype(np.float32) * 9
    picture[:, :, 4:12, 5:13] = np.array([1.0, -1.0, 0.5], np.float32)[None, :, None, None]
    large = enlarged(reaching(paddle.to_tensor(picture), paddle.to_tensor(labels))).numpy()
    inside = large[0, :, 8:24, 10:26].reshape(3, -1)
    np.testing.assert_allclose(inside, np.array([1.0, -1.0, 0.5])[:, None].repeat(256, 1), atol=1e-6)


def test_an_untrained_branch_paints_the_enlarged_picture():
    paddle.seed(0)
    net = build_generator(CONFIG)
    assert not net.detail_last.weight.numpy().any()


# --- two sizes -------------------------------------------------------------------------------------------------------


def test_the_smaller_picture_is_byte_for_byte_the_trunks(pair):
    fine, plain = pair
    assert fine.sizes == (SMALL, LARGE) and fine.size == LARGE and plain.sizes == (SMALL,)
    look = fine.look(smooth(LARGE), seed=3)
    alone = plain.look(halved(smooth(LARGE)), seed=3)
    assert all(np.array_equal(look.codes[c], alone.codes[c]) for c in alone.codes)
    assert np.array_equal(fine.render(look, SMALL), plain.render(alone))
    large = fine.render(look)
    assert large.shape == (LARGE, LARGE, 3) and (large[look.labels == BACKGROUND] == 255).all()
    assert np.array_equal(fine.generate(smooth(LARGE), 3), large)


def test_a_look_of_the_other_size_is_painted_and_said(pair):
    fine, plain = pair
    small = plain.look(outfit(SMALL), seed=5)
    large, notes = fine.fit(small)
    assert np.array_equal(large.labels, doubled(outfit(SMALL))) and np.array_equal(halved(large.labels), small.labels)
    assert any(f"from {SMALL}x{SMALL} to {LARGE}x{LARGE}: outlines show its steps" in note for note in notes)
    assert any("made with weights" in note for note in notes)
    assert np.array_equal(fine.render(small), fine.render(large))
    assert np.array_equal(plain.render(large), plain.render(small))
    again = fine.fit(fine.look(smooth(LARGE)))
    assert not again[1]
    back, said = plain.fit(large)
    assert np.array_equal(back.labels, small.labels) and "was resized" in " ".join(said)


def test_codes_of_a_region_too_thin_for_the_smaller_map_are_drawn_all_the_same(pair):
    """A line on an even row is on no pixel of the half map; locks and re-rolls know it."""
    fine, _ = pair
    labels = smooth(LARGE)
    labels[LARGE // 2, 40:90] = POCKET
    assert POCKET not in halved(labels)
    look = fine.look(labels, seed=1)
    assert set(look.codes) == {TOP, PANTS, POCKET}
    plain = fine.look(smooth(LARGE), seed=1)
    assert all(np.array_equal(look.codes[c], plain.codes[c]) for c in plain.codes)
    assert not np.array_equal(fine.reroll(look, POCKET).codes[POCKET], look.codes[POCKET])
    dot = np.full((LARGE, LARGE), BACKGROUND, np.uint8)
    dot[8, 8] = TOP
    assert (fine.generate(dot)[dot == BACKGROUND] == 255).all()


def test_a_photo_is_read_at_the_side_that_codes_belong_to(pair):
    fine, plain = pair
    labels, photo = doubled(outfit(SMALL)), photo_of(outfit(SMALL)).repeat(2, 0).repeat(2, 1)
    fitted = fine.style_from_photo(fine.look(labels), photo, labels)
    alone = plain.style_from_photo(plain.look(outfit(SMALL)), photo_of(outfit(SMALL)), outfit(SMALL))
    assert all(np.array_equal(fitted.codes[c], alone.codes[c]) for c in alone.codes)


@pytest.mark.parametrize("size", [0, SMALL + 1, 2 * LARGE])
def test_a_size_that_is_not_painted_is_refused_in_one_sentence(pair, size):
    with pytest.raises(UserError, match=f"paint pictures of {SMALL} or {LARGE} px, not {size}"):
        pair[0].render(pair[0].look(smooth(LARGE)), size)


def test_a_smaller_canvas_paints_maps_of_its_size_as_they_are(files, pair):
    """On the large one their outlines are smoothed, and the half of that is another map."""
    fine, plain = pair
    small = Designer.load(files[0], engine="dynamic", size=SMALL)
    assert small.size == SMALL and small.sizes == plain.sizes and small.weights_hash == fine.weights_hash
    stairs = doubled(smooth(SMALL // 2))
    assert np.array_equal(small.look(stairs).labels, stairs)
    assert np.array_equal(small.generate(stairs, 3), plain.generate(stairs, 3))
    assert not np.array_equal(halved(fine.look(stairs).labels), stairs)
    with pytest.raises(UserError, match=f"paint pictures of {SMALL} or {LARGE} px, not 100"):
        Designer.load(files[0], engine="dynamic", size=100)


def test_both_sizes_run_as_static_graphs(files, pair):
    static = Designer.load(files[0])
    look = static.look(smooth(LARGE), seed=2)
    for size in (SMALL, LARGE):
        gap = np.abs(static.render(look, size).astype(int) - pair[0].render(look, size))
        assert gap.max() <= 1


# --- old weights -----------------------------------------------------------------------------------------------------


def test_weights_from_before_the_branch_paint_what_they_painted():
    designer = Designer.load(FIXTURES / "before-detail.safetensors", engine="dynamic")
    assert designer.sizes == (64,) and designer.config.detail_width is None
    stored = cv2.imread(str(FIXTURES / "before-detail.png"))[..., ::-1]
    picture = designer.render(designer.look(outfit(), seed=4))
    assert np.abs(picture.astype(int) - stored).max() <= 1


# --- training --------------------------------------------------------------------------------------------------------

LEARN = ["model.detail_width=4", "train.freeze_encoder=true", "train.freeze_trunk=true", "train.window=64",
         "train.adversarial_from=1000", "train.images=12", "loss.crop=32"]  # fmt: skip


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """Thirteen garments, prepared at the canvas's side."""
    folder = tmp_path_factory.mktemp("large")
    write_synthetic_set(folder / "raw", 13, 200, 0)
    prepare(folder / "raw", folder / "prepared", size=LARGE, workers=1)
    return folder / "prepared"


def quiet(*_) -> None:
    """No progress."""


def test_a_branch_grows_on_old_weights_and_leaves_their_picture_alone(files, large, tmp_path, capsys):
    config = override(PRESETS["tiny"], LEARN)
    run = train([large], config, tmp_path / "run", init=files[1], show=quiet)
    said = capsys.readouterr().out
    assert "new, not in" in said and "detail_last_norm.table" in said and "embed" not in said.split("new, not in")[1]
    old, new = (Designer.load(path, engine="dynamic") for path in (files[1], run))
    assert new.sizes == (SMALL, LARGE)
    look = new.look(smooth(LARGE), seed=3)
    assert np.array_equal(new.render(look, SMALL), old.render(look, SMALL)), "the trunk is frozen"
    branch = {k: v for k, v in load_weights(run).parts["generator"].items() if k.startswith("detail")}
    assert np.abs(branch["detail_last.weight"]).max() > 0, "and the branch has learnt"
    again = train([large], override(config, ["train.images=16"]), tmp_path / "more", init=run, show=quiet)
    assert "new, not in" not in capsys.readouterr().out and again.exists()


def test_a_model_without_a_branch_takes_the_trunk_alone_and_says_so(files, capsys):
    model = PRESETS["tiny"].model
    trunk = build_generator(model)
    take_weights({"generator": trunk}, model, load_weights(files[0]), files[0])
    assert "left out of" in capsys.readouterr().out
    whole = load_weights(files[0]).parts["generator"]
    taken = to_arrays(trunk)
    assert all(np.array_equal(taken[k], whole[k]) for k in taken) and not [k for k in taken if k.startswith("detail")]


def test_weights_that_lack_more_than_the_branch_are_refused(files, large, tmp_path):
    config = override(PRESETS["tiny"], [*LEARN, "model.last_width=4"])
    with pytest.raises(UserError, match=r"model.last_width 8 \(here 4\)"):
        train([large], config, tmp_path / "run", init=files[1], show=quiet)
    weights = load_weights(files[1])
    less = {k: v for k, v in weights.parts["generator"].items() if k != "embed"}
    save_weights(tmp_path / "less.safetensors", weights.config, weights.parts | {"generator": less}, {})
    with pytest.raises(UserError, match="embed"):
        train([large], override(PRESETS["tiny"], LEARN), tmp_path / "run", init=tmp_path / "less.safetensors")


def test_windows_of_a_canvas_twice_as_large_show_what_the_trunk_sees():
    """Codes, boxes and mains are those of the half map; picture, map and window are the canvas's."""
    net, rng = with_detail(), np.random.default_rng(0)
    labels = np.stack([smooth(LARGE), np.roll(smooth(LARGE), 9, 1)])
    images = rng.integers(0, 255, (2, LARGE, LARGE, 3)).astype(np.uint8)
    seeds = np.arange(2)
    whole = make_batch(images, labels, seeds, net, CONFIG.crop)
    half = images.reshape(2, SMALL, 2, SMALL, 2, 3).mean((2, 4))
    plain = make_batch(
        (half + 0.5).astype(np.uint8), halved(labels), seeds, build_generator(CONFIG.painting(SMALL)), CONFIG.crop
    )
    assert np.array_equal(whole.regions.crops, plain.regions.crops) and np.array_equal(whole.boxes, plain.boxes)
    assert whole.pictures.shape == [2, 3, LARGE, LARGE] and whole.noise_side == plain.noise_side == SMALL // 2
    part = make_batch(images, labels, seeds, net, CONFIG.crop, window=64)
    assert part.pictures.shape == [2, 3, 64, 64] and part.noise_side == 16
    shift = (whole.boxes - part.boxes)[:, 0, :2].numpy().astype(int)
    for n, (y, x) in enumerate(2 * shift):
        assert np.array_equal(part.labels[n].numpy(), whole.labels[n, y : y + 64, x : x + 64].numpy())


@pytest.mark.parametrize(
    "settings, words",
    [
        (["model.detail_width=4", "train.window=32"], "multiple of 64"),
        (["train.freeze_trunk=true", "train.freeze_encoder=true"], "goes with model.detail_width"),
        (["train.freeze_trunk=true", "model.detail_width=4"], "train.freeze_encoder"),
        (["model.detail_width=0"], "model.detail_width"),
    ],
)
def test_settings_of_the_branch_that_do_not_go_together(settings, words):
    with pytest.raises(UserError, match=words):
        override(PRESETS["tiny"], settings)


# --- whatever the size -----------------------------------------------------------------------------------------------


def test_the_normal_prior_knows_no_size():
    """Codes of untrained weights are as many whatever the map's side."""
    weights = untrained(CONFIG, 0)
    networks = Networks(weights)
    designer = Designer(networks, Renderer(networks, "dynamic"), prior_from(weights, None))
    assert set(designer.look(smooth(LARGE)).codes) == {TOP, PANTS}
