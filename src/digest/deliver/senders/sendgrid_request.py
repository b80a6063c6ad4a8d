"""What SendGrid is asked: one request of POST /v3/mail/send as bytes.

The part that all readers share is built once with the official package and serialised once; each reader
adds a personalization. Two things differ from SMTP by SendGrid's rules:

    From, To, Subject, Reply-To    go as values and become headers there; Date is written there
    all other headers              ride in each personalization, where a name can't be lost to a doubtful
                                   merging of message-level and personal headers

Message-ID is not among the headers that SendGrid reserves, so the delivery's own is set; but what its
events call `smtp-id` may differ from it (django-anymail #108). So events are matched by the custom
argument `d` alone; `r` names the request, which settles its other readers too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digest.deliver.envelope import ONE_CLICK, encode_letter, list_unsubscribe, message_id
from digest.deliver.headers import ascii_address, parse_block, plain_line, split_mailbox
from digest.errors import DeliveryError
from digest.model import Addressed, Blank, Letter

__all__ = ["MAX_PERSONALIZATIONS", "LetterRequest", "encode_requests", "request_id"]

MAX_PERSONALIZATIONS = 1000  # of POST /v3/mail/send; also the limit of recipients in one request

# "You may not override the following headers" (the description of /v3/mail/send), and Date.
_RESERVED = frozenset(
    {"from", "to", "subject", "reply-to", "cc", "bcc", "content-type", "content-transfer-encoding"}
    | {"received", "dkim-signature", "x-sg-id", "x-sg-eid", "date"}
)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """A letter's share of every request."""

    sender: str  # the address of From, whose domain is that of Message-ID
    headers: Mapping[str, str]
    opening: bytes  # JSON up to where the personalizations begin
    tokens: tuple[tuple[str, Blank], ...]

    def body(self, readers: Sequence[Addressed]) -> bytes:
        """Return the JSON for `readers`, in their order: that of the error messages' `personalizations.N`."""
        named = request_id(readers)
        rows = [json.dumps(self._personalization(addressed, named)) for addressed in readers]
        return self.opening + ",".join(rows).encode("ascii") + b"]}"

    def _personalization(self, addressed: Addressed, named: str) -> dict[str, object]:
        delivery = addressed.delivery
        recipient = {"email": ascii_address(delivery.email) or ""}
        if name := _display_name(delivery.name):
            recipient["name"] = name
        # Links are short (envelope), so substitutions and custom arguments stay far below 10,000 bytes each.
        return {
            "to": [recipient],
            "headers": {
                **self.headers,
                "Message-ID": message_id(delivery.id, self.sender),
                "List-Unsubscribe": list_unsubscribe(addressed),
                "List-Unsubscribe-Post": ONE_CLICK,
            },
            "substitutions": {token: addressed.value(blank) for token, blank in self.tokens},
            "custom_args": {"d": delivery.id, "r": named},
        }


def encode_requests(letter: Letter, *, sandbox: bool) -> LetterRequest:
    """Encode what every request for `letter` shares.

    Raises:
        DeliveryError: the letter can't be encoded, or SendGrid would refuse it for every reader.
    """
    encoded = encode_letter(letter)  # also reads the headers back, so that nothing worse goes to the API
    values = {name.lower(): value for name, value in letter.headers}
    subject = _defused(values.get("subject", letter.subject))
    if not (subject and letter.text and letter.html):
        raise DeliveryError(f"{letter.edition_id}: SendGrid takes no letter without subject, text and HTML.")
    headers = {name: value for name, value in parse_block(encoded.headers) if name.lower() not in _RESERVED}
    shared = _shared(letter, values["from"], values.get("reply-to", ""), subject, sandbox=sandbox)
    opening = json.dumps(shared)[:-1].encode("ascii") + b',"personalizations":['
    return LetterRequest(encoded.sender, headers, opening, tuple((letter.token(blank), blank) for blank in Blank))


def request_id(readers: Sequence[Addressed]) -> str:
    """Return the name of a request: the same for the same deliveries."""
    told = "\n".join(sorted(addressed.delivery.id for addressed in readers))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _shared(letter: Letter, sender: str, reply_to: str, subject: str, *, sandbox: bool) -> dict[str, Any]:
    from sendgrid.helpers import mail as sg

    mail = sg.Mail()
    name, address = split_mailbox(sender)
    mail.from_email = sg.From(ascii_address(address), _defused(name) or None)
    if reply_to:
        name, address = split_mailbox(reply_to)
        mail.reply_to = sg.ReplyTo(ascii_address(address), _defused(name) or None)
    mail.subject = sg.Subject(subject)
    mail.content = [
        sg.Content("text/plain", _SURROGATE.sub("\ufffd", letter.text)),
        sg.Content("text/html", _SURROGATE.sub("\ufffd", letter.html)),
    ]
    mail.category = sg.Category(letter.edition_id.partition("/")[0][:255])
    # Subscription tracking would write its own List-Unsubscribe; the other two would rewrite our links.
    mail.tracking_settings = sg.TrackingSettings(
        click_tracking=sg.ClickTracking(False, False),
        open_tracking=sg.OpenTracking(False),
        subscription_tracking=sg.SubscriptionTracking(False),
        ganalytics=sg.Ganalytics(False),
    )
    if sandbox:
        mail.mail_settings = sg.MailSettings(sandbox_mode=sg.SandBoxMode(True))
    shared: dict[str, Any] = mail.get()
    return shared


def _display_name(name: str) -> str:
    """Return a reader's name; SendGrid does not quote "," and ";" in it by itself (sendgrid-python #291)."""
    line = _defused(name)
    if not {",", ";"} & set(line):
        return line
    quoted = line.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _defused(text: str) -> str:
    """Return one plain line that no one along the way can take for encoded-words."""
    return plain_line(text).replace("=?", "= ?")
