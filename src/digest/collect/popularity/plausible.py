"""Views from Plausible's Stats API v2 (plausible.io/docs/stats-api): visitors of each page in each hour.

Visitors, not pageviews: whoever loads a page again within the hour has not read it twice.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from digest.collect.fetching.asking import Asker, parsed_json
from digest.collect.links import web_address
from digest.errors import SourceError
from digest.model import Popularity, Window
from digest.settings import PopularityInput

__all__ = ["read_plausible"]

_CLOUD = "https://plausible.io"
_PAGE_SIZE = 10_000  # rows of one answer; also the API's own default
_MOST_PAGES = 10
_HOUR = timedelta(hours=1)
_ODD = "The API may be of another version: update Plausible, or report this."


def read_plausible(told: PopularityInput, key: str, asker: Asker, window: Window) -> tuple[Popularity, ...]:
    """Return one bucket for each page and hour of `window`, most visitors first.

    Raises:
        SourceError: Plausible can't be asked, refuses, or answers something else.
    """
    base = told.url or f"https://{told.site_id}"
    buckets: list[Popularity] = []
    for page in range(_MOST_PAGES):
        query = {
            "site_id": told.site_id or (urlsplit(base).hostname or "").removeprefix("www."),
            "metrics": ["visitors"],
            "date_range": [_text(window.start), _text(window.end - timedelta(seconds=1))],  # both ends are included
            "dimensions": ["time:hour", "event:page"],
            "order_by": [["visitors", "desc"], ["time:hour", "asc"], ["event:page", "asc"]],
            "pagination": {"limit": _PAGE_SIZE, "offset": page * _PAGE_SIZE},
        }
        body = asker.post(
            f"{(told.api_url or _CLOUD).rstrip('/')}/api/v2/query",
            json.dumps(query).encode(),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            secret=key,
            allow_private=told.allow_private,
        )
        answer = parsed_json(body)
        rows = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise SourceError("answered without results.", _ODD)
        buckets += _buckets(rows, answer, base, window)
        if len(rows) < _PAGE_SIZE:
            break
    return tuple(buckets)


def _buckets(rows: list[Any], answer: Mapping[str, Any], base: str, window: Window) -> Iterator[Popularity]:
    offset = _offset(answer)
    for row in rows:
        try:
            (hour, page), (visitors,) = row["dimensions"], row["metrics"]
            start = datetime.fromisoformat(hour)
            start = (start if start.tzinfo else start.replace(tzinfo=UTC) - offset).astimezone(UTC)
            views, end = float(visitors), start + _HOUR
        except (TypeError, KeyError, ValueError, OverflowError):
            raise SourceError(f"answered a row that is none: {str(row)[:80]}.", _ODD) from None
        url = web_address(page, base) if isinstance(page, str) else ""
        if url and 0 < views < math.inf and start < window.end and end > window.start:
            yield Popularity(url, views, Window(start, end))


def _offset(answer: Mapping[str, Any]) -> timedelta:
    """Return the site's offset from UTC. Hours are told in its zone and don't say which; the query's end does.

    In the night of a clock change the hours before it are one off.
    """
    try:
        end = datetime.fromisoformat(answer["query"]["date_range"][1])
    except (KeyError, TypeError, IndexError, ValueError):
        raise SourceError("doesn't say in which zone its hours are.", _ODD) from None
    return end.utcoffset() or timedelta()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
