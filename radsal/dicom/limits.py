"""The published limits on what is opened."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold. Beyond any of these it is refused as ``too-large``, by number.

    Attributes
    ----------
    file_bytes:
        Size of the file, or of a member of a ZIP archive: 512 MiB.
    inflated_bytes:
        Size of a data set after inflating (Deflated Explicit VR Little Endian): 256 MiB.
    ratio:
        How many times its compressed size a data set, a member of an archive, a frame or a
        picture may grow to: 200. It holds above ``ratio_from``, 64 MiB: a blank film compresses to
        a thousandth.
    pixels:
        Rows x columns of one frame: 64 Mpx. The largest detectors have about 16.
    frames:
        Frames of one file: 4096.
    fragments:
        Fragments of compressed pixel data (PS3.5 A.4): 65,536.
    segments:
        Chunks of a PNG, or markers of a JPEG before its pixels: 65,536.
    elements:
        Data elements and items of a data set: 250,000.
    items:
        Items of sequences that RadSal reads, nested ones too: 32,768.
    depth:
        Sequences in sequences: 64.
    value_bytes:
        Length of one value that RadSal reads, other than pixels: 64 MiB.
    members:
        Files and folders of a ZIP archive: 100,000.
    directory_bytes:
        Size of the central directory of a ZIP archive: 32 MiB.
    records:
        Directory records of a DICOMDIR: 100,000.
    """

    file_bytes: int = 512 * MIB
    inflated_bytes: int = 256 * MIB
    ratio: int = 200
    ratio_from: int = 64 * MIB
    pixels: int = 64 * MIB
    frames: int = 4096
    fragments: int = 1 << 16
    segments: int = 1 << 16
    elements: int = 250_000
    items: int = 32_768
    depth: int = 64
    value_bytes: int = 64 * MIB
    members: int = 100_000
    directory_bytes: int = 32 * MIB
    records: int = 100_000

    def outgrown(self, size: int, packed: int) -> bool:
        """Whether ``size`` bytes out of ``packed`` compressed ones are a decompression bomb."""
        return size > self.ratio_from and size > self.ratio * packed
