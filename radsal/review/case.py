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


def group_cases(headers: Iterable[ImageHeader], known: Iterable[Case] = ()) -> tuple[Case, ...]:
    """Cases in the order in which their first image was met, after those known already."""
    cases = {case.study_instance_uid: case for case in known}
    for header in headers:
        uid = header.study_instance_uid
        cases[uid] = cases[uid].with_image(header) if uid in cases else Case(uid, (header,))
    return tuple(cases.values())


def _reading_order(image: ImageHeader) -> tuple[float, float, str]:
    last = float("inf")
    return (
        last if image.series_number is None else image.series_number,
        last if image.instance_number is None else image.instance_number,
        image.sop_instance_uid,
    )
