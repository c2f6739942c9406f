"""The few statistics that the model cards state: AUC with its interval, operating point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

Scores = NDArray[np.float64]


def auc_with_interval(truth: NDArray[np.bool_], score: Scores) -> tuple[float, float, float]:
    """Area under the ROC curve with its 95% interval after DeLong, on the logit scale.

    DeLong, DeLong and Clarke-Pearson, Biometrics 1988; ties count one half. A perfect separation
    has no variance: its interval then runs from the one-sided exact bound ``0.05 ** (1 / n)`` for
    the smaller class, to 1.
    """
    hit, miss = score[truth], score[~truth]
    m, n = len(hit), len(miss)
    if not m or not n:
        raise ValueError("an AUC needs cases with and without the finding")
    ranks = rankdata(np.concatenate([hit, miss]))
    over_misses = (ranks[:m] - rankdata(hit)) / n
    over_hits = 1 - (ranks[m:] - rankdata(miss)) / m
    area = float(over_misses.mean())
    spread = np.sqrt(np.var(over_misses, ddof=1) / m + np.var(over_hits, ddof=1) / n)
    if area >= 1.0 or spread == 0:
        return area, float(0.05 ** (1 / min(m, n))), 1.0
    centre = np.log(area / (1 - area))
    reach = norm.ppf(0.975) * spread / (area * (1 - area))
    low, high = (1 / (1 + np.exp(-(centre + sign * reach))) for sign in (-1, 1))
    return area, float(low), float(high)


def youden_point(truth: NDArray[np.bool_], probability: Scores) -> float:
    """Probability at which sensitivity + specificity is greatest, midway to the next lower case."""
    order = np.argsort(-probability, kind="stable")
    sorted_truth, values = truth[order], probability[order]
    gain = np.cumsum(np.where(sorted_truth, 1 / truth.sum(), -1 / (~truth).sum()))
    last_of_tie = np.append(values[1:] < values[:-1], True)
    best = int(np.argmax(np.where(last_of_tie, gain, -np.inf)))
    below = values[best + 1] if best + 1 < len(values) else 0.0
    return float((values[best] + below) / 2)


def calibration_error(truth: NDArray[np.bool_], probability: Scores, bins: int = 10) -> float:
    """Expected calibration error: mean gap of stated and observed frequency, weighted by bin."""
    index = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = [
        abs(truth[index == b].mean() - probability[index == b].mean()) * (index == b).mean()
        for b in range(bins)
        if (index == b).any()
    ]
    return float(sum(gaps))
