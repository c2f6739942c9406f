"""Phantoms as DICOM: Digital X-Ray Image Storage - For Presentation (PS3.3 A.26)."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Literal

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
)

from radsal.demo.phantom import Phantom

Compression = Literal["none", "jpeg-ls"]
#: PS3.16 CID 4010, DX View.
_VIEW_CODES = {
    "AP": ("399348003", "SCT", "antero-posterior"),
    "PA": ("272479007", "SCT", "postero-anterior"),
}
_BITS = 12
_FULL = 2**_BITS - 1


def write_phantom(
    phantom: Phantom, path: Path, *, monochrome1: bool, compression: Compression = "jpeg-ls"
) -> Path:
    """Write the phantom as a DX file and return its path.

    With ``monochrome1`` the stored values are inverted (0 shows white, PS3.3 C.7.6.3.1.2). Both
    compressions are lossless. The same phantom gives the same bytes.
    """
    dataset = phantom_dataset(phantom, monochrome1=monochrome1)
    dataset.set_pixel_data(
        _stored(phantom, monochrome1),
        str(dataset.PhotometricInterpretation),
        _BITS,
        generate_instance_uid=False,
    )
    if compression == "jpeg-ls":
        dataset.compress(JPEGLSLossless, generate_instance_uid=False)
    dataset["PixelData"].VR = "OW" if compression == "none" else "OB"
    dataset.save_as(path, enforce_file_format=True)
    return path


def _stored(
    phantom: Phantom, monochrome1: bool
) -> np.ndarray[tuple[int, int], np.dtype[np.uint16]]:
    return np.ascontiguousarray(_FULL - phantom.pixels if monochrome1 else phantom.pixels)


def phantom_dataset(phantom: Phantom, *, monochrome1: bool) -> FileDataset:
    """All attributes of the phantom's DX file but its Pixel Data."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = phantom_uid(phantom, monochrome1, "instance")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    _patient_and_study(dataset, phantom, monochrome1)
    _equipment_and_series(dataset, phantom, monochrome1)
    _acquisition(dataset, phantom)
    _image(dataset, phantom)
    _grayscale(dataset, monochrome1)
    return dataset


def phantom_uid(phantom: Phantom, monochrome1: bool, part: str) -> UID:
    """A 2.25 UID that depends on the pixels, their polarity and the part it names only."""
    told = f"radsal/{part}/{phantom.seed}/{monochrome1}/{phantom.pixels.shape}".encode()
    digest = hashlib.sha256(told + phantom.pixels.tobytes()).digest()
    return UID(f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}")


def _patient_and_study(dataset: Dataset, phantom: Phantom, monochrome1: bool) -> None:
    who = phantom.identity
    clock = 28800 + phantom.seed * 977 % 36000
    time = f"{clock // 3600:02d}{clock // 60 % 60:02d}{clock % 60:02d}"
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName = who.person_name
    dataset.PatientID = who.patient_id
    dataset.PatientBirthDate = f"{who.birth_date:%Y%m%d}"
    dataset.PatientSex = who.sex
    dataset.PatientAge = f"{who.age:03d}Y"
    dataset.PatientComments = "Synthetic radiograph. No such person exists."
    dataset.StudyInstanceUID = phantom_uid(phantom, monochrome1, "study")
    for stage in ("Study", "Series", "Acquisition", "Content"):
        setattr(dataset, f"{stage}Date", f"{who.study_date:%Y%m%d}")
        setattr(dataset, f"{stage}Time", time)
    dataset.ReferringPhysicianName = ""
    dataset.StudyID = str(phantom.seed)
    dataset.AccessionNumber = who.accession
    dataset.StudyDescription = "CHEST (SYNTHETIC)"


def _equipment_and_series(dataset: Dataset, phantom: Phantom, monochrome1: bool) -> None:
    dataset.Modality = "DX"
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.SeriesInstanceUID = phantom_uid(phantom, monochrome1, "series")
    dataset.SeriesNumber = 1
    dataset.SeriesDescription = f"Chest {phantom.view}"
    dataset.PatientOrientation = ["L", "F"]
    dataset.Manufacturer = "RadSal"
    dataset.ManufacturerModelName = "Chest phantom"
    dataset.DeviceSerialNumber = "0"
    dataset.SoftwareVersions = "1"
    dataset.InstitutionName = "RadSal synthetic data"


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _acquisition(dataset: Dataset, phantom: Phantom) -> None:
    """Anatomy, positioning, detector and acquisition context (PS3.3 C.8.11)."""
    dataset.BodyPartExamined = "CHEST"
    dataset.AnatomicRegionSequence = Sequence([_code("816094009", "SCT", "Chest")])
    dataset.ImageLaterality = "U"
    dataset.ViewPosition = phantom.view
    view = _code(*_VIEW_CODES[phantom.view])
    view.ViewModifierCodeSequence = Sequence([])
    dataset.ViewCodeSequence = Sequence([view])
    dataset.PositionerType = "NONE"
    dataset.DetectorType = "SCINTILLATOR"
    dataset.DetectorConfiguration = "AREA"
    dataset.DetectorDescription = "Simulated, 60 keV effective energy"
    dataset.FieldOfViewShape = "RECTANGLE"
    rows, columns = phantom.pixels.shape
    dataset.FieldOfViewDimensions = [
        round(rows * phantom.spacing_mm),
        round(columns * phantom.spacing_mm),
    ]
    dataset.ImagerPixelSpacing = [_decimal(phantom.spacing_mm)] * 2
    dataset.AcquisitionContextSequence = Sequence([])
    dataset.KVP = "120"
    dataset.AcquisitionDeviceProcessingDescription = "Simulated film tones"


def _decimal(value: float) -> str:
    return f"{value:.6f}"


def _image(dataset: Dataset, phantom: Phantom) -> None:
    dataset.InstanceNumber = 1
    dataset.ImageType = ["ORIGINAL", "PRIMARY", ""]
    dataset.BurnedInAnnotation = "YES" if phantom.tags else "NO"
    dataset.LossyImageCompression = "00"
    # The beam is parallel: lengths at the detector are lengths in the patient.
    dataset.PixelSpacing = [_decimal(phantom.spacing_mm)] * 2
    dataset.PixelSpacingCalibrationType = "GEOMETRY"
    dataset.PixelSpacingCalibrationDescription = "Simulated parallel beam, no magnification"


def _grayscale(dataset: Dataset, monochrome1: bool) -> None:
    """Grayscale: identity modality transform, one linear window, polarity (PS3.3 C.8.11.3)."""
    dataset.PhotometricInterpretation = "MONOCHROME1" if monochrome1 else "MONOCHROME2"
    dataset.PresentationLUTShape = "INVERSE" if monochrome1 else "IDENTITY"
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = -1 if monochrome1 else 1
    dataset.RescaleIntercept = "0"
    dataset.RescaleSlope = "1"
    dataset.RescaleType = "US"
    dataset.WindowCenter = "2048"
    dataset.WindowWidth = "4096"
    dataset.WindowCenterWidthExplanation = "FULL"
    dataset.VOILUTFunction = "LINEAR"
