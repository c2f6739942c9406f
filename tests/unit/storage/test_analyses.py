import hashlib
import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from radsal.core.errors import StoreError
from radsal.core.geometry import GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.results import Analysis, MapStatus, Prediction, SaliencyMap
from radsal.storage.plain import digest_of


def found(store, world, **changes):
    asked = {"image": world.image, "model": world.model, "method": "gradcam", **changes}
    return store.analysis(**asked)


def rows(location, query):
    with sqlite3.connect(location) as connection:
        return connection.execute(query).fetchall()


def same(one, two):
    plain = ("image", "model", "method", "parameters", "device", "predictions", "milliseconds")
    assert all(getattr(one, name) == getattr(two, name) for name in (*plain, "notes"))
    for old, new in zip(one.maps, two.maps, strict=True):
        np.testing.assert_array_equal(old.values, new.values)
        assert (old.mapping, old.status, old.reason) == (new.mapping, new.status, new.reason)
    for old, new in zip(one.hot_spots, two.hot_spots, strict=True):
        np.testing.assert_array_equal(old.contour, new.contour)
        names = ("id", "finding", "method", "rank", "peak", "box", "share", "area")
        assert all(getattr(old, name) == getattr(new, name) for name in names)
    return True


def test_that_an_analysis_comes_back_bit_for_bit(store, world):
    assert same(found(store, world), world.analysis)


def test_that_a_map_stored_before_it_had_a_reach_keeps_its_digest_and_comes_back(world, store):
    values = np.eye(3, dtype=np.float32)
    heat = SaliencyMap(
        "Opacity", "gradcam", values, GridMapping(2.5, -1.0, 3.0, 0.25), MapStatus.OK
    )
    parts = (Prediction("Opacity", 1.5, 0.8, 0.5),), (heat,), ()
    image, model = ImageIdentity("2.25.11", 1, "1" * 64), ModelIdentity("m", "b" * 64)
    older = Analysis(image, model, "gradcam", {"findings": "all"}, "cpu", *parts)
    # as the release before this column gave it
    assert digest_of(older).startswith("3d70d3e99ec09540e26364c37468f81eed82")
    stored = replace(world.analysis, maps=(replace(world.analysis.maps[0], mapping=heat.mapping),))
    store.save_analysis(stored)
    assert found(store, world).maps[0].mapping == heat.mapping


def test_that_the_types_of_parameters_survive(store, world):
    parameters = found(store, world).parameters
    assert [type(v) for v in parameters.values()] == [str, float, bool, int]


def test_that_the_stored_blob_has_the_hash_of_the_map(store, world, location):
    ((blob, digest),) = rows(location, "SELECT raw, sha256 FROM saliency_map")
    assert hashlib.sha256(blob).hexdigest() == digest == world.analysis.maps[0].sha256


def test_that_saving_an_analysis_again_adds_nothing(store, world, location):
    store.save_analysis(world.analysis)
    store.save_analysis(replace(world.analysis, milliseconds=99.0))
    counts = [rows(location, f"SELECT count(*) FROM {t}")[0][0] for t in ("analysis", "hot_spot")]
    assert counts == [1, 3]


def test_that_the_newest_matching_analysis_is_found(store, world, with_device):
    store.save_analysis(with_device(world.analysis, "cuda:0"))
    assert found(store, world).device == "cuda:0"
    store.save_analysis(world.analysis)
    assert found(store, world).device == "cpu"


@pytest.mark.parametrize(
    "other",
    [
        {"method": "gradient"},
        {"model": ModelIdentity("demo-opacity", "d" * 64)},
        {"model": ModelIdentity("demo", "c" * 64)},
        {"accepts": lambda parameters: parameters["mass"] == 0.7},
    ],
)
def test_that_an_analysis_that_does_not_match_is_not_found(store, world, other):
    assert found(store, world, **other) is None


def test_that_the_newest_of_those_whose_parameters_are_accepted_is_found(store, world):
    for mass in (0.7, 0.8):
        parameters = {**world.analysis.parameters, "mass": mass}
        store.save_analysis(replace(world.analysis, parameters=parameters))
    for accepted in (0.6, 0.7, 0.8):
        met = found(store, world, accepts=lambda said, wanted=accepted: said["mass"] == wanted)
        assert met.parameters["mass"] == accepted
    assert found(store, world, accepts=lambda said: said["mass"] < 0.75).parameters["mass"] == 0.7


def test_that_an_analysis_of_an_unknown_image_is_refused(store, other_world):
    with pytest.raises(StoreError) as refused:
        store.save_analysis(other_world.analysis)
    assert refused.value.code == "store-refused"


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE saliency_map SET raw = zeroblob(length(raw))",
        "UPDATE saliency_map SET raw = zeroblob(4)",
        "UPDATE saliency_map SET row_offset = 0",
        "UPDATE hot_spot SET share = 0.31 WHERE rank = 2",
        "UPDATE hot_spot SET contour = zeroblob(length(contour)) WHERE rank = 3",
        "UPDATE prediction SET probability = 0.71 WHERE position = 0",
        "DELETE FROM saliency_map",
    ],
)
def test_that_a_damaged_analysis_is_refused_on_reading(store, world, location, damage):
    rows(location, damage)
    with pytest.raises(StoreError) as refused:
        found(store, world)
    assert refused.value.code == "store-damaged"


def test_that_a_report_gets_the_analysis_that_was_judged(store, world, with_device):
    saved = store.save_read(world.begin().judge(world.verdict()))
    store.save_analysis(with_device(world.analysis, "cuda:0"))
    saved = store.save_read(saved.remark("later"))
    assert [a.device for a in store.analyses(saved.id)] == ["cpu"]


def test_that_a_report_gets_the_newest_analysis_of_an_image_nobody_judged(
    store, world, with_device
):
    saved = store.save_read(world.begin())
    store.save_analysis(with_device(world.analysis, "cuda:0"))
    assert [a.device for a in store.analyses(saved.id)] == ["cuda:0"]
