"""Statistics against scikit-learn and against brute force."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radsal.demo.statistics import auc_with_interval, calibration_error, youden_point


def sample(seed: int, ties: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random(150) < 0.4
    score = 1 / (1 + np.exp(-(rng.normal(size=150) + 1.2 * truth)))
    return truth, np.round(score, 1) if ties else score


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_that_the_auc_is_scikit_learns(seed: int, ties: bool) -> None:
    truth, score = sample(seed, ties)
    area, low, high = auc_with_interval(truth, score)
    assert area == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
    assert low < area < high


def test_that_the_interval_covers_what_resampling_finds() -> None:
    truth, score = sample(9, ties=False)
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(1500):
        pick = rng.integers(0, truth.size, truth.size)
        draws.append(roc_auc_score(truth[pick], score[pick]))
    _, low, high = auc_with_interval(truth, score)
    assert [low, high] == pytest.approx(np.percentile(draws, [2.5, 97.5]), abs=0.02)


def test_that_a_perfect_separation_still_has_a_lower_bound_below_one() -> None:
    truth = np.arange(40) < 10
    assert auc_with_interval(truth, truth.astype(float)) == (1.0, pytest.approx(0.05**0.1), 1.0)


def test_that_an_auc_of_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="with and without"):
        auc_with_interval(np.ones(4, dtype=bool), np.arange(4.0))


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_that_no_threshold_beats_the_operating_point(seed: int, ties: bool) -> None:
    truth, score = sample(seed, ties)

    def gain(at: float) -> float:
        return float((score[truth] >= at).mean() - (score[~truth] >= at).mean())

    best = max(gain(at) for at in np.linspace(0, 1, 2001))
    assert gain(youden_point(truth, score)) >= best - 1e-9


def test_that_a_calibrated_forecast_has_no_calibration_error() -> None:
    probability = np.repeat([0.25, 0.75], 400)
    truth = np.concatenate([np.arange(400) % 4 == 0, np.arange(400) % 4 != 0])
    assert calibration_error(truth, probability) == pytest.approx(0.0)
    assert calibration_error(~truth, probability) == pytest.approx(0.5)
