"""Every text can be read: WCAG 2.2 contrast of each pair that is used, for each theme."""

from itertools import product
from string import hexdigits

import pytest
from PySide6.QtGui import QPalette

from radsal.app.theme import THEMES, Tokens
from radsal.app.theme.palette import palette
from radsal.app.theme.stylesheet import stylesheet
from radsal.app.theme.tokens import contrast, mix

GROUNDS = ("background", "panel", "raised", "hover")
READ = ("text", "secondary", "amber", "red", "green")  # 4.5:1 (SC 1.4.3)
HINTS = ("faint",)  # 3:1
themes = pytest.mark.parametrize("tokens", THEMES.values(), ids=str)


def ratio(first: str, second: str) -> float:
    """(L1 + 0.05) / (L2 + 0.05), with L as in WCAG 2.2's definition of relative luminance."""

    def luminance(colour: str) -> float:
        total = 0.0
        for place, weight in ((1, 0.2126), (3, 0.7152), (5, 0.0722)):
            share = int(colour[place : place + 2], 16) / 255
            linear = share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
            total += weight * linear
        return total

    lights = sorted((luminance(first), luminance(second)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_that_the_formula_gives_the_published_values() -> None:
    """Black on white is 21:1; #767676 on white is the darkest gray just above 4.5:1."""
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert ratio("#777777", "#ffffff") < 4.5


@pytest.mark.parametrize(
    "pair", [("#000000", "#ffffff"), ("#5ab0f2", "#0b1117"), ("#69727a", "#1d2125")]
)
def test_that_the_application_computes_contrast_by_that_formula(pair) -> None:
    assert contrast(*pair) == pytest.approx(ratio(*pair))
    assert contrast(*pair) == contrast(*reversed(pair))


@themes
def test_that_every_text_stands_out_from_every_ground(tokens: Tokens) -> None:
    weak = {
        (text, ground): round(ratio(getattr(tokens, text), getattr(tokens, ground)), 2)
        for text, ground in product(READ, GROUNDS)
        if ratio(getattr(tokens, text), getattr(tokens, ground)) < 4.5
    }
    assert weak == {}


@themes
def test_that_every_hint_can_still_be_read(tokens: Tokens) -> None:
    weak = {
        (text, ground): round(ratio(getattr(tokens, text), getattr(tokens, ground)), 2)
        for text, ground in product(HINTS, GROUNDS)
        if ratio(getattr(tokens, text), getattr(tokens, ground)) < 3
    }
    assert weak == {}


@themes
def test_that_text_on_a_filled_button_can_be_read_also_under_the_mouse(tokens: Tokens) -> None:
    hovered = mix(tokens.text, tokens.accent, 0.18)
    assert ratio(tokens.on_accent, tokens.accent) >= 4.5
    assert ratio(tokens.on_accent, hovered) >= 4.5
    assert ratio(mix(tokens.on_accent, tokens.accent, 0.75), tokens.accent) >= 3  # its key


@themes
def test_that_a_chosen_verdict_can_be_read_on_its_tint(tokens: Tokens) -> None:
    assert ratio(tokens.amber, mix(tokens.amber, tokens.panel, 0.16)) >= 4.5


@themes
def test_that_what_is_active_stands_out_from_its_ground(tokens: Tokens) -> None:
    """Frames, bars and focus are no text: 3:1 (SC 1.4.11)."""
    for ground in ("background", "panel", "raised"):
        assert ratio(tokens.accent, getattr(tokens, ground)) >= 3


@themes
def test_that_the_film_lies_on_true_black(tokens: Tokens) -> None:
    assert tokens.image == "#000000"


@pytest.mark.parametrize(("share", "expected"), [(0, "#102030"), (1, "#f0e0d0"), (0.5, "#808080")])
def test_that_a_tint_lies_between_its_colours(share, expected) -> None:
    assert mix("#f0e0d0", "#102030", share) == expected


@themes
def test_that_the_stylesheet_holds_no_name_that_was_not_filled_in(tokens: Tokens) -> None:
    sheet = stylesheet(tokens)
    assert "$" not in sheet
    for piece in sheet.split("#")[1:]:
        code = piece[:6]
        assert set(code) <= set(hexdigits) or piece.startswith("viewState")


@themes
def test_that_qt_draws_what_the_sheet_does_not_reach_in_the_same_colours(tokens: Tokens) -> None:
    made = palette(tokens)
    assert made.color(QPalette.ColorRole.Window).name() == tokens.background
    assert made.color(QPalette.ColorRole.Text).name() == tokens.text
    disabled = made.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert disabled.name() == tokens.faint
