"""Decisions with their sealed input, for sites that keep them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "decision",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False, index=True),
        sa.Column("hook_instance", sa.String(64), nullable=False, index=True),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("hook", sa.String(64), nullable=False),
        sa.Column("assessment_hash", sa.String(80), nullable=False),
        sa.Column("answer_hash", sa.String(80), nullable=False),
        sa.Column("knowledge_version", sa.String(64), nullable=False),
        sa.Column("knowledge_hash", sa.String(80), nullable=False),
        sa.Column("service_version", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
