import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from radsal.core.identity import ImageIdentity
from radsal.core.planes import Shutter
from radsal.core.radiograph import (
    GrayscaleChain,
    ImageHeader,
    LookupTable,
    PixelSpacing,
    Radiograph,
    Rescale,
    SpacingBasis,
    VoiFunction,
    VoiWindow,
)

IMAGE = ImageIdentity("2.25.1", 1, "a" * 64)
HEADER = ImageHeader(
    Path("film.dcm"),
    "2.25.1",
    "1.2.840.10008.5.1.4.1.1.1.1",
    "2.25.2",
    "2.25.3",
    "DX",
    "1.2.840.10008.1.2.1",
    "MONOCHROME2",
    rows=4,
    columns=6,
    frames=1,
    bits_stored=12,
    lossy=False,
)
CHAIN = GrayscaleChain(12, signed=False)
NAN, INFINITE = float("nan"), float("inf")


def film(**changes):
    parts = {
        "header": HEADER,
        "identity": IMAGE,
        "stored": np.zeros((4, 6), np.uint16),
        "chain": CHAIN,
    }
    return Radiograph(**{**parts, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"stored": np.zeros((6, 4), np.uint16)},
        {"stored": np.zeros((4, 6), np.float32)},
        {"stored": np.zeros((4, 6), np.int64)},
        {"stored": np.zeros((4, 6, 3), np.uint16)},
        {"stored": np.zeros((4, 6, 4), np.uint8)},
        {"shutter": Shutter(np.zeros((4, 5), np.bool_))},
        {"identity": ImageIdentity("2.25.9", 1, "a" * 64)},
        {"identity": ImageIdentity("2.25.1", 2, "a" * 64)},
    ],
)
def test_that_pixels_header_and_identity_that_disagree_make_no_radiograph(changes):
    with pytest.raises(ValueError, match=r"stored values|SOP instances|frame|shutter"):
        film(**changes)


def test_that_pixels_cannot_be_changed_also_after_pickling():
    for one in (film(), pickle.loads(pickle.dumps(film()))):
        assert one.shape == (4, 6)
        assert not one.stored.flags.writeable


@pytest.mark.parametrize(
    "change",
    [{"sop_instance_uid": ""}, {"study_instance_uid": ""}, {"rows": 0}, {"frames": 0}],
)
def test_that_a_header_without_identity_or_pixels_is_refused(change):
    with pytest.raises(ValueError, match="image"):
        replace(HEADER, **change)


@pytest.mark.parametrize(
    ("center", "width", "function"),
    [
        (NAN, 10, VoiFunction.LINEAR),
        (0, INFINITE, VoiFunction.LINEAR),
        (0, 0.5, VoiFunction.LINEAR),  # PS3.3 C.11.2.1.2.1
        (0, 0, VoiFunction.LINEAR_EXACT),
        (0, -1, VoiFunction.SIGMOID),
    ],
)
def test_that_an_impossible_window_is_refused(center, width, function):
    with pytest.raises(ValueError, match="window"):
        VoiWindow(center, width, function)


def test_that_only_a_linear_window_is_at_least_one_wide():
    assert VoiWindow(0, 0.5, VoiFunction.LINEAR_EXACT).width == 0.5
    assert VoiWindow(0, 0.5, VoiFunction.SIGMOID).width == 0.5


@pytest.mark.parametrize("numbers", [(0, 0), (NAN, 0), (1, INFINITE)])
def test_that_an_impossible_rescale_is_refused(numbers):
    with pytest.raises(ValueError, match="rescale"):
        Rescale(*numbers)


@pytest.mark.parametrize(
    ("bits", "data"),
    [
        (12, np.zeros(0, np.uint16)),
        (12, np.zeros((2, 2), np.uint16)),
        (12, np.zeros(4, np.int32)),
        (0, np.zeros(4, np.uint16)),
        (17, np.zeros(4, np.uint16)),
    ],
)
def test_that_an_impossible_lookup_table_is_refused(bits, data):
    with pytest.raises(ValueError, match="lookup table"):
        LookupTable(0, bits, data)


@pytest.mark.parametrize(
    ("bits", "signed", "span"),
    [
        (12, False, (0, 4095)),
        (16, False, (0, 65535)),
        (12, True, (-2048, 2047)),
        (1, False, (0, 1)),
    ],
)
def test_that_stored_values_span_what_their_bits_hold(bits, signed, span):
    assert GrayscaleChain(bits, signed).stored_range == span


@pytest.mark.parametrize("change", [{"bits_stored": 17}, {"padding": (5, 4)}])
def test_that_an_impossible_chain_is_refused(change):
    with pytest.raises(ValueError, match=r"bits stored|padding"):
        replace(CHAIN, **change)


@pytest.mark.parametrize(
    "values",
    [
        (1.0, 1.0, SpacingBasis.PIXELS_ONLY),
        (1.0, None, SpacingBasis.PIXELS_ONLY),
        (1.0, None, SpacingBasis.CALIBRATED),
        (None, None, SpacingBasis.DETECTOR_PLANE),
        (0.0, 1.0, SpacingBasis.CALIBRATED),
        (1.0, NAN, SpacingBasis.CALIBRATED),
        (INFINITE, 1.0, SpacingBasis.CALIBRATED),
        (1.0, 1.0, SpacingBasis.DETECTOR_PLANE, 0.0),
        (1.0, 1.0, SpacingBasis.DETECTOR_PLANE, NAN),
    ],
)
def test_that_millimetres_without_a_basis_or_a_length_are_refused(values):
    with pytest.raises(ValueError, match=r"millimetres|positive"):
        PixelSpacing(*values)
