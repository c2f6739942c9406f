"""Areas and intervals against scikit-learn, DeLong and the binomial itself."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from radsal.demo.nih.uncertainty import area, area_over_patients, share
from radsal.demo.statistics import auc_with_interval


def sample(seed: int, films: int = 150) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random(films) < 0.4
    return truth, np.round(rng.normal(size=films) + truth, 1)


@pytest.mark.parametrize("seed", range(5))
def test_that_the_area_is_scikit_learns(seed: int) -> None:
    truth, score = sample(seed)
    assert area(truth, score) == pytest.approx(roc_auc_score(truth, score), abs=1e-12)


def test_that_one_film_a_patient_gives_delongs_interval() -> None:
    truth, score = sample(8)
    found = area_over_patients(truth, score, [str(k) for k in range(len(truth))])
    assert found == pytest.approx(auc_with_interval(truth, score), abs=0.02)


def test_that_films_of_the_same_patient_count_as_one() -> None:
    truth, score = sample(8, 60)
    patients = [str(k) for k in range(60)]
    once = area_over_patients(truth, score, patients)
    thrice = area_over_patients(np.tile(truth, 3), np.tile(score, 3), patients * 3)
    assert thrice == pytest.approx(once, abs=1e-9)


@pytest.mark.parametrize(("hits", "of"), [(0, 9), (3, 10), (49, 49), (20, 64)])
def test_that_a_share_has_wilsons_interval(hits: int, of: int) -> None:
    expected = binomtest(hits, of).proportion_ci(method="wilson")
    assert share(hits, of) == pytest.approx((hits / of, expected.low, expected.high), abs=1e-9)
