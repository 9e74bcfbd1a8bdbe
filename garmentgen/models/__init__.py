"""The networks: Encoder (picture -> codes), Generator (map + codes -> picture), Discriminator, PerceptualFeatures.

Each kind of model is a folder: its config, encoder and generator. They meet in one contract, and nobody outside asks
which kind a model is: `encoder(crops, index, padding)` and `generator(labels, codes, noise, boxes)`. What needs Paddle
is imported when a network is built, so that the configs can be read without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lite.config import LiteConfig
from .smis.config import SmisConfig

if TYPE_CHECKING:
    from .discriminator import Discriminator
    from .lite.encoder import Encoder as LiteEncoder
    from .lite.generator import Generator as LiteGenerator
    from .smis.encoder import Encoder as SmisEncoder
    from .smis.generator import Generator as SmisGenerator

    Generator = LiteGenerator | SmisGenerator
    Encoder = LiteEncoder | SmisEncoder


def build_generator(config: LiteConfig | SmisConfig) -> Generator:
    """The generator of a preset, freshly initialised."""
    from .lite.generator import Generator as LiteGenerator
    from .smis.generator import Generator as SmisGenerator

    return SmisGenerator(config) if isinstance(config, SmisConfig) else LiteGenerator(config)


def build_encoder(config: LiteConfig | SmisConfig) -> Encoder:
    """The encoder of a preset, freshly initialised."""
    from .lite.encoder import Encoder as LiteEncoder
    from .smis.encoder import Encoder as SmisEncoder

    return SmisEncoder(config) if isinstance(config, SmisConfig) else LiteEncoder(config)


def build_discriminator(config: LiteConfig | SmisConfig) -> Discriminator:
    """The discriminator of a preset, freshly initialised."""
    from .discriminator import Discriminator

    widths, scales = config.discriminator_widths, config.discriminator_scales
    return Discriminator(widths, scales, config.label_channels, config.perceptual_heads)
