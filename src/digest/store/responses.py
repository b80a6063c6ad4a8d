"""Fetched bodies by URL, so that the next run asks only for what has changed.

What is put in is written a hundred at a time: a write to disk for each of five hundred feeds takes longer than fetching
them. Whoever puts calls `flush` at the end; a crash loses some answers, which are fetched again.
"""

from __future__ import annotations

import threading
import zlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from digest.ports import CachedResponse
from digest.store.database import Database
from digest.store.schema import responses

__all__ = ["SqlResponseCache"]

KEEP = timedelta(days=7)  # longer than editions look back by default; what is asked for later is fetched whole
_SWEEP_EVERY = timedelta(days=1)
_AT_ONCE = 100
_PACKED, _PLAIN = b"z", b"-"  # the first byte of a kept body

_STILL_FRESH = (
    responses.update()
    .where(responses.c.url == bindparam("named"))
    .values(fresh_until=bindparam("until", type_=responses.c.fresh_until.type))
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A response that is not written yet, and its body as it will be."""

    response: CachedResponse
    packed: bytes


class SqlResponseCache:
    """`ports.ResponseCache` in the database. The first write of a day also clears out what is old."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()  # of what follows; never held while something is written
        self._waiting: dict[str, _Kept] = {}
        self._being_written: dict[str, _Kept] = {}
        self._fresh: dict[str, datetime | None] = {}
        self._names: set[str] | None = None  # what the table has, as far as we know: most that is asked for it hasn't
        self._writing = threading.Lock()
        self._swept_at: datetime | None = None  # by the time of the answers

    def get(self, url: str) -> CachedResponse | None:
        with self._lock:
            if (kept := self._waiting.get(url) or self._being_written.get(url)) is not None:
                return kept.response
            if url not in self._known():
                return None
            is_fresh_anew, until = url in self._fresh, self._fresh.get(url)
        with self._database.read() as connection:
            row = connection.execute(select(responses).where(responses.c.url == url)).one_or_none()
        if row is None:
            return None
        held = CachedResponse(**{**row._mapping, "body": _unpacked(row.body)})
        return replace(held, fresh_until=until) if is_fresh_anew else held

    def _known(self) -> set[str]:
        if self._names is None:
            with self._database.read() as connection:
                self._names = set(connection.execute(select(responses.c.url)).scalars())
        return self._names

    def put(self, response: CachedResponse) -> None:
        kept = _Kept(response, _packed(response.body))
        with self._lock:
            self._fresh.pop(response.url, None)
            self._waiting[response.url] = kept
            is_enough = len(self._waiting) >= _AT_ONCE
        if is_enough:
            self.flush()

    def keep_fresh(self, url: str, until: datetime | None) -> None:
        with self._lock:
            if (kept := self._waiting.get(url)) is not None:
                self._waiting[url] = replace(kept, response=replace(kept.response, fresh_until=until))
            else:
                self._fresh[url] = until
            is_enough = len(self._fresh) >= _AT_ONCE
        if is_enough:
            self.flush()

    def flush(self) -> None:
        with self._writing:
            with self._lock:
                self._being_written, self._waiting = self._waiting, {}
                fresh = dict(self._fresh)
            is_swept = self._write(self._being_written, fresh) if self._being_written or fresh else False
            with self._lock:
                if is_swept:
                    self._names = None
                self._known().update(self._being_written)
                self._being_written = {}
                self._fresh = {url: until for url, until in self._fresh.items() if fresh.get(url, url) != until}

    def _write(self, waiting: dict[str, _Kept], fresh: dict[str, datetime | None]) -> bool:
        """Write both; return whether what is old was cleared out with it."""
        put = self._database.insert(responses)
        put = put.on_conflict_do_update(
            index_elements=["url"],
            set_={column.name: put.excluded[column.name] for column in responses.c if column.name != "url"},
        )
        with self._database.write() as connection:
            if waiting:
                connection.execute(put, [{**asdict(kept.response), "body": kept.packed} for kept in waiting.values()])
            if fresh:
                connection.execute(_STILL_FRESH, [{"named": url, "until": until} for url, until in fresh.items()])
            newest = max((kept.response.fetched_at for kept in waiting.values()), default=None)
            is_due = newest is not None and (self._swept_at is None or newest >= self._swept_at + _SWEEP_EVERY)
            if newest is not None and is_due:
                connection.execute(delete(responses).where(responses.c.fetched_at < newest - KEEP))
        if is_due:
            self._swept_at = newest
        return is_due


def _packed(body: bytes) -> bytes:
    """Return the body as it is kept: pages pack to a fifth, and what is written costs more than packing it."""
    packed = zlib.compress(body, 1)
    return _PACKED + packed if len(packed) < len(body) else _PLAIN + body


def _unpacked(kept: bytes) -> bytes:
    return zlib.decompress(kept[1:]) if kept[:1] == _PACKED else kept[1:]
