"""Calibration against simulated truth, operating points against counting."""

import numpy as np
import pytest

from radsal.demo.nih.calibration import (
    Calibration,
    brier,
    fit_calibration,
    point_of_sensitivity,
    probability,
    reliability,
)


def test_that_calibration_recovers_temperature_and_shift() -> None:
    rng = np.random.default_rng(5)
    honest = rng.normal(0, 2, 200_000)
    truth = rng.random(honest.size) < 1 / (1 + np.exp(-honest))
    found = fit_calibration(truth, (honest + 0.7) * 3)
    assert found.temperature == pytest.approx(3, rel=0.02)
    assert found.shift == pytest.approx(-0.7, abs=0.02)


def test_that_a_calibration_keeps_the_order_of_films() -> None:
    logits = np.array([-3.0, 0.5, 0.6, 9.0])
    assert np.all(np.diff(Calibration(2.5, -1.0)(logits)) > 0)


def test_that_probabilities_do_not_overflow() -> None:
    assert probability(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]


def test_that_the_brier_score_is_zero_for_certainty_and_a_quarter_for_no_idea() -> None:
    truth = np.array([True, False, False, True])
    assert brier(truth, truth.astype(float)) == 0
    assert brier(truth, np.full(4, 0.5)) == 0.25


def test_that_reliability_counts_each_film_once_and_leaves_out_empty_bins() -> None:
    truth = np.array([True, False, True, True])
    bins = reliability(truth, np.array([0.1, 0.15, 0.95, 1.0]))
    assert [(b.low, b.high, b.films) for b in bins] == [(0.0, 0.2, 2), (0.8, 1.0, 2)]
    assert [b.observed for b in bins] == [0.5, 1.0]
    assert [b.stated for b in bins] == pytest.approx([0.125, 0.975])


@pytest.mark.parametrize("sensitivity", [0.5, 0.8, 0.85, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_that_the_operating_point_is_the_highest_with_that_sensitivity(
    seed: int, sensitivity: float
) -> None:
    rng = np.random.default_rng(seed)
    truth, stated = rng.random(80) < 0.5, np.round(rng.random(80), 2)
    point = point_of_sensitivity(truth, stated, sensitivity)
    assert (stated[truth] >= point).mean() >= sensitivity
    higher = stated[stated > point].min() + 1e-9
    assert (stated[truth] >= higher).mean() < sensitivity
