"""All that an answer depends on, in plain values: what results are kept under."""

import hashlib
import pickle

from radsal.core.radiograph import Radiograph
from radsal.workflow.analysis import AnalysisRequest


def question(radiograph: Radiograph, request: AnalysisRequest) -> dict[str, float | int | str]:
    """Image, model, method and all that was asked; the way to gray values as a hash."""
    image = radiograph.identity
    return {
        "sop_instance_uid": image.sop_instance_uid,
        "frame": image.frame,
        "pixel_sha256": image.pixel_sha256,
        "grayscale_sha256": hashlib.sha256(pickle.dumps(radiograph.chain, 5)).hexdigest(),
        "model_id": request.model.id,
        "model_sha256": request.model.sha256,
        "method": request.method,
        **request.parameters,
    }
