"""Dates as feeds, pages and sitemaps write them → aware UTC datetimes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

__all__ = ["parse_date"]

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_ZONELESS = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"(?:[T\s]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"(?:(?P<month>[A-Z][a-z]{2,8})\.?\s+(?P<day>\d{1,2})|(?P<day2>\d{1,2})\s+(?P<month2>[A-Z][a-z]{2,8}))\.?,?\s+(?P<year>\d{4})\b"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def parse_date(text: str) -> datetime | None:
    """Return the moment that `text` names, in UTC, or None when it names none.

    Read are ISO 8601, RFC 822 and a few loose shapes. A date without a zone counts as UTC, one
    without a time as its first minute; a year outside 1990 to 2100 is a mistake, not a date.
    """
    text = text.strip()[:80]
    if not text:
        return None
    try:
        moment = _iso(text) or _internet(text) or _loose(text) or _english(text) or _unix(text)
    except OverflowError:  # the last hours of the year 9999, moved by a zone
        return None
    if moment is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return moment


def _iso(text: str) -> datetime | None:
    try:
        return _utc(datetime.fromisoformat(text))
    except ValueError:
        return None


def _internet(text: str) -> datetime | None:
    try:
        return _utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError):
        return None


def _loose(text: str) -> datetime | None:
    match = _ZONELESS.match(text)
    if match is None:
        return None
    part = match.groupdict()
    try:
        moment = datetime(
            int(part["year"]),
            int(part["month"]),
            int(part["day"]),
            int(part["hour"] or 0),
            int(part["minute"] or 0),
            int(part["second"] or 0),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    zone = (part["zone"] or "Z").upper()
    if zone in ("Z", "UTC", "GMT"):
        return moment
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return moment - offset if zone[0] == "+" else moment + offset


def _english(text: str) -> datetime | None:
    match = _ENGLISH.search(text)
    if match is None:
        return None
    name = (match["month"] or match["month2"]).lower()[:3]
    if name not in _MONTHS:
        return None
    try:
        day = date(int(match["year"]), _MONTHS.index(name) + 1, int(match["day"] or match["day2"]))
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _unix(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{10}(\d{3})?", text):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)
