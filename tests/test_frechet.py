"""Frechet distance: cases solved on paper."""

from __future__ import annotations

import numpy as np
import pytest

from garmentgen.evaluation.frechet import feature_distance, frechet, statistics


def _covariance(rng: np.random.Generator, size: int, rank: int | None = None) -> np.ndarray:
    factor = rng.standard_normal((size, rank or size))
    return factor @ factor.T


def test_equal_covariances_leave_the_squared_distance_of_the_means():
    rng = np.random.default_rng(0)
    covariance, shift = _covariance(rng, 6), rng.standard_normal(6)
    assert frechet(shift, covariance, np.zeros(6), covariance) == pytest.approx(shift @ shift, rel=1e-9)


def test_diagonal_covariances_leave_the_differences_of_the_deviations():
    a, b = np.array([1.0, 4.0, 9.0]), np.array([4.0, 1.0, 25.0])
    expected = (1 - 2) ** 2 + (2 - 1) ** 2 + (3 - 5) ** 2
    assert frechet(np.zeros(3), np.diag(a), np.zeros(3), np.diag(b)) == pytest.approx(expected, rel=1e-12)


def test_one_dimension():
    assert frechet(np.array([3.0]), np.eye(1) * 4, np.array([1.0]), np.eye(1) * 49) == pytest.approx(4 + 25)


def test_a_rotation_of_both_changes_nothing_and_order_does_not_matter():
    rng = np.random.default_rng(1)
    a, b, mean = _covariance(rng, 5), _covariance(rng, 5), rng.standard_normal(5)
    turn, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    plain = frechet(mean, a, np.zeros(5), b)
    assert frechet(turn @ mean, turn @ a @ turn.T, np.zeros(5), turn @ b @ turn.T) == pytest.approx(plain, rel=1e-9)
    assert frechet(np.zeros(5), b, mean, a) == pytest.approx(plain, rel=1e-9)


def test_fewer_pictures_than_features():
    rng = np.random.default_rng(2)
    singular = _covariance(rng, 40, rank=5)
    assert frechet(np.zeros(40), singular, np.zeros(40), singular) == pytest.approx(0, abs=1e-4)
    assert frechet(np.zeros(40), singular, np.zeros(40), 4 * singular) == pytest.approx(np.trace(singular), rel=1e-6)


def test_statistics_are_mean_and_unbiased_covariance():
    mean, covariance = statistics(np.array([[0.0, 0.0], [2.0, 4.0]], np.float32))
    assert mean.tolist() == [1, 2]
    assert covariance.tolist() == [[2, 4], [4, 8]]
    with pytest.raises(ValueError, match="N > 1"):
        statistics(np.zeros((1, 3)))


def test_distance_of_features():
    rng = np.random.default_rng(3)
    features = rng.standard_normal((50, 7))
    assert feature_distance(features, features) == pytest.approx(0, abs=1e-6)
    assert feature_distance(features, features + 0.5) == pytest.approx(7 * 0.25, rel=1e-6)
