"""What about an edition would surprise its readers or its editors, beside the last one that was delivered.

A list that was cut in half by a bad import, yesterday's subject once more, a dead feed that leaves one
source to fill the letter: each is cheap to look at before the first letter leaves, and dear after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from digest.deliver.candidates import candidates_of
from digest.model import EditionStatus
from digest.store.database import Database
from digest.store.editions import get_content, has_reached
from digest.store.schema import deliveries, edition_sections, editions

__all__ = [
    "EditionFacts",
    "check",
    "expected_deliveries",
    "facts",
    "is_surprising",
    "last_facts",
    "reason",
    "surprises",
]

FEWEST_READERS = 3  # that an audience must differ by: a list of five that gains one is no surprise
_PREFIX = "surprising: "


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """What two editions of a section are compared by."""

    id: str
    readers: int  # with a delivery, or who would get one if the audience were frozen now
    subject: str
    sources: tuple[str, ...]  # of its stories, by name, each once


def surprises(now_: EditionFacts, before: EditionFacts | None, percent: float) -> tuple[str, ...]:
    """Return in words what is surprising about an edition beside the one `before`; nothing beside none.

    Args:
        percent: How far the audiences may differ, of the former one; 0 finds nothing surprising at all.
    """
    if before is None or percent <= 0:
        return ()
    return tuple(
        told for told in (_audience(now_, before, percent), _subject(now_, before), _sources(now_, before)) if told
    )


def check(database: Database, edition_id: str, section: str, percent: float) -> tuple[str, ...]:
    """Return what is surprising about an edition; nothing once an operator has said that it is meant."""
    with database.read() as connection:
        row = connection.execute(
            select(editions.c.slot_utc, editions.c.cleared_at).where(editions.c.id == edition_id)
        ).one()
    if row.cleared_at is not None or percent <= 0:
        return ()
    return surprises(facts(database, edition_id), last_facts(database, section, row.slot_utc), percent)


def reason(found: Sequence[str]) -> str:
    """Return the reason that an edition with these surprises is held for; `is_surprising` knows it again."""
    return f"{_PREFIX}{' '.join(found)}"


def is_surprising(held_for: str) -> bool:
    """Return whether an edition's reason says that it was held as surprising."""
    return held_for.startswith(_PREFIX)


def facts(database: Database, edition_id: str) -> EditionFacts:
    """Return an edition's facts. Before its audience is frozen the readers are counted as that would."""
    with database.read() as connection:
        row = connection.execute(
            select(editions.c.section, editions.c.subject, editions.c.candidates).where(editions.c.id == edition_id)
        ).one()
        within = select(edition_sections.c.edition_id).where(edition_sections.c.part_id == edition_id)
        frozen = select(func.count()).where(deliveries.c.edition_id.in_(within))  # also in letters with other sections
        readers = connection.execute(frozen).scalar_one() if row.candidates is not None else None
    if readers is None:
        readers = expected_deliveries(database, row.section)
    content = get_content(database, edition_id)
    sources = {brief.story.source for brief in content.briefs if brief.story.source} if content else set()
    return EditionFacts(edition_id, readers, row.subject, tuple(sorted(sources)))


def last_facts(database: Database, section: str, before_slot: datetime) -> EditionFacts | None:
    """Return the facts of the section's last edition before `before_slot` that a provider has accepted."""
    wanted = (
        select(editions.c.id)
        .where(
            editions.c.section == section,
            editions.c.id.like("%/____-__-__"),  # no correction: that has its own audience
            editions.c.slot_utc < before_slot,
            editions.c.status == EditionStatus.DONE,
            has_reached(),
        )
        .order_by(editions.c.slot_utc.desc())
        .limit(1)
    )
    with database.read() as connection:
        found = connection.execute(wanted).scalar()
    return facts(database, found) if found is not None else None


def expected_deliveries(database: Database, section: str) -> int:
    """Return how many deliveries freezing the audience of `section` would make now."""
    candidates = candidates_of(section).subquery()
    with database.read() as connection:
        return connection.execute(
            select(func.count()).select_from(candidates).where(candidates.c.reason.is_(None))
        ).scalar_one()


def _audience(now_: EditionFacts, before: EditionFacts, percent: float) -> str:
    difference = now_.readers - before.readers
    if abs(difference) < FEWEST_READERS or abs(difference) * 100 <= percent * before.readers:
        return ""
    share = f" ({difference * 100 / before.readers:+.0f} %)" if before.readers else ""
    return f"{now_.readers:,} readers would get it, {before.readers:,} got {before.id}{share}."


def _subject(now_: EditionFacts, before: EditionFacts) -> str:
    if not now_.subject or now_.subject.split() != before.subject.split():
        return ""
    return f"Its subject is that of {before.id}: “{now_.subject}”."


def _sources(now_: EditionFacts, before: EditionFacts) -> str:
    if len(now_.sources) != 1 or len(before.sources) < 2:
        return ""
    return f"All its stories come from {now_.sources[0]}; {before.id} had {len(before.sources)} sources."
