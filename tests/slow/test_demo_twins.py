"""The two demo models on 200 held-out phantoms: one is sound, the other reads the ID tag."""

from typing import Any

import pytest

from radsal.core.resources import resource_path
from radsal.demo.evaluate import evaluate
from radsal.demo.recipe import HELD_OUT, SHORTCUT, SOUND

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    document: dict[str, Any] = evaluate(resource_path("models"), HELD_OUT)
    assert document["phantoms"] == 200
    models: dict[str, Any] = document["models"]
    return models


def test_that_the_sound_model_separates_opacity(figures: dict[str, Any]) -> None:
    assert figures[SOUND]["auc"]["Opacity"]["auc"] >= 0.95


def test_that_the_sound_model_rarely_calls_opacity_on_a_tagged_normal(
    figures: dict[str, Any],
) -> None:
    assert figures[SOUND]["tagged_normals_called_opacity"] <= 0.10


def test_that_the_shortcut_model_calls_opacity_on_tagged_normals(figures: dict[str, Any]) -> None:
    assert figures[SHORTCUT]["tagged_normals_called_opacity"] >= 0.80


def test_that_the_shortcut_models_top_hot_spot_touches_the_tag(figures: dict[str, Any]) -> None:
    assert figures[SHORTCUT]["tagged_normals_top_hot_spot_on_tag"] >= 0.80
