"""The numbered disc of a hot spot."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from radsal.app.theme import THEMES, Tokens
from radsal.app.theme.tokens import contrast
from radsal.app.widgets.badge import SpotBadge


@pytest.mark.parametrize("active", [False, True])
@pytest.mark.parametrize("tokens", THEMES.values(), ids=str)
def test_that_the_number_stands_out_from_its_disc(qtbot, tokens: Tokens, active) -> None:
    badge = SpotBadge(8, tokens)
    qtbot.addWidget(badge)
    badge.set_active(active)
    picture = badge.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    fill = tokens.amber if active else tokens.accent
    inside = [picture.pixelColor(x, y) for x in range(5, 13) for y in range(4, 14)]
    best = max(contrast(colour.name(), fill) for colour in inside)
    assert best >= 4.5
    assert QColor(fill) in inside


def test_that_numbers_of_two_digits_stay_on_the_disc(qtbot) -> None:
    badge = SpotBadge(12)
    qtbot.addWidget(badge)
    picture = badge.grab().toImage()
    columns = [
        x
        for x in range(18)
        if any(contrast(picture.pixelColor(x, y).name(), "#5ab0f2") > 4 for y in range(6, 12))
    ]
    assert np.ptp([x for x in columns if 1 <= x <= 16]) >= 8
