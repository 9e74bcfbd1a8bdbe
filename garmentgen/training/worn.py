"""Cloth worn by another map keeps its photograph's statistics."""

from __future__ import annotations

import numpy as np
import paddle

from .. import losses
from ..config import Config
from ..models.features import MAGNITUDES
from .loans import Loans


def holds_statistics(config: Config) -> bool:
    """Whether worn cloth is held to its photograph's statistics: then the swapped pass wears donors' codes."""
    return config.loss.stat > 0 or config.loss.gram > 0


def worn_statistics(
    real: list[paddle.Tensor],
    worn: list[paddle.Tensor],
    labels: paddle.Tensor,
    mains: np.ndarray,
    loans: Loans,
    taps: tuple[str, ...],
) -> tuple[paddle.Tensor, paddle.Tensor]:
    """`losses.worn_statistics` of swapped pictures, each against its donor or the mixture of its two donors.

    Args:
        real, worn: perceptual features of the photographs and of their maps in borrowed codes, [N, C, h, w] a tap.
        labels: int64 [N, s, s] of what the features show. mains: int64 [N], the class whose cloth is compared.
    """
    shown = labels == paddle.to_tensor(mains).reshape([-1, 1, 1])  # [N, s, s]
    cloth = shown.astype("float32").unsqueeze(1)  # [N, 1, s, s]
    first, second = (paddle.to_tensor(donors) for donors in (loans.first, loans.second))
    share, made, own = paddle.to_tensor(loans.share), [], []
    for photographed, painted in zip(real, worn, strict=True):
        lent = losses.moments(photographed, cloth)
        own.append(losses.between(losses.picked(lent, first), losses.picked(lent, second), share))
        made.append(losses.moments(painted, cloth))
    return losses.worn_statistics(made, own, [MAGNITUDES[tap] for tap in taps])
