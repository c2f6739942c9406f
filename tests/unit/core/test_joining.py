from dataclasses import replace

import numpy as np
import pytest

from radsal.core.errors import IdentityMismatch
from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.joining import joined
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction, SaliencyMap

FINDINGS = ("Effusion", "Pleural Effusion", "Mass")


def heat(finding, number):
    values = np.full((2, 3), number, np.float32)
    return SaliencyMap(finding, "ig", values, GridMapping(10, 0, 10, 0), MapStatus.OK)


def spot(finding, rank):
    contour = np.array([[0, 0], [0, 9], [9, 9], [0, 0]], np.float32)
    name = f"{finding} {rank}"
    return HotSpot(name, finding, "ig", rank, (5.0, 5.0), Box(0, 0, 9, 9), contour, 0.4, 40.5)


WHOLE = Analysis(
    ImageIdentity("2.25.1", 1, "a" * 64),
    ModelIdentity("demo", "b" * 64),
    "ig",
    {
        "findings": "all",
        "mass": 0.6,
        "steps": 50,
        **{f"completeness_gap {finding}": n / 10 for n, finding in enumerate(FINDINGS)},
    },
    "cpu",
    tuple(Prediction(finding, 0.5, 0.62, 0.5) for finding in FINDINGS),
    tuple(heat(finding, n + 1) for n, finding in enumerate(FINDINGS)),
    tuple(spot(finding, rank) for finding in FINDINGS for rank in (1, 2)),
    12.5,
    ("Polarity was turned.",),
)


def parts(*findings, **changes):
    return [replace(WHOLE.only(finding), **changes) for finding in findings]


def described(analysis):
    return (
        *(getattr(analysis, name) for name in ("image", "model", "method", "parameters")),
        *(getattr(analysis, name) for name in ("device", "predictions", "milliseconds", "notes")),
        [m.sha256 for m in analysis.maps],
        [h.id for h in analysis.hot_spots],
    )


@pytest.mark.parametrize("finding", FINDINGS)
def test_that_the_part_of_one_finding_says_nothing_of_the_others(finding):
    part = WHOLE.only(finding)
    assert [m.finding for m in part.maps] == [finding]
    assert [h.id for h in part.hot_spots] == [f"{finding} 1", f"{finding} 2"]
    gap = FINDINGS.index(finding) / 10
    facts = {"findings": finding, "mass": 0.6, "steps": 50, f"completeness_gap {finding}": gap}
    assert part.parameters == facts
    assert part.facts_of(finding) == WHOLE.facts_of(finding) == {"completeness_gap": gap}
    assert (part.predictions, part.milliseconds) == (WHOLE.predictions, 12.5)


def test_that_there_is_no_part_of_a_finding_without_a_map():
    with pytest.raises(KeyError):
        WHOLE.only("Mass").only("Effusion")


def test_that_the_parts_of_an_analysis_make_it_whole_again_in_whatever_order():
    again = joined(parts("Mass", "Effusion", "Pleural Effusion"), "all")
    assert described(again) == described(WHOLE)


def test_that_the_times_of_several_computations_are_added():
    first = parts("Effusion", milliseconds=5.0)
    assert joined([*first, *parts("Mass", "Pleural Effusion")], "all").milliseconds == 17.5


def test_that_logits_may_differ_as_two_forward_passes_do_and_the_first_part_s_count():
    near = tuple(replace(p, logit=p.logit + 3e-5) for p in WHOLE.predictions)
    whole = joined([*parts("Effusion"), *parts("Mass", predictions=near)], "all")
    assert whole.predictions == WHOLE.predictions


@pytest.mark.parametrize(
    "change",
    [
        {"image": replace(WHOLE.image, frame=2)},
        {"image": replace(WHOLE.image, pixel_sha256="c" * 64)},
        {"model": ModelIdentity("demo", "c" * 64)},
        {"device": "cuda:0"},
        {"parameters": {**WHOLE.only("Mass").parameters, "steps": 20}},
        {"parameters": {**WHOLE.only("Mass").parameters, "baseline": "blur"}},
        {"predictions": tuple(replace(p, logit=0.6) for p in WHOLE.predictions)},
        {"predictions": tuple(replace(p, operating_point=0.4) for p in WHOLE.predictions)},
        {"predictions": WHOLE.predictions[::-1]},
    ],
)
def test_that_what_differs_in_anything_but_the_finding_is_not_joined(change):
    with pytest.raises(IdentityMismatch):
        joined([*parts("Effusion"), *parts("Mass", **change)], "all")


def test_that_a_finding_is_not_taken_twice():
    with pytest.raises(IdentityMismatch, match="twice"):
        joined([*parts("Effusion"), *parts("Mass"), *parts("Effusion")], "all")
