"""Outlines lie on the image, and a click finds the hot spot that is meant."""

import pytest
from PySide6.QtCore import QPointF

from radsal.app.viewer.contours import RADIUS, hit, outlines
from radsal.app.viewer.placement import Placement

PLACE = Placement.of((400, 400), (800, 800), 2.0)


def test_that_an_outline_goes_through_the_image_points_of_its_contour(make) -> None:
    made = outlines([make.spot(box=(40, 30, 80, 70))], PLACE, 1.0)
    corners = {(point.x(), point.y()) for point in made[0].polygon.toList()}
    assert corners == {(60, 80), (140, 80), (140, 160), (60, 160)}


def test_that_a_finer_screen_halves_the_logical_pixels(make) -> None:
    spot = make.spot(box=(40, 30, 80, 70))
    coarse, fine = outlines([spot], PLACE, 1.0)[0], outlines([spot], PLACE, 2.0)[0]
    pairs = zip(coarse.polygon.toList(), fine.polygon.toList(), strict=True)
    assert all((a.x(), a.y()) == (2 * b.x(), 2 * b.y()) for a, b in pairs)


def test_that_a_click_inside_an_outline_finds_it_and_one_outside_finds_nothing(make) -> None:
    made = outlines([make.spot("one", box=(100, 100, 200, 200))], PLACE, 1.0)
    assert hit(made, QPointF(250, 260)) == "one"
    for x, y in ((150, 300), (450, 300), (300, 150), (300, 450)):
        assert hit(made, QPointF(x, y)) is None


def test_that_of_two_outlines_around_a_point_the_smaller_is_meant(make) -> None:
    large = make.spot("large", 1, (20, 20, 380, 380))
    small = make.spot("small", 2, (100, 100, 160, 160))
    made = outlines([large, small], PLACE, 1.0)
    assert hit(made, QPointF(230, 230)) == "small"
    assert hit(made, QPointF(600, 620)) == "large"


def test_that_a_disc_is_hit_before_the_outline_it_lies_in(make) -> None:
    """The disc of 1 sits on its own contour, which runs through the inside of 2."""
    first = make.spot("first", 1, (180, 180, 220, 220))
    around = make.spot("around", 2, (100, 100, 300, 300))
    made = outlines([first, around], PLACE, 1.0)
    beyond = made[0].disc + QPointF(RADIUS - 1, 0)
    assert hit(made, beyond) == "first"


def test_that_no_two_discs_cover_each_other_while_there_is_room(make) -> None:
    spots = [make.spot(str(n), n, (100 + n, 100, 160 + n, 160)) for n in range(1, 5)]
    discs = [outline.disc for outline in outlines(spots, PLACE, 1.0)]
    for place, disc in enumerate(discs):
        for other in discs[place + 1 :]:
            gap = disc - other
            assert gap.x() ** 2 + gap.y() ** 2 > (2 * RADIUS) ** 2


@pytest.mark.parametrize("zoom", [0.5, 2.0, 8.0])
def test_that_a_disc_stays_on_its_contour_at_any_zoom(make, zoom) -> None:
    spot = make.spot(box=(40, 30, 80, 70))
    place = Placement.of((400, 400), (800, 800), zoom, (60, 50))
    [made] = outlines([spot], place, 1.0)
    row, column = place.to_image(made.disc.y(), made.disc.x())
    assert row == pytest.approx(40) or row == pytest.approx(80) or column in (30, 70)
