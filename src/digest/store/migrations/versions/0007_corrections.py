"""Corrections of what went out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("story_id", sa.String(40), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "number", name="pk_corrections"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name="fk_corrections_edition_id_editions", ondelete="CASCADE"
        ),
    )
