"""A few facts about this installation that outlive a process: key and value."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from digest.store.database import Database
from digest.store.schema import settings

__all__ = ["clear_setting", "first_served", "get_setting", "put_setting"]


def get_setting(database: Database, key: str) -> str | None:
    """Return what was put under `key`, None when nothing was."""
    with database.read() as connection:
        return connection.execute(select(settings.c.value).where(settings.c.key == key)).scalar()


def put_setting(database: Database, key: str, value: str) -> None:
    """Put a value under `key`, in the place of another."""
    put = database.insert(settings).values(key=key, value=value)
    with database.write() as connection:
        connection.execute(put.on_conflict_do_update(index_elements=["key"], set_={"value": put.excluded.value}))


def clear_setting(database: Database, key: str) -> None:
    """Forget what was put under `key`."""
    with database.write() as connection:
        connection.execute(settings.delete().where(settings.c.key == key))


def first_served(database: Database, now: datetime) -> datetime:
    """Return when this was first asked: slots from before it were never promised to anyone."""
    known = get_setting(database, "first-served")
    if known is not None and datetime.fromisoformat(known) > now:  # the clock was ahead then
        put_setting(database, "first-served", now.isoformat())
        return now
    if known is None:
        put = database.insert(settings).values(key="first-served", value=now.isoformat())
        with database.write() as connection:
            connection.execute(put.on_conflict_do_nothing())
        known = get_setting(database, "first-served") or now.isoformat()
    return datetime.fromisoformat(known)
