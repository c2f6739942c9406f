"""From logits to probabilities that mean what they say, and how far they do. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from radsal.demo.statistics import Scores

Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Calibration:
    """Temperature scaling (Guo et al., ICML 2017) with a shift: ``logit / temperature + shift``.

    The shift is needed because training draws as many films with the finding as without.
    """

    temperature: float
    shift: float

    def __call__(self, logits: Scores) -> Scores:
        """Calibrated logits."""
        return logits / self.temperature + self.shift


@dataclass(frozen=True)
class Bin:
    """One bar of a reliability diagram: films whose stated probability lies in ``[low, high)``."""

    low: float
    high: float
    films: int
    stated: float
    observed: float


def fit_calibration(truth: Truth, logits: Scores) -> Calibration:
    """Temperature and shift of greatest likelihood."""

    def loss(values: NDArray[np.float64]) -> float:
        z = logits * np.exp(values[0]) + values[1]
        return float(np.logaddexp(0.0, np.where(truth, -z, z)).mean())

    found = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-8})
    slope, shift = found.x
    return Calibration(float(np.exp(-slope)), float(shift))


def probability(logits: Scores) -> Scores:
    """Sigmoid."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -logits)))


def brier(truth: Truth, stated: Scores) -> float:
    """Mean squared distance of the stated probability from what was (Brier 1950)."""
    return float(((stated - truth) ** 2).mean())


def reliability(truth: Truth, stated: Scores, bins: int = 5) -> list[Bin]:
    """The reliability diagram: bins of equal width, empty ones left out."""
    index = np.minimum((stated * bins).astype(int), bins - 1)
    return [
        Bin(
            low=b / bins,
            high=(b + 1) / bins,
            films=int((index == b).sum()),
            stated=float(stated[index == b].mean()),
            observed=float(truth[index == b].mean()),
        )
        for b in range(bins)
        if (index == b).any()
    ]


def point_of_sensitivity(truth: Truth, stated: Scores, sensitivity: float) -> float:
    """The highest operating point that calls at least that share of the films with the finding.

    Midway between the lowest film that is called and the next one below it.
    """
    hits = np.sort(stated[truth])[::-1]
    lowest = hits[int(np.ceil(sensitivity * len(hits) - 1e-9)) - 1]
    below = stated[stated < lowest]
    return float((lowest + (below.max() if below.size else 0.0)) / 2)
