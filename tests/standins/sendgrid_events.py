"""SendGrid's event webhook: makes events of what the stand-in took, signs them, and posts them.

    account = EventAccount()
    account.post(url, events_of(server.taken))

Field names and values are those of https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.standins.sendgrid import TakenLetter

__all__ = ["EventAccount", "an_event", "events_of", "post_bodies"]

_MOST_BYTES = 768 * 1024  # then a post leaves
_numbers = itertools.count(1)


class EventAccount:
    """An account whose event webhook is signed with a key of its own."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self) -> str:
        """As SendGrid shows it."""
        told = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(told).decode()

    def headers(self, body: bytes, timestamp: str | None = None) -> dict[str, str]:
        """Return the headers that `body` is posted with; by default of now."""
        stamp = timestamp if timestamp is not None else str(int(time.time()))
        signature = self._key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "Content-Type": "application/json;charset=utf-8",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }

    def post(self, url: str, events: Sequence[dict[str, Any]]) -> list[httpx.Response]:
        """Post `events` in as many posts as the real one would make of them."""
        with httpx.Client(trust_env=False, timeout=30) as client:
            return [client.post(url, content=body, headers=self.headers(body)) for body in post_bodies(events)]


def an_event(delivery_id: str, kind: str, at: int, **told: Any) -> dict[str, Any]:
    """Return one event; `told` adds fields to it, or replaces them."""
    return {
        "email": "reader@example.com",
        "event": kind,
        "timestamp": at,
        "sg_event_id": f"event-{next(_numbers):08d}",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        "category": ["politics"],
        "d": delivery_id,
        **told,
    }


def events_of(letters: Iterable[TakenLetter], *kinds: str, at: int | None = None) -> list[dict[str, Any]]:
    """Return events of the letters that were taken; by default processed and delivered, now."""
    moment = at if at is not None else int(time.time()) + 1
    return [
        an_event(letter.delivery_id, kind, moment, email=letter.email, r=letter.request_id)
        for letter in letters
        for kind in kinds or ("processed", "delivered")
    ]


def post_bodies(events: Sequence[dict[str, Any]]) -> list[bytes]:
    """Return `events` as the bodies of as few posts as the size of one allows."""
    bodies: list[bytes] = []
    rows: list[str] = []
    size = 0
    for event in events:
        row = json.dumps(event)
        if rows and size + len(row) > _MOST_BYTES:
            bodies.append(f"[{','.join(rows)}]".encode())
            rows, size = [], 0
        rows.append(row)
        size += len(row) + 1
    return [*bodies, f"[{','.join(rows)}]".encode()]
