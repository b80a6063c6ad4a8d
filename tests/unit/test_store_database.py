"""Opening the database: what is made, what is refused, and what two do at once."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from digest.errors import StoreError
from digest.store.database import Database, open_database
from digest.store.migrations import HEAD
from digest.store.schema import metadata, settings
from tests.unit.audience_setup import file_of, opened


def _shape(path: Path) -> dict[str, object]:
    """Return every table's columns, keys and indexes as SQLite tells them."""
    with sqlite3.connect(path) as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            if name != "alembic_version"
        ]
        shape: dict[str, object] = {}
        for name in names:
            indexes = sorted(
                (row[2], row[3], tuple(c[2] for c in connection.execute(f"PRAGMA index_info('{row[1]}')")))
                for row in connection.execute(f"PRAGMA index_list('{name}')")
            )
            shape[name] = (
                [
                    (*row[:2], "TEXT" if row[2].startswith("VARCHAR") else row[2], *row[3:])  # it keeps no lengths
                    for row in connection.execute(f"PRAGMA table_info('{name}')")
                ],
                connection.execute(f"PRAGMA foreign_key_list('{name}')").fetchall(),
                indexes,
            )
        named = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
        shape["indexes"] = connection.execute(named).fetchall()
    connection.close()
    return shape


def test_migrated_schema_is_the_one_that_the_code_uses(tmp_path: Path) -> None:
    database = open_database("sqlite:///migrated.db", root=tmp_path)
    database.close()
    migrated = _shape(file_of(database))
    engine = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(engine)
    engine.dispose()

    assert migrated == _shape(tmp_path / "direct.db")


def test_folder_is_made_and_a_second_opening_finds_the_same_database(tmp_path: Path) -> None:
    first = open_database("sqlite:///var/deep/digest.db", root=tmp_path)
    hashed = first.hashed("a@example.com")
    first.close()
    second = open_database("sqlite:///var/deep/digest.db", root=tmp_path)
    again = second.hashed("a@example.com")
    second.close()

    assert (file_of(first), again) == (tmp_path / "var/deep/digest.db", hashed)


def test_any_folder_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / "a? b%20#ü"
    folder.mkdir()
    with opened(folder) as database:
        assert file_of(database) == folder / "digest.db"
        assert file_of(database).exists()


def test_two_databases_hash_one_address_differently(tmp_path: Path) -> None:
    one, other = (open_database(f"sqlite:///{name}.db", root=tmp_path) for name in ("one", "other"))
    hashes = {database.hashed("a@example.com") for database in (one, other)}
    one.close()
    other.close()

    assert len(hashes) == 2


def test_current_database_opens_without_alembic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path):
        pass
    monkeypatch.setattr("digest.store.database.migrate", None)
    with opened(tmp_path) as database, database.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD


def _spoil(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_newer_schema_is_refused_and_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        path = file_of(database)
    _spoil(path, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match=r"digest\.db: was written by a newer Digest \(schema 9999"):
        open_database("sqlite:///digest.db", root=tmp_path)


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    _spoil(tmp_path / "other.db", "CREATE TABLE songs (title TEXT)")

    with pytest.raises(StoreError, match=r"other\.db: is a database of something else"):
        open_database("sqlite:///other.db", root=tmp_path)


def test_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "digest.db").write_text("Dear editor, " * 500)

    with pytest.raises(StoreError, match=r"digest\.db: is damaged or no database"):
        open_database("sqlite:///digest.db", root=tmp_path)


def test_truncated_database_is_named(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        database.checkpoint()
        path = file_of(database)
    path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(StoreError, match=r"digest\.db: is damaged"):
        open_database("sqlite:///digest.db", root=tmp_path)


def test_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")

    with pytest.raises(StoreError, match="var: can't be made a folder"):
        open_database("sqlite:///var/digest.db", root=tmp_path)


def test_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "digest.db").mkdir()

    with pytest.raises(StoreError, match=r"digest\.db: can't be written"):
        open_database("sqlite:///digest.db", root=tmp_path)


@pytest.mark.parametrize("url", ["mysql://u:geheim@h/d", "sqlite:///:memory:", "sqlite://", "digest.db"])
def test_other_addresses_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(StoreError, match="Write it like") as caught:
        open_database(url)
    assert "geheim" not in str(caught.value)


def test_failed_block_leaves_nothing_behind(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        with pytest.raises(RuntimeError), database.write() as connection:
            connection.execute(settings.insert().values(key="k", value="v"))
            raise RuntimeError
        with database.read() as connection:
            assert connection.execute(select(settings.c.value).where(settings.c.key == "k")).scalar() is None


def _count_up(database: Database, times: int) -> None:
    for _ in range(times):
        with database.write() as connection:
            value = connection.execute(select(settings.c.value).where(settings.c.key == "n")).scalar_one()
            connection.execute(settings.update().where(settings.c.key == "n").values(value=str(int(value) + 1)))


def test_writers_that_read_first_lose_no_update(tmp_path: Path) -> None:
    with opened(tmp_path) as one, opened(tmp_path) as other:
        with one.write() as connection:
            connection.execute(settings.insert().values(key="n", value="0"))
        threads = [threading.Thread(target=_count_up, args=(database, 20)) for database in (one, one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with one.read() as connection:
            assert connection.execute(select(settings.c.value).where(settings.c.key == "n")).scalar() == "60"


def test_many_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    hashes: list[str] = []

    def open_and_hash() -> None:
        database = open_database("sqlite:///new.db", root=tmp_path)
        hashes.append(database.hashed("a@example.com"))
        database.close()

    threads = [threading.Thread(target=open_and_hash) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(hashes) == 4
    assert len(set(hashes)) == 1
