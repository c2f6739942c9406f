"""Compressed frames: their fragments in the file, and what the decoders make of them."""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder

from radsal.core.errors import RefusalCode
from radsal.dicom.attributes import raw_bytes
from radsal.dicom.faults import log, refuse
from radsal.dicom.files.source import PixelElement, Source
from radsal.dicom.limits import Limits
from radsal.dicom.pixels.codestream import check_frame, colour_space
from radsal.dicom.pixels.colour import rgb
from radsal.dicom.pixels.pixelformat import PixelFormat
from radsal.dicom.syntaxes import EXTENDED_PLUGIN, JPEG2000_FAMILY, JPEG2000_PLUGIN

_MOST_FRAGMENTS = Limits().fragments
_ITEM_HEADER = struct.Struct("<HHL")  # group, element, length
_ITEM_TAG = 0xFFFE, 0xE000
_ITEM = 0xFFFEE000
_DELIMITER = 0xFFFEE0DD
_PANIC = "PanicException"  # of PyO3, for decoders in Rust: no Exception, and cannot be imported
_OWN_PLUGINS = {
    EXTENDED_PLUGIN: ("radsal.dicom.pixels.gdcm_extended", {uid.JPEGExtended12Bit}),
    JPEG2000_PLUGIN: ("radsal.dicom.pixels.openjpeg_frames", JPEG2000_FAMILY),
}


def compressed_cells(
    source: Source, pixels: PixelElement, form: PixelFormat, index: int
) -> NDArray[np.integer]:
    """Decode one compressed frame, counted from 0 (PS3.5 A.4).

    Returns
    -------
    Pixel cells, (rows, columns), dtype of the format; or RGB, (rows, columns, 3), uint8. Raises
    Refusal.
    """
    check_fragments(source, pixels)
    frame = _codestream(source, pixels, form, index)
    check_frame(frame, source.syntax.uid, form)
    decoder = get_decoder(source.syntax.uid)
    _add_plugins()
    try:
        values, _ = decoder.as_array(
            _items(frame),
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


def _items(frame: bytes) -> bytes:
    """A frame as pixel data of its own (PS3.5 A.4): a table without offsets, one fragment.

    In one copy: ``pydicom.encaps.encapsulate`` takes 17 ms for 16 MB.
    """
    odd = len(frame) % 2
    heads = (_ITEM_HEADER.pack(*_ITEM_TAG, length) for length in (0, len(frame) + odd))
    return b"".join([*heads, frame, b"\0" * odd])


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


def _add_plugins() -> None:
    """Make our own decoding functions known to pydicom, once."""
    for label, (module, syntaxes) in _OWN_PLUGINS.items():
        for syntax in syntaxes:
            decoder = get_decoder(syntax)
            if label not in decoder.available_plugins:
                decoder.add_plugin(label, (module, "decode_frame"))


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
