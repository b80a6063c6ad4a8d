"""Segments of an audience, and two subjects tried on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("segment", sa.String(80), nullable=False, server_default="all"))
    op.create_table(
        "trials",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("decide_at", UtcDateTime, nullable=False),
        sa.Column("winner", sa.String(80), nullable=False, server_default=""),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("why", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("edition_id", name="pk_trials"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name="fk_trials_edition_id_editions", ondelete="CASCADE"
        ),
    )
