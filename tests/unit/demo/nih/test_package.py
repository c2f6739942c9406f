"""The package that ships: it loads, it is small, and its card states what is measured."""

import re
from pathlib import Path

import numpy as np
import pytest

from radsal.core.resources import resource_path
from radsal.demo.nih.card import card_lines
from radsal.demo.nih.evaluate import evaluate
from radsal.demo.nih.recipe import FINDING, ID, NETWORK, preprocessing
from radsal.inference.classifier import load_classifier
from radsal.inference.components import read_network, read_preprocessing
from radsal.inference.package import read_package

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def test_that_the_package_is_the_recipes_and_its_weights_are_small() -> None:
    package = read_package(resource_path("models", ID))
    assert package.id == ID
    assert package.labels == (FINDING,)
    assert package.notes == ()
    assert package.network == read_network(dict(NETWORK), "network_def")
    assert package.preprocessing == read_preprocessing(preprocessing(), "preprocessing")
    assert package.intended.view == ("AP", "PA")
    assert package.weights.stat().st_size <= 4_000_000


@pytest.mark.parametrize("words", ["Not for diagnostic use", "ChestX-ray14", "AP", "grain"])
def test_that_the_card_names_use_data_and_shortcuts(words: str) -> None:
    assert words in read_package(resource_path("models", ID)).card_text()


@pytest.mark.parametrize("bits", [8, 10, 16])
def test_that_the_bit_depth_does_not_change_the_answer(bits: int) -> None:
    classifier = load_classifier(read_package(resource_path("models", ID)), "cpu")
    film = np.random.default_rng(1).random((300, 260), dtype=np.float32)
    (plain,) = classifier.predict(classifier.prepare(film).tensor)
    (deep,) = classifier.predict(classifier.prepare(film * np.float32(2**bits - 1)).tensor)
    assert deep.probability == pytest.approx(plain.probability, abs=1e-4)


@pytest.mark.real_data
def test_that_the_card_states_what_is_measured(shared_data: Path) -> None:
    stated = read_package(resource_path("models", ID)).card_text().splitlines()
    measured = card_lines(evaluate(resource_path("models", ID), shared_data / "nih"))
    texts = [_NUMBER.sub("#", line) for line in stated]
    start = texts.index(_NUMBER.sub("#", measured[0]))
    for line, own in zip(measured, stated[start:], strict=False):
        assert _NUMBER.sub("#", own) == _NUMBER.sub("#", line)
        numbers = [[float(text) for text in _NUMBER.findall(one)] for one in (own, line)]
        assert numbers[0] == pytest.approx(numbers[1], abs=0.011 if "%" not in line else 2.1)
