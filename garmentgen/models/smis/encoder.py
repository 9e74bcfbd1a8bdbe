"""GroupDNet's encoder (Zhu et al., CVPR 2020, section 3.2): every class on a canvas of its own."""

from __future__ import annotations

import numpy as np
import paddle
from paddle import nn
from paddle.nn import functional as F

from ...labels import NUM_LABELS
from ..layers import SLOPE, SpectralConv
from .config import SmisConfig
from .order import ORDER


class Encoder(nn.Layer):
    """Per-class crops, each on a full canvas, through convolutions grouped by class (SMIS section 3.2)."""

    def __init__(self, config: SmisConfig, classes: int = NUM_LABELS):
        super().__init__()
        self.classes, self.code_channels = classes, config.code_channels
        widths = [3 * classes, *(config.encoder_width * m for m in config.encoder_multipliers)]
        pairs = list(zip(widths, widths[1:], strict=False))
        self.convs = nn.LayerList([SpectralConv(i, o, 3, 2, groups=classes) for i, o in pairs])
        self.norms = nn.LayerList([nn.InstanceNorm2D(o, weight_attr=False, bias_attr=False) for _, o in pairs])
        out = classes * config.code_channels
        self.mu = nn.Conv2D(widths[-1], out, 3, padding=1, groups=classes)
        self.logvar = nn.Conv2D(widths[-1], out, 3, padding=1, groups=classes)

    def forward(
        self, crops: paddle.Tensor, index: paddle.Tensor, padding: paddle.Tensor
    ) -> tuple[paddle.Tensor, paddle.Tensor]:
        """crops float32 [P, 4, S, S], index int64 [P] -> mu, logvar, each [P, 8, 4, 4]; `padding` is for `lite`."""
        side, pictures = crops.shape[2], int(index.max()) // NUM_LABELS + 1
        canvas = paddle.zeros([pictures * NUM_LABELS, 3 * side * side])  # [N K, 3 S S]
        canvas = paddle.scatter(canvas, index, crops[:, :3].reshape([0, -1]))  # [N K, 3 S S]
        canvas = canvas.reshape([pictures, NUM_LABELS, 3, side, side])  # [N, K, 3, S, S]
        h = paddle.index_select(canvas, paddle.to_tensor(ORDER), 1).reshape([pictures, -1, side, side])  # [N, 3K, S, S]
        mu, logvar = self.grouped(h)  # [N, 8K, 4, 4] each
        return self._packed(mu, index), self._packed(logvar, index)  # [P, 8, 4, 4] each

    def grouped(self, h: paddle.Tensor) -> tuple[paddle.Tensor, paddle.Tensor]:
        """Class canvases [N, 3K, S, S] in internal order -> mu, logvar [N, 8K, S / 64, S / 64]."""
        for conv, norm in zip(self.convs, self.norms, strict=True):
            h = F.leaky_relu(norm(conv(h)), SLOPE)  # [N, w K, s / 2, s / 2]
        return self.mu(h), self.logvar(h)

    def _packed(self, h: paddle.Tensor, index: paddle.Tensor) -> paddle.Tensor:
        grid = h.shape[2:]
        h = h.reshape([h.shape[0], NUM_LABELS, self.code_channels, *grid])  # [N, K, 8, 4, 4], internal order
        h = paddle.index_select(h, paddle.to_tensor(np.argsort(ORDER)), 1)  # [N, K, 8, 4, 4]
        return paddle.gather(h.reshape([-1, self.code_channels, *grid]), index)  # [P, 8, 4, 4]
