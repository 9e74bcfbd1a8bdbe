"""What the flow learns from: encoded maps, noised on straight paths, and the error of its velocity there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import paddle

from ..labels import NUM_LABELS
from .flow import Scene, Velocity, bent

MAX_REGIONS = 10
"""Regions of a map that the flow is trained on; the smallest of a fuller map are left out."""


@dataclass(frozen=True)
class Stored:
    """Codes of one picture: what its flow scene is, and float16 codes [M, C, G, G] in the scene's order."""

    scene: Scene
    codes: np.ndarray


def standardise(net: Velocity, stored: list[Stored]) -> None:
    """Give the network the codes' mean and spread per channel."""
    codes = np.concatenate([s.codes for s in stored]).astype(np.float32)
    net.code_mean.set_value(codes.mean((0, 2, 3)).reshape(-1, 1, 1))
    net.code_std.set_value((codes.std((0, 2, 3)) + 1e-6).reshape(-1, 1, 1))


@dataclass(frozen=True)
class FlowBatch:
    """Padded inputs of one flow step; `target` is the velocity, `counted` float [N, M] marks the regions to learn."""

    x: np.ndarray
    time: np.ndarray
    ids: np.ndarray
    geometry: np.ndarray
    bias: np.ndarray
    target: np.ndarray
    counted: np.ndarray


def flow_batch(tokens: list[np.ndarray], scenes: list[Scene], rng: np.random.Generator) -> FlowBatch:
    """Noise some regions of every map, keep others finished, and let some maps' regions not see one another.

    tokens: standardised patches [M, T, V] of each map. Straight paths: x_t = (1 - t) noise + t codes, velocity
    codes - noise (rectified flow, equation 1); t is logit-normal, bent as it is when drawing.
    """
    count, most = len(tokens), min(max(len(t) for t in tokens), MAX_REGIONS)
    t_, v_ = tokens[0].shape[1:]
    x, target = np.zeros((2, count, most, t_, v_), np.float32)
    time_, counted = np.zeros((2, count, most), np.float32)
    ids = np.full((count, most), NUM_LABELS, np.int64)
    geometry = np.zeros((count, most, *scenes[0].geometry.shape[1:]), np.float32)
    bias = np.full((count, most, most), -1e4, np.float32)
    for n, (codes, scene) in enumerate(zip(tokens, scenes, strict=True)):
        kept = largest(scene, most)
        m = len(kept)
        noise = rng.standard_normal((m, t_, v_), dtype=np.float32)
        t = bent(np.full(m, 1 / (1 + math.exp(-rng.normal(0, 1.3))), np.float32))
        if m > 1 and rng.random() < 0.35:  # inpainting: a random part of the regions is finished
            t[rng.permutation(m)[: rng.integers(1, m)]] = 1.0
        alone = rng.random() < 0.15
        path = t[:, None, None]
        x[n, :m], target[n, :m] = (1 - path) * noise + path * codes[kept], codes[kept] - noise
        time_[n, :m], counted[n, :m] = t, t < 1
        ids[n, :m], geometry[n, :m] = scene.ids[kept], scene.geometry[kept]
        bias[n, :m, :m] = -1e4 * (1 - np.eye(m)) if alone else 0
        bias[n, m:, :] = 0  # padding may look anywhere: a softmax over nothing is not a number
    return FlowBatch(x, time_, ids, geometry, bias, target, counted)


def largest(scene: Scene, most: int) -> np.ndarray:
    """Indices of the `most` regions with the largest boxes, in the scene's order."""
    box = scene.geometry[:, 0, -4 - 12 : -12]
    area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    return np.sort(np.argsort(-area)[:most])


def flow_loss(net: Velocity, batch: FlowBatch) -> paddle.Tensor:
    """Mean squared error of the velocity over the regions that are to be learnt: `flow_loss`."""
    inputs = (batch.x, batch.time, batch.ids, batch.geometry, batch.bias)
    predicted = net(*(paddle.to_tensor(v) for v in inputs))
    error = (predicted - paddle.to_tensor(batch.target)).square().mean([2, 3])  # [N, M]
    counted = paddle.to_tensor(batch.counted)
    return (error * counted).sum() / counted.sum()
