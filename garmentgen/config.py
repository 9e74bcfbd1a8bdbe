"""Settings as frozen dataclasses: the defaults are the recipes we publish, unknown keys raise.

Every schedule counts pictures seen, never steps or epochs, so that batch size and process count do not change it.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from .errors import UserError
from .models.lite.config import LiteConfig
from .models.smis.config import SmisConfig

ModelConfig = SmisConfig | LiteConfig

LOSSES = (
    "d_real_loss",
    "d_fake_loss",
    "d_seg_ganloss",
    "d_all_loss",
    "g_ganloss",
    "g_featloss",
    "g_vggloss",
    "g_styleloss",
    "kldloss",
    "g_loss",
)
"""Names of the logged losses; `d_all_loss` is the sum of the three before it, `g_loss` of the five before it."""


@dataclass(frozen=True)
class LossConfig:
    """Weights of the losses (SMIS section 3.3; names as they are logged)."""

    feat: float = 10.0
    vgg: float = 10.0
    style: float = 10.0
    kld: float = 0.05
    """Keeps codes near one another. At 1e-3 they spread to +-11, and what lies between two was never painted: holes."""
    taps: tuple[str, ...] = ("relu1_2", "relu2_2", "relu3_3")
    tap_weights: tuple[float, ...] = (0.25, 0.5, 1.0)
    vgg19: bool = False
    """Use VGG19 of paddle.vision (downloaded by Paddle) instead of the shipped VGG16. Its five taps, relu1_1 to
    relu5_1, want five `tap_weights`: as published 1/32, 1/16, 1/8, 1/4, 1."""
    crop: int = 0
    """Side of the random crop that the perceptual losses see; 0 = the whole picture."""
    pixel: float = 1.0
    """Weight of the picture itself as layer 0 of the matched features."""
    swapped: float = 0.0
    """Weight of the adversarial term on pictures with another picture's codes, or a prior's (see `freeze_encoder`)."""
    stat: float = 0.0
    """Weight of `g_statloss`: cloth worn by another map keeps the means and spreads of its photograph's features.
    Prevents specks, holes and blobs on plain cloth, where nothing else says what a worn code should look like."""
    gram: float = 0.0
    """Weight of `g_gramloss`, the same for Gram matrices. Prevents embossing: texture that the photograph has not."""
    mixed: float = 0.0
    """Share of worn codes that lie between two donors', held to the same mixture of both donors' statistics. Prevents
    specks in the middle of the diversity slider."""
    jitter: float = 0.0
    """Colour jitter in front of the discriminator: light, saturation and contrast within 1 +- jitter. Prevents that it
    knows the training photographs by their colours."""
    judged: int = 0
    """Side of the moving window that the discriminator's picture heads see; 0 = all that is painted. Prevents that it
    knows photographs by their place on the canvas."""


@dataclass(frozen=True)
class DataConfig:
    """What a batch is made of."""

    validation: float = 0.08
    split_seed: int = 0
    flip: float = 0.5
    colour: float = 0.0
    """Probability of recolouring a garment."""
    affine: float = 0.0
    """Probability of a small affine warp."""
    outfits: float = 0.0
    """Share of pictures composed of several garments."""
    drawn: float = 0.0
    """Share of drawn garments, when a second folder is given."""
    together: int = 1
    """Pictures in a row that share their main class; above 1, codes are lent among them alone, photographs' codes to
    any map of the class, drawn ones to drawn maps. Prevents that T-shirts' statistics unlearn knit, and that the
    discriminator, which knows drawn maps by their outline, teaches crackle: where map and code are of different
    origin it is not asked."""


@dataclass(frozen=True)
class TrainConfig:
    """The schedule. Learning rates are constant, then fall linearly to zero over the last `decay` of `images`."""

    images: int = 400_000
    batch: int = 4
    lr_generator: float = 1e-4
    lr_discriminator: float = 4e-4
    betas: tuple[float, float] = (0.0, 0.9)
    decay: float = 0.5
    adversarial_from: int = 0
    """Pictures seen before the discriminator joins: reconstruction is learnt first."""
    window: int = 0
    """Side of the part of each canvas that is painted in a step (`lite`); 0 = the whole canvas. The encoder always
    sees whole garments."""
    freeze_encoder: bool = False
    """Keep the encoder as it is and learn to paint. Priors in the weights that the run starts from stay valid, are
    kept, and draw the codes of the swapped pass: what users will see meets the discriminator."""
    ema_half_life: int = 5_000
    seed: int = 0
    save_minutes: float = 5.0
    sample_images: int = 2_000
    """Pictures between two sample sheets."""
    log_images: int = 200
    """Pictures between two lines of the log."""


@dataclass(frozen=True)
class Config:
    """One run: model, losses, data, schedule."""

    model: ModelConfig = field(default_factory=LiteConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    data: DataConfig = field(default_factory=DataConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


_SMIS = Config(SmisConfig(), LossConfig(style=1.0, pixel=0.0))
_LITE = Config(
    LiteConfig(),
    LossConfig(feat=10.0, vgg=4.0, style=2.0, kld=2e-2, crop=96, swapped=0.5),
    DataConfig(colour=0.5, affine=0.3, outfits=0.15, drawn=0.25),
    TrainConfig(
        batch=8,
        lr_generator=4e-4,
        lr_discriminator=4e-4,
        betas=(0.5, 0.99),
        decay=0.3,
        adversarial_from=60_000,
    ),
)
_TINY = Config(
    LiteConfig(
        size=64,
        grid=8,
        widths=(32, 24, 16, 16, 8),
        depths=(1, 1, 1, 1, 1),
        last_width=8,
        style_width=16,
        crop=64,
        encoder_widths=(16, 24),
        discriminator_widths=(8, 16, 16),
        label_channels=4,
        perceptual_heads=("relu1_2",),
    ),
    LossConfig(feat=10.0, vgg=1.0, style=1.0, kld=1e-3, taps=("relu1_2",), tap_weights=(1.0,), crop=32, swapped=0.5),
    DataConfig(colour=0.5),
    TrainConfig(images=400, batch=4, lr_generator=1e-3, betas=(0.5, 0.99), save_minutes=0.1, sample_images=200),
)

_WORN = Config(
    LiteConfig(),
    LossConfig(
        feat=5.0, vgg=4.0, style=3.0, kld=2e-2, swapped=0.7, stat=2.0, gram=1.0, mixed=0.45, jitter=0.15, judged=96
    ),
    DataConfig(drawn=0.2, together=3),
    TrainConfig(
        images=12_000,
        batch=6,
        lr_generator=2e-4,
        betas=(0.5, 0.99),
        decay=0.3,
        window=128,
        freeze_encoder=True,
        ema_half_life=900,
    ),
)

PRESETS: dict[str, Config] = {"smis": _SMIS, "lite": _LITE, "lite-worn": _WORN, "tiny": _TINY}
"""`smis`: the published system, for a GPU. `lite`: what we ship. `lite-worn`: fine-tunes the generator of `lite` on
cloth worn by other maps (with `--init`). `tiny`: seconds on one core, for tests."""

_MODELS: dict[str, type] = {model.kind: model for model in (SmisConfig, LiteConfig)}


def to_dict(config: Any) -> dict[str, Any]:
    """A config (or one of its sections) as plain JSON types; a model carries its kind under "kind"."""
    result: dict[str, Any] = {}
    for f in dataclasses.fields(config):
        value = getattr(config, f.name)
        result[f.name] = to_dict(value) if dataclasses.is_dataclass(value) else value
    if type(config) in _MODELS.values():
        result["kind"] = config.kind
    return json.loads(json.dumps(result))


def _section(cls: type, data: dict[str, Any]) -> Any:
    known = {f.name for f in dataclasses.fields(cls)}
    if unknown := sorted(set(data) - known):
        raise UserError(f"{cls.__name__} has no setting {unknown[0]!r}; it has {', '.join(sorted(known))}")
    return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.items()})


def model_from_dict(data: dict[str, Any]) -> ModelConfig:
    """Inverse of `to_dict` for a model; raises UserError on an unknown kind or key."""
    data = dict(data)
    kind = data.pop("kind", None)
    if kind not in _MODELS:
        raise UserError(f"a model's kind is one of {sorted(_MODELS)}, but this config says {kind!r}")
    return _section(_MODELS[kind], data)


def from_dict(data: dict[str, Any]) -> Config:
    """Inverse of `to_dict`; raises UserError on unknown keys."""
    return Config(
        model_from_dict(data["model"]),
        _section(LossConfig, data["loss"]),
        _section(DataConfig, data["data"]),
        _section(TrainConfig, data["train"]),
    )


def data_of(facts: dict[str, Any]) -> DataConfig:
    """The data settings that weights with these facts were trained with; the defaults where they do not say."""
    told = facts.get("recipe", {}).get("data", {})
    known = {f.name for f in dataclasses.fields(DataConfig)}
    return DataConfig(**{name: value for name, value in told.items() if name in known})


def override(config: Config, settings: list[str]) -> Config:
    """Apply `section.key=value` settings, e.g. `train.batch=8`, `model.widths=[64,48,32,24,16]`.

    Raises:
        UserError: unknown section or key, or a value of another type than the default's.
    """
    for setting in settings:
        path, _, text = setting.partition("=")
        section, _, key = path.partition(".")
        if section not in ("model", "loss", "data", "train") or not key or not text:
            raise UserError(f"a setting reads section.key=value (sections model, loss, data, train), got {setting!r}")
        part = getattr(config, section)
        if key not in {f.name for f in dataclasses.fields(part)}:
            known = ", ".join(f.name for f in dataclasses.fields(part))
            raise UserError(f"{section} has no setting {key!r}; it has {known}")
        value = _parse(text, getattr(part, key), setting)
        config = dataclasses.replace(config, **{section: dataclasses.replace(part, **{key: value})})
    return config


def _parse(text: str, default: Any, setting: str) -> Any:
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = text
    if isinstance(default, tuple) and isinstance(value, list):
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise UserError(f"{setting!r}: expected a {type(default).__name__} such as {default!r}")
    return value


def check(config: Config) -> None:
    """Raise UserError for the first setting that no run could use."""
    model, loss, data, train = config.model, config.loss, config.data, config.train
    side = train.window or model.size
    shares = {
        f.name: getattr(data, f.name) for f in dataclasses.fields(data) if f.name not in ("split_seed", "together")
    }
    rules = [
        (
            model.size > 0 and model.size % model.step == 0,
            f"model.size is a multiple of {model.step}, not {model.size}",
        ),
        (train.batch > 0, f"train.batch is at least 1, not {train.batch}"),
        (train.images > 0, f"train.images is at least 1, not {train.images}"),
        (
            train.window >= 0 and train.window % 32 == 0 and train.window <= model.size,
            f"train.window is 0 or a multiple of 32 up to model.size={model.size}, not {train.window}",
        ),
        (
            not train.window or model.windows,
            f"{model.kind} paints whole canvases: train.window is 0, not {train.window}",
        ),
        (0 <= loss.crop <= side, f"loss.crop is 0 or up to {side} (the side of what is painted), not {loss.crop}"),
        *((0 <= v <= 1, f"data.{name} is a share from 0 to 1, not {v}") for name, v in shares.items()),
    ]
    for holds, message in rules:
        if not holds:
            raise UserError(message)
