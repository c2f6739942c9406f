"""Millimetres per pixel, and what they refer to."""

import math

from pydicom.dataset import Dataset

from radsal.core.radiograph import PixelSpacing, SpacingBasis
from radsal.dicom.attributes import decimals, text
from radsal.dicom.faults import log

# Modalities whose Pixel Spacing lies in the patient by the definition of their IOD
_IN_PATIENT = frozenset({"CT", "MR", "PT", "NM"})
_MOST_OBLONG = 64  # a pixel that is longer than this many widths is a fault of the file


def pixel_spacing(data: Dataset) -> PixelSpacing:
    r"""Spacing and its basis (PS3.3 10.7.1, C.8.11.8, C.8.1.2).

    ========================== ==================== =========================================
    Pixel Spacing (0028,0030)  Imager Pixel Spacing basis
    ========================== ==================== =========================================
    absent, zero or impossible absent or impossible pixels only
    absent, zero or impossible given                detector plane
    given, Calibration Type    any                  calibrated
    given                      given, other values  calibrated (10.7.1.1: they differ only then)
    given                      given, same values   detector plane
    given                      absent               detector plane, as nothing says otherwise;
                                                    calibrated for CT, MR, PT and NM
    ========================== ==================== =========================================

    The magnification factor (0018,1114) is handed on and never applied: the reader is told. The
    shape of a pixel follows from the spacing, else from Pixel Aspect Ratio (0028,0034), which is
    vertical\horizontal (C.7.6.3.1.7).
    """
    own, imager = _pair(data, "PixelSpacing"), _pair(data, "ImagerPixelSpacing")
    aspect = _aspect(own or imager or _pair(data, "PixelAspectRatio"))
    if own is None and imager is None:
        return PixelSpacing(aspect=aspect)
    basis = SpacingBasis.DETECTOR_PLANE
    if own is not None and _calibrated(data, own, imager):
        basis = SpacingBasis.CALIBRATED
    row, column = own or imager or (math.nan, math.nan)
    return PixelSpacing(row, column, basis, _magnification(data), aspect)


def _aspect(pair: tuple[float, float] | None) -> float:
    """Height of a pixel over its width; 1 where that is not stated or absurd."""
    if pair is None:
        return 1.0
    aspect = pair[0] / pair[1]
    if 1 / _MOST_OBLONG <= aspect <= _MOST_OBLONG:
        return aspect
    log.warning("pixels are drawn square: the file states them %g times as high as wide", aspect)
    return 1.0


def _calibrated(
    data: Dataset, own: tuple[float, float], imager: tuple[float, float] | None
) -> bool:
    if text(data, "PixelSpacingCalibrationType"):
        return True
    if imager is None:
        return text(data, "Modality") in _IN_PATIENT
    return not all(map(math.isclose, own, imager))


def _pair(data: Dataset, keyword: str) -> tuple[float, float] | None:
    """(vertical, horizontal), of spacings in mm (10.7.1.3); None unless both are positive."""
    values = decimals(data, keyword)
    if len(values) != 2 or not all(math.isfinite(v) and v > 0 for v in values):
        return None
    return values[0], values[1]


def _magnification(data: Dataset) -> float | None:
    values = decimals(data, "EstimatedRadiographicMagnificationFactor")
    usable = len(values) == 1 and math.isfinite(values[0]) and values[0] > 0
    return values[0] if usable else None
