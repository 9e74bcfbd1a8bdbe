"""Settings of the published model."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from ...checks import STRICT, Width
from ...errors import UserError
from ...labels import NUM_LABELS

Factors = Annotated[tuple[Annotated[int, Field(ge=1, le=64)], ...], Field(min_length=1, max_length=10)]


@dataclass(frozen=True, config=STRICT)
class SmisConfig:
    """GroupDNet (Zhu et al., CVPR 2020, section 3) at our number of classes: the published garment system."""

    kind: ClassVar[str] = "smis"
    step: ClassVar[int] = 64
    """What the smallest feature map's pixel covers: canvases are multiples of it."""
    scale: ClassVar[int] = 1
    """How many times larger the canvas is than what codes are read from."""
    windows: ClassVar[bool] = False
    """Whether a step may paint a part of the canvas."""
    perceptual_heads: ClassVar[tuple[str, ...]] = ()

    size: Annotated[int, Field(ge=64, le=2048, multiple_of=64)] = 256
    grid: Annotated[int, Field(ge=1, le=64)] = 4
    """Side of the code grid; one grid a class."""
    code_channels: Annotated[int, Field(ge=1, le=64)] = 8
    width: Width = NUM_LABELS
    """nf of the decoder; a multiple of the first groups."""
    multipliers: Factors = (16, 16, 16, 16, 8, 4, 2, 1)
    """Width of the decoder's input and of each residual block's output, times `width`."""
    groups: Factors = (NUM_LABELS, NUM_LABELS, NUM_LABELS // 2, NUM_LABELS // 2, 2, 2, 1)
    """Groups of each residual block; the formula C, C, C/2, C/2, C/4, C/4, C/8 is illegal here."""
    hidden: Width = 128
    """Channels of the first, ordinary convolution of the label map in each norm."""
    encoder_width: Width = 4 * NUM_LABELS
    encoder_multipliers: Factors = (1, 2, 4, 8, 8, 8)
    discriminator_widths: Annotated[tuple[Width, ...], Field(min_length=1, max_length=8)] = (64, 128, 256, 512)
    discriminator_scales: Annotated[int, Field(ge=1, le=8)] = 2
    label_channels: Annotated[int, Field(ge=0, le=256)] = 0
    """Channels of the discriminator's label embedding; 0 = one-hot, as published."""

    @property
    def crop(self) -> int:
        """Side of the encoder's input: each class fills a whole canvas."""
        return self.size

    @property
    def canvas(self) -> int:
        """Side of the largest picture these weights paint."""
        return self.size

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sides of the pictures these weights paint, the canvas last."""
        return (self.size,)

    def painting(self, size: int) -> SmisConfig:
        """The part of the model that paints pictures of this side: all of it."""
        return self

    def check(self) -> None:
        """Raise UserError where numbers that are right by themselves do not go together."""
        coded, painted = (self.grid * 2**stages for stages in (len(self.encoder_multipliers), len(self.groups) - 1))
        if not coded == painted == self.size:
            raise UserError(
                f"model.size is model.grid doubled by each of encoder_multipliers, {coded}, and by all of groups but "
                f"one, {painted}; not {self.size}"
            )
        if len(self.multipliers) != len(self.groups) + 1:
            raise UserError(
                f"model.multipliers are one more than model.groups, {len(self.groups) + 1}, not {len(self.multipliers)}"
            )
        widths = [self.width * m for m in self.multipliers]
        ends = zip([NUM_LABELS * self.code_channels, *widths], widths, [self.groups[0], *self.groups], strict=False)
        if odd := [(i, o, g) for i, o, g in ends if i % g or o % g]:
            inputs, outputs, groups = odd[0]
            raise UserError(
                f"model.groups divide the widths they join, but {inputs} and {outputs} are not multiples of {groups}"
            )
        if self.encoder_width % NUM_LABELS:
            raise UserError(f"model.encoder_width is a multiple of {NUM_LABELS} classes, not {self.encoder_width}")
