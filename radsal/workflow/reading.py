"""A reader's read of a case: begun or resumed, judged, and saved before it counts."""

from collections.abc import Iterable
from typing import NamedTuple

from radsal.core.errors import IdentityMismatch
from radsal.core.identity import ModelIdentity
from radsal.core.radiograph import ImageHeader, Radiograph
from radsal.core.results import Analysis, HotSpot
from radsal.review.case import Case
from radsal.review.read import Read, Verdict, now
from radsal.review.vocabulary import Agreement, Cause, usual_agreement
from radsal.storage import Store


class Seen(NamedTuple):
    """An image by its header, and the analysis of it that was looked at."""

    header: ImageHeader
    analysis: Analysis


def resume_or_begin(store: Store, case: Case, reader: str, model: ModelIdentity) -> Read:
    """The reader's draft or signed read of the case with this model, or a new draft (unsaved)."""
    found = store.open_read(case.study_instance_uid, reader, model)
    return found or Read.begin(case.study_instance_uid, reader, model)


def verdict_for(
    radiograph: Radiograph,
    spot: HotSpot,
    cause: Cause | None,
    agreement: Agreement | None = None,
    note: str = "",
) -> Verdict:
    """A verdict given now. No cause means that the hot spot cannot be assessed."""
    if agreement is None:
        agreement = usual_agreement(cause) if cause else Agreement.CANNOT_ASSESS
    return Verdict(
        radiograph.identity, spot.finding, spot.method, spot.id, agreement, cause, note, now()
    )


def save(
    store: Store,
    read: Read,
    radiograph: Radiograph,
    analysis: Analysis,
    seen: Iterable[Seen] = (),
) -> Read:
    """Save a read together with what it judges; it is durable when this returns.

    Parameters
    ----------
    seen:
        What its report shows besides: other images that were looked at, other maps that were
        judged and are not stored yet.

    Returns the read with its new revision.

    Raises
    ------
    IdentityMismatch
        The analysis is that of another image or model, or the image is of another exam.
    """
    if analysis.image != radiograph.identity:
        raise IdentityMismatch("The analysis belongs to another image than the one judged.")
    everything = (*seen, Seen(radiograph.header, analysis))
    for header, shown in everything:
        if shown.model != read.model:
            raise IdentityMismatch("The analysis was made by another model than the read's.")
        if header.study_instance_uid != read.study_instance_uid:
            raise IdentityMismatch("The image belongs to another exam than the read.")
    for header, shown in everything:
        store.save_image(header, shown.image)
        store.save_analysis(shown)
    return store.save_read(read)
