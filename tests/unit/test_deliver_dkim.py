"""DKIM: what is signed, that two verifiers who share no code agree with it, and which keys are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.deliver.dkim import Signer, load_signers
from digest.deliver.envelope import EncodedLetter, encode_letter
from digest.deliver.headers import parse_block
from digest.errors import DeliveryError
from digest.model import Blank, Letter, blank_token
from digest.settings import DkimSettings
from tests.standins.letters import MARK, a_letter, a_reader
from tests.standins.verifiers import OPENDKIM, SIGNING_DATE, dkimpy_finds, opendkim_finds

HEADERS = (
    ("From", "The Harbour Herald <news@herald.example>"),
    ("Reply-To", "Desk <desk@herald.example>"),
    ("Date", SIGNING_DATE),
    ("List-Id", "Politics digest <politics.herald.example>"),
    ("Feedback-ID", "politics-2024-03-05:politics:digest:heraldexample"),
)
UNSUBSCRIBE = blank_token(MARK, Blank.UNSUBSCRIBE_URL)
needs_opendkim = pytest.mark.skipif(OPENDKIM is None, reason="opendkim is not installed: apt-get install opendkim")

Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


def pem_of(key: Key, encryption: KeySerializationEncryption | None = None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode("ascii")


def short_rsa_key() -> rsa.RSAPrivateKey:
    """Return a key of 648 bits, whose primes anybody knows; none so short can be generated any more."""
    p, q, e = 2**521 - 1, 2**127 - 1, 65_537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


RSA_PEM = pem_of(rsa.generate_private_key(65_537, 2048))
ED25519_PEM = pem_of(ed25519.Ed25519PrivateKey.generate())


def nowhere(name: str) -> Path:
    raise AssertionError(f"{name} is not to be opened")


def signers_of(environ: Mapping[str, str], domain: str = "herald.example") -> tuple[Signer, ...]:
    told = [DkimSettings(domain, name.lower(), key_env=name) for name in environ]
    return load_signers(told, nowhere, environ)


BOTH = signers_of({"RSA2024": RSA_PEM, "ED2024": ED25519_PEM})
ONLY_ED25519 = BOTH[1:]


def signed(letter: Letter | None = None, signers: tuple[Signer, ...] = BOTH) -> EncodedLetter:
    return encode_letter(letter or a_letter(headers=HEADERS), signers)


def test_signatures_stand_first_and_name_what_they_sign() -> None:
    message = signed().message(a_reader(3))
    (name, value), (other, _), (third, _), *_ = parse_block(message.partition(b"\r\n\r\n")[0] + b"\r\n")
    assert (name, other, third) == ("DKIM-Signature", "DKIM-Signature", "From")
    tags = dict(tag.strip().split("=", 1) for tag in value.split(";"))
    assert re.sub(r"\s", "", tags.pop("h")) == (
        "from:to:subject:date:message-id:mime-version:content-type:list-id:"
        "list-unsubscribe:list-unsubscribe-post:feedback-id:reply-to:"
        "from:subject:date:to:message-id:list-unsubscribe:list-unsubscribe-post"
    )
    assert tags.pop("bh") and tags.pop("b")
    assert tags == {
        "v": "1",
        "a": "rsa-sha256",
        "c": "relaxed/relaxed",
        "d": "herald.example",
        "s": "rsa2024",
        "t": "1709650800",
    }


def test_a_signed_message_is_the_unsigned_one_behind_its_signatures_and_the_same_at_every_attempt() -> None:
    letter, reader = a_letter(headers=HEADERS), a_reader(3)
    plain, message = encode_letter(letter).message(reader), signed(letter).message(reader)
    assert message.endswith(plain) and message.startswith(b"DKIM-Signature: ")
    assert message == signed(letter).message(reader) != signed(letter).message(a_reader(4))
    assert max(len(line) for line in message.split(b"\r\n") if not line.startswith(b"List-Unsubscribe:")) <= 76


LETTERS = {
    "blanks": a_letter(headers=HEADERS),
    "no blanks": a_letter(headers=HEADERS, text="Plain\n", html="<p>Plain</p>"),
    "spaces": a_letter(headers=HEADERS, text=f"a  \t b \n\t\n  {UNSUBSCRIBE}  \n\n\n", html="  <p>\t</p>  \n \n"),
    "folded": a_letter(headers=HEADERS, subject="Die Größe des Hafens und was aus ihm wird " * 5),
    "few headers": a_letter(headers=(HEADERS[0], HEADERS[2]), subject="Budget"),
}


@pytest.mark.parametrize("name", LETTERS)
def test_dkimpy_finds_every_signature_valid(name: str) -> None:
    message = signed(LETTERS[name]).message(a_reader(3, name="Ada, Countess of Lovelace"))
    assert dkimpy_finds(message, BOTH) == (True, True)


@needs_opendkim
@pytest.mark.parametrize("name", LETTERS)
def test_opendkim_finds_every_signature_valid(name: str, tmp_path: Path) -> None:
    message = signed(LETTERS[name]).message(a_reader(3, name="Ada, Countess of Lovelace"))
    assert opendkim_finds(message, BOTH, tmp_path) == (True, True)


def test_a_reader_with_an_address_in_utf8_is_signed_too(tmp_path: Path) -> None:
    message = signed().message(a_reader(3, email="jürgen@bücher.example"))
    assert "jürgen@xn--bcher-kva.example".encode() in message
    assert dkimpy_finds(message, BOTH) == (True, True)
    if OPENDKIM is not None:
        assert opendkim_finds(message, BOTH, tmp_path) == (True, True)


CHANGES = {
    "one letter of List-Unsubscribe": (b"/u/0003tok", b"/u/0004tok"),
    "List-Unsubscribe-Post": (b"One-Click", b"one-Click"),
    "one letter of the text": (b"she said", b"he  said"),
    "one letter of the HTML": (b"Out</a>", b"out</a>"),
    "the subject": (b"Council votes", b"Council voted"),
    "the recipient": (b"reader3@", b"reader4@"),
    "a second Subject": (b"Subject: ", b"Subject: Another\r\nSubject: "),
    "a second From": (b"From: The", b"From: Eve <eve@evil.example>\r\nFrom: The"),
    "a second List-Unsubscribe": (b"List-Unsubscribe: ", b"List-Unsubscribe: <x:y>\r\nList-Unsubscribe: "),
    "a second text": (b"--\r\n", b"--\r\nmore\r\n"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_any_change_breaks_both_signatures_for_dkimpy(name: str) -> None:
    message = signed().message(a_reader(3))
    changed = message.replace(*CHANGES[name], 1)
    assert changed != message
    assert dkimpy_finds(changed, BOTH) == (False, False)


@needs_opendkim
@pytest.mark.parametrize("name", CHANGES)
def test_any_change_breaks_both_signatures_for_opendkim(name: str, tmp_path: Path) -> None:
    changed = signed().message(a_reader(3)).replace(*CHANGES[name], 1)
    assert opendkim_finds(changed, BOTH, tmp_path) == (False, False)


_BODIES = st.lists(
    st.sampled_from([UNSUBSCRIBE, "\n", " ", "\t", "  ", ".", "=", "é", "From ", "x" * 75, "word"]), max_size=20
).map("".join)


@settings(max_examples=60, derandomize=True, deadline=None)
@example(text="", html="")
@example(text=f" {UNSUBSCRIBE} ", html=f"{UNSUBSCRIBE}{UNSUBSCRIBE}")
@given(text=_BODIES, html=_BODIES)
def test_any_body_is_hashed_as_dkimpy_hashes_it(text: str, html: str) -> None:
    letter = replace(a_letter(headers=HEADERS), text=text, html=html)
    assert dkimpy_finds(signed(letter, ONLY_ED25519).message(a_reader(3)), ONLY_ED25519) == (True,)


@pytest.mark.parametrize("sender", ["news@herald.example", "news@HERALD.example", "news@mail.herald.example"])
def test_a_domain_signs_for_itself_and_for_what_is_below_it(sender: str) -> None:
    assert signed(a_letter(headers=(("From", sender), HEADERS[2]))).signing is not None


@pytest.mark.parametrize("sender", ["news@theherald.example", "news@example", "news@herald.example.org"])
def test_a_signature_that_dmarc_would_not_count_is_refused_before_anything_leaves(sender: str) -> None:
    with pytest.raises(DeliveryError, match=r"delivery\.dkim\[1\]\.domain: herald\.example does not sign for news@"):
        signed(a_letter(headers=(("From", sender), HEADERS[2])))


def test_a_top_level_domain_signs_for_nobody_below_it() -> None:
    with pytest.raises(DeliveryError, match="does not sign for"):
        signed(signers=signers_of({"ED": ED25519_PEM}, "example"))


def test_a_date_that_can_not_be_read_can_not_be_signed() -> None:
    with pytest.raises(DeliveryError, match="'now' is no date"):
        signed(a_letter(headers=(HEADERS[0], ("Date", "now"))))


def test_a_key_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "dkim.pem"
    path.write_text(RSA_PEM, "ascii")
    path.chmod(0o600)
    (signer,) = load_signers([DkimSettings("Bücher.example", "s1", key_file="dkim.pem")], tmp_path.joinpath, {})
    assert (signer.record_name, signer.algorithm) == ("s1._domainkey.xn--bcher-kva.example", "rsa-sha256")
    assert signer.record == BOTH[0].record and signer.record.startswith("v=DKIM1; k=rsa; p=MII")
    assert "PRIVATE" not in repr(signer)


def test_a_key_in_a_variable_may_have_its_line_breaks_written_out() -> None:
    (signer,) = signers_of({"ED": ED25519_PEM.replace("\n", "\\n")})
    assert signer.record == ONLY_ED25519[0].record


ENVIRON = {
    "GOOD": ED25519_PEM,
    "EMPTY": "",
    "PUBLIC": "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n",
    "LOCKED": pem_of(ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret")),
    "CURVE": pem_of(ec.generate_private_key(ec.SECP256R1())),
    "SHORT": pem_of(short_rsa_key()),
}


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (DkimSettings("a.example", "s"), r"delivery\.dkim\[1\]: names neither of key_file and key_env"),
        (DkimSettings("a.example", "s", key_file="k", key_env="K"), "names both of key_file and key_env"),
        (DkimSettings("a.example", "s", key_file="none.pem"), r"\[1\]\.key_file .*none\.pem: No such file"),
        (DkimSettings("a.example", "s", key_file="open.pem"), r"open\.pem: everybody .* chmod 600 .*open\.pem"),
        (DkimSettings("a.example", "s", key_env="NONE"), "variable NONE is not set"),
        (DkimSettings("a.example", "s", key_env="EMPTY"), "variable EMPTY is not set"),
        (DkimSettings("a.example", "s", key_env="PUBLIC"), r"\[1\]\.key_env PUBLIC: is no private key in PEM"),
        (DkimSettings("a.example", "s", key_env="LOCKED"), "LOCKED: the key has a passphrase"),
        (DkimSettings("a.example", "s", key_env="CURVE"), "a key of the kind .*DKIM knows RSA"),
        (DkimSettings("a.example", "s", key_env="SHORT"), "an RSA key of 648 bits; receivers take 1024 to 4096"),
        (DkimSettings("a b.example", "s", key_env="GOOD"), r"\[1\]\.domain: 'a b\.example' is no name in DNS"),
        (DkimSettings("a.example", "s;x", key_env="GOOD"), r"\[1\]\.selector: 's;x' is no name in DNS"),
        (DkimSettings("a.example", "", key_env="GOOD"), r"\[1\]\.selector: '' is no name in DNS"),
    ],
)
def test_a_key_of_no_use_says_which_why_and_what_to_do(told: DkimSettings, says: str, tmp_path: Path) -> None:
    (tmp_path / "open.pem").write_text(ED25519_PEM, "ascii")
    (tmp_path / "open.pem").chmod(0o644)
    with pytest.raises(DeliveryError, match=says) as caught:
        load_signers([told], tmp_path.joinpath, ENVIRON)
    assert "PRIVATE KEY" not in str(caught.value)


def test_two_keys_can_not_have_one_place_in_dns() -> None:
    told = DkimSettings("a.example", "s", key_env="GOOD")
    with pytest.raises(DeliveryError, match=r"dkim\[2\]\.selector: s\._domainkey\.a\.example names a key already"):
        load_signers([told, told], nowhere, ENVIRON)
