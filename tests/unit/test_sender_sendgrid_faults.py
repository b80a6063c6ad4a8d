"""What the SendGrid sender tells when the network, the API or its rate limit fails it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from digest.deliver.dispatch import deliver
from digest.deliver.senders.sendgrid import SendGridSender
from digest.errors import DeliveryError, SubmitHalted
from digest.model import Addressed, EditionStatus, Outcome
from digest.settings import DeliverySettings, SendGridSettings
from tests.standins.letters import a_letter, a_reader, readers
from tests.standins.sendgrid import HANG, LOST, OK, RESET, Fault, SendGridStandin
from tests.unit.audience_setup import EDITION, SLOT, add, emails, freeze, opened
from tests.unit.test_sender_sendgrid import (
    ACCEPTED,
    QUEUED,
    UNCERTAIN,
    all_may_leave,
    collect,
    states,
)

TAKEN = b"HTTP/1.1 202 Accepted\r\nX-Message-Id: m\r\n"
HANDSHAKE = Fault(resets=True, is_early=True)
Submitted = tuple[list[Outcome], str]


def submitted(
    server: SendGridStandin,
    batches: Sequence[Sequence[Addressed]],
    *,
    after_first: Callable[[], object] = lambda: None,
    **changes: Any,
) -> list[Submitted]:
    """Submit several batches on one session; return each one's outcomes and the words of `SubmitHalted`."""
    settings = SendGridSettings(base_url=server.base_url, timeout_seconds=5.0, **changes)
    results: list[Submitted] = []
    with SendGridSender(settings, server.api_key).open(a_letter()) as session:
        for batch in batches:
            outcomes: list[Outcome] = []
            halted = ""
            try:
                for outcome in session.submit(batch, all_may_leave):
                    outcomes.append(outcome)  # noqa: PERF402  (what came before an exception counts)
            except SubmitHalted as error:
                halted = str(error)
            results.append((outcomes, halted))
            if len(results) == 1:
                after_first()
    return results


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what the environment says of proxies away."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def self_signed(folder: Path) -> Path:
    """Return a PEM file of a key and its certificate for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    path = folder / "standin.pem"
    path.write_bytes(pem)
    return path


@contextmanager
def refusing_proxy() -> Iterator[tuple[int, list[str]]]:
    """Yield the port of a proxy that lets nothing through, and the heads of the requests that it got."""
    seen: list[str] = []

    class Refuse(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            seen.append(f"{self.requestline}\n{self.headers}")
            self.send_response_only(403)
            self.end_headers()

        def do_POST(self) -> None:
            self.do_CONNECT()

    with HTTPServer(("127.0.0.1", 0), Refuse) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_port, seen
        finally:
            server.shutdown()
            thread.join(10)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


# --- one request fails --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(RESET, id="closed-after-taking"),
        pytest.param(LOST, id="closed-after-body"),
        pytest.param(Fault(is_early=True), id="closed-before-body-is-read"),
        pytest.param(Fault(resets=True), id="reset-after-body"),
        pytest.param(Fault(resets=True, takes=True), id="reset-after-taking"),
        pytest.param(HANDSHAKE, id="reset-before-body-is-read"),
        pytest.param(Fault(408), id="408"),
        pytest.param(Fault(500, takes=True), id="500-after-taking"),
        pytest.param(Fault(503), id="503-before-taking"),
        pytest.param(Fault(599), id="599"),
        pytest.param(Fault(200), id="200-outside-the-sandbox"),
        pytest.param(Fault(204), id="204"),
        pytest.param(Fault(raw=b"\x00\xff\x00\xff\r\n\r\n"), id="garbage-bytes"),
        pytest.param(Fault(raw=b"SSH-2.0-OpenSSH_9.6\r\n"), id="garbage-other-protocol"),
        pytest.param(Fault(raw=b"HTTP/1.1 banana\r\n\r\n"), id="garbage-status"),
        pytest.param(Fault(raw=b"HTTP/1.1 2020 Accepted\r\n\r\n"), id="garbage-status-of-four-digits"),
        pytest.param(Fault(raw=b"HTTP/1.1 202 Accep"), id="answer-cut-off-in-its-first-line"),
        pytest.param(Fault(raw=TAKEN), id="answer-cut-off-in-its-headers"),
        pytest.param(Fault(raw=TAKEN + b"X: " + b"x" * 200_000 + b"\r\n\r\n"), id="headers-without-end"),
        pytest.param(Fault(raw=TAKEN + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), id="two-lengths"),
    ],
)
def test_no_telling_answer_once_the_body_has_begun_to_leave_is_uncertain(fault: Fault) -> None:
    with SendGridStandin(faults=[fault]) as server:
        outcomes, halted = collect(server, readers(3))
    assert states(outcomes) == {"d0000": UNCERTAIN, "d0001": UNCERTAIN, "d0002": UNCERTAIN}
    assert all(one.detail.startswith("request ") and not one.request_id for one in outcomes)
    assert (halted, server.asked) == ("", 1)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(HANG, id="after-body"),
        pytest.param(Fault(hangs=True, is_early=True), id="before-body-is-read"),
        pytest.param(Fault(raw=b"HTTP/1.1 102 Processing\r\n\r\n", hangs=True), id="after-an-interim-answer"),
        pytest.param(Fault(raw=b"HTTP/1.1 202 A", drips=True), id="dripping-first-line"),
        pytest.param(Fault(raw=TAKEN + b"X: x", drips=True), id="dripping-header"),
    ],
)
def test_an_answer_that_does_not_end_is_uncertain_when_its_time_is_over(fault: Fault) -> None:
    with SendGridStandin(faults=[fault]) as server:
        outcomes, halted = collect(server, readers(2), timeout_seconds=0.3)
        assert states(outcomes) == {"d0000": UNCERTAIN, "d0001": UNCERTAIN}
    assert halted == ""


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(TAKEN + b"Content-Length: 0\r\n\r\n", id="whole"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + TAKEN + b"Content-Length: 0\r\n\r\n", id="after-interim"),
        pytest.param(TAKEN + b"Content-Length: 50\r\n\r\n{}", id="body-cut-off"),
        pytest.param(TAKEN + b"Transfer-Encoding: chunked\r\n\r\nnot a chunk\r\n", id="body-garbled"),
        pytest.param(TAKEN + b"\r\n" + b"x" * 300_000, id="body-huge"),
        pytest.param(b"HTTP/1.0 202 Accepted\r\nX-Message-Id: m\r\n\r\n", id="of-HTTP-1.0"),
    ],
)
def test_an_acceptance_counts_whatever_becomes_of_its_body(raw: bytes) -> None:
    with SendGridStandin(faults=[Fault(raw=raw)]) as server:
        outcomes, _ = collect(server, readers(2))
    assert [(one.state, one.provider_id) for one in outcomes] == [(ACCEPTED, "m")] * 2


def test_an_acceptance_whose_body_drips_counts_when_its_time_is_over() -> None:
    with SendGridStandin(faults=[Fault(raw=TAKEN + b"Content-Length: 9999\r\n\r\n.", drips=True)]) as server:
        outcomes, _ = collect(server, readers(1), timeout_seconds=0.3)
        assert states(outcomes) == {"d0000": ACCEPTED}


def test_an_answer_before_the_body_is_read_is_understood() -> None:
    with SendGridStandin(faults=[Fault(413, is_early=True)]) as server:
        outcomes, _ = collect(server, readers(4))
        assert [letter.delivery_id for letter in server.taken] == ["d0000", "d0001", "d0002", "d0003"]
    assert states(outcomes) == {f"d000{n}": ACCEPTED for n in range(4)}


@contextmanager
def silent_listener() -> Iterator[int]:
    """Yield a port where connections are taken and nothing is ever read."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        yield listener.getsockname()[1]


def test_a_body_that_nobody_reads_is_uncertain_when_its_time_is_over() -> None:
    with silent_listener() as port:
        settings = SendGridSettings(base_url=f"http://127.0.0.1:{port}", timeout_seconds=0.3)
        with SendGridSender(settings, "SG.x").open(a_letter(html="x" * 1_900_000)) as session:
            outcomes = list(session.submit(readers(2), all_may_leave))
    assert states(outcomes) == {"d0000": UNCERTAIN, "d0001": UNCERTAIN}


@pytest.mark.usefixtures("no_proxies")
def test_a_handshake_that_never_ends_is_given_up_and_everybody_waits() -> None:
    with silent_listener() as port:
        settings = SendGridSettings(base_url=f"https://127.0.0.1:{port}", timeout_seconds=0.3)
        with SendGridSender(settings, "SG.x").open(a_letter()) as session:
            outcomes = list(session.submit(readers(2), all_may_leave))
    assert [(one.state, one.retry_after_seconds, one.costs_attempt) for one in outcomes] == [(QUEUED, 30.0, False)] * 2


# --- in the middle ------------------------------------------------------------------------------


def test_a_rate_limit_in_the_middle_of_a_search_keeps_who_was_accepted() -> None:
    with SendGridStandin(faults=[Fault(413), OK, Fault(429, {"Retry-After": "9"})]) as server:
        outcomes, halted = collect(server, readers(4))
    assert states(outcomes) == {"d0000": ACCEPTED, "d0001": ACCEPTED, "d0002": QUEUED, "d0003": QUEUED}
    assert {(one.retry_after_seconds, one.costs_attempt) for one in outcomes if one.state is QUEUED} == {(9.0, False)}
    assert halted == ""


def test_a_key_that_is_withdrawn_in_the_middle_halts_and_keeps_who_was_accepted() -> None:
    with SendGridStandin(faults=[Fault(413), OK, Fault(401)]) as server:
        outcomes, halted = collect(server, readers(4))
    assert states(outcomes) == {"d0000": ACCEPTED, "d0001": ACCEPTED, "d0002": QUEUED, "d0003": QUEUED}
    assert "HTTP 401" in halted


def test_two_requests_in_a_row_without_an_answer_halt_the_rest() -> None:
    with SendGridStandin(faults=[RESET, LOST]) as server:
        first, second = submitted(server, [readers(1), [a_reader(1)]])
    assert (states(first[0]), first[1]) == ({"d0000": UNCERTAIN}, "")
    assert states(second[0]) == {"d0001": UNCERTAIN}
    assert "2 requests in a row" in second[1]


def test_an_answer_in_between_begins_the_count_anew() -> None:
    with SendGridStandin(faults=[RESET, OK, RESET]) as server:
        results = submitted(server, [[a_reader(n)] for n in range(3)])
    assert [states(outcomes) for outcomes, _ in results] == [
        {"d0000": UNCERTAIN},
        {"d0001": ACCEPTED},
        {"d0002": UNCERTAIN},
    ]
    assert [halted for _, halted in results] == ["", "", ""]


# --- connections --------------------------------------------------------------------------------


def test_one_connection_is_kept_for_many_requests() -> None:
    with SendGridStandin() as server:
        results = submitted(server, [[a_reader(n)] for n in range(5)])
        assert (server.asked, server.connections) == (5, 1)
    assert [states(outcomes) for outcomes, _ in results] == [{f"d000{n}": ACCEPTED} for n in range(5)]


def test_a_kept_connection_that_was_closed_meanwhile_costs_nobody_anything() -> None:
    taken = Fault(202, {"X-Message-Id": "m"}, takes=True, closes=True)
    with SendGridStandin(faults=[taken]) as server:
        results = submitted(server, [readers(1), [a_reader(1)]], after_first=lambda: wait_until(server.is_left))
        assert (server.asked, server.connections) == (2, 2)
    assert [states(outcomes) for outcomes, _ in results] == [{"d0000": ACCEPTED}, {"d0001": ACCEPTED}]


def test_as_many_sessions_may_be_open_as_the_settings_say() -> None:
    assert SendGridSender(SendGridSettings(), "SG.x").connections == 4
    assert SendGridSender(SendGridSettings(connections=9), "SG.x").connections == 9
    assert SendGridSender(SendGridSettings(connections=0), "SG.x").connections == 1


@pytest.mark.usefixtures("no_proxies")
def test_a_certificate_that_nobody_vouches_for_halts_before_the_key_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    with SendGridStandin(certificate=certificate) as server:
        outcomes, halted = collect(server, readers(2))
        assert (states(outcomes), server.asked) == ({"d0000": QUEUED, "d0001": QUEUED}, 0)
        assert "no trusted TLS" in halted

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        outcomes, halted = collect(server, readers(2))
    assert (states(outcomes), halted) == ({"d0000": ACCEPTED, "d0001": ACCEPTED}, "")


@pytest.mark.usefixtures("no_proxies")
def test_a_proxy_is_used_for_https_alone_and_never_gets_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing_proxy() as (port, seen), SendGridStandin() as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://u:p@127.0.0.1:{port}")
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        outcomes, halted = collect(server, readers(1))
        assert (states(outcomes), seen) == ({"d0000": ACCEPTED}, [])

        server_elsewhere = SendGridSettings(base_url="https://api.sendgrid.test")
        with SendGridSender(server_elsewhere, "SG.s3cret").open(a_letter()) as session:
            outcomes = list(session.submit(readers(2), all_may_leave))
    assert [(one.state, one.retry_after_seconds) for one in outcomes] == [(QUEUED, 30.0)] * 2
    assert halted == ""
    assert seen[0].startswith("CONNECT api.sendgrid.test:443")
    assert "Proxy-Authorization: Basic dTpw" in seen[0]
    assert "s3cret" not in seen[0]


@pytest.mark.usefixtures("no_proxies")
def test_a_proxy_of_another_kind_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")
    with (
        pytest.raises(DeliveryError, match="proxy of the kind 'socks5'"),
        SendGridSender(SendGridSettings(), "SG.x").open(a_letter()),
    ):
        pass


# --- the rate limit -----------------------------------------------------------------------------


@dataclass
class Clock:
    """Time that passes only by waiting."""

    moment: datetime = SLOT
    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def seconds(self) -> float:
        return (self.moment - SLOT).total_seconds()

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.moment += timedelta(seconds=seconds)
        return False


def test_while_a_rate_limit_lasts_no_session_marks_or_asks() -> None:
    clock = Clock()
    marked: list[str] = []

    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        marked.extend(ids)
        return frozenset(ids)

    with SendGridStandin(faults=[Fault(429, {"Retry-After": "17"})]) as server:
        settings = SendGridSettings(base_url=server.base_url, timeout_seconds=5.0)
        sender = SendGridSender(settings, server.api_key, clock=clock.seconds)
        with sender.open(a_letter()) as one, sender.open(a_letter()) as other:
            refused = list(one.submit([a_reader(0)], mark))
            clock.wait(7)
            spared = list(other.submit([a_reader(1)], mark))
            clock.wait(10)
            accepted = list(other.submit([a_reader(2)], mark))
    told = [(each.state, each.retry_after_seconds, each.costs_attempt) for each in (*refused, *spared, *accepted)]
    assert told == [(QUEUED, 17.0, False), (QUEUED, 10.0, False), (ACCEPTED, None, True)]
    assert (marked, server.asked) == (["d0000", "d0002"], 2)


def test_a_storm_of_rate_limits_is_waited_out_and_nobody_is_lost(tmp_path: Path) -> None:
    clock = Clock()
    storm = [Fault(429, {"Retry-After": "90"})] * 3
    with SendGridStandin(faults=storm) as server, opened(tmp_path) as database:
        add(database, *emails(12))
        freeze(database, letter=a_letter())
        settings = SendGridSettings(base_url=server.base_url, personalizations=2, connections=1, timeout_seconds=5.0)
        done = deliver(
            database,
            EDITION,
            a_letter(),
            SendGridSender(settings, server.api_key, clock=clock.seconds),
            lambda delivery: Addressed(delivery, "https://h.example/u/x", "https://h.example/p/x"),
            DeliverySettings(per_second=0, max_attempts=2),
            now=clock.now,
            wait=clock.wait,
            clock=clock.seconds,
        )
        taken = [letter.email for letter in server.taken]
    assert (done.status, done.counts) == (EditionStatus.DONE, ((ACCEPTED, 12),))
    assert sorted(taken) == sorted(emails(12))
    assert server.asked <= len(storm) + 6, "one question for each limit, and none while it lasts"
    assert clock.seconds() >= 90 * len(storm)
    assert min(clock.waits) > 0
