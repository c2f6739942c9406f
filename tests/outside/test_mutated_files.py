"""Damaged files through the real decoder and scanner processes: a film, or a refusal by name.

``RADSAL_FUZZ=20000`` damages as many as that.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from radsal.core.errors import Refusal, RefusalCode
from radsal.core.radiograph import ImageHeader, Radiograph
from radsal.core.refused import Refused
from radsal.dicom.grayscale import display, model_input, presets
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load, scan

from .mutations import Mutant, mutant
from .seeds import seeds

NUMBER = int(os.environ.get("RADSAL_FUZZ", "440"))
FIRST = int(os.environ.get("RADSAL_FUZZ_FIRST", "0"))
BATCH = 500  # files of one scan
CODES = {code.value for code in RefusalCode}
OFF_THE_PROCESS = {"decoder-died", "decoder-timeout"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return seeds(tmp_path_factory.mktemp("seeds"))


def opened(engines: Engines, path: Path) -> Radiograph | Refusal:
    job = load(engines, path)
    try:
        while True:
            next(job)
    except StopIteration as end:
        return end.value
    except Refusal as refusal:
        return refusal


def shown(film: Radiograph) -> None:
    """What the window does with a film that it was given; NumPy's warnings are errors here."""
    assert film.header.sop_instance_uid
    assert display(film, bits=16).shape[:2] == film.shape
    if not film.is_colour:
        for _, voi in presets(film):
            display(film, voi)
        assert np.isfinite(model_input(film).pixels).all()


def said(refused: Refusal | Refused) -> None:
    """A code of the contract that is about bytes, and one plain sentence."""
    assert refused.code in CODES - {"unreadable", "duplicate"}
    assert 10 < len(refused.reason) < 300
    assert refused.reason[0].isupper() or refused.reason[0].isdigit()
    assert refused.reason.endswith(".")
    assert "Traceback" not in refused.reason
    assert refused.reason.isprintable()


def mutants(whole: dict[str, bytes], folder: Path) -> Iterator[tuple[list[Mutant], list[Path]]]:
    for start in range(FIRST, FIRST + NUMBER, BATCH):
        batch = [mutant(n, whole) for n in range(start, min(start + BATCH, FIRST + NUMBER))]
        paths = [folder / f"{made.number:07}.dcm" for made in batch]
        for path, made in zip(paths, batch, strict=True):
            path.write_bytes(made.content)
        yield batch, paths


def scanned(engines: Engines, folder: Path) -> dict[Path, ImageHeader | Refused]:
    found = [
        item for event in scan(engines, [folder]) if isinstance(event, tuple) for item in event
    ]
    by_path = {item.path: item for item in found}
    assert len(by_path) == len(found), "a file is named twice"
    return by_path


def test_that_every_damaged_file_is_shown_or_refused_by_name(
    engines: Engines, whole: dict[str, bytes], tmp_path: Path
) -> None:
    codes: Counter[str] = Counter()
    slowest, wrong, (good, folder) = (0.0, ""), [], (tmp_path / "good.dcm", tmp_path / "files")
    folder.mkdir()
    good.write_bytes(whole["explicit"])
    kept = opened(engines, good)
    assert isinstance(kept, Radiograph)
    for batch, paths in mutants(whole, folder):
        listed = scanned(engines, folder)
        assert sorted(listed) == sorted(paths)
        for made, path in zip(batch, paths, strict=True):
            began = time.monotonic()
            try:
                got = opened(engines, path)
                code = agreed(got, listed[path])
                if code in OFF_THE_PROCESS:
                    again = opened(engines, good)
                    assert isinstance(again, Radiograph)
                    assert again.identity == kept.identity
            except Exception as fault:  # noqa: BLE001 - all of them are reported, with their files
                wrong.append(f"{made.recipe}: {type(fault).__name__}: {fault}"[:600])
                path.rename(tmp_path / path.name)
                continue
            codes[code] += 1
            slowest = max(slowest, (time.monotonic() - began, made.recipe))
            path.unlink()
    print(f"{NUMBER} files: {dict(codes.most_common())}")
    print(f"deaths {engines.decoder.restarts}, slowest {slowest[0]:.2f} s: {slowest[1]}")
    assert not wrong, f"{len(wrong)} faults, files in {tmp_path}:\n" + "\n".join(wrong[:40])
    assert engines.scanner.restarts == 0
    assert codes["shown"] > NUMBER // 20
    assert len(codes) > 5


def agreed(got: Radiograph | Refusal, listed: ImageHeader | Refused) -> str:
    """The outcome; what the scan refuses is not opened, and what is opened was listed alike."""
    if isinstance(got, Radiograph):
        shown(got)
        assert got.header == listed
        return "shown"
    said(got)
    if isinstance(listed, Refused):
        said(listed)
        assert listed.code == got.code
    return str(got.code)
