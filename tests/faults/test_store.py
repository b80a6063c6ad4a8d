"""What may befall the database: nothing leaves that the ledger doesn't know of, and the reason is one line."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from digest.store import migrations
from tests.faults.harness import IS_FULL, Installation, ended, many, until
from tests.faults.sinks import SmtpSink, Stage

READERS = 400
CONNECTIONS = 5


class At:
    """A script that does something once, when the `number`th letter has arrived and nobody was told yet."""

    def __init__(self, number: int, act: Callable[[], object]) -> None:
        self._left = number
        self._act = act

    def __call__(self, stage: Stage, email: str) -> str:
        if stage is Stage.DOT:
            self._left -= 1
            if self._left == 0:
                self._act()
        return ""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MB; only root can make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "digest-test", str(folder)], capture_output=True)
    if made.returncode:
        pytest.skip(f"no small file system can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, *, leave_bytes: int = 0) -> Path:
    """Fill the rest of a file system; return the file that does it."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while os.statvfs(disk).f_bavail * 4096 > leave_bytes:
            file.write(bytes(4096))
    return ballast


# --- the disk ---------------------------------------------------------------------------------


def test_a_full_disk_at_the_freezing_submits_nothing_and_room_lets_it_go_on(
    small_disk: Path, installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink() as sink:
        here = installed(sink, readers=READERS, folder=small_disk / "project")
        ballast = fill(small_disk, leave_bytes=96 * 1024)
        done = here.digest("run", "politics")
        assert (done.code, "the disk is full" in done.printed) == (1, True), done
        assert sink.log == []
        ballast.unlink()
        assert here.digest("run", "politics").code == 0
        tally = here.tally(sink)
    tell(tally)
    tally.require()
    assert tally.taken == READERS


def test_a_disk_that_fills_up_in_mid_delivery_stops_before_the_next_letter(
    small_disk: Path, installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink(At(20, lambda: fill(small_disk))) as sink:
        here = installed(sink, readers=1_000, connections=CONNECTIONS, folder=small_disk / "project")
        done = here.digest("run", "politics")
        assert (done.code, "the disk is full" in done.printed) == (1, True), done
        (small_disk / "ballast").unlink()
        stopped = here.tally(sink)
        here.digest("run", "politics")
        tally = here.tally(sink)
    tell(tally)
    assert stopped.taken < 1_000
    stopped.require(uncertain_at_most=CONNECTIONS, is_settled=False)
    tally.require(uncertain_at_most=CONNECTIONS)


def test_a_read_only_database_submits_nothing_and_is_named(
    small_disk: Path, installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink() as sink:
        here = installed(sink, readers=10, folder=small_disk / "project")
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
        done = here.digest("run", "politics")
        assert (done.code, "digest.db" in done.printed, sink.log) == (1, True, []), done
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
        tell(here.tally(sink))


# --- other writers ----------------------------------------------------------------------------


def lock_for(here: Installation, seconds: float) -> None:
    with closing(sqlite3.connect(here.database, timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")


def test_another_writer_is_waited_for(installed: Callable[..., Installation], tell: Callable[..., None]) -> None:
    arrived: list[str] = []
    with SmtpSink(At(20, lambda: arrived.append(""))) as sink:
        here = installed(sink, readers=READERS)
        run = here.start("run", "politics")
        until(lambda: arrived)
        lock_for(here, many(1, 20))
        done = ended(run)
        tally = here.tally(sink)
    tell(tally)
    assert done.code == 0, done
    tally.require()
    assert tally.taken == READERS


@pytest.mark.skipif(not IS_FULL, reason="the database's busy time-out is 30 s: `make faults`")
def test_a_writer_that_stays_is_given_up_on_with_the_reason(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    arrived: list[str] = []
    with SmtpSink(At(20, lambda: arrived.append(""))) as sink:
        here = installed(sink, readers=READERS, connections=CONNECTIONS, per_second=400)
        run = here.start("run", "politics")
        until(lambda: arrived)
        lock_for(here, 40)
        done = ended(run)
        assert (done.code, "kept it locked" in done.printed) == (1, True), done
        here.digest("run", "politics")
        tally = here.tally(sink)
    tell(tally)
    tally.require(uncertain_at_most=CONNECTIONS)


# --- the file ---------------------------------------------------------------------------------


def test_a_database_that_is_deleted_in_mid_delivery_stops_it(installed: Callable[..., Installation]) -> None:
    folder: list[Path] = []

    def delete() -> None:
        for name in ("digest.db", "digest.db-wal", "digest.db-shm"):
            (folder[0] / name).unlink()

    with SmtpSink(At(20, delete)) as sink:
        here = installed(sink, readers=READERS, connections=CONNECTIONS, per_second=400)
        folder.append(here.folder)
        done = here.digest("run", "politics")
        sink.settle()
        taken = len(sink.log)
        assert (done.code, "deleted" in done.printed) == (1, True), done
        assert taken < READERS

        here.digest("run", "politics")  # of a new database, that was never armed
        assert len(sink.log) == taken
    assert len({letter.email for letter in sink.log}) == taken


def _make_newer(here: Installation) -> None:
    here.change("UPDATE alembic_version SET version_num = '9999'")


def _damage(here: Installation) -> None:
    size = here.database.stat().st_size
    with here.database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\x5a" * (size - 4096))


def _replace(here: Installation) -> None:
    here.database.write_bytes(b"no database at all\n" * 500)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(_make_newer, "newer Digest"), (_damage, "damaged"), (_replace, "no database")],
    ids=["newer", "damaged", "replaced"],
)
def test_a_database_that_can_not_be_used_submits_nothing_and_is_named(
    spoil: Callable[[Installation], None], words: str, installed: Callable[..., Installation]
) -> None:
    with SmtpSink() as sink:
        here = installed(sink, readers=10)
        spoil(here)
        done = here.digest("run", "politics")
        assert (done.code, words in done.printed, "digest.db" in done.printed) == (1, True, True), done
        assert sink.log == []


def stop_at(here: Installation, sink: SmtpSink, number: int, *, environment: Mapping[str, str] | None = None) -> None:
    """Run until `number` more letters have arrived, and end it by SIGTERM."""
    process: list[Any] = []
    sink.script = At(number, lambda: process[0].terminate())
    process.append(here.start("run", "politics", environment=environment))
    ended(process[0])
    sink.script = lambda stage, email: ""


def test_a_backup_that_is_restored_in_mid_edition_is_disarmed(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink() as sink:
        here = installed(sink, readers=READERS, per_second=400)
        stop_at(here, sink, 20)
        backup = here.database.read_bytes()
        stop_at(here, sink, 20)
        newer = here.database.read_bytes()
        taken = len(sink.log)

        here.database.write_bytes(backup)
        done = here.digest("run", "politics")
        assert (done.code, "restored backup" in done.printed) == (1, True), done
        assert len(sink.log) == taken

        here.database.write_bytes(newer)
        here.digest("run", "politics")
        tally = here.tally(sink)
    tell(tally)
    tally.require()
    assert tally.taken == READERS


def test_an_upgrade_in_mid_edition_goes_on_with_it(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink() as sink:
        here = installed(sink, readers=READERS, per_second=400)
        stop_at(here, sink, 20)
        begun = here.tally(sink)
        downgrade(here)
        assert here.ask("SELECT version_num FROM alembic_version") == [("0001",)]
        assert here.digest("run", "politics").code == 0
        tally = here.tally(sink)
    tell(tally)
    assert 0 < begun.taken < READERS
    tally.require()
    assert tally.taken == READERS


def downgrade(here: Installation) -> None:
    """Make the database what the first version of Digest would have left."""
    old = here.folder / "old.db"
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    engine = create_engine(f"sqlite:///{old}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(old, isolation_level=None)) as copy:
        copy.execute("ATTACH ? AS newer", (str(here.database),))
        for (table,) in copy.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            if table in ("alembic_version", "sqlite_sequence"):
                continue
            columns = ", ".join(name for _, name, *_ in copy.execute(f"PRAGMA main.table_info({table})"))
            copy.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")  # noqa: S608
    shutil.copyfile(old, here.database)
