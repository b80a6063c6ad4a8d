"""A socket that does not block, in clear or over TLS: what it won't take now is kept until it will."""

from __future__ import annotations

import selectors
import socket
import ssl

__all__ = ["Wire"]

_READ_BYTES = 65_536
_MOST_READS = 4  # in a row, over TLS; a server has no reason to say more at once
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE


class Wire:
    """One socket, registered with `selector` for `owner` until it is closed; methods raise OSError once it is cut."""

    def __init__(self, sock: socket.socket, selector: selectors.BaseSelector, owner: object) -> None:
        self.has_taken = False  # any byte, since this was last set
        self.is_tls = isinstance(sock, ssl.SSLSocket)
        self._socket = sock
        self._selector = selector
        self._owner = owner
        self._unwritten = memoryview(b"")
        self._events = selectors.EVENT_READ
        selector.register(sock, self._events, owner)

    @property
    def is_written(self) -> bool:
        """Whether the system has taken everything."""
        return not self._unwritten

    def write(self, data: bytes) -> None:
        self._unwritten = memoryview(bytes(self._unwritten) + data if self._unwritten else data)
        self.flush()

    def flush(self) -> None:
        """Write what is left, as far as the system takes it; for the rest the selector calls."""
        rest = self._unwritten
        if not rest:
            return
        events = selectors.EVENT_READ
        try:
            while rest:
                count = self._socket.send(rest)
                self.has_taken = True
                rest = rest[count:]
        except _NOT_NOW:
            events = _BOTH
        self._unwritten = rest
        if events != self._events:
            self._events = events
            self._selector.modify(self._socket, events, self._owner)

    def read(self) -> bytes:
        """Return what has come; b"" when nothing has."""
        if not self.is_tls:
            try:
                return self._socket.recv(_READ_BYTES) or _closed()
            except BlockingIOError:
                return b""
        # What TLS has decrypted already wakes no selector, so until there is no more.
        data = b""
        for _ in range(_MOST_READS):
            try:
                part = self._socket.recv(_READ_BYTES)
            except _NOT_NOW:
                break
            if not part:
                return data or _closed()
            data += part
        return data

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()


def _closed() -> bytes:
    raise ConnectionError("the server closed the connection")
