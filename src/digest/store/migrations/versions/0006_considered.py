"""What editions were chosen from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "considered",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("picks", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", name="pk_considered"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name="fk_considered_edition_id_editions", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_considered_at", "considered", ["at"])
