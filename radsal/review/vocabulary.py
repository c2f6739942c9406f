"""The words of a verdict, as fixed for every screen, report and export."""

from enum import StrEnum


class Agreement(StrEnum):
    """Whether the hot spot lies where an expert would look for the finding."""

    AGREE = "agree"
    PARTLY = "partly"
    DISAGREE = "disagree"
    CANNOT_ASSESS = "cannot-assess"


class Cause(StrEnum):
    """What an expert sees under the hot spot."""

    FINDING = "finding"
    OTHER_ANATOMY = "other-anatomy"
    TEXT = "text"
    MARKER = "marker"
    DEVICE = "device"
    BORDER = "border"
    OTHER_ARTIFACT = "other-artifact"
    NOISE = "noise"

    @property
    def words(self) -> str:
        """The word on buttons and in reports."""
        return _WORDS[self]


_WORDS = {
    Cause.FINDING: "finding",
    Cause.OTHER_ANATOMY: "other anatomy",
    Cause.TEXT: "text",
    Cause.MARKER: "marker",
    Cause.DEVICE: "device",
    Cause.BORDER: "border",
    Cause.OTHER_ARTIFACT: "other artifact",
    Cause.NOISE: "noise",
}

MEANINGS = {
    Cause.FINDING: "the anatomy that fits the finding",
    Cause.OTHER_ANATOMY: "anatomy that does not explain the finding",
    Cause.TEXT: "ID tag or other burned-in text",
    Cause.MARKER: "laterality marker, L or R",
    Cause.DEVICE: "line, tube, pacemaker, electrode",
    Cause.BORDER: "collimation, film edge, outside the body",
    Cause.OTHER_ARTIFACT: "any other artifact",
    Cause.NOISE: "nothing that could be named",
}


def usual_agreement(cause: Cause) -> Agreement:
    """The agreement that a cause implies when a reader gives both with one key."""
    return Agreement.AGREE if cause is Cause.FINDING else Agreement.DISAGREE
