"""Warming up a new sending domain: at most so many letters a day, more from day to day.

Mailbox providers distrust a domain that begins with a great volume. The rule is made of what providers publish:

- begin with a few hundred: 200 (https://help.batch.com/en/articles/9490328, "Define a warm-up goal per
  subdomain"), 300 (https://documentation.onesignal.com/docs/en/email-warm-up);
- never more than twice the day before (https://docs.customer.io/journeys/domain-warming, and the first page);
  others are slower, the second page with a fifth more a day;
- above 100,000 a day only half as much again (the first page).

So a day allows twice the greatest volume of any earlier day, whatever the calendar says: a day without an
edition is no step, and neither is one with few readers. After 30 days of silence it begins anew, as the
second page advises. From a million a day on a domain counts as warm.

All sections leave from one domain. Each grows by the same rule from its share of the first day, so that the
earliest one does not use up the day for the others, and together they keep within it.

Who is engaged is not known here, so the audience's order decides. It is the same every day: a reader
who has been reached stays reached, and none gets a letter on one day and none on the next.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, func, or_, select

from digest.model import ACCEPTED_STATES, DeliveryState
from digest.slots import instant_of, local_date
from digest.store.database import Database
from digest.store.schema import deliveries, editions

__all__ = ["FIRST_DAY", "WARM", "Budget", "allowance", "next_step"]

FIRST_DAY = 200
DOUBLED_UP_TO = 100_000
WARM = 1_000_000
REMEMBERED = timedelta(days=30)

_LEFT = (*ACCEPTED_STATES, DeliveryState.SUBMITTING, DeliveryState.UNCERTAIN)  # the provider has it, or may have it


def next_step(most_in_a_day: int) -> int | None:
    """Return how many letters a day allows after a greatest day of so many, None when the domain is warm."""
    if most_in_a_day >= WARM:
        return None
    grown = most_in_a_day * 2 if most_in_a_day < DOUBLED_UP_TO else most_in_a_day * 3 // 2
    return max(FIRST_DAY, grown)


def allowance(database: Database, section: str, sections: int, now: datetime, zone: ZoneInfo) -> int | None:
    """Return how many letters of `section`, one of so many, may still leave today; None when the domain is warm.

    Today is the local date in `zone`. An edition counts on the day of its slot, and one that an
    earlier slot left over and that has moved on today counts today as well, whole. Counts by the index alone.
    """
    midnight = instant_of(local_date(now, zone), time(), zone)
    with database.read() as connection:
        greatest = _greatest_day(connection, midnight, zone)
        step = next_step(greatest)
        if step is None:
            return None
        own = _greatest_day(connection, midnight, zone, section)
        own_step = max(FIRST_DAY // sections, 1, own * step // max(greatest, FIRST_DAY // 2))
        left = _left_since(connection, midnight)
        return max(0, min(step - sum(left.values()), own_step - left.get(section, 0)))


class Budget:
    """How many letters may still leave, for several sessions at once. None: as many as there are.

    A mark takes before its letters leave, and gives back what it was not granted.
    """

    def __init__(self, letters: int | None) -> None:
        self._left = letters
        self._lock = threading.Lock()

    @property
    def is_spent(self) -> bool:
        return self._left == 0

    def take(self, count: int) -> int:
        """Take up to `count` letters; return how many of them may leave."""
        with self._lock:
            if self._left is None:
                return count
            granted = min(count, self._left)
            self._left -= granted
            return granted

    def give_back(self, count: int) -> None:
        with self._lock:
            if self._left is not None:
                self._left += count


def _left_since(connection: Connection, midnight: datetime) -> dict[str, int]:
    """Return how many letters have left today, by section."""
    is_of_today = or_(editions.c.slot_utc >= midnight, editions.c.updated_at >= midnight)
    frozen = select(editions.c.section, editions.c.id).where(is_of_today, editions.c.candidates.is_not(None))
    left: dict[str, int] = {}
    for section, id_ in connection.execute(frozen).all():
        left[section] = left.get(section, 0) + _count_left(connection, [id_])
    return left


def _greatest_day(connection: Connection, midnight: datetime, zone: ZoneInfo, section: str | None = None) -> int:
    """Return the greatest volume of one day before `midnight`, of those that are remembered.

    Days are looked at by the size of their audiences, largest first, and the rest not at all once none of
    them can be greater: so a grown list costs the count of one day, not of thirty.
    """
    remembered = and_(editions.c.slot_utc < midnight, editions.c.slot_utc >= midnight - REMEMBERED)
    wanted = select(editions.c.id, editions.c.slot_utc, editions.c.candidates)
    if section is not None:
        wanted = wanted.where(editions.c.section == section)
    days: dict[date, list[tuple[str, int]]] = {}
    for id_, slot, candidates in connection.execute(wanted.where(remembered, editions.c.candidates.is_not(None))):
        days.setdefault(local_date(slot, zone), []).append((id_, candidates))
    greatest = 0
    for day in sorted(days.values(), key=_audience, reverse=True):
        if _audience(day) <= greatest:
            break
        greatest = max(greatest, _count_left(connection, [id_ for id_, _ in day]))
    return greatest


def _audience(day: Iterable[tuple[str, int]]) -> int:
    return sum(candidates for _, candidates in day)


def _count_left(connection: Connection, ids: Iterable[str]) -> int:
    """Count by the index on (edition, state, batch) alone."""
    has_left = and_(deliveries.c.edition_id.in_(ids), deliveries.c.state.in_(_LEFT))
    return connection.execute(select(func.count()).select_from(deliveries).where(has_left)).scalar_one()
