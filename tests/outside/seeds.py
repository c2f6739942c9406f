"""A small whole film in every coding, with every attribute that a reader may stumble over.

The film holds all values of 12 bits (or 8, where a coding has no more). Compressed by DCMTK's
encoders, and JPEG 2000 by OpenJPEG's.
"""

import io
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom.uid import JPEG2000, JPEG2000Lossless

from .closed_form import Rescale, Table, Window
from .films import (
    BIG,
    EXPLICIT,
    IMPLICIT,
    INSTANCE,
    SERIES,
    STUDY,
    Film,
    Format,
    Writer,
    preamble,
)

DEFLATED, HTJ2K = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.201"
Attributes = dict[tuple[int, int], tuple[str, bytes]]

_TABLE = Table(0, 12, (np.arange(64, dtype=np.int64) * 977) % 4096)
_DESCRIBED: Attributes = {
    (0x0008, 0x0005): ("CS", b"ISO_IR 100"),
    (0x0008, 0x0020): ("DA", b"20240229"),
    (0x0010, 0x0010): ("PN", b"SYNTH^ANNA"),
    (0x0010, 0x0020): ("LO", b"SYN-1"),
    (0x0018, 0x1164): ("DS", b"0.2\\0.2"),
    (0x0020, 0x0013): ("IS", b"1"),
    (0x0020, 0x0020): ("CS", b"L\\F"),
    (0x0028, 0x0030): ("DS", b"0.15\\0.15"),
    (0x0028, 0x0301): ("CS", b"NO"),
}
_SHUTTER: Attributes = {
    (0x0018, 0x1600): ("CS", b"RECTANGULAR\\POLYGONAL"),
    (0x0018, 0x1602): ("IS", b"2"),
    (0x0018, 0x1604): ("IS", b"60"),
    (0x0018, 0x1606): ("IS", b"3"),
    (0x0018, 0x1608): ("IS", b"61"),
    (0x0018, 0x1620): ("IS", b"1\\1\\64\\1\\64\\64"),
}
_OVERLAY: Attributes = {
    (0x6000, 0x0010): ("US", struct.pack("<H", 64)),
    (0x6000, 0x0011): ("US", struct.pack("<H", 64)),
    (0x6000, 0x0040): ("CS", b"G"),
    (0x6000, 0x0050): ("SS", struct.pack("<2h", 1, 1)),
    (0x6000, 0x0100): ("US", struct.pack("<H", 1)),
    (0x6000, 0x0102): ("US", struct.pack("<H", 0)),
    (0x6000, 0x3000): ("OW", bytes(range(256)) * 2),
}

FILM = Film(
    Format(12, 16, 11),
    shape="IDENTITY",
    modality=Rescale("1", "-1024"),
    windows=(Window("40", "400"), Window("100", "1500")),
    luts=(_TABLE,),
    padding=(0,),
    other=_DESCRIBED,
)
NARROW = replace(FILM, format=Format(8, 8, 7), modality=None, luts=())

NATIVE: dict[str, Film] = {
    "explicit": replace(FILM, other=_DESCRIBED | _SHUTTER | _OVERLAY),
    "implicit": replace(FILM, syntax=IMPLICIT, other=_DESCRIBED | _SHUTTER | _OVERLAY),
    "big endian": replace(FILM, syntax=BIG),
    "modality lut": replace(FILM, modality=_TABLE, windows=(Window("9", "99", "SIGMOID"),)),
    "signed": replace(FILM, format=Format(12, 16, 11, signed=True), photometric="MONOCHROME1"),
    "8 bits": NARROW,
}
ENCODED = {
    "rle": ("dcmcrle", FILM),
    "jpeg-ls": ("dcmcjpls +el", FILM),
    "jpeg-ls near-lossless": ("dcmcjpls +en +un", FILM),
    "jpeg lossless": ("dcmcjpeg +e1", FILM),
    "jpeg lossless of any order": ("dcmcjpeg +el +sv 6", FILM),
    "jpeg baseline": ("dcmcjpeg +eb +un", NARROW),
    "jpeg extended": ("dcmcjpeg +ee +un", FILM),
}


def seeds(folder: Path) -> dict[str, bytes]:
    """Whole files by name. Codings whose encoder is not installed are left out."""
    made = {name: film.write(folder / "film.dcm").read_bytes() for name, film in NATIVE.items()}
    made["deflated"] = deflated(made["explicit"])
    made["no preamble"] = made["explicit"][132:]
    made["three frames"] = frames(made["8 bits"], 3)
    made |= colours() | pictures()
    for name, (command, film) in ENCODED.items():
        tool, *options = command.split()
        if shutil.which(tool):
            made[name] = _encoded(folder, [tool, "-q", *options], film)
    for name, syntax in (("jpeg 2000", JPEG2000Lossless), ("jpeg 2000 lossy", JPEG2000)):
        made[name] = _jpeg_2000(
            made["signed" if syntax == JPEG2000Lossless else "modality lut"], syntax
        )
    if shutil.which("ojph_compress"):
        made["htj2k"] = _htj2k(folder, made["modality lut"], FILM)
    return made


def _encoded(folder: Path, command: list[str], film: Film) -> bytes:
    plain, packed = film.write(folder / "plain.dcm"), folder / "packed.dcm"
    subprocess.run([*command, plain, packed], check=True, timeout=60)
    return packed.read_bytes()


def _jpeg_2000(content: bytes, syntax: pydicom.uid.UID) -> bytes:
    film = pydicom.dcmread(io.BytesIO(content))
    ratio = {"j2k_cr": [2]} if syntax == JPEG2000 else {}
    film.compress(syntax, encoding_plugin="pylibjpeg", **ratio)
    out = io.BytesIO()
    film.save_as(out)
    return out.getvalue()


def deflated(content: bytes) -> bytes:
    """PS3.5 A.5: everything after the File Meta Information."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = packer.compress(content[len(preamble(EXPLICIT)) :]) + packer.flush()
    return preamble(DEFLATED) + body


def frames(content: bytes, number: int) -> bytes:
    """The image ``number`` times (native, explicit, 8 bits)."""
    at = content.index(b"\xe0\x7f\x10\x00OB\0\0")
    image = content[at + 12 :]
    rows = content.index(b"\x28\x00\x10\x00US")
    counted = Writer(EXPLICIT).element((0x0028, 0x0008), "IS", str(number).encode())
    head = content[at : at + 8] + struct.pack("<L", number * len(image))
    return content[:rows] + counted + content[rows:at] + head + image * number


def colours() -> dict[str, bytes]:
    """RGB, YBR_FULL, a palette, and a JPEG of YBR_FULL_422."""
    shown = np.random.default_rng(5).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    jpeg = io.BytesIO()
    Image.fromarray(shown).save(jpeg, "JPEG", subsampling=1)
    ramp = np.arange(256, dtype=np.uint16).astype("<u2").tobytes()
    palette: Attributes = {}
    for number in range(3):
        palette[0x0028, 0x1101 + number] = "US", struct.pack("<3H", 256, 0, 16)
        palette[0x0028, 0x1201 + number] = "OW", ramp
    return {
        "rgb": _colour("RGB", 3, shown.tobytes()),
        "ybr": _colour("YBR_FULL", 3, shown.tobytes()),
        "palette": _colour("PALETTE COLOR", 1, shown[..., 0].tobytes(), palette),
        "ybr jpeg": _colour("YBR_FULL_422", 3, jpeg.getvalue(), encapsulated=True),
    }


def pictures() -> dict[str, bytes]:
    """PNG of 8 and 16 bits and in colour, JPEG in gray and in colour."""
    noise = np.random.default_rng(6).integers(0, 65536, (40, 30, 3))
    deep, plain = noise[..., 0].astype(np.uint16), (noise >> 8).astype(np.uint8)
    return {
        "gray.png": picture(plain[..., 0], "PNG"),
        "deep.png": picture(deep, "PNG"),
        "colour.png": picture(plain, "PNG"),
        "gray.jpg": picture(plain[..., 1], "JPEG"),
        "colour.jpg": picture(plain, "JPEG"),
    }


def picture(values: NDArray[np.integer], kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(values).save(out, kind)
    return out.getvalue()


def _colour(
    photometric: str,
    samples: int,
    pixels: bytes,
    more: Attributes | None = None,
    *,
    encapsulated: bool = False,
) -> bytes:
    writer, syntax = Writer(EXPLICIT), "1.2.840.10008.1.2.4.50" if encapsulated else EXPLICIT
    said: Attributes = {
        (0x0008, 0x0016): ("UI", b"1.2.840.10008.5.1.4.1.1.7"),
        (0x0008, 0x0018): ("UI", INSTANCE),
        (0x0008, 0x0060): ("CS", b"OT"),
        (0x0020, 0x000D): ("UI", STUDY),
        (0x0020, 0x000E): ("UI", SERIES),
        (0x0028, 0x0004): ("CS", photometric.encode()),
    }
    shape = {0x0002: samples, 0x0010: 16, 0x0011: 16, 0x0100: 8, 0x0101: 8, 0x0102: 7, 0x0103: 0}
    if samples == 3:
        shape[0x0006] = 0
    said |= {(0x0028, tag): ("US", struct.pack("<H", value)) for tag, value in shape.items()}
    said |= _DESCRIBED | (more or {})
    body = b"".join(writer.element(tag, *said[tag]) for tag in sorted(said))
    head = preamble(syntax) + body
    if not encapsulated:
        return head + writer.element((0x7FE0, 0x0010), "OB", pixels)
    return head + fragments(pixels)


def fragments(codestream: bytes) -> bytes:
    """Encapsulated pixel data of one frame (PS3.5 A.4)."""
    writer, item = Writer(EXPLICIT), (0xFFFE, 0xE000)
    held = writer.element(item, "", codestream + b"\0" * (len(codestream) % 2))
    end = writer.element((0xFFFE, 0xE0DD), "", b"")
    begin = struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
    return begin + writer.element(item, "", b"") + held + end


def _htj2k(folder: Path, content: bytes, film: Film) -> bytes:
    """By OpenJPH's encoder."""
    source, out = folder / "plain.pgm", folder / "packed.j2c"
    rows, columns = film.format.stored().shape
    largest = film.format.ends[1]
    source.write_bytes(
        b"P5\n%d %d\n%d\n" % (columns, rows, largest) + film.format.stored().astype(">u2").tobytes()
    )
    command = ["ojph_compress", "-i", source, "-o", out, "-reversible", "true"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    body = content[len(preamble(EXPLICIT)) : content.rindex(b"\xe0\x7f\x10\x00OW\0\0")]
    return preamble(HTJ2K) + body + fragments(out.read_bytes())
