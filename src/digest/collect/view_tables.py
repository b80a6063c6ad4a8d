"""A CSV of views → buckets: columns url and views, and with a time start and end."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from digest.collect.dates import parse_date
from digest.collect.links import web_address
from digest.errors import SourceError
from digest.model import Popularity, Window

__all__ = ["read_view_table"]

_COLUMNS = {
    "url": ("url", "page", "path", "link", "address"),
    "views": ("views", "pageviews", "page views", "visits", "count"),
    "start": ("start", "from", "hour", "date", "time"),
    "end": ("end", "to", "until"),
}
_MAX_BYTES = 100 * 1024 * 1024
_HOUR = timedelta(hours=1)
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
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SourceError(f"{path} is larger than {_MAX_BYTES // (1024 * 1024)} MB.", "Export fewer days.")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror}.", "Check popularity.inputs.") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8: byte {error.start}.", "Export it as UTF-8.") from error
    return tuple(_buckets(text, path, site, window))


def _buckets(text: str, path: Path, site: str, window: Window) -> Iterator[Popularity]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    names = [name.strip().lower() for name in next(rows, [])]
    column = {key: next((names.index(name) for name in known if name in names), -1) for key, known in _COLUMNS.items()}
    if column["url"] < 0 or column["views"] < 0:
        raise SourceError(f"{path}:1 has no column for url or for views: {first[:80]!r}.", _HINT)
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                bucket = _bucket(row, column, f"{path}:{rows.line_num}", site, window)
                if bucket is not None:
                    yield bucket
    except csv.Error as error:
        raise SourceError(f"{path}:{rows.line_num} is no CSV: {error}.", _HINT) from error


def _bucket(row: list[str], column: dict[str, int], where: str, site: str, window: Window) -> Popularity | None:
    def cell(key: str) -> str:
        index = column[key]
        return row[index].strip() if 0 <= index < len(row) else ""

    url = web_address(cell("url"), site)
    if not url:
        raise SourceError(
            f"{where}: {cell('url')[:80]!r} is no address.", "Give the whole address, or the site's as the input's url."
        )
    try:
        views = float(cell("views").replace("\u00a0", "").replace(" ", ""))
    except ValueError:
        views = math.nan
    if not math.isfinite(views) or views < 0:
        raise SourceError(f"{where}: {cell('views')[:40]!r} is no number of views.", _HINT)
    if not cell("start"):
        return Popularity(url, views, window)
    start = _moment(cell("start"), where)
    end = _moment(cell("end"), where) if cell("end") else start + _HOUR
    if end <= start:
        raise SourceError(f"{where}: ends before it starts.", _HINT)
    return Popularity(url, views, Window(start, end)) if start < window.end and end > window.start else None


def _moment(text: str, where: str) -> datetime:
    moment = parse_date(text)
    if moment is None:
        raise SourceError(f"{where}: {text[:40]!r} is no time.", "Write it like '2026-11-24T07:00:00Z'.")
    return moment
