"""The boxes of a map's classes as tensors: `geometry.boxes` inside a network, so that its graph takes the map alone."""

from __future__ import annotations

import paddle

from ..labels import NUM_LABELS


def class_boxes(labels: paddle.Tensor) -> paddle.Tensor:
    """Boxes of maps int64 [N, S, S] -> float32 [N, NUM_LABELS + 1, 4]: top, left, bottom, right, half open.

    The background's is the whole canvas. What stands for a class that is not on the map is of no use.
    """
    row, column = labels[:, :, :1], labels[:, :1]  # [N, S, 1], [N, 1, S]
    rows = paddle.put_along_axis(_empty(row, [-1, -1, NUM_LABELS], 2), labels, 1.0, 2)  # [N, S, K + 1]
    columns = paddle.put_along_axis(_empty(column, [-1, NUM_LABELS, -1], 1), labels, 1.0, 1)  # [N, K + 1, S]
    place = paddle.arange(labels.shape[1], dtype="float32")  # [S]
    (top, bottom), (left, right) = _extent(rows, place.unsqueeze(1), 1), _extent(columns, place, 2)  # [N, K + 1] each
    return paddle.stack([top, left, bottom, right], axis=2)  # [N, K + 1, 4]


def _empty(line: paddle.Tensor, shape: list[int], axis: int) -> paddle.Tensor:
    """No class anywhere along a line, and the background everywhere; the batch may have any size."""
    classes = paddle.zeros_like(line).astype("float32").expand(shape)
    return paddle.concat([classes, paddle.ones_like(line).astype("float32")], axis=axis)


def _extent(there: paddle.Tensor, place: paddle.Tensor, axis: int) -> tuple[paddle.Tensor, paddle.Tensor]:
    """First place that is 1 along an axis, and the one after the last."""
    side = place.shape[0]
    return (side - there * (side - place)).min(axis), (there * (place + 1)).max(axis)
