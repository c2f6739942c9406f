"""From a path to its data set, its transfer syntax and the place of its pixel data."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

from radsal.dicom.files.dicomdir import why_no_image
from radsal.dicom.files.elements import Part, Wanted, read_elements
from radsal.dicom.files.meta import META, is_directory, start_of, syntax_of
from radsal.dicom.files.pictures import Picture, media_type, picture_of
from radsal.dicom.files.plain import read_plain
from radsal.dicom.files.sequences import UNDEFINED, Walk
from radsal.dicom.files.streams import stream_of
from radsal.dicom.files.unpacking import Unpacked, check_growth, chunks, inflated
from radsal.dicom.limits import Limits
from radsal.dicom.syntaxes import Syntax

__all__ = ["KEYWORDS", "UNDEFINED", "PixelElement", "Source", "opened"]

_HEAD = 32 << 10  # bytes that are read at once: nearly every header ends before
_BEFORE_PIXELS = range(0x7FE00008)  # Float Pixel Data; Double Float and Pixel Data follow it

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
#: Of each overlay group, 6000 to 601E (PS3.3 C.9.2); read with the pixels, not with the header.
OVERLAY_GROUPS = range(0x6000, 0x6020, 2)
OVERLAY_ELEMENTS = (
    *(0x0010, 0x0011, 0x0015, 0x0022, 0x0040, 0x0050, 0x0051, 0x0060),
    *(0x0100, 0x0102, 0x1500, 0x3000),
)
_PLANES = [group << 16 | element for group in OVERLAY_GROUPS for element in OVERLAY_ELEMENTS]

_HEADER = Wanted(KEYWORDS, _BEFORE_PIXELS)
_WHOLE = Wanted((*KEYWORDS, *_PLANES), _BEFORE_PIXELS)


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
def opened(path: Path, limits: Limits, *, whole: bool = False) -> Iterator[Source | Picture]:
    """Open a DICOM file (PS3.10 section 7) or a picture, on disk or in a ZIP archive.

    Parameters
    ----------
    whole:
        The pixels are wanted: the groups of the overlays are read, and what is compressed is
        inflated to its end, so that its checksum is compared. Otherwise it is inflated as far as
        the header reaches.

    Raises Refusal, OSError, and whatever pydicom does.
    """
    with stream_of(path, limits, whole=whole) as (stream, size):
        head = stream.read(_HEAD)
        if kind := media_type(head):
            yield picture_of(path, stream, kind, limits)
            return
        streams = _Streams(stream, size, head)
        meta = streams.read(start_of(head), Walk(False, True, limits), META)
        if is_directory(meta.data):
            raise why_no_image(path, limits)
        syntax, start = syntax_of(meta.data), meta.end
        if syntax.deflated:
            stream.seek(start)
            streams, start = _inflated(stream, limits, whole=whole), 0
        walk = Walk(syntax.uid.is_implicit_VR, syntax.uid.is_little_endian, limits)
        part = streams.read(start, walk, _WHOLE if whole else _HEADER)
        yield _source(path, streams, syntax, part, limits)


class _Streams(NamedTuple):
    """A data set's stream, and its first bytes in memory, where pydicom reads twice as fast.

    ``size`` is None where it is not known yet.
    """

    whole: BinaryIO
    size: int | None
    head: bytes = b""

    def read(self, start: int, walk: Walk, wanted: Wanted) -> Part:
        """Read elements; see :func:`~radsal.dicom.files.elements.read_elements`."""
        if self.head:
            encoding = walk.implicit, walk.little
            part = read_plain(self.head, start, encoding, wanted, walk.limits)
            if part is not None:
                return part
            with suppress(Exception):  # cut off in the middle of an element
                part = read_elements(io.BytesIO(self.head), walk.again(), wanted, start)
                if part.met is not None and part.end + 12 <= len(self.head):
                    return part
        return read_elements(self.whole, walk, wanted, start)


def _inflated(stream: BinaryIO, limits: Limits, *, whole: bool) -> _Streams:
    """A deflated data set (PS3.5 A.5) as a stream that is inflated where it is read."""
    body = Unpacked(inflated(chunks(stream), limits.inflated_bytes, limits))
    if whole:
        body.finish()
    return _Streams(body, body.size)  # type: ignore[arg-type]


def _source(path: Path, streams: _Streams, syntax: Syntax, part: Part, limits: Limits) -> Source:
    pixels = None
    if part.met is not None and part.met.tag <= 0x7FE00010:
        pixels = PixelElement(part.met.tag, part.met.vr, part.met.offset, part.met.length)
    size = streams.size
    if size is None and isinstance(streams.whole, Unpacked):  # by now its end may have been reached
        size = streams.whole.size
    if size is None:  # not inflated to its end: it is taken to hold what it states
        size = part.end if pixels is None else pixels.offset + pixels.length
        check_growth(size, size, limits.inflated_bytes, limits)
    # what stops the reading lies behind values that are whole
    cut = part.end > size or (part.met is None and (part.end < size or _is_cut(part.data)))
    return Source(path, streams.whole, size, syntax, part.data, pixels, cut)


def _is_cut(data: Dataset) -> bool:
    """Whether a value is shorter than its element says."""
    for element in data.values():
        if isinstance(element, RawDataElement):
            missing = element.length - len(element.value or b"")
            if missing and element.length != UNDEFINED:
                return True
    return False
