"""The File Meta Information: where it begins and which transfer syntax it states (PS3.10 7.1)."""

from pydicom import uid
from pydicom.dataset import Dataset

from radsal.core.errors import RefusalCode
from radsal.dicom.attributes import text
from radsal.dicom.faults import refuse
from radsal.dicom.files.elements import Wanted
from radsal.dicom.syntaxes import SYNTAXES, Syntax, name_of

META = Wanted(("MediaStorageSOPClassUID", "TransferSyntaxUID"), range(0x00020000, 0x00030000))

_FIRST_GROUPS = (b"\x08\x00\x00\x00", b"\x08\x00\x05\x00", b"\x08\x00\x08\x00", b"\x08\x00\x16\x00")


def start_of(head: bytes) -> int:
    """Offset of the File Meta Information. Raises Refusal.

    Parameters
    ----------
    head:
        The first bytes of the file, 256 or more.
    """
    if head[128:132] == b"DICM":
        return 132
    if head[:4] == b"\x02\x00\x00\x00":  # no preamble, but the transfer syntax is stated
        return 0
    if any(group in head[:256] for group in _FIRST_GROUPS):
        raise refuse(
            RefusalCode.NO_TRANSFER_SYNTAX,
            "The file has no DICOM File Meta Information, so its transfer syntax is not known.",
            "Export it again from where it came from, as a DICOM file (PS3.10).",
        )
    raise refuse(RefusalCode.NOT_DICOM, "This is not a DICOM file.")


def is_directory(meta: Dataset) -> bool:
    """Whether the file is a DICOMDIR."""
    return text(meta, "MediaStorageSOPClassUID") == uid.MediaStorageDirectoryStorage


def syntax_of(meta: Dataset) -> Syntax:
    """The transfer syntax, among those that are read. Raises Refusal."""
    stated = text(meta, "TransferSyntaxUID")
    if not stated:
        raise refuse(RefusalCode.NO_TRANSFER_SYNTAX, "The file does not state its transfer syntax.")
    known = SYNTAXES.get(stated)
    if known is None:
        raise refuse(
            RefusalCode.UNSUPPORTED_SYNTAX,
            f"The transfer syntax {name_of(stated[:64])} cannot be decoded.",
        )
    return known
