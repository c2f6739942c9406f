"""The image view: what is seen of the session, and nothing that does not belong together."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton

from radsal.core.geometry import GridMapping
from radsal.core.radiograph import VoiWindow
from radsal.core.refused import Refused
from radsal.core.results import MapStatus
from radsal.dicom.gray.grayscale import display

ZOOM = 4.0  # film 1 of 64 x 48 then lies clear of all corner texts
AMBER, BLUE = (240, 177, 74), (90, 176, 242)


@pytest.fixture
def look(session):
    """No outlines, uniform heat, a fixed window and zoom."""
    session.view.zoom, session.view.voi = ZOOM, VoiWindow(2048, 4096)
    session.view.contours, session.view.native_grid = False, True


def has_colour(pixels: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(pixels.astype(int) - colour).max(axis=-1) <= 6).any())


def test_that_the_film_on_screen_is_the_displayed_film_to_the_last_pixel(
    canvas, session, make, on_film
) -> None:
    film, voi = make.film(), VoiWindow(1900, 2100)
    make.show(session, film)
    session.view.zoom, session.view.voi = 1.0, voi
    shown = on_film()
    assert np.array_equal(shown, np.repeat(display(film, voi)[..., None], 3, axis=2))


def test_that_around_the_film_the_view_is_black(canvas, session, make, seen) -> None:
    make.show(session, make.film(patient_name="", patient_id=""))
    session.view.zoom = 1.0
    placement = canvas.placement()
    outside = seen()
    outside[
        placement.visible[0] : placement.visible[2], placement.visible[1] : placement.visible[3]
    ] = 0
    middle = outside[100:400, 150:400]
    assert middle.max() == 0


# heat map ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("look")
@pytest.mark.parametrize("transposed", [False, True])
def test_that_the_heat_lies_over_the_right_image_pixels(
    canvas, session, make, seen, transposed
) -> None:
    """Cells (1, 4) to (2, 5) of 8 x 6 are rows 8 to 24 and columns 32 to 48 of 64 x 48."""
    grid = np.zeros((8, 6), np.float32)
    grid[1:3, 4:6] = 1
    mapping = GridMapping(8.0, 0.0, 8.0, 0.0, transposed)
    heat = make.map(grid.T.copy() if transposed else grid, mapping=mapping)
    film = make.film()
    make.show(session, film, make.analysis(film, maps=(heat,), spots=()))
    with_heat = seen().astype(int)
    session.view.heatmap = False
    changed = (with_heat != seen()).any(axis=2)
    changed[:, 450:] = False  # the colour bar
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    placement = canvas.placement()
    (y0, x0), (y1, x1) = placement.to_view(8, 32), placement.to_view(24, 48)
    got = rows[0], columns[0], rows[-1] + 1, columns[-1] + 1
    assert np.abs(np.subtract(got, (y0, x0, y1, x1))).max() <= 1
    assert changed[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].mean() > 0.99


@pytest.mark.usefixtures("look")
def test_that_film_and_heat_move_together(canvas, session, make, seen) -> None:
    film = make.film(stored=np.full((64, 48), 1000, np.uint16))
    heat = make.map(np.eye(8, 6), shape=(64, 48))
    make.show(session, film, make.analysis(film, maps=(heat,), spots=()))
    before = seen()[120:380, 200:400]
    session.view.center = 32 - 10 / ZOOM, 24 + 6 / ZOOM
    after = seen()[130:390, 194:394]
    assert np.array_equal(before, after)


@pytest.mark.usefixtures("look")
def test_that_the_heatmap_can_be_switched_off_and_on(canvas, session, make, on_film) -> None:
    film = make.film()
    make.show(session, film)
    plain = on_film()
    make.show(session, film, make.analysis(film, spots=()))
    heated = on_film()
    session.view.heatmap = False
    assert np.array_equal(on_film(), plain)
    session.view.heatmap = True
    assert np.array_equal(on_film(), heated)
    assert not np.array_equal(heated, plain)


@pytest.mark.usefixtures("look")
@pytest.mark.parametrize("status", [MapStatus.EMPTY, MapStatus.FAILED])
def test_that_a_map_without_evidence_leaves_the_film_alone_and_a_line_says_so(
    canvas, session, make, seen, status
) -> None:
    film = make.film()
    make.show(session, film)
    plain = seen().astype(int)
    heat = make.map(np.zeros((8, 6)), status=status, reason="the map is constant")
    make.show(session, film, make.analysis(film, maps=(heat,), spots=()))
    changed = (seen() != plain).any(axis=2)
    placement = canvas.placement()
    assert not changed[: placement.visible[2] + 1].any()  # the film, and everything above its end
    assert changed[placement.visible[2] + 1 :].any()  # the banner below it


@pytest.mark.usefixtures("look")
def test_that_another_finding_shows_its_own_map(canvas, session, make, on_film) -> None:
    film = make.film(stored=np.full((64, 48), 1000, np.uint16))
    top, bottom = np.zeros((8, 6), np.float32), np.zeros((8, 6), np.float32)
    top[0], bottom[-1] = 1, 1
    maps = make.map(top), make.map(bottom, finding="Effusion")
    make.show(session, film, make.analysis(film, maps=maps, spots=()))
    first = on_film().astype(int)
    session.reading.select_finding("Effusion")
    second = on_film().astype(int)
    ground = first[128]
    assert (first[:30] != ground[0]).any(axis=2).all()
    assert (first[-30:] == ground[0]).all()
    assert (second[:30] == ground[0]).all()
    assert (second[-30:] != ground[0]).any(axis=2).all()


# hazards -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("look")
def test_that_an_analysis_of_another_image_is_not_drawn_even_where_a_fault_put_it_there(
    canvas, session, make, on_film
) -> None:
    film, other = make.film(1), make.film(2)
    make.show(session, film)
    plain = on_film()
    session.view.contours = True
    stray = make.analysis(other)
    session.reading.analysis, session.reading.finding = stray, "Opacity"
    assert np.array_equal(on_film(), plain)


@pytest.mark.usefixtures("look")
def test_that_nothing_of_the_old_case_is_seen_once_another_is_chosen(
    canvas, session, make, seen
) -> None:
    film = make.film()
    session.view.contours = True
    make.show(session, film, make.analysis(film))
    session.reading.spot = "spot-1"
    assert has_colour(seen(), AMBER)
    session.reading.choose(make.case(2))
    assert canvas.placement() is None
    after = seen()
    assert not has_colour(after, AMBER)
    assert has_colour(after, (0, 0, 0))
    texts = [label.text() for label in canvas.findChildren(QLabel) if label.isVisible()]
    assert any("SYNTH^NUMBER2" in text for text in texts)
    assert not any("SYNTH^NUMBER1" in text for text in texts)


@pytest.mark.usefixtures("look")
def test_that_a_case_looks_the_same_after_another_as_on_its_own(
    canvas, session, make, on_film
) -> None:
    second = make.film(2)
    make.show(session, second)
    alone = on_film()
    first = make.film(1)
    make.show(session, first, make.analysis(first))
    on_film()
    make.show(session, second)
    assert np.array_equal(on_film(), alone)


def test_that_going_back_finds_the_film_as_it_was_made_and_only_a_few_are_kept(
    canvas, session, make, on_film
) -> None:
    films = [make.film(number) for number in range(1, 6)]
    made = []
    for film in films:
        make.show(session, film)
        on_film()
        made.append(canvas._layers.film())
    make.show(session, films[3])
    assert canvas._layers.film() is made[3]
    make.show(session, films[0])
    assert canvas._layers.film() is not made[0]
    assert canvas._layers.film().radiograph is films[0]


def test_that_a_drag_that_began_on_one_image_does_not_window_the_next(
    canvas, session, make, qtbot
) -> None:
    make.show(session, make.film(1))
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 250))
    qtbot.mouseMove(canvas, QPoint(340, 250))
    make.show(session, make.film(2))
    session.view.voi = VoiWindow(1000, 500)
    qtbot.mouseMove(canvas, QPoint(420, 300))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(420, 300))
    assert session.view.voi == VoiWindow(1000, 500)


# outlines ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("look")
def test_that_the_active_outline_is_amber_and_the_others_are_blue(
    canvas, session, make, on_film
) -> None:
    film = make.film()
    make.show(session, film, make.analysis(film))
    session.view.heatmap, session.view.contours = False, True
    assert (has_colour(on_film(), AMBER), has_colour(on_film(), BLUE)) == (False, True)
    session.reading.step_spot(+1)
    assert (has_colour(on_film(), AMBER), has_colour(on_film(), BLUE)) == (True, True)
    session.view.contours = False
    assert (has_colour(on_film(), AMBER), has_colour(on_film(), BLUE)) == (False, False)


@pytest.mark.usefixtures("look")
def test_that_a_click_on_a_hot_spot_names_it_and_one_beside_it_does_not(
    canvas, session, make, qtbot
) -> None:
    film = make.film()
    make.show(session, film, make.analysis(film))
    session.view.contours = True
    placement = canvas.placement()
    y, x = placement.to_view(16, 10)
    with qtbot.waitSignal(canvas.spotClicked) as told:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(int(x), int(y)))
    assert told.args == ["spot-1"]
    with qtbot.assertNotEmitted(canvas.spotClicked):
        y, x = placement.to_view(60, 4)
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(int(x), int(y)))
    session.view.contours = False  # what is not drawn is not hit
    with qtbot.assertNotEmitted(canvas.spotClicked):
        y, x = placement.to_view(16, 10)
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(int(x), int(y)))


@pytest.mark.usefixtures("look")
def test_that_a_drag_over_a_hot_spot_is_no_click_on_it(canvas, session, make, qtbot, drag) -> None:
    film = make.film()
    make.show(session, film, make.analysis(film))
    session.view.contours = True
    y, x = (int(n) for n in canvas.placement().to_view(16, 10))
    with qtbot.assertNotEmitted(canvas.spotClicked):
        drag(Qt.MouseButton.LeftButton, (x, y), (x + 20, y))


def test_that_the_pixel_under_the_mouse_is_told(canvas, session, make, qtbot) -> None:
    film = make.film()
    make.show(session, film)
    session.view.zoom = ZOOM
    y, x = canvas.placement().to_view(10.5, 20.5)
    with qtbot.waitSignal(canvas.hovered) as told:
        qtbot.mouseMove(canvas, QPoint(round(x), round(y)))
    [found] = told.args
    assert (found.row, found.column, found.stored) == (10, 20, int(film.stored[10, 20]))


# states ------------------------------------------------------------------------------------------


def test_that_the_buttons_of_the_empty_view_ask_for_a_folder_and_for_the_demo(
    canvas, qtbot
) -> None:
    buttons = {b.text(): b for b in canvas.findChildren(QPushButton) if b.isVisible()}
    assert len(buttons) == 2
    with qtbot.waitSignal(canvas.openRequested):
        qtbot.mouseClick(
            next(b for t, b in buttons.items() if "folder" in t), Qt.MouseButton.LeftButton
        )
    with qtbot.waitSignal(canvas.demoRequested):
        qtbot.mouseClick(
            next(b for t, b in buttons.items() if "demo" in t), Qt.MouseButton.LeftButton
        )


def test_that_a_refused_image_is_named_with_code_and_reason(canvas, session, make, qtbot) -> None:
    session.reading.choose(make.case(1))
    session.reading.refusal = Refused(
        make.header(1).path, "truncated", "The pixel data ends early."
    )

    def texts() -> str:
        return "\n".join(label.text() for label in canvas.findChildren(QLabel) if label.isVisible())

    qtbot.waitUntil(lambda: "The pixel data ends early." in texts())
    assert "truncated · film1.dcm" in texts()
    assert not any(button.isVisible() for button in canvas.findChildren(QPushButton))


def test_that_no_state_is_left_over_the_film(canvas, session, make, qtbot) -> None:
    make.show(session, make.film())
    qtbot.waitUntil(lambda: not any(label.isVisible() for label in canvas.findChildren(QLabel)))
