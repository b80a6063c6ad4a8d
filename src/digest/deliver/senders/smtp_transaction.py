"""One letter's way over one connection: what it needs, how far it is, and what was found out on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from digest.deliver.senders.smtp_replies import Reply
from digest.model import Addressed, Outcome

__all__ = ["Ask", "Findings", "Stage", "Transaction"]


@dataclass(slots=True, eq=False)
class Transaction:
    """One letter on its way to one reader."""

    addressed: Addressed
    sender: str  # of the envelope, in ASCII
    recipient: str  # of the envelope; outside ASCII only where the server offers SMTPUTF8
    message: bytes  # ends with CRLF; no line begins with a dot
    refusal: Reply | None = None  # the first of its commands' replies that was none of consent

    @property
    def delivery_id(self) -> str:
        return self.addressed.delivery.id

    def envelope(self) -> tuple[bytes, bytes]:
        """Return the commands MAIL and RCPT."""
        # RFC 6531 §3.4; what needs it has UTF-8 in its header To. All other messages are of 7 bits.
        needs = b"" if self.recipient.isascii() else b" SMTPUTF8 BODY=8BITMIME"
        return (
            b"MAIL FROM:<%b>%b\r\n" % (self.sender.encode("ascii"), needs),
            b"RCPT TO:<%b>\r\n" % self.recipient.encode("utf-8"),
        )


@dataclass(slots=True)
class Findings:
    """What the lines of a session have found out, until the session takes it away."""

    outcomes: list[Outcome] = field(default_factory=list)
    unbegun: list[Addressed] = field(default_factory=list)  # a kept connection ended before it looked at them
    sender_refused: str = ""  # a MAIL command and its reply: nobody's letter would be taken


class Stage(Enum):
    """How far a connection is with its letter."""

    IDLE = auto()  # between transactions
    ASKING = auto()  # the commands before the message were written
    WRITING = auto()  # the message is being written
    READY = auto()  # all but the end has left
    ENDED = auto()  # the end has left and was not answered; the next letter's commands may have followed it
    LEAVING = auto()  # QUIT was said
    CLOSED = auto()


class Ask(Enum):
    """What a reply is awaited to."""

    RSET = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    CHUNK = auto()  # BDAT without LAST
    END = auto()  # the final dot, or BDAT LAST
    QUIT = auto()

    def consents(self, reply: Reply) -> bool:
        """Whether the transaction can go on after `reply` (RFC 5321 §4.3.2)."""
        if self is Ask.DATA:
            return reply.code == 354
        return 250 <= reply.code <= 252 if self is Ask.RCPT else reply.code == 250
