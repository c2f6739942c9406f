"""Who a result belongs to. Every result carries these, and is dropped where they differ."""

import re
from dataclasses import dataclass

_SHA256 = re.compile(r"[0-9a-f]{64}")


def check_sha256(value: str) -> None:
    """Raise ValueError unless ``value`` is a lower-case hexadecimal SHA-256."""
    if not _SHA256.fullmatch(value):
        raise ValueError(f"not a SHA-256 in lower-case hexadecimal: {value!r}")


@dataclass(frozen=True, slots=True)
class ImageIdentity:
    """One frame of one SOP instance, by name and by content.

    Attributes
    ----------
    sop_instance_uid:
        (0008,0018).
    frame:
        Frame number, from 1 as in DICOM.
    pixel_sha256:
        SHA-256 of the decoded stored values of that frame: rows, columns and dtype as the ASCII
        text ``"<rows>x<columns>:<dtype>:"`` (dtype as NumPy's little-endian string, ``<u2``),
        then the values in C order, little endian. Independent of the transfer syntax. Of a colour
        image the RGB values, ``"<rows>x<columns>x3:|u1:"``.
    """

    sop_instance_uid: str
    frame: int
    pixel_sha256: str

    def __post_init__(self) -> None:
        if not self.sop_instance_uid:
            raise ValueError("an image needs a SOP Instance UID")
        if self.frame < 1:
            raise ValueError(f"frames are counted from 1, got {self.frame}")
        check_sha256(self.pixel_sha256)


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """A model package: its id and the SHA-256 over its content."""

    id: str
    sha256: str

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a model needs an id")
        check_sha256(self.sha256)
