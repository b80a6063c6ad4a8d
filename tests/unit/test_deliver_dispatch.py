"""Dispatch: everyone once, whatever the sender, the operator or the process does in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest.deliver import arming
from digest.deliver.dispatch import Dispatched, deliver
from digest.deliver.exclusive import sole_deliverer
from digest.deliver.forecast import Target
from digest.deliver.pace import DomainPace, Pace
from digest.errors import DeliveryError, DisarmedError, EditionError, StoreError, SubmitHalted
from digest.mishaps import mishaps_so_far
from digest.model import Addressed, Delivery, DeliveryState, EditionStatus, Letter, Outcome
from digest.ports import Mark
from digest.settings import DeliverySettings
from digest.store import editions, subscribers
from digest.store.database import Database
from tests.unit.audience_setup import (
    EDITION,
    LETTER,
    SLOT,
    add,
    all_deliveries,
    edition,
    emails,
    file_of,
    freeze,
    opened,
    set_status,
)

pytestmark = pytest.mark.usefixtures("each_database")

QUEUED, ACCEPTED = DeliveryState.QUEUED, DeliveryState.ACCEPTED
REJECTED, WITHDRAWN, UNCERTAIN = DeliveryState.REJECTED, DeliveryState.WITHDRAWN, DeliveryState.UNCERTAIN
DONE, HELD, MISSED, SENDING = EditionStatus.DONE, EditionStatus.HELD, EditionStatus.MISSED, EditionStatus.SENDING
AT_ONCE = DeliverySettings(per_second=0, max_attempts=3)

Answer = Callable[[Addressed], DeliveryState]


def accept(_: Addressed) -> DeliveryState:
    return ACCEPTED


@dataclass
class FakeSender:
    """Hands each reader over alone; `taken` is what has really left."""

    answer: Answer = accept
    connections: int = 1
    batch_size: int = 2
    reaches_people: bool = True
    name: str = "fake"
    taken: list[str] = field(default_factory=list)
    letters: set[Letter] = field(default_factory=set)

    @contextmanager
    def open(self, letter: Letter) -> Iterator[FakeSender]:
        self.letters.add(letter)
        yield self

    def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterable[Outcome]:
        for reader in readers:
            if reader.delivery.id in mark([reader.delivery.id]):
                self.taken.append(reader.delivery.email)
                yield Outcome(reader.delivery.id, self.answer(reader), "p", "words")


@dataclass
class Clock:
    """Time that passes only by waiting."""

    moment: datetime = SLOT
    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def seconds(self) -> float:
        return (self.moment - SLOT).total_seconds()

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.moment += timedelta(seconds=seconds)
        return False


def links(delivery: Delivery) -> Addressed:
    return Addressed(delivery, f"https://h.example/u/{delivery.subscriber_id}", "https://h.example/p")


def run(
    database: Database,
    sender: FakeSender,
    *,
    clock: Clock | None = None,
    settings: DeliverySettings = AT_ONCE,
    stop: threading.Event | None = None,
    patience_seconds: float = 1e9,
    allowance: int | None = None,
    domains: DomainPace | None = None,
    target: Target | None = None,
    tell: Callable[[str], None] = print,
) -> Dispatched:
    clock = clock or Clock()
    return deliver(
        database,
        EDITION,
        LETTER,
        sender,
        links,
        settings,
        now=clock.now,
        stop=stop,
        wait=clock.wait,
        clock=clock.seconds,
        patience_seconds=patience_seconds,
        allowance=allowance,
        domains=domains,
        target=target,
        tell=tell,
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        add(database, *emails(5))
        freeze(database)
        yield database


# --- all goes well ----------------------------------------------------------------------------


@pytest.mark.parametrize("connections", [1, 3])
def test_everyone_gets_the_frozen_letter_once(database: Database, connections: int) -> None:
    sender = FakeSender(connections=connections)

    assert run(database, sender) == Dispatched(DONE, ((ACCEPTED, 5),), ())
    assert sorted(sender.taken) == emails(5)
    assert sender.letters == {LETTER}


def test_running_twice_delivers_nothing_twice(database: Database) -> None:
    sender = FakeSender()
    first = run(database, sender)

    assert run(database, sender) == first
    assert sender.taken == emails(5)


def test_letter_that_was_frozen_first_is_the_one_that_leaves(database: Database) -> None:
    sender = FakeSender()
    other = replace(LETTER, html="<p>Composed later</p>")
    deliver(database, EDITION, other, sender, links, AT_ONCE, now=Clock().now)

    assert sender.letters == {LETTER}


def test_edition_without_readers_is_done(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        freeze(database)
        assert run(database, FakeSender()) == Dispatched(DONE, (), ())


def test_two_at_once_deliver_everyone_once(tmp_path: Path) -> None:
    with opened(tmp_path) as database, opened(tmp_path) as other:
        add(database, *emails(30))
        freeze(database)
        sender = FakeSender(connections=2)
        done: list[Dispatched] = []
        threads = [
            threading.Thread(
                target=lambda opened_by: done.append(
                    deliver(opened_by, EDITION, LETTER, sender, links, AT_ONCE, now=Clock().now)
                ),
                args=(one,),
            )
            for one in (database, other, database)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert done == [Dispatched(DONE, ((ACCEPTED, 30),), ())] * 3
    assert sorted(sender.taken) == sorted(emails(30))


def test_batch_larger_than_the_sender_takes_is_parted(tmp_path: Path) -> None:
    sizes: list[int] = []

    class Counting(FakeSender):
        def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterable[Outcome]:
            sizes.append(len(readers))
            return super().submit(readers, mark)

    with opened(tmp_path) as database:
        add(database, *emails(5))
        freeze(database, batch_size=100)
        run(database, Counting(batch_size=2))

    assert sizes == [2, 2, 1]


# --- readers and providers --------------------------------------------------------------------


def test_unsubscribed_while_sending_is_withdrawn(database: Database) -> None:
    def leave_after_the_first(reader: Addressed) -> DeliveryState:
        if reader.delivery.subscriber_id == 1:
            subscribers.unsubscribe(database, 2, "politics", SLOT, how="one-click")
            subscribers.unsubscribe(database, 5, "politics", SLOT, how="one-click")
        return ACCEPTED

    sender = FakeSender(leave_after_the_first)

    assert run(database, sender) == Dispatched(DONE, ((ACCEPTED, 3), (WITHDRAWN, 2)), ())
    assert sender.taken == ["reader1@example.com", "reader3@example.com", "reader4@example.com"]


def test_refusal_that_may_pass_is_tried_again_when_due(database: Database) -> None:
    clock = Clock()
    refusals = {"reader2@example.com": 2, "reader4@example.com": 99}

    def answer(reader: Addressed) -> DeliveryState:
        refusals[reader.delivery.email] = refusals.get(reader.delivery.email, 0) - 1
        return QUEUED if refusals[reader.delivery.email] >= 0 else ACCEPTED

    sender = FakeSender(answer)

    assert run(database, sender, clock=clock) == Dispatched(DONE, ((ACCEPTED, 4), (REJECTED, 1)), ())
    assert [sender.taken.count(email) for email in emails(5)] == [1, 3, 1, 3, 1]
    assert 300 <= clock.seconds() <= 400, "its own waits, and those of its domain"


def test_impatient_run_leaves_the_refused_for_the_next(database: Database) -> None:
    clock = Clock()
    first = run(database, FakeSender(lambda _: QUEUED), clock=clock, patience_seconds=5)
    clock.wait(120)
    sender = FakeSender()
    second = run(database, sender, clock=clock, patience_seconds=5)

    assert (first.status, first.counts) == (SENDING, ((QUEUED, 5),))
    assert first.notes[0].startswith("Refused for now; the next attempt is at 07:01:")
    assert second == Dispatched(DONE, ((ACCEPTED, 5),), ())


def test_unknown_is_uncertain_and_not_tried_again(database: Database) -> None:
    sender = FakeSender(lambda reader: UNCERTAIN if reader.delivery.subscriber_id == 3 else ACCEPTED)

    assert run(database, sender) == Dispatched(DONE, ((ACCEPTED, 4), (UNCERTAIN, 1)), ())
    assert sender.taken.count("reader3@example.com") == 1


def test_marked_without_an_outcome_is_uncertain(database: Database) -> None:
    class Silent(FakeSender):
        def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterable[Outcome]:
            mark([readers[0].delivery.id])
            return ()

    result = run(database, Silent(batch_size=5))

    assert result == Dispatched(DONE, ((UNCERTAIN, 5),), ())
    assert {one.detail for one in all_deliveries(database, EDITION)} == {"the sender gave no outcome"}


def test_provider_that_refuses_everything_holds_the_edition(database: Database) -> None:
    def answer(reader: Addressed) -> DeliveryState:
        if reader.delivery.subscriber_id == 2:
            raise SubmitHalted("401 the key is not valid. Set SENDGRID_API_KEY.")
        return ACCEPTED

    result = run(database, FakeSender(answer))

    row = editions.get_edition(database, EDITION)
    assert row is not None
    assert (result.status, result.counts) == (HELD, ((QUEUED, 4), (ACCEPTED, 1)))
    assert row.reason == "401 the key is not valid. Set SENDGRID_API_KEY."
    assert result.notes == (f"Held: {row.reason} Not submitted: 4. `digest approve` lets it go on.",)


def test_a_mistake_of_ours_holds_the_edition_and_leaves_what_had_left_uncertain(database: Database) -> None:
    def answer(reader: Addressed) -> DeliveryState:
        if reader.delivery.subscriber_id == 2:
            raise RuntimeError("a fault of ours")
        return ACCEPTED

    sender, before = FakeSender(answer), mishaps_so_far().get(EDITION, 0)

    result = run(database, sender)
    row = editions.get_edition(database, EDITION)
    assert row is not None
    assert mishaps_so_far()[EDITION] == before + 1
    assert result.status is HELD
    assert row.reason.startswith("a fault in Digest, RuntimeError at test_deliver_dispatch.py:")
    assert dict(result.counts)[UNCERTAIN] == 1
    (uncertain,) = all_deliveries(database, EDITION, UNCERTAIN)
    assert uncertain.detail == "RuntimeError: a fault of ours"


def test_sender_that_can_not_be_opened_leaves_everything_queued(database: Database) -> None:
    class Broken(FakeSender):
        @contextmanager
        def open(self, letter: Letter) -> Iterator[FakeSender]:
            raise DeliveryError("mail.example:25 is not reachable")
            yield self

    clock = Clock()
    result = run(database, Broken(), clock=clock)

    assert result == Dispatched(
        SENDING, ((QUEUED, 5),), ("fake: mail.example:25 is not reachable", "Not submitted yet: 5.")
    )
    assert sum(clock.waits) == 2.0 + 4.0


# --- operators and processes ------------------------------------------------------------------


class Killed(BaseException):
    """Stands for kill -9: nobody handles it and nothing more is written."""


@pytest.mark.parametrize("connections", [1, 3])
def test_in_flight_when_the_process_died_is_uncertain_and_not_submitted_again(
    database: Database, connections: int
) -> None:
    def die_at_three(reader: Addressed) -> DeliveryState:
        if reader.delivery.subscriber_id == 3:
            raise Killed
        return ACCEPTED

    sender = FakeSender(die_at_three, connections=connections)
    with pytest.raises(Killed):
        run(database, sender)

    sender.answer = accept
    result = run(database, sender)

    assert sorted(sender.taken) == emails(5)
    assert result == Dispatched(
        DONE,
        ((ACCEPTED, 4), (UNCERTAIN, 1)),
        ("In flight when an earlier run stopped, uncertain and not submitted again: 1.",),
    )


def test_told_to_stop_finishes_what_is_in_flight_and_the_next_run_goes_on(database: Database) -> None:
    stop = threading.Event()

    def answer(reader: Addressed) -> DeliveryState:
        if reader.delivery.subscriber_id == 2:
            stop.set()
        return ACCEPTED

    sender = FakeSender(answer)
    first = run(database, sender, stop=stop)

    assert first == Dispatched(SENDING, ((QUEUED, 3), (ACCEPTED, 2)), ("Not submitted yet: 3.",))
    assert run(database, sender) == Dispatched(DONE, ((ACCEPTED, 5),), ())
    assert sender.taken == emails(5)


@pytest.mark.parametrize("status", [HELD, EditionStatus.CANCELLED])
def test_held_or_cancelled_while_waiting_ends_the_wait(database: Database, status: EditionStatus) -> None:
    class Meanwhile(Clock):
        def wait(self, seconds: float) -> bool:
            if self.seconds() > 10:
                set_status(database, status)
            return super().wait(seconds)

    sender, clock = FakeSender(), Meanwhile()
    result = run(database, sender, settings=replace(AT_ONCE, per_second=0.01), clock=clock)

    assert (result.status, len(sender.taken)) == (status, 1)
    assert clock.seconds() < 12


def test_whoever_left_before_their_batch_began_is_never_handed_over(database: Database) -> None:
    handed: list[str] = []

    class Watching(FakeSender):
        def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterable[Outcome]:
            handed.extend(reader.delivery.email for reader in readers)
            return super().submit(readers, mark)

    subscribers.unsubscribe(database, 2, "politics", SLOT, how="one-click")

    assert run(database, Watching()).counts == ((ACCEPTED, 4), (WITHDRAWN, 1))
    assert "reader2@example.com" not in handed


@pytest.mark.parametrize("status", [HELD, EditionStatus.CANCELLED])
def test_held_or_cancelled_in_the_middle_stops_at_once(database: Database, status: EditionStatus) -> None:
    def answer(reader: Addressed) -> DeliveryState:
        if reader.delivery.subscriber_id == 2:
            set_status(database, status)
        return ACCEPTED

    sender = FakeSender(answer)

    assert run(database, sender) == Dispatched(
        status, ((QUEUED, 3), (ACCEPTED, 2)), (f"{status.value.capitalize()}. Not submitted: 3.",)
    )
    assert run(database, sender).status is status
    assert sender.taken == emails(2)


def test_edition_that_nobody_began_in_time_is_missed(database: Database) -> None:
    sender = FakeSender()
    result = run(database, sender, clock=Clock(SLOT + timedelta(minutes=120)))

    row = editions.get_edition(database, EDITION)
    assert row is not None
    assert (row.status, row.reason) == (MISSED, "too late since 2026-11-24 09:00 UTC")
    assert result == Dispatched(MISSED, ((QUEUED, 5),), ("Too late since 2026-11-24 09:00 UTC.",))
    assert sender.taken == []


def test_what_is_refused_until_it_is_too_late_is_held_for_an_operator(database: Database) -> None:
    def answer(reader: Addressed) -> DeliveryState:
        return QUEUED if reader.delivery.subscriber_id == 1 else ACCEPTED

    clock = Clock()
    result = run(database, FakeSender(answer), clock=clock, settings=replace(AT_ONCE, too_late_minutes=4))

    row = editions.get_edition(database, EDITION)
    assert row is not None
    assert (row.status, row.reason) == (HELD, "too late since 2026-11-24 07:04 UTC, not submitted: 1")
    assert result.counts == ((QUEUED, 1), (ACCEPTED, 4))
    assert clock.moment == SLOT + timedelta(minutes=4)


def test_draft_or_unfrozen_edition_is_not_delivered(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        with pytest.raises(EditionError, match="no edition"):
            run(database, FakeSender())
        editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
        with pytest.raises(EditionError, match="is a draft"):
            run(database, FakeSender())
        editions.freeze(database, edition(), LETTER, SLOT)
        with pytest.raises(EditionError, match="has no audience yet"):
            run(database, FakeSender())


def test_ledger_that_can_not_be_written_stops_before_the_next_letter(database: Database) -> None:
    class Spoiling(FakeSender):
        def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterable[Outcome]:
            for outcome in super().submit(readers, mark):
                yield outcome
                with database.write() as connection:
                    connection.exec_driver_sql("ALTER TABLE deliveries RENAME TO elsewhere")

    sender = Spoiling(batch_size=5)
    with pytest.raises(StoreError, match="deliveries"):
        run(database, sender)
    assert sender.taken == emails(1)


# --- lock, pace and arming --------------------------------------------------------------------


def test_only_one_holds_the_lock_and_the_other_may_give_up(database: Database) -> None:
    with sole_deliverer(database, lambda _: True) as ours:
        with sole_deliverer(database, lambda _: True) as theirs:
            assert (ours is None, theirs is None) == (False, True)
        assert run_without_waiting(database) == Dispatched(EditionStatus.APPROVED, ((QUEUED, 5),), ())
    with sole_deliverer(database, lambda _: True) as ours:
        assert ours is not None


def run_without_waiting(database: Database) -> Dispatched:
    return deliver(database, EDITION, LETTER, FakeSender(), links, AT_ONCE, now=Clock().now, wait=lambda _: True)


def test_pace_is_kept_over_all_connections(database: Database) -> None:
    clock = Clock()
    sender = FakeSender(connections=3)
    result = run(database, sender, clock=clock, settings=replace(AT_ONCE, per_second=4.0))

    assert result.status is DONE
    assert clock.seconds() == pytest.approx(1.0, abs=0.001)


def test_pace_gives_way_when_work_must_stop() -> None:
    pace = Pace(2.0, lambda: 0.0, lambda _: True)

    assert [pace.take(1), pace.take(1)] == [True, False]


@pytest.mark.parametrize("each_database", ["sqlite"], indirect=True)  # a backup is a file
def test_a_restored_backup_is_disarmed_and_a_delivery_that_died_is_not(tmp_path: Path) -> None:
    sender = FakeSender(accept)
    sender.reaches_people = True
    with opened(tmp_path) as database:
        arming.arm(database, "mail1")
        database.checkpoint()
        backup = file_of(database).read_bytes()
        for _ in range(2):
            arming.begin_epoch(database)
            arming.require_armed(database, sender, "mail1")
        database.checkpoint()
        path = file_of(database)
    path.write_bytes(backup)  # the same file, the same inode
    with opened(tmp_path) as database:
        with pytest.raises(DisarmedError, match="older than what was submitted"):
            arming.require_armed(database, sender, "mail1")
        arming.arm(database, "mail1")
        arming.require_armed(database, sender, "mail1")


@pytest.mark.parametrize("each_database", ["sqlite"], indirect=True)  # copied is a file
def test_arming_holds_for_one_host_and_one_file(tmp_path: Path) -> None:
    sender = FakeSender()
    with opened(tmp_path) as database:
        with pytest.raises(DisarmedError, match=r"through fake: this installation was never armed\. .* `digest arm`"):
            arming.require_armed(database, sender, "mail1")
        arming.arm(database, "mail1")
        arming.require_armed(database, sender, "mail1")
        assert arming.is_armed(database, "mail1")
        with pytest.raises(DisarmedError, match="armed on host mail1, and this is mail2"):
            arming.require_armed(database, sender, "mail2")
        database.checkpoint()
        path = file_of(database)
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "digest.db").write_bytes(path.read_bytes())
    with opened(copy) as database:
        assert not arming.is_armed(database, "mail1")
    moved = tmp_path / "restored.db"
    moved.write_bytes(path.read_bytes())
    moved.replace(path)
    with opened(tmp_path) as database, pytest.raises(DisarmedError, match="is another database or a copy"):
        arming.require_armed(database, sender, "mail1")


def test_disarmed_is_disarmed_and_a_sender_that_reaches_nobody_needs_no_arming(database: Database) -> None:
    arming.arm(database, "mail1")
    arming.disarm(database)

    assert not arming.is_armed(database, "mail1")
    arming.require_armed(database, FakeSender(reaches_people=False), "mail1")


# --- gates ------------------------------------------------------------------------------------


def test_each_recipient_domain_keeps_its_pace(database: Database) -> None:
    sender, clock = FakeSender(), Clock()
    result = run(database, sender, settings=replace(AT_ONCE, per_domain_per_second=0.5), clock=clock)

    assert (result.status, len(sender.taken)) == (DONE, 5)
    assert clock.seconds() == pytest.approx(8, abs=0.5), "one at once, then one every two seconds"


def test_what_the_warm_up_does_not_allow_is_withdrawn_and_told(database: Database) -> None:
    sender = FakeSender()
    result = run(database, sender, allowance=3)

    assert (result.status, len(sender.taken)) == (DONE, 3)
    assert result.counts == ((ACCEPTED, 3), (WITHDRAWN, 2))
    assert result.notes == ("Warm-up: 2 beyond today's volume, withdrawn.",)


def test_failures_in_a_row_hold_the_edition_with_the_last_words(database: Database) -> None:
    sender = FakeSender(lambda _: UNCERTAIN)
    result = run(database, sender, settings=replace(AT_ONCE, halt_after_failures=1))

    assert result.status is HELD
    assert result.counts == ((QUEUED, 4), (UNCERTAIN, 1))
    assert "words" in result.notes[0]


def test_a_target_is_told_before_and_after(database: Database) -> None:
    told: list[str] = []
    target = Target(SLOT + timedelta(seconds=2), ZoneInfo("UTC"))
    result = run(database, FakeSender(), settings=replace(AT_ONCE, per_second=1), target=target, tell=told.append)

    assert "can't be met" in told[0]
    assert "is missed" in result.notes[-1]


def test_a_domain_that_refuses_for_now_is_left_in_peace(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        add(database, *(f"r{number}@slow.example" for number in range(40)), *emails(3))
        freeze(database, batch_size=5)
        clock, sender = Clock(), FakeSender(batch_size=5)
        sender.answer = lambda reader: QUEUED if "slow" in reader.delivery.email and clock.seconds() < 100 else ACCEPTED
        result = run(database, sender, clock=clock)

    assert (result.status, dict(result.counts)) == (DONE, {ACCEPTED: 43})
    assert len(sender.taken) <= 43 + 8


def test_a_domain_that_refuses_for_now_keeps_nobody_behind_it_waiting(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        add(database, *(f"r{number}@slow.example" for number in range(600)), *emails(3))
        freeze(database, batch_size=5)
        sender = FakeSender(lambda reader: QUEUED if "slow" in reader.delivery.email else ACCEPTED, batch_size=5)
        run(database, sender, patience_seconds=90)

    assert {f"reader{number}@example.com" for number in range(1, 4)} <= set(sender.taken)


def test_a_retry_is_not_kept_waiting_by_another_domains_deferral(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        add(database, *(f"r{number}@slow.example" for number in range(8)), "patient@example.com")
        freeze(database, batch_size=9)
        clock, moments = Clock(), []

        def answer(reader: Addressed) -> DeliveryState:
            if "slow" in reader.delivery.email:
                return QUEUED
            moments.append(clock.seconds())
            return ACCEPTED if len(moments) == 4 else QUEUED

        run(database, FakeSender(answer, batch_size=1), clock=clock, settings=replace(AT_ONCE, max_attempts=9))

    # After 1, 5 and 21 min, each spread by up to a tenth; not when a deferral of an hour is over.
    assert moments[-1] < 1.1 * 21 * 60 + 60


def test_a_domain_that_refused_for_now_is_left_in_peace_by_the_next_run_too(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        add(database, *(f"r{number}@slow.example" for number in range(40)))
        freeze(database, batch_size=5)
        clock, sender = Clock(), FakeSender(lambda _: QUEUED, batch_size=5)
        domains = DomainPace(0.0, clock.seconds)
        for _ in range(10):
            run(database, sender, clock=clock, patience_seconds=5, domains=domains)

    assert len(sender.taken) == 5
