"""Single values of an image, for the read-out under the mouse and for the start of a drag."""

import numpy as np

from radsal.core.radiograph import GrayscaleChain, LookupTable, Radiograph, VoiWindow
from radsal.dicom.gray.stages import modality_values
from radsal.dicom.gray.windowing import full_window


def modality_value(chain: GrayscaleChain, stored: int) -> float:
    """A stored value after the modality stage (PS3.3 C.11.1)."""
    return float(modality_values(np.array([stored]), chain)[0])


def window_of(radiograph: Radiograph, voi: VoiWindow | LookupTable | None) -> VoiWindow:
    """The window to start a drag from: the present one, or the span of the present LUT."""
    if isinstance(voi, VoiWindow):
        return voi
    if isinstance(voi, LookupTable):
        entries = voi.data.size
        return VoiWindow(voi.first_mapped + entries / 2, max(1.0, float(entries)))
    return full_window(radiograph)
