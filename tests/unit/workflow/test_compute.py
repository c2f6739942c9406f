import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from radsal.core.errors import KnownError, ModelRefusal
from radsal.core.progress import Progress
from radsal.dicom.reading import read_radiograph
from radsal.hotspots.parameters import HotSpotParameters
from radsal.inference.package import read_package
from radsal.workflow import compute
from radsal.workflow.analysis import AnalysisRequest, LayerChoice, layers


def test_that_the_answer_belongs_to_the_film_and_the_request(package, film, finished):
    request = AnalysisRequest.of(package, mass=0.5)
    analysis = finished(compute.analyse(film, request))
    assert analysis.image == film.identity
    assert request.answered_by(analysis)
    assert [p.finding for p in analysis.predictions] == ["Opacity", "Effusion"]
    assert [m.finding for m in analysis.maps] == ["Opacity", "Effusion"]
    assert analysis.milliseconds > 0
    for name, value in HotSpotParameters(mass=0.5).plain().items():
        assert analysis.parameters[name] == value
    for spot in analysis.hot_spots:
        assert 0 <= spot.peak[0] <= film.shape[0]
        assert 0 <= spot.peak[1] <= film.shape[1]


def test_that_the_same_request_gets_the_same_answer(package, film, finished):
    request = AnalysisRequest.of(package)
    one, other = (finished(compute.analyse(film, request)) for _ in range(2))
    assert one.predictions == other.predictions
    assert [m.sha256 for m in one.maps] == [m.sha256 for m in other.maps]
    assert [s.id for s in one.hot_spots] == [s.id for s in other.hot_spots]


def test_that_one_finding_or_the_likeliest_is_explained_alone(package, film, finished):
    one = finished(compute.analyse(film, AnalysisRequest.of(package, findings="Effusion")))
    assert [m.finding for m in one.maps] == ["Effusion"]
    assert len(one.predictions) == 2
    top = finished(compute.analyse(film, AnalysisRequest.of(package, findings="top")))
    likeliest = max(top.predictions, key=lambda p: p.probability)
    assert [m.finding for m in top.maps] == [likeliest.finding]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"findings": "Nodule"}, "finding-unknown"), ({"method": "magic"}, "method-unknown")],
)
def test_that_an_unknown_finding_or_method_is_told_by_code(package, film, finished, change, code):
    with pytest.raises(KnownError) as refused:
        finished(compute.analyse(film, replace(AnalysisRequest.of(package), **change)))
    assert refused.value.code == code


def test_that_a_package_that_changed_since_it_was_read_gives_no_answer(package, film, finished):
    request = AnalysisRequest.of(package)
    (package.folder / "docs" / "README.md").write_text("# Another card\n")
    with pytest.raises(ModelRefusal):
        finished(compute.analyse(film, request))


def test_that_a_film_the_model_was_not_made_for_is_noted(package, new_film, finished):
    chest = read_radiograph(new_film(1))
    knee = read_radiograph(new_film(2, BodyPartExamined="KNEE"))
    request = AnalysisRequest.of(package)
    assert finished(compute.analyse(chest, request)).notes == ()
    (note,) = finished(compute.analyse(knee, request)).notes
    assert "KNEE" in note.upper()


def test_that_turned_polarity_is_noted_and_the_answer_is_that_of_the_turned_film(
    package, new_film, finished
):
    bright = read_radiograph(new_film(1))
    negative = (4095 - bright.stored).astype("<u2").tobytes()
    turned = read_radiograph(
        new_film(2, PhotometricInterpretation="MONOCHROME1", PixelData=negative)
    )
    request = AnalysisRequest.of(package)
    one, other = (finished(compute.analyse(f, request)) for f in (bright, turned))
    assert one.notes == ()
    assert len(other.notes) == 1
    for a, b in zip(one.maps, other.maps, strict=True):
        np.testing.assert_allclose(a.values, b.values, atol=1e-5)


def test_that_it_can_be_stopped_between_its_steps(package, film):
    steps = compute.analyse(film, AnalysisRequest.of(package))
    assert next(steps) == Progress(0, 3, "Loading the model")
    assert next(steps).done == 1
    steps.close()
    assert next(compute.analyse(film, AnalysisRequest.of(package))).done == 0


def test_that_the_layers_to_choose_from_need_no_film_and_can_be_asked_for(package, film, finished):
    choices = compute.layers(AnalysisRequest.of(package))
    assert [choice.grid for choice in choices] == [(24, 20), (12, 10), (6, 5)]
    for choice in choices:
        chosen = AnalysisRequest.of(package, options={"layer": choice.label})
        answer = finished(compute.analyse(film, chosen))
        assert {saliency.grid for saliency in answer.maps} == {choice.grid}
        assert answer.parameters["layer"] == choice.label
    by_default = finished(compute.analyse(film, AnalysisRequest.of(package)))
    assert by_default.parameters["layer"] == choices[-1].label


def test_that_the_grid_of_a_layer_has_rows_along_image_rows(package, tmp_path, finished):
    upright = compute.layers(AnalysisRequest.of(package))
    document = json.loads((package.folder / "configs" / "inference.json").read_text())
    steps = document["preprocessing"]["transforms"]
    steps[0] = {"_target_": "LoadImage", "image_only": True, "ensure_channel_first": True}
    (package.folder / "configs" / "inference.json").write_text(json.dumps(document))
    turned = compute.layers(AnalysisRequest.of(read_package(package.folder)))
    assert [choice.grid for choice in turned] == [choice.grid[::-1] for choice in upright]


def test_that_the_layers_come_through_the_compute_process(request_all, finished):
    found = (LayerChoice("layer4", 24, (3, 2)),)

    class Computes:
        def run(self, target, request, timeout):
            assert (target, request) == ("radsal.workflow.compute:layers", request_all)
            yield Progress(0, 1)
            return found

    engines = SimpleNamespace(compute=Computes())
    assert finished(layers(engines, request_all)) == found
