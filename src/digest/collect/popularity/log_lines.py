"""One line of a web server's access log → a page that was asked for.

Read are the common and the combined format (httpd.apache.org/docs/2.4/logs.html), also with a host in front, and
JSON lines under the keys of `_KEYS`: nginx's and Apache's usual names, Caddy's, Traefik's, Cloudflare's Logpush.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

__all__ = ["LogLines", "PageView"]

_LINE = re.compile(
    rb"(?:[^\s:]++(?::\d+)?+ (?=\d{1,3}(?:\.\d{1,3}){3} |[\da-fA-F]*:[\da-fA-F:.]+ ))?(?P<address>\S++)"
    rb" \S++ [^\[]{0,80}+\[(?P<clock>\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] (?:\([^)]{0,20}\) )?+"
    rb'"GET (?P<path>[^\s"]{1,2000}+)(?: HTTP/[\d.]+)?" (?:200|304) \S++'
    rb'(?: "[^"\\]*+(?:\\.[^"\\]*+)*+" "(?P<agent>[^"\\]*+(?:\\.[^"\\]*+)*+)"(?P<rest>.*))?'
)
# What any line of the format looks like, to tell a wrong file from a quiet one.
_ANY_LINE = re.compile(rb'\S+ .{0,200}\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] (?:\(.*\) )?".*" \d{3} ')
_CLOCK = re.compile(r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}")
_REQUEST = re.compile(r"(\S+) (\S+)(?: HTTP/[\d.]+)?")
_MONTHS = {name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_MOST_SECONDS = 200_000
_MOST_SHAPES = 1_000
_LOOKED_AT = 1_000  # lines; then the format is known

# The first key that a line has is taken. Caddy's stand inside "request", which is read as if they stood outside.
_KEYS = {
    "time": (
        "ts time_iso8601 time_local timestamp_iso8601 @timestamp timestamp EdgeStartTimestamp StartUTC msec time"
        " datetime date"
    ).split(),
    "address": "client_ip true_client_ip remote_ip remote_addr clientip ClientIP ClientHost ip remote_host".split(),
    "method": "method request_method ClientRequestMethod RequestMethod request_type".split(),
    "path": "uri request_uri ClientRequestURI RequestPath path request_url url".split(),
    "status": "status EdgeResponseStatus DownstreamStatus status_code response".split(),
    "agent": "http_user_agent user_agent userAgent agent ClientRequestUserAgent request_User-Agent".split(),
    "purpose": "http_sec_purpose http_purpose http_x_moz request_Sec-Purpose".split(),
}
_COUNTED_STATUSES = frozenset(("200", "304"))


class PageView(NamedTuple):
    """A GET that was answered 200 or 304, by whomever."""

    address: bytes
    at: int  # seconds since 1970
    path: bytes
    agent: bytes | None  # None where the format names none
    purpose: bytes  # what may hold Sec-Purpose


class LogLines:
    """Reads the lines of one log. Times and the keys of JSON repeat from line to line: what they mean is kept."""

    def __init__(self) -> None:
        self.lines = self.understood = 0
        self._seconds: dict[bytes, int | None] = {}
        self._shapes: dict[tuple[str, ...], Mapping[str, str]] = {}

    def read(self, line: bytes) -> PageView | None:
        """Return what was asked for; None for anything but a GET answered 200 or 304."""
        self.lines += 1
        match = _LINE.match(line)
        if match is None:
            if line[:1] == b"{":
                return self._read_json(line)
            self.understood += self.lines < _LOOKED_AT and _ANY_LINE.match(line) is not None
            return None
        self.understood += 1
        address, clock, path, agent, rest = match.groups()
        try:
            at = self._seconds[clock]
        except KeyError:
            at = self._second(clock)
        return None if at is None else PageView(address, at, path, agent, rest or b"")

    def _second(self, clock: bytes) -> int | None:
        if clock not in self._seconds:
            if len(self._seconds) > _MOST_SECONDS:
                self._seconds.clear()
            self._seconds[clock] = _epoch(clock)
        return self._seconds[clock]

    def _read_json(self, line: bytes) -> PageView | None:
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            return None
        request = told.get("request")
        if isinstance(request, dict):
            told.update(request)
        keys = self._keys(told)
        at = self._moment(told.get(keys["time"]))
        method, path = told.get(keys["method"], "GET"), told.get(keys["path"])
        if isinstance(request, str) and (match := _REQUEST.fullmatch(request)):
            method, path = match.groups()
        if at is None or not isinstance(path, str):
            return None
        self.understood += 1
        if method != "GET" or str(told.get(keys["status"])) not in _COUNTED_STATUSES:
            return None
        headers = told.get("headers")
        agent = told.get(keys["agent"]) or _header(headers, "User-Agent")
        purpose = told.get(keys["purpose"]) or _header(headers, "Sec-Purpose", "Purpose", "X-Moz")
        return PageView(_bytes(told.get(keys["address"])), at, _bytes(path), _bytes(agent), _bytes(purpose))

    def _keys(self, told: Mapping[str, Any]) -> Mapping[str, str]:
        """Return which of a line's keys holds what; "" where none does."""
        shape = tuple(told)
        if shape not in self._shapes:
            if len(self._shapes) > _MOST_SHAPES:
                self._shapes.clear()
            self._shapes[shape] = {what: next((key for key in keys if key in told), "") for what, keys in _KEYS.items()}
        return self._shapes[shape]

    def _moment(self, value: Any) -> int | None:
        """Return seconds since 1970 of a number (seconds or a thousandth, millionth, … of them) or a text."""
        if isinstance(value, str):
            if _CLOCK.fullmatch(value):
                return self._second(value.encode())
            try:
                moment = datetime.fromisoformat(value)
                return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
            except (ValueError, OverflowError):
                pass
            try:
                value = float(value)
            except ValueError:
                return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e20:
            return None
        while value >= 1e11:
            value /= 1000
        return int(value)


def _epoch(clock: bytes) -> int | None:
    """Return seconds since 1970 of "24/Nov/2026:06:10:00 +0000", None for a day that isn't in the calendar."""
    try:
        day, month, year = int(clock[:2]), _MONTHS[clock[3:6]], int(clock[7:11])
        moment = datetime(year, month, day, int(clock[12:14]), int(clock[15:17]), int(clock[18:20]), tzinfo=UTC)
    except (KeyError, ValueError):
        return None
    offset = int(clock[22:24]) * 3600 + int(clock[24:26]) * 60
    return int(moment.timestamp()) - (offset if clock[21:22] == b"+" else -offset)


def _header(headers: Any, *names: str) -> str:
    """Return the first of a header's values, as Caddy lists them."""
    if not isinstance(headers, dict):
        return ""
    values = next((headers[name] for name in names if name in headers), None)
    return str(values[0]) if isinstance(values, list) and values else ""


def _bytes(value: Any) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else b""
