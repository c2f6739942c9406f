from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from itertools import product

import pytest

from radsal.core.errors import ReviewError
from radsal.review.read import Verdict
from radsal.review.vocabulary import Agreement, Cause

WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEGAL = {
    Agreement.AGREE: {Cause.FINDING},
    Agreement.PARTLY: set(Cause),
    Agreement.DISAGREE: set(Cause),
    Agreement.CANNOT_ASSESS: {None},
}


@pytest.mark.parametrize(("agreement", "cause"), list(product(Agreement, [None, *Cause])))
def test_that_agreement_and_cause_fit_each_other(image, agreement, cause):
    words = (image, "Opacity", "gradcam", "spot", agreement, cause)
    if cause in LEGAL[agreement]:
        assert Verdict(*words).cause is cause
    else:
        with pytest.raises(ReviewError):
            Verdict(*words)


def test_that_a_verdict_without_a_time_zone_is_refused(image):
    verdict = Verdict(image, "Opacity", "gradcam", "spot", Agreement.AGREE, Cause.FINDING)
    with pytest.raises(ValueError, match="zone"):
        replace(verdict, given_at=WHEN.replace(tzinfo=None))


def test_that_a_verdict_cannot_be_changed(image):
    verdict = Verdict(image, "Opacity", "gradcam", "spot", Agreement.AGREE, Cause.FINDING)
    with pytest.raises(FrozenInstanceError):
        verdict.note = "changed"
