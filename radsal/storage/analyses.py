"""Analyses as rows: predictions, maps and hot spots, with hashes that are checked on reading."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping, Table, func, insert, select, update

from radsal.core.errors import StoreError
from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction, SaliencyMap
from radsal.storage.images import (
    identity_of,
    image_columns,
    is_image,
    is_model,
    model_columns,
    model_of,
)
from radsal.storage.tables import (
    IMAGE,
    MODEL,
    analysis,
    hot_spot,
    image,
    prediction,
    read,
    saliency_map,
    verdict,
)

Parameters = Mapping[str, float | int | str | bool]


def save(connection: Connection, result: Analysis) -> None:
    """Insert an analysis; one that is there already becomes the newest."""
    digest = digest_of(result)
    number = connection.scalar(select(analysis.c.analysis_id).where(analysis.c.digest == digest))
    newest = connection.scalar(select(func.coalesce(func.max(analysis.c.saved_order), 0)))
    order = {"saved_order": (newest or 0) + 1, "saved_at": datetime.now(UTC)}
    if number is not None:
        same = analysis.c.analysis_id == number
        connection.execute(update(analysis).where(same).values(**order))
        return
    row = insert(analysis).values(digest=digest, **order, **_head(result))
    number = connection.scalars(row.returning(analysis.c.analysis_id)).one()
    _insert_parts(connection, number, result)


def newest(
    connection: Connection,
    identity: ImageIdentity,
    model: ModelIdentity,
    method: str,
    parameters: Parameters | None,
) -> Analysis | None:
    """The analysis saved last among those that match."""
    query = select(analysis.c.analysis_id).where(
        is_image(analysis, identity), is_model(analysis, model), analysis.c.method == method
    )
    if parameters is not None:
        query = query.where(analysis.c.parameters == _parameters_text(parameters))
    number = connection.scalar(query.order_by(analysis.c.saved_order.desc()).limit(1))
    return None if number is None else _load(connection, number)


def is_newest(connection: Connection, result: Analysis) -> bool:
    """Whether saving this analysis would change nothing."""
    query = select(analysis.c.digest).order_by(analysis.c.saved_order.desc()).limit(1)
    query = query.where(is_image(analysis, result.image), is_model(analysis, result.model))
    return bool(connection.scalar(query) == digest_of(result))


def of_read(connection: Connection, read_id: str) -> tuple[Analysis, ...]:
    """The analyses that a read's verdicts were given on.

    An image and method on which the read holds no verdict stands with its newest analysis.
    """
    judged = select(verdict.c.analysis_id).where(verdict.c.read_id == read_id).distinct()
    numbers = set(connection.scalars(judged))
    covered = {_subject(row) for row in _heads(connection, numbers)}
    for row in _heads_for_read(connection, read_id):
        if _subject(row) not in covered:
            covered.add(_subject(row))
            numbers.add(row["analysis_id"])
    return tuple(_load(connection, number) for number in sorted(numbers))


def digest_of(result: Analysis) -> str:
    """SHA-256 over everything in an analysis but the time it took."""
    content = {
        **_head(result),
        "milliseconds": None,
        "predictions": list(_prediction_rows(result)),
        "maps": [{**row, "raw": None} for row in _map_rows(result)],
        "hot_spots": [
            {**row, "contour": hashlib.sha256(row["contour"]).hexdigest()}
            for row in _spot_rows(result)
        ],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


# nouns to rows -------------------------------------------------------------------------------


def _insert_parts(connection: Connection, number: int, result: Analysis) -> None:
    parts: tuple[tuple[Table, Iterator[dict[str, Any]]], ...] = (
        (prediction, _prediction_rows(result)),
        (saliency_map, _map_rows(result)),
        (hot_spot, _spot_rows(result)),
    )
    for table, rows in parts:
        numbered = [{"analysis_id": number, "position": i, **row} for i, row in enumerate(rows)]
        if numbered:
            connection.execute(insert(table), numbered)


def _head(result: Analysis) -> dict[str, Any]:
    return {
        **image_columns(result.image),
        **model_columns(result.model),
        "method": result.method,
        "parameters": _parameters_text(result.parameters),
        "device": result.device,
        "notes": json.dumps(list(result.notes), ensure_ascii=False),
        "milliseconds": float(result.milliseconds),
    }


def _parameters_text(parameters: Parameters) -> str:
    return json.dumps(dict(parameters), sort_keys=True, ensure_ascii=False)


def _prediction_rows(result: Analysis) -> Iterator[dict[str, Any]]:
    for item in result.predictions:
        yield {
            "finding": item.finding,
            "logit": float(item.logit),
            "probability": float(item.probability),
            "operating_point": float(item.operating_point),
        }


def _map_rows(result: Analysis) -> Iterator[dict[str, Any]]:
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
            "sha256": item.sha256,
            "raw": _floats(item.values),
        }


def _spot_rows(result: Analysis) -> Iterator[dict[str, Any]]:
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


# rows to nouns -------------------------------------------------------------------------------


def _load(connection: Connection, number: int) -> Analysis:
    """The analysis of a number, proven to be what was saved."""
    (head,) = _heads(connection, {number})
    try:
        result = Analysis(
            identity_of(head),
            model_of(head),
            head["method"],
            json.loads(head["parameters"]),
            head["device"],
            tuple(_prediction(row) for row in _parts(connection, prediction, number)),
            tuple(_map(row, head["method"]) for row in _parts(connection, saliency_map, number)),
            tuple(_spot(row) for row in _parts(connection, hot_spot, number)),
            head["milliseconds"],
            tuple(json.loads(head["notes"])),
        )
    except ValueError as error:
        raise _damaged() from error
    if digest_of(result) != head["digest"]:
        raise _damaged()
    return result


def _heads(connection: Connection, numbers: set[int]) -> list[RowMapping]:
    query = select(analysis).where(analysis.c.analysis_id.in_(numbers))
    return list(connection.execute(query).mappings())


def _heads_for_read(connection: Connection, read_id: str) -> list[RowMapping]:
    """Analyses of the read's exam by the read's model, the newest first."""
    query = select(analysis).where(
        read.c.read_id == read_id,
        read.c.study_instance_uid == image.c.study_instance_uid,
        *(image.c[name] == analysis.c[name] for name in IMAGE),
        *(read.c[name] == analysis.c[name] for name in MODEL),
    )
    return list(connection.execute(query.order_by(analysis.c.saved_order.desc())).mappings())


def _subject(row: RowMapping) -> tuple[ImageIdentity, str]:
    return identity_of(row), row["method"]


def _parts(connection: Connection, table: Table, number: int) -> list[RowMapping]:
    query = select(table).where(table.c.analysis_id == number).order_by(table.c.position)
    return list(connection.execute(query).mappings())


def _prediction(row: RowMapping) -> Prediction:
    return Prediction(row["finding"], row["logit"], row["probability"], row["operating_point"])


def _map(row: RowMapping, method: str) -> SaliencyMap:
    raw = bytes(row["raw"])
    if hashlib.sha256(raw).hexdigest() != row["sha256"]:
        raise _damaged()
    values = np.frombuffer(raw, "<f4").reshape(row["height"], row["width"])
    place = ("row_scale", "row_offset", "column_scale", "column_offset", "transposed")
    return SaliencyMap(
        row["finding"],
        method,
        values.astype(np.float32),
        GridMapping(*(row[name] for name in place)),
        MapStatus(row["status"]),
        row["reason"],
    )


def _spot(row: RowMapping) -> HotSpot:
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


def _damaged() -> StoreError:
    return StoreError(
        "A stored analysis is not what was saved: its hash differs. It is not shown.",
        code="store-damaged",
        remedy="Analyse the image again, and check the disk.",
    )
