"""A verdict, and the read that holds a reader's verdicts of one case."""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from radsal.core.errors import ReviewError
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.review.vocabulary import Agreement, Cause


def now() -> datetime:
    """The present moment in UTC, to the millisecond: what the store keeps."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class ReadState(StrEnum):
    """draft -> signed -> amended; a signed read is never overwritten."""

    DRAFT = "draft"
    SIGNED = "signed"
    AMENDED = "amended"  # superseded by a later signed read that names it


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reader's judgement of one hot spot.

    Attributes
    ----------
    image, finding, method, hot_spot:
        What was judged: the frame, the map it was cut from and the hot spot's id.
    agreement, cause:
        ``cause`` is None only with ``cannot-assess``.
    given_at:
        When, in UTC.
    """

    image: ImageIdentity
    finding: str
    method: str
    hot_spot: str
    agreement: Agreement
    cause: Cause | None
    note: str = ""
    given_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def __post_init__(self) -> None:
        if self.given_at.tzinfo is None:
            raise ValueError("times carry their zone")
        if (self.cause is None) != (self.agreement is Agreement.CANNOT_ASSESS):
            raise ReviewError("A verdict names a cause, unless the hot spot cannot be assessed.")
        if self.agreement is Agreement.AGREE and self.cause is not Cause.FINDING:
            raise ReviewError("To agree means that the hot spot lies on the finding.")

    @property
    def subject(self) -> tuple[ImageIdentity, str]:
        """What makes two verdicts answers to the same question."""
        return self.image, self.hot_spot


@dataclass(frozen=True, slots=True)
class Read:
    """One reader's whole reading of one case with one model.

    Attributes
    ----------
    id:
        UUID as 32 hexadecimal digits.
    study_instance_uid:
        The case: one exam.
    revision:
        Counts the saves; 0 before the first one.
    amends:
        Id of the signed read that this one corrects.
    comment:
        The reader's overall remark.
    """

    id: str
    study_instance_uid: str
    reader: str
    model: ModelIdentity
    started_at: datetime
    updated_at: datetime
    state: ReadState = ReadState.DRAFT
    verdicts: tuple[Verdict, ...] = ()
    comment: str = ""
    revision: int = 0
    amends: str | None = None
    signed_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.reader.strip():
            raise ReviewError("A read needs the name of its reader.")
        moments = (self.started_at, self.updated_at, self.signed_at)
        if any(at is not None and at.tzinfo is None for at in moments):
            raise ValueError("times carry their zone")
        if self.revision < 0 or self.amends == self.id:
            raise ValueError("a read counts its saves from 0 and amends another read")
        if (self.signed_at is None) != (self.state is ReadState.DRAFT):
            raise ValueError("a read has a time of signature exactly when it is no draft")
        if len({v.subject for v in self.verdicts}) != len(self.verdicts):
            raise ValueError("a hot spot has one verdict in a read")

    @classmethod
    def begin(cls, study_instance_uid: str, reader: str, model: ModelIdentity) -> "Read":
        """A new, empty draft."""
        at = now()
        return cls(uuid.uuid4().hex, study_instance_uid, reader, model, at, at)

    def verdict_on(self, image: ImageIdentity, hot_spot: str) -> Verdict | None:
        """The verdict on a hot spot of an image, or None."""
        return next((v for v in self.verdicts if v.subject == (image, hot_spot)), None)

    def judge(self, verdict: Verdict) -> "Read":
        """The read with this verdict, in place of an earlier one on the same hot spot.

        Raises
        ------
        ReviewError
            The read is signed.
        """
        kept = tuple(v for v in self.verdicts if v.subject != verdict.subject)
        return self._change(verdicts=(*kept, verdict))

    def withdraw(self, image: ImageIdentity, hot_spot: str) -> "Read":
        """The read without the verdict on that hot spot; the same read where there is none."""
        if self.verdict_on(image, hot_spot) is None:
            return self
        subject = (image, hot_spot)
        return self._change(verdicts=tuple(v for v in self.verdicts if v.subject != subject))

    def remark(self, comment: str) -> "Read":
        """The read with another overall remark."""
        return self if comment == self.comment else self._change(comment=comment)

    def sign(self) -> "Read":
        """The read, locked under the reader's name."""
        at = now()
        return self._change(state=ReadState.SIGNED, signed_at=at)

    def amendment(self) -> "Read":
        """A new draft that starts from this signed read and names it.

        Raises
        ------
        ReviewError
            The read is not signed, or was amended already.
        """
        if self.state is not ReadState.SIGNED:
            raise ReviewError("Only a signed read that stands can be amended.")
        draft = Read.begin(self.study_instance_uid, self.reader, self.model)
        return replace(draft, verdicts=self.verdicts, comment=self.comment, amends=self.id)

    def _change(self, **changes: object) -> "Read":
        if self.state is not ReadState.DRAFT:
            raise ReviewError(
                "This read is signed and cannot be changed.", remedy="Amend it instead."
            )
        return replace(self, updated_at=now(), **changes)  # type: ignore[arg-type]
