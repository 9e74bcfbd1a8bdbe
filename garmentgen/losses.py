"""The losses as pure functions, named as they are logged (docs: the ten curves of the published Figure 3).

Features of the discriminator come as a list per scale, logits last; see `models.discriminator`.
"""

from __future__ import annotations

from collections.abc import Sequence

import paddle
from paddle.nn import functional as F

Features = Sequence[Sequence[paddle.Tensor]]


def hinge_real(features: Features) -> paddle.Tensor:
    """mean max(0, 1 - logit), averaged over scales: `d_real_loss`."""
    return _mean([F.relu(1 - scale[-1]).mean() for scale in features])


def hinge_fake(features: Features) -> paddle.Tensor:
    """mean max(0, 1 + logit), averaged over scales: `d_fake_loss`, and `d_seg_ganloss` when shown the map itself."""
    return _mean([F.relu(1 + scale[-1]).mean() for scale in features])


def hinge_generator(features: Features) -> paddle.Tensor:
    """-mean logit, averaged over scales: `g_ganloss`."""
    return _mean([-scale[-1].mean() for scale in features])


def masked_l1(a: paddle.Tensor, b: paddle.Tensor, clothes: paddle.Tensor) -> paddle.Tensor:
    """Mean |a - b| over each picture's clothes, then over pictures.

    a, b float [N, C, h, w]; clothes float [N, 1, S, S] in {0, 1}. Averaging picture by picture makes the loss of a
    batch the mean of the losses of its parts, whatever their clothes' sizes: several processes give what one would.
    """
    mask = clothes if clothes.shape[2:] == a.shape[2:] else F.adaptive_avg_pool2d(clothes, a.shape[2:])  # [N, 1, h, w]
    total = ((a - b).abs().mean(1, keepdim=True) * mask).sum([1, 2, 3])  # [N]
    return (total / (mask.sum([1, 2, 3]) + 1e-6)).mean()


def feature_matching(fake: Features, real: Features, clothes: paddle.Tensor) -> paddle.Tensor:
    """Mean L1 between discriminator features inside the clothes mask, averaged over layers and scales: `g_featloss`."""
    terms = [masked_l1(f, r.detach(), clothes) for fs, rs in zip(fake, real, strict=True) for f, r in _layers(fs, rs)]
    return _mean(terms)


def _layers(fake: Sequence[paddle.Tensor], real: Sequence[paddle.Tensor]):
    return zip(fake[:-1], real[:-1], strict=True)


def perceptual(fake: Sequence[paddle.Tensor], real: Sequence[paddle.Tensor], weights: Sequence[float]) -> paddle.Tensor:
    """Weighted mean L1 between VGG features (Johnson et al., ECCV 2016, section 3.2): `g_vggloss`."""
    terms = [w * (f - r).abs().mean() for f, r, w in zip(fake, real, weights, strict=True)]
    return sum(terms[1:], terms[0])


def gram(x: paddle.Tensor) -> paddle.Tensor:
    """Gram matrix of features [N, C, H, W], divided by C H W: [N, C, C]."""
    n, c, h, w = x.shape
    flat = x.reshape([n, c, h * w])
    return paddle.bmm(flat, flat.transpose([0, 2, 1])) / (c * h * w)


def style(fake: Sequence[paddle.Tensor], real: Sequence[paddle.Tensor], weights: Sequence[float]) -> paddle.Tensor:
    """Weighted summed L1 between Gram matrices over C (Gatys et al., CVPR 2016, section 2.2): `g_styleloss`."""
    terms = [
        w * (gram(f) - gram(r)).abs().sum([1, 2]).mean() / f.shape[1]
        for f, r, w in zip(fake, real, weights, strict=True)
    ]
    return sum(terms[1:], terms[0])


def kld(mu: paddle.Tensor, logvar: paddle.Tensor) -> paddle.Tensor:
    """KL of N(mu, exp logvar) from N(0, 1), mean over present classes and dimensions: `kldloss`.

    Both tensors are packed [P, C, G, G]: only classes present on a map are there, so absent ones never count.
    """
    return -0.5 * (1 + logvar - mu.square() - logvar.exp()).mean()


def _mean(terms: list[paddle.Tensor]) -> paddle.Tensor:
    return sum(terms[1:], terms[0]) / len(terms)
