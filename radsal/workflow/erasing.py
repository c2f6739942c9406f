"""Erase a region of a radiograph and ask a model again, with the identity checked."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from radsal.core.erasure import USUAL, Erasure
from radsal.core.errors import IdentityMismatch, KnownError
from radsal.core.geometry import Box
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import HotSpot
from radsal.trust.regions import Region
from radsal.workflow.analysis import AnalysisRequest
from radsal.workflow.engines import Engines

ERASURE_TIMEOUT = 1800.0
MOST_CONTROLS = 9999
ENOUGH = 10
"""Controls that lower the logit as much, after which no more are needed: p is above 0.1."""


@dataclass(frozen=True, slots=True, eq=False)
class ErasureRequest:
    """What is erased and what is asked.

    Attributes
    ----------
    asked:
        Model, method (of the maps before and after), one finding, and the device.
    region:
        A box, or bool (rows, columns) over the image.
    fill_in:
        Name of the fill-in, see :data:`radsal.core.erasure.FILL_INS`.
    controls, seed:
        How many control regions are erased too, and where their choice starts.
    enough:
        End after so many controls that lower the logit as much; None runs all.
    """

    asked: AnalysisRequest
    region: Box | NDArray[np.bool_]
    fill_in: str = USUAL
    controls: int = 99
    seed: int = 0
    enough: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.controls <= MOST_CONTROLS:
            raise KnownError(
                f"{self.controls} control regions cannot be drawn",
                code="controls-impossible",
                remedy=f"Give a number from 0 to {MOST_CONTROLS}; 99 give a smallest p of 0.01.",
            )


def erase_spot(
    engines: Engines, radiograph: Radiograph, spot: HotSpot, asked: AnalysisRequest, fill_in: str
) -> Generator[Progress, None, Erasure]:
    """Erase a hot spot of the radiograph; ended early where it is clear that it does no more.

    Parameters
    ----------
    asked:
        As in an :class:`ErasureRequest`, of whatever findings: the hot spot's own is asked about.

    Raises
    ------
    KnownError
        As :func:`erase` does.
    """
    region = Region.of_contour(spot.contour, radiograph.shape).whole()
    asked = replace(asked, findings=spot.finding)
    request = ErasureRequest(asked, region, fill_in, enough=ENOUGH)
    return (yield from erase(engines, radiograph, request))


def erase(
    engines: Engines, radiograph: Radiograph, request: ErasureRequest
) -> Generator[Progress, None, Erasure]:
    """Run the erasure and its controls in the compute process.

    Raises
    ------
    KnownError
        The region does not lie in the image, or leaves no room for controls.
    ModelRefusal
        The package changed since it was read, or cannot be loaded safely.
    IdentityMismatch
        What came back does not belong to what was asked: it is not handed on.
    WorkerError
        The compute process died or took too long; it is restarted for the next request.
    """
    answer: Erasure = yield from engines.compute.run(
        "radsal.workflow.compute_erasing:erase", radiograph, request, timeout=ERASURE_TIMEOUT
    )
    belongs = answer.image, answer.model, answer.finding
    if belongs != (radiograph.identity, request.asked.model, request.asked.findings):
        raise IdentityMismatch("The compute process answered for another image or model.")
    return answer
