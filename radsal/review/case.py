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

    def with_images(self, images: Iterable[ImageHeader]) -> "Case":
        """The case with more images; itself where all those SOP instances are there already."""
        met = {image.sop_instance_uid: image for image in self.images}
        for image in images:
            met.setdefault(image.sop_instance_uid, image)
        if len(met) == len(self.images):
            return self
        return Case(self.study_instance_uid, tuple(sorted(met.values(), key=_reading_order)))


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
    fresh: dict[str, list[ImageHeader]] = {}
    strangers: list[ImageHeader] = []
    for header in headers:
        uid = header.study_instance_uid
        case = cases.setdefault(uid, Case(uid, (header,)))
        if same_patient(header, case.first):
            fresh.setdefault(uid, []).append(header)
        else:
            strangers.append(header)
    for uid, images in fresh.items():  # an exam of thousands of slices is sorted once per batch
        cases[uid] = cases[uid].with_images(images)
    return tuple(cases.values()), tuple(strangers)


def _reading_order(image: ImageHeader) -> tuple[float, float, str]:
    last = float("inf")
    return (
        last if image.series_number is None else image.series_number,
        last if image.instance_number is None else image.instance_number,
        image.sop_instance_uid,
    )
