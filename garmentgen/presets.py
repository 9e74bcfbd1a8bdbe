"""The recipes we publish, by name: a model, its losses, data and schedule."""

from __future__ import annotations

from dataclasses import replace

from .config import Config, DataConfig, LossConfig, TrainConfig
from .models.lite.config import LiteConfig
from .models.smis.config import SmisConfig

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

_FINE_TUNING = TrainConfig(images=12_000, batch=6, betas=(0.5, 0.99), decay=0.3, freeze_encoder=True, ema_half_life=900)
_WORN = Config(
    LiteConfig(),
    LossConfig(
        feat=5.0, vgg=4.0, style=3.0, kld=2e-2, swapped=0.7, stat=2.0, gram=1.0, mixed=0.45, jitter=0.15, judged=96
    ),
    DataConfig(drawn=0.2, together=3),
    replace(_FINE_TUNING, lr_generator=2e-4, window=128),
)
_LARGE = Config(
    LiteConfig(detail_width=8),
    LossConfig(feat=3.0, vgg=4.0, style=4.0, kld=2e-2, stat=2.0, gram=1.0, mixed=0.45),
    DataConfig(drawn=0.2, together=3),
    replace(_FINE_TUNING, lr_generator=1e-3, adversarial_from=12_000, window=192, freeze_trunk=True),
)

PRESETS: dict[str, Config] = {
    "smis": _SMIS,
    "lite": _LITE,
    "lite-worn": _WORN,
    "lite-512": _LARGE,
    "tiny": _TINY,
}
"""`smis`: the published system, for a GPU. `lite`: what we ship. All others start from its weights (with `--init`).
`lite-worn`: fine-tunes the generator on cloth worn by other maps. `lite-512`: teaches a branch on the frozen generator
what 512 px can show. `tiny`: seconds on one core, for tests."""
