"""Connections that end in time and lead only where they may.

A network backend for httpx's pool: it resolves a name once, checks every address, connects to a
checked one, and ends each operation at the deadline of the request it belongs to. The URL, the
Host header and TLS's server name stay those of the name. It knows nothing of HTTP.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

from digest.collect.fetching.addresses import is_public, resolve

__all__ = ["Clock", "RefusedAddressError", "bounded_transport"]

_MAX_CONNECTIONS = 32


class RefusedAddressError(Exception):
    """The name leads to an address that a source must not reach; `args[0]` is that address."""


class Clock(threading.local):
    """The deadline of the request that this thread is making, by the monotonic clock."""

    deadline = float("inf")

    @contextlib.contextmanager
    def running(self, seconds: float) -> Iterator[None]:
        # A request within a request (robots.txt behind a redirect) has its own: no site may use up another's.
        before, self.deadline = self.deadline, time.monotonic() + seconds
        try:
            yield
        finally:
            self.deadline = before

    def bound(self, timeout: float | None) -> float:
        """Return `timeout` or what is left until the deadline, whichever is less.

        Raises:
            httpcore.ReadTimeout: nothing is left.
        """
        left = self.left
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if timeout is None else min(timeout, left)

    @property
    def left(self) -> float:
        """Return the seconds until the deadline."""
        return self.deadline - time.monotonic()


def bounded_transport(clock: Clock, tls: ssl.SSLContext, *, allow_private: bool) -> httpx.BaseTransport:
    """Return a transport whose connections keep `clock` and reach public addresses only, unless allowed."""
    transport = httpx.HTTPTransport(verify=tls, trust_env=False)
    # httpx has no public way to pass a network backend; its transport is a thin layer over this pool.
    transport._pool = httpcore.ConnectionPool(
        ssl_context=tls,
        max_connections=_MAX_CONNECTIONS,
        keepalive_expiry=5.0,
        network_backend=_CheckedBackend(clock, allow_private=allow_private),
    )
    return transport


class _CheckedBackend(httpcore.NetworkBackend):
    def __init__(self, clock: Clock, *, allow_private: bool) -> None:
        self._clock = clock
        self._allow_private = allow_private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._checked_addresses(host, port, timeout)
        for remaining, address in reversed(list(enumerate(reversed(addresses)))):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._clock.bound(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not remaining:
                    raise
            else:
                return _BoundedStream(stream, self._clock)
        raise httpcore.ConnectError(f"{host} has no address")

    def _checked_addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        try:
            addresses = list(resolve(host, port, self._clock.bound(timeout)))
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} can't be resolved: {error.strerror or error}") from error
        if not self._allow_private:
            # One bad address among good ones is an attempt to be let through by luck: refuse them all.
            for address in addresses:
                if not is_public(address):
                    raise RefusedAddressError(address)
        return addresses


class _BoundedStream(httpcore.NetworkStream):
    """A connection whose every operation ends at the deadline of the thread that uses it."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.bound(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.bound(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._clock.bound(timeout))
        return _BoundedStream(stream, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
