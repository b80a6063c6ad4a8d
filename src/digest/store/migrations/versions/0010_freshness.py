"""Until when an answer needs no new request."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("DELETE FROM responses")  # bodies are packed from here on; what is gone is fetched again
    op.add_column("responses", sa.Column("fresh_until", UtcDateTime))
