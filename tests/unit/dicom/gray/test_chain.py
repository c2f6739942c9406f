"""Grayscale attributes that contradict themselves: left out, or refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from radsal.core.errors import Refusal, RefusalCode
from radsal.core.radiograph import LookupTable, Radiograph, VoiFunction
from radsal.dicom.gray.grayscale import default_voi

Read = Callable[..., Radiograph]
LutItem = Callable[..., Dataset]


@pytest.mark.parametrize(
    ("centers", "widths", "kept"),
    [
        ("40", "400", [(40, 400)]),
        (["40", "50"], ["400", "500"], [(40, 400), (50, 500)]),
        (["40", "50"], ["0", "500"], [(50, 500)]),
        (["40", "50"], ["-400", "0.5"], []),
        (["40", "50"], "400", [(40, 400)]),
        ("40", None, []),
        ("1e400", "400", []),
        ("-40.5", "1", [(-40.5, 1)]),
    ],
)
def test_that_impossible_windows_are_left_out(
    read: Read, centers: Any, widths: Any, kept: list[tuple[float, float]]
) -> None:
    stated = {"WindowCenter": centers, "WindowWidth": widths}
    film = read(**{keyword: value for keyword, value in stated.items() if value is not None})
    assert [(window.center, window.width) for window in film.chain.windows] == kept


@pytest.mark.parametrize(
    ("stated", "width", "function"),
    [
        (None, "2", VoiFunction.LINEAR),
        ("SIGMOID", "0.5", VoiFunction.SIGMOID),
        ("LINEAR_EXACT", "0.5", VoiFunction.LINEAR_EXACT),
        ("SOFTPLUS", "2", VoiFunction.LINEAR),
    ],
)
def test_that_the_function_of_a_window_is_one_of_the_standard(
    read: Read, stated: str | None, width: str, function: VoiFunction
) -> None:
    named = {} if stated is None else {"VOILUTFunction": stated}
    (window,) = read(WindowCenter="1", WindowWidth=width, **named).chain.windows
    assert window.function is function


def test_that_a_voi_lut_comes_before_a_window(read: Read, lut_item: LutItem) -> None:
    film = read(WindowCenter="1", WindowWidth="2", VOILUTSequence=[lut_item(3, 8, np.arange(9))])
    assert isinstance(default_voi(film.chain), LookupTable)
    assert default_voi(read(WindowCenter="1", WindowWidth="2").chain).center == 1  # type: ignore[union-attr]
    assert default_voi(read().chain) is None


def spoilt(item: Dataset, how: str) -> Dataset:
    if how == "short":
        item["LUTData"].value = item["LUTData"].value[:-4]
    elif how == "bits":
        item.add_new("LUTDescriptor", "US", [9, 0, 17])
    elif how == "overfull":
        item.add_new("LUTDescriptor", "US", [9, 0, 8])
    elif how == "pair":
        item.add_new("LUTDescriptor", "US", [9, 0])
    else:
        del item[how]
    return item


FAULTS = ["short", "bits", "overfull", "pair", "LUTData", "LUTDescriptor"]


@pytest.mark.parametrize("how", FAULTS)
def test_that_a_spoilt_voi_lut_is_left_out_and_the_next_one_counts(
    read: Read, lut_item: LutItem, how: str
) -> None:
    bad = spoilt(lut_item(0, 12, np.arange(9) * 400), how)
    film = read(VOILUTSequence=[bad, lut_item(5, 12, np.arange(9))])
    assert [table.first_mapped for table in film.chain.luts] == [5]


@pytest.mark.parametrize("how", FAULTS)
def test_that_a_spoilt_modality_lut_is_refused(read: Read, lut_item: LutItem, how: str) -> None:
    bad = spoilt(lut_item(0, 12, np.arange(9) * 400), how)
    with pytest.raises(Refusal) as caught:
        read(ModalityLUTSequence=[bad])
    assert caught.value.code == RefusalCode.CORRUPT


@pytest.mark.parametrize(("dtype", "first"), [("u2", 65000), ("i2", -536)])
def test_that_the_sign_of_a_first_entry_follows_the_pixels_in_implicit_vr(
    read: Read, lut_item: LutItem, dtype: str, first: int
) -> None:
    # 65000 and -536 are the same 16 bits; implicit VR does not say which (PS3.3 C.11.1.1.1)
    film = read(
        np.zeros((4, 4), dtype), syntax=ImplicitVRLittleEndian,
        ModalityLUTSequence=[lut_item(first, 12, np.arange(9))],
    )  # fmt: skip
    assert isinstance(film.chain.modality, LookupTable)
    assert film.chain.modality.first_mapped == first
