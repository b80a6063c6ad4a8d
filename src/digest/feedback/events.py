"""The body of SendGrid's event webhook: a JSON list of events → what each says about a delivery.

    processed, deferred           accepted: it was taken, and is on its way
    delivered                     delivered
    bounce, dropped               bounced; a bad address is suppressed, a block by the other side is not
    spamreport                    complained, and suppressed
    unsubscribe, group_…          accepted, and the reader leaves the section
    open, click, and the rest     not kept: nobody agreed to being watched

Only the custom arguments name a delivery: `d` its id, `r` the request's. What has no `d` is about other mail
of the same account. https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from digest.model import DeliveryState
from digest.store.events import Event

__all__ = ["STATES", "MalformedPostError", "Post", "Told", "read_post"]

STATES = {
    "processed": DeliveryState.ACCEPTED,
    "deferred": DeliveryState.ACCEPTED,
    "unsubscribe": DeliveryState.ACCEPTED,
    "group_unsubscribe": DeliveryState.ACCEPTED,
    "delivered": DeliveryState.DELIVERED,
    "bounce": DeliveryState.BOUNCED,
    "dropped": DeliveryState.BOUNCED,
    "spamreport": DeliveryState.COMPLAINED,
}
"""The kinds of events that are kept, and where each puts a delivery."""

# "dropped" says which of the account's own lists an address is on.
_DROPPED_SUPPRESSIONS = {
    "bounced address": "bounced",
    "invalid": "bounced",
    "spam reporting address": "complained",
}
_DROPPED_UNSUBSCRIBED = "unsubscribed address"
_UNSUBSCRIBING = frozenset({"unsubscribe", "group_unsubscribe"})

_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")
_REQUEST = re.compile(r"[0-9A-Za-z_-]{1,64}")
_PROVIDER_ID = re.compile(r"[!-~]{1,120}")
_LAST_SECOND = 9_999_999_999  # ten digits, as a timestamp has until 2286
_LONGEST_DETAIL = 500


class MalformedPostError(ValueError):
    """The body is no list of events."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and what follows for the reader: the reason of a suppression, and leaving the section."""

    event: Event
    suppression: str = ""
    unsubscribes: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """What one post tells. `unusable` counts what names a delivery and can't be understood."""

    told: tuple[Told, ...]
    unusable: int = 0


def read_post(body: bytes) -> Post:
    """Read a post's body, in the order in which it tells.

    Raises:
        MalformedPostError: it is no JSON list of objects, or nothing of what it says on deliveries can be understood.
    """
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedPostError("the body is not JSON") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MalformedPostError("the body is not a list of events")
    told: list[Told] = []
    unusable = 0
    for row in rows:
        if "d" not in row or (isinstance(row.get("event"), str) and row["event"] not in STATES):
            continue
        read = _read(row)
        if read is None:
            unusable += 1
        else:
            told.append(read)
    if unusable and not told:
        raise MalformedPostError(f"none of its {unusable} events on deliveries has an id, a kind and a time")
    return Post(tuple(told), unusable)


def _read(row: dict[str, Any]) -> Told | None:
    delivery_id, kind, second = row["d"], row.get("event"), row.get("timestamp")
    if not isinstance(delivery_id, str) or not _ID.fullmatch(delivery_id) or not isinstance(kind, str):
        return None
    if type(second) is not int or not 0 <= second <= _LAST_SECOND:
        return None
    event = Event(
        key=_key(delivery_id, kind, second, row.get("url")),
        delivery_id=delivery_id,
        kind=kind,
        at=datetime.fromtimestamp(second, UTC),
        provider_id=_matching(_PROVIDER_ID, row.get("sg_event_id")) or None,
        request_id=_matching(_REQUEST, row.get("r")),
        detail=_words(row),
    )
    return Told(event, _suppression(kind, row), _unsubscribes(kind, row))


def _key(delivery_id: str, kind: str, second: int, url: object) -> str:
    """Return what an event is known by when it comes again: `sg_event_id` may differ then (sendgrid-nodejs #1435)."""
    told = f"{delivery_id}\n{kind}\n{second}\n{url or ''}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _suppression(kind: str, row: dict[str, Any]) -> str:
    if kind == "spamreport":
        return "complained"
    if kind == "bounce":  # "blocked" is the other side's refusal of this letter, not of the address
        return "bounced" if row.get("type") == "bounce" else ""
    return _DROPPED_SUPPRESSIONS.get(_reason(row), "") if kind == "dropped" else ""


def _unsubscribes(kind: str, row: dict[str, Any]) -> bool:
    return kind in _UNSUBSCRIBING or (kind == "dropped" and _reason(row) == _DROPPED_UNSUBSCRIBED)


def _reason(row: dict[str, Any]) -> str:
    return str(row.get("reason", "")).strip().lower()


def _matching(pattern: re.Pattern[str], value: object) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _words(row: dict[str, Any]) -> str:
    """Return the provider's words, without what a text column refuses."""
    words = " ".join(str(row.get("reason") or row.get("response") or "").split())
    return words[:_LONGEST_DETAIL].encode("utf-8", "replace").decode().replace("\0", "\ufffd")
