"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_editions()
    _create_audience()
    _create_ledger()
    _create_what_was_found()
    op.create_table(
        "settings",
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_settings"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _create_editions() -> None:
    op.create_table(
        "editions",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("slot_utc", UtcDateTime, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        _text("reason"),
        _text("subject"),
        sa.Column("content", sa.Text),
        sa.Column("candidates", sa.Integer),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_editions"),
        sa.Column("late_at", UtcDateTime()),
    )
    op.create_table(
        "edition_stories",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("story_id", sa.String(40), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("used_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "story_id", name="pk_edition_stories"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name="fk_edition_stories_edition_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "letters",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("segment", sa.String(80), nullable=False),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("frozen_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "segment", name="pk_letters"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_letters_edition_id", ondelete="CASCADE"),
    )


def _create_audience() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("address_key", sa.String(64), nullable=False),
        _text("name"),
        _text("language"),
        _text("timezone"),
        sa.Column("consented_at", UtcDateTime),
        _text("consent_source"),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("address_key", name="uq_subscribers_address_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subscriptions",
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        _text("how"),
        sa.PrimaryKeyConstraint("subscriber_id", "section", name="pk_subscriptions"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name="fk_subscriptions_subscriber_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_subscriptions_section_status", "subscriptions", ["section", "status"])
    op.create_table(
        "suppressions",
        sa.Column("address_key", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("address_key", name="pk_suppressions"),
    )


def _create_ledger() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("address_key", sa.String(64), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        _text("name"),
        sa.Column("batch", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("refusals", sa.Integer, nullable=False, server_default="0"),
        _text("provider_id"),
        _text("detail"),
        sa.Column("due_at", UtcDateTime),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("edition_id", "address_key", name="uq_deliveries_edition_id_address_key"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_deliveries_edition_id"),
    )
    op.create_index("ix_deliveries_edition_id_state_batch", "deliveries", ["edition_id", "state", "batch"])
    op.create_table(
        "exclusions",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("subscriber_id", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "subscriber_id", name="pk_exclusions"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_exclusions_edition_id", ondelete="CASCADE"),
    )


def _create_what_was_found() -> None:
    op.create_table(
        "stories",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("section", sa.String(80), nullable=False),
        sa.Column("published_at", UtcDateTime),
        sa.Column("fetched_at", UtcDateTime),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stories"),
    )
    op.create_index("ix_stories_published_at", "stories", ["published_at"])
    op.create_index("ix_stories_fetched_at", "stories", ["fetched_at"])
    op.create_table(
        "responses",
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        _text("content_type"),
        _text("etag"),
        _text("last_modified"),
        _text("final_url"),
        sa.Column("fetched_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("url", name="pk_responses"),
    )
    op.create_index("ix_responses_fetched_at", "responses", ["fetched_at"])
