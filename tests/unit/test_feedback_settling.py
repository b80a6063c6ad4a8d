"""Events and the ledger: whatever their order and however often they come, the same end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from digest.audience import address_key
from digest.feedback.settling import Received, settle_kept
from digest.model import DeliveryState
from digest.store import subscribers
from digest.store.database import Database
from digest.store.schema import deliveries, events
from digest.store.subscribers import SubscriptionStatus
from tests.unit.audience_setup import EDITION, SLOT, all_deliveries, opened
from tests.unit.feedback_setup import LATER, SECOND, event, made, put, states, told

pytestmark = pytest.mark.usefixtures("each_database")

S = DeliveryState
ACTIVE, UNSUBSCRIBED = SubscriptionStatus.ACTIVE, SubscriptionStatus.UNSUBSCRIBED


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        yield database


def detail(database: Database, id_: str) -> str:
    (found,) = [one.detail for one in all_deliveries(database, EDITION) if one.id == id_]
    return found


def kept(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(events)).scalar_one()


def reason(database: Database, reader: int) -> str:
    found = subscribers.suppression_of(database, address_key(f"reader{reader}@example.com"))
    return found.reason if found is not None else ""


def subscription(database: Database, reader: int) -> SubscriptionStatus:
    (found,) = subscribers.subscriptions_of(database, reader)
    return found.status


# --- states -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "told_by", "state"),
    [
        ("processed", {}, S.ACCEPTED),
        ("deferred", {"response": "450 later"}, S.ACCEPTED),
        ("unsubscribe", {}, S.ACCEPTED),
        ("group_unsubscribe", {}, S.ACCEPTED),
        ("delivered", {"response": "250 OK"}, S.DELIVERED),
        ("bounce", {"type": "bounce", "reason": "550 5.1.1 nobody"}, S.BOUNCED),
        ("bounce", {"type": "blocked", "reason": "554 5.7.1 not from you"}, S.BOUNCED),
        ("dropped", {"reason": "Bounced Address"}, S.BOUNCED),
        ("spamreport", {}, S.COMPLAINED),
        ("open", {}, S.UNCERTAIN),
        ("click", {"url": "https://h.example/"}, S.UNCERTAIN),
        ("group_resubscribe", {}, S.UNCERTAIN),
        ("something new", {}, S.UNCERTAIN),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_an_event_settles_what_was_uncertain(
    database: Database, kind: str, told_by: dict[str, Any], state: DeliveryState
) -> None:
    ids = made(database, 1)
    put(database, ids, S.UNCERTAIN)
    told(database, event(ids[0], kind, **told_by))
    assert states(database, ids) == [state]
    assert kept(database) == (state is not S.UNCERTAIN)


def test_events_only_move_forward(database: Database) -> None:
    ids = made(database, 4)
    for id_, state in zip(ids, (S.ACCEPTED, S.DELIVERED, S.BOUNCED, S.COMPLAINED), strict=True):
        put(database, (id_,), state, detail="as it was")
    told(database, *(event(id_, "processed") for id_ in ids))
    assert states(database, ids) == [S.ACCEPTED, S.DELIVERED, S.BOUNCED, S.COMPLAINED]
    told(database, *(event(id_, "delivered") for id_ in ids))
    assert states(database, ids) == [S.DELIVERED, S.DELIVERED, S.BOUNCED, S.COMPLAINED]
    told(database, *(event(id_, "bounce", reason="550 gone") for id_ in ids))
    assert states(database, ids) == [S.BOUNCED, S.BOUNCED, S.BOUNCED, S.COMPLAINED]
    assert [detail(database, id_) for id_ in ids[:3]] == ["550 gone", "550 gone", "as it was"]


@pytest.mark.parametrize("state", [S.QUEUED, S.WITHDRAWN, S.REJECTED])
def test_what_was_never_uncertain_is_not_moved_but_what_was_resubmitted_is(
    database: Database, state: DeliveryState
) -> None:
    ids = made(database, 2)
    put(database, ids[:1], state)
    put(database, ids[1:], state, resubmissions=1)
    told(database, *(event(id_, "delivered") for id_ in ids))
    assert states(database, ids) == [state, S.DELIVERED]


def test_an_event_while_submitting_waits_for_the_processs_own_answer(database: Database) -> None:
    ids = made(database, 3)
    put(database, ids, S.SUBMITTING)
    told(database, *(event(id_, "delivered") for id_ in ids))
    assert states(database, ids) == [S.SUBMITTING] * 3
    put(database, ids[:1], S.ACCEPTED)
    put(database, ids[1:2], S.UNCERTAIN)

    assert settle_kept(database, LATER) == 2
    assert states(database, ids) == [S.DELIVERED, S.DELIVERED, S.SUBMITTING]

    put(database, ids[2:], S.UNCERTAIN)  # its process is gone, days later
    assert settle_kept(database, LATER + timedelta(days=2)) == 1
    assert settle_kept(database, LATER + timedelta(days=2)) == 0
    assert states(database, ids) == [S.DELIVERED] * 3


def test_what_is_settled_is_not_looked_at_again(database: Database) -> None:
    ids = made(database, 1)
    put(database, ids, S.ACCEPTED)
    told(database, event(ids[0], "delivered"))
    settle_kept(database, LATER + timedelta(hours=1))
    put(database, ids, S.ACCEPTED)  # as nothing does
    assert settle_kept(database, LATER + timedelta(hours=2)) == 0


def test_one_event_settles_its_whole_request_and_no_other(database: Database) -> None:
    ids = made(database, 6, batch_size=4)
    put(database, ids[:4], S.UNCERTAIN, request_id="r1")
    put(database, ids[1:2], S.SUBMITTING)
    put(database, ids[3:4], S.QUEUED, resubmissions=1)
    put(database, ids[4:], S.UNCERTAIN, request_id="r2")
    told(database, event(ids[0], "bounce", r="r1"))
    assert states(database, ids) == [S.BOUNCED, S.SUBMITTING, S.ACCEPTED, S.ACCEPTED, S.UNCERTAIN, S.UNCERTAIN]

    put(database, ids[1:2], S.UNCERTAIN)
    assert settle_kept(database, LATER) == 1
    assert states(database, ids)[1] is S.ACCEPTED


# --- repeats ----------------------------------------------------------------------------------


def test_ten_repeats_under_the_same_and_other_numbers_are_one(database: Database) -> None:
    ids = made(database, 1)
    put(database, ids, S.ACCEPTED)
    first = event(ids[0], "unsubscribe")
    assert told(database, first) == Received(kept=1, moved=0, unknown=0)
    subscribers.choose_sections(database, 1, ["politics"], LATER, how="preferences page")
    for number in range(10):
        again = told(database, first, {**first, "sg_event_id": f"another-{number}"}, {**first, "sg_event_id": None})
        assert again == Received(kept=0, moved=0, unknown=0)
    assert kept(database) == 1
    assert subscription(database, 1) is ACTIVE, "they came back, and said so later"


def test_an_event_with_a_known_number_and_other_words_is_a_repeat(database: Database) -> None:
    ids = made(database, 1)
    put(database, ids, S.ACCEPTED)
    first = event(ids[0], "delivered")
    assert told(database, first, {**first, "timestamp": SECOND + 7}).kept == 1


def test_an_event_a_day_late_still_counts_except_against_a_later_choice(database: Database) -> None:
    ids = made(database, 2)
    put(database, ids, S.UNCERTAIN)
    subscribers.choose_sections(database, 2, [], LATER, how="preferences page")
    subscribers.choose_sections(database, 2, ["politics"], LATER, how="preferences page")
    told(database, *(event(id_, "unsubscribe") for id_ in ids), now=SLOT + timedelta(hours=24))
    assert states(database, ids) == [S.ACCEPTED] * 2
    assert [subscription(database, reader) for reader in (1, 2)] == [UNSUBSCRIBED, ACTIVE]


def test_unknown_deliveries_are_counted_and_not_kept(database: Database) -> None:
    made(database, 1)
    assert told(database, event("0123456789ab", "bounce", type="bounce")) == Received(kept=0, moved=0, unknown=1)
    assert told(database) == Received(kept=0, moved=0, unknown=0)
    assert kept(database) == 0


def test_of_an_erased_reader_only_the_state_is_kept(database: Database) -> None:
    ids = made(database, 1)
    put(database, ids, S.ACCEPTED)
    told(database, event(ids[0], "deferred", response="450 <reader1@example.com> is busy"))
    subscribers.erase(database, address_key("reader1@example.com"), LATER)
    told(database, event(ids[0], "bounce", type="bounce", reason="550 <reader1@example.com> is nobody"))
    assert states(database, ids) == [S.BOUNCED]
    assert detail(database, ids[0]) == "erased"
    with database.read() as connection:
        assert connection.execute(select(events.c.detail)).scalars().all() == ["", ""]
    assert reason(database, 1) == "erased"


# --- what follows for the reader --------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "suppressed", "status"),
    [
        ({"event": "bounce", "type": "bounce"}, "bounced", ACTIVE),
        ({"event": "bounce", "type": "blocked"}, "", ACTIVE),
        ({"event": "bounce"}, "", ACTIVE),
        ({"event": "spamreport"}, "complained", ACTIVE),
        ({"event": "dropped", "reason": "Bounced Address"}, "bounced", ACTIVE),
        ({"event": "dropped", "reason": "Invalid"}, "bounced", ACTIVE),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, "complained", ACTIVE),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, "", UNSUBSCRIBED),
        ({"event": "dropped", "reason": "Recipient List over Package Quota"}, "", ACTIVE),
        ({"event": "unsubscribe"}, "", UNSUBSCRIBED),
        ({"event": "group_unsubscribe"}, "", UNSUBSCRIBED),
        ({"event": "delivered"}, "", ACTIVE),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_what_an_event_says_of_the_reader_is_acted_on(
    database: Database, values: dict[str, str], suppressed: str, status: SubscriptionStatus
) -> None:
    ids = made(database, 1)
    put(database, ids, S.ACCEPTED)
    told(database, {**event(ids[0], ""), **values})
    assert (reason(database, 1), subscription(database, 1)) == (suppressed, status)


# --- any order --------------------------------------------------------------------------------

_KINDS = ("processed", "deferred", "delivered", "bounce", "dropped", "spamreport", "unsubscribe", "open")
_EVENTS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(_KINDS), st.integers(0, 2), st.sampled_from(["", "r1", "r2"])),
    min_size=1,
    max_size=10,
    unique=True,
)
_STATES = st.tuples(*[st.sampled_from([S.UNCERTAIN, S.ACCEPTED, S.DELIVERED, S.QUEUED, S.REJECTED, S.SUBMITTING])] * 4)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, tuple[str, ...]]]:
    with opened(tmp_path_factory.mktemp("any-order")) as database:
        yield database, made(database, 4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events_=_EVENTS, begun=_STATES, data=st.data())
def test_any_order_and_repetition_ends_the_same(
    shared: tuple[Database, tuple[str, ...]],
    events_: list[tuple[int, str, int, str]],
    begun: tuple[DeliveryState, ...],
    data: st.DataObject,
) -> None:
    database, ids = shared
    rows = [event(ids[reader], kind, SECOND + second, r=request) for reader, kind, second, request in events_]
    again = data.draw(st.lists(st.sampled_from(rows), max_size=10))
    shuffled = data.draw(st.permutations([*rows, *({**row, "sg_event_id": None} for row in again)]))
    size = data.draw(st.integers(1, len(shuffled)))

    _reset(database, ids, begun)
    told(database, *rows)
    expected = _end(database, ids)
    _reset(database, ids, begun)
    for start in range(0, len(shuffled), size):
        told(database, *shuffled[start : start + size])
    assert _end(database, ids) == expected


def _reset(database: Database, ids: tuple[str, ...], begun: tuple[DeliveryState, ...]) -> None:
    with database.write() as connection:
        connection.execute(events.delete())
        for number, (id_, state) in enumerate(zip(ids, begun, strict=True)):
            values = {"state": state, "request_id": f"r{number % 2 + 1}", "resubmissions": number % 2}
            connection.execute(deliveries.update().where(deliveries.c.id == id_).values(values))


def _end(database: Database, ids: tuple[str, ...]) -> list[DeliveryState]:
    """Let every process that submits end without an answer, and return the states."""
    with database.write() as connection:
        connection.execute(
            deliveries.update().where(deliveries.c.state == S.SUBMITTING).values(state=S.UNCERTAIN, changed_at=SLOT)
        )
    settle_kept(database, datetime.fromisoformat("2026-11-24T06:00:00+00:00"))  # so that all is looked at each time
    return states(database, ids)
