"""Which time zone a publisher keeps, by the traces that it leaves: its town, its country, the offset of its dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

__all__ = ["Likely", "likely_zone"]


@dataclass(frozen=True, slots=True)
class Likely:
    """An IANA zone, and what it was told by."""

    zone: str
    why: str


def likely_zone(
    now: datetime, *, offset_minutes: int | None = None, town: str = "", countries: Sequence[str] = ()
) -> Likely:
    """Return the likeliest zone: the town's own, else one of the country that has the offset, else UTC.

    Args:
        now: The moment at which `offset_minutes` held: many zones share one, and only at some times of the year.
        countries: ISO 3166-1 codes, the surest first; "" is passed over.
    """
    names = {zone.rpartition("/")[2].replace("_", " ").casefold(): zone for zone in sorted(available_timezones())}
    if town and (own := names.get(town.casefold())):
        return Likely(own, f"the town, {town}")
    for country in filter(None, (code.upper() for code in countries)):
        zones = _zones_of(country)
        if offset_minutes is not None and offset_minutes != 0:
            zones = [zone for zone in zones if _offset(zone, now) == offset_minutes]
            if zones:
                return Likely(zones[0], f"the country, {country}, and its dates at {_told(offset_minutes)}")
        elif len(zones) == 1 or (zones and len({_offset(zone, now) for zone in zones}) == 1):
            return Likely(zones[0], f"the country, {country}")
    if offset_minutes:
        return Likely("UTC", f"nothing sure; its dates are at {_told(offset_minutes)}")
    return Likely("UTC", "nothing; it is the default")


def _zones_of(country: str) -> list[str]:
    """Return a country's zones, the most populous first as far as the list knows that."""
    from babel.core import get_global

    known = available_timezones()
    zones = [zone for zone in get_global("territory_zones").get(country, []) if zone in known]
    # The capital's zone or the country's main one is rarely first in the alphabet: names of two parts come before
    # those of three, as America/Indiana/Vevay.
    return sorted(zones, key=lambda zone: (zone not in _MAIN, zone.count("/")))


# The most populous zone of each offset, in countries that have several (population of their states, 2020).
_MAIN = frozenset(
    "America/New_York America/Chicago America/Denver America/Los_Angeles America/Toronto America/Winnipeg "
    "America/Edmonton America/Vancouver America/Halifax America/Sao_Paulo America/Manaus America/Mexico_City "
    "America/Tijuana Australia/Sydney Australia/Brisbane Australia/Adelaide Australia/Perth Europe/Berlin "
    "Europe/Madrid Europe/Lisbon Europe/Moscow Asia/Yekaterinburg Asia/Novosibirsk Asia/Vladivostok "
    "Asia/Jakarta Asia/Shanghai Asia/Almaty America/Argentina/Buenos_Aires America/Santiago Pacific/Auckland".split()
)


def _offset(zone: str, now: datetime) -> int:
    return int((now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()) / timedelta(minutes=1))


def _told(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
