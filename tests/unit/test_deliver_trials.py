"""Two subjects: an audience parted once, a winner decided once, and everyone gets one letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from digest.deliver import ledger
from digest.deliver.dispatch import deliver
from digest.deliver.freezing import freeze_audience
from digest.deliver.trials import FIRST, SECOND, Trial, begin_trial, decide, trial_of
from digest.model import Addressed, DeliveryState, EditionStatus, Letter
from digest.settings import DeliverySettings
from digest.store import editions
from digest.store.database import Database
from digest.store.schema import deliveries
from tests.unit.audience_setup import EDITION, LETTER, SLOT, add, adds_up, edition, emails, opened
from tests.unit.test_deliver_dispatch import Clock, FakeSender

pytestmark = pytest.mark.usefixtures("each_database")

READERS = 600
DECIDE_AT = SLOT + timedelta(minutes=30)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        add(database, *emails(READERS))
        yield database


def frozen(database: Database, share: float = 0.25, size: int = 7) -> None:
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
    first = replace(LETTER, segment=FIRST, subject="The first")
    editions.put_variant(database, replace(first, segment=SECOND, subject="The second"), SLOT)
    editions.freeze(database, edition(), first, SLOT)
    part = partial(begin_trial, edition_id=EDITION, share=share, decide_at=DECIDE_AT, batch_size=size)
    freeze_audience(database, EDITION, "politics", SLOT, size, part=part)


def segments(database: Database) -> Counter[str]:
    with database.read() as connection:
        return Counter(connection.execute(select(deliveries.c.segment)).scalars())


def test_a_share_is_parted_in_halves_and_the_rest_waits(database: Database) -> None:
    frozen(database)
    assert segments(database) == {FIRST: 75, SECOND: 75, "": 450}
    assert trial_of(database, EDITION) == Trial(EDITION, DECIDE_AT)
    with database.read() as connection:
        of_batch = connection.execute(select(deliveries.c.batch, deliveries.c.segment).distinct()).all()
        sizes = Counter(connection.execute(select(deliveries.c.batch)).scalars())
    assert len(of_batch) == len({batch for batch, _ in of_batch})
    assert sorted(sizes) == list(range(len(sizes)))
    assert max(sizes.values()) == 7
    assert adds_up(database)


def test_too_few_readers_are_not_parted(database: Database) -> None:
    frozen(database, share=0.1)
    assert (segments(database), trial_of(database, EDITION)) == ({FIRST: READERS}, None)
    assert decide(database, EDITION, 5, 9, DECIDE_AT) is None


def test_freezing_again_parts_nothing_anew(database: Database) -> None:
    frozen(database)
    before = segments(database)
    part = partial(begin_trial, edition_id=EDITION, share=1.0, decide_at=DECIDE_AT, batch_size=7)
    freeze_audience(database, EDITION, "politics", SLOT, 7, part=part)
    assert segments(database) == before


@pytest.mark.parametrize(("clicks", "winner"), [((3, 4), SECOND), ((4, 3), FIRST), ((4, 4), FIRST), ((0, 0), FIRST)])
def test_the_winner_is_decided_once_and_not_before_its_time(
    database: Database, clicks: tuple[int, int], winner: str
) -> None:
    frozen(database)
    with database.write() as connection:
        tried = deliveries.c.segment != ""
        connection.execute(deliveries.update().where(tried).values(state=DeliveryState.ACCEPTED))
    early = decide(database, EDITION, *clicks, DECIDE_AT - timedelta(seconds=1))
    assert early == Trial(EDITION, DECIDE_AT)
    trial = decide(database, EDITION, *clicks, DECIDE_AT)
    assert trial is not None
    assert (trial.winner, trial.why) == (winner, f"{clicks[0]} clicks of 75 letters, {clicks[1]} of 75")
    assert segments(database) == {FIRST: 75, SECOND: 75, winner: 525}
    assert decide(database, EDITION, 0, 99, DECIDE_AT + timedelta(hours=1)) == trial


class SubjectsSeen(FakeSender):
    """Keeps who got which subject."""

    def __init__(self) -> None:
        super().__init__(batch_size=50)
        self.seen: list[tuple[str, str]] = []

    @contextmanager
    def open(self, letter: Letter) -> Iterator[FakeSender]:
        before = len(self.taken)
        try:
            yield self
        finally:
            self.seen += ((letter.subject, email) for email in self.taken[before:])


def test_everyone_gets_one_letter_and_the_rest_only_once_it_is_decided(database: Database) -> None:
    frozen(database)
    sender = SubjectsSeen()

    def go_on() -> EditionStatus:
        return deliver(
            database,
            EDITION,
            replace(LETTER, segment=FIRST, subject="The first"),
            sender,
            lambda delivery: Addressed(delivery, "https://h.example/u/x", "https://h.example/p/x"),
            DeliverySettings(per_second=0),
            now=lambda: SLOT,
            wait=Clock().wait,
            patience_seconds=0,
        ).status

    assert go_on() is EditionStatus.SENDING
    assert Counter(subject for subject, _ in sender.seen) == {"The first": 75, "The second": 75}
    assert go_on() is EditionStatus.SENDING
    decide(database, EDITION, 1, 2, DECIDE_AT)
    assert go_on() is EditionStatus.DONE
    assert Counter(subject for subject, _ in sender.seen) == {"The first": 75, "The second": 525}
    assert len({email for _, email in sender.seen}) == READERS
    assert dict(ledger.counts(database, EDITION)) == {DeliveryState.ACCEPTED: READERS}
    assert adds_up(database)
