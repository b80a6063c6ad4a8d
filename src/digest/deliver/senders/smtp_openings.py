"""Connections on their way, each in a thread of its own: one that opens slowly holds up none that are open."""

from __future__ import annotations

import selectors
import smtplib
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from digest.deliver.senders.smtp_connection import Connection
from digest.deliver.senders.smtp_replies import first_words

__all__ = ["Openings"]


class Openings:
    """Opens connections by `connect` and wakes `selector`, whose data this is, at each that is open or has failed."""

    def __init__(self, connect: Callable[[], Connection], selector: selectors.BaseSelector) -> None:
        self.pending = 0
        self.opened: list[Connection] = []
        self.failure = ""  # why the last one could not be had, for now
        self.error: Exception | None = None  # why none will ever be
        self._connect = connect
        self._selector = selector
        self._lock = threading.Lock()  # guards what follows
        self._results: list[Connection | Exception] = []
        self._is_closed = False
        self._bell, self._rope = socket.socketpair()
        self._bell.setblocking(False)
        selector.register(self._bell, selectors.EVENT_READ, self)

    def start(self) -> None:
        """Begin to open one more."""
        self.pending += 1
        threading.Thread(target=self._open, name="smtp-connect", daemon=True).start()

    def attend(self) -> None:
        """Sort what the threads have brought."""
        with self._lock:
            with suppress(BlockingIOError):
                self._bell.recv(4096)
            results, self._results = self._results, []
        for result in results:
            self.pending = max(0, self.pending - 1)
            if isinstance(result, Connection):
                self.opened.append(result)
            elif isinstance(result, smtplib.SMTPResponseException):
                self.failure = f"{result.smtp_code} {first_words(result.smtp_error)}"
            elif isinstance(result, OSError):
                self.failure = f"no connection: {result}"
            else:
                self.error = self.error or result

    def close(self) -> None:
        """Close what was opened for nobody; threads at work will do so themselves."""
        with self._lock:
            self._is_closed = True
            self._selector.unregister(self._bell)
            self._bell.close()
            self._rope.close()
            for result in (*self._results, *self.opened):
                if isinstance(result, Connection):
                    result.socket.close()

    def _open(self) -> None:
        result: Connection | Exception
        try:
            result = self._connect()
        except Exception as error:  # told to whoever waits
            result = error
        with self._lock:
            if not self._is_closed:
                self._results.append(result)
                self._rope.send(b"!")
            elif isinstance(result, Connection):
                result.socket.close()
