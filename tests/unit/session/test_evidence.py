"""What was tried on a hot spot is shown for that hot spot, and for no other."""

from dataclasses import replace

import numpy as np
import pytest

from radsal.core.erasure import Answer, Erasure
from radsal.core.errors import IdentityMismatch
from radsal.core.geometry import Box
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.results import HotSpot
from radsal.session.evidence import Evidence, Trial

IMAGE = ImageIdentity("1.2.3", 1, "a" * 64)
MODEL = ModelIdentity("m", "b" * 64)


def spot(name: str = "one") -> HotSpot:
    contour = np.array([[0, 0], [0, 4], [4, 4], [0, 0]], np.float32)
    return HotSpot(name, "Opacity", "gradcam", 1, (1, 1), Box(0, 0, 4, 4), contour, 0.5, 8.0)


def trial(name: str = "one", fill_in: str = "diffusion") -> Trial:
    return Trial(IMAGE, MODEL, spot(name), fill_in)


def erasure() -> Erasure:
    return Erasure(
        IMAGE, MODEL, "cpu", "Opacity", Box(0, 0, 4, 4), 8, "diffusion",
        Answer(2, 0.9), Answer(0, 0.5), Answer(1, 0.7), (0.1,), 1, 0, 0.0,
    )  # fmt: skip


def test_that_an_erasure_is_found_by_its_hot_spot_and_fill_in_only() -> None:
    evidence = Evidence()
    evidence.keep(trial(), erasure())
    assert evidence.of(spot()) == erasure()
    assert evidence.of(spot("other")) is None
    evidence.fill_in = "blur"
    assert evidence.of(spot()) is None


@pytest.mark.parametrize(
    "wrong",
    [
        replace(erasure(), image=ImageIdentity("9.9", 1, "a" * 64)),
        replace(erasure(), image=ImageIdentity("1.2.3", 1, "c" * 64)),
        replace(erasure(), model=ModelIdentity("m", "c" * 64)),
        replace(erasure(), finding="Effusion"),
        replace(erasure(), fill_in="zero"),
    ],
)
def test_that_an_erasure_of_something_else_is_not_taken(wrong: Erasure) -> None:
    evidence = Evidence()
    with pytest.raises(IdentityMismatch):
        evidence.keep(trial(), wrong)
    assert not evidence.erasures
