"""An opened database with readers and a frozen edition, for the tests of the store and the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from digest.audience import address_key
from digest.deliver.auditing import audit
from digest.deliver.freezing import Frozen, freeze_audience
from digest.deliver.listing import each_delivery
from digest.model import Delivery, DeliveryState, Edition, EditionStatus, Letter, Masthead, Publication, Subscriber
from digest.store import editions
from digest.store.database import Database, open_database
from digest.store.imports import Added, Entry, add_subscribers

SLOT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
EDITION = "politics/2026-11-24"
LETTER = Letter(EDITION, "all", "Quay reopens", "<p>Quay</p>", "Quay", (("Subject", "Quay reopens"),), "m4rk")


server_database = ""
"""The server's database that `opened` opens, where a test wants that (the fixture `each_database`)."""


@cache
def _empty_database() -> bytes:
    """Return the file of a new database: to migrate one for every test takes longer than the tests."""
    with TemporaryDirectory() as folder:
        database = open_database("sqlite:///digest.db", root=Path(folder))
        database.checkpoint()
        database.close()
        return file_of(database).read_bytes()


def file_of(database: Database) -> Path:
    assert database.storage.path is not None
    return database.storage.path


@contextmanager
def opened(folder: Path) -> Iterator[Database]:
    path = folder / "digest.db"
    if not server_database and not path.exists():
        path.write_bytes(_empty_database())
    database = open_database(server_database or "sqlite:///digest.db", root=folder)
    try:
        yield database
    finally:
        database.close()


def add(database: Database, *emails: str, section: str = "politics", source: str = "form") -> tuple[Added, ...]:
    entries = [Entry(address_key(email), Subscriber(email, consent_source=source)) for email in emails]
    return add_subscribers(database, section, entries, SLOT, how="import")


def emails(count: int) -> list[str]:
    return [f"reader{number}@example.com" for number in range(1, count + 1)]


def edition(edition_id: str = EDITION, slot: datetime = SLOT) -> Edition:
    return Edition(
        id=edition_id,
        section="politics",
        slot=slot,
        publication=Publication("Herald", "https://h.example", "Herald <news@h.example>", "1 Quay Street"),
        title="Politics",
        subject="Quay reopens",
        preheader="",
        masthead=Masthead("24 November 2026"),
        lead=None,
    )


def freeze(database: Database, *, batch_size: int = 2, letter: Letter = LETTER) -> Frozen:
    """Bring the edition to where it is approved and its audience frozen."""
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
    editions.freeze(database, edition(), letter, SLOT)
    return freeze_audience(database, EDITION, "politics", SLOT, batch_size)


def set_status(database: Database, new: EditionStatus) -> None:
    assert editions.set_status(database, EDITION, new, expected=frozenset(EditionStatus), now=SLOT)


def all_deliveries(
    database: Database, edition_id: str = EDITION, state: DeliveryState | None = None
) -> tuple[Delivery, ...]:
    return tuple(each_delivery(database, edition_id, state))


def adds_up(database: Database) -> bool:
    return not audit(database, EDITION).has_failed
