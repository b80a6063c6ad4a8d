"""The message as a server gets it: header fields, MIME structure, lines. Read by Python's email package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

from digest.deliver.envelope import ONE_CLICK
from digest.inspecting.findings import Finding, Level, Specimen, Topic
from digest.inspecting.markup import said

__all__ = ["header_rows", "wire_findings"]

_MOST_OCTETS = 998  # RFC 5322 §2.1.1
_NEEDED = {
    "From": "every letter needs it (RFC 5322 §3.6)",
    "To": "filters mistrust letters without it",
    "Subject": "inboxes show it",
    "Date": "every letter needs it (RFC 5322 §3.6)",
    "Message-ID": "filters mistrust letters without it",
    "MIME-Version": "without it the parts are shown as code (RFC 2045 §4)",
    "List-Unsubscribe": "Gmail and Yahoo ask bulk senders for it (RFC 2369)",
    "List-Unsubscribe-Post": "Gmail and Yahoo ask bulk senders for it (RFC 8058)",
}
_WISHED = {"List-Id": "readers filter by it (RFC 2919)", "Precedence": "it keeps holiday replies away"}
_ONCE = (*_NEEDED, "Reply-To", "List-Id", "Content-Type")


def header_rows(message: bytes) -> tuple[tuple[str, str], ...]:
    """Return the header fields of `message` in order, decoded."""
    parsed = message_from_bytes(message, policy=policy.default)
    return tuple((name, " ".join(str(value).split())) for name, value in parsed.items())


def wire_findings(specimen: Specimen) -> Iterator[Finding]:
    """Read the message back and hold it against the RFCs and against what was composed."""
    message = specimen.message
    parsed = message_from_bytes(message, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    yield from _of_fields(parsed, specimen)
    yield from _of_parts(parsed, specimen)
    yield from _of_lines(message)


def _found(level: Level, name: str, what: str, value: str = "", hint: str = "") -> Finding:
    return Finding(level, Topic.HEADERS, what, f"headers: {name}", said(value, 120), hint)


def _of_fields(parsed: EmailMessage, specimen: Specimen) -> Iterator[Finding]:
    for level, names in ((Level.ERROR, _NEEDED), (Level.NOTE, _WISHED)):
        for name, why in names.items():
            if name not in parsed:
                yield _found(level, name, f"There is no {name}: {why}.", hint="Add it.")
    for name in _ONCE:
        if len(parsed.get_all(name, [])) > 1:
            yield _found(Level.ERROR, name, f"{name} stands there more than once.", hint="Leave one.")
    told = dict(specimen.letter.headers)
    if (wanted := told.get("Subject", specimen.letter.subject)) and "Subject" in parsed:
        read = str(parsed["Subject"])
        if " ".join(read.split()) != " ".join(wanted.split()):
            yield _found(Level.ERROR, "Subject", "The subject reads back as another one.", read, f"It was “{wanted}”.")
    sender = parseaddr(str(parsed.get("From", "")))[1]
    if "From" in parsed and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", sender):
        yield _found(Level.ERROR, "From", "From has no address that can be answered.", sender, "Set publication.from.")
    if re.match(r"no-?reply|donotreply", sender, re.IGNORECASE) and "Reply-To" not in parsed:
        hint = "Set publication.reply_to: answers make mailboxes trust a sender."
        yield _found(Level.WARNING, "From", "Nobody can answer the letter.", sender, hint)
    if "Date" in parsed:
        try:
            parsedate_to_datetime(str(parsed["Date"]))
        except ValueError:
            yield _found(Level.ERROR, "Date", "Date is no date of RFC 5322.", str(parsed["Date"]), "Correct it.")
    message_id = str(parsed.get("Message-ID", ""))
    if message_id and not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", message_id.strip()):
        yield _found(Level.ERROR, "Message-ID", "Message-ID is not of the form <id@domain>.", message_id, "Correct it.")
    way_out = str(parsed.get("List-Unsubscribe", ""))
    if way_out and not way_out.startswith("<https://"):
        local = way_out.startswith(("<http://127.0.0.1", "<http://localhost"))
        level = Level.NOTE if local else Level.ERROR
        hint = "Set web.base_url to an https address before real people get it."
        yield _found(level, "List-Unsubscribe", "One-click unsubscribing needs https (RFC 8058 §3.1).", way_out, hint)
    post = str(parsed.get("List-Unsubscribe-Post", ONE_CLICK))
    if post != ONE_CLICK:
        yield _found(Level.ERROR, "List-Unsubscribe-Post", "The value is not as RFC 8058 has it.", post, ONE_CLICK)


def _of_parts(parsed: EmailMessage, specimen: Specimen) -> Iterator[Finding]:
    kinds = [part.get_content_type() for part in parsed.walk()]
    if kinds != ["multipart/alternative", "text/plain", "text/html"]:
        hint = "One multipart/alternative with the text first and the HTML last (RFC 2046 §5.1.4)."
        yield _found(Level.ERROR, "Content-Type", "The parts are not as they should be.", ", ".join(kinds), hint)
        return
    for defect in (defect for part in parsed.walk() for defect in part.defects):
        what = f"The message is malformed: {type(defect).__name__}."
        yield _found(Level.ERROR, "Content-Type", what, str(defect), "Look at the .eml file.")
    for part, wanted in zip(list(parsed.walk())[1:], (specimen.text, specimen.html), strict=True):
        kind = part.get_content_type()
        coding = str(part.get("Content-Transfer-Encoding", "7bit")).lower()
        if coding not in ("quoted-printable", "base64", "7bit"):
            what, hint = f"{kind} is {coding}, which not every server takes.", "Use quoted-printable."
            yield _found(Level.ERROR, "Content-Transfer-Encoding", what, coding, hint)
        assert isinstance(part, EmailMessage)
        if "".join(part.get_content().split()) != "".join(wanted.split()):
            yield _found(Level.ERROR, "Content-Type", f"{kind} reads back as something else.", hint="Report this.")


def _of_lines(message: bytes) -> Iterator[Finding]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", message):
        line = message[: re.search(rb"(?<!\r)\n|\r(?!\n)", message).start()].count(b"\n") + 1  # type: ignore[union-attr]  # it was found just above
        what, hint = "A line does not end with CRLF (RFC 5321 §2.3.8).", "DKIM breaks where a server mends it."
        yield Finding(Level.ERROR, Topic.HEADERS, what, f"message:{line}", "", hint)
    for number, line_ in enumerate(message.split(b"\n"), 1):
        if len(line_.rstrip(b"\r")) > _MOST_OCTETS:
            what = f"A line has {len(line_):,} octets; {_MOST_OCTETS} are allowed."
            value = said(line_[:80].decode("ascii", "replace"))
            yield Finding(Level.ERROR, Topic.HEADERS, what, f"message:{number}", value, "Encode the part.")
            break
    if not message.isascii():
        place = next(at for at, byte in enumerate(message) if byte > 127)
        what, hint = "The message is not all ASCII, so not every server takes it.", "Encode it."
        number = message.count(b"\n", 0, place) + 1
        yield Finding(Level.ERROR, Topic.HEADERS, what, f"message:{number}", "", hint)
