"""Training again gives the same package, down to the last byte; balance; calibration built in."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from radsal.demo.nih.calibration import Calibration
from radsal.demo.nih.films import training_films
from radsal.demo.nih.fitting import balanced, logits, new_network
from radsal.demo.nih.recipe import INPUT, Recipe
from radsal.demo.nih.train import build_in, train

TINY = Recipe(epochs=1, batch=4, threads=1)


@pytest.mark.usefixtures("torch_as_it_was")
def test_that_the_same_recipe_gives_the_same_bytes_and_another_seed_gives_others(
    data: Path, tmp_path: Path
) -> None:
    written = []
    for place, recipe in enumerate((TINY, TINY, replace(TINY, seed=TINY.seed + 1))):
        folder = tmp_path / str(place)
        train(training_films(data), recipe, folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        written.append([path.read_bytes() for path in files])
    assert written[0] == written[1]
    assert written[0] != written[2]


def test_that_every_pair_of_view_and_label_is_drawn_as_often(data: Path) -> None:
    films = training_films(data)[:-3]
    chances = balanced(films)
    kinds = [(film.view, film.positive) for film in films]
    for kind in set(kinds):
        own = sum(c for c, k in zip(chances, kinds, strict=True) if k == kind)
        assert own == pytest.approx(1 / 4)


def test_that_a_calibration_that_is_built_in_is_the_calibration() -> None:
    torch.manual_seed(4)
    network = new_network()
    inputs = np.random.default_rng(4).integers(0, 256, (3, INPUT, INPUT), dtype=np.uint8)
    expected = logits(network, inputs) / 1.7 - 0.4
    build_in(Calibration(1.7, -0.4), network)
    np.testing.assert_allclose(logits(network, inputs), expected, atol=1e-5)
