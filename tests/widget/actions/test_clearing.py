"""What is kept to be quick can be cleared, and is then read or computed again."""

import pytest

from radsal.storage.index import Kept, Stamp
from radsal.storage.map_cache import MapCache


def test_that_the_folder_index_can_be_cleared_and_says_how_much_it_forgot(
    bench, qtbot, heard
) -> None:
    index = bench.workstation.services.index
    stamp = Stamp(10, 20, 30)
    assert index.keep([Kept("/films", f"{n}.dcm", stamp, "[]") for n in range(1200)])
    bench.workstation.clearing.index()
    qtbot.waitUntil(lambda: "The folder index was cleared: 1,200 files forgotten" in heard.said)
    assert index.count() == 0


def test_that_the_kept_maps_can_be_cleared_and_are_computed_again(bench, qtbot, heard) -> None:
    bench.open(1)
    qtbot.waitUntil(lambda: bench.ready() and bench.idle())
    asked = len(bench.engines.compute.asked)
    bench.workstation.analysing.analyse()
    qtbot.waitUntil(lambda: bench.ready() and bench.idle())
    assert len(bench.engines.compute.asked) == asked
    bench.workstation.clearing.maps()
    qtbot.waitUntil(lambda: "The kept maps were cleared: 2 maps forgotten" in heard.said)
    bench.workstation.analysing.analyse()
    qtbot.waitUntil(lambda: len(bench.engines.compute.asked) > asked)


def test_that_maps_that_are_in_use_are_said_not_to_be_cleared(
    bench, qtbot, heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MapCache, "clear", lambda _: False)
    bench.workstation.clearing.maps()
    qtbot.waitUntil(lambda: heard.said == ["The kept maps are in use and were not cleared"])
