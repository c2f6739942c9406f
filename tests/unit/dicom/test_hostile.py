"""Damaged and hostile files: whatever their bytes say, reading ends in a film or in a Refusal.

The numbers of examples are small by default. ``RADSAL_FUZZ=N`` tries N of each kind.
"""

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from radsal.core.errors import Refusal, RefusalCode, WorkerDied
from radsal.core.identity import ImageIdentity
from radsal.core.radiograph import Radiograph
from radsal.dicom.files.source import KEYWORDS, OVERLAY_ELEMENTS
from radsal.dicom.gray.grayscale import display, presets
from radsal.dicom.gray.model_input import model_input
from radsal.dicom.reading import read_header, read_radiograph
from radsal.workers import Worker

MakeFilm = Callable[..., Dataset]

FUZZ = int(os.environ.get("RADSAL_FUZZ", "0"))
CODES = {code.value for code in RefusalCode}


def examples(number: int) -> settings:
    return settings(
        max_examples=FUZZ or number,
        deadline=None,
        derandomize=not FUZZ,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


def read_or_refusal(path: Path) -> Radiograph | Refusal:
    try:
        return read_radiograph(path)
    except Refusal as refusal:
        return refusal


def shown_or_refused(path: Path) -> Radiograph | None:
    """Read a file and do with it what the window does; NumPy's warnings are errors here."""
    film = read_or_refusal(path)
    if isinstance(film, Refusal):
        assert film.code in CODES
        assert len(film.reason) < 300
        return None
    assert film.header.sop_instance_uid
    low, high = film.chain.stored_range
    assert low <= int(film.stored.min()) <= int(film.stored.max()) <= high
    display(film)
    assert np.isfinite(model_input(film).pixels).all()
    for _, voi in presets(film):
        display(film, voi, bits=16)
    return film


# values of the header ----------------------------------------------------------------------------

NUMBERS = st.sampled_from(
    [
        b"",
        b"0",
        b"-1",
        b"1e400",
        b"-1e-400",
        b"nan",
        b"inf",
        b"1\\2",
        b"abc",
        b"\\",
        b"1e30 ",
        b"  ",
    ]
)
TEXTS = NUMBERS | st.sampled_from(
    [b"MONOCHROME1 ", b"RGB ", b"INVERSE ", b"SIGMOID ", b"ISO_IR 192", b"\\ISO 2022 IR 149", b"01"]
)
CELLS = st.lists(st.sampled_from([0, 1, 2, 8, 15, 16, 32, 255, 256, 65535]), max_size=4).map(
    lambda cells: struct.pack(f"<{len(cells)}H", *cells)
)
RAW = TEXTS | CELLS | st.binary(max_size=40)
STATED = st.none() | st.sampled_from(
    [b"US", b"SS", b"DS", b"IS", b"UI", b"LO", b"PN", b"SQ", b"UN", b"OW", b"FD", b"AT", b"ZZ"]
)


def element(keyword: str | int, value: bytes, stated: bytes | None) -> bytes:
    """One data element, explicit VR little endian, with a VR of its own or another."""
    tag = Tag(keyword)
    vr = stated or dictionary_VR(tag)[:2].encode("ascii")
    value += b"\0" * (len(value) % 2)
    head = struct.pack("<HH", tag.group, tag.element) + vr
    if vr in (b"OB", b"OW", b"SQ", b"UN"):
        return head + struct.pack("<HL", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


META = (
    bytes(128)
    + b"DICM\x02\x00\x10\x00UI"
    + struct.pack("<H", len(ExplicitVRLittleEndian) + 1)
    + ExplicitVRLittleEndian.encode("ascii")
    + b"\0"
)
PLAIN = {
    "SOPInstanceUID": b"2.25.1",
    "StudyInstanceUID": b"2.25.2",
    "SamplesPerPixel": b"\x01\0",
    "PhotometricInterpretation": b"MONOCHROME2 ",
    "Rows": b"\x10\0",
    "Columns": b"\x10\0",
    "BitsAllocated": b"\x10\0",
    "BitsStored": b"\x0c\0",
    "HighBit": b"\x0b\0",
    "PixelRepresentation": b"\0\0",
}


Spoilt = dict[str | int, tuple[bytes, bytes | None]]


def written(path: Path, spoilt: Spoilt, plain: dict[str, bytes] = PLAIN) -> Path:
    stated: Spoilt = {keyword: (value, None) for keyword, value in plain.items()}
    stated |= spoilt
    body = [element(k, *stated[k]) for k in sorted(stated, key=lambda k: int(Tag(k)))]
    pixels = np.arange(384, dtype="<u2").tobytes()
    path.write_bytes(META + b"".join(body) + element("PixelData", pixels, b"OW"))
    return path


def test_that_the_file_that_is_spoilt_below_is_whole(folder: Path) -> None:
    film = shown_or_refused(written(folder / "whole.dcm", {}))
    assert film is not None
    assert np.array_equal(film.stored.reshape(-1), np.arange(256))


@examples(250)
@given(st.dictionaries(st.sampled_from(KEYWORDS), st.tuples(RAW, STATED), min_size=1, max_size=3))
def test_that_no_value_of_the_header_raises_anything_but_a_refusal(
    folder: Path, spoilt: dict[str, tuple[bytes, bytes | None]]
) -> None:
    shown_or_refused(written(folder / "header.dcm", spoilt))


ITEMS = st.lists(
    st.tuples(
        st.sampled_from(["LUTDescriptor", "LUTData", "LUTExplanation"]),
        RAW | st.just(struct.pack("<3H", 8, 0, 8)) | st.just(bytes(range(16))),
        STATED,
    ),
    max_size=4,
)


@examples(120)
@given(st.sampled_from(["ModalityLUTSequence", "VOILUTSequence"]), ITEMS)
def test_that_no_lookup_table_raises_anything_but_a_refusal(
    folder: Path, keyword: str, items: list[tuple[str, bytes, bytes | None]]
) -> None:
    content = b"".join(element(*item) for item in items)
    item = struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content
    shown_or_refused(written(folder / "lut.dcm", {keyword: (item, b"SQ")}))


# colours, overlays, shutters, frames -------------------------------------------------------------

EIGHT = {"BitsAllocated": b"\x08\0", "BitsStored": b"\x08\0", "HighBit": b"\x07\0"}
COLOURS = PLAIN | EIGHT | {"SamplesPerPixel": b"\x03\0", "PhotometricInterpretation": b"RGB "}
PALETTES = [
    f"{colour}PaletteColorLookupTable{part}"
    for colour in ("Red", "Green", "Blue")
    for part in ("Descriptor", "Data")
]
SEGMENTS = [f"Segmented{name}" for name in PALETTES if name.endswith("Data")]
PALETTE: dict[str, bytes] = (
    PLAIN
    | {"PhotometricInterpretation": b"PALETTE COLOR "}
    | {name: struct.pack("<3H", 8, 0, 8) for name in PALETTES[::2]}
    | dict.fromkeys(PALETTES[1::2], bytes(range(8)))
)


@pytest.mark.parametrize("plain", [COLOURS, PALETTE], ids=["colours", "palette"])
def test_that_the_colours_that_are_spoilt_below_are_whole(
    folder: Path, plain: dict[str, bytes]
) -> None:
    film = shown_or_refused(written(folder / "whole.dcm", {}, plain))
    assert film is not None
    assert film.is_colour


SAID = st.sampled_from(
    [b"YBR_FULL", b"YBR_FULL_422", b"YBR_RCT ", b"CMYK", b"PALETTE COLOR ", b"MONOCHROME1 "]
)
OF_COLOURS = [
    *("SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames"),
    *("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
]


@examples(120)
@given(st.dictionaries(st.sampled_from(OF_COLOURS), st.tuples(CELLS | SAID, st.none()), min_size=1))
def test_that_no_layout_of_colours_raises_anything_but_a_refusal(
    folder: Path, spoilt: Spoilt
) -> None:
    shown_or_refused(written(folder / "colours.dcm", spoilt, COLOURS))


SEGMENT_CELLS = st.lists(st.sampled_from([0, 1, 2, 3, 4, 8, 255]), max_size=24).map(bytes)


@examples(150)
@given(
    st.dictionaries(
        st.sampled_from([*PALETTES, *SEGMENTS, "BitsStored", "PixelRepresentation"]),
        st.tuples(RAW | SEGMENT_CELLS | st.just(struct.pack("<3H", 8, 0, 16)), STATED),
        min_size=1,
    ),
    st.booleans(),
)
def test_that_no_palette_raises_anything_but_a_refusal(
    folder: Path, spoilt: Spoilt, segmented: bool
) -> None:
    plain = {k: v for k, v in PALETTE.items() if not (segmented and k in PALETTES[1::2])}
    shown_or_refused(written(folder / "palette.dcm", spoilt, plain))


OVERLAY = {
    0x0010: struct.pack("<H", 16),
    0x0011: struct.pack("<H", 16),
    0x0050: struct.pack("<2h", 1, 1),
    0x0100: struct.pack("<H", 1),
    0x0102: struct.pack("<H", 0),
    0x3000: bytes(range(32)),
}
# representations after which a reader still finds the next element
KNOWN = st.none() | st.sampled_from([b"US", b"SS", b"IS", b"DS", b"LO", b"OB", b"OW", b"UN"])
OF_OVERLAYS = st.tuples(st.sampled_from([0x6000, 0x601E]), st.sampled_from(OVERLAY_ELEMENTS)).map(
    lambda place: place[0] << 16 | place[1]
)


@examples(200)
@given(st.dictionaries(OF_OVERLAYS, st.tuples(RAW, KNOWN), min_size=1, max_size=5))
def test_that_no_overlay_spoils_the_image(folder: Path, spoilt: Spoilt) -> None:
    whole: Spoilt = {0x6000 << 16 | k: (value, None) for k, value in OVERLAY.items()}
    film = shown_or_refused(written(folder / "overlay.dcm", whole | spoilt))
    assert film is not None
    assert np.array_equal(film.stored.reshape(-1), np.arange(256))


OF_SHUTTERS = [keyword for keyword in KEYWORDS if "Shutter" in keyword]
SHAPES = st.sampled_from([b"RECTANGULAR ", b"CIRCULAR", b"POLYGONAL ", b"BITMAP", b"\\CIRCULAR\\X"])
PLACES = st.sampled_from([b"3 ", b"3\\4 ", b"1\\1\\9\\9\\1\\9 ", b"-2147483648 ", b"9999999999 "])


@examples(200)
@given(
    st.dictionaries(st.sampled_from(OF_SHUTTERS), st.tuples(RAW | PLACES, KNOWN), min_size=1),
    SHAPES,
)
def test_that_no_shutter_spoils_the_image(folder: Path, spoilt: Spoilt, shape: bytes) -> None:
    film = shown_or_refused(
        written(folder / "shutter.dcm", {"ShutterShape": (shape, None)} | spoilt)
    )
    assert film is not None
    assert np.array_equal(film.stored.reshape(-1), np.arange(256))


def sequence(*contents: bytes) -> bytes:
    return b"".join(
        struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content for content in contents
    )


MACROS = {
    "PixelMeasuresSequence": ["PixelSpacing"],
    "FrameVOILUTSequence": ["WindowCenter", "WindowWidth", "VOILUTFunction"],
    "PixelValueTransformationSequence": ["RescaleSlope", "RescaleIntercept"],
    "FrameAnatomySequence": ["FrameLaterality"],
    "PatientOrientationInFrameSequence": ["PatientOrientation"],
    "FrameDisplayShutterSequence": ["ShutterShape", "RadiusOfCircularShutter"],
}
IN_A_MACRO = st.sampled_from(sorted(MACROS)).flatmap(
    lambda macro: st.tuples(
        st.just(macro), st.sampled_from([*MACROS[macro], "Rows"]), RAW | PLACES | SHAPES, STATED
    )
)


@examples(200)
@given(
    st.sampled_from(["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"]),
    st.lists(IN_A_MACRO, max_size=4),
    STATED,
)
def test_that_no_functional_group_raises_anything_but_a_refusal(
    folder: Path, keyword: str, stated: list[tuple[str, str, bytes, bytes | None]], vr: bytes | None
) -> None:
    macros = [
        element(macro, sequence(element(name, value, own)), vr or b"SQ")
        for macro, name, value, own in stated
    ]
    groups = sequence(b"".join(macros), b"")
    shown_or_refused(written(folder / "groups.dcm", {keyword: (groups, b"SQ")}))


TABLES = st.sampled_from(["ExtendedOffsetTable", "ExtendedOffsetTableLengths"])


@examples(60)
@given(st.dictionaries(TABLES, st.lists(st.integers(0, (1 << 64) - 1), max_size=3), min_size=1))
def test_that_no_extended_offset_table_raises_anything_but_a_refusal(
    folder: Path, make_film: MakeFilm, tables: dict[str, list[int]]
) -> None:
    film = make_film(np.zeros((16, 16), np.uint16))
    film.compress(RLELossless, encoding_plugin="pylibjpeg")
    for keyword, numbers in tables.items():
        setattr(film, keyword, struct.pack(f"<{len(numbers)}Q", *numbers))
    film.save_as(folder / "tables.dcm", enforce_file_format=True)
    shown_or_refused(folder / "tables.dcm")


def test_that_sequences_nested_without_end_are_refused(folder: Path) -> None:
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    nested = (item + b"\x28\x00\x10\x30SQ\0\0\xff\xff\xff\xff") * 3000
    path = written(folder / "deep.dcm", {"VOILUTSequence": (nested, b"SQ")})
    assert shown_or_refused(path) is None


# bytes of the file -------------------------------------------------------------------------------
# Decoders in C may take the process down, so these files are read in a worker, as in the program.

SYNTAXES = [
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGLSLossless,
    JPEG2000Lossless,
]
PLUGINS = {RLELossless: "pylibjpeg", JPEGLSLossless: "pyjpegls", JPEG2000Lossless: "pylibjpeg"}


@pytest.fixture(scope="module")
def whole(make_film: MakeFilm, folder: Path, lut_item: Callable[..., Dataset]) -> dict[UID, bytes]:
    """A small film with every kind of grayscale attribute in each coding."""
    pixels = np.random.default_rng(9).integers(0, 4096, (40, 36)).astype(np.uint16)
    content = {}
    for syntax in SYNTAXES:
        film = make_film(
            pixels, bits=12, syntax=ExplicitVRLittleEndian if syntax in PLUGINS else syntax,
            WindowCenter="40", WindowWidth="400", PatientName="SYNTH^ANNA",
            VOILUTSequence=[lut_item(0, 12, np.arange(16))], ShutterShape="CIRCULAR",
            CenterOfCircularShutter=["18", "20"], RadiusOfCircularShutter="15",
        )  # fmt: skip
        for place, value in OVERLAY.items():
            vr = dictionary_VR(0x6000 << 16 | place)[:2]
            cells = value * 2 if vr == "OB" else list(struct.unpack(f"<{len(value) // 2}h", value))
            film.add_new((0x6000, place), vr, cells if len(cells) != 1 else cells[0])
        if syntax in PLUGINS:
            film.compress(syntax, encoding_plugin=PLUGINS[syntax])
        film.save_as(folder / "whole.dcm", enforce_file_format=True)
        content[syntax] = (folder / "whole.dcm").read_bytes()
    return content


@pytest.fixture(scope="module")
def decoder() -> Iterator[Worker]:
    worker = Worker("test decoder", preload="radsal.dicom.jobs:warm_up")
    yield worker
    worker.close()


def survived(decoder: Worker, path: Path) -> Any:
    """What the decoder process says. Its death is named in the program; it must come back."""
    try:
        return decoder.call("radsal.dicom.jobs:load", path, timeout=30)
    except (Refusal, WorkerDied) as named:
        return named


POKES = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from([b"\0", b"\xff", b"\x7f", b"\xff\xff\xff\xff", bytes(4)])
        | st.binary(min_size=1, max_size=4),
        st.sampled_from(["over", "insert", "remove"]),
    ),
    min_size=1,
    max_size=4,
)


def poked(content: bytes, pokes: list[tuple[float, bytes, str]]) -> bytes:
    raw = bytearray(content)
    for share, patch, how in pokes:
        at = 132 + int(share * (len(raw) - 132))
        kept = at if how == "insert" else at + len(patch)
        raw[at:kept] = b"" if how == "remove" else patch
    return bytes(raw)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=[syntax.name for syntax in SYNTAXES])
def test_that_no_byte_raises_anything_but_a_refusal(
    decoder: Worker, folder: Path, whole: dict[UID, bytes], syntax: UID
) -> None:
    path = folder / "poked.dcm"
    path.write_bytes(whole[syntax])
    assert isinstance(survived(decoder, path), ImageIdentity)

    @examples(40)
    @given(POKES)
    def poke(pokes: list[tuple[float, bytes, str]]) -> None:
        path.write_bytes(poked(whole[syntax], pokes))
        survived(decoder, path)

    poke()


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "syntax"),
    [("RG3_JPLL.dcm", JPEGLosslessSV1), ("RG3_JPLY.dcm", JPEGExtended12Bit)],
)
def test_that_no_byte_of_a_jpeg_raises_anything_but_a_refusal(
    decoder: Worker, folder: Path, shared_data: Path, name: str, syntax: UID
) -> None:
    content = (shared_data / "dicom" / "syntax" / name).read_bytes()
    path = folder / name
    path.write_bytes(content)
    assert isinstance(survived(decoder, path), ImageIdentity)
    assert read_header(path).transfer_syntax == syntax

    @examples(6)
    @given(POKES)
    def poke(pokes: list[tuple[float, bytes, str]]) -> None:
        near = [(share * 2000 / len(content), *rest) for share, *rest in pokes]
        path.write_bytes(poked(content, near))  # the headers of the file and of the codestream
        survived(decoder, path)

    poke()


def test_that_a_file_cut_anywhere_is_refused(folder: Path, whole: dict[UID, bytes]) -> None:
    path = folder / "cut.dcm"
    content = whole[ExplicitVRLittleEndian]
    for length in range(0, len(content), 37):
        path.write_bytes(content[:length])
        assert shown_or_refused(path) is None
