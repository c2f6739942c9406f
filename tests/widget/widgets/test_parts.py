"""Labels, choices, buttons and words that every panel is made of."""

import pytest
from PySide6.QtGui import Qt, QTextDocument

from radsal.app.theme import THEMES, apply_theme
from radsal.app.widgets.icons import _DRAWINGS, pixmap
from radsal.app.widgets.key_button import KeyButton
from radsal.app.widgets.labels import ElidedLabel, label, tip
from radsal.app.widgets.segmented import SegmentedChoice
from radsal.app.widgets.words import area, clock, day, exam, number, patient
from radsal.core.radiograph import PixelSpacing, SpacingBasis

LEFT = Qt.MouseButton.LeftButton


def test_that_a_label_shows_markup_of_a_file_as_text(qtbot) -> None:
    made = label("<b>SYNTH</b>")
    qtbot.addWidget(made)
    assert made.textFormat() == Qt.TextFormat.PlainText


@pytest.mark.parametrize("text", ["DOE^JANE\nDX Chest", "a < b", "<img src='//host/x'>DOE^JANE"])
def test_that_a_tip_shows_markup_of_a_file_as_text(qapp, text) -> None:
    shown = QTextDocument()
    (shown.setHtml if Qt.mightBeRichText(tip(text)) else shown.setPlainText)(tip(text))
    assert shown.toPlainText() == text


def test_that_a_text_without_room_ends_in_an_ellipsis_and_the_tip_has_all_of_it(qtbot) -> None:
    text = "a rather long description of an exam"
    made = ElidedLabel(text)
    qtbot.addWidget(made)
    made.resize(80, 20)
    made.show()
    qtbot.waitUntil(lambda: made.toolTip() == text)
    assert made.shown_text().endswith("…")
    made.resize(600, 20)
    qtbot.waitUntil(lambda: made.toolTip() == "")
    assert made.shown_text() == text


def test_that_a_tip_does_not_speak_of_a_text_that_was_replaced(qtbot) -> None:
    made = ElidedLabel("a rather long description of an exam")
    qtbot.addWidget(made)
    made.resize(80, 20)
    made.show()
    qtbot.waitUntil(lambda: made.toolTip() != "")
    made.setText("short")
    assert made.toolTip() == ""


def test_that_a_choice_is_told_when_a_person_picks_it_and_not_when_it_is_set(qtbot) -> None:
    made = SegmentedChoice([("a", "one"), ("b", "two")])
    qtbot.addWidget(made)
    picked = []
    made.picked.connect(picked.append)
    made.set_value("b")
    assert (made.button("b").isChecked(), picked) == (True, [])
    made.show()
    qtbot.mouseClick(made.button("a"), LEFT)
    assert (made.button("a").isChecked(), made.button("b").isChecked()) == (True, False)
    assert picked == ["a"]
    made.set_value(None)
    assert not made.button("a").isChecked()


@pytest.mark.parametrize("role", ["primary", "chip", ""])
def test_that_a_button_has_room_for_its_word_and_its_key(qtbot, qapp, role) -> None:
    made = KeyButton("other anatomy", "2", role)
    qtbot.addWidget(made)
    metrics = made.fontMetrics()
    needed = metrics.horizontalAdvance("other anatomy") + metrics.horizontalAdvance("2")
    assert made.minimumSizeHint().width() >= needed * 0.8
    assert made.accessibleName() == "other anatomy (2)"


def test_that_a_chip_does_not_move_its_neighbours_when_it_is_chosen(qtbot) -> None:
    made = KeyButton("text", "3", "chip")
    qtbot.addWidget(made)
    made.setCheckable(True)
    before = made.sizeHint()
    made.setChecked(True)
    assert made.sizeHint() == before


def test_that_every_icon_draws_something(qapp) -> None:
    for name in _DRAWINGS:
        image = pixmap(name, "#ffffff").toImage()
        drawn = sum(image.pixelColor(x, y).alpha() > 0 for x in range(32) for y in range(32))
        assert drawn > 10, name


# words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "text"),
    [("20120109", "9 Jan 2012"), ("", ""), ("2012", "2012"), ("20121309", "20121309")],
)
def test_that_a_date_is_written_out_or_left_as_it_is(date, text) -> None:
    assert day(date) == text


@pytest.mark.parametrize(
    ("time", "text"), [("093144.2", "09:31"), ("0931", "09:31"), ("", ""), ("9", "9")]
)
def test_that_a_time_is_shown_to_the_minute(time, text) -> None:
    assert clock(time) == text


@pytest.mark.parametrize(
    ("name", "identifier", "text"),
    [
        ("SYNTH^ANNA^^", "1", "SYNTH^ANNA"),
        ("", "SYN-1", "SYN-1"),
        ("^^", "", "No name stated"),
    ],
)
def test_that_a_patient_has_a_name_or_an_id_or_is_said_to_have_none(
    make, name, identifier, text
) -> None:
    assert patient(make.header(patient_name=name, patient_id=identifier)) == text


def test_that_an_exam_does_not_say_its_view_twice(make) -> None:
    stated = {"study_description": "Chest AP", "view_position": "AP"}
    assert exam(make.header(**stated)) == "DX Chest AP"
    assert exam(make.header(body_part="CHEST", view_position="PA")) == "DX CHEST PA"


@pytest.mark.parametrize(
    ("value", "text"), [(1023.4, "1023"), (40.0, "40"), (0.25, "0.25"), (-1500.0, "-1500")]
)
def test_that_a_number_has_the_figures_that_matter(value, text) -> None:
    assert number(value) == text


def test_that_an_area_says_what_its_unit_refers_to() -> None:
    calibrated = PixelSpacing(0.1, 0.2, SpacingBasis.CALIBRATED)
    assert area(10_000, calibrated) == "2.0 cm² calibrated"
    assert area(10_000, PixelSpacing()) == "10,000 px"


def test_that_a_theme_can_be_put_on_without_a_warning(qapp) -> None:
    before = qapp.styleSheet(), qapp.font(), qapp.palette()
    try:
        for tokens in THEMES.values():
            apply_theme(qapp, tokens)
            assert tokens.panel in qapp.styleSheet()
    finally:
        qapp.setStyleSheet(before[0])
        qapp.setFont(before[1])
        qapp.setPalette(before[2])
