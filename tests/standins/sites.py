"""A loopback site whose every path is answered by a function, and a response cache in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from digest.ports import CachedResponse

Route = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A loopback site: each path is answered by a function; every request's headers are kept."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                answer = site.routes.get(self.path) or site.routes.get(self.path.partition("?")[0])
                if answer is None:
                    site.refuse(self)
                else:
                    answer(self)

            def log_message(self, format: str, *args: object) -> None:
                return

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                return  # a reader that hangs up early is what some tests are about

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def asked(self) -> list[str]:
        """Return the paths that were asked for, in order, but for robots.txt."""
        return [path for path, _ in self.requests if path != "/robots.txt"]

    def refuse(self, request: BaseHTTPRequestHandler, status: int = 404, **headers: str) -> None:
        self.answer(request, b"no", status=status, **headers)

    def answer(self, request: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, **headers: str) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def serve(self, path: str, body: bytes, *, status: int = 200, **headers: str) -> None:
        self.routes[path] = lambda request: self.answer(request, body, status=status, **headers)


class MemoryCache:
    def __init__(self) -> None:
        self.held: dict[str, CachedResponse] = {}

    def get(self, url: str) -> CachedResponse | None:
        return self.held.get(url)

    def put(self, response: CachedResponse) -> None:
        self.held[response.url] = response

    def keep_fresh(self, url: str, until: datetime | None) -> None:
        self.held[url] = replace(self.held[url], fresh_until=until)

    def flush(self) -> None:
        return


@contextmanager
def serve_site() -> Iterator[Site]:
    """Serve an empty site while the context lasts."""
    site = Site()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()
