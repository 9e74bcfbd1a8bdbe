"""Settings: round trips, unknown keys, types of overrides, and the legality of the published preset."""

from __future__ import annotations

import dataclasses
import json

import pytest

from garmentgen.config import LOSSES, PRESETS, SmisConfig, check, from_dict, model_from_dict, override, to_dict
from garmentgen.errors import UserError
from garmentgen.labels import NUM_LABELS


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
        ("tiny", "train.batch=0", "train.batch is at least 1"),
        ("tiny", "train.images=0", "train.images is at least 1"),
        ("lite", "model.size=200", "multiple of 32, not 200"),
        ("smis", "model.size=224", "multiple of 64, not 224"),
        ("lite", "train.window=100", "multiple of 32 up to model.size=256, not 100"),
        ("lite", "train.window=288", "not 288"),
        ("lite", "loss.crop=257", "up to 256"),
        ("tiny", "data.drawn=1.5", "data.drawn is a share from 0 to 1"),
        ("tiny", "data.outfits=-0.1", "data.outfits is a share"),
    ],
)
def test_settings_no_run_could_use_are_refused(preset, setting, message):
    with pytest.raises(UserError, match=message):
        check(override(PRESETS[preset], [setting]))


def test_the_presets_are_usable():
    for config in PRESETS.values():
        check(config)
    check(override(PRESETS["lite"], ["train.window=128", "loss.crop=128"]))
