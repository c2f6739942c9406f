"""What kind of file an image came from: DICOM, or a plain picture."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Everything stored before came from DICOM files."""
    column = sa.Column("media_type", sa.Text(), nullable=False, server_default="application/dicom")
    op.add_column("image", column)
