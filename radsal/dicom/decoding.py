"""One frame of stored values out of a file."""

import struct
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels.decoders.base import get_decoder

from radsal.core.errors import RefusalCode
from radsal.dicom.attributes import raw_bytes
from radsal.dicom.codestream import check_frame, colour_space
from radsal.dicom.colour import by_pixel, rgb
from radsal.dicom.faults import log, refuse
from radsal.dicom.limits import Limits
from radsal.dicom.pixelformat import PixelFormat
from radsal.dicom.source import PixelElement, Source
from radsal.dicom.syntaxes import EXTENDED_PLUGIN

_MOST_FRAGMENTS = Limits().fragments
_ITEM_HEADER = struct.Struct("<HHL")  # group, element, length
_ITEM = 0xFFFEE000
_DELIMITER = 0xFFFEE0DD
_PANIC = "PanicException"  # of PyO3, for decoders in Rust: no Exception, and cannot be imported


def pixel_cells(source: Source, form: PixelFormat, frame: int) -> NDArray[np.integer]:
    """Decode frame number ``frame`` (from 1).

    Returns
    -------
    (rows, columns), dtype of the format: the pixel cells as they are (PS3.5 8.1.1), with whatever
    the unused bits hold. Of three samples per pixel RGB, (rows, columns, 3), uint8. Raises
    Refusal.
    """
    if source.pixels is None:
        raise refuse(RefusalCode.NO_IMAGE, "The object holds no image.")
    if not 1 <= frame <= form.frames:
        raise refuse(RefusalCode.CORRUPT, f"There is no frame {frame} of {form.frames}.")
    if not source.syntax.native:
        return _encapsulated(source, source.pixels, form, frame - 1)
    cells = _native(source, source.pixels, form, frame - 1)
    if form.samples == 1:
        return cells
    return rgb(by_pixel(cells, form), "RGB" if form.photometric == "RGB" else "YBR_FULL")


def stored_values(
    cells: NDArray[np.integer], source: Source, form: PixelFormat
) -> NDArray[np.integer]:
    """Pixel cells, (rows, columns), as exactly the bits stored, sign extended, in place.

    Whatever the unused bits held, such as old overlays, is gone.
    """
    if source.syntax.lossy is not False:
        return clip_bits(cells, form)
    return used_bits(cells, form)


def used_bits(values: NDArray[np.integer], form: PixelFormat) -> NDArray[np.integer]:
    """Move the bits stored to the bottom and extend the sign, in place."""
    unused = form.bits_allocated - form.bits_stored
    if not unused:
        return values
    if form.signed:
        np.left_shift(values, form.bits_allocated - 1 - form.high_bit, out=values)
        np.right_shift(values, unused, out=values)  # arithmetic
        return values
    below = form.high_bit + 1 - form.bits_stored
    if below:
        np.right_shift(values, below, out=values)
    np.bitwise_and(values, (1 << form.bits_stored) - 1, out=values)
    return values


def clip_bits(values: NDArray[np.integer], form: PixelFormat) -> NDArray[np.integer]:
    """Bound values to the bits stored, in place: a lossy decoder may overshoot, never wrap."""
    if form.bits_stored == form.bits_allocated:
        return values
    half = 1 << (form.bits_stored - 1)
    low, high = (-half, half - 1) if form.signed else (0, 2 * half - 1)
    np.clip(values, low, high, out=values)
    return values


def _native(
    source: Source, pixels: PixelElement, form: PixelFormat, index: int
) -> NDArray[np.integer]:
    """Read one uncompressed frame (PS3.5 8.1.1, A.1 to A.3)."""
    values = form.empty()
    start = index * form.frame_bytes
    little = source.syntax.uid.is_little_endian
    if not little and form.bits_allocated == 8 and pixels.vr == "OW":
        return _native_swapped_bytes(source.stream, pixels, form, start)
    source.stream.seek(pixels.offset + start)
    got = cast("int", source.stream.readinto(values.reshape(-1).view(np.uint8)))  # type: ignore[attr-defined]
    if got != form.frame_bytes:
        raise EOFError
    if little != (np.dtype("=u2") == np.dtype("<u2")):
        values.byteswap(inplace=True)
    return values


def _native_swapped_bytes(
    stream: BinaryIO, pixels: PixelElement, form: PixelFormat, start: int
) -> NDArray[np.integer]:
    """8-bit pixels in big-endian words: every pair of bytes is turned round."""
    skip = start % 2
    stream.seek(pixels.offset + start - skip)
    raw = stream.read((form.frame_bytes + skip + 1) // 2 * 2)
    turned = np.frombuffer(raw, np.uint16).byteswap().view(form.dtype)
    frame = turned[skip : skip + form.frame_bytes]
    return frame.reshape(form.frame_shape).copy()


def _encapsulated(
    source: Source, pixels: PixelElement, form: PixelFormat, index: int
) -> NDArray[np.integer]:
    """Decode one compressed frame (PS3.5 A.4)."""
    check_fragments(source, pixels)
    frame = _codestream(source, pixels, form, index)
    check_frame(frame, source.syntax.uid, form)
    decoder = get_decoder(source.syntax.uid)
    _add_extended_plugin()
    try:
        values, _ = decoder.as_array(
            encapsulate([frame], has_bot=False),
            index=0,
            raw=True,
            decoding_plugin=source.syntax.plugin,
            **_decoder_options(form),
        )
    except MemoryError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != _PANIC:
            raise
        log.info("%s failed with %s", source.syntax.plugin, type(error).__name__)
        raise refuse(
            RefusalCode.CORRUPT,
            f"The compressed image is damaged: {source.syntax.uid.name} could not be decoded.",
        ) from error
    shape = (form.rows, form.columns) if form.samples == 1 else (form.rows, form.columns, 3)
    cells = np.ascontiguousarray(values.reshape(shape), dtype=form.dtype)
    if form.samples == 1:
        return cells
    return rgb(cells, colour_space(frame, source.syntax.uid, form.photometric))


def _codestream(source: Source, pixels: PixelElement, form: PixelFormat, index: int) -> bytes:
    """The compressed bytes of a frame, of however many fragments (PS3.5 A.4)."""
    source.stream.seek(pixels.offset)
    return get_frame(
        source.stream,
        index,
        number_of_frames=form.frames,
        extended_offsets=_extended_offsets(source, pixels, form),
    )


def _extended_offsets(
    source: Source, pixels: PixelElement, form: PixelFormat
) -> tuple[list[int], list[int]] | None:
    """Extended Offset Table and its lengths (PS3.3 C.7.6.3.1.8), or None where not given.

    Raises Refusal where they do not name a place in the file for each frame.
    """
    tables = []
    for name in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        raw, order = raw_bytes(source.data, name)
        if not raw:
            return None
        tables.append(np.frombuffer(raw[: 8 * form.frames], f"{order}u8").tolist())
    starts, lengths = tables
    within = source.size - pixels.offset
    ends = [start + length for start, length in zip(starts, lengths, strict=False)]
    if len(ends) < form.frames or max(ends) > within:
        raise refuse(RefusalCode.CORRUPT, "The Extended Offset Table points outside of the pixels.")
    return starts, lengths


def _decoder_options(form: PixelFormat) -> dict[str, Any]:
    return {
        "rows": form.rows,
        "columns": form.columns,
        "number_of_frames": 1,
        "samples_per_pixel": form.samples,
        "planar_configuration": 0,  # of compressed pixels; the RLE decoder says otherwise itself
        "bits_allocated": form.bits_allocated,
        "bits_stored": form.bits_stored,
        "pixel_representation": int(form.signed),
        "photometric_interpretation": form.photometric,
        "pixel_keyword": "PixelData",
        "correct_unused_bits": False,
    }


def _add_extended_plugin() -> None:
    decoder = get_decoder(uid.JPEGExtended12Bit)
    if EXTENDED_PLUGIN not in decoder.available_plugins:
        decoder.add_plugin(EXTENDED_PLUGIN, ("radsal.dicom.gdcm_extended", "decode_frame"))


def check_fragments(source: Source, pixels: PixelElement, most: int = _MOST_FRAGMENTS) -> None:
    """Walk the items of encapsulated pixel data (PS3.5 A.4), ``most`` at the most. Raises Refusal.

    A missing Sequence Delimitation Item at the end of the file is tolerated where every fragment
    is whole.
    """
    at, fragments = pixels.offset, -1  # the first item is the Basic Offset Table
    while at + 8 <= source.size:
        source.stream.seek(at)
        group, element, length = _ITEM_HEADER.unpack(source.stream.read(8))
        tag = group << 16 | element
        if tag == _DELIMITER:
            break
        if tag != _ITEM:
            raise refuse(RefusalCode.CORRUPT, "The compressed pixel data is damaged.")
        at += 8 + length
        fragments += 1
        if fragments > most:
            raise refuse(
                RefusalCode.TOO_LARGE, f"The pixel data lies in more than {most:,} fragments."
            )
    if at > source.size:
        raise refuse(
            RefusalCode.TRUNCATED,
            f"The compressed pixel data ends {at - source.size:,} bytes past the end of the file.",
        )
    if fragments < 1:
        raise refuse(RefusalCode.TRUNCATED, "The compressed pixel data is empty.")
