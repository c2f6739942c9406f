"""Films of a few hundred bytes of header, written byte by byte: nothing of pydicom's is used.

The image of a film holds every value that its bits can store, in order; the bits that it does not
use hold noise, as old overlays do (PS3.5 8.1.1).
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .closed_form import Rescale, Table, Window

EXPLICIT, IMPLICIT, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
DX = "1.2.840.10008.5.1.4.1.1.1.1"
INSTANCE, STUDY, SERIES = b"2.25.70000000", b"2.25.80000000", b"2.25.90000000"
_LONG = ("OB", "OW", "SQ", "UN")


@dataclass(frozen=True)
class Format:
    """Pixel format (PS3.3 C.7.6.3)."""

    bits: int
    allocated: int
    high: int
    signed: bool = False

    @property
    def ends(self) -> tuple[int, int]:
        half = 2 ** (self.bits - 1)
        return (-half, half - 1) if self.signed else (0, 2 * half - 1)

    def stored(self) -> NDArray[np.int64]:
        """(rows, columns): every value once."""
        low, high = self.ends
        rows = 2 ** (self.bits // 2)
        return np.arange(low, high + 1, dtype=np.int64).reshape(rows, -1)

    def cells(self) -> NDArray[np.uint16]:
        """The same as it lies in the file, with noise in the unused bits."""
        shift, mask = self.high + 1 - self.bits, 2**self.bits - 1
        values = self.stored()
        noise = np.random.default_rng(self.high).integers(0, 2**self.allocated, values.shape)
        return (noise & ~(mask << shift) | (values & mask) << shift).astype(np.uint16)


@dataclass(frozen=True)
class Film:
    """What a file says."""

    format: Format
    photometric: str = "MONOCHROME2"
    shape: str | None = None
    modality: Rescale | Table | None = None
    windows: tuple[Window, ...] = ()
    luts: tuple[Table, ...] = ()
    padding: tuple[int, ...] = ()  # value, range limit
    syntax: str = EXPLICIT
    other: dict[tuple[int, int], tuple[str, bytes]] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        writer = Writer(self.syntax)
        form = self.format
        number = "<H" if self.syntax != BIG else ">H"
        sign = number.lower() if form.signed else number
        said: dict[tuple[int, int], tuple[str, bytes]] = {
            (0x0008, 0x0016): ("UI", DX.encode()),
            (0x0008, 0x0018): ("UI", INSTANCE),
            (0x0008, 0x0060): ("CS", b"DX"),
            (0x0020, 0x000D): ("UI", STUDY),
            (0x0020, 0x000E): ("UI", SERIES),
            (0x0028, 0x0004): ("CS", self.photometric.encode()),
        }
        rows, columns = form.stored().shape
        for tag, value in (
            (0x0002, 1), (0x0010, rows), (0x0011, columns), (0x0100, form.allocated),
            (0x0101, form.bits), (0x0102, form.high), (0x0103, int(form.signed)),
        ):  # fmt: skip
            said[0x0028, tag] = "US", struct.pack(number, value)
        for tag, value in zip((0x0120, 0x0121), self.padding, strict=False):
            said[0x0028, tag] = "SS" if form.signed else "US", struct.pack(sign, value)
        said |= self._grayscale(writer) | self.other
        cells = form.cells().astype(("<" if self.syntax != BIG else ">") + "u2")
        raw = cells.tobytes() if form.allocated == 16 else form.cells().astype("u1").tobytes()
        said[0x7FE0, 0x0010] = (
            "OW" if form.allocated == 16 or self.syntax == IMPLICIT else "OB",
            raw,
        )
        body = b"".join(writer.element(tag, *said[tag]) for tag in sorted(said))
        path.write_bytes(preamble(self.syntax) + body)
        return path

    def _grayscale(self, writer: "Writer") -> dict[tuple[int, int], tuple[str, bytes]]:
        said: dict[tuple[int, int], tuple[str, bytes]] = {}
        if isinstance(self.modality, Rescale):
            said[0x0028, 0x1052] = "DS", self.modality.intercept.encode()
            said[0x0028, 0x1053] = "DS", self.modality.slope.encode()
        if isinstance(self.modality, Table):
            said[0x0028, 0x3000] = "SQ", writer.lut(self.modality)
        if self.windows:
            said[0x0028, 0x1050] = "DS", "\\".join(w.center for w in self.windows).encode()
            said[0x0028, 0x1051] = "DS", "\\".join(w.width for w in self.windows).encode()
            if self.windows[0].function != "LINEAR":
                said[0x0028, 0x1056] = "CS", self.windows[0].function.encode()
        if self.luts:
            said[0x0028, 0x3010] = "SQ", b"".join(map(writer.lut, self.luts))
        if self.shape is not None:
            said[0x2050, 0x0020] = "CS", self.shape.encode()
        return said


@dataclass(frozen=True)
class Writer:
    """Data elements in one of the three native codings (PS3.5 7.1)."""

    syntax: str

    def element(self, tag: tuple[int, int], vr: str, value: bytes) -> bytes:
        order = ">" if self.syntax == BIG else "<"
        if len(value) % 2:
            value += b"\0" if vr in ("UI", "OB", "OW") else b" "
        head = struct.pack(order + "HH", *tag)
        if self.syntax == IMPLICIT or tag[0] == 0xFFFE:
            return head + struct.pack(order + "L", len(value)) + value
        if vr in _LONG:
            return head + vr.encode() + struct.pack(order + "HL", 0, len(value)) + value
        return head + vr.encode() + struct.pack(order + "H", len(value)) + value

    def lut(self, table: Table) -> bytes:
        """An item (PS3.5 7.5.1) with LUT Descriptor and LUT Data."""
        order = ">" if self.syntax == BIG else "<"
        second = "h" if table.first < 0 else "H"
        described = struct.pack(
            f"{order}H{second}H", len(table.entries) % 65536, table.first, table.bits
        )
        entries = table.entries.astype("u1" if table.packed else order + "u2").tobytes()
        if table.packed and self.syntax == BIG:
            entries = np.frombuffer(entries, "<u2").astype(">u2").tobytes()
        content = self.element((0x0028, 0x3002), "SS" if table.first < 0 else "US", described)
        content += self.element((0x0028, 0x3006), "OW", entries)
        return self.element((0xFFFE, 0xE000), "", content)


def preamble(syntax: str) -> bytes:
    """All that comes before the data set (PS3.10 7.1)."""
    writer = Writer(EXPLICIT)
    stated = writer.element((0x0002, 0x0010), "UI", syntax.encode())
    size = writer.element((0x0002, 0x0000), "UL", struct.pack("<L", len(stated)))
    return bytes(128) + b"DICM" + size + stated
