"""Frechet distance: cases solved on paper."""

from __future__ import annotations

import numpy as np
import pytest

from garmentgen.evaluation.frechet import feature_distance, frechet, statistics


def test_equal_covariances_leave_the_squared_distance_of_the_means():
    rng = np.random.default_rng(0)
    root, shift = rng.standard_normal((6, 6)), rng.standard_normal(6)
    assert frechet(shift, root, np.zeros(6), root) == pytest.approx(shift @ shift, rel=1e-9)


def test_diagonal_covariances_leave_the_differences_of_the_deviations():
    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 5.0])
    expected = (1 - 2) ** 2 + (2 - 1) ** 2 + (3 - 5) ** 2
    assert frechet(np.zeros(3), np.diag(a), np.zeros(3), np.diag(b)) == pytest.approx(expected, rel=1e-12)


def test_one_dimension():
    assert frechet(np.array([3.0]), np.eye(1) * 2, np.array([1.0]), np.eye(1) * 7) == pytest.approx(4 + 25)


def test_a_rotation_of_both_changes_nothing_and_order_does_not_matter():
    rng = np.random.default_rng(1)
    a, b, mean = rng.standard_normal((5, 5)), rng.standard_normal((5, 5)), rng.standard_normal(5)
    turn, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    plain = frechet(mean, a, np.zeros(5), b)
    assert frechet(turn @ mean, turn @ a, np.zeros(5), turn @ b) == pytest.approx(plain, rel=1e-9)
    assert frechet(mean, a @ turn, np.zeros(5), b) == pytest.approx(plain, rel=1e-9), "any root of a covariance will do"
    assert frechet(np.zeros(5), b, mean, a) == pytest.approx(plain, rel=1e-9)


def test_fewer_pictures_than_features():
    rng = np.random.default_rng(2)
    thin, zero = rng.standard_normal((40, 5)), np.zeros(40)
    assert frechet(zero, thin, zero, thin) == pytest.approx(0, abs=1e-9)
    assert frechet(zero, thin, zero, 2 * thin) == pytest.approx(np.square(thin).sum(), rel=1e-9)


@pytest.mark.parametrize("features", [[[0, 0], [2, 4]], [[0, 0], [2, 4], [1, 2], [1, 5]]])
def test_statistics_are_mean_and_a_root_of_the_unbiased_covariance(features):
    mean, root = statistics(np.array(features, np.float32))
    assert mean.tolist() == np.mean(features, 0).tolist() and root.shape == (2, 2)
    np.testing.assert_allclose(root @ root.T, np.cov(features, rowvar=False), rtol=1e-12)
    with pytest.raises(ValueError, match="N > 1"):
        statistics(np.zeros((1, 3)))


def test_distance_of_features():
    rng = np.random.default_rng(3)
    features = rng.standard_normal((50, 7))
    assert feature_distance(features, features) == pytest.approx(0, abs=1e-6)
    assert feature_distance(features, features + 0.5) == pytest.approx(7 * 0.25, rel=1e-6)
