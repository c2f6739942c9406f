"""Large results are copied out of the worker's memory, or come through the pipe."""

import os
import signal

import numpy as np
import pytest

from radsal.core.errors import WorkerDied
from radsal.workers.reach import LEAST, Reach, address_of

pytestmark = pytest.mark.skipif(not Reach.possible, reason="only Linux reads a child's memory")

LARGE = 5 * LEAST


@pytest.fixture
def readings(monkeypatch):
    """What reading the worker's memory gave, one entry for each buffer."""
    given = []
    read = Reach.read

    def noted(self, address, into):
        given.append(read(self, address, into))
        return given[-1]

    monkeypatch.setattr(Reach, "read", noted)
    return given


@pytest.fixture
def forbidden(monkeypatch):
    """A sandbox in which no process reads another one; how often it was tried."""
    tried = []
    monkeypatch.setattr(Reach, "read", lambda *_: bool(tried.append(None)))
    return tried


def pattern(size):
    return np.random.default_rng(size).integers(0, 255, size, np.uint8)


def test_that_a_large_result_is_read_in_place_and_a_small_one_is_not(worker, readings):
    for size, expected in ((1000, []), (LARGE, [True])):
        back = worker.call("worker_jobs:echo", pattern(size))
        np.testing.assert_array_equal(back, pattern(size))
        assert not back.flags.writeable
        assert readings == expected


def test_that_buffers_of_any_size_arrive_together(worker, readings):
    arrays = [pattern(size) for size in (0, 3, LARGE, 1, LARGE + 7)]
    back = worker.call("worker_jobs:echo", arrays)
    for one, other in zip(back, arrays, strict=True):
        np.testing.assert_array_equal(one, other)
    assert all(readings)


def test_that_what_was_yielded_stays_when_the_worker_writes_over_it(worker, readings):
    job = worker.run("worker_jobs:rewrite", LARGE, 4)
    arrays = [event for event in job if isinstance(event, np.ndarray)]
    assert [(int(a.min()), int(a.max())) for a in arrays] == [(n, n) for n in range(4)]
    assert readings == [True] * 4


def test_that_results_come_through_the_pipe_where_memory_cannot_be_read(worker, forbidden):
    for _ in range(3):
        back = worker.call("worker_jobs:echo", pattern(LARGE))
        np.testing.assert_array_equal(back, pattern(LARGE))
        assert not back.flags.writeable
    assert len(forbidden) == 1  # it is not offered again
    assert worker.restarts == 0


def test_that_a_worker_that_dies_while_its_memory_is_read_is_named_and_replaced(
    worker, monkeypatch
):
    def shot(self, address, into):
        os.kill(worker.pid, signal.SIGKILL)
        return False

    with monkeypatch.context() as patched:
        patched.setattr(Reach, "read", shot)
        with pytest.raises(WorkerDied, match="SIGKILL"):
            worker.call("worker_jobs:echo", pattern(LARGE))
    np.testing.assert_array_equal(worker.call("worker_jobs:echo", pattern(LARGE)), pattern(LARGE))


def test_that_memory_that_is_not_there_is_told_and_not_guessed():
    mine = pattern(LARGE)
    into = bytearray(LARGE)
    reach = Reach(os.getpid())
    assert reach.read(address_of(memoryview(mine)), memoryview(into))
    assert bytes(into) == mine.tobytes()
    assert not reach.read(8, memoryview(into))
    assert not Reach(2**22 + 1).read(8, memoryview(into))  # above the largest process id
