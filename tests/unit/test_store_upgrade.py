"""An upgrade in mid-edition: a database of an earlier version is gone on with, and nobody is lost or served twice."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from digest.deliver import ledger
from digest.deliver.auditing import audit
from digest.model import DeliveryState, EditionStatus
from digest.store import editions, migrations
from digest.store.codec import dump_edition, dump_letter
from digest.store.database import open_database
from tests.unit.audience_setup import EDITION, LETTER, edition
from tests.unit.test_deliver_dispatch import FakeSender, run

BEFORE = "0011"  # the last version without editions of several sections, waves and workers
NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
STATES = {1: "accepted", 2: "submitting", 3: "queued", 4: "queued"}


def write_old_database(path: Path) -> None:
    """Make a file of the earlier version in which an edition was being delivered when its process ended."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
    engine.dispose()
    with closing(sqlite3.connect(path)) as old, old:
        at = "2026-11-24 07:00:00.000000"
        old.execute("INSERT INTO settings (key, value) VALUES ('address-hash-key', ?)", ["00" * 32])
        old.execute(
            "INSERT INTO editions (id, section, slot_utc, status, content, candidates, created_at, updated_at)"
            " VALUES (?, 'politics', ?, 'sending', ?, 4, ?, ?)",
            [EDITION, at, dump_edition(edition()), at, at],
        )
        told = dump_letter(LETTER)
        old.execute(
            "INSERT INTO letters (edition_id, segment, letter, sha256, frozen_at) VALUES (?, ?, ?, ?, ?)",
            [EDITION, LETTER.segment, told, hashlib.sha256(told.encode()).hexdigest(), at],
        )
        for number, state in STATES.items():
            old.execute(
                "INSERT INTO subscribers (id, email, address_key, consent_source, created_at)"
                " VALUES (?, ?, ?, 'form', ?)",
                [number, f"r{number}@example.com", f"key{number}", at],
            )
            old.execute(
                "INSERT INTO subscriptions (subscriber_id, section, status, changed_at)"
                " VALUES (?, 'politics', 'active', ?)",
                [number, at],
            )
            old.execute(
                "INSERT INTO deliveries (id, edition_id, subscriber_id, address_key, email, batch, state, attempts,"
                " changed_at, segment) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
                [f"d{number}", EDITION, number, f"key{number}", f"r{number}@example.com", state,
                 0 if state == "queued" else 1, at, LETTER.segment],
            )  # fmt: skip


def test_an_edition_of_an_earlier_version_is_gone_on_with(tmp_path: Path) -> None:
    write_old_database(tmp_path / "digest.db")
    sender = FakeSender()
    with closing(open_database("sqlite:///digest.db", root=tmp_path)) as database:
        run(database, sender)
        counts = dict(ledger.counts(database, EDITION))
        row = editions.get_edition(database, EDITION)
        report = audit(database, EDITION)
    assert counts == {DeliveryState.ACCEPTED: 3, DeliveryState.UNCERTAIN: 1}
    assert row is not None
    assert row.status is EditionStatus.DONE
    assert sorted(sender.taken) == ["r3@example.com", "r4@example.com"]
    assert not report.has_failed, report.checks
