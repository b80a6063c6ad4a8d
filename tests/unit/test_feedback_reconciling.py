"""Rule R: only a working webhook's silence lets a request be submitted again, and only once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.audience import address_key
from digest.feedback.reconciling import Reconciled, reconcile
from digest.model import DeliveryState, EditionStatus
from digest.settings import DeliverySettings, OnUncertain
from digest.store import editions, subscribers
from digest.store.database import Database
from tests.unit.audience_setup import EDITION, SLOT, all_deliveries, opened, set_status
from tests.unit.feedback_setup import LATER, event, made, put, states, told

pytestmark = pytest.mark.usefixtures("each_database")

S = DeliveryState
TOLD = DeliverySettings(reconcile_after_minutes=60, too_late_minutes=120)
GRACE_OVER = LATER + timedelta(minutes=60)  # for what became uncertain at LATER
LATE = SLOT + timedelta(minutes=120)
NOTHING = Reconciled()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        yield database


def uncertain(database: Database) -> tuple[str, ...]:
    """Make three uncertain deliveries of the request r1, submitted before LATER, and one accepted of r2."""
    ids = made(database, 4)
    put(database, ids[:3], S.UNCERTAIN, request_id="r1", changed_at=LATER, attempts=1, detail="HTTP 503")
    put(database, ids[3:], S.ACCEPTED, request_id="r2", changed_at=LATER, attempts=1)
    return ids


def show_working(database: Database, id_: str, received_at: datetime = GRACE_OVER) -> None:
    """Receive an event of the request r2, of something that happened after LATER."""
    told(database, event(id_, "delivered", int(LATER.timestamp()) + 60, r="r2"), now=received_at)


def status(database: Database) -> EditionStatus:
    row = editions.get_edition(database, EDITION)
    assert row is not None
    return row.status


def test_the_silence_of_a_working_webhook_queues_the_whole_request_once(database: Database) -> None:
    ids = uncertain(database)
    show_working(database, ids[3])
    note = f"{EDITION}: uncertain before, and queued again: 3."
    assert reconcile(database, GRACE_OVER, TOLD) == Reconciled(0, 3, (EDITION,), (note,))
    assert states(database, ids) == [S.QUEUED, S.QUEUED, S.QUEUED, S.DELIVERED]
    assert status(database) is EditionStatus.SENDING
    queued = all_deliveries(database, EDITION, S.QUEUED)
    assert {(one.attempts, one.due_at, one.detail) for one in queued} == {
        (1, None, "queued again: by its events the provider had not taken it")
    }

    put(database, ids[:3], S.UNCERTAIN, request_id="r3", changed_at=LATER, attempts=2)
    set_status(database, EditionStatus.DONE)
    assert reconcile(database, GRACE_OVER, TOLD) == NOTHING, "a second time it stays uncertain"


def test_each_request_of_an_edition_is_judged_alone(database: Database) -> None:
    ids = uncertain(database)
    put(database, ids[1:2], S.UNCERTAIN, request_id="r3", changed_at=LATER)
    put(database, ids[2:3], S.UNCERTAIN, request_id="r4", changed_at=LATER + timedelta(minutes=1))
    show_working(database, ids[3])
    assert reconcile(database, GRACE_OVER, TOLD).queued == 2
    assert states(database, ids[:3]) == [S.QUEUED, S.QUEUED, S.UNCERTAIN]


def test_it_waits_for_the_grace_to_pass(database: Database) -> None:
    ids = uncertain(database)
    show_working(database, ids[3])
    assert reconcile(database, GRACE_OVER - timedelta(seconds=1), TOLD) == NOTHING


def test_an_event_that_came_before_the_grace_was_over_shows_nothing(database: Database) -> None:
    ids = uncertain(database)
    show_working(database, ids[3], received_at=GRACE_OVER - timedelta(seconds=1))
    assert reconcile(database, GRACE_OVER, TOLD) == NOTHING


def test_a_late_event_of_something_earlier_shows_nothing(database: Database) -> None:
    ids = uncertain(database)
    told(database, event(ids[3], "delivered", int(LATER.timestamp()), r="r2"), now=GRACE_OVER)
    assert reconcile(database, GRACE_OVER, TOLD) == NOTHING


def test_without_later_events_it_waits_for_as_long_as_posts_are_repeated(database: Database) -> None:
    ids = uncertain(database)
    editions.set_late(database, EDITION, SLOT + timedelta(days=3))
    told(database, event(ids[3], "processed", int(LATER.timestamp()) - 9, r="r2"), now=LATER)
    a_day = LATER + timedelta(hours=24)
    assert reconcile(database, a_day - timedelta(seconds=1), TOLD) == NOTHING
    assert reconcile(database, a_day, TOLD).queued == 3


def test_a_webhook_that_never_told_anything_proves_nothing(database: Database) -> None:
    uncertain(database)
    editions.set_late(database, EDITION, SLOT + timedelta(days=3))
    assert reconcile(database, LATER + timedelta(days=2), TOLD) == NOTHING


@pytest.mark.parametrize("request_id", ["r1", "r1-half", ""])
def test_any_event_of_the_request_keeps_all_of_it(database: Database, request_id: str) -> None:
    ids = uncertain(database)
    show_working(database, ids[3])
    told(database, event(ids[0], "processed", r=request_id))
    settled = reconcile(database, GRACE_OVER, TOLD)
    assert settled.queued == 0
    others = S.ACCEPTED if request_id == "r1" else S.UNCERTAIN
    assert states(database, ids[:3]) == [S.ACCEPTED, others, others]


def test_an_event_after_the_decision_takes_it_back(database: Database) -> None:
    ids = uncertain(database)
    show_working(database, ids[3])
    assert reconcile(database, GRACE_OVER, TOLD).queued == 3
    told(database, event(ids[0], "processed", r="r1"), now=GRACE_OVER)
    assert states(database, ids[:3]) == [S.ACCEPTED] * 3


def test_too_late_is_told_once_and_kept_with_the_deliveries(database: Database) -> None:
    ids = uncertain(database)
    show_working(database, ids[3])
    note = f"{EDITION}: uncertain, and too late to submit it again: 3. `digest deliveries resolve` settles them."
    assert reconcile(database, LATE, TOLD) == Reconciled(notes=(note,))
    assert reconcile(database, LATE, TOLD) == NOTHING
    assert states(database, ids[:3]) == [S.UNCERTAIN] * 3
    assert all_deliveries(database, EDITION)[0].detail == "HTTP 503; too late to submit it again"
    assert status(database) is EditionStatus.DONE


@pytest.mark.parametrize(
    "where",
    [EditionStatus.SENDING, EditionStatus.HELD, EditionStatus.CANCELLED, EditionStatus.MISSED],
)
def test_an_edition_that_is_at_work_or_stopped_is_left_alone(database: Database, where: EditionStatus) -> None:
    ids = uncertain(database)
    show_working(database, ids[3])
    set_status(database, where)
    assert reconcile(database, GRACE_OVER, TOLD) == NOTHING
    assert reconcile(database, GRACE_OVER, replace(TOLD, on_uncertain=OnUncertain.RESUBMIT)) == NOTHING


def test_what_left_without_a_requests_name_stays_uncertain(database: Database) -> None:
    ids = uncertain(database)
    put(database, ids[:3], S.UNCERTAIN, request_id="", changed_at=LATER)
    show_working(database, ids[3])
    assert reconcile(database, GRACE_OVER, TOLD) == NOTHING


def test_hold_only_lets_events_settle(database: Database) -> None:
    ids = uncertain(database)
    put(database, ids[2:3], S.SUBMITTING)
    told(database, event(ids[2], "delivered"), now=LATER)
    put(database, ids[2:3], S.UNCERTAIN)
    show_working(database, ids[3])
    assert reconcile(database, GRACE_OVER, replace(TOLD, on_uncertain=OnUncertain.HOLD)) == Reconciled(settled=1)


def test_resubmit_asks_for_no_proof_but_does_it_once(database: Database) -> None:
    ids = uncertain(database)
    put(database, ids[:1], S.UNCERTAIN, request_id="", changed_at=LATER)
    subscribers.erase(database, address_key("reader2@example.com"), LATER)
    wish = replace(TOLD, on_uncertain=OnUncertain.RESUBMIT)
    assert reconcile(database, LATER, wish).queued == 2
    assert states(database, ids[:3]) == [S.QUEUED, S.UNCERTAIN, S.QUEUED]
    put(database, ids[:1], S.UNCERTAIN)
    set_status(database, EditionStatus.DONE)
    assert reconcile(database, LATER, wish) == NOTHING
