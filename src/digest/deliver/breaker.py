"""Stops a delivery that is refused for everybody's sake, before it has rejected the whole list.

A server that doesn't like our sender address, our host or the letter itself says so at each reader
(Postfix, for one, answers RCPT with what is wrong with MAIL). Until somebody has been accepted, such
refusals are therefore kept back; when the first few all say the same, the edition is halted with the
letters still queued. What speaks of the reader's own mailbox is a refusal of that reader at once.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace

from digest.errors import SubmitHalted
from digest.model import DeliveryState, Outcome

__all__ = ["SAME_REFUSALS", "watched"]

SAME_REFUSALS = 5
# RFC 3463 §3.2 and §3.3: X.1.1 to X.1.3, X.1.6, X.1.10 and X.2.x are about the recipient's address and mailbox.
_ABOUT_READER = re.compile(r"\b5\.(1\.(1|2|3|6|10)|2\.\d+)\b")
_DIFFERS_BY_READER = re.compile(r"<[^<>\s]*>|\S+@\S+|\d{4,}")


def watched(outcomes: Iterable[Outcome], has_accepted: threading.Event) -> Iterator[Outcome]:
    """Yield the outcomes; `has_accepted` is set by the first acceptance, of any session.

    Raises:
        SubmitHalted: the first refusals all say the same, and nobody was accepted.
    """
    kept: list[Outcome] = []
    for outcome in outcomes:
        if outcome.state is DeliveryState.ACCEPTED:
            has_accepted.set()
        is_suspect = outcome.state is DeliveryState.REJECTED and not _ABOUT_READER.search(outcome.detail)
        if not is_suspect or has_accepted.is_set():
            yield from kept
            kept.clear()
            yield outcome
            continue
        kept.append(outcome)
        if len(kept) < SAME_REFUSALS:
            continue
        if len({_DIFFERS_BY_READER.sub("", refusal.detail) for refusal in kept}) == 1:
            yield from (replace(refusal, state=DeliveryState.QUEUED, costs_attempt=False) for refusal in kept)
            raise SubmitHalted(
                f"The first {SAME_REFUSALS} readers were all refused alike: {outcome.detail}. "
                "Look at the sender address, the server's rules and the letter."
            )
        yield from kept
        kept.clear()
    yield from kept
