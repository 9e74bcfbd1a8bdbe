"""Several processes as one: means of gradients and losses over all of them, through Paddle's own engine."""

from __future__ import annotations

import paddle
import paddle.distributed as dist


def average_gradients(parameters: list[paddle.Tensor]) -> None:
    """Mean of every gradient over all processes, as one message."""
    if dist.get_world_size() == 1:
        return
    grads = [p.grad for p in parameters if p.grad is not None]
    flat = paddle.concat([g.reshape([-1]) for g in grads])
    dist.all_reduce(flat)
    flat, start = flat / dist.get_world_size(), 0
    for g in grads:
        g.set_value(flat[start : start + g.size].reshape(g.shape))
        start += g.size


def average_values(values: dict[str, float]) -> dict[str, float]:
    """Mean of the losses over all processes: every one logs the joined batch, and all stop together when one is NaN."""
    if dist.get_world_size() == 1:
        return values
    joined = paddle.to_tensor(list(values.values()))
    dist.all_reduce(joined)
    return dict(zip(values, map(float, joined.numpy() / dist.get_world_size()), strict=True))


def anywhere(flag: bool) -> bool:
    """Whether this is true in any process: all must stop after the same step, or the others wait for ever."""
    if dist.get_world_size() == 1:
        return flag
    count = paddle.to_tensor([float(flag)])
    dist.all_reduce(count)
    return bool(count.numpy()[0] > 0)
