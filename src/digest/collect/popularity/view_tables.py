"""A file of views → buckets: CSV with columns url and views, maybe start and end; or a JSON list of the same."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from digest.collect.dates import parse_date
from digest.collect.links import web_address
from digest.errors import SourceError
from digest.model import Popularity, Window

__all__ = ["read_view_list", "read_view_table"]

_COLUMNS = {
    "url": ("url", "page", "path", "link", "address"),
    "views": ("views", "pageviews", "page views", "visits", "count"),
    "start": ("start", "at", "from", "hour", "date", "time"),
    "end": ("end", "to", "until"),
}
_MAX_BYTES = 100 * 1024 * 1024
_HOUR = timedelta(hours=1)
_LIST_HINT = 'Write a list like [{"url": "/news/a", "views": 120, "at": "2026-11-24T07:00:00Z"}].'
_HINT = "The first line names the columns: url,views or url,views,start,end."


def read_view_table(path: Path, *, site: str, window: Window) -> tuple[Popularity, ...]:
    """Return one bucket for each row that touches `window`.

    A row without a start is one total of the whole window; one without an end is of one hour.

    Args:
        path: UTF-8, parted by commas, semicolons or tabs, first line the columns' names.
        site: What addresses without a host are relative to.
        window: Rows outside it are left out.

    Raises:
        SourceError: the file can't be read, or a row can't; names the line.
    """
    return tuple(_buckets(_text(path), path, site, window))


def read_view_list(path: Path, *, site: str, window: Window) -> tuple[Popularity, ...]:
    """Return one bucket for each item that touches `window`: a JSON list of objects with url, views and maybe at.

    Items mean what rows of `read_view_table` mean, under the same names.

    Raises:
        SourceError: the file can't be read, or an item can't; names the item, from 1.
    """
    try:
        items = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is no JSON: {error}.", _LIST_HINT) from error
    if not isinstance(items, list):
        raise SourceError(f"{path} is no list.", _LIST_HINT)
    buckets = []
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise SourceError(f"{path}: item {number} is no object.", _LIST_HINT)
        bucket = _bucket(_cells(item), f"{path}: item {number}", site, window)
        if bucket is not None:
            buckets.append(bucket)
    return tuple(buckets)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SourceError(f"{path} is larger than {_MAX_BYTES // (1024 * 1024)} MB.", "Export fewer days.")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror}.", "Check popularity.inputs.") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8: byte {error.start}.", "Export it as UTF-8.") from error


def _cells(item: Mapping[str, Any]) -> dict[str, str]:
    lowered = {str(name).strip().lower(): value for name, value in item.items()}
    found = {key: next((lowered[name] for name in known if name in lowered), None) for key, known in _COLUMNS.items()}
    return {key: "" if value is None else str(value).strip() for key, value in found.items()}


def _buckets(text: str, path: Path, site: str, window: Window) -> Iterator[Popularity]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        column = {
            key: next((names.index(name) for name in known if name in names), -1) for key, known in _COLUMNS.items()
        }
        if column["url"] < 0 or column["views"] < 0:
            raise SourceError(f"{path}:1 has no column for url or for views: {first[:80]!r}.", _HINT)
        for row in rows:
            if any(cell.strip() for cell in row):
                cells = {key: row[at].strip() if 0 <= at < len(row) else "" for key, at in column.items()}
                bucket = _bucket(cells, f"{path}:{rows.line_num}", site, window)
                if bucket is not None:
                    yield bucket
    except csv.Error as error:
        raise SourceError(f"{path}:{rows.line_num} is no CSV: {error}.", _HINT) from error


def _bucket(cells: Mapping[str, str], where: str, site: str, window: Window) -> Popularity | None:
    """Return the bucket of one row, None when it lies outside `window`."""
    url = web_address(cells["url"], site)
    if not url:
        raise SourceError(
            f"{where}: {cells['url'][:80]!r} is no address.",
            "Give the whole address, or the site's as the input's url.",
        )
    try:
        views = float(cells["views"].replace("\u00a0", "").replace(" ", ""))
    except ValueError:
        views = math.nan
    if not math.isfinite(views) or views < 0:
        raise SourceError(f"{where}: {cells['views'][:40]!r} is no number of views.", _HINT)
    if not cells["start"]:
        return Popularity(url, views, window)
    start = _moment(cells["start"], where)
    end = _moment(cells["end"], where) if cells["end"] else start + _HOUR
    if end <= start:
        raise SourceError(f"{where}: ends before it starts.", _HINT)
    return Popularity(url, views, Window(start, end)) if start < window.end and end > window.start else None


def _moment(text: str, where: str) -> datetime:
    moment = parse_date(text)
    if moment is None:
        raise SourceError(f"{where}: {text[:40]!r} is no time.", "Write it like '2026-11-24T07:00:00Z'.")
    return moment
