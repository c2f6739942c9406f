"""What the actions say and complain about, and a database that can be full or slow."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from radsal.app.tasks import Handlers
from radsal.core.errors import StoreError
from radsal.review.read import Read


class Heard:
    """Collects what the user is told."""

    def __init__(self, bench: Any) -> None:
        self.said: list[str] = []
        self.troubles: list[Exception] = []
        bench.workstation.services.said.connect(self.said.append)
        bench.workstation.services.troubled.connect(self.troubles.append)


@pytest.fixture
def heard(bench) -> Heard:
    return Heard(bench)


@pytest.fixture
def fail_saves(bench, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[Read]]:
    """The next saves fail as on a full disk; the reads that were to be saved are listed."""
    store, tried = bench.workstation.services.store, []
    save = store.save_read

    def arrange(times: int) -> list[Read]:
        def full(read: Read) -> Read:
            tried.append(read)
            if len(tried) <= times:
                raise StoreError("The disk is full.")
            return save(read)

        monkeypatch.setattr(store, "save_read", full)
        return tried

    return arrange


@pytest.fixture
def slow_store(bench) -> threading.Event:
    """Nothing reaches the database until the event is set."""
    gate = threading.Event()
    bench.workstation.services.storing.submit(
        lambda: gate.wait(20) and None, Handlers(lambda _: None, lambda _: None)
    )
    return gate
