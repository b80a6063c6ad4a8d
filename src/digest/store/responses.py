"""Fetched bodies by URL, so that the next run asks only for what has changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import delete, select

from digest.ports import CachedResponse
from digest.store.database import Database
from digest.store.schema import responses

__all__ = ["SqlResponseCache"]

KEEP = timedelta(days=14)  # pages leave their feeds and are not asked for again


class SqlResponseCache:
    """`ports.ResponseCache` in the database. The first body put in also clears out what is old."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_swept = False

    def get(self, url: str) -> CachedResponse | None:
        with self._database.read() as connection:
            row = connection.execute(select(responses).where(responses.c.url == url)).one_or_none()
        return CachedResponse(**row._mapping) if row is not None else None

    def put(self, response: CachedResponse) -> None:
        put = self._database.insert(responses)
        put = put.on_conflict_do_update(
            index_elements=["url"],
            set_={column.name: put.excluded[column.name] for column in responses.c if column.name != "url"},
        )
        with self._database.write() as connection:
            connection.execute(put, asdict(response))
            if not self._is_swept:
                connection.execute(delete(responses).where(responses.c.fetched_at < response.fetched_at - KEEP))
                self._is_swept = True
