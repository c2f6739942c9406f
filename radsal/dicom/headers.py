"""The header of an image, and its pixel format, checked before anything is decoded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radsal.core.errors import RefusalCode
from radsal.core.radiograph import ImageHeader
from radsal.dicom.attributes import count, ordinal, text
from radsal.dicom.faults import refuse
from radsal.dicom.limits import Limits
from radsal.dicom.source import UNDEFINED, Source
from radsal.dicom.syntaxes import UNSIGNED_ONLY, Syntax, name_of

_PIXEL_DATA = 0x7FE00010
_GRAY = ("MONOCHROME1", "MONOCHROME2")


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """The Image Pixel Module (PS3.3 C.7.6.3) of a grayscale image."""

    rows: int
    columns: int
    frames: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    photometric: str

    @property
    def frame_bytes(self) -> int:
        """Bytes of one native frame."""
        return self.rows * self.columns * (self.bits_allocated // 8)

    @property
    def dtype(self) -> np.dtype[np.integer]:
        """Native dtype of stored values: the smallest that holds the allocated bits."""
        kind = "i" if self.signed else "u"
        return np.dtype(f"={kind}{self.bits_allocated // 8}")

    def empty(self) -> NDArray[np.integer]:
        """An array for one frame, (rows, columns)."""
        return np.empty((self.rows, self.columns), self.dtype)


def check_has_image(source: Source) -> None:
    """Raise Refusal unless the file holds integer pixel data."""
    if source.pixels is not None and source.pixels.tag == _PIXEL_DATA:
        return
    if source.pixels is not None:
        raise refuse(RefusalCode.UNSUPPORTED_PIXELS, "Floating point pixels are not supported.")
    if source.cut or "Rows" in source.data:
        raise refuse(RefusalCode.TRUNCATED, "The file ends before its pixel data.")
    sop_class = text(source.data, "SOPClassUID")
    kind = name_of(sop_class) if sop_class else "an unnamed kind"
    raise refuse(RefusalCode.NO_IMAGE, f"The object holds no image: it is {kind}.")


def pixel_format(source: Source, limits: Limits) -> PixelFormat:
    """Read and check the Image Pixel Module. Raises Refusal."""
    data = source.data
    _check_photometric(text(data, "PhotometricInterpretation"), source)
    stored = count(data, "BitsStored")
    form = PixelFormat(
        rows=count(data, "Rows"),
        columns=count(data, "Columns"),
        frames=count(data, "NumberOfFrames", default=1),
        bits_allocated=count(data, "BitsAllocated"),
        bits_stored=stored,
        high_bit=count(data, "HighBit", default=stored - 1),
        signed=_signed(count(data, "PixelRepresentation")),
        photometric=text(data, "PhotometricInterpretation"),
    )
    _check_size(form, limits)
    _check_bits(form, source.syntax)
    return form


def _check_photometric(photometric: str, source: Source) -> None:
    samples = count(source.data, "SamplesPerPixel", default=1)
    if not photometric:
        raise refuse(RefusalCode.CORRUPT, "The header does not state PhotometricInterpretation.")
    if photometric not in _GRAY or samples != 1:
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS,
            f"Colour images are not supported ({photometric[:16]}, {samples} samples per pixel).",
        )


def _signed(representation: int) -> bool:
    if representation not in (0, 1):
        raise refuse(RefusalCode.CORRUPT, f"PixelRepresentation is {representation}, not 0 or 1.")
    return representation == 1


def _check_size(form: PixelFormat, limits: Limits) -> None:
    for name, value in (("Rows", form.rows), ("Columns", form.columns)):
        if not 1 <= value <= 0xFFFF:
            raise refuse(RefusalCode.CORRUPT, f"{name} is {value}.")
    if form.frames < 1:
        raise refuse(RefusalCode.CORRUPT, f"NumberOfFrames is {form.frames}.")
    if form.rows * form.columns > limits.pixels:
        raise refuse(
            RefusalCode.TOO_LARGE,
            f"The image has {form.rows} x {form.columns} pixels; the limit is {limits.pixels:,}.",
        )
    if form.frames > limits.frames:
        raise refuse(
            RefusalCode.TOO_LARGE,
            f"The file has {form.frames} frames; the limit is {limits.frames}.",
        )


def _check_bits(form: PixelFormat, syntax: Syntax) -> None:
    allocated, stored, high = form.bits_allocated, form.bits_stored, form.high_bit
    if allocated not in (8, 16):
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS,
            f"Pixels of {allocated} bits are not supported, only 8 and 16.",
        )
    if not 1 <= stored <= allocated or not stored - 1 <= high < allocated:
        raise refuse(
            RefusalCode.CORRUPT,
            f"{stored} bits stored up to bit {high} do not fit into {allocated} bits allocated.",
        )
    if form.signed and syntax.uid in UNSIGNED_ONLY:
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS,
            f"Signed pixels are not allowed in {syntax.uid.name}; their sign is lost.",
        )
    if high != stored - 1 and not syntax.native:
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS,
            f"Compressed pixels of {stored} bits up to bit {high} are not supported.",
        )


def check_extent(source: Source, form: PixelFormat) -> None:
    """Raise Refusal where the pixel data ends before the frames that the header states."""
    pixels = source.pixels
    if pixels is None:
        return
    if not source.syntax.native:
        if pixels.length != UNDEFINED:
            raise refuse(RefusalCode.CORRUPT, "Compressed pixel data is not encapsulated.")
        return
    if pixels.length == UNDEFINED:
        raise refuse(RefusalCode.CORRUPT, "Uncompressed pixel data is encapsulated.")
    if pixels.offset + pixels.length > source.size:
        there = max(source.size - pixels.offset, 0)
        raise refuse(
            RefusalCode.TRUNCATED,
            f"The pixel data has {pixels.length:,} bytes, of which the file holds {there:,}.",
        )
    if pixels.length < form.frames * form.frame_bytes:
        raise refuse(
            RefusalCode.CORRUPT,
            f"The pixel data has {pixels.length:,} bytes; {form.frames} x {form.rows} x "
            f"{form.columns} pixels need {form.frames * form.frame_bytes:,}.",
        )


def image_header(source: Source, form: PixelFormat) -> ImageHeader:
    """The header as it is listed and shown in the corners. Raises Refusal."""
    data = source.data
    for keyword in ("SOPInstanceUID", "StudyInstanceUID"):
        if not text(data, keyword):
            raise refuse(RefusalCode.CORRUPT, f"The header does not state {keyword}.")
    return ImageHeader(
        path=source.path,
        sop_instance_uid=text(data, "SOPInstanceUID"),
        sop_class_uid=text(data, "SOPClassUID"),
        study_instance_uid=text(data, "StudyInstanceUID"),
        series_instance_uid=text(data, "SeriesInstanceUID"),
        modality=text(data, "Modality"),
        transfer_syntax=str(source.syntax.uid),
        photometric=form.photometric,
        rows=form.rows,
        columns=form.columns,
        frames=form.frames,
        bits_stored=form.bits_stored,
        lossy=is_lossy(source),
        patient_name=text(data, "PatientName"),
        patient_id=text(data, "PatientID"),
        birth_date=text(data, "PatientBirthDate"),
        sex=text(data, "PatientSex"),
        study_date=text(data, "StudyDate"),
        study_time=text(data, "StudyTime"),
        accession_number=text(data, "AccessionNumber"),
        institution=text(data, "InstitutionName"),
        study_description=text(data, "StudyDescription"),
        series_description=text(data, "SeriesDescription"),
        series_number=ordinal(data, "SeriesNumber"),
        instance_number=ordinal(data, "InstanceNumber"),
        body_part=text(data, "BodyPartExamined"),
        view_position=text(data, "ViewPosition"),
        laterality=text(data, "ImageLaterality") or text(data, "Laterality"),
        orientation=_orientation(text(data, "PatientOrientation")),
        burned_in=text(data, "BurnedInAnnotation"),
        deidentified=text(data, "PatientIdentityRemoved"),
    )


def is_lossy(source: Source) -> bool:
    """Whether the pixels ever were compressed with loss (PS3.3 C.7.6.1.1.5).

    ``LossyImageCompression`` 01, or a transfer syntax that is always lossy. JPEG 2000, HTJ2K and
    JPEG-LS near-lossless may hold lossless data: lossy unless the file says 00.
    """
    stated = text(source.data, "LossyImageCompression")
    if stated == "01" or source.syntax.lossy:
        return True
    return source.syntax.lossy is None and stated != "00"


def _orientation(stated: str) -> tuple[str, str] | None:
    """Patient Orientation (0020,0020) as (rows, columns), or None where not stated in full."""
    row, _, column = stated.partition("\\")
    if not row.strip() or not column.strip() or "\\" in column:
        return None
    return row.strip(), column.strip()
