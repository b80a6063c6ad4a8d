"""Editions of more than one section, and readers' own hours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "edition_sections",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("part_id", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "section", name="pk_edition_sections"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], ondelete="CASCADE", name="fk_edition_sections_edition_id_editions"
        ),
    )
    op.create_index("ix_edition_sections_part_id", "edition_sections", ["part_id"])
    op.execute("INSERT INTO edition_sections (edition_id, section, part_id) SELECT id, section, id FROM editions")
    op.create_table(
        "waves",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "zone", name="pk_waves"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], ondelete="CASCADE", name="fk_waves_edition_id_editions"
        ),
    )
