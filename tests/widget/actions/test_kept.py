"""Decoded images are kept by use, and given back only for the header they were decoded for."""

from dataclasses import replace

from radsal.app.actions.kept import KeptImages


def test_that_the_image_that_was_not_used_for_longest_is_let_go(make) -> None:
    kept, films = KeptImages(2), [make.film(number) for number in (1, 2, 3)]
    kept.put(films[0])
    kept.put(films[1])
    assert kept.get(films[0].header, 1) is films[0]
    kept.put(films[2])
    assert [kept.get(film.header, 1) for film in films] == [films[0], None, films[2]]


def test_that_an_image_is_given_for_its_own_header_and_frame_only(make) -> None:
    kept, film = KeptImages(), make.film(1, frames=2)
    kept.put(film)
    assert kept.get(film.header, 1) is film
    assert kept.get(film.header, 2) is None
    assert kept.get(replace(film.header, patient_name="SOMEBODY^ELSE"), 1) is None
