from dataclasses import FrozenInstanceError, replace
from datetime import datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from radsal.core.errors import ReviewError
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.review.read import Read, ReadState, Verdict, now
from radsal.review.vocabulary import Agreement, Cause

IMAGES = [ImageIdentity("2.25.1", 1, d * 64) for d in "ab"] + [ImageIdentity("2.25.1", 2, "a" * 64)]
MODEL = ModelIdentity("demo-opacity", "c" * 64)


def verdict(image=IMAGES[0], spot="one", cause=Cause.TEXT, note=""):
    return Verdict(image, "Opacity", "gradcam", spot, Agreement.DISAGREE, cause, note, now())


@pytest.fixture
def draft() -> Read:
    return Read.begin("2.25.2", "Dr. Weiß", MODEL)


def test_that_a_new_read_is_an_empty_draft_of_its_own(draft):
    assert draft.state is ReadState.DRAFT
    assert (draft.verdicts, draft.revision, draft.amends, draft.signed_at) == ((), 0, None, None)
    assert draft.id != Read.begin("2.25.2", "Dr. Weiß", MODEL).id
    assert len(draft.id) == 32
    assert int(draft.id, 16)


@pytest.mark.parametrize("reader", ["", "  \t"])
def test_that_nobody_reads_without_a_name(reader):
    with pytest.raises(ReviewError):
        Read.begin("2.25.2", reader, MODEL)


@pytest.mark.parametrize(
    "change",
    [
        {"state": ReadState.SIGNED},
        {"state": ReadState.AMENDED},
        {"signed_at": now()},
        {"verdicts": (verdict(note="one"), verdict(note="other"))},
        {"started_at": datetime(2026, 3, 1)},  # noqa: DTZ001
        {"updated_at": datetime(2026, 3, 1)},  # noqa: DTZ001
        {"revision": -1},
    ],
)
def test_that_a_half_built_read_is_refused(draft, change):
    with pytest.raises(ValueError, match=r"signature|one verdict|zone|counts"):
        replace(draft, **change)


def test_that_no_read_amends_itself(draft):
    with pytest.raises(ValueError, match="amends another"):
        replace(draft, amends=draft.id)


def test_that_the_same_spot_on_another_frame_is_another_question(draft):
    read = draft.judge(verdict(IMAGES[0])).judge(verdict(IMAGES[2], cause=Cause.DEVICE))
    assert read.verdict_on(IMAGES[0], "one").cause is Cause.TEXT
    assert read.verdict_on(IMAGES[2], "one").cause is Cause.DEVICE
    assert read.verdict_on(IMAGES[1], "one") is None


def test_that_a_change_gives_another_read_and_leaves_the_old_one(draft):
    read = draft.judge(verdict())
    assert draft.verdicts == ()
    with pytest.raises(FrozenInstanceError):
        read.comment = "changed"
    assert read.withdraw(IMAGES[0], "two") is read
    assert read.remark(read.comment) is read


def test_that_times_are_kept_to_the_millisecond():
    assert now().microsecond % 1000 == 0


def test_that_only_a_signed_read_that_stands_can_be_amended(draft):
    signed = draft.judge(verdict()).remark("seen twice").sign()
    for wrong in (draft, replace(signed, state=ReadState.AMENDED)):
        with pytest.raises(ReviewError):
            wrong.amendment()
    amendment = signed.amendment()
    assert (amendment.amends, amendment.state) == (signed.id, ReadState.DRAFT)
    assert amendment.id != signed.id
    assert amendment.revision == 0
    assert (amendment.verdicts, amendment.comment) == (signed.verdicts, "seen twice")


class LifeOfARead(RuleBasedStateMachine):
    """A read against a dictionary of what was said, through signing and amending."""

    def __init__(self) -> None:
        super().__init__()
        self.read = Read.begin("2.25.2", "Dr. Weiß", MODEL)
        self.said: dict[tuple[ImageIdentity, str], str] = {}
        self.comment = ""
        self.signed: list[tuple[Read, str]] = []

    def locked(self) -> bool:
        return bool(self.signed) and self.read is self.signed[-1][0]

    def unlocked(self) -> bool:
        return not self.locked()

    @precondition(unlocked)
    @rule(image=st.sampled_from(IMAGES), spot=st.sampled_from("xyz"), note=st.text(max_size=3))
    def judge(self, image, spot, note):
        self.read = self.read.judge(verdict(image, spot, note=note))
        self.said[image, spot] = note

    @precondition(unlocked)
    @rule(image=st.sampled_from(IMAGES), spot=st.sampled_from("xyz"))
    def withdraw(self, image, spot):
        self.read = self.read.withdraw(image, spot)
        self.said.pop((image, spot), None)

    @precondition(unlocked)
    @rule(comment=st.text(max_size=3))
    def remark(self, comment):
        self.read = self.read.remark(comment)
        self.comment = comment

    @precondition(unlocked)
    @rule()
    def sign(self):
        self.read = self.read.sign()
        self.signed.append((self.read, repr(self.read)))

    @precondition(locked)
    @rule()
    def amend(self):
        before = self.read
        self.read = self.read.amendment()
        assert self.read.amends == before.id
        assert (self.read.reader, self.read.model) == (before.reader, before.model)
        assert self.read.study_instance_uid == before.study_instance_uid

    @precondition(locked)
    @rule(spot=st.sampled_from("xyz"), other=st.text(min_size=4, max_size=5))
    def try_to_change_what_is_signed(self, spot, other):
        attempts = [
            lambda r: r.judge(verdict(spot=spot, note=other)),
            lambda r: r.remark(other),
            lambda r: r.sign(),
        ]
        if self.said:
            attempts.append(lambda r: r.withdraw(*next(iter(self.said))))
        for attempt in attempts:
            try:
                attempt(self.read)
            except ReviewError:
                continue
            raise AssertionError("a signed read was changed")

    @invariant()
    def holds_what_was_said(self):
        assert {v.subject: v.note for v in self.read.verdicts} == self.said
        assert self.read.comment == self.comment
        assert (self.read.signed_at is None) == (self.read.state is ReadState.DRAFT)

    @invariant()
    def signed_reads_stand(self):
        for read, as_signed in self.signed:
            assert repr(read) == as_signed
            assert read.state is ReadState.SIGNED


TestLifeOfARead = LifeOfARead.TestCase
TestLifeOfARead.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
