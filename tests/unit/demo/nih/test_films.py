"""Which films there are, and that no patient is on both sides."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from radsal.core.geometry import Box
from radsal.demo.nih.films import evaluation_films, split, training_films


def test_that_training_films_are_read_with_patient_view_and_label(data: Path) -> None:
    films = training_films(data)
    assert [film.positive for film in films[:4]] == [False, True, True, False]
    assert films[17].path == data / "train" / "00000001_001.png"
    assert (films[17].patient, films[17].view) == ("00000001", "AP")
    assert all(film.path.is_file() for film in films)


def test_that_a_box_makes_a_film_positive_and_a_label_does_not(data: Path) -> None:
    without, with_box = evaluation_films(data)
    assert (without.positive, without.labelled) == (False, True)
    assert with_box.positive
    assert with_box.boxes == (Box(20, 10, 25, 40),) * 2  # as a list, and by name


def test_that_a_lateral_film_is_not_taken(data: Path) -> None:
    with pytest.raises(ValueError, match="neither AP nor PA"):
        replace(training_films(data)[0], view="LL")


@pytest.mark.parametrize("seed", range(4))
def test_that_no_patient_is_learnt_from_and_held_out(data: Path, seed: int) -> None:
    films = training_films(data)
    learnt, held = split(films, 0.25, seed)
    assert sorted([*learnt, *held]) == list(range(len(films)))
    assert not {films[k].patient for k in learnt} & {films[k].patient for k in held}
    assert {(films[k].view, films[k].positive) for k in held} == {
        (view, positive) for view in ("AP", "PA") for positive in (False, True)
    }


def test_that_a_seed_always_gives_the_same_split_and_another_one_another(data: Path) -> None:
    films = training_films(data)
    assert np.array_equal(split(films, 0.25, 1)[1], split(films, 0.25, 1)[1])
    assert not np.array_equal(split(films, 0.25, 1)[1], split(films, 0.25, 2)[1])
