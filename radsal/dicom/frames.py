"""The attributes of one frame of an enhanced object (PS3.3 C.7.6.16)."""

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from radsal.dicom.attributes import items, text

_SHARED, _PER_FRAME = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
_GROUPS = (Tag(_SHARED), Tag(_PER_FRAME))  # looked for in every file, by name it takes long

#: Functional group macros: their sequence, and what is taken from its item under which name.
_MACROS: dict[str, dict[str, str]] = {
    "PixelMeasuresSequence": {"PixelSpacing": "PixelSpacing"},  # C.7.6.16.2.1
    "FrameVOILUTSequence": {  # C.7.6.16.2.10, C.7.6.16.2.10b
        name: name
        for name in (
            *("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "VOILUTFunction"),
            "VOILUTSequence",
        )
    },
    "PixelValueTransformationSequence": {  # C.7.6.16.2.9
        name: name for name in ("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence")
    },
    "FrameAnatomySequence": {"FrameLaterality": "ImageLaterality"},  # C.7.6.16.2.8
    "PatientOrientationInFrameSequence": {  # C.7.6.16.2.15
        "PatientOrientation": "PatientOrientation"
    },
    "FrameDisplayShutterSequence": {  # C.7.6.16.2.16
        name: name
        for name in (
            *("ShutterShape", "ShutterLeftVerticalEdge", "ShutterRightVerticalEdge"),
            *("ShutterUpperHorizontalEdge", "ShutterLowerHorizontalEdge"),
            *("CenterOfCircularShutter", "RadiusOfCircularShutter"),
            *("VerticesOfThePolygonalShutter", "ShutterPresentationValue"),
            "ShutterPresentationColorCIELabValue",
        )
    },
}


def data_of_frame(data: Dataset, frame: int) -> Dataset:
    """The data set as one frame (from 1) sees it.

    Attributes of a functional group macro are taken over where the top level has none of that
    macro: first those of the frame's own groups, else those shared by all frames.
    """
    if not any(tag in data for tag in _GROUPS):
        return data
    groups = [*items(data, _PER_FRAME)[frame - 1 : frame], *items(data, _SHARED)[:1]]
    merged = Dataset({tag: data.get_item(tag) for tag in data.keys()})  # noqa: SIM118
    merged.set_original_encoding(*data.original_encoding)
    for macro, names in _MACROS.items():
        if not any(name in data for name in names.values()):
            _take(merged, groups, macro, names)
    return merged


def _take(merged: Dataset, groups: list[Dataset], macro: str, names: dict[str, str]) -> None:
    """Take the attributes of the first group that has the macro."""
    item = next((item for group in groups for item in items(group, macro)[:1]), None)
    for name, taken_as in names.items():
        if item is None or name not in item:
            continue
        if name == taken_as:
            merged[name] = item.get_item(name)
        else:
            merged[taken_as] = DataElement(taken_as, "CS", text(item, name))
