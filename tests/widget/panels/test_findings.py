"""The column of findings: what the model says, one verdict each, sign; never of another case."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from radsal.app.actions.table import VERDICT_KEYS
from radsal.app.panels import FindingsPanel
from radsal.app.panels.finding_row import sentence
from radsal.app.panels.spot_facts import possible, size_text, uncertainty
from radsal.core.errors import ReviewError, WorkerDied
from radsal.core.geometry import GridMapping
from radsal.core.progress import Progress
from radsal.core.radiograph import PixelSpacing, SpacingBasis
from radsal.core.results import MapStatus, Prediction
from radsal.review.read import Verdict
from radsal.review.vocabulary import Agreement, Cause

LEFT = Qt.MouseButton.LeftButton
DETECTOR = PixelSpacing(0.2, 0.2, SpacingBasis.DETECTOR_PLANE)


@pytest.fixture
def panel(session, qtbot) -> FindingsPanel:
    made = FindingsPanel(session)
    made.resize(372, 900)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def film(make):
    return make.film(spacing=DETECTOR)


@pytest.fixture
def judging(panel, session, make, film, qtbot) -> FindingsPanel:
    """Film 1 is analysed and its read begun."""
    make.show(session, film, make.analysis(film))
    session.reading.resume(make.read())
    qtbot.waitUntil(lambda: len(panel.spots.cards) == 2)
    return panel


def said(panel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


# findings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "point", "words"),
    [
        (0.94, 0.41, "Opacity 94%, above the operating point 41%."),
        (0.18, 0.41, "Opacity 18%, below the operating point 41%."),
        (0.41, 0.41, "Opacity 41%, at the operating point 41%."),
        (0.9999, 0.41, "Opacity >99%, above the operating point 41%."),
        (0.0001, 0.41, "Opacity <1%, below the operating point 41%."),
    ],
)
def test_that_a_finding_says_its_probability_and_its_operating_point(
    probability, point, words
) -> None:
    assert sentence(Prediction("Opacity", 0.0, probability, point)) == words


def test_that_every_finding_is_a_row_in_the_model_s_order_and_the_striking_one_is_chosen(
    judging,
) -> None:
    rows = judging.findings.rows
    assert [row.prediction.finding for row in rows] == ["Opacity", "Effusion"]
    assert [row.isChecked() for row in rows] == [True, False]
    assert "above the operating point 41%" in judging.findings.sentence.text()


def test_that_a_click_on_a_finding_asks_for_it(judging, qtbot) -> None:
    with qtbot.waitSignal(judging.findingChosen) as told:
        qtbot.mouseClick(judging.findings.rows[1], LEFT)
    assert told.args == ["Effusion"]


def test_that_a_finding_s_name_is_never_taken_for_markup(panel, session, make, film, qtbot) -> None:
    name = "<img src=x>"
    analysis = make.analysis(
        film, maps=(), spots=(), predictions=(Prediction(name, 1.0, 0.7, 0.5),)
    )
    make.show(session, film, analysis)
    qtbot.waitUntil(lambda: "&lt;img" in panel.findings.sentence.text())


# hot spots ---------------------------------------------------------------------------------------


def test_that_each_hot_spot_has_a_card_with_rank_share_and_size(judging) -> None:
    cards = judging.spots.cards
    assert [card.spot.id for card in cards] == ["spot-1", "spot-2"]
    assert [card.accessibleName() for card in cards] == [
        "Hot spot 1, 61% of the map",
        "Hot spot 2, 23% of the map",
    ]
    assert "cm² detector plane" in cards[0].size_line.text()
    assert "0 OF 2 JUDGED" in said(judging)


@pytest.mark.parametrize(
    ("spacing", "text"),
    [
        (DETECTOR, "±29 mm"),
        (PixelSpacing(), "±144 px"),
        (PixelSpacing(0.2, 0.4, SpacingBasis.CALIBRATED), "±48 mm"),
    ],
)
def test_that_the_grid_s_uncertainty_is_half_a_cell_along_its_longer_side(
    make, spacing, text
) -> None:
    """288 x 240 pixels a cell: half of it is 144 or 120 pixels."""
    heat = make.map(np.ones((7, 7)), mapping=GridMapping(288.0, 0.0, 240.0, 0.0))
    assert uncertainty(heat, spacing) == text


def test_that_an_area_without_a_spacing_is_told_in_pixels(make) -> None:
    assert size_text(make.spot(box=(0, 0, 50, 40)), None, PixelSpacing()) == "2,000 px"
    assert size_text(make.spot(box=(0, 0, 500, 300)), None, DETECTOR) == "60 cm² detector plane"


def test_that_only_the_active_card_shows_its_buttons(judging, session, qtbot) -> None:
    for spot in ("spot-2", "spot-1"):
        session.reading.spot = spot
        qtbot.waitUntil(
            lambda spot=spot: (
                [c.spot.id for c in judging.spots.cards if c.box.isVisible()] == [spot]
            )
        )
    session.reading.spot = None
    qtbot.waitUntil(lambda: not any(card.box.isVisible() for card in judging.spots.cards))


def test_that_a_click_on_a_card_asks_for_its_hot_spot(judging, qtbot) -> None:
    with qtbot.waitSignal(judging.spotChosen) as told:
        qtbot.mouseClick(judging.spots.cards[1], LEFT)
    assert told.args == ["spot-2"]


@pytest.mark.parametrize("cause", [*Cause, None])
def test_that_each_button_asks_for_its_cause_on_its_hot_spot_and_marks_nothing_by_itself(
    judging, session, qtbot, cause
) -> None:
    session.reading.spot = "spot-2"
    box = judging.spots.cards[1].box
    qtbot.waitUntil(box.isVisible)
    with qtbot.waitSignal(judging.judged) as told:
        qtbot.mouseClick(box.chips[cause], LEFT)
    assert told.args == ["spot-2", cause, None]
    assert not any(chip.isChecked() for chip in box.chips.values())


def test_that_the_digit_on_a_button_is_the_key_that_gives_the_verdict(judging) -> None:
    chips = judging.spots.cards[0].box.chips
    assert {cause: chip.key for cause, chip in chips.items()} == {
        cause: str(digit) for digit, cause in enumerate(VERDICT_KEYS, start=1)
    }


def test_that_a_verdict_is_marked_on_its_own_card_only(judging, session, make, film, qtbot) -> None:
    reading = session.reading
    reading.read = reading.read.judge(make.verdict(film, "spot-2", Cause.DEVICE))
    reading.spot = "spot-2"
    qtbot.waitUntil(lambda: "1 OF 2 JUDGED" in said(judging))
    marked = [
        [cause for cause, chip in card.box.chips.items() if chip.isChecked()]
        for card in judging.spots.cards
    ]
    assert marked == [[], [Cause.DEVICE]]
    assert "not judged" in said(judging.spots.cards[0])
    assert "device · disagree" in said(judging.spots.cards[1])


def test_that_only_agreements_that_a_verdict_may_have_can_be_chosen(make, film) -> None:
    """Held against the constructor, which knows the rules."""
    for cause in Cause:
        allowed = []
        for agreement in (Agreement.AGREE, Agreement.PARTLY, Agreement.DISAGREE):
            try:
                made = Verdict(film.identity, "Opacity", "gradcam", "s", agreement, cause)
            except ReviewError:
                continue
            allowed.append(made.agreement)
        verdict = make.verdict(film, cause=cause, agreement=Agreement.DISAGREE)
        assert list(possible(verdict)) == allowed, cause
    assert possible(make.verdict(film, cause=None, agreement=Agreement.CANNOT_ASSESS)) == ()


def test_that_agreement_note_and_withdrawal_are_told_for_the_hot_spot_of_the_card(
    judging, session, make, film, qtbot
) -> None:
    reading = session.reading
    reading.read = reading.read.judge(make.verdict(film, "spot-1", Cause.FINDING, Agreement.AGREE))
    reading.spot = "spot-1"
    box = judging.spots.cards[0].box
    qtbot.waitUntil(box.note.isVisible)
    with qtbot.waitSignal(judging.judged) as told:
        qtbot.mouseClick(box.agreement.button(Agreement.PARTLY), LEFT)
    assert told.args == ["spot-1", Cause.FINDING, Agreement.PARTLY]
    with qtbot.waitSignal(judging.noted) as noted:
        qtbot.keyClicks(box.note, "left base")
        qtbot.keyClick(box.note, Qt.Key.Key_Return)
    assert noted.args == ["spot-1", "left base"]
    with qtbot.waitSignal(judging.withdrawn) as taken:
        qtbot.mouseClick(box.withdraw, LEFT)
    assert taken.args == ["spot-1"]


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (MapStatus.EMPTY, "", "No positive evidence anywhere"),
        (MapStatus.FAILED, "the map is constant", "the map is constant"),
    ],
)
def test_that_a_map_without_hot_spots_says_why(
    panel, session, make, film, qtbot, status, reason, words
) -> None:
    heat = make.map(np.zeros((8, 6)), status=status, reason=reason)
    make.show(session, film, make.analysis(film, maps=(heat,), spots=()))
    qtbot.waitUntil(lambda: words in said(panel))
    assert panel.spots.cards == []


# the hazard --------------------------------------------------------------------------------------


def test_that_the_cards_of_the_old_case_are_gone_when_the_next_one_is_chosen(
    judging, session, make, qtbot
) -> None:
    session.reading.choose(make.case(2))
    qtbot.waitUntil(lambda: judging.spots.cards == [] and judging.findings.rows == [])
    assert not judging.findings.isVisible()
    assert "94%" not in said(judging)
    assert "Waiting for the image." in said(judging)


def test_that_a_finding_of_the_next_analysis_gets_its_own_cards(
    judging, session, make, film, qtbot
) -> None:
    session.reading.select_finding("Effusion")
    qtbot.waitUntil(lambda: [c.spot.id for c in judging.spots.cards] == ["spot-3"])


def test_that_a_failure_is_told_with_what_to_do_and_never_on_another_case(
    panel, session, make, film, qtbot
) -> None:
    make.show(session, film)
    fail(session, WorkerDied("The compute process ended.", remedy="Press F5 to try again."))
    text = "was not analysed. The compute process ended. Press F5 to try again."
    qtbot.waitUntil(lambda: text in said(panel))
    make.show(session, make.film(2))
    qtbot.waitUntil(lambda: "has not been analysed yet" in said(panel))
    assert "compute process" not in said(panel)


def test_that_a_failure_of_one_image_is_not_told_of_another_image_of_the_same_case(
    panel, session, make, film, qtbot
) -> None:
    second = make.film(
        2,
        study_instance_uid=film.header.study_instance_uid,
        patient_name=film.header.patient_name,
        patient_id=film.header.patient_id,
    )
    make.show(session, film)
    case = session.reading.case.with_images([second.header])
    session.reading.case = case
    fail(session, WorkerDied("The compute process ended."))
    session.reading.choose(case, second.header)
    session.reading.present(second)
    qtbot.waitUntil(lambda: "has not been analysed yet" in said(panel))
    assert "compute process" not in said(panel)


def test_that_a_failure_is_forgotten_when_the_work_begins_again(
    panel, session, make, film, qtbot
) -> None:
    make.show(session, film)
    fail(session, WorkerDied("The compute process ended."))
    qtbot.waitUntil(lambda: "compute process" in said(panel))
    session.reading.asking.begin("Grad-CAM")
    session.reading.asking.end()
    qtbot.waitUntil(lambda: "compute process" not in said(panel))


def fail(session, error) -> None:
    session.reading.asking.begin("Grad-CAM")
    session.reading.asking.fail(error)


# progress and notices ----------------------------------------------------------------------------


def test_that_work_shows_what_it_is_and_how_far_and_can_be_cancelled(
    panel, session, make, film, qtbot
) -> None:
    make.show(session, film)
    session.reading.asking.begin("SmoothGrad for Opacity")
    session.reading.asking.go_on(Progress(3, 12, "Samples"))
    assert "SmoothGrad for Opacity" in said(panel)
    assert "Samples · 3 of 12" in said(panel)
    bar = panel.progress.bar
    assert (bar.value() - bar.minimum()) / (bar.maximum() - bar.minimum()) == pytest.approx(0.25)
    with qtbot.waitSignal(panel.cancelRequested):
        qtbot.mouseClick(panel.progress.cancel, LEFT)
    session.reading.asking.end()
    assert not panel.progress.isVisible()


def test_that_the_footer_stays_below_while_another_map_is_waited_for(
    panel, session, make, film, qtbot
) -> None:
    panel.resize(panel.width(), 1000)
    make.show(session, film, make.analysis(film))
    session.reading.resume(make.read())
    qtbot.waitUntil(panel.spots.isVisible)
    panel.layout().activate()
    before = panel.footer.geometry()
    session.reading.choose_method("hirescam")
    session.reading.asking.begin("HiResCAM")
    qtbot.waitUntil(lambda: panel.progress.isVisible() and not panel.spots.isVisible())
    panel.layout().activate()
    assert panel.footer.geometry() == before


def test_that_work_of_unknown_length_claims_no_share(panel, session, make, film) -> None:
    make.show(session, film)
    session.reading.asking.begin("Grad-CAM")
    assert panel.progress.bar.maximum() == panel.progress.bar.minimum()


def test_that_a_note_of_the_analysis_is_seen_before_judging(
    panel, session, make, film, qtbot
) -> None:
    objection = "The model is intended for view PA or AP; this image has LATERAL."
    make.show(session, film, make.analysis(film, notes=(objection,)))
    qtbot.waitUntil(lambda: objection in said(panel))
    session.reading.choose(make.case(2))
    qtbot.waitUntil(lambda: objection not in said(panel))


def test_that_a_restart_is_told_until_it_is_put_away(panel, session, make, film, qtbot) -> None:
    make.show(session, film)
    panel.set_notice("The compute process was restarted.")
    assert "The compute process was restarted." in said(panel)
    qtbot.mouseClick(panel.notices.restarted.close_button, LEFT)
    assert "restarted" not in said(panel)


# the footer --------------------------------------------------------------------------------------


def test_that_a_read_is_signed_only_once_it_says_something(
    judging, session, make, film, qtbot
) -> None:
    footer = judging.footer
    assert not footer.sign.isEnabled()
    session.reading.read = session.reading.read.judge(make.verdict(film))
    qtbot.waitUntil(footer.sign.isEnabled)
    with qtbot.waitSignal(judging.signRequested):
        qtbot.mouseClick(footer.sign, LEFT)


def test_that_a_signed_read_is_locked_named_and_can_be_amended(
    judging, session, make, film, qtbot
) -> None:
    reading = session.reading
    reading.read = reading.read.judge(make.verdict(film, note="name tag")).sign()
    reading.spot = "spot-1"
    box, footer = judging.spots.cards[0].box, judging.footer
    qtbot.waitUntil(footer.amend.isVisible)
    assert not footer.sign.isVisible()
    assert "by Dr. Test. Locked" in said(judging)
    assert not any(chip.isEnabled() for chip in box.chips.values())
    assert box.note.isReadOnly()
    assert not box.withdraw.isVisible()
    with qtbot.waitSignal(judging.amendRequested):
        qtbot.mouseClick(footer.amend, LEFT)
    reading.read = reading.read.amendment()
    qtbot.waitUntil(footer.sign.isVisible)
    assert all(chip.isEnabled() for chip in box.chips.values())


def test_that_there_is_no_report_of_what_is_not_saved(judging, session, make, film, qtbot) -> None:
    session.reading.read = session.reading.read.judge(make.verdict(film))
    qtbot.waitUntil(judging.footer.sign.isEnabled)
    assert not judging.footer.report.isEnabled()
    session.reading.saved_at = session.reading.read.updated_at
    qtbot.waitUntil(judging.footer.report.isEnabled)


def test_that_a_remark_is_told_before_the_read_is_signed(
    judging, session, make, film, qtbot
) -> None:
    session.reading.read = session.reading.read.judge(make.verdict(film))
    qtbot.waitUntil(judging.footer.sign.isEnabled)
    order: list[str] = []
    judging.remarked.connect(order.append)
    judging.signRequested.connect(lambda: order.append("sign"))
    qtbot.keyClicks(judging.footer.remark, "seen")
    qtbot.mouseClick(judging.footer.sign, LEFT)
    assert order == ["seen", "sign"]


def test_that_nothing_is_remarked_or_amended_while_there_is_no_analysis_to_save_it_with(
    judging, session, make, film, qtbot
) -> None:
    reading, footer = session.reading, judging.footer
    reading.choose_method("hirescam")
    qtbot.waitUntil(footer.remark.isReadOnly)
    reading.choose_method("gradcam")
    reading.attach(make.analysis(film))
    qtbot.waitUntil(lambda: not footer.remark.isReadOnly())
    reading.read = reading.read.remark("seen").sign()
    qtbot.waitUntil(footer.amend.isEnabled)
    reading.choose_method("hirescam")
    qtbot.waitUntil(lambda: not footer.amend.isEnabled())


def test_that_a_remark_of_one_read_is_not_shown_with_another(judging, session, make, qtbot) -> None:
    session.reading.read = session.reading.read.remark("of case one")
    qtbot.waitUntil(lambda: judging.footer.remark.toPlainText() == "of case one")
    second = make.film(2)
    make.show(session, second, make.analysis(second))
    session.reading.resume(make.read(2))
    qtbot.waitUntil(lambda: judging.footer.remark.toPlainText() == "")


def test_that_a_remark_half_typed_on_one_case_never_becomes_the_next_one_s(
    judging, session, make, qtbot
) -> None:
    told: list[tuple[str, str]] = []
    judging.remarked.connect(lambda text: told.append((session.reading.case.first.path.name, text)))
    qtbot.keyClicks(judging.footer.remark, "of case one")
    judging.commit()  # what the window does before it leaves a case
    second = make.film(2)
    make.show(session, second, make.analysis(second))
    session.reading.resume(make.read(2))
    qtbot.waitUntil(lambda: judging.footer.remark.toPlainText() == "")
    judging.commit()
    assert told == [("film1.dcm", "of case one")]


def test_that_an_analysis_in_the_wrong_place_shows_no_card(
    panel, session, make, film, qtbot
) -> None:
    """A model without findings in common: nothing of the old finding stays."""
    make.show(session, film, make.analysis(film))
    qtbot.waitUntil(lambda: bool(panel.spots.cards))
    other = replace(
        make.analysis(film, model=make.other_model, maps=(), spots=()),
        predictions=(Prediction("Nodule", 1.0, 0.7, 0.5),),
    )
    make.show(session, film, other)
    qtbot.waitUntil(lambda: panel.spots.cards == [])
    assert [row.prediction.finding for row in panel.findings.rows] == ["Nodule"]
    assert "No map was made for this finding." in said(panel)
