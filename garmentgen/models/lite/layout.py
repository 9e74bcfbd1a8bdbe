"""Where the classes of a map lie, and how their codes are sampled there, as tensors: a graph takes the map alone.

Codes live on a G x G grid stretched over the class's box, so they stay aligned with the garment whatever its place and
size on the canvas.
"""

from __future__ import annotations

import math

import paddle

from ...labels import NUM_LABELS

STYLE_STRIDE = 4
"""The style map has a quarter of the canvas's side."""


def layout(
    labels: paddle.Tensor, boxes: paddle.Tensor, grid: int, octaves: int
) -> tuple[paddle.Tensor, paddle.Tensor, paddle.Tensor]:
    """What the style map's pixels sample, and where they lie in their classes' boxes.

    Args:
        labels: int64 [N, S, S]. boxes: float32 [N, NUM_LABELS + 1, 4].

    Returns:
        (h = w = S / STYLE_STRIDE; all is 0 on background but the taps.)
        taps: int64 [N, h * w, 4]; the four code cells around each pixel, as indices into [N * NUM_LABELS * G * G].
        weights: float32 [N, h * w, 4]; their bilinear weights.
        position: float32 [N, 4 * octaves + 2, h, w]; Fourier features of the place in the box, the log of its size.
    """
    offset = STYLE_STRIDE // 2
    small = labels[:, offset::STYLE_STRIDE, offset::STYLE_STRIDE]  # [N, h, w]
    side, picture = small.shape[1], paddle.arange(labels.shape[0]).reshape([-1, 1, 1])  # [N, 1, 1]
    clothes = (small != NUM_LABELS).astype("float32")  # [N, h, w]
    box = paddle.gather(boxes.reshape([-1, 4]), (picture * (NUM_LABELS + 1) + small).flatten())  # [N h w, 4]
    top, left, bottom, right = box.reshape([-1, side, side, 4]).unbind(3)  # [N, h, w] each
    centre = paddle.arange(side, dtype="float32") * STYLE_STRIDE + offset  # [h]
    height, width = bottom - top, right - left  # [N, h, w] each
    v, u = (centre.unsqueeze(1) - top) / height, (centre - left) / width  # [N, h, w] each, in [0, 1] inside the box
    cells, weights = _bilinear(v, u, grid)  # [N, h, w, 4] each
    # sums come after products: of a product of a sum of whole numbers oneDNN, in Paddle 3.3, forgets the factor
    first = picture * (NUM_LABELS * grid**2) + small.clip(0, NUM_LABELS - 1) * grid**2  # [N, h, w]
    taps = (cells + first.unsqueeze(3)).reshape([-1, side * side, 4])  # [N, h w, 4]
    weights = (weights * clothes.unsqueeze(3)).reshape([-1, side * side, 4])  # [N, h w, 4]
    canvas = (boxes[:, -1, 2] - boxes[:, -1, 0]).reshape([-1, 1, 1, 1])  # [N, 1, 1, 1]
    size = paddle.log(paddle.stack([height, width], axis=1) / canvas) / (4 * math.log(2))  # [N, 2, h, w]
    position = paddle.concat([_fourier(v, u, octaves), size], axis=1)  # [N, 4 octaves + 2, h, w]
    return taps, weights, position * clothes.unsqueeze(1)


def _bilinear(v: paddle.Tensor, u: paddle.Tensor, grid: int) -> tuple[paddle.Tensor, paddle.Tensor]:
    """Cell indices and weights of bilinear sampling at (v, u) in [0, 1] on a grid of cell centres."""
    y, x = ((c * grid - 0.5).clip(0, grid - 1) for c in (v, u))  # [N, h, w] each
    y0, x0 = (c.floor().clip(0, grid - 2) for c in (y, x))  # [N, h, w] each
    fy, fx = y - y0, x - x0  # [N, h, w] each
    cell = (y0 * grid + x0).astype("int64")  # [N, h, w]
    cells = paddle.stack([cell, cell + 1, cell + grid, cell + grid + 1], axis=3)  # [N, h, w, 4]
    weights = paddle.stack([(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx], axis=3)  # [N, h, w, 4]
    return cells, weights


def _fourier(v: paddle.Tensor, u: paddle.Tensor, octaves: int) -> paddle.Tensor:
    """[N, 4 * octaves, h, w]: sine and cosine of 2^k pi times each coordinate."""
    phases = [math.pi * 2.0**k * coordinate for k in range(octaves) for coordinate in (v, u)]
    return paddle.stack([f(phase) for phase in phases for f in (paddle.sin, paddle.cos)], axis=1)  # [N, 4 o, h, w]


def sample_codes(codes: paddle.Tensor, taps: paddle.Tensor, weights: paddle.Tensor) -> paddle.Tensor:
    """Sample every style pixel's own class's code grid: [N, K, 8, G, G], [N, hw, 4], [N, hw, 4] -> [N, 8, hw]."""
    channels = codes.shape[2]
    cells = codes.transpose([0, 1, 3, 4, 2]).reshape([-1, channels])  # [N K G G, 8]
    picked = paddle.gather(cells, taps.reshape([-1])).reshape([0, channels])  # [N hw 4, 8]
    picked = picked.reshape([taps.shape[0], taps.shape[1], 4, channels])  # [N, hw, 4, 8]
    return (picked * weights.unsqueeze(-1)).sum(2).transpose([0, 2, 1])  # [N, 8, hw]
