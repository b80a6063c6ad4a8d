"""The connections of one session: opened as they are needed, waited for together, ended by their deadlines.

Which letter goes where is not known here.
"""

from __future__ import annotations

import math
import selectors
from functools import partial
from time import monotonic

from digest.deliver.senders.smtp_connection import connect, trusted_roots
from digest.deliver.senders.smtp_line import Line
from digest.deliver.senders.smtp_openings import Openings
from digest.deliver.senders.smtp_outcomes import RECONNECT_SECONDS
from digest.deliver.senders.smtp_transaction import Findings, Stage
from digest.settings import SmtpSettings

__all__ = ["Pool"]

_GOODBYE_SECONDS = 5.0
_FRUITLESS_IN_A_ROW = 5  # connections that ended before any letter was answered: the server wants to be left alone
_LETTERS_FOR_ONE_MORE = 10  # that wait, for each connection after the first
_STEPS_OF_OPENING = 8  # connect, greeting, EHLO, STARTTLS, EHLO, AUTH in three: each may take the time of a step
_GONE = (Stage.LEAVING, Stage.CLOSED)


class Pool:
    """Up to `most` connections to one server."""

    def __init__(self, settings: SmtpSettings, password: str | None, most: int) -> None:
        self.findings = Findings()
        self.lines: list[Line] = []
        self.fruitless = 0  # connections in a row
        self._most = most
        self._timeout = settings.timeout_seconds
        self._selector = selectors.DefaultSelector()
        self._openings = Openings(partial(connect, settings, password, trusted_roots(settings)), self._selector)
        self._has_opened = False
        self._opening_until = 0.0
        self._open_more_at = 0.0  # not sooner, after one could not be had
        self._look_at = 0.0  # no deadline passes before this moment

    @property
    def is_busy(self) -> bool:
        """Whether any letter is on its way."""
        return any(line.is_busy for line in self.lines)

    def in_stage(self, stage: Stage) -> list[Line]:
        return [line for line in self.lines if line.stage is stage]

    def wait(self) -> None:
        """Wait until something has come, gone or passed its deadline."""
        self._attend(max(0.0, self._look_at - monotonic()))
        if (now := monotonic()) >= self._look_at:
            for line in self.lines:
                if line.deadline <= now:
                    line.give_up()
            # Deadlines are set a time-out ahead at least, so none that is set later comes before this.
            self._look_at = min((line.deadline for line in self.lines), default=math.inf)
            self._look_at = min(self._look_at, now + self._timeout)

    def look(self) -> None:
        """Take note of what has come, without waiting."""
        self._attend(0.0)

    def open_more(self, waiting: int) -> str:
        """Begin to open as many connections as so many waiting letters need; return why none can be had, or "".

        Raises:
            SubmitHalted: the server can't be trusted, or refuses us for good.
        """
        self._adopt()
        self.bury()  # so that a connection which has just ended counts before another is opened in its place
        now = monotonic()
        usable = sum(line.stage not in _GONE for line in self.lines)
        pending = self._openings.pending
        why, self._openings.failure = self._openings.failure, ""
        if why:
            self._open_more_at = now + RECONNECT_SECONDS
        elif pending and now >= self._opening_until:
            why, pending = "no connection: the server takes too long to greet us", 0
            self._openings.pending = 0
        if self.fruitless >= _FRUITLESS_IN_A_ROW:
            why, self.fruitless = f"{self.fruitless} connections in a row ended before any letter was answered", 0
            return why
        if why and not usable and not pending:
            return why
        if not usable + pending:
            self._open(1, now)
        elif self._has_opened and usable + pending < self._most and now >= self._open_more_at:
            self._open(min(self._most, 1 + waiting // _LETTERS_FOR_ONE_MORE) - usable - pending, now)
        return ""

    def bury(self) -> bool:
        """Forget the closed lines; return whether there were any."""
        closed = self.in_stage(Stage.CLOSED)
        if closed:
            self.fruitless += sum(line.is_fruitless for line in closed)
            self.lines = [line for line in self.lines if line.stage is not Stage.CLOSED]
        return bool(closed)

    def drop_unended(self) -> None:
        """Close the connections that have a letter whose end has not left; those that wait for an answer stay."""
        for line in self.lines:
            if line.is_busy and line.stage is not Stage.ENDED:
                line.drop()

    def drop_unfinished(self) -> None:
        """Close the connections that have a letter."""
        for line in self.lines:
            if line.is_busy:
                line.drop()

    def close(self) -> None:
        """Say goodbye on all connections at once, where that is possible."""
        for line in self.in_stage(Stage.IDLE):
            line.leave()
        until = monotonic() + min(_GOODBYE_SECONDS, self._timeout)
        while self.in_stage(Stage.LEAVING) and (left := until - monotonic()) > 0:
            self._attend(left)
        for line in self.lines:
            line.drop()
        self._openings.close()
        self._selector.close()

    def _attend(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            key.data.attend()

    def _open(self, count: int, now: float) -> None:
        for _ in range(count):
            self._openings.start()
        if count > 0:
            self._opening_until = now + self._timeout * _STEPS_OF_OPENING

    def _adopt(self) -> None:
        """Make lines of the connections that have been opened."""
        if self._openings.error is not None:
            error, self._openings.error = self._openings.error, None
            raise error
        while self._openings.opened:
            self._has_opened = True
            self.lines.append(Line(self._openings.opened.pop(0), self._selector, self._timeout, self.findings))
