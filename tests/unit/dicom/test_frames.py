"""Frames: where each one lies in a file, and what an enhanced object says of each one alone."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from radsal.core.errors import Refusal, RefusalCode
from radsal.core.radiograph import Rescale, SpacingBasis, VoiFunction, VoiWindow
from radsal.dicom.reading import read_header, read_radiograph

MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]

FRAMES = 4
VALUES = np.random.default_rng(11).integers(0, 4096, (FRAMES, 33, 40)).astype(np.uint16)


def codestreams(make_film: MakeFilm, syntax: UID) -> tuple[Dataset, list[bytes]]:
    film = make_film(VALUES, bits=12, frames=FRAMES)
    plugin = "pyjpegls" if "LS" in syntax.name else "pylibjpeg"
    film.compress(syntax, encoding_plugin=plugin)
    return film, list(generate_frames(film.PixelData, number_of_frames=FRAMES))


def item(content: bytes) -> bytes:
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


END = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def fragments(codestream: bytes, number: int) -> bytes:
    """A codestream in as many items, of an even length each."""
    step = -(-len(codestream) // number) + 1 & ~1
    return b"".join(item(codestream[at : at + step]) for at in range(0, len(codestream), step))


def encapsulated(codestreams: list[bytes], number: int, *, table: bool) -> bytes:
    """PS3.5 A.4: a Basic Offset Table, filled or empty, then the fragments of all frames."""
    parts = [fragments(codestream, number) for codestream in codestreams]
    starts = np.cumsum([0, *map(len, parts[:-1])])
    offsets = struct.pack(f"<{len(parts)}L", *starts) if table else b""
    return item(offsets) + b"".join(parts) + END


def read_all(path: Path) -> bool:
    return all(
        np.array_equal(read_radiograph(path, n).stored, VALUES[n - 1]) for n in range(1, FRAMES + 1)
    )


SYNTAXES = ["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"]


@pytest.mark.parametrize("table", [True, False], ids=["offset table", "no offset table"])
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_that_frames_are_found_in_one_or_several_fragments(
    make_film: MakeFilm, save: Save, syntax: str, number: int, table: bool
) -> None:
    film, streams = codestreams(make_film, UID(syntax))
    film.PixelData = encapsulated(streams, number, table=table)
    film["PixelData"].is_undefined_length = True
    path = save(film)
    # JPEG 2000 ends frames as JPEG does: at the fragment that holds the end of the codestream
    assert read_all(path)


@pytest.mark.parametrize("table", [True, False])
def test_that_frames_of_rle_are_found(make_film: MakeFilm, save: Save, table: bool) -> None:
    film, streams = codestreams(make_film, RLELossless)
    film.PixelData = encapsulated(streams, 1, table=table)
    film["PixelData"].is_undefined_length = True
    assert read_all(save(film))


def test_that_a_frame_in_several_fragments_is_put_together(make_film: MakeFilm, save: Save) -> None:
    film, streams = codestreams(make_film, RLELossless)
    film.PixelData = encapsulated(streams[:1], 5, table=False)
    film["PixelData"].is_undefined_length = True
    film.NumberOfFrames = 1
    assert np.array_equal(read_radiograph(save(film)).stored, VALUES[0])


@pytest.mark.parametrize("syntax", [RLELossless, *SYNTAXES])
def test_that_frames_are_found_by_the_extended_offset_table(
    make_film: MakeFilm, save: Save, syntax: str
) -> None:
    film, streams = codestreams(make_film, UID(syntax))
    film.PixelData, film.ExtendedOffsetTable, film.ExtendedOffsetTableLengths = (
        encapsulate_extended(streams)
    )
    film["PixelData"].is_undefined_length = True
    assert read_all(save(film))


@pytest.mark.parametrize(
    ("starts", "lengths"),
    [
        ([0, 1, 2], [1, 1, 1]),
        ([0] * FRAMES, [1 << 40] * FRAMES),
        ([1 << 62] * FRAMES, [8] * FRAMES),
        ([(1 << 64) - 1] * FRAMES, [1] * FRAMES),
        ([0] * FRAMES, [0] * FRAMES),
        ([7] * FRAMES, [100] * FRAMES),
    ],
    ids=["too few", "too long", "too far", "at the end of numbers", "empty", "elsewhere"],
)
def test_that_an_extended_offset_table_that_points_nowhere_is_corrupt(
    make_film: MakeFilm, save: Save, starts: list[int], lengths: list[int]
) -> None:
    film, streams = codestreams(make_film, UID(SYNTAXES[0]))
    film.PixelData = encapsulate(streams, has_bot=False)
    film["PixelData"].is_undefined_length = True
    film.ExtendedOffsetTable = struct.pack(f"<{len(starts)}Q", *starts)
    film.ExtendedOffsetTableLengths = struct.pack(f"<{len(lengths)}Q", *lengths)
    with pytest.raises(Refusal) as caught:
        read_radiograph(save(film), FRAMES)
    assert caught.value.code == RefusalCode.CORRUPT


@pytest.mark.parametrize("offsets", [[0], [0, 4, 8, 12], [0, 1 << 31, 1 << 31, 1 << 31]], ids=str)
def test_that_an_offset_table_that_points_nowhere_is_corrupt(
    make_film: MakeFilm, save: Save, offsets: list[int]
) -> None:
    film, streams = codestreams(make_film, UID(SYNTAXES[0]))
    table = struct.pack(f"<{len(offsets)}L", *offsets)
    film.PixelData = item(table) + encapsulate(streams, has_bot=False)[8:]
    film["PixelData"].is_undefined_length = True
    with pytest.raises(Refusal) as caught:
        read_radiograph(save(film), 2)
    assert caught.value.code == RefusalCode.CORRUPT


def test_that_fewer_fragments_than_frames_are_refused(make_film: MakeFilm, save: Save) -> None:
    film, streams = codestreams(make_film, RLELossless)
    film.PixelData = encapsulated(streams[:3], 1, table=False)
    film["PixelData"].is_undefined_length = True
    with pytest.raises(Refusal) as caught:
        read_radiograph(save(film), 4)
    assert caught.value.code == RefusalCode.CORRUPT


def test_that_each_frame_of_colours_is_found(make_colour: MakeFilm, save: Save) -> None:
    values = np.random.default_rng(1).integers(0, 256, (3, 20, 30, 3), np.uint8)
    film = make_colour(values)
    film.compress(RLELossless, encoding_plugin="pylibjpeg")
    path = save(film)
    for number in (1, 2, 3):
        assert np.array_equal(read_radiograph(path, number).stored, values[number - 1])


# functional groups -------------------------------------------------------------------------------


def group(**macros: dict[str, Any]) -> Dataset:
    """An item of a functional groups sequence: macro sequences with one item each."""
    whole = Dataset()
    for keyword, attributes in macros.items():
        inner = Dataset()
        for name, value in attributes.items():
            setattr(inner, name, value)
        setattr(whole, keyword, Sequence([inner]))
    return whole


def enhanced(
    make_film: MakeFilm, shared: Dataset, frames: list[Dataset], **attributes: Any
) -> Dataset:
    film = make_film(
        np.arange(len(frames) * 60, dtype=np.uint16).reshape(-1, 6, 10),
        frames=len(frames),
        **attributes,
    )
    film.SharedFunctionalGroupsSequence = Sequence([shared])
    film.PerFrameFunctionalGroupsSequence = Sequence(frames)
    return film


def windowed(center: int, **more: Any) -> Dataset:
    return group(
        FrameVOILUTSequence={"WindowCenter": str(center), "WindowWidth": "80", **more},
        PixelValueTransformationSequence={
            "RescaleSlope": "2",
            "RescaleIntercept": str(-center),
            "RescaleType": "US",
        },
    )


@pytest.mark.parametrize("syntax", [None, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_that_each_frame_has_its_own_window_and_rescale(
    make_film: MakeFilm, save: Save, syntax: UID | None
) -> None:
    frames = [windowed(100), windowed(200, VOILUTFunction="SIGMOID")]
    stated = {} if syntax is None else {"syntax": syntax}
    path = save(enhanced(make_film, group(), frames, **stated))
    first, second = (read_radiograph(path, n).chain for n in (1, 2))
    assert first.windows == (VoiWindow(100, 80),)
    assert first.modality == Rescale(2, -100)
    assert second.windows == (VoiWindow(200, 80, VoiFunction.SIGMOID),)
    assert second.modality == Rescale(2, -200)


def test_that_shared_groups_hold_for_all_frames(make_film: MakeFilm, save: Save) -> None:
    shared = group(
        PixelMeasuresSequence={"PixelSpacing": ["0.2", "0.1"]},
        FrameVOILUTSequence={"WindowCenter": "300", "WindowWidth": "80"},
    )
    path = save(enhanced(make_film, shared, [group(), group()]))
    for number in (1, 2):
        film = read_radiograph(path, number)
        assert film.chain.windows == (VoiWindow(300, 80),)
        assert (film.spacing.row_mm, film.spacing.column_mm) == (0.2, 0.1)
        assert film.spacing.basis == SpacingBasis.DETECTOR_PLANE
        assert film.spacing.aspect == 2


def test_that_the_top_level_wins_macro_by_macro(make_film: MakeFilm, save: Save) -> None:
    frame = windowed(100, VOILUTFunction="SIGMOID", WindowCenterWidthExplanation="OF THE FRAME")
    film = enhanced(make_film, group(), [frame], WindowCenter="7", WindowWidth="9")
    chain = read_radiograph(save(film)).chain
    assert chain.windows == (VoiWindow(7, 9),)  # not a mixture of both
    assert chain.modality == Rescale(2, -100)


def test_that_orientation_and_side_of_a_frame_are_told(make_film: MakeFilm, save: Save) -> None:
    frames = [
        group(
            FrameAnatomySequence={"FrameLaterality": side},
            PatientOrientationInFrameSequence={"PatientOrientation": [row, "F"]},
        )
        for side, row in (("L", "P"), ("R", "A"))
    ]
    path = save(enhanced(make_film, group(), frames))
    first, second = (read_radiograph(path, n).header for n in (1, 2))
    assert (first.laterality, first.orientation) == ("L", ("P", "F"))
    assert (second.laterality, second.orientation) == ("R", ("A", "F"))
    assert read_header(path) == first


def test_that_a_frame_has_its_own_shutter(make_film: MakeFilm, save: Save) -> None:
    shut = {
        "ShutterShape": "CIRCULAR",
        "CenterOfCircularShutter": ["3", "5"],
        "RadiusOfCircularShutter": "2",
    }
    frames = [group(), group(FrameDisplayShutterSequence=shut)]
    path = save(enhanced(make_film, group(), frames))
    assert read_radiograph(path, 1).shutter is None
    shutter = read_radiograph(path, 2).shutter
    assert shutter is not None
    assert int((~shutter.hidden).sum()) == 13


def test_that_texts_of_a_frame_are_in_the_letters_of_the_file(
    make_film: MakeFilm, save: Save
) -> None:
    frame = windowed(100, WindowCenterWidthExplanation="Weichteil-Größe")
    film = enhanced(make_film, group(), [frame], SpecificCharacterSet="ISO_IR 192",
                    PatientName="Ünal^Ayşe")  # fmt: skip
    radiograph = read_radiograph(save(film))
    assert radiograph.chain.windows[0].explanation == "Weichteil-Größe"
    assert radiograph.header.patient_name == "Ünal^Ayşe"


@pytest.mark.parametrize("missing", ["items", "sequence"])
def test_that_a_frame_without_groups_of_its_own_is_shown(
    make_film: MakeFilm, save: Save, missing: str
) -> None:
    film = enhanced(make_film, windowed(50), [windowed(100), windowed(200)])
    film.PerFrameFunctionalGroupsSequence = Sequence([windowed(100)])
    if missing == "sequence":
        del film.PerFrameFunctionalGroupsSequence
    assert read_radiograph(save(film), 2).chain.windows == (VoiWindow(50, 80),)


# the shape of a pixel ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "aspect"),
    [
        ({}, 1),
        ({"PixelAspectRatio": ["3", "2"]}, 1.5),
        ({"PixelAspectRatio": ["1", "1"]}, 1),
        ({"PixelSpacing": ["0.3", "0.2"]}, 1.5),
        ({"ImagerPixelSpacing": ["0.1", "0.2"]}, 0.5),
        ({"PixelSpacing": ["0.3", "0.2"], "ImagerPixelSpacing": ["0.1", "0.2"]}, 1.5),
        ({"PixelSpacing": ["0.2", "0.2"], "PixelAspectRatio": ["3", "2"]}, 1),
        ({"PixelSpacing": ["0", "0"], "PixelAspectRatio": ["3", "2"]}, 1.5),
        ({"PixelAspectRatio": ["64", "1"]}, 64),
        ({"PixelAspectRatio": ["1", "64"]}, 1 / 64),
        ({"PixelAspectRatio": ["65", "1"]}, 1),
        ({"PixelAspectRatio": ["1", "65"]}, 1),
        ({"PixelSpacing": ["900", "0.1"]}, 1),
        ({"PixelAspectRatio": ["0", "1"]}, 1),
        ({"PixelAspectRatio": ["-1", "1"]}, 1),
        ({"PixelAspectRatio": "2"}, 1),
    ],
    ids=str,
)
def test_that_the_shape_of_a_pixel_follows_its_spacing_else_its_aspect_ratio(
    make_film: MakeFilm, save: Save, stated: dict[str, Any], aspect: float
) -> None:
    assert read_radiograph(save(make_film(**stated))).spacing.aspect == pytest.approx(aspect)
