"""Frechet distance between two sets of feature vectors, each taken as a Gaussian.

With MobileNetV2's pooled output the figure is called FD-MobileNetV2. It is not FID, which is defined on Inception v3;
the formula is the same (Heusel et al., NeurIPS 2017, section 2): |m1 - m2|^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2)).
The value depends on the number of pictures (fewer give larger ones): compare only figures with equal counts.
"""

from __future__ import annotations

import numpy as np


def statistics(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features [N, D], N > 1 -> mean [D] and a root R [D, min(N, D)] of the unbiased covariance R R^T, float64."""
    if features.ndim != 2 or len(features) < 2:
        raise ValueError(f"features are [N, D] with N > 1, but these are {features.shape}")
    mean = features.mean(0, dtype=np.float64)
    spread = (features - mean) / np.sqrt(len(features) - 1)  # [N, D]
    return mean, np.linalg.qr(spread)[1].T if len(features) > features.shape[1] else spread.T


def frechet(mean_a: np.ndarray, root_a: np.ndarray, mean_b: np.ndarray, root_b: np.ndarray) -> float:
    """Squared Frechet (Wasserstein-2) distance of two Gaussians; means [D], roots of their covariances [D, R].

    Tr (A B)^(1/2) with A = R R^T and B = S S^T is the sum of the singular values of R^T S, which is as small as the
    ranks: fewer pictures than features need no ridge, and less time.
    """
    cross = np.linalg.svd(root_a.T @ root_b, compute_uv=False).sum()
    difference = mean_a - mean_b
    return float(difference @ difference + np.square(root_a).sum() + np.square(root_b).sum() - 2 * cross)


def feature_distance(features_a: np.ndarray, features_b: np.ndarray) -> float:
    """Frechet distance between two sets of features, [N, D] and [M, D]."""
    return frechet(*statistics(features_a), *statistics(features_b))
