"""A remark is told once, whole, and never overwritten while it is being typed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from radsal.app.widgets import note_field
from radsal.app.widgets.note_field import NoteField


@pytest.fixture
def told():
    return []


@pytest.fixture
def window(qtbot) -> QWidget:
    """A note field beside another field that can take the focus."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.addWidget(NoteField("Note"))
    column.addWidget(QLineEdit())
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


@pytest.fixture
def field(window, qtbot, told) -> NoteField:
    made = window.findChild(NoteField)
    made.committed.connect(told.append)
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    return made


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
def test_that_a_key_ends_the_entry_and_tells_the_text_once(field, told, qtbot, key) -> None:
    qtbot.keyClicks(field, "name tag")
    qtbot.keyClick(field, key)
    assert told == ["name tag"]
    assert not field.hasFocus()


def test_that_leaving_the_field_tells_the_text(field, told, qtbot) -> None:
    qtbot.keyClicks(field, "name tag")
    field.window().findChild(QLineEdit).setFocus()
    qtbot.waitUntil(lambda: told == ["name tag"])


def test_that_a_pause_tells_the_text(qtbot, told, monkeypatch) -> None:
    monkeypatch.setattr(note_field, "PAUSE_MS", 1)
    made = NoteField("Note")
    qtbot.addWidget(made)
    made.committed.connect(told.append)
    qtbot.keyClicks(made, "n")
    qtbot.waitUntil(lambda: told == ["n"])


def test_that_nothing_is_told_where_nothing_changed(field, told, qtbot) -> None:
    field.show_text("as it was")
    qtbot.keyClicks(field, "x")
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    field.commit()
    assert told == []


def test_that_a_text_from_outside_does_not_take_away_what_is_being_typed(
    field, told, qtbot
) -> None:
    field.show_text("old")
    field.selectAll()
    qtbot.keyClicks(field, "mine")
    field.show_text("somebody else's")
    assert field.toPlainText() == "mine"
    field.commit()
    assert told == ["mine"]


def test_that_a_text_from_outside_is_not_told_back(field, told, qtbot) -> None:
    field.show_text("from the store")
    field.commit()
    assert (field.toPlainText(), told) == ("from the store", [])


def test_that_shift_and_enter_begin_a_new_line(field, told, qtbot) -> None:
    qtbot.keyClicks(field, "one")
    one_line = field.height()
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(field, "two")
    assert field.height() > one_line
    field.commit()
    assert [text.split() for text in told] == [["one", "two"]]


def test_that_a_locked_field_takes_nothing(field, told, qtbot) -> None:
    field.show_text("signed")
    field.lock(locked=True)
    qtbot.keyClicks(field, "x")
    field.commit()
    assert (field.toPlainText(), told) == ("signed", [])
