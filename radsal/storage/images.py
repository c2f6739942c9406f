"""Image headers as rows of the table ``image``, and back."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    and_,
    insert,
    select,
    update,
)

from radsal.core.errors import IdentityMismatch
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import ImageHeader
from radsal.storage.plain import identity_of, image_columns, model_columns
from radsal.storage.tables import image

_FIELDS = tuple(field.name for field in fields(ImageHeader))


def save(connection: Connection, header: ImageHeader, identity: ImageIdentity) -> None:
    """Insert or update the row of an image.

    Raises
    ------
    IdentityMismatch
        Header and identity name different SOP instances.
    """
    if header.sop_instance_uid != identity.sop_instance_uid:
        raise IdentityMismatch("Header and identity name different images; nothing was saved.")
    row = _row_of(header)
    if header_of(connection, identity) is None:
        connection.execute(insert(image).values(**row, **image_columns(identity)))
    else:
        connection.execute(update(image).where(is_image(image, identity)).values(**row))


def header_of(connection: Connection, identity: ImageIdentity) -> ImageHeader | None:
    """The header that was saved with exactly this identity."""
    row = connection.execute(select(image).where(is_image(image, identity))).mappings().first()
    return None if row is None else _header_of(row)


def of_study(connection: Connection, study_instance_uid: str) -> dict[ImageIdentity, ImageHeader]:
    """All images of an exam, in reading order."""
    rows = connection.execute(
        select(image)
        .where(image.c.study_instance_uid == study_instance_uid)
        .order_by(image.c.series_number, image.c.instance_number, image.c.sop_instance_uid)
        .order_by(image.c.frame, image.c.pixel_sha256)
    )
    return {identity_of(row): _header_of(row) for row in rows.mappings()}


def is_image(table: FromClause, identity: ImageIdentity) -> ColumnElement[bool]:
    """The condition that a row names this image."""
    return and_(*(table.c[name] == value for name, value in image_columns(identity).items()))


def is_model(table: FromClause, model: ModelIdentity) -> ColumnElement[bool]:
    """The condition that a row names this model."""
    return and_(*(table.c[name] == value for name, value in model_columns(model).items()))


def _row_of(header: ImageHeader) -> dict[str, Any]:
    row = {name: getattr(header, name) for name in _FIELDS}
    row["path"] = os.fsencode(header.path)
    row["orientation"] = header.orientation and "\\".join(header.orientation)
    del row["sop_instance_uid"]
    return row


def _header_of(row: RowMapping) -> ImageHeader:
    values = {name: row[name] for name in _FIELDS}
    values["path"] = Path(os.fsdecode(values["path"]))
    if values["orientation"] is not None:
        rows, _, columns = values["orientation"].partition("\\")
        values["orientation"] = (rows, columns)
    return ImageHeader(**values)
