"""Settings of the interactive model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar


@dataclass(frozen=True)
class LiteConfig:
    """The interactive generator: class-adaptive normalisation (CLADE) and codes sampled over their boxes."""

    kind: ClassVar[str] = "lite"
    step: ClassVar[int] = 32
    """What the smallest feature map's pixel covers: canvases are multiples of it."""
    windows: ClassVar[bool] = True
    """Whether a step may paint a part of the canvas."""

    size: int = 256
    grid: int = 16
    code_channels: int = 8
    widths: tuple[int, ...] = (256, 192, 128, 96, 48)
    """Channels at 1/32, 1/16, 1/8, 1/4 and 1/2 of the canvas."""
    depths: tuple[int, ...] = (1, 1, 2, 1, 1)
    """Residual blocks at each of these sizes."""
    last_width: int = 12
    """Channels at full size, after the sub-pixel step."""
    detail_width: int | None = None
    """Channels of the branch that paints at twice `size`; None = no branch, and `size` is all that is painted."""
    style_width: int = 48
    octaves: int = 6
    """Fourier octaves of the position inside the class's box."""
    crop: int = 128
    """Side of the encoder's input: each class's box is resized to crop x crop."""
    encoder_widths: tuple[int, ...] = (64, 128)
    discriminator_widths: tuple[int, ...] = (32, 64, 128, 128)
    discriminator_scales: int = 2
    label_channels: int = 8
    perceptual_heads: tuple[str, ...] = ("relu2_2", "relu3_3")
    """Perceptual features that the discriminator judges too, beside pixels; among `loss.taps`."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sides of the pictures these weights paint, the canvas last."""
        return (self.size,) if self.detail_width is None else (self.size, 2 * self.size)

    def painting(self, size: int) -> LiteConfig:
        """The part of the model that paints pictures of this side, one of `sizes`."""
        return replace(self, detail_width=None) if size == self.size else self
