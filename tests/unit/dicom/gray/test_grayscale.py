"""The grayscale chain against the formulas of PS3.3 C.11, worked out per pixel in fractions.

The oracle sees only what was written into the file, never the chain that RadSal read from it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from radsal.core.radiograph import (
    GrayscaleChain,
    LookupTable,
    Radiograph,
    Rescale,
    VoiFunction,
    VoiWindow,
)
from radsal.dicom.gray.grayscale import display, display_table, presets
from radsal.dicom.gray.model_input import model_input
from radsal.dicom.gray.stages import modality_values
from radsal.dicom.gray.windowing import automatic_window

Read = Callable[..., Radiograph]


# the oracle --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spec:
    """What a generated file says, in plain numbers."""

    photometric: str
    signed: bool
    bits: int
    slope: Fraction
    intercept: Fraction
    voi: str
    shape: str | None
    center: Fraction = Fraction(0)
    width: Fraction = Fraction(1)
    first: int = 0
    lut_bits: int = 12
    entries: tuple[int, ...] = ()

    @property
    def ends(self) -> tuple[int, int]:
        if self.signed:
            return -(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1
        return 0, 2**self.bits - 1

    def gray(self, stored: int) -> Fraction:
        """Gray, 0 black to 1 white (PS3.3 C.11.1, C.11.2, C.11.6)."""
        shown = self._voi(self.slope * stored + self.intercept)
        low_is_white = self.shape == "INVERSE" or (
            self.shape is None and self.photometric == "MONOCHROME1"
        )
        return 1 - shown if low_is_white else shown

    def _voi(self, x: Fraction) -> Fraction:
        half = Fraction(1, 2)
        if self.voi == "LUT":  # C.11.2.1.1
            place = min(max(int(x) - self.first, 0), len(self.entries) - 1)
            return Fraction(self.entries[place], 2**self.lut_bits - 1)
        if self.voi == "SIGMOID":  # C.11.2.1.3.1
            return Fraction(1 / (1 + math.exp(-4 * float((x - self.center) / self.width))))
        if self.voi == "LINEAR_EXACT":  # C.11.2.1.3.2
            if x <= self.center - self.width / 2:
                return Fraction(0)
            if x > self.center + self.width / 2:
                return Fraction(1)
            return (x - self.center) / self.width + half
        if x <= self.center - half - (self.width - 1) / 2:  # C.11.2.1.2.1
            return Fraction(0)
        if x > self.center - half + (self.width - 1) / 2:
            return Fraction(1)
        return (x - (self.center - half)) / (self.width - 1) + half

    def levels(self, stored: NDArray[np.integer], maximum: int) -> NDArray[np.float64]:
        exact = {int(v): float(self.gray(int(v)) * maximum) for v in np.unique(stored)}
        return np.vectorize(exact.__getitem__, otypes=[np.float64])(stored)


def spec_of(
    photometric: str, signed: bool, bits: int, sign: int, voi: str, shape: str | None
) -> Spec:
    """Numbers that put both ends of the window, or of the LUT, inside the stored range."""
    slope = Fraction(2 * sign) if voi == "LUT" else Fraction(3 * sign, 4)
    bare = Spec(photometric, signed, bits, slope, Fraction(0), voi, shape)
    low, high = sorted(slope * end for end in bare.ends)
    intercept = -((low + high) // 2) + 3  # negative and positive values leave the modality stage
    width = (high - low) // 3 + Fraction(1, 4)
    entries = np.random.default_rng(bits).integers(0, 4096, int((high - low) // 3))
    return Spec(
        *(photometric, signed, bits, slope, intercept, voi, shape),
        center=Fraction(21, 2),
        width=width,
        first=-int((high - low) // 6),
        entries=tuple(int(entry) for entry in entries),
    )


def stored_of(spec: Spec) -> NDArray[np.integer]:
    """Both ends of the stored range, everything about its middle, and samples of the rest."""
    low, high = spec.ends
    middle = (low + high) // 2
    values = np.concatenate(
        [np.linspace(low, high, 192).round(), np.arange(middle - 32, middle + 32)]
    )
    return values.reshape(16, 16).astype(("i" if spec.signed else "u") + ("2", "1")[spec.bits == 8])


def read_spec(spec: Spec, read: Read, lut_item: Callable[..., Dataset]) -> Radiograph:
    attributes = {
        "RescaleSlope": str(float(spec.slope)),
        "RescaleIntercept": str(float(spec.intercept)),
    }
    if spec.shape is not None:
        attributes["PresentationLUTShape"] = spec.shape
    if spec.voi == "LUT":
        item = lut_item(spec.first, spec.lut_bits, np.array(spec.entries))
        return read(
            stored_of(spec), bits=spec.bits, photometric=spec.photometric,
            **attributes, VOILUTSequence=[item],
        )  # fmt: skip
    if spec.voi != "NONE":
        attributes["WindowCenter"] = str(float(spec.center))
        attributes["WindowWidth"] = str(float(spec.width))
        attributes["VOILUTFunction"] = spec.voi
    return read(stored_of(spec), bits=spec.bits, photometric=spec.photometric, **attributes)


# the whole chain ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [None, "IDENTITY", "INVERSE"])
@pytest.mark.parametrize("voi", ["LINEAR", "LINEAR_EXACT", "SIGMOID", "LUT", "NONE"])
@pytest.mark.parametrize("sign", [1, -1], ids=["slope+", "slope-"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_that_every_pixel_takes_the_nearest_gray_of_the_standard(
    photometric: str,
    signed: bool,
    bits: int,
    sign: int,
    voi: str,
    shape: str | None,
    read: Read,
    lut_item: Callable[..., Dataset],
) -> None:
    spec = spec_of(photometric, signed, bits, sign, voi, shape)
    radiograph = read_spec(spec, read, lut_item)
    if voi == "NONE":  # where the file is silent the window is RadSal's choice, the rest is not
        chosen = automatic_window(radiograph)
        spec = Spec(
            *(photometric, signed, bits, spec.slope, spec.intercept, "LINEAR", shape),
            center=Fraction(chosen.center),
            width=Fraction(chosen.width),
        )
    assert np.array_equal(radiograph.stored, stored_of(spec))
    for depth in (8, 16):
        exact = spec.levels(stored_of(spec), 2**depth - 1)
        shown = display(radiograph, bits=depth)  # type: ignore[call-overload]
        assert shown.dtype == f"u{depth // 8}"
        assert np.abs(shown - exact).max() <= 0.5 + 1e-6
        assert np.ptp(shown) > 0.9 * (2**depth - 1)


# hand-worked values ------------------------------------------------------------------------------


def test_that_the_window_of_the_standards_note_reaches_black_and_white_where_it_says(
    read: Read,
) -> None:
    # C.11.2.1.2.1, note 1: c = 2048, w = 4096 maps 0 to black and 4095 to white;
    # c = 0, w = 100: x <= -50 is black, x > 49 is white.
    values = np.array([[0, 1, 2047, 2048, 4094, 4095]], np.uint16)
    full = display(read(values, bits=12, WindowCenter="2048", WindowWidth="4096"), bits=16)
    assert full[0].tolist() == [0, 16, 32759, 32776, 65519, 65535]
    signed = np.array([[-51, -50, -49, 48, 49, 50]], np.int16)
    narrow = display(read(signed, WindowCenter="0", WindowWidth="100"), bits=16)
    assert narrow[0].tolist() == [0, 0, 662, 64873, 65535, 65535]


def test_that_a_linear_window_of_width_one_is_a_step(read: Read) -> None:
    # C.11.2.1.2.1: x <= c - 0.5 black, x > c - 0.5 white
    values = np.array([[99, 100, 101]], np.uint16)
    assert display(read(values, WindowCenter="100.5", WindowWidth="1")).tolist() == [[0, 0, 255]]
    assert display(read(values, WindowCenter="100", WindowWidth="1")).tolist() == [[0, 255, 255]]


def test_that_a_sigmoid_is_half_at_its_center_and_symmetric_about_it(read: Read) -> None:
    values = np.arange(0, 2001, dtype=np.uint16).reshape(3, 667)
    film = read(values, WindowCenter="1000", WindowWidth="400", VOILUTFunction="SIGMOID")
    shown = display(film, bits=16).reshape(-1).astype(int)
    assert shown[1000] == 32768  # 65535 / 2, half up
    assert np.abs(shown + shown[::-1] - 65535).max() <= 1
    assert shown[1200] == round(65535 / (1 + math.exp(-2)))


@pytest.mark.parametrize(
    ("photometric", "shape", "low_is_white"),
    [
        ("MONOCHROME1", None, True),
        ("MONOCHROME2", None, False),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME1", "IDENTITY", False),
    ],
)
def test_that_polarity_is_turned_once(
    read: Read, photometric: str, shape: str | None, low_is_white: bool
) -> None:
    values = np.array([[0, 4095]], np.uint16)
    stated = {} if shape is None else {"PresentationLUTShape": shape}
    film = read(
        values, bits=12, photometric=photometric, WindowCenter="2048", WindowWidth="4096", **stated
    )
    assert display(film).tolist() == ([[255, 0]] if low_is_white else [[0, 255]])


def test_that_the_reader_can_turn_polarity_either_way(read: Read) -> None:
    film = read(photometric="MONOCHROME1", bits=12)
    window = VoiWindow(2048, 4096)
    turned = display_table(film.chain, window, inverted=False)
    assert turned[0] == 0
    assert turned[-1] == 255
    as_file = display_table(film.chain, window)
    assert as_file[0] == 255
    assert as_file[-1] == 0


# lookup tables -----------------------------------------------------------------------------------


def test_that_a_modality_lut_holds_its_ends_below_and_above(
    read: Read, lut_item: Callable[..., Dataset]
) -> None:
    item = lut_item(10, 16, np.array([500, 7, 60000]))
    values = np.array([[0, 9, 10, 11, 12, 13, 4095]], np.uint16)
    film = read(values, bits=12, ModalityLUTSequence=[item])
    expected = [[500, 500, 500, 7, 60000, 60000, 60000]]
    assert modality_values(film.stored, film.chain).tolist() == expected


def test_that_a_modality_lut_wins_over_a_rescale(
    read: Read, lut_item: Callable[..., Dataset]
) -> None:
    item = lut_item(0, 16, np.arange(256) * 2)
    film = read(
        np.array([[5]], np.uint8), ModalityLUTSequence=[item], RescaleSlope="9",
        RescaleIntercept="1",
    )  # fmt: skip
    assert modality_values(film.stored, film.chain).tolist() == [[10]]


def test_that_windows_apply_to_the_output_of_a_modality_lut(
    read: Read, lut_item: Callable[..., Dataset]
) -> None:
    item = lut_item(0, 16, 1000 - np.arange(256))
    film = read(
        np.array([[0, 128, 255]], np.uint8), ModalityLUTSequence=[item], WindowCenter="872.5",
        WindowWidth="257",
    )  # fmt: skip
    assert display(film).tolist() == [[255, 128, 1]]


def test_that_a_lut_of_65536_entries_states_zero(
    read: Read, lut_item: Callable[..., Dataset]
) -> None:
    item = lut_item(0, 16, np.arange(65536)[::-1])
    assert item["LUTDescriptor"].value[0] == 0
    film = read(np.array([[0, 1, 65535]], np.uint16), VOILUTSequence=[item])
    assert display(film, bits=16).tolist() == [[65535, 65534, 0]]


@pytest.mark.parametrize("packed", [True, False], ids=["bytes", "words"])
def test_that_entries_of_eight_bits_are_read_from_bytes_and_from_words(
    read: Read, lut_item: Callable[..., Dataset], packed: bool
) -> None:
    entries = np.arange(256)[::-1]
    item = lut_item(0, 8, entries, packed=packed)
    film = read(np.array([[0, 1, 255]], np.uint8), VOILUTSequence=[item])
    assert display(film).tolist() == [[255, 254, 0]]


def test_that_a_voi_lut_is_the_default_and_can_be_left_aside(
    read: Read, lut_item: Callable[..., Dataset]
) -> None:
    white = lut_item(0, 8, np.full(256, 255))
    values = np.array([[0, 128, 255]], np.uint8)
    film = read(values, VOILUTSequence=[white], WindowCenter="128", WindowWidth="256")
    assert display(film).tolist() == [[255, 255, 255]]
    assert display(film, use_lut=False).tolist() == [[0, 128, 255]]


def test_that_presets_name_what_the_file_offers(
    read: Read, lut_item: Callable[..., Dataset]
) -> None:
    lut = lut_item(0, 8, np.arange(256))
    lut.LUTExplanation = "Bone"
    film = read(
        np.arange(256, dtype=np.uint8).reshape(16, 16), VOILUTSequence=[lut],
        WindowCenter=["40", "50"], WindowWidth=["400", "500"],
        WindowCenterWidthExplanation=["Lung", ""],
    )  # fmt: skip
    names = [preset.name for preset in presets(film)]
    assert names == ["Automatic", "Bone", "Lung", "Window 2", "Full range"]


# padding -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        (-2000, None, {-2000}),
        (-2000, -1998, {-2000, -1999, -1998}),
        (-1998, -2000, {-2000, -1999, -1998}),
        (2047, 2046, {2046, 2047}),
    ],
)
def test_that_padding_is_black_and_its_neighbours_are_not(
    read: Read, photometric: str, value: int, limit: int | None, expected: set[int]
) -> None:
    axis = np.array([-2048, -2001, -2000, -1999, -1998, -1997, 0, 2045, 2046, 2047], np.int16)
    stated = {"PixelPaddingValue": value}
    if limit is not None:
        stated["PixelPaddingRangeLimit"] = limit
    film = read(
        axis[np.newaxis], bits=12, photometric=photometric, WindowCenter="0",
        WindowWidth="100000", **stated,
    )  # fmt: skip
    shown = display(film, bits=16)[0]  # the wide window keeps every image value off black
    assert {int(v) for v in axis[shown == 0]} == expected


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_that_a_model_sees_padding_as_the_darkest_value(read: Read, photometric: str) -> None:
    values = np.array([[0, 100, 1000, 4095]], np.uint16)
    film = read(
        values, bits=12, photometric=photometric, PixelPaddingValue=4095, RescaleSlope="2",
        RescaleIntercept="-10",
    )  # fmt: skip
    given = model_input(film)
    assert given.pixels[0, 3] == -10
    assert any("padding" in note for note in given.notes)


# what a model is given ---------------------------------------------------------------------------


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("slope", [2.0, -0.5])
def test_that_a_model_is_given_modality_values_with_bone_bright(
    read: Read, signed: bool, slope: float
) -> None:
    low, high = (-2048, 2047) if signed else (0, 4095)
    values = np.array([[low, -7 if signed else 7, 1000, high]], np.int16 if signed else np.uint16)
    stated = {"bits": 12, "RescaleSlope": str(slope), "RescaleIntercept": "-100"}
    plain = model_input(read(values, **stated))
    assert plain.pixels.dtype == np.float32
    assert plain.notes == ()
    assert np.array_equal(plain.pixels, values * slope - 100)
    turned = model_input(read(values, photometric="MONOCHROME1", **stated))
    # MONOCHROME1: the end of the range that was white, the lowest stored value, becomes highest
    assert np.array_equal(turned.pixels, (low + high - values.astype(int)) * slope - 100)
    assert len(turned.notes) == 1


def test_that_the_turn_of_a_modality_lut_runs_over_its_output_range(
    read: Read, lut_item: Callable[..., Dataset]
) -> None:
    item = lut_item(0, 10, np.arange(256) * 2)
    film = read(
        np.array([[0, 100, 255]], np.uint8), photometric="MONOCHROME1", ModalityLUTSequence=[item]
    )
    assert model_input(film).pixels.tolist() == [[1023, 823, 513]]


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_that_windows_never_reach_a_model(
    read: Read, lut_item: Callable[..., Dataset], photometric: str
) -> None:
    values = np.random.default_rng(3).integers(0, 4096, (40, 30)).astype(np.uint16)
    bare = read(values, bits=12, photometric=photometric)
    before = model_input(bare).pixels.tobytes()
    shown = {
        display(bare, voi, bits=16).tobytes()
        for voi in (VoiWindow(10, 20), VoiWindow(3000, 5, VoiFunction.SIGMOID), None)
    }
    assert len(shown) == 3
    assert model_input(bare).pixels.tobytes() == before
    assert np.array_equal(bare.stored, values)
    windowed = read(
        values, bits=12, photometric=photometric, WindowCenter="10", WindowWidth="20",
        VOILUTSequence=[lut_item(0, 8, np.zeros(16, int))],
    )  # fmt: skip
    assert model_input(windowed).pixels.tobytes() == before


# any chain ---------------------------------------------------------------------------------------

FINITE = st.floats(-1e30, 1e30, allow_nan=False)
WINDOWS = st.builds(
    VoiWindow,
    FINITE,
    st.floats(1, 1e30) | st.sampled_from([1.0, math.nextafter(1, 2), 2.0, 1e-300]),
    st.just(VoiFunction.SIGMOID) | st.just(VoiFunction.LINEAR_EXACT),
) | st.builds(VoiWindow, FINITE, st.floats(1, 1e30) | st.just(math.nextafter(1, 2)))
TABLES = st.builds(
    lambda first, data: LookupTable(first, 16, np.array(data, np.uint16)),
    st.integers(-32768, 65535),
    st.lists(st.integers(0, 65535), min_size=1, max_size=40),
)
SLOPES = FINITE.filter(lambda slope: slope != 0)
CHAINS = st.builds(
    GrayscaleChain,
    st.integers(1, 10),
    st.booleans(),
    st.builds(Rescale, SLOPES, FINITE) | TABLES,
    inverted=st.booleans(),
)


@given(CHAINS, WINDOWS | TABLES)
def test_that_any_chain_gives_a_gray_for_every_stored_value(
    chain: GrayscaleChain, voi: VoiWindow | LookupTable
) -> None:
    table = display_table(chain, voi, bits=16)  # NumPy's warnings are errors here
    assert table.shape == (2**chain.bits_stored,)
    if isinstance(chain.modality, Rescale) and isinstance(voi, VoiWindow):
        steps = np.diff(table.astype(int))
        rising = (chain.modality.slope > 0) != chain.inverted
        assert (steps >= 0).all() if rising else (steps <= 0).all()


@given(CHAINS, WINDOWS)
def test_that_turning_polarity_mirrors_the_gray(chain: GrayscaleChain, voi: VoiWindow) -> None:
    dark = display_table(chain, voi, inverted=False, bits=16).astype(int)
    light = display_table(chain, voi, inverted=True, bits=16).astype(int)
    assert np.isin(dark + light, (65535, 65536)).all()  # 65536: both halves rounded up
