"""The paper's site on this machine: HTTP on loopback, with conditional requests, and faults to order.

`digest demo` reads its news from here, and the end-to-end tests break it on purpose. It writes
nothing to the terminal and never listens but on 127.0.0.1.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

from digest.demo.newsroom import Newsroom
from digest.demo.site import Answer, Site

__all__ = ["DemoSite", "Failure", "Request", "serve_demo_site"]


class Failure(StrEnum):
    """How an address can be broken."""

    DEAD = "dead"  # the connection closes without an answer
    SLOW = "slow"  # a byte now and then, without end
    HUGE = "huge"  # as fast as it goes, without end
    MALFORMED = "malformed"  # 200 and the right type, but no sense
    GONE = "gone"  # 410


class Request(NamedTuple):
    """A request as it was answered; `path` with its query, `status` 0 where nothing was answered."""

    method: str
    path: str
    status: int


class DemoSite:
    """A served site: where it is, what it was asked, and how to break it."""

    def __init__(self, newsroom: Newsroom, base_url: str) -> None:
        self.newsroom = newsroom
        self.base_url = base_url
        self.requests: list[Request] = []  # in the order of their answers
        self.closing = threading.Event()
        self._site = Site(newsroom, base_url)
        self._failures: dict[str, Failure] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        return self._site.paths

    def fail(self, path: str, how: Failure | str) -> None:
        """Break `path` (without its query) until `heal`; "*" breaks every path."""
        self._failures[path] = Failure(how)

    def heal(self, path: str) -> None:
        self._failures.pop(path, None)

    def failure_of(self, target: str) -> Failure | None:
        return self._failures.get(urlsplit(target).path, self._failures.get("*"))

    def answer(self, target: str) -> Answer:
        return self._site.answer(target)


@contextmanager
def serve_demo_site(newsroom: Newsroom, port: int = 0) -> Iterator[DemoSite]:
    """Serve the paper on 127.0.0.1 while the context lasts; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    server = _Server(("127.0.0.1", port), _Handler)
    site = DemoSite(newsroom, f"http://127.0.0.1:{server.server_address[1]}")
    server.site = site
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="demo-site", daemon=True
    )
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client that keeps its connection must not keep us
    request_queue_size = 128
    site: DemoSite

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client hangs up in the middle, which is how readers end a huge answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every second packet of an answer waits 40 ms for an acknowledgement
    server_version = "HarbourHerald"
    sys_version = ""
    timeout = 30  # seconds of silence on a kept connection
    server: _Server

    def do_GET(self) -> None:
        failure = self.server.site.failure_of(self.path)
        if failure is None:
            self._reply(self.server.site.answer(self.path))
        else:
            self._fail(failure)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal for the run that reads from here."""

    def _reply(self, answer: Answer) -> None:
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
        is_known = answer.status == 200 and self._has(etag, answer.changed_at)
        status = 304 if is_known else answer.status
        self._begin(status)
        self.send_header("ETag", etag)
        self.send_header("Last-Modified", format_datetime(answer.changed_at.astimezone(UTC), usegmt=True))
        self.send_header("Cache-Control", "public, max-age=60")
        if status != 304:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if status != 304 and self.command != "HEAD":
            self.wfile.write(answer.body)

    def _has(self, etag: str, changed_at: datetime) -> bool:
        """Return whether the client's copy is still right (RFC 9110 §13.1.2, §13.1.3 and §13.2.2)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in tags.split(","))
        since = self.headers.get("If-Modified-Since")
        try:
            return since is not None and changed_at.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):  # no date, or one without a zone: the header is ignored
            return False

    def _begin(self, status: int) -> None:
        self.server.site.requests.append(Request(self.command, self.path, status))
        self.send_response(status)

    def _fail(self, failure: Failure) -> None:
        self.close_connection = True
        if failure is Failure.DEAD:
            self.server.site.requests.append(Request(self.command, self.path, 0))
        elif failure is Failure.GONE:
            self._send(410, "text/plain; charset=utf-8", b"This page is gone.\n")
        elif failure is Failure.MALFORMED:
            self._send(200, self.server.site.answer(self.path).content_type, _GARBAGE)
        else:
            self._send_without_end(failure)

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self._begin(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _send_without_end(self, failure: Failure) -> None:
        """Send until the client has enough or the site closes; there is no Content-Length."""
        self._begin(200)
        self.send_header("Content-Type", self.server.site.answer(self.path).content_type)
        self.send_header("Connection", "close")
        self.end_headers()
        piece, pause_seconds = (b" ", 0.1) if failure is Failure.SLOW else (b"<p>more and more " * 4096, 0)
        while not self.server.site.closing.wait(pause_seconds):
            self.wfile.write(piece)
            self.wfile.flush()


_GARBAGE = b"<?xml version='1.0'?><rss><channel><item><title>Half a feed &nosuch; <<<\x00\xff\xfe" + bytes(
    range(128, 256)
)
