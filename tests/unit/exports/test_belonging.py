from dataclasses import replace

import pytest

from radsal.core.errors import IdentityMismatch
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.exports import read_document


def other_model(report):
    analysis = report.analyses[0]
    report.analyses = [replace(analysis, model=ModelIdentity("demo-opacity", "f" * 64))]


def lost_verdict(report):
    report.judge("nowhere")


def verdict_on_other_pixels(report):
    report.judge()
    verdict = report.read.verdicts[0]
    image = replace(verdict.image, pixel_sha256="e" * 64)
    report.read = replace(report.read, verdicts=(replace(verdict, image=image),))


def verdict_on_another_finding(report):
    report.judge()
    verdict = replace(report.read.verdicts[0], finding="Effusion")
    report.read = replace(report.read, verdicts=(verdict,))


def header_of_another_image(report):
    report.rename(sop_instance_uid="2.25.99")


def another_exam(report):
    report.rename(study_instance_uid="2.25.99")


MIXED = [
    other_model,
    lost_verdict,
    verdict_on_other_pixels,
    verdict_on_another_finding,
    header_of_another_image,
    another_exam,
]


@pytest.mark.parametrize("mix", MIXED, ids=lambda mix: mix.__name__)
def test_that_no_report_mixes_what_does_not_belong_together(report, tmp_path, mix):
    mix(report)
    with pytest.raises(IdentityMismatch):
        report.write(tmp_path / "r.pdf")
    with pytest.raises(IdentityMismatch):
        read_document(report.read, report.images, report.analyses)
    assert list(tmp_path.iterdir()) == []


def test_that_no_report_speaks_of_two_patients(report, another_film, tmp_path):
    another_film(patient_id="SYN-0043")
    with pytest.raises(IdentityMismatch):
        report.write(tmp_path / "r.pdf")


def test_that_an_analysis_without_its_header_is_not_reported(report):
    report.images = {ImageIdentity("2.25.1", 1, "9" * 64): next(iter(report.images.values()))}
    with pytest.raises(KeyError):
        read_document(report.read, report.images, report.analyses)
