"""Overlay planes: where they lie, and that thin ink stays legible whatever the zoom and the film."""

import numpy as np
import pytest
from PySide6.QtGui import QImage

from radsal.app.viewer.placement import Placement
from radsal.app.viewer.planes import INK, Ink, outline
from radsal.core.planes import Overlay
from radsal.core.radiograph import VoiWindow

BRIGHT = np.array([INK.red(), INK.green(), INK.blue()])


def rgba(ink: Ink, placement: Placement) -> np.ndarray:
    """Premultiplied colour and alpha of each device pixel of the view."""
    image, (y, x) = ink.image(placement)
    out = np.zeros((*placement.view, 4), np.uint8)
    if not image.isNull():
        picture = image.convertToFormat(QImage.Format.Format_RGBA8888_Premultiplied)
        flat = np.frombuffer(picture.constBits(), np.uint8)
        shown = flat.reshape(picture.height(), picture.bytesPerLine() // 4, 4)
        out[y : y + picture.height(), x : x + picture.width()] = shown[:, : picture.width()]
    return out


def inked(ink: Ink, placement: Placement) -> np.ndarray:
    """Where the ink itself is, at full strength."""
    return (np.abs(rgba(ink, placement)[..., :3].astype(int) - BRIGHT) <= 1).all(axis=2)


def film_with(make, *overlays: Overlay, shape=(64, 48)):
    return make.film(stored=np.zeros(shape, np.uint16), overlays=overlays)


@pytest.mark.parametrize("zoom", [1, 2, 5])
def test_that_from_one_to_one_on_each_bit_is_a_rectangle_at_its_place(make, zoom) -> None:
    plane = np.random.default_rng(1).random((20, 10)) > 0.6
    film = film_with(make, Overlay(plane, (12, 30)))
    expected = np.zeros(film.shape, bool)
    expected[12:32, 30:40] = plane
    view = 64 * zoom, 48 * zoom
    drawn = inked(Ink(film), Placement.of(film.shape, view, zoom))
    assert np.array_equal(drawn, np.kron(expected, np.ones((zoom, zoom), bool)))


@pytest.mark.parametrize("origin", [(-5, -7), (50, 40), (-5, 40), (70, 0), (-99, -99), (0, -12)])
def test_that_a_plane_that_reaches_beyond_the_image_is_cut_at_its_border(make, origin) -> None:
    plane = np.random.default_rng(2).random((70, 30)) > 0.5
    film = film_with(make, Overlay(plane, origin))
    around = np.zeros((64 + 400, 48 + 400), bool)
    around[200 + origin[0] : 270 + origin[0], 200 + origin[1] : 230 + origin[1]] = plane
    drawn = inked(Ink(film), Placement.of(film.shape, film.shape, 1.0))
    assert np.array_equal(drawn, around[200:264, 200:248])


def test_that_planes_are_drawn_together(make) -> None:
    plane = np.ones((2, 2), np.bool_)
    film = film_with(make, Overlay(plane), Overlay(plane, (10, 10), 0x6002))
    drawn = inked(Ink(film), Placement.of(film.shape, film.shape, 1.0))
    assert drawn.sum() == 8


def test_that_a_region_is_an_outline_with_a_thin_tint(make) -> None:
    region = np.zeros((30, 30), np.bool_)
    region[5:25, 5:25] = True
    film = film_with(make, Overlay(region, region=True))
    placement = Placement.of(film.shape, film.shape, 1.0)
    ring = region.copy()
    ring[6:24, 6:24] = False
    assert np.array_equal(inked(Ink(film), placement)[:30, :30], ring)
    inside = rgba(Ink(film), placement)[8:22, 8:22]
    assert len(np.unique(inside.reshape(-1, 4), axis=0)) == 1
    assert 0 < inside[0, 0, 1] < 60


def test_that_a_region_that_reaches_the_end_of_its_plane_is_closed_there() -> None:
    assert outline(np.ones((4, 5), np.bool_)).sum() == 14


@pytest.mark.parametrize("zoom", [0.1, 0.2, 0.33, 0.6])
def test_that_a_line_one_pixel_wide_keeps_its_strength_far_below_one_to_one(make, zoom) -> None:
    for place in range(300, 310):
        plane = np.zeros((600, 500), np.bool_)
        plane[place] = True
        film = film_with(make, Overlay(plane), shape=plane.shape)
        size = round(600 * zoom), round(500 * zoom)
        opacity = rgba(Ink(film), Placement.of(film.shape, size, zoom))[..., 1] / INK.green()
        profile = opacity.mean(axis=1)[opacity.any(axis=1)]
        assert profile.max() > 0.45, place
        assert profile.sum() > 0.8, place
        assert profile.size <= 3, place


def test_that_ink_stands_out_on_white_and_on_black_at_a_fifth(canvas, session, make, seen) -> None:
    """Beside what the film alone would show there, at least a third of the whole range."""
    plane = np.zeros((1000, 900), np.bool_)
    plane[500:502], plane[300:700, 450] = True, True
    for level in (0, 4095):
        stored = np.full(plane.shape, level, np.uint16)
        film = make.film(stored=stored, overlays=(Overlay(plane),))
        session.reading.choose(None)
        make.show(session, film)
        session.view.zoom, session.view.voi, session.view.overlays = (
            0.2,
            VoiWindow(2048, 4096),
            True,
        )
        with_ink = seen().astype(int)
        session.view.overlays = False
        change = np.abs(with_ink - seen()).max(axis=2)
        placement = canvas.placement()
        y, x = (round(n) for n in placement.to_view(501, 100))
        assert change[y - 2 : y + 3, x : x + 40].max(axis=0).min() > 85
        y, x = (round(n) for n in placement.to_view(350, 450.5))
        assert change[y : y + 20, x - 2 : x + 3].max(axis=1).min() > 85


def test_that_overlays_are_drawn_only_while_they_are_asked_for(
    session, make, on_film, canvas
) -> None:
    film = film_with(make, Overlay(np.ones((30, 30), np.bool_), (10, 10)))
    make.show(session, film_with(make))
    session.view.zoom = 4.0
    plain = on_film()
    session.reading.choose(None)
    make.show(session, film)
    assert not np.array_equal(on_film(), plain)
    session.view.overlays = False
    assert np.array_equal(on_film(), plain)


def test_that_the_ink_is_neither_the_accent_nor_amber_and_no_gray() -> None:
    for other in ((90, 176, 242), (240, 177, 74)):
        assert np.abs(BRIGHT - other).max() > 60
    assert np.ptp(BRIGHT) > 20
