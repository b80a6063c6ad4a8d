"""When a section's email is due: local clock times as instants in UTC.

A slot belongs to a local date, and there is one a date. A time that the spring change skips becomes
the first instant after the gap; one that the autumn change repeats is the first of the two. Pure:
no clock, no scheduler.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["Slot", "Wave", "instant_of", "local_date", "read_edition_id", "slots_between", "waves_of"]

_DATE = len("2026-11-24")


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A section's due time of one local date; `edition_id` names the one edition that fills it."""

    at: datetime
    section: str
    day: date
    part: str = ""  # of a letter that follows the day's edition: "-c1", its first correction
    until: datetime | None = field(default=None, compare=False)  # the last readers' hour, where each has their own

    @property
    def edition_id(self) -> str:
        return f"{self.section}/{self.day.isoformat()}{self.part}"


def read_edition_id(edition_id: str) -> tuple[str, date, str]:
    """Return section, local date and part of "politics/2026-11-24" or "politics/2026-11-24-c1".

    Raises:
        ValueError: it is no such id.
    """
    section, _, rest = edition_id.rpartition("/")
    return section, date.fromisoformat(rest[:_DATE]), rest[_DATE:]


@dataclass(frozen=True, slots=True, order=True)
class Wave:
    """Readers whose clocks reach an edition's hour at the same instant, by their zones."""

    at: datetime
    zones: tuple[str, ...]


def waves_of(day: date, at: time, zones: Collection[str]) -> tuple[Wave, ...]:
    """Return when the clocks of `zones` (IANA names) reach `at` on `day`, earliest first."""
    by_instant: dict[datetime, list[str]] = {}
    for zone in sorted(zones):
        by_instant.setdefault(instant_of(day, at, ZoneInfo(zone)), []).append(zone)
    return tuple(Wave(instant, tuple(found)) for instant, found in sorted(by_instant.items()))


def local_date(now: datetime, zone: ZoneInfo) -> date:
    """Return the date in `zone` at an instant."""
    return now.astimezone(zone).date()


def instant_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC at which the clocks of `zone` reach `at` on `day`."""
    wall = datetime.combine(day, at, tzinfo=zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    # In a gap, fold 0 reads the clock by the offset before it (a later instant), fold 1 by the one after.
    return _offset_change(wall.replace(fold=1).astimezone(UTC), instant, zone)


def _offset_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first whole second of (before, after] that has the offset of `after`."""
    target = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == target:
            high = middle
        else:
            low = middle + 1
    return before + timedelta(seconds=low)


def slots_between(
    section: str,
    at: time,
    weekdays: frozenset[int],
    zone: ZoneInfo,
    start: datetime,
    end: datetime,
    *,
    readers_zones: Collection[str] | None = None,
) -> Iterator[Slot]:
    """Yield the slots with `start` < at <= `end`, oldest first.

    Args:
        weekdays: Monday is 0.
        readers_zones: Where each reader has their own hour: the zones they are in. A slot is then due when the
            first of these, and `zone`, reach it.
    """
    day = local_date(start, zone) - timedelta(days=2)
    last = local_date(end, zone) + timedelta(days=2)
    while day <= last:
        if day.weekday() in weekdays:
            slot = _slot(section, day, at, zone, readers_zones)
            if start < slot.at <= end:
                yield slot
        day += timedelta(days=1)


def _slot(section: str, day: date, at: time, zone: ZoneInfo, readers_zones: Collection[str] | None) -> Slot:
    if readers_zones is None:
        return Slot(instant_of(day, at, zone), section, day)
    waves = waves_of(day, at, {zone.key, *readers_zones})
    return Slot(waves[0].at, section, day, until=waves[-1].at)
