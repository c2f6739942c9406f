"""Runs in the compute process only: torch and MONAI are imported here, and nowhere in the window."""

from collections.abc import Generator

from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis
from radsal.workflow.analysis import AnalysisRequest


def warm_up() -> None:
    """Called once when the process starts: importing this module has done the slow part."""


def analyse(
    radiograph: Radiograph, request: AnalysisRequest
) -> Generator[Progress, None, Analysis]:
    """See :func:`radsal.workflow.analysis.analyse`."""
    raise NotImplementedError
