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
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

KILLS = int(os.environ.get("RADSAL_KILLS", "50"))
LONGEST_LIFE = 0.12  # seconds from the first acknowledged save of a life to its end

READER = r"""
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

location, too_early = Path(sys.argv[1]), sys.argv[2] == "too-early"
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
store = Store.open(location)
store.save_image(header, image)
store.save_analysis(analysis)
read = store.open_read("2.25.2", "Dr. Weiss", model) or Read.begin("2.25.2", "Dr. Weiss", model)
start = max((int(v.note) for v in read.verdicts), default=0) + 1
for number in range(start, start + 100_000):
    spot = spots[number % len(spots)].id
    disagree = (Agreement.DISAGREE, Cause.TEXT)
    given = Verdict(image, "Opacity", "gradcam", spot, *disagree, str(number), now())
    if too_early:
        print(spot, number, flush=True)
    read = store.save_read(read.judge(given))
    if not too_early:
        print(spot, number, flush=True)
"""


@dataclass
class Outcome:
    """What all lives of the reader came to."""

    acknowledged: int = 0
    interrupted: int = 0  # lives that ended inside a transaction: a journal was left behind
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def live_and_die(location: Path, mode: str, moment: float) -> list[str]:
    """Start a reader, kill it that many seconds after its first save; the lines it printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", READER, str(location), mode],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stdout.readline()
    time.sleep(moment)  # the random moment itself, not a wait for something
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    rest, complaint = process.communicate()
    assert first, complaint
    assert complaint == ""
    return [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


def note_by_spot(location: Path) -> dict[str, int]:
    with closing(sqlite3.connect(location)) as database:
        rows = database.execute("SELECT hot_spot, note FROM verdict").fetchall()
    return {spot: int(note) for spot, note in rows}


def integrity(location: Path) -> str:
    with closing(sqlite3.connect(location)) as database:
        broken_keys = database.execute("PRAGMA foreign_key_check").fetchall()
        return database.execute("PRAGMA integrity_check").fetchone()[0] + str(broken_keys or "")


def kill_often(folder: Path, mode: str, kills: int, seed: int) -> Outcome:
    """Kill a reader that goes on reading the same case, and compare after each time."""
    chance, outcome, location = random.Random(seed), Outcome(), folder / "radsal.db"
    for life in range(kills):
        lines = live_and_die(location, mode, chance.uniform(0, LONGEST_LIFE))
        outcome.acknowledged += len(lines)
        outcome.interrupted += location.with_name("radsal.db-journal").exists()
        stored = note_by_spot(location)  # SQLite rolls back what was not committed
        for spot, number in {s: int(n) for s, n in map(str.split, lines)}.items():
            if stored.get(spot, 0) < number:
                outcome.missing.append(f"life {life}: {spot} {number}")
        if (answer := integrity(location)) != "ok":
            outcome.damaged.append(f"life {life}: {answer}")
    return outcome


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_no_acknowledged_verdict_is_lost_when_the_power_fails(tmp_path, record_property):
    outcome = kill_often(tmp_path, "durable", KILLS, seed=1)
    record_property("acknowledged", outcome.acknowledged)
    record_property("interrupted", outcome.interrupted)
    assert outcome.missing == []
    assert outcome.damaged == []
    assert outcome.acknowledged > KILLS


@pytest.mark.timeout(120)
def test_that_a_save_acknowledged_before_its_commit_is_found_out(tmp_path):
    outcome = kill_often(tmp_path, "too-early", 8, seed=2)
    assert outcome.missing
    assert outcome.damaged == []


@pytest.mark.timeout(120)
def test_that_a_power_failure_while_the_store_is_made_leaves_a_usable_place(tmp_path):
    for life in range(4):
        location = tmp_path / str(life) / "radsal.db"
        process = subprocess.Popen(
            [sys.executable, "-c", READER, str(location), "durable"], stdout=subprocess.DEVNULL
        )
        while not location.exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(0.01 * life)  # the moment of the failure, from nothing written to tables made
        process.kill()
        process.wait()
        assert live_and_die(location, "durable", 0.0)
        assert integrity(location) == "ok"
