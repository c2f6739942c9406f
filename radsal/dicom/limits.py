"""The published limits on what is opened."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold. Beyond any of these it is refused as ``too-large``, by number.

    Attributes
    ----------
    file_bytes:
        Size of the file: 512 MiB.
    inflated_bytes:
        Size of a data set after inflating (Deflated Explicit VR Little Endian): 256 MiB.
    pixels:
        Rows x columns of one frame: 64 Mpx. The largest detectors have about 16.
    frames:
        Frames of one file: 4096.
    fragments:
        Fragments of compressed pixel data (PS3.5 A.4): 65,536.
    """

    file_bytes: int = 512 * MIB
    inflated_bytes: int = 256 * MIB
    pixels: int = 64 * MIB
    frames: int = 4096
    fragments: int = 1 << 16
