"""A letter as bytes: encoded once, then joined with what is one reader's own.

`encode_letter` does all the work that readers share and has the result read back by two parsers. A
reader's message is then those bytes with their four headers and their links in between. Nothing here
submits anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.deliver.headers import (
    ascii_address,
    encode_header,
    encode_mailbox,
    parse_block,
    split_mailbox,
    verify_block,
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


@dataclass(frozen=True, slots=True)
class EncodedLetter:
    """A letter's bytes but for its readers. All lines end with CRLF; none begins with a dot."""

    sender: str  # the address of From in ASCII, which is the envelope sender too
    headers: bytes  # the same for every reader
    opening: bytes  # the headers of the body, and the empty line
    pieces: Pieces

    def message(self, addressed: Addressed) -> bytes:
        """Return the whole message for one reader: printable ASCII in lines of at most 76 characters, but for links.

        It can go into SMTP DATA as it is, followed by the final dot.

        Raises:
            DeliveryError: `unusable` has something to say of the delivery.
            SubmitHalted: what we made for the reader, id or links, can't be written; so for all readers.
        """
        values = {blank: quote_value(_checked_link(addressed.value(blank))) for blank in Blank}
        body = [values[piece] if isinstance(piece, Blank) else piece for piece in self.pieces]
        return b"".join((self.headers, self._reader_headers(addressed), self.opening, *body))

    def _reader_headers(self, addressed: Addressed) -> bytes:
        delivery = addressed.delivery
        block = b"%bMessage-ID: %b\r\nList-Unsubscribe: %b\r\nList-Unsubscribe-Post: %b\r\n" % (
            encode_mailbox("To", delivery.name, delivery.email),
            message_id(delivery.id, self.sender).encode("ascii"),
            list_unsubscribe(addressed).encode("ascii"),
            ONE_CLICK.encode("ascii"),
        )
        if tuple(name for name, _ in parse_block(block)) != READER_HEADERS:
            raise SubmitHalted(f"delivery {delivery.id}: its headers do not read back. Nothing was submitted.")
        return block


def encode_letter(letter: Letter) -> EncodedLetter:
    """Encode `letter` for all its readers.

    Raises:
        DeliveryError: a header is missing, twice there, not to be set in a letter, or can't be written.
    """
    told = dict(letter.headers)
    names = [name.lower() for name in told]
    for name in names:
        if name in _OURS:
            raise DeliveryError(f"{letter.edition_id}: the header {name} is written per reader. Take it out.")
    if len(set(names)) < len(letter.headers):
        raise DeliveryError(f"{letter.edition_id}: a header stands twice in the letter. Take one out.")
    if missing := [name for name in _NEEDED if name not in names]:
        raise DeliveryError(f"{letter.edition_id}: the letter has no {' and no '.join(missing)} header. Add it.")
    if "subject" not in names:
        told["Subject"] = letter.subject
    headers = b"".join(encode_header(name, value) for name, value in told.items())
    boundary = boundary_of(letter)
    opening = b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="%b"\r\n\r\n' % boundary.encode(
        "ascii"
    )
    verify_block(headers + opening[:-2], (*told, *_BODY_HEADERS))
    address = ascii_address(split_mailbox(next(value for name, value in told.items() if name.lower() == "from"))[1])
    assert address is not None, "encode_header has refused a From without an address"
    return EncodedLetter(address, headers, opening, encode_body(letter))


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


def unusable(delivery: Delivery) -> str:
    """Return why nothing can be submitted for `delivery`, or "" when its address can be used."""
    if ascii_address(delivery.email) is None:
        return "The address can't be used: not of the form name@domain in ASCII, its domain in letters or IDNA."
    return ""


def _checked_link(url: str) -> str:
    if not _LINK.fullmatch(url):
        site = "/".join(url.split("/")[:3])[:80]  # what follows is the reader's own
        raise SubmitHalted(f"A link to {site!r} can't stand in a letter. Look at web.base_url in config.toml.")
    return url
