"""Give an application the look of a theme."""

from PySide6.QtWidgets import QApplication, QStyleFactory

from radsal.app.theme.fonts import ui_font
from radsal.app.theme.palette import palette
from radsal.app.theme.stylesheet import stylesheet
from radsal.app.theme.tokens import DARK, Tokens


def apply_theme(app: QApplication, tokens: Tokens = DARK) -> None:
    """Style, palette, font and stylesheet of the whole application."""
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(palette(tokens))
    app.setFont(ui_font())
    app.setStyleSheet(stylesheet(tokens))
