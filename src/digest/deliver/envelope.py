"""A letter as bytes: encoded once, then joined with what is one reader's own.

`encode_letter` does all the work that readers share and has the result read back by two parsers. A
reader's message is then those bytes with their four headers and their links in between. Nothing here
submits anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from digest.deliver.dkim import Signer, Signing, prepare_signing, require_aligned
from digest.deliver.headers import (
    ascii_address,
    encode_header,
    encode_mailbox,
    split_mailbox,
    verify_block,
    wire_address,
)
from digest.deliver.mime import Pieces, boundary_of, encode_body, quote_value
from digest.errors import DeliveryError, SubmitHalted
from digest.model import Addressed, Blank, Delivery, Letter

__all__ = [
    "ONE_CLICK",
    "EncodedLetter",
    "encode_letter",
    "list_unsubscribe",
    "message_id",
    "require_writable",
    "unusable",
]

ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058 §3.1: exactly this

READER_HEADERS = ("To", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post")
_BODY_HEADERS = ("MIME-Version", "Content-Type")
_OURS = frozenset(name.lower() for name in (*READER_HEADERS, *_BODY_HEADERS, "Content-Transfer-Encoding"))
_NEEDED = ("from", "date")

# What stands in a link of ours. "&" and quotes would need escaping in HTML, and only there.
_LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$()*+,;=%\[\]-]{1,900}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64})*")
# One reader's headers as they must come out, on lines of at most 998 octets; UTF-8 only in To (RFC 6532).
_READER_BLOCK = re.compile(
    rb"To: [ -~\x80-\xff]{1,990}(?:\r\n [!-~\x80-\xff][ -~\x80-\xff]{0,990})*\r\n"
    rb"Message-ID: <[!-;=?-~]{3,980}>\r\n"
    rb"List-Unsubscribe: <[!-;=?-~]{1,970}>\r\n"
    rb"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)


@dataclass(frozen=True, slots=True)
class EncodedLetter:
    """A letter's bytes but for its readers. All lines end with CRLF; none begins with a dot."""

    sender: str  # the address of From in ASCII, which is the envelope sender too
    headers: bytes  # the same for every reader
    opening: bytes  # the headers of the body, and the empty line
    pieces: Pieces
    signing: Signing | None = None

    def message(self, addressed: Addressed) -> bytes:
        """Return the whole message for one reader: printable ASCII in lines of at most 76 characters, but for links.

        An address whose local part is not ASCII stands in To as UTF-8, for servers with SMTPUTF8. The message
        can go into SMTP DATA as it is, followed by the final dot.

        Raises:
            DeliveryError: `unusable` has something to say of the delivery, SMTPUTF8 or not.
            SubmitHalted: what we made for the reader, id or links, can't be written; so for all readers.
        """
        links = {blank: _checked_link(addressed.value(blank)) for blank in Blank}
        own = self._reader_headers(addressed.delivery, links[Blank.UNSUBSCRIBE_URL])
        values = {blank: quote_value(link) for blank, link in links.items()}
        body = [values[piece] if isinstance(piece, Blank) else piece for piece in self.pieces]
        signatures = self.signing.fields(own, values) if self.signing else b""
        return b"".join((signatures, self.headers, own, self.opening, *body))

    def _reader_headers(self, delivery: Delivery, unsubscribe: str) -> bytes:
        told = (
            f"Message-ID: {message_id(delivery.id, self.sender)}\r\n"
            f"List-Unsubscribe: <{unsubscribe}>\r\nList-Unsubscribe-Post: {ONE_CLICK}\r\n"
        )
        block = encode_mailbox("To", delivery.name, delivery.email, smtputf8=True) + told.encode("ascii")
        if not _READER_BLOCK.fullmatch(block):
            raise SubmitHalted(f"delivery {delivery.id}: its headers do not read back. Nothing was submitted.")
        return block


def encode_letter(letter: Letter, signers: Sequence[Signer] = ()) -> EncodedLetter:
    """Encode `letter` for all its readers; each of `signers` signs every message.

    Raises:
        DeliveryError: a header is missing, twice there, not to be set in a letter, or can't be written; or a
            signer's domain is not aligned with From.
    """
    told = dict(letter.headers)
    values = {name.lower(): value for name, value in told.items()}
    for name in values:
        if name in _OURS:
            raise DeliveryError(f"{letter.edition_id}: the header {name} is written per reader. Take it out.")
    if len(values) < len(letter.headers):
        raise DeliveryError(f"{letter.edition_id}: a header stands twice in the letter. Take one out.")
    if missing := [name for name in _NEEDED if name not in values]:
        raise DeliveryError(f"{letter.edition_id}: the letter has no {' and no '.join(missing)} header. Add it.")
    if "subject" not in values:
        told["Subject"] = letter.subject
    headers = b"".join(encode_header(name, value) for name, value in told.items())
    boundary = boundary_of(letter).encode("ascii")
    opening = b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="%b"\r\n\r\n' % boundary
    block = headers + opening.removesuffix(b"\r\n")
    verify_block(block, (*told, *_BODY_HEADERS))
    address = ascii_address(split_mailbox(values["from"])[1])
    assert address is not None, "encode_header has refused a From without an address"
    pieces = encode_body(letter)
    signing = None
    if signers:
        require_aligned(signers, address)
        signing = prepare_signing(signers, block, pieces, _seconds(letter, values["date"]))
    return EncodedLetter(address, headers, opening, pieces, signing)


def message_id(delivery_id: str, sender: str) -> str:
    """Return the Message-ID of a delivery: the same at every attempt, another for every reader.

    Raises:
        SubmitHalted: the id can't stand in one.
    """
    if not _ID.fullmatch(delivery_id):
        raise SubmitHalted(f"delivery {delivery_id[:80]!r}: the id can't stand in a Message-ID.")
    return f"<{delivery_id}@{sender.rpartition('@')[2]}>"


def list_unsubscribe(addressed: Addressed) -> str:
    """Return the value of a reader's List-Unsubscribe header (RFC 2369 §3.2)."""
    return f"<{_checked_link(addressed.unsubscribe_url)}>"


def require_writable(addressed: Addressed) -> None:
    """Check what we made for a reader, for senders that mark before they write.

    Raises:
        SubmitHalted: the id or a link can't be written.
    """
    message_id(addressed.delivery.id, "")
    for blank in Blank:
        _checked_link(addressed.value(blank))


def unusable(delivery: Delivery, *, smtputf8: bool = False) -> str:
    """Return why nothing can be submitted for `delivery`, or "" when its address can be used.

    Args:
        smtputf8: The server takes local parts outside ASCII (RFC 6531).
    """
    if wire_address(delivery.email, smtputf8) is not None:
        return ""
    if wire_address(delivery.email, smtputf8=True) is not None:
        return "The address can't be used: what stands before the @ is not ASCII, and SMTPUTF8 is not offered."
    return "The address can't be used: not of the form name@domain, its domain in letters or IDNA."


def _seconds(letter: Letter, date: str) -> int:
    """Return the letter's date as seconds since 1970."""
    try:
        dated_at = parsedate_to_datetime(date)
    except ValueError:
        raise DeliveryError(
            f"{letter.edition_id}: Date {date[:60]!r} is no date of RFC 5322, and DKIM signs it. Correct it."
        ) from None
    return int((dated_at if dated_at.tzinfo else dated_at.replace(tzinfo=UTC)).timestamp())  # "-0000" has no zone


def _checked_link(url: str) -> str:
    if not _LINK.fullmatch(url):
        site = "/".join(url.split("/")[:3])[:80]  # what follows is the reader's own
        raise SubmitHalted(f"A link to {site!r} can't stand in a letter. Look at web.base_url in config.toml.")
    return url
