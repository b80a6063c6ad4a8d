"""The sender that speaks SMTP: one kept connection a session, prebuilt bytes, the mark before the dot.

`smtp_connection` connects, greets, starts TLS and logs in. The mail transaction is driven here, since what an
unanswered command means depends on how far it had come:

    before the final dot   nothing was accepted (RFC 5321 §4.1.1.10: a server drops what is unfinished)
    after the final dot    only a reply tells; without one the delivery is UNCERTAIN

Nothing is retried here but a transaction that a kept connection could not begin.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from digest.deliver.envelope import EncodedLetter, encode_letter, unusable
from digest.deliver.headers import ascii_address
from digest.deliver.senders.smtp_connection import connect, first_words
from digest.errors import SubmitHalted
from digest.model import Addressed, Delivery, DeliveryState, Letter, Outcome
from digest.ports import Mark
from digest.settings import SmtpSettings

__all__ = ["SmtpSender", "SmtpSession"]

RETRY_SECONDS = 60.0  # after a 4xx; greylisting commonly asks for a minute or more
RECONNECT_SECONDS = 30.0  # after a connection that failed
# RFC 5321 §4.5.3.2.6 asks for 10 minutes after the dot, where giving up early makes duplicates or doubts.
FINAL_REPLY_FACTOR = 10
_GOODBYE_SECONDS = 5.0
# A withheld letter costs its transmission and the connection. So many together mean that work is being
# stopped rather than that each of them has just unsubscribed.
_UNKNOWN_IN_A_ROW = 3
_WITHHELD_IN_A_ROW = 3
_DETAIL_CHARACTERS = 300

_QUEUE_ID = re.compile(r"(?:queued as |\bid=)<?([A-Za-z0-9._-]{4,80})", re.IGNORECASE)  # Postfix, Exim
Reply = tuple[int, str]


class SmtpSender:
    """Submits through one SMTP server.

    Args:
        settings: The server; TLS certificates are always verified.
        password: For `settings.username`; without both, no AUTH is tried.
    """

    name = "smtp"
    reaches_people = True
    batch_size = 100

    def __init__(self, settings: SmtpSettings, password: str | None) -> None:
        self._settings = settings
        self._password = password

    @property
    def connections(self) -> int:
        return self._settings.connections

    @contextmanager
    def open(self, letter: Letter) -> Iterator[SmtpSession]:
        """Encode `letter`; the connection is made when the first reader is submitted.

        Raises:
            DeliveryError: the letter can't be encoded.
        """
        session = SmtpSession(self._settings, self._password, encode_letter(letter))
        try:
            yield session
        finally:
            session.close()


class SmtpSession:
    """One letter on one connection."""

    def __init__(self, settings: SmtpSettings, password: str | None, encoded: EncodedLetter) -> None:
        self._settings = settings
        self._password = password
        self._encoded = encoded
        self._connection: smtplib.SMTP | None = None
        self._transactions = 0  # begun on this connection

    def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterable[Outcome]:
        """Submit to one reader after the other; none of the rest, once `mark` withholds several in a row.

        Raises:
            SubmitHalted: the server can't be trusted, refuses us or our sender address, or gives no answers.
        """
        withheld = unknown = 0
        for number, addressed in enumerate(readers):
            if why := unusable(addressed.delivery):
                yield Outcome(addressed.delivery.id, DeliveryState.REJECTED, detail=why)
                continue
            if why := self._connect():
                for waiting in readers[number:]:
                    yield _again(waiting.delivery, why, RECONNECT_SECONDS)
                return
            outcome = self._submit_one(addressed, mark)
            if outcome is not None:
                withheld = 0
                unknown = unknown + 1 if outcome.state is DeliveryState.UNCERTAIN else 0
                yield outcome
                if unknown == _UNKNOWN_IN_A_ROW:
                    raise SubmitHalted(
                        f"smtp {self._settings.host}:{self._settings.port} left {unknown} letters in a row without an "
                        f"answer ({outcome.detail}). Look at the server's log; the other letters stay queued."
                    )
                continue
            withheld += 1
            if withheld == _WITHHELD_IN_A_ROW:
                return

    def close(self) -> None:
        """Say goodbye where that is possible."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                if connection.sock is not None:
                    connection.sock.settimeout(min(_GOODBYE_SECONDS, self._settings.timeout_seconds))
                connection.quit()
            connection.close()

    def _connect(self) -> str:
        """Have a connection; return "" or why there is none now."""
        if self._connection is not None:
            return ""
        try:
            self._connection = connect(self._settings, self._password)
        except smtplib.SMTPResponseException as error:
            return f"{error.smtp_code} {first_words(error.smtp_error)}"
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            return f"no connection: {error}"[:_DETAIL_CHARACTERS]
        self._transactions = 0
        return ""

    def _drop(self) -> None:
        """End the connection without a word, so that the server drops an unfinished transaction."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _submit_one(self, addressed: Addressed, mark: Mark) -> Outcome | None:
        delivery = addressed.delivery
        message = self._encoded.message(addressed)
        try:
            refused = self._begin(delivery)
            if refused is None:
                assert self._connection is not None
                self._connection.send(message)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return _again(delivery, f"before the message was complete: {error}", RECONNECT_SECONDS)
        if refused is not None:
            return self._refused(delivery, refused)
        try:
            may_leave = delivery.id in mark([delivery.id])
        except BaseException:
            self._drop()
            raise
        if may_leave:
            return self._finish(delivery)
        self._drop()
        return None

    def _begin(self, delivery: Delivery) -> Reply | None:
        """Bring the transaction to where the message is wanted; return the reply that refuses it.

        Raises:
            SubmitHalted: the sender address is refused, so every reader would be.
        """
        reply = self._mail_from()
        if reply[0] >= 500:
            self.close()
            raise SubmitHalted(
                f"smtp {self._settings.host}:{self._settings.port} refuses the sender {self._encoded.sender}: "
                f"{reply[0]} {reply[1]}. Correct publication.from or the server's rules; the letters stay queued."
            )
        if reply[0] != 250:
            return reply
        reply = self._ask(f"RCPT TO:<{ascii_address(delivery.email)}>")
        if not 250 <= reply[0] <= 252:
            return reply
        reply = self._ask("DATA")
        return None if reply[0] == 354 else reply

    def _mail_from(self) -> Reply:
        """Open a transaction, on a new connection when the kept one has been closed or has had enough."""
        command = f"MAIL FROM:<{self._encoded.sender}>"
        is_kept = self._transactions > 0
        try:
            reply = self._ask(command)
        except (smtplib.SMTPServerDisconnected, OSError):
            if not is_kept:
                raise
            reply = (421, "")
        if reply[0] == 421 and is_kept:
            self._drop()
            if why := self._connect():
                raise smtplib.SMTPServerDisconnected(why)
            reply = self._ask(command)
        self._transactions += 1
        return reply

    def _refused(self, delivery: Delivery, reply: Reply) -> Outcome:
        """Tell what a refusal before the message means, and make the connection ready for the next reader."""
        is_refusal = 400 <= reply[0] < 600
        try:
            if reply[0] == 421 or not is_refusal or self._ask("RSET")[0] != 250:
                self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()
        return _outcome(delivery, reply) if is_refusal else _again(delivery, f"{reply[0]} {reply[1]}", RETRY_SECONDS)

    def _finish(self, delivery: Delivery) -> Outcome:
        """Send the final dot and wait for what becomes of it."""
        assert self._connection is not None and self._connection.sock is not None
        try:
            self._connection.sock.settimeout(self._settings.timeout_seconds * FINAL_REPLY_FACTOR)
            self._connection.send(b".\r\n")
            reply = self._reply()
            self._connection.sock.settimeout(self._settings.timeout_seconds)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Outcome(
                delivery.id,
                DeliveryState.UNCERTAIN,
                detail=f"no answer after the final dot: {error}"[:_DETAIL_CHARACTERS],
            )
        if not 200 <= reply[0] < 600 or reply[0] == 421:
            self._drop()
        return _outcome(delivery, reply)

    def _ask(self, command: str) -> Reply:
        assert self._connection is not None
        self._connection.putcmd(command)
        return self._reply()

    def _reply(self) -> Reply:
        assert self._connection is not None
        code, words = self._connection.getreply()
        return code, first_words(words)


def _outcome(delivery: Delivery, reply: Reply) -> Outcome:
    code, words = reply
    detail = f"{code} {words}"[:_DETAIL_CHARACTERS]
    if 200 <= code < 300:
        found = _QUEUE_ID.search(words)
        return Outcome(delivery.id, DeliveryState.ACCEPTED, found[1] if found else "", detail)
    if 400 <= code < 500:
        return _again(delivery, detail, RETRY_SECONDS, costs_attempt=code != 421)  # 421 speaks of the server
    if 500 <= code < 600:
        return Outcome(delivery.id, DeliveryState.REJECTED, detail=detail)
    return Outcome(delivery.id, DeliveryState.UNCERTAIN, detail=f"an answer that is none: {detail}")


def _again(delivery: Delivery, why: str, seconds: float, *, costs_attempt: bool = False) -> Outcome:
    return Outcome(
        delivery.id,
        DeliveryState.QUEUED,
        detail=why[:_DETAIL_CHARACTERS],
        retry_after_seconds=seconds,
        costs_attempt=costs_attempt,
    )
