"""One film on each core: threads that each compute alone, with a classifier of their own."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TypeVar

import torch

from radsal.inference.classifier import Classifier

T = TypeVar("T")

MOST_CORES = 16


class Cores:
    """A classifier for each thread of a pool. Made by :func:`on_each_core`."""

    def __init__(self, pool: ThreadPoolExecutor, team: Sequence[Classifier]) -> None:
        self._pool = pool
        self._free: SimpleQueue[Classifier] = SimpleQueue()
        for member in team:
            self._free.put(member)

    def submit(self, work: Callable[[Classifier], T]) -> Future[T]:
        """Hand work over: it is given a classifier that nothing else uses meanwhile."""
        return self._pool.submit(self._lend, work)

    def _lend(self, work: Callable[[Classifier], T]) -> T:
        member = self._free.get()
        try:
            return work(member)
        finally:
            self._free.put(member)


def count() -> int:
    """Cores that are used."""
    return min(os.cpu_count() or 1, MOST_CORES)


@contextmanager
def threads(number: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """Threads that each compute alone; work that was not begun is dropped at the end."""
    pool = ThreadPoolExecutor(number or count(), "film", initializer=_alone)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def on_each_core(classifier: Classifier) -> Iterator[Cores]:
    """The cores, for work that goes on beside each other."""
    team = classifier.team(count())
    with threads(len(team)) as pool:
        yield Cores(pool, team)


def _alone() -> None:
    """One core for this thread; what the main thread has stays."""
    torch.set_num_threads(1)
