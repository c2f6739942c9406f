"""No result is taken that does not belong to what is on screen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from radsal.core.errors import IdentityMismatch, KnownError
from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import GrayscaleChain, ImageHeader, Radiograph
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction, SaliencyMap
from radsal.review.case import Case
from radsal.review.read import Read, Verdict
from radsal.review.vocabulary import Agreement, Cause
from radsal.session import Reading

MODEL = ModelIdentity("demo", "a" * 64)
OTHER_MODEL = ModelIdentity("twin", "b" * 64)


def header(number: int) -> ImageHeader:
    return ImageHeader(
        path=Path(f"film{number}.dcm"),
        sop_instance_uid=f"2.25.{number}",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1.1",
        study_instance_uid=f"2.25.10{number}",
        series_instance_uid=f"2.25.20{number}",
        modality="DX",
        transfer_syntax="1.2.840.10008.1.2.1",
        photometric="MONOCHROME2",
        rows=4,
        columns=4,
        frames=1,
        bits_stored=12,
        lossy=False,
    )


def radiograph(number: int) -> Radiograph:
    identity = ImageIdentity(f"2.25.{number}", 1, f"{number:x}" * 64)
    stored = np.zeros((4, 4), np.uint16)
    return Radiograph(header(number), identity, stored, GrayscaleChain(12, signed=False))


def case(number: int) -> Case:
    return Case(f"2.25.10{number}", (header(number),))


def spot(identifier: str, rank: int, finding: str = "Opacity") -> HotSpot:
    contour = np.array([[0, 0], [0, 2], [2, 2], [0, 0]], np.float32)
    return HotSpot(identifier, finding, "gradcam", rank, (1, 1), Box(0, 0, 2, 2), contour, 0.3, 2)


def analysis(number: int, model: ModelIdentity = MODEL) -> Analysis:
    maps = tuple(
        SaliencyMap(
            f, "gradcam", np.ones((2, 2), np.float32), GridMapping(2, 0, 2, 0), MapStatus.OK
        )
        for f in ("Effusion", "Opacity")
    )
    return Analysis(
        radiograph(number).identity,
        model,
        "gradcam",
        {},
        "cpu",
        (Prediction("Effusion", -1, 0.3, 0.5), Prediction("Opacity", 2, 0.9, 0.5)),
        maps,
        (spot("second", 2), spot("first", 1), spot("elsewhere", 1, "Effusion")),
    )


@pytest.fixture
def reading() -> Reading:
    reading = Reading()
    reading.choose_model(MODEL)
    reading.choose(case(1))
    reading.present(radiograph(1))
    reading.attach(analysis(1))
    return reading


def test_that_an_image_that_was_left_is_not_shown() -> None:
    reading = Reading()
    reading.choose(case(1))
    reading.choose(case(2))
    with pytest.raises(IdentityMismatch):
        reading.present(radiograph(1))
    assert reading.radiograph is None


def test_that_an_image_whose_file_changed_under_the_same_path_is_not_shown() -> None:
    reading = Reading()
    reading.choose(case(1))
    swapped = replace(header(2), path=header(1).path)
    with pytest.raises(IdentityMismatch):
        reading.present(
            Radiograph(
                swapped,
                ImageIdentity("2.25.2", 1, "2" * 64),
                np.zeros((4, 4), np.uint16),
                GrayscaleChain(12, signed=False),
            )
        )


def test_that_an_analysis_of_another_image_is_not_taken(reading: Reading) -> None:
    reading.choose(case(2))
    reading.present(radiograph(2))
    with pytest.raises(IdentityMismatch):
        reading.attach(analysis(1))
    assert reading.analysis is None


def test_that_an_analysis_by_another_model_is_not_taken(reading: Reading) -> None:
    with pytest.raises(IdentityMismatch):
        reading.attach(analysis(1, OTHER_MODEL))


def test_that_an_analysis_by_another_method_is_not_taken(reading: Reading) -> None:
    reading.choose_method("hirescam")
    with pytest.raises(IdentityMismatch):
        reading.attach(analysis(1))
    assert reading.analysis is None


def test_that_an_analysis_with_other_options_of_the_method_is_not_taken(reading: Reading) -> None:
    reading.choose_options({"layer": "features.block4"})
    assert reading.analysis is None
    for asked in ({}, {"asked_layer": "last"}, {"asked_layer": "features.block3"}):
        with pytest.raises(IdentityMismatch):
            reading.attach(replace(analysis(1), parameters=asked))
    assert reading.analysis is None
    reading.attach(replace(analysis(1), parameters={"asked_layer": "features.block4"}))
    reading.choose_options({})
    with pytest.raises(IdentityMismatch):
        reading.attach(replace(analysis(1), parameters={"asked_layer": "features.block4"}))
    reading.attach(analysis(1))  # an older one, which does not say that it took the last layer


def test_that_options_that_are_not_possible_change_nothing(reading: Reading) -> None:
    for impossible in ({"window": 5}, {"seed": 1}):
        with pytest.raises(KnownError):
            reading.choose_options(impossible)
    assert (reading.chosen_options, reading.analysis is not None) == ({}, True)


def test_that_the_defaults_said_aloud_leave_the_maps_on_screen(reading: Reading) -> None:
    shown = reading.analysis
    reading.choose_options({"layer": "last"})
    assert reading.analysis is shown
    assert reading.chosen_options == {}


def test_that_each_method_keeps_its_options_but_no_layer_of_another_model(
    reading: Reading,
) -> None:
    reading.choose_options({"layer": "features.block4"})
    reading.choose_method("hirescam")
    assert reading.chosen_options == {}
    reading.choose_method("gradcam")
    assert reading.chosen_options == {"layer": "features.block4"}
    reading.options = {**reading.options, "smoothgrad": {"samples": 10, "layer": "x"}}
    reading.choose_model(OTHER_MODEL)
    assert reading.options == {"gradcam": {}, "smoothgrad": {"samples": 10}}


def test_that_an_analysis_is_not_taken_before_its_image_is_on_screen() -> None:
    reading = Reading()
    reading.choose_model(MODEL)
    reading.choose(case(1))
    with pytest.raises(IdentityMismatch):
        reading.attach(analysis(1))


def test_that_a_read_of_another_case_or_model_is_not_resumed(reading: Reading) -> None:
    with pytest.raises(IdentityMismatch):
        reading.resume(Read.begin("2.25.999", "Dr. Reader", MODEL))
    with pytest.raises(IdentityMismatch):
        reading.resume(Read.begin(case(1).study_instance_uid, "Dr. Reader", OTHER_MODEL))


def test_that_leaving_a_case_leaves_nothing_of_it(reading: Reading) -> None:
    reading.resume(Read.begin(case(1).study_instance_uid, "Dr. Reader", MODEL))
    reading.choose(case(2))
    left = (reading.radiograph, reading.analysis, reading.finding, reading.spot, reading.read)
    assert left == (None,) * 5
    assert reading.header == header(2)


def test_that_nobody_sees_the_new_case_beside_the_old_image(reading: Reading) -> None:
    """Whoever is told of a change finds no mixture of two cases, in whatever order it is told."""
    mixtures = []

    def look() -> None:
        shown = reading.radiograph
        if shown is not None and reading.header is not None and shown.header != reading.header:
            mixtures.append((shown.header.path, reading.header.path))

    for name in reading.events:
        reading.events[name].connect(look, max_args=0)
    reading.choose(case(2))
    assert mixtures == []


def test_that_another_model_takes_the_answers_and_the_read_of_the_old_one_away(
    reading: Reading,
) -> None:
    reading.resume(Read.begin(case(1).study_instance_uid, "Dr. Reader", MODEL))
    reading.choose_model(OTHER_MODEL)
    assert (reading.analysis, reading.read, reading.finding) == (None, None, None)
    assert reading.radiograph is not None


def test_that_the_finding_furthest_above_its_operating_point_is_shown_first(
    reading: Reading,
) -> None:
    assert reading.finding == "Opacity"


def test_that_hot_spots_are_walked_through_by_rank_round_and_round(reading: Reading) -> None:
    walked = []
    for _ in range(3):
        reading.step_spot(+1)
        walked.append(reading.spot)
    assert walked == ["first", "second", "first"]
    reading.step_spot(-1)
    assert reading.spot == "second"


def test_that_stepping_back_from_none_begins_at_the_last_hot_spot(reading: Reading) -> None:
    reading.step_spot(-1)
    assert reading.spot == "second"


def test_that_another_finding_leaves_the_active_hot_spot(reading: Reading) -> None:
    reading.step_spot(+1)
    reading.select_finding("Effusion")
    assert reading.active_spot is None
    assert [s.id for s in reading.spots] == ["elsewhere"]


def test_that_verdicts_are_counted_for_the_image_and_finding_on_screen(reading: Reading) -> None:
    read = Read.begin(case(1).study_instance_uid, "Dr. Reader", MODEL)
    for number in (1, 2):  # the same hot spot id on another image does not count here
        read = read.judge(
            Verdict(
                radiograph(number).identity,
                "Opacity",
                "gradcam",
                "first",
                Agreement.DISAGREE,
                Cause.TEXT,
            )
        )
    reading.resume(read)
    assert reading.judged == 1
    assert reading.verdict_on(spot("second", 2)) is None
