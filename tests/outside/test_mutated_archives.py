"""Damaged ZIP archives and DICOMDIR files: every path that comes out is a film or a refusal.

``RADSAL_FUZZ=20000`` damages a twentieth of that of each.
"""

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from radsal.core.radiograph import Radiograph
from radsal.core.refused import Refused
from radsal.workflow.engines import Engines

from .archives import HOSTILE, medium, zipped
from .mixed import numbered
from .mutations import cut, flip, insert, overwrite, remove, repeat, splice
from .seeds import seeds
from .test_mutated_files import opened, said, scanned, shown

NUMBER = max(60, int(os.environ.get("RADSAL_FUZZ", "0")) // 20)
STEPS = (flip, overwrite, insert, remove, repeat, cut, splice)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    whole = seeds(tmp_path_factory.mktemp("seeds"))
    return {
        f"{number}.dcm": numbered(whole[name], number)
        for number, name in enumerate(("8 bits", "jpeg 2000", "rgb", "explicit", "deflated"))
    }


def damaged(content: bytes, number: int) -> bytes:
    """Anywhere, or at the end, where an archive keeps its directory."""
    dice = random.Random(number)
    for _ in range(dice.choice((1, 1, 2, 4))):
        step = dice.choice(STEPS)
        if dice.random() < 0.5:
            content = step(content, dice, [content])
        else:
            kept = max(0, len(content) - 900)
            content = content[:kept] + step(content[kept:], dice, [content[kept:]])
    return content


def outcomes(engines: Engines, path: Path) -> list[str]:
    """What becomes of every file that a path leads to."""
    codes = []
    for listed in scanned(engines, path).values():
        assert listed.path.is_relative_to(path.parent)
        assert ".." not in listed.path.parts
        got = opened(engines, listed.path)
        if isinstance(got, Radiograph):
            assert not isinstance(listed, Refused)
            shown(got)
        else:
            if not (got.code == "unreadable" and not listed.path.exists()):  # refers to no file
                said(got)
        codes.append(getattr(got, "code", "shown"))
    assert codes, "nothing came out, not even a refusal"
    return codes


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "deflated"])
def test_that_whatever_a_damaged_archive_holds_is_shown_or_refused(
    engines: Engines, films: dict[str, bytes], stored: bool, tmp_path: Path
) -> None:
    whole = zipped({"deeper/" + name: c for name, c in films.items()} | films, stored=stored)
    path = tmp_path / "films.zip"
    path.write_bytes(whole)
    assert outcomes(engines, path) == ["shown"] * 10
    codes: Counter[str] = Counter()
    for number in range(NUMBER):
        path.write_bytes(damaged(whole, number))
        codes.update(outcomes(engines, path))
    print(f"{NUMBER} archives: {dict(codes.most_common())}")
    assert len(codes) > 2


def test_that_whatever_a_damaged_dicomdir_refers_to_is_shown_or_refused(
    engines: Engines, films: dict[str, bytes], tmp_path: Path
) -> None:
    path = medium(tmp_path, films)
    whole = path.read_bytes()
    assert outcomes(engines, path) == ["shown"] * 5
    codes: Counter[str] = Counter()
    for number in range(NUMBER):
        path.write_bytes(damaged(whole, number))
        codes.update(outcomes(engines, path))
    print(f"{NUMBER} DICOMDIR files: {dict(codes.most_common())}")
    assert len(codes) > 2


def test_that_no_name_leads_out_of_an_archive(
    engines: Engines, films: dict[str, bytes], tmp_path: Path
) -> None:
    film = films["0.dcm"]
    (tmp_path / "evil.dcm").write_bytes(film)
    path = tmp_path / "deeper" / "films.zip"
    path.parent.mkdir()
    path.write_bytes(zipped(dict.fromkeys((*HOSTILE, "good.dcm"), film)))
    found = scanned(engines, path)
    assert set(found) == {path / name for name in (*HOSTILE.values(), "good.dcm")}
    codes = sorted(getattr(listed, "code", "listed") for listed in found.values())
    assert codes == ["listed", *["outside"] * len(HOSTILE)]
