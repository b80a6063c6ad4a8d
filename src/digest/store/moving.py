"""Moves an installation's rows from one database into another, empty one: all of them, counted and compared.

Both hold still meanwhile: the old one is read in one transaction, the new one is written in one, so that
whatever goes wrong leaves the new one empty.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select, text

from digest.errors import StoreError
from digest.store.database import Database
from digest.store.postgres import storable
from digest.store.schema import metadata, paces, settings, workers

__all__ = ["Moved", "move"]

_PAGE = 5000  # rows
_OF_THE_PLACE = (workers, paces)  # they say who is at work at this moment

Moved = tuple[str, int]
"""A table's name, and how many rows it has in both databases now."""


def move(source: Database, target: Database, tell: Callable[[str, int], None] = lambda *_: None) -> tuple[Moved, ...]:
    """Copy every table of `source` into `target` and compare them; return what was moved.

    Args:
        tell: Gets each table's name and rows as it is done.

    Raises:
        StoreError: the target has rows, or what arrived is not what left; nothing is changed then.
    """
    tables = [table for table in metadata.sorted_tables if table not in _OF_THE_PLACE]
    moved: list[Moved] = []
    with source.read() as reading, target.write_much() as writing:
        _require_empty(target, writing, tables)
        writing.execute(settings.delete())  # its own hash key, with which no moved address would be found
        for table in tables:
            count = _copied(reading, writing, table)
            _compare(reading, writing, table, target)
            moved.append((table.name, count))
            tell(table.name, count)
        _set_counters(writing, tables, _used_ids(reading))
    target.__dict__.pop("_hash_key", None)
    return tuple(moved)


def _require_empty(target: Database, connection: Connection, tables: Iterable[Table]) -> None:
    for table in tables:
        if table is not settings and connection.execute(select(table).limit(1)).first() is not None:
            raise StoreError(
                f"{target.label}: has rows in {table.name} already; only an empty database can be moved into. "
                "Name another one. Nothing was changed."
            )


def _copied(reading: Connection, writing: Connection, table: Table) -> int:
    count = 0
    for page in reading.execution_options(stream_results=True).execute(select(table)).partitions(_PAGE):
        writing.execute(table.insert(), [dict(row._mapping) for row in page])
        count += len(page)
    return count


def _compare(reading: Connection, writing: Connection, table: Table, target: Database) -> None:
    there, here = (_sum_of(connection, table) for connection in (reading, writing))
    if there != here:
        raise StoreError(
            f"{target.label}: {table.name} did not arrive as it left ({there[0]} rows left, {here[0]} arrived). "
            "Nothing was changed; report it."
        )


def _sum_of(connection: Connection, table: Table) -> tuple[int, int]:
    """Return how many rows there are, and the sum of their hashes, which no order changes."""
    count = total = 0
    for page in connection.execute(select(table)).partitions(_PAGE):
        count += len(page)
        total += sum(map(_hash, page))
    return count, total % 2**256


def _hash(row: Row[Any]) -> int:
    told = json.dumps([_plain(value) for value in row], ensure_ascii=True)
    return int.from_bytes(hashlib.sha256(told.encode()).digest())


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return value.hex()
    return storable(value) if isinstance(value, str) else value


def _used_ids(connection: Connection) -> dict[str, int]:
    """Return the greatest id that each table of a file ever had, those of erased readers too."""
    if connection.dialect.name != "sqlite":
        return {}
    return {row[0]: row[1] for row in connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")}


def _set_counters(connection: Connection, tables: Iterable[Table], used: dict[str, int]) -> None:
    """Let a server's next ids follow the greatest that was moved, or the one that an erased reader had."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        if column is None or column.foreign_keys:
            continue
        named = connection.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        ).scalar()
        if named is not None:
            greatest = max(connection.execute(select(func.max(column))).scalar() or 0, used.get(table.name, 0))
            connection.execute(
                text("SELECT setval(CAST(:name AS regclass), :next, false)"), {"name": named, "next": greatest + 1}
            )
