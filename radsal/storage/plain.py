"""Analyses as plain values, and back: what rows and files hold of them. Standard library, NumPy.

Whoever keeps an analysis keeps its head, predictions, maps and hot spots; maps and contours are
little-endian float32 in C order. What comes back went through the constructors, and has the digest
that was kept, or it is not handed on.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction, SaliencyMap

REACH = ("reach_r0", "reach_c0", "reach_r1", "reach_c1")
"""What the network saw of the image, where a map's cells cover another area."""


class Row(Protocol):
    """Values by name: a mapping, or a row of the database."""

    def __getitem__(self, name: str, /) -> Any:
        """One value. Raises LookupError."""


def digest_of(result: Analysis) -> str:
    """SHA-256 over everything in an analysis but the time it took."""
    content = {
        **head_of(result),
        "milliseconds": None,
        "predictions": list(prediction_rows(result)),
        "maps": [_without_nothing({**row, "raw": None}) for row in map_rows(result)],
        "hot_spots": [
            {**row, "contour": hashlib.sha256(row["contour"]).hexdigest()}
            for row in spot_rows(result)
        ],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _without_nothing(row: dict[str, Any]) -> dict[str, Any]:
    """Older maps have no reach: they keep the digest that they had before there was one."""
    return {name: value for name, value in row.items() if name not in REACH or value is not None}


def image_columns(identity: ImageIdentity) -> dict[str, Any]:
    """The three columns that name an image in every table."""
    return {
        "sop_instance_uid": identity.sop_instance_uid,
        "frame": identity.frame,
        "pixel_sha256": identity.pixel_sha256,
    }


def model_columns(model: ModelIdentity) -> dict[str, Any]:
    """The two columns that name a model in every table."""
    return {"model_id": model.id, "model_sha256": model.sha256}


def identity_of(row: Row) -> ImageIdentity:
    """The image that a row names."""
    return ImageIdentity(row["sop_instance_uid"], row["frame"], row["pixel_sha256"])


def model_of(row: Row) -> ModelIdentity:
    """The model that a row names."""
    return ModelIdentity(row["model_id"], row["model_sha256"])


def head_of(result: Analysis) -> dict[str, Any]:
    """Everything in an analysis but its predictions, maps and hot spots."""
    return {
        **image_columns(result.image),
        **model_columns(result.model),
        "method": result.method,
        "parameters": json.dumps(dict(result.parameters), sort_keys=True, ensure_ascii=False),
        "device": result.device,
        "notes": json.dumps(list(result.notes), ensure_ascii=False),
        "milliseconds": float(result.milliseconds),
    }


def prediction_rows(result: Analysis) -> Iterator[dict[str, Any]]:
    """One for each prediction, in their order."""
    for item in result.predictions:
        yield {
            "finding": item.finding,
            "logit": float(item.logit),
            "probability": float(item.probability),
            "operating_point": float(item.operating_point),
        }


def map_rows(result: Analysis) -> Iterator[dict[str, Any]]:
    """One for each map, in their order; ``raw`` holds its values."""
    for item in result.maps:
        height, width = item.values.shape
        place = item.mapping
        yield {
            "finding": item.finding,
            "status": item.status.value,
            "reason": item.reason,
            "height": height,
            "width": width,
            "row_scale": float(place.row_scale),
            "row_offset": float(place.row_offset),
            "column_scale": float(place.column_scale),
            "column_offset": float(place.column_offset),
            "transposed": bool(place.transposed),
            **dict(zip(REACH, place.reach or (None,) * len(REACH), strict=True)),
            "sha256": item.sha256,
            "raw": _floats(item.values),
        }


def spot_rows(result: Analysis) -> Iterator[dict[str, Any]]:
    """One for each hot spot, in their order; ``contour`` holds its points."""
    identity = {**image_columns(result.image), **model_columns(result.model)}
    for spot in result.hot_spots:
        box = zip(("r0", "c0", "r1", "c1"), map(int, spot.box.as_list()), strict=True)
        yield {
            **identity,
            "method": spot.method,
            "finding": spot.finding,
            "hot_spot": spot.id,
            "rank": int(spot.rank),
            "peak_row": float(spot.peak[0]),
            "peak_column": float(spot.peak[1]),
            **dict(box),
            "share": float(spot.share),
            "area": float(spot.area),
            "contour": _floats(spot.contour),
        }


def _floats(values: np.ndarray[Any, np.dtype[np.float32]]) -> bytes:
    return np.ascontiguousarray(values, dtype="<f4").tobytes()


# and back ------------------------------------------------------------------------------------


def analysis_of(
    head: Row, predictions: Sequence[Row], maps: Sequence[Row], hot_spots: Sequence[Row]
) -> Analysis:
    """The analysis of these values.

    Raises
    ------
    ValueError
        They are no analysis, or not the one whose ``digest`` the head holds.
    """
    result = Analysis(
        identity_of(head),
        model_of(head),
        head["method"],
        json.loads(head["parameters"]),
        head["device"],
        tuple(map(_prediction, predictions)),
        tuple(_map(row, head["method"]) for row in maps),
        tuple(map(_spot, hot_spots)),
        head["milliseconds"],
        tuple(json.loads(head["notes"])),
    )
    if digest_of(result) != head["digest"]:
        raise ValueError("this is not the analysis that was kept")
    return result


def _prediction(row: Row) -> Prediction:
    return Prediction(row["finding"], row["logit"], row["probability"], row["operating_point"])


def _map(row: Row, method: str) -> SaliencyMap:
    raw = bytes(row["raw"])
    if hashlib.sha256(raw).hexdigest() != row["sha256"]:
        raise ValueError("this is not the map that was kept")
    values = np.frombuffer(raw, "<f4").reshape(row["height"], row["width"])
    place = ("row_scale", "row_offset", "column_scale", "column_offset", "transposed")
    r0, c0, r1, c1 = (row[name] for name in REACH)
    reach = None if r0 is None else (r0, c0, r1, c1)
    return SaliencyMap(
        row["finding"],
        method,
        values.astype(np.float32),
        GridMapping(**{name: row[name] for name in place}, reach=reach),
        MapStatus(row["status"]),
        row["reason"],
    )


def _spot(row: Row) -> HotSpot:
    contour = np.frombuffer(bytes(row["contour"]), "<f4").reshape(-1, 2)
    return HotSpot(
        row["hot_spot"],
        row["finding"],
        row["method"],
        row["rank"],
        (row["peak_row"], row["peak_column"]),
        Box(row["r0"], row["c0"], row["r1"], row["c1"]),
        contour.astype(np.float32),
        row["share"],
        row["area"],
    )
