"""The networks: Encoder (picture -> codes), Generator (map + codes -> picture), Discriminator, PerceptualFeatures."""

from __future__ import annotations

from ..config import ModelConfig, SmisConfig
from . import lite, smis
from .discriminator import Discriminator

Generator = lite.Generator | smis.Generator
Encoder = lite.Encoder | smis.Encoder


def build_generator(config: ModelConfig) -> Generator:
    """The generator of a preset, freshly initialised."""
    return smis.Generator(config) if isinstance(config, SmisConfig) else lite.Generator(config)


def build_encoder(config: ModelConfig) -> Encoder:
    """The encoder of a preset, freshly initialised."""
    return smis.Encoder(config) if isinstance(config, SmisConfig) else lite.Encoder(config)


def build_discriminator(config: ModelConfig) -> Discriminator:
    """The discriminator of a preset, freshly initialised."""
    heads = getattr(config, "perceptual_heads", ())
    return Discriminator(config.discriminator_widths, config.discriminator_scales, config.label_channels, heads)


__all__ = ["Discriminator", "Encoder", "Generator", "build_discriminator", "build_encoder", "build_generator"]
