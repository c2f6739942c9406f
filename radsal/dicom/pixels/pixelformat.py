"""The Image Pixel Module (PS3.3 C.7.6.3), checked before anything is decoded."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radsal.core.errors import RefusalCode
from radsal.dicom.attributes import count, text
from radsal.dicom.faults import refuse
from radsal.dicom.files.source import UNDEFINED, Source
from radsal.dicom.limits import Limits
from radsal.dicom.syntaxes import JPEG2000_FAMILY, UNSIGNED_ONLY, Syntax

GRAY = ("MONOCHROME1", "MONOCHROME2")
PALETTE = "PALETTE COLOR"
HALVED = "YBR_FULL_422"  # two pixels share their chroma
_OF_JPEG_2000 = ("YBR_ICT", "YBR_RCT")
_SAMPLES = {
    **dict.fromkeys((*GRAY, PALETTE), 1),
    **dict.fromkeys(("RGB", "YBR_FULL", HALVED, *_OF_JPEG_2000), 3),
}


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """The Image Pixel Module of a gray or colour image. ``planar``: one plane per sample."""

    rows: int
    columns: int
    frames: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    photometric: str
    samples: int = 1
    planar: bool = False

    @property
    def frame_shape(self) -> tuple[int, ...]:
        """Shape of one native frame as it lies in the file (C.7.6.3.1.3).

        (rows, columns), of colours (rows, columns, 3) or by plane (3, rows, columns); of
        YBR_FULL_422 (rows, columns / 2, 4): two lumas, then the chroma of both.
        """
        if self.samples == 1:
            return self.rows, self.columns
        if self.photometric == HALVED:
            return self.rows, self.columns // 2, 4
        return (3, self.rows, self.columns) if self.planar else (self.rows, self.columns, 3)

    @property
    def frame_bytes(self) -> int:
        """Bytes of one native frame."""
        return math.prod(self.frame_shape) * (self.bits_allocated // 8)

    @property
    def dtype(self) -> np.dtype[np.integer]:
        """Native dtype of stored values: the smallest that holds the allocated bits."""
        kind = "i" if self.signed else "u"
        return np.dtype(f"={kind}{self.bits_allocated // 8}")

    @property
    def is_colour(self) -> bool:
        """Whether the pixels are shown in colour."""
        return self.photometric not in GRAY

    def empty(self) -> NDArray[np.integer]:
        """An array for one native frame."""
        return np.empty(self.frame_shape, self.dtype)


def pixel_format(source: Source, limits: Limits) -> PixelFormat:
    """Read and check the Image Pixel Module. Raises Refusal."""
    data = source.data
    samples = _samples(source)
    stored = count(data, "BitsStored")
    form = PixelFormat(
        rows=count(data, "Rows"),
        columns=count(data, "Columns"),
        frames=count(data, "NumberOfFrames", default=1),
        bits_allocated=count(data, "BitsAllocated"),
        bits_stored=stored,
        high_bit=count(data, "HighBit", default=stored - 1),
        signed=_flag("PixelRepresentation", count(data, "PixelRepresentation")),
        photometric=text(data, "PhotometricInterpretation"),
        samples=samples,
        planar=samples > 1 and _planar(source),
    )
    _check_size(form, limits)
    _check_bits(form, source.syntax)
    _check_colour(form, source.syntax)
    return form


def _samples(source: Source) -> int:
    """Samples per Pixel (0028,0002), where it fits a photometric interpretation that is read."""
    photometric = text(source.data, "PhotometricInterpretation")
    if not photometric:
        raise refuse(RefusalCode.CORRUPT, "The header does not state PhotometricInterpretation.")
    samples = count(source.data, "SamplesPerPixel", default=_SAMPLES.get(photometric, 1))
    if samples != _SAMPLES.get(photometric):
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS,
            f"Pixels that are {photometric[:16]} with {samples} samples each are not supported.",
        )
    return samples


def _planar(source: Source) -> bool:
    """Planar Configuration (0028,0006); compressed pixels say themselves how they lie."""
    if not source.syntax.native:
        return False
    planes = count(source.data, "PlanarConfiguration", default=0)
    return _flag("PlanarConfiguration", planes)


def _flag(name: str, value: int) -> bool:
    if value not in (0, 1):
        raise refuse(RefusalCode.CORRUPT, f"{name} is {value}, not 0 or 1.")
    return value == 1


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


def _check_colour(form: PixelFormat, syntax: Syntax) -> None:
    """What a display cannot show exactly in 8 bits per colour is refused."""
    name = form.photometric
    if form.samples == 3 and (form.bits_allocated, form.bits_stored, form.signed) != (8, 8, False):
        sign = "signed " if form.signed else ""
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS,
            f"{name} of {form.bits_stored} {sign}bits in {form.bits_allocated} is not supported, "
            "only of 8 bits.",
        )
    if name in _OF_JPEG_2000 and syntax.uid not in JPEG2000_FAMILY:
        raise refuse(
            RefusalCode.CORRUPT, f"{name} is a colour space of JPEG 2000, not of {syntax.uid.name}."
        )
    if name == PALETTE and syntax.lossy:
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS,
            f"A palette's colours are lost in {syntax.uid.name}, which changes the values.",
        )
    if name == HALVED and syntax.native and (form.columns % 2 or form.planar):
        raise refuse(
            RefusalCode.CORRUPT, f"{name} needs an even number of columns, colours by pixel."
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
    _check_halved(form, pixels.length)
    if pixels.length < form.frames * form.frame_bytes:
        raise refuse(
            RefusalCode.CORRUPT,
            f"The pixel data has {pixels.length:,} bytes; {form.frames} x {form.rows} x "
            f"{form.columns} pixels need {form.frames * form.frame_bytes:,}.",
        )


def _check_halved(form: PixelFormat, length: int) -> None:
    """Many files call pixels YBR_FULL_422 that hold all of their chroma, or are RGB."""
    full = form.frames * form.rows * form.columns * 3
    if form.photometric == HALVED and full <= length <= full + 1:
        raise refuse(
            RefusalCode.CORRUPT,
            f"The header states {HALVED}, but the pixel data has all three samples of each pixel.",
        )
