"""What an answer's headers say about time: how long it is fresh, and how long its server wants to be left alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["fresh_seconds", "wait_seconds"]

_LONGEST_FRESH_SECONDS = 3600.0  # a feed that calls itself fresh for a week would be missed for a week
_LONGEST_WAIT_SECONDS = 24 * 3600.0


def fresh_seconds(headers: Mapping[str, str], now: datetime) -> float:
    """Return how long the answer needs no new request (RFC 9111 §4.2), 0 when it doesn't say so; at most an hour.

    Args:
        headers: Of the answer, with names that are found in any case.
        now: When it came.
    """
    control = headers.get("cache-control", "").lower()
    if re.search(r"\bno-(?:cache|store)\b", control):
        return 0.0
    if match := re.search(r"\bmax-age\s*=\s*\"?(\d{1,9})", control):
        lifetime = float(match[1])
    elif expires := _date(headers.get("expires", "")):
        lifetime = (expires - (_date(headers.get("date", "")) or now)).total_seconds()
    else:
        return 0.0
    age = headers.get("age", "").strip()
    lifetime -= float(age) if age.isdecimal() and len(age) < 10 else 0.0
    return max(0.0, min(lifetime, _LONGEST_FRESH_SECONDS))


def wait_seconds(retry_after: str, now: datetime) -> float | None:
    """Return what a Retry-After header asks for (RFC 9110 §10.2.3), None when it is absent or no sense."""
    text = retry_after.strip()
    if text.isdecimal() and len(text) < 10:
        return min(float(text), _LONGEST_WAIT_SECONDS)
    moment = _date(text)
    return None if moment is None else max(0.0, min((moment - now).total_seconds(), _LONGEST_WAIT_SECONDS))


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
