"""The one stylesheet, made from a table of tokens.

Widgets say what they are by the dynamic property ``role`` (text: secondary, faint, strong, title,
amber, red, heading, code, told, rest; buttons: primary, chip, segment, quiet, fold, bar, wordmark; frames:
panel, panes, panebar, rule, card, banner, toolbar, status, plain), and what state or place they are in by
``active``, ``tone`` and ``place``.
"""

from dataclasses import asdict
from string import Template

from radsal.app.theme.tokens import Tokens, mix

_SHEET = Template("""
QWidget { color: $text; }
QMainWindow, QDialog { background: $background; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 6px; }

QLabel { background: transparent; }
QLabel[role="secondary"] { color: $secondary; font-size: 12px; }
QLabel[role="faint"] { color: $faint; font-size: 12px; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="title"] { font-size: 18px; font-weight: 600; }
QLabel[role="amber"] { color: $amber; font-size: 12px; }
QLabel[role="red"] { color: $red; font-size: 12px; }
QLabel[role="heading"] { color: $secondary; }
QLabel[role="code"] { color: $amber; font-size: 12px; border: 1px solid $amber;
    border-radius: 4px; padding: 1px 6px; }
QLabel:disabled { color: $faint; }

QFrame[role="panel"], QWidget[role="panel"] { background: $panel; }
QFrame[role="rule"] { background: $line; border: none; }
QFrame[role="card"] { background: $background; border: 1px solid $line; border-radius: 5px; }
QFrame[role="card"]:hover { border-color: $faint; }
QFrame[role="card"][active="true"] { border-color: $accent; }
QFrame[role="banner"] { background: $raised; border: 1px solid $line; border-radius: 5px; }
QFrame[role="banner"][tone="amber"] { background: $amber_ground; border-color: $amber_line; }

QPushButton, QToolButton { background: $raised; border: 1px solid $line; border-radius: 5px;
    padding: 5px 10px; }
QPushButton:hover, QToolButton:hover { background: $hover; border-color: $faint; }
QPushButton:pressed, QToolButton:pressed { background: $background; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $faint; background: $panel;
    border-color: $line; }
QPushButton[role="primary"] { background: $accent; border-color: $accent; color: $on_accent;
    font-weight: 600; }
QPushButton[role="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton[role="primary"]:disabled { background: $raised; border-color: $line; color: $faint; }
QPushButton[role="chip"] { background: $panel; border-radius: 4px; padding: 3px 7px;
    font-size: 12px; color: $secondary; }
QPushButton[role="chip"]:hover { color: $text; }
QPushButton[role="chip"]:focus { border-color: $accent; }
QPushButton[role="chip"]:checked { background: $amber_ground; border-color: $amber;
    color: $amber; }
QPushButton[role="chip"]:disabled { color: $faint; }
QPushButton[role="chip"]:checked:disabled { color: $amber; border-color: $amber_line; }
QPushButton[role="segment"] { background: $panel; border-radius: 0; padding: 2px 8px;
    font-size: 12px; color: $secondary; margin-left: -1px; }
QPushButton[role="segment"][place="first"] { border-top-left-radius: 4px;
    border-bottom-left-radius: 4px; margin-left: 0; }
QPushButton[role="segment"][place="last"] { border-top-right-radius: 4px;
    border-bottom-right-radius: 4px; }
QPushButton[role="segment"]:hover { color: $text; }
QPushButton[role="segment"]:focus { border-color: $accent; }
QPushButton[role="segment"]:checked { background: $hover; color: $text; font-weight: 600; }
QPushButton[role="segment"]:disabled { color: $faint; }
QPushButton[role="segment"]:checked:disabled { color: $secondary; }
QPushButton[role="quiet"] { background: transparent; border: 1px solid transparent;
    color: $secondary; padding: 2px 4px; font-size: 12px; }
QPushButton[role="quiet"]:hover { color: $text; }
QPushButton[role="quiet"]:focus { border-color: $accent; }
QPushButton[role="quiet"]:disabled { color: $faint; }
QPushButton[role="fold"] { background: transparent; border: 1px solid transparent; text-align: left;
    color: $secondary; padding: 4px 2px; }
QPushButton[role="fold"]:hover { color: $text; }
QPushButton[role="fold"]:focus { border-color: $accent; }

QLineEdit, QPlainTextEdit { background: $background; border: 1px solid $line;
    border-radius: 5px; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit { padding: 6px 8px; }
QPlainTextEdit { padding: 0px 3px; font-size: 12px; }
QLineEdit:hover, QPlainTextEdit:hover { border-color: $faint; }
QLineEdit:focus, QPlainTextEdit:focus { border-color: $accent; }
QLineEdit:disabled, QPlainTextEdit:disabled { color: $secondary; background: $panel; }
QPlainTextEdit[readOnly="true"] { background: $panel; }

QComboBox { background: $background; border: 1px solid $line; border-radius: 5px;
    padding: 5px 8px; }
QComboBox:hover { border-color: $faint; }
QComboBox:focus { border-color: $accent; }
QComboBox:disabled { color: $secondary; background: $panel; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; outline: none;
    selection-background-color: $hover; selection-color: $text; }
QListView { background: $panel; border: none; outline: none; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[role="plain"] { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $line; border-radius: 3px; min-height: 32px;
    margin: 2px; }
QScrollBar::handle:vertical:hover { background: $faint; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: $line; border-radius: 3px; min-width: 32px;
    margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar { background: $line; border: none; border-radius: 2px; max-height: 4px;
    min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QSlider { min-height: 18px; }
QSlider::groove:horizontal { background: $line; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal { background: $text; width: 12px; height: 12px; margin: -4px 0;
    border-radius: 6px; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $faint; }
QSlider::handle:horizontal:disabled { background: $faint; }

QCheckBox { spacing: 7px; background: transparent; font-size: 12px; }
QCheckBox:disabled { color: $faint; }
QRadioButton { spacing: 7px; background: transparent; }
QRadioButton::indicator:unchecked { width: 12px; height: 12px; border: 1px solid $faint;
    border-radius: 7px; background: $background; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 4px solid $accent;
    border-radius: 7px; background: $on_accent; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QCheckBox::indicator:unchecked { width: 12px; height: 12px; border: 1px solid $faint;
    border-radius: 3px; background: $background; }

QMenu { background: $raised; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 26px 6px 24px; border-radius: 4px; }
QMenu::indicator { width: 6px; height: 6px; border-radius: 3px; left: 9px; }
QMenu::indicator:checked { background: $accent; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QFrame[role="toolbar"] { background: $panel; border-bottom: 1px solid $line; }
QWidget[role="panes"] { background: $line; }
QLabel[role="rest"] { background: #000000; color: $faint; font-size: 12px; }
QLabel[role="told"] { background: rgba(0, 0, 0, 190); color: $secondary; font-size: 12px;
    padding: 6px 12px; }
QFrame[role="panebar"] { background: $panel; border-bottom: 1px solid $line; }
QFrame[role="panebar"][active="true"] { border-bottom-color: $accent; }
QFrame[role="status"] { background: $panel; border-top: 1px solid $line; }
QToolButton[role="bar"], QToolButton[role="wordmark"] { background: transparent;
    border: 1px solid transparent; padding: 4px 9px; }
QToolButton[role="wordmark"] { font-weight: 700; }
QToolButton[role="bar"]:hover, QToolButton[role="wordmark"]:hover { background: $raised; }
QToolButton[role="bar"]:disabled { background: transparent; }
QToolButton::menu-indicator { image: none; }

#viewState, #viewState QWidget[role="plain"] { background: #000000; }
""")


def stylesheet(tokens: Tokens) -> str:
    """The stylesheet of a theme."""
    return _SHEET.substitute(
        asdict(tokens),
        accent_hover=mix(tokens.text, tokens.accent, 0.18),
        amber_ground=mix(tokens.amber, tokens.panel, 0.16),
        amber_line=mix(tokens.amber, tokens.panel, 0.45),
    )
