"""A case: one exam's images, as a reader works through them."""

from collections.abc import Iterable
from dataclasses import dataclass

from radsal.core.radiograph import ImageHeader


@dataclass(frozen=True, slots=True)
class Case:
    """The images of one exam in reading order: series, then instance number.

    The same SOP instance found in two files stands once; the path met first is kept.
    """

    study_instance_uid: str
    images: tuple[ImageHeader, ...]

    def __post_init__(self) -> None:
        if not self.images:
            raise ValueError("a case has at least one image")
        if any(i.study_instance_uid != self.study_instance_uid for i in self.images):
            raise ValueError("all images of a case belong to one exam")
        if any(not same_patient(i, self.first) for i in self.images):
            raise ValueError("all images of a case belong to one patient")

    @property
    def first(self) -> ImageHeader:
        """The image shown first; it also names the patient in lists."""
        return self.images[0]

    def with_image(self, image: ImageHeader) -> "Case":
        """The case with one more image; itself where that SOP instance is there already."""
        if any(i.sop_instance_uid == image.sop_instance_uid for i in self.images):
            return self
        images = sorted((*self.images, image), key=_reading_order)
        return Case(self.study_instance_uid, tuple(images))


def same_patient(one: ImageHeader, other: ImageHeader) -> bool:
    """Whether two images name the same patient: Patient ID, name and birth date agree."""
    return (one.patient_id, one.patient_name, one.birth_date) == (
        other.patient_id,
        other.patient_name,
        other.birth_date,
    )


def group_cases(
    headers: Iterable[ImageHeader], known: Iterable[Case] = ()
) -> tuple[tuple[Case, ...], tuple[ImageHeader, ...]]:
    """Cases in the order in which their first image was met, after those known already.

    Returns
    -------
    The cases, and the images that carry the Study Instance UID of another patient's exam: they
    must be refused, never shown among the other patient's.
    """
    cases = {case.study_instance_uid: case for case in known}
    strangers: list[ImageHeader] = []
    for header in headers:
        case = cases.get(header.study_instance_uid)
        if case is None:
            cases[header.study_instance_uid] = Case(header.study_instance_uid, (header,))
        elif same_patient(header, case.first):
            cases[header.study_instance_uid] = case.with_image(header)
        else:
            strangers.append(header)
    return tuple(cases.values()), tuple(strangers)


def _reading_order(image: ImageHeader) -> tuple[float, float, str]:
    last = float("inf")
    return (
        last if image.series_number is None else image.series_number,
        last if image.instance_number is None else image.instance_number,
        image.sop_instance_uid,
    )
