"""An SMTP server on loopback, byte by byte: PIPELINING, CHUNKING, and a script for every stage and in mid-message.

    with WireStandin(extensions=("PIPELINING",), script={"DOT": ["", RESET]}) as server:
        ...  # the first message is answered normally; after the second the connection is reset

Unlike `SmtpStandin`, which is aiosmtpd, this one sees how commands were grouped, and refuses groups that it did not
offer or that RFC 2920 does not allow. A stage is CONNECT, EHLO, MAIL, RCPT, DATA (or a chunk that is not the last),
BODY (1,000 bytes into a message), DOT (or the last chunk) or RSET. Its lines are used up one by one: "" answers as
usual; CLOSE, RESET and HANG do so without an answer; LOSE closes without having taken the message; DRIP never comes
to the end of its answer; anything else is the reply, after whose 421 the connection is closed.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType

from tests.standins.smtp import CLOSE, HANG, LOSE, TakenMessage

__all__ = ["CLOSE", "DRIP", "HANG", "LOSE", "RESET", "WireStandin"]

RESET = "(reset)"
DRIP = "(drip)"
_BODY_BYTES = 1_000
_NO_LINGER = struct.pack("ii", 1, 0)  # closing resets
_MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)


class WireStandin:
    """Listens while it is entered, with a thread for each connection.

    Args:
        extensions: What EHLO offers.
        script: Replies by stage, used up over all connections in the order in which the stage comes.
        portion_bytes: How much of a reply is written at a time; 0 for all of it.
    """

    def __init__(
        self,
        *,
        extensions: Sequence[str] = (),
        script: Mapping[str, Sequence[str]] | None = None,
        portion_bytes: int = 0,
    ) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.connections = 0
        self.commands: list[str] = []  # as they came, and "." for the end of a message
        self.greetings: list[str] = []  # what clients call themselves
        self.faults: list[str] = []  # what a client may not do
        self.taken: list[TakenMessage] = []
        self.extensions = tuple(extensions)
        self.portion_bytes = portion_bytes
        self.is_ending = threading.Event()
        self._script = {stage: list(replies) for stage, replies in (script or {}).items()}
        self._lock = threading.Lock()
        self._peers: list[_Peer] = []

    def __enter__(self) -> WireStandin:
        self._server = socket.create_server((self.host, 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="smtp-wire", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_ending.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._server.close()
        self.cut()

    def cut(self, *, by_reset: bool = False) -> None:
        """Close all connections."""
        for peer in self._peers:
            peer.end(by_reset=by_reset)

    def next_reply(self, stage: str) -> str:
        """Use up the next scripted line of `stage`; "" when there is none."""
        with self._lock:
            replies = self._script.get(stage)
            return replies.pop(0) if replies else ""

    def take(self, sender: str, recipients: Sequence[str], content: bytes) -> str:
        """Remember a message and return its queue id."""
        found = _MESSAGE_ID.search(content)
        message_id = found[1].decode("ascii") if found else ""
        with self._lock:
            self.taken += [TakenMessage(message_id, sender, recipient, content) for recipient in recipients]
            return f"Q{len(self.taken):05d}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            peer = _Peer(self, connection)
            self._peers.append(peer)  # before it speaks: who is spoken to may ask for a cut
            peer.start()


class _Ended(Exception):  # noqa: N818  (no error: the script says so, or the client left)
    """The connection is over."""


class _Peer:
    """One connection."""

    def __init__(self, standin: WireStandin, connection: socket.socket) -> None:
        self._standin = standin
        self._socket = connection
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._chunks = b""
        self._is_wide = False
        self._thread = threading.Thread(target=self._serve, name="smtp-wire-peer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self, *, by_reset: bool = False) -> None:
        with suppress(OSError):  # it has ended by itself
            if by_reset:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)

    def _serve(self) -> None:
        try:
            self._answer("CONNECT", "220 standin.example ESMTP")
            while True:
                self._obey(self._line())
        except (_Ended, OSError):
            self._socket.close()

    def _obey(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        if verb not in ("EHLO", "HELO"):
            self._standin.commands.append(line)
        self._check_grouping(verb)
        if verb in ("EHLO", "HELO"):
            self._standin.greetings.append(rest)
            lines = ["standin.example", *self._standin.extensions]
            self._answer("EHLO", "\r\n".join([*(f"250-{line}" for line in lines), "250 HELP"]))
        elif verb == "QUIT":
            self._say("221 2.0.0 bye")
            raise _Ended
        elif verb == "RSET":
            self._forget()
            self._answer("RSET", "250 2.0.0 OK")
        elif verb == "MAIL":
            self._mail(rest)
        elif verb == "RCPT":
            self._rcpt(rest)
        elif verb == "DATA":
            self._data()
        elif verb == "BDAT" and "CHUNKING" in self._standin.extensions:
            self._chunk(rest)
        else:
            self._say("500 5.5.2 unknown command")

    def _check_grouping(self, verb: str) -> None:
        is_last = verb in ("EHLO", "HELO", "DATA", "QUIT")  # RFC 2920 §3.1: only ever the last of a group
        if self._buffer and (is_last or "PIPELINING" not in self._standin.extensions):
            self._standin.faults.append(f"{verb} followed by {self._buffer[:40]!r}")
            self._say("554 5.5.0 commands that were not asked for")
            raise _Ended

    def _mail(self, rest: str) -> None:
        if self._sender is not None:
            self._standin.faults.append("MAIL in a transaction")
            self._say("503 5.5.1 nested MAIL command")
        elif "SMTPUTF8" in rest.upper() and not {"SMTPUTF8", "8BITMIME"} <= set(self._standin.extensions):
            self._say("555 5.5.4 SMTPUTF8 was not offered")
        elif self._answer("MAIL", "250 2.1.0 OK"):
            self._is_wide = "SMTPUTF8" in rest.upper()
            self._sender = rest[rest.index("<") + 1 : rest.index(">")]

    def _rcpt(self, rest: str) -> None:
        if self._sender is None:
            self._say("503 5.5.1 need MAIL first")
        elif not rest.isascii() and not self._is_wide:
            self._say("553 5.6.7 the address needs SMTPUTF8")
        elif self._answer("RCPT", "250 2.1.5 OK"):
            self._recipients.append(rest[rest.index("<") + 1 : rest.index(">")])

    def _data(self) -> None:
        if not self._recipients:
            reply = self._standin.next_reply("DATA EMPTY") or "554 5.5.1 no valid recipients"
            self._say(reply)
            if not reply.startswith("354"):
                return
        elif not self._answer("DATA", "354 go on"):
            return
        content = b""
        while not (content + self._buffer).startswith(b".\r\n") and b"\r\n.\r\n" not in content + self._buffer:
            content += self._buffer or self._more()
            self._buffer = b""
            self._maybe_break(content)
        content, _, self._buffer = (b"\r\n" + content + self._buffer).partition(b"\r\n.\r\n")
        self._finish(content[2:] + b"\r\n")

    def _chunk(self, rest: str) -> None:
        size, _, last = rest.partition(" ")
        self._maybe_break(self._buffer)
        while len(self._buffer) < int(size):
            self._buffer += self._more()
            self._maybe_break(self._buffer)
        chunk, self._buffer = self._buffer[: int(size)], self._buffer[int(size) :]
        if not self._recipients:
            self._say("503 5.5.1 no valid recipients")
        elif last.upper() == "LAST":
            self._finish(self._chunks + chunk)
        elif self._answer("DATA", f"250 2.0.0 {size} bytes"):
            self._chunks += chunk

    def _maybe_break(self, content: bytes) -> None:
        if len(content) < _BODY_BYTES or not (reply := self._standin.next_reply("BODY")):
            return
        self._act(reply)
        raise _Ended

    def _finish(self, content: bytes) -> None:
        self._standin.commands.append(".")
        sender, recipients = self._sender or "", self._recipients
        self._forget()
        reply = self._standin.next_reply("DOT")
        queue_id = ""
        if not reply or reply in (CLOSE, RESET, HANG, DRIP):
            queue_id = self._standin.take(sender, recipients, content)
        self._act(reply or f"250 2.0.0 Ok: queued as {queue_id}")

    def _forget(self) -> None:
        self._sender, self._recipients, self._chunks = None, [], b""

    def _answer(self, stage: str, usual: str) -> bool:
        """Answer as the script says; return whether that was as usual."""
        reply = self._standin.next_reply(stage)
        self._act(reply or usual)
        return not reply

    def _act(self, reply: str) -> None:
        if reply in (CLOSE, LOSE):
            raise _Ended
        if reply == RESET:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            raise _Ended
        if reply == HANG:
            self._standin.is_ending.wait(60)
            raise _Ended
        if reply == DRIP:
            self._socket.sendall(b"250-")
            while not self._standin.is_ending.wait(0.01):
                self._socket.sendall(b"x")
            raise _Ended
        self._say(reply)
        if reply.startswith("421"):
            raise _Ended

    def _say(self, reply: str) -> None:
        data = (reply + "\r\n").encode("utf-8")
        size = self._standin.portion_bytes or len(data)
        for start in range(0, len(data), size):
            self._socket.sendall(data[start : start + size])

    def _line(self) -> str:
        while b"\r\n" not in self._buffer:
            self._buffer += self._more()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line.decode("utf-8")

    def _more(self) -> bytes:
        data = self._socket.recv(65_536)
        if not data:
            raise _Ended
        return data
