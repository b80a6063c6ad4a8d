"""The links in a letter that act for one reader: signed, short, and without an expiry.

A token is `SIGNATURE.PAYLOAD`: HMAC-SHA256 over a payload that anyone may read, cut to 128 bits
(RFC 2104 §5 allows half) so that the whole address stays short. The payload comes last because it
ends in a letter or digit: mail programs that find links in plain text drop other endings. A token is
accepted only as the very text that signing makes, so no other spelling of the same bytes passes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from itsdangerous import Signer
from itsdangerous.encoding import base64_encode

__all__ = ["ReaderLinks"]

_SIGNATURE_BYTES = 16
_LONGEST = 200  # characters; what is longer was not made here
_UNSUBSCRIBE = re.compile(r"(0|[1-9]\d{0,17})-([a-z0-9][a-z0-9-]{0,39})", re.ASCII)
_PREFERENCES = re.compile(r"(0|[1-9]\d{0,17})", re.ASCII)


class ReaderLinks:
    """Makes readers' links and reads them back.

    Args:
        base_url: Where the readers' pages are served.
        keys: Secrets, newest first: the first signs, all are accepted, so that a link of an old
            letter still works after a change of key.
    """

    def __init__(self, base_url: str, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("there is no key to sign readers' links with")
        self._base_url = base_url.rstrip("/")
        self._unsubscribe = _Purpose("digest.unsubscribe", keys)
        self._preferences = _Purpose("digest.preferences", keys)

    def unsubscribe_url(self, subscriber_id: int, section: str) -> str:
        return f"{self._base_url}/u/{self._unsubscribe.signed(f'{subscriber_id}-{section}')}"

    def preferences_url(self, subscriber_id: int) -> str:
        return f"{self._base_url}/p/{self._preferences.signed(str(subscriber_id))}"

    def read_unsubscribe(self, token: str) -> tuple[int, str] | None:
        """Return (subscriber id, section), or None when the token was not made here for unsubscribing."""
        found = _UNSUBSCRIBE.fullmatch(self._unsubscribe.read(token) or "")
        return (int(found[1]), found[2]) if found else None

    def read_preferences(self, token: str) -> int | None:
        """Return the subscriber id, or None when the token was not made here for preferences."""
        found = _PREFERENCES.fullmatch(self._preferences.read(token) or "")
        return int(found[1]) if found else None


class _Purpose:
    """Signing for one kind of link: the salt keeps a token of one kind from passing as another."""

    def __init__(self, salt: str, keys: Sequence[str]) -> None:
        # Deriving a key costs as much as signing with it, and a letter has two links a reader.
        self._keys = tuple(
            Signer(key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256).derive_key() for key in keys
        )

    def signed(self, payload: str) -> str:
        return _token(self._keys[0], payload)

    def read(self, token: str) -> str | None:
        payload = token.partition(".")[2]
        if not payload or len(token) > _LONGEST or not token.isascii():
            return None
        # Every key is tried, and the comparison takes the same time wherever they differ.
        matches = [hmac.compare_digest(_token(key, payload), token) for key in self._keys]
        return payload if any(matches) else None


def _token(key: bytes, payload: str) -> str:
    signature = hmac.digest(key, payload.encode("ascii"), hashlib.sha256)[:_SIGNATURE_BYTES]
    return f"{base64_encode(signature).decode('ascii')}.{payload}"
