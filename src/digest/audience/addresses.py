"""One key for one inbox: what two spellings of an address have in common.

The key is only for comparing. Mail is sent to the address as it was given: the part before the @
may be case-sensitive by RFC 5321 §2.4, though hardly any server's is.
"""

from __future__ import annotations

import unicodedata

__all__ = ["address_key"]


def address_key(email: str) -> str:
    """Return `email` in normal form: domain in IDNA's ASCII form, everything in lower case.

    A `+tag` stays: it is another address to everyone but its owner. What is no address comes back
    stripped and in lower case.
    """
    local, at, domain = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    return f"{local.lower()}{at}{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    domain = domain.lower().rstrip(".")
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain
