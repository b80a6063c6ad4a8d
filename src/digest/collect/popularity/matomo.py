"""Views from Matomo's Reporting API (developer.matomo.org/api-reference/reporting-api): visits of each page, by day.

Matomo has no report by hour. Of a window of a day it gives two totals, of yesterday and of today so far, each of which
counts as one bucket; so in the morning yesterday's readers still weigh in. Visits, not hits: a page that is loaded
again in the same visit has not been read twice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.collect.fetching.asking import Asker, parsed_json
from digest.collect.links import web_address
from digest.errors import SourceError
from digest.model import Popularity, Window
from digest.settings import PopularityInput

__all__ = ["read_matomo"]

_MOST_ROWS = 5_000  # pages of a day
_ODD = "Matomo may be of another version: update it, or report this."


def read_matomo(told: PopularityInput, key: str, asker: Asker, window: Window) -> tuple[Popularity, ...]:
    """Return one bucket for each page and day that `window` touches, the days in the site's own zone.

    Raises:
        SourceError: Matomo can't be asked, refuses, or answers something else.
    """

    def ask(**query: str) -> Any:
        """Post one question; the token stands in the body, where no log has it, and where newer tokens must stand."""
        form = {"module": "API", "format": "JSON", "idSite": told.site_id, **query, "token_auth": key}
        body = asker.post(
            f"{told.api_url.rstrip('/').removesuffix('/index.php')}/index.php",
            urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            secret=key,
            allow_private=told.allow_private,
        )
        return _accepted(parsed_json(body), key)

    zone = _zone(ask(method="SitesManager.getSiteFromId"))
    first, last = window.start.astimezone(zone).date(), window.end.astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    tables = ask(
        method="Actions.getPageUrls",
        period="day",
        date=",".join(sorted({first.isoformat(), last.isoformat()})),
        flat="1",
        filter_limit=str(_MOST_ROWS),
        filter_sort_column="nb_visits",
        filter_sort_order="desc",
    )
    if len(days) == 1:
        tables = {first.isoformat(): tables}
    if not isinstance(tables, dict):
        raise SourceError("answered no table by day.", _ODD)
    buckets: list[Popularity] = []
    for day in days:
        start = datetime.combine(day, time(), zone).astimezone(UTC)
        end = min(datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC), window.end)
        if start < end:
            buckets += _buckets(tables.get(day.isoformat(), []), told.url or told.api_url, Window(start, end))
    return tuple(buckets)


def _accepted(answer: Any, key: str) -> Any:
    """Return `answer` unless it is an error; before version 5 those come with status 200."""
    if isinstance(answer, dict) and answer.get("result") == "error":
        message = str(answer.get("message", ""))[:200].replace(key, "[key]").rstrip(".")
        raise SourceError(f"refuses: {message}.", "Check site_id, and the key in the variable that key_env names.")
    return answer


def _zone(answer: Any) -> tzinfo:
    """Return the site's zone, from a name like Europe/Berlin or an offset like UTC+5.5."""
    site = answer[0] if isinstance(answer, list) and answer else answer
    name = site.get("timezone") if isinstance(site, Mapping) else None
    try:
        if isinstance(name, str) and (offset := re.fullmatch(r"UTC([+-]\d{1,2}(?:\.\d{1,2})?)", name)):
            return timezone(timedelta(hours=float(offset[1])))
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SourceError(f"doesn't say in which zone its days are: {str(name)[:40]!r}.", _ODD) from None


def _buckets(rows: Any, base: str, window: Window) -> Iterator[Popularity]:
    if not isinstance(rows, list):
        raise SourceError("answered a day without rows.", _ODD)
    for row in rows:
        try:
            visits = float(row["nb_visits"])
        except (TypeError, KeyError, ValueError, OverflowError):
            raise SourceError(f"answered a row that is none: {str(row)[:80]}.", _ODD) from None
        url = web_address(str(row.get("url") or ""), base)  # "Others" has none
        if url and 0 < visits < math.inf:
            yield Popularity(url, visits, window)
