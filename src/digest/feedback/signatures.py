"""SendGrid's signed event webhook: which posts are really its own.

What is signed is timestamp‖body, with no mark between the two (ECDSA on P-256, SHA-256). So both must have
their shape before the signature says anything: ten digits, then a JSON list, whose first byte is no digit.
From a valid signature anyone can make a second one; it proves the post, and is no key to tell repeats by.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.errors import ConfigError, Fault

if TYPE_CHECKING:
    from sendgrid.helpers.eventwebhook import EventWebhook

__all__ = ["SIGNATURE_HEADER", "TIMESTAMP_HEADER", "Verifier", "load_verifier"]

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"
# A failed post is repeated for 24 hours; whether it is stamped anew is not documented.
OLDEST = timedelta(hours=25)
NEWEST = timedelta(minutes=15)  # by which its clock may be ahead of ours

_TIMESTAMP = re.compile(r"[0-9]{10}")
_MOST_SIGNATURE_BYTES = 72  # two integers of 33 bytes as DER


class Verifier:
    """Knows the account's public key."""

    def __init__(self, webhook: EventWebhook) -> None:
        self._webhook = webhook

    def is_genuine(self, body: bytes, signature: str, timestamp: str, now: datetime) -> bool:
        """Say whether `body` is SendGrid's own, word for word, and not from another day."""
        if not _TIMESTAMP.fullmatch(timestamp) or not body.startswith(b"["):
            return False
        age = now.timestamp() - int(timestamp)
        if not -NEWEST.total_seconds() <= age <= OLDEST.total_seconds():
            return False
        try:
            payload = body.decode("utf-8")
            if len(base64.b64decode(signature, validate=True)) > _MOST_SIGNATURE_BYTES:
                return False
        except (UnicodeDecodeError, binascii.Error, ValueError):
            return False
        return bool(self._webhook.verify_signature(payload, signature, timestamp))


def load_verifier(public_key: str, where: str) -> Verifier | None:
    """Return the verifier for a key as SendGrid shows it (base64 of its DER), None when there is no key.

    Args:
        where: The file and key path that it stands at, for the error.

    Raises:
        ConfigError: it is no public key on the curve P-256.
    """
    if not public_key:
        return None
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from sendgrid.helpers.eventwebhook import EventWebhook

    problem = "is no public key on the curve P-256."
    hint = "Copy the verification key from Settings > Mail Settings > Event Webhooks of the SendGrid account."
    try:
        webhook = EventWebhook("".join(public_key.split()))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError([Fault(where, problem, hint)]) from error
    key = webhook.public_key
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ConfigError([Fault(where, problem, hint)])
    return Verifier(webhook)
