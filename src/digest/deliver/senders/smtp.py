"""The sender that speaks SMTP: one session, many connections, prebuilt bytes, the mark before the end.

    smtp_connection   greets, starts TLS, logs in; in threads of their own (`smtp_openings`)
    smtp_line         one connection: a letter, perhaps the next one's commands, and what each reply means
    smtp_pool         all connections, waited for together
    here              who is next, and whose letter's end may leave

Between two waits the ends of all letters that have become ready leave by one `mark`. So marks come in groups by
themselves: while the disk works for one group, the next becomes ready. Nothing is retried here but a letter whose
commands a kept connection has not looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

from digest.deliver.dkim import Signer
from digest.deliver.envelope import EncodedLetter, encode_letter, unusable
from digest.deliver.headers import ascii_address, wire_address
from digest.deliver.senders.smtp_line import Line
from digest.deliver.senders.smtp_outcomes import again
from digest.deliver.senders.smtp_pool import Pool
from digest.deliver.senders.smtp_transaction import Stage, Transaction
from digest.errors import DeliveryError, SubmitHalted, UnansweredError
from digest.model import Addressed, DeliveryState, Letter, Outcome
from digest.ports import Mark
from digest.settings import SmtpSettings

__all__ = ["SmtpSender", "SmtpSession"]

_UNKNOWN_IN_A_ROW = 3
# A withheld letter costs its transmission and the connection. So many together mean that work is being
# stopped rather than that each of them has just unsubscribed.
_WITHHELD_IN_A_ROW = 3
_ANSWERED = (DeliveryState.ACCEPTED, DeliveryState.REJECTED)


class SmtpSender:
    """Submits through one SMTP server.

    Args:
        settings: The server; TLS certificates are always verified.
        password: For `settings.username`; without both, no AUTH is tried.
        most_connections: Fewer than `settings.connections`, where the pace can't use as many: a letter
            that waits for its turn keeps a connection waiting.
        signers: The DKIM signatures that every message gets.

    Raises:
        DeliveryError: `settings.bounce_domain` is no domain.
    """

    name = "smtp"
    reaches_people = True
    batch_size = 1000  # at the end of a batch the connections run dry for a moment
    connections = 1  # sessions; each has all its connections itself

    def __init__(
        self,
        settings: SmtpSettings,
        password: str | None,
        *,
        most_connections: int | None = None,
        signers: Sequence[Signer] = (),
    ) -> None:
        if settings.bounce_domain and ascii_address(f"bounce@{settings.bounce_domain}") is None:
            raise DeliveryError(
                f"delivery.smtp.bounce_domain {settings.bounce_domain!r} is no domain. Write it as bounce.example.com."
            )
        self._settings = settings
        self._password = password
        self._signers = tuple(signers)
        self._most = max(1, min(settings.connections, most_connections or settings.connections))

    @contextmanager
    def open(self, letter: Letter) -> Iterator[SmtpSession]:
        """Encode `letter`; the first connection is made when the first reader is submitted.

        Raises:
            DeliveryError: the letter can't be encoded.
        """
        encoded = encode_letter(letter, self._signers)
        session = SmtpSession(self._settings, encoded, Pool(self._settings, self._password, self._most))
        try:
            yield session
        finally:
            session.close()


class SmtpSession:
    """One letter on the connections of `pool`."""

    def __init__(self, settings: SmtpSettings, encoded: EncodedLetter, pool: Pool) -> None:
        self._server = f"smtp {settings.host}:{settings.port}"
        self._most_transactions = settings.messages_per_connection
        self._bounce_domain = (ascii_address(f"bounce@{settings.bounce_domain}") or "").rpartition("@")[2]
        self._encoded = encoded
        self._pool = pool
        self._findings = pool.findings
        self._waiting: deque[Addressed] = deque()
        self._halted_by: SubmitHalted | None = None
        self._is_stopping = False  # nothing more may begin
        self._unknown = self._withheld = 0  # in a row, over all connections

    def submit(self, readers: Sequence[Addressed], mark: Mark) -> Generator[Outcome, None, None]:
        """Submit to several readers at a time, in their order; to no more, once `mark` withholds a few in a row.

        Whichever way this ends, no letter is half submitted then. When it is closed early, or `mark`
        fails, letters that were marked may have no outcome.

        Raises:
            SubmitHalted: the server can't be trusted, refuses us or our sender address, or gives no answers.
        """
        self._waiting = deque(readers)
        self._halted_by, self._is_stopping = None, False
        self._unknown = self._withheld = 0
        try:
            while True:
                self._feed()
                yield from self._told()
                if self._is_stopping:
                    self._pool.drop_unended()
                elif self._finish_ready(mark):
                    continue
                if self._pool.bury():
                    continue  # what a line could not begin is to be begun elsewhere
                if not self._pool.is_busy and (self._is_stopping or not self._waiting):
                    break
                self._pool.wait()
            if self._halted_by is not None:
                raise self._halted_by
        finally:
            self._waiting.clear()
            self._pool.drop_unfinished()

    def close(self) -> None:
        self._pool.close()

    def _feed(self) -> None:
        """Give each idle connection a letter, and have as many connections as there is work for."""
        findings = self._findings
        if findings.sender_refused:
            why = (
                f"{self._server} refuses the sender {findings.sender_refused}. "
                "Correct publication.from or the server's rules; the letters stay queued."
            )
            self._halt(SubmitHalted(why))
            findings.sender_refused = ""
        if findings.unbegun:
            self._waiting.extendleft(findings.unbegun)
            findings.unbegun = []
        if self._waiting and not self._is_stopping:
            self._open_more()
        for line in self._pool.in_stage(Stage.IDLE):
            if self._is_used_up(line):
                line.leave()
            elif (transaction := self._next(line)) is not None:
                line.begin(transaction)

    def _open_more(self) -> None:
        try:
            why = self._pool.open_more(len(self._waiting))
        except SubmitHalted as error:
            self._halted_by, self._is_stopping = error, True
            return
        if why:
            while self._waiting:
                self._findings.outcomes.append(again(self._waiting.popleft().delivery.id, why))

    def _told(self) -> Iterator[Outcome]:
        """Yield what has become known, and halt when the server leaves letter after letter unanswered."""
        outcomes, self._findings.outcomes = self._findings.outcomes, []
        for outcome in outcomes:
            if outcome.state is DeliveryState.UNCERTAIN:
                self._unknown += 1
            elif outcome.state in _ANSWERED:
                self._unknown = self._pool.fruitless = 0
            if self._unknown == _UNKNOWN_IN_A_ROW:
                why = (
                    f"{self._server} left {self._unknown} letters in a row without an answer ({outcome.detail}). "
                    "Look at the server's log; the other letters stay queued."
                )
                self._halt(UnansweredError(why))
            yield outcome

    def _finish_ready(self, mark: Mark) -> bool:
        """Let the ends of all ready letters leave, after one mark for them; return whether there were any."""
        ready = self._pool.in_stage(Stage.READY)
        if not ready:
            return False
        # Made now, so that nothing but the mark itself stands between the mark and the ends.
        following = [self._next(line) if line.has_pipelining else None for line in ready]
        ids = [line.delivery_id for line in ready]
        granted = mark(ids)
        for line, delivery_id in zip(ready, ids, strict=True):
            if delivery_id in granted:
                self._withheld = 0
                continue
            line.drop()
            self._withheld += 1
            self._is_stopping |= self._withheld == _WITHHELD_IN_A_ROW
        self._pool.look()  # a server that gave up meanwhile has accepted nothing, for certain
        for line, transaction in zip(ready, following, strict=True):
            if line.stage is Stage.READY:
                line.finish(transaction)
            elif transaction is not None:
                self._findings.unbegun.append(transaction.addressed)
        return True

    def _next(self, line: Line) -> Transaction | None:
        """Return the next letter, whole, for `line`, or None when none may begin there."""
        if self._is_used_up(line):
            return None
        while self._waiting and not self._is_stopping:
            addressed = self._waiting.popleft()
            delivery = addressed.delivery
            if why := unusable(delivery, smtputf8=line.has_smtputf8):
                self._findings.outcomes.append(Outcome(delivery.id, DeliveryState.REJECTED, detail=why))
                continue
            try:
                return self._transaction(addressed)
            except SubmitHalted as error:
                self._halted_by, self._is_stopping = error, True
        return None

    def _transaction(self, addressed: Addressed) -> Transaction:
        delivery = addressed.delivery
        message = self._encoded.message(addressed)
        recipient = wire_address(delivery.email, smtputf8=True)
        assert recipient is not None, "`unusable` has looked at it"
        sender = f"bounce+{delivery.id}@{self._bounce_domain}" if self._bounce_domain else self._encoded.sender
        return Transaction(addressed, sender, recipient, message)

    def _is_used_up(self, line: Line) -> bool:
        return line.begun >= self._most_transactions

    def _halt(self, error: SubmitHalted) -> None:
        self._halted_by = self._halted_by or error
        self._is_stopping = True
