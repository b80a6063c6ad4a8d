"""Every table, as the newest migration leaves it.

`address_key` is everywhere the keyed hash of an address in normal form (`Database.hashed`), never
the address: a suppression must outlive the erasure of the person (GDPR Art. 17), and the same value
joins readers, suppressions and deliveries. The address itself stands in `email` columns only, which
erasing empties.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

__all__ = [
    "UtcDateTime",
    "acts",
    "clicks",
    "considered",
    "corrections",
    "deliveries",
    "edition_sections",
    "edition_stories",
    "editions",
    "edits",
    "events",
    "exclusions",
    "letters",
    "metadata",
    "model_answers",
    "paces",
    "placements",
    "responses",
    "settings",
    "source_visits",
    "stories",
    "subscribers",
    "subscriptions",
    "suppressions",
    "trials",
    "waves",
    "workers",
]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. SQLite has no zones: there it is the naive UTC time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; the database keeps instants")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _short(length: int) -> String:
    """Return the type of a short text. PostgreSQL would enforce its length, and would save nothing by it."""
    return String(length).with_variant(Text(), "postgresql")


# Names that every database agrees on, so that a migration can name what it drops.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default="")


editions = Table(
    "editions",
    metadata,
    Column("id", _short(80), primary_key=True),  # "politics/2026-11-24", "politics+sports/2026-11-24"
    Column("section", _short(40), nullable=False),  # or several, joined by "+"
    Column("slot_utc", UtcDateTime, nullable=False),
    Column("status", _short(12), nullable=False),
    _text("reason"),
    _text("subject"),
    Column("content", Text),  # the Edition as JSON; null until it is composed
    Column("candidates", Integer),  # of the frozen audience; null until it is frozen
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("late_at", UtcDateTime),  # when it is given up, if somebody has asked for it or approved it late
    Column("cleared_at", UtcDateTime),  # when an operator said that what is surprising about it is meant
)

# Whose readers an edition is for, and which section's edition each part of it is.
edition_sections = Table(
    "edition_sections",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("section", _short(40), primary_key=True),
    Column("part_id", _short(80), nullable=False, index=True),  # the edition's own id, where it is of one section
)

# When readers' own hours come, where each has theirs: by zone, "" for those whose zone isn't known.
waves = Table(
    "waves",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("zone", Text, primary_key=True),
    Column("number", Integer, nullable=False),  # of the instant, from 0; batches begin with it
    Column("at", UtcDateTime, nullable=False),
)

edition_stories = Table(
    "edition_stories",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", _short(40), primary_key=True),
    Column("role", _short(12), nullable=False),  # lead, top, popular, more
    Column("used_at", UtcDateTime, nullable=False),
    Column("opening", _short(16), nullable=False, server_default=""),  # of the version that went out
)

letters = Table(
    "letters",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("segment", _short(80), primary_key=True),
    Column("letter", Text, nullable=False),  # the Letter as JSON
    Column("sha256", _short(64), nullable=False),  # of `letter`
    Column("frozen_at", UtcDateTime, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", Text, nullable=False),
    Column("address_key", _short(64), nullable=False, unique=True),
    _text("name"),
    _text("language"),
    _text("timezone"),
    Column("consented_at", UtcDateTime),
    _text("consent_source"),
    Column("created_at", UtcDateTime, nullable=False),
    # An id must never come back: the links in an erased reader's letters would act on its new owner.
    sqlite_autoincrement=True,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("section", _short(40), primary_key=True),
    Column("status", _short(12), nullable=False),  # active, unsubscribed
    Column("changed_at", UtcDateTime, nullable=False),
    _text("how"),
    Index(None, "section", "subscriber_id", "status"),  # an audience in its order, without sorting
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_key", _short(64), primary_key=True),
    Column("reason", _short(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _short(32), primary_key=True),
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("subscriber_id", Integer, nullable=False),  # no foreign key: the ledger outlives an erased reader
    Column("address_key", _short(64), nullable=False),
    Column("email", Text, nullable=False),
    _text("name"),
    Column("batch", Integer, nullable=False),  # all of one segment
    Column("state", _short(12), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),  # every try: the fence of outcomes
    Column("refusals", Integer, nullable=False, server_default="0"),  # of this reader: `max_attempts` bounds them
    _text("provider_id"),
    _text("detail"),
    Column("due_at", UtcDateTime),
    Column("changed_at", UtcDateTime, nullable=False),
    _text("request_id"),  # of the provider's request that it was last submitted with
    Column("resubmissions", Integer, nullable=False, server_default="0"),  # after it had been UNCERTAIN
    Column("segment", _short(80), nullable=False, server_default="all"),  # whose letter it is; "" while that is open
    Column("holder", _short(40), nullable=False, server_default=""),  # the worker that marked it; "" for a run
    UniqueConstraint("edition_id", "address_key"),
    Index(None, "edition_id", "state", "batch"),
)

exclusions = Table(
    "exclusions",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("subscriber_id", Integer, primary_key=True),
    Column("reason", _short(20), nullable=False),
)

# What providers reported later. A report may come again, also under another id: `key` tells it by what it says.
events = Table(
    "events",
    metadata,
    Column("key", _short(64), primary_key=True),
    Column("provider_id", _short(120), unique=True),
    Column("delivery_id", _short(32), nullable=False, index=True),
    Column("request_id", Text, nullable=False, server_default="", index=True),
    Column("kind", _short(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False, index=True),
    _text("detail"),
)

# What operators did to the ledger by hand.
acts = Table(
    "acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("edition_id", _short(80), nullable=False, index=True),
    Column("act", _short(20), nullable=False),
    _text("detail"),
)

# Two subjects tried on a part of an audience. The winner is written once.
trials = Table(
    "trials",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("decide_at", UtcDateTime, nullable=False),
    Column("winner", _short(80), nullable=False, server_default=""),  # a segment
    Column("decided_at", UtcDateTime),
    _text("why"),
)

# What editors decided about an edition before its letter was frozen.
edits = Table(
    "edits",
    metadata,
    Column("edition_id", _short(80), primary_key=True),
    Column("story_id", _short(40), primary_key=True),  # "" for what is said of the edition
    Column("kind", _short(12), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
)

# What a language model answered of a story, by everything that it was asked with.
model_answers = Table(
    "model_answers",
    metadata,
    Column("key", _short(64), primary_key=True),
    Column("story_id", _short(40), nullable=False),
    _text("provider"),
    _text("model"),
    _text("prompt_hash"),
    _text("answer"),  # as it came; "" for one that was paid for and is none
    Column("prompt_tokens", Integer, nullable=False, server_default="0"),
    Column("answer_tokens", Integer, nullable=False, server_default="0"),
    Column("at", UtcDateTime, nullable=False, index=True),
    _text("verdict"),  # approved, rejected; "": nobody has looked
    _text("verdict_by"),
    Column("verdict_at", UtcDateTime),
)

# What editions were chosen from, so that other settings can be tried on them.
considered = Table(
    "considered",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("picks", Text, nullable=False),  # JSON
)

# What was wrong with a story that had gone out.
corrections = Table(
    "corrections",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("story_id", _short(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
)

# How often stories were clicked in letters. Nothing is kept of who did.
clicks = Table(
    "clicks",
    metadata,
    Column("edition_id", _short(80), primary_key=True),
    Column("url", Text, primary_key=True),  # canonical
    Column("hour", UtcDateTime, primary_key=True, index=True),
    Column("clicks", Integer, nullable=False),
)

stories = Table(
    "stories",
    metadata,
    Column("id", _short(40), primary_key=True),
    Column("url", Text, nullable=False),
    Column("section", _short(80), nullable=False),
    Column("published_at", UtcDateTime, index=True),
    Column("fetched_at", UtcDateTime, index=True),
    Column("content", Text, nullable=False),  # the Story as JSON
)

# Which event each of the last days' stories is in, since when and why; an event is called after one of its stories.
placements = Table(
    "placements",
    metadata,
    Column("story_id", _short(40), primary_key=True),
    Column("event", _short(80), nullable=False),
    Column("event_before", _short(80)),  # if the story has changed its event
    Column("reason", Text, nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
)

responses = Table(
    "responses",
    metadata,
    Column("url", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    _text("content_type"),
    _text("etag"),
    _text("last_modified"),
    _text("final_url"),
    Column("fetched_at", UtcDateTime, nullable=False, index=True),
    Column("fresh_until", UtcDateTime),
)

# When each source was last read well, by the name that reports call it.
source_visits = Table(
    "source_visits",
    metadata,
    Column("source", Text, primary_key=True),
    Column("good_at", UtcDateTime),
    Column("stories", Integer, nullable=False, server_default="0"),
    _text("error"),
    Column("error_at", UtcDateTime),
    Column("ids", Text, nullable=False, server_default="[]"),  # JSON: (the story's id, the feed's own)
)

# Who delivers beside others, on a server's database. `holder` is also in `deliveries`.
workers = Table(
    "workers",
    metadata,
    Column("holder", _short(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("at_once", Integer, nullable=False),  # batches it may work on
    Column("at_work", Integer, nullable=False, server_default="0"),
    Column("batches", Integer, nullable=False, server_default="0"),  # so far
)

# When the next letter may leave, of all workers'.
paces = Table(
    "paces",
    metadata,
    Column("key", _short(40), primary_key=True),
    Column("free_at", UtcDateTime, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("key", _short(80), primary_key=True),
    Column("value", Text, nullable=False),
)
