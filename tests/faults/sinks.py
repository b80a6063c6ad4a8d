"""Providers on loopback that a fault can be put into at an exact point, and that know what they took.

A sink is the truth of a test: it remembers a letter before it says that it has it. Each time it comes to
a stage it asks its `script`, which may kill the process that submits, tell it to stop, or choose the reply.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Any, NamedTuple

from tests.standins.sendgrid import Fault, SendGridStandin

__all__ = ["CLOSE", "HANG", "LOSE", "SendGridSink", "SendGridStage", "SmtpSink", "Stage", "Taken"]

CLOSE = "(close)"  # take it where that is the question, and close without an answer
LOSE = "(lose)"  # close without having taken it
HANG = "(hang)"  # take it, and never answer
_MOST_BYTES = 2**24
_FIRST_BYTES = 256  # of a letter, that show it has begun to arrive
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^@>]+)@", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"<([^>]*)>")


class Taken(NamedTuple):
    """One letter that a provider has."""

    delivery_id: str
    email: str


class Stage(StrEnum):
    """Where an SMTP sink stands: each before it answers, REPLY after it has."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    DOT = "dot"
    REPLY = "reply"


_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SmtpScript = Callable[[Stage, str], str]
"""Takes the stage and the reader's address where it is known; gives "" to go on as usual, or the reply."""


class SmtpSink:
    """An SMTP server that offers PIPELINING (RFC 2920). Listens at `host` while it is entered."""

    sender = "smtp"

    def __init__(self, script: SmtpScript | None = None, host: str = "127.0.0.1") -> None:
        self.script = script or (lambda stage, email: "")
        self._host = host
        self.log: list[Taken] = []
        self._open = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp-sink", daemon=True)

    def __enter__(self) -> SmtpSink:
        self._thread.start()
        listening = asyncio.start_server(self._talk, self._host, 0, limit=_MOST_BYTES)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def settings(self) -> Mapping[str, Any]:
        """Return what config.toml says of this server in [delivery.smtp]."""
        return {"host": self._host, "port": self._port, "security": "none"}

    def settle(self) -> None:
        """Wait until everything that a process left in its sockets has been read."""
        ends = time.monotonic() + 10
        while self._open and time.monotonic() < ends:
            time.sleep(0.002)

    async def _end(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        stream = (reader, writer)
        try:
            with suppress(asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError, _Closed):
                await self._answer(stream, Stage.CONNECT, "", "220 sink.example ESMTP")
                email = ""
                while line := await reader.readline():
                    email = await self._command(stream, line.decode("utf-8").strip(), email)
        finally:
            self._open -= 1
            writer.close()

    async def _command(self, stream: _Stream, line: str, email: str) -> str:
        """Obey one command; return whom the open transaction is for."""
        _, writer = stream
        verb = line.partition(" ")[0].upper()
        if verb == "EHLO":
            writer.write(b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n")
        elif verb == "MAIL":
            await self._answer(stream, Stage.MAIL, "", "250 2.1.0 OK")
            return ""
        elif verb == "RCPT":
            found = _ADDRESS.search(line)
            wanted = found[1] if found else ""
            return wanted if await self._answer(stream, Stage.RCPT, wanted, "250 2.1.5 OK") else ""
        elif verb == "DATA" and not email:
            writer.write(b"554 5.5.1 no valid recipients\r\n")
        elif verb == "DATA":
            if await self._answer(stream, Stage.DATA, email, "354 go on"):
                await self._message(stream, email)
            return ""
        elif verb == "QUIT":
            writer.write(b"221 2.0.0 bye\r\n")
            raise _Closed
        else:
            writer.write(b"250 2.0.0 OK\r\n")
        return email

    async def _message(self, stream: _Stream, email: str) -> None:
        reader, _ = stream
        content = await reader.readexactly(_FIRST_BYTES)
        if self.script(Stage.BODY, email):
            raise _Closed
        content += await reader.readuntil(b"\r\n.\r\n")
        found = _MESSAGE_ID.search(content)
        taken = Taken(found[1].decode() if found else "", email)
        await self._answer(stream, Stage.DOT, email, f"250 2.0.0 Ok: queued as Q{len(self.log):06d}", taken)
        self.script(Stage.REPLY, email)

    async def _answer(self, stream: _Stream, stage: Stage, email: str, usual: str, taken: Taken | None = None) -> bool:
        """Say what the script wants, or `usual`; return whether it was the usual."""
        reader, writer = stream
        wanted = self.script(stage, email)
        if taken is not None and wanted in ("", CLOSE, HANG):
            self.log.append(taken)
        if wanted == HANG:
            await reader.read()  # until the other side has had enough
        if wanted in (CLOSE, LOSE, HANG):
            raise _Closed
        writer.write(f"{wanted or usual}\r\n".encode())
        await writer.drain()
        if wanted.startswith("421"):
            raise _Closed
        return not wanted


class _Closed(Exception):  # noqa: N818  (what is done, not what went wrong)
    """The connection is to be closed without another word."""


class SendGridStage(StrEnum):
    """Where a SendGrid sink stands: a request was read; its letters were taken, and nobody was told."""

    REQUEST = "request"
    TAKEN = "taken"


SendGridScript = Callable[[SendGridStage], Fault | None]


class SendGridSink(SendGridStandin):
    """The stand-in, with a script at each request; it keeps ids and addresses instead of letters."""

    sender = "sendgrid"

    def __init__(self, script: SendGridScript | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.script = script or (lambda stage: None)
        self.log: list[Taken] = []

    def __enter__(self) -> SendGridSink:
        super().__enter__()
        return self

    def settings(self) -> Mapping[str, Any]:
        """Return what config.toml says of this server in [delivery.sendgrid]."""
        return {"api_key_env": "SENDGRID_API_KEY", "base_url": self.base_url}

    def settle(self) -> None:
        """Nothing to wait for: a request that a process left behind is read whole or not at all."""
        time.sleep(0.05)

    def next_fault(self, head: Mapping[str, str]) -> Fault | None:
        return self.script(SendGridStage.REQUEST) or super().next_fault(head)

    def take(self, request: dict[str, Any]) -> None:
        with self._lock:
            self.log += [Taken(row["custom_args"]["d"], row["to"][0]["email"]) for row in request["personalizations"]]
            self.requests.clear()  # 40 kB each
        self.script(SendGridStage.TAKEN)
