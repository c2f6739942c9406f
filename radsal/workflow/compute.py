"""Runs in the compute process only: torch and MONAI are imported here, never in the window."""

import time
from collections.abc import Generator

from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis
from radsal.dicom.grayscale import model_input
from radsal.hotspots import find_hot_spots
from radsal.inference.classifier import Classifier, classifier_for
from radsal.saliency import methods
from radsal.workflow.analysis import ALL, TOP, AnalysisRequest


def warm_up() -> None:
    """Importing this module, torch and MONAI with it, is the slow part of a first analysis."""
