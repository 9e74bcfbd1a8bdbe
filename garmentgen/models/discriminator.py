"""Multi-scale patch discriminator (pix2pixHD / SMIS section 3.3), which also supplies the matched features.

`lite` adds heads on frozen perceptual features (after Sauer et al., "Projected GANs Converge Faster", NeurIPS 2021,
section 3): the perceptual loss has computed them anyway, and from a few thousand photographs they learn sooner what
cloth looks like than pixels do.
"""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.nn import functional as F

from ..labels import NUM_LABELS
from ..pixels import one_hot
from . import ops
from .features import CHANNELS, MAGNITUDES
from .layers import SLOPE, SpectralConv

_PERCEPTUAL_WIDTH = 64


class Discriminator(nn.Layer):
    """Judges pictures together with their maps at several scales.

    Args:
        widths: channels of the 4x4 convolutions; all but the last have stride 2.
        scales: number of heads; each sees the picture at half the size of the one before.
        label_channels: channels of a learned class embedding; 0 shows the map one-hot, as published.
        perceptual_heads: perceptual features that `judge` looks at, one head each.
    """

    def __init__(
        self, widths: tuple[int, ...], scales: int, label_channels: int, perceptual_heads: tuple[str, ...] = ()
    ):
        super().__init__()
        self.embed = None
        if label_channels:
            initializer = nn.initializer.Normal(0.0, 0.5)
            self.embed = self.create_parameter([NUM_LABELS + 1, label_channels], default_initializer=initializer)
        inputs = 3 + (label_channels or NUM_LABELS)
        self.heads = nn.LayerList([_Head(inputs, widths) for _ in range(scales)])
        shown = label_channels or NUM_LABELS
        self.perceptual = nn.LayerList([_PerceptualHead(tap, shown) for tap in perceptual_heads])

    def forward(self, pictures: paddle.Tensor, labels: paddle.Tensor) -> list[list[paddle.Tensor]]:
        """Pictures float32 [N, 3, S, S], labels int64 [N, S, S] -> for each scale its features, logits last."""
        x = paddle.concat([pictures, self._maps(labels)], axis=1)  # [N, 3 + L, S, S]
        results = []
        for k, head in enumerate(self.heads):
            x = ops.avg_pool2(x) if k else x  # [N, 3 + L, S / 2^k, S / 2^k]
            results.append(head(x))
        return results

    def judge(self, features: list[paddle.Tensor], labels: paddle.Tensor) -> list[list[paddle.Tensor]]:
        """Perceptual features [N, C, h, w], one a head, of pictures with labels int64 [N, S, S] -> as `forward`."""
        results = []
        for head, x in zip(self.perceptual, features, strict=True):
            step = labels.shape[1] // x.shape[2]
            results.append(head(x, self._maps(labels[:, step // 2 :: step, step // 2 :: step])))
        return results

    def _maps(self, labels: paddle.Tensor) -> paddle.Tensor:
        if self.embed is None:
            return one_hot(labels)  # [N, K, S, S]
        return F.embedding(labels, self.embed).transpose([0, 3, 1, 2])  # [N, L, S, S]


class _Head(nn.Layer):
    def __init__(self, inputs: int, widths: tuple[int, ...]):
        super().__init__()
        self.first = SpectralConv(inputs, widths[0], 4, 2, SLOPE)
        strides = [2] * (len(widths) - 2) + [1]
        pairs = zip(widths, widths[1:], strides, strict=False)
        self.convs = nn.LayerList([SpectralConv(i, o, 4, stride) for i, o, stride in pairs])
        self.logits = SpectralConv(widths[-1], 1, 4)

    def forward(self, x: paddle.Tensor) -> list[paddle.Tensor]:
        h = self.first(x)  # [N, widths[0], S/2, S/2]
        features = [h]
        for conv in self.convs:
            h = ops.instance_norm_act(conv(h), SLOPE)  # [N, widths[k], S/2^k, ...]
            features.append(h)
        return [*features, self.logits(h)]  # logits [N, 1, s, s]


class _PerceptualHead(nn.Layer):
    def __init__(self, tap: str, label_channels: int):
        super().__init__()
        width = _PERCEPTUAL_WIDTH
        self.magnitude = MAGNITUDES[tap]
        self.first = SpectralConv(CHANNELS[tap], width, 3, 1, SLOPE)
        self.second = SpectralConv(width + label_channels, 2 * width, 4, 2)
        self.logits = SpectralConv(2 * width, 1, 4)

    def forward(self, x: paddle.Tensor, maps: paddle.Tensor) -> list[paddle.Tensor]:
        h = self.first(x / self.magnitude)  # [N, W, h, w]
        g = self.second(paddle.concat([h, maps], axis=1))  # [N, 2W, h/2, w/2]
        g = ops.instance_norm_act(g, SLOPE)  # [N, 2W, h/2, w/2]
        return [h, g, self.logits(g)]  # logits [N, 1, s, s]
