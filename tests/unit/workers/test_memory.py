import os
import sys
from pathlib import Path

import pytest

from radsal.core.errors import WorkerDied
from radsal.workers import Worker
from radsal.workers.memory import physical_memory, resident

MIB = 1 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="the oracle is the kernel's own status file")
def test_that_what_a_process_holds_is_what_the_kernel_says():
    held = bytearray(os.urandom(64 * MIB))
    status = Path("/proc/self/status").read_text("ascii")
    lines = dict(line.split(":", 1) for line in status.splitlines())
    said = int(lines["VmRSS"].split()[0]) * 1024
    assert resident() == pytest.approx(said, abs=8 * MIB)
    assert len(held) == 64 * MIB


def test_that_the_machine_has_at_least_what_this_process_holds():
    assert physical_memory() > resident() > 0


def test_that_a_job_which_holds_too_much_ends_its_process_and_the_next_job_is_done():
    worker = Worker("bounded", resident_limit=300 * MIB)
    try:
        assert worker.call("worker_jobs:hold", 20 * MIB, 0.0) == 20 * MIB
        with pytest.raises(WorkerDied, match="more memory"):
            worker.call("worker_jobs:hold", 600 * MIB, 60.0)
        assert worker.call("worker_jobs:double", 2) == 4
        assert worker.restarts == 1
    finally:
        worker.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX has numbers for priorities")
def test_that_a_process_in_the_background_lets_this_one_go_first():
    worker = Worker("background", background=True)
    try:
        assert worker.call("worker_jobs:niceness") > os.getpriority(os.PRIO_PROCESS, 0)
    finally:
        worker.close()
