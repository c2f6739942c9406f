"""The displayed frame of a radiograph: stored pixels, grayscale chain, geometry, identity."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radsal.core.frozen import Rebuilt
from radsal.core.identity import ImageIdentity
from radsal.core.planes import Overlay, Shutter

DICOM = "application/dicom"


class VoiFunction(StrEnum):
    """VOI LUT Function (0028,1056), PS3.3 C.11.2.1.2 and C.11.2.1.3."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


class SpacingBasis(StrEnum):
    """What the millimetres of a spacing refer to (PS3.3 10.7.1.3)."""

    CALIBRATED = "calibrated"  # in the patient: PixelSpacing that differs from the detector's
    DETECTOR_PLANE = "detector-plane"  # ImagerPixelSpacing, at the front of the detector
    PIXELS_ONLY = "pixels-only"  # the file states no usable spacing


@dataclass(frozen=True, slots=True)
class VoiWindow:
    """Window center and width (0028,1050/1051) in units after the modality stage."""

    center: float
    width: float
    function: VoiFunction = VoiFunction.LINEAR
    explanation: str = ""

    def __post_init__(self) -> None:
        if not np.isfinite([self.center, self.width]).all():
            raise ValueError("window center and width must be finite")
        if self.function is VoiFunction.LINEAR and self.width < 1:
            raise ValueError(f"a LINEAR window is at least 1 wide, got {self.width}")
        if self.width <= 0:
            raise ValueError(f"a window is wider than 0, got {self.width}")


@dataclass(frozen=True, slots=True)
class Rescale:
    """Rescale Slope and Intercept (0028,1053/1052): ``value * slope + intercept``."""

    slope: float = 1.0
    intercept: float = 0.0

    def __post_init__(self) -> None:
        if not np.isfinite([self.slope, self.intercept]).all() or self.slope == 0:
            raise ValueError(f"impossible rescale: {self.slope}, {self.intercept}")


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable(Rebuilt):
    """A Modality or VOI LUT Sequence item (PS3.3 C.11.1.1.1, C.11.2.1.1).

    Attributes
    ----------
    first_mapped:
        Input value of the first entry; below it the first entry holds, past the end the last.
    bits:
        Bits per entry, 8 to 16: outputs run from 0 to ``2**bits - 1``.
    data:
        uint16, (entries,), read only.
    """

    first_mapped: int
    bits: int
    data: NDArray[np.uint16]
    explanation: str = ""

    def __post_init__(self) -> None:
        if self.data.ndim != 1 or self.data.size == 0 or self.data.dtype != np.uint16:
            raise ValueError("a lookup table is a non-empty row of uint16")
        if not 1 <= self.bits <= 16:
            raise ValueError(f"a lookup table has 1 to 16 bits per entry, got {self.bits}")
        self.data.setflags(write=False)


@dataclass(frozen=True, slots=True)
class GrayscaleChain:
    """What the file says of the way from stored values to gray (PS3.3 C.11).

    Attributes
    ----------
    bits_stored, signed:
        (0028,0101) and Pixel Representation (0028,0103).
    modality:
        Rescale or Modality LUT.
    windows, luts:
        The file's VOI windows and VOI LUTs in file order. Where both are there a LUT is the
        default: it is what the vendor displayed.
    inverted:
        Low values are white: Presentation LUT Shape INVERSE, or MONOCHROME1 where no shape is
        given. Applied last.
    padding:
        Pixel Padding Value and Range Limit as (low, high) stored values, both inclusive.
    """

    bits_stored: int
    signed: bool
    modality: Rescale | LookupTable = Rescale()
    windows: tuple[VoiWindow, ...] = ()
    luts: tuple[LookupTable, ...] = ()
    inverted: bool = False
    padding: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.bits_stored <= 16:
            raise ValueError(f"bits stored must be 1 to 16, got {self.bits_stored}")
        if self.padding is not None and self.padding[0] > self.padding[1]:
            raise ValueError(f"padding range is turned round: {self.padding}")

    @property
    def stored_range(self) -> tuple[int, int]:
        """Lowest and highest stored value that the bits can hold, inclusive."""
        if self.signed:
            half = 1 << (self.bits_stored - 1)
            return -half, half - 1
        return 0, (1 << self.bits_stored) - 1


@dataclass(frozen=True, slots=True)
class PixelSpacing:
    """Distance between pixel centres. Millimetres are None where the basis is pixels only.

    Attributes
    ----------
    row_mm, column_mm:
        Between adjacent rows (vertical) and between adjacent columns (PS3.3 10.7.1.3).
    magnification:
        Estimated Radiographic Magnification Factor (0018,1114), never applied.
    aspect:
        Height of a pixel over its width: of the spacing, else of Pixel Aspect Ratio (0028,0034).
    """

    row_mm: float | None = None
    column_mm: float | None = None
    basis: SpacingBasis = SpacingBasis.PIXELS_ONLY
    magnification: float | None = None
    aspect: float = 1.0

    def __post_init__(self) -> None:
        given = [mm for mm in (self.row_mm, self.column_mm) if mm is not None]
        if len(given) != (0 if self.basis is SpacingBasis.PIXELS_ONLY else 2):
            raise ValueError("millimetres are given exactly where there is a basis for them")
        if self.magnification is not None:
            given.append(self.magnification)
        if not all(0 < value < np.inf for value in (*given, self.aspect)):
            raise ValueError("pixel spacing, aspect and magnification must be positive")


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the list of cases and the corners of the image show. Texts are as in the file.

    Empty strings stand for attributes that are absent or empty. Dates and times are DICOM's DA
    and TM. ``orientation`` is Patient Orientation (0020,0020): the direction of the rows (to the
    right) and of the columns (downwards), such as ``("L", "F")``, or None where not stated.

    ``media_type`` is ``application/dicom``, or that of a plain picture (``image/png``,
    ``image/jpeg``): a picture states no patient, no exam and no calibration, its UIDs are made
    from the SHA-256 of the file, and its ``transfer_syntax`` is empty.
    """

    path: Path
    sop_instance_uid: str
    sop_class_uid: str
    study_instance_uid: str
    series_instance_uid: str
    modality: str
    transfer_syntax: str
    photometric: str
    rows: int
    columns: int
    frames: int
    bits_stored: int
    lossy: bool
    patient_name: str = ""
    patient_id: str = ""
    birth_date: str = ""
    sex: str = ""
    study_date: str = ""
    study_time: str = ""
    accession_number: str = ""
    institution: str = ""
    study_description: str = ""
    series_description: str = ""
    series_number: int | None = None
    instance_number: int | None = None
    body_part: str = ""
    view_position: str = ""
    laterality: str = ""
    orientation: tuple[str, str] | None = None
    burned_in: str = ""  # Burned In Annotation (0028,0301): YES, NO or not stated
    deidentified: str = ""  # Patient Identity Removed (0012,0062): YES, NO or not stated
    media_type: str = DICOM

    def __post_init__(self) -> None:
        if not self.sop_instance_uid or not self.study_instance_uid:
            raise ValueError("an image needs its SOP Instance UID and its Study Instance UID")
        if self.rows < 1 or self.columns < 1 or self.frames < 1:
            raise ValueError("an image has at least one row, column and frame")

    @property
    def is_dicom(self) -> bool:
        """Not a plain picture."""
        return self.media_type == DICOM


_STORED_TYPES = frozenset({"uint8", "int8", "uint16", "int16"})


@dataclass(frozen=True, slots=True, eq=False)
class Radiograph(Rebuilt):
    """One displayed frame of one SOP instance.

    Attributes
    ----------
    stored:
        Stored values, (rows, columns), uint8, int8, uint16 or int16, C order, read only. Of a
        colour image its RGB values, (rows, columns, 3), uint8: what YBR or a palette stood for.
    chain:
        From stored values to gray; of a colour image without meaning.
    overlays, shutter:
        Bit planes of the file that lie over the display; none of them reaches a model.
    """

    header: ImageHeader
    identity: ImageIdentity
    stored: NDArray[np.integer]
    chain: GrayscaleChain
    spacing: PixelSpacing = PixelSpacing()
    overlays: tuple[Overlay, ...] = ()
    shutter: Shutter | None = None

    def __post_init__(self) -> None:
        colour = self.stored.ndim == 3 and self.stored.shape[2] == 3
        if not colour and self.stored.ndim != 2:
            raise ValueError("stored values are a 2-D array, or RGB in a third dimension")
        if self.stored.dtype.name not in (("uint8",) if colour else _STORED_TYPES):
            raise ValueError("stored values are 8 or 16 bit integers, of colour images 8 bit")
        if self.stored.shape[:2] != self.shape:
            raise ValueError("stored values and header disagree about rows and columns")
        if self.identity.sop_instance_uid != self.header.sop_instance_uid:
            raise ValueError("identity and header name different SOP instances")
        if not 1 <= self.identity.frame <= self.header.frames:
            raise ValueError(f"there is no frame {self.identity.frame}")
        if self.shutter is not None and self.shutter.hidden.shape != self.shape:
            raise ValueError("the shutter has another shape than the image")
        self.stored.setflags(write=False)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.header.rows, self.header.columns

    @property
    def is_colour(self) -> bool:
        """Shown in its own colours: no window, no polarity."""
        return self.stored.ndim == 3
