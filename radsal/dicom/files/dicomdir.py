"""The files that a DICOMDIR refers to (PS3.10 section 8, PS3.3 annex F).

The directory records are walked in the order of the file, one at a time; how they refer to each
other does not matter here: cases are grouped by what the files themselves state.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydicom.dataset import Dataset

from radsal.core.errors import Refusal, RefusalCode
from radsal.dicom.attributes import count, raw_bytes
from radsal.dicom.faults import refuse
from radsal.dicom.files.elements import Met, Wanted, read_elements
from radsal.dicom.files.members import address_of
from radsal.dicom.files.meta import META, start_of, syntax_of
from radsal.dicom.files.sequences import UNDEFINED, Walk
from radsal.dicom.limits import Limits

NAME = "DICOMDIR"
_RECORDS = 0x00041220  # Directory Record Sequence
_RECORD = Wanted(("RecordInUseFlag", "ReferencedFileID"), range(0xFFFEE000))
_TO_RECORDS = Wanted((), range(_RECORDS))
_ITEM, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE0DD
_INACTIVE = 0x0000  # of the Record In-use Flag
_STATED = b"\x02\x00\x02\x00UI\x14\x001.2.840.10008.1.3.10"  # Media Storage SOP Class UID


def is_dicomdir(head: bytes) -> bool:
    """Whether the File Meta Information in the first bytes of a file names a DICOMDIR."""
    return head[128:132] == b"DICM" and _STATED in head


def why_no_image(path: Path, limits: Limits) -> Refusal:
    """Why a DICOMDIR itself is no image. Raises the Refusal where it is damaged."""
    if os.path.isfile(path) and not references(path, limits):  # noqa: PTH113 - not in an archive
        return refuse(RefusalCode.EMPTY, "The DICOMDIR refers to no file.")
    return refuse(
        RefusalCode.NO_IMAGE,
        "This is a DICOMDIR, which refers to files and is no image itself.",
        "Open it by its name, or open the folder it lies in.",
    )


def references(path: Path, limits: Limits) -> list[Path]:
    """The files that a DICOMDIR refers to, each once.

    A file that is not there has the name that the DICOMDIR states. A reference that leads out of
    the folder of the DICOMDIR becomes a path below the DICOMDIR itself: it can be shown and refused
    by name, and leads nowhere.

    Raises Refusal, OSError, and whatever pydicom does.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > limits.file_bytes:
            raise refuse(RefusalCode.TOO_LARGE, "The DICOMDIR is larger than the limit on files.")
        medium = _Medium(path)
        return list(dict.fromkeys(medium.find(parts) for parts in _file_ids(file, limits)))


def _file_ids(file: BinaryIO, limits: Limits) -> Iterator[list[str]]:
    """Referenced File ID (0004,1500) of the records in use."""
    start = start_of(file.read(256))
    meta = read_elements(file, Walk(False, True, limits), META, start)
    syntax = syntax_of(meta.data)
    if syntax.deflated or not syntax.native:
        raise refuse(RefusalCode.CORRUPT, "The DICOMDIR states a transfer syntax of images.")
    walk = Walk(syntax.uid.is_implicit_VR, syntax.uid.is_little_endian, limits)
    met = read_elements(file, walk, _TO_RECORDS, meta.end).met
    if met is None or met.tag != _RECORDS:
        raise refuse(RefusalCode.CORRUPT, "The DICOMDIR holds no directory records.")
    for record in _records(file, met, walk):
        if count(record, "RecordInUseFlag", default=0xFFFF) != _INACTIVE:
            raw, _ = raw_bytes(record, "ReferencedFileID")
            if raw and raw.strip(b" \0"):
                yield [part.strip(" \0") for part in os.fsdecode(raw).split("\\")]


def _records(file: BinaryIO, met: Met, walk: Walk) -> Iterator[Dataset]:
    """The items of the Directory Record Sequence, one after the other."""
    header = struct.Struct("<HHL" if walk.little else ">HHL")
    end = None if met.length == UNDEFINED else met.offset + met.length
    at, number = met.offset, 0
    while end is None or at < end:
        file.seek(at)
        raw = file.read(8)
        if len(raw) < 8:
            raise EOFError
        group, element, length = header.unpack(raw)
        if group << 16 | element == _SEQUENCE_END:
            return
        if group << 16 | element != _ITEM:
            raise refuse(RefusalCode.CORRUPT, "The directory records are damaged.")
        number += 1
        _check_number(number, walk.limits)
        size = None if length == UNDEFINED else int(length)
        part = read_elements(file, walk.again(), _RECORD, at + 8, size)
        at = part.end if size is None else at + 8 + size
        if at > os.fstat(file.fileno()).st_size:
            raise EOFError
        yield part.data


def _check_number(number: int, limits: Limits) -> None:
    if number > limits.records:
        raise refuse(
            RefusalCode.TOO_LARGE,
            f"The DICOMDIR has more than {limits.records:,} records, which is the limit.",
            "Open the folder it lies in.",
        )


class _Medium:
    """The folder of a DICOMDIR, where files are found whatever the case of their names.

    Names on ISO 9660 are upper case and may end in a version, ``;1``; a system may show them
    otherwise (PS3.10 8.5, PS3.12).
    """

    def __init__(self, path: Path) -> None:
        self._dicomdir, self._folder = path, path.parent
        self._root = os.path.realpath(path.parent)
        self._listed: dict[Path, dict[str, str]] = {}

    def find(self, parts: list[str]) -> Path:
        """The file of a Referenced File ID."""
        found = self._folder
        for part in parts:
            if not _is_plain(part):
                return self._outside(parts)
            found = found / self._name(found, part)
        return found if self._holds(found) else self._outside(parts)

    def _outside(self, parts: list[str]) -> Path:
        return self._dicomdir / address_of("/".join(parts))

    def _holds(self, path: Path) -> bool:
        """Whether a path stays in the folder, also where it is a link."""
        root = self._root.rstrip(os.sep) + os.sep
        return os.path.realpath(path).startswith(root)

    def _name(self, folder: Path, part: str) -> str:
        """The name in a folder that a component means; the component where there is none."""
        names = self._listed.get(folder)
        if names is None:
            names = self._listed[folder] = _names_in(folder)
        return names.get(part) or names.get(_folded(part)) or part


def _is_plain(part: str) -> bool:
    """Whether a component is a name and nothing else on any system."""
    return part not in ("", ".", "..") and not set(part) & set("/:\0")


def _names_in(folder: Path) -> dict[str, str]:
    """Names by themselves and by what they are on a medium."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names are what is wanted
    except OSError:
        return {}
    return {_folded(name): name for name in reversed(names)} | {name: name for name in names}


def _folded(name: str) -> str:
    return name.partition(";")[0].rstrip(". ").upper()
