"""Random histories of reads: the store against a plain dict that follows the rules as told."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from radsal.core.errors import ReviewError, StoreConflict
from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import ImageHeader
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction, SaliencyMap
from radsal.review.read import Read, ReadState, Verdict, now
from radsal.review.vocabulary import Agreement, Cause
from radsal.storage import Store

SPOTS = ("a", "b", "c")


class Reads(RuleBasedStateMachine):
    """Every copy of a read that a window may hold, old ones too, is saved at random moments."""

    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.location = Path(self.folder.name) / "radsal.db"
        self.store = Store.open(self.location)
        self.model: dict[str, Read] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(target=held, reader=st.sampled_from(["A", "B"]))
    def begin(self, reader):
        return Read.begin("2.25.2", reader, MODEL)

    @rule(target=held, read=held, spot=st.sampled_from(SPOTS), note=st.text(max_size=5))
    def judge(self, read, spot, note):
        if read.state is not ReadState.DRAFT or not note.isprintable():
            return multiple()
        verdict = Verdict(IMAGE, "F", "m", spot, Agreement.PARTLY, Cause.NOISE, note, now())
        return read.judge(verdict)

    @rule(target=held, read=held, spot=st.sampled_from(SPOTS))
    def withdraw(self, read, spot):
        return multiple() if read.state is not ReadState.DRAFT else read.withdraw(IMAGE, spot)

    @rule(target=held, read=held)
    def sign(self, read):
        return multiple() if read.state is not ReadState.DRAFT else read.sign()

    @rule(target=held, read=held)
    def amend(self, read):
        return read.amendment() if read.state is ReadState.SIGNED else multiple()

    @rule(target=held, read=held)
    def save(self, read):
        expected = self.verdict_of_the_rules(read)
        if expected is not None:
            with pytest.raises(expected):
                self.keep(read)
            return multiple()
        saved = self.keep(read)
        self.model[saved.id] = replace(read, revision=read.revision + 1)
        if saved.amends and saved.state is ReadState.SIGNED:
            old = self.model[saved.amends]
            self.model[old.id] = replace(old, state=ReadState.AMENDED, revision=old.revision + 1)
        return saved

    @rule()
    def reopen(self):
        self.store.close()
        self.store = Store.open(self.location)

    def keep(self, read):
        self.store.save_image(HEADER, IMAGE)
        self.store.save_analysis(ANALYSIS)
        return self.store.save_read(read)

    def verdict_of_the_rules(self, read):
        """The error that the rules of a read demand, None where it may be saved."""
        stored = self.model.get(read.id)
        if stored and stored.state is not ReadState.DRAFT:
            return ReviewError
        if read.revision != (stored.revision if stored else 0):
            return StoreConflict
        drafts = {r.reader for r in self.model.values() if r.state is ReadState.DRAFT}
        if not stored and read.state is ReadState.DRAFT and read.reader in drafts:
            return StoreConflict
        if read.amends is None:
            return None
        amended = self.model.get(read.amends)
        if amended is None or amended.state is ReadState.DRAFT:
            return Exception
        gone = read.state is ReadState.SIGNED and amended.state is not ReadState.SIGNED
        return StoreConflict if gone else None

    @invariant()
    def the_store_holds_what_the_dict_holds(self):
        assert {read.id: read for read in self.store.reads()} == self.model


MODEL = ModelIdentity("m", "c" * 64)
IMAGE = ImageIdentity("2.25.1", 1, "a" * 64)
HEADER = ImageHeader(
    Path("/films/1.dcm"), "2.25.1", "1.2", "2.25.2", "2.25.3", "DX", "1.2", "MONOCHROME2",
    8, 8, 1, 8, False,
)  # fmt: skip


def _analysis() -> Analysis:
    values = np.ones((2, 2), np.float32)
    heat = SaliencyMap("F", "m", values, GridMapping.stretch((2, 2), (8, 8)), MapStatus.OK)
    line = np.array([[0, 0], [0, 2], [2, 2], [0, 0]], np.float32)
    spots = [
        HotSpot(name, "F", "m", i, (1, 1), Box(0, 0, 2, 2), line.copy(), 0.2, 4)
        for i, name in enumerate(SPOTS, 1)
    ]
    return Analysis(
        IMAGE, MODEL, "m", {}, "cpu", (Prediction("F", 0, 0.5, 0.5),), (heat,), tuple(spots)
    )


ANALYSIS = _analysis()
TestReads = Reads.TestCase
TestReads.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
