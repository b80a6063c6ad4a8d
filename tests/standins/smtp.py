"""An SMTP server on loopback that does what a script says, and remembers what it took before it says so.

    with SmtpStandin(script={"DOT": ["", CLOSE]}) as server:
        ...  # the first message is answered normally; after the second the connection is closed
        assert [letter.recipient for letter in server.taken] == [...]

A stage is CONNECT, MAIL, RCPT, DATA or DOT. Each time it comes, its next line is used up: "" answers as
usual, CLOSE closes the connection without an answer, LOSE does so without having taken the message, HANG
never answers, and anything else is the reply.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

__all__ = ["CLOSE", "HANG", "LOSE", "SmtpStandin", "TakenMessage"]

CLOSE = "(close)"
LOSE = "(lose)"
HANG = "(hang)"


@dataclass(frozen=True, slots=True)
class TakenMessage:
    """A message that was complete: its final dot was read."""

    message_id: str
    sender: str
    recipient: str
    content: bytes


class SmtpStandin:
    """Listens while it is entered.

    Args:
        script: Replies by stage, used up in the order in which the stage comes.
        recipients: Replies to RCPT for an address, whenever it comes.
        tls: With it STARTTLS is offered, or with `implicit_tls` spoken from the first byte.
        login: The user name and password that AUTH takes; without them AUTH is not offered.
    """

    def __init__(
        self,
        *,
        script: Mapping[str, Sequence[str]] | None = None,
        recipients: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.connections = 0
        self.commands: list[str] = []  # MAIL and RCPT as they came, DATA, and "." for a final dot
        self._script = {stage: list(replies) for stage, replies in (script or {}).items()}
        self._recipients = dict(recipients or {})
        self._tls, self._implicit_tls = tls, implicit_tls
        self._login = login
        self._taken: list[TakenMessage] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp-standin", daemon=True)

    @property
    def taken(self) -> tuple[TakenMessage, ...]:
        """What was taken so far, in order."""
        return tuple(self._taken)

    def __enter__(self) -> SmtpStandin:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def next_reply(self, stage: str) -> str:
        """Use up the next scripted line of `stage`; "" when there is none."""
        replies = self._script.get(stage)
        return replies.pop(0) if replies else ""

    async def _listen(self) -> asyncio.Server:
        context = self._tls if self._implicit_tls else None
        return await self._loop.create_server(self._session, self.host, 0, ssl=context)

    def _session(self) -> _ScriptedSmtp:
        options: dict[str, Any] = {}
        if self._tls and not self._implicit_tls:
            options["tls_context"] = self._tls
        if self._login:
            options["authenticator"] = self._check_login
            options["auth_require_tls"] = False
        return _ScriptedSmtp(_Handler(self), self, loop=self._loop, hostname="standin.example", **options)

    async def _stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the next turn of the loop

    def _check_login(self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: object) -> AuthResult:
        assert self._login is not None
        wanted = LoginPassword(self._login[0].encode(), self._login[1].encode())
        return AuthResult(success=data == wanted, handled=False)

    def take(self, envelope: Any) -> None:
        """Remember a message."""
        message_id = str(BytesHeaderParser().parsebytes(envelope.content)["Message-ID"])
        self._taken += [
            TakenMessage(message_id, envelope.mail_from, recipient, envelope.content) for recipient in envelope.rcpt_tos
        ]


class _ScriptedSmtp(SMTP):
    """aiosmtpd's server, with a script at the places where its hooks don't reach."""

    def __init__(self, handler: _Handler, standin: SmtpStandin, **options: Any) -> None:
        super().__init__(handler, **options)
        self._standin = standin

    async def _handle_client(self) -> None:
        self._standin.connections += 1
        reply = self._standin.next_reply("CONNECT")
        if reply:
            await self.obey(reply)
            self.end()
            return
        await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  (aiosmtpd finds it by this name)
        self._standin.commands.append("DATA")
        reply = self._standin.next_reply("DATA")
        if reply:
            await self.obey(reply)
        else:
            await super().smtp_DATA(arg)

    async def obey(self, reply: str) -> None:
        """Answer with `reply`, or close."""
        if reply in (CLOSE, LOSE):
            self.end()
        else:
            await self.push(reply)

    def end(self) -> None:
        """Close the connection without a word."""
        assert self.transport is not None
        self.transport.close()


class _Handler:
    """aiosmtpd's hooks."""

    def __init__(self, standin: SmtpStandin) -> None:
        self._standin = standin

    async def handle_MAIL(  # noqa: N802  (the hook's name)
        self, server: _ScriptedSmtp, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self._standin.commands.append(f"MAIL {address}")
        reply = self._scripted(server, "MAIL")
        if not reply:
            envelope.mail_from = address
        return reply or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: _ScriptedSmtp, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self._standin.commands.append(f"RCPT {address}")
        reply = self._standin._recipients.get(address) or self._scripted(server, "RCPT")
        if not reply:
            envelope.rcpt_tos.append(address)
        return reply or "250 2.1.5 OK"

    async def handle_DATA(self, server: _ScriptedSmtp, session: Any, envelope: Any) -> str:  # noqa: N802
        self._standin.commands.append(".")
        reply = self._standin.next_reply("DOT")
        if not reply or reply in (CLOSE, HANG):
            self._standin.take(envelope)
        if reply == HANG:
            await asyncio.sleep(60)  # until the stand-in ends
        if reply in (CLOSE, LOSE):
            server.end()
        return reply or f"250 2.0.0 Ok: queued as Q{len(self._standin.taken):05d}"

    def _scripted(self, server: _ScriptedSmtp, stage: str) -> str:
        reply = self._standin.next_reply(stage)
        if reply in (CLOSE, LOSE):
            server.end()
        return reply
