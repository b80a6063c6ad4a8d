"""The SMTP sender against scripted dialogues: what each reply, and each silence, means."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from digest.deliver.envelope import encode_letter
from digest.deliver.senders.smtp import SmtpSender
from digest.errors import SubmitHalted
from digest.model import Addressed, DeliveryState, Outcome
from digest.ports import Mark
from digest.settings import Security, SmtpSettings
from tests.standins.letters import a_letter, a_reader, readers
from tests.standins.smtp import CLOSE, HANG, LOSE, SmtpStandin

ACCEPTED, QUEUED, REJECTED, UNCERTAIN = (
    DeliveryState.ACCEPTED,
    DeliveryState.QUEUED,
    DeliveryState.REJECTED,
    DeliveryState.UNCERTAIN,
)


def grant(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
    return frozenset(ids)


def told(server: SmtpStandin, **changes: Any) -> SmtpSettings:
    return replace(SmtpSettings(host=server.host, port=server.port, timeout_seconds=5.0, connections=1), **changes)


def submit(
    server: SmtpStandin,
    who: Sequence[Addressed],
    mark: Mark = grant,
    password: str | None = None,
    **changes: Any,
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with SmtpSender(told(server, **changes), password).open(a_letter()) as session:
        outcomes.extend(session.submit(who, mark))
    return outcomes


def test_messages_arrive_as_they_were_made_over_one_connection() -> None:
    with SmtpStandin() as server:
        outcomes = submit(server, readers(3))
    assert outcomes == [
        Outcome(f"d{number:04d}", ACCEPTED, f"Q{number + 1:05d}", f"250 2.0.0 Ok: queued as Q{number + 1:05d}")
        for number in range(3)
    ]
    encoded = encode_letter(a_letter())
    assert [letter.content for letter in server.taken] == [encoded.message(reader) for reader in readers(3)]
    assert [(letter.sender, letter.recipient) for letter in server.taken] == [
        ("news@herald.example", f"reader{number}@example.com") for number in range(3)
    ]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("script", "state", "connections", "taken"),
    [
        # stage: what the first reader meets; the second must be served normally
        ({"MAIL": ["421 4.7.0 too many"]}, QUEUED, 2, 1),
        ({"MAIL": ["451 4.3.0 later"]}, QUEUED, 1, 1),
        ({"MAIL": [CLOSE]}, QUEUED, 2, 1),
        ({"RCPT": ["421 4.7.0 closing"]}, QUEUED, 2, 1),
        ({"RCPT": ["450 4.2.1 mailbox busy"]}, QUEUED, 1, 1),
        ({"RCPT": ["550 5.1.1 no such user"]}, REJECTED, 1, 1),
        ({"RCPT": ["554 5.7.1 relay access denied"]}, REJECTED, 1, 1),
        ({"RCPT": [CLOSE]}, QUEUED, 2, 1),
        ({"RCPT": ["nonsense"]}, QUEUED, 2, 1),
        ({"DATA": ["421 4.3.2 closing"]}, QUEUED, 2, 1),
        ({"DATA": ["451 4.3.0 later"]}, QUEUED, 1, 1),
        ({"DATA": ["554 5.5.1 no valid recipients"]}, REJECTED, 1, 1),
        ({"DATA": ["250 what"]}, QUEUED, 2, 1),
        ({"DATA": [CLOSE]}, QUEUED, 2, 1),
        ({"DOT": ["421 4.3.2 closing"]}, QUEUED, 2, 1),
        ({"DOT": ["452 4.3.1 disk full"]}, QUEUED, 1, 1),
        ({"DOT": ["550 5.7.1 looks like spam"]}, REJECTED, 1, 1),
        ({"DOT": ["552 5.3.4 too big"]}, REJECTED, 1, 1),
        ({"DOT": ["nonsense"]}, UNCERTAIN, 2, 1),
        ({"DOT": [CLOSE]}, UNCERTAIN, 2, 2),
        ({"DOT": [LOSE]}, UNCERTAIN, 2, 1),
    ],
)
def test_each_reply_and_each_silence_has_its_meaning(
    script: dict[str, list[str]], state: DeliveryState, connections: int, taken: int
) -> None:
    with SmtpStandin(script=script) as server:
        first, second = submit(server, readers(2))
        counted = server.connections, len(server.taken)
    assert (first.delivery_id, first.state) == ("d0000", state)
    assert (first.retry_after_seconds is not None) == (state is QUEUED)
    assert second.state is ACCEPTED
    assert counted == (connections, taken)


def test_the_servers_words_are_kept() -> None:
    with SmtpStandin(recipients={"reader0@example.com": "550 5.1.1 No such user here"}) as server:
        (outcome,) = submit(server, readers(1))
    assert outcome == Outcome("d0000", REJECTED, detail="550 5.1.1 No such user here")


@pytest.mark.parametrize("reply", ["421 4.7.0 enough", CLOSE])
def test_a_kept_connection_that_has_had_enough_is_renewed_at_once(reply: str) -> None:
    with SmtpStandin(script={"MAIL": ["", reply]}) as server:
        outcomes = submit(server, readers(3))
        connections = server.connections
    assert [outcome.state for outcome in outcomes] == [ACCEPTED] * 3
    assert connections == 2


def test_a_refused_sender_stops_everything_before_anybody_is_rejected() -> None:
    with SmtpStandin(script={"MAIL": ["550 5.7.1 not your domain"]}) as server:
        with pytest.raises(SubmitHalted, match="not your domain"):
            submit(server, readers(2))
        assert server.taken == ()


def test_what_the_mark_keeps_back_is_never_finished() -> None:
    marked: list[str] = []

    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        marked.extend(ids)
        assert server.commands[-1] == "DATA", "the mark comes when only the final dot is missing"
        return frozenset(ids) - {"d0001"}

    with SmtpStandin() as server:
        outcomes = submit(server, readers(3), mark)
        letters = [letter.message_id for letter in server.taken]
    assert marked == ["d0000", "d0001", "d0002"]
    assert [outcome.delivery_id for outcome in outcomes] == ["d0000", "d0002"]
    assert letters == ["<d0000@herald.example>", "<d0002@herald.example>"]


def test_when_the_mark_keeps_all_back_the_server_is_soon_left_alone() -> None:
    with SmtpStandin() as server:
        assert submit(server, readers(50), lambda ids, request_id="": frozenset()) == []
        assert (server.connections, server.taken) == (3, ())


def test_a_mark_that_fails_leaves_nothing_half_said() -> None:
    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        raise RuntimeError("disk full")

    with SmtpStandin() as server:
        with pytest.raises(RuntimeError, match="disk full"):
            submit(server, readers(1), mark)
        assert server.taken == ()


def test_an_answer_that_never_comes_is_uncertain() -> None:
    with SmtpStandin(script={"DOT": [HANG]}) as server:
        (outcome,) = submit(server, readers(1), timeout_seconds=0.05)
    assert outcome.state is UNCERTAIN


def test_without_a_server_everybody_waits() -> None:
    with SmtpStandin() as server:
        gone = server
    outcomes = submit(gone, readers(2))
    assert [(outcome.state, outcome.retry_after_seconds) for outcome in outcomes] == [(QUEUED, 30.0)] * 2


@pytest.mark.parametrize(("reply", "is_halted"), [("421 4.3.2 busy", False), ("554 5.7.1 go away", True)])
def test_a_greeting_that_turns_us_away(reply: str, is_halted: bool) -> None:
    with SmtpStandin(script={"CONNECT": [reply]}) as server:
        if is_halted:
            with pytest.raises(SubmitHalted, match="go away"):
                submit(server, readers(1))
        else:
            assert [outcome.state for outcome in submit(server, readers(1))] == [QUEUED]


def test_an_address_that_can_not_be_used_never_meets_the_server() -> None:
    with SmtpStandin() as server:
        outcomes = submit(server, [a_reader(0, email="x@y.example>\r\nRCPT TO:<eve@evil.example"), a_reader(1)])
        commands = server.commands
    assert [outcome.state for outcome in outcomes] == [REJECTED, ACCEPTED]
    assert commands == ["MAIL news@herald.example", "RCPT reader1@example.com", "DATA", "."]


def test_a_domain_outside_ascii_goes_as_idna() -> None:
    with SmtpStandin() as server:
        submit(server, [a_reader(email="ada@bücher.example")])
        assert [letter.recipient for letter in server.taken] == ["ada@xn--bcher-kva.example"]


def test_a_login_is_made_and_a_wrong_one_halts_without_telling_the_password() -> None:
    with SmtpStandin(login=("herald", "right")) as server:
        assert [one.state for one in submit(server, readers(1), password="right", username="herald")] == [ACCEPTED]
        with pytest.raises(SubmitHalted, match="refuses the login") as caught:
            submit(server, readers(1), password="wr0ng-s3cret", username="herald")
    assert "wr0ng-s3cret" not in str(caught.value)


def test_a_login_that_the_server_does_not_offer_halts() -> None:
    with SmtpStandin() as server, pytest.raises(SubmitHalted, match="refuses the login"):
        submit(server, readers(1), password="x", username="herald")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1 that nobody trusts yet."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_tls_is_spoken_to_a_trusted_server_and_to_no_other(
    security: Security, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with SmtpStandin(tls=context, implicit_tls=security is Security.TLS) as server:
        with pytest.raises(SubmitHalted, match="no trusted TLS"):
            submit(server, readers(1), security=security)
        assert server.taken == ()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert [outcome.state for outcome in submit(server, readers(1), security=security)] == [ACCEPTED]


def test_a_letter_that_no_socket_holds_goes_over_tls_whole(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    letter = a_letter(text="A long line of text.\n" * 40_000)
    with (
        SmtpStandin(tls=context, implicit_tls=True) as server,
        SmtpSender(told(server, security=Security.TLS), None).open(letter) as session,
    ):
        assert [outcome.state for outcome in session.submit(readers(3), grant)] == [ACCEPTED] * 3
        assert [one.content for one in server.taken] == list(map(encode_letter(letter).message, readers(3)))


def test_a_server_that_lost_its_starttls_is_not_trusted_in_plain_text() -> None:
    with SmtpStandin() as server:
        with pytest.raises(SubmitHalted, match="no trusted TLS"):
            submit(server, readers(1), security=Security.STARTTLS)
        assert server.commands == []
