"""One connection's mail transactions over a socket that does not block.

What a silence means depends on how far the letter had come:

    before its end has left   nothing was accepted (RFC 5321 §4.1.1.10: a server drops what is unfinished)
    after it                  only a reply tells; without one the delivery is UNCERTAIN

The end is the final dot, or BDAT LAST where the server offers CHUNKING (RFC 3030). Where it offers PIPELINING, the
end of a letter and the commands of the next leave in one write: RFC 2920 §3.1 allows message content to be the
first of a group.
"""

from __future__ import annotations

import math
import selectors
from collections import deque
from contextlib import suppress
from time import monotonic

from digest.deliver.senders.smtp_connection import Connection
from digest.deliver.senders.smtp_outcomes import outcome_of, refusal_of, told_error, uncertain, unfinished
from digest.deliver.senders.smtp_replies import Replies, Reply
from digest.deliver.senders.smtp_transaction import Ask, Findings, Stage, Transaction
from digest.deliver.senders.smtp_wire import Wire

__all__ = ["Line"]

# RFC 5321 §4.5.3.2.6 asks for 10 minutes after the dot, where giving up early makes duplicates or doubts.
FINAL_REPLY_FACTOR = 10


class Line:
    """A connection, registered with `selector` until it is closed.

    Args:
        timeout_seconds: The longest that one step may take; ten times that for the reply to the end of a letter.
        findings: Where outcomes are put as soon as they are known.
    """

    def __init__(
        self, connection: Connection, selector: selectors.BaseSelector, timeout_seconds: float, findings: Findings
    ) -> None:
        self.stage = Stage.IDLE
        self.deadline = math.inf  # of the step, by `time.monotonic`
        self.begun = 0  # transactions
        self.has_pipelining = connection.has_pipelining  # so another letter's commands may follow the end of one
        self.has_smtputf8 = connection.has_smtputf8
        self.is_fruitless = True  # the server has brought no transaction to its end
        self._wire = Wire(connection.socket, selector, self)
        self._timeout = timeout_seconds
        self._findings = findings
        self._has_chunking = connection.has_pipelining and connection.has_chunking
        self._end = b"BDAT 0 LAST\r\n" if self._has_chunking else b".\r\n"
        self._replies = Replies()
        self._awaited: deque[Ask] = deque()
        self._unasked: deque[tuple[Ask, bytes]] = deque()  # one by one, where there is no pipelining
        self._transaction: Transaction | None = None  # the one whose end has not left
        self._ended: Transaction | None = None  # the one whose end was not answered
        self._must_reset = False  # a refused transaction is still open at the server
        self._hear(connection.early)

    @property
    def is_closed(self) -> bool:
        return self.stage is Stage.CLOSED

    @property
    def is_busy(self) -> bool:
        return self._transaction is not None or self._ended is not None

    @property
    def delivery_id(self) -> str:
        """Whose letter is ready."""
        assert self._transaction is not None
        return self._transaction.delivery_id

    def begin(self, transaction: Transaction) -> None:
        """Begin a transaction on an idle line."""
        try:
            self._ask(transaction, b"")
        except OSError as error:
            self._hear_out(error)

    def finish(self, following: Transaction | None) -> None:
        """Let the end of a ready letter leave, and the commands of the following one with it."""
        self._ended, self._transaction = self._transaction, None
        self._awaited.append(Ask.END)
        self.stage = Stage.ENDED
        self._wire.has_taken = self._wire.is_tls  # where a record may have left in part
        try:
            if following is None:
                self._wire.write(self._end)
            else:
                self._ask(following, self._end)
        except OSError as error:
            self._lose(told_error(error))
        if self.stage is Stage.ENDED:
            self.deadline = monotonic() + self._timeout * FINAL_REPLY_FACTOR

    def attend(self) -> None:
        """Write what can be written and read what has come."""
        if self.is_closed:
            return
        try:
            self._wire.flush()
            if self.stage is Stage.WRITING:
                self._look_whether_ready()
            self._hear(self._wire.read())
        except OSError as error:
            self._hear_out(error)

    def give_up(self) -> None:
        """End a line whose server has let a deadline pass."""
        self._lose(f"no answer for {self._timeout * (FINAL_REPLY_FACTOR if self._ended else 1):g} seconds")

    def leave(self) -> None:
        """Say goodbye; the line is closed when that is answered (RFC 5321 §4.1.1.10)."""
        self.stage = Stage.LEAVING
        self._awaited.append(Ask.QUIT)
        self.deadline = monotonic() + self._timeout
        try:
            self._wire.write(b"QUIT\r\n")
        except OSError:
            self._close()

    def drop(self) -> None:
        """Close without a word, for a reason of ours; the server drops what is unfinished."""
        self.is_fruitless = False
        self._close()

    # --- what we say ------------------------------------------------------------------------------

    def _ask(self, transaction: Transaction, before: bytes) -> None:
        """Ask for a transaction, together with what has to leave before."""
        self.begun += 1
        self._transaction = transaction
        if self.stage is Stage.IDLE:
            self.stage = Stage.ASKING
        self.deadline = monotonic() + self._timeout
        mail, rcpt = transaction.envelope()
        if self._must_reset:
            self._must_reset = False
            if self.has_pipelining:
                before += b"RSET\r\n"
                self._awaited.append(Ask.RSET)
            else:
                self._unasked.append((Ask.RSET, b"RSET\r\n"))
        if self._has_chunking:
            self._awaited += (Ask.MAIL, Ask.RCPT, Ask.CHUNK)
            self._wire.write(
                b"%b%b%bBDAT %d\r\n%b" % (before, mail, rcpt, len(transaction.message), transaction.message)
            )
        elif self.has_pipelining:
            self._awaited += (Ask.MAIL, Ask.RCPT, Ask.DATA)
            self._wire.write(b"%b%b%bDATA\r\n" % (before, mail, rcpt))
        else:
            self._unasked += ((Ask.MAIL, mail), (Ask.RCPT, rcpt), (Ask.DATA, b"DATA\r\n"))
            self._ask_next()

    def _ask_next(self) -> None:
        ask, command = self._unasked.popleft()
        self._awaited.append(ask)
        self._wire.write(command)

    # --- what we hear -----------------------------------------------------------------------------

    def _hear(self, data: bytes) -> None:
        if not data:
            return
        for reply in self._replies.feed(data):
            if not self._awaited:
                self._interrupted(reply)
            else:
                ask = self._awaited.popleft()
                if ask is Ask.END:
                    self._settle(reply)
                elif ask is Ask.QUIT:
                    self._close()
                else:
                    self._step(ask, reply)
            if self.is_closed:
                return

    def _hear_out(self, error: OSError) -> None:
        """End a line that was cut. What its server said before that may tell why, such as 552 in mid-message."""
        with suppress(OSError):
            self._hear(self._wire.read())
        self._lose(told_error(error))

    def _settle(self, reply: Reply) -> None:
        """Take the reply to the end of a letter."""
        assert self._ended is not None
        self._findings.outcomes.append(outcome_of(self._ended.delivery_id, reply))
        self._ended = None
        self.is_fruitless = False
        if reply.code == 421 or not (reply.is_positive or reply.is_refusal):
            self._lose(str(reply))
        elif self._transaction is None:
            self._rest()
        else:
            self.stage = Stage.ASKING
            self.deadline = monotonic() + self._timeout

    def _step(self, ask: Ask, reply: Reply) -> None:
        """Take the reply to a command before the message."""
        transaction = self._transaction
        assert transaction is not None
        self.deadline = monotonic() + self._timeout
        if not ask.consents(reply) and transaction.refusal is None:
            if ask is Ask.RSET or reply.code == 421 or not reply.is_refusal:
                self._break_off(ask, reply)
                return
            transaction.refusal = reply
            if ask is Ask.MAIL and reply.code >= 500:
                self._findings.sender_refused = f"{transaction.sender}: {reply}"
        if transaction.refusal is not None and (self._unasked or not self._awaited):
            self._refuse(transaction, transaction.refusal, is_waiting=ask is Ask.DATA and reply.code == 354)
        elif self._unasked:
            self._ask_next()
        elif ask is Ask.DATA:
            self.stage = Stage.WRITING
            self._wire.write(transaction.message)
            self._look_whether_ready()
        elif ask is Ask.CHUNK:
            if not self._wire.is_written:  # an answer to what the server can't have read
                self._break_off(ask, reply)
                return
            self._look_whether_ready()

    def _look_whether_ready(self) -> None:
        if self._wire.is_written:
            self.stage = Stage.READY
            self.deadline = math.inf  # how long it has to wait for the mark is no business of the server's

    def _refuse(self, transaction: Transaction, refusal: Reply, *, is_waiting: bool) -> None:
        """End a transaction that was refused before its message."""
        self._unasked.clear()
        if not self._findings.sender_refused:
            self._findings.outcomes.append(refusal_of(transaction.delivery_id, refusal))
        self._transaction = None
        self.is_fruitless = False
        if is_waiting:
            # Pipelined, and the server wants the message although it refused its only recipient. An empty one
            # would end it too (RFC 2920 §3.1), and some server would deliver that.
            self._close()
        else:
            self._must_reset = True
            self._rest()

    def _break_off(self, ask: Ask, reply: Reply) -> None:
        """End a line whose server has had enough, or makes no sense."""
        transaction, self._transaction = self._transaction, None
        assert transaction is not None
        if self.begun > 1 and ask in (Ask.RSET, Ask.MAIL):
            self._findings.unbegun.append(transaction.addressed)
        else:
            self._findings.outcomes.append(refusal_of(transaction.delivery_id, reply))
        self._close()

    def _interrupted(self, reply: Reply) -> None:
        """Take a reply that was not asked for: 421 from a server that shuts down, 552 in mid-message."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            self._findings.outcomes.append(refusal_of(transaction.delivery_id, reply))
        self._close()

    def _lose(self, why: str) -> None:
        """End a line that was cut."""
        if self.is_closed:
            return
        if self._ended is not None and self._wire.has_taken:
            self._findings.outcomes.append(uncertain(self._ended.delivery_id, f"no answer after the final dot: {why}"))
        elif self._ended is not None:
            self._findings.outcomes.append(unfinished(self._ended.delivery_id, why))
        if (transaction := self._transaction) is not None:
            is_unread = any(ask in self._awaited for ask in (Ask.MAIL, Ask.RSET))
            if is_unread and self.begun > 1:
                self._findings.unbegun.append(transaction.addressed)
            else:
                self._findings.outcomes.append(unfinished(transaction.delivery_id, why))
        self._close()

    def _rest(self) -> None:
        self.stage = Stage.IDLE
        self.deadline = math.inf

    def _close(self) -> None:
        if self.stage is not Stage.CLOSED:
            self.stage = Stage.CLOSED
            self.deadline = math.inf
            self._wire.close()
        self._transaction = self._ended = None
