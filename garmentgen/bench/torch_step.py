"""The `lite` training step once more, in PyTorch float32: what `bench train` compares our kernels with, if it is there.

For speed only: nothing else imports this file, and it wants a PyTorch that nothing else needs. Every network is made
from the Paddle one, names and weights included, so that outputs and losses can be held against each other. What a layer
or a loss is for, and why, is said at its namesake in `garmentgen.models`, `garmentgen.losses` and `training.steps`.
"""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import numpy as np
import paddle
import torch  # pyright: ignore[reportMissingImports]
from torch import nn  # pyright: ignore[reportMissingImports]
from torch.nn import functional as F  # pyright: ignore[reportMissingImports]

from ..geometry import STYLE_STRIDE
from ..labels import NUM_LABELS
from ..models.layers import SLOPE
from ..models.lite import WEAVE, WEAVE_GAIN
from ..native.plain import INSTANCE_EPSILON, NORM_EPSILON
from ..training.ema import decay_for
from ..training.loop import Run
from ..training.steps import Batch, Outcome, Perceived, draw_noise, part

_SETTINGS = ("levels", "magnitude", "padding", "slope", "steps", "stride", "upsample")


def tensor(value: Any) -> Any:
    """A Paddle tensor or numpy array, copied to PyTorch; pictures and kernels in its faster layout for a CPU."""
    copied = torch.from_numpy(np.array(value))
    return copied.contiguous(memory_format=torch.channels_last) if copied.dim() == 4 else copied


def twin(layer: Any) -> Any:
    """The PyTorch module that computes what a Paddle layer does, with a copy of its weights by the same names."""
    if isinstance(layer, paddle.nn.LayerList):
        return nn.ModuleList([twin(one) for one in layer])
    kinds = {kind.__name__: kind for kind in _Twin.__subclasses__()}
    return kinds["_" + type(layer).__name__.lstrip("_")](layer)


class _Twin(nn.Module):
    def __init__(self, layer: paddle.nn.Layer):
        super().__init__()
        for name in _SETTINGS:
            setattr(self, name, getattr(layer, name, None))
        for name, value in layer.named_parameters(include_sublayers=False):
            self.register_parameter(name, nn.Parameter(tensor(value)))
        for name, value in layer.named_buffers(include_sublayers=False):
            self.register_buffer(name, tensor(value))
        for name, below in layer.named_children():
            self.add_module(name, twin(below))


class _Conv(_Twin):
    def forward(self, x, weight=None):
        y = F.conv2d(x, self.weight if weight is None else weight, self.bias, self.stride, self.padding)  # [N, O, h, w]
        return y if self.slope == 1.0 else F.leaky_relu(y, self.slope)  # [N, O, h, w]


class _SpectralConv(_Twin):
    def forward(self, x):
        matrix = self.weight.flatten(1)  # [O, I k k]
        with torch.no_grad():
            v = F.normalize(matrix.t() @ self.u, dim=0)  # [I k k]
            u = F.normalize(matrix @ v, dim=0)  # [O]
            if self.training:
                self.u.copy_(u)
        return _Conv.forward(self, x, self.weight / (u @ (matrix @ v)))  # [N, O, h, w]


class _ClassNorm(_Twin):
    def forward(self, x, labels, style=None, upsample=False):
        x = F.interpolate(x, scale_factor=2) if upsample else x  # [N, C, h, w]
        x = x * torch.rsqrt(x.square().mean(1, keepdim=True) + NORM_EPSILON)  # [N, C, h, w]
        affine = _planes(labels, self.table)  # [N, 2C, h, w]
        if style is not None:
            style = self.style(style)  # [N, 2C, h / f, w / f]
            style = style if style.shape == affine.shape else F.interpolate(style, x.shape[2:])  # [N, 2C, h, w]
            affine = affine + style  # [N, 2C, h, w]
        scale, shift = affine.chunk(2, 1)  # [N, C, h, w] each
        return F.leaky_relu(x * (1 + scale) + shift, SLOPE)  # [N, C, h, w]


def _planes(labels, table):
    return F.embedding(labels, table).permute(0, 3, 1, 2)  # [N, C, h, w]


class _Encoder(_Twin):
    def forward(self, crops, rows, fill):
        classes = (rows % NUM_LABELS).view(-1, 1, 1)  # [P, 1, 1]
        h = self.stem(F.pixel_unshuffle(crops, 4))  # [P, 64, 2G, 2G]
        h = self.down(self.norm0(h, classes.expand(-1, *h.shape[2:])))  # [P, 128, G, G]
        whole = classes.expand(-1, *h.shape[2:])  # [P, G, G]
        h = h + self.body(self.norm1(h, whole))  # [P, 128, G, G]
        h = self.heads(self.norm2(h, whole))  # [P, 16, G, G]
        filled = h.flatten(2).gather(2, fill.unsqueeze(1).expand(-1, h.shape[1], -1))  # [P, 16, GG]
        mu, logvar = filled.view(h.shape).chunk(2, 1)  # [P, 8, G, G] each
        return mu, torch.clamp(logvar - 4.0, -12.0, 4.0)  # [P, 8, G, G] each


class _Block(_Twin):
    def forward(self, x, before, after):
        h = self.conv1(self.norm1(self.conv0(self.norm0(x, *before)), *after, self.upsample))  # [N, O, 2h, 2w]
        x = self.skip(x) if hasattr(self, "skip") else x  # [N, O, h, w]
        return h + (F.interpolate(x, scale_factor=2) if self.upsample else x)  # [N, O, 2h, 2w]


class _Generator(_Twin):
    def forward(self, labels, taps, weights, position, codes, noise):
        side, offset = labels.shape[1] // STYLE_STRIDE, STYLE_STRIDE // 2
        cells = codes.permute(0, 1, 3, 4, 2).flatten(0, 3)  # [N K G G, 8]
        pasted = (F.embedding(taps, cells) * weights.unsqueeze(-1)).sum(2)  # [N, h w, 8]
        pasted = pasted.transpose(1, 2).unflatten(2, (side, side))  # [N, 8, h, w]
        h = self.style0(torch.cat([pasted, position, noise[:, :, ::2, ::2]], 1))  # [N, style, h, w]
        h = h + _planes(labels[:, offset::STYLE_STRIDE, offset::STYLE_STRIDE], self.embed)  # [N, style, h, w]
        style = self.style1(F.leaky_relu(h, SLOPE))  # [N, style, h, w]
        levels = [(labels[:, 2::4, 2::4], style), (labels[:, 1::2, 1::2], style)]
        for stride in (8, 16, 32):
            style = F.avg_pool2d(style, 2)  # [N, style, S / stride, S / stride]
            levels.insert(0, (labels[:, stride // 2 :: stride, stride // 2 :: stride], style))
        h = self.first(style)  # [N, 256, S/32, S/32]
        for block, (before, after) in zip(self.blocks, self.levels, strict=True):
            h = block(h, levels[before], levels[after])  # [N, width, S/32 .. S/2, ...]
        ticks = torch.arange(labels.shape[1] // 2) % WEAVE  # [S/2]
        beat = ticks.unsqueeze(1) * WEAVE + ticks  # [S/2, S/2]
        woven = _planes(levels[-1][0] * WEAVE**2 + beat, WEAVE_GAIN * self.weave)  # [N, 48, S/2, S/2]
        h = F.leaky_relu(h + self.grain(noise) + woven, SLOPE)  # [N, 48, S/2, S/2]
        h = F.pixel_shuffle(self.expand(h), 2)  # [N, 12, S, S]
        h = self.last(self.last_norm(h, labels, levels[-1][1]))  # [N, 3, S, S]
        return (torch.tanh(h) - 1) * (labels != NUM_LABELS).unsqueeze(1) + 1  # [N, 3, S, S]


class _Discriminator(_Twin):
    def forward(self, pictures, labels):
        x, results = torch.cat([pictures, _planes(labels, self.embed)], 1), []  # [N, 3 + L, S, S]
        for k, head in enumerate(self.heads):
            x = F.avg_pool2d(x, 2) if k else x  # [N, 3 + L, S / 2^k, S / 2^k]
            results.append(head(x))
        return results

    def judge(self, features, labels):
        results = []
        for head, x in zip(self.perceptual, features, strict=True):
            step = labels.shape[1] // x.shape[2]
            results.append(head(x, _planes(labels[:, step // 2 :: step, step // 2 :: step], self.embed)))
        return results


class _Head(_Twin):
    def forward(self, x):
        features = [self.first(x)]  # [N, widths[0], S/2, S/2]
        for conv in self.convs:
            features.append(_instance_norm(conv(features[-1])))  # [N, widths[k], S/2^k, ...]
        return [*features, self.logits(features[-1])]  # logits [N, 1, s, s]


class _PerceptualHead(_Twin):
    def forward(self, x, maps):
        h = self.first(x / self.magnitude)  # [N, W, h, w]
        g = _instance_norm(self.second(torch.cat([h, maps], 1)))  # [N, 2W, h/2, w/2]
        return [h, g, self.logits(g)]  # logits [N, 1, s, s]


def _instance_norm(x):
    return F.leaky_relu(F.instance_norm(x, eps=INSTANCE_EPSILON), SLOPE)  # [N, C, h, w]


class _PerceptualFeatures(_Twin):
    def forward(self, x):
        h, tapped = (x - self.mean) / self.std, []  # [N, 3, H, W]
        for name, is_tap in self.steps:
            if not name:
                h = F.max_pool2d(h, 2)  # [N, C, h / 2, w / 2]
                continue
            weight, bias = (getattr(self, f"{name}_{what}") for what in ("weight", "bias"))
            h = F.relu(F.conv2d(h, weight, bias, padding=1))  # [N, C, h, w]
            tapped += [h] if is_tap else []
        return tapped


def _masked_l1(a, b, clothes):
    mask = clothes if clothes.shape[2:] == a.shape[2:] else F.adaptive_avg_pool2d(clothes, a.shape[2:])  # [N, 1, h, w]
    total = ((a - b).abs().mean(1, keepdim=True) * mask).sum((1, 2, 3))  # [N]
    return (total / (mask.sum((1, 2, 3)) + 1e-6)).mean()


def _gram(x):
    flat = x.flatten(2)  # [N, C, H W]
    return flat @ flat.transpose(1, 2) / x[0].numel()  # [N, C, C]


def _mean(terms):
    return sum(terms[1:], terms[0]) / len(terms)


class Step:
    """A step of a `Run` on one batch: swapped codes, both descents, averages; from the run's weights of this moment."""

    def __init__(self, run: Run, batch: Batch):
        nets, train, regions = run.nets, run.config.train, batch.regions
        self.config, self.heads, self.seen = run.config, run.heads, 0
        copied = ("pictures", "labels", "label_pictures", "clothes", "crops")
        values: dict[str, Any] = {name: tensor(getattr(batch, name)) for name in copied}
        self.batch = dataclasses.replace(batch, **values, maps=tuple(tensor(v) for v in batch.maps))
        self.rows, self.fill, self.donors = (tensor(v) for v in (regions.rows, regions.fill, batch.donors))
        self.painters = nn.ModuleDict({"encoder": twin(nets.encoder), "generator": twin(nets.generator)})
        self.discriminator, self.features = twin(nets.discriminator), twin(nets.features)
        self.averages = copy.deepcopy(self.painters).requires_grad_(False)
        rates = ((self.painters, train.lr_generator), (self.discriminator, train.lr_discriminator))
        self.adams = [torch.optim.Adam(net.parameters(), rate, train.betas) for net, rate in rates]

    def __call__(self, rng: np.random.Generator) -> dict[str, float]:
        """The losses by their logged names."""
        out = self._paint()
        seen = self._perceive(out, rng)
        values = self._discriminator_losses(out, seen)
        self._descend(1, values["d_all_loss"])
        self.discriminator.requires_grad_(False)
        values |= self._generator_losses(out, seen)
        self._descend(0, values["g_loss"])
        self.discriminator.requires_grad_(True)
        self.seen += self.batch.size
        decay = decay_for(self.batch.size, self.config.train.ema_half_life, self.seen)
        for average, p in zip(self.averages.parameters(), self.painters.parameters(), strict=True):
            average.lerp_(p.detach(), 1 - decay)
        return {name: value.item() for name, value in values.items()}

    def _descend(self, which: int, loss) -> None:
        loss.backward()
        self.adams[which].step()
        self.adams[which].zero_grad()

    def _paint(self) -> Outcome:
        n, made = self.batch.size, []
        mu, logvar = self.painters["encoder"](self.batch.crops, self.rows, self.fill)  # [P, 8, G, G] each
        noise, grain = (tensor(v) for v in draw_noise(self.batch, list(mu.shape[1:])))
        packed = mu + noise * torch.exp(0.5 * logvar)  # [P, 8, G, G]
        for codes in (packed, packed.detach()[self.donors]):
            flat = torch.zeros(n * NUM_LABELS, codes[0].numel())  # [N K, 8 G G]
            flat = flat.index_copy(0, self.rows, codes.flatten(1))  # [N K, 8 G G]
            dense = flat.view(n, NUM_LABELS, *codes.shape[1:])  # [N, K, 8, G, G]
            made.append(self.painters["generator"](*self.batch.maps, dense, grain))  # [N, 3, S, S]
        return Outcome(made[0], made[1], mu, logvar)

    def _perceive(self, out, rng: np.random.Generator) -> Perceived:
        batch, whole = self.batch, self.batch.pictures.shape[2]
        side = self.config.loss.crop or whole
        top, left = (int(rng.integers(whole - side + 1)) for _ in range(2))
        place = (..., slice(top, top + side), slice(left, left + side))
        with torch.no_grad():
            real = self.features(batch.pictures[place])
        return Perceived(real, self.features(torch.cat([out.fake, out.swapped])[place]), batch.labels[place])

    def _discriminate(self, pictures, labels, perceived):
        features = self.discriminator(torch.cat(pictures), torch.cat([self.batch.labels] * len(pictures)))
        groups = len(perceived[0]) // len(labels)
        return features, self.discriminator.judge(perceived, torch.cat([labels] * groups))

    def _discriminator_losses(self, out, seen) -> dict:
        batch, n = self.batch, self.batch.size
        shown = [batch.pictures, batch.label_pictures, out.fake.detach(), out.swapped.detach()]
        joined = [torch.cat([seen.real[k], seen.made[k].detach()]) for k in self.heads]
        features, judged = self._discriminate(shown, seen.labels, joined)
        real, made = part(features, 0, n) + part(judged, 0, n), part(features, 2 * n, 4 * n) + part(judged, n, 3 * n)
        values = {
            "d_real_loss": _mean([F.relu(1 - scale[-1]).mean() for scale in real]),
            "d_fake_loss": _mean([F.relu(1 + scale[-1]).mean() for scale in made]),
            "d_seg_ganloss": _mean([F.relu(1 + scale[-1]).mean() for scale in part(features, n, 2 * n)]),
        }
        return values | {"d_all_loss": sum(values.values())}

    def _generator_losses(self, out, seen) -> dict:
        batch, weight, n = self.batch, self.config.loss, self.batch.size
        with torch.no_grad():
            real = self.discriminator(batch.pictures, batch.labels)
        made = [seen.made[k] for k in self.heads]
        features, judged = self._discriminate([out.fake, out.swapped], seen.labels, made)
        pixels = _masked_l1(out.fake, batch.pictures, batch.clothes)
        layers = [pair for scales in zip(features, real, strict=True) for pair in list(zip(*scales, strict=True))[:-1]]
        matched = _mean([_masked_l1(f[:n], r, batch.clothes) for f, r in layers])
        fake = _mean([-scale[-1][:n].mean() for scale in features + judged])
        swapped = _mean([-scale[-1][n:].mean() for scale in features + judged])
        taps = list(zip(seen.fake, seen.real, weight.tap_weights, strict=True))
        looks = [w * (_gram(f) - _gram(r)).abs().sum((1, 2)).mean() / f.shape[1] for f, r, w in taps]
        values = {
            "g_ganloss": fake + weight.swapped * swapped,
            "g_featloss": weight.feat * (weight.pixel * pixels + matched),
            "g_vggloss": weight.vgg * sum(w * (f - r).abs().mean() for f, r, w in taps),
            "g_styleloss": weight.style * sum(looks),
            "kldloss": -0.5 * weight.kld * (1 + out.logvar - out.mu.square() - out.logvar.exp()).mean(),
        }
        return values | {"g_loss": sum(values.values())}
