"""Frechet distance between two sets of feature vectors, each taken as a Gaussian.

With MobileNetV2's pooled output the figure is called FD-MobileNetV2. It is not FID, which is defined on Inception v3;
the formula is the same (Heusel et al., NeurIPS 2017, section 2): |m1 - m2|^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2)).
The value depends on the number of pictures (fewer give larger ones): compare only figures with equal counts.
"""

from __future__ import annotations

import numpy as np


def statistics(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features [N, D], N > 1 -> mean [D] and unbiased covariance [D, D], float64."""
    if features.ndim != 2 or len(features) < 2:
        raise ValueError(f"features are [N, D] with N > 1, but these are {features.shape}")
    features = features.astype(np.float64)
    return features.mean(0), np.cov(features, rowvar=False).reshape(features.shape[1], -1)


def frechet(mean_a: np.ndarray, cov_a: np.ndarray, mean_b: np.ndarray, cov_b: np.ndarray) -> float:
    """Squared Frechet (Wasserstein-2) distance of two Gaussians; means [D], covariances [D, D], symmetric.

    Tr (A B)^(1/2) is computed as the sum of the roots of the eigenvalues of R^T B R with A = R R^T, which is symmetric
    and as small as A's rank: fewer pictures than features need no ridge, and less time.
    """
    values, vectors = np.linalg.eigh(cov_a)
    kept = values > values[-1] * len(values) * np.finfo(np.float64).eps
    root = vectors[:, kept] * np.sqrt(values[kept])  # [D, R]
    product = root.T @ cov_b @ root  # [R, R]
    cross = np.sqrt(np.linalg.eigvalsh((product + product.T) / 2).clip(0)).sum()
    difference = mean_a - mean_b
    return float(difference @ difference + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def feature_distance(features_a: np.ndarray, features_b: np.ndarray) -> float:
    """Frechet distance between two sets of features, [N, D] and [M, D]."""
    return frechet(*statistics(features_a), *statistics(features_b))
