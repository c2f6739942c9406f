"""The list of cases: nothing dropped, nothing twice, nothing mixed."""

from dataclasses import replace
from pathlib import Path

import pytest

from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused
from radsal.session import Worklist


def header(exam: str, sop: str, path: str = "a.dcm", number: int | None = 1) -> ImageHeader:
    return ImageHeader(
        path=Path(path),
        sop_instance_uid=sop,
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1",
        study_instance_uid=exam,
        series_instance_uid=f"{exam}.1",
        modality="CR",
        transfer_syntax="1.2.840.10008.1.2.1",
        photometric="MONOCHROME1",
        rows=2,
        columns=2,
        frames=1,
        bits_stored=10,
        lossy=False,
        patient_id="SYN-1",
        instance_number=number,
    )


def test_that_images_of_one_exam_are_one_case_in_instance_order() -> None:
    worklist = Worklist()
    worklist.add([header("1", "1.3", number=3), header("2", "2.1")])
    worklist.add([header("1", "1.2", number=2), header("1", "1.9", number=None)])
    assert [c.study_instance_uid for c in worklist.cases] == ["1", "2"]
    assert [i.sop_instance_uid for i in worklist.cases[0].images] == ["1.2", "1.3", "1.9"]


def test_that_the_same_instance_in_two_files_stands_once_and_the_other_file_is_named() -> None:
    worklist = Worklist()
    worklist.add([header("1", "1.1", "a.dcm"), header("1", "1.1", "copy.dcm")])
    assert [i.path for i in worklist.cases[0].images] == [Path("a.dcm")]
    assert [(r.path, r.code) for r in worklist.refused] == [(Path("copy.dcm"), "duplicate")]
    assert "a.dcm" in worklist.refused[0].reason


def test_that_an_instance_that_two_exams_claim_is_shown_in_both() -> None:
    worklist = Worklist()
    worklist.add([header("1", "1.1", "a.dcm"), header("2", "1.1", "b.dcm")])
    assert [[i.path for i in c.images] for c in worklist.cases] == [
        [Path("a.dcm")],
        [Path("b.dcm")],
    ]
    assert worklist.refused == ()


def test_that_opening_the_same_file_again_says_nothing() -> None:
    worklist = Worklist()
    worklist.add([header("1", "1.1", "a.dcm")])
    worklist.add([header("1", "1.1", "a.dcm")])
    assert [len(c.images) for c in worklist.cases] == [1]
    assert worklist.refused == ()


def test_that_an_exam_shared_by_two_patients_is_refused_for_the_second() -> None:
    worklist = Worklist()
    other = replace(header("1", "1.2", "other.dcm"), patient_id="SYN-2")
    worklist.add([header("1", "1.1"), other])
    assert [len(c.images) for c in worklist.cases] == [1]
    assert [r.path for r in worklist.refused] == [Path("other.dcm")]
    assert "patient" in worklist.refused[0].reason


def test_that_a_file_that_can_be_read_now_is_refused_no_more() -> None:
    worklist = Worklist()
    worklist.add([Refused(Path("a.dcm"), "truncated", "half"), Refused(Path("x"), "empty", "0")])
    worklist.add([header("1", "1.1", "a.dcm")])
    assert [r.path for r in worklist.refused] == [Path("x")]


def test_that_a_file_refused_twice_is_listed_once_with_the_latest_reason() -> None:
    worklist = Worklist()
    worklist.add([Refused(Path("x"), "not-dicom", "first")])
    worklist.refuse(Refused(Path("x"), "truncated", "second"))
    assert [r.reason for r in worklist.refused] == ["second"]


def test_that_a_batch_is_one_event_of_each_kind() -> None:
    worklist = Worklist()
    told: list[str] = []
    worklist.events.cases.connect(lambda _: told.append("cases"))
    worklist.events.refused.connect(lambda _: told.append("refused"))
    worklist.add([*(header(str(n), f"{n}.1") for n in range(50)), Refused(Path("x"), "c", "r")])
    assert sorted(told) == ["cases", "refused"]


@pytest.mark.parametrize(("step", "place"), [(+1, 1), (-1, None), (+2, 2), (+3, None)])
def test_that_a_neighbour_past_the_end_is_none(step: int, place: int | None) -> None:
    worklist = Worklist()
    worklist.add([header(str(n), f"{n}.1") for n in range(3)])
    found = worklist.neighbour(worklist.cases[0], step)
    assert found == (None if place is None else worklist.cases[place])
