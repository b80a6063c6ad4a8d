"""The audit finds whatever is wrong with a ledger, and gives the same ledger the same hash."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.audience import address_key
from digest.deliver.auditing import MOST_OFFENDERS, Audit, Check, audit, check_database
from digest.deliver.listing import each_delivery
from digest.errors import EditionError
from digest.model import DeliveryState, EditionStatus
from digest.store import subscribers
from digest.store.database import Database
from tests.unit.audience_setup import EDITION, SLOT, add, all_deliveries, emails, file_of, freeze, opened, set_status

pytestmark = pytest.mark.usefixtures("each_database")

CHECKS = (
    "candidates = deliveries + exclusions",
    "each subscriber once: one delivery or one exclusion",
    "no address twice",
    "each delivery in a known state",
    "each exclusion for a known reason",
    "what left the queue was tried",
    "the letter is the one that was frozen",
)
UNFINISHED = "nothing is open in a finished edition"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A frozen edition of four deliveries and two exclusions."""
    with opened(tmp_path) as database:
        add(database, *emails(6))
        subscribers.suppress(database, address_key("reader2@example.com"), "bounced", SLOT)
        subscribers.unsubscribe(database, 5, "politics", SLOT, how="one-click")
        freeze(database)
        yield database


def change(database: Database, statement: str) -> None:
    """Change the ledger as no code of ours does: without constraints, as a damaged or meddled-with file."""
    with database.write() as connection:
        for table in ("deliveries", "exclusions"):
            connection.exec_driver_sql(f"CREATE TABLE loose AS SELECT * FROM {table}")  # noqa: S608
            connection.exec_driver_sql(f"DROP TABLE {table}")
            connection.exec_driver_sql(f"ALTER TABLE loose RENAME TO {table}")
        connection.exec_driver_sql(statement)


def failed(made: Audit) -> dict[str, int]:
    return {check.name: check.failures for check in made.checks if check.has_failed}


def test_a_frozen_audience_adds_up_and_passes_every_check(database: Database) -> None:
    made = audit(database, EDITION)

    assert made == Audit(
        edition_id=EDITION,
        status=EditionStatus.APPROVED,
        candidates=6,
        states=(("queued", 4),),
        exclusions=(("suppressed", 1), ("unsubscribed", 1)),
        checks=tuple(Check(name) for name in CHECKS),
        sha256=made.sha256,
        acts=(),
    )
    assert (made.deliveries, made.excluded, made.has_failed) == (4, 2, False)


@pytest.mark.parametrize(
    ("name", "statement", "found"),
    [
        (CHECKS[0], "DELETE FROM deliveries WHERE subscriber_id = 3", {CHECKS[0]: 1}),
        (CHECKS[0], "DELETE FROM exclusions", {CHECKS[0]: 2}),
        (CHECKS[1], "UPDATE deliveries SET subscriber_id = 1 WHERE subscriber_id IN (3, 4)", {CHECKS[1]: 1}),
        (CHECKS[1], "UPDATE exclusions SET subscriber_id = 4 WHERE subscriber_id = 2", {CHECKS[1]: 1}),
        (CHECKS[2], "UPDATE deliveries SET address_key = 'same'", {CHECKS[2]: 1}),
        (CHECKS[3], "UPDATE deliveries SET state = 'lost', attempts = 1 WHERE subscriber_id = 3", {CHECKS[3]: 1}),
        (CHECKS[4], "UPDATE exclusions SET reason = 'whim'", {CHECKS[4]: 2}),
        (CHECKS[5], "UPDATE deliveries SET state = 'accepted'", {CHECKS[5]: 4}),
        (CHECKS[6], "UPDATE letters SET letter = replace(letter, 'Quay', 'Key')", {CHECKS[6]: 1}),
        (CHECKS[6], "DELETE FROM letters", {CHECKS[6]: 1}),
    ],
)
def test_what_is_wrong_fails_its_check(database: Database, name: str, statement: str, found: dict[str, int]) -> None:
    change(database, statement)
    made = audit(database, EDITION)

    assert failed(made) == found
    (check,) = [check for check in made.checks if check.name == name]
    assert 0 < len(check.offenders) <= MOST_OFFENDERS


def test_a_finished_edition_with_open_deliveries_fails(database: Database) -> None:
    set_status(database, EditionStatus.DONE)
    made = audit(database, EDITION)

    assert failed(made) == {UNFINISHED: 4}
    (check,) = [check for check in made.checks if check.has_failed]
    assert sorted(check.offenders) == sorted(delivery.id for delivery in all_deliveries(database, EDITION))


def test_rows_of_an_audience_that_was_never_frozen_fail(database: Database) -> None:
    change(database, "UPDATE editions SET candidates = NULL")
    assert failed(audit(database, EDITION)) == {CHECKS[0]: 6}


def test_the_hash_is_of_the_rows_as_documented(database: Database) -> None:
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT id, subscriber_id, state, provider_id FROM deliveries ORDER BY id")
        lines = [list(row) for row in rows]
        left_out = connection.exec_driver_sql("SELECT subscriber_id, reason FROM exclusions ORDER BY subscriber_id")
        lines += [list(row) for row in left_out]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)

    assert audit(database, EDITION).sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE deliveries SET state = 'accepted', attempts = 1 WHERE subscriber_id = 3",
        "UPDATE deliveries SET provider_id = 'p1' WHERE subscriber_id = 3",
        "UPDATE exclusions SET reason = 'no-consent' WHERE subscriber_id = 5",
        "DELETE FROM exclusions WHERE subscriber_id = 5",
    ],
)
def test_another_ledger_has_another_hash(database: Database, statement: str) -> None:
    before = audit(database, EDITION).sha256
    assert audit(database, EDITION).sha256 == before
    change(database, statement)
    assert audit(database, EDITION).sha256 != before


def test_an_erased_reader_still_counts(database: Database) -> None:
    subscribers.erase(database, address_key("reader3@example.com"), SLOT)
    made = audit(database, EDITION)

    assert not made.has_failed
    assert made.states == (("queued", 3), ("withdrawn", 1))


def test_an_unknown_edition_is_said_to_be(database: Database) -> None:
    with pytest.raises(EditionError, match="no edition 'sport/2026-11-24'"):
        audit(database, "sport/2026-11-24")


@pytest.mark.parametrize("each_database", ["sqlite"], indirect=True)  # what is damaged is a file
def test_a_damaged_file_is_found(database: Database) -> None:
    assert check_database(database) == Check("the database is whole")
    # Rows of a column that may not be null, put there behind the schema's back.
    with sqlite3.connect(file_of(database)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'settings'")
    connection.close()
    with sqlite3.connect(file_of(database)) as connection:
        connection.execute("INSERT INTO settings (key, value) VALUES ('k', NULL)")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'value TEXT', 'value TEXT NOT NULL') WHERE name = 'settings'"
        )
    connection.close()
    with opened(file_of(database).parent) as reopened:
        check = check_database(reopened)
    assert check.failures == 1
    assert "settings.value" in check.offenders[0]


@pytest.mark.parametrize("batch_size", [1, 2, 1000])
@pytest.mark.parametrize("state", [None, DeliveryState.QUEUED, DeliveryState.ACCEPTED])
def test_a_listing_is_the_whole_ledger_in_the_order_of_its_audience(
    tmp_path: Path, batch_size: int, state: DeliveryState | None
) -> None:
    with opened(tmp_path) as database:
        add(database, *emails(7))
        freeze(database, batch_size=batch_size)
        listed = [delivery.email for delivery in each_delivery(database, EDITION, state)]
    assert listed == ([] if state is DeliveryState.ACCEPTED else emails(7))


def test_a_listing_of_an_edition_without_deliveries_is_empty(database: Database) -> None:
    assert list(each_delivery(database, "sport/2026-11-24")) == []
