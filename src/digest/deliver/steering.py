"""Moves of an edition by an operator's hand: approve, hold, cancel, pause, resume.

Each is one transaction, guarded by the status that it leaves, with the act written beside it. A
delivery that is under way notices at its next mark: that asks for SENDING in its own transaction, so
once a hold, pause or cancellation has returned, only what was marked before may still leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, exists, literal, select

from digest.deliver.surprise import is_surprising
from digest.errors import EditionError
from digest.model import EditionStatus
from digest.store.acts import Act, ActKind, record_act
from digest.store.database import Database
from digest.store.schema import editions, letters

__all__ = ["reopen", "steer"]

_OPEN = frozenset({EditionStatus.DRAFT, EditionStatus.APPROVED, EditionStatus.SENDING})


@dataclass(frozen=True, slots=True)
class _Move:
    leaves: frozenset[EditionStatus]
    to: EditionStatus
    done: str  # with the name of who did it, the edition's reason


_MOVES = {
    ActKind.APPROVE: _Move(frozenset({EditionStatus.HELD}), EditionStatus.APPROVED, ""),
    ActKind.HOLD: _Move(_OPEN, EditionStatus.HELD, "held"),
    ActKind.CANCEL: _Move(_OPEN | {EditionStatus.HELD}, EditionStatus.CANCELLED, "cancelled"),
    ActKind.PAUSE: _Move(frozenset({EditionStatus.APPROVED, EditionStatus.SENDING}), EditionStatus.HELD, "paused"),
    ActKind.RESUME: _Move(frozenset({EditionStatus.HELD, EditionStatus.APPROVED}), EditionStatus.APPROVED, ""),
}


def steer(
    database: Database, edition_id: str, kind: ActKind, *, who: str, now: datetime, late_at: datetime
) -> EditionStatus:
    """Do `kind` to an edition; return the status that it has now.

    Approving or resuming what was held before it was composed makes it a draft again, and clears an
    edition that was held as surprising (`surprise`).

    Args:
        late_at: Until when an edition that goes on has time; it never loses any that it had.

    Raises:
        EditionError: it is in no state for that; says what it is in and what can be done.
    """
    move = _MOVES[kind]
    with database.write() as connection:
        row = connection.execute(select(editions).where(editions.c.id == edition_id)).one_or_none()
        if row is None:
            raise EditionError(f"There is no edition '{edition_id}'. `digest status` lists them.")
        if kind is ActKind.PAUSE and row.candidates is None and row.status in _OPEN:
            raise EditionError(
                f"{edition_id} is {row.status} and nothing of it leaves yet; "
                f"`digest hold {edition_id}` keeps it from beginning."
            )
        if row.status not in move.leaves:
            raise EditionError(f"{edition_id} is {row.status}; {_what_now(kind, edition_id, row.status)}")
        if move.to is EditionStatus.APPROVED:
            status = reopen(connection, edition_id, now=now, late_at=late_at)
            if is_surprising(row.reason):
                connection.execute(editions.update().where(editions.c.id == edition_id).values(cleared_at=now))
        else:
            status = move.to
            changed = {"status": status, "reason": f"{move.done} by {who}", "updated_at": now}
            connection.execute(editions.update().where(editions.c.id == edition_id).values(changed))
        record_act(connection, Act(now, who, edition_id, kind, row.reason))
    return status


def reopen(connection: Connection, edition_id: str, *, now: datetime, late_at: datetime) -> EditionStatus:
    """Let an edition go on, within the caller's transaction: APPROVED, or DRAFT while it has no letter."""
    has_letter = connection.execute(select(exists().where(letters.c.edition_id == edition_id))).scalar_one()
    status = EditionStatus.APPROVED if has_letter else EditionStatus.DRAFT
    later = case((editions.c.late_at > late_at, editions.c.late_at), else_=literal(late_at, editions.c.late_at.type))
    connection.execute(
        editions.update()
        .where(editions.c.id == edition_id)
        .values(status=status, reason="", updated_at=now, late_at=later)
    )
    return status


def _what_now(kind: ActKind, edition_id: str, status: str) -> str:
    if status == EditionStatus.CANCELLED:
        return "that is for good."
    if status == EditionStatus.HELD:
        return f"`digest resume {edition_id}` lets it go on."
    if status == EditionStatus.SENDING and kind in (ActKind.RESUME, ActKind.APPROVE):
        return "a run delivers it, or `digest run` goes on with it."
    return f"there is nothing to {kind.value}."
