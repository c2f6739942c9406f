"""The bundled demo cases."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from radsal.demo.bundled import demo_case_paths
from radsal.demo.cases import DEMO_CASES, main, write_cases

MEGABYTE = 1_000_000


def test_that_the_bundled_cases_are_there_and_small() -> None:
    paths = demo_case_paths()
    assert [path.stem for path in paths] == [case.name for case in DEMO_CASES]
    assert len(paths) >= 8
    assert sum(path.stat().st_size for path in paths) <= 12 * MEGABYTE


def test_that_half_of_the_cases_are_monochrome1_and_no_two_share_an_identity() -> None:
    heads = [dcmread(path, stop_before_pixels=True) for path in demo_case_paths()]
    inverted = [head.PhotometricInterpretation == "MONOCHROME1" for head in heads]
    assert sum(inverted) == len(heads) // 2
    for name in ("PatientID", "PatientName", "SOPInstanceUID", "StudyInstanceUID"):
        assert len({str(head[name].value) for head in heads}) == len(heads)


def test_that_the_cases_mix_findings_and_tags() -> None:
    mixes = {(case.opacity is not None, case.id_tag) for case in DEMO_CASES}
    assert mixes == {(False, False), (False, True), (True, False), (True, True)}
    assert {case.opacity for case in DEMO_CASES} >= {None, "nodule", "consolidation", "effusion"}


def test_that_a_bundled_case_is_the_one_its_seed_makes() -> None:
    case, path = DEMO_CASES[1], demo_case_paths()[1]
    stored = dcmread(path).pixel_array.astype(int)
    made = case.phantom().pixels.astype(int)
    # Another processor's exp() may differ in its last bit, and turn the rounding of a pixel.
    assert np.abs((4095 - stored if case.monochrome1 else stored) - made).max() <= 2


def test_that_writing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    small = [replace(case, rows=100) for case in DEMO_CASES[:2]]
    first = [path.read_bytes() for path in write_cases(tmp_path / "a", small)]
    assert first == [path.read_bytes() for path in write_cases(tmp_path / "b", small)]


def test_that_the_command_asks_for_one_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
