"""What a compressed frame says of its own size, read before a decoder sees it."""

from dataclasses import dataclass

from pydicom.uid import UID

from radsal.core.errors import RefusalCode
from radsal.dicom.faults import refuse
from radsal.dicom.headers import PixelFormat
from radsal.dicom.syntaxes import JPEG2000_FAMILY, JPEG_FAMILY

# Start Of Frame markers: FFC0 to FFCF without DHT, JPG and DAC (ISO 10918-1), FFF7 (ISO 14495-1)
_FRAMES = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


@dataclass(frozen=True, slots=True)
class FrameInfo:
    """Size, samples per pixel and bits per sample of a codestream."""

    rows: int
    columns: int
    samples: int
    precision: int


def frame_info(frame: bytes, syntax: UID) -> FrameInfo | None:
    """Read the codestream's own header; None for RLE, which has none. Raises Refusal."""
    if syntax in JPEG2000_FAMILY:
        return _jpeg2000(frame)
    if syntax in JPEG_FAMILY:
        return _jpeg(frame)
    return None


def check_frame(frame: bytes, syntax: UID, form: PixelFormat) -> None:
    """Raise Refusal where the codestream and the header disagree."""
    info = frame_info(frame, syntax)
    if info is None:
        return
    if (info.rows, info.columns) != (form.rows, form.columns):
        raise refuse(
            RefusalCode.CORRUPT,
            f"The header states {form.rows} x {form.columns} pixels, the compressed image has "
            f"{info.rows} x {info.columns}.",
        )
    if info.samples != 1:
        raise refuse(
            RefusalCode.CORRUPT,
            f"The header states grayscale, the compressed image has {info.samples} samples.",
        )
    if not 1 <= info.precision <= form.bits_allocated:
        raise refuse(
            RefusalCode.CORRUPT,
            f"The header allocates {form.bits_allocated} bits, the compressed image has "
            f"{info.precision}.",
        )


def _jpeg2000(frame: bytes) -> FrameInfo:
    """SIZ marker segment (ISO 15444-1 A.5.1), right after the Start Of Codestream."""
    start = frame.find(b"\xff\x4f\xff\x51", 0, 4096)  # after the boxes of a JP2 wrapper, if any
    siz = frame[start + 4 : start + 43]
    if start < 0 or len(siz) < 39:
        raise refuse(RefusalCode.CORRUPT, "The pixel data is no JPEG 2000 codestream.")
    width, height, left, top = (int.from_bytes(siz[i : i + 4]) for i in (4, 8, 12, 16))
    samples = int.from_bytes(siz[36:38])
    return FrameInfo(height - top, width - left, samples, (siz[38] & 0x7F) + 1)


def _jpeg(frame: bytes) -> FrameInfo:
    """Frame header (ISO 10918-1 B.2.2)."""
    damaged = refuse(RefusalCode.CORRUPT, "The pixel data is no JPEG codestream.")
    at = 2
    while frame[:2] == b"\xff\xd8" and at + 9 < len(frame):
        marker = frame[at + 1]
        if frame[at] != 0xFF:
            break
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAMES:
            precision, samples = frame[at + 4], frame[at + 9]
            rows = int.from_bytes(frame[at + 5 : at + 7])
            return FrameInfo(rows, int.from_bytes(frame[at + 7 : at + 9]), samples, precision)
        at += 2 + int.from_bytes(frame[at + 2 : at + 4])
    raise damaged
