"""One kept connection to one HTTPS endpoint: a request out, an answer in, and never longer than agreed.

Over httpcore's pool, whose network backend may be our own. That gives what delivering needs and ready-made
clients lack: a deadline on the whole exchange (their time-outs begin anew with every byte, so a slow drip
never ends), and the knowledge whether the first byte of the body had left when it failed. A connection that
the other side has closed meanwhile is noticed before anything is written to it. Knows nothing of SendGrid.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore

from digest.errors import DeliveryError

__all__ = ["Endpoint", "Exchange", "FailedExchangeError", "Reply", "open_exchange"]

MAX_ANSWER_BYTES = 65_536  # of an answer's body; what follows is not read
# A connection idle for longer may be closed by the other side just as it is used again.
_KEPT_SECONDS = 5.0
_PIECE_BYTES = 65_536  # written at a time, so that the deadline is looked at in between


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go. `uses_proxies` obeys HTTPS_PROXY and NO_PROXY."""

    url: str
    headers: tuple[tuple[str, str], ...]
    tls: ssl.SSLContext
    timeout_seconds: float  # for a whole exchange, connecting included; resolving a name is the system's own time
    uses_proxies: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; header names in lower case, the last of a name counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes  # b"" when it broke off: the status has been told all the same


class FailedExchangeError(Exception):
    """No answer came. `has_left` says whether the first byte of the body had been written."""

    def __init__(self, why: str, *, has_left: bool, is_untrusted: bool) -> None:
        super().__init__(why)
        self.has_left = has_left
        self.is_untrusted = is_untrusted  # the other side's certificate is not trusted


@contextmanager
def open_exchange(endpoint: Endpoint, clock: Callable[[], float] = time.monotonic) -> Iterator[Exchange]:
    """Make ready for exchanges one after another; the connection is made with the first.

    Raises:
        DeliveryError: the environment names a proxy of a kind that is not supported.
    """
    backend = _PunctualBackend(clock)
    with _pool(endpoint, backend) as pool:
        yield Exchange(pool, endpoint, backend)


class Exchange:
    """POSTs to one endpoint. For one thread."""

    def __init__(self, pool: httpcore.ConnectionPool, endpoint: Endpoint, backend: _PunctualBackend) -> None:
        self._pool = pool
        self._backend = backend
        self._seconds = endpoint.timeout_seconds
        self._url = httpcore.URL(endpoint.url)
        self._headers = [
            (name.encode("ascii"), value.encode("ascii"))
            for name, value in (("Host", urlsplit(endpoint.url).netloc), *endpoint.headers)
        ]

    def post(self, body: bytes) -> Reply:
        """Return the answer to `body`, read within the endpoint's time-out from now.

        Raises:
            FailedExchangeError: there was none.
        """
        left = _Leaving(body)
        headers = [*self._headers, (b"Content-Length", b"%d" % len(body))]
        self._backend.end_in(self._seconds)
        try:
            with self._pool.stream("POST", self._url, headers=headers, content=left) as response:
                return Reply(response.status, _lowered(response.headers), _beginning(response))
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.ProxyError) as error:
            is_untrusted = isinstance(_root(error), ssl.SSLCertVerificationError)
            why = f"{type(error).__name__} {error}".rstrip()
            raise FailedExchangeError(why, has_left=left.has_begun, is_untrusted=is_untrusted) from error


class _Leaving(Iterator[bytes]):
    """A body that knows whether it was begun: httpcore asks for it once the head of the request is written."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.has_begun = False

    def __next__(self) -> bytes:
        if self.has_begun:
            raise StopIteration
        self.has_begun = True
        return self._body


class _PunctualBackend(httpcore.NetworkBackend):
    """Plain sockets whose every operation ends at the deadline of the exchange under way."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._deadline = math.inf
        self._sockets = httpcore.SyncBackend()

    def end_in(self, seconds: float) -> None:
        self._deadline = self._clock() + seconds

    def left(self, error: type[httpcore.TimeoutException]) -> float:
        """Return how many seconds are left.

        Raises:
            httpcore.TimeoutException: none, as an `error`.
        """
        seconds = self._deadline - self._clock()
        if seconds <= 0:
            raise error("the time for the whole exchange is over")
        return seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self.left(httpcore.ConnectTimeout)
        return _PunctualStream(self._sockets.connect_tcp(host, port, left, local_address, socket_options), self)


class _PunctualStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, backend: _PunctualBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE_BYTES):
            piece = buffer[start : start + _PIECE_BYTES]
            self._stream.write(piece, self._backend.left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._backend.left(httpcore.ConnectTimeout)
        return _PunctualStream(self._stream.start_tls(ssl_context, server_hostname, left), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _pool(endpoint: Endpoint, backend: _PunctualBackend) -> httpcore.ConnectionPool:
    kept: dict[str, Any] = {
        "ssl_context": endpoint.tls,
        "max_connections": 1,
        "keepalive_expiry": _KEPT_SECONDS,
        "network_backend": backend,
    }
    proxy = _proxy_for(urlsplit(endpoint.url).hostname or "") if endpoint.uses_proxies else ""
    if not proxy:
        return httpcore.ConnectionPool(**kept)
    address = urlsplit(proxy)
    if address.scheme != "http" or not address.hostname:
        raise DeliveryError(
            f"HTTPS_PROXY names a proxy of the kind {address.scheme!r}; only http://HOST:PORT can be used. "
            "Change it, or list the API's host in NO_PROXY."
        )
    who = (unquote(address.username), unquote(address.password or "")) if address.username else None
    return httpcore.HTTPProxy(f"http://{address.netloc.rpartition('@')[2]}", who, **kept)


def _proxy_for(host: str) -> str:
    """Return the proxy that the environment names for HTTPS to `host`, or ""."""
    told = getproxies()
    proxy = told.get("https") or told.get("all") or ""
    if not proxy or proxy_bypass(host):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _lowered(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in headers}


def _beginning(response: httpcore.Response) -> bytes:
    """Return the first bytes of an answer; one that breaks off is judged by its status alone."""
    read = b""
    try:
        for piece in response.iter_stream():
            read += piece
            if len(read) > MAX_ANSWER_BYTES:
                break
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        return b""
    return read[:MAX_ANSWER_BYTES]


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]  # one of them is there
    return error
