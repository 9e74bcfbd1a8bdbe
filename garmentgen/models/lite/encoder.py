"""The interactive model's encoder: crops of single classes -> their codes, one grid a class (Zhu et al., CVPR 2020)."""

from __future__ import annotations

import paddle
from paddle import nn

from ...labels import NUM_LABELS
from ..layers import ClassNorm, Conv
from .config import LiteConfig


class Encoder(nn.Layer):
    """Crops of single classes -> mean and log-variance of their codes; work only for classes that are present."""

    def __init__(self, config: LiteConfig):
        super().__init__()
        if config.crop != 8 * config.grid:
            raise ValueError(f"the encoder shrinks its crop by 8: crop {config.crop} gives no {config.grid}-cell grid")
        first, second = config.encoder_widths
        self.grid = config.grid
        self.stem = Conv(4 * 16, first, 3)
        self.norm0 = ClassNorm(first, 0)
        self.down = Conv(first, second, 3, stride=2)
        self.norm1 = ClassNorm(second, 0)
        self.body = Conv(second, second, 3, gain=0.5)
        self.norm2 = ClassNorm(second, 0)
        self.heads = Conv(second, 2 * config.code_channels, 3, gain=0.5)

    def forward(
        self, crops: paddle.Tensor, index: paddle.Tensor, padding: paddle.Tensor
    ) -> tuple[paddle.Tensor, paddle.Tensor]:
        """crops float32 [P, 4, 8G, 8G], index int64 [P], padding int64 [P, G * G] -> mu, logvar, each [P, 8, G, G]."""
        pairs, grid = crops.shape[0], self.grid
        classes = (index % NUM_LABELS).reshape([-1, 1, 1])  # [P, 1, 1]
        half, whole = classes.expand([pairs, 2 * grid, 2 * grid]), classes.expand([pairs, grid, grid])  # [P, ., .]
        h = self.stem(unshuffled(crops, 4))  # [P, 64, 2G, 2G]
        h = self.down(self.norm0(h, half, None))  # [P, 128, G, G]
        h = h + self.body(self.norm1(h, whole, None))  # [P, 128, G, G]
        h = self.heads(self.norm2(h, whole, None))  # [P, 16, G, G]
        cells = h.transpose([0, 2, 3, 1]).reshape([-1, h.shape[1]])  # [P GG, 16]
        source = padding + paddle.arange(pairs).unsqueeze(1) * grid**2  # [P, GG]
        h = paddle.gather(cells, source.flatten()).reshape([-1, grid, grid, h.shape[1]])  # [P, G, G, 16]
        mu, logvar = h.transpose([0, 3, 1, 2]).chunk(2, axis=1)  # [P, 8, G, G] each
        return mu, paddle.clip(logvar - 4.0, -12.0, 4.0)  # codes start out nearly noiseless


def unshuffled(x: paddle.Tensor, factor: int) -> paddle.Tensor:
    """[N, C, H, W] -> [N, C factor^2, H / factor, W / factor]: pixel_unshuffle, which paddle2onnx does not know."""
    channels, height, width = x.shape[1], x.shape[2] // factor, x.shape[3] // factor
    x = x.reshape([-1, channels, height, factor, width, factor])  # [N, C, h, f, w, f]
    return x.transpose([0, 1, 3, 5, 2, 4]).reshape([-1, channels * factor**2, height, width])  # [N, C f f, h, w]
