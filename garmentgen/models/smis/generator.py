"""GroupDNet at our number of classes, as published (Zhu et al., "Semantically Multi-modal Image Synthesis", CVPR 2020).

Every convolution of the first stages is grouped by class, so that a class's code cannot touch another class's
features; groups merge towards the output. Grouping merges neighbours, hence `ORDER` keeps related ones side by side.
"""

from __future__ import annotations

from math import gcd

import paddle
from paddle import nn
from paddle.nn import functional as F

from ...labels import NUM_LABELS
from ...pixels import one_hot
from ..layers import SLOPE, SpectralConv
from .config import SmisConfig
from .order import ORDER


class MapNorm(nn.Layer):
    """Batch norm modulated by two convolutions of the label map (SPADE, Park et al., section 3.1).

    The first convolution is an ordinary one; the other two are grouped as far as `hidden` allows.
    """

    def __init__(self, channels: int, classes: int, hidden: int, groups: int):
        super().__init__()
        self.norm = nn.BatchNorm2D(channels, weight_attr=False, bias_attr=False)
        self.shared = nn.Conv2D(classes, hidden, 3, padding=1)
        self.gamma = nn.Conv2D(hidden, channels, 3, padding=1, groups=gcd(hidden, groups))
        self.beta = nn.Conv2D(hidden, channels, 3, padding=1, groups=gcd(hidden, groups))

    def forward(self, x: paddle.Tensor, maps: paddle.Tensor) -> paddle.Tensor:
        h = F.relu(self.shared(maps))  # [N, hidden, h, w]
        return self.norm(x) * (1 + self.gamma(h)) + self.beta(h)  # [N, C, h, w]


class Block(nn.Layer):
    """Conditional-group residual block (SMIS section 3.3)."""

    def __init__(self, inputs: int, outputs: int, classes: int, hidden: int, groups: int):
        super().__init__()
        middle = min(inputs, outputs)
        self.norm0 = MapNorm(inputs, classes, hidden, groups)
        self.conv0 = SpectralConv(inputs, middle, 3, groups=groups)
        self.norm1 = MapNorm(middle, classes, hidden, groups)
        self.conv1 = SpectralConv(middle, outputs, 3, groups=groups)
        self.norm_skip = self.skip = None
        if inputs != outputs:
            self.norm_skip = MapNorm(inputs, classes, hidden, groups)
            self.skip = SpectralConv(inputs, outputs, 1, groups=groups)

    def forward(self, x: paddle.Tensor, maps: paddle.Tensor) -> paddle.Tensor:
        h = self.conv0(F.leaky_relu(self.norm0(x, maps), SLOPE))  # [N, M, h, w]
        h = self.conv1(F.leaky_relu(self.norm1(h, maps), SLOPE))  # [N, O, h, w]
        if self.skip is not None and self.norm_skip is not None:
            x = self.skip(self.norm_skip(x, maps))  # [N, O, h, w]
        return x + h  # [N, O, h, w]


class Generator(nn.Layer):
    """Codes [N, K, 8, 4, 4] and maps -> pictures [N, 3, S, S] in [-1, 1] with S = 256."""

    def __init__(self, config: SmisConfig, classes: int = NUM_LABELS):
        super().__init__()
        self.config = config
        widths = [config.width * m for m in config.multipliers]
        self.first = nn.Conv2D(classes * config.code_channels, widths[0], 3, padding=1, groups=config.groups[0])
        stages = zip(widths, widths[1:], config.groups, strict=False)
        self.blocks = nn.LayerList([Block(i, o, classes, config.hidden, g) for i, o, g in stages])
        self.last = nn.Conv2D(widths[-1], 3, 3, padding=1)

    def forward(
        self,
        labels: paddle.Tensor,
        codes: paddle.Tensor,
        noise: paddle.Tensor | None = None,
        boxes: paddle.Tensor | None = None,
    ) -> paddle.Tensor:
        """labels int64 [N, S, S] with background NUM_LABELS, codes float32 [N, NUM_LABELS, 8, 4, 4].

        `noise` and `boxes` are accepted for the common contract; the published generator uses neither.
        """
        order = paddle.to_tensor(ORDER)
        maps = paddle.index_select(one_hot(labels), order, 1)  # [N, K, S, S]
        codes = paddle.index_select(codes, order, 1)  # [N, K, 8, 4, 4]
        h = self.features(codes.flatten(1, 2), maps)  # [N, nf, S, S]
        h = paddle.tanh(self.last(F.leaky_relu(h, SLOPE)))  # [N, 3, S, S]
        clothes = (labels != NUM_LABELS).astype("float32").unsqueeze(1)  # [N, 1, S, S]
        return (h - 1) * clothes + 1  # [N, 3, S, S]

    def features(self, codes: paddle.Tensor, maps: paddle.Tensor, stages: int | None = None) -> paddle.Tensor:
        """Codes [N, 8K, 4, 4] and one-hot maps [N, K, S, S] -> features after this many stages (None = all)."""
        h = self.first(codes)  # [N, 16 nf, 4, 4]
        blocks = list(self.blocks)[:stages]
        for k, block in enumerate(blocks):
            h = block(h, _shrink(maps, h.shape[2]))  # [N, O, 4 2^k, 4 2^k]
            if k < len(self.blocks) - 1:
                h = _upsample2(h)  # [N, O, 8 2^k, 8 2^k]
        return h


def _shrink(maps: paddle.Tensor, side: int) -> paddle.Tensor:
    step = maps.shape[2] // side
    return maps[:, :, step // 2 :: step, step // 2 :: step]  # [N, K, side, side], nearest


def _upsample2(x: paddle.Tensor) -> paddle.Tensor:
    n, c, h, w = x.shape
    return x.reshape([n, c, h, 1, w, 1]).expand([n, c, h, 2, w, 2]).reshape([n, c, 2 * h, 2 * w])
