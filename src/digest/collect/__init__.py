"""Sources → stories: fetch, parse, merge. The names are loaded when they are first asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.collect.examining import Examination, Way, examine
    from digest.collect.feeds.documents import parse_feed
    from digest.collect.feeds.sitemaps import parse_sitemap
    from digest.collect.fetching.fetch import HttpFetcher
    from digest.collect.gathering import Gathered, SourceReport, gather
    from digest.collect.pages.articles import read_article
    from digest.collect.pages.front_pages import read_front_page
    from digest.collect.popularity.inputs import PopularityReading, read_popularity
    from digest.collect.rereading import Fate, Reread, reread
    from digest.collect.weather.observing import read_weather

__all__ = [
    "Examination",
    "Fate",
    "Gathered",
    "HttpFetcher",
    "PopularityReading",
    "Reread",
    "SourceReport",
    "Way",
    "examine",
    "gather",
    "parse_feed",
    "parse_sitemap",
    "read_article",
    "read_front_page",
    "read_popularity",
    "read_weather",
    "reread",
]

_HOMES = {
    "Examination": "examining",
    "Way": "examining",
    "examine": "examining",
    "Fate": "rereading",
    "Reread": "rereading",
    "SourceReport": "gathering",
    "reread": "rereading",
    "Gathered": "gathering",
    "HttpFetcher": "fetching.fetch",
    "PopularityReading": "popularity.inputs",
    "gather": "gathering",
    "parse_feed": "feeds.documents",
    "parse_sitemap": "feeds.sitemaps",
    "read_article": "pages.articles",
    "read_front_page": "pages.front_pages",
    "read_popularity": "popularity.inputs",
    "read_weather": "weather.observing",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
