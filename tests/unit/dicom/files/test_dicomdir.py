"""A DICOMDIR that is named gives the files that it refers to, and none outside of its folder."""

import gc
import os
import runpy
import struct
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet
from pydicom.uid import generate_uid

from radsal.core.errors import Refusal
from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused
from radsal.dicom.files import dicomdir
from radsal.dicom.files.finding import find_entries, find_files
from radsal.dicom.limits import Limits
from radsal.dicom.reading import read_header
from radsal.dicom.scanning import header_or_refused

MakeFilm = Callable[..., Dataset]
hostile = runpy.run_path(str(Path(__file__).with_name("hostile_files.py")))
short, long, meta = hostile["short"], hostile["long"], hostile["meta"]
UNDEFINED = hostile["UNDEFINED"]


def films(make_film: MakeFilm, count: int) -> list[Dataset]:
    """Films of two patients, each an exam of its own."""
    made = []
    for number in range(count):
        film = make_film(np.full((4, 4), number, np.uint16))
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
            setattr(film, keyword, generate_uid(None))
        film.file_meta.MediaStorageSOPInstanceUID = film.SOPInstanceUID
        film.PatientID, film.PatientName = str(number % 2), f"Phantom^{number % 2}"
        film.StudyDate, film.StudyTime, film.StudyID = "20260101", "120000", "1"
        film.SeriesNumber, film.InstanceNumber, film.AccessionNumber = 1, number, ""
        made.append(film)
    return made


@pytest.fixture
def medium(make_film: MakeFilm, tmp_path: Path) -> Path:
    """A folder as pydicom writes a medium: five films and the DICOMDIR."""
    files = FileSet()
    for film in films(make_film, 5):
        files.add(film)
    folder = tmp_path / "medium"
    files.write(folder)
    with warnings.catch_warnings():  # pydicom leaves its temporary folder to the collector
        warnings.simplefilter("ignore", ResourceWarning)
        del files
        gc.collect()
    return folder


def record(file_id: bytes | None, *, in_use: int = 0xFFFF) -> bytes:
    """An item of the Directory Record Sequence (PS3.3 F.5)."""
    parts = [
        short((4, 0x1400), b"UL", bytes(4)),
        short((4, 0x1410), b"US", struct.pack("<H", in_use)),
    ]
    parts += [short((4, 0x1430), b"CS", b"IMAGE ")]
    if file_id is not None:
        parts += [short((4, 0x1500), b"CS", file_id + b" " * (len(file_id) % 2))]
    return b"".join(parts)


def made(folder: Path, records: list[bytes], *, undefined: bool = False) -> Path:
    """A DICOMDIR made by hand, of items and a sequence of defined or undefined length."""
    if undefined:
        content = b"".join(hostile["ITEM"] + each + hostile["ITEM_END"] for each in records)
        sequence = long((4, 0x1220), b"SQ", content + hostile["SEQUENCE_END"], UNDEFINED)
    else:
        heads = (struct.pack("<HHL", 0xFFFE, 0xE000, len(each)) for each in records)
        sequence = long((4, 0x1220), b"SQ", b"".join(map(bytes.__add__, heads, records)))
    head = bytes(128) + b"DICM" + short((2, 2), b"UI", b"1.2.840.10008.1.3.10")
    head += short((2, 0x10), b"UI", hostile["EXPLICIT"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "DICOMDIR").write_bytes(head + short((4, 0x1130), b"CS", b"") + sequence)
    return folder / "DICOMDIR"


def refusals(path: Path) -> dict[str, str]:
    met = [header_or_refused(found) for found in find_files([path])]
    below = path.parent
    return {i.path.relative_to(below).as_posix(): i.code for i in met if isinstance(i, Refused)}


# what is found -----------------------------------------------------------------------------------


def test_that_the_files_of_a_medium_of_pydicom_are_found(medium: Path) -> None:
    found = list(find_files([medium / "DICOMDIR"]))
    assert sorted(found) == sorted(
        path for path in medium.rglob("*") if path.is_file() and path.name != "DICOMDIR"
    )
    assert len(found) == 5
    assert all(isinstance(header_or_refused(path), ImageHeader) for path in found)


def test_that_the_files_of_a_medium_of_dcmtk_are_found(
    make_film: MakeFilm, tmp_path: Path, dcmtk: Callable[[str], str]
) -> None:
    for number, film in enumerate(films(make_film, 3)):
        (tmp_path / f"DIR{number}").mkdir()
        film.save_as(tmp_path / f"DIR{number}" / "FILM", enforce_file_format=True)
    subprocess.run(
        [
            dcmtk("dcmmkdir"),
            "--general-purpose",
            "+r",
            "+id",
            str(tmp_path),
            "+D",
            str(tmp_path / "DICOMDIR"),
        ],
        check=True,
        capture_output=True,
    )
    found = list(find_files([tmp_path / "DICOMDIR"]))
    assert sorted(path.relative_to(tmp_path).as_posix() for path in found) == [
        "DIR0/FILM", "DIR1/FILM", "DIR2/FILM"
    ]  # fmt: skip


def test_that_a_dicomdir_of_any_name_is_known_by_its_class(medium: Path) -> None:
    (medium / "DICOMDIR").rename(medium / "index.bin")
    assert len(list(find_files([medium / "index.bin"]))) == 5


def test_that_entries_carry_what_tells_of_a_change(medium: Path) -> None:
    for entry in find_entries([medium / "DICOMDIR"]):
        status = entry.path.stat()
        assert (entry.size, entry.modified) == (status.st_size, status.st_mtime_ns)


@pytest.mark.parametrize("undefined", [False, True])
def test_that_only_records_in_use_with_a_file_count_and_each_file_once(
    tmp_path: Path, undefined: bool
) -> None:
    records = [
        record(None),
        record(b"A\\B"),
        record(b"GONE", in_use=0),
        record(b"A\\B"),
        record(b"C"),
    ]
    path = made(tmp_path, records, undefined=undefined)
    assert list(find_files([path])) == [tmp_path / "A" / "B", tmp_path / "C"]


@pytest.mark.parametrize(
    "names",
    [
        ("images/im1", "IMAGES\\IM1"),
        ("IMAGES/IM1.;1", "IMAGES\\IM1"),
        ("Images/im1;1", "IMAGES\\IM1"),
    ],
)
def test_that_names_are_found_as_iso_9660_media_are_shown(
    tmp_path: Path, make_film: MakeFilm, names: tuple[str, str]
) -> None:
    there, stated = names
    (tmp_path / there).parent.mkdir()
    make_film().save_as(tmp_path / there, enforce_file_format=True)
    path = made(tmp_path, [record(stated.encode())])
    assert list(find_files([path])) == [tmp_path / there]


def test_that_the_name_as_stated_goes_before_one_in_another_case(tmp_path: Path) -> None:
    for name in ("FILM", "film"):
        (tmp_path / name).write_text(name)
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this file system knows no case")
    for stated in (b"FILM", b"film"):
        assert list(find_files([made(tmp_path, [record(stated)])])) == [tmp_path / stated.decode()]


def test_that_a_dicomdir_is_skipped_in_a_folder_and_in_an_archive(medium: Path) -> None:
    assert len(list(find_files([medium]))) == 5
    with zipfile.ZipFile(medium.parent / "medium.zip", "w") as archive:
        for path in medium.rglob("*"):
            archive.write(path, path.relative_to(medium))
    assert len(list(find_files([medium.parent / "medium.zip"]))) == 5
    with pytest.raises(Refusal) as caught:
        read_header(medium.parent / "medium.zip" / "DICOMDIR")
    assert caught.value.code == "no-image"


# what is refused ---------------------------------------------------------------------------------


def test_that_a_missing_file_is_refused_by_the_name_that_is_stated(medium: Path) -> None:
    gone = next(find_files([medium / "DICOMDIR"]))
    gone.unlink()
    assert refusals(medium / "DICOMDIR") == {gone.relative_to(medium).as_posix(): "unreadable"}


OUTSIDE = {
    b"..\\FILM": "DICOMDIR/(..)/FILM",
    b"A\\..\\..\\FILM": "DICOMDIR/A/(..)/(..)/FILM",
    b"\\FILM": "DICOMDIR/FILM",
    b"/etc/passwd": "DICOMDIR/etc/passwd",
    b"../FILM": "DICOMDIR/(..)/FILM",
    b"C:\\FILM": "DICOMDIR/(C:)/FILM",
    b"A\\\\FILM": "DICOMDIR/A/FILM",
}


@pytest.mark.parametrize("file_id", OUTSIDE)
def test_that_a_reference_that_leads_out_is_refused_by_name(
    tmp_path: Path, make_film: MakeFilm, file_id: bytes
) -> None:
    make_film().save_as(tmp_path / "FILM", enforce_file_format=True)
    path = made(tmp_path / "medium", [record(file_id)])
    assert refusals(path) == {OUTSIDE[file_id]: "outside"}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_that_a_link_that_leads_out_is_refused_and_one_inside_is_followed(
    tmp_path: Path, make_film: MakeFilm
) -> None:
    folder = tmp_path / "medium"
    path = made(folder, [record(b"OUT"), record(b"UP\\FILM"), record(b"IN")])
    for place in (tmp_path, folder):
        make_film().save_as(place / "FILM", enforce_file_format=True)
    (folder / "OUT").symlink_to(tmp_path / "FILM")
    (folder / "UP").symlink_to(tmp_path)
    (folder / "IN").symlink_to(folder / "FILM")
    assert refusals(path) == dict.fromkeys(("DICOMDIR/OUT", "DICOMDIR/UP/FILM"), "outside")
    assert isinstance(header_or_refused(folder / "IN"), ImageHeader)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda raw: raw[:-30], "truncated"),
        (lambda raw: raw.replace(b"\xfe\xff\x00\xe0", b"\xfe\xff\x01\xe0"), "corrupt"),
        (lambda raw: raw.replace(b"\x04\x00\x20\x12", b"\x04\x00\x21\x12"), "corrupt"),
    ],
    ids=["cut", "items", "no records"],
)
def test_that_a_damaged_dicomdir_is_refused_by_its_own_name(
    medium: Path, spoil: Callable[[bytes], bytes], code: str
) -> None:
    path = medium / "DICOMDIR"
    path.write_bytes(spoil(path.read_bytes()))
    assert refusals(path) == {"DICOMDIR": code}


def test_that_a_dicomdir_without_files_is_empty_and_with_files_no_image(tmp_path: Path) -> None:
    assert refusals(made(tmp_path, [record(None)])) == {"DICOMDIR": "empty"}
    path = made(tmp_path, [record(b"FILM")])
    with pytest.raises(Refusal, match="DICOMDIR") as caught:
        read_header(path)
    assert caught.value.code == "no-image"


def test_that_records_are_counted(tmp_path: Path) -> None:
    path = made(tmp_path, [record(b"A")] * 20)
    assert len(dicomdir.references(path, Limits(records=20))) == 1
    with pytest.raises(Refusal, match="19") as caught:
        dicomdir.references(path, Limits(records=19))
    assert caught.value.code == "too-large"


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=5
    )
)
def test_that_no_spoilt_dicomdir_leads_out_or_raises_anything_but_a_refusal(
    tmp_path: Path, spoilt: list[tuple[float, int]]
) -> None:
    path = made(tmp_path / "medium", [record(b"A\\B"), record(b"..\\C"), record(b"D")])
    raw = bytearray(path.read_bytes())
    for share, value in spoilt:
        raw[132 + int(share * (len(raw) - 132))] = value
    path.write_bytes(raw)
    for found in find_files([path]):
        assert os.path.realpath(found).startswith(os.path.realpath(path.parent))
        header_or_refused(found)
