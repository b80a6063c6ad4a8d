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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from digest.deliver.envelope import ONE_CLICK, encode_letter, list_unsubscribe, message_id, require_writable
from digest.deliver.headers import ascii_address, parse_block, plain_line, split_mailbox
from digest.errors import DeliveryError, SubmitHalted
from digest.model import Addressed, Blank, Letter

__all__ = ["MAX_PERSONALIZATIONS", "MAX_REQUEST_BYTES", "LetterRequest", "Row", "encode_requests", "request_id"]

MAX_PERSONALIZATIONS = 1000  # of POST /v3/mail/send; also the limit of recipients in one request
# SendGrid documents 30 MB for attachments and 20 MB for a message; ours are far below.
MAX_REQUEST_BYTES = 2_000_000
# "may not exceed 10,000 bytes" for the custom arguments, and for the substitutions, of a personalization.
MAX_ARGUMENT_BYTES = 10_000

# "You may not override the following headers" (the description of /v3/mail/send), and Date.
_RESERVED = frozenset(
    {"from", "to", "subject", "reply-to", "cc", "bcc", "content-type", "content-transfer-encoding"}
    | {"received", "dkim-signature", "x-sg-id", "x-sg-eid", "date"}
)
_REQUEST_ID_CHARACTERS = 16
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One reader's personalization as JSON, up to where the id of the request stands in it."""

    delivery_id: str
    address: str  # in ASCII
    json: str


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """A letter's share of every request, and the fixed parts of every personalization. All is ASCII."""

    sender: str  # the address of From, whose domain is that of Message-ID
    opening: str  # JSON up to where the personalizations begin
    after_recipient: str  # up to the value of Message-ID
    tokens: tuple[tuple[str, Blank], ...]  # `"TOKEN":"`, to be followed by the link

    def row(self, addressed: Addressed, address: str) -> Row:
        """Return the personalization for one reader, whose address in ASCII is `address`.

        Only the name needs escaping: address, id and links are checked to hold nothing that JSON escapes.

        Raises:
            SubmitHalted: what we made for the reader, id or links, can't be written; so for all readers.
        """
        require_writable(addressed)
        delivery = addressed.delivery
        display_name = _display_name(delivery.name) if delivery.name else ""
        name = f'","name":{json.dumps(display_name)}' if display_name else '"'
        links = '",'.join([f"{token}{addressed.value(blank)}" for token, blank in self.tokens])
        argument_bytes = len(delivery.id) + _REQUEST_ID_CHARACTERS + len('{"d":"","r":""}')
        if argument_bytes > MAX_ARGUMENT_BYTES or len(links) + len('{"}') > MAX_ARGUMENT_BYTES:
            raise SubmitHalted(
                f"delivery {delivery.id[:80]}: its id or its links have more than the {MAX_ARGUMENT_BYTES} bytes that "
                "SendGrid takes. Look at web.base_url in config.toml."
            )
        return Row(
            delivery.id,
            address,
            f'{{"to":[{{"email":"{address}{name}{self.after_recipient}{message_id(delivery.id, self.sender)}'
            f'","List-Unsubscribe":"{list_unsubscribe(addressed)}","List-Unsubscribe-Post":"{ONE_CLICK}"}},'
            f'"substitutions":{{{links}"}},"custom_args":{{"d":"{delivery.id}","r":"',
        )

    def body(self, rows: Sequence[Row], named: str) -> bytes:
        """Return the JSON of the request `named` for `rows`, in their order: that of `personalizations.N` in errors."""
        end = f'{named}"}}}}'  # closes the custom arguments and the personalization
        pieces = [piece for row in rows for piece in (row.json, end, ",")]
        return "".join((self.opening, *pieces[:-1], "]}")).encode("ascii")


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
    shared = _shared(letter, values["from"], values.get("reply-to", ""), subject, sandbox=sandbox)
    opening = f'{json.dumps(shared)[:-1]},"personalizations":['
    if len(opening) > MAX_REQUEST_BYTES - MAX_ARGUMENT_BYTES:
        raise DeliveryError(
            f"{letter.edition_id}: the letter has {len(opening):,} bytes as JSON, and a request has room for "
            f"{MAX_REQUEST_BYTES - MAX_ARGUMENT_BYTES:,}. Shorten it."
        )
    headers = {name: value for name, value in parse_block(encoded.headers) if name.lower() not in _RESERVED}
    told = "".join(f"{json.dumps(name)}:{json.dumps(value)}," for name, value in headers.items())
    tokens = tuple((f'"{letter.token(blank)}":"', blank) for blank in Blank)
    return LetterRequest(encoded.sender, opening, f'}}],"headers":{{{told}"Message-ID":"', tokens)


def request_id(delivery_ids: Iterable[str]) -> str:
    """Return the name of a request: the same for the same deliveries."""
    told = "\n".join(sorted(delivery_ids))
    return hashlib.sha256(told.encode()).hexdigest()[:_REQUEST_ID_CHARACTERS]


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
    mail.category = sg.Category(_category(letter))
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


def _category(letter: Letter) -> str:
    """Return the section's key: at most 255 characters, and ASCII alone is taken."""
    return letter.edition_id.partition("/")[0][:255].encode("ascii", "replace").decode("ascii")


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
