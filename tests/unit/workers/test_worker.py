"""A worker runs jobs, and outlives whatever they do."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from radsal.core.errors import (
    BugError,
    Cancelled,
    KnownError,
    Refusal,
    RefusalCode,
    WorkerDied,
    WorkerError,
    WorkerTimeout,
)
from radsal.core.progress import Progress
from radsal.workers import Worker
from radsal.workers.messages import GRACE

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and limits")


def finish(job):
    """Events and result of a job."""
    events = []
    while True:
        try:
            events.append(next(job))
        except StopIteration as end:
            return events, end.value


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.005)


def gone(pid):
    """Whether a process has ended (a zombie that nobody reaps has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


# results -----------------------------------------------------------------------------------------


def test_that_a_function_runs_in_another_process_and_its_result_comes_back(shared_worker):
    assert shared_worker.call("worker_jobs:double", 21) == 42
    assert shared_worker.call("worker_jobs:pid") == shared_worker.pid != os.getpid()


def test_that_the_same_process_runs_all_jobs(shared_worker):
    assert shared_worker.call("worker_jobs:pid") == shared_worker.call("worker_jobs:pid")
    assert shared_worker.restarts == 0


def test_that_what_a_generator_yields_is_yielded_and_what_it_returns_is_returned(shared_worker):
    events, result = finish(shared_worker.run("worker_jobs:count", 5))
    assert [e for e in dict.fromkeys(events) if e.total] == [Progress(i, 5) for i in range(5)]
    assert result == "counted"


def test_that_waiting_repeats_progress_and_never_a_batch(shared_worker):
    events, _ = finish(shared_worker.run("worker_jobs:batches", [3, 4]))
    assert [event for event in events if isinstance(event, tuple)] == [(0, 1, 2), (0, 1, 2, 3)]
    assert Progress(0, 0) in events


def test_that_a_50_mb_array_goes_round_unchanged_and_arrives_read_only(shared_worker):
    array = np.random.default_rng(1).integers(0, 255, (50 << 20,), np.uint8)
    back = shared_worker.call("worker_jobs:echo", array)
    assert np.array_equal(back, array)
    assert not back.flags.writeable


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24, dtype=np.int16).reshape(4, 6).T,
        np.arange(24, dtype=np.uint16).reshape(4, 6)[:, ::2],
        np.zeros((0, 3), np.float32),
        np.array(7.5),
    ],
    ids=["transposed", "strided", "empty", "scalar"],
)
def test_that_arrays_of_any_layout_survive_the_pipe(shared_worker, array):
    back = shared_worker.call("worker_jobs:echo", array)
    assert np.array_equal(back, array)
    assert (back.shape, back.dtype) == (array.shape, array.dtype)


def test_that_a_warm_up_runs_before_the_first_job():
    worker = Worker("warm", preload="worker_jobs:preload")
    try:
        worker.start()
        assert worker.call("worker_jobs:environment", "RADSAL_TEST_PRELOADED") == "yes"
    finally:
        worker.close()


def test_that_a_warm_up_that_fails_leaves_the_worker_usable():
    worker = Worker("cold", preload="worker_jobs:broken_preload")
    try:
        assert worker.call("worker_jobs:double", 2) == 4
    finally:
        worker.close()


def test_that_the_thread_pools_of_libraries_are_bounded():
    worker = Worker("narrow", threads=1)
    try:
        assert worker.call("worker_jobs:environment", "OMP_NUM_THREADS") == "1"
    finally:
        worker.close()


@pytest.mark.parametrize("before", [None, "glibc.malloc.perturb=0"])
def test_that_large_pages_are_asked_for_in_that_process_only(monkeypatch, before):
    name = "GLIBC_TUNABLES"
    monkeypatch.delenv(name, raising=False)
    if before is not None:
        monkeypatch.setenv(name, before)
    large, plain = Worker("large", large_pages=True), Worker("plain")
    try:
        asked = large.call("worker_jobs:environment", name).split(":")
        assert asked == [*filter(None, [before]), "glibc.malloc.hugetlb=1"]
        assert plain.call("worker_jobs:environment", name) == os.environ.get(name) == before
    finally:
        large.close()
        plain.close()


def test_that_the_worker_never_imports_the_program_that_started_it(shared_worker):
    assert shared_worker.call("worker_jobs:main_module") is None


def test_that_callers_in_several_threads_queue(shared_worker):
    results = {}

    def ask(number):
        results[number] = shared_worker.call("worker_jobs:double", number)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: 2 * n for n in range(8)}


# errors ------------------------------------------------------------------------------------------


def test_that_a_known_error_arrives_with_code_and_remedy(shared_worker):
    with pytest.raises(Refusal) as caught:
        shared_worker.call("worker_jobs:refuse")
    assert caught.value.code == RefusalCode.NO_IMAGE
    assert (caught.value.reason, caught.value.remedy) == ("no image", "open another")


def test_that_any_other_error_is_a_bug_with_the_remote_traceback(shared_worker):
    with pytest.raises(BugError, match="ZeroDivisionError") as caught:
        shared_worker.call("worker_jobs:fail")
    notes = "".join(caught.value.__notes__)
    assert "the hidden detail" in notes
    assert "worker_jobs.py" in notes


@pytest.mark.parametrize(
    "target", ["worker_jobs:leave", "worker_jobs:not_picklable", "worker_jobs:absent", "nowhere:x"]
)
def test_that_a_job_that_leaves_or_cannot_answer_is_a_bug_and_the_next_one_runs(
    shared_worker, target
):
    with pytest.raises(BugError):
        shared_worker.call(target)
    assert shared_worker.call("worker_jobs:double", 1) == 2
    assert shared_worker.restarts == 0


def test_that_arguments_that_cannot_be_sent_are_a_bug_and_the_next_job_runs(shared_worker):
    with pytest.raises(BugError, match="cannot be sent"):
        shared_worker.call("worker_jobs:echo", lambda: None)
    assert shared_worker.call("worker_jobs:double", 1) == 2


@posix
def test_that_a_job_past_the_memory_limit_is_refused_and_the_worker_lives_on():
    worker = Worker("small", memory_limit=2 << 30)
    try:
        with pytest.raises(KnownError) as caught:
            worker.call("worker_jobs:allocate", 8 << 30)
        assert isinstance(caught.value, WorkerError)
        assert caught.value.code == "out-of-memory"
        assert worker.call("worker_jobs:double", 1) == 2
        assert worker.restarts == 0
    finally:
        worker.close()


# death -------------------------------------------------------------------------------------------


@posix
def test_that_a_worker_killed_in_a_job_is_named_and_replaced(worker, tmp_path):
    told = []
    worker.restarted.connect(lambda name, reason: told.append((name, reason)))
    marker = tmp_path / "runs"
    job = worker.run("worker_jobs:stand_still", marker)
    while not marker.exists():
        next(job)
    first = worker.pid
    os.kill(first, signal.SIGKILL)
    with pytest.raises(WorkerDied, match="SIGKILL"):
        finish(job)
    assert worker.call("worker_jobs:double", 3) == 6
    assert worker.restarts == 1
    assert worker.pid != first
    assert told == [("test", "it was ended by SIGKILL")]


@posix
def test_that_a_worker_killed_while_idle_is_replaced_without_losing_the_next_job(worker):
    worker.call("worker_jobs:double", 1)
    os.kill(worker.pid, signal.SIGKILL)
    assert worker.call("worker_jobs:double", 3) == 6
    assert worker.restarts == 1


def test_that_a_job_that_ends_the_process_is_named_with_its_status(worker):
    with pytest.raises(WorkerDied, match="status 7"):
        worker.call("worker_jobs:exit_now")
    assert worker.call("worker_jobs:double", 3) == 6


def test_that_a_job_past_its_time_is_ended_and_the_next_one_runs(worker):
    worker.call("worker_jobs:double", 1)
    begin = time.monotonic()
    with pytest.raises(WorkerTimeout):
        worker.call("worker_jobs:stand_still", timeout=0.3)
    assert 0.3 <= time.monotonic() - begin < 2
    assert worker.call("worker_jobs:double", 3) == 6
    assert worker.restarts == 1


# cancel ------------------------------------------------------------------------------------------


def test_that_closing_the_generator_stops_a_job_at_its_next_yield(worker, tmp_path):
    job = worker.run("worker_jobs:count", 1_000_000, tmp_path / "tidy")
    while next(job) == Progress(0, 0):
        pass
    begin = time.monotonic()
    job.close()
    assert time.monotonic() - begin < GRACE  # it was asked, not ended
    assert (tmp_path / "tidy").read_text() == "tidied up"
    assert worker.call("worker_jobs:double", 3) == 6
    assert worker.restarts == 0


def test_that_cancel_from_another_thread_raises_cancelled(worker):
    job = worker.run("worker_jobs:count", 1_000_000)
    while next(job) == Progress(0, 0):
        pass
    thread = threading.Thread(target=worker.cancel)
    thread.start()
    thread.join()
    with pytest.raises(Cancelled):
        finish(job)
    assert worker.restarts == 0


def test_that_a_job_that_never_yields_is_ended_after_the_grace_period(worker, tmp_path):
    job = worker.run("worker_jobs:stand_still", tmp_path / "running")
    while not (tmp_path / "running").exists():
        next(job)
    begin = time.monotonic()
    job.close()
    assert 1.4 < time.monotonic() - begin < 4  # 1.6 on an idle machine
    assert worker.call("worker_jobs:double", 3) == 6
    assert worker.restarts == 1


@posix
def test_that_a_process_is_deaf_to_ctrl_c_from_its_first_moment(worker):
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    worker.start()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    for _ in range(50):
        os.kill(worker.pid, signal.SIGINT)
        time.sleep(0.005)
    assert worker.call("worker_jobs:double", 3) == 6
    assert worker.restarts == 0


def test_that_cancel_without_a_job_does_nothing(worker):
    worker.cancel()
    worker.start()
    worker.cancel()
    assert worker.call("worker_jobs:double", 3) == 6


# the end -----------------------------------------------------------------------------------------


def test_that_closing_ends_the_process_and_may_be_repeated(worker):
    worker.call("worker_jobs:double", 1)
    pid = worker.pid
    worker.close()
    worker.close()
    assert gone(pid)
    assert not worker.alive
    with pytest.raises(Cancelled):
        worker.call("worker_jobs:double", 1)


def test_that_closing_in_the_middle_of_a_job_cancels_it(worker, tmp_path):
    job = worker.run("worker_jobs:stand_still", tmp_path / "running")
    while not (tmp_path / "running").exists():
        next(job)
    closing = threading.Thread(target=worker.close)
    closing.start()
    with pytest.raises(Cancelled):
        finish(job)
    closing.join()
    assert worker.restarts == 0


def test_that_no_thread_is_left_behind():
    before = set(threading.enumerate())
    worker = Worker("tidy")
    worker.call("worker_jobs:double", 1)
    worker.close()
    assert set(threading.enumerate()) == before


def run_program(text, **kwargs):
    program = textwrap.dedent(text)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)])}
    return subprocess.Popen(
        [sys.executable, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **kwargs,
    ), program


def test_that_a_program_from_stdin_can_use_workers_and_its_stdout_stays_clean():
    started, program = run_program(
        """
        from radsal.workers import Worker
        worker = Worker("chatty")
        worker.call("worker_jobs:chatter")
        print("only this")
        """  # and no close: the interpreter's exit must not hang
    )
    out, err = started.communicate(program, timeout=60)
    assert started.returncode == 0
    assert out == "only this\n"
    assert "python was here" in err
    assert "the shell was here" in err


@posix
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_that_a_worker_ends_when_its_parent_is_killed(tmp_path):
    marker = tmp_path / "running"
    started, program = run_program(
        f"""
        from pathlib import Path
        from radsal.workers import Worker
        Worker("orphan").call("worker_jobs:stand_still", Path({str(marker)!r}))
        """
    )
    with started:
        started.stdin.write(program)
        started.stdin.close()
        wait_until(lambda: marker.exists() and marker.read_text(), 60)
        pid = int(marker.read_text())
        assert not gone(pid)
        started.kill()
        wait_until(lambda: gone(pid))
