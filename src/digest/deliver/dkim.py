"""DKIM signatures (RFC 6376; Ed25519: RFC 8463) on messages whose readers share most of the bytes.

What readers share is made ready once a letter: its header fields and body in canonical form, and the
state of the body's hash up to the first blank. A message then costs the hash of what follows there, and
one private-key operation a signature. Neither the clock nor chance takes part: `t=` is the letter's date
and both algorithms are deterministic, so that a message has the same bytes at every attempt.

Keys are read here; their public halves belong into DNS, as `Signer.record` has them.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from digest.deliver.headers import ascii_domain
from digest.deliver.mime import Pieces
from digest.errors import DeliveryError
from digest.model import Blank
from digest.settings import DkimSettings

__all__ = ["Signer", "Signing", "load_signers", "prepare_signing", "require_aligned"]

LEAST_RSA_BITS, MOST_RSA_BITS = 1024, 4096  # RFC 8301 §3.2; Gmail takes no shorter key either
# RFC 6376 §5.4 and RFC 8058 §4: what readers and mailbox providers act on.
_SIGNED = (
    "from to subject date message-id mime-version content-type list-id "
    "list-unsubscribe list-unsubscribe-post feedback-id reply-to"
).split()
# Named once more than they are there, so that adding one breaks the signature (RFC 6376 §5.4.2).
_OVERSIGNED = "from subject date to message-id list-unsubscribe list-unsubscribe-post".split()
_SIGNED_NAMES = tuple(name.encode("ascii") for name in _SIGNED)
_SIGNATURE_LINE = 72  # characters of base64 in a line
_OTHERS = 0o007  # what everybody may do with a file

_FIELD = re.compile(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*")
_SPACES = re.compile(rb"[ \t]+")
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LABELS = re.compile(rf"{_LABEL}(\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class Signer:
    """One private key, and where its public half stands in DNS."""

    domain: str
    selector: str
    algorithm: str  # "rsa-sha256" or "ed25519-sha256"
    public_key: str  # base64, as in the record's p=
    sign: Callable[[bytes], bytes] = field(repr=False, compare=False)

    @property
    def record_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """Return the TXT record that has to stand in DNS under `record_name` (RFC 6376 §3.6.1)."""
        return f"v=DKIM1; k={self.algorithm.partition('-')[0]}; p={self.public_key}"


@dataclass(frozen=True, slots=True)
class Signing:
    """The signatures on one letter, ready but for what is one reader's own."""

    seals: tuple[_Seal, ...]
    shared: Mapping[bytes, bytes]  # canonical header fields by their names in lower case
    body: _BodyHash

    def fields(self, own: bytes, values: Mapping[Blank, bytes]) -> bytes:
        """Return the DKIM-Signature fields of one message.

        Args:
            own: The reader's header fields, as they stand in the message.
            values: What fills the body's blanks, as it stands in the message: without any spaces.
        """
        headers = {**self.shared, **_canonical_fields(own)}
        signed = b"".join([headers[name] for name in _SIGNED_NAMES if name in headers])
        body_hash = base64.b64encode(self.body.digest(values))
        return b"".join([seal.field(signed, body_hash) for seal in self.seals])


def prepare_signing(signers: Sequence[Signer], block: bytes, pieces: Pieces, dated_at: int) -> Signing:
    """Make ready what the readers of a letter share.

    Args:
        block: The header fields that all messages have, those of the body among them.
        pieces: The body; a blank stands between two line breaks.
        dated_at: Seconds since 1970, for `t=`.
    """
    seals = tuple(_seal(signer, dated_at) for signer in signers)
    return Signing(seals, _canonical_fields(block), _BodyHash(pieces))


def require_aligned(signers: Sequence[Signer], sender: str) -> None:
    """Check that each signature speaks for the domain of From, as DMARC wants it (RFC 7489 §3.1.1).

    Raises:
        DeliveryError: a signer's domain is neither that of `sender` nor a parent of it.
    """
    domain = sender.rpartition("@")[2].lower()
    for number, signer in enumerate(signers, 1):
        is_parent = "." in signer.domain and domain.endswith(f".{signer.domain}")
        if domain != signer.domain and not is_parent:
            raise DeliveryError(
                f"delivery.dkim[{number}].domain: {signer.domain} does not sign for {sender}, so DMARC would not count "
                f"it. Name {domain} or a parent domain of it there, or change publication.from."
            )


def load_signers(
    settings: Sequence[DkimSettings], open_path: Callable[[str], Path], environ: Mapping[str, str]
) -> tuple[Signer, ...]:
    """Return a signer for each of `settings`, in their order.

    Args:
        open_path: Finds a `key_file`.
        environ: Holds what a `key_env` names.

    Raises:
        DeliveryError: a key can't be had or is of no use, or two have one place in DNS.
    """
    signers: list[Signer] = []
    for number, told in enumerate(settings, 1):
        where = f"delivery.dkim[{number}]"
        signer = _load(where, told, *_pem(where, told, open_path, environ))
        if any(other.record_name == signer.record_name for other in signers):
            raise DeliveryError(f"{where}.selector: {signer.record_name} names a key already. Give each its own.")
        signers.append(signer)
    return tuple(signers)


# --- keys -------------------------------------------------------------------------------------


def _pem(
    where: str, told: DkimSettings, open_path: Callable[[str], Path], environ: Mapping[str, str]
) -> tuple[str, bytes]:
    """Return what holds the key, for messages, and the key as PEM."""
    if bool(told.key_file) == bool(told.key_env):
        named = "both" if told.key_file else "neither"
        raise DeliveryError(f"{where}: names {named} of key_file and key_env. Name one.")
    if told.key_env:
        if not (pem := environ.get(told.key_env, "")):
            raise DeliveryError(
                f"{where}.key_env: the environment variable {told.key_env} is not set. Put the key there, as PEM."
            )
        return f"{where}.key_env {told.key_env}", pem.replace("\\n", "\n").encode("utf-8", "replace")  # from .env files
    path = open_path(told.key_file)
    label = f"{where}.key_file {path}"
    try:
        pem_bytes, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise DeliveryError(f"{label}: {error.strerror}. Name a file that holds the private key, as PEM.") from error
    if mode & _OTHERS:
        raise DeliveryError(f"{label}: everybody on this machine can read it or more. Say: chmod 600 {path}")
    return label, pem_bytes


def _load(where: str, told: DkimSettings, label: str, pem: bytes) -> Signer:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    domain = _labels(f"{where}.domain", ascii_domain(told.domain).lower())
    selector = _labels(f"{where}.selector", told.selector)
    try:
        key = serialization.load_pem_private_key(pem, None)
    except TypeError:
        raise DeliveryError(f"{label}: the key has a passphrase. Take it off: openssl pkey -in KEY -out NEW") from None
    except (ValueError, UnsupportedAlgorithm):
        raise DeliveryError(
            f"{label}: is no private key in PEM. Make one: openssl genrsa -out KEY 2048, or "
            "openssl genpkey -algorithm ed25519 -out KEY"
        ) from None
    public, encoding = key.public_key(), serialization.Encoding
    if isinstance(key, Ed25519PrivateKey):
        ed25519 = key
        raw = public.public_bytes(encoding.Raw, serialization.PublicFormat.Raw)  # RFC 8463 §4.2
        return Signer(
            domain,
            selector,
            "ed25519-sha256",
            _base64(raw),
            lambda signed: ed25519.sign(hashlib.sha256(signed).digest()),  # RFC 8463 §3
        )
    if not isinstance(key, rsa.RSAPrivateKey):
        kind = type(key).__name__.removesuffix("PrivateKey").strip("_")
        raise DeliveryError(f"{label}: is a key of the kind {kind}. DKIM knows RSA (2048 bits) and Ed25519.")
    if not LEAST_RSA_BITS <= key.key_size <= MOST_RSA_BITS:
        raise DeliveryError(
            f"{label}: an RSA key of {key.key_size} bits; receivers take {LEAST_RSA_BITS} to {MOST_RSA_BITS}. "
            "Make one of 2048: openssl genrsa -out KEY 2048"
        )
    rsa_key, scheme, digest = key, padding.PKCS1v15(), hashes.SHA256()
    der = public.public_bytes(encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Signer(domain, selector, "rsa-sha256", _base64(der), lambda signed: rsa_key.sign(signed, scheme, digest))


def _labels(where: str, value: str) -> str:
    if not _LABELS.fullmatch(value) or len(value) > 253:
        raise DeliveryError(f"{where}: {value[:80]!r} is no name in DNS. Write it like news.example.com or digest2026.")
    return value


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


# --- signatures -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seal:
    """One signer's field up to the value of bh, as it is written and in relaxed form."""

    signer: Signer
    written: bytes
    canonical: bytes

    def field(self, signed: bytes, body_hash: bytes) -> bytes:
        """Return the whole field; it signs itself with an empty b= (RFC 6376 §3.7)."""
        raw = self.signer.sign(b"%b%b%b; b=" % (signed, self.canonical, body_hash))
        told = base64.b64encode(raw)
        lines = [told[start : start + _SIGNATURE_LINE] for start in range(0, len(told), _SIGNATURE_LINE)]
        return b"%b%b;\r\n b=%b\r\n" % (self.written, body_hash, b"\r\n ".join(lines))


def _seal(signer: Signer, dated_at: int) -> _Seal:
    written = (
        f"DKIM-Signature: v=1; a={signer.algorithm}; c=relaxed/relaxed;\r\n"
        f" d={signer.domain}; s={signer.selector}; t={dated_at};\r\n"
        f" h={':'.join(_SIGNED[:8])}:\r\n {':'.join(_SIGNED[8:])}:\r\n {':'.join(_OVERSIGNED)};\r\n"
        " bh="
    ).encode("ascii")
    return _Seal(signer, written, _canonical(written).removesuffix(b"\r\n"))


class _BodyHash:
    """SHA-256 of a body in relaxed form, its blanks filled."""

    def __init__(self, pieces: Pieces) -> None:
        canonical = [piece if isinstance(piece, Blank) else _canonical_lines(piece) for piece in pieces]
        first = next((place for place, piece in enumerate(canonical) if isinstance(piece, Blank)), len(canonical))
        self._begun = hashlib.sha256(b"".join(piece for piece in canonical[:first] if isinstance(piece, bytes)))
        self._rest = tuple(canonical[first:])

    def digest(self, values: Mapping[Blank, bytes]) -> bytes:
        state = self._begun.copy()
        state.update(b"".join([values[piece] if isinstance(piece, Blank) else piece for piece in self._rest]))
        return state.digest()


def _canonical_fields(block: bytes) -> dict[bytes, bytes]:
    """Return each field of a header block in relaxed form, by its name in lower case."""
    fields = map(_canonical, _FIELD.findall(block))
    return {canonical.partition(b":")[0]: canonical for canonical in fields}


def _canonical(header: bytes) -> bytes:
    """Return one header field in relaxed form (RFC 6376 §3.4.2)."""
    name, _, value = header.partition(b":")
    return b"%b:%b\r\n" % (name.lower(), b" ".join(value.split()))


def _canonical_lines(lines: bytes) -> bytes:
    """Return a piece of a body in relaxed form (RFC 6376 §3.4.4); empty lines never end ours."""
    return _SPACES.sub(b" ", lines).replace(b" \r\n", b"\r\n")
