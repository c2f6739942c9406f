"""A view on black, and what is seen in it."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from radsal.app.viewer import ImageCanvas
from radsal.session import Session

HEIGHT, WIDTH = 500, 600


@pytest.fixture
def canvas(session: Session, qtbot: QtBot) -> ImageCanvas:
    made = ImageCanvas(session)
    made.resize(WIDTH, HEIGHT)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def seen(canvas: ImageCanvas) -> Callable[[], np.ndarray]:
    """The view as it is painted now: uint8, (height, width, RGB)."""

    def look() -> np.ndarray:
        QApplication.processEvents()  # what was posted comes before the next frame
        picture = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        flat = np.frombuffer(picture.constBits(), np.uint8)
        lines = flat.reshape(picture.height(), picture.bytesPerLine())[:, : 3 * picture.width()]
        return lines.reshape(picture.height(), picture.width(), 3).copy()

    return look


@pytest.fixture
def on_film(canvas: ImageCanvas, seen: Callable[[], np.ndarray]) -> Callable[[], np.ndarray]:
    """The part of the view in which the film lies."""

    def look() -> np.ndarray:
        placement = canvas.placement()
        assert placement is not None
        y0, x0, y1, x1 = placement.visible
        return seen()[y0:y1, x0:x1]

    return look


@pytest.fixture
def drag(canvas: ImageCanvas, qtbot: QtBot) -> Callable[..., None]:
    """Press, move in two steps, release."""

    def move(button: Qt.MouseButton, start: tuple[int, int], end: tuple[int, int]) -> None:
        first, last = QPoint(*start), QPoint(*end)
        qtbot.mousePress(canvas, button, pos=first)
        qtbot.mouseMove(canvas, (first + last) / 2)
        qtbot.mouseMove(canvas, last)
        qtbot.mouseRelease(canvas, button, pos=last)

    return move


@pytest.fixture
def wheel(canvas: ImageCanvas) -> Callable[..., None]:
    """Turn the wheel by steps at (x, y)."""

    def turn(
        at: tuple[int, int],
        steps: int,
        held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        place = QPointF(*at)
        event = QWheelEvent(
            place,
            QPointF(canvas.mapToGlobal(place.toPoint())),
            QPoint(),
            QPoint(0, 120 * steps),
            Qt.MouseButton.NoButton,
            held,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, event)

    return turn
