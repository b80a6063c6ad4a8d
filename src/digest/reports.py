"""What became of the slots of a run, read back from the database."""

from __future__ import annotations

from dataclasses import dataclass

from digest.deliver import ledger
from digest.errors import Fault
from digest.model import DeliveryState, Edition, EditionStatus, SourceProblem
from digest.select import Move
from digest.store import editions
from digest.store.database import Database

__all__ = ["EditionReport", "RunReport", "report_on"]

_WENT_WELL = frozenset({EditionStatus.DONE, EditionStatus.SKIPPED, EditionStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class EditionReport:
    """What became of one slot. `letter_bytes` are those of the HTML, 0 without a letter."""

    id: str
    status: EditionStatus
    reason: str = ""
    subject: str = ""
    letter_bytes: int = 0
    made_of: str = ""
    counts: tuple[tuple[DeliveryState, int], ...] = ()
    notes: tuple[str, ...] = ()
    waits: bool = False  # for an editor's word or a trial's end, and that is as it should be

    @property
    def needs_attention(self) -> bool:
        """Whether letters are left that could not be submitted, or that nobody knows about."""
        return (not self.waits and self.status not in _WENT_WELL) or DeliveryState.UNCERTAIN in dict(self.counts)


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run did. `stories` is None when nothing was collected: every edition had its letter."""

    editions: tuple[EditionReport, ...]
    stories: int | None = None
    sources: int = 0
    seconds: float = 0.0  # of collecting
    popularity_input: str = ""
    moves: tuple[Move, ...] = ()  # which stories changed their event
    problems: tuple[SourceProblem, ...] = ()
    list_faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()  # on earlier editions

    @property
    def has_failed(self) -> bool:
        """Whether an edition needs attention, or was skipped while sources could not be read."""
        is_starved = any(edition.status is EditionStatus.SKIPPED for edition in self.editions) and bool(self.problems)
        return is_starved or any(edition.needs_attention for edition in self.editions)


def report_on(database: Database, edition_id: str, notes: tuple[str, ...] = ()) -> EditionReport:
    """Return what is true of an edition now."""
    row = editions.get_edition(database, edition_id)
    if row is None:
        return EditionReport(edition_id, EditionStatus.MISSED, "there is no such edition")
    content = editions.get_content(database, row.id)
    letter = editions.get_letter(database, row.id)
    return EditionReport(
        id=row.id,
        status=row.status,
        reason=row.reason,
        subject=row.subject,
        letter_bytes=len(letter.html.encode()) if letter else 0,
        made_of=_made_of(content) if content else "",
        counts=ledger.counts(database, row.id),
        notes=notes,
    )


def _made_of(edition: Edition) -> str:
    if edition.parts:
        return f"{len(edition.parts)} sections, {len(edition.briefs)} stories"
    parts = ((1 + len(edition.top), "top"), (len(edition.popular), "popular"), (len(edition.more), "more"))
    return ", ".join(f"{count} {name}" for count, name in parts if count)
