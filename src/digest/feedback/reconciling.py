"""Rule R: what becomes of a delivery whose answer was lost.

    hold        it stays UNCERTAIN until an operator decides
    resubmit    queued again at once and once, whoever the sender is: it may arrive twice
    reconcile   the provider's events settle it; their absence queues its whole request again, once

Absence proves that a request was not taken only if all of this holds:

1. `reconcile_after_minutes` have passed. The time counts from when the delivery became UNCERTAIN, which is
   after it was submitted.
2. The event webhook is shown to work: an event of another request, of something that happened after this
   request, was received after that time. Without one nothing is known for 24 hours, as long as SendGrid
   repeats a post that failed. Then it must have brought any event since a day before the request.
3. No event tells of any delivery of the request.

What was queued again and is UNCERTAIN a second time stays so. What left without a request's name, as over
SMTP, has no events and stays UNCERTAIN too. An edition for which it is too late is not taken up again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from digest.feedback.settling import settle_kept
from digest.settings import DeliverySettings, OnUncertain
from digest.store import uncertain
from digest.store.database import Database
from digest.store.uncertain import UncertainRequest

__all__ = ["Reconciled", "reconcile"]

POSTS_REPEATED_FOR = timedelta(hours=24)
_TOO_LATE = "too late to submit it again"
_NOT_TAKEN = "queued again: by its events the provider had not taken it"
_WANTED_TWICE = "queued again, as delivery.on_uncertain says: it may arrive twice"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many deliveries events settled, how many are queued again, of which editions, and what to tell."""

    settled: int = 0
    queued: int = 0
    editions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def reconcile(database: Database, now: datetime, settings: DeliverySettings) -> Reconciled:
    """Settle what can be settled now; an edition of which something is queued again goes on at its next run.

    May be called at any time, by any number of processes; what is told is told once.

    Raises:
        StoreError: the database can't be written.
    """
    settled = settle_kept(database, now)
    queued: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for edition, requests in _decided(database, now, settings):
        if now < _late_at(requests[0], settings):
            queued[edition] += _queue(database, requests, now, settings.on_uncertain)
        else:
            late[edition] += sum(uncertain.note_once(database, request, _TOO_LATE) for request in requests)
    queued, late = +queued, +late  # without those of which nothing moved
    return Reconciled(settled, queued.total(), tuple(queued), (*_told_queued(queued), *_told_late(late)))


def _decided(
    database: Database, now: datetime, settings: DeliverySettings
) -> Iterator[tuple[str, tuple[UncertainRequest, ...]]]:
    """Yield each edition with those of its requests that are to be queued again, if there is time."""
    if settings.on_uncertain is OnUncertain.HOLD:
        return
    for edition, requests in groupby(uncertain.uncertain_requests(database), attrgetter("edition_id")):
        decided = tuple(request for request in requests if _may_be_queued(database, request, now, settings))
        if decided:
            yield edition, decided


def _told_queued(queued: Counter[str]) -> Iterator[str]:
    for edition, count in queued.items():
        yield f"{edition}: uncertain before, and queued again: {count}."


def _told_late(late: Counter[str]) -> Iterator[str]:
    for edition, count in late.items():
        yield f"{edition}: uncertain, and {_TOO_LATE}: {count}. `digest deliveries resolve` settles them."


def _may_be_queued(database: Database, request: UncertainRequest, now: datetime, settings: DeliverySettings) -> bool:
    """Return whether conditions 1 and 2 hold; the third is for the statement that moves."""
    if settings.on_uncertain is OnUncertain.RESUBMIT:
        return True
    if not request.request_id:
        return False
    proven_from = request.since + timedelta(minutes=settings.reconcile_after_minutes)
    if now < proven_from:
        return False
    if uncertain.has_event(database, received_from=proven_from, happened_after=request.since, but=request):
        return True
    is_over = now >= request.since + POSTS_REPEATED_FOR
    return is_over and uncertain.has_event(database, received_from=request.since - timedelta(days=1), but=request)


def _queue(database: Database, requests: Sequence[UncertainRequest], now: datetime, on_uncertain: OnUncertain) -> int:
    is_proof_needed = on_uncertain is OnUncertain.RECONCILE
    detail = _NOT_TAKEN if is_proof_needed else _WANTED_TWICE
    return uncertain.resubmit(database, requests, now, detail=detail, only_without_events=is_proof_needed)


def _late_at(request: UncertainRequest, settings: DeliverySettings) -> datetime:
    return request.late_at or request.slot + timedelta(minutes=settings.too_late_minutes)
