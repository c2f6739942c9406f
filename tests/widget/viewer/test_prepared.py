"""What was brought to view resolution ahead is what would have been drawn, and of the same film."""

import numpy as np
import pytest

from radsal.app.viewer import film as film_module
from radsal.app.viewer.prepared import KEPT, Outlook, Preparing
from radsal.core.decoded import Decoded
from radsal.core.geometry import Turn
from radsal.core.radiograph import GrayscaleChain, PixelSpacing, Radiograph


def decoded(film: Radiograph) -> Decoded:
    return Decoded(film.header, film.stored, film.chain, film.spacing, film.overlays, film.shutter)


@pytest.fixture
def films(make):
    """Large ones, so that they are averaged; of one shape, so that they could be mixed up."""
    chain, spacing = GrayscaleChain(12, signed=False, padding=(0, 0)), PixelSpacing(aspect=1.25)
    noise = (np.random.default_rng(n).integers(0, 4096, (900, 700)) for n in range(1, 5))
    return [
        make.film(n, stored.astype(np.uint16), chain=chain, spacing=spacing)
        for n, stored in enumerate(noise, 1)
    ]


@pytest.fixture
def reckoned(monkeypatch):
    """How often a film was brought to view resolution."""
    made = []

    class Noted(film_module.StoredValues):
        def at(self, *arguments, **options):
            made.append(arguments)
            return super().at(*arguments, **options)

    monkeypatch.setattr(film_module, "StoredValues", Noted)
    return made


def unprepared(session, make, seen, film) -> np.ndarray:
    """The film as it is drawn when nothing was made ahead."""
    copy = Radiograph(film.header, film.identity, film.stored.copy(), film.chain, film.spacing)
    make.show(session, copy)
    return seen()


def test_that_a_film_made_ahead_is_drawn_to_the_same_pixel_without_being_made_again(
    canvas, session, make, seen, films, reckoned
) -> None:
    plain = unprepared(session, make, seen, films[0])
    assert len(reckoned) == 1
    canvas.prepare(decoded(films[0]))
    assert len(reckoned) == 2
    make.show(session, films[1])
    make.show(session, films[0])
    np.testing.assert_array_equal(seen(), plain)
    assert len(reckoned) == 2


def test_that_films_of_one_shape_made_ahead_are_not_mixed_up(
    canvas, session, make, seen, films
) -> None:
    plain = [unprepared(session, make, seen, film) for film in films[:2]]
    for film in films[:2]:
        canvas.prepare(decoded(film))
    for film, expected in zip(reversed(films[:2]), reversed(plain), strict=True):
        make.show(session, film)
        np.testing.assert_array_equal(seen(), expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda canvas, view: canvas.resize(420, 330),
        lambda canvas, view: setattr(view, "turn", Turn(1)),
        lambda canvas, view: setattr(view, "zoom", 0.8),
    ],
    ids=["size", "turn", "zoom"],
)
def test_that_a_view_that_changed_meanwhile_is_drawn_as_it_is_now(
    canvas, session, make, seen, films, change
) -> None:
    seen()
    canvas.prepare(decoded(films[0]))
    change(canvas, session.view)
    make.show(session, films[0])
    shown = seen()
    np.testing.assert_array_equal(shown, unprepared(session, make, seen, films[0]))


def test_that_only_a_few_films_are_kept_made(films) -> None:
    preparing = Preparing()
    preparing.prepare(decoded(films[0]))
    assert preparing.take(films[0]) is None  # no view has said yet how films are seen
    preparing.outlook = Outlook((100, 100), smooth=False, shutter=True)
    for film in films:
        preparing.prepare(decoded(film))
    taken = [preparing.take(film) is not None for film in films]
    assert taken == [False] * (len(films) - KEPT) + [True] * KEPT
    assert not any(preparing.take(film) for film in films)  # each is given once
