import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from radsal.core.identity import ModelIdentity
from radsal.storage import map_cache
from radsal.storage.map_cache import MapCache

MIB = 1 << 20


@pytest.fixture
def cache(tmp_path):
    return MapCache(tmp_path / "cache" / "maps", MIB)


@pytest.fixture
def part(world):
    """The analysis of one finding, as the cache takes it."""
    return world.analysis.only("Opacity")


def question_of(analysis, **changes):
    image, model = analysis.image, analysis.model
    return {
        "sop_instance_uid": image.sop_instance_uid,
        "frame": image.frame,
        "pixel_sha256": image.pixel_sha256,
        "grayscale_sha256": "e" * 64,
        "model_id": model.id,
        "model_sha256": model.sha256,
        "method": analysis.method,
        **analysis.parameters,
        **changes,
    }


def entries(cache):
    return sorted(cache.folder.iterdir()) if cache.folder.exists() else []


def test_that_an_analysis_comes_back_bit_for_bit(cache, part):
    cache.put(question_of(part), part)
    again = cache.get(question_of(part))
    for name in (*("image", "model", "method", "parameters", "device"), "predictions", "notes"):
        assert getattr(again, name) == getattr(part, name)
    assert again.milliseconds == part.milliseconds
    (old,), (new,) = part.maps, again.maps
    assert new.values.tobytes() == old.values.tobytes()
    assert (new.mapping, new.status, new.reason) == (old.mapping, old.status, old.reason)
    for one, other in zip(part.hot_spots, again.hot_spots, strict=True):
        assert one.contour.tobytes() == other.contour.tobytes()
        names = ("id", "finding", "method", "rank", "peak", "box", "share", "area")
        assert all(getattr(one, name) == getattr(other, name) for name in names)
    assert [type(v) for v in again.parameters.values()] == [
        type(v) for v in part.parameters.values()
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"sop_instance_uid": "2.25.99"},
        {"frame": 2},
        {"pixel_sha256": "f" * 64},
        {"grayscale_sha256": "f" * 64},
        {"model_id": "other"},
        {"model_sha256": "f" * 64},
        {"method": "hirescam"},
        {"findings": "Effusion"},
        {"mass": 0.7},
        {"steps": 6},
        {"one": "more"},
    ],
)
def test_that_another_question_finds_nothing(cache, part, change):
    cache.put(question_of(part), part)
    assert cache.get(question_of(part, **change)) is None
    assert cache.get(question_of(part)) is not None


def test_that_an_entry_under_the_name_of_another_question_is_never_used(cache, part):
    asked = question_of(part, frame=2)
    cache.put(question_of(part), part)
    (entry,) = entries(cache)
    entry.rename(cache._path(asked))
    assert cache.get(asked) is None
    assert entries(cache) == []


@pytest.mark.parametrize(
    "change",
    [
        {"model": ModelIdentity("other", "c" * 64)},
        {"method": "hirescam", "maps": (), "hot_spots": ()},
        {"parameters": {"findings": "all"}},
        {"maps": (), "hot_spots": ()},
    ],
)
def test_that_what_does_not_answer_the_question_is_not_kept(cache, part, change):
    with pytest.raises(ValueError, match="another question"):
        cache.put(question_of(part), replace(part, **change))
    assert entries(cache) == []


def changed(raw, change):
    """An entry with its hash set right after its content was changed."""
    rest = change(raw.partition(b"\n")[2])
    return map_cache.hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: b"",
        lambda raw: raw[:-1],
        lambda raw: raw + b"\0",
        lambda raw: raw[:200] + b"\0" + raw[201:],
        lambda raw: b"not an entry",
        lambda raw: changed(raw, lambda rest: b"[]"),
        lambda raw: changed(raw, lambda rest: b"{}\n"),
        lambda raw: changed(raw, lambda rest: rest[:-4] + b"\0\0\0\0"),
        lambda raw: changed(raw, lambda rest: rest.replace(b'"frame": 1', b'"frame": 2')),
        lambda raw: changed(raw, lambda rest: rest.replace(b"0.3", b"0.4")),
        lambda raw: changed(raw, lambda rest: rest.replace(b"RadSal ", b"RadSal 9.")),
        lambda raw: changed(raw, lambda rest: rest.replace(b'"status"', b'"state"')),
        lambda raw: changed(raw, lambda rest: b"[" * 100_000),
    ],
)
def test_that_a_damaged_or_foreign_entry_is_none_and_is_removed(cache, part, damage, caplog):
    cache.put(question_of(part), part)
    (entry,) = entries(cache)
    raw = entry.read_bytes()
    entry.write_bytes(damage(raw))
    assert entry.read_bytes() != raw
    assert cache.get(question_of(part)) is None
    assert entries(cache) == []
    assert str(entry.parent) not in caplog.text


def test_that_an_entry_is_replaced_by_a_newer_one(cache, part, with_device):
    cache.put(question_of(part), part)
    cache.put(question_of(part), with_device(part, "cuda:0"))
    assert cache.get(question_of(part)).device == "cuda:0"
    assert cache.count() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_that_only_the_owner_can_read_it_and_names_tell_nothing(cache, part):
    cache.put(question_of(part), part)
    (entry,) = entries(cache)
    assert entry.stat().st_mode & 0o777 == 0o600
    assert entry.parent.stat().st_mode & 0o777 == 0o700
    assert set(entry.stem) <= set("0123456789abcdef")


def test_that_the_file_holds_no_pickle(cache, part):
    cache.put(question_of(part), part)
    (entry,) = entries(cache)
    line = entry.read_bytes().split(b"\n")[1]
    assert json.loads(line)["question"] == question_of(part)


# room --------------------------------------------------------------------------------------------


def fill(cache, part, count, first=0):
    for number in range(first, first + count):
        cache.put(question_of(part, number=number), part)


def age(cache, part, number, seconds):
    then = time.time() - seconds
    os.utime(cache._path(question_of(part, number=number)), (then, then))


def test_that_no_more_is_kept_than_there_is_room_for_and_the_oldest_used_goes_first(tmp_path, part):
    cache = MapCache(tmp_path / "maps", 10 * 4096)
    fill(cache, part, 8)
    for number in range(8):
        age(cache, part, number, 1000 - number)
    assert cache.get(question_of(part, number=0)) is not None  # used: it is the newest now
    fill(cache, part, 4, first=8)
    assert cache.size() <= 10 * 4096
    kept = {n for n in range(12) if cache.get(question_of(part, number=n)) is not None}
    assert {0, 11} <= kept
    assert not {1, 2} & kept


def test_that_programs_that_share_a_folder_keep_to_the_room_together(tmp_path, part):
    limit = 40 * 4096
    caches = [MapCache(tmp_path / "maps", limit) for _ in range(4)]
    for number in range(60):
        for place, cache in enumerate(caches):
            cache.put(question_of(part, number=number, place=place), part)
            assert cache.size() <= limit


def test_that_with_no_room_nothing_is_kept_and_nothing_found(tmp_path, part):
    MapCache(tmp_path / "maps", MIB).put(question_of(part), part)
    off = MapCache(tmp_path / "maps", 0)
    assert off.get(question_of(part)) is None
    off.put(question_of(part, number=1), part)
    assert off.count() == 1  # what was kept before can still be cleared
    assert off.clear()
    assert entries(off) == []


def test_that_what_was_left_half_written_is_removed_after_a_while(cache, part):
    cache.put(question_of(part), part)
    for name, seconds in (("old.part", 7200), ("new.part", 0)):
        (cache.folder / name).write_bytes(b"half")
        then = time.time() - seconds
        os.utime(cache.folder / name, (then, then))
    assert cache.count() == 1
    assert {path.name for path in entries(cache) if path.suffix == ".part"} == {"new.part"}


def test_that_clearing_forgets_everything(cache, part):
    fill(cache, part, 3)
    assert (cache.count(), cache.size()) == (3, 3 * 4096)
    assert cache.clear()
    assert (cache.count(), entries(cache)) == (0, [])
    assert cache.get(question_of(part, number=1)) is None


def test_that_nothing_is_there_before_anything_was_kept(cache, part):
    assert cache.get(question_of(part)) is None
    assert (cache.count(), cache.size(), cache.clear()) == (0, 0, True)
    assert not cache.folder.exists()


# faults ------------------------------------------------------------------------------------------


def test_that_a_disk_that_takes_nothing_costs_the_entry_alone(cache, part, monkeypatch, caplog):
    def full(*_):
        raise OSError(28, "No space left on device")

    cache.put(question_of(part), part)
    monkeypatch.setattr(map_cache.os, "fdopen", full)
    cache.put(question_of(part, number=1), part)
    monkeypatch.undo()
    assert "No space left" in caplog.text
    assert str(cache.folder) not in caplog.text
    assert cache.get(question_of(part)) is not None
    assert cache.get(question_of(part, number=1)) is None
    assert len(entries(cache)) == 1


def test_that_a_folder_that_cannot_be_made_stops_nothing(tmp_path, part, caplog):
    (tmp_path / "file").write_text("no folder")
    cache = MapCache(tmp_path / "file" / "maps", MIB)
    cache.put(question_of(part), part)
    assert cache.get(question_of(part)) is None
    assert (cache.count(), cache.clear()) == (0, True)


def test_that_readers_meet_whole_entries_while_they_are_replaced(cache, part, caplog):
    asked, ended = question_of(part), threading.Event()

    def replace_often():
        while not ended.is_set():
            cache.put(asked, part)

    writers = [threading.Thread(target=replace_often) for _ in range(2)]
    cache.put(asked, part)
    for writer in writers:
        writer.start()
    found = [cache.get(asked) for _ in range(100)]
    ended.set()
    for writer in writers:
        writer.join()
    assert None not in found
    assert caplog.text == ""


def test_that_it_needs_neither_torch_nor_a_database():
    code = (
        "import sys, radsal.storage.map_cache;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'sqlalchemy', 'monai')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
