"""Clicks in letters, by edition, story and hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "clicks",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("hour", UtcDateTime, nullable=False),
        sa.Column("clicks", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "url", "hour", name="pk_clicks"),
    )
    op.create_index("ix_clicks_hour", "clicks", ["hour"])
