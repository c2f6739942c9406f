"""Damaged files through the real decoder and scanner processes: a film, or a refusal by name.

``RADSAL_FUZZ=20000`` damages as many as that, and a quarter of it of real files where they are.
``RADSAL_FUZZ_FIRST`` is the number of the first: ``mutant(number, seeds(folder))`` makes one again.
"""

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from radsal.core.errors import Refusal, RefusalCode
from radsal.core.radiograph import ImageHeader, Radiograph
from radsal.core.refused import Refused
from radsal.dicom.gray.grayscale import display, presets
from radsal.dicom.gray.model_input import model_input
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load, scan

from .mutations import Mutant, mutant
from .seeds import seeds

Make = Callable[[int], Mutant]

NUMBER = int(os.environ.get("RADSAL_FUZZ", "440"))
FIRST = int(os.environ.get("RADSAL_FUZZ_FIRST", "0"))
BATCH = 500  # files of one scan
SMALL = 150_000  # bytes: of real files, larger ones are damaged once in a while
PATIENCE = 5.0  # seconds for one file of these
CODES = {code.value for code in RefusalCode} - {"unreadable", "duplicate"}  # what bytes can cause
MET_FIRST = {"truncated", "too-large", "corrupt"}  # where all is read; a scan may meet another
OFF_THE_PROCESS = {"decoder-died", "decoder-timeout"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return seeds(tmp_path_factory.mktemp("seeds"))


def test_that_every_damaged_film_is_shown_or_refused_by_name(
    engines: Engines, whole: dict[str, bytes], tmp_path: Path
) -> None:
    trial = Trial(engines, whole["explicit"], tmp_path)
    trial.run(lambda number: mutant(number, whole), range(FIRST, FIRST + NUMBER))
    trial.conclude()
    assert len(trial.codes) > 5


@pytest.mark.real_data
def test_that_every_damaged_real_film_is_shown_or_refused_by_name(
    engines: Engines, whole: dict[str, bytes], shared_data: Path, tmp_path: Path
) -> None:
    files = {path.name: path.read_bytes() for path in (shared_data / "dicom").rglob("*.dcm")}
    small = {name: content for name, content in files.items() if len(content) < SMALL}
    large = {name: content for name, content in files.items() if len(content) >= SMALL}
    trial = Trial(engines, whole["explicit"], tmp_path)
    trial.run(
        lambda number: mutant(number, small if number % 30 else large),
        range(FIRST, FIRST + NUMBER // 4),
    )
    trial.conclude()
    assert len(trial.codes) > 4


@dataclass
class Trial:
    """Files by number through both processes, and what came of them."""

    engines: Engines
    good: bytes
    folder: Path
    codes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def __post_init__(self) -> None:
        self.films, self.good_film = self.folder / "films", self.folder / "good.dcm"
        self.films.mkdir()
        self.good_film.write_bytes(self.good)
        self.kept = opened(self.engines, self.good_film)
        assert isinstance(self.kept, Radiograph)

    def run(self, make: Make, numbers: range) -> None:
        for start in range(numbers.start, numbers.stop, BATCH):
            made = [make(number) for number in range(start, min(start + BATCH, numbers.stop))]
            paths = [self.films / f"{one.number:07}.dcm" for one in made]
            for path, one in zip(paths, made, strict=True):
                path.write_bytes(one.content)
            listed = scanned(self.engines, self.films)
            assert sorted(listed) == sorted(paths)
            for path, one in zip(paths, made, strict=True):
                self._open(path, one, listed[path])

    def _open(self, path: Path, made: Mutant, listed: ImageHeader | Refused) -> None:
        began = time.monotonic()
        try:
            code = agreed(opened(self.engines, path), listed)
            took = time.monotonic() - began
            if code in OFF_THE_PROCESS:
                self._goes_on()
            assert took < PATIENCE, f"{took:.1f} s"
        except Exception as fault:  # noqa: BLE001 - all of them are reported, with their files
            self.wrong.append(f"{made.recipe}: {type(fault).__name__}: {fault}"[:600])
            path.rename(self.folder / path.name)
            return
        self.codes[code] += 1
        self.slowest = max(self.slowest, (took, made.recipe))
        path.unlink()

    def _goes_on(self) -> None:
        """The process was started again, and reads the next film as it did before."""
        again = opened(self.engines, self.good_film)
        assert isinstance(again, Radiograph)
        assert again.identity == self.kept.identity

    def conclude(self) -> None:
        print(f"{self.codes.total()} files: {dict(self.codes.most_common())}")
        print(f"deaths {self.engines.decoder.restarts}, slowest {self.slowest}")
        assert not self.wrong, f"{len(self.wrong)} faults, in {self.folder}:\n" + "\n".join(
            self.wrong[:40]
        )
        assert not any(scanner.restarts for scanner in self.engines.scanners)
        assert self.codes["shown"] > self.codes.total() // 20


def opened(engines: Engines, path: Path) -> Radiograph | Refusal:
    job = load(engines, path)
    try:
        while True:
            next(job)
    except StopIteration as end:
        return end.value
    except Refusal as refusal:
        return refusal


def scanned(engines: Engines, folder: Path) -> dict[Path, ImageHeader | Refused]:
    found = [
        item for event in scan(engines, [folder]) if isinstance(event, tuple) for item in event
    ]
    by_path = {item.path: item for item in found}
    assert len(by_path) == len(found), "a file is named twice"
    return by_path


def agreed(got: Radiograph | Refusal, listed: ImageHeader | Refused) -> str:
    """The outcome; what the scan refuses is not opened, and what is opened was listed alike."""
    if isinstance(got, Radiograph):
        shown(got)
        assert got.header == listed
        return "shown"
    said(got)
    if isinstance(listed, Refused):
        said(listed)
        sooner = got.code in MET_FIRST and listed.code != "no-image"
        assert listed.code == got.code or sooner
    return str(got.code)


def shown(film: Radiograph) -> None:
    """What the window does with a film that it was given; NumPy's warnings are errors here."""
    assert film.header.sop_instance_uid
    assert display(film, bits=16).shape[:2] == film.shape
    if not film.is_colour:
        for _, voi in presets(film):
            display(film, voi)
    assert np.isfinite(model_input(film).pixels).all()


def said(refused: Refusal | Refused) -> None:
    """A code that bytes can cause, and one plain sentence."""
    assert refused.code in CODES
    assert 10 <= len(refused.reason) < 300
    assert refused.reason[0].isupper() or refused.reason[0] in "-0123456789"
    assert refused.reason.endswith(".")
    assert refused.reason.isprintable()
