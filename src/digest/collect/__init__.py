"""Sources → stories: fetch, parse, merge. The names are loaded when they are first asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.collect.articles import read_article
    from digest.collect.feeds import parse_feed
    from digest.collect.fetch import HttpFetcher
    from digest.collect.front_pages import read_front_page
    from digest.collect.gathering import Gathered, gather
    from digest.collect.popularity import PopularityReading, read_popularity
    from digest.collect.sitemaps import parse_sitemap
    from digest.collect.weather import read_weather

__all__ = [
    "Gathered",
    "HttpFetcher",
    "PopularityReading",
    "gather",
    "parse_feed",
    "parse_sitemap",
    "read_article",
    "read_front_page",
    "read_popularity",
    "read_weather",
]

_HOMES = {
    "Gathered": "gathering",
    "HttpFetcher": "fetch",
    "PopularityReading": "popularity",
    "gather": "gathering",
    "parse_feed": "feeds",
    "parse_sitemap": "sitemaps",
    "read_article": "articles",
    "read_front_page": "front_pages",
    "read_popularity": "popularity",
    "read_weather": "weather",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
