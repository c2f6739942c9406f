"""Lines that a reader must see before judging: notes of the analysis, a lock, a restart."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.icons import pixmap
from radsal.app.widgets.labels import label
from radsal.app.widgets.observe import set_property
from radsal.dicom.gray.model_input import INPUT_FACTS
from radsal.review.read import Read, ReadState


class Notice(QFrame):
    """One framed line with an icon; hidden while it has nothing to say."""

    def __init__(
        self, icon: str, tone: str = "", tokens: Tokens = DARK, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        set_property(self, "tone", tone)
        colour = tokens.amber if tone == "amber" else tokens.secondary
        picture = QLabel()
        picture.setPixmap(pixmap(icon, colour, 16))
        self.text = label("", "", wrap=True)
        self.close_button = QPushButton("Dismiss")
        self.close_button.setProperty("role", "quiet")
        self.close_button.clicked.connect(lambda: self.say(""))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 7, 10, 7)
        row.setSpacing(8)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.close_button.hide()
        self.hide()

    def say(self, text: str, *, dismissable: bool = False) -> None:
        """Show a text; an empty one hides the line."""
        self.text.setText(text)
        self.close_button.setVisible(dismissable)
        self.setVisible(bool(text))


class Notices(QWidget):
    """All notices of the column, the most urgent first."""

    def __init__(self, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.restarted = Notice("notice", "amber", tokens)
        self.scope = Notice("notice", "amber", tokens)
        self.lock = Notice("lock", "", tokens)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 0, 14, 12)
        column.setSpacing(6)
        for notice in (self.restarted, self.scope, self.lock):
            column.addWidget(notice)

    def follow(self, notes: tuple[str, ...], read: Read | None) -> None:
        """Show what the analysis notes, and whether the read is locked."""
        self.scope.say("\n".join(note for note in notes if note not in INPUT_FACTS))
        self.lock.say(lock_text(read))
        self.refit()

    def refit(self) -> None:
        """Take no room where there is nothing to say."""
        notices = (self.restarted, self.scope, self.lock)
        shown = any(not notice.isHidden() for notice in notices)
        self.setVisible(shown)


def lock_text(read: Read | None) -> str:
    """Who signed when, and what can be done about it."""
    if read is None or read.state is ReadState.DRAFT or read.signed_at is None:
        return ""
    when = read.signed_at.astimezone().strftime("%H:%M")
    if read.state is ReadState.AMENDED:
        return f"Signed {when} by {read.reader}, and amended since."
    return f"Signed {when} by {read.reader}. Locked; amend it to change a verdict."
