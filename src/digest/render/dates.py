"""Dates and times as readers of a language write them. The rules and names are Unicode CLDR's, by Babel."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from babel import Locale

__all__ = ["long_date", "moment"]


def long_date(day: date, language: str) -> str:
    """Return `day` with its weekday, written out: "Tuesday, November 24, 2026" for "en"."""
    from babel.dates import format_date

    return format_date(day, "full", locale=_locale(language))


def moment(at: datetime, on: date, zone: ZoneInfo, language: str) -> str:
    """Return `at` as briefly as it is clear to someone who reads on the day `on`.

    The same day: the time. The six days before: weekday and time. Else: the date.
    """
    from babel.dates import format_date, format_time

    locale, local = _locale(language), at.astimezone(zone)
    if not on - timedelta(days=6) <= local.date() <= on:
        return format_date(local.date(), "medium", locale=locale)
    # CLDR sets a narrow no-break space before "AM", which old fonts lack.
    time = format_time(local.time(), "short", locale=locale).replace("\u202f", "\N{NO-BREAK SPACE}")
    if local.date() == on:
        return time
    return f"{format_date(local.date(), 'EEE', locale=locale)}\N{NO-BREAK SPACE}{time}"


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale:
    """Return the locale of a BCP 47 tag, of its first part, or English."""
    from babel import Locale, UnknownLocaleError

    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")
