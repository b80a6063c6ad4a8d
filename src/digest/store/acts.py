"""What operators did to an edition by hand: who, when, what, and to how many deliveries.

An act is written in the transaction that it tells of, so that neither is there without the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from digest.store.schema import acts

__all__ = ["Act", "ActKind", "acts_of", "record_act"]


class ActKind(StrEnum):
    """What an operator may do to an edition or its deliveries."""

    APPROVE = "approve"
    HOLD = "hold"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    ACCEPT = "accept"  # UNCERTAIN deliveries count as accepted
    CORRECT = "correct"  # of what an edition said
    EDIT = "edit"  # of what an edition will say
    RESUBMIT = "resubmit"  # UNCERTAIN or REJECTED deliveries are queued again


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done by hand; `who` is login@host."""

    at: datetime
    who: str
    edition_id: str
    kind: ActKind
    detail: str = ""


def record_act(connection: Connection, act: Act) -> None:
    """Write `act` in the caller's transaction."""
    told = {"at": act.at, "who": act.who, "edition_id": act.edition_id, "act": act.kind, "detail": act.detail}
    connection.execute(acts.insert().values(told))


def acts_of(connection: Connection, edition_id: str) -> tuple[Act, ...]:
    """Return what was done to an edition, oldest first."""
    wanted = select(acts).where(acts.c.edition_id == edition_id).order_by(acts.c.id)
    return tuple(
        Act(row.at, row.who, row.edition_id, ActKind(row.act), row.detail) for row in connection.execute(wanted)
    )
