"""What is odd about a feed: counts for the doctor, who compares them with those of earlier days.

The ids are given as they are, so that one who has yesterday's feed can tell whether stories get new ones.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.canonical import story_id
from digest.collect.feeds.documents import feed_items
from digest.collect.links import web_address

__all__ = ["FeedFacts", "feed_facts"]

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_AHEAD = timedelta(hours=1)  # what clocks may differ by


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """Counts of items unless said otherwise.

    `alike` is how many share the commonest date, 0 when no two do: a feed that dates all its items by its own
    making has them all alike. `declared` is the encoding that header or document names, "" for none; `actual` is
    the one that its bytes are in. `ids` are (the story's id here, the feed's own id), for those with both.
    """

    bytes: int
    items: int
    without_id: int
    without_link: int
    without_title: int
    without_date: int
    in_future: int
    alike: int
    repeated_ids: int
    newest: datetime | None
    oldest: datetime | None
    declared: str
    actual: str
    ids: tuple[tuple[str, str], ...]


def feed_facts(data: bytes, url: str, *, now: datetime, content_type: str = "") -> FeedFacts:
    """Count what is missing or can't be in the feed `data` that was served from `url`.

    Raises:
        SourceError: it is no feed.
    """
    items = list(feed_items(data, url, content_type))
    dates = [date for item in items if (date := item.published or item.updated)]
    commonest = max(Counter(dates).values(), default=0)
    ids = [item.id for item in items if item.id]
    links = [web_address(item.link, url) for item in items]
    return FeedFacts(
        bytes=len(data),
        items=len(items),
        without_id=len(items) - len(ids),
        without_link=links.count(""),
        without_title=sum(not item.title.strip() for item in items),
        without_date=len(items) - len(dates),
        in_future=sum(date > now + _AHEAD for date in dates),
        alike=commonest if commonest > 1 else 0,
        repeated_ids=len(ids) - len(set(ids)),
        newest=max(dates, default=None),
        oldest=min(dates, default=None),
        declared=_declared(data, content_type),
        actual=_actual(data, content_type),
        ids=tuple((story_id(link), item.id) for link, item in zip(links, items, strict=True) if link and item.id),
    )


def _declared(data: bytes, content_type: str) -> str:
    if match := _CHARSET.search(content_type):
        return match[1].lower()
    found = _DECLARED.search(data[:1000])
    return found[1].decode("ascii").lower() if found else ""


def _actual(data: bytes, content_type: str) -> str:
    """Return the encoding that reads all of `data`: UTF-8, else what is declared, else what it looks like."""
    for bom, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(bom):
            return name
    for name in ("ascii", "utf-8", _declared(data, content_type)):
        try:
            data.decode(name or "utf-8")
        except (UnicodeError, LookupError, ValueError):
            continue
        return codecs.lookup(name or "utf-8").name
    from charset_normalizer import from_bytes

    best = from_bytes(data[: 64 * 1024]).best()
    return best.encoding.replace("_", "-") if best else ""
