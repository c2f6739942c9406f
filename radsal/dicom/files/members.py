"""The files in a ZIP archive: under which address each is found, and which of them are refused."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from radsal.core.errors import RefusalCode
from radsal.dicom.faults import refuse
from radsal.dicom.limits import Limits

_SEPARATORS = re.compile(r"[/\\]")
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST = 1024  # characters of a name that is used
_ENCRYPTED = 0x0001 | 0x0040  # general purpose bits 0 and 6 (APPNOTE 4.4.4)
_METHODS = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz"}  # APPNOTE 4.4.5
_LOCAL_HEADER = 30  # bytes, without the name


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.

    Attributes
    ----------
    offset:
        Of its local file header.
    size, packed:
        Bytes when unpacked, and in the archive.
    checksum:
        CRC-32 of the unpacked bytes.
    method:
        0 stored, 8 deflated; others are refused.
    safe:
        Its name stays inside the archive.
    apart:
        It shares no byte with another member, nor with the directory.
    listed:
        It is found where the archive is searched: not hidden, no index of a medium.
    """

    offset: int
    size: int
    packed: int
    checksum: int
    method: int
    encrypted: bool
    safe: bool
    apart: bool
    listed: bool

    @property
    def stored(self) -> bool:
        """Not compressed."""
        return self.method == zipfile.ZIP_STORED

    def check(self, limits: Limits) -> None:
        """Raise Refusal unless it may be unpacked."""
        if not self.safe:
            raise refuse(
                RefusalCode.OUTSIDE,
                "The name of this file leads out of its ZIP archive.",
                "Ask whoever made the archive; do not unpack it.",
            )
        self._check_packing()
        if self.size > limits.file_bytes:
            raise refuse(
                RefusalCode.TOO_LARGE,
                f"The file has {self.size:,} bytes; the limit is {limits.file_bytes:,}.",
            )
        if limits.outgrown(self.size, self.packed):
            raise refuse(
                RefusalCode.TOO_LARGE,
                f"The file inflates to {self.size:,} bytes, more than {limits.ratio} times what "
                "it takes in the archive.",
            )

    def _check_packing(self) -> None:
        unpack = "Unpack the archive, and open the folder."
        if self.encrypted:
            raise refuse(
                RefusalCode.UNSUPPORTED_ARCHIVE, "The file is encrypted in its archive.", unpack
            )
        if self.method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            name = _METHODS.get(self.method, f"method {self.method}")
            raise refuse(
                RefusalCode.UNSUPPORTED_ARCHIVE,
                f"The file is compressed in a way that is not read: {name}.",
                unpack,
            )
        if not self.apart:
            raise refuse(
                RefusalCode.CORRUPT,
                "The file overlaps with another one in its archive.",
                "Ask whoever made the archive; do not unpack it.",
            )


def members_of(infos: Sequence[zipfile.ZipInfo], end: int) -> dict[str, Member]:
    """The files of a directory by address, sorted as the files of folders are.

    A name that is there already gets a number; one that leads out of the archive is written so
    that it does not. ``end`` is where the directory begins.
    """
    found: dict[str, Member] = {}
    numbers: dict[str, int] = {}
    overlapping = _overlapping(infos, end)
    for number, info in enumerate(infos):
        name = info.orig_filename
        if name.endswith(("/", "\\")):
            continue
        parts = _parts(name)
        safe = _is_safe(name, parts)
        address = _free("/".join(parts) if safe else address_of(name), found, numbers)
        found[address] = _member(info, safe, parts, number not in overlapping)
    return dict(sorted(found.items(), key=lambda item: item[0].split("/")))


def _member(info: zipfile.ZipInfo, safe: bool, parts: Sequence[str], apart: bool) -> Member:
    return Member(
        offset=info.header_offset,
        size=info.file_size,
        packed=info.compress_size,
        checksum=info.CRC,
        method=info.compress_type,
        encrypted=bool(info.flag_bits & _ENCRYPTED),
        safe=safe,
        apart=apart,
        listed=not safe or _is_listed(parts),
    )


def _parts(name: str) -> list[str]:
    """The names of the folders, and of the file; both kinds of slash separate them."""
    return [part for part in _SEPARATORS.split(name) if part not in ("", ".")]


def _is_safe(name: str, parts: Sequence[str]) -> bool:
    return (
        0 < len(name) <= _LONGEST
        and name[0] not in "/\\"
        and not _CONTROL.search(name)
        and bool(parts)
        and ".." not in parts
        and not any(map(_DRIVE.match, parts))
    )


def _is_listed(parts: Sequence[str]) -> bool:
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return not hidden and parts[-1].upper() != "DICOMDIR"


def address_of(name: str) -> str:
    """A name as a relative path of plain names, whatever it was made of.

    ``../x`` becomes ``(..)/x``, and ``C:/x`` becomes ``(C:)/x``: they can be shown, and lead
    nowhere.
    """
    parts = _parts(_CONTROL.sub("\ufffd", name[:_LONGEST]))
    plain = [
        _DRIVE.sub(r"(\g<0>)", part, count=1) if _DRIVE.match(part) else part for part in parts
    ]
    return "/".join("(..)" if part == ".." else part for part in plain) or "(no name)"


def _free(address: str, taken: dict[str, Member], numbers: dict[str, int]) -> str:
    """The address, with a number before its suffix where another member has it."""
    free = address
    while free in taken:
        numbers[address] = numbers.get(address, 1) + 1
        folder, slash, name = address.rpartition("/")
        stem, dot, suffix = name.rpartition(".")
        stem, ending = (stem, dot + suffix) if stem else (name, "")
        free = f"{folder}{slash}{stem} ({numbers[address]}){ending}"
    return free


def _overlapping(infos: Sequence[zipfile.ZipInfo], end: int) -> set[int]:
    """Numbers of the members that share bytes with another one, or with the directory."""
    found = {n for n, info in enumerate(infos) if info.header_offset < 0 or _end_of(info) > end}
    last, reached = -1, 0  # the member that reaches furthest so far
    for number in sorted(range(len(infos)), key=lambda n: infos[n].header_offset):
        if infos[number].header_offset < reached:
            found |= {last, number}
        if _end_of(infos[number]) > reached:
            last, reached = number, _end_of(infos[number])
    return found


def _end_of(info: zipfile.ZipInfo) -> int:
    return info.header_offset + _LOCAL_HEADER + info.compress_size


def below(members: Iterable[str], folder: str) -> Iterator[str]:
    """The addresses that lie in a folder of the archive; the folder ``""`` is the archive."""
    start = f"{folder}/" if folder else ""
    return (address for address in members if address.startswith(start))
