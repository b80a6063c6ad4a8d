"""Editions: one row a section and slot, what it holds, and the letter that was frozen for it.

A status moves only from the old ones that a caller names, so of two callers one moves it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, or_, select

from digest.canonical import opening_of
from digest.errors import EditionError
from digest.model import ACCEPTED_STATES, Edition, EditionStatus, Letter, Story, Used
from digest.store.codec import dump_edition, dump_letter, load_edition, load_letter
from digest.store.database import Database
from digest.store.schema import deliveries, edition_sections, edition_stories, editions, letters

__all__ = [
    "EditionRow",
    "add_letter",
    "find_letter",
    "freeze",
    "get_content",
    "get_edition",
    "get_letter",
    "has_reached",
    "list_editions",
    "list_recent",
    "list_unfinished",
    "open_edition",
    "put_variant",
    "segments_of",
    "set_late",
    "set_status",
    "used_stories",
    "within",
]

_UNFROZEN = frozenset({EditionStatus.DRAFT, EditionStatus.APPROVED, EditionStatus.HELD})


@dataclass(frozen=True, slots=True)
class EditionRow:
    """Where one edition stands. `candidates` is None until its audience is frozen."""

    id: str
    section: str
    slot: datetime
    status: EditionStatus
    reason: str
    subject: str
    candidates: int | None
    late_at: datetime | None  # when it is given up, if that was moved
    created_at: datetime
    updated_at: datetime

    @property
    def is_combined(self) -> bool:
        return "+" in self.section

    @property
    def day(self) -> str:
        """The local date that names it, with what follows: "2026-11-24-c1" for a correction."""
        return self.id.rpartition("/")[2]


def open_edition(
    database: Database,
    section: str,
    slot: datetime,
    now: datetime,
    edition_id: str,
    parts: Sequence[tuple[str, str]] = (),
) -> EditionRow:
    """Return the one edition of `edition_id`, made as a DRAFT when there is none.

    Args:
        parts: For one of several sections: each with the id of its own edition.
    """
    put = database.insert(editions).values(
        id=edition_id, section=section, slot_utc=slot, status=EditionStatus.DRAFT, created_at=now, updated_at=now
    )
    with database.write() as connection:
        is_new = connection.execute(put.on_conflict_do_nothing().returning(editions.c.id)).one_or_none() is not None
        if is_new:
            belonging = [
                {"edition_id": edition_id, "section": key, "part_id": part_id}
                for key, part_id in parts or ((section, edition_id),)
            ]
            connection.execute(edition_sections.insert(), belonging)
        return _edition_row(connection.execute(_rows().where(editions.c.id == edition_id)).one())


def set_late(database: Database, edition_id: str, late_at: datetime) -> None:
    """Give an edition until `late_at`, never less than it has: somebody wants it now."""
    later = or_(editions.c.late_at.is_(None), editions.c.late_at < late_at)
    with database.write() as connection:
        connection.execute(editions.update().where(editions.c.id == edition_id, later).values(late_at=late_at))


def get_edition(database: Database, edition_id: str) -> EditionRow | None:
    """Return where an edition stands, None when there is none of this id."""
    with database.read() as connection:
        row = connection.execute(_rows().where(editions.c.id == edition_id)).one_or_none()
    return _edition_row(row) if row is not None else None


def list_editions(
    database: Database, section: str | None = None, limit: int = 50, *, of_one_section: bool = False
) -> tuple[EditionRow, ...]:
    """Return the newest editions by slot, newest first.

    Args:
        of_one_section: Leave out those of combined letters, of which a day may have many.
    """
    wanted = _rows().order_by(editions.c.slot_utc.desc(), editions.c.id).limit(limit)
    if of_one_section:
        wanted = wanted.where(~editions.c.section.contains("+"))
    if section is not None:
        wanted = wanted.where(editions.c.section == section)
    with database.read() as connection:
        return tuple(_edition_row(row) for row in connection.execute(wanted))


def list_recent(database: Database, limit: int) -> tuple[EditionRow, ...]:
    """Return the newest editions of one section, and all combined ones of their slots: by slot, newest first.

    Of a slot those of one section come first, then the combined ones of each day, side by side.
    """
    newest = list_editions(database, limit=limit, of_one_section=True)
    if not newest:
        return ()
    since = editions.c.slot_utc >= newest[-1].slot
    with database.read() as connection:
        found = connection.execute(_rows().where(since, editions.c.section.contains("+")))
        combined = [_edition_row(row) for row in found]
    rows = sorted((*newest, *combined), key=lambda row: (row.is_combined, row.day, row.id))
    return tuple(sorted(rows, key=lambda row: row.slot, reverse=True))


def list_unfinished(database: Database) -> tuple[EditionRow, ...]:
    """Return the editions whose audience is frozen and not yet served, oldest first."""
    wanted = (
        _rows()
        .where(
            editions.c.status.in_([EditionStatus.APPROVED, EditionStatus.SENDING]), editions.c.candidates.is_not(None)
        )
        .order_by(editions.c.slot_utc, editions.c.id)
    )
    with database.read() as connection:
        return tuple(_edition_row(row) for row in connection.execute(wanted))


def set_status(
    database: Database,
    edition_id: str,
    new: EditionStatus,
    *,
    expected: frozenset[EditionStatus],
    reason: str = "",
    now: datetime,
) -> bool:
    """Move an edition to `new` if it is in one of `expected`; return whether it was."""
    move = (
        editions.update()
        .where(editions.c.id == edition_id, editions.c.status.in_(sorted(expected)))
        .values(status=new, reason=reason, updated_at=now)
        .returning(editions.c.id)
    )
    with database.write() as connection:
        return connection.execute(move).one_or_none() is not None


def freeze(database: Database, edition: Edition, letter: Letter, now: datetime) -> Letter:
    """Store an edition and its letter together, approve it, and return the letter that stands.

    Of two processes that compose the same edition the first wins; the other gets the first's letter.

    Raises:
        EditionError: there is no such edition, or it was held, cancelled or finished meanwhile.
    """
    with database.write() as connection:
        standing = _standing_letter(connection, letter.edition_id, letter.segment)
        if standing is not None:
            return standing
        _require_unfrozen(connection, edition.id)
        _put_content(connection, edition, now)
        _put_letter(database, connection, letter, now)
        approve = (
            editions.update()
            .where(editions.c.id == edition.id, editions.c.status.in_([EditionStatus.DRAFT, EditionStatus.APPROVED]))
            .values(status=EditionStatus.APPROVED)
            .returning(editions.c.id)
        )
        if connection.execute(approve).one_or_none() is None:
            raise EditionError(f"{edition.id}: was held or cancelled meanwhile; nothing was frozen.")
    return letter


def get_content(database: Database, edition_id: str) -> Edition | None:
    """Return what the edition holds, or None when nothing was composed yet."""
    with database.read() as connection:
        content = connection.execute(select(editions.c.content).where(editions.c.id == edition_id)).scalar()
    return load_edition(content) if content is not None else None


def put_variant(database: Database, letter: Letter, now: datetime) -> None:
    """Store a letter of another segment, before the edition is frozen with its first.

    Raises:
        EditionError: the edition is frozen, or there is none.
    """
    with database.write() as connection:
        _require_unfrozen(connection, letter.edition_id)
        _put_letter(database, connection, letter, now)


def add_letter(database: Database, letter: Letter, now: datetime) -> Letter:
    """Store the letter of one more segment of a frozen edition; return the one that stands, the first's."""
    with database.write() as connection:
        standing = _standing_letter(connection, letter.edition_id, letter.segment)
        if standing is not None:
            return standing
        _put_letter(database, connection, letter, now)
    return letter


def segments_of(database: Database, edition_id: str) -> tuple[str, ...]:
    """Return the segments that a letter was frozen for, in their order."""
    wanted = select(letters.c.segment).where(letters.c.edition_id == edition_id).order_by(letters.c.segment)
    with database.read() as connection:
        return tuple(connection.execute(wanted).scalars())


def get_letter(database: Database, edition_id: str, segment: str | None = None) -> Letter | None:
    """Return the frozen letter of `segment`, or the edition's first when no segment is named."""
    with database.read() as connection:
        return _standing_letter(connection, edition_id, segment)


def find_letter(database: Database, segment: str, day: str) -> Letter | None:
    """Return a letter of `segment` of any edition of the local date `day`, None where there is none."""
    wanted = select(letters.c.letter).where(letters.c.segment == segment, letters.c.edition_id.endswith(f"/{day}"))
    with database.read() as connection:
        text = connection.execute(wanted.order_by(letters.c.edition_id).limit(1)).scalar()
    return load_letter(text) if text is not None else None


def used_stories(
    database: Database, section: str, since: datetime, *, but: str = "", until: datetime | None = None
) -> tuple[Used, ...]:
    """Return what readers of `section` got since then, oldest first, not counting edition `but`.

    A story counts as used only once a provider has accepted its edition for at least one reader.
    """
    wanted = (
        select(
            edition_stories.c.story_id,
            edition_stories.c.used_at,
            edition_stories.c.edition_id,
            edition_stories.c.opening,
        )
        .join(editions, editions.c.id == edition_stories.c.edition_id)
        .where(editions.c.section == section, editions.c.id != but, edition_stories.c.used_at >= since, has_reached())
        .order_by(edition_stories.c.used_at, edition_stories.c.story_id)
    )
    if until is not None:
        wanted = wanted.where(edition_stories.c.used_at < until)
    with database.read() as connection:
        return tuple(Used(*row) for row in connection.execute(wanted))


def within(database: Database, edition_id: str) -> tuple[str, ...]:
    """Return the ids of the editions whose letters hold this one: itself, and those of several sections."""
    wanted = select(edition_sections.c.edition_id).where(edition_sections.c.part_id == edition_id)
    with database.read() as connection:
        return tuple(sorted({edition_id, *connection.execute(wanted).scalars()}))


def has_reached() -> ColumnElement[bool]:
    """Say in SQL whether a provider has accepted a letter of an edition, or one that it is a part of."""
    within = select(edition_sections.c.edition_id).where(edition_sections.c.part_id == editions.c.id)
    return exists().where(
        deliveries.c.edition_id.in_(within.correlate(editions)), deliveries.c.state.in_(ACCEPTED_STATES)
    )


def _rows() -> Select[tuple[object, ...]]:
    return select(
        editions.c.id,
        editions.c.section,
        editions.c.slot_utc,
        editions.c.status,
        editions.c.reason,
        editions.c.subject,
        editions.c.candidates,
        editions.c.late_at,
        editions.c.created_at,
        editions.c.updated_at,
    )


def _edition_row(row: Row[tuple[object, ...]]) -> EditionRow:
    values = dict(row._mapping)
    return EditionRow(slot=values.pop("slot_utc"), status=EditionStatus(values.pop("status")), **values)


def _is_frozen(connection: Connection, edition_id: str) -> bool:
    return connection.execute(select(editions.c.candidates).where(editions.c.id == edition_id)).scalar() is not None


def _require_unfrozen(connection: Connection, edition_id: str) -> None:
    status = connection.execute(select(editions.c.status).where(editions.c.id == edition_id)).scalar()
    if status is None:
        raise EditionError(f"There is no edition {edition_id!r}. `digest status` lists them.")
    if status not in _UNFROZEN or _is_frozen(connection, edition_id):
        raise EditionError(f"{edition_id} is {status} or its audience is frozen: what it holds can't change any more.")


def _put_content(connection: Connection, edition: Edition, now: datetime) -> None:
    connection.execute(
        editions.update()
        .where(editions.c.id == edition.id)
        .values(content=dump_edition(edition), subject=edition.subject, updated_at=now)
    )
    connection.execute(edition_stories.delete().where(edition_stories.c.edition_id == edition.id))
    rows = [
        {
            "edition_id": edition.id,
            "story_id": story.id,
            "role": role,
            "used_at": now,
            "opening": opening_of(story.title, story.paragraphs),
        }
        for story, role in {story.id: (story, role) for story, role in _stories_with_roles(edition)}.values()
    ]
    if rows:
        connection.execute(edition_stories.insert(), rows)


def _stories_with_roles(edition: Edition) -> Iterable[tuple[Story, str]]:
    for role, briefs in (
        ("more", edition.more),
        ("popular", edition.popular),
        ("top", edition.top),
        ("lead", (edition.lead,) if edition.lead else ()),
    ):
        for brief in briefs:
            yield brief.story, role


def _standing_letter(connection: Connection, edition_id: str, segment: str | None) -> Letter | None:
    wanted = select(letters.c.letter).where(letters.c.edition_id == edition_id).order_by(letters.c.segment).limit(1)
    if segment is not None:
        wanted = wanted.where(letters.c.segment == segment)
    text = connection.execute(wanted).scalar()
    return load_letter(text) if text is not None else None


def _put_letter(database: Database, connection: Connection, letter: Letter, now: datetime) -> None:
    text = dump_letter(letter)
    put = database.insert(letters).values(
        edition_id=letter.edition_id,
        segment=letter.segment,
        letter=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        frozen_at=now,
    )
    changed = {name: put.excluded[name] for name in ("letter", "sha256", "frozen_at")}
    connection.execute(put.on_conflict_do_update(index_elements=["edition_id", "segment"], set_=changed))
