"""A window with three films open, the first of them analysed and ready to be judged."""

import pytest
from pytestqt.qtbot import QtBot

from radsal.app.windows.main_window import MainWindow


@pytest.fixture
def reading_window(bench, window: MainWindow, qtbot: QtBot) -> MainWindow:
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: bench.ready() and len(bench.session.worklist.cases) == 3)
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.idle())
    window.activateWindow()
    window.canvas.setFocus()
    return window
