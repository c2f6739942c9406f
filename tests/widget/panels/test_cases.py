"""The list of cases and of refused files: nothing missing, nothing on another case's row."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel

from radsal.app.panels import CasesPanel, cases_panel
from radsal.app.panels.case_model import KEPT_THUMBNAILS, CaseModel, CaseRole
from radsal.app.panels.refused_list import RefusedModel
from radsal.core.refused import Refused
from radsal.session import CaseStatus
from radsal.session.worklist import CaseSummary

STRICT = QAbstractItemModelTester.FailureReportingMode.Warning  # a warning fails the test


@pytest.fixture
def panel(session, qtbot) -> CasesPanel:
    made = CasesPanel(session)
    made.resize(264, 600)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def three(session, make):
    names = ("SYNTH^ANNA", "SYNTH^BERND", "SYNTH^CARLA")
    session.worklist.add(make.header(n, patient_name=name) for n, name in enumerate(names, start=1))
    return session.worklist.cases


def names(model: CaseModel) -> list[str]:
    return [model.index(row).data() for row in range(model.rowCount())]


def said(panel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def picture(colour: str) -> QImage:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


class PaintCounter(QObject):
    """How often a widget was painted."""

    def __init__(self, widget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)
        widget.update()

    def eventFilter(self, _watched, event) -> bool:  # noqa: N802 - Qt's name
        self.count += event.type() == QEvent.Type.Paint
        return False


# the model ---------------------------------------------------------------------------------------


def test_that_the_model_keeps_qt_s_rules_through_everything_that_happens(session, make) -> None:
    model = CaseModel(session.worklist)
    QAbstractItemModelTester(model, STRICT)
    session.worklist.events.cases.connect(model.take_cases, max_args=0)
    session.worklist.add(make.header(n) for n in range(1, 5))
    model.search("number2")
    session.worklist.add(make.header(n) for n in range(5, 9))
    model.search("")
    model.set_active(session.worklist.cases[3])
    model.set_thumbnail("2.25.103", picture("#123456"))
    session.worklist.clear()
    assert model.rowCount() == 0


def test_that_cases_found_later_are_appended_and_none_is_drawn_anew(session, make) -> None:
    model = CaseModel(session.worklist)
    inserted, resets = [], []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    model.modelReset.connect(lambda: resets.append(1))
    for batch in ((1, 2), (3, 4, 5)):
        session.worklist.add(make.header(n) for n in batch)
        model.take_cases()
    assert (inserted, resets) == ([(0, 1), (2, 4)], [])
    assert names(model) == [f"SYNTH^NUMBER{n}" for n in range(1, 6)]


def test_that_a_second_image_of_an_exam_changes_its_row_and_adds_none(session, make) -> None:
    model = CaseModel(session.worklist)
    session.worklist.add([make.header(1), make.header(2)])
    model.take_cases()
    same = {
        "study_instance_uid": "2.25.101",
        "patient_name": "SYNTH^NUMBER1",
        "patient_id": "SYN-1",
    }
    session.worklist.add([make.header(3, **same)])
    model.take_cases()
    assert names(model) == ["SYNTH^NUMBER1", "SYNTH^NUMBER2"]
    assert len(model.index(0).data(CaseRole.CASE).images) == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("bernd", ["SYNTH^BERND"]),
        ("  ANNA ", ["SYNTH^ANNA"]),
        ("SYN-3", ["SYNTH^CARLA"]),
        ("opacity", ["SYNTH^CARLA"]),
        ("^", ["SYNTH^ANNA", "SYNTH^BERND", "SYNTH^CARLA"]),
        ("nobody", []),
        ("", ["SYNTH^ANNA", "SYNTH^BERND", "SYNTH^CARLA"]),
    ],
)
def test_that_search_finds_name_id_and_result(session, three, query, found) -> None:
    session.worklist.summarise("2.25.103", CaseSummary(CaseStatus.READY, "Opacity 94%"))
    model = CaseModel(session.worklist)
    model.search(query)
    assert names(model) == found


def test_that_a_case_is_found_by_its_result_also_when_the_result_comes_after_the_search(
    panel, session, three
) -> None:
    panel.search.setText("opacity")
    assert names(panel.model) == []
    session.worklist.summarise("2.25.102", CaseSummary(CaseStatus.READY, "Opacity 94%"))
    assert names(panel.model) == ["SYNTH^BERND"]
    session.worklist.summarise("2.25.102", CaseSummary(CaseStatus.READY, "Effusion 94%"))
    assert names(panel.model) == []


def test_that_exactly_the_case_on_screen_is_marked(session, three) -> None:
    model = CaseModel(session.worklist)
    for case in (*three, None):
        model.set_active(case)
        marked = [model.index(row).data(CaseRole.ACTIVE) for row in range(3)]
        assert marked == [each is case for each in three]


def test_that_a_thumbnail_belongs_to_its_exam_also_after_a_search(session, three) -> None:
    model = CaseModel(session.worklist)
    colours = {"2.25.103": "#0000ff", "2.25.101": "#ff0000"}
    for uid, colour in colours.items():
        model.set_thumbnail(uid, picture(colour))
    for query in ("", "carla", "anna", ""):
        model.search(query)
        for row in range(model.rowCount()):
            index = model.index(row)
            uid = index.data(CaseRole.CASE).study_instance_uid
            shown = index.data(CaseRole.THUMBNAIL)
            colour = shown.pixelColor(3, 3).name() if shown is not None else None
            assert colour == colours.get(uid)


def test_that_a_gray_thumbnail_keeps_its_grays_in_a_byte_each(session, three) -> None:
    model, film = CaseModel(session.worklist), QImage(64, 4, QImage.Format.Format_RGB32)
    for x in range(64):
        for y in range(4):
            film.setPixelColor(x, y, QColor(4 * x, 4 * x, 4 * x))
    model.set_thumbnail("2.25.101", film)
    kept = model.index(0).data(CaseRole.THUMBNAIL)
    assert [kept.pixelColor(x, 2).getRgb()[:3] for x in range(64)] == [
        (4 * x,) * 3 for x in range(64)
    ]
    assert kept.sizeInBytes() == 64 * 4


def test_that_old_thumbnails_are_forgotten_before_they_fill_the_memory(session, three) -> None:
    model, small = CaseModel(session.worklist), picture("#000000").scaled(1, 1)
    model.set_thumbnail("2.25.101", small)
    for number in range(KEPT_THUMBNAILS):
        model.set_thumbnail(f"other {number}", small)
    assert model.index(0).data(CaseRole.THUMBNAIL) is None


def test_that_each_row_says_its_own_summary(session, three) -> None:
    session.worklist.summarise("2.25.102", CaseSummary(CaseStatus.DRAFT, "Opacity 94%", 1, 2))
    model = CaseModel(session.worklist)
    summaries = [model.index(row).data(CaseRole.SUMMARY) for row in range(3)]
    assert [s.status for s in summaries] == [CaseStatus.NEW, CaseStatus.DRAFT, CaseStatus.NEW]


# the column --------------------------------------------------------------------------------------


def test_that_the_empty_column_says_what_will_be_there(panel, session, three, qtbot) -> None:
    session.worklist.clear()
    qtbot.waitUntil(lambda: "Cases appear here" in said(panel))
    assert not panel.list.isVisible()


def test_that_a_search_without_a_hit_says_so_and_counts(panel, three, qtbot) -> None:
    qtbot.keyClicks(panel.search, "anna")
    qtbot.waitUntil(lambda: "1 OF 3 CASES" in said(panel))
    qtbot.keyClicks(panel.search, "x")
    qtbot.waitUntil(lambda: "No case matches the search." in said(panel))


def test_that_signed_cases_are_counted(panel, session, three, qtbot) -> None:
    session.worklist.summarise("2.25.101", CaseSummary(CaseStatus.SIGNED))
    session.worklist.summarise("2.25.102", CaseSummary(CaseStatus.DRAFT))
    qtbot.waitUntil(lambda: "3 CASES · 1 SIGNED" in said(panel))


def test_that_a_click_chooses_the_case_of_that_row_and_the_open_one_is_not_chosen_again(
    panel, session, three, qtbot
) -> None:
    session.reading.choose(three[0])
    chosen = []
    panel.caseChosen.connect(chosen.append)
    for row in (1, 0, 2):
        where = panel.list.visualRect(panel.model.index(row)).center()
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert chosen == [three[1], three[2]]


def test_that_the_open_case_is_in_sight_in_a_long_list(panel, session, make, qtbot) -> None:
    session.worklist.add(make.header(n) for n in range(1, 60))
    session.reading.choose(session.worklist.cases[50])
    box = panel.list.visualRect(panel.model.index(50))
    qtbot.waitUntil(
        lambda: (
            panel.list.viewport()
            .rect()
            .contains(panel.list.visualRect(panel.model.index(50)).center())
        )
    )
    assert box.height() > 0


LOOKS = {
    "active": lambda panel, session: session.reading.choose(session.worklist.cases[1]),
    "summary": lambda panel, session: session.worklist.summarise(
        "2.25.102", CaseSummary(CaseStatus.READY)
    ),
    "thumbnail": lambda panel, session: panel.set_thumbnail("2.25.102", picture("#00ff00")),
}


@pytest.mark.parametrize("change", LOOKS.values(), ids=LOOKS)
def test_that_a_row_that_looks_different_is_drawn_again_by_itself(
    panel, session, three, qtbot, change
) -> None:
    painted = PaintCounter(panel.list.viewport())
    qtbot.waitUntil(lambda: painted.count > 0)
    QApplication.processEvents()
    painted.count = 0
    change(panel, session)
    qtbot.waitUntil(lambda: painted.count > 0)


@pytest.mark.parametrize("change", LOOKS.values(), ids=LOOKS)
def test_that_a_row_that_looks_different_does_not_make_qt_go_through_all_rows(
    session, make, qtbot, monkeypatch, change
) -> None:
    asked = []

    class Counting(CaseModel):
        def rowCount(self, parent=None) -> int:  # noqa: N802 - Qt's name
            asked.append(0)
            return super().rowCount(parent)

    monkeypatch.setattr(cases_panel, "CaseModel", Counting)
    panel = CasesPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    session.worklist.add(make.header(number) for number in range(1, 3001))
    qtbot.waitExposed(panel)
    QApplication.processEvents()
    panel.grab()
    asked.clear()
    change(panel, session)
    panel.grab()
    assert len(asked) < 1000


@pytest.mark.parametrize("status", list(CaseStatus))
def test_that_every_state_of_a_case_can_be_drawn(panel, session, three, status) -> None:
    session.worklist.summarise("2.25.101", CaseSummary(status, "Opacity 94%", 1, 2))
    session.reading.choose(three[0])
    panel.set_thumbnail("2.25.101", picture("#00ff00"))
    shown = panel.list.grab().toImage()
    box = panel.list.visualRect(panel.model.index(0))
    inside = [
        shown.pixelColor(x, y).name() for x in range(14, 50) for y in range(box.top() + 14, 50)
    ]
    assert "#00ff00" in inside


# refused files -----------------------------------------------------------------------------------

REFUSED = (
    Refused(Path("some/folder/letter.txt"), "not-dicom", "The file is no DICOM file."),
    Refused(Path("some/folder/cut.dcm"), "truncated", "The pixel data ends early."),
)


def test_that_refused_files_are_hidden_while_there_are_none(panel, session, qtbot) -> None:
    assert not panel.refused.isVisible()
    session.worklist.refuse(*REFUSED)
    qtbot.waitUntil(panel.refused.isVisible)
    assert "(2)" in panel.refused.fold.text()
    assert not panel.refused.list.isVisible()


def test_that_every_refused_file_is_listed_with_name_code_and_reason(panel, session, qtbot) -> None:
    session.worklist.refuse(*REFUSED)
    qtbot.mouseClick(panel.refused.fold, Qt.MouseButton.LeftButton)
    assert panel.refused.list.isVisible()
    model = panel.refused.list.model()
    texts = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert texts == [
        "letter.txt: not-dicom. The file is no DICOM file.",
        "cut.dcm: truncated. The pixel data ends early.",
    ]


def test_that_a_file_refused_again_is_listed_once_with_its_latest_reason(panel, session) -> None:
    session.worklist.refuse(*REFUSED)
    session.worklist.refuse(replace(REFUSED[0], code="empty", reason="It has no bytes."))
    model = panel.refused.list.model()
    texts = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert texts[-1] == "letter.txt: empty. It has no bytes."
    assert len(texts) == 2


def test_that_the_refused_model_keeps_qt_s_rules() -> None:
    model = RefusedModel()
    QAbstractItemModelTester(model, STRICT)
    model.take(REFUSED)
    model.take(())
    assert model.rowCount() == 0


def test_that_markup_in_a_name_stays_text_in_the_tips(session, make) -> None:
    """Qt would load the picture, from another machine if need be."""
    evil = "<img src='//host/x.png'>DOE^JANE"
    session.worklist.add([make.header(1, patient_name=evil)])
    cases, refused = CaseModel(session.worklist), RefusedModel()
    refused.take((Refused(Path(f"{evil}.dcm"), "not-dicom", "no film"),))
    for model in (cases, refused):
        assert "<img" not in model.index(0).data(Qt.ItemDataRole.ToolTipRole)


def test_that_a_refused_file_s_tip_says_what_can_be_done_about_it(qapp) -> None:
    model = RefusedModel()
    model.take((Refused(Path("a.dcm"), "empty", "The file is empty.", "Copy it again."),))
    tip = model.data(model.index(0), Qt.ItemDataRole.ToolTipRole)
    assert "The file is empty. Copy it again." in tip
