"""What workers rest on: jobs put in with the freezing, whose letters are whose, and one pace for all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent import futures
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psycopg
import pytest
from sqlalchemy import select

from digest.app import App
from digest.audience import ReaderLinks
from digest.batching import Batches
from digest.deliver import arming
from digest.deliver.freezing import freeze_audience
from digest.deliver.shared_pace import SharedPace
from digest.deliver.transitions import begun, mark, orphans_to_uncertain, record
from digest.deliver.watching import sweep
from digest.errors import DisarmedError, StoreError
from digest.model import DeliveryState, EditionStatus, Outcome
from digest.same_links import require_same_links, tell_links
from digest.store import editions, settings, subscribers
from digest.store.database import Database, open_database
from digest.store.moving import move
from digest.store.schema import deliveries
from digest.store.workers import beat, count_live, end_standing, has_jobs, list_workers
from digest.working import work
from tests.unit.audience_setup import (
    EDITION,
    LETTER,
    SLOT,
    add,
    adds_up,
    all_deliveries,
    edition,
    emails,
    freeze,
    opened,
    set_status,
)

QUEUED, SUBMITTING, UNCERTAIN, ACCEPTED = (
    DeliveryState.QUEUED,
    DeliveryState.SUBMITTING,
    DeliveryState.UNCERTAIN,
    DeliveryState.ACCEPTED,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def database(postgres_database: str, tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(postgres_database, root=tmp_path)) as database:
        yield database


def lives(database: Database, holder: str) -> None:
    beat(database, holder, f"host:{holder}", 2, 0, 0)


def falls_silent(database: Database, holder: str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE workers SET seen_at = now() - interval '1 hour' WHERE holder = %(holder)s", {"holder": holder}
        )


def jobs(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.exec_driver_sql("SELECT lock FROM procrastinate_jobs ORDER BY id").scalars())


def frozen_for_workers(database: Database, readers: int = 5) -> None:
    add(database, *emails(readers))
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
    editions.freeze(database, edition(), LETTER, SLOT)
    freeze_audience(database, EDITION, "politics", SLOT, 2, hand_over=True)


def marked(database: Database, holder: str, index: int = 0) -> str:
    delivery = all_deliveries(database, EDITION)[index]
    with database.writer() as writer, writer.transaction() as cursor:
        assert mark(database, cursor, EDITION, [begun(delivery)], SLOT, "", holder).ids == {delivery.id}
    return delivery.id


def states(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(deliveries.c.state).order_by(deliveries.c.subscriber_id)).scalars())


def silence_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count a worker's silence also on a server that was started just now."""
    lives_only = "(seen_at > now() - interval '10 s')"
    monkeypatch.setattr("digest.deliver.transitions.LIVES", lives_only)
    monkeypatch.setattr("digest.store.workers.LIVES", lives_only)


def test_batches_are_put_in_with_the_freezing_once(database: Database) -> None:
    lives(database, "w1")
    frozen_for_workers(database)
    assert jobs(database) == [f"{EDITION}/{batch}" for batch in range(3)]
    assert has_jobs(database, EDITION)
    set_status(database, EditionStatus.SENDING)
    assert sweep(database, EDITION, SLOT, HOUR) == 0


def test_without_a_worker_nothing_is_put_in(database: Database) -> None:
    frozen_for_workers(database)
    assert (jobs(database), count_live(database)) == ([], 0)


def test_a_freezing_that_fails_puts_nothing_in(database: Database) -> None:
    lives(database, "w1")
    add(database, *emails(3))
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
    editions.freeze(database, edition(), LETTER, SLOT)

    def fail(_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        freeze_audience(database, EDITION, "politics", SLOT, 2, part=fail, hand_over=True)
    assert jobs(database) == []


def test_a_sweep_puts_in_what_nobody_has(database: Database) -> None:
    lives(database, "w1")
    frozen_for_workers(database)
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs WHERE (args ->> 'batch')::int > 0")
        connection.execute(deliveries.update().where(deliveries.c.batch == 2).values(due_at=SLOT + timedelta(hours=1)))
    assert sweep(database, EDITION, SLOT, HOUR) == 1
    assert sweep(database, EDITION, SLOT + HOUR, HOUR) == 1
    assert sorted(jobs(database)) == [f"{EDITION}/{batch}" for batch in range(3)]


def test_only_what_a_worker_that_is_gone_had_becomes_uncertain(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence_counts(monkeypatch)
    lives(database, "w1")
    lives(database, "w2")
    frozen_for_workers(database)
    set_status(database, EditionStatus.SENDING)
    for index, holder in enumerate(("w1", "w2", "")):
        marked(database, holder, index)
    falls_silent(database, "w1")
    assert orphans_to_uncertain(database, EDITION, SLOT, only_workers=True) == 1
    assert states(database) == [UNCERTAIN, SUBMITTING, SUBMITTING, QUEUED, QUEUED]
    assert orphans_to_uncertain(database, EDITION, SLOT) == 1
    assert states(database) == [UNCERTAIN, SUBMITTING, UNCERTAIN, QUEUED, QUEUED]
    assert [(one.holder, one.lives) for one in list_workers(database)] == [("w1", False), ("w2", True)]


@pytest.mark.usefixtures("each_database")
@pytest.mark.parametrize(
    ("answer", "stands"), [(ACCEPTED, ACCEPTED), (DeliveryState.REJECTED, DeliveryState.REJECTED), (QUEUED, UNCERTAIN)]
)
def test_a_definite_answer_to_the_very_attempt_settles_it(
    tmp_path: Path, answer: DeliveryState, stands: DeliveryState
) -> None:
    with opened(tmp_path) as database:
        add(database, *emails(1))
        freeze(database)
        set_status(database, EditionStatus.SENDING)
        attempt = begun(all_deliveries(database, EDITION)[0])
        marked(database, "")
        orphans_to_uncertain(database, EDITION, SLOT)
        with database.writer() as writer, writer.transaction() as cursor:
            record(database, cursor, [(attempt, Outcome(attempt.delivery_id, answer))], SLOT, 5)
        assert states(database) == [stands]


@pytest.mark.usefixtures("each_database")
def test_an_older_attempt_records_nothing_over_anothers(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        add(database, *emails(1))
        freeze(database)
        set_status(database, EditionStatus.SENDING)
        old = begun(all_deliveries(database, EDITION)[0])
        marked(database, "")
        with database.write() as connection:  # somebody had it sent again meanwhile
            connection.execute(deliveries.update().values(state=QUEUED))
        marked(database, "")
        with database.writer() as writer, writer.transaction() as cursor:
            record(database, cursor, [(old, Outcome(old.delivery_id, ACCEPTED))], SLOT, 5)
            assert not mark(database, cursor, EDITION, [old], SLOT, "").ids
        assert states(database) == [SUBMITTING]


def test_a_session_that_stands_in_mid_pipeline_is_ended(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    lives(database, "w1")
    with closing(database.storage.engine.raw_connection()) as pooled:
        driver = cast("psycopg.Connection[object]", pooled.driver_connection)
        driver.execute("BEGIN")
        driver.pgconn.enter_pipeline_mode()
        driver.pgconn.send_query_params(b"UPDATE workers SET at_work = 1", None)
        driver.pgconn.send_flush_request()
        driver.pgconn.flush()
        assert end_standing(database) == 0
        monkeypatch.setattr("digest.store.workers.STANDING_SECONDS", 0)
        while not end_standing(database):  # the server has yet to come to it
            pass
        beat(database, "w1", "host:w1", 2, 2, 0)  # waits for nobody
        pooled.invalidate()
    assert [one.at_work for one in list_workers(database)] == [2]


def test_a_pace_is_one_for_all(database: Database) -> None:
    waiting = threading.Event()
    paces = [SharedPace(database, 100.0, time.monotonic, waiting.wait) for _ in range(3)]
    began = time.monotonic()
    with futures.ThreadPoolExecutor(3) as pool:
        taken = list(pool.map(lambda pace: [pace.take(1) for _ in range(20)], paces))
    assert taken == [[True] * 20] * 3
    assert time.monotonic() - began > 0.55  # 60 letters at 100 a second, less what is there at once


def test_a_database_that_went_back_delivers_nothing(database: Database) -> None:
    for epoch in ("72ae01c7a2b0d1f3", "1795875000000", "1795875010000", "1795875010000"):  # the first: as it was before
        settings.put_setting(database, "epoch", epoch)
        arming.require_no_return(database)
    settings.put_setting(database, "epoch", "1795875000000")
    with pytest.raises(DisarmedError, match="a restored backup"):
        arming.require_no_return(database)
    arming.arm(database, "mail1")  # says that it is right
    arming.require_no_return(database)


def app_of(database: Database, *, key: str = "k") -> App:
    """What a worker looks at before it delivers."""
    told = SimpleNamespace(
        delivery=SimpleNamespace(too_late_minutes=120),
        web=SimpleNamespace(secret_env="DIGEST_SECRET"),
    )
    links = ReaderLinks("https://news.example.com", [key])
    return cast(
        "App",
        SimpleNamespace(
            database=database, sender=SimpleNamespace(reaches_people=False), config=told, links=links, now=lambda: SLOT
        ),
    )


def test_a_worker_that_meets_an_older_database_ends_so_that_others_are_not_kept_waiting(database: Database) -> None:
    add(database, *emails(1))
    freeze(database)
    set_status(database, EditionStatus.SENDING)
    for epoch in ("1", "2"):
        settings.put_setting(database, "epoch", epoch)
        arming.require_no_return(database)
    settings.put_setting(database, "epoch", "1")
    stop = threading.Event()
    batches = Batches(app_of(database), stop)

    batches.deliver(EDITION, 0)

    assert stop.is_set() and isinstance(batches.refused_by, DisarmedError)
    with pytest.raises(DisarmedError):  # nor does it begin anew
        work(app_of(database), name="w", at_once=1, stop=threading.Event())
    assert list_workers(database) == ()


def test_a_worker_that_can_not_note_what_it_meets_does_not_begin(database: Database) -> None:
    database.beside("epochs-seen").mkdir()

    with pytest.raises(StoreError, match=r"epochs-seen: can't be read: Is a directory"):
        work(app_of(database), name="w", at_once=1, stop=threading.Event())


def test_a_worker_makes_the_links_that_are_served(database: Database) -> None:
    require_same_links(app_of(database))  # nobody said how
    tell_links(app_of(database))
    require_same_links(app_of(database))
    with pytest.raises(StoreError, match=r"would not know the unsubscribe links .* DIGEST_SECRET"):
        work(app_of(database, key="another"), name="w", at_once=1, stop=threading.Event())


def test_a_move_takes_everything_along(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    with opened(folder) as source:
        add(source, *emails(20))
        add(source, "gone@example.com")
        freeze(source)
        subscribers.erase(source, "gone@example.com", SLOT)
        moved = dict(move(source, database))
        hashed = source.hashed("reader1@example.com")
        letters = [editions.get_letter(one, EDITION) for one in (source, database)]
        assert all_deliveries(database, EDITION) == all_deliveries(source, EDITION)
    assert (moved["subscribers"], moved["deliveries"], moved["editions"]) == (20, 21, 1)
    assert database.hashed("reader1@example.com") == hashed
    assert letters[0] == letters[1]
    assert adds_up(database)
    add(database, "new@example.com")
    new = subscribers.find(database, "new@example.com")
    assert new is not None
    assert new.id == 22  # not that of the reader who was erased


def test_only_an_empty_database_is_moved_into(database: Database, tmp_path: Path) -> None:
    add(database, "ana@example.com")
    with opened(tmp_path) as source:
        add(source, *emails(3))
        with pytest.raises(StoreError, match="has rows in subscribers already"):
            move(source, database)
    assert subscribers.count_by_section(database) == (("politics", 1),)
