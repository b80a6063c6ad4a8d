"""Workers: who they are, what each has in flight, one pace for all, and on PostgreSQL Procrastinate's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    is_server = op.get_context().dialect.name == "postgresql"
    short = sa.Text(collation="C") if is_server else sa.String(40)
    op.add_column("deliveries", sa.Column("holder", short, nullable=False, server_default=""))
    op.create_table(
        "workers",
        sa.Column("holder", short, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.Column("at_once", sa.Integer, nullable=False),
        sa.Column("at_work", sa.Integer, nullable=False, server_default="0"),
        sa.Column("batches", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("holder", name="pk_workers"),
    )
    op.create_table(
        "paces",
        sa.Column("key", short, nullable=False),
        sa.Column("free_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_paces"),
    )
    if is_server:
        from procrastinate.schema import SchemaManager

        op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
