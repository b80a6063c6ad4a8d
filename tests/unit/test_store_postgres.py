"""A server's database: what is refused in which words, and a COMMIT whose answer was lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import URL, make_url

from digest.errors import DatabaseLostError, StoreError
from digest.store import settings, stories
from digest.store.database import Database, open_database
from digest.store.schema import metadata
from tests.postgres import drop_database, empty_database
from tests.unit.audience_setup import SLOT, add


@pytest.fixture
def database(postgres_database: str, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(postgres_database, root=tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def empty(postgres: URL) -> Iterator[str]:
    url = empty_database(postgres)
    yield url
    drop_database(url)


def end_other_sessions(database: Database) -> None:
    """Cut every connection to the database but the one that asks, as a restart would."""
    address = make_url(database.storage.engine.url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_migrated_schema_is_the_one_that_the_code_uses(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        assert compare_metadata(context, metadata) == []


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or not str(name).startswith("procrastinate_")


def test_many_may_open_a_new_database_at_once(empty: str, tmp_path: Path) -> None:
    hashes: list[str] = []

    def open_and_hash() -> None:
        opened = open_database(empty, root=tmp_path)
        hashes.append(opened.hashed("a@example.com"))
        opened.close()

    threads = [threading.Thread(target=open_and_hash) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(hashes) == 4
    assert len(set(hashes)) == 1


def test_database_of_another_program_is_refused(empty: str, tmp_path: Path) -> None:
    with psycopg.connect(empty.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE songs (title text)")
    with pytest.raises(StoreError, match="is a database of something else"):
        open_database(empty, root=tmp_path)


def test_missing_database_and_absent_server_are_said_without_the_password(postgres: URL, tmp_path: Path) -> None:
    missing = postgres.set(database="nowhere", password="geheim").render_as_string(hide_password=False)
    absent = "postgresql+psycopg://digest:geheim@127.0.0.1:9/digest"
    for url, words in ((missing, "is not there .* Create it"), (absent, r"'digest' at 127.0.0.1:9: can't be reached")):
        with pytest.raises(StoreError, match=words) as caught:
            open_database(url, root=tmp_path)
        assert "geheim" not in str(caught.value)


def test_read_only_database_is_said_to_be(database: Database, postgres_database: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_database.replace("+psycopg", ""), autocommit=True) as connection:
        name = make_url(postgres_database).database
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    database.close()  # settings of a database hold for new sessions
    with pytest.raises(StoreError, match="takes no writes"):
        settings.put_setting(database, "k", "v")


def test_restarted_server_is_met_again(database: Database) -> None:
    settings.put_setting(database, "k", "v")
    end_other_sessions(database)
    assert settings.get_setting(database, "k") == "v"
    end_other_sessions(database)
    settings.put_setting(database, "k", "w")
    assert settings.get_setting(database, "k") == "w"


def test_connection_that_is_cut_in_mid_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(DatabaseLostError, match="can't be reached"), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO settings (key, value) VALUES ('k', 'v')")
        end_other_sessions(database)
        connection.exec_driver_sql("SELECT 1")
    assert settings.get_setting(database, "k") is None


def test_writer_opens_another_connection_after_a_cut(database: Database, capfd: pytest.CaptureFixture[str]) -> None:
    insert = "INSERT INTO settings (key, value) VALUES (%s, 'v')"
    with database.writer() as writer:
        with writer.transaction() as cursor:
            cursor.execute(insert, ("one",))
        end_other_sessions(database)
        with pytest.raises(DatabaseLostError), writer.transaction() as cursor:
            cursor.execute(insert, ("two",))
        with writer.transaction() as cursor:
            cursor.execute(insert, ("three",))
    assert [settings.get_setting(database, key) for key in ("one", "two", "three")] == ["v", None, "v"]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("is_written", [True, False])
def test_commit_whose_answer_was_lost_is_asked_after(
    database: Database, monkeypatch: pytest.MonkeyPatch, is_written: bool
) -> None:
    """The connection ends right after the COMMIT, or right before it; the caller learns which."""
    commit = psycopg.Connection.commit

    def cut(connection: psycopg.Connection[object]) -> None:
        monkeypatch.undo()
        if is_written:
            commit(connection)
        connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    def put() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO settings (key, value) VALUES ('k', 'v')")
            monkeypatch.setattr(psycopg.Connection, "commit", cut)

    if is_written:
        put()
        assert settings.get_setting(database, "k") == "v"
    else:
        with pytest.raises(DatabaseLostError):
            put()
        assert settings.get_setting(database, "k") is None


def test_text_that_the_server_refuses_is_kept_without_it(database: Database) -> None:
    settings.put_setting(database, "k", "a\0b\ud800c😀")
    assert settings.get_setting(database, "k") == "a\ufffdb\ufffdc😀"
    add(database, "ana@example.com", source="fo\0rm")
    assert stories.stories_since(database, SLOT) == ()


def test_lock_ends_with_its_connection(database: Database) -> None:
    ours, theirs = database.sole_lock("delivering"), database.sole_lock("delivering")
    assert (ours.take(), theirs.take(), ours.take()) == (True, False, True)
    end_other_sessions(database)
    assert not ours.take()  # it is told that it was lost
    assert theirs.take() or theirs.take()
    assert not ours.take()
    theirs.release()
    assert ours.take()
    ours.release()
