"""Deliveries that an operator settles by hand: UNCERTAIN ones, and a second try for REJECTED ones.

    UNCERTAIN ─ accept_uncertain ─→ ACCEPTED
    UNCERTAIN ─ resubmit_uncertain ─→ QUEUED, due now: the same delivery, so the same Message-ID
    REJECTED ─ resubmit_rejected ─→ QUEUED, due now

`attempts` only ever counts up: an outcome of the attempt that was given up moves nothing (`transitions`).
What is queued again of a finished or held edition lets that go on. While an edition is SENDING nothing is
queued again by hand: its run may be counting what is left at this very moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, literal, select

from digest.deliver.exclusive import sole_deliverer
from digest.deliver.steering import reopen
from digest.deliver.transitions import editions_in_flight, orphans_to_uncertain
from digest.errors import EditionError
from digest.model import DeliveryState, EditionStatus
from digest.store.acts import Act, ActKind, record_act
from digest.store.database import Database
from digest.store.given import given_values
from digest.store.schema import deliveries, editions

__all__ = ["Settled", "accept_uncertain", "resubmit_rejected", "resubmit_uncertain", "settle_orphans"]

MOST_IDS_KEPT = 20  # in the act's words; the ledger's rows have them all
_RESUBMITTABLE = frozenset({EditionStatus.DONE, EditionStatus.HELD, EditionStatus.APPROVED})


@dataclass(frozen=True, slots=True)
class Settled:
    """How many deliveries moved, and of those that were named the ones that did not."""

    moved: int
    unmoved: tuple[str, ...] = ()


def settle_orphans(database: Database, now: datetime) -> int:
    """Make UNCERTAIN what was in flight when its process died, of all editions; return how many those were.

    Also of one that was held or cancelled since, which no run takes up again. Nothing is done while
    somebody delivers: then what is in flight may be theirs.
    """
    with sole_deliverer(database, lambda _: True) as lock:
        if lock is None:
            return 0
        return sum(orphans_to_uncertain(database, edition_id, now) for edition_id in editions_in_flight(database))


def accept_uncertain(database: Database, edition_id: str, ids: Sequence[str], *, who: str, now: datetime) -> Settled:
    """Count UNCERTAIN deliveries as accepted: those of `ids`, or all of the edition when it is empty.

    Raises:
        EditionError: there is no such edition.
    """
    changed = {
        "state": DeliveryState.ACCEPTED,
        "detail": literal(f"accepted by hand by {who}; ") + deliveries.c.detail,
        "changed_at": now,
    }
    with database.write() as connection:
        _status(connection, edition_id)
        settled = _move(connection, edition_id, DeliveryState.UNCERTAIN, ids, changed)
        _record(connection, settled, Act(now, who, edition_id, ActKind.ACCEPT), DeliveryState.UNCERTAIN)
    return settled.outcome


def resubmit_uncertain(
    database: Database, edition_id: str, ids: Sequence[str], *, who: str, now: datetime, late_at: datetime
) -> Settled:
    """Queue UNCERTAIN deliveries again: those of `ids`, or all when it is empty. Readers may get them twice.

    Args:
        late_at: Until when the edition has time to go on.

    Raises:
        EditionError: there is no such edition, or it is in no state for that; nothing moved.
    """
    changed = {"resubmissions": deliveries.c.resubmissions + 1}
    return _resubmit(
        database, Act(now, who, edition_id, ActKind.RESUBMIT), DeliveryState.UNCERTAIN, ids, changed, late_at
    )


def resubmit_rejected(database: Database, edition_id: str, *, who: str, now: datetime, late_at: datetime) -> Settled:
    """Queue every REJECTED delivery again, each with all of its refusals ahead of it.

    Raises:
        EditionError: as `resubmit_uncertain`.
    """
    return _resubmit(
        database, Act(now, who, edition_id, ActKind.RESUBMIT), DeliveryState.REJECTED, (), {"refusals": 0}, late_at
    )


@dataclass(frozen=True, slots=True)
class _Moved:
    ids: tuple[str, ...]
    outcome: Settled


def _resubmit(
    database: Database, act: Act, leaves: DeliveryState, ids: Sequence[str], changed: dict[str, Any], late_at: datetime
) -> Settled:
    queued = {**changed, "state": DeliveryState.QUEUED, "due_at": None, "changed_at": act.at}
    with database.write() as connection:
        status = _status(connection, act.edition_id)
        if status not in _RESUBMITTABLE:
            raise EditionError(_why_not(act.edition_id, status))
        settled = _move(connection, act.edition_id, leaves, ids, queued)
        if settled.ids:
            reopen(connection, act.edition_id, now=act.at, late_at=late_at)
        _record(connection, settled, act, leaves)
    return settled.outcome


def _status(connection: Connection, edition_id: str) -> EditionStatus:
    status = connection.execute(select(editions.c.status).where(editions.c.id == edition_id)).scalar()
    if status is None:
        raise EditionError(f"There is no edition '{edition_id}'. `digest status` lists them.")
    return EditionStatus(status)


def _why_not(edition_id: str, status: EditionStatus) -> str:
    if status is EditionStatus.SENDING:
        return f"{edition_id} is in mid-delivery: `digest pause {edition_id}` first, and `digest resume` it after."
    return f"{edition_id} is {status.value}: nothing of it can be submitted again."


def _move(
    connection: Connection, edition_id: str, leaves: DeliveryState, ids: Sequence[str], changed: dict[str, Any]
) -> _Moved:
    """Change the deliveries in state `leaves`, all or those named."""
    move = deliveries.update().where(deliveries.c.edition_id == edition_id, deliveries.c.state == leaves)
    if changed["state"] == DeliveryState.QUEUED:
        move = move.where(deliveries.c.email != "")  # an erased reader has no address any more
    told: dict[str, Any] = {}
    if ids:
        named = given_values("ids")
        move = move.where(deliveries.c.id.in_(select(named.c.value)))
        told["ids"] = list(ids)
    found = tuple(connection.execute(move.values(changed).returning(deliveries.c.id), told).scalars())
    missing = set(ids).difference(found)
    return _Moved(found, Settled(len(found), tuple(one for one in dict.fromkeys(ids) if one in missing)))


def _record(connection: Connection, settled: _Moved, act: Act, left: DeliveryState) -> None:
    """Write the act down, unless nothing came of it."""
    if not settled.ids:
        return
    more = len(settled.ids) - MOST_IDS_KEPT
    shown = " ".join(sorted(settled.ids)[:MOST_IDS_KEPT]) + (f" and {more} more" if more > 0 else "")
    detail = f"{len(settled.ids)} {left.value}: {shown}"
    record_act(connection, Act(act.at, act.who, act.edition_id, act.kind, detail))
