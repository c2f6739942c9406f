"""Analyses of single findings become one, where they are alike in everything else."""

from collections.abc import Sequence
from dataclasses import replace
from math import isclose
from typing import Any

from radsal.core.errors import IdentityMismatch
from radsal.core.results import FINDINGS, Analysis, Prediction, finding_of

SAME = 1e-4  # between two forward passes a logit may differ by this share, or by this much


def joined(parts: Sequence[Analysis], asked: str) -> Analysis:
    """The analysis of all the findings that the parts explain.

    Parameters
    ----------
    parts:
        One at least, each of findings that no other part explains.
    asked:
        What the whole answers: its parameter :data:`~radsal.core.results.FINDINGS`.

    Returns
    -------
    Maps in the order of the predictions, which are those of the first part. The time is the sum
    over the computations: parts of one computation all say how long that took.

    Raises
    ------
    IdentityMismatch
        The parts are of several images, models, methods, parameters or devices, two of them
        explain one finding, or their predictions differ.
    """
    first = parts[0]
    for part in parts[1:]:
        _check_alike(first, part)
    maps = {item.finding: item for part in parts for item in part.maps}
    if len(maps) != sum(len(part.maps) for part in parts):
        raise IdentityMismatch("A finding is explained twice.")
    findings = [p.finding for p in first.predictions if p.finding in maps]
    facts = {name: value for part in parts for name, value in part.parameters.items()}
    return replace(
        first,
        parameters={**facts, FINDINGS: asked},
        maps=tuple(maps[finding] for finding in findings),
        hot_spots=tuple(
            spot for f in findings for part in parts for spot in part.hot_spots if spot.finding == f
        ),
        milliseconds=sum({part.milliseconds for part in parts}),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _check_alike(one: Analysis, other: Analysis) -> None:
    if _identity(one) != _identity(other):
        raise IdentityMismatch("These are analyses of different images, models or questions.")
    pairs = zip(one.predictions, other.predictions, strict=True)
    if not all(_agree(*pair) for pair in pairs):
        raise IdentityMismatch("These analyses hold different predictions.")


def _identity(analysis: Analysis) -> tuple[Any, ...]:
    common = {n: v for n, v in analysis.parameters.items() if n != FINDINGS and not finding_of(n)}
    labels = [(p.finding, p.operating_point) for p in analysis.predictions]
    return analysis.image, analysis.model, analysis.method, analysis.device, common, labels


def _agree(one: Prediction, other: Prediction) -> bool:
    return isclose(one.logit, other.logit, rel_tol=SAME, abs_tol=SAME)
