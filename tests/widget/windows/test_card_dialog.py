"""The model card in the window: facts that RadSal read, and a stranger's text that does nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication

from radsal.app.windows.card_dialog import NO_CARD, CardDialog, CardText, facts_text
from radsal.core.resources import resource_path
from radsal.inference.package import read_package

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture
def package():
    return read_package(resource_path("models") / "demo-opacity")


def test_that_the_card_shows_what_the_package_states_and_its_authors_wrote(window, package) -> None:
    dialog = CardDialog(window, package)
    facts, told = dialog.facts.text(), dialog.text.toPlainText()
    assert package.identity.sha256 in facts
    for name in package.labels:
        assert name in facts
    assert "modality DX or CR" in facts or "modality CR or DX" in facts
    words = [w for w in package.card_text().split() if w.isalpha() and len(w) > 6]
    assert words
    assert all(word in told for word in words[:40])


def test_that_a_package_without_a_card_says_so(window, package) -> None:
    dialog = CardDialog(window, replace(package, card=None))
    assert dialog.text.toPlainText() == NO_CARD.strip("*")


def test_that_a_card_loads_nothing_and_obeys_no_markup(qtbot, tmp_path: Path) -> None:
    picture = tmp_path / "x.png"
    picture.write_bytes(b"never read")
    text = CardText(f"![x]({picture.as_uri()}) <b>bold</b> <script>go()</script> [link](file:///)")
    qtbot.addWidget(text)
    assert text.loadResource(2, QUrl(picture.as_uri())) is None
    assert "<b>bold</b>" in text.toPlainText()
    assert not text.openLinks()


def test_that_intended_use_that_is_not_stated_is_said_to_be_so(bench) -> None:
    [package, *_] = bench.workstation.services.packages
    assert "Intended for: not stated" in facts_text(package)


def test_that_the_card_is_opened_from_the_menu(window, qtbot) -> None:
    window.commands.by_id("map.card").trigger()
    dialog = next(d for d in window.findChildren(CardDialog) if d.isVisible())
    dialog.reject()
    qtbot.waitUntil(lambda: not window.findChildren(CardDialog))
    assert QApplication.activeModalWidget() is None
