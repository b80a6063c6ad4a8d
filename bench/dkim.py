"""Microseconds to make one reader's message with DKIM signatures on it.

    python -m bench.dkim

Two yardsticks from the same run: dkimpy signing the same message with the same keys (RSA in pure Python,
Ed25519 through libsodium), and the bare private-key operation, below which no signature can go. Medians
over batches, on one core; the letter is that of `bench.assembly`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import dkim
from bench.assembly import READERS, letter_of, median_microseconds, reader_of
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.deliver.dkim import Signer, load_signers
from digest.deliver.envelope import encode_letter
from digest.model import Addressed
from digest.settings import DkimSettings

DOMAIN, SELECTOR = "example.com", "bench"
READERS_OF_DKIMPY = 5
_SIGNED = b"from to subject date message-id mime-version content-type list-id list-unsubscribe list-unsubscribe-post"


def main() -> None:
    """Print a line for no signature, and one for each algorithm."""
    letter = letter_of()
    readers = [reader_of(number) for number in range(READERS)]
    plain = encode_letter(letter)
    bare = median_microseconds(plain.message, readers)
    print(f"message {len(plain.message(readers[0])) / 1000:.0f} kB   unsigned {bare:.1f} µs")
    for algorithm, pem, key in _keys():
        (signer,) = load_signers([DkimSettings(DOMAIN, SELECTOR, key_env="KEY")], Path, {"KEY": pem.decode("ascii")})
        ours = median_microseconds(encode_letter(letter, [signer]).message, readers)
        theirs = median_microseconds(_by_dkimpy(plain.message, algorithm, key), readers[:READERS_OF_DKIMPY])
        floor = median_microseconds(_bare_signature(signer), readers)
        print(
            f"{algorithm:15}   signed {ours:.0f} µs, {1e6 / ours:.0f}/s   dkimpy {theirs:.0f} µs   "
            f"ratio {theirs / ours:.0f}   the bare signature {floor:.0f} µs"
        )


def _keys() -> tuple[tuple[str, bytes, bytes], ...]:
    """Return algorithm, key as PEM, and key as dkimpy wants it."""
    rsa_pem = rsa.generate_private_key(65_537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    key = ed25519.Ed25519PrivateKey.generate()
    seed = base64.b64encode(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return ("rsa-sha256", rsa_pem, rsa_pem), ("ed25519-sha256", pem, seed)


def _by_dkimpy(make: Callable[[Addressed], bytes], algorithm: str, key: bytes) -> Callable[[Addressed], bytes]:
    def made(reader: Addressed) -> bytes:
        message = make(reader)
        signature: bytes = dkim.sign(
            message,
            SELECTOR.encode(),
            DOMAIN.encode(),
            key,
            canonicalize=(b"relaxed", b"relaxed"),
            signature_algorithm=algorithm.encode(),
            include_headers=_SIGNED.split(),
        )
        return signature + message

    return made


def _bare_signature(signer: Signer) -> Callable[[Addressed], bytes]:
    return lambda reader: signer.sign(reader.unsubscribe_url.encode("ascii") * 20)


if __name__ == "__main__":
    main()
