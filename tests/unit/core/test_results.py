import copy
import hashlib
import pickle
import struct
from dataclasses import replace

import numpy as np
import pytest

from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction, SaliencyMap

NAN = float("nan")
MAPPING = GridMapping(10, 0, 10, 0)
TURNED = GridMapping(10, 0, 20, 0, transposed=True)


def heat(finding="Opacity", method="gradcam", status=MapStatus.OK, mapping=MAPPING):
    values = np.arange(6, dtype=np.float32).reshape(2, 3) - 2
    if status is not MapStatus.OK:
        values = np.zeros_like(values)
    return SaliencyMap(finding, method, values, mapping, status)


def spot(name="one", finding="Opacity", method="gradcam", rank=1, **changes):
    contour = np.array([[0, 0], [0, 9], [9, 9], [0, 0]], np.float32)
    parts = {"peak": (5.0, 5.0), "box": Box(0, 0, 9, 9), "contour": contour, "share": 0.5}
    return HotSpot(name, finding, method, rank, **{**parts, "area": 40.5, **changes})


ANALYSIS = Analysis(
    ImageIdentity("2.25.1", 1, "a" * 64),
    ModelIdentity("demo", "b" * 64),
    "gradcam",
    {"mass": 0.6, "layer": "features"},
    "cpu",
    (Prediction("Opacity", 0.5, 0.62, 0.5), Prediction("Effusion", 2, 0.88, 0.9)),
    (heat(), heat("Effusion", status=MapStatus.EMPTY)),
    (spot("two", rank=2), spot("one", rank=1)),
    12.5,
    ("Polarity was turned.",),
)


@pytest.mark.parametrize(
    "values",
    [
        ("", 0, 0.5, 0.5),
        ("Opacity", 0, 1.01, 0.5),
        ("Opacity", 0, NAN, 0.5),
        ("Opacity", 0, 0.5, -0.1),
        ("Opacity", NAN, 0.5, 0.5),
        ("Opacity", float("inf"), 1.0, 0.5),
    ],
)
def test_that_an_answer_that_is_no_probability_makes_no_prediction(values):
    with pytest.raises(ValueError, match=r"finding|between 0 and 1|finite"):
        Prediction(*values)


def test_that_a_probability_at_the_operating_point_is_positive():
    assert Prediction("Opacity", 0, 0.5, 0.5).positive
    assert not Prediction("Opacity", 0, np.nextafter(0.5, 0), 0.5).positive


@pytest.mark.parametrize(
    ("values", "status"),
    [
        (np.zeros((2, 2), np.float32), MapStatus.OK),
        (-np.ones((2, 2), np.float32), MapStatus.OK),
        (np.ones((2, 2), np.float32), MapStatus.EMPTY),
        (np.ones((2, 2), np.float32), MapStatus.FAILED),
        (np.full((2, 2), NAN, np.float32), MapStatus.FAILED),
        (np.ones((2, 2), np.float64), MapStatus.OK),
        (np.ones(4, np.float32), MapStatus.OK),
    ],
)
def test_that_a_map_whose_status_and_values_disagree_is_refused(values, status):
    with pytest.raises(ValueError, match="map"):
        SaliencyMap("Opacity", "gradcam", values, MAPPING, status)


def test_that_a_map_with_negative_values_alone_is_empty():
    values = -np.ones((2, 2), np.float32)
    assert SaliencyMap("Opacity", "gradcam", values, MAPPING, MapStatus.EMPTY).grid == (2, 2)


def test_that_the_grid_of_a_map_is_counted_along_the_image():
    assert heat().grid == (2, 3)
    assert heat(mapping=TURNED).grid == (3, 2)


def test_that_the_hash_of_a_map_is_that_of_its_little_endian_floats():
    assert heat().sha256 == hashlib.sha256(struct.pack("<6f", *range(-2, 4))).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"contour": np.array([[0, 0], [0, 9], [9, 9], [9, 0]], np.float32)},
        {"contour": np.zeros((3, 2), np.float32)},
        {"contour": np.zeros((5, 3), np.float32)},
        {"contour": np.full((4, 2), NAN, np.float32)},
        {"share": 0.0},
        {"share": 1.1},
        {"share": NAN},
        {"area": 0.0},
        {"area": NAN},
        {"rank": 0},
    ],
)
def test_that_a_hot_spot_without_a_closed_contour_a_share_or_an_area_is_refused(change):
    with pytest.raises(ValueError, match=r"contour|share"):
        spot(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"maps": (heat("Nodule"),)},
        {"maps": (heat(method="gradient"),)},
        {"maps": (heat(), heat())},
        {"maps": ()},
        {"predictions": ANALYSIS.predictions[:1] * 2},
        {"hot_spots": (spot(), spot(rank=2))},
        {"hot_spots": (spot(finding="Nodule"),)},
        {"hot_spots": (spot(method="gradient"),)},
        {"hot_spots": (spot(finding="Effusion"),)},  # its map is empty
    ],
)
def test_that_an_analysis_holds_only_what_belongs_together(change):
    with pytest.raises(ValueError, match=r"map|hot spot|finding"):
        replace(ANALYSIS, **change)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_that_an_analysis_is_whole_after_pickling(protocol):
    back = pickle.loads(pickle.dumps(ANALYSIS, protocol=protocol))
    for name in ("image", "model", "method", "parameters", "device", "predictions", "notes"):
        assert getattr(back, name) == getattr(ANALYSIS, name)
    assert [m.sha256 for m in back.maps] == [m.sha256 for m in ANALYSIS.maps]
    assert [m.mapping for m in back.maps] == [m.mapping for m in ANALYSIS.maps]
    for one, other in zip(back.hot_spots, ANALYSIS.hot_spots, strict=True):
        assert (one.id, one.box, one.peak) == (other.id, other.box, other.peak)
        np.testing.assert_array_equal(one.contour, other.contour)


@pytest.mark.parametrize(
    "way",
    [lambda a: a, lambda a: pickle.loads(pickle.dumps(a)), copy.deepcopy],
    ids=["as built", "pickled", "copied"],
)
def test_that_an_analysis_cannot_be_changed_from_within(way):
    analysis = way(ANALYSIS)
    with pytest.raises(TypeError):
        analysis.parameters["mass"] = 0.9
    with pytest.raises(ValueError, match="read-only"):
        analysis.maps[0].values[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        analysis.hot_spots[0].contour[0, 0] = 1


def test_that_parameters_are_sorted_and_apart_from_what_was_given():
    given = {"z": 1, "a": 2}
    analysis = replace(ANALYSIS, parameters=given)
    given["b"] = 3
    assert list(analysis.parameters.items()) == [("a", 2), ("z", 1)]


def test_that_the_striking_finding_exceeds_its_operating_point_the_most():
    assert ANALYSIS.striking.finding == "Opacity"  # 0.62 of 0.5, though 0.88 is likelier
    assert replace(ANALYSIS, predictions=(), maps=(), hot_spots=()).striking is None


def test_that_spots_and_maps_are_found_by_finding():
    assert [s.id for s in ANALYSIS.spots_of("Opacity")] == ["one", "two"]
    assert ANALYSIS.spots_of("Effusion") == ()
    assert ANALYSIS.map_of("Effusion").status is MapStatus.EMPTY
    assert ANALYSIS.map_of("Nodule") is None
    assert ANALYSIS.prediction("Effusion").logit == 2
    with pytest.raises(KeyError):
        ANALYSIS.prediction("Nodule")
