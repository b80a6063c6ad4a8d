"""Plausible's Stats API v2 and Matomo's Reporting API on loopback: they refuse what the real ones refuse.

    with AnalyticsStandin(views=[View("/news/ferry", hour, 12)]) as server:
        ...  # server.url is both APIs' address

Status codes and messages are those of Plausible's AuthorizePublicAPI plug and query parser, and of Matomo 5, which
refuses a token in the address.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

__all__ = ["KEY", "AnalyticsStandin", "View"]

KEY = "stand-in-key"
_METRICS = frozenset(("visitors", "visits", "pageviews", "events", "bounce_rate", "visit_duration", "views_per_visit"))
_DIMENSIONS = frozenset(("time", "time:hour", "time:day", "event:page", "event:hostname", "event:goal"))
_MOST_ROWS = 10_000


@dataclass(frozen=True)
class View:
    """Visitors of a page in the hour that begins at `at`."""

    page: str
    at: datetime
    visitors: int


class AnalyticsStandin:
    """Listens while it is entered.

    Args:
        views: What was counted.
        site: The only one that the key may read: Plausible's domain. Matomo's is 1.
        zone: The site's.
        busy: The Retry-After of a 429 to everything; "" answers.
        raw: Answered to everything instead, with status 200.
        wrong_is_200: Refuse a wrong Matomo token with status 200, as versions before 5 do.
    """

    def __init__(
        self,
        views: Sequence[View] = (),
        *,
        site: str = "example.com",
        zone: str = "UTC",
        busy: str = "",
        raw: bytes = b"",
        wrong_is_200: bool = False,
    ) -> None:
        self.views, self.site, self.zone = views, site, ZoneInfo(zone)
        self.busy, self.raw, self.wrong_is_200 = busy, raw, wrong_is_200
        self.questions: list[Mapping[str, Any]] = []
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = standin.answer(self.path, dict(self.headers), body)
                sent = standin.raw or json.dumps(answer).encode()
                self.send_response(200 if standin.raw else status)
                if status == 429:
                    self.send_header("Retry-After", standin.busy)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> AnalyticsStandin:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        """Return the status and the JSON of one answer."""
        if self.busy:
            return 429, {"error": "Too many API requests. Your API key is limited to 600 requests per hour."}
        if path == "/api/v2/query":
            return self._plausible(headers.get("Authorization", ""), json.loads(body))
        if path == "/index.php":
            return self._matomo({name: values[-1] for name, values in parse_qs(body.decode()).items()})
        return 404, {}

    def _plausible(self, authorization: str, query: dict[str, Any]) -> tuple[int, Any]:
        self.questions.append(query)
        if not authorization.startswith("Bearer "):
            return 401, {"error": "Missing API key. Please use a valid Plausible API key as a Bearer Token."}
        if authorization != f"Bearer {KEY}" or query.get("site_id") != self.site:
            return 401, {"error": "Invalid API key or site ID. Please make sure you're using a valid API key."}
        for metric in query["metrics"]:
            if metric not in _METRICS:
                return 400, {"error": f"Unknown metric '\"{metric}\"'."}
        for dimension in query.get("dimensions", ()):
            if dimension not in _DIMENSIONS:
                return 400, {"error": f"Invalid dimensions '{query['dimensions']}'"}
        start, end = (datetime.fromisoformat(text) for text in query["date_range"])
        limit, offset = query["pagination"]["limit"], query["pagination"]["offset"]
        found = sorted(
            (view for view in self.views if start <= view.at + timedelta(minutes=59) and view.at <= end),
            key=lambda view: (-view.visitors, view.at, view.page),
        )
        results = [
            {
                "metrics": [view.visitors],
                "dimensions": [f"{view.at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}", view.page],
            }
            for view in found[offset : offset + min(limit, _MOST_ROWS)]
        ]
        told = [moment.astimezone(self.zone).isoformat() for moment in (start, end)]
        return 200, {"results": results, "meta": {}, "query": {**query, "date_range": told}}

    def _matomo(self, form: Mapping[str, str]) -> tuple[int, Any]:
        self.questions.append(form)
        if form.get("token_auth") != KEY:
            said = "Unable to authenticate with the provided token. It is either invalid, expired or is required to be"
            return (200 if self.wrong_is_200 else 401), {
                "result": "error",
                "message": f"{said} sent as a POST parameter.",
            }
        if form.get("idSite") != "1":
            site = form.get("idSite")
            said = f"You can't access this resource as it requires 'view' access for the website id = {site}."
            return (200 if self.wrong_is_200 else 401), {"result": "error", "message": said}
        if form["method"] == "SitesManager.getSiteFromId":
            return 200, {"idsite": "1", "name": "Example", "timezone": self.zone.key}
        if form["method"] != "Actions.getPageUrls":
            return 200, {"result": "error", "message": f"The method '{form['method']}' does not exist."}
        first, _, last = form["date"].partition(",")
        days: dict[str, list[Any]] = {}
        day = datetime.fromisoformat(first)
        while day <= datetime.fromisoformat(last or first):
            days[f"{day:%Y-%m-%d}"] = self._table(f"{day:%Y-%m-%d}")[: int(form["filter_limit"])]
            day += timedelta(days=1)
        return 200, days if last else days[first]

    def _table(self, day: str) -> list[dict[str, Any]]:
        visits: dict[str, int] = {}
        for view in self.views:
            if f"{view.at.astimezone(self.zone):%Y-%m-%d}" == day:
                visits[view.page] = visits.get(view.page, 0) + view.visitors
        rows: list[dict[str, Any]] = [
            {"label": page, "nb_visits": count, "nb_hits": count + 3, "url": f"https://{self.site}{page}"}
            for page, count in sorted(visits.items(), key=lambda row: -row[1])
        ]
        return [*rows, {"label": "Others", "nb_visits": 5, "nb_hits": 9}] if rows else []
