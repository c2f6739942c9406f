"""From a path to its data set, its transfer syntax and the place of its pixel data."""

import io
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydicom import uid
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from radsal.core.errors import RefusalCode
from radsal.dicom.attributes import text
from radsal.dicom.faults import refuse
from radsal.dicom.limits import Limits
from radsal.dicom.syntaxes import SYNTAXES, Syntax, name_of

UNDEFINED = 0xFFFFFFFF
_HEAD = 32 << 10  # bytes that are read at once: nearly every header ends before
_PIXELS_BEGIN = 0x7FE00008  # Float Pixel Data; Double Float and Pixel Data follow it
_META = (0x00020000, 0x00030000)  # the tags of the File Meta Information
_FIRST_GROUPS = (b"\x08\x00\x00\x00", b"\x08\x00\x05\x00", b"\x08\x00\x08\x00", b"\x08\x00\x16\x00")

KEYWORDS = (
    *("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID"),
    *("SeriesInstanceUID", "Modality", "PatientName", "PatientID", "PatientBirthDate"),
    *("PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "InstitutionName"),
    *("StudyDescription", "SeriesDescription", "SeriesNumber", "InstanceNumber"),
    *("BodyPartExamined", "ViewPosition", "Laterality", "ImageLaterality", "PatientOrientation"),
    *("BurnedInAnnotation", "PatientIdentityRemoved", "LossyImageCompression"),
    *("SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "Rows", "Columns"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("PixelPaddingValue", "PixelPaddingRangeLimit", "RescaleSlope", "RescaleIntercept"),
    *("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "VOILUTFunction"),
    *("ModalityLUTSequence", "VOILUTSequence", "PresentationLUTShape", "PixelSpacing"),
    *("ImagerPixelSpacing", "PixelSpacingCalibrationType", "PixelAspectRatio"),
    *("EstimatedRadiographicMagnificationFactor", "PlanarConfiguration"),
    *("RedPaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData"),
    *("GreenPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableData"),
    *("BluePaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData"),
    "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData",
    *("ShutterShape", "ShutterLeftVerticalEdge", "ShutterRightVerticalEdge"),
    *("ShutterUpperHorizontalEdge", "ShutterLowerHorizontalEdge", "CenterOfCircularShutter"),
    *("RadiusOfCircularShutter", "VerticesOfThePolygonalShutter", "ShutterPresentationValue"),
    *("ShutterOverlayGroup", "ShutterPresentationColorCIELabValue"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *("ExtendedOffsetTable", "ExtendedOffsetTableLengths"),
)
_META_TAGS: list[BaseTag | int] = [0x00020002, 0x00020010]  # SOP class, transfer syntax
# plain numbers: pydicom looks every tag of a file up among them, and a BaseTag compares slowly
_TAGS: list[BaseTag | int] = [int(Tag(keyword)) for keyword in KEYWORDS]
#: Of each overlay group, 6000 to 601E (PS3.3 C.9.2); read with the pixels, not with the header.
OVERLAY_GROUPS = range(0x6000, 0x6020, 2)
OVERLAY_ELEMENTS = (
    *(0x0010, 0x0011, 0x0015, 0x0022, 0x0040, 0x0050, 0x0051, 0x0060),
    *(0x0100, 0x0102, 0x1500, 0x3000),
)
_PLANES: list[BaseTag | int] = [
    group << 16 | element for group in OVERLAY_GROUPS for element in OVERLAY_ELEMENTS
]


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the pixel data lies. ``length`` is ``UNDEFINED`` where it is encapsulated."""

    tag: int
    vr: str | None
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: the attributes that RadSal reads, and the way to its pixel data.

    ``stream`` holds the data set (inflated where it was deflated), ``size`` its bytes.
    """

    path: Path
    stream: BinaryIO
    size: int
    syntax: Syntax
    data: Dataset
    pixels: PixelElement | None
    cut: bool  # an attribute ends past the end of the file


@contextmanager
def opened(path: Path, limits: Limits, *, overlays: bool = False) -> Iterator[Source]:
    """Open a DICOM file (PS3.10 section 7), with the groups of its overlays where asked for.

    Raises Refusal, OSError, and whatever pydicom does.
    """
    _check_size(path, limits)
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        size = stream.seek(0, io.SEEK_END)
        streams = _Streams(stream, size, io.BytesIO(head), len(head))
        meta = streams.read(_start(head[:256]), False, True, _META, _META_TAGS)
        syntax, start = _syntax(meta.data), meta.end
        if syntax.deflated:
            stream.seek(start)
            streams, start = _inflated(stream.read(), limits), 0
        yield _read(path, streams, start, syntax, [*_TAGS, *_PLANES] if overlays else _TAGS)


def _check_size(path: Path, limits: Limits) -> None:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe or a device would be waited for, for ever
        kind = "a folder that could not be read" if stat.S_ISDIR(status.st_mode) else "no file"
        raise refuse(RefusalCode.UNREADABLE, f"This is {kind}.")
    if status.st_size == 0:
        raise refuse(RefusalCode.EMPTY, "The file is empty.")
    if status.st_size > limits.file_bytes:
        raise refuse(
            RefusalCode.TOO_LARGE,
            f"The file has {status.st_size:,} bytes; the limit is {limits.file_bytes:,}.",
        )


def _start(head: bytes) -> int:
    """Offset of the File Meta Information."""
    if head[128:132] == b"DICM":
        return 132
    if head[:4] == b"\x02\x00\x00\x00":  # no preamble, but the transfer syntax is stated
        return 0
    if any(group in head for group in _FIRST_GROUPS):
        raise refuse(
            RefusalCode.NO_TRANSFER_SYNTAX,
            "The file has no DICOM File Meta Information, so its transfer syntax is not known.",
            "Export it again from where it came from, as a DICOM file (PS3.10).",
        )
    raise refuse(RefusalCode.NOT_DICOM, "This is not a DICOM file.")


def _syntax(meta: Dataset) -> Syntax:
    stated = text(meta, "TransferSyntaxUID")
    if not stated:
        raise refuse(RefusalCode.NO_TRANSFER_SYNTAX, "The file does not state its transfer syntax.")
    known = SYNTAXES.get(stated)
    if known is None:
        name = name_of(stated[:64])
        if text(meta, "MediaStorageSOPClassUID") == uid.MediaStorageDirectoryStorage:
            raise refuse(RefusalCode.NO_IMAGE, "This is a DICOMDIR, which holds no image.")
        raise refuse(
            RefusalCode.UNSUPPORTED_SYNTAX, f"The transfer syntax {name} cannot be decoded."
        )
    return known


def _inflated(data: bytes, limits: Limits) -> "_Streams":
    body = inflate(data, limits.inflated_bytes)
    return _Streams(io.BytesIO(body), len(body))


def inflate(data: bytes, limit: int) -> bytes:
    """Inflate a raw deflate stream (PS3.5 A.5) to at most ``limit`` bytes. Raises Refusal."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        out = inflater.decompress(data, limit + 1)
    except zlib.error:
        raise refuse(RefusalCode.CORRUPT, "The deflated data set is damaged.") from None
    if len(out) > limit:
        raise refuse(RefusalCode.TOO_LARGE, f"The data set inflates to more than {limit:,} bytes.")
    if not inflater.eof:
        raise refuse(RefusalCode.TRUNCATED, "The deflated data set ends too early.")
    return out


class _Part(NamedTuple):
    """What pydicom read: ``end`` is where it stopped, ``met`` (tag, VR, length) what stopped it."""

    data: Dataset
    end: int
    met: tuple[int, str | None, int] | None


class _Streams(NamedTuple):
    """A data set's stream, and its first bytes in memory, where pydicom reads twice as fast."""

    whole: BinaryIO
    size: int
    head: BinaryIO | None = None
    head_size: int = 0

    def read(
        self,
        start: int,
        implicit: bool,
        little: bool,
        within: tuple[int, int],
        tags: list[BaseTag | int],
    ) -> _Part:
        """Read elements from ``start`` to the first tag that is not within two, or to the end."""
        if self.head is not None:
            with suppress(Exception):  # cut off in the middle of an element
                part = _part(self.head, start, implicit, little, within, tags)
                if part.met is not None and part.end + 12 <= self.head_size:
                    return part
        return _part(self.whole, start, implicit, little, within, tags)


def _part(
    stream: BinaryIO,
    start: int,
    implicit: bool,
    little: bool,
    within: tuple[int, int],
    tags: list[BaseTag | int],
) -> _Part:
    first, past = within
    met: tuple[int, str | None, int] | None = None

    def stop(tag: BaseTag, vr: str | None, length: int) -> bool:
        nonlocal met
        number = tag + 0  # a plain int: BaseTag compares slowly, and this is asked of every tag
        if first <= number < past:
            return False
        met = number, vr, length
        return True

    stream.seek(start)
    data = read_dataset(stream, implicit, little, stop_when=stop, specific_tags=tags)
    return _Part(data, stream.tell(), met)


def _read(
    path: Path,
    streams: _Streams,
    start: int,
    syntax: Syntax,
    tags: list[BaseTag | int],
) -> Source:
    implicit, little = syntax.uid.is_implicit_VR, syntax.uid.is_little_endian
    part = streams.read(start, implicit, little, (0, _PIXELS_BEGIN), tags)
    pixels = None
    if part.met is not None and part.met[0] <= 0x7FE00010:
        tag, vr, length = part.met
        before = 12 if vr in EXPLICIT_VR_LENGTH_32 else 8
        pixels = PixelElement(tag, vr, part.end + before, length)
    size = streams.size
    cut = part.end > size or (part.met is None and part.end < size) or _is_cut(part.data)
    return Source(path, streams.whole, size, syntax, part.data, pixels, cut)


def _is_cut(data: Dataset) -> bool:
    """Whether a value is shorter than its element says."""
    for element in data.values():
        if isinstance(element, RawDataElement):
            missing = element.length - len(element.value or b"")
            if missing and element.length != UNDEFINED:
                return True
    return False
