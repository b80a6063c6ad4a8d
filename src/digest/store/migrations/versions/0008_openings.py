"""Which version of a story went out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("edition_stories", sa.Column("opening", sa.String(16), nullable=False, server_default=""))
