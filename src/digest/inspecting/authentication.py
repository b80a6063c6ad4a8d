"""Whether a letter can prove who sends it: its DKIM signatures verified as a receiver would, and their alignment.

SPF and DMARC stand in DNS: `asking` looks there, on demand. The verification shares no code with the signing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from email.utils import parseaddr

from digest.deliver.dkim import Signer
from digest.inspecting.findings import Finding, Level, Specimen, Topic
from digest.inspecting.wire import header_rows

__all__ = ["authentication_findings", "sender_domain"]

_SPACES = re.compile(rb"[ \t]+")
_FIELD = re.compile(rb"([!-9;-~]+):((?:[^\r\n]|\r\n[ \t])*)\r\n")


def authentication_findings(specimen: Specimen) -> Iterator[Finding]:
    """Verify every signature, and say what is to be published in DNS."""
    domain = sender_domain(specimen)
    if not specimen.signers:
        what = "Letters are not signed here."
        hint = "A provider may sign them; over SMTP of your own, name a key under [[delivery.dkim]]."
        yield Finding(Level.NOTE, Topic.AUTHENTICATION, what, "config.toml: delivery.dkim", domain, hint)
    for signer in specimen.signers:
        where = f"headers: DKIM-Signature d={signer.domain} s={signer.selector}"
        fault = _fault(specimen.message, signer)
        if fault:
            hint = "Receivers will refuse it; look at the key."
            yield Finding(
                Level.ERROR, Topic.AUTHENTICATION, f"The signature does not verify: {fault}.", where, "", hint
            )
        else:
            what, hint = f"The signature verifies ({signer.algorithm}).", f"In DNS, TXT of {signer.record_name}:"
            yield Finding(Level.NOTE, Topic.AUTHENTICATION, what, where, signer.record, hint)
        if domain != signer.domain and not domain.endswith(f".{signer.domain}"):
            what = f"{signer.domain} does not speak for {domain}, so DMARC does not count the signature."
            hint = f"Sign with {domain} or a parent of it (RFC 7489 §3.1.1)."
            yield Finding(Level.ERROR, Topic.AUTHENTICATION, what, where, domain, hint)


def sender_domain(specimen: Specimen) -> str:
    """Return the domain of From, "" when there is none."""
    sender = next((value for name, value in header_rows(specimen.message) if name.lower() == "from"), "")
    return parseaddr(sender)[1].rpartition("@")[2].lower()


def _fault(message: bytes, signer: Signer) -> str:
    """Return why the signature of `signer` on `message` is not good, or "" (RFC 6376 §6.1, relaxed/relaxed)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    head, _, body = message.partition(b"\r\n\r\n")
    fields = [(match[1].lower(), match[0]) for match in _FIELD.finditer(head + b"\r\n")]
    for name, field in fields:
        tags = _tags(field) if name == b"dkim-signature" else {}
        if (tags.get("d"), tags.get("s")) == (signer.domain, signer.selector):
            break
    else:
        return "there is none"
    if base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode() != tags.get("bh"):
        return "the body is not what was signed"
    left = list(fields)
    signed = b""
    for wanted in tags.get("h", "").split(":"):
        at = next((at for at in reversed(range(len(left))) if left[at][0] == wanted.lower().encode()), None)
        if at is not None:
            signed += _relaxed(left.pop(at)[1]) + b"\r\n"
    signed += _relaxed(re.sub(rb"([;\s]b=)[^;]*", rb"\1", field.rstrip(b"\r\n")))
    signature, key = base64.b64decode(tags.get("b", "")), base64.b64decode(signer.public_key)
    try:
        if signer.algorithm.startswith("ed25519"):
            Ed25519PublicKey.from_public_bytes(key).verify(signature, hashlib.sha256(signed).digest())
        else:
            public = serialization.load_der_public_key(key)
            assert isinstance(public, rsa.RSAPublicKey)
            public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return "the header fields are not what was signed, or the key is another"
    return ""


def _tags(field: bytes) -> dict[str, str]:
    text = field.partition(b":")[2].decode("ascii", "replace")
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in pairs}


def _relaxed(field: bytes) -> bytes:
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" \t")


def _relaxed_body(body: bytes) -> bytes:
    lines = [_SPACES.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
