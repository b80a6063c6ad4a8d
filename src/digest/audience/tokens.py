"""The links in a letter that lead by way of Digest: signed, short, and without an expiry.

A token is `SIGNATURE.PAYLOAD`: HMAC-SHA256 over a payload that anyone may read, cut to 128 bits
(RFC 2104 §5 allows half) so that the whole address stays short. The payload comes last because it
ends in a letter or digit: mail programs that find links in plain text drop other endings. A token is
accepted only as the very text that signing makes, so no other spelling of the same bytes passes.

A link to a story is the same for all readers: `/c/SIGNATURE.EDITION?to=ADDRESS`, signed over both, so that
nobody can make it lead elsewhere, and so that it leads there whatever became of the database.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from urllib.parse import quote

from itsdangerous import Signer
from itsdangerous.encoding import base64_encode

__all__ = ["ReaderLinks"]

_SIGNATURE_BYTES = 16
_LONGEST = 200  # characters; what is longer was not made here
_LONGEST_URL = 4000
_PLAIN_IN_QUERY = "/:@!$'()*,;~-._"  # need no escape in a query (RFC 3986 §3.4), and keep the address readable
_UNSUBSCRIBE = re.compile(r"(0|[1-9]\d{0,17})-([a-z0-9][a-z0-9-]{0,39}(?:\+[a-z0-9][a-z0-9-]{0,39})*)", re.ASCII)
_EDITION = re.compile(r"[a-z0-9][a-z0-9-]{0,39}/\d{4}-\d\d-\d\d(?:-c\d{1,4}|-[ab])?", re.ASCII)
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
        self._click = _Purpose("digest.click", keys)

    def unsubscribe_url(self, subscriber_id: int, section: str) -> str:
        """Return the address that takes a reader out of a section, or out of all that stand joined by "+"."""
        return f"{self._base_url}/u/{self._unsubscribe.signed(f'{subscriber_id}-{section}')}"

    def preferences_url(self, subscriber_id: int) -> str:
        return f"{self._base_url}/p/{self._preferences.signed(str(subscriber_id))}"

    def read_unsubscribe(self, token: str) -> tuple[int, str] | None:
        """Return (subscriber id, section), or None when the token was not made here for unsubscribing.

        The section may be several, joined by "+".
        """
        found = _UNSUBSCRIBE.fullmatch(self._unsubscribe.read(token) or "")
        return (int(found[1]), found[2]) if found else None

    def read_preferences(self, token: str) -> int | None:
        """Return the subscriber id, or None when the token was not made here for preferences."""
        found = _PREFERENCES.fullmatch(self._preferences.read(token) or "")
        return int(found[1]) if found else None

    def click_url(self, edition_id: str, url: str) -> str:
        """Return the address that counts a click in an edition's letter and leads on to `url`."""
        token = self._click.signed(f"{edition_id} {url}").partition(".")[0]
        return f"{self._base_url}/c/{token}.{edition_id.replace('/', '.')}?to={quote(url, safe=_PLAIN_IN_QUERY)}"

    def read_click(self, token: str, url: str) -> str | None:
        """Return the edition's id, or None when this token was not made here for this address."""
        signature, _, edition = token.partition(".")
        edition_id = edition.replace(".", "/", 1)
        if not _EDITION.fullmatch(edition_id) or len(url) > _LONGEST_URL:
            return None
        return edition_id if self._click.read(f"{signature}.{edition_id} {url}", longest=_LONGEST_URL) else None


class _Purpose:
    """Signing for one kind of link: the salt keeps a token of one kind from passing as another."""

    def __init__(self, salt: str, keys: Sequence[str]) -> None:
        # Deriving a key costs as much as signing with it, and a letter has two links a reader.
        self._keys = tuple(
            Signer(key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256).derive_key() for key in keys
        )

    def signed(self, payload: str) -> str:
        return _token(self._keys[0], payload)

    def read(self, token: str, longest: int = _LONGEST) -> str | None:
        payload = token.partition(".")[2]
        if not payload or len(token) > longest or not token.isprintable():
            return None
        # Every key is tried, and the comparison takes the same time wherever they differ.
        matches = [hmac.compare_digest(_token(key, payload).encode(), token.encode()) for key in self._keys]
        return payload if any(matches) else None


def _token(key: bytes, payload: str) -> str:
    signature = hmac.digest(key, payload.encode(), hashlib.sha256)[:_SIGNATURE_BYTES]
    return f"{base64_encode(signature).decode('ascii')}.{payload}"
