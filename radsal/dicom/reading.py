"""Read a header or a whole radiograph from a file, or refuse it by name.

The published limits are those of :class:`radsal.dicom.limits.Limits`: 512 MiB per file, 256 MiB
after inflating, 64 Mpx per frame, 4096 frames, 65,536 fragments. The transfer syntaxes that are
read stand in :data:`radsal.dicom.syntaxes.SYNTAXES`. Read are MONOCHROME1, MONOCHROME2 and PALETTE
COLOR with 8 or 16 bits allocated, and RGB, YBR_FULL, YBR_FULL_422, YBR_ICT and YBR_RCT with 8. ICC
profiles are not applied.

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
from radsal.dicom.faults import faults_named
from radsal.dicom.files.pictures import Picture
from radsal.dicom.files.source import Source, opened
from radsal.dicom.frames import data_of_frame
from radsal.dicom.gray.chain import grayscale_chain
from radsal.dicom.gray.overlays import overlay_planes
from radsal.dicom.gray.shutter import display_shutter
from radsal.dicom.headers import check_has_image, image_header
from radsal.dicom.limits import Limits
from radsal.dicom.pixels.decoding import check_number, pixel_cells, stored_values
from radsal.dicom.pixels.encapsulated import check_fragments
from radsal.dicom.pixels.palette import coloured, palette
from radsal.dicom.pixels.pixelformat import PALETTE, PixelFormat, check_extent, pixel_format
from radsal.dicom.spacing import pixel_spacing

__all__ = ["Limits", "decode", "pixel_sha256", "read_header", "read_radiograph"]

_LIMITS = Limits()


def read_header(path: Path, limits: Limits = _LIMITS) -> ImageHeader:
    """The header of an image, without decoding its pixels.

    A file whose header or whose pixel data's extent shows that it cannot be displayed is refused
    here already. Raises Refusal.
    """
    with faults_named(), opened(path, limits) as source:
        if isinstance(source, Picture):
            return source.header
        form = _checked_format(source, limits)
        return image_header(source, form, data_of_frame(source.data, 1))


def decode(path: Path, frame: int = 1, limits: Limits = _LIMITS) -> Decoded:
    """One frame (counted from 1) with its grayscale chain and geometry.

    Raises Refusal.
    """
    with faults_named(), opened(path, limits, whole=True) as source:
        if isinstance(source, Picture):
            check_number(frame, 1)
            return source.decoded
        form = _checked_format(source, limits)
        cells = pixel_cells(source, form, frame)
        data = data_of_frame(source.data, frame)
        bits = cells if source.syntax.native and form.samples == 1 else None
        overlays = overlay_planes(data, form, frame, bits, limits)
        spacing, shape = pixel_spacing(data), (form.rows, form.columns)
        shutter, overlays = display_shutter(data, shape, spacing.aspect, overlays)
        header = image_header(source, form, data)
        stored = _stored(cells, source, form)
        chain = grayscale_chain(data, form)
        return Decoded(header, stored, chain, spacing, overlays, shutter)


def read_radiograph(path: Path, frame: int = 1, limits: Limits = _LIMITS) -> Radiograph:
    """One frame (counted from 1) with its grayscale chain, geometry and identity.

    Raises Refusal.
    """
    decoded = decode(path, frame, limits)
    sha256 = pixel_sha256(decoded.stored)
    return decoded.named(ImageIdentity(decoded.header.sop_instance_uid, frame, sha256))


def _stored(cells: NDArray[np.integer], source: Source, form: PixelFormat) -> NDArray[np.integer]:
    """Stored values, (rows, columns), or RGB, (rows, columns, 3)."""
    if form.samples > 1:
        return cells
    stored = stored_values(cells, source, form)
    if form.photometric == PALETTE:
        return coloured(stored, palette(source.data, form), form)
    return stored


def _checked_format(source: Source, limits: Limits) -> PixelFormat:
    check_has_image(source)
    form = pixel_format(source, limits)
    check_extent(source, form)
    if not source.syntax.native and source.pixels is not None:
        check_fragments(source, source.pixels, limits.fragments)
    if form.photometric == PALETTE:
        palette(source.data, form)
    return form


def pixel_sha256(stored: NDArray[np.integer]) -> str:
    """SHA-256 of stored values as :class:`radsal.core.identity.ImageIdentity` defines it.

    Parameters
    ----------
    stored:
        (rows, columns), uint8, int8, uint16 or int16, any byte order; or RGB, (rows, columns, 3),
        uint8.
    """
    little = np.ascontiguousarray(stored, dtype=stored.dtype.newbyteorder("<"))
    shape = "x".join(map(str, little.shape))
    digest = hashlib.sha256(f"{shape}:{little.dtype.str}:".encode("ascii"))
    digest.update(little.data)
    return digest.hexdigest()
