"""Run as a program: open a window, say "shown" after its first frame, and close it.

``radsal`` opens RadSal's by the code that ``python -m radsal`` runs, ``bare`` an empty QMainWindow
of the same size. The watcher is an event filter of Qt's: the product knows nothing of it, and both
windows pay for it alike.
"""

import sys

if sys.argv[-1] == "radsal":  # before Qt, as in the product: PySide6 slows every later import
    from radsal.__main__ import main as run_radsal

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow


class FirstFrame(QObject):
    """Waits for the first paint event of a main window."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow):
            self.parent().removeEventFilter(self)
            QTimer.singleShot(0, say_and_close)  # when the whole frame is painted
        return False


def say_and_close() -> None:
    print("shown", flush=True)
    QApplication.closeAllWindows()


def run_bare() -> int:
    window = QMainWindow()
    window.resize(1680, 1050)
    window.show()
    return QApplication.exec()


def main() -> int:
    application = QApplication(sys.argv[:1])
    application.installEventFilter(FirstFrame(application))
    return run_radsal() if sys.argv.pop() == "radsal" else run_bare()


if __name__ == "__main__":
    sys.exit(main())
