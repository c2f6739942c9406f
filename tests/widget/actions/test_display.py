"""Presets and switches of the display: nothing of it reaches the analysis."""

import numpy as np
import pytest

from radsal.app.actions import display
from radsal.core import colormaps
from radsal.core.radiograph import GrayscaleChain, LookupTable, VoiWindow
from radsal.dicom.grayscale import automatic_window
from radsal.settings.declaration import WindowPreset

OWN = WindowPreset(name="Bone", center=700, width=900)
LUT = LookupTable(0, 12, np.arange(4096, dtype=np.uint16), "CHEST")


@pytest.fixture
def bench_with_film(bench, make):
    windows = VoiWindow(2000, 1000, explanation="SOFT"), VoiWindow(1000, 300, explanation="HARD")
    chain = GrayscaleChain(12, signed=False, windows=windows, luts=(LUT,))
    bench.workstation.services.settings = bench.workstation.services.settings.changed(
        window_presets=(OWN,)
    )
    film = make.film(chain=chain)
    make.show(bench.session, film)
    return bench


def test_that_digits_count_automatic_the_file_s_own_full_range_and_the_reader_s(
    bench_with_film,
) -> None:
    workstation = bench_with_film.workstation
    view, film = bench_with_film.session.view, bench_with_film.session.reading.radiograph
    chosen = []
    for number in range(6):
        display.preset(workstation, number)
        chosen.append(view.voi)
    assert chosen[0] == automatic_window(film)
    assert chosen[1] is LUT
    assert [w.center for w in chosen[2:4]] == [2000, 1000]
    spread = chosen[4]
    assert spread.center - spread.width / 2 <= film.stored.min()
    assert spread.center + spread.width / 2 >= film.stored.max()
    assert (chosen[5].center, chosen[5].width) == (OWN.center, OWN.width)


def test_that_a_digit_without_a_preset_changes_nothing(bench_with_film) -> None:
    view = bench_with_film.session.view
    display.preset(bench_with_film.workstation, 1)
    display.preset(bench_with_film.workstation, 9)
    assert view.voi is LUT


def test_that_a_preset_without_an_image_is_no_error(bench) -> None:
    display.preset(bench.workstation, 0)
    assert bench.session.view.voi is None


def test_that_fit_and_one_to_one_set_the_zoom(bench_with_film) -> None:
    view = bench_with_film.session.view
    display.actual_size(bench_with_film.workstation)
    assert view.zoom == 1.0
    view.center = (3.0, 4.0)
    display.fit(bench_with_film.workstation)
    assert (view.zoom, view.center) == (None, None)


def test_that_the_colour_maps_go_round(bench_with_film) -> None:
    view, seen = bench_with_film.session.view, []
    for _ in colormaps.NAMES:
        display.next_colormap(bench_with_film.workstation)
        seen.append(view.colormap)
    assert sorted(seen) == sorted(colormaps.NAMES)


def test_that_no_switch_of_the_display_asks_the_model_again(bench, qtbot) -> None:
    bench.open(1)
    qtbot.waitUntil(bench.ready)
    qtbot.waitUntil(bench.idle)
    asked, analysis = list(bench.engines.compute.asked), bench.session.reading.analysis
    for change in (
        display.invert,
        display.toggle_heatmap,
        display.toggle_contours,
        display.toggle_native_grid,
        display.next_colormap,
        display.actual_size,
        display.fit,
    ):
        change(bench.workstation)
    display.preset(bench.workstation, 1)
    qtbot.waitUntil(bench.idle)
    assert bench.engines.compute.asked == asked
    assert bench.session.reading.analysis is analysis
