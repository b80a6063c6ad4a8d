"""How a delivery ends: the status that an edition has earned, and what to tell of it."""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path

from digest.deliver import ledger
from digest.deliver.transitions import withdraw_rest
from digest.model import EditionStatus
from digest.store import editions
from digest.store.database import Database

__all__ = ["end", "end_late", "told_fault"]

_SENDING = frozenset({EditionStatus.SENDING})


def end(database: Database, edition_id: str, *, held_by: str, is_spent: bool, now: datetime) -> tuple[str, ...]:
    """Give the edition the status that it has earned; return what to tell."""
    left = ledger.count_open(database, edition_id)
    if held_by:
        editions.set_status(database, edition_id, EditionStatus.HELD, expected=_SENDING, reason=held_by, now=now)
        return (f"Held: {held_by} Not submitted: {left}. `digest approve` lets it go on.",)
    row = editions.get_edition(database, edition_id)
    if row is not None and row.status not in _SENDING:
        because = f": {row.reason}" if row.reason else ""
        return (f"{row.status.value.capitalize()}{because}. Not submitted: {left}.",)
    if is_spent and left:
        withdrawn = withdraw_rest(database, edition_id, "beyond the day's volume of the warm-up", now)
        editions.set_status(database, edition_id, EditionStatus.DONE, expected=_SENDING, now=now)
        return (f"Warm-up: {withdrawn} beyond today's volume, withdrawn.",)
    if not left:
        editions.set_status(database, edition_id, EditionStatus.DONE, expected=_SENDING, now=now)
        return ()
    return (f"Not submitted yet: {left}.",)


def told_fault(fault: Exception) -> str:
    """Say where a mistake of ours happened, for whoever mends it."""
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    where = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"a fault in Digest, {type(fault).__name__} at {where}: {fault}. Report it; `digest approve` goes on."


def end_late(database: Database, edition_id: str, now: datetime, too_late_at: datetime) -> str:
    """End an edition whose time has passed: MISSED when nobody got it, else HELD for an operator to decide."""
    reason = f"too late since {too_late_at:%Y-%m-%d %H:%M} UTC"
    if ledger.has_begun(database, edition_id):
        reason, status = f"{reason}, not submitted: {ledger.count_open(database, edition_id)}", EditionStatus.HELD
    else:
        status = EditionStatus.MISSED
    editions.set_status(database, edition_id, status, expected=_SENDING, reason=reason, now=now)
    return f"{reason[0].upper()}{reason[1:]}."
