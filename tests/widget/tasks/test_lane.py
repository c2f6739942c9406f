"""Lanes: order, the three ends, and the thread in which they are told."""

import threading
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from radsal.app.tasks import Handlers, Lane, Priority
from radsal.core.errors import BugError, KnownError


class Told:
    """Collects what a task's handlers are told."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.ends: list[tuple[str, Any]] = []
        self.threads: set[int] = set()

    def handlers(self) -> Handlers:
        return Handlers(
            lambda result: self._end("success", result),
            lambda error: self._end("failure", error),
            lambda: self._end("cancel", None),
            self._event,
        )

    def _event(self, event: Any) -> None:
        self.threads.add(threading.get_ident())
        self.events.append(event)

    def _end(self, kind: str, value: Any) -> None:
        self.threads.add(threading.get_ident())
        self.ends.append((kind, value))


@pytest.fixture
def lane(qtbot: QtBot) -> Iterator[Lane]:
    lane = Lane("test")
    yield lane
    assert lane.close()


def test_that_events_and_the_result_arrive_in_order_in_the_gui_thread(
    lane: Lane, qtbot: QtBot
) -> None:
    told = Told()

    def steps() -> Generator[int, None, str]:
        yield from range(100)
        return "done"

    lane.submit(steps, told.handlers())
    qtbot.waitUntil(lambda: bool(told.ends))
    assert told.events == list(range(100))
    assert told.ends == [("success", "done")]
    assert told.threads == {threading.get_ident()}


def test_that_a_known_error_reaches_the_failure_handler_as_it_is(lane: Lane, qtbot: QtBot) -> None:
    told, error = Told(), KnownError("The disk is full.")

    def work() -> None:
        raise error

    lane.submit(work, told.handlers())
    qtbot.waitUntil(lambda: bool(told.ends))
    assert told.ends == [("failure", error)]


def test_that_an_unforeseen_error_is_logged_and_reported_as_a_bug(
    lane: Lane, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()

    def work() -> None:
        raise ZeroDivisionError("nobody thought of this")

    lane.submit(work, told.handlers())
    qtbot.waitUntil(lambda: bool(told.ends))
    [(kind, error)] = told.ends
    assert kind == "failure"
    assert isinstance(error, BugError)
    assert "nobody thought of this" in caplog.text


def test_that_a_cancelled_task_stops_at_its_next_step_and_cleans_up(
    lane: Lane, qtbot: QtBot
) -> None:
    told, closed = Told(), threading.Event()

    def endless() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    task = lane.submit(endless, told.handlers())
    qtbot.waitUntil(lambda: bool(told.events))
    task.cancel()
    qtbot.waitUntil(lambda: bool(told.ends))
    assert told.ends == [("cancel", None)]
    assert closed.is_set()


def test_that_a_task_cancelled_before_its_turn_never_begins(lane: Lane, qtbot: QtBot) -> None:
    told, gate, begun = Told(), threading.Event(), []
    lane.submit(gate.wait, Told().handlers())
    task = lane.submit(lambda: begun.append(1), told.handlers())
    task.cancel()
    gate.set()
    qtbot.waitUntil(lambda: bool(told.ends))
    assert (told.ends, begun) == ([("cancel", None)], [])


def test_that_a_result_that_comes_after_the_cancel_is_not_delivered(
    lane: Lane, qtbot: QtBot
) -> None:
    told, gate, inside = Told(), threading.Event(), threading.Event()

    def work() -> str:
        inside.set()
        gate.wait()
        return "late"

    task = lane.submit(work, told.handlers())
    qtbot.waitUntil(inside.is_set)
    task.cancel()
    gate.set()
    qtbot.waitUntil(lambda: bool(told.ends))
    assert told.ends == [("cancel", None)]


def test_that_what_the_reader_waits_for_goes_before_what_can_wait(lane: Lane, qtbot: QtBot) -> None:
    order: list[str] = []
    gate = threading.Event()
    lane.submit(gate.wait, Told().handlers())
    for name, priority in (
        ("idle", Priority.IDLE),
        ("ahead", Priority.AHEAD),
        ("first", Priority.SCREEN),
        ("second", Priority.SCREEN),
    ):
        lane.submit(lambda name=name: order.append(name), Told().handlers(), priority)
    gate.set()
    qtbot.waitUntil(lambda: lane.idle)
    assert order == ["first", "second", "ahead", "idle"]


def test_that_closing_a_lane_can_wait_for_what_is_queued(qtbot: QtBot) -> None:
    lane, done = Lane("saving"), []
    for number in range(20):
        lane.submit(lambda number=number: done.append(number), Told().handlers())
    assert lane.close(finish=True)
    assert done == list(range(20))
