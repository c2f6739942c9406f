"""Training again gives the same model, down to the last byte."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from radsal.demo.recipe import INPUT, TWINS, Recipe
from radsal.demo.train import _train_one
from radsal.demo.training_set import Films

TINY = Recipe(train=8, validation=8, looks=1, epochs=1, batch=4)


@pytest.fixture
def torch_as_it_was() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)


def films(seed: int) -> Films:
    rng = np.random.default_rng(seed)
    inputs = rng.integers(0, 256, (8, INPUT, INPUT), dtype=np.uint8)
    truth = np.tile(np.array([[0, 0, 0], [1, 1, 0], [1, 0, 1], [0, 0, 0]], np.float32), (2, 1))
    return Films(inputs, truth, truth[:, 0] > 0.5)


@pytest.mark.usefixtures("torch_as_it_was")
def test_that_the_same_recipe_gives_the_same_bytes_and_another_seed_gives_others(
    tmp_path: Path,
) -> None:
    written = []
    for place, recipe in enumerate((TINY, TINY, replace(TINY, seed=TINY.seed + 1))):
        _train_one((TWINS[0], recipe, films(1), films(2), tmp_path / str(place)))
        bundle = tmp_path / str(place) / TWINS[0].id
        written.append((bundle / "models" / "model.safetensors").read_bytes())
    assert written[0] == written[1]
    assert written[0] != written[2]
