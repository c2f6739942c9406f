"""Corners, badges, letters, colour bar, banner: only what the file and the map state."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from radsal.app.viewer.annotations import badges, corners, notes, spacing_text, window_text
from radsal.app.viewer.banner import banner_text, waiting_text
from radsal.app.viewer.colorbar import legend, marks, ticks
from radsal.app.viewer.corners import blocks
from radsal.app.viewer.hover import hover_at
from radsal.app.viewer.orientation import edge_letters
from radsal.core.geometry import GridMapping, Turn
from radsal.core.planes import Overlay, Shutter
from radsal.core.progress import Progress
from radsal.core.radiograph import (
    GrayscaleChain,
    LookupTable,
    PixelSpacing,
    Rescale,
    SpacingBasis,
    VoiFunction,
    VoiWindow,
)
from radsal.core.results import MapStatus
from radsal.core.rules import DisplayRule, Scale, Sign
from radsal.saliency.catalogue import CATALOGUE
from radsal.session import View

CALIBRATED = PixelSpacing(0.143, 0.143, SpacingBasis.CALIBRATED)
DETECTOR = PixelSpacing(0.2, 0.2, SpacingBasis.DETECTOR_PLANE)


@pytest.mark.parametrize(
    ("changes", "badge"),
    [({"lossy": True}, "lossy compression"), ({"burned_in": "YES"}, "burned-in annotation")],
)
def test_that_a_badge_stands_exactly_where_the_file_says_so(make, changes, badge) -> None:
    assert badge in badges(make.film(spacing=DETECTOR, **changes))
    assert badges(make.film(spacing=DETECTOR)) == ()
    assert badges(make.film(spacing=DETECTOR, burned_in="NO", lossy=False)) == ()


def test_that_an_image_without_a_spacing_is_marked_and_has_no_millimetres(make) -> None:
    film = make.film()
    assert "uncalibrated" in badges(film)
    assert " mm" not in spacing_text(film.spacing)


@pytest.mark.parametrize(
    ("spacing", "text"),
    [
        (CALIBRATED, "0.143 mm calibrated"),
        (DETECTOR, "0.20 mm detector plane"),
        (PixelSpacing(0.2, 0.1, SpacingBasis.DETECTOR_PLANE), "0.20 × 0.10 mm detector plane"),
        (
            PixelSpacing(0.2, 0.2, SpacingBasis.DETECTOR_PLANE, 1.15),
            "0.20 mm detector plane, magnified 1.15×",
        ),
    ],
)
def test_that_millimetres_say_what_they_refer_to(spacing, text) -> None:
    assert spacing_text(spacing) == text


@pytest.mark.parametrize(
    ("voi", "text"),
    [
        (VoiWindow(511, 1023), "W 1023 L 511 · LINEAR"),
        (VoiWindow(0.25, 1.5, VoiFunction.SIGMOID), "W 1.5 L 0.25 · SIGMOID"),
        (VoiWindow(-600, 1500, VoiFunction.LINEAR_EXACT), "W 1500 L -600 · LINEAR_EXACT"),
        (LookupTable(0, 8, np.arange(256, dtype=np.uint16), "CHEST"), "VOI LUT CHEST"),
    ],
)
def test_that_the_corner_names_the_window_and_its_function(voi, text) -> None:
    assert window_text(voi) == text


def test_that_the_corners_say_who_where_and_how_the_film_is_shown(make) -> None:
    film = make.film(
        spacing=DETECTOR,
        birth_date="19760616",
        sex="M",
        institution="Synthetic Hospital",
        study_description="Chest AP portable",
        study_date="20120109",
        study_time="093144.2",
        series_number=1,
        instance_number=2,
    )
    texts = corners(film, View(voi=VoiWindow(511, 1023), inverted=True), 0.4949)
    assert texts.top_left == ("SYNTH^NUMBER1", "16 Jun 1976 · M", "SYN-1")
    assert texts.top_right == ("Synthetic Hospital", "DX Chest AP portable", "9 Jan 2012 09:31")
    assert texts.bottom_left == (
        "Frame 1/1 · Zoom 0.49×",
        "W 1023 L 511 · LINEAR · inverted",
        "0.20 mm detector plane",
    )
    assert texts.bottom_right == ("Series 1 · Image 2", "Laterality not stated")


def test_that_nothing_is_invented_where_the_file_is_silent(make) -> None:
    film = make.film(patient_name="", patient_id="")
    texts = corners(film, View(), 1.0)
    assert texts.top_left == ("No name stated",)
    assert texts.top_right == ("DX",)


@pytest.mark.parametrize("width", [360, 480, 640, 1044])
def test_that_no_two_corner_lines_cover_each_other_and_all_lie_inside_the_view(make, width) -> None:
    film = make.film(
        overlays=(Overlay(np.ones((3, 3), np.bool_), label="Computer-aided detection"),),
        shutter=Shutter(np.zeros((64, 48), np.bool_)),
        media_type="image/png",
        lossy=True,
        burned_in="YES",
        institution="Synthetic Hospital",
        study_description="Chest",
        birth_date="19760616",
        series_number=1,
    )
    view = QRectF(0, 0, width, 900)
    texts = corners(film, View(turn=Turn(1, mirrored=True)), 1.0)
    lines = [line for block in blocks(texts, view) for line in block.lines]
    assert len(lines) >= 16
    for place, line in enumerate(lines):
        assert view.contains(line.box), line.text
        for other in lines[place + 1 :]:
            common = line.box.intersected(other.box)
            assert min(common.width(), common.height()) <= 1, (line.text, other.text)


# what is laid over the film ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quarters", "mirrored", "words"),
    [
        (0, False, ()),
        (1, False, ("Rotated 90° right",)),
        (2, False, ("Rotated 180°",)),
        (3, False, ("Rotated 90° left",)),
        (0, True, ("Mirrored left to right",)),
        (1, True, ("Mirrored, then rotated 90° right",)),
        (2, True, ("Mirrored top to bottom",)),
        (3, True, ("Mirrored, then rotated 90° left",)),
    ],
)
def test_that_a_film_that_is_not_upright_says_so_and_a_mirrored_one_warns(
    make, quarters, mirrored, words
) -> None:
    texts = corners(make.film(), View(turn=Turn(quarters, mirrored)), 1.0)
    assert texts.bottom_left[: len(texts.bottom_left) - 3] == words
    assert ("mirrored" in texts.badges) is mirrored


def test_that_a_mirror_before_a_quarter_turn_is_not_one_after_it() -> None:
    """The words give the order, because the two films differ."""
    film = np.arange(6).reshape(2, 3)
    first = np.rot90(film[:, ::-1], -1)
    assert np.array_equal(Turn(1, mirrored=True).array(film), first)
    assert not np.array_equal(np.rot90(film, -1)[:, ::-1], first)


@pytest.mark.parametrize(
    ("labels", "shown", "note"),
    [
        (("CAD",), True, "overlay CAD"),
        (("CAD", "", "Ruler", "CAD"), True, "overlay CAD, Ruler"),
        (("",), True, "overlay"),
        (("CAD",), False, "overlay hidden"),
        (("x" * 40,), True, f"overlay {'x' * 31}…"),
        ((), True, None),
    ],
)
def test_that_a_note_names_the_overlays_or_says_that_they_are_hidden(
    make, labels, shown, note
) -> None:
    plane = np.ones((2, 2), np.bool_)
    film = make.film(overlays=tuple(Overlay(plane, label=label) for label in labels))
    assert notes(film, View(overlays=shown)) == (() if note is None else (note,))


def test_that_a_note_says_of_a_shutter_whether_it_covers(make) -> None:
    film = make.film(shutter=Shutter(np.zeros((64, 48), np.bool_)))
    assert notes(film, View()) == ("shutter on",)
    assert notes(film, View(shutter=False)) == ("shutter off",)
    assert notes(make.film(), View()) == ()


def test_that_a_plain_picture_is_marked_as_one_and_not_as_uncalibrated_too(make) -> None:
    assert badges(make.film(media_type="image/png")) == ("no DICOM: no calibration, no identity",)


def test_that_a_colour_image_has_no_window_and_no_polarity(make) -> None:
    film = make.film(stored=np.zeros((4, 5, 3), np.uint8))
    texts = corners(film, View(voi=VoiWindow(511, 1023), inverted=True), 1.0)
    assert texts.bottom_left[1] == "Colour"


def test_that_pixels_that_are_not_square_are_told_without_millimetres() -> None:
    assert spacing_text(PixelSpacing(aspect=2.0)).endswith("2 times as high as wide")


# letters -----------------------------------------------------------------------------------------


def test_that_no_letter_is_drawn_that_the_file_does_not_state() -> None:
    assert edge_letters(None) == {}
    assert edge_letters(("L", "")) == {"left": "R", "right": "L"}


@pytest.mark.parametrize(
    ("stated", "letters"),
    [
        (("L", "F"), {"left": "R", "right": "L", "top": "H", "bottom": "F"}),
        (("R", "F"), {"left": "L", "right": "R", "top": "H", "bottom": "F"}),
        (("A", "F"), {"left": "P", "right": "A", "top": "H", "bottom": "F"}),
        (("LA", "FP"), {"left": "RP", "right": "LA", "top": "HA", "bottom": "FP"}),
    ],
)
def test_that_rows_and_columns_run_to_the_stated_letter(stated, letters) -> None:
    assert edge_letters(stated) == letters


# map ---------------------------------------------------------------------------------------------


def told(saliency, *others, scale=Scale.MAP, sign=Sign.POSITIVE):
    return DisplayRule(scale, sign).applied(saliency, (saliency, *others))


def test_that_the_colour_bar_names_method_native_grid_and_rule(make) -> None:
    heat = make.map(np.ones((7, 5)))
    assert legend(heat, told(heat)) == ("Grad-CAM, 7×5 grid", "per-map maximum")


def test_that_the_colour_bar_says_what_other_maps_do_to_the_colours(make) -> None:
    heat, stronger = make.map([[1.0, -8.0]]), make.map([[4.0]], finding="Effusion")
    nothing = make.map([[-9.0]], finding="Nodule")
    shared = legend(heat, told(heat, stronger, nothing, scale=Scale.SHARED))
    assert shared[1:] == ("shared maximum over 2 findings", "this map reaches 25%")
    clipped = told(heat, scale=Scale.PERCENTILE, sign=Sign.BOTH)
    assert legend(heat, clipped)[1:] == ("positive and negative", "per-map 99th percentile")


def test_that_weak_evidence_against_on_a_scale_of_its_own_says_how_weak_it_is(make) -> None:
    for scale in (Scale.MAP, Scale.PERCENTILE):
        faint = make.map([[2.0, -0.06]])
        said = legend(faint, told(faint, scale=scale, sign=Sign.NEGATIVE))
        assert said[-1] == "at most 0.03× its positive maximum"
    empty = make.map([[-1.0, -2.0]])
    assert legend(empty, told(empty, sign=Sign.NEGATIVE))[-1] == "per-map maximum"


def test_that_beside_negative_evidence_the_outlines_are_said_to_be_those_of_positive(make) -> None:
    heat = make.map([[1.0, -8.0]])
    against = told(heat, sign=Sign.NEGATIVE)
    assert legend(heat, against, outlined=True)[1:] == (
        "negative evidence",
        "per-map maximum",
        "at most 8× its positive maximum",
        "outlines: positive evidence",
    )
    assert legend(heat, told(heat), outlined=True)[1:] == ("per-map maximum",)


def test_that_the_grid_is_told_along_the_image_where_the_network_sees_it_transposed(make) -> None:
    turned = make.map(np.ones((7, 5)), mapping=GridMapping(1, 0, 1, 0, transposed=True))
    assert legend(turned, told(turned))[0] == "Grad-CAM, 5×7 grid"


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        (Sign.POSITIVE, {1.0: "max", 0.0: "0"}),
        (Sign.NEGATIVE, {1.0: "0", 0.0: "−max"}),
        (Sign.BOTH, {1.0: "max", 0.5: "0", 0.0: "−max"}),
    ],
)
def test_that_on_the_bar_the_larger_value_is_above(make, sign, words) -> None:
    heat = make.map([[1.0, -8.0]])
    assert dict(ticks(told(heat, sign=sign))) == words
    clipped = dict(ticks(told(heat, sign=sign, scale=Scale.PERCENTILE)))
    assert clipped == {at: word.replace("max", "p99") for at, word in words.items()}


def test_that_the_threshold_is_marked_on_each_side_of_zero_that_is_drawn() -> None:
    def lines(sign: Sign) -> list[tuple[float, float]]:
        return [(mark.at, mark.zero) for mark in marks(sign, 0.25)]

    assert lines(Sign.POSITIVE) == [(0.25, 0.0)]
    assert lines(Sign.NEGATIVE) == [(0.75, 1.0)]
    assert lines(Sign.BOTH) == [(0.625, 0.5), (0.375, 0.5)]
    assert [marks(sign, 0.0) for sign in Sign] == [(), (), ()]


def banner(heat, *others, threshold=0.25, **rule) -> str:
    return banner_text(heat, told(heat, *others, **rule), threshold)


@pytest.mark.parametrize("scale", Scale)
def test_that_a_banner_explains_exactly_the_maps_that_are_not_drawn(make, scale) -> None:
    failed = make.map([[0.0]], status=MapStatus.FAILED, reason="gradients are not finite")
    for sign in Sign:
        assert banner(make.map([[1.0, -1.0]]), scale=scale, sign=sign) == ""
        assert banner(failed, scale=scale, sign=sign) == "No map: gradients are not finite"
        assert banner(make.map([[0.0]]), scale=scale, sign=sign) == "No positive evidence anywhere"
    assert banner(make.map([[-1.0, -2.0]]), scale=scale) == "No positive evidence anywhere"


@pytest.mark.parametrize("sign", [Sign.NEGATIVE, Sign.BOTH])
def test_that_of_an_empty_map_only_what_is_against_the_finding_is_drawn_and_that_is_said(
    make, sign
) -> None:
    said = banner(make.map([[-1.0, -2.0]]), sign=sign)
    assert said == "No positive evidence anywhere; what speaks against the finding is drawn"
    hidden = banner_text(make.map([[-1.0, -2.0]]), None)
    assert hidden == "No positive evidence anywhere"


def test_that_a_map_without_negative_evidence_says_so_where_that_is_asked_for(make) -> None:
    heat = make.map([[1.0, 0.0]])
    assert banner(heat, sign=Sign.NEGATIVE) == "No negative evidence anywhere"
    assert banner_text(heat, None) == ""


def test_that_a_weak_map_on_a_shared_scale_says_why_nothing_is_drawn(make) -> None:
    weak, strong = make.map([[0.1]]), make.map([[1.0]], finding="Effusion")
    said = banner(weak, strong, scale=Scale.SHARED)
    assert (
        said == "Below the threshold everywhere: at most 10% of the shared maximum over 2 findings"
    )
    assert banner(weak, strong, scale=Scale.SHARED, threshold=0.1) == ""


def test_that_the_values_under_the_mouse_are_those_of_the_pixel_it_lies_in(make) -> None:
    stored = np.arange(12, dtype=np.uint16).reshape(3, 4)
    chain = GrayscaleChain(12, signed=False, modality=Rescale(2.0, -10.0))
    film = make.film(stored=stored, chain=chain)
    heat = make.map(np.arange(12).reshape(3, 4), shape=(3, 4))
    found = hover_at(film, heat, (1.99, 2.01))
    assert (found.row, found.column, found.stored, found.value) == (1, 2, 6, 2.0)
    assert found.map_value == pytest.approx(6.0)
    assert hover_at(film, None, (1.5, 2.5)).map_value is None


def test_that_of_a_colour_image_the_colours_are_told(make) -> None:
    stored = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    found = hover_at(make.film(stored=stored), None, (1.5, 2.5))
    assert found.colour == (18, 19, 20)
    assert (found.stored, found.value) == (None, None)


@pytest.mark.parametrize("point", [(-0.01, 1), (1, -0.01), (3.0, 1), (1, 4.0)])
def test_that_there_is_no_value_outside_of_the_film(make, point) -> None:
    film = make.film(stored=np.zeros((3, 4), np.uint16))
    assert hover_at(film, None, point) is None


def test_that_a_line_says_how_far_the_map_is_or_why_it_will_not_come(
    session, make, monkeypatch
) -> None:
    monkeypatch.setitem(CATALOGUE, "gradcam", replace(CATALOGUE["gradcam"], slow=True))
    film = make.film()
    make.show(session, film)
    session.reading.predict(make.analysis(film, method="hirescam"))
    assert waiting_text(session.reading) == ""
    asking = session.reading.asking
    asking.begin("Occlusion for Opacity")
    asking.go_on(Progress(0, 0, "Loading the model"))
    assert waiting_text(session.reading) == "Occlusion for Opacity: Loading the model"
    asking.go_on(Progress(12, 50, "Occlusion, image 1"))
    assert waiting_text(session.reading) == "Occlusion for Opacity: 12 of 50"
    session.reading.show_preview(make.analysis(film, spots=()))
    assert waiting_text(session.reading) == "Preview, coarse · Occlusion for Opacity: 12 of 50"
    session.reading.drop_preview()
    asking.end("Cancelled.")
    assert waiting_text(session.reading) == "Occlusion for Opacity: Cancelled."
    session.reading.attach(make.analysis(film))
    assert waiting_text(session.reading) == ""


def test_that_what_is_cheap_has_no_line_while_it_is_on_its_way(session, make) -> None:
    make.show(session, make.film())
    session.reading.asking.begin("Grad-CAM")
    assert waiting_text(session.reading) == ""


def test_that_the_colour_bar_says_that_a_map_is_a_preview(make) -> None:
    heat = make.map([[1.0]])
    assert legend(heat, told(heat), preview=True)[-1] == "preview, coarse"
    assert "preview, coarse" not in legend(heat, told(heat))
