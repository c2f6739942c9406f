"""Story: the power fails while a radiologist reads. What was shown as saved is there afterwards.

A second process reads a case by a script and prints a line after each save that returned. It is
killed at random moments, and what it printed is compared with what a fresh process finds in the
store. ``RADSAL_KILLS`` sets how often (default 50). To show that the test can fail, the same is
done to a reader that prints before it saves.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

KILLS = int(os.environ.get("RADSAL_KILLS", "50"))
LONGEST_LIFE = 0.12  # seconds from the first acknowledged save of a life to its end

READER = r"""
import os
import sys
from pathlib import Path
import numpy as np
from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import ImageHeader
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction, SaliencyMap
from radsal.review.read import Read, Verdict, now
from radsal.review.vocabulary import Agreement, Cause
from radsal.storage import Store

image, model = ImageIdentity("2.25.1", 1, "a" * 64), ModelIdentity("demo", "b" * 64)
header = ImageHeader(
    Path("1.dcm"), image.sop_instance_uid, "1.2", "2.25.2", "2.25.3", "DX", "1.2", "MONOCHROME2",
    80, 80, 1, 12, False, patient_name="SYNTH^ANNA",
)
values = np.ones((8, 8), np.float32)
heat = SaliencyMap("Opacity", "gradcam", values, GridMapping(10, 0, 10, 0), MapStatus.OK)
line = np.array([[0, 0], [0, 9], [9, 9], [0, 0]], np.float32)
spots = tuple(
    HotSpot(f"spot-{n}", "Opacity", "gradcam", n, (5.0, 5.0), Box(0, 0, 9, 9), line.copy(), 0.1, 9.0)
    for n in range(1, 9)
)
analysis = Analysis(
    image, model, "gradcam", {}, "cpu", (Prediction("Opacity", 1.0, 0.7, 0.5),), (heat,), spots
)


def say(spot, number):
    os.write(1, f"{spot} {number}\n".encode())  # one write: a line is there whole or not at all


def read_on(location, too_early):
    store = Store.open(location)
    store.save_image(header, image)
    store.save_analysis(analysis)
    read = store.open_read("2.25.2", "Dr. Weiss", model)
    read = read or Read.begin("2.25.2", "Dr. Weiss", model)
    start = max((int(v.note) for v in read.verdicts), default=0) + 1
    for number in range(start, start + 100_000):
        spot = spots[number % len(spots)].id
        disagree = (Agreement.DISAGREE, Cause.TEXT)
        given = Verdict(image, "Opacity", "gradcam", spot, *disagree, str(number), now())
        if too_early:
            say(spot, number)
        read = store.save_read(read.judge(given))
        if not too_early:
            say(spot, number)


for order in sys.stdin:
    mode, location = order.rstrip("\n").split(" ", 1)
    child = os.fork() if hasattr(os, "fork") else 0
    if child == 0:
        print(os.getpid(), flush=True)
        read_on(Path(location), mode == "too-early")
    status = os.waitpid(child, 0)[1]
    print(f"\nended {status}", flush=True)  # on a line of its own, whatever stands before it
"""


@dataclass
class Outcome:
    """What all lives of the reader came to."""

    acknowledged: int = 0
    interrupted: int = 0  # lives that ended inside a transaction: a journal was left behind
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


class Readers:
    """Starts readers, one life after the other, from one process that has imported everything.

    Where processes cannot be forked each life is a new process.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def live_and_die(
        self, location: Path, mode: str, moment: float, *, after_a_save: bool = True
    ) -> list[str]:
        """Start a reader and kill it; ``moment`` in seconds after its first save, or its start.

        Returns the lines that it printed.
        """
        process = self._ready()
        process.stdin.write(f"{mode} {location}\n")
        process.stdin.flush()
        reader = int(process.stdout.readline())
        first = process.stdout.readline() if after_a_save else ""
        time.sleep(moment)  # the random moment itself, not a wait for something
        if not first.strip() and after_a_save:
            raise AssertionError(f"the reader ended by itself: {process.stdout.readline()}")
        os.kill(reader, getattr(signal, "SIGKILL", signal.SIGTERM))
        return [line for line in (first, *self._rest(process)) if line.strip()]

    def _rest(self, process: subprocess.Popen[str]) -> Iterator[str]:
        """What was printed until the reader ended; without fork its process ends with it."""
        for line in process.stdout:
            if line.startswith("ended"):
                return
            yield line

    def close(self) -> None:
        if self.process is not None:
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait()

    def _ready(self) -> subprocess.Popen[str]:
        if self.process is None or not hasattr(os, "fork"):
            self.close()
            self.process = subprocess.Popen(
                [sys.executable, "-c", READER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        return self.process


@pytest.fixture
def readers() -> Iterator[Readers]:
    started = Readers()
    yield started
    started.close()


def note_by_spot(location: Path) -> dict[str, int]:
    with closing(sqlite3.connect(location)) as database:
        rows = database.execute("SELECT hot_spot, note FROM verdict").fetchall()
    return {spot: int(note) for spot, note in rows}


def integrity(location: Path) -> str:
    with closing(sqlite3.connect(location)) as database:
        broken_keys = database.execute("PRAGMA foreign_key_check").fetchall()
        return database.execute("PRAGMA integrity_check").fetchone()[0] + str(broken_keys or "")


def kill_often(readers: Readers, folder: Path, mode: str, kills: int, seed: int) -> Outcome:
    """Kill a reader that goes on reading the same case, and compare after each time."""
    chance, outcome, location = random.Random(seed), Outcome(), folder / "radsal.db"
    for life in range(kills):
        lines = readers.live_and_die(location, mode, chance.uniform(0, LONGEST_LIFE))
        outcome.acknowledged += len(lines)
        outcome.interrupted += location.with_name("radsal.db-journal").exists()
        stored = note_by_spot(location)  # SQLite rolls back what was not committed
        for spot, number in {s: int(n) for s, n in map(str.split, lines)}.items():
            if stored.get(spot, 0) < number:
                outcome.missing.append(f"life {life}: {spot} {number}")
        if (answer := integrity(location)) != "ok":
            outcome.damaged.append(f"life {life}: {answer}")
    return outcome


@pytest.mark.timeout(600)
def test_that_no_acknowledged_verdict_is_lost_when_the_power_fails(readers, tmp_path):
    outcome = kill_often(readers, tmp_path, "durable", KILLS, seed=1)
    assert outcome.missing == []
    assert outcome.damaged == []
    assert outcome.acknowledged > KILLS
    print(f"{KILLS} kills, {outcome.acknowledged} saves, {outcome.interrupted} inside one")


def test_that_a_save_acknowledged_before_its_commit_is_found_out(readers, tmp_path):
    outcome = kill_often(readers, tmp_path, "too-early", 12, seed=2)
    assert outcome.missing
    assert outcome.damaged == []


def test_that_a_power_failure_while_the_store_is_made_leaves_a_usable_place(readers, tmp_path):
    for life in range(8):
        location = tmp_path / str(life) / "radsal.db"
        readers.live_and_die(location, "durable", 0.012 * life, after_a_save=False)
        assert readers.live_and_die(location, "durable", 0.0)
        assert integrity(location) == "ok"
