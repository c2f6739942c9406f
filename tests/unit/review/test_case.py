from pathlib import Path

import pytest

from radsal.review.case import Case, group_cases, same_patient


def test_that_a_case_has_an_image():
    with pytest.raises(ValueError, match="at least one image"):
        Case("2.25.2", ())


@pytest.mark.parametrize(
    "change",
    [
        {"study_instance_uid": "2.25.9"},
        {"patient_id": "SYN-2"},
        {"patient_name": "SYNTH^BERTA"},
        {"birth_date": "19500204"},
    ],
)
def test_that_a_case_is_one_exam_of_one_patient(header, change):
    case = Case("2.25.2", (header(1),))
    with pytest.raises(ValueError, match=r"one exam|one patient"):
        Case("2.25.2", (header(1), header(2, **change)))
    with pytest.raises(ValueError, match=r"one exam|one patient"):
        case.with_images([header(2, **change)])


def test_that_images_stand_by_series_then_instance_and_those_without_a_number_last(header):
    numbers = {1: (2, 1), 2: (1, 10), 3: (1, 9), 4: (None, 1), 5: (1, None)}
    films = [header(n, series_number=s, instance_number=i) for n, (s, i) in numbers.items()]
    for order in (films, films[::-1]):
        (case,), strangers = group_cases(order)
        assert [i.sop_instance_uid for i in case.images] == [f"2.25.1{n}" for n in (3, 2, 5, 1, 4)]
        assert strangers == ()


def test_that_the_same_film_in_two_files_stands_once_with_the_path_met_first(header):
    (case,), _ = group_cases([header(1), header(1, path=Path("copy.dcm"))])
    assert [i.path for i in case.images] == [Path("1.dcm")]


def test_that_the_film_of_another_patient_under_the_same_exam_is_a_stranger(header):
    known = Case("2.25.2", (header(1),))
    stranger = header(2, patient_id="SYN-2")
    for before in ((), (known,)):
        cases, strangers = group_cases([header(1), stranger, header(3)], before)
        assert strangers == (stranger,)
        assert [len(case.images) for case in cases] == [2]
        assert all(same_patient(i, known.first) for i in cases[0].images)


def test_that_cases_stand_in_the_order_in_which_they_were_met(header):
    later = header(2, study_instance_uid="2.25.1")
    first = Case("2.25.2", (header(1),))
    cases, _ = group_cases([later, header(3)], (first,))
    assert [c.study_instance_uid for c in cases] == ["2.25.2", "2.25.1"]
    assert len(cases[0].images) == 2
    assert len(first.images) == 1
