"""Settings as frozen dataclasses: the recipes are in `presets`, and each field says what it may be.

A value out of its range cannot be constructed (see `checks`); what must go together is asked by `check`. Every schedule
counts pictures seen, never steps or epochs, so that batch size and process count do not change it.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from .checks import STRICT, Seed, Share, checked, shown
from .errors import UserError
from .models.lite.config import LiteConfig, Tap
from .models.smis.config import SmisConfig
from .rules import check

ModelConfig = SmisConfig | LiteConfig

Pictures = Annotated[int, Field(ge=1, le=1_000_000_000)]
Weight = Annotated[float, Field(ge=0, le=1_000_000)]
Rate = Annotated[float, Field(ge=0, le=1)]
Beta = Annotated[float, Field(ge=0, lt=1)]

LOSSES = (
    "d_real_loss", "d_fake_loss", "d_seg_ganloss", "d_all_loss",
    "g_ganloss", "g_featloss", "g_vggloss", "g_styleloss", "kldloss", "g_loss",
)  # fmt: skip
"""Names of the logged losses; `d_all_loss` is the sum of the three before it, `g_loss` of the five before it."""


@dataclass(frozen=True, config=STRICT)
class LossConfig:
    """Weights of the losses (SMIS section 3.3; names as they are logged)."""

    feat: Weight = 10.0
    vgg: Weight = 10.0
    style: Weight = 10.0
    kld: Weight = 0.05
    """Keeps codes near one another. At 1e-3 they spread to +-11, and what lies between two was never painted: holes."""
    taps: Annotated[tuple[Tap, ...], Field(min_length=1, max_length=4)] = ("relu1_2", "relu2_2", "relu3_3")
    tap_weights: Annotated[tuple[Weight, ...], Field(min_length=1, max_length=5)] = (0.25, 0.5, 1.0)
    vgg19: bool = False
    """Use VGG19 of paddle.vision (downloaded by Paddle) instead of the shipped VGG16. Its five taps, relu1_1 to
    relu5_1, want five `tap_weights`: as published 1/32, 1/16, 1/8, 1/4, 1."""
    crop: Annotated[int, Field(ge=0, le=2048)] = 0
    """Side of the random crop that the perceptual losses see; 0 = the whole picture."""
    pixel: Weight = 1.0
    """Weight of the picture itself as layer 0 of the matched features."""
    swapped: Weight = 0.0
    """Weight of the adversarial term on pictures with another picture's codes, or a prior's (see `freeze_encoder`)."""
    stat: Weight = 0.0
    """Weight of `g_statloss`: cloth worn by another map keeps the means and spreads of its photograph's features.
    Prevents specks, holes and blobs on plain cloth, where nothing else says what a worn code should look like."""
    gram: Weight = 0.0
    """Weight of `g_gramloss`, the same for Gram matrices. Prevents embossing: texture that the photograph has not."""
    mixed: Share = 0.0
    """Share of worn codes that lie between two donors', held to the same mixture of both donors' statistics. Prevents
    specks in the middle of the diversity slider."""
    jitter: Share = 0.0
    """Colour jitter in front of the discriminator: light, saturation and contrast within 1 +- jitter. Prevents that it
    knows the training photographs by their colours."""
    judged: Annotated[int, Field(ge=0, le=2048)] = 0
    """Side of the moving window that the discriminator's picture heads see; 0 = all that is painted. Prevents that it
    knows photographs by their place on the canvas."""


@dataclass(frozen=True, config=STRICT)
class DataConfig:
    """What a batch is made of."""

    validation: Share = 0.08
    split_seed: Seed = 0
    flip: Share = 0.5
    colour: Share = 0.0
    """Probability of recolouring a garment."""
    affine: Share = 0.0
    """Probability of a small affine warp."""
    outfits: Share = 0.0
    """Share of pictures composed of several garments."""
    drawn: Share = 0.0
    """Share of drawn garments, when a second folder is given."""
    together: Annotated[int, Field(ge=1, le=1024)] = 1
    """Pictures in a row that share their main class; above 1, codes are lent among them alone, photographs' codes to
    any map of the class, drawn ones to drawn maps. Prevents that T-shirts' statistics unlearn knit, and that the
    discriminator, which knows drawn maps by their outline, teaches crackle: where map and code are of different
    origin it is not asked."""


@dataclass(frozen=True, config=STRICT)
class Schedule:
    """How long a run is and what it leaves. Learning rates fall linearly to zero over the last `decay` of `images`."""

    images: Pictures = 400_000
    batch: Annotated[int, Field(ge=1, le=1024)] = 4
    betas: tuple[Beta, Beta] = (0.0, 0.9)
    decay: Share = 0.5
    ema_half_life: Pictures = 5_000
    seed: Seed = 0
    save_minutes: Annotated[float, Field(ge=0, le=1_000_000)] = 5.0
    log_images: Pictures = 200
    """Pictures between two lines of the log."""


@dataclass(frozen=True, config=STRICT)
class TrainConfig(Schedule):
    """The schedule of the networks."""

    lr_generator: Rate = 1e-4
    lr_discriminator: Rate = 4e-4
    adversarial_from: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    """Pictures seen before the discriminator joins: reconstruction is learnt first."""
    window: Annotated[int, Field(ge=0, le=2048, multiple_of=32)] = 0
    """Side of the part of each canvas that is painted in a step (`lite`); 0 = the whole canvas. The encoder always
    sees whole garments."""
    freeze_encoder: bool = False
    """Keep the encoder as it is and learn to paint. Priors in the weights that the run starts from stay valid, are
    kept, and draw the codes of the swapped pass: what users will see meets the discriminator."""
    freeze_trunk: bool = False
    """Learn the detail branch alone: what is painted at `model.size` stays, byte for byte."""
    sample_images: Pictures = 2_000
    """Pictures between two sample sheets."""


@dataclass(frozen=True, config=STRICT)
class Config:
    """One run: model, losses, data, schedule."""

    model: ModelConfig = field(default_factory=LiteConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    data: DataConfig = field(default_factory=DataConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


Kind = Literal["smis", "lite"]
_MODELS: dict[str, type] = {model.kind: model for model in (SmisConfig, LiteConfig)}
_SECTIONS = {"loss": LossConfig, "data": DataConfig, "train": TrainConfig}


def to_dict(config: Any) -> dict[str, Any]:
    """A config (or one of its sections) as plain JSON types; a model carries its kind under "kind"."""
    result: dict[str, Any] = {}
    for f in dataclasses.fields(config):
        value = getattr(config, f.name)
        result[f.name] = to_dict(value) if dataclasses.is_dataclass(value) else value
    if type(config) in _MODELS.values():
        result["kind"] = config.kind
    return json.loads(json.dumps(result))


def model_from_dict(data: Any, what: str = "model") -> ModelConfig:
    """Inverse of `to_dict` for a model; raises UserError naming what is wrong under the name `what`."""
    rest = dict(checked(dict[str, Any], data, what))
    kind = checked(Kind, rest.pop("kind", None), f"{what}.kind")
    model = checked(_MODELS[kind], rest, what)
    model.check()
    return model


def from_dict(data: Any) -> Config:
    """Inverse of `to_dict`.

    Raises:
        UserError: names the first key that is unknown, value that is out of its range, or two that do not go together.
    """
    data = checked(dict[str, Any], data, "a config")
    sections = {name: checked(cls, data.get(name), name) for name, cls in _SECTIONS.items()}
    config = Config(model_from_dict(data.get("model")), **sections)
    check(config)
    return config


@dataclass(frozen=True, config={**STRICT, "extra": "ignore"})
class _Facts:
    """What the program reads of a weights file's facts; people may read more there."""

    prior: str | None = None
    recipe: dict[str, Any] = field(default_factory=dict)


def data_of(facts: dict[str, Any]) -> DataConfig:
    """The data settings that weights with these facts were trained with; the defaults where they do not say.

    Raises:
        UserError: the facts say what no training could have had.
    """
    told = checked(dict[str, Any], checked(_Facts, facts, "facts").recipe.get("data", {}), "facts.recipe.data")
    known = {f.name for f in dataclasses.fields(DataConfig)}
    return checked(DataConfig, {name: v for name, v in told.items() if name in known}, "facts.recipe.data")


def override(config: Config, settings: list[str]) -> Config:
    """Apply `section.key=value` settings, e.g. `train.batch=8`, `model.widths=[64,48,32,24,16]`; all, then check.

    Raises:
        UserError: no such section or key, or a value out of its range; see `from_dict`.
    """
    data = to_dict(config)
    for setting in settings:
        path, _, text = setting.partition("=")
        section, _, key = path.partition(".")
        if section not in ("model", *_SECTIONS) or not key or not text:
            raise UserError(
                "a setting reads section.key=value, its section one of model, loss, data and train, "
                f"not {shown(setting)}"
            )
        if key == "kind":
            raise UserError("model.kind cannot be set; choose it with the preset")
        try:
            data[section][key] = json.loads(text)
        except (ValueError, RecursionError):
            data[section][key] = text
    return from_dict(data)
