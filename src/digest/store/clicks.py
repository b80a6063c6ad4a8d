"""Clicks in letters: how many on each story, by edition and hour. Of readers nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from digest.model import Popularity, Window
from digest.store.database import Database
from digest.store.schema import clicks

__all__ = ["Clicked", "add_clicks", "clicks_of", "clicks_since"]

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Clicked:
    """A story in one edition's letter, and the hour in which it was clicked."""

    edition_id: str
    url: str  # canonical
    hour: datetime


def add_clicks(database: Database, counted: Mapping[Clicked, int]) -> None:
    """Add to what was counted before, in one transaction."""
    if not counted:
        return
    rows = [
        {"edition_id": clicked.edition_id, "url": clicked.url, "hour": clicked.hour, "clicks": count}
        for clicked, count in counted.items()
    ]
    insert = database.insert(clicks)
    added = insert.on_conflict_do_update(
        index_elements=[clicks.c.edition_id, clicks.c.url, clicks.c.hour],
        set_={"clicks": clicks.c.clicks + insert.excluded.clicks},
    )
    with database.write() as connection:
        connection.execute(added, rows)


def clicks_since(database: Database, since: datetime) -> tuple[Popularity, ...]:
    """Return the clicks of all editions since then, a bucket for each story and hour."""
    wanted = (
        select(clicks.c.url, clicks.c.hour, func.sum(clicks.c.clicks))
        .where(clicks.c.hour >= since - _HOUR)
        .group_by(clicks.c.url, clicks.c.hour)
        .order_by(clicks.c.url, clicks.c.hour)
    )
    with database.read() as connection:
        return tuple(
            Popularity(url, float(count), Window(hour, hour + _HOUR)) for url, hour, count in connection.execute(wanted)
        )


def clicks_of(database: Database, edition_id: str) -> dict[str, int]:
    """Return how often each canonical URL of an edition's letter was clicked, most first.

    Each of two letters with other subjects counts for itself, under its own name.
    """
    wanted = (
        select(clicks.c.url, func.sum(clicks.c.clicks).label("total"))
        .where(clicks.c.edition_id == edition_id)
        .group_by(clicks.c.url)
        .order_by(func.sum(clicks.c.clicks).desc(), clicks.c.url)
    )
    with database.read() as connection:
        return {url: int(total) for url, total in connection.execute(wanted)}
