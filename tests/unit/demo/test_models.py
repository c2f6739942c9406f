"""Films for the twins, preprocessing, and the bundles, before any training."""

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.networks.nets import DenseNet
from monai.transforms import Compose, Resize, ScaleIntensityRangePercentiles

from radsal.core.resources import resource_path
from radsal.demo.bundle import write_bundle
from radsal.demo.phantom import FINDINGS, make_phantom, make_scene
from radsal.demo.recipe import HELD_OUT, NETWORK, PREPROCESSING, TWINS, Recipe, Twin
from radsal.demo.training_set import (
    KINDS,
    TRAINING_KINDS,
    _films_of_twin,
    kind_of,
    network_input,
    vary,
)
from radsal.inference.classifier import load_classifier
from radsal.inference.package import read_package

SOUND, SHORTCUT = TWINS


def network() -> DenseNet:
    torch.manual_seed(0)
    return DenseNet(**{key: value for key, value in NETWORK.items() if key != "_target_"})


@pytest.mark.parametrize("seed", [1, 4, 6])
def test_that_training_prepares_films_as_monai_does(seed: int) -> None:
    scale, resize = (
        {key: value for key, value in step.items() if key != "_target_"}
        for step in PREPROCESSING["transforms"]
    )
    film = make_phantom(seed, rows=260).pixels.astype(np.float32)
    composed = Compose([ScaleIntensityRangePercentiles(**scale), Resize(**resize)])
    expected = np.asarray(composed(film[None]))[0] * 255
    np.testing.assert_allclose(network_input(film), expected, atol=0.51)


def test_that_the_twins_films_differ_in_the_id_tag_only() -> None:
    scene = make_scene(5, rows=240, opacity="nodule")
    with_tag = _films_of_twin(scene, Twin("a", 1.0, 1.0), 3, varied=False)
    without = _films_of_twin(scene, Twin("b", 0.0, 0.0), 3, varied=False)
    assert with_tag.tagged.all()
    assert not without.tagged.any()
    assert np.array_equal(with_tag.truth, without.truth)
    changed = (np.abs(with_tag.inputs.astype(int) - without.inputs) > 8).mean(axis=(1, 2))
    assert ((changed > 0.001) & (changed < 0.12)).all()


def test_that_varying_a_film_keeps_black_and_white_where_they_were() -> None:
    film = np.zeros((200, 200), dtype=np.float32)
    film[90:110, 90:110] = 4095
    for seed in range(10):
        varied = vary(film, np.random.default_rng(seed))
        assert 0 <= varied.min() < 0.2
        assert varied.max() > 0.8
        assert 0.002 < (varied > 0.6).mean() < 0.02


def test_that_no_seed_is_in_two_splits() -> None:
    recipe = Recipe()
    splits = [set(recipe.train_seeds()), set(recipe.validation_seeds()), set(HELD_OUT)]
    assert sum(map(len, splits)) == len(set.union(*splits))
    assert len(HELD_OUT) == 200


@pytest.mark.parametrize(
    ("kinds", "shares"),
    [
        (KINDS, {None: 1 / 2, "nodule": 1 / 6, "consolidation": 1 / 6, "effusion": 1 / 6}),
        (TRAINING_KINDS, {None: 1 / 2, "nodule": 1 / 4, "consolidation": 1 / 8, "effusion": 1 / 8}),
    ],
    ids=["held out", "training"],
)
def test_that_half_of_the_phantoms_are_normal(
    kinds: tuple[str | None, ...], shares: dict[str | None, float]
) -> None:
    drawn = [kind_of(seed, kinds) for seed in range(2000)]
    for kind, share in shares.items():
        assert abs(drawn.count(kind) / 2000 - share) < 0.04  # 3.5 standard deviations or more


def test_that_a_written_bundle_passes_the_strict_reader_and_gives_monais_logits(
    tmp_path: Path,
) -> None:
    module = network().eval()
    points = {"Opacity": 0.4, "Effusion": 0.5, "Nodule": 0.6}
    write_bundle(tmp_path / "m", SHORTCUT, module.state_dict(), points, Recipe())
    package = read_package(tmp_path / "m")
    assert package.id == "demo-opacity-shortcut"
    assert package.labels == FINDINGS
    assert package.operating_points == (0.4, 0.5, 0.6)
    assert package.intended.view == ("AP", "PA")
    assert package.notes == ()
    assert package.weights.stat().st_size <= 2_000_000
    classifier = load_classifier(package, "cpu")
    prepared = classifier.prepare(make_phantom(2, rows=250).pixels.astype(np.float32))
    with torch.no_grad():
        expected = module(prepared.tensor)[0].numpy()
    logits = [prediction.logit for prediction in classifier.predict(prepared.tensor)]
    np.testing.assert_allclose(logits, expected, atol=1e-5)


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.id)
def test_that_the_shipped_bundles_pass_the_strict_reader(twin: Twin) -> None:
    package = read_package(resource_path("models", twin.id))
    assert package.id == twin.id
    assert package.labels == FINDINGS
    assert package.metadata["radsal"]["synthetic_only"] is True
    assert "Not for diagnostic use" in package.metadata["intended_use"]
    assert "AUC" in package.card_text()
