"""Analyses as rows: predictions, maps and hot spots, with hashes that are checked on reading."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, insert, select, update

from radsal.core.errors import StoreError
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.results import Analysis
from radsal.storage import plain
from radsal.storage.images import is_image, is_model
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

Accepts = Callable[[Mapping[str, float | int | str | bool]], bool]


def save(connection: Connection, result: Analysis) -> None:
    """Insert an analysis; one that is there already becomes the newest."""
    digest = plain.digest_of(result)
    number = connection.scalar(select(analysis.c.analysis_id).where(analysis.c.digest == digest))
    newest = connection.scalar(select(func.coalesce(func.max(analysis.c.saved_order), 0)))
    order = {"saved_order": (newest or 0) + 1, "saved_at": datetime.now(UTC)}
    if number is not None:
        same = analysis.c.analysis_id == number
        connection.execute(update(analysis).where(same).values(**order))
        return
    row = insert(analysis).values(digest=digest, **order, **plain.head_of(result))
    number = connection.scalars(row.returning(analysis.c.analysis_id)).one()
    _insert_parts(connection, number, result)


def newest(
    connection: Connection,
    identity: ImageIdentity,
    model: ModelIdentity,
    method: str,
    accepts: Accepts,
) -> Analysis | None:
    """The analysis saved last among those whose parameters are accepted."""
    query = select(analysis.c.analysis_id, analysis.c.parameters).where(
        is_image(analysis, identity), is_model(analysis, model), analysis.c.method == method
    )
    query = query.order_by(analysis.c.saved_order.desc())
    for number, parameters in connection.execute(query).all():
        if accepts(json.loads(parameters)):
            return _load(connection, number)
    return None


def is_newest(connection: Connection, result: Analysis) -> bool:
    """Whether saving this analysis would change nothing."""
    query = select(analysis.c.digest).order_by(analysis.c.saved_order.desc()).limit(1)
    query = query.where(is_image(analysis, result.image), is_model(analysis, result.model))
    return bool(connection.scalar(query) == plain.digest_of(result))


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


# nouns to rows -------------------------------------------------------------------------------


def _insert_parts(connection: Connection, number: int, result: Analysis) -> None:
    parts: tuple[tuple[Table, Iterator[dict[str, Any]]], ...] = (
        (prediction, plain.prediction_rows(result)),
        (saliency_map, plain.map_rows(result)),
        (hot_spot, plain.spot_rows(result)),
    )
    for table, rows in parts:
        numbered = [{"analysis_id": number, "position": i, **row} for i, row in enumerate(rows)]
        if numbered:
            connection.execute(insert(table), numbered)


# rows to nouns -------------------------------------------------------------------------------


def _load(connection: Connection, number: int) -> Analysis:
    """The analysis of a number, proven to be what was saved."""
    (head,) = _heads(connection, {number})
    parts = (_parts(connection, table, number) for table in (prediction, saliency_map, hot_spot))
    try:
        return plain.analysis_of(head, *parts)
    except ValueError as error:
        raise _damaged() from error


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
    return plain.identity_of(row), row["method"]


def _parts(connection: Connection, table: Table, number: int) -> list[RowMapping]:
    query = select(table).where(table.c.analysis_id == number).order_by(table.c.position)
    return list(connection.execute(query).mappings())


def _damaged() -> StoreError:
    return StoreError(
        "A stored analysis is not what was saved: its hash differs. It is not shown.",
        code="store-damaged",
        remedy="Analyse the image again, and check the disk.",
    )
