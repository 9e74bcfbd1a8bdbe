"""Exponential moving average of weights: what is sampled, evaluated and shipped (Karras et al., ProGAN, section 4)."""

from __future__ import annotations

import copy
from typing import TypeVar

import paddle
from paddle import nn

Network = TypeVar("Network", bound=nn.Layer)


def averaged(net: Network) -> Network:
    """A frozen copy of a network to hold the average."""
    result = copy.deepcopy(net)
    result.eval()
    for p in result.parameters():
        p.stop_gradient = True
    return result


def decay_for(batch: int, half_life: float, seen: int) -> float:
    """Decay of one step so that a picture's weight halves every `half_life` pictures; shorter at the start."""
    return 0.5 ** (batch / max(min(half_life, 0.05 * seen), 1e-8))


@paddle.no_grad()
def update(average: nn.Layer, net: nn.Layer, decay: float) -> None:
    """average <- decay * average + (1 - decay) * net, buffers copied."""
    for a, p in zip(average.parameters(), net.parameters(), strict=True):
        a.set_value(a * decay + p * (1 - decay))
    for a, p in zip(average.buffers(), net.buffers(), strict=True):
        a.set_value(p)
