"""The window joins views and actions: every row of the table, keys, drops, dialogs, closing."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QInputDialog,
    QLabel,
    QMenu,
    QPushButton,
)

from radsal.app.actions.table import ACTIONS, HIDDEN
from radsal.app.windows.dialogs import (
    AboutDialog,
    CommandsDialog,
    KeysDialog,
    ReportDialog,
    UnsavedDialog,
)
from radsal.app.windows.toolbar import ToolButton
from radsal.core.errors import KnownError, StoreError
from radsal.core.radiograph import VoiWindow
from radsal.review.vocabulary import Cause

# the offscreen platform's only complaint, about every window of its own size
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
LEFT = Qt.MouseButton.LeftButton


def status_text(window) -> str:
    return "  ".join(each.text() for each in window.status.findChildren(QLabel) if each.text())


def dialog_of(window, kind):
    found = [d for d in window.findChildren(kind) if d.isVisible()]
    return found[0] if found else None


# everything is there -----------------------------------------------------------------------------


def test_that_every_row_of_the_table_is_in_a_menu_and_works_by_its_key(window) -> None:
    in_menus = {
        action for sub in window.toolbar.menu.findChildren(QMenu) for action in sub.actions()
    }
    for row in ACTIONS:
        action = window.commands.by_id(row.id)
        assert (action in in_menus) is (row.id not in HIDDEN), row.id
        assert [key.toString() for key in action.shortcuts()] == list(row.keys), row.id
        assert action in window.actions(), row.id


def test_that_every_toolbar_row_has_its_button_with_name_and_key(window) -> None:
    shown = {
        button.accessibleName(): button.toolTip()
        for button in window.toolbar.findChildren(ToolButton)
    }
    for row in ACTIONS:
        if row.toolbar:
            assert row.text in shown
            assert row.keys[0] in shown[row.text]


def test_that_what_needs_an_image_is_disabled_without_one(window) -> None:
    for name in ("view.invert", "view.fit", "map.heatmap", "read.sign", "read.next_spot"):
        assert not window.commands.by_id(name).isEnabled(), name
    for name in ("file.open", "file.folder", "file.demo", "help.commands", "file.quit"):
        assert window.commands.by_id(name).isEnabled(), name


def test_that_the_title_names_the_file_and_no_patient(reading_window, qtbot) -> None:
    assert "SYNTH" not in reading_window.windowTitle()
    assert "film1" not in reading_window.windowTitle()
    assert "research use only" in reading_window.windowTitle()


def test_that_the_status_line_always_says_that_it_is_for_research(window, reading_window) -> None:
    assert "Not for diagnostic use" in status_text(window)


def test_that_the_status_line_names_model_hash_device_and_reader(
    reading_window, make, qtbot
) -> None:
    wanted = ("demo-opacity", f"{'a' * 4}…{'a' * 4}", "cpu", "38 ms", "Dr. Test")
    qtbot.waitUntil(lambda: all(part in status_text(reading_window) for part in wanted))


# keys --------------------------------------------------------------------------------------------


def test_that_digits_choose_a_preset_until_a_hot_spot_is_active(
    reading_window, bench, qtbot
) -> None:
    window, session = reading_window, bench.session
    qtbot.waitUntil(lambda: "Digits: window presets" in status_text(window))
    session.view.voi = VoiWindow(1, 1)
    qtbot.keyClick(window, Qt.Key.Key_1)
    preset = session.view.voi
    assert preset != VoiWindow(1, 1)
    assert session.reading.read.verdicts == ()

    qtbot.keyClick(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: "Digits: verdict on hot spot 1" in status_text(window))
    qtbot.keyClick(window, Qt.Key.Key_3)
    assert session.view.voi == preset
    assert session.reading.verdict_on(session.reading.active_spot).cause is Cause.TEXT

    qtbot.waitUntil(lambda: window.commands.by_id("read.leave_spot").isEnabled())
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "Digits: window presets" in status_text(window))
    qtbot.keyClick(window, Qt.Key.Key_0)
    assert len(session.reading.read.verdicts) == 1


def test_that_n_and_p_walk_through_the_hot_spots(reading_window, bench, qtbot) -> None:
    walked = []
    for key in (Qt.Key.Key_N, Qt.Key.Key_N, Qt.Key.Key_N, Qt.Key.Key_P):
        qtbot.keyClick(reading_window, key)
        walked.append(bench.session.reading.spot)
    assert walked == ["spot-1", "spot-2", "spot-1", "spot-2"]


def test_that_page_down_and_up_go_through_the_cases(reading_window, bench, qtbot) -> None:
    qtbot.keyClick(reading_window, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: bench.session.reading.radiograph is bench.films[2])
    qtbot.keyClick(reading_window, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: bench.session.reading.radiograph is bench.films[1])


@pytest.mark.parametrize(
    ("key", "field"),
    [
        (Qt.Key.Key_G, "heatmap"),
        (Qt.Key.Key_C, "contours"),
        (Qt.Key.Key_I, "inverted"),
    ],
)
def test_that_a_key_switches_its_part_of_the_display(
    reading_window, bench, qtbot, key, field
) -> None:
    view = bench.session.view
    before = getattr(view, field)
    qtbot.keyClick(reading_window, key)
    assert getattr(view, field) is not before
    qtbot.keyClick(reading_window, key)
    assert getattr(view, field) is before


@pytest.mark.parametrize(
    ("key", "modifier", "turned"),
    [
        (Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier, lambda a: np.rot90(a, -1)),
        (Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier, lambda a: np.rot90(a, 1)),
        (Qt.Key.Key_H, Qt.KeyboardModifier.NoModifier, np.fliplr),
        (Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier, np.flipud),
    ],
)
def test_that_a_key_turns_the_film_and_u_lays_it_as_stored(
    reading_window, bench, qtbot, key, modifier, turned
) -> None:
    view, stored = bench.session.view, np.arange(6).reshape(2, 3)
    assert not reading_window.commands.by_id("view.upright").isEnabled()
    qtbot.keyClick(reading_window, key, modifier)
    assert np.array_equal(view.turn.array(stored), turned(stored))
    qtbot.waitUntil(reading_window.commands.by_id("view.upright").isEnabled)
    qtbot.keyClick(reading_window, Qt.Key.Key_U)
    assert np.array_equal(view.turn.array(stored), stored)


def test_that_a_frame_can_be_asked_for_by_its_number(window, bench, qtbot, make) -> None:
    film = make.film(1, frames=12)
    for player in bench.engines.workers:
        player.films[film.header.path] = film
    bench.session.worklist.add([film.header])
    bench.workstation.opening.choose(bench.session.worklist.cases[0])
    qtbot.waitUntil(bench.ready)
    window.commands.by_id("read.frame").trigger()
    dialog: QInputDialog = dialog_of(window, QInputDialog)
    assert (dialog.intMinimum(), dialog.intMaximum(), dialog.intValue()) == (1, 12, 1)
    dialog.setIntValue(7)
    dialog.accept()
    qtbot.waitUntil(bench.ready)
    assert bench.session.reading.radiograph.identity.frame == 7
    qtbot.waitUntil(lambda: dialog_of(window, QInputDialog) is None)
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    qtbot.keyClick(window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: bench.session.reading.frame == 8 and bench.ready())
    assert bench.session.reading.radiograph.identity.frame == 8


def test_that_holding_g_only_peeks(reading_window, bench, qtbot, monkeypatch) -> None:
    monkeypatch.setattr("radsal.app.windows.peek.HELD", 0)
    qtbot.keyPress(reading_window, Qt.Key.Key_G)
    assert not bench.session.view.heatmap
    qtbot.keyRelease(reading_window, Qt.Key.Key_G)
    assert bench.session.view.heatmap


def test_that_typing_g_into_a_field_never_touches_the_heatmap(
    reading_window, bench, qtbot, monkeypatch
) -> None:
    monkeypatch.setattr("radsal.app.windows.peek.HELD", 0)
    reading_window.commands.by_id("map.heatmap").trigger()  # by the mouse, at some earlier time
    assert not bench.session.view.heatmap
    field = reading_window.cases.search
    field.setFocus()
    qtbot.keyClicks(field, "gg")
    assert field.text() == "gg"
    assert not bench.session.view.heatmap


def test_that_letters_and_digits_typed_into_a_note_are_no_commands(
    reading_window, bench, qtbot
) -> None:
    window, reading = reading_window, bench.session.reading
    note = judge_and_find_note(window, bench, qtbot)
    before = (bench.session.view.heatmap, bench.session.view.inverted, reading.spot)
    qtbot.keyClicks(note, "gin 37")
    note.clearFocus()
    assert reading.verdict_on(reading.spots[0]).note == "gin 37"
    assert reading.verdict_on(reading.spots[0]).cause is Cause.TEXT
    assert (bench.session.view.heatmap, bench.session.view.inverted, reading.spot) == before


# notes that are still being typed ----------------------------------------------------------------


def judge_and_find_note(window, bench, qtbot):
    """The note of the first hot spot, which is judged as text, with the focus in it."""
    bench.session.reading.step_spot(+1)
    bench.workstation.judging.judge(Cause.TEXT)
    qtbot.waitUntil(lambda: bool(window.findings.spots.cards))
    note = window.findings.spots.cards[0].box.note
    qtbot.waitUntil(note.isVisible)
    note.setFocus()
    qtbot.waitUntil(note.hasFocus)
    return note


def stored_note(bench, read_id) -> str:
    read = bench.workstation.services.store.read(read_id)
    return read.verdicts[0].note if read and read.verdicts else ""


@pytest.mark.parametrize(
    "leave",
    ["another finding", "next case", "sign", "another model", "case list"],
)
def test_that_a_note_that_was_being_typed_is_kept_however_the_reader_goes_on(
    reading_window, bench, qtbot, leave
) -> None:
    window, reading = reading_window, bench.session.reading
    note = judge_and_find_note(window, bench, qtbot)
    qtbot.keyClicks(note, "name tag")
    read = reading.read
    if leave == "another finding":
        qtbot.mouseClick(window.findings.findings.rows[1], LEFT)
    elif leave == "next case":
        window.commands.by_id("read.next_case").trigger()
    elif leave == "sign":
        window.commands.by_id("read.sign").trigger()
    elif leave == "another model":
        menu = window.toolbar.models.menu()
        menu.aboutToShow.emit()
        menu.actions()[1].trigger()
    else:
        index = window.cases.model.index(1)
        where = window.cases.list.visualRect(index).center()
        qtbot.mouseClick(window.cases.list.viewport(), LEFT, pos=where)
    qtbot.waitUntil(lambda: not bench.workstation.judging.waiting)
    qtbot.waitUntil(bench.idle)
    assert stored_note(bench, read.id) == "name tag"


def test_that_a_note_never_lands_on_another_case(reading_window, bench, qtbot) -> None:
    note = judge_and_find_note(reading_window, bench, qtbot)
    qtbot.keyClicks(note, "of case one")
    reading_window.commands.by_id("read.next_case").trigger()
    qtbot.waitUntil(lambda: bench.ready() and bench.session.reading.radiograph is bench.films[2])
    qtbot.waitUntil(bench.idle)
    assert bench.session.reading.read.verdicts == ()


# drag and drop, dialogs --------------------------------------------------------------------------


def drop(window, urls: list[QUrl]) -> bool:
    data = QMimeData()
    data.setUrls(urls)
    action, buttons, keys = Qt.DropAction.CopyAction, LEFT, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(500, 400), action, data, buttons, keys)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(500, 400), action, data, buttons, keys))
    return enter.isAccepted()


def test_that_dropped_files_and_folders_are_opened(window, bench, monkeypatch, tmp_path) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(bench.workstation.opening, "open_paths", opened.extend)
    film = tmp_path / "film ä.dcm"
    assert drop(window, [QUrl.fromLocalFile(str(film)), QUrl.fromLocalFile(str(tmp_path))])
    assert opened == [film, tmp_path]


def test_that_a_dropped_web_address_is_not_taken(window, bench, monkeypatch) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(bench.workstation.opening, "open_paths", opened.extend)
    assert not drop(window, [QUrl("https://example.org/film.dcm")])
    assert opened == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("file.open", QFileDialog),
        ("file.folder", QFileDialog),
        ("help.keys", KeysDialog),
        ("help.commands", CommandsDialog),
        ("help.about", AboutDialog),
    ],
)
def test_that_a_dialog_opens_without_stopping_the_event_loop(window, qtbot, name, kind) -> None:
    window.commands.by_id(name).trigger()  # returns at once, or this test hangs
    qtbot.waitUntil(lambda: dialog_of(window, kind) is not None)
    dialog: QDialog = dialog_of(window, kind)
    assert dialog.isModal()
    dialog.reject()
    qtbot.waitUntil(lambda: dialog_of(window, kind) is None)


def test_that_the_files_chosen_in_the_dialog_are_opened(window, bench, qtbot, monkeypatch) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(bench.workstation.opening, "open_paths", opened.extend)
    window.ask_files()
    dialog = dialog_of(window, QFileDialog)
    dialog.filesSelected.emit(["a.dcm", "b.dcm"])
    assert opened == [Path("a.dcm"), Path("b.dcm")]
    dialog.reject()


def test_that_the_buttons_of_the_empty_window_open_a_folder_or_the_demo(
    window, bench, qtbot, monkeypatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(bench.workstation.opening, "open_paths", opened.extend)
    buttons = {b.text(): b for b in window.canvas.findChildren(QPushButton) if b.isVisible()}
    qtbot.mouseClick(next(b for t, b in buttons.items() if "demo" in t), LEFT)
    assert len(opened) == 8
    assert all(path.suffix == ".dcm" for path in opened)
    qtbot.mouseClick(next(b for t, b in buttons.items() if "folder" in t), LEFT)
    qtbot.waitUntil(lambda: dialog_of(window, QFileDialog) is not None)
    dialog_of(window, QFileDialog).reject()


def test_that_the_palette_finds_an_action_by_a_part_of_its_name_and_runs_it(
    reading_window, bench, qtbot
) -> None:
    window = reading_window
    window.show_commands()
    dialog = dialog_of(window, CommandsDialog)
    everything = dialog.list.model().rowCount()
    qtbot.keyClicks(dialog.search, "INVERT")
    assert 1 == dialog.list.model().rowCount() < everything
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert bench.session.view.inverted
    qtbot.waitUntil(lambda: dialog_of(window, CommandsDialog) is None)


def test_that_the_palette_offers_nothing_that_cannot_be_done_now(window, qtbot) -> None:
    window.show_commands()
    dialog = dialog_of(window, CommandsDialog)
    model = dialog.list.model()
    names = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert any("Open folder" in name for name in names)
    assert not any("Sign read" in name or "Invert" in name for name in names)
    qtbot.keyClicks(dialog.search, "no such command")
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.isVisible()
    dialog.reject()


def test_that_a_report_is_asked_for_with_its_kind_and_folder(
    reading_window, bench, qtbot, tmp_path
) -> None:
    bench.session.reading.step_spot(+1)
    bench.workstation.judging.judge(Cause.TEXT)
    qtbot.waitUntil(lambda: bench.session.reading.saved_at is not None)
    qtbot.waitUntil(lambda: reading_window.commands.by_id("file.report").isEnabled())
    reading_window.commands.by_id("file.report").trigger()
    dialog = dialog_of(reading_window, ReportDialog)
    next(b for b in dialog.kinds.buttons() if b.property("kind") == "json").setChecked(True)
    dialog.folder.setText(str(tmp_path))
    write = next(b for b in dialog.findChildren(QPushButton) if "Write" in b.text())
    with qtbot.waitSignal(bench.workstation.reporting.exported, timeout=20_000) as told:
        qtbot.mouseClick(write, LEFT)
    [path] = told.args
    assert path.parent == tmp_path
    assert path.suffix == ".json"
    assert "SYNTH" not in path.name
    qtbot.waitUntil(lambda: path.name in status_text(reading_window))


# messages ----------------------------------------------------------------------------------------


def test_that_an_error_is_shown_with_its_remedy_until_it_is_put_away(window, bench, qtbot) -> None:
    error = KnownError("The disk is full.", remedy="Free some space.")
    bench.workstation.services.trouble(error)
    assert window.messages.isVisible()
    assert window.messages.text == "The disk is full. Free some space."
    qtbot.mouseClick(window.messages.findChild(QPushButton), LEFT)
    assert not window.messages.isVisible()


def test_that_a_worker_that_was_started_again_is_told_from_whichever_thread(
    window, bench, qtbot
) -> None:
    told = window.findings.notices.restarted
    emit = bench.engines.compute.restarted.emit
    thread = threading.Thread(target=emit, args=("compute", "it was ended by SIGKILL"))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: not told.isHidden())
    assert "compute" in told.text.text()
    assert "SIGKILL" in told.text.text()


def test_that_an_error_with_markup_in_it_is_shown_as_it_is(window, bench) -> None:
    bench.workstation.services.trouble(KnownError("<b>film</b> & <img src=x>"))
    labels = window.messages.findChildren(QLabel)
    assert {each.textFormat() for each in labels} == {Qt.TextFormat.PlainText}
    assert "<b>film</b> & <img src=x>" in window.messages.text


def test_that_the_line_says_not_saved_exactly_while_something_is_not_saved(
    reading_window, bench, qtbot, monkeypatch
) -> None:
    store, window = bench.workstation.services.store, reading_window
    save, full = store.save_read, [True]

    def limited(read):
        if full[0]:
            raise StoreError("The disk is full.")
        return save(read)

    monkeypatch.setattr(store, "save_read", limited)
    bench.session.reading.step_spot(+1)
    bench.workstation.judging.judge(Cause.TEXT)
    qtbot.waitUntil(lambda: "Not saved" in status_text(window))
    qtbot.waitUntil(lambda: window.commands.by_id("read.save_again").isEnabled())
    full[0] = False
    window.commands.by_id("read.save_again").trigger()
    qtbot.waitUntil(lambda: "Saved " in status_text(window))
    assert "Not saved" not in status_text(window)


def test_that_a_later_save_that_works_takes_the_warning_of_an_earlier_one_away(
    reading_window, bench, qtbot, monkeypatch
) -> None:
    store, window = bench.workstation.services.store, reading_window
    save, tries = store.save_read, []

    def first_fails(read):
        tries.append(read)
        if len(tries) == 1:
            raise StoreError("The disk was full for a moment.")
        return save(read)

    monkeypatch.setattr(store, "save_read", first_fails)
    bench.session.reading.step_spot(+1)
    for cause in (Cause.TEXT, Cause.MARKER):
        bench.workstation.judging.judge(cause)
    qtbot.waitUntil(lambda: len(tries) == 2 and bench.idle())
    qtbot.waitUntil(lambda: "Saved " in status_text(window))
    assert "Not saved" not in status_text(window)


# closing -----------------------------------------------------------------------------------------


def test_that_closing_while_a_film_is_analysed_does_not_wait_for_it(window, bench, qtbot) -> None:
    bench.engines.compute.hold(bench.films[1])
    bench.open(1)
    qtbot.waitUntil(lambda: bool(bench.engines.compute.asked))
    assert window.close()
    assert bench.workstation.services.close()  # the fixture would say so too, but later


def test_that_closing_waits_for_a_save_and_then_closes(reading_window, bench, qtbot) -> None:
    bench.session.reading.step_spot(+1)
    bench.workstation.judging.judge(Cause.TEXT)
    read = bench.session.reading.read
    reading_window.close()
    qtbot.waitUntil(lambda: not reading_window.isVisible())
    assert bench.workstation.services.store.read(read.id).verdicts[0].cause is Cause.TEXT


def test_that_closing_keeps_a_note_that_is_being_typed(reading_window, bench, qtbot) -> None:
    note = judge_and_find_note(reading_window, bench, qtbot)
    qtbot.keyClicks(note, "name tag")
    read = bench.session.reading.read
    reading_window.close()
    qtbot.waitUntil(lambda: not reading_window.isVisible())
    assert stored_note(bench, read.id) == "name tag"


def test_that_closing_asks_before_unsaved_verdicts_are_lost(
    reading_window, bench, qtbot, monkeypatch
) -> None:
    def full(read):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(bench.workstation.services.store, "save_read", full)
    bench.session.reading.step_spot(+1)
    bench.workstation.judging.judge(Cause.TEXT)
    qtbot.waitUntil(lambda: bench.workstation.judging.kept_unsaved == 1)
    reading_window.close()
    qtbot.waitUntil(lambda: dialog_of(reading_window, UnsavedDialog) is not None)
    assert reading_window.isVisible()
    dialog = dialog_of(reading_window, UnsavedDialog)
    lose = next(b for b in dialog.buttons() if "lose" in b.text())
    qtbot.mouseClick(lose, LEFT)
    qtbot.waitUntil(lambda: not reading_window.isVisible())
