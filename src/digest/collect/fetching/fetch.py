"""Gets one URL over HTTP, politely and within bounds. Implements `ports.Fetcher`.

Bounds: http and https only, public addresses only (unless a source may be private), at most
`_MAX_REDIRECTS` redirects each checked anew, a deadline for the whole exchange, a cap on the body
as sent and as unpacked. Politeness: a named agent, conditional requests, none for an answer that is
still fresh; turns, pauses and robots.txt are `visits`' business. One more try when a connection breaks
before an answer; every other failure waits for the next run.
"""

from __future__ import annotations

import contextlib
import functools
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Self

import httpx

from digest.collect.fetching.answers import TRY_LATER, checked_url, clipped, next_address, refusal, shown_url
from digest.collect.fetching.connections import Clock, RefusedAddressError, bounded_transport
from digest.collect.fetching.freshness import fresh_seconds
from digest.collect.unpacking import OversizedError, unpacked
from digest.errors import SourceError
from digest.ports import CachedResponse, ResponseCache

__all__ = ["HttpFetcher"]

_MAX_REDIRECTS = 5
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_READ_TIMEOUT_SECONDS = 8.0
_MAX_VALIDATOR = 1_000  # characters of an ETag; a request with more is refused by common servers


class HttpFetcher:
    """A `ports.Fetcher` over httpx. Safe to use from several threads; a context manager.

    Args:
        user_agent: Who asks, with a way to reach them (RFC 9110 §10.1.5).
        cache: Bodies of earlier runs; None asks for everything anew.
        now: The clock for `CachedResponse.fetched_at`. A body that the server calls unchanged keeps
            the time at which it was fetched. An answer stays fresh for as long as its server said
            (RFC 9111 §4.2.1), from run to run: no request is made for it meanwhile.
        deadline_seconds: For one `get`, redirects included.
        max_body_bytes: For the body as sent, and again for the body as unpacked.
    """

    def __init__(
        self,
        user_agent: str,
        cache: ResponseCache | None,
        *,
        now: Callable[[], datetime],
        deadline_seconds: float = 20.0,
        max_body_bytes: int = 10 * 1024 * 1024,
    ) -> None:
        self._user_agent = user_agent
        self._cache = cache
        self._now = now
        self._deadline_seconds = deadline_seconds
        self._max_body_bytes = max_body_bytes
        self._clock = Clock()
        self._lock = threading.Lock()
        self._transports: dict[bool, httpx.BaseTransport] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection, and write what the cache has not written."""
        if self._cache:
            self._cache.flush()
        with self._lock:
            for transport in self._transports.values():
                transport.close()
            self._transports.clear()

    def get(
        self,
        url: str,
        *,
        allow_private: bool = False,
        fresh_for_seconds: float = 0.0,
        may_follow: Callable[[str], None] | None = None,
    ) -> CachedResponse:
        """Return the body of `url`, from the cache where the server says that it has not changed.

        What was fetched less than `fresh_for_seconds` ago is not asked for again.

        Args:
            may_follow: Asked about each address that a redirect leads to, before it is; raises `SourceError` to
                end there. It may get something itself.

        Raises:
            SourceError: it can't be had; says why and what to do.
        """
        known = self._cache.get(url) if self._cache else None
        if known and fresh_for_seconds and (self._now() - known.fetched_at).total_seconds() < fresh_for_seconds:
            return known
        if known and known.fresh_until and self._now() < known.fresh_until:
            return known
        with self._clock.running(self._deadline_seconds):
            try:
                response = self._follow(url, known, may_follow, allow_private=allow_private)
            except RefusedAddressError as error:
                raise SourceError(
                    f"leads to {error.args[0]}, which is no public address.",
                    "If it is a site of your own network, set allow_private = true on the source.",
                ) from error
            except httpx.TimeoutException as error:
                raise SourceError(self._too_slow(error), TRY_LATER) from error
            except httpx.HTTPError as error:
                raise SourceError(
                    f"the connection failed: {clipped((str(error) or type(error).__name__).rstrip('.'))}.", TRY_LATER
                ) from error
        if self._cache and response is not known:
            self._cache.put(response)
        return response

    def _follow(
        self,
        url: str,
        known: CachedResponse | None,
        may_follow: Callable[[str], None] | None,
        *,
        allow_private: bool,
    ) -> CachedResponse:
        at = url
        for hop in range(_MAX_REDIRECTS + 1):
            address = checked_url(at, allow_private=allow_private)
            if hop and may_follow is not None:
                may_follow(at)
            # Validators belong to the address that answered with the body, not to those before it.
            held = known if known and at == (known.final_url or known.url) else None
            with self._request(address, held, allow_private=allow_private) as answer:
                if answer.status_code in _REDIRECTS and "location" in answer.headers:
                    at = next_address(at, answer)
                    continue
                if answer.status_code == 304 and held:
                    self._keep_fresh(held, self._fresh_until(answer))
                    return held
                if not answer.is_success:
                    raise refusal(answer, at, self._now())
                return CachedResponse(
                    url=url,
                    body=self._body(answer),
                    content_type=answer.headers.get("content-type", ""),
                    etag=answer.headers.get("etag", ""),
                    last_modified=answer.headers.get("last-modified", ""),
                    fetched_at=self._now(),
                    final_url=at,
                    fresh_until=self._fresh_until(answer),
                )
        raise SourceError(
            f"redirects more than {_MAX_REDIRECTS} times, last to {shown_url(at)}.", "Check the address in a browser."
        )

    def _fresh_until(self, answer: httpx.Response) -> datetime | None:
        if "cache-control" not in answer.headers and "expires" not in answer.headers:
            return None
        now = self._now()
        seconds = fresh_seconds(answer.headers, now)
        return now + timedelta(seconds=seconds) if seconds else None

    def _keep_fresh(self, held: CachedResponse, until: datetime | None) -> None:
        if self._cache and until != held.fresh_until:
            self._cache.keep_fresh(held.url, until)

    @contextlib.contextmanager
    def _request(self, url: httpx.URL, held: CachedResponse | None, *, allow_private: bool) -> Iterator[httpx.Response]:
        headers = {"User-Agent": self._user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        if held and _can_be_sent(held.etag):
            headers["If-None-Match"] = held.etag
        if held and _can_be_sent(held.last_modified):
            headers["If-Modified-Since"] = held.last_modified
        # The transport alone, without httpx's client: that would carry cookies from site to site.
        transport = self._transport(allow_private=allow_private)
        timeout = httpx.Timeout(_READ_TIMEOUT_SECONDS, pool=self._deadline_seconds).as_dict()
        request = httpx.Request("GET", url, headers=headers, extensions={"timeout": timeout})
        try:
            answer = transport.handle_request(request)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            answer = transport.handle_request(request)  # a kept connection that the server had given up
        try:
            yield answer
        finally:
            answer.close()

    def _body(self, answer: httpx.Response) -> bytes:
        """Read and unpack the body, holding at most twice the cap in memory."""
        cap = self._max_body_bytes
        announced = answer.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > cap:
            raise self._too_large(f"announces {_megabytes(int(announced))}")
        try:
            return unpacked(answer.iter_raw(), answer.headers.get("content-encoding", ""), most=cap)
        except OversizedError as error:
            raise self._too_large(f"is larger than {_megabytes(cap)}") from error
        except zlib.error as error:
            raise SourceError("its compressed body is damaged or cut off.", TRY_LATER) from error

    def _too_large(self, what: str) -> SourceError:
        return SourceError(
            f"{what}; at most {_megabytes(self._max_body_bytes)} are read.", "Check that it is a feed or a page."
        )

    def _too_slow(self, error: httpx.TimeoutException) -> str:
        if isinstance(error, httpx.ConnectTimeout):
            return "the server can't be reached: no connection in time."
        if isinstance(error, httpx.ReadTimeout) and self._clock.left > 0:
            return f"sent nothing for {_READ_TIMEOUT_SECONDS:g} s."
        return f"gave no complete answer in {self._deadline_seconds:g} s."

    def _transport(self, *, allow_private: bool) -> httpx.BaseTransport:
        # Two pools: a connection that one source may have must not be there for another to reuse.
        with self._lock:
            if allow_private not in self._transports:
                self._transports[allow_private] = bounded_transport(
                    self._clock, _tls_context(), allow_private=allow_private
                )
            return self._transports[allow_private]


@functools.cache
def _tls_context() -> ssl.SSLContext:
    """Return the one context of this process: reading the list of authorities takes a while."""
    return httpx.create_ssl_context(trust_env=False)


def _can_be_sent(validator: str) -> bool:
    """Return whether we may say a server's own words back to it: outside ASCII nobody agrees on the encoding."""
    return 0 < len(validator) <= _MAX_VALIDATOR and validator.isascii() and validator.isprintable()


def _megabytes(count: int) -> str:
    return f"{count / (1024 * 1024):.3g} MB"
