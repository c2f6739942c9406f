"""Images, analyses with their maps and hot spots, reads with their verdicts."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

IMAGE = ("sop_instance_uid", "frame", "pixel_sha256")
MODEL = ("model_id", "model_sha256")
SPOT = ("analysis_id", *IMAGE, *MODEL, "method", "finding", "hot_spot")


def upgrade() -> None:
    """Create the tables of the first release."""
    _create_image()
    _create_analysis()
    _create_prediction()
    _create_saliency_map()
    _create_hot_spot()
    _create_read()
    _create_verdict()


def _columns(kind: sa.types.TypeEngine[Any], *names: str) -> Iterator[sa.Column[Any]]:
    return (sa.Column(name, kind, nullable=False) for name in names)


def _text(*names: str) -> Iterator[sa.Column[Any]]:
    return _columns(sa.Text(), *names)


def _integers(*names: str) -> Iterator[sa.Column[Any]]:
    return _columns(sa.Integer(), *names)


def _reals(*names: str) -> Iterator[sa.Column[Any]]:
    return _columns(sa.Double(), *names)


def _identity() -> Iterator[sa.Column[Any]]:
    yield from _text("sop_instance_uid")
    yield from _integers("frame")
    yield from _columns(sa.String(64), "pixel_sha256")


def _model() -> Iterator[sa.Column[Any]]:
    yield from _text("model_id")
    yield from _columns(sa.String(64), "model_sha256")


def _key(name: str, columns: tuple[str, ...], target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(columns, [f"{target}.{c}" for c in columns], name=name)


def _create_image() -> None:
    op.create_table(
        "image",
        *_identity(),
        *_text("study_instance_uid"),
        *_columns(sa.LargeBinary(), "path"),
        *_text("sop_class_uid", "series_instance_uid", "modality", "transfer_syntax"),
        *_text("photometric"),
        *_integers("rows", "columns", "frames", "bits_stored"),
        *_columns(sa.Boolean(), "lossy"),
        *_text("patient_name", "patient_id", "birth_date", "sex", "study_date", "study_time"),
        *_text("accession_number", "institution", "study_description", "series_description"),
        sa.Column("series_number", sa.Integer()),
        sa.Column("instance_number", sa.Integer()),
        *_text("body_part", "view_position", "laterality"),
        sa.Column("orientation", sa.Text()),
        *_text("burned_in", "deidentified"),
        sa.PrimaryKeyConstraint(*IMAGE, name="pk_image"),
        sa.UniqueConstraint(*IMAGE, "study_instance_uid", name="uq_image_study"),
    )
    op.create_index("ix_image_study", "image", ["study_instance_uid"])


def _create_analysis() -> None:
    op.create_table(
        "analysis",
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        *_columns(sa.String(64), "digest"),
        *_integers("saved_order"),
        *_columns(sa.String(32), "saved_at"),
        *_identity(),
        *_model(),
        *_text("method", "parameters", "device", "notes"),
        *_reals("milliseconds"),
        sa.PrimaryKeyConstraint("analysis_id", name="pk_analysis"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("analysis_id", *IMAGE, *MODEL, "method", name="uq_analysis_identity"),
        _key("fk_analysis_image", IMAGE, "image"),
    )
    op.create_index("ix_analysis_image", "analysis", list(IMAGE))


def _create_prediction() -> None:
    op.create_table(
        "prediction",
        *_integers("analysis_id", "position"),
        *_text("finding"),
        *_reals("logit", "probability", "operating_point"),
        sa.PrimaryKeyConstraint("analysis_id", "position", name="pk_prediction"),
        sa.UniqueConstraint("analysis_id", "finding", name="uq_prediction_finding"),
        sa.ForeignKeyConstraint(["analysis_id"], ["analysis.analysis_id"]),
    )


def _create_saliency_map() -> None:
    op.create_table(
        "saliency_map",
        *_integers("analysis_id", "position"),
        *_text("finding", "status", "reason"),
        *_integers("height", "width"),
        *_reals("row_scale", "row_offset", "column_scale", "column_offset"),
        *_columns(sa.Boolean(), "transposed"),
        *_columns(sa.String(64), "sha256"),
        *_columns(sa.LargeBinary(), "raw"),
        sa.PrimaryKeyConstraint("analysis_id", "position", name="pk_saliency_map"),
        _key("fk_map_prediction", ("analysis_id", "finding"), "prediction"),
    )


def _create_hot_spot() -> None:
    op.create_table(
        "hot_spot",
        *_integers("analysis_id", "position"),
        *_identity(),
        *_model(),
        *_text("method", "finding", "hot_spot"),
        *_integers("rank"),
        *_reals("peak_row", "peak_column"),
        *_integers("r0", "c0", "r1", "c1"),
        *_reals("share", "area"),
        *_columns(sa.LargeBinary(), "contour"),
        sa.PrimaryKeyConstraint("analysis_id", "position", name="pk_hot_spot"),
        sa.UniqueConstraint("analysis_id", "hot_spot", name="uq_hot_spot"),
        sa.UniqueConstraint(*SPOT, name="uq_hot_spot_identity"),
        _key("fk_hot_spot_analysis", ("analysis_id", *IMAGE, *MODEL, "method"), "analysis"),
        _key("fk_hot_spot_prediction", ("analysis_id", "finding"), "prediction"),
    )


def _create_read() -> None:
    op.create_table(
        "read",
        *_columns(sa.String(32), "read_id"),
        *_text("study_instance_uid", "reader"),
        *_model(),
        *_columns(sa.String(32), "started_at", "updated_at"),
        *_columns(sa.String(16), "state"),
        *_text("comment"),
        *_integers("revision"),
        sa.Column("amends", sa.String(32)),
        sa.Column("signed_at", sa.String(32)),
        sa.PrimaryKeyConstraint("read_id", name="pk_read"),
        sa.CheckConstraint("state IN ('draft', 'signed', 'amended')", name="ck_read_state"),
        sa.CheckConstraint("(signed_at IS NULL) = (state = 'draft')", name="ck_read_signed"),
        sa.CheckConstraint("revision >= 1", name="ck_read_revision"),
        sa.UniqueConstraint("read_id", "study_instance_uid", *MODEL, name="uq_read_identity"),
        sa.ForeignKeyConstraint(["amends"], ["read.read_id"], name="fk_read_amends"),
    )
    op.create_index(
        "uq_read_draft",
        "read",
        ["study_instance_uid", "reader", *MODEL],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )


def _create_verdict() -> None:
    op.create_table(
        "verdict",
        *_columns(sa.String(32), "read_id"),
        *_integers("position", "analysis_id"),
        *_text("study_instance_uid"),
        *_identity(),
        *_model(),
        *_text("method", "finding", "hot_spot"),
        *_columns(sa.String(16), "agreement"),
        sa.Column("cause", sa.String(16)),
        *_text("note"),
        *_columns(sa.String(32), "given_at"),
        sa.PrimaryKeyConstraint("read_id", "position", name="pk_verdict"),
        sa.CheckConstraint(
            "(cause IS NULL) = (agreement = 'cannot-assess')", name="ck_verdict_cause"
        ),
        sa.UniqueConstraint("read_id", *IMAGE, "hot_spot", name="uq_verdict_subject"),
        _key("fk_verdict_hot_spot", SPOT, "hot_spot"),
        _key("fk_verdict_image", (*IMAGE, "study_instance_uid"), "image"),
        _key("fk_verdict_read", ("read_id", "study_instance_uid", *MODEL), "read"),
    )
