import pickle
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import rankdata

from radsal.core.errors import IdentityMismatch, KnownError
from radsal.core.geometry import GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.results import Analysis, MapStatus, Prediction, SaliencyMap
from radsal.saliency import catalogue
from radsal.saliency.consensus import CONSENSUS, WORKING_SIZE, consensus

IMAGE = ImageIdentity("2.25.1", 1, "a" * 64)
MODEL = ModelIdentity("test-model", "0" * 64)
SHAPE = (12, 10)


def analysis(method, values, *, status=None, reason="", mapping=None, shape=SHAPE, finding="Mass"):
    values = np.asarray(values, np.float32)
    status = status or (MapStatus.OK if (values > 0).any() else MapStatus.EMPTY)
    mapping = mapping or GridMapping.stretch(values.shape, shape)
    item = SaliencyMap(finding, method, values, mapping, status, reason)
    predictions = (Prediction("Mass", 1.0, 0.7, 0.5), Prediction("Nodule", 0.0, 0.5, 0.5))
    return Analysis(IMAGE, MODEL, method, {}, "cpu", predictions, (item,), ())


def noise(seed, shape=SHAPE):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def scaled(values):
    """Ranks from 0 to 1 by scipy, of what is positive."""
    ranks = rankdata(np.maximum(values, 0), method="average").reshape(np.shape(values))
    return (ranks - 1) / (np.size(values) - 1)


@pytest.fixture(autouse=True)
def families(monkeypatch):
    """Two methods of one family, and one that does not depend on the finding."""
    made = {
        name: replace(catalogue.GRADCAM, name=name, title=name.upper(), family=family)
        for name, family in (("one", "a"), ("two", "a"), ("three", "b"), ("four", "c"))
    }
    made["four"] = replace(made["four"], class_specific=False)
    monkeypatch.setattr("radsal.saliency.consensus.CATALOGUE", made)


def test_that_the_map_is_the_mean_of_ranks_and_the_spread_their_deviation():
    first, second = noise(1), noise(2)
    found = consensus([analysis("one", first), analysis("three", second)], "Mass", SHAPE)
    ranks = np.stack([scaled(first), scaled(second)])
    np.testing.assert_allclose(found.map.values, ranks.mean(0), atol=1e-6)
    np.testing.assert_allclose(found.spread, ranks.std(0), atol=1e-6)
    assert (found.map.method, found.map.finding) == (CONSENSUS, "Mass")
    assert found.voters == {"a": ("one",), "b": ("three",)}


def test_that_a_family_counts_once_however_many_of_it_vote():
    one, two, three = noise(1), noise(2), noise(3)
    voters = [analysis("one", one), analysis("three", three), analysis("two", two)]
    found = consensus(voters, "Mass", SHAPE)
    families = np.stack([(scaled(one) + scaled(two)) / 2, scaled(three)])
    np.testing.assert_allclose(found.map.values, families.mean(0), atol=1e-6)
    np.testing.assert_allclose(found.spread, families.std(0), atol=1e-6)
    assert found.voters == {"a": ("one", "two"), "b": ("three",)}


def test_that_the_order_of_places_counts_and_no_scale():
    values = np.abs(noise(1))
    stretched = np.exp(3 * values)
    found = consensus([analysis("one", values), analysis("three", stretched)], "Mass", SHAPE)
    np.testing.assert_allclose(found.map.values, scaled(values), atol=1e-6)
    np.testing.assert_array_equal(found.spread, 0)


def test_that_opposite_orders_have_the_mean_rank_everywhere_and_the_greatest_spread_at_the_ends():
    values = np.arange(1, 121, dtype=np.float32).reshape(SHAPE)
    found = consensus([analysis("one", values), analysis("three", 121 - values)], "Mass", SHAPE)
    np.testing.assert_allclose(found.map.values, 0.5, atol=1e-6)
    assert found.spread[0, 0] == found.spread[-1, -1] == 0.5


def test_that_what_is_not_positive_shares_one_rank():
    values = np.full(SHAPE, -1, np.float32)
    values[:5] = -2
    values[3, 4] = 1
    found = consensus([analysis("one", values), analysis("three", values)], "Mass", SHAPE)
    assert found.map.values[3, 4] == 1
    np.testing.assert_allclose(np.delete(found.map.values.ravel(), 34), 59 / 119, atol=1e-6)


def test_that_maps_of_other_axes_and_grids_are_laid_over_each_other():
    values = np.abs(noise(4)) + 1
    turned = GridMapping(1, 0, 1, 0, transposed=True)
    coarse = np.array([[1, 2]], np.float32)
    found = consensus(
        [
            analysis("one", values),
            analysis("three", values.T.copy(), mapping=turned),
            analysis("four", coarse),
        ],
        "Mass",
        SHAPE,
    )
    sampled = GridMapping.stretch((1, 2), SHAPE).resample(coarse, SHAPE)
    expected = (2 * scaled(values) + scaled(sampled)) / 3
    np.testing.assert_allclose(found.map.values, expected, atol=1e-6)


def test_that_a_large_film_has_a_grid_of_the_working_size_and_finer_maps_are_averaged_there():
    shape = (1024, 768)
    blocks = np.random.default_rng(5).permutation(256 * 192).reshape(256, 192) + 1.0
    fine = np.kron(blocks, np.ones((2, 2))) + np.tile([[3, -3], [-3, 3]], (256, 192)) * 0.1
    voters = [analysis(m, fine, shape=shape) for m in ("one", "three")]
    found = consensus(voters, "Mass", shape)
    assert found.map.values.shape == (WORKING_SIZE, 192)
    assert found.map.mapping == GridMapping(4, 0, 4, 0)
    np.testing.assert_allclose(found.map.values, scaled(blocks), atol=1e-6)


def test_that_where_a_map_does_not_reach_nobody_votes():
    values = np.abs(noise(6)) + 1
    cropped = GridMapping(1, 4, 1, 0)  # rows 4 to 12
    voters = [analysis("one", values), analysis("three", values[4:], mapping=cropped)]
    found = consensus(voters, "Mass", SHAPE)
    np.testing.assert_array_equal(found.map.values[:4], 0)
    np.testing.assert_array_equal(found.spread, 0)
    np.testing.assert_allclose(found.map.values[4:], scaled(values[4:]), atol=1e-6)


def test_that_empty_failed_and_missing_maps_do_not_vote_and_are_named():
    failed = analysis(
        "four", np.zeros((1, 1)), status=MapStatus.FAILED, reason="It is not a number."
    )
    voters = [
        analysis("one", noise(1)),
        analysis("two", np.zeros(SHAPE), reason="Nothing speaks for it."),
        analysis("three", noise(3)),
        failed,
        analysis("five", noise(5), finding="Nodule"),
    ]
    found = consensus(voters, "Mass", SHAPE)
    assert found.voters == {"a": ("one",), "b": ("three",)}
    assert found.left_out == {
        "two": "Its map is empty. Nothing speaks for it.",
        "four": "Its map is failed. It is not a number.",
        "five": "It was not asked about this finding.",
    }
    assert "Nothing speaks for it." in " ".join(found.sentences)


def test_that_a_map_of_one_value_does_not_vote():
    lone = np.ones((12, 10), np.float32)
    voters = [analysis("one", noise(1)), analysis("three", noise(3)), analysis("four", lone)]
    assert set(consensus(voters, "Mass", SHAPE).left_out) == {"four"}


def test_that_a_voter_that_is_the_same_for_every_finding_is_named():
    found = consensus([analysis("one", noise(1)), analysis("four", noise(4))], "Mass", SHAPE)
    assert found.class_agnostic == ("four",)
    assert any("every finding" in sentence for sentence in found.sentences)


@pytest.mark.parametrize("methods", [(), ("one",), ("one", "two")])
def test_that_one_family_alone_has_no_consensus(methods):
    voters = [analysis(method, noise(1)) for method in methods]
    voters.append(analysis("three", np.zeros(SHAPE), reason="Nothing speaks for it."))
    with pytest.raises(KnownError) as refused:
        consensus(voters, "Mass", SHAPE)
    assert refused.value.code == "no-consensus"
    assert "Nothing speaks for it." in refused.value.reason


@pytest.mark.parametrize(
    "stray",
    [{"image": replace(IMAGE, frame=2)}, {"model": ModelIdentity("test-model", "1" * 64)}],
)
def test_that_maps_of_other_images_and_models_are_never_mixed(stray):
    voters = [analysis("one", noise(1)), replace(analysis("three", noise(1)), **stray)]
    with pytest.raises(IdentityMismatch):
        consensus(voters, "Mass", SHAPE)


def test_that_a_consensus_stays_frozen_on_its_way_to_another_process():
    found = consensus([analysis("one", noise(1)), analysis("three", noise(3))], "Mass", SHAPE)
    again = pickle.loads(pickle.dumps(found))
    assert again.voters == found.voters
    np.testing.assert_array_equal(again.spread, found.spread)
    with pytest.raises(ValueError, match="read-only"):
        again.spread[0, 0] = 1
    with pytest.raises(TypeError):
        again.voters["a"] = ()
