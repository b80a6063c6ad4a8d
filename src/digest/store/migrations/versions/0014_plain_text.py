"""On PostgreSQL, text of any length in the order of its bytes, as SQLite has it by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_TEXTS = sa.text(
    "SELECT table_name, string_agg(format('ALTER COLUMN %I TYPE text COLLATE \"C\"', column_name), ', ') "
    "FROM information_schema.columns WHERE table_schema = current_schema() "
    "AND data_type IN ('text', 'character varying') AND table_name <> 'alembic_version' GROUP BY table_name"
)


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    connection = op.get_bind()
    for table, changes in connection.execute(_TEXTS).all():
        op.execute(f'ALTER TABLE "{table}" {changes}')
