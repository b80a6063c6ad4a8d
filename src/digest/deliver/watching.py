"""Watches over an edition that workers deliver: everything due has a job, and the edition ends when nothing is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from digest.deliver import ledger
from digest.deliver.transitions import orphans_to_uncertain
from digest.deliver.waves import withdraw_late
from digest.errors import DatabaseLostError
from digest.model import DeliveryState, EditionStatus
from digest.store import editions
from digest.store.database import Database
from digest.store.patience import patiently
from digest.store.workers import count_live, defer_due, end_standing, has_jobs

__all__ = ["sweep", "watch"]

LOOK_SECONDS = 0.5
SWEEP_SECONDS = 5.0  # between looks at the whole ledger while jobs are there


def watch(
    database: Database,
    edition_id: str,
    segments: list[str],
    *,
    until: datetime,
    slack: timedelta,
    patience_seconds: float,
    wait: Callable[[float], bool],
    now: Callable[[], datetime],
) -> bool:
    """Look on while workers deliver; return False once no worker lives and something is still to be done.

    It ends when nothing is open, the edition is not SENDING any more, `wait` says so, `until` has come, or the next
    attempt is further away than `patience_seconds`.
    """
    swept_at: datetime | None = None
    while patiently(lambda: _is_sending(database, edition_id)) and now() < until:
        try:
            if not count_live(database):
                return False
            moment = now()
            is_worked_on = has_jobs(database, edition_id)
            if not is_worked_on or swept_at is None or (moment - swept_at).total_seconds() >= SWEEP_SECONDS:
                swept_at = moment
                deferred = sweep(database, edition_id, moment, slack)
                if not (is_worked_on or deferred) and _rests(database, edition_id, segments, moment, patience_seconds):
                    return True
        except DatabaseLostError:
            swept_at = None
        if wait(LOOK_SECONDS):
            return True
    return True


def _rests(database: Database, edition_id: str, segments: list[str], moment: datetime, patience_seconds: float) -> bool:
    """Return whether nothing is in flight, and nothing is worth waiting for."""
    if DeliveryState.SUBMITTING in dict(ledger.counts(database, edition_id)):
        return False
    due = ledger.next_due(database, edition_id, segments=segments)
    return due is None or (due - moment).total_seconds() > patience_seconds


def sweep(database: Database, edition_id: str, now: datetime, slack: timedelta) -> int:
    """Settle what workers that are gone had in flight, and put in jobs for what is due; return how many jobs.

    Args:
        slack: How long after their own hour readers may still get it, where each has theirs.
    """
    end_standing(database)
    orphans_to_uncertain(database, edition_id, now, only_workers=True)
    withdraw_late(database, edition_id, now, slack)
    with database.write() as connection:
        return defer_due(connection, edition_id, now)


def _is_sending(database: Database, edition_id: str) -> bool:
    row = editions.get_edition(database, edition_id)
    return row is not None and row.status is EditionStatus.SENDING
