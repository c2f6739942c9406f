"""The JSON documents: one analysis, and one read with all that it judges."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import ImageHeader
from radsal.core.results import Analysis, HotSpot, Prediction, SaliencyMap
from radsal.exports.belonging import check_belonging
from radsal.exports.method_words import Value, cautions, parameters_of
from radsal.exports.writing import write_whole
from radsal.review.read import Read, Verdict

READ_SCHEMA = "radsal.read/1"
NOTICE = "Research use only. Not for diagnostic use."

Document = dict[str, Any]

_CASE = (
    "patient_name",
    "patient_id",
    "birth_date",
    "sex",
    "study_date",
    "study_time",
    "accession_number",
    "study_description",
)
# what a hot spot overlaps; null until it has been determined
_LEDGER = ("lung", "outside_body", "text", "marker", "device", "border")


def analysis_document(
    header: ImageHeader, analysis: Analysis, map_files: Mapping[str, str] | None = None
) -> Document:
    """One entry of ``results`` in ``radsal.analysis/1``.

    Parameters
    ----------
    map_files:
        File name of the map of a finding, as written by
        :func:`~radsal.exports.maps_npz.write_map`; a finding without one has ``null``.
    """
    files = map_files or {}
    return {
        "image": image_document(header, analysis.image),
        "model": model_document(analysis.model),
        "device": analysis.device,
        "method": analysis.method,
        "parameters": parameters_of(analysis),
        "cautions": list(cautions(analysis.method)),
        "notes": list(analysis.notes),
        "predictions": [_prediction(item) for item in analysis.predictions],
        "maps": [_map(analysis, item, files.get(item.finding)) for item in analysis.maps],
        "hot_spots": [_hot_spot(item) for item in analysis.hot_spots],
    }


def read_document(
    read: Read, images: Mapping[ImageIdentity, ImageHeader], analyses: Sequence[Analysis]
) -> Document:
    """``radsal.read/1``: a read, whose it is, what was judged and what was not.

    Parameters
    ----------
    images:
        At least the images of ``analyses``.
    analyses:
        By the read's model; see :meth:`radsal.storage.Store.analyses`.

    Raises
    ------
    IdentityMismatch
        See :func:`~radsal.exports.belonging.check_belonging`.
    KeyError
        The header of an analysed image is not given.
    """
    check_belonging(read, images, analyses)
    results = [_judged(read, images[item.image], item) for item in analyses]
    case = next((images[item.image] for item in analyses), None)
    return {
        "schema": READ_SCHEMA,
        "notice": NOTICE,
        "read": _read(read),
        "case": _case(read, case),
        "model": model_document(read.model),
        "results": results,
        "unjudged": len(_unjudged(read, analyses)),
    }


def _unjudged(read: Read, analyses: Sequence[Analysis]) -> set[tuple[ImageIdentity, str]]:
    """Hot spots without a verdict; one that two analyses hold counts once."""
    spots = {(item.image, spot.id) for item in analyses for spot in item.hot_spots}
    return {spot for spot in spots if read.verdict_on(*spot) is None}


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document as UTF-8 with its keys in the order they have.

    Raises
    ------
    ExportError
        The file cannot be written.
    """
    raw = json_text(document).encode("utf-8")
    write_whole(path, lambda file: file.write(raw))


def json_text(document: Mapping[str, Any], encoding: str = "utf-8") -> str:
    """A document as JSON that the encoding can hold; what it cannot hold is escaped.

    File names need not be text: one that is not UTF-8 has lone surrogates, which JSON can escape
    and UTF-8 cannot encode.
    """
    for ascii_only in (False, True):
        text = json.dumps(document, indent=2, ensure_ascii=ascii_only, allow_nan=False) + "\n"
        with suppress(UnicodeEncodeError):
            text.encode(encoding)
            break
    return text


def _read(read: Read) -> Document:
    return {
        "id": read.id,
        "revision": read.revision,
        "state": read.state.value,
        "reader": read.reader,
        "comment": read.comment,
        "amends": read.amends,
        "started_at": _moment(read.started_at),
        "updated_at": _moment(read.updated_at),
        "signed_at": _moment(read.signed_at),
    }


def _case(read: Read, header: ImageHeader | None) -> Document:
    return {
        "study_instance_uid": read.study_instance_uid,
        **{name: getattr(header, name) if header else None for name in _CASE},
        "media_type": header.media_type if header else None,  # of a picture all above is empty
    }


def _judged(read: Read, header: ImageHeader, analysis: Analysis) -> Document:
    document = analysis_document(header, analysis)
    for spot in document["hot_spots"]:
        spot["verdict"] = _verdict(read.verdict_on(analysis.image, spot["id"]))
    return document


def image_document(header: ImageHeader, identity: ImageIdentity) -> Document:
    """The entry ``image`` of every document."""
    return {
        "path": str(header.path),
        "sop_instance_uid": identity.sop_instance_uid,
        "frame": identity.frame,
        "pixel_sha256": identity.pixel_sha256,
        "rows": header.rows,
        "columns": header.columns,
    }


def model_document(model: ModelIdentity) -> Document:
    """The entry ``model`` of every document."""
    return {"id": model.id, "sha256": model.sha256}


def _prediction(item: Prediction) -> Document:
    return {
        "finding": item.finding,
        "logit": float(item.logit),
        "probability": float(item.probability),
        "operating_point": float(item.operating_point),
        "positive": bool(item.positive),
    }


def _map(analysis: Analysis, item: SaliencyMap, file: str | None) -> Document:
    return {
        "finding": item.finding,
        "method": item.method,
        "status": item.status.value,
        "reason": item.reason,
        "grid": list(item.grid),
        "file": file,
        "sha256": _values_sha256(item),
        "facts": {name: _finite(v) for name, v in analysis.facts_of(item.finding).items()},
    }


def _finite(value: Value) -> Value | None:
    """A fact that could not be measured is null."""
    return None if isinstance(value, float) and not isfinite(value) else value


def _values_sha256(item: SaliencyMap) -> str:
    """SHA-256 of the array ``map`` as the file has it: little-endian float32, C order."""
    upright = np.ascontiguousarray(item.mapping.upright(item.values), dtype="<f4")
    return hashlib.sha256(upright.tobytes()).hexdigest()


def _hot_spot(item: HotSpot) -> Document:
    return {
        "id": item.id,
        "finding": item.finding,
        "method": item.method,
        "peak": [float(value) for value in item.peak],
        "box": [int(value) for value in item.box.as_list()],
        "contour": item.contour.astype(float).round(3).tolist(),
        "share": float(item.share),
        "ledger": dict.fromkeys(_LEDGER),
        "suggestion": None,
    }


def _verdict(given: Verdict | None) -> Document | None:
    if given is None:
        return None
    return {
        "agreement": given.agreement.value,
        "cause": given.cause.value if given.cause else None,
        "note": given.note,
        "given_at": _moment(given.given_at),
    }


def _moment(value: datetime | None) -> str | None:
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
