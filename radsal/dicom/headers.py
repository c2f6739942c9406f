"""The header of an image as it is listed and shown."""

from pydicom.dataset import Dataset

from radsal.core.errors import RefusalCode
from radsal.core.radiograph import ImageHeader
from radsal.dicom.attributes import ordinal, text, texts
from radsal.dicom.faults import refuse
from radsal.dicom.files.source import Source
from radsal.dicom.pixels.pixelformat import PixelFormat
from radsal.dicom.syntaxes import name_of

_PIXEL_DATA = 0x7FE00010
_TEXTS = (
    *("SOPInstanceUID", "SOPClassUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality"),
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"),
    *("AccessionNumber", "InstitutionName", "StudyDescription", "SeriesDescription"),
    *("SeriesNumber", "InstanceNumber", "BodyPartExamined", "ViewPosition", "ImageLaterality"),
    *("Laterality", "PatientOrientation", "BurnedInAnnotation", "PatientIdentityRemoved"),
)


def check_has_image(source: Source) -> None:
    """Raise Refusal unless the file holds integer pixel data."""
    if source.pixels is not None and source.pixels.tag == _PIXEL_DATA:
        return
    if source.pixels is not None:
        raise refuse(RefusalCode.UNSUPPORTED_PIXELS, "Floating point pixels are not supported.")
    if source.cut or "Rows" in source.data:
        raise refuse(RefusalCode.TRUNCATED, "The file ends before its pixel data.")
    sop_class = text(source.data, "SOPClassUID")
    kind = name_of(sop_class) if sop_class else "an unnamed kind"
    if "Image Storage" in kind:  # cut off between two attributes, or stripped of its pixels
        raise refuse(RefusalCode.TRUNCATED, f"The file ends without pixel data: it is {kind}.")
    raise refuse(RefusalCode.NO_IMAGE, f"The object holds no image: it is {kind}.")


def image_header(source: Source, form: PixelFormat, data: Dataset) -> ImageHeader:
    """The header as it is listed and shown in the corners. Raises Refusal.

    ``data`` is the data set as one frame sees it (:mod:`radsal.dicom.frames`).
    """
    stated = dict(zip(_TEXTS, texts(data, _TEXTS), strict=True))
    for keyword in ("SOPInstanceUID", "StudyInstanceUID"):
        if not stated[keyword]:
            raise refuse(RefusalCode.CORRUPT, f"The header does not state {keyword}.")
    return ImageHeader(
        path=source.path,
        sop_instance_uid=stated["SOPInstanceUID"],
        sop_class_uid=stated["SOPClassUID"],
        study_instance_uid=stated["StudyInstanceUID"],
        series_instance_uid=stated["SeriesInstanceUID"],
        modality=stated["Modality"],
        transfer_syntax=str(source.syntax.uid),
        photometric=form.photometric,
        rows=form.rows,
        columns=form.columns,
        frames=form.frames,
        bits_stored=form.bits_stored,
        lossy=is_lossy(source),
        patient_name=stated["PatientName"],
        patient_id=stated["PatientID"],
        birth_date=stated["PatientBirthDate"],
        sex=stated["PatientSex"],
        study_date=stated["StudyDate"],
        study_time=stated["StudyTime"],
        accession_number=stated["AccessionNumber"],
        institution=stated["InstitutionName"],
        study_description=stated["StudyDescription"],
        series_description=stated["SeriesDescription"],
        series_number=ordinal(stated["SeriesNumber"]),
        instance_number=ordinal(stated["InstanceNumber"]),
        body_part=stated["BodyPartExamined"],
        view_position=stated["ViewPosition"],
        laterality=stated["ImageLaterality"] or stated["Laterality"],
        orientation=_orientation(stated["PatientOrientation"]),
        burned_in=stated["BurnedInAnnotation"],
        deidentified=stated["PatientIdentityRemoved"],
    )


def is_lossy(source: Source) -> bool:
    """Whether the pixels ever were compressed with loss (PS3.3 C.7.6.1.1.5).

    ``LossyImageCompression`` 01, or a transfer syntax that is always lossy. JPEG 2000, HTJ2K and
    JPEG-LS near-lossless may hold lossless data: lossy unless the file says 00.
    """
    stated = text(source.data, "LossyImageCompression")
    if stated == "01" or source.syntax.lossy:
        return True
    return source.syntax.lossy is None and stated != "00"


def _orientation(stated: str) -> tuple[str, str] | None:
    """Patient Orientation (0020,0020) as (rows, columns), or None where not stated in full."""
    row, _, column = stated.partition("\\")
    if not row.strip() or not column.strip() or "\\" in column:
        return None
    return row.strip(), column.strip()
