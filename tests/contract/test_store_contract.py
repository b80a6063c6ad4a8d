"""What every database must keep, whatever two users of it do at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from digest.deliver.transitions import begun, mark
from digest.errors import StoreError
from digest.model import Delivery, EditionStatus, Story
from digest.ports import CachedResponse, ResponseCache
from digest.store import editions, settings, stories, subscribers
from digest.store.database import Database, open_database
from digest.store.responses import SqlResponseCache
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
    set_status,
)

OpenStore = Callable[[], Database]


@pytest.fixture(params=["sqlite", "postgresql"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Give a function that opens the same database once more, as another process would."""
    is_server = request.param == "postgresql"
    url = request.getfixturevalue("postgres_database") if is_server else "sqlite:///var/digest.db"
    with ExitStack() as stack:

        def open_again() -> Database:
            database = open_database(url, root=tmp_path)
            stack.callback(database.close)
            return database

        yield open_again


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run the actions in threads that begin together; return what they returned, in any order."""
    barrier = threading.Barrier(len(actions))
    results: list[object] = []

    def act(action: Callable[[], object]) -> None:
        barrier.wait()
        results.append(action())

    threads = [threading.Thread(target=act, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == len(actions), "one of them failed"
    return results


def test_slot_has_one_edition_whoever_opens_it(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(4)]

    rows = at_once(*(lambda db=db: editions.open_edition(db, "politics", SLOT, SLOT, EDITION) for db in stores))

    assert len(set(rows)) == 1
    assert len(editions.list_editions(stores[0])) == 1


def test_letter_is_frozen_once_whoever_comes_first(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(3)]
    editions.open_edition(stores[0], "politics", SLOT, SLOT, EDITION)
    letters = [LETTER.__class__(EDITION, "en", "s", f"<p>{number}</p>", "t") for number in range(3)]

    standing = at_once(
        *(
            lambda db=db, letter=letter: editions.freeze(db, edition(), letter, SLOT)
            for db, letter in zip(stores, letters, strict=True)
        )
    )

    assert set(standing) == {editions.get_letter(stores[0], EDITION)}


def test_audience_is_frozen_once_and_adds_up(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(3)]
    add(stores[0], *emails(20))
    subscribers.unsubscribe(stores[0], 3, "politics", SLOT, how="one-click")
    freeze_first = [lambda db=db: freeze(db) for db in stores]

    figures = at_once(*freeze_first)

    assert len(set(figures)) == 1
    assert adds_up(stores[1])
    assert len(all_deliveries(stores[2], EDITION)) == 19


def test_delivery_is_marked_by_one_of_many(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(4)]
    add(stores[0], *emails(10))
    freeze(stores[0])
    set_status(stores[0], EditionStatus.SENDING)
    deliveries: tuple[Delivery, ...] = all_deliveries(stores[0], EDITION)

    def take(database: Database) -> list[str]:
        taken: list[str] = []
        for delivery in deliveries:
            with database.writer() as writer, writer.transaction() as cursor:
                taken += mark(database, cursor, EDITION, [begun(delivery)], SLOT, "").ids
        return taken

    taken = at_once(*(lambda db=db: take(db) for db in stores))

    released = sorted(id_ for ids in taken if isinstance(ids, list) for id_ in ids)
    assert released == sorted(delivery.id for delivery in deliveries)


def test_reader_added_twice_at_once_is_one_reader(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(3)]

    at_once(*(lambda db=db: add(db, *emails(20)) for db in stores))

    assert subscribers.count_by_section(stores[0]) == (("politics", 20),)


def test_what_one_has_written_the_other_reads(open_store: OpenStore) -> None:
    one, other = open_store(), open_store()
    story = Story(url="https://h.example/quay", title="Quay", fetched_at=SLOT)
    stories.save_stories(one, (story,))
    settings.put_setting(one, "k", "v")

    assert stories.stories_since(other, SLOT) == (story,)
    assert settings.get_setting(other, "k") == "v"


def test_hash_of_an_address_is_the_same_for_all_who_open_it(open_store: OpenStore) -> None:
    assert open_store().hashed("a@example.com") == open_store().hashed("a@example.com")


def test_response_cache_keeps_the_newest_body_of_each_url(open_store: OpenStore) -> None:
    cache: ResponseCache = SqlResponseCache(open_store())
    bodies = [
        CachedResponse("https://h.example/feed", body, "text/xml", "", "", SLOT + timedelta(seconds=seconds))
        for seconds, body in enumerate((b"old", b"new"))
    ]
    for body in bodies:
        cache.put(body)

    at_once(*(lambda: cache.put(bodies[1]) for _ in range(3)))

    assert cache.get("https://h.example/feed") == bodies[1]
    assert cache.get("https://h.example/") is None


def test_failed_transaction_leaves_nothing(open_store: OpenStore) -> None:
    one, other = open_store(), open_store()
    with pytest.raises(StoreError), one.write() as connection:
        connection.exec_driver_sql("INSERT INTO settings (key, value) VALUES ('k', 'v')")
        connection.exec_driver_sql("INSERT INTO settings (key, value) VALUES ('k', 'again')")

    assert settings.get_setting(other, "k") is None
