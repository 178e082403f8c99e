"""With which codes a decision's record was read."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("decision", sa.Column("terminology_hash", sa.String(80)))
