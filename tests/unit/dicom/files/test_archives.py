"""ZIP archives are folders: what is found in them, read from them, and refused by name."""

import builtins
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, RLELossless

from radsal.core.errors import Refusal
from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused
from radsal.dicom.files import archives
from radsal.dicom.files.finding import find_entries, find_files
from radsal.dicom.limits import Limits
from radsal.dicom.reading import read_header, read_radiograph
from radsal.dicom.scanning import header_or_refused

MakeFilm = Callable[..., Dataset]
PIXELS = np.arange(120, dtype=np.uint16).reshape(12, 10) * 30
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


@pytest.fixture(scope="module")
def film(make_film: MakeFilm) -> bytes:
    """The bytes of a film."""
    return content_of(make_film(PIXELS))


def content_of(film: Dataset) -> bytes:
    file = io.BytesIO()
    film.save_as(file, enforce_file_format=True)
    return file.getvalue()


def zipped(
    path: Path, members: dict[str, bytes] | list[tuple[str, bytes]], method: int = DEFLATED
) -> Path:
    pairs = members.items() if isinstance(members, dict) else members
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in pairs:
            archive.writestr(name, content)
    return path


def found_in(*paths: Path, below: Path) -> list[str]:
    return [path.relative_to(below).as_posix() for path in find_files(paths)]


def refusals(path: Path) -> dict[str, str]:
    """Name and code of all that is refused; what is opened has none."""
    met = [header_or_refused(found) for found in find_files([path])]
    return {item.path.name: item.code for item in met if isinstance(item, Refused)}


# what is found -----------------------------------------------------------------------------------


def test_that_an_archive_is_a_folder_in_order_of_names(tmp_path: Path, film: bytes) -> None:
    names = ["b/2.dcm", "b/10.dcm", "a/deep/er/film", "c.dcm", "a.dcm", "empty/"]
    archive = zipped(tmp_path / "films.zip", dict.fromkeys(names, film))
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "films")
    expected = found_in(tmp_path / "films", below=tmp_path / "films")
    assert found_in(archive, below=archive) == expected
    assert len(expected) == 5


def test_that_what_is_skipped_in_folders_is_skipped_in_archives(
    tmp_path: Path, film: bytes
) -> None:
    names = [
        ".hidden",
        ".trash/film",
        "a/.b/film",
        "__MACOSX/a/film",
        "DICOMDIR",
        "a/dicomdir",
        "film",
    ]
    archive = zipped(tmp_path / "films.zip", dict.fromkeys(names, film))
    assert found_in(archive, below=archive) == ["film"]
    assert isinstance(header_or_refused(archive / ".hidden"), ImageHeader)  # named


def test_that_archives_are_found_in_folders_by_suffix_and_where_named_by_their_bytes(
    tmp_path: Path, film: bytes
) -> None:
    zipped(tmp_path / "in" / "one.ZIP", {"film": film})
    zipped(tmp_path / "in" / "two.export", {"film": film})
    (tmp_path / "in" / "three.zip").write_text("no archive")
    found = found_in(tmp_path / "in", below=tmp_path / "in")
    assert found == ["one.ZIP/film", "three.zip", "two.export"]
    assert found_in(tmp_path / "in" / "two.export", below=tmp_path / "in") == ["two.export/film"]
    assert refusals(tmp_path / "in" / "three.zip") == {"three.zip": "not-dicom"}


def test_that_entries_carry_the_member_s_size_and_the_archive_s_time(
    tmp_path: Path, film: bytes
) -> None:
    archive = zipped(tmp_path / "films.zip", {"a/film": film})
    os.utime(archive, ns=(1, 1_700_000_000_123_456_789))
    (entry,) = find_entries([archive])
    assert (entry.path, entry.size) == (archive / "a" / "film", len(film))
    assert entry.modified == archive.stat().st_mtime_ns


def test_that_a_file_and_a_folder_inside_an_archive_can_be_named(
    tmp_path: Path, film: bytes
) -> None:
    archive = zipped(tmp_path / "films.zip", dict.fromkeys(["a/1", "a/2", "ab/3", "b"], film))
    assert found_in(archive / "a", below=archive) == ["a/1", "a/2"]
    assert found_in(archive / "b", below=archive) == ["b"]
    assert refusals(archive / "gone") == {"gone": "unreadable"}
    assert refusals(archive / "b" / "gone") == {"gone": "unreadable"}


def test_that_a_path_below_a_file_that_is_no_archive_is_refused(
    tmp_path: Path, film: bytes
) -> None:
    (tmp_path / "film.dcm").write_bytes(film)
    assert refusals(tmp_path / "film.dcm" / "inner") == {"inner": "unreadable"}


# what is read ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [STORED, DEFLATED])
@pytest.mark.parametrize("syntax", [None, DeflatedExplicitVRLittleEndian, RLELossless])
def test_that_a_film_in_an_archive_is_the_film_on_disk(
    tmp_path: Path, make_film: MakeFilm, method: int, syntax: Any
) -> None:
    made = make_film(PIXELS) if syntax in (None, RLELossless) else make_film(PIXELS, syntax=syntax)
    if syntax == RLELossless:
        made.compress(RLELossless, encoding_plugin="pylibjpeg")
    content = content_of(made)
    (tmp_path / "film.dcm").write_bytes(content)
    archive = zipped(tmp_path / "films.zip", {"a/film.dcm": content}, method)
    path = archive / "a" / "film.dcm"
    plain, inside = read_radiograph(tmp_path / "film.dcm"), read_radiograph(path)
    assert inside.identity == plain.identity
    assert np.array_equal(inside.stored, PIXELS)
    assert inside.header == read_header(path)
    assert inside.header.path == path


def test_that_a_picture_in_an_archive_is_read(tmp_path: Path) -> None:
    gray = PIXELS.astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(gray).save(file, "PNG")
    archive = zipped(tmp_path / "films.zip", {"film.png": file.getvalue()})
    assert np.array_equal(read_radiograph(archive / "film.png").stored, gray)


def test_that_a_header_is_read_without_inflating_the_pixels(
    tmp_path: Path, make_film: MakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(1).integers(0, 65536, (2000, 1000)).astype(np.uint16)
    archive = zipped(tmp_path / "films.zip", {"film": content_of(make_film(noise))})
    made = 0
    whole = archives.inflated

    def counted(*args: Any) -> Any:
        nonlocal made
        for piece in whole(*args):
            made += len(piece)
            yield piece

    monkeypatch.setattr(archives, "inflated", counted)
    read_header(archive / "film")
    assert 0 < made < 1_000_000
    read_radiograph(archive / "film")
    assert made > 4_000_000


def test_that_a_film_in_an_archive_that_was_cut_before_is_refused_by_its_header(
    tmp_path: Path, make_film: MakeFilm
) -> None:
    noise = np.random.default_rng(1).integers(0, 65536, (500, 1000)).astype(np.uint16)
    archive = zipped(tmp_path / "films.zip", {"film": content_of(make_film(noise))[:-10]})
    with pytest.raises(Refusal) as caught:
        read_header(archive / "film")
    assert caught.value.code == "truncated"


def test_that_nothing_is_written_to_a_disk(
    tmp_path: Path, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zipped(tmp_path / "films.zip", {"film": film})
    opened: list[str] = []
    real = io.open

    def noted(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        opened.append(mode)
        return real(file, mode, *args, **kwargs)

    for module in (io, builtins):
        monkeypatch.setattr(module, "open", noted)
    assert read_radiograph(archive / "film").shape == (12, 10)
    assert set(opened) == {"rb"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["films.zip"]


def test_that_the_directory_of_an_archive_is_read_once_and_again_when_it_has_changed(
    tmp_path: Path, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zipped(tmp_path / "films.zip", {f"{n}": film for n in range(5)})
    parsed: list[object] = []
    real = zipfile.ZipFile

    class Counted(real):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            parsed.append(args)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(archives.zipfile, "ZipFile", Counted)
    for path in find_files([archive]):
        read_header(path)
    assert len(parsed) == 1
    monkeypatch.undo()
    zipped(archive, {"other": film})
    assert found_in(archive, below=archive) == ["other"]
    assert header_or_refused(archive / "0").code == "unreadable"


def test_that_few_directories_are_kept(tmp_path: Path, film: bytes) -> None:
    for number in range(9):
        read_header(zipped(tmp_path / f"{number}.zip", {"film": film}) / "film")
    assert len(archives._kept) <= 4


# what is refused ---------------------------------------------------------------------------------

UNSAFE = {
    "../film": "(..)/film",
    "a/../../film": "a/(..)/(..)/film",
    "..\\film": "(..)/film",
    "/etc/film": "etc/film",
    "\\film": "film",
    "C:\\film": "(C:)/film",
    "c:film": "(c:)film",
    "a/C:/film": "a/(C:)/film",
    "fi\0lm": "fi\ufffdlm",
    "fi\nlm": "fi\ufffdlm",
    "n" * 2000: "n" * 1024,
}


def with_name(path: Path, name: str, film: bytes) -> Path:
    """An archive with a name that ``zipfile`` would not write."""
    raw = name.encode()
    zipped(path, {"x" * len(raw): film})
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    return path


@pytest.mark.parametrize("name", UNSAFE)
def test_that_a_name_that_leads_out_is_refused_and_nothing_outside_is_touched(
    tmp_path: Path, film: bytes, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "film").write_bytes(film)
    (tmp_path / "in").mkdir()
    archive = with_name(tmp_path / "in" / "films.zip", name, film)
    touched: list[str] = []
    real = Path.open

    def noted(self: Path, *args: Any, **kwargs: Any) -> Any:
        touched.append(self.name)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", noted)
    assert found_in(archive, below=archive) == [UNSAFE[name]]
    for read in (read_header, read_radiograph):
        with pytest.raises(Refusal) as caught:
            read(archive / UNSAFE[name])
        assert caught.value.code == "outside"
        assert caught.value.remedy
    assert set(touched) == {"films.zip"}


@pytest.mark.parametrize("name", ["../film", "in/../../film", str(Path("/etc/passwd"))])
def test_that_a_path_out_of_an_archive_finds_nothing(
    tmp_path: Path, film: bytes, name: str
) -> None:
    (tmp_path / "film").write_bytes(film)
    archive = zipped(tmp_path / "films.zip", {"film": film})
    with pytest.raises(Refusal) as caught:
        read_header(Path(f"{archive}/{name}"))
    assert caught.value.code == "unreadable"


def test_that_backslashes_separate_and_odd_names_are_addressed(tmp_path: Path, film: bytes) -> None:
    names = ["a\\b\\film", "./c//film", "10:30.dcm", "Thörax 胸.dcm", " film ", "..film", "film.."]
    archive = zipped(tmp_path / "films.zip", dict.fromkeys(names, film))
    found = list(find_files([archive]))
    assert {path.relative_to(archive).as_posix() for path in found} == {
        "a/b/film", "c/film", "10:30.dcm", "Thörax 胸.dcm", " film ", "film.."
    }  # fmt: skip
    assert all(isinstance(header_or_refused(path), ImageHeader) for path in found)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_that_members_of_one_name_are_each_read(tmp_path: Path, make_film: MakeFilm) -> None:
    films = [content_of(make_film(PIXELS, PatientID=str(number))) for number in range(4)]
    names = ["a/film.dcm", "a\\film.dcm", "a//film.dcm", "a/film (2).dcm"]
    archive = zipped(tmp_path / "films.zip", list(zip(names, films, strict=True)))
    found = list(find_files([archive]))
    assert [path.name for path in found] == [
        "film (2) (2).dcm", "film (2).dcm", "film (3).dcm", "film.dcm"
    ]  # fmt: skip
    assert sorted(read_header(path).patient_id for path in found) == ["0", "1", "2", "3"]


def test_that_encrypted_members_and_other_methods_are_refused_beside_what_is_read(
    tmp_path: Path, film: bytes
) -> None:
    archive = tmp_path / "films.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("bzip2", film, zipfile.ZIP_BZIP2)
        made.writestr("lzma", film, zipfile.ZIP_LZMA)
        made.writestr("plain", film, DEFLATED)
        made.writestr("secret", film, STORED)
    raw = bytearray(archive.read_bytes())
    entry = raw.rindex(b"PK\1\2")
    raw[entry + 8] |= 1  # the general purpose bit that says: encrypted
    archive.write_bytes(raw)
    refused = dict.fromkeys(("bzip2", "lzma", "secret"), "unsupported-archive")
    assert refusals(archive) == refused
    met = {path.name: header_or_refused(path) for path in find_files([archive])}
    assert "bzip2" in met["bzip2"].reason
    assert "encrypted" in met["secret"].reason


def test_that_an_archive_inside_an_archive_is_refused(tmp_path: Path, film: bytes) -> None:
    inner = zipped(tmp_path / "inner.zip", {"film": film})
    outer = zipped(
        tmp_path / "outer.zip", {"inner.zip": inner.read_bytes(), "renamed": inner.read_bytes()}
    )
    assert refusals(outer) == dict.fromkeys(("inner.zip", "renamed"), "unsupported-archive")
    with pytest.raises(Refusal) as caught:
        read_header(outer / "inner.zip" / "film")
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize("method", [STORED, DEFLATED])
def test_that_a_damaged_member_is_not_shown(tmp_path: Path, film: bytes, method: int) -> None:
    archive = zipped(tmp_path / "films.zip", {"film": film}, method)
    raw = bytearray(archive.read_bytes())
    checksum = raw.index(struct.pack("<L", zlib.crc32(film)))
    for place in (checksum, raw.rindex(struct.pack("<L", zlib.crc32(film)))):
        raw[place] ^= 1
    archive.write_bytes(raw)
    with pytest.raises(Refusal) as caught:
        read_radiograph(archive / "film")
    assert caught.value.code == "corrupt"
    assert "checksum" in caught.value.reason


def test_that_members_that_overlap_are_refused(tmp_path: Path, film: bytes) -> None:
    archive = zipped(tmp_path / "films.zip", {"1": film, "2": film, "3": film}, STORED)
    raw = bytearray(archive.read_bytes())
    first, second, _ = (at for at in range(len(raw)) if raw.startswith(b"PK\1\2", at))
    raw[second + 42 : second + 46] = raw[first + 42 : first + 46]  # both name the first member
    archive.write_bytes(raw)
    assert refusals(archive) == {"1": "corrupt", "2": "corrupt"}


@pytest.mark.parametrize(
    ("limits", "said"),
    [(Limits(file_bytes=500), "500"), (Limits(ratio=2, ratio_from=100), "2 times")],
    ids=["bytes", "ratio"],
)
def test_that_a_member_beyond_a_limit_is_refused_by_what_the_directory_says(
    tmp_path: Path, make_film: MakeFilm, limits: Limits, said: str
) -> None:
    film = content_of(make_film(np.zeros((200, 200), np.uint16)))
    path = zipped(tmp_path / "films.zip", {"film": film}) / "film"
    with pytest.raises(Refusal, match=said) as caught:
        read_header(path, limits)
    assert caught.value.code == "too-large"


def test_that_a_member_larger_than_the_directory_says_is_refused_while_it_is_inflated(
    tmp_path: Path, film: bytes
) -> None:
    archive = zipped(tmp_path / "films.zip", {"film": film})
    raw = archive.read_bytes().replace(
        struct.pack("<L", len(film)), struct.pack("<L", len(film) - 9)
    )
    archive.write_bytes(raw)
    with pytest.raises(Refusal) as caught:
        read_radiograph(archive / "film")
    assert caught.value.code == "too-large"


def test_that_an_archive_of_too_many_files_is_refused_as_a_whole(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "films.zip", {f"{n}": b"" for n in range(20)})
    with pytest.raises(Refusal, match="19") as caught:
        archives.directory(archive, Limits(members=19))
    assert caught.value.code == "too-large"
    with pytest.raises(Refusal) as caught:
        archives.directory(archive, Limits(directory_bytes=300))
    assert caught.value.code == "too-large"


@pytest.mark.parametrize("members", [{}, {"folder/": b""}, {".hidden": b"x"}], ids=str)
def test_that_an_archive_without_files_is_refused_as_empty(
    tmp_path: Path, members: dict[str, bytes]
) -> None:
    assert refusals(zipped(tmp_path / "none.zip", members)) == {"none.zip": "empty"}


@pytest.mark.parametrize("how", ["cut", "spoilt"])
def test_that_a_damaged_archive_is_refused_by_its_own_name(
    tmp_path: Path, film: bytes, how: str
) -> None:
    archive = zipped(tmp_path / "films.zip", {"film": film})
    raw = archive.read_bytes()
    archive.write_bytes(raw[:-30] if how == "cut" else raw.replace(b"PK\1\2", b"PK\1\1"))
    assert refusals(archive) == {"films.zip": "corrupt"}


def test_that_an_archive_itself_is_no_image(tmp_path: Path, film: bytes) -> None:
    with pytest.raises(Refusal, match="archive") as caught:
        read_radiograph(zipped(tmp_path / "films.zip", {"film": film}))
    assert caught.value.code == "no-image"
    assert caught.value.remedy


def test_that_a_film_whose_preamble_is_that_of_an_archive_is_a_film(
    tmp_path: Path, film: bytes
) -> None:
    path = tmp_path / "film.dcm"
    path.write_bytes(b"PK\3\4" + film[4:])
    assert isinstance(header_or_refused(path), ImageHeader)
    assert list(find_files([path])) == [path]


EXAMPLES = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def all_read(path: Path) -> int:
    """Whatever is met is shown or refused."""
    met = list(find_files([path]))
    for found in met:
        header_or_refused(found)
        with suppress(Refusal):
            read_radiograph(found)
    return len(met)


@EXAMPLES
@given(st.sampled_from([b"PK\3\4", b"PK\5\6"]), st.binary(max_size=300))
def test_that_no_bytes_after_the_magic_raise_anything_but_a_refusal(
    tmp_path: Path, magic: bytes, content: bytes
) -> None:
    path = tmp_path / "any.zip"
    path.write_bytes(magic + content)
    assert all_read(path) == 1


@EXAMPLES
@given(st.data())
def test_that_no_spoilt_archive_raises_anything_but_a_refusal(
    tmp_path: Path, film: bytes, data: st.DataObject
) -> None:
    path = zipped(tmp_path / "spoilt.zip", {"a/1": film, "b": film[:600]})
    raw = bytearray(path.read_bytes())
    directory = raw.index(b"PK\1\2")
    places = st.integers(0, 60) | st.integers(directory, len(raw) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=4)):
        raw[place] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    assert all_read(path) >= 1


def test_that_a_member_is_known_by_its_archive_s_time_and_number(tmp_path: Path) -> None:
    """Two archives of equal members that change places must not pass for each other."""
    path = tmp_path / "films.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/film", b"12345")
    [entry] = find_entries([path])
    status = path.stat()
    assert (entry.size, entry.modified, entry.number) == (5, status.st_mtime_ns, status.st_ino)
