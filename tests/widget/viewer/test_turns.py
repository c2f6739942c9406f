"""The orientation phantom: an L with all that can lie over it, in the eight orientations.

Letters stay upright, so they have a film of their own.

What is expected comes from NumPy's own flips and turns of the upright picture, letters and
contour from closed forms: :class:`~radsal.core.geometry.Turn` is not asked.
"""

from math import dist

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from radsal.app.viewer.contours import RADIUS
from radsal.core.geometry import GridMapping, Turn
from radsal.core.planes import Overlay, Shutter
from radsal.core.radiograph import VoiWindow

SHAPE = (64, 48)
ZOOM = 4.0
AMBER = (240, 177, 74)
TURNS = [(quarters, mirrored) for mirrored in (False, True) for quarters in range(4)]
eight = pytest.mark.parametrize(("quarters", "mirrored"), TURNS)


def turned(picture: np.ndarray, quarters: int, mirrored: bool) -> np.ndarray:
    """Mirrored left to right or not, then turned clockwise."""
    return np.rot90(np.fliplr(picture) if mirrored else picture, -quarters)


@pytest.fixture
def phantom(make):
    """An L on noise, a shutter over one corner, an overlay with a line and a frame."""
    stored = np.random.default_rng(5).integers(500, 900, SHAPE).astype(np.uint16)
    stored[8:56, 8:14] = stored[50:56, 8:36] = 3500
    hidden = np.zeros(SHAPE, np.bool_)
    hidden[:20, 34:] = True
    plane = np.zeros((20, 30), np.bool_)
    plane[3], plane[3:15, 5] = True, True
    region = np.zeros((12, 9), np.bool_)
    region[2:9, 1:8] = True
    overlays = Overlay(plane, (22, 15)), Overlay(region, (-4, 3), 0x6002, region=True)
    return make.film(stored=stored, overlays=overlays, shutter=Shutter(hidden, 0.4))


@pytest.fixture
def square(canvas, session):
    """A view that looks the same from all sides, and a window that shows the phantom."""
    canvas.resize(500, 500)
    session.view.zoom, session.view.voi = ZOOM, VoiWindow(2048, 4096)
    return canvas


@pytest.fixture
def one_hot(make):
    """A map with a single hot cell: (1, 4) of 8 x 6 is rows 8 to 16 and columns 32 to 40."""
    grid = np.zeros((8, 6), np.float32)
    grid[1, 4] = 1
    return make.map(grid, mapping=GridMapping(8.0, 0.0, 8.0, 0.0))


@eight
@pytest.mark.parametrize("native", [True, False])
@pytest.mark.usefixtures("square")
def test_that_film_heat_overlay_and_shutter_turn_together(
    session, make, phantom, one_hot, on_film, native, quarters, mirrored
) -> None:
    make.show(session, phantom, make.analysis(phantom, maps=(one_hot,), spots=()))
    session.view.native_grid = native
    for zoom in (0.75, 1.0, 1.5, ZOOM):
        session.view.zoom, session.view.turn = zoom, Turn()
        upright = on_film()
        session.view.turn = Turn(quarters, mirrored)
        assert np.array_equal(on_film(), turned(upright, quarters, mirrored)), zoom


@pytest.mark.parametrize("layer", ["heatmap", "overlays", "shutter"])
@pytest.mark.usefixtures("square")
def test_that_each_layer_is_seen_in_the_picture_that_is_turned(
    session, make, phantom, one_hot, on_film, layer
) -> None:
    """The test above would say little of a layer that draws nothing."""
    make.show(session, phantom, make.analysis(phantom, maps=(one_hot,), spots=()))
    with_layer = on_film()
    setattr(session.view, layer, False)
    assert (with_layer != on_film()).any(axis=2).sum() > 400


@eight
@pytest.mark.usefixtures("square")
def test_that_letters_stand_at_the_edges_they_belong_to_and_upright(
    session, make, on_film, quarters, mirrored
) -> None:
    film = make.film(stored=np.zeros(SHAPE, np.uint16), orientation=("L", "F"))
    make.show(session, film)
    glyphs = dict(zip("HRLF", letters_of(on_film()), strict=True))
    session.view.turn = Turn(quarters, mirrored)
    marks = np.array([[" ", "H", " "], ["R", " ", "L"], [" ", "F", " "]])
    expected = turned(marks, quarters, mirrored)[[0, 1, 1, 2], [1, 0, 2, 1]]
    for letter, shown in zip(expected, letters_of(on_film()), strict=True):
        assert np.array_equal(shown, glyphs[letter]), letter


def letters_of(film: np.ndarray) -> list[np.ndarray]:
    """What is drawn at the top, left, right and bottom edge of a black film."""
    lit = film.max(axis=2)
    row, column = lit.shape[0] // 2, lit.shape[1] // 2
    parts = (
        lit[:34, column - 20 : column + 20],
        lit[row - 20 : row + 20, :34],
        lit[row - 20 : row + 20, -34:],
        lit[-34:, column - 20 : column + 20],
    )
    found = []
    for part in parts:
        rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        found.append(part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return found


@eight
@pytest.mark.usefixtures("square")
def test_that_a_contour_lies_on_the_edge_of_its_box(
    canvas, session, make, on_film, quarters, mirrored
) -> None:
    film = make.film(stored=np.zeros(SHAPE, np.uint16))
    spot = make.spot(box=(6, 18, 40, 44))
    make.show(session, film, make.analysis(film, spots=(spot,)))
    session.view.heatmap, session.reading.spot = False, spot.id
    session.view.turn = Turn(quarters, mirrored)
    picture = on_film()
    amber = (np.abs(picture.astype(int) - AMBER).max(axis=2) <= 40).nonzero()
    upright = np.zeros((256, 192), np.bool_)
    upright[24:160, 72:176] = True
    upright[25:159, 73:175] = False
    edge = np.argwhere(turned(upright, quarters, mirrored))
    disc = canvas_disc(canvas, session)
    far = [p for p in zip(*amber, strict=True) if dist(p, disc) > RADIUS + 3]
    assert len(far) > 300
    for point in far[::7]:
        assert np.abs(edge - point).max(axis=1).min() <= 1
    for point in edge[::7]:
        if dist(point, disc) > RADIUS + 3:
            assert np.abs(np.array(far) - point).max(axis=1).min() <= 1


def canvas_disc(canvas, session) -> tuple[float, float]:
    """Where on the film the disc of the only hot spot stands."""
    [outline] = canvas._layers.outlines(canvas.placement(), 1.0)
    y0, x0, _, _ = canvas.placement().visible
    return outline.disc.y() - y0, outline.disc.x() - x0


@eight
@pytest.mark.usefixtures("square")
def test_that_a_click_finds_a_hot_spot_where_it_is_drawn(
    canvas, session, make, qtbot, quarters, mirrored
) -> None:
    film = make.film()
    make.show(session, film, make.analysis(film, spots=(make.spot(box=(4, 4, 14, 14)),)))
    session.view.turn = Turn(quarters, mirrored)
    inside = np.zeros(SHAPE, np.bool_)
    inside[7:11, 7:11] = True
    row, column = np.argwhere(turned(inside, quarters, mirrored)).mean(axis=0)
    y0, x0, _, _ = canvas.placement().visible
    at = QPoint(int(x0 + (column + 0.5) * ZOOM), int(y0 + (row + 0.5) * ZOOM))
    with qtbot.waitSignal(canvas.spotClicked) as told:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert told.args == ["spot-1"]


@eight
@pytest.mark.usefixtures("square")
def test_that_the_read_out_is_of_the_pixel_under_the_mouse(
    canvas, session, make, qtbot, quarters, mirrored
) -> None:
    film = make.film()
    make.show(session, film)
    session.view.turn = Turn(quarters, mirrored)
    numbers = np.arange(64 * 48).reshape(SHAPE)
    drawn = np.kron(turned(numbers, quarters, mirrored), np.ones((4, 4), int))
    y0, x0, _, _ = canvas.placement().visible
    for y, x in ((0, 0), (3, 3), (101, 150), (drawn.shape[0] - 1, drawn.shape[1] - 1)):
        with qtbot.waitSignal(canvas.hovered) as told:
            qtbot.mouseMove(canvas, QPoint(x0 + x, y0 + y))
        [found] = told.args
        assert 48 * found.row + found.column == drawn[y, x]
        assert found.stored == film.stored.ravel()[drawn[y, x]]


@eight
@pytest.mark.usefixtures("square")
def test_that_wheel_and_pan_keep_the_point_under_the_mouse(
    canvas, session, make, wheel, drag, quarters, mirrored
) -> None:
    make.show(session, make.film())
    session.view.zoom, session.view.turn = 12.0, Turn(quarters, mirrored)
    point = canvas.placement().to_image(200, 300)
    wheel((300, 200), 2)
    assert session.view.zoom > 12
    assert dist(canvas.placement().to_view(*point), (200, 300)) <= 1
    point = canvas.placement().to_image(250, 250)
    drag(Qt.MouseButton.MiddleButton, (250, 250), (290, 190))
    assert dist(canvas.placement().to_view(*point), (190, 290)) <= 1


@pytest.mark.usefixtures("square")
def test_that_turning_keeps_zoom_and_the_point_in_the_middle(canvas, session, make) -> None:
    make.show(session, make.film())
    session.view.zoom, session.view.center = 9.0, (20.0, 30.0)
    for quarters, mirrored in TURNS:
        session.view.turn = Turn(quarters, mirrored)
        assert (session.view.zoom, session.view.center) == (9.0, (20.0, 30.0))
        assert dist(canvas.placement().to_image(250, 250), (20, 30)) <= 0.1


@pytest.mark.usefixtures("square")
def test_that_a_turn_ends_a_drag(canvas, session, make, qtbot) -> None:
    make.show(session, make.film())
    qtbot.mousePress(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(250, 250))
    qtbot.mouseMove(canvas, QPoint(270, 250))
    held = session.view.center
    session.view.turn = Turn(1)
    qtbot.mouseMove(canvas, QPoint(290, 250))
    qtbot.mouseRelease(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(290, 250))
    assert session.view.center == held


@pytest.mark.usefixtures("square")
def test_that_no_window_changes_anything_but_gray(session, make, phantom, one_hot, on_film) -> None:
    """Ink, shutter and their place are the same in every window and polarity."""
    make.show(session, phantom, make.analysis(phantom, maps=(one_hot,), spots=()))
    session.view.turn, session.view.heatmap = Turn(1), False
    before = on_film().astype(int)
    session.view.voi, session.view.inverted = VoiWindow(700, 300), True
    changed = (on_film() != before).any(axis=2)
    ink = np.ptp(before, axis=2) > 8  # nothing else on this film has a colour
    covered = np.kron(np.rot90(phantom.shutter.hidden, -1), np.ones((4, 4), bool))
    assert changed.mean() > 0.4
    assert ink.sum() > 500
    assert not changed[covered].any()
    full = (np.abs(before - before[ink].max(axis=0)) <= 2).all(axis=2)
    assert full.any()
    assert not changed[full].any()
