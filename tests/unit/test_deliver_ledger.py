"""The ledger: an audience that adds up, and moves that are guarded by the state they leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from digest.audience import address_key
from digest.deliver import ledger
from digest.deliver.exclusive import sole_deliverer
from digest.deliver.freezing import Frozen, freeze_audience
from digest.deliver.journal import Journal, journal_of
from digest.deliver.settling import settle_orphans
from digest.deliver.transitions import Attempt, Marked, begun, mark, orphans_to_uncertain, record, retry_wait
from digest.errors import DeliveryError, EditionError
from digest.model import Delivery, DeliveryState, EditionStatus, ExclusionReason, Outcome
from digest.store import editions, subscribers
from digest.store.database import Database
from tests.unit.audience_setup import EDITION, SLOT, add, adds_up, all_deliveries, emails, freeze, opened, set_status

pytestmark = pytest.mark.usefixtures("each_database")

QUEUED, SUBMITTING, ACCEPTED = DeliveryState.QUEUED, DeliveryState.SUBMITTING, DeliveryState.ACCEPTED
REJECTED, WITHDRAWN, UNCERTAIN = DeliveryState.REJECTED, DeliveryState.WITHDRAWN, DeliveryState.UNCERTAIN
LATER = SLOT + timedelta(minutes=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        yield database


def _sending(database: Database, readers: int) -> tuple[Delivery, ...]:
    """Freeze an edition for so many readers, set it SENDING, and return its deliveries."""
    add(database, *emails(readers))
    freeze(database)
    set_status(database, EditionStatus.SENDING)
    return all_deliveries(database, EDITION)


def _mark(database: Database, *deliveries: Delivery) -> Marked:
    with database.writer() as writer, writer.transaction() as cursor:
        return mark(database, cursor, EDITION, [begun(_one(database, delivery)) for delivery in deliveries], LATER, "")


def _record(database: Database, delivery: Delivery, state: DeliveryState, number: int = 1, **told: object) -> int:
    outcome = replace(Outcome(delivery.id, state), **told)  # type: ignore[arg-type]  # fields of Outcome
    refusals = _one(database, delivery).refusals
    with database.writer() as writer, writer.transaction() as cursor:
        moved = record(database, cursor, [(Attempt(delivery.id, number, refusals), outcome)], LATER, max_attempts=3)
    return moved()


def _one(database: Database, delivery: Delivery) -> Delivery:
    (found,) = [one for one in all_deliveries(database, EDITION) if one.id == delivery.id]
    return found


# --- freezing ---------------------------------------------------------------------------------


def test_audience_is_every_reader_less_those_with_a_reason(database: Database) -> None:
    add(database, *emails(5))
    add(database, "sport@example.com", section="sport")
    add(database, "noconsent@example.com", source="")
    subscribers.unsubscribe(database, 2, "politics", SLOT, how="one-click")
    subscribers.suppress(database, address_key("reader3@example.com"), "bounced", SLOT)
    subscribers.suppress(database, address_key("reader4@example.com"), "complained", SLOT)
    subscribers.unsubscribe(database, 4, "politics", SLOT, how="one-click")

    frozen = freeze(database)

    reasons = ExclusionReason
    expected = ((reasons.SUPPRESSED, 2), (reasons.UNSUBSCRIBED, 1), (reasons.NO_CONSENT, 1))
    assert frozen == Frozen(candidates=6, deliveries=2, exclusions=expected)
    made = all_deliveries(database, EDITION)
    assert made == (
        Delivery(made[0].id, EDITION, 1, "reader1@example.com"),
        Delivery(made[1].id, EDITION, 5, "reader5@example.com"),
    )
    assert adds_up(database)
    assert adds_up(database)


def test_freezing_again_changes_nothing_whoever_came_since(database: Database) -> None:
    add(database, *emails(3))
    first = freeze(database)
    before = all_deliveries(database, EDITION)
    add(database, "new@example.com")
    subscribers.unsubscribe(database, 1, "politics", SLOT, how="one-click")

    assert freeze_audience(database, EDITION, "politics", LATER, 7) == first
    assert all_deliveries(database, EDITION) == before


def test_empty_audience_is_frozen_too(database: Database) -> None:
    nobody = Frozen(0, 0, ())
    assert freeze(database) == nobody
    add(database, *emails(1))
    assert freeze(database) == nobody


def test_unknown_edition_has_no_audience(database: Database) -> None:
    with pytest.raises(EditionError, match="no edition 'politics/2026-11-24'"):
        freeze_audience(database, EDITION, "politics", SLOT, 10)


def test_ids_are_opaque_and_each_edition_has_its_own(database: Database) -> None:
    made = _sending(database, 3)
    editions.open_edition(database, "politics", LATER, SLOT, "politics/other")
    freeze_audience(database, "politics/other", "politics", SLOT, 10)

    ids = {one.id for one in (*made, *all_deliveries(database, "politics/other"))}
    assert len(ids) == 6
    assert all(len(id_) == 24 and int(id_, 16) >= 0 for id_ in ids)


def test_batches_are_of_the_senders_size(database: Database) -> None:
    add(database, *emails(5))
    freeze(database, batch_size=2)

    assert ledger.due_batches(database, EDITION, SLOT) == (("all", (0, 1, 2)),)
    batches = [ledger.due_deliveries(database, EDITION, batch, SLOT) for batch in range(3)]
    assert [[one.subscriber_id for one in batch] for batch in batches] == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize("each_database", ["sqlite"], indirect=True)  # opens many databases
@settings(derandomize=True, max_examples=10, deadline=None)
@given(st.lists(st.sampled_from("ausxn"), max_size=12), st.integers(1, 5))
def test_any_audience_adds_up(tmp_path_factory: pytest.TempPathFactory, readers: list[str], batch_size: int) -> None:
    with opened(tmp_path_factory.mktemp("any")) as database:
        for number, kind in enumerate(readers, 1):
            email = f"reader{number}@example.com"
            add(database, email, source="" if kind == "n" else "form")
            if kind in "ux":
                subscribers.unsubscribe(database, number, "politics", SLOT, how="one-click")
            if kind in "sx":
                subscribers.suppress(database, address_key(email), "bounced", SLOT)

        frozen = freeze(database, batch_size=batch_size)

        assert frozen.candidates == len(readers)
        assert frozen.deliveries == readers.count("a")
        assert adds_up(database)


# --- moving -----------------------------------------------------------------------------------


def test_marking_is_once(database: Database) -> None:
    one, other = _sending(database, 2)

    assert _mark(database, one) == Marked(frozenset({one.id}), 0)
    assert _mark(database, one, other) == Marked(frozenset({other.id}), 0)
    assert _one(database, one) == replace(one, state=SUBMITTING, attempts=1)


@pytest.mark.parametrize(
    ("leave", "why"),
    [
        (lambda db: subscribers.unsubscribe(db, 1, "politics", LATER, how="one-click"), "unsubscribed"),
        (lambda db: subscribers.suppress(db, address_key("reader1@example.com"), "bounced", LATER), "suppressed"),
        (lambda db: subscribers.choose_sections(db, 1, {"sport"}, LATER, how="page"), "unsubscribed"),
    ],
)
def test_unsubscribed_after_freezing_is_withdrawn(database: Database, leave: object, why: str) -> None:
    one, other = _sending(database, 2)
    assert callable(leave)
    leave(database)

    assert _mark(database, one, other) == Marked(frozenset({other.id}), 1)
    assert _one(database, one) == replace(one, state=WITHDRAWN, detail=why)


def test_erased_after_freezing_is_withdrawn_and_the_sum_stays(database: Database) -> None:
    one, _ = _sending(database, 2)
    subscribers.erase(database, address_key(one.email), LATER)

    assert _mark(database, one) == Marked(frozenset(), 0)
    assert ledger.counts(database, EDITION) == ((QUEUED, 1), (WITHDRAWN, 1))
    assert adds_up(database)


@pytest.mark.parametrize("status", [EditionStatus.HELD, EditionStatus.CANCELLED, EditionStatus.APPROVED])
def test_nothing_leaves_unless_the_edition_is_sending(database: Database, status: EditionStatus) -> None:
    one, _ = _sending(database, 2)
    set_status(database, status)

    assert _mark(database, one) == Marked(frozenset(), 0)
    assert _one(database, one) == one


@pytest.mark.parametrize("state", [ACCEPTED, REJECTED, UNCERTAIN])
def test_outcome_is_recorded_with_the_providers_words(database: Database, state: DeliveryState) -> None:
    one, _ = _sending(database, 2)
    _mark(database, one)

    assert _record(database, one, state, provider_id="p1", detail="250 ok") == 1
    assert _one(database, one) == replace(one, state=state, attempts=1, provider_id="p1", detail="250 ok")


def test_refusal_before_submitting_is_an_attempt_too(database: Database) -> None:
    one, other = _sending(database, 2)

    assert _record(database, one, REJECTED, detail="550 no such user") == 1
    assert _record(database, other, QUEUED, detail="450 later") == 1
    assert _one(database, one) == replace(one, state=REJECTED, attempts=1, detail="550 no such user")
    assert (_one(database, other).state, _one(database, other).attempts) == (QUEUED, 1)


def test_an_outage_uses_up_nobodys_attempts(database: Database) -> None:
    one, _ = _sending(database, 2)
    for number in range(1, 8):
        _mark(database, one)
        _record(database, one, QUEUED, number, detail="no connection", costs_attempt=False)
    assert (_one(database, one).state, _one(database, one).attempts) == (QUEUED, 7)
    _mark(database, one)
    _record(database, one, QUEUED, 8, detail="450 later")
    assert _one(database, one).state is QUEUED, "the reader was refused only once"


def test_refusal_that_may_pass_waits_longer_each_time_and_ends(database: Database) -> None:
    one, other = _sending(database, 2)
    waits = []
    for number in (1, 2):
        _mark(database, one)
        _record(database, one, QUEUED, number, detail="450 later")
        due = _one(database, one).due_at
        assert due is not None
        waits.append(due - LATER)
        assert ledger.next_due(database, EDITION) == due
        assert ledger.due_deliveries(database, EDITION, 0, due - timedelta(seconds=1)) == (other,)
        assert one.id in {row.id for row in ledger.due_deliveries(database, EDITION, 0, due)}
    _mark(database, one)
    _record(database, one, QUEUED, 3, detail="450 later")

    assert waits == [retry_wait(Attempt(one.id, number), None) for number in (1, 2)]
    ended = replace(one, state=REJECTED, attempts=3, refusals=3, detail="given up after 3 attempts: 450 later")
    assert _one(database, one) == ended


@given(st.integers(1, 20), st.none() | st.floats(0, 7200), st.text(max_size=8))
@settings(derandomize=True, max_examples=60)
def test_wait_is_never_less_than_asked_and_spread_by_a_tenth(number: int, asked: float | None, id_: str) -> None:
    wait = retry_wait(Attempt(id_, number), asked).total_seconds()

    least = max(min(60 * 4 ** (number - 1), 3600), asked or 0)
    assert least - 1e-6 <= wait <= least * 1.1 + 1e-6


def test_outcome_of_an_older_attempt_moves_nothing(database: Database) -> None:
    one, _ = _sending(database, 2)
    _mark(database, one)
    _record(database, one, QUEUED, 1)
    _mark(database, one)

    assert _record(database, one, ACCEPTED, 1) == 0
    assert (_one(database, one).state, _one(database, one).attempts) == (SUBMITTING, 2)


def test_settled_delivery_is_not_settled_again(database: Database) -> None:
    one, _ = _sending(database, 2)
    _mark(database, one)
    _record(database, one, REJECTED)

    assert _record(database, one, ACCEPTED) == 0
    assert _one(database, one).state is REJECTED


def test_words_that_a_database_refuses_are_made_storable(database: Database) -> None:
    one, _ = _sending(database, 2)
    _record(database, one, REJECTED, detail="550 \udcff\0 " + "x" * 1000)

    assert _one(database, one).detail == "550 ?\ufffd " + "x" * 493


def test_orphans_become_uncertain_and_only_those(database: Database) -> None:
    one, two, three = _sending(database, 3)
    _mark(database, one, two)
    _record(database, two, ACCEPTED)

    assert orphans_to_uncertain(database, EDITION, LATER) == 1
    assert ledger.counts(database, EDITION) == ((QUEUED, 1), (ACCEPTED, 1), (UNCERTAIN, 1))
    assert _one(database, one).state is UNCERTAIN
    assert _mark(database, one, two, three) == Marked(frozenset({three.id}), 0)


@pytest.mark.parametrize("status", [EditionStatus.SENDING, EditionStatus.HELD, EditionStatus.CANCELLED])
def test_orphans_are_settled_whatever_became_of_their_edition(database: Database, status: EditionStatus) -> None:
    one, _ = _sending(database, 2)
    _mark(database, one)
    set_status(database, status)

    assert settle_orphans(database, LATER) == 1
    assert _one(database, one).state is UNCERTAIN


def test_what_is_in_flight_is_nobodys_orphan_while_somebody_delivers(database: Database) -> None:
    one, _ = _sending(database, 2)
    _mark(database, one)
    with sole_deliverer(database, lambda _: True):
        assert settle_orphans(database, LATER) == 0
    assert _one(database, one).state is SUBMITTING


class Machine(RuleBasedStateMachine):
    """Any order of marks, outcomes, deaths and departures: nothing is lost and nothing leaves twice unasked."""

    folders: pytest.TempPathFactory

    @initialize()
    def begin(self) -> None:
        self.opened = opened(self.folders.mktemp("machine"))
        self.database = self.opened.__enter__()
        self.ids = [delivery.id for delivery in _sending(self.database, 4)]
        self.released: dict[str, int] = dict.fromkeys(self.ids, 0)
        self.refused: dict[str, int] = dict.fromkeys(self.ids, 0)

    def teardown(self) -> None:
        self.opened.__exit__(None, None, None)

    @rule(chosen=st.sets(st.integers(0, 3)))
    def mark(self, chosen: set[int]) -> None:
        wanted = [delivery for delivery in self.ledger() if self.ids.index(delivery.id) in chosen]
        for id_ in _mark(self.database, *wanted).ids:
            self.released[id_] += 1

    @rule(
        place=st.integers(0, 3),
        number=st.integers(1, 3),
        state=st.sampled_from([ACCEPTED, REJECTED, UNCERTAIN, QUEUED]),
    )
    def record(self, place: int, number: int, state: DeliveryState) -> None:
        (wanted,) = [delivery for delivery in self.ledger() if delivery.id == self.ids[place]]
        moved = _record(self.database, wanted, state, number)
        self.refused[wanted.id] += moved if state is QUEUED else 0

    @rule(reader=st.integers(1, 4))
    def unsubscribe(self, reader: int) -> None:
        subscribers.unsubscribe(self.database, reader, "politics", LATER, how="one-click")

    @rule()
    def die(self) -> None:
        orphans_to_uncertain(self.database, EDITION, LATER)

    def ledger(self) -> tuple[Delivery, ...]:
        return all_deliveries(self.database, EDITION)

    @invariant()
    def adds_up(self) -> None:
        assert adds_up(self.database)

    @invariant()
    def leaves_again_only_after_a_refusal(self) -> None:
        assert all(self.released[id_] <= 1 + self.refused[id_] for id_ in self.ids)


def test_no_order_of_events_loses_or_doubles(tmp_path_factory: pytest.TempPathFactory) -> None:
    Machine.folders = tmp_path_factory
    machine = Machine.TestCase
    machine.settings = settings(derandomize=True, max_examples=10, stateful_step_count=12, deadline=None)
    machine("runTest").runTest()


# --- the journal ------------------------------------------------------------------------------


@contextmanager
def _journal(database: Database, deliveries: Sequence[Delivery]) -> Iterator[Journal]:
    with journal_of(database, EDITION, 3, lambda: LATER) as journal:
        journal.take(deliveries)
        yield journal


def test_outcome_is_on_disk_with_the_next_intent(database: Database) -> None:
    one, other = _sending(database, 2)
    with _journal(database, (one, other)) as journal:
        assert journal.mark([one.id]) == {one.id}
        journal.note(Outcome(one.id, ACCEPTED))
        assert journal.mark([other.id]) == {other.id}

    assert ledger.counts(database, EDITION) == ((SUBMITTING, 1), (ACCEPTED, 1))


def test_settling_ends_only_what_has_no_outcome(database: Database) -> None:
    deliveries = one, other, _ = _sending(database, 3)
    with _journal(database, deliveries) as journal:
        journal.mark([one.id, other.id])
        journal.note(Outcome(one.id, ACCEPTED))

        assert journal.settle(deliveries, UNCERTAIN, "no answer") == 1
    assert ledger.counts(database, EDITION) == ((QUEUED, 1), (ACCEPTED, 1), (UNCERTAIN, 1))


def test_second_report_on_one_delivery_is_an_error(database: Database) -> None:
    one, _ = _sending(database, 2)
    with _journal(database, (one,)) as journal:
        journal.note(Outcome(one.id, REJECTED))

        with pytest.raises(DeliveryError, match="reported twice"):
            journal.note(Outcome(one.id, ACCEPTED))
