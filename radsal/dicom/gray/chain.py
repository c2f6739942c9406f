"""What the file says of the way from stored values to gray, as a GrayscaleChain."""

import math

import numpy as np
from pydicom.dataset import Dataset

from radsal.core.errors import RefusalCode
from radsal.core.radiograph import GrayscaleChain, LookupTable, Rescale, VoiFunction, VoiWindow
from radsal.dicom.attributes import decimals, items, text, words
from radsal.dicom.faults import log, refuse
from radsal.dicom.pixels.pixelformat import PixelFormat
from radsal.dicom.tables import lookup_table


def grayscale_chain(data: Dataset, form: PixelFormat) -> GrayscaleChain:
    """Read the grayscale attributes (PS3.3 C.11).

    Windows and VOI LUTs that contradict themselves are left out with a log record: they change
    the display, and there are others. A modality stage that contradicts itself is refused
    (``corrupt``): it says what the values mean. A colour image has none of them (C.7.6.3.1.2).
    """
    if form.is_colour:
        return GrayscaleChain(bits_stored=8, signed=False)
    modality = _modality(data, form)
    shape = text(data, "PresentationLUTShape")
    return GrayscaleChain(
        bits_stored=form.bits_stored,
        signed=form.signed,
        modality=modality,
        windows=_windows(data),
        luts=_voi_luts(data, signed=_output_is_signed(modality, form)),
        inverted=shape == "INVERSE" if shape else form.photometric == "MONOCHROME1",
        padding=_padding(data, form),
    )


def _modality(data: Dataset, form: PixelFormat) -> Rescale | LookupTable:
    """Modality LUT Sequence (C.11.1); it wins over a rescale, which may not stand beside it."""
    for item in items(data, "ModalityLUTSequence")[:1]:
        table = lookup_table(item, signed=form.signed)
        if table is None:
            raise refuse(RefusalCode.CORRUPT, "The Modality LUT contradicts itself.")
        return table
    slope = _single(data, "RescaleSlope", 1.0)
    intercept = _single(data, "RescaleIntercept", 0.0)
    if slope == 0 or not _within_float32(slope, intercept, form):
        raise refuse(
            RefusalCode.CORRUPT, f"The rescale is impossible: slope {slope}, intercept {intercept}."
        )
    return Rescale(slope, intercept)


def _within_float32(slope: float, intercept: float, form: PixelFormat) -> bool:
    """Whether every stored value leaves the rescale as a finite float32, as models are given."""
    largest = abs(slope) * (1 << form.bits_stored) + abs(intercept)
    return largest <= float(np.finfo(np.float32).max)  # False for NaN


def _single(data: Dataset, keyword: str, default: float) -> float:
    values = decimals(data, keyword)
    return default if not values else values[0] if len(values) == 1 else math.nan


def _output_is_signed(modality: Rescale | LookupTable, form: PixelFormat) -> bool:
    """Whether values after the modality stage may be negative (C.11.2.1.1)."""
    if isinstance(modality, LookupTable):
        return False
    half = 1 << (form.bits_stored - 1)
    ends = (-half, half - 1) if form.signed else (0, 2 * half - 1)
    return any(modality.slope * end + modality.intercept < 0 for end in ends)


def _voi_luts(data: Dataset, *, signed: bool) -> tuple[LookupTable, ...]:
    tables = (lookup_table(item, signed=signed) for item in items(data, "VOILUTSequence"))
    return tuple(table for table in tables if table is not None)


def _windows(data: Dataset) -> tuple[VoiWindow, ...]:
    """Window Center and Width (C.11.2.1.2) in file order, without the impossible ones."""
    centers, widths = decimals(data, "WindowCenter"), decimals(data, "WindowWidth")
    if len(centers) != len(widths):
        log.warning("%d window centers, but %d widths", len(centers), len(widths))
    names = text(data, "WindowCenterWidthExplanation").split("\\")
    function = _voi_function(text(data, "VOILUTFunction"))
    found = []
    for number, (center, width) in enumerate(zip(centers, widths, strict=False)):
        name = names[number].strip() if number < len(names) else ""
        try:
            found.append(VoiWindow(center, width, function, name))
        except ValueError as error:
            log.warning("window %d ignored: %s", number + 1, error)
    return tuple(found)


def _voi_function(stated: str) -> VoiFunction:
    if not stated:
        return VoiFunction.LINEAR
    try:
        return VoiFunction(stated.upper())
    except ValueError:
        log.warning("VOI LUT Function is not one of PS3.3 C.11.2.1.3: LINEAR is used")
        return VoiFunction.LINEAR


def _padding(data: Dataset, form: PixelFormat) -> tuple[int, int] | None:
    """Pixel Padding Value and Range Limit (C.7.5.1.1.2) as a range of stored values."""
    value = words(data, "PixelPaddingValue", signed=form.signed)
    limit = words(data, "PixelPaddingRangeLimit", signed=form.signed)
    if len(value) != 1:
        return None
    ends = (value[0], limit[0] if len(limit) == 1 else value[0])
    return min(ends), max(ends)
