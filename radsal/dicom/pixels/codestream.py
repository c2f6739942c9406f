"""What a compressed frame says of its own size, read before a decoder sees it."""

from dataclasses import dataclass

from pydicom.uid import UID, JPEGLSTransferSyntaxes

from radsal.core.errors import RefusalCode
from radsal.dicom.faults import refuse
from radsal.dicom.limits import Limits
from radsal.dicom.pixels.pixelformat import PixelFormat
from radsal.dicom.syntaxes import JPEG2000_FAMILY, JPEG_FAMILY, UNSIGNED_ONLY

_LIMITS = Limits()
_MOST_CANVAS = 2 * _LIMITS.pixels

# Start Of Frame markers: FFC0 to FFCF without DHT, JPG and DAC (ISO 10918-1), FFF7 (ISO 14495-1)
_FRAMES = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


@dataclass(frozen=True, slots=True)
class FrameInfo:
    """Size, samples per pixel and bits per sample of a codestream.

    ``space`` is the colour space that it says the decoded samples have: ``RGB``, ``YBR_FULL``,
    or empty where it does not say. ``uniform``, that all samples have the same size, bits and no
    sign, and ``canvas``, the pixels that the image lies among, are told of JPEG 2000 alone.
    """

    rows: int
    columns: int
    samples: int
    precision: int
    space: str = ""
    uniform: bool = True
    canvas: int = 0


def frame_info(frame: bytes, syntax: UID) -> FrameInfo | None:
    """Read the codestream's own header; None for RLE, which has none. Raises Refusal."""
    if syntax in JPEG2000_FAMILY:
        return _jpeg2000(frame)
    if syntax in JPEG_FAMILY:
        return _jpeg(frame, syntax)
    return None


def check_frame(frame: bytes, syntax: UID, form: PixelFormat) -> None:
    """Raise Refusal where codestream and header disagree, or a few bytes ask for a huge image."""
    if _LIMITS.outgrown(form.frame_bytes, len(frame)):
        raise refuse(
            RefusalCode.TOO_LARGE,
            f"The frame has {form.frame_bytes:,} bytes, more than {_LIMITS.ratio} times what is "
            "there of it.",
        )
    info = frame_info(frame, syntax)
    if info is None:
        return
    if (info.rows, info.columns) != (form.rows, form.columns):
        raise refuse(
            RefusalCode.CORRUPT,
            f"The header states {form.rows} x {form.columns} pixels, the compressed image has "
            f"{info.rows} x {info.columns}.",
        )
    if info.samples != form.samples:
        raise refuse(
            RefusalCode.CORRUPT,
            f"The header states {form.samples} samples per pixel, the compressed image has "
            f"{info.samples}.",
        )
    if not 1 <= info.precision <= form.bits_allocated:
        raise refuse(
            RefusalCode.CORRUPT,
            f"The header allocates {form.bits_allocated} bits, the compressed image has "
            f"{info.precision}.",
        )
    if info.canvas > _MOST_CANVAS:  # the decoder allocates all of it
        raise refuse(
            RefusalCode.TOO_LARGE,
            f"The compressed image lies on a canvas of {info.canvas:,} pixels; the limit is "
            f"{_MOST_CANVAS:,}.",
        )
    _check_samples(info, form)


def _check_samples(info: FrameInfo, form: PixelFormat) -> None:
    if form.samples == 1:
        return
    if info.precision != 8:
        raise refuse(
            RefusalCode.CORRUPT,
            f"The header states 8 bits of each colour, the compressed image has {info.precision}.",
        )
    if not info.uniform:
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS,
            "The colours of the compressed image differ in size, bits or sign.",
        )


def colour_space(frame: bytes, syntax: UID, stated: str) -> str:
    """``RGB`` or ``YBR_FULL``: what the samples of a colour codestream are once decoded.

    The header's photometric interpretation says it, unless the codestream knows better:

    ================ ===============================================================
    JPEG, baseline   component identifiers R, G, B: RGB; Adobe's APP14: what it says;
    and extended     JFIF's APP0: YBR (ISO 10918-5)
    JPEG lossless    identifiers R, G, B and APP14 alone: encoders write a JFIF
                     header before RGB too
    JPEG 2000        a multiple component transformation is undone by the decoder:
                     RGB. A header that states another one than the codestream is
                     refused
    JPEG-LS, RLE     nothing
    ================ ===============================================================

    Raises Refusal.
    """
    info = frame_info(frame, syntax)
    told = info.space if info is not None else ""
    transformed = stated in ("YBR_ICT", "YBR_RCT")
    if syntax in JPEG2000_FAMILY and stated != "RGB" and transformed != bool(told):
        with_it = "with" if told else "without"
        raise refuse(
            RefusalCode.CORRUPT,
            f"The header states {stated}, the compressed image was made {with_it} a colour "
            "transformation.",
        )
    return told or ("RGB" if stated == "RGB" else "YBR_FULL")


def _jpeg2000(frame: bytes) -> FrameInfo:
    """SIZ marker segment (ISO 15444-1 A.5.1), right after the Start Of Codestream."""
    start = frame.find(b"\xff\x4f\xff\x51", 0, 4096)  # after the boxes of a JP2 wrapper, if any
    siz = frame[start + 4 : start + 42]
    samples = int.from_bytes(siz[36:38])
    parts = frame[start + 42 : start + 42 + 3 * samples]
    if start < 0 or not samples or len(parts) < 3 * samples:
        raise refuse(RefusalCode.CORRUPT, "The pixel data is no JPEG 2000 codestream.")
    width, height, left, top = (int.from_bytes(siz[i : i + 4]) for i in (4, 8, 12, 16))
    transformed = samples >= 3 and _transformed(frame, start + 2)
    return FrameInfo(
        height - top,
        width - left,
        samples,
        (parts[0] & 0x7F) + 1,
        "RGB" if transformed else "",
        canvas=width * height,
        uniform=parts == bytes((parts[0] & 0x7F, 1, 1)) * samples,
    )


def _transformed(frame: bytes, at: int) -> bool:
    """Whether the COD marker segment asks for a multiple component transformation (A.6.1)."""
    while frame[at : at + 1] == b"\xff" and frame[at + 1] not in (0x90, 0xD9):
        if frame[at + 1] == 0x52:
            return frame[at + 8 : at + 9] == b"\x01"
        at += 2 + max(int.from_bytes(frame[at + 2 : at + 4]), 2)
    return False


def _jpeg(frame: bytes, syntax: UID) -> FrameInfo:
    """Frame header (ISO 10918-1 B.2.2), and what the segments before it say of the colours."""
    damaged = refuse(RefusalCode.CORRUPT, "The pixel data is no JPEG codestream.")
    at, space = 2, ""
    while frame[:2] == b"\xff\xd8" and at + 9 < len(frame):
        marker = frame[at + 1]
        if frame[at] != 0xFF:
            break
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAMES:
            precision, samples = frame[at + 4], frame[at + 9]
            rows, columns = (int.from_bytes(frame[i : i + 2]) for i in (at + 5, at + 7))
            if frame[at + 10 : at + 19 : 3] in (b"RGB", b"rgb"):
                space = "RGB"
            return FrameInfo(rows, columns, samples, precision, space)
        length = int.from_bytes(frame[at + 2 : at + 4])
        space = _told(marker, frame[at + 4 : at + 2 + length], syntax) or space
        at += 2 + length
    raise damaged


def _told(marker: int, content: bytes, syntax: UID) -> str:
    """The colour space that an application segment states, or nothing."""
    if syntax in JPEGLSTransferSyntaxes:
        return ""
    if marker == 0xEE and content.startswith(b"Adobe") and len(content) >= 12:
        return {0: "RGB", 1: "YBR_FULL"}.get(content[11], "")
    if marker == 0xE0 and content.startswith(b"JFIF") and syntax in UNSIGNED_ONLY:
        return "YBR_FULL"
    return ""
