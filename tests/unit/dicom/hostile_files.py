"""Small files that ask for much, made by hand; the tests and the benchmark share them."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

MIB = 1 << 20
GIB = 1 << 30
EXPLICIT, DEFLATED = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"
RLE, JPEG_2000 = b"1.2.840.10008.1.2.5\0", b"1.2.840.10008.1.2.4.90"
UNDEFINED = 0xFFFFFFFF
ITEM = struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED)
EMPTY_ITEM = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
ITEM_END = struct.pack("<HHL", 0xFFFE, 0xE00D, 0)
SEQUENCE_END = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
PRIVATE, VOI_LUT, SHARED = (0x0009, 0x1010), (0x0028, 0x3010), (0x5200, 0x9229)


def short(group: int, element: int, vr: bytes, value: bytes) -> bytes:
    """An element in explicit VR with a length of 16 bits."""
    return struct.pack("<HH2sH", group, element, vr, len(value)) + value


def long(group: int, element: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """An element with a length of 32 bits, which may lie."""
    size = len(value) if length is None else length
    return struct.pack("<HH2sHL", group, element, vr, 0, size) + value


def meta(syntax: bytes) -> bytes:
    return bytes(128) + b"DICM" + short(0x0002, 0x0010, b"UI", syntax)


def words(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}H", *values)


def film(rows: int = 4, columns: int = 4, frames: bytes = b"1 ", extra: bytes = b"") -> bytes:
    """The data set of a 16-bit film, up to its pixel data. ``extra`` stands before Rows."""
    parts = [
        short(0x0008, 0x0018, b"UI", b"2.25.7"),
        short(0x0020, 0x000D, b"UI", b"2.25.8"),
        short(0x0028, 0x0002, b"US", words(1)),
        short(0x0028, 0x0004, b"CS", b"MONOCHROME2 "),
        short(0x0028, 0x0008, b"IS", frames),
        short(0x0028, 0x0010, b"US", words(rows)),
        short(0x0028, 0x0011, b"US", words(columns)),
        short(0x0028, 0x0100, b"US", words(16)),
        short(0x0028, 0x0101, b"US", words(16)),
        short(0x0028, 0x0102, b"US", words(15)),
        short(0x0028, 0x0103, b"US", words(0)),
    ]
    return extra + b"".join(parts)


def pixels(count: int = 16) -> bytes:
    return long(0x7FE0, 0x0010, b"OW", bytes(2 * count))


def encapsulated(frame: bytes) -> bytes:
    item = struct.pack("<HHL", 0xFFFE, 0xE000, len(frame)) + frame
    return long(0x7FE0, 0x0010, b"OB", EMPTY_ITEM + item + SEQUENCE_END, UNDEFINED)


def zeros(size: int) -> Iterator[bytes]:
    block = bytes(4 * MIB)
    for _ in range(size // len(block)):
        yield block


def deflated(head: bytes, size: int) -> bytes:
    """A raw deflate stream of ``head`` and ``size`` zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = [packer.compress(head), *map(packer.compress, zeros(size)), packer.flush()]
    return b"".join(packed)


def zip_bomb(path: Path, size: int) -> None:
    """An archive whose one member is a film of ``size`` zeros."""
    info = zipfile.ZipInfo("film.dcm")
    info.compress_type = zipfile.ZIP_DEFLATED
    with (
        zipfile.ZipFile(path, "w") as archive,
        archive.open(info, "w", force_zip64=True) as member,
    ):
        member.write(meta(EXPLICIT) + film(60000, 60000))
        for block in zeros(size):
            member.write(block)


def png_chunk(kind: bytes, value: bytes) -> bytes:
    checksum = zlib.crc32(kind + value)
    return struct.pack(">L", len(value)) + kind + value + struct.pack(">L", checksum)


def png(columns: int, rows: int, depth: int, colour: int, packed: bytes) -> bytes:
    head = struct.pack(">LLBBBBB", columns, rows, depth, colour, 0, 0, 0)
    chunks = png_chunk(b"IHDR", head) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def png_bomb(columns: int, rows: int, channels: int) -> bytes:
    packer = zlib.compressobj(9)
    size = rows * (columns * channels + 1)
    packed = b"".join([*map(packer.compress, zeros(size)), packer.flush()])
    return png(columns, rows, 8, {1: 0, 3: 2}[channels], packed)


def nested(depth: int, tag: tuple[int, int]) -> bytes:
    """A sequence of undefined length in a sequence in a sequence."""
    opening = long(*tag, b"SQ", b"", UNDEFINED) + ITEM
    return opening * depth + (ITEM_END + SEQUENCE_END) * depth


def nested_in_defined_lengths(depth: int, tag: tuple[int, int]) -> bytes:
    content = b""
    for _ in range(depth):
        item = struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content
        content = long(*tag, b"SQ", item)
    return content


def many_items(count: int, tag: tuple[int, int]) -> bytes:
    return long(*tag, b"SQ", EMPTY_ITEM * count + SEQUENCE_END, UNDEFINED)


def many_items_of_defined_length(count: int, tag: tuple[int, int]) -> bytes:
    return long(*tag, b"SQ", EMPTY_ITEM * count)


def many_elements(count: int) -> bytes:
    return b"".join(short(0x0009, 0x1000 + n % 0xEFFF, b"LO", b"") for n in range(count))


def zip_of_many(count: int) -> bytes:
    """An archive whose directory names one stored, empty file over and over."""
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
    size = count * (len(entry) + 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, size, 31, 0)
    return local + (entry + b"a") * count + end


def png_of_chunks(count: int, kind: bytes, value: bytes = b"") -> bytes:
    raw = png(4, 4, 8, 0, zlib.compress(bytes(20)))
    return raw[:33] + png_chunk(kind, value) * count + raw[33:]


def jpeg_of_markers(count: int) -> bytes:
    """Comments without a text between the start of the image and its end."""
    return b"\xff\xd8" + b"\xff\xfe\x00\x02" * count + b"\xff\xd9"


def jpeg_2000_head(side: int) -> bytes:
    """SOC and SIZ of a codestream of one component."""
    siz = struct.pack(">HHLLLLLLLLHBBB", 41, 0, side, side, 0, 0, side, side, 0, 0, 1, 15, 1, 1)
    return b"\xff\x4f\xff\x51" + siz + b"\xff\xd9"


Made = Callable[[Path], None]


def written(content: Callable[[], bytes]) -> Made:
    return lambda path: path.write_bytes(content()) and None


BOMBS: dict[str, tuple[str, Made]] = {
    "a zip of ten gigabytes": ("too-large", lambda path: zip_bomb(path, 10 * GIB)),
    "a zip of 300 MB": ("too-large", lambda path: zip_bomb(path, 300 * MIB)),
    "a deflated data set": (
        "too-large",
        written(lambda: meta(DEFLATED) + deflated(film(extra=long(0x7, 0x1001, b"OB", b"", 1 * GIB)), 1 * GIB)),
    ),
    "deflated pixels": (
        "too-large",
        written(lambda: meta(DEFLATED) + deflated(film(8000, 8000) + long(0x7FE0, 0x10, b"OW", b"", 128_000_000), 1 * GIB)),
    ),
    "a png of many pixels": ("too-large", written(lambda: png_bomb(30000, 30000, 1))),
    "a png within the pixel limit": ("too-large", written(lambda: png_bomb(8192, 8192, 3))),
    "a png header": ("too-large", written(lambda: png(2**31 - 1, 2**31 - 1, 8, 0, b""))),
    "a png of compressed text": (
        "",
        written(lambda: png_of_chunks(70, b"zTXt", b"a\0\0" + zlib.compress(bytes(40 * MIB), 9))),
    ),
    "a png of a million chunks": ("", written(lambda: png_of_chunks(1_000_000, b"teXt"))),
    "a jpeg of a million markers": ("", written(lambda: jpeg_of_markers(1_000_000))),
    "a zip of a million files": ("too-large", written(lambda: zip_of_many(1_000_000))),
    "a zip of 600,000 files": ("too-large", written(lambda: zip_of_many(600_000))),
    "a zip of 99,000 files": ("", written(lambda: zip_of_many(99_000))),
    "jpeg 2000 within the pixel limit": (
        "too-large",
        written(lambda: meta(JPEG_2000) + film(8192, 8192) + encapsulated(jpeg_2000_head(8192))),
    ),
    "rle within the pixel limit": (
        "too-large",
        written(lambda: meta(RLE) + film(8192, 8192) + encapsulated(words(2, 0, 64, 0, 66, 0) + bytes(52) + b"\x81\0\x81\0")),
    ),
    "jpeg 2000 of 65535 squared": (
        "too-large",
        written(lambda: meta(JPEG_2000) + film(65535, 65535) + encapsulated(jpeg_2000_head(65535))),
    ),
    "jpeg 2000 larger than its header": (
        "corrupt",
        written(lambda: meta(JPEG_2000) + film(64, 64) + encapsulated(jpeg_2000_head(65535))),
    ),
    "rle of 65535 squared": (
        "too-large",
        written(lambda: meta(RLE) + film(65535, 65535) + encapsulated(bytes(64))),
    ),
    "native of 65535 squared": (
        "too-large",
        written(lambda: meta(EXPLICIT) + film(65535, 65535) + pixels()),
    ),
    "two milliard frames": (
        "too-large",
        written(lambda: meta(EXPLICIT) + film(frames=b"2147483647") + pixels()),
    ),
    "a million elements": (
        "too-large",
        written(lambda: meta(EXPLICIT) + film(extra=many_elements(1_000_000)) + pixels()),
    ),
}
for _name, _tag in (("private", PRIVATE), ("VOI LUT", VOI_LUT), ("functional groups", SHARED)):
    BOMBS |= {
        f"a million items, {_name}": (
            "too-large",
            written(lambda tag=_tag: meta(EXPLICIT) + film(extra=many_items(1_000_000, tag)) + pixels()),
        ),
        f"nested 10,000 deep, {_name}": (
            "too-large",
            written(lambda tag=_tag: meta(EXPLICIT) + film(extra=nested(10_000, tag)) + pixels()),
        ),
    }
BOMBS["a million items of defined length"] = (
    "too-large",
    written(
        lambda: meta(EXPLICIT) + film(extra=many_items_of_defined_length(1_000_000, VOI_LUT)) + pixels()
    ),
)
