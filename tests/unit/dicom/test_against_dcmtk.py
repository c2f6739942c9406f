"""Displayed pixels and decoded pixels against DCMTK's dcm2pnm and its encoders."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from radsal.core.radiograph import VoiWindow
from radsal.dicom.gray.grayscale import display
from radsal.dicom.reading import read_radiograph

Tool = Callable[[str], str]
MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]

# Of 65535. DCMTK cuts off where RadSal rounds, works with its own steps inside a window, and
# scales the entries of a LUT by a shift: a step of 12 bits is 16.
WINDOW_TOLERANCE = 8
LUT_TOLERANCE = 16


def dcmtk_gray(tool: str, path: Path, *options: str) -> NDArray[np.int64]:
    """Displayed pixels, (rows, columns), 0 to 65535."""
    made = subprocess.run(
        [tool, "-q", "+opn", "16", *options, path], capture_output=True, check=True, timeout=60
    )
    magic, columns, rows, maximum, *pixels = made.stdout.split()
    assert (magic, maximum) == (b"P2", b"65535")
    return np.array(pixels, np.int64).reshape(int(rows), int(columns))


@pytest.mark.parametrize("shape", [None, "IDENTITY", "INVERSE"])
@pytest.mark.parametrize("voi", ["LINEAR", "SIGMOID", "LUT"])
@pytest.mark.parametrize("slope", [1, -1], ids=["slope+", "slope-"])
@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_that_generated_films_are_displayed_as_dcmtk_displays_them(
    photometric: str,
    signed: bool,
    bits: int,
    slope: int,
    voi: str,
    shape: str | None,
    make_film: MakeFilm,
    lut_item: Callable[..., Dataset],
    save: Save,
    dcmtk: Tool,
) -> None:
    random = np.random.default_rng(bits)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    middle = (low + high) // 2
    values = np.concatenate(
        [[low, high], random.integers(low, high + 1, 158), np.arange(middle - 48, middle + 48)]
    ).reshape(16, 16)
    center = middle * slope
    stated = {"RescaleSlope": str(slope), "RescaleIntercept": "3"}
    if shape is not None:
        stated["PresentationLUTShape"] = shape
    if voi == "LUT":
        entries = random.integers(0, 4096, 100)
        stated["RescaleIntercept"] = str(3 - center)  # 16 bits of a first entry reach that
        stated["VOILUTSequence"] = [lut_item(-50, 12, entries)]
        options, tolerance = ["+Wl", "1"], LUT_TOLERANCE
    else:
        stated["VOILUTFunction"] = voi
        stated["WindowCenter"] = str(center + 5)
        stated["WindowWidth"] = str((high - low) // 3)
        options = ["+Wi", "1", "+Wfl" if voi == "LINEAR" else "+Wfs"]
        tolerance = WINDOW_TOLERANCE
    dtype = ("i" if signed else "u") + ("1" if bits == 8 else "2")
    path = save(make_film(values.astype(dtype), bits=bits, photometric=photometric, **stated))
    shown = display(read_radiograph(path), bits=16).astype(np.int64)
    theirs = dcmtk_gray(dcmtk("dcm2pnm"), path, *options)
    assert np.ptp(theirs) > 30000
    assert np.abs(shown - theirs).max() <= tolerance


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "tool", "options"),
    [
        ("chest_gdcm_CR-MONO1-10.dcm", "dcm2pnm", ["+Wi", "1"]),
        ("chest_highdicom_dx_thorax_169x211.dcm", "dcm2pnm", ["+Wi", "1"]),
        ("chest_pseudoPHI_0_ORIGINAL_RLE.dcm", "dcm2pnm", ["+Wi", "1"]),
        ("syntax/RG3_UNC.dcm", "dcm2pnm", ["+Wi", "1"]),
        ("syntax/RG3_JPLL.dcm", "dcmj2pnm", ["+Wi", "1"]),
        ("syntax/RG3_JLSL.dcm", "dcml2pnm", ["+Wi", "1"]),
        ("edge/ts_MR_small_bigendian.dcm", "dcm2pnm", ["+Wi", "1"]),
        ("edge/voi_lut_seq_vlut_04.dcm", "dcm2pnm", ["+Wl", "1"]),
    ],
)
def test_that_real_films_are_displayed_as_dcmtk_displays_them(
    shared_data: Path, name: str, tool: str, options: list[str], dcmtk: Tool
) -> None:
    path = shared_data / "dicom" / name
    shown = display(read_radiograph(path), bits=16).astype(np.int64)
    theirs = dcmtk_gray(dcmtk(tool), path, *options)
    # of 65535: under two of the 1024 steps that a 10-bit film has, and no more on average
    assert np.abs(shown - theirs).max() <= 100
    assert abs(float((shown - theirs).mean())) <= 40


@pytest.mark.real_data
@pytest.mark.parametrize(
    "name", ["edge/modality_lut_seq_mlut_18.dcm", "cr_ModalityLUTSequence_JPLL.dcm"]
)
def test_that_a_modality_lut_is_followed_as_dcmtk_follows_it(
    shared_data: Path, name: str, dcmtk: Tool
) -> None:
    path = shared_data / "dicom" / name
    film = read_radiograph(path)
    shown = display(film, VoiWindow(20000, 30000), bits=16).astype(np.int64)
    theirs = dcmtk_gray(dcmtk("dcmj2pnm"), path, "+Ww", "20000", "30000")
    assert np.abs(shown - theirs).max() <= 100


# encoders ----------------------------------------------------------------------------------------


ENCODERS = [
    *(("dcmcrle", []), ("dcmcjpls", ["+el"])),
    *(("dcmcjpeg", ["+e1"]), ("dcmcjpeg", ["+el", "+sv", "4"])),
]


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize(
    ("encoder", "options"), ENCODERS, ids=["rle", "jpeg-ls", "jpeg-lossless-sv1", "jpeg-lossless"]
)
def test_that_what_dcmtk_compressed_without_loss_comes_back_exactly(
    encoder: str,
    options: list[str],
    signed: bool,
    bits: int,
    make_film: MakeFilm,
    save: Save,
    dcmtk: Tool,
    tmp_path: Path,
) -> None:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    values = np.random.default_rng(bits).integers(low, high + 1, (21, 35))
    values[0, :2] = low, high
    dtype = ("i" if signed else "u") + ("1" if bits == 8 else "2")
    path = save(make_film(values.astype(dtype), bits=bits))
    packed = tmp_path / "packed.dcm"
    subprocess.run([dcmtk(encoder), "-q", *options, path, packed], check=True, timeout=60)
    plain, film = read_radiograph(path), read_radiograph(packed)
    assert film.header.transfer_syntax != plain.header.transfer_syntax
    assert np.array_equal(film.stored, values)
    assert film.identity == plain.identity


@pytest.mark.parametrize(
    ("option", "bits", "dtype"), [("+eb", 8, np.uint8), ("+ee", 12, np.uint16)]
)
def test_that_lossy_jpeg_stays_close_to_the_film_and_carries_its_badge(
    option: str,
    bits: int,
    dtype: type,
    make_film: MakeFilm,
    save: Save,
    dcmtk: Tool,
    tmp_path: Path,
) -> None:
    largest = 2**bits - 1
    wave = (np.sin(np.arange(64) / 9)[:, None] * np.cos(np.arange(48) / 7) + 1) / 2
    values = (wave * largest).astype(dtype)
    path = save(make_film(values, bits=bits))
    packed = tmp_path / "packed.dcm"
    subprocess.run(
        [dcmtk("dcmcjpeg"), "-q", option, "+q", "98", path, packed], check=True, timeout=60
    )
    film = read_radiograph(packed)
    assert film.header.lossy
    assert np.abs(film.stored.astype(int) - values).max() <= 0.02 * largest
