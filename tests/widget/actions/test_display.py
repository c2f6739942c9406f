"""Presets and switches of the display: nothing of it reaches the analysis."""

import numpy as np
import pytest

from radsal.app.actions import display
from radsal.core import colormaps
from radsal.core.radiograph import GrayscaleChain, LookupTable, VoiWindow
from radsal.core.rules import Scale, Sign
from radsal.dicom.gray.windowing import automatic_window
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


@pytest.mark.parametrize(
    ("field", "change", "values"),
    [("scale", display.next_scale, Scale), ("sign", display.next_sign, Sign)],
)
def test_that_the_display_rules_go_round(bench_with_film, field, change, values) -> None:
    view, seen = bench_with_film.session.view, []
    for _ in values:
        change(bench_with_film.workstation)
        seen.append(getattr(view, field))
    assert seen == [*list(values)[1:], next(iter(values))]


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
        display.next_scale,
        display.next_sign,
        display.actual_size,
        display.fit,
    ):
        change(bench.workstation)
    display.preset(bench.workstation, 1)
    qtbot.waitUntil(bench.idle)
    assert bench.engines.compute.asked == asked
    assert bench.session.reading.analysis is analysis


def test_that_the_file_s_lut_can_be_left_aside_and_taken_up_again(bench_with_film) -> None:
    workstation, view = bench_with_film.workstation, bench_with_film.session.view
    view.voi = LUT
    display.toggle_lut(workstation)
    assert (view.voi.center, view.voi.explanation) == (2000, "SOFT")
    display.toggle_lut(workstation)
    assert view.voi is LUT


def test_that_without_a_window_in_the_file_the_automatic_one_stands_in_for_the_lut(
    bench, make
) -> None:
    film = make.film(chain=GrayscaleChain(12, signed=False, luts=(LUT,)))
    make.show(bench.session, film)
    bench.session.view.voi = LUT
    display.toggle_lut(bench.workstation)
    assert bench.session.view.voi == automatic_window(film)


def test_that_a_file_without_a_lut_has_none_to_leave_aside(bench, make) -> None:
    make.show(bench.session, make.film())
    before = bench.session.view.voi = VoiWindow(10, 20)
    display.toggle_lut(bench.workstation)
    assert bench.session.view.voi is before


def test_that_turns_add_up_as_they_look_on_the_screen(bench_with_film) -> None:
    workstation, view = bench_with_film.workstation, bench_with_film.session.view
    stored = np.arange(12).reshape(3, 4)
    seen = stored
    steps = (
        (lambda: display.rotate(workstation, 1), lambda a: np.rot90(a, -1)),
        (lambda: display.flip(workstation), np.fliplr),
        (lambda: display.rotate(workstation, -1), lambda a: np.rot90(a, 1)),
        (lambda: display.flip(workstation, vertically=True), np.flipud),
        (lambda: display.rotate(workstation, 1), lambda a: np.rot90(a, -1)),
        (lambda: display.flip(workstation, vertically=True), np.flipud),
    )
    for turn, expected in steps:
        turn()
        seen = expected(seen)
        assert np.array_equal(view.turn.array(stored), seen)
    display.upright(workstation)
    assert np.array_equal(view.turn.array(stored), stored)


@pytest.mark.parametrize("field", ["overlays", "shutter", "smooth"])
def test_that_a_switch_of_the_display_goes_both_ways(bench_with_film, field) -> None:
    toggle = getattr(display, f"toggle_{field}")
    before = getattr(bench_with_film.session.view, field)
    toggle(bench_with_film.workstation)
    assert getattr(bench_with_film.session.view, field) is not before
    toggle(bench_with_film.workstation)
    assert getattr(bench_with_film.session.view, field) is before
