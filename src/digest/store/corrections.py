"""Notes on stories that went out wrong. They stand above the letter in the archive, and may be mailed once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from digest.store.acts import Act, ActKind, record_act
from digest.store.database import Database
from digest.store.schema import corrections

__all__ = ["Correction", "corrections_of", "put_correction"]


@dataclass(frozen=True, slots=True)
class Correction:
    """What was wrong with one story of an edition; `number` counts those of the edition, from 1."""

    edition_id: str
    number: int
    story_id: str
    note: str
    at: datetime
    who: str

    @property
    def part(self) -> str:
        """What the id of the edition that mails it ends with, behind the date."""
        return f"-c{self.number}"


def put_correction(
    database: Database, edition_id: str, story_id: str, note: str, *, who: str, now: datetime
) -> Correction:
    """Write a note, and return it; the same note on the same story is one, whoever repeats it."""
    with database.write() as connection:
        found = connection.execute(
            select(corrections).where(corrections.c.edition_id == edition_id).order_by(corrections.c.number)
        ).all()
        for row in found:
            if (row.story_id, row.note) == (story_id, note):
                return Correction(**row._mapping)
        correction = Correction(edition_id, len(found) + 1, story_id, note, now, who)
        connection.execute(
            corrections.insert().values(
                edition_id=edition_id, number=correction.number, story_id=story_id, note=note, at=now, who=who
            )
        )
        record_act(connection, Act(now, who, edition_id, ActKind.CORRECT, f"{story_id}: {note}"))
    return correction


def corrections_of(database: Database, edition_id: str) -> tuple[Correction, ...]:
    """Return the notes on an edition, oldest first."""
    wanted = select(corrections).where(corrections.c.edition_id == edition_id).order_by(corrections.c.number)
    with database.read() as connection:
        return tuple(Correction(**row._mapping) for row in connection.execute(wanted))
