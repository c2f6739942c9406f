"""Files that ask for far more memory than they have: refused by name, in little memory.

Each is read as in the program, in a worker's process of its own, whose peak memory the system tells.
How long it takes is told by ``tests/benchmarks/test_bombs.py``.
"""

import re
import runpy
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from radsal.core.errors import Refusal
from radsal.core.radiograph import Radiograph
from radsal.dicom.files.finding import find_files
from radsal.dicom.limits import MIB
from radsal.dicom.reading import read_header, read_radiograph
from radsal.workers import Worker
from radsal.workflow.engines import DECODER_MEMORY

hostile = runpy.run_path(str(Path(__file__).with_name("hostile_files.py")))
BOMBS, film = hostile["BOMBS"], hostile["film"]
MOST = 500 * MIB


@pytest.fixture(scope="module")
def decoder() -> Iterator[Worker]:
    """A decoder for all of them: its peak is that of the worst, and the first to reach it fails."""
    worker = Worker("bombs", memory_limit=DECODER_MEMORY, preload="radsal.dicom.jobs:warm_up")
    yield worker
    worker.close()


def peak_memory(worker: Worker) -> int:
    """Bytes of the process's own memory at most: ``ru_maxrss`` would count its parent's too."""
    status = Path(f"/proc/{worker.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) << 10


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("bomb", BOMBS, ids=[bomb.name for bomb in BOMBS])
def test_that_a_bomb_is_refused_in_little_memory(
    bomb: Any, tmp_path: Path, decoder: Worker
) -> None:
    path = tmp_path / bomb.name
    path.write_bytes(bomb.content())
    assert path.stat().st_size < 50 * MIB
    (found,) = find_files([path])
    with pytest.raises(Refusal) as caught:
        decoder.call("radsal.dicom.jobs:load", found, timeout=60)
    assert caught.value.code == bomb.code
    with suppress(Refusal):  # of some the pixels alone tell
        decoder.call("radsal.dicom.reading:read_header", found, timeout=60)
    assert peak_memory(decoder) < MOST


# what is within the limits -----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["nested", "nested_in_defined_lengths"])
@pytest.mark.parametrize("tag", ["PRIVATE", "VOI_LUT", "FUNCTIONAL_GROUPS"])
def test_that_sequences_are_read_down_to_the_limit_and_not_beyond(
    tmp_path: Path, form: str, tag: str
) -> None:
    path = tmp_path / "deep.dcm"
    path.write_bytes(film(hostile[form](64, hostile[tag])))
    assert read_radiograph(path).shape == (4, 4)
    path.write_bytes(film(hostile[form](65, hostile[tag])))
    if form == "nested_in_defined_lengths" and tag == "PRIVATE":
        assert read_radiograph(path).shape == (4, 4)  # passed over in one step
    else:
        with pytest.raises(Refusal, match="64") as caught:
            read_header(path)
        assert caught.value.code == "too-large"


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(lambda: hostile["elements"](100_000), id="100,000 elements"),
        pytest.param(
            lambda: hostile["items"](32_768, hostile["FUNCTIONAL_GROUPS"]), id="32,768 items"
        ),
        pytest.param(
            lambda: hostile["items"](200_000, hostile["PRIVATE"]), id="200,000 unread items"
        ),
    ],
)
def test_that_a_large_header_within_the_limits_is_read(
    tmp_path: Path, extra: Callable[[], bytes]
) -> None:
    path = tmp_path / "large.dcm"
    path.write_bytes(film(extra()))
    assert isinstance(read_radiograph(path), Radiograph)


def test_that_a_value_of_the_header_beyond_the_limit_is_refused_before_it_is_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "long.dcm"
    name = hostile["long"]((0x0010, 0x0010), b"UN", b"", 65 * MIB)
    path.write_bytes(film(name))
    with path.open("r+b") as file:
        file.truncate(70 * MIB)  # zeros that take no room on the disk
    with pytest.raises(Refusal, match=r"68,157,440 bytes.*67,108,864") as caught:
        read_header(path)
    assert caught.value.code == "too-large"


def test_that_recursion_anywhere_is_told_as_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: Any) -> Any:
        raise RecursionError

    path = tmp_path / "film.dcm"
    path.write_bytes(film())
    monkeypatch.setattr("radsal.dicom.files.source.read_plain", endless)
    with pytest.raises(Refusal) as caught:
        read_header(path)
    assert caught.value.code == "too-large"
