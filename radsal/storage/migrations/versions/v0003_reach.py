"""What the network saw of the image, where the cells of a map cover another area."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Every map stored before was stretched over what the network saw."""
    for name in ("reach_r0", "reach_c0", "reach_r1", "reach_c1"):
        op.add_column("saliency_map", sa.Column(name, sa.Double()))
