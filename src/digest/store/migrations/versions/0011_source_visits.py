"""When each source was last read well."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "source_visits",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("good_at", UtcDateTime),
        sa.Column("stories", sa.Integer, nullable=False, server_default="0"),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.Column("error_at", UtcDateTime),
        sa.Column("ids", sa.Text, nullable=False, server_default="[]"),
        sa.PrimaryKeyConstraint("source", name="pk_source_visits"),
    )
