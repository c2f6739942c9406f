from dataclasses import replace
from pathlib import Path

import pytest

from radsal.core.errors import IdentityMismatch, KnownError
from radsal.core.identity import ModelIdentity
from radsal.core.progress import Progress
from radsal.inference.package import read_package
from radsal.workflow.analysis import (
    ANALYSIS_TIMEOUT,
    AnalysisRequest,
    analyse,
    check_request,
)
from radsal.workflow.engines import Engines

OTHER_MODEL = ModelIdentity("test-model", "f" * 64)


def test_that_an_answer_to_what_was_asked_is_handed_on_after_its_progress(
    engines, film, request_all
):
    steps = analyse(engines, film, request_all)
    assert [next(steps), next(steps)] == [Progress(0, 2), Progress(1, 2)]
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value.image == film.identity


@pytest.mark.parametrize(
    "what", ["pixels", "film", "frame", "model", "finding asked", "share of mass"]
)
def test_that_an_answer_for_something_else_is_never_handed_on(
    engines, film, request_all, changed_answer, finished, what
):
    identity = film.identity
    asked = dict(request_all.parameters)
    changed_answer(
        **{
            "pixels": {"image": replace(identity, pixel_sha256="e" * 64)},
            "film": {"image": replace(identity, sop_instance_uid="2.25.99")},
            "frame": {"image": replace(identity, frame=2)},
            "model": {"model": OTHER_MODEL},
            "finding asked": {"parameters": {**asked, "findings": "top"}},
            "share of mass": {"parameters": {**asked, "mass": 0.7}},
        }[what]
    )
    with pytest.raises(IdentityMismatch):
        finished(analyse(engines, film, request_all))


def test_that_an_answer_by_another_method_is_never_handed_on(
    engines, film, request_all, answered, finished
):
    engines.compute.answer = lambda f, r: answered(f, replace(r, method="hirescam"))
    with pytest.raises(IdentityMismatch):
        finished(analyse(engines, film, request_all))


@pytest.mark.parametrize("findings", ["all", "top", "Opacity", "Effusion"])
@pytest.mark.parametrize("method", ["gradcam", "hirescam"])
def test_that_what_a_model_can_be_asked_passes(package, method, findings):
    check_request(AnalysisRequest.of(package, method, findings), package)


@pytest.mark.parametrize(
    ("method", "findings", "code", "there"),
    [
        ("gradcam", "Nodule", "finding-unknown", "Effusion"),
        ("gradcam", "opacity", "finding-unknown", "Opacity"),
        ("magic", "all", "method-unknown", "gradcam"),
    ],
)
def test_that_a_wrong_question_is_told_with_the_right_ones(package, method, findings, code, there):
    with pytest.raises(KnownError) as refused:
        check_request(AnalysisRequest.of(package, method, findings), package)
    assert refused.value.code == code
    assert there in refused.value.remedy


@pytest.mark.parametrize(
    ("method", "findings", "films"),
    [("gradcam", "all", 1), ("ig", "all", 2), ("ig", "Opacity", 1), ("ig", "top", 1)],
)
def test_that_findings_that_are_explained_apart_have_a_time_limit_each(
    package, method, findings, films
):
    assert AnalysisRequest.of(package, method, findings).patience == films * ANALYSIS_TIMEOUT


def test_that_a_request_names_the_package_by_its_content(package):
    request = AnalysisRequest.of(package)
    assert request.folder == package.folder
    assert request.model == package.identity
    assert read_package(Path(request.folder)).identity == request.model


@pytest.mark.slow
def test_that_the_real_process_answers_also_after_it_was_told_to_stop(package, film, finished):
    request = AnalysisRequest.of(package)
    with Engines() as engines:
        first = finished(analyse(engines, film, request))
        steps = analyse(engines, film, request)
        next(steps)
        steps.close()
        again = finished(analyse(engines, film, request))
    assert first.image == again.image == film.identity
    assert [m.sha256 for m in first.maps] == [m.sha256 for m in again.maps]
    assert not again.maps[0].values.flags.writeable
