"""Intervals for films that share patients, and for shares of few films. Knows no torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from radsal.demo.statistics import Scores

_SAMPLES = 2000
_SEED = 7


class Estimate(NamedTuple):
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float


def area(truth: NDArray[np.bool_], score: Scores) -> float:
    """Area under the ROC curve; ties count one half."""
    hits = int(truth.sum())
    ranks = rankdata(score)[truth].sum() - hits * (hits + 1) / 2
    return float(ranks / (hits * (len(truth) - hits)))


def area_over_patients(
    truth: NDArray[np.bool_], score: Scores, patients: Sequence[str]
) -> Estimate:
    """Area with the percentile interval of 2000 samples of patients, drawn with replacement.

    Films of one patient resemble each other: they are drawn together. Samples in which one of the
    two classes is missing are left out.
    """
    films = [np.flatnonzero(np.array(patients) == one) for one in dict.fromkeys(patients)]
    rng = np.random.default_rng(_SEED)
    areas = []
    for _ in range(_SAMPLES):
        drawn = np.concatenate([films[k] for k in rng.integers(len(films), size=len(films))])
        if 0 < truth[drawn].sum() < len(drawn):
            areas.append(area(truth[drawn], score[drawn]))
    low, high = np.percentile(areas, [2.5, 97.5])
    return Estimate(area(truth, score), float(low), float(high))


def share(hits: int, of: int) -> Estimate:
    """A share with Wilson's interval (JASA 1927)."""
    z2 = float(norm.ppf(0.975)) ** 2
    centre = (hits + z2 / 2) / (of + z2)
    reach = np.sqrt(z2 * (hits * (of - hits) / of + z2 / 4)) / (of + z2)
    return Estimate(hits / of, max(float(centre - reach), 0.0), min(float(centre + reach), 1.0))
