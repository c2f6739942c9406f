"""The menu of window presets follows the image on screen."""

import numpy as np
import pytest

from radsal.app.windows.preset_menu import preset_text
from radsal.core.radiograph import GrayscaleChain, LookupTable, VoiWindow

SOFT = VoiWindow(2000, 1000, explanation="SOFT & LUNG")
LUT = LookupTable(0, 12, np.arange(4096, dtype=np.uint16), "CHEST")
OTHER = LookupTable(0, 10, np.arange(1024, dtype=np.uint16))


@pytest.fixture
def menu(window, bench, make):
    chain = GrayscaleChain(12, signed=False, windows=(SOFT,), luts=(LUT, OTHER))
    make.show(bench.session, make.film(chain=chain))
    bench.session.view.voi = LUT
    return window.toolbar.presets.menu()


def lines(menu) -> list[str]:
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions()]


def test_that_every_lut_and_window_of_the_file_can_be_chosen_by_name_and_key(menu) -> None:
    texts = lines(menu)
    assert [text.split("\t")[1] for text in texts] == ["0", "1", "2", "3", "4"]
    assert [text.split(" · ")[0] for text in texts] == [
        "Automatic", "CHEST", "LUT 2", "SOFT && LUNG", "Full range",
    ]  # fmt: skip
    assert "1,024 entries of 10 bits" in texts[2]
    assert "W 1000 L 2000" in texts[3]


def test_that_the_tick_is_at_the_one_that_holds_and_moves_with_the_choice(menu, bench) -> None:
    for number, expected in ((1, LUT), (2, OTHER), (3, SOFT)):
        lines(menu)
        menu.actions()[number].trigger()
        assert bench.session.view.voi is expected
        lines(menu)
        assert [a.isChecked() for a in menu.actions()].index(True) == number
        assert sum(a.isChecked() for a in menu.actions()) == 1


def test_that_no_preset_is_offered_without_an_image(window) -> None:
    assert not window.toolbar.presets.isEnabled()
    assert lines(window.toolbar.presets.menu()) == []


def test_that_a_very_long_explanation_does_not_make_the_menu_wider_than_the_screen() -> None:
    assert len(preset_text("x" * 1000, SOFT)) < 100
