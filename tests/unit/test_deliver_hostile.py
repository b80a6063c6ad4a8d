"""Six hundred hostile letters: forty texts, in five places, by three senders, each read by two parsers.

The parsers share no code: Python's `email`, and mailparse, which is written in Rust (fast-mail-parser). Both
must find the same message, and it must be the one that was meant: no header more, one mailbox in each of
From, Reply-To and To, the text as it was told, the bodies whole.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import fast_mail_parser
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.deliver.dkim import load_signers
from digest.deliver.envelope import encode_letter
from digest.deliver.headers import encode_header, plain_line
from digest.deliver.senders.outbox import OutboxSender
from digest.deliver.senders.sendgrid import SendGridSender
from digest.deliver.senders.smtp import SmtpSender
from digest.errors import DeliveryError
from digest.model import Addressed, DeliveryState, Letter
from digest.ports import Sender
from digest.settings import DkimSettings, SendGridSettings, SmtpSettings
from tests.standins.letters import HOSTILE, a_letter, a_reader, filled
from tests.standins.sendgrid import SendGridStandin
from tests.standins.smtp import SmtpStandin
from tests.standins.verifiers import OPENDKIM, SIGNING_DATE, dkimpy_finds, opendkim_finds

Mailboxes = tuple[tuple[str, str], ...]
PLACES = ("Subject", "From", "Reply-To", "List-Id", "To")
NAMES = (
    *("From", "Reply-To", "Subject", "Date", "List-Id", "Precedence"),
    *("To", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
)
# SendGrid gets these as values and writes the headers itself.
NAMES_AT_SENDGRID = ("List-Id", "Precedence", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post")


@dataclass(frozen=True)
class Read:
    """A message as a parser reads it."""

    names: tuple[str, ...]
    subject: str
    sender: Mailboxes
    reply_to: Mailboxes
    to: Mailboxes
    list_name: str
    text: str
    html: str


def hostile(text: str, place: str) -> tuple[Letter, Addressed, Read]:
    """Return a letter and a reader with `text` in `place`, and what every parser has to read."""
    words = {name: text if name == place else "Harbour" for name in PLACES}
    letter = a_letter(
        subject=words["Subject"],
        headers=(
            ("From", f"{words['From']} <news@herald.example>"),
            ("Reply-To", f"{words['Reply-To']} <desk@herald.example>"),
            ("Subject", words["Subject"]),
            ("Date", SIGNING_DATE),
            ("List-Id", f"{words['List-Id']} <politics.herald.example>"),
            ("Precedence", "bulk"),
        ),
    )
    reader = a_reader(7, name=words["To"])
    plain = {name: plain_line(told) for name, told in words.items()}
    return (
        letter,
        reader,
        Read(
            NAMES,
            plain["Subject"],
            ((plain["From"], "news@herald.example"),),
            ((plain["Reply-To"], "desk@herald.example"),),
            ((plain["To"], "reader7@example.com"),),
            plain["List-Id"],
            filled(letter.text, reader),
            filled(letter.html, reader),
        ),
    )


# --- the two parsers --------------------------------------------------------------------------


def by_python(message: bytes) -> Read:
    parsed = BytesParser().parsebytes(message)
    text, html = (_content(part) for part in parsed.walk() if part.get_content_maintype() == "text")
    ((list_name, _),) = _mailboxes(parsed, "List-Id")
    return Read(
        tuple(parsed.keys()),
        _decoded(str(parsed["Subject"])),
        _mailboxes(parsed, "From"),
        _mailboxes(parsed, "Reply-To"),
        _mailboxes(parsed, "To"),
        list_name,
        text,
        html,
    )


def by_rust(message: bytes) -> Read:
    parsed = fast_mail_parser.parse_email(message, strict=True)
    assert parsed.from_ is not None and not parsed.attachments and not parsed.cc and not parsed.bcc
    (text,), (html,), (list_id,) = parsed.text_plain, parsed.text_html, parsed.headers["List-Id"]
    return Read(
        tuple(name for name, values in parsed.headers.items() for _ in values),
        parsed.subject,
        ((parsed.from_.display_name or "", parsed.from_.address),),
        tuple((one.display_name or "", one.address) for one in parsed.reply_to),
        tuple((one.display_name or "", one.address) for one in parsed.to),
        _unquoted(list_id.removesuffix("<politics.herald.example>").rstrip(" ")),
        text.replace("\r\n", "\n"),
        html.replace("\r\n", "\n"),
    )


def _content(part: Message) -> str:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode("utf-8").replace("\r\n", "\n")


def _mailboxes(parsed: Message, name: str) -> Mailboxes:
    return tuple((_decoded(phrase), address) for phrase, address in getaddresses([_unfolded(parsed[name])]))


def _decoded(value: str) -> str:
    return str(make_header(decode_header(_unfolded(value))))


def _unfolded(value: str) -> str:
    return value.replace("\r\n", "").replace("\n", "")


def _unquoted(phrase: str) -> str:
    return re.sub(r"\\(.)", r"\1", phrase[1:-1]) if re.fullmatch('".*"', phrase) else phrase


# --- the three senders ------------------------------------------------------------------------


class SendGridRequests(SendGridStandin):
    """Keeps whole requests, after they have been judged by SendGrid's rules."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[dict[str, Any]] = []

    def take(self, request: dict[str, Any]) -> None:
        self.requests.append(request)


@pytest.fixture(scope="module")
def smtp() -> Iterator[SmtpStandin]:
    with SmtpStandin() as server:
        yield server


@pytest.fixture(scope="module")
def sendgrid() -> Iterator[SendGridRequests]:
    server = SendGridRequests()
    with server:
        yield server


def submit(sender: Sender, letter: Letter, reader: Addressed) -> None:
    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        return frozenset(ids)

    with sender.open(letter) as session:
        (outcome,) = session.submit([reader], mark)
    assert outcome.state is DeliveryState.ACCEPTED, outcome.detail


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_letter_in_the_outbox_is_read_the_same_by_both_parsers(text: str, place: str, tmp_path: Path) -> None:
    letter, reader, meant = hostile(text, place)
    submit(OutboxSender(tmp_path), letter, reader)
    (path,) = tmp_path.rglob("*.eml")
    agree(path.read_bytes(), meant)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_letter_over_smtp_is_read_the_same_by_both_parsers(text: str, place: str, smtp: SmtpStandin) -> None:
    letter, reader, meant = hostile(text, place)
    submit(SmtpSender(SmtpSettings(host=smtp.host, port=smtp.port, timeout_seconds=5.0), None), letter, reader)
    taken = smtp.taken[-1]
    assert (taken.sender, taken.recipient) == ("news@herald.example", "reader7@example.com")
    agree(taken.content, meant)


def agree(message: bytes, meant: Read) -> None:
    assert by_python(message) == by_rust(message) == meant
    assert max(map(len, message.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_letter_to_sendgrid_is_made_of_plain_values(
    text: str, place: str, sendgrid: SendGridRequests
) -> None:
    letter, reader, meant = hostile(text, place)
    sender = SendGridSender(SendGridSettings(base_url=sendgrid.base_url), sendgrid.api_key)
    if not meant.subject:
        with pytest.raises(DeliveryError, match="takes no letter without subject"):
            submit(sender, letter, reader)
        return
    submit(sender, letter, reader)
    request = sendgrid.requests[-1]
    (row,) = request["personalizations"]
    block = "".join(f"{name}: {value}\r\n" for name, value in row["headers"].items()).encode("ascii")
    python = BytesParser().parsebytes(block + b"\r\n")
    rust = fast_mail_parser.parse_email(block + b"\r\n")
    assert tuple(python.keys()) == tuple(rust.headers) == NAMES_AT_SENDGRID and not python.get_payload()
    assert [_decoded(str(python[name])) for name in python] == [value for (value,) in rust.headers.values()]
    ((list_name, list_id),) = _mailboxes(python, "List-Id")
    assert (list_name, list_id) == (meant.list_name, "politics.herald.example")
    assert request["subject"] == defused(meant.subject)
    assert (_mailbox(request["from"]),) == defused_all(meant.sender)
    assert (_mailbox(request["reply_to"]),) == defused_all(meant.reply_to)
    assert tuple(map(_mailbox, row["to"])) == defused_all(meant.to)
    assert not {"cc", "bcc", "from", "subject"} & row.keys()
    assert [block["value"] for block in request["content"]] == [letter.text, letter.html]


def defused(text: str) -> str:
    """Return what goes to SendGrid: it decodes what looks like an encoded-word, so nothing may."""
    return text.replace("=?", "= ?")


def defused_all(mailboxes: Mailboxes) -> Mailboxes:
    return tuple((defused(name), address) for name, address in mailboxes)


def _mailbox(told: Mapping[str, str]) -> tuple[str, str]:
    return _unquoted(told.get("name", "")), told["email"]


# --- what else reads them ---------------------------------------------------------------------

PEM = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
SIGNERS = load_signers([DkimSettings("herald.example", "s1", key_env="K")], Path, {"K": PEM.decode("ascii")})


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_letter_carries_a_signature_that_both_verifiers_find_valid(text: str, tmp_path: Path) -> None:
    letter, reader, _ = hostile(text, "Subject")
    named = replace(reader, delivery=replace(reader.delivery, name=text))
    message = encode_letter(letter, SIGNERS).message(named)
    assert dkimpy_finds(message, SIGNERS) == (True,)
    if OPENDKIM is not None:
        assert opendkim_finds(message, SIGNERS, tmp_path) == (True,)


PERL = shutil.which("perl")
HAS_ENCODE = PERL is not None and subprocess.run([PERL, "-MEncode", "-e1"], capture_output=True).returncode == 0


@pytest.mark.skipif(not HAS_ENCODE, reason="there is no perl with Encode")
def test_perl_decodes_every_hostile_subject_to_its_plain_line() -> None:
    unfolded = [encode_header("Subject", text).replace(b"\r\n", b"").removeprefix(b"Subject: ") for text in HOSTILE]
    assert PERL is not None
    done = subprocess.run(
        [PERL, "-MEncode", "-ne", "chomp; print encode('UTF-8', decode('MIME-Header', $_)), qq(\\n)"],
        input=b"\n".join(unfolded) + b"\n",
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.decode("utf-8").split("\n")[:-1] == [plain_line(text) for text in HOSTILE]
