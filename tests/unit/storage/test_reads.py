import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from radsal.core.errors import RadSalError, ReviewError, StoreConflict, StoreError
from radsal.core.identity import ModelIdentity
from radsal.review.read import ReadState
from radsal.storage import Store


def test_that_a_read_comes_back_with_its_verdicts_in_order(store, world):
    read = world.begin().judge(world.verdict("spot-2", "über\nzwei Zeilen"))
    read = read.judge(world.verdict("spot-1")).remark("é ß 山")
    saved = store.save_read(read)
    assert saved == replace(read, revision=1)
    assert store.read(read.id) == saved


def test_that_another_connection_sees_a_save_at_once(store, world, location):
    saved = store.save_read(world.begin().judge(world.verdict(note="Kürzel")))
    with sqlite3.connect(location) as connection:
        rows = connection.execute("SELECT read_id, pixel_sha256, note FROM verdict").fetchall()
    assert rows == [(saved.id, world.image.pixel_sha256, "Kürzel")]


def test_that_a_save_from_an_old_revision_is_a_conflict(store, world):
    first = store.save_read(world.begin())
    store.save_read(first.judge(world.verdict("spot-1")))
    with pytest.raises(StoreConflict):
        store.save_read(first.judge(world.verdict("spot-2")))
    assert [v.hot_spot for v in store.read(first.id).verdicts] == ["spot-1"]


def test_that_a_read_that_was_never_saved_cannot_claim_a_revision(store, world):
    with pytest.raises(StoreConflict):
        store.save_read(replace(world.begin(), revision=3))


def test_that_a_second_draft_of_the_same_reader_case_and_model_is_a_conflict(store, world):
    store.save_read(world.begin())
    with pytest.raises(StoreConflict):
        store.save_read(world.begin())
    store.save_read(world.begin("Dr. Groß"))


def test_that_a_signed_read_is_never_overwritten(store, world):
    signed = store.save_read(store.save_read(world.begin()).sign())
    with pytest.raises(ReviewError):
        store.save_read(replace(signed, comment="changed", revision=signed.revision))
    assert store.read(signed.id) == signed


def test_that_signing_an_amendment_marks_the_amended_read(store, world):
    signed = store.save_read(world.begin().judge(world.verdict()).sign())
    draft = store.save_read(signed.amendment())
    assert store.read(signed.id).state is ReadState.SIGNED
    amendment = store.save_read(draft.sign())
    assert store.read(signed.id).state is ReadState.AMENDED
    assert store.read(amendment.id).state is ReadState.SIGNED


def test_that_a_read_is_amended_once(store, world):
    signed = store.save_read(world.begin().sign())
    store.save_read(signed.amendment().sign())
    late = signed.amendment()
    with pytest.raises(StoreConflict):
        store.save_read(late.sign())
    assert store.read(late.id) is None


@pytest.mark.parametrize(
    "change", [{"reader": "Dr. Groß"}, {"model": ModelIdentity("x", "9" * 64)}]
)
def test_that_nobody_amends_the_read_of_another(store, world, change):
    signed = store.save_read(world.begin().sign())
    with pytest.raises(StoreConflict):
        store.save_read(replace(signed.amendment(), **change).sign())
    assert store.read(signed.id).state is ReadState.SIGNED


def test_that_a_read_is_not_saved_as_amended_by_itself(store, world):
    with pytest.raises(ReviewError):
        store.save_read(replace(world.begin().sign(), state=ReadState.AMENDED))


@pytest.mark.parametrize(
    "change", [{"hot_spot": "spot-9"}, {"finding": "Effusion"}, {"method": "gradient"}]
)
def test_that_a_verdict_on_a_hot_spot_that_is_not_stored_is_refused(store, world, change):
    wrong = replace(world.verdict(), **change)
    with pytest.raises(StoreError) as refused:
        store.save_read(world.begin().judge(wrong))
    assert refused.value.code == "store-refused"
    assert store.reads() == ()


def test_that_a_verdict_on_the_same_uid_with_other_pixels_is_refused(store, world):
    wrong = replace(world.verdict(), image=replace(world.image, pixel_sha256="e" * 64))
    with pytest.raises(StoreError):
        store.save_read(world.begin().judge(wrong))


def test_that_a_verdict_by_another_model_is_refused(store, world):
    read = replace(world.begin(), model=ModelIdentity("demo-opacity", "d" * 64))
    with pytest.raises(StoreError):
        store.save_read(read.judge(world.verdict()))


def test_that_a_verdict_on_an_image_of_another_exam_is_refused(store, world, other_world):
    store.save_image(other_world.header, other_world.image)
    store.save_analysis(other_world.analysis)
    with pytest.raises(StoreError):
        store.save_read(world.begin().judge(other_world.verdict()))
    assert store.reads() == ()


@pytest.mark.parametrize(
    "change",
    [
        "pixel_sha256 = '" + "e" * 64 + "'",
        "model_sha256 = '" + "e" * 64 + "'",
        "study_instance_uid = '2.25.9'",
        "hot_spot = 'spot-9'",
        "finding = 'Effusion'",
        "frame = 2",
        "read_id = 'x'",
    ],
)
def test_that_the_database_itself_refuses_to_move_a_verdict(store, world, location, change):
    store.save_read(world.begin().judge(world.verdict()))
    connection = sqlite3.connect(location)
    connection.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(f"UPDATE verdict SET {change}")
    connection.close()


def test_that_a_read_is_found_by_a_unique_prefix(store, world):
    one = store.save_read(replace(world.begin(), id="abcd1" + "0" * 27))
    store.save_read(replace(world.begin("Dr. Groß"), id="abcd2" + "0" * 27))
    assert store.find_read(" ABCD1") == one
    for prefix, code in (
        ("abcd", "read-ambiguous"),
        ("ffff", "read-unknown"),
        ("abc", "read-prefix"),
    ):
        with pytest.raises(StoreError) as refused:
            store.find_read(prefix)
        assert refused.value.code == code


def test_that_wildcards_in_a_prefix_match_nothing(store, world):
    store.save_read(world.begin())
    with pytest.raises(StoreError):
        store.find_read("%%%%")


def test_that_a_draft_is_resumed_before_a_signed_read(store, world):
    uid, reader = world.header.study_instance_uid, "Dr. Weiß"
    assert store.open_read(uid, reader, world.model) is None
    signed = store.save_read(world.begin().sign())
    assert store.open_read(uid, reader, world.model) == signed
    draft = store.save_read(signed.amendment())
    assert store.open_read(uid, reader, world.model) == draft
    assert store.open_read(uid, "Dr. Groß", world.model) is None
    assert store.open_read("2.25.9", reader, world.model) is None


def test_that_the_read_signed_last_is_opened(store, world):
    old = replace(world.begin().sign(), signed_at=datetime(2026, 1, 1, tzinfo=UTC))
    new = replace(world.begin().sign(), signed_at=datetime(2026, 1, 2, tzinfo=UTC))
    store.save_read(new)
    store.save_read(old)
    assert store.open_read(old.study_instance_uid, old.reader, old.model).id == new.id


def test_that_reads_are_listed_by_exam_in_the_order_they_were_begun(store, world):
    early = replace(world.begin("A"), started_at=datetime(2026, 1, 1, tzinfo=UTC))
    late = store.save_read(world.begin("B"))
    early = store.save_read(early)
    assert store.reads() == store.reads(world.header.study_instance_uid) == (early, late)
    assert store.reads("2.25.9") == ()


def test_that_two_stores_on_one_file_see_each_other(store, world, location):
    saved = store.save_read(world.begin())
    with Store.open(location) as second:
        newer = second.save_read(second.read(saved.id).remark("from elsewhere"))
        with pytest.raises(StoreConflict):
            store.save_read(saved.remark("from here"))
    assert store.read(saved.id) == newer


def test_that_many_threads_share_one_store(store, world):
    failures = []

    def work(name):
        try:
            read = store.save_read(world.begin(name))
            for spot in ("spot-1", "spot-2", "spot-3"):
                read = store.save_read(read.judge(world.verdict(spot)))
        except RadSalError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"reader {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [(r.revision, len(r.verdicts)) for r in store.reads()] == [(4, 3)] * 6
