"""Stops a delivery that goes wrong for everybody, before it has worn out the whole list.

Two rules, over all sessions of one edition:

- A server that doesn't like our sender address, our host or the letter itself says so at each reader
  (Postfix, for one, answers RCPT with what is wrong with MAIL). Until somebody has been accepted, such
  refusals are therefore kept back; when the first few all say the same, the edition is halted.
- After so many failures in a row it is halted too; an acceptance begins the count anew.

A refusal that speaks of the reader's own mailbox is that reader's. A company that closed leaves a run of
them in a sorted list, so they weigh less; but a hundred dead addresses in a row are a wrong import, and
submitting to it ruins a domain's name. An outage (no connection, 421, 429) is no failure: all batches meet
it within a moment, a relay that restarts would hold the edition, and the time until it is too late bounds it.

Nothing is raised, and no stream is left before its end: what a sender has in flight must still be told. Once
`halted_by` is set nothing more may be marked, and no refusal that comes in counts against its reader.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from digest.errors import SubmitHalted
from digest.model import DeliveryState, Outcome

__all__ = ["MAILBOXES_WEIGH", "SAME_REFUSALS", "Breaker"]

SAME_REFUSALS = 5
MAILBOXES_WEIGH = 5  # so many refusals of mailboxes count like one failure of another kind

# RFC 3463 §3.2 and §3.3: X.1.1 to X.1.3, X.1.6, X.1.10 and X.2.x are about the recipient's address and mailbox.
# What `envelope.unusable` finds was never submitted; SendGrid says in its own words that an address is none.
_ABOUT_READER = re.compile(
    r"\b[45]\.(1\.(1|2|3|6|10)|2\.\d+)\b|^The address can't be used|Does not contain a valid address"
)
_DIFFERS_BY_READER = re.compile(r"<[^<>\s]*>|\S+@\S+|\d{4,}")


class Breaker:
    """Watches the outcomes of one edition. Safe to use from several threads.

    `halted_by` says why the edition must pause, "" while it need not. `is_outage` tells that the last letter met one.

    Args:
        halt_after: So many failures in a row, at least 1.
        has_accepted: Whether anybody of the edition was accepted before.
    """

    def __init__(self, halt_after: int, *, has_accepted: bool) -> None:
        self.halted_by = ""
        self.is_outage = False
        self._halt_after = halt_after
        self._has_accepted = has_accepted
        self._lock = threading.Lock()
        self._failures = 0  # since the last acceptance
        self._of_mailboxes = 0  # of these

    def watched(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Yield the outcomes of one call of `Session.submit`, all of them, as they are to be recorded.

        What is kept back is yielded at the latest at the end, also when that is an exception.
        """
        kept: list[Outcome] = []
        before: Outcome | None = None
        try:
            for outcome in outcomes:
                if before is None or not _is_same_event(before, outcome):
                    self._count(outcome)
                before = outcome
                if self._is_suspect(outcome):
                    kept.append(outcome)
                    if len(kept) < SAME_REFUSALS:
                        continue
                    self._judge(kept)
                    outcome = kept.pop()
                yield from self._released(kept)
                yield _spared(outcome) if self.halted_by else outcome
        except SubmitHalted:
            yield from map(_spared, kept)
            raise
        except Exception:
            yield from self._released(kept)
            raise
        yield from self._released(kept)

    def _is_suspect(self, outcome: Outcome) -> bool:
        is_refusal = outcome.state is DeliveryState.REJECTED and not _ABOUT_READER.search(outcome.detail)
        return is_refusal and not self._has_accepted and not self.halted_by

    def _released(self, kept: list[Outcome]) -> Iterator[Outcome]:
        released = list(map(_spared, kept)) if self.halted_by else kept.copy()
        kept.clear()
        yield from released

    def _judge(self, refusals: Sequence[Outcome]) -> None:
        if len({_DIFFERS_BY_READER.sub("", refusal.detail) for refusal in refusals}) == 1:
            self._halt(
                f"The first {len(refusals)} readers were all refused alike: {refusals[-1].detail}. "
                "Look at the sender address, the server's rules and the letter."
            )

    def _count(self, outcome: Outcome) -> None:
        self.is_outage = _is_outage(outcome)
        if self.is_outage:
            return
        with self._lock:
            if outcome.state is DeliveryState.ACCEPTED:
                self._has_accepted = True
                self._failures = self._of_mailboxes = 0
                return
            self._failures += 1
            self._of_mailboxes += bool(_ABOUT_READER.search(outcome.detail))
            others = self._failures - self._of_mailboxes
            if others + self._of_mailboxes / MAILBOXES_WEIGH >= self._halt_after:
                look = "Is it the right list?" if self._of_mailboxes > others else "Look at the server and its log."
                self._halt(
                    f"{self._failures} letters in a row were not accepted, the last with: "
                    f"{outcome.detail or 'no words'}. {look}"
                )

    def _halt(self, why: str) -> None:
        self.halted_by = self.halted_by or why


def _is_outage(outcome: Outcome) -> bool:
    return outcome.state is DeliveryState.QUEUED and not outcome.costs_attempt


def _is_same_event(before: Outcome, outcome: Outcome) -> bool:
    """Return whether both tell of one request or one connection without an answer."""
    return outcome.state is before.state is DeliveryState.UNCERTAIN and outcome.detail == before.detail


def _spared(outcome: Outcome) -> Outcome:
    """Return `outcome` so that it costs its reader nothing, unless it is about their mailbox or no refusal."""
    is_refusal = outcome.state in (DeliveryState.REJECTED, DeliveryState.QUEUED)
    if not is_refusal or (outcome.state is DeliveryState.REJECTED and _ABOUT_READER.search(outcome.detail)):
        return outcome
    return replace(outcome, state=DeliveryState.QUEUED, costs_attempt=False)
