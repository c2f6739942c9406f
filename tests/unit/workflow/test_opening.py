import hashlib
from dataclasses import dataclass

import numpy as np
import pydicom
import pytest

from radsal.core.errors import Refusal, RefusalCode, WorkerDied, WorkerError, WorkerTimeout
from radsal.core.identity import ImageIdentity
from radsal.core.progress import Progress
from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused
from radsal.workflow.opening import load, scan


def drained(steps):
    """Everything that a scan found, and what it counted."""
    met = []
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return met, end.value
        met += () if isinstance(step, Progress) else step


def test_that_a_film_arrives_with_the_pixels_of_its_file(engines, new_film, finished):
    path = new_film(seed=3)
    film = finished(load(engines, path))
    pixels = pydicom.dcmread(path).pixel_array
    np.testing.assert_array_equal(film.stored, pixels)
    assert film.header.path == path
    assert not film.stored.flags.writeable
    sha256 = hashlib.sha256(b"60x48:<u2:" + pixels.astype("<u2").tobytes()).hexdigest()
    assert film.identity == ImageIdentity("2.25.11", 1, sha256)


def test_that_a_refused_file_keeps_its_code_and_the_decoder_goes_on(
    engines, new_film, finished, tmp_path
):
    (tmp_path / "letter.txt").write_text("no film")
    with pytest.raises(Refusal) as refused:
        finished(load(engines, tmp_path / "letter.txt"))
    assert refused.value.code == RefusalCode.NOT_DICOM
    assert finished(load(engines, new_film())).shape == (60, 48)
    assert engines.decoder.restarts == 0


@dataclass
class Failing:
    error: Exception

    def run(self, *arguments, **options):
        yield Progress(0, 0)
        raise self.error

    def close(self):
        """There is no process to end."""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WorkerDied("it was ended by SIGSEGV"), "decoder-died"),
        (WorkerTimeout("too long"), "decoder-timeout"),
        (WorkerError("no memory", code="out-of-memory"), "too-large"),
        (Refusal("cut off", code=RefusalCode.TRUNCATED), "truncated"),
    ],
)
def test_that_a_file_that_takes_the_decoder_down_is_refused_by_code(
    engines, finished, tmp_path, error, code
):
    engines.decoder = Failing(error)
    with pytest.raises(Refusal) as refused:
        finished(load(engines, tmp_path / "film.dcm"))
    assert refused.value.code == code


def test_that_every_file_met_is_either_opened_or_refused(engines, new_film, tmp_path):
    films = [new_film(n) for n in (1, 2, 3)]
    (tmp_path / "films" / "deeper").mkdir()
    (tmp_path / "films" / "deeper" / "letter.txt").write_text("no film")
    (tmp_path / "films" / "empty.dcm").write_bytes(b"")
    met, counted = drained(scan(engines, [tmp_path / "films", tmp_path / "gone.dcm"]))
    assert counted == (3, 3)
    assert {i.path for i in met if isinstance(i, ImageHeader)} == set(films)
    refused = {i.path.name: i.code for i in met if isinstance(i, Refused)}
    assert refused == {
        "letter.txt": "not-dicom",
        "empty.dcm": "empty",
        "gone.dcm": "unreadable",
    }


def test_that_a_load_that_is_closed_leaves_its_process_ready_for_the_next(
    engines, new_film, finished
):
    path = new_film()
    finished(load(engines, path))
    before = engines.decoder.pid
    steps = load(engines, path)
    next(steps, None)
    steps.close()
    assert finished(load(engines, path)).shape == (60, 48)
    assert engines.decoder.pid == before
