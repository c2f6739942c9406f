"""Nothing is reported that does not belong to the read: promise 1, checked once more at the end."""

from collections.abc import Mapping, Sequence

from radsal.core.errors import IdentityMismatch
from radsal.core.identity import ImageIdentity
from radsal.core.radiograph import ImageHeader
from radsal.core.results import Analysis
from radsal.review.case import same_patient
from radsal.review.read import Read


def check_belonging(
    read: Read, images: Mapping[ImageIdentity, ImageHeader], analyses: Sequence[Analysis]
) -> None:
    """Refuse analyses and headers of something else, and verdicts that a report would lose.

    Raises
    ------
    IdentityMismatch
        One image, exam, patient, model or verdict does not fit the others.
    KeyError
        The header of an analysed image is not given.
    """
    headers = [(item.image, images[item.image]) for item in analyses]
    if any(item.model != read.model for item in analyses):
        raise IdentityMismatch("An analysis of this report was made by another model.")
    if any(header.study_instance_uid != read.study_instance_uid for _, header in headers):
        raise IdentityMismatch("An image of this report belongs to another exam.")
    if any(not same_patient(header, headers[0][1]) for _, header in headers):
        raise IdentityMismatch("An image of this report belongs to another patient.")
    if any(image.sop_instance_uid != header.sop_instance_uid for image, header in headers):
        raise IdentityMismatch("The header of an image of this report is that of another image.")
    there = {(a.image, s.finding, s.method, s.id) for a in analyses for s in a.hot_spots}
    if any((v.image, v.finding, v.method, v.hot_spot) not in there for v in read.verdicts):
        raise IdentityMismatch("The read judges a hot spot that is not in its analyses.")
