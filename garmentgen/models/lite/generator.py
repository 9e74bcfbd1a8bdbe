"""The interactive model's generator: a class-adaptive decoder with codes sampled over their classes' boxes.

One code grid a class (SMIS, Zhu et al., CVPR 2020), so that a designer can redraw a class alone; the norm is CLADE's
(Tan et al., arXiv 2004.02867). Wide convolutions sit at small sizes, where a CPU is fastest.
"""

from __future__ import annotations

import numpy as np
import paddle
from paddle import nn
from paddle.nn import functional as F

from ...labels import NUM_LABELS
from ...tracing import for_other_programs
from .. import ops
from ..boxes import class_boxes
from ..layers import SLOPE, ClassNorm, Conv
from . import blocks
from .config import LiteConfig
from .layout import STYLE_STRIDE, layout, sample_codes

TILE = 4
"""Side of a class's tile at half the canvas's size: its pattern repeats every 8 px, as synthetic knits do."""
TILE_GAIN = 10.0
"""Adam moves all numbers alike, and few pictures are knitted: so their tiles learn ten times as fast."""


class Block(nn.Layer):
    """Residual block; upsampling comes after the first convolution, which so costs a quarter."""

    def __init__(self, inputs: int, outputs: int, style: int, upsample: bool):
        super().__init__()
        self.upsample = upsample
        self.norm0 = ClassNorm(inputs, style)
        self.conv0 = Conv(inputs, outputs, 3)
        self.norm1 = ClassNorm(outputs, style)
        self.conv1 = Conv(outputs, outputs, 3, gain=0.5)
        self.skip = Conv(inputs, outputs, 1, gain=0.7) if inputs != outputs or upsample else None

    def forward(self, x: paddle.Tensor, before: _Level, after: _Level) -> paddle.Tensor:
        h = self.conv0(self.norm0(x, *before))  # [N, O, h, w]
        x = x if self.skip is None else self.skip(x)  # [N, O, h, w]
        if self.upsample:
            h, x = ops.upsample2(h), ops.upsample2(x)  # [N, O, 2h, 2w]
        return x + self.conv1(self.norm1(h, *after))  # [N, O, 2h, 2w]


_Level = tuple[paddle.Tensor, paddle.Tensor]
"""Labels int64 [N, h, w] and style map [N, style, h / f, w / f] of one size."""


class Generator(nn.Layer):
    """Maps and codes -> pictures, background exactly white. Any canvas whose side is a multiple of 32."""

    def __init__(self, config: LiteConfig):
        super().__init__()
        self.config = config
        style, widths = config.style_width, config.widths
        inputs = config.code_channels + 4 * config.octaves + 2 + 1
        self.embed = self.create_parameter([NUM_LABELS + 1, style], default_initializer=nn.initializer.Normal(0.0, 0.5))
        self.style0 = Conv(inputs, style, 3)
        self.style1 = Conv(style, style, 3, slope=SLOPE)
        self.first = Conv(style, widths[0], 3)
        blocks, levels = [], []
        for k, (width, depth) in enumerate(zip(widths, config.depths, strict=True)):
            for d in range(depth):
                grows = d == 0 and k > 0
                blocks.append(Block(widths[k - 1] if grows else width, width, style, grows))
                levels.append((k - 1 if grows else k, k))
        self.blocks, self.levels = nn.LayerList(blocks), levels
        self.grain = Conv(1, widths[-1], 3, gain=0.1)
        tiles = [(NUM_LABELS + 1) * TILE**2, widths[-1]]
        self.weave = self.create_parameter(tiles, default_initializer=nn.initializer.Constant(0))
        self.expand = Conv(widths[-1], 4 * config.last_width, 3)
        self.last_norm = ClassNorm(config.last_width, style)
        self.last = Conv(config.last_width, 3, 3, gain=0.5)
        self.finer = config.detail_width is not None
        if config.detail_width is not None:  # its names say so: what begins with "detail" is the branch
            self.detail_norm = ClassNorm(config.last_width, style)
            self.detail = Conv(config.last_width, 4 * config.detail_width, 3)
            self.detail_last_norm = ClassNorm(config.detail_width, 0)
            self.detail_last = Conv(config.detail_width, 3, 3, gain=0.0)

    def forward(
        self, labels: paddle.Tensor, codes: paddle.Tensor, noise: paddle.Tensor, boxes: paddle.Tensor | None = None
    ) -> paddle.Tensor:
        """Paint maps.

        Args:
            labels: int64 [N, S, S], with a detail branch [N, 2S, 2S]; background is NUM_LABELS.
            codes: float32 [N, NUM_LABELS, 8, G, G]. noise: float32 [N, 1, S / 2, S / 2], standard normal.
            boxes: see `class_boxes`, of maps of side S; given where the labels are windows of larger maps, in the
                windows' pixels.

        Returns:
            float32 [N, 3, S, S], with a detail branch [N, 3, 2S, 2S], in [-1, 1].
        """
        whole, labels = labels, labels[:, 1::2, 1::2] if self.finer else labels  # [N, 2S, 2S], [N, S, S]
        boxes = class_boxes(labels) if boxes is None else boxes  # [N, NUM_LABELS + 1, 4]
        levels = self._levels(labels, self._style(labels, boxes, codes, noise))
        h = self.first(levels[0][1])  # [N, 256, S/32, S/32]
        for block, (before, after) in zip(self.blocks, self.levels):  # noqa: B905  to_static knows no `strict`
            h = block(h, levels[before], levels[after])  # [N, width, S/32 .. S/2, ...]
        h = F.leaky_relu(h + self.grain(noise) + self._tiles(levels[-1][0]), SLOPE)  # [N, 48, S/2, S/2]
        h = F.pixel_shuffle(self.expand(h), 2)  # [N, 12, S, S]
        picture = self.last(self.last_norm(h, labels, levels[-1][1]))  # [N, 3, S, S]
        if self.finer:
            h = self.detail_norm(h, labels, levels[-1][1])  # [N, 12, S, S]
            picture = self._finer(reaching(picture, labels), h, whole)  # [N, 3, 2S, 2S]
        else:
            picture = paddle.tanh(picture)  # [N, 3, S, S]
        clothes = (whole != NUM_LABELS).astype("float32").unsqueeze(1)  # [N, 1, S, S]
        return (picture - 1) * clothes + 1  # [N, 3, S, S]

    def _finer(self, picture, h, whole) -> paddle.Tensor:
        """The picture at twice the size and what the branch adds (StyleGAN2's skip, Karras et al. 2020, section 4.2).

        The class table alone modulates the last layer, by the map of twice the side: outlines follow that map.
        """
        if for_other_programs.get():
            return blocks.colours(self, picture, h, whole)  # [N, 3, 2S, 2S]
        h = F.pixel_shuffle(self.detail(h), 2)  # [N, W, 2S, 2S]
        detail = self.detail_last(self.detail_last_norm(h, whole, None))  # [N, 3, 2S, 2S]
        return paddle.tanh(enlarged(picture) + detail)  # [N, 3, 2S, 2S]

    def begin_detail(self) -> None:
        """Let a new branch start from the norm of the layer that paints the smaller picture; it adds nothing yet."""
        self.detail_norm.set_state_dict(self.last_norm.state_dict())

    def _tiles(self, labels) -> paddle.Tensor:
        """Every class's own tile, repeated over its region: convolutions alone cannot keep the beat of stitches.

        After the periodic dimensions of PSGAN (Bergmann et al., ICML 2017, section 3), a tile in place of waves.
        """
        ticks = paddle.arange(labels.shape[1]) % TILE  # [h]
        beat = ticks.unsqueeze(1) * TILE + ticks  # [h, w]
        return F.embedding(labels * TILE**2 + beat, TILE_GAIN * self.weave).transpose([0, 3, 1, 2])  # [N, 48, h, w]

    def _style(self, labels, boxes, codes, noise) -> paddle.Tensor:
        side = labels.shape[1] // STYLE_STRIDE
        taps, weights, position = layout(labels, boxes, self.config.grid, self.config.octaves)
        sampled = sample_codes(codes, taps, weights)  # [N, 8, h w]
        sampled = sampled.reshape([0, 0, side, side])  # [N, 8, h, w]
        h = self.style0(paddle.concat([sampled, position, noise[:, :, ::2, ::2]], axis=1))  # [N, style, h, w]
        offset = STYLE_STRIDE // 2
        classes = F.embedding(labels[:, offset::STYLE_STRIDE, offset::STYLE_STRIDE], self.embed)  # [N, h, w, style]
        h = F.leaky_relu(h + classes.transpose([0, 3, 1, 2]), SLOPE)  # [N, style, h, w]
        return self.style1(h)  # [N, style, h, w]

    def _levels(self, labels: paddle.Tensor, style: paddle.Tensor) -> list[_Level]:
        """Labels and style map at 1/32, 1/16, 1/8, 1/4 and 1/2; the style map never exceeds a quarter."""
        levels = [(labels[:, 1::2, 1::2], style), (labels[:, 2::4, 2::4], style)]
        for stride in (8, 16, 32):
            style = ops.avg_pool2(style)  # [N, style, S / stride, S / stride]
            levels.append((labels[:, stride // 2 :: stride, stride // 2 :: stride], style))
        return levels[::-1]


def reaching(picture: paddle.Tensor, labels: paddle.Tensor) -> paddle.Tensor:
    """A picture [N, 3, S, S] of maps [N, S, S] whose colours reach one pixel over the outline, [N, 3, S, S].

    Beside the garment it is undefined: without its clothed neighbours' colours, enlarging would mix that into the edge.
    """
    clothes = (labels != NUM_LABELS).astype("float32").unsqueeze(1)  # [N, 1, S, S]
    total = F.avg_pool2d(picture * clothes, 3, 1, 1)  # [N, 3, S, S]
    share = F.avg_pool2d(clothes, 3, 1, 1).clip(min=0.05)  # [N, 1, S, S]
    return picture * clothes + total / share * (1 - clothes)  # [N, 3, S, S]


def enlarged(picture: paddle.Tensor) -> paddle.Tensor:
    """A picture [N, 3, S, S] twice as large, bilinear: [N, 3, 2S, 2S]."""
    padded = F.pad(picture, [1, 1, 1, 1], "replicate")  # [N, 3, S + 2, S + 2]
    return F.pixel_shuffle(F.conv2d(padded, paddle.to_tensor(_BILINEAR)), 2)  # [N, 3, 2S, 2S]


_TAPS = np.array([[1, 3, 0], [0, 3, 1]], np.float32) / 4
_BILINEAR = np.einsum("cd,ai,bj->cabdij", np.eye(3, dtype=np.float32), _TAPS, _TAPS).reshape(12, 3, 3, 3)
"""Bilinear enlarging as a convolution, the four pixels of every pixel: oneDNN fails at Paddle 3.3's own operator."""
