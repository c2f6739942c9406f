"""PNG and JPEG pictures of radiographs: no DICOM, so no identity and no calibration.

Read are gray pictures of 1 to 8 and of 16 bits, and colour of 8 bits a channel; colour whose
channels are equal is gray. Values are the picture's own: gamma, colour profiles and stated densities
(pHYs, JFIF) are left aside, as nothing says that they come from the device. The Orientation that a
JPEG's EXIF states is followed; that of a PNG is not, as the PNG specification asks (eXIf).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from radsal.core.decoded import Decoded
from radsal.core.errors import RadSalError, RefusalCode
from radsal.core.radiograph import GrayscaleChain, ImageHeader, PixelSpacing, VoiWindow
from radsal.dicom.faults import log, refuse
from radsal.dicom.files.segments import check_segments
from radsal.dicom.files.transparency import check_opaque
from radsal.dicom.limits import Limits

PNG, JPEG = "image/png", "image/jpeg"
_MAGIC = {PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff"}
_GRAY = (
    "1",
    "L",
    "I;16",
)  # modes of Pillow whose pixels need not be seen to know that they are gray
_MODES = (*_GRAY, "LA", "P", "RGB", "RGBA")
_SIDEWAYS = (5, 6, 7, 8)  # orientations that exchange rows and columns


def media_type(head: bytes) -> str:
    """``image/png`` or ``image/jpeg`` by the first 132 bytes of a file; empty for other files."""
    if head[128:132] == b"DICM":  # the preamble is free
        return ""
    return next((kind for kind, magic in _MAGIC.items() if head.startswith(magic)), "")


@dataclass(frozen=True)
class Picture:
    """An open picture whose size was checked; its pixels are decoded when they are asked for."""

    path: Path
    image: Image.Image
    media_type: str
    sha256: bytes
    orientation: int  # of EXIF, 1 to 8

    @cached_property
    def stored(self) -> NDArray[np.integer]:
        """Gray, (rows, columns), uint8 or uint16, or RGB, (rows, columns, 3), uint8. Raises Refusal."""
        with _faults(self.media_type):
            self.image.load()
            check_opaque(self.image)
            return np.ascontiguousarray(_turned(_values(self.image), self.orientation))

    @property
    def header(self) -> ImageHeader:
        """The header; where it takes the pixels to know whether they are gray they are decoded."""
        gray = self.image.mode in _GRAY or self.stored.ndim == 2
        size = self.image.size
        columns, rows = size[::-1] if self.orientation in _SIDEWAYS else size
        return ImageHeader(
            path=self.path,
            sop_instance_uid=_uid(self.sha256),
            sop_class_uid="",
            study_instance_uid=_uid(hashlib.sha256(b"study" + self.sha256).digest()),
            series_instance_uid=_uid(hashlib.sha256(b"series" + self.sha256).digest()),
            modality="",
            transfer_syntax="",
            photometric="MONOCHROME2" if gray else "RGB",
            rows=rows,
            columns=columns,
            frames=1,
            bits_stored=self._bits,
            lossy=self.media_type == JPEG,
            media_type=self.media_type,
        )

    @property
    def decoded(self) -> Decoded:
        """The picture as a radiograph that is shown as the picture is. Raises Refusal."""
        whole = VoiWindow(1 << (self._bits - 1), 1 << self._bits, explanation="As in the picture")
        chain = GrayscaleChain(self._bits, signed=False, windows=(whole,))
        return Decoded(self.header, self.stored, chain, PixelSpacing())

    @property
    def _bits(self) -> int:
        return 16 if self.image.mode == "I;16" else 8


def picture_of(path: Path, stream: BinaryIO, kind: str, limits: Limits) -> Picture:
    """Open a picture and check what its header says, before anything is decoded. Raises Refusal."""
    stream.seek(0)
    sha256 = hashlib.file_digest(stream, "sha256").digest()  # type: ignore[arg-type]
    size = stream.tell()
    check_segments(stream, png=kind == PNG, limits=limits)
    with _faults(kind):
        if kind == PNG:
            whole = _opened(stream, kind)
            _check_depth(stream, whole)
            whole.verify()  # the checksums of all chunks: decoding compares none
        image = _opened(stream, kind)
        _check_size(image, size, limits)
        _check_mode(image)
        return Picture(path, image, kind, sha256, _orientation(image) if kind == JPEG else 1)


def _opened(stream: BinaryIO, kind: str) -> Image.Image:
    stream.seek(0)
    return Image.open(stream, formats=[kind.partition("/")[2].upper()])


@contextmanager
def _faults(kind: str) -> Iterator[None]:
    """Whatever Pillow raises leaves as a Refusal, errors of the disk and of memory as they are."""
    name = kind.partition("/")[2].upper()
    try:
        yield
    except (RadSalError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise refuse(
            RefusalCode.TOO_LARGE, f"The {name} picture has more pixels than the limit."
        ) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        code = RefusalCode.TRUNCATED if "truncated" in str(error).lower() else RefusalCode.CORRUPT
        how = "ends too early" if code is RefusalCode.TRUNCATED else "is damaged"
        raise refuse(code, f"The {name} picture {how}.") from error


def _check_depth(stream: BinaryIO, image: Image.Image) -> None:
    """Refuse what Pillow changes in silence: the depth of 16-bit colour, a clear gray of 1 to 4 bits.

    Bit depth and colour type stand at the same place of every PNG (11.2.1).
    """
    stream.seek(24)
    depth, colour = stream.read(2)
    if (depth == 16 and colour != 0) or (
        depth < 8 and colour == 0 and "transparency" in image.info
    ):
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS,
            f"PNG pictures of {depth} bits with colour or transparency are not supported.",
            "Save it as gray, without transparency.",
        )


def _check_size(image: Image.Image, size: int, limits: Limits) -> None:
    columns, rows = image.size
    if rows * columns > limits.pixels:
        raise refuse(
            RefusalCode.TOO_LARGE,
            f"The picture has {rows} x {columns} pixels; the limit is {limits.pixels:,}.",
        )
    if limits.outgrown(rows * columns * len(image.getbands()), size):
        raise refuse(
            RefusalCode.TOO_LARGE,
            f"The picture has {rows} x {columns} pixels, more than {limits.ratio} times the size "
            "of its file.",
        )


def _check_mode(image: Image.Image) -> None:
    if getattr(image, "n_frames", 1) > 1:
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS, "The picture is animated, or is several pictures."
        )
    if image.mode not in _MODES:
        raise refuse(RefusalCode.UNSUPPORTED_PIXELS, f"Pictures in {image.mode} are not supported.")


def _orientation(image: Image.Image) -> int:
    """EXIF Orientation, 1 where there is none."""
    try:
        stated = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception as error:  # noqa: BLE001 - a camera's notes, of which Pillow makes nothing
        log.info("EXIF is unreadable (%s)", type(error).__name__)
        return 1
    return stated if stated in range(1, 9) else 1


def _values(image: Image.Image) -> NDArray[np.integer]:
    """Gray values, or RGB."""
    if image.mode == "I;16":
        return np.asarray(image).astype(np.uint16, copy=False)
    if image.mode in ("1", "L", "LA"):
        return np.asarray(image.convert("L"))
    colour = image if image.mode == "RGB" else image.convert("RGB")
    red = np.asarray(colour.getchannel(0))
    if all(np.array_equal(red, np.asarray(colour.getchannel(other))) for other in (1, 2)):
        return red
    return np.asarray(colour)


def _turned(values: NDArray[np.integer], orientation: int) -> NDArray[np.integer]:
    """Rows and columns as EXIF's Orientation asks (CIPA DC-008, 4.6.5)."""
    if orientation in _SIDEWAYS:
        values = values.swapaxes(0, 1)
    flip_rows, flip_columns = orientation in (3, 4, 7, 8), orientation in (2, 3, 6, 7)
    return values[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]


def _uid(digest: bytes) -> str:
    """A UID made from a hash (PS3.5 B.2): 128 of its bits below 2.25."""
    return f"2.25.{int.from_bytes(digest[:16])}"
