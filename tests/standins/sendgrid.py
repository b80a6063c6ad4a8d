"""SendGrid's v3 mail API on loopback: refuses what the real one refuses, and fails as a script says.

    with SendGridStandin(faults=[Fault(429, {"X-RateLimit-Reset": "…"}), OK]) as server:
        ...  # the first request is turned away, the second and all later ones are judged by the rules

What it takes is remembered by delivery id (the custom argument `d`), before it answers.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.standins.sendgrid_rules import refusals

__all__ = ["DRIP_SECONDS", "HANG", "LOST", "OK", "RESET", "Fault", "SendGridStandin", "TakenLetter"]


@dataclass(frozen=True)
class Fault:
    """What to do with one request instead of judging it.

    `status` 0 gives no answer of HTTP: what is in `raw` is written, and then the connection is closed, or
    with `resets` reset, or with `hangs` kept open until the stand-in ends.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[tuple[str | None, str]] = ()
    takes: bool = False  # the letters were taken all the same
    hangs: bool = False
    resets: bool = False
    is_early: bool = False  # when the head of the request is read, but nothing of its body
    raw: bytes = b""
    drips: bool = False  # the last byte of `raw` is repeated for ever, each time before a client's patience ends
    closes: bool = False  # after the answer, which does not say so


OK = None
RESET = Fault(takes=True)  # taken, and nobody is told
LOST = Fault()
HANG = Fault(hangs=True)
DRIP_SECONDS = 0.05


@dataclass(frozen=True)
class TakenLetter:
    """One reader's letter as SendGrid would make it, substitutions filled in."""

    delivery_id: str
    request_id: str
    email: str
    name: str
    subject: str
    sender: str
    headers: Mapping[str, str]
    text: str
    html: str
    category: str
    is_sandboxed: bool


class SendGridStandin:
    """Listens while it is entered.

    Args:
        api_key: The only one that is taken.
        faults: Used up one a request; OK and whatever comes after them judges by the rules.
        refused: Addresses that are refused by name, and why.
        unnamed: Addresses for which a request is refused without saying for which.
        most_bytes: A longer request is answered 413.
        certificate: A PEM file of a key and its certificate, to speak HTTPS with.
    """

    def __init__(
        self,
        *,
        api_key: str = "SG.stand-in",
        faults: Sequence[Fault | None] = (),
        refused: Mapping[str, str] | None = None,
        unnamed: Sequence[str] = (),
        most_bytes: int = 30_000_000,
        certificate: Path | None = None,
    ) -> None:
        self.api_key = api_key
        self.requests: list[dict[str, Any]] = []
        self.heads: list[dict[str, str]] = []  # of the requests, whatever became of them
        self.connections = 0
        self.refused = dict(refused or {})
        self.unnamed = frozenset(unnamed)
        self.most_bytes = most_bytes
        self.ended = threading.Event()
        self._faults = list(faults)
        self._taken: list[TakenLetter] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.standin = self
        self._scheme = "http" if certificate is None else "https"
        if certificate is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate)
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="sendgrid-standin")

    @property
    def base_url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    @property
    def taken(self) -> tuple[TakenLetter, ...]:
        """What was taken so far, in order."""
        return tuple(self._taken)

    def __enter__(self) -> SendGridStandin:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.end_connections()
        self._server.server_close()
        self._thread.join(10)

    @property
    def asked(self) -> int:
        """How many requests came, whatever became of them."""
        return len(self.heads)

    def is_left(self) -> bool:
        """Whether no connection is open."""
        return not self._server.open_requests

    def next_fault(self, head: Mapping[str, str]) -> Fault | None:
        """Return what to do with the request that begins with `head` instead of judging it."""
        with self._lock:
            self.heads.append(dict(head))
            return self._faults.pop(0) if self._faults else None

    def errors(self, request: dict[str, Any]) -> tuple[tuple[str | None, str], ...]:
        """Return what the rules and the chosen addresses say of `request`."""
        found = list(refusals(request))
        if not found:
            for number, row in enumerate(request["personalizations"]):
                email = row["to"][0]["email"]
                if email in self.refused:
                    found.append((f"personalizations.{number}.to.0.email", self.refused[email]))
                elif email in self.unnamed:
                    found.append((None, "Bad Request"))
        return tuple(found)

    def take(self, request: dict[str, Any]) -> None:
        """Remember every personalization of `request`."""
        with self._lock:
            self._taken += [_letter(request, row) for row in request["personalizations"]]


def _letter(request: dict[str, Any], row: dict[str, Any]) -> TakenLetter:
    def filled(text: str) -> str:
        for tag, value in row.get("substitutions", {}).items():
            text = text.replace(tag, value)
        return text

    content = {block["type"]: filled(block["value"]) for block in request["content"]}
    arguments = {**request.get("custom_args", {}), **row.get("custom_args", {})}
    return TakenLetter(
        delivery_id=arguments.get("d", ""),
        request_id=arguments.get("r", ""),
        email=row["to"][0]["email"],
        name=row["to"][0].get("name", ""),
        subject=filled(row.get("subject") or request["subject"]),
        sender=request["from"]["email"],
        headers={**request.get("headers", {}), **row.get("headers", {})},
        text=content.get("text/plain", ""),
        html=content.get("text/html", ""),
        category=",".join(request.get("categories", [])),
        is_sandboxed=bool(request.get("mail_settings", {}).get("sandbox_mode", {}).get("enable")),
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    standin: SendGridStandin

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.open_requests: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.standin.connections += 1
        self.open_requests.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.close_request(request)
        self.open_requests.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that the other side has left."""

    def end_connections(self) -> None:
        """End what is kept open, so that its threads end too."""
        for request in tuple(self.open_requests):
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        standin = self.server.standin
        fault = standin.next_fault(dict(self.headers.items()))
        length = int(self.headers.get("Content-Length", "0"))
        body = b"" if fault is not None and fault.is_early else self.rfile.read(length)
        if fault is not None:
            self._fail(standin, fault, body)
            if fault.status and fault.is_early:
                self.rfile.read(length)
        elif self.path != "/v3/mail/send":
            self._answer(404, errors=[(None, "Not Found")])
        elif self.headers.get("Authorization") != f"Bearer {standin.api_key}":
            self._answer(401, errors=[(None, "The provided authorization grant is invalid, expired, or revoked")])
        elif self.headers.get("Content-Type") != "application/json":
            self._answer(415, errors=[(None, "Content-Type should be application/json.")])
        elif len(body) > standin.most_bytes:
            self._answer(413, errors=[(None, "The JSON payload is too large.")])
        else:
            self._judge(standin, body)

    def _judge(self, standin: SendGridStandin, body: bytes) -> None:
        try:
            request = json.loads(body)
        except ValueError:
            self._answer(400, errors=[(None, "Bad Request")])
            return
        standin.requests.append(request)
        if errors := standin.errors(request):
            self._answer(400, errors=errors)
        elif request.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            self._answer(200)
        else:
            standin.take(request)
            self._answer(202, {"X-Message-Id": f"m{len(standin.requests):04d}"})

    def _fail(self, standin: SendGridStandin, fault: Fault, body: bytes) -> None:
        if fault.takes:
            standin.take(json.loads(body))
        if fault.status:
            self._answer(fault.status, fault.headers, fault.errors)
            self.close_connection = self.close_connection or fault.closes
            return
        self.close_connection = True
        try:
            self._write(standin, fault)
        except OSError:  # the client has had enough
            return
        if fault.hangs:
            standin.ended.wait(30)
        if fault.resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _write(self, standin: SendGridStandin, fault: Fault) -> None:
        self.wfile.write(fault.raw)
        while fault.drips and not standin.ended.wait(DRIP_SECONDS):
            self.wfile.write(fault.raw[-1:])

    def _answer(
        self, status: int, headers: Mapping[str, str] | None = None, errors: Sequence[tuple[str | None, str]] = ()
    ) -> None:
        told = [{"message": message, "field": name, "help": None} for name, message in errors]
        body = json.dumps({"errors": told}).encode() if told else b""
        self.send_response_only(status)
        for name, value in {"Date": self.date_time_string(), **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep tests quiet."""
