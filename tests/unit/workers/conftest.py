"""Workers for the tests; the module of jobs is importable in the spawned processes."""

import sys
from pathlib import Path

import pytest

from radsal.workers import Worker


@pytest.fixture(scope="session", autouse=True)
def jobs_importable():
    """Spawned processes get the parent's ``sys.path``."""
    folder = str(Path(__file__).parent)
    sys.path.insert(0, folder)
    yield
    sys.path.remove(folder)


@pytest.fixture
def worker():
    worker = Worker("test")
    yield worker
    worker.close()


@pytest.fixture(scope="module")
def shared_worker(jobs_importable):
    """A worker for jobs that do it no harm."""
    worker = Worker("shared test")
    yield worker
    worker.close()
