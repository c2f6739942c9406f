"""How far the map is that a reading waits for, or why it will not come."""

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from radsal.core.errors import KnownError, RadSalError
from radsal.core.progress import Progress


@dataclass(eq=False)
class Asking:
    """The state of one question to the model; nothing of it outlives the question.

    Attributes
    ----------
    subject:
        What is, or was, asked for in words: ``Integrated Gradients for Effusion``.
    progress:
        How far the answer is, None while none is waited for.
    ended:
        Why no answer came, one or two sentences; nothing where one did, or is waited for.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    subject: str = ""
    progress: Progress | None = None
    ended: str = ""

    def begin(self, subject: str) -> None:
        """An answer is waited for."""
        self.subject, self.ended = subject, ""
        self.progress = Progress(0, 0, "Waiting for the model")

    def go_on(self, progress: Progress) -> None:
        """The answer has come so far."""
        if progress.what or self.progress is None:
            self.progress = progress
        else:  # nothing new is said
            self.progress = Progress(progress.done, progress.total, self.progress.what)

    def end(self, why: str = "") -> None:
        """Nothing is waited for any more: the answer is there, or this is why not."""
        self.ended = why
        self.progress = None

    def fail(self, error: RadSalError) -> None:
        """There is no answer, and this is what can be done."""
        remedy = error.remedy if isinstance(error, KnownError) else ""
        self.end(f"{error} {remedy}".strip())

    @property
    def far(self) -> str:
        """How far it is in words: ``12 of 50``, or ``Loading the model · 0 of 3``."""
        if self.progress is None:
            return ""
        what, done, total = self.progress.what, self.progress.done, self.progress.total
        named = self.subject.startswith(what.partition(",")[0])  # a method's step has its name
        steps = f"{done:,} of {total:,}" if total else ""
        return " · ".join(part for part in ("" if named else what, steps) if part) or "at work"
