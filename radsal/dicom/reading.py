"""Read a header or a whole radiograph from a file, or refuse it by name.

The published limits are those of :class:`radsal.dicom.limits.Limits`: 512 MiB per file, 256 MiB
after inflating, 64 Mpx per frame, 4096 frames, 65,536 fragments. The transfer syntaxes that are
read stand in :data:`radsal.dicom.syntaxes.SYNTAXES`. Read are MONOCHROME1 and MONOCHROME2 with 8
or 16 bits allocated.

Whatever bytes a file holds, nothing but :class:`~radsal.core.errors.Refusal` is raised. A decoder
may still crash the process on a hostile file: run :mod:`radsal.dicom.jobs` in a worker.
"""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radsal.core.decoded import Decoded
from radsal.core.identity import ImageIdentity
from radsal.core.radiograph import ImageHeader, Radiograph
from radsal.dicom.chain import grayscale_chain
from radsal.dicom.decoding import check_fragments, stored_values
from radsal.dicom.faults import faults_named
from radsal.dicom.headers import (
    PixelFormat,
    check_extent,
    check_has_image,
    image_header,
    pixel_format,
)
from radsal.dicom.limits import Limits
from radsal.dicom.source import Source, opened
from radsal.dicom.spacing import pixel_spacing

__all__ = ["Limits", "decode", "pixel_sha256", "read_header", "read_radiograph"]

_LIMITS = Limits()


def read_header(path: Path, limits: Limits = _LIMITS) -> ImageHeader:
    """The header of an image, without decoding its pixels.

    A file whose header or whose pixel data's extent shows that it cannot be displayed is refused
    here already. Raises Refusal.
    """
    with faults_named(), opened(path, limits) as source:
        return image_header(source, _checked_format(source, limits))


def decode(path: Path, frame: int = 1, limits: Limits = _LIMITS) -> Decoded:
    """One frame (counted from 1) with its grayscale chain and geometry.

    Raises Refusal.
    """
    with faults_named(), opened(path, limits) as source:
        form = _checked_format(source, limits)
        header = image_header(source, form)
        chain = grayscale_chain(source.data, form)
        stored = stored_values(source, form, frame)
        return Decoded(header, stored, chain, pixel_spacing(source.data))


def read_radiograph(path: Path, frame: int = 1, limits: Limits = _LIMITS) -> Radiograph:
    """One frame (counted from 1) with its grayscale chain, geometry and identity.

    Raises Refusal.
    """
    decoded = decode(path, frame, limits)
    sha256 = pixel_sha256(decoded.stored)
    return decoded.named(ImageIdentity(decoded.header.sop_instance_uid, frame, sha256))


def _checked_format(source: Source, limits: Limits) -> PixelFormat:
    check_has_image(source)
    form = pixel_format(source, limits)
    check_extent(source, form)
    if not source.syntax.native and source.pixels is not None:
        check_fragments(source, source.pixels, limits.fragments)
    return form


def pixel_sha256(stored: NDArray[np.integer]) -> str:
    """SHA-256 of stored values as :class:`radsal.core.identity.ImageIdentity` defines it.

    Parameters
    ----------
    stored:
        (rows, columns), uint8, int8, uint16 or int16, any byte order.
    """
    little = np.ascontiguousarray(stored, dtype=stored.dtype.newbyteorder("<"))
    rows, columns = little.shape
    digest = hashlib.sha256(f"{rows}x{columns}:{little.dtype.str}:".encode("ascii"))
    digest.update(little.data)
    return digest.hexdigest()
