"""Settings of the interactive model."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from ...checks import STRICT, Width
from ...errors import UserError

Depth = Annotated[int, Field(ge=1, le=32)]
Tap = Literal["relu1_2", "relu2_2", "relu3_3", "relu4_3"]
"""Features of VGG16 that losses and perceptual heads may look at; each has half the side of the one before."""


@dataclass(frozen=True, config=STRICT)
class LiteConfig:
    """The interactive generator: class-adaptive normalisation (CLADE) and codes sampled over their boxes."""

    kind: ClassVar[str] = "lite"
    step: ClassVar[int] = 32
    """What the smallest feature map's pixel covers: canvases are multiples of it."""
    windows: ClassVar[bool] = True
    """Whether a step may paint a part of the canvas."""

    size: Annotated[int, Field(ge=32, le=2048, multiple_of=32)] = 256
    grid: Annotated[int, Field(ge=2, le=64)] = 16
    code_channels: Annotated[int, Field(ge=1, le=64)] = 8
    widths: Annotated[tuple[Width, ...], Field(min_length=5, max_length=5)] = (256, 192, 128, 96, 48)
    """Channels at 1/32, 1/16, 1/8, 1/4 and 1/2 of the canvas."""
    depths: Annotated[tuple[Depth, ...], Field(min_length=5, max_length=5)] = (1, 1, 2, 1, 1)
    """Residual blocks at each of these sizes."""
    last_width: Width = 12
    """Channels at full size, after the sub-pixel step."""
    detail_width: Width | None = None
    """Channels of the branch that paints at twice `size`; None = no branch, and `size` is all that is painted."""
    style_width: Width = 48
    octaves: Annotated[int, Field(ge=1, le=16)] = 6
    """Fourier octaves of the position inside the class's box."""
    crop: Annotated[int, Field(ge=16, le=512)] = 128
    """Side of the encoder's input: each class's box is resized to crop x crop."""
    encoder_widths: Annotated[tuple[Width, ...], Field(min_length=2, max_length=2)] = (64, 128)
    discriminator_widths: Annotated[tuple[Width, ...], Field(min_length=1, max_length=8)] = (32, 64, 128, 128)
    discriminator_scales: Annotated[int, Field(ge=1, le=8)] = 2
    label_channels: Annotated[int, Field(ge=0, le=256)] = 8
    perceptual_heads: Annotated[tuple[Tap, ...], Field(max_length=4)] = ("relu2_2", "relu3_3")
    """Perceptual features that the discriminator judges too, beside pixels; among `loss.taps`."""

    @property
    def scale(self) -> int:
        """How many times larger the canvas is than what codes are read from."""
        return 1 if self.detail_width is None else 2

    @property
    def canvas(self) -> int:
        """Side of the largest picture these weights paint."""
        return self.scale * self.size

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sides of the pictures these weights paint, the canvas last."""
        return tuple(sorted({self.size, self.canvas}))

    def painting(self, size: int) -> LiteConfig:
        """The part of the model that paints pictures of this side, one of `sizes`."""
        return replace(self, detail_width=None) if size == self.size else self

    def check(self) -> None:
        """Raise UserError where numbers that are right by themselves do not go together."""
        if self.crop != 8 * self.grid:
            raise UserError(
                f"model.crop is 8 times model.grid, {8 * self.grid}, not {self.crop}: the encoder shrinks by 8"
            )
