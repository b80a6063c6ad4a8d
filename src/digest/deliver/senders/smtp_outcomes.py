"""What became of a letter, from a reply or from the lack of one."""

from __future__ import annotations

import re

from digest.deliver.senders.smtp_replies import Reply
from digest.model import DeliveryState, Outcome

__all__ = [
    "RECONNECT_SECONDS",
    "RETRY_SECONDS",
    "again",
    "outcome_of",
    "refusal_of",
    "told_error",
    "uncertain",
    "unfinished",
]

RETRY_SECONDS = 60.0  # after a 4xx; greylisting commonly asks for a minute or more
RECONNECT_SECONDS = 30.0  # after a connection that failed
_DETAIL_CHARACTERS = 300

_QUEUE_ID = re.compile(r"(?:queued as |\bid=)<?([A-Za-z0-9._-]{4,80})", re.IGNORECASE)  # Postfix, Exim


def outcome_of(delivery_id: str, reply: Reply) -> Outcome:
    """Return what the reply to the end of a letter says of it."""
    if reply.is_positive:
        words = reply.words
        found = _QUEUE_ID.search(words)
        return Outcome(
            delivery_id,
            DeliveryState.ACCEPTED,
            found[1] if found else "",
            f"{reply.code} {words}"[:_DETAIL_CHARACTERS],
        )
    if reply.is_refusal:
        return refusal_of(delivery_id, reply)
    return uncertain(delivery_id, f"an answer that is none: {reply}")


def refusal_of(delivery_id: str, reply: Reply) -> Outcome:
    """Return what a reply means that refused a letter, or made no sense, before its end had left."""
    if reply.code >= 500:
        return Outcome(delivery_id, DeliveryState.REJECTED, detail=str(reply)[:_DETAIL_CHARACTERS])
    # 421 speaks of the server, not of the reader; so does what is no refusal.
    return again(delivery_id, str(reply), RETRY_SECONDS, costs_attempt=reply.is_refusal and reply.code != 421)


def uncertain(delivery_id: str, why: str) -> Outcome:
    """Return that the letter may have been accepted."""
    return Outcome(delivery_id, DeliveryState.UNCERTAIN, detail=why[:_DETAIL_CHARACTERS])


def again(delivery_id: str, why: str, seconds: float = RECONNECT_SECONDS, *, costs_attempt: bool = False) -> Outcome:
    """Return that the letter was not accepted and can be tried in so many seconds."""
    return Outcome(
        delivery_id,
        DeliveryState.QUEUED,
        detail=why[:_DETAIL_CHARACTERS],
        retry_after_seconds=seconds,
        costs_attempt=costs_attempt,
    )


def unfinished(delivery_id: str, why: str) -> Outcome:
    """Return that the connection ended before the letter was complete."""
    return again(delivery_id, f"before the message was complete: {why}")


def told_error(error: OSError) -> str:
    """Return the system's words for an error, or at least its name."""
    return error.strerror or str(error) or type(error).__name__
