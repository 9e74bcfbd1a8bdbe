"""The learned prior: a rectified flow over the code grids of a whole map (Liu et al., "Flow Straight and Fast", 2022).

Every region's code grid is cut into patches, which become the tokens of one transformer: all regions of a map are drawn
together, so sleeves match their body and an outfit goes together. Time is given per region: regions that are to stay
enter as finished (t = 1), and the others are drawn to suit them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import paddle
from paddle import nn
from paddle.nn import functional as F

from ..config import ModelConfig
from ..engine import Engine
from ..geometry import boxes
from ..labels import NUM_LABELS
from .contract import Codes, region_noise

STEPS = 8
"""Euler steps of one draw."""

SHIFT = 6.0
"""How far time is bent towards the noise: a garment's cells are alike, so that its colour is decided before t = .1."""

_OCTAVES = 3


def bent(u: np.ndarray) -> np.ndarray:
    """Even times float [...] in [0, 1] -> times that dwell near 0 (Esser et al., arXiv 2403.03206, section 5.3.2)."""
    return u / (u + SHIFT * (1 - u))


@dataclass(frozen=True)
class Scene:
    """What the flow knows of one map, M regions: ids int64 [M], geometry float32 [M, T, F]."""

    ids: np.ndarray
    geometry: np.ndarray


class Velocity(nn.Layer):
    """Velocity of the codes at time t: tokens of all regions through pre-norm transformer blocks."""

    def __init__(self, channels: int, grid: int, width: int = 160, depth: int = 5, heads: int = 5):
        super().__init__()
        self.channels, self.grid, self.patch = channels, grid, max(grid // 4, 1)
        self.tokens = (grid // self.patch) ** 2
        values = channels * self.patch**2
        features = self.patch**2 + 4 + 2 * 2 * _OCTAVES
        self.enter = nn.Linear(values, width)
        self.geometry = nn.Linear(features, width)
        self.time = nn.Sequential(nn.Linear(16, width), nn.Silu(), nn.Linear(width, width))
        self.kind = nn.Embedding(NUM_LABELS + 1, width)
        self.place = self.create_parameter(
            [1, 1, self.tokens, width], default_initializer=nn.initializer.Normal(0, 0.02)
        )
        self.blocks = nn.LayerList([_Block(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.leave = nn.Linear(width, values)
        self.register_buffer("code_mean", paddle.zeros([channels, 1, 1]))
        self.register_buffer("code_std", paddle.ones([channels, 1, 1]))

    def forward(
        self,
        x: paddle.Tensor,
        time: paddle.Tensor,
        ids: paddle.Tensor,
        geometry: paddle.Tensor,
        bias: paddle.Tensor,
    ) -> paddle.Tensor:
        """Velocity of every token.

        Args:
            x: patches of standardised codes, float32 [N, M, T, V]. time: float32 [N, M] in [0, 1].
            ids: int64 [N, M], NUM_LABELS = padding. geometry: float32 [N, M, T, F].
            bias: float32 [N, M, M], added to attention between regions: 0 = may look, -1e4 = may not.
        """
        regions, tokens = x.shape[1], x.shape[2]
        phase = time.unsqueeze(-1) * (np.pi * 2.0 ** paddle.arange(8, dtype="float32") / 4)  # [N, M, 8]
        clock = self.time(paddle.concat([phase.sin(), phase.cos()], -1))  # [N, M, width]
        about = (clock + self.kind(ids)).unsqueeze(2) + self.place  # [N, M, T, width]
        h = self.enter(x) + self.geometry(geometry) + about  # [N, M, T, width]
        h = h.reshape([-1, regions * tokens, h.shape[3]])  # [N, M T, width]
        bias = bias.reshape([-1, 1, regions, 1, regions, 1])  # [N, 1, M, 1, M, 1]
        bias = bias.expand([-1, 1, regions, tokens, regions, tokens])  # [N, 1, M, T, M, T]
        bias = bias.reshape([-1, 1, regions * tokens, regions * tokens])  # [N, 1, M T, M T]
        for block in self.blocks:
            h = block(h, bias)  # [N, M T, width]
        return self.leave(self.norm(h)).reshape([-1, regions, tokens, x.shape[3]])  # [N, M, T, V]

    def to_tokens(self, codes: paddle.Tensor) -> paddle.Tensor:
        """Codes [..., C, G, G] -> standardised patches [..., T, V]."""
        lead, side, patch = list(codes.shape[:-3]), self.grid // self.patch, self.patch
        z = (codes - self.code_mean) / self.code_std  # [..., C, G, G]
        z = z.reshape([-1, self.channels, side, patch, side, patch])  # [B, C, s, p, s, p]
        return z.transpose([0, 2, 4, 1, 3, 5]).reshape([*lead, self.tokens, -1])  # [..., T, V]

    def to_codes(self, tokens: paddle.Tensor) -> paddle.Tensor:
        """Inverse of `to_tokens`."""
        lead, side, patch = list(tokens.shape[:-2]), self.grid // self.patch, self.patch
        z = tokens.reshape([-1, side, side, self.channels, patch, patch])  # [B, s, s, C, p, p]
        z = z.transpose([0, 3, 1, 4, 2, 5]).reshape([*lead, self.channels, self.grid, self.grid])  # [..., C, G, G]
        return z * self.code_std + self.code_mean  # [..., C, G, G]


class _Block(nn.Layer):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm0, self.norm1 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, h: paddle.Tensor, bias: paddle.Tensor) -> paddle.Tensor:
        count, width = h.shape[1], h.shape[2]
        qkv = self.qkv(self.norm0(h)).reshape([-1, count, 3, self.heads, width // self.heads])  # [N, L, 3, H, d]
        q, k, v = qkv.transpose([2, 0, 3, 1, 4]).unbind(0)  # [N, H, L, d] each
        weight = paddle.matmul(q, k, transpose_y=True) * (width // self.heads) ** -0.5 + bias  # [N, H, L, L]
        mixed = paddle.matmul(F.softmax(weight), v).transpose([0, 2, 1, 3]).reshape([-1, count, width])  # [N, L, width]
        h = h + self.out(mixed)  # [N, L, width]
        return h + self.down(F.gelu(self.up(self.norm1(h))))  # [N, L, width]


def build_velocity(config: ModelConfig) -> Velocity:
    """The flow's network for a model's codes."""
    small = config.size < 128
    return Velocity(config.code_channels, config.grid, width=40 if small else 160, depth=2 if small else 5)


def scene_of(labels: np.ndarray, grid: int, patch: int) -> Scene:
    """Regions of one map, uint8 [S, S], with what each patch of their grids covers and where it lies."""
    found = boxes(labels)
    side, size = grid // patch, labels.shape[0]
    rows = []
    for c, (top, left, bottom, right) in found.items():
        mask = (labels[top:bottom, left:right] == c).astype(np.float32)
        cover = cv2.resize(mask, (grid, grid), interpolation=cv2.INTER_AREA)
        cover = cover.reshape(side, patch, side, patch).transpose(0, 2, 1, 3).reshape(side * side, -1)  # [T, p p]
        box = np.array([top, left, bottom, right], np.float32) / size
        steps = (np.arange(side) + 0.5) / side
        y, x = np.meshgrid(box[0] + steps * (box[2] - box[0]), box[1] + steps * (box[3] - box[1]), indexing="ij")
        waves = [f(np.pi * 2**k * v.ravel()) for k in range(_OCTAVES) for v in (y, x) for f in (np.sin, np.cos)]
        rows.append(np.concatenate([cover, np.tile(2 * box - 1, (side * side, 1)), np.stack(waves, 1)], 1))
    return Scene(np.array(list(found), np.int64), np.stack(rows).astype(np.float32))


class FlowPrior:
    """Draws codes by following the velocity from noise (t = 0) to codes (t = 1); see `priors.Prior`.

    Diversity scales the noise that the flow starts from. Harmony is a guidance: velocity = h * (all regions see one
    another) + (1 - h) * (each region sees itself alone).
    """

    def __init__(self, net: Velocity, key: str, engine: str | None = None):
        self.net = net
        patches = net.channels * net.patch**2
        example = self._inputs(
            np.zeros((2, net.tokens, patches), np.float32), np.zeros(2, np.float32), _blank(net), True
        )
        free = [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (4, 2)]
        self.engine = Engine(lambda: net, [example], f"{key} flow", engine, free)

    def sample(
        self, labels: np.ndarray, seed_of: Callable[[int], int], diversity: float, harmony: float, given: Codes
    ) -> Codes:
        """See `Prior.sample`."""
        net, scene = self.net, scene_of(labels, self.net.grid, self.net.patch)
        shape = (net.channels * net.patch**2,)
        noise = [diversity * region_noise(seed_of(int(c)), int(c), (net.tokens, *shape)) for c in scene.ids]
        x = np.stack(noise)  # [M, T, V]
        fixed = np.array([int(c) in given for c in scene.ids])
        if fixed.any():
            codes = np.stack([given[int(c)] for c in scene.ids[fixed]]).astype(np.float32)
            x[fixed] = net.to_tokens(paddle.to_tensor(codes)).numpy()
        times = bent(np.linspace(0, 1, STEPS + 1))
        for now, then in itertools.pairwise(times):
            time = np.where(fixed, 1.0, now).astype(np.float32)
            velocity = self._velocity(x, time, scene, harmony)
            x = np.where(fixed[:, None, None], x, x + velocity * (then - now)).astype(np.float32)
        codes = net.to_codes(paddle.to_tensor(x)).numpy()
        return {int(c): given[int(c)] if fixed[k] else codes[k] for k, c in enumerate(scene.ids)}

    def _velocity(self, x: np.ndarray, time: np.ndarray, scene: Scene, harmony: float) -> np.ndarray:
        parts = [(harmony, True), (1 - harmony, False)]
        terms = [share * self.engine(*self._inputs(x, time, scene, joint))[0] for share, joint in parts if share > 0]
        return np.sum(terms, axis=0)

    def _inputs(self, x: np.ndarray, time: np.ndarray, scene: Scene, together: bool) -> list[np.ndarray]:
        count = len(scene.ids)
        bias = np.zeros((count, count), np.float32) if together else -1e4 * (1 - np.eye(count, dtype=np.float32))
        return [x[None], time[None], scene.ids[None], scene.geometry[None], bias[None]]


def _blank(net: Velocity) -> Scene:
    labels = np.zeros((32, 32), np.uint8)
    labels[16:] = 1
    return scene_of(labels, net.grid, net.patch)
