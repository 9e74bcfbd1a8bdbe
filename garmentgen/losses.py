"""The losses as pure functions, named as they are logged (docs: the ten curves of the published Figure 3).

Features of the discriminator come as a list per scale, logits last; see `models.discriminator`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


COVERED = 0.9
"""Share of a feature's cell that cloth must cover for the cell to count: what straddles the outline says nothing."""
FEWEST = 16
"""Cells without which cloth has no statistics."""


@dataclass(frozen=True)
class Moments:
    """Statistics of one tap's features inside the cloth of each picture: what does not depend on where things are.

    Attributes:
        mean, spread: float32 [N, C], mean and standard deviation of every channel. gram: float32 [N, C, C], products
            of channels, averaged over cells. cells: float32 [N], how many cells the cloth covers.
    """

    mean: paddle.Tensor
    spread: paddle.Tensor
    gram: paddle.Tensor
    cells: paddle.Tensor


def moments(features: paddle.Tensor, cloth: paddle.Tensor) -> Moments:
    """Moments of features [N, C, h, w] inside a mask float32 [N, 1, H, W] in {0, 1}."""
    mask = (F.adaptive_avg_pool2d(cloth, features.shape[2:]) > COVERED).astype("float32").flatten(2)  # [N, 1, hw]
    cells = mask.sum(2)  # [N, 1]
    count = cells.clip(min=FEWEST)  # [N, 1]
    flat = features.flatten(2)  # [N, C, hw]
    mean = (flat * mask).sum(2) / count  # [N, C]
    variance = ((flat - mean.unsqueeze(2)).square() * mask).sum(2) / count  # [N, C]
    inside = flat * mask  # [N, C, hw]
    gram = paddle.bmm(inside, inside.transpose([0, 2, 1])) / count.unsqueeze(2)  # [N, C, C]
    return Moments(mean, (variance + 1e-4).sqrt(), gram, cells[:, 0])


def picked(all_of: Moments, rows: paddle.Tensor) -> Moments:
    """Moments of some pictures, rows int64 [M]."""
    return Moments(*(paddle.gather(x, rows) for x in (all_of.mean, all_of.spread, all_of.gram, all_of.cells)))


def between(a: Moments, b: Moments, share: paddle.Tensor) -> Moments:
    """Moments of a mixture: share float32 [N] of b, the rest of a."""
    t = share.unsqueeze(1)  # [N, 1]
    return Moments(
        a.mean + t * (b.mean - a.mean),
        a.spread + t * (b.spread - a.spread),
        a.gram + t.unsqueeze(2) * (b.gram - a.gram),
        paddle.minimum(a.cells, b.cells),
    )


def worn_statistics(
    worn: Sequence[Moments], own: Sequence[Moments], magnitudes: Sequence[float]
) -> tuple[paddle.Tensor, paddle.Tensor]:
    """How far cloth worn by another map is from its photograph's statistics: `g_statloss` and `g_gramloss`.

    A worn code has no picture to be compared with pixel by pixel, but a plain red T-shirt stays plain and red on any
    outline. The first sums over taps the L1 distances of means and spreads over the tap's `magnitude`, the second
    averages the relative Frobenius distances of Gram matrices, each at most 4. A picture with too little cloth in
    sight, worn or own, counts nothing.
    """
    stat, product = paddle.zeros([]), paddle.zeros([])
    for w, o, magnitude in zip(worn, own, magnitudes, strict=True):
        seen = (paddle.minimum(w.cells, o.cells) >= FEWEST).astype("float32")  # [N]
        count = seen.sum().clip(min=1)  # []
        apart = ((w.mean - o.mean).abs() + (w.spread - o.spread).abs()).mean(1)  # [N]
        stat = stat + (apart * seen).sum() / count / magnitude  # []
        far = (w.gram - o.gram).square().sum([1, 2]).clip(min=1e-12).sqrt()  # [N]
        long = o.gram.square().sum([1, 2]).clip(min=1e-12).sqrt()  # [N]
        relative = (far / (long + 1e-3)).clip(max=4)  # [N]
        product = product + (relative * seen).sum() / count / len(worn)  # []
    return stat, product


def kld(mu: paddle.Tensor, logvar: paddle.Tensor) -> paddle.Tensor:
    """KL of N(mu, exp logvar) from N(0, 1), mean over present classes and dimensions: `kldloss`.

    Both tensors are packed [P, C, G, G]: only classes present on a map are there, so absent ones never count.
    """
    return -0.5 * (1 + logvar - mu.square() - logvar.exp()).mean()


def _mean(terms: list[paddle.Tensor]) -> paddle.Tensor:
    return sum(terms[1:], terms[0]) / len(terms)
