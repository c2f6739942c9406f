"""What the mouse does to the view: direction, the point that stays, and what it never touches."""

from math import dist

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from radsal.app.viewer import Tool
from radsal.core.radiograph import VoiFunction, VoiWindow
from radsal.dicom.gray.model_input import model_input

LEFT, MIDDLE, RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)
START = VoiWindow(2000, 1000)


@pytest.fixture
def film(session, make):
    film = make.film()
    make.show(session, film)
    session.view.voi = START
    return film


@pytest.mark.usefixtures("film")
def test_that_a_left_drag_to_the_right_widens_the_window_and_to_the_left_narrows_it(
    session, drag
) -> None:
    drag(LEFT, (300, 250), (350, 250))
    wider = session.view.voi
    assert wider.width > START.width
    assert wider.center == START.center
    drag(LEFT, (300, 250), (200, 250))
    assert session.view.voi.width < wider.width
    assert session.view.voi.center == START.center


@pytest.mark.usefixtures("film")
def test_that_a_left_drag_down_darkens_the_film_and_up_brightens_it(session, drag, on_film) -> None:
    before = on_film().mean()
    drag(LEFT, (300, 200), (300, 300))
    assert session.view.voi.center > START.center
    assert session.view.voi.width == START.width
    assert on_film().mean() < before
    drag(LEFT, (300, 300), (300, 100))
    assert on_film().mean() > before


@pytest.mark.usefixtures("film")
def test_that_no_drag_makes_a_window_that_the_standard_forbids(session, drag) -> None:
    for function in VoiFunction:
        session.view.voi = VoiWindow(10, 2, function)
        drag(LEFT, (590, 250), (5, 250))
        assert session.view.voi.width > 0
        assert session.view.voi.function is function


@pytest.mark.usefixtures("film")
def test_that_a_drag_there_and_back_leaves_the_window_as_it_was(canvas, session, qtbot) -> None:
    qtbot.mousePress(canvas, LEFT, pos=QPoint(300, 250))
    for place in (QPoint(400, 300), QPoint(120, 20), QPoint(300, 250)):
        qtbot.mouseMove(canvas, place)
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(300, 250))
    assert (session.view.voi.center, session.view.voi.width) == (START.center, START.width)


@pytest.mark.usefixtures("film")
def test_that_a_press_without_a_drag_changes_nothing(canvas, session, qtbot) -> None:
    for button in (LEFT, MIDDLE, RIGHT):
        qtbot.mouseClick(canvas, button, pos=QPoint(300, 250))
    assert (session.view.voi, session.view.zoom, session.view.center) == (START, None, None)


@pytest.mark.usefixtures("film")
def test_that_a_middle_drag_moves_the_film_with_the_mouse(canvas, session, drag) -> None:
    session.view.zoom = 12.0
    point = canvas.placement().to_image(250, 300)
    drag(MIDDLE, (300, 250), (340, 190))
    assert dist(canvas.placement().to_view(*point), (190, 340)) <= 1.0
    assert session.view.zoom == 12.0
    assert session.view.voi == START


@pytest.mark.usefixtures("film")
@pytest.mark.parametrize("end", [(330, 170), (310, 330)])
def test_that_a_right_drag_zooms_about_the_point_that_was_pressed(
    canvas, session, drag, end
) -> None:
    session.view.zoom = 12.0
    point = canvas.placement().to_image(250, 320)
    drag(RIGHT, (320, 250), end)
    nearer = end[1] < 250
    assert (session.view.zoom > 12.0) is nearer
    assert dist(canvas.placement().to_view(*point), (250, 320)) <= 1.0
    assert session.view.voi == START


@pytest.mark.usefixtures("film")
@pytest.mark.parametrize("steps", [1, -1, 4])
def test_that_the_wheel_zooms_about_the_mouse(canvas, session, wheel, steps) -> None:
    session.view.zoom = 12.0
    point = canvas.placement().to_image(200, 350)
    wheel((350, 200), steps)
    assert (session.view.zoom > 12.0) is (steps > 0)
    assert dist(canvas.placement().to_view(*point), (200, 350)) <= 1.0


@pytest.mark.usefixtures("film")
def test_that_the_wheel_with_shift_steps_through_frames_and_does_not_zoom(
    canvas, session, wheel
) -> None:
    stepped: list[int] = []
    canvas.frameStepped.connect(stepped.append)
    before = session.view.zoom
    for steps in (-1, -3, 1):  # towards the reader is on
        wheel((350, 200), steps, Qt.KeyboardModifier.ShiftModifier)
    assert stepped == [1, 1, -1]
    assert session.view.zoom == before


def test_that_wheeling_in_and_out_by_the_same_steps_comes_back(canvas, session, wheel) -> None:
    session.view.zoom = 12.0
    for steps in (3, -1, -2):
        wheel((350, 200), steps)
    assert session.view.zoom == pytest.approx(12.0)


@pytest.mark.usefixtures("film")
def test_that_a_double_click_fits_the_film(canvas, session, qtbot) -> None:
    session.view.zoom, session.view.center = 9.0, (5.0, 5.0)
    qtbot.mouseDClick(canvas, LEFT, pos=QPoint(30, 250))
    assert (session.view.zoom, session.view.center) == (None, None)


@pytest.mark.usefixtures("film")
def test_that_actual_size_is_one_to_one_about_the_middle_of_the_view(canvas, session) -> None:
    session.view.zoom, session.view.center = 9.0, (20.0, 30.0)
    canvas.actual_size()
    assert session.view.zoom == pytest.approx(1.0)
    assert dist(canvas.placement().to_image(250, 300), (20.0, 30.0)) <= 1.0


@pytest.mark.usefixtures("film")
@pytest.mark.parametrize("tool", [Tool.PAN, Tool.ZOOM])
def test_that_the_left_button_does_what_the_chosen_tool_says(canvas, session, drag, tool) -> None:
    session.view.zoom = 12.0
    canvas.tool = tool
    drag(LEFT, (300, 250), (320, 200))
    assert session.view.voi == START
    assert (session.view.zoom == 12.0) is (tool is Tool.PAN)
    assert session.view.center is not None


@pytest.mark.usefixtures("film")
def test_that_a_second_button_does_not_take_a_drag_over(canvas, session, qtbot) -> None:
    qtbot.mousePress(canvas, LEFT, pos=QPoint(300, 250))
    qtbot.mousePress(canvas, RIGHT, pos=QPoint(300, 250))
    qtbot.mouseMove(canvas, QPoint(360, 200))
    assert session.view.zoom is None
    assert session.view.voi.width > START.width
    qtbot.mouseRelease(canvas, RIGHT, pos=QPoint(360, 200))
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(360, 200))


def test_that_a_window_drag_on_a_colour_image_does_nothing(session, make, drag, on_film) -> None:
    stored = np.random.default_rng(3).integers(0, 256, (64, 48, 3)).astype(np.uint8)
    make.show(session, make.film(stored=stored))
    session.view.zoom = 4.0
    before = on_film()
    drag(LEFT, (300, 250), (380, 300))
    assert session.view.voi is None
    session.view.inverted = True
    assert np.array_equal(on_film(), before)
    drag(MIDDLE, (300, 250), (320, 250))  # what is no window goes on
    assert session.view.center is not None


def test_that_nothing_the_mouse_does_reaches_the_pixels_or_the_model(
    canvas, session, film, drag, wheel
) -> None:
    stored, given = film.stored.tobytes(), model_input(film).pixels.tobytes()
    drag(LEFT, (300, 250), (420, 330))
    drag(MIDDLE, (300, 250), (280, 200))
    drag(RIGHT, (300, 250), (300, 150))
    wheel((350, 200), -2)
    session.view.inverted = True
    canvas.grab()
    assert film.stored.tobytes() == stored
    assert model_input(film).pixels.tobytes() == given
    assert session.reading.radiograph is film
