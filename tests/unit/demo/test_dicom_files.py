"""The DX files of phantoms, read back by pydicom and judged by dciodvfy."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import JPEGLSLossless

from radsal.demo.dicom_files import Compression, write_phantom
from radsal.demo.phantom import Phantom, make_phantom


@pytest.fixture(scope="module")
def film() -> Phantom:
    return make_phantom(7, rows=220, opacity="nodule", position_text=True)


@pytest.mark.parametrize("compression", ["none", "jpeg-ls"])
@pytest.mark.parametrize("monochrome1", [False, True])
def test_that_pixels_come_back_exactly(
    film: Phantom, tmp_path: Path, monochrome1: bool, compression: Compression
) -> None:
    path = write_phantom(
        film, tmp_path / "film.dcm", monochrome1=monochrome1, compression=compression
    )
    read = dcmread(path)
    stored = read.pixel_array
    expected = 4095 - film.pixels if monochrome1 else film.pixels
    assert np.array_equal(stored, expected)
    assert read.PhotometricInterpretation == ("MONOCHROME1" if monochrome1 else "MONOCHROME2")
    assert read.PresentationLUTShape == ("INVERSE" if monochrome1 else "IDENTITY")


def test_that_the_file_says_what_it_is(film: Phantom, tmp_path: Path) -> None:
    read = dcmread(write_phantom(film, tmp_path / "film.dcm", monochrome1=False))
    assert read.SOPClassUID == "1.2.840.10008.5.1.4.1.1.1.1"
    assert read.file_meta.TransferSyntaxUID == JPEGLSLossless
    assert (read.BitsAllocated, read.BitsStored, read.HighBit) == (16, 12, 11)
    assert read.PatientName == film.identity.person_name
    assert read.PatientID == "SYN-0007"
    assert read.BurnedInAnnotation == "YES"
    assert read.LossyImageCompression == "00"
    assert list(read.PatientOrientation) == ["L", "F"]
    assert read.ImageLaterality == "U"
    assert read.ViewPosition in ("AP", "PA")
    assert float(read.PixelSpacing[0]) == pytest.approx(film.spacing_mm, abs=1e-6)
    assert (read.WindowCenter, read.WindowWidth) == (2048, 4096)


def test_that_a_film_without_text_has_no_burned_in_annotation(tmp_path: Path) -> None:
    bare = make_phantom(8, rows=120, id_tag=False, marker=False)
    read = dcmread(write_phantom(bare, tmp_path / "bare.dcm", monochrome1=False))
    assert read.BurnedInAnnotation == "NO"


def test_that_the_same_phantom_gives_the_same_file(film: Phantom, tmp_path: Path) -> None:
    one = write_phantom(film, tmp_path / "one.dcm", monochrome1=True).read_bytes()
    two = write_phantom(film, tmp_path / "two.dcm", monochrome1=True).read_bytes()
    assert one == two


def test_that_uids_are_derived_and_differ_between_polarities(film: Phantom, tmp_path: Path) -> None:
    reads = [
        dcmread(write_phantom(film, tmp_path / f"{flag}.dcm", monochrome1=flag))
        for flag in (False, True)
    ]
    uids = [
        uid
        for read in reads
        for uid in (read.SOPInstanceUID, read.SeriesInstanceUID, read.StudyInstanceUID)
    ]
    assert len(set(uids)) == 6
    assert all(uid.startswith("2.25.") and uid.is_valid for uid in uids)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
@pytest.mark.parametrize("monochrome1", [False, True])
def test_that_dciodvfy_finds_no_error_and_no_warning(
    film: Phantom, tmp_path: Path, monochrome1: bool
) -> None:
    path = write_phantom(film, tmp_path / "film.dcm", monochrome1=monochrome1)
    judged = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (judged.stdout + judged.stderr).splitlines()
    assert [line for line in lines if line.startswith(("Error", "Warning"))] == []
    assert judged.returncode == 0
