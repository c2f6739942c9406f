"""The tables as the present code sees them; ``migrations`` is what builds them.

Foreign keys repeat the whole identity on purpose. A verdict points at a hot spot *of that image,
model, finding and method*, at an image *of that exam*, and at a read *of that exam and model*, so
that not even a hand-written INSERT can attach a judgement to the wrong patient.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from radsal.core.radiograph import DICOM


class Moment(TypeDecorator[datetime]):
    """A moment in UTC as ISO 8601 text of fixed width: sorts, and loses nothing."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Text of a moment with a time zone."""
        del dialect
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The moment, in UTC."""
        del dialect
        return datetime.fromisoformat(value) if value else None


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

IMAGE = ("sop_instance_uid", "frame", "pixel_sha256")
MODEL = ("model_id", "model_sha256")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _integer(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _real(name: str) -> Column[float]:
    return Column(name, Double, nullable=False)


def _hash(name: str) -> Column[str]:
    return Column(name, String(64), nullable=False)


def _blob(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _identity_columns() -> list[Column[Any]]:
    return [_text("sop_instance_uid"), _integer("frame"), _hash("pixel_sha256")]


def _model_columns() -> list[Column[Any]]:
    return [_text("model_id"), _hash("model_sha256")]


def _key(name: str, columns: tuple[str, ...], target: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(columns, [f"{target}.{c}" for c in columns], name=name)


image = Table(
    "image",
    metadata,
    Column("sop_instance_uid", Text, primary_key=True),
    Column("frame", Integer, primary_key=True),
    Column("pixel_sha256", String(64), primary_key=True),
    _text("study_instance_uid"),
    # bytes as the operating system names files: a name need not be valid Unicode
    _blob("path"),
    *(_text(n) for n in ("sop_class_uid", "series_instance_uid", "modality", "transfer_syntax")),
    _text("photometric"),
    *(_integer(n) for n in ("rows", "columns", "frames", "bits_stored")),
    Column("lossy", Boolean, nullable=False),
    *(_text(n) for n in ("patient_name", "patient_id", "birth_date", "sex", "study_date")),
    *(_text(n) for n in ("study_time", "accession_number", "institution", "study_description")),
    _text("series_description"),
    Column("series_number", Integer),
    Column("instance_number", Integer),
    *(_text(n) for n in ("body_part", "view_position", "laterality")),
    Column("orientation", Text),
    *(_text(n) for n in ("burned_in", "deidentified")),
    Column("media_type", Text, nullable=False, server_default=DICOM),
    UniqueConstraint(*IMAGE, "study_instance_uid", name="uq_image_study"),
    Index("ix_image_study", "study_instance_uid"),
)

analysis = Table(
    "analysis",
    metadata,
    Column("analysis_id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    _integer("saved_order"),
    Column("saved_at", Moment, nullable=False),
    *_identity_columns(),
    *_model_columns(),
    *(_text(n) for n in ("method", "parameters", "device", "notes")),
    _real("milliseconds"),
    _key("fk_analysis_image", IMAGE, "image"),
    UniqueConstraint("analysis_id", *IMAGE, *MODEL, "method", name="uq_analysis_identity"),
    Index("ix_analysis_image", *IMAGE),
)

prediction = Table(
    "prediction",
    metadata,
    Column("analysis_id", ForeignKey("analysis.analysis_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _text("finding"),
    *(_real(n) for n in ("logit", "probability", "operating_point")),
    UniqueConstraint("analysis_id", "finding", name="uq_prediction_finding"),
)

saliency_map = Table(
    "saliency_map",
    metadata,
    Column("analysis_id", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    *(_text(n) for n in ("finding", "status", "reason")),
    *(_integer(n) for n in ("height", "width")),
    *(_real(n) for n in ("row_scale", "row_offset", "column_scale", "column_offset")),
    Column("transposed", Boolean, nullable=False),
    *(Column(n, Double) for n in ("reach_r0", "reach_c0", "reach_r1", "reach_c1")),
    _hash("sha256"),
    _blob("raw"),
    _key("fk_map_prediction", ("analysis_id", "finding"), "prediction"),
)

_SPOT = ("analysis_id", *IMAGE, *MODEL, "method", "finding", "hot_spot")

hot_spot = Table(
    "hot_spot",
    metadata,
    Column("analysis_id", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    *_identity_columns(),
    *_model_columns(),
    *(_text(n) for n in ("method", "finding", "hot_spot")),
    _integer("rank"),
    *(_real(n) for n in ("peak_row", "peak_column")),
    *(_integer(n) for n in ("r0", "c0", "r1", "c1")),
    *(_real(n) for n in ("share", "area")),
    _blob("contour"),
    _key("fk_hot_spot_analysis", ("analysis_id", *IMAGE, *MODEL, "method"), "analysis"),
    _key("fk_hot_spot_prediction", ("analysis_id", "finding"), "prediction"),
    UniqueConstraint("analysis_id", "hot_spot", name="uq_hot_spot"),
    UniqueConstraint(*_SPOT, name="uq_hot_spot_identity"),
)

_READER = ("study_instance_uid", "reader", *MODEL)
_IS_DRAFT = text("state = 'draft'")

read = Table(
    "read",
    metadata,
    Column("read_id", String(32), primary_key=True),
    *(_text(n) for n in ("study_instance_uid", "reader")),
    *_model_columns(),
    Column("started_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    _text("comment"),
    _integer("revision"),
    Column("amends", String(32), ForeignKey("read.read_id", name="fk_read_amends")),
    Column("signed_at", Moment),
    CheckConstraint("state IN ('draft', 'signed', 'amended')", name="ck_read_state"),
    CheckConstraint("(signed_at IS NULL) = (state = 'draft')", name="ck_read_signed"),
    CheckConstraint("revision >= 1", name="ck_read_revision"),
    UniqueConstraint("read_id", "study_instance_uid", *MODEL, name="uq_read_identity"),
    # two windows may race, but a reader has one draft of a case with a model
    Index(
        "uq_read_draft", *_READER, unique=True, sqlite_where=_IS_DRAFT, postgresql_where=_IS_DRAFT
    ),
)

verdict = Table(
    "verdict",
    metadata,
    Column("read_id", String(32), primary_key=True),
    Column("position", Integer, primary_key=True),
    _integer("analysis_id"),
    _text("study_instance_uid"),
    *_identity_columns(),
    *_model_columns(),
    *(_text(n) for n in ("method", "finding", "hot_spot")),
    Column("agreement", String(16), nullable=False),
    Column("cause", String(16)),
    _text("note"),
    Column("given_at", Moment, nullable=False),
    CheckConstraint("(cause IS NULL) = (agreement = 'cannot-assess')", name="ck_verdict_cause"),
    _key("fk_verdict_hot_spot", _SPOT, "hot_spot"),
    _key("fk_verdict_image", (*IMAGE, "study_instance_uid"), "image"),
    _key("fk_verdict_read", ("read_id", "study_instance_uid", *MODEL), "read"),
    UniqueConstraint("read_id", *IMAGE, "hot_spot", name="uq_verdict_subject"),
)
