"""All that RadSal reads of one radiograph, in words: for an engineer who checks a file."""

from collections.abc import Iterator

from radsal.core.badges import badges
from radsal.core.radiograph import (
    GrayscaleChain,
    ImageHeader,
    LookupTable,
    PixelSpacing,
    Radiograph,
    VoiWindow,
)
from radsal.dicom.syntaxes import name_of

Fact = tuple[str, str]
_NONE = "not stated"


def facts(radiograph: Radiograph) -> tuple[Fact, ...]:
    """(what, value) in the order in which the data flows: identity, pixels, gray, geometry."""
    return (
        *_identity(radiograph),
        *_pixels(radiograph),
        *(() if radiograph.is_colour else _chain(radiograph.chain)),
        *_geometry(radiograph.header, radiograph.spacing),
        *_planes(radiograph),
        ("badges", ", ".join(_badges(radiograph)) or "none"),
    )


def _identity(radiograph: Radiograph) -> Iterator[Fact]:
    header = radiograph.header
    yield "file", header.path.name
    yield "patient", header.patient_name or header.patient_id or _NONE
    yield "exam", header.study_instance_uid
    yield "SOP instance", header.sop_instance_uid
    yield "SOP class", name_of(header.sop_class_uid) if header.sop_class_uid else _NONE
    yield "pixels SHA-256", radiograph.identity.pixel_sha256


def _pixels(radiograph: Radiograph) -> Iterator[Fact]:
    header, low_high = radiograph.header, (radiograph.stored.min(), radiograph.stored.max())
    syntax = header.transfer_syntax
    yield "transfer syntax", name_of(syntax) if syntax else header.media_type
    yield "photometric", header.photometric
    frames = f", {header.frames} frames" if header.frames > 1 else ""
    yield "rows × columns", f"{header.rows} × {header.columns}{frames}"
    sign = "signed" if radiograph.chain.signed else "unsigned"
    yield "stored values", f"{header.bits_stored} bits {sign}, {low_high[0]} to {low_high[1]}"


def _chain(chain: GrayscaleChain) -> Iterator[Fact]:
    yield "modality stage", _modality(chain)
    choices: tuple[VoiWindow | LookupTable, ...] = (*chain.luts, *chain.windows)
    for number, voi in enumerate(choices, 1):
        yield f"VOI {number}", _voi(voi) + (" (default)" if number == 1 else "")
    if not choices:
        yield "VOI", "none stated: automatic window"
    yield "polarity", "low values are white" if chain.inverted else "low values are black"
    if chain.padding is not None:
        low, high = chain.padding
        yield "padding", str(low) if low == high else f"{low} to {high}"


def _modality(chain: GrayscaleChain) -> str:
    stage = chain.modality
    if isinstance(stage, LookupTable):
        return f"LUT, {_table(stage)}"
    return f"value × {stage.slope:g} + {stage.intercept:g}"


def _voi(voi: VoiWindow | LookupTable) -> str:
    name = f"{voi.explanation}: " if voi.explanation else ""
    if isinstance(voi, LookupTable):
        return f"{name}LUT, {_table(voi)}"
    return f"{name}center {voi.center:g}, width {voi.width:g}, {voi.function.value}"


def _table(table: LookupTable) -> str:
    last = table.first_mapped + table.data.size - 1
    return f"{table.data.size:,} entries of {table.bits} bits, from {table.first_mapped} to {last}"


def _geometry(header: ImageHeader, spacing: PixelSpacing) -> Iterator[Fact]:
    millimetres = ""
    if spacing.row_mm is not None:
        millimetres = f"{spacing.row_mm:g} × {spacing.column_mm:g} mm, "
    factor = f", magnified {spacing.magnification:g} times" if spacing.magnification else ""
    yield "spacing", f"{millimetres}{spacing.basis.value}{factor}"
    if spacing.aspect != 1:
        yield "pixel aspect", f"{spacing.aspect:g} times as high as wide"
    yield "orientation", "\\".join(header.orientation) if header.orientation else _NONE
    yield "laterality, view", f"{header.laterality or _NONE}, {header.view_position or _NONE}"


def _planes(radiograph: Radiograph) -> Iterator[Fact]:
    for overlay in radiograph.overlays:
        rows, columns = overlay.plane.shape
        kind = "region" if overlay.region else "graphics"
        yield f"overlay {overlay.group:04X}", f"{rows} × {columns}, {kind} {overlay.label}".strip()
    if radiograph.shutter is not None:
        hidden = radiograph.shutter.hidden.mean()
        yield "shutter", f"hides {hidden:.1%} of the image"


def _badges(radiograph: Radiograph) -> Iterator[str]:
    header = radiograph.header
    yield from badges(header)
    if header.deidentified.upper() == "YES":
        yield "identity removed"
