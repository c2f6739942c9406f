"""Windows found in the pixels."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radsal.core.radiograph import Radiograph, VoiWindow
from radsal.dicom.gray.grayscale import display
from radsal.dicom.gray.windowing import automatic_window, full_window
from radsal.dicom.reading import read_radiograph

Read = Callable[..., Radiograph]


def ends(window: VoiWindow) -> tuple[float, float]:
    """Where the LINEAR function reaches black and white (PS3.3 C.11.2.1.2.1)."""
    middle = window.center - 0.5
    half = (window.width - 1) / 2
    return middle - half, middle + half


@pytest.fixture
def collimated() -> NDArray[np.uint16]:
    """An exposed field of 1000 to 2000 inside a border of 0, with a label of 4095.

    Neither lies on a grid of a round number of pixels.
    """
    pixels = np.zeros((400, 320), np.uint16)
    random = np.random.default_rng(5)
    pixels[85:321, 67:253] = random.integers(1000, 2001, (236, 186))
    pixels[103:135, 82:116] = 4095
    return pixels


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_that_the_automatic_window_lies_inside_the_exposed_field(
    read: Read, collimated: NDArray[np.uint16], photometric: str
) -> None:
    film = read(collimated, bits=12, photometric=photometric)
    low, high = ends(automatic_window(film))
    assert 990 < low < 1050
    assert 1950 < high < 2010


def test_that_a_border_changes_nothing(read: Read, collimated: NDArray[np.uint16]) -> None:
    white = collimated.copy()
    white[white == 0] = 4000
    windows = [ends(automatic_window(read(film, bits=12))) for film in (collimated, white)]
    assert np.allclose(*windows, atol=5)


def test_that_padding_has_no_say_in_any_window(read: Read) -> None:
    random = np.random.default_rng(6)
    pixels = random.integers(-500, 501, (160, 160)).astype(np.int16)
    pixels[random.random((160, 160)) < 0.4] = -2000  # amidst the texture
    film = read(pixels, bits=12, PixelPaddingValue=-2000)
    low, high = ends(automatic_window(film))
    assert -501 < low < -480
    assert 480 < high < 501
    assert ends(full_window(film)) == (-500, 500)
    assert ends(full_window(read(pixels, bits=12))) == (-2000, 500)


@pytest.mark.parametrize("vr", ["SS", "US"])  # the wrong one is common
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_that_a_range_of_signed_padding_has_no_say(
    make_film: Callable[..., Dataset], save: Callable[..., Path], syntax: UID, vr: str
) -> None:
    random = np.random.default_rng(6)
    pixels = random.integers(-500, 501, (160, 160)).astype(np.int16)
    pixels[random.random((160, 160)) < 0.2] = -2000
    pixels[random.random((160, 160)) < 0.2] = -1990
    film = make_film(pixels, bits=12, syntax=syntax)
    for keyword, value in (("PixelPaddingValue", -2000), ("PixelPaddingRangeLimit", -1990)):
        film.add_new(keyword, vr, value if vr == "SS" else value + 65536)
    radiograph = read_radiograph(save(film))
    assert radiograph.chain.padding == (-2000, -1990)
    assert ends(full_window(radiograph)) == (-500, 500)
    low, high = ends(automatic_window(radiograph))
    assert -501 < low < -480
    assert 480 < high < 501


@pytest.mark.parametrize(("slope", "intercept"), [(2.0, -1000.0), (-0.5, 300.0)])
def test_that_windows_are_in_units_after_the_rescale(
    read: Read, collimated: NDArray[np.uint16], slope: float, intercept: float
) -> None:
    bare = ends(automatic_window(read(collimated, bits=12)))
    film = read(collimated, bits=12, RescaleSlope=str(slope), RescaleIntercept=str(intercept))
    expected = sorted(end * slope + intercept for end in bare)
    assert ends(automatic_window(film)) == pytest.approx(expected)
    assert ends(full_window(film)) == pytest.approx(sorted((intercept, 4095 * slope + intercept)))


def test_that_the_full_window_shows_both_ends(read: Read, collimated: NDArray[np.uint16]) -> None:
    film = read(collimated, bits=12)
    shown = display(film, full_window(film))
    assert shown[collimated == 0].max() == 0
    assert shown[collimated == 4095].min() == 255


@pytest.mark.parametrize("value", [0, 7, 4095])
@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (7, 7), (64, 64)])
def test_that_an_image_of_one_value_has_windows(
    read: Read, shape: tuple[int, int], value: int
) -> None:
    film = read(np.full(shape, value, np.uint16), bits=12, PixelPaddingValue=value)
    for window in (automatic_window(film), full_window(film)):
        assert ends(window) == (value, value)


def test_that_the_window_does_not_depend_on_the_polarity(
    read: Read, collimated: NDArray[np.uint16]
) -> None:
    one = automatic_window(read(collimated, bits=12))
    other = automatic_window(read(collimated, bits=12, photometric="MONOCHROME1"))
    assert one == other
