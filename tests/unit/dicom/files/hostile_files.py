"""Small files that ask for much, made by hand; the tests and the benchmark share them."""

import struct
import zlib
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

MIB, GIB = 1 << 20, 1 << 30
EXPLICIT, DEFLATED = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"
RLE, JPEG_2000 = b"1.2.840.10008.1.2.5\0", b"1.2.840.10008.1.2.4.90"
UNDEFINED = 0xFFFFFFFF
ITEM = struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED)
EMPTY_ITEM = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
ITEM_END = struct.pack("<HHL", 0xFFFE, 0xE00D, 0)
SEQUENCE_END = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
Tag = tuple[int, int]
PRIVATE, VOI_LUT, FUNCTIONAL_GROUPS = (0x0009, 0x1010), (0x0028, 0x3010), (0x5200, 0x9229)
PIXELS = (0x7FE0, 0x0010)

# elements ----------------------------------------------------------------------------------------


def short(tag: Tag, vr: bytes, value: bytes) -> bytes:
    """An element in explicit VR with a length of 16 bits."""
    return struct.pack("<HH2sH", *tag, vr, len(value)) + value


def long(tag: Tag, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """An element with a length of 32 bits, which may lie."""
    return struct.pack("<HH2sHL", *tag, vr, 0, len(value) if length is None else length) + value


def words(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}H", *values)


def meta(syntax: bytes) -> bytes:
    return bytes(128) + b"DICM" + short((0x0002, 0x0010), b"UI", syntax)


def header(rows: int = 4, columns: int = 4, frames: bytes = b"1 ", extra: bytes = b"") -> bytes:
    """The data set of a 16-bit film up to its pixel data, ``extra`` before all else."""
    return extra + b"".join(
        [
            short((0x0008, 0x0018), b"UI", b"2.25.7"),
            short((0x0020, 0x000D), b"UI", b"2.25.8"),
            short((0x0028, 0x0002), b"US", words(1)),
            short((0x0028, 0x0004), b"CS", b"MONOCHROME2 "),
            short((0x0028, 0x0008), b"IS", frames),
            short((0x0028, 0x0010), b"US", words(rows)),
            short((0x0028, 0x0011), b"US", words(columns)),
            short((0x0028, 0x0100), b"US", words(16)),
            short((0x0028, 0x0101), b"US", words(16)),
            short((0x0028, 0x0102), b"US", words(15)),
            short((0x0028, 0x0103), b"US", words(0)),
        ]
    )


def film(extra: bytes = b"", **stated: int | bytes) -> bytes:
    """A film of 4 x 4 pixels, whatever its header states."""
    return meta(EXPLICIT) + header(extra=extra, **stated) + long(PIXELS, b"OW", bytes(32))  # type: ignore[arg-type]


def compressed(syntax: bytes, side: int, frame: bytes) -> bytes:
    item = struct.pack("<HHL", 0xFFFE, 0xE000, len(frame)) + frame
    fragments = EMPTY_ITEM + item + SEQUENCE_END
    return meta(syntax) + header(side, side) + long(PIXELS, b"OB", fragments, UNDEFINED)


def nested(depth: int, tag: Tag) -> bytes:
    """A sequence in a sequence in a sequence, all of undefined length."""
    opening = long(tag, b"SQ", b"", UNDEFINED) + ITEM
    return opening * depth + (ITEM_END + SEQUENCE_END) * depth


def nested_in_defined_lengths(depth: int, tag: Tag) -> bytes:
    content = b""
    for _ in range(depth):
        item = struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content
        content = long(tag, b"SQ", item)
    return content


def items(count: int, tag: Tag) -> bytes:
    return long(tag, b"SQ", EMPTY_ITEM * count + SEQUENCE_END, UNDEFINED)


def items_in_a_defined_length(count: int, tag: Tag) -> bytes:
    return long(tag, b"SQ", EMPTY_ITEM * count)


def elements(count: int) -> bytes:
    return b"".join(short((0x0009, 0x1000 + n % 0xEFFF), b"LO", b"") for n in range(count))


def jpeg_2000(side: int) -> bytes:
    """Start of a codestream of one component (ISO 15444-1 A.5.1), and its end."""
    siz = struct.pack(">HH8LHBBB", 41, 0, side, side, 0, 0, side, side, 0, 0, 1, 15, 1, 1)
    return b"\xff\x4f\xff\x51" + siz + b"\xff\xd9"


# deflated ----------------------------------------------------------------------------------------


def deflated(head: bytes, size: int) -> bytes:
    """A raw deflate stream of ``head`` and ``size`` zeros: one block of 4 MiB over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(4 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * (size // (4 * MIB)) + packer.flush()


def deflated_set(data: bytes, size: int) -> bytes:
    return meta(DEFLATED) + deflated(data, size)


def archive(packed: bytes, size: int, name: bytes = b"film.dcm") -> bytes:
    """A ZIP archive of one deflated member, of which the directory states ``size`` bytes."""
    sizes = struct.pack("<HHQQ", 1, 16, size, len(packed))  # Zip64
    common = struct.pack("<5H3L2H", 45, 0, 8, 0, 33, 0, UNDEFINED, UNDEFINED, len(name), 20)
    local = b"PK\3\4" + common + name + sizes
    entry = b"PK\1\2" + words(45) + common + struct.pack("<3H2L", 0, 0, 0, 0, 0) + name + sizes
    place = len(local) + len(packed)
    end = b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 1, 1, len(entry), place, 0)
    return local + packed + entry + end


def zip_bomb(size: int, stated: int | None = None) -> bytes:
    head = meta(EXPLICIT) + header(60000, 60000)
    return archive(deflated(head, size), len(head) + size if stated is None else stated)


def archive_of_many(count: int) -> bytes:
    """An archive whose directory names one empty file over and over."""
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, *([0] * 3), 1, *([0] * 6))
    size = count * (len(entry) + 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, size, 31, 0)
    return local + (entry + b"a") * count + end


# pictures ----------------------------------------------------------------------------------------


def chunk(kind: bytes, value: bytes) -> bytes:
    return (
        struct.pack(">L", len(value)) + kind + value + struct.pack(">L", zlib.crc32(kind + value))
    )


def png(columns: int, rows: int, colour: int, packed: bytes, between: bytes = b"") -> bytes:
    head = struct.pack(">LLBBBBB", columns, rows, 8, colour, 0, 0, 0)
    parts = chunk(b"IHDR", head) + between + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def png_of_zeros(side: int, colour: int) -> bytes:
    rows = zlib.compressobj(9)
    size = side * (side * {0: 1, 2: 3}[colour] + 1)
    packed = b"".join(rows.compress(bytes(MIB)) for _ in range(size // MIB + 1))
    return png(side, side, colour, packed + rows.flush())


def png_with(count: int, kind: bytes, value: bytes = b"") -> bytes:
    return png(4, 4, 0, zlib.compress(bytes(20)), chunk(kind, value) * count)


def jpeg_of_markers(count: int) -> bytes:
    """Comments without a text between the start of the image and its end."""
    return b"\xff\xd8" + b"\xff\xfe\x00\x02" * count + b"\xff\xd9"


# all of them -------------------------------------------------------------------------------------


class Bomb(NamedTuple):
    """A file by name, the code that it is refused with, and its bytes."""

    name: str
    code: str
    content: Callable[[], bytes]


TEXT = b"Comment\0\0" + zlib.compress(bytes(40 * MIB), 9)
LONG_VALUE = long((0x0007, 0x1001), b"OB", b"", GIB)
BOMBS = [
    Bomb("zip-of-10-GB", "too-large", partial(zip_bomb, 10 * GIB)),
    Bomb("zip-of-300-MB", "too-large", partial(zip_bomb, 300 * MIB)),
    Bomb("zip-that-lies", "too-large", partial(zip_bomb, 10 * GIB, 60 * MIB)),
    Bomb("zip-of-a-million-files", "too-large", partial(archive_of_many, 1_000_000)),
    Bomb("zip-of-600000-files", "too-large", partial(archive_of_many, 600_000)),
    Bomb("deflated-value", "too-large", partial(deflated_set, header(extra=LONG_VALUE), GIB)),
    Bomb(
        "deflated-pixels",
        "too-large",
        partial(deflated_set, header(8000, 8000) + long(PIXELS, b"OW", b"", 128_000_000), GIB),
    ),
    Bomb("png-of-2-Gpx-squared", "too-large", partial(png, 2**31 - 1, 2**31 - 1, 0, b"")),
    Bomb("png-of-30000-squared", "too-large", partial(png_of_zeros, 30000, 0)),
    Bomb("png-of-8192-squared", "too-large", partial(png_of_zeros, 8192, 2)),
    Bomb("png-of-compressed-text", "corrupt", partial(png_with, 70, b"zTXt", TEXT)),
    Bomb("png-of-a-million-chunks", "too-large", partial(png_with, 1_000_000, b"teXt")),
    Bomb("jpeg-of-a-million-markers", "too-large", partial(jpeg_of_markers, 1_000_000)),
    Bomb(
        "jpeg2000-of-65535-squared",
        "too-large",
        partial(compressed, JPEG_2000, 65535, jpeg_2000(65535)),
    ),
    Bomb(
        "jpeg2000-in-a-small-header",
        "corrupt",
        partial(compressed, JPEG_2000, 64, jpeg_2000(65535)),
    ),
    Bomb(
        "jpeg2000-of-8192-squared",
        "too-large",
        partial(compressed, JPEG_2000, 8192, jpeg_2000(8192)),
    ),
    Bomb("rle-of-65535-squared", "too-large", partial(compressed, RLE, 65535, bytes(64))),
    Bomb("rle-of-8192-squared", "too-large", partial(compressed, RLE, 8192, bytes(64))),
    Bomb("native-of-65535-squared", "too-large", partial(film, rows=65535, columns=65535)),
    Bomb("2147483647-frames", "too-large", partial(film, frames=b"2147483647")),
    Bomb("a-million-elements", "too-large", lambda: film(elements(1_000_000))),
    *(
        Bomb(
            f"{form.__name__}-of-a-million-{name}",
            "too-large",
            lambda f=form, t=tag: film(f(1_000_000, t)),
        )
        for name, tag in (("private", PRIVATE), ("luts", VOI_LUT), ("frames", FUNCTIONAL_GROUPS))
        for form in (items, items_in_a_defined_length)
        if (name, form) != ("private", items_in_a_defined_length)
    ),
    *(
        Bomb(f"nested-10000-deep-{name}", "too-large", partial(film, nested(10_000, tag)))
        for name, tag in (("private", PRIVATE), ("luts", VOI_LUT), ("frames", FUNCTIONAL_GROUPS))
    ),
]
