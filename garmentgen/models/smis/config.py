"""Settings of the published model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ...labels import NUM_LABELS


@dataclass(frozen=True)
class SmisConfig:
    """GroupDNet (Zhu et al., CVPR 2020, section 3) at our number of classes: the published garment system."""

    kind: ClassVar[str] = "smis"
    step: ClassVar[int] = 64
    """What the smallest feature map's pixel covers: canvases are multiples of it."""
    windows: ClassVar[bool] = False
    """Whether a step may paint a part of the canvas."""
    perceptual_heads: ClassVar[tuple[str, ...]] = ()

    size: int = 256
    grid: int = 4
    """Side of the code grid; one grid a class."""
    code_channels: int = 8
    width: int = NUM_LABELS
    """nf of the decoder; a multiple of the first groups."""
    multipliers: tuple[int, ...] = (16, 16, 16, 16, 8, 4, 2, 1)
    """Width of the decoder's input and of each residual block's output, times `width`."""
    groups: tuple[int, ...] = (NUM_LABELS, NUM_LABELS, NUM_LABELS // 2, NUM_LABELS // 2, 2, 2, 1)
    """Groups of each residual block; the formula C, C, C/2, C/2, C/4, C/4, C/8 is illegal here."""
    hidden: int = 128
    """Channels of the first, ordinary convolution of the label map in each norm."""
    encoder_width: int = 4 * NUM_LABELS
    encoder_multipliers: tuple[int, ...] = (1, 2, 4, 8, 8, 8)
    discriminator_widths: tuple[int, ...] = (64, 128, 256, 512)
    discriminator_scales: int = 2
    label_channels: int = 0
    """Channels of the discriminator's label embedding; 0 = one-hot, as published."""

    @property
    def crop(self) -> int:
        """Side of the encoder's input: each class fills a whole canvas."""
        return self.size

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sides of the pictures these weights paint, the canvas last."""
        return (self.size,)

    def painting(self, size: int) -> SmisConfig:
        """The part of the model that paints pictures of this side: all of it."""
        return self
