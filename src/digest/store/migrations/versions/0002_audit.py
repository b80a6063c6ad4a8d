"""What an audit needs: requests, events, acts of operators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("editions", sa.Column("cleared_at", UtcDateTime))
    op.add_column("deliveries", _text("request_id"))
    op.add_column("deliveries", sa.Column("resubmissions", sa.Integer, nullable=False, server_default="0"))
    op.drop_index("ix_subscriptions_section_status", "subscriptions")
    op.create_index(
        "ix_subscriptions_section_subscriber_id_status", "subscriptions", ["section", "subscriber_id", "status"]
    )
    op.create_table(
        "events",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("provider_id", sa.String(120)),
        sa.Column("delivery_id", sa.String(32), nullable=False),
        _text("request_id"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        _text("detail"),
        sa.PrimaryKeyConstraint("key", name="pk_events"),
        sa.UniqueConstraint("provider_id", name="uq_events_provider_id"),
    )
    op.create_index("ix_events_delivery_id", "events", ["delivery_id"])
    op.create_index("ix_events_request_id", "events", ["request_id"])
    op.create_index("ix_events_received_at", "events", ["received_at"])
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        _text("detail"),
        sa.PrimaryKeyConstraint("id", name="pk_acts"),
    )
    op.create_index("ix_acts_edition_id", "acts", ["edition_id"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")
