"""Settings: round trips, unknown keys, types of overrides, and the legality of the published preset."""

from __future__ import annotations

import dataclasses
import json

import pytest

from garmentgen.config import (
    LOSSES,
    DataConfig,
    SmisConfig,
    check,
    data_of,
    from_dict,
    model_from_dict,
    override,
    to_dict,
)
from garmentgen.errors import UserError
from garmentgen.labels import NUM_LABELS
from garmentgen.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_a_config_survives_json(name):
    config = PRESETS[name]
    assert from_dict(json.loads(json.dumps(to_dict(config)))) == config


@pytest.mark.parametrize("section", ["model", "loss", "data", "train"])
def test_unknown_keys_raise_and_are_named(section):
    data = to_dict(PRESETS["lite"])
    data[section]["learning_speed"] = 1
    with pytest.raises(UserError, match="learning_speed"):
        from_dict(data)


@pytest.mark.parametrize("kind", [None, "pix2pix"])
def test_an_unknown_kind_of_model_raises(kind):
    with pytest.raises(UserError, match="kind"):
        model_from_dict({"kind": kind})


@pytest.mark.parametrize(
    "setting, section, key, value",
    [
        ("train.batch=8", "train", "batch", 8),
        ("train.lr_generator=1", "train", "lr_generator", 1.0),
        ("train.lr_generator=2e-4", "train", "lr_generator", 2e-4),
        ("train.freeze_encoder=true", "train", "freeze_encoder", True),
        ("model.widths=[64,48,32,24,16]", "model", "widths", (64, 48, 32, 24, 16)),
        ('loss.taps=["relu1_2"]', "loss", "taps", ("relu1_2",)),
    ],
)
def test_an_override_sets_one_value_of_its_own_type(setting, section, key, value):
    changed = override(PRESETS["lite"], [setting])
    got = getattr(getattr(changed, section), key)
    assert got == value and type(got) is type(value)
    back = dataclasses.replace(getattr(changed, section), **{key: getattr(getattr(PRESETS["lite"], section), key)})
    assert dataclasses.replace(changed, **{section: back}) == PRESETS["lite"]  # and nothing else


def test_later_overrides_win():
    assert override(PRESETS["tiny"], ["train.batch=2", "train.batch=3"]).train.batch == 3


@pytest.mark.parametrize(
    "setting",
    [
        "train.batch",
        "train.batch=",
        "batch=3",
        "optimizer.beta=1",
        "train.speed=1",
        "train.batch=many",
        "train.batch=1.5",
        "train.batch=true",
        "train.freeze_encoder=1",
        "model.widths=3",
        "loss.taps=relu1_2",
    ],
)
def test_a_wrong_override_is_one_clear_error(setting):
    with pytest.raises(UserError):
        override(PRESETS["lite"], [setting])


def test_configs_cannot_be_changed_in_place():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PRESETS["lite"].train.batch = 1  # type: ignore[misc]


def test_groups_of_the_published_preset_are_legal():
    """C // 4 would be 11, which divides neither 46 nor the widths."""
    config = SmisConfig()
    widths = [config.width * m for m in config.multipliers]
    assert config.width % NUM_LABELS == 0 and len(config.groups) == len(widths) - 1
    assert config.groups[:2] == (NUM_LABELS, NUM_LABELS)
    for inputs, outputs, groups in zip(widths, widths[1:], config.groups, strict=False):
        assert inputs % groups == outputs % groups == 0
    assert all(config.encoder_width * m % NUM_LABELS == 0 for m in config.encoder_multipliers)


def test_the_published_recipe_is_the_smis_preset():
    """SMIS, section 4.1 and the release's defaults: x10, x10, 0.05; TTUR 1e-4 and 4e-4; Adam (0, 0.9); batch 4."""
    config = PRESETS["smis"]
    assert (config.model.size, config.model.grid, config.model.code_channels) == (256, 4, 8)
    assert (config.loss.feat, config.loss.vgg, config.loss.kld) == (10.0, 10.0, 0.05)
    assert (config.train.batch, config.train.lr_generator, config.train.lr_discriminator) == (4, 1e-4, 4e-4)
    assert config.train.betas == (0.0, 0.9) and config.train.decay == 0.5 and config.train.adversarial_from == 0


def test_ten_losses_are_logged_by_the_published_names():
    judge = ("d_real_loss", "d_fake_loss", "d_seg_ganloss", "d_all_loss")
    assert LOSSES == (*judge, "g_ganloss", "g_featloss", "g_vggloss", "g_styleloss", "kldloss", "g_loss")


@pytest.mark.parametrize(
    ("preset", "setting", "message"),
    [
        ("tiny", "train.batch=0", "train.batch is a whole number from 1 to 1,024, not 0"),
        ("tiny", "train.batch=100000", "not 100000"),
        ("lite", "model.size=2048 train.batch=64", "train.batch is at most 16 when 2048 px are painted, not 64"),
        ("tiny", "train.images=0", "train.images is a whole number from 1 to"),
        ("lite", "model.size=200", "model.size is a multiple of 32 from 32 to 2,048, not 200"),
        ("smis", "model.size=224", "multiple of 64 from 64 to 2,048, not 224"),
        ("smis", "model.size=128", "model.size is model.grid doubled by each of encoder_multipliers, 256"),
        ("smis", "train.window=128", "smis paints whole canvases"),
        ("smis", "model.groups=[46,46,23,23,2,2]", "doubled"),
        ("smis", "model.width=100", f"are not multiples of {NUM_LABELS}"),
        ("smis", "model.encoder_width=64", f"a multiple of {NUM_LABELS} classes, not 64"),
        ("lite", "train.window=100", "train.window is a multiple of 32 from 0 to 2,048, not 100"),
        ("lite", "train.window=288", "at most the canvas, 256, not 288"),
        ("lite", "train.window=32 loss.crop=0", "judges from 48 px to the 32 that are painted, but it is shown 32"),
        ("lite-worn", "loss.judged=32", "judges from 48 px to the 128 that are painted, but it is shown 32"),
        ("lite-worn", "loss.judged=160", "but it is shown 160"),
        ("lite", "model.grid=8", "model.crop is 8 times model.grid, 64, not 128"),
        ("lite", "model.widths=[8,8,8,8,0]", r"model.widths\[4\] is a whole number from 1 to 4,096, not 0"),
        ("lite", "model.widths=[]", "a list of 5, each a whole number"),
        ("lite", "model.depths=[0,0,0,0,0]", r"model.depths\[0\] is a whole number from 1 to 32"),
        ("lite", "model.encoder_widths=[]", "a list of 2"),
        ("lite", "model.code_channels=-1", "model.code_channels is a whole number from 1 to 64, not -1"),
        ("lite", "model.octaves=0", "model.octaves is a whole number from 1 to 16, not 0"),
        ("lite", 'model.perceptual_heads=["relu9_9"]', "one of relu1_2, relu2_2, relu3_3, relu4_3, not 'relu9_9'"),
        ("lite", "model.kind=smis", "choose it with the preset"),
        ("lite", "model.discriminator_widths=[]", "a list of 1 to 8"),
        ("tiny", "model.discriminator_scales=0", "from 1 to 8, not 0"),
        ("tiny", "model.discriminator_scales=9", "from 1 to 8, not 9"),
        ("tiny", "model.discriminator_scales=4", "judges from 96 px to the 64 that are painted"),
        ("lite", "loss.crop=257", "a multiple of 4 from 16 to 256, the side of what is painted, not 257"),
        ("lite", "loss.crop=12", "from 16 to 256"),
        ("tiny", "loss.crop=1", "loss.crop is 0 or a multiple of 1 from 4 to 64, the side of what is painted, not 1"),
        ("tiny", "loss.crop=3", "not 3"),
        ("lite", 'loss.taps=["relu3_3","relu2_2"]', "from the first to the last, each once"),
        ("lite", "loss.taps=[1]", r"loss.taps\[0\] is one of relu1_2"),
        ("lite", 'loss.tap_weights=["a"]', r"loss.tap_weights\[0\] is a number from 0"),
        ("tiny", "data.drawn=1.5", "data.drawn is a number from 0 to 1, not 1.5"),
        ("tiny", "data.outfits=-0.1", "data.outfits is a number from 0 to 1"),
        ("tiny", "data.validation=NaN", "not nan"),
        ("tiny", "data.split_seed=-1", "data.split_seed is a whole number from 0"),
        ("tiny", "train.seed=-1", "train.seed is a whole number from 0"),
        ("tiny", "train.betas=[2,2]", r"train.betas\[0\] is a number from 0 below 1, not 2"),
        ("tiny", "train.betas=[0]", r"train.betas\[1\] is missing"),
        ("tiny", "train.lr_generator=1e999", "not inf"),
        ("tiny", "train.log_images=0", "train.log_images is a whole number from 1"),
        ("tiny", "train.sample_images=0", "train.sample_images is a whole number from 1"),
        ("tiny", "train.images=" + "9" * 5000, "train.images is a whole number"),
        ("tiny", "train.images=" + "[" * 5000, "train.images is a whole number"),
    ],
    ids=lambda value: value[:40],
)
def test_settings_no_run_could_use_are_refused(preset, setting, message):
    with pytest.raises(UserError, match=message) as told:
        override(PRESETS[preset], setting.split())
    assert len(str(told.value)) < 300


def test_settings_are_judged_together_whatever_their_order():
    for settings in (["model.grid=8", "model.crop=64"], ["model.crop=64", "model.grid=8"]):
        assert override(PRESETS["lite"], settings).model.crop == 64


@pytest.mark.parametrize("what", [{}, [], None, "lite", {"model": {}}, {"model": {"kind": ["lite"]}}, {"loss": 1}])
def test_what_is_no_config_is_one_sentence(what):
    with pytest.raises(UserError):
        from_dict(what)
    with pytest.raises(UserError):
        model_from_dict(what)


@pytest.mark.parametrize(
    "facts",
    [
        {"recipe": None},
        {"recipe": {"data": []}},
        {"recipe": {"data": {"split_seed": -1}}},
        {"recipe": {"data": {"validation": "8 %"}}},
        {"prior": ["bank"]},
    ],
)
def test_facts_that_no_training_could_have_left_are_refused(facts):
    with pytest.raises(UserError, match="facts"):
        data_of(facts)


def test_facts_of_older_and_newer_programs_are_read():
    assert data_of({}) == data_of({"recipe": {}}) == DataConfig()
    told = {"engine": "another", "recipe": {"data": {"split_seed": 3, "validation": 0.2, "gone": 1}, "model": 0}}
    assert data_of(told) == DataConfig(split_seed=3, validation=0.2)


def test_the_presets_are_usable():
    for config in PRESETS.values():
        check(config)
    check(override(PRESETS["lite"], ["train.window=128", "loss.crop=128"]))
