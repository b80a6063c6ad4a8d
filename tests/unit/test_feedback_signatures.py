"""Which posts are SendGrid's own: the shape of both parts first, then the signature."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from digest.errors import ConfigError
from digest.feedback.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, Verifier, load_verifier
from tests.standins.sendgrid_events import EventAccount

NOW = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
BODY = '[{"event":"processed","d":"0123","reason":"für die Tür"}]\r\n'.encode()
# The order of P-256's base point (SEC 2, 2.4.2).
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

ACCOUNT = EventAccount()


def verifier(account: EventAccount = ACCOUNT) -> Verifier:
    found = load_verifier(account.public_key, "config.toml: delivery.sendgrid.webhook_public_key")
    assert found is not None
    return found


def signed(body: bytes = BODY, timestamp: str = STAMP, account: EventAccount = ACCOUNT) -> str:
    return account.headers(body, timestamp)[SIGNATURE_HEADER]


def test_a_signed_post_is_genuine() -> None:
    assert ACCOUNT.headers(BODY, STAMP)[TIMESTAMP_HEADER] == STAMP
    assert verifier().is_genuine(BODY, signed(), STAMP, NOW)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(BODY.rstrip(), id="without its line end"),
        pytest.param(BODY.replace(b":", b": "), id="serialised again"),
        pytest.param(BODY.replace(b"0123", b"0124"), id="another delivery"),
        pytest.param(b"\xef\xbb\xbf" + BODY, id="with a byte order mark"),
        pytest.param(BODY.decode().encode("utf-16"), id="in UTF-16"),
        pytest.param(BODY.decode().encode("latin-1"), id="in Latin-1"),
        pytest.param(b" " + BODY, id="indented"),
        pytest.param(b"[]", id="an empty list"),
        pytest.param(b"", id="empty"),
    ],
)
def test_another_body_is_not(body: bytes) -> None:
    assert not verifier().is_genuine(body, signed(), STAMP, NOW)


@pytest.mark.parametrize(
    ("timestamp", "body"),
    [
        pytest.param(STAMP[:-1], STAMP[-1:].encode() + BODY, id="a digit moved into the body"),
        pytest.param(STAMP[:1], STAMP[1:].encode() + BODY, id="nine digits moved into the body"),
        pytest.param("", STAMP.encode() + BODY, id="all digits moved into the body"),
        pytest.param(STAMP + "[", BODY[1:], id="the bracket moved into the timestamp"),
    ],
)
def test_the_same_signed_bytes_cut_elsewhere_are_not(timestamp: str, body: bytes) -> None:
    assert timestamp.encode() + body == STAMP.encode() + BODY
    assert not verifier().is_genuine(body, signed(), timestamp, NOW)


def test_a_body_that_is_no_list_is_not_even_when_signed() -> None:
    assert not verifier().is_genuine(b'{"a":1}', signed(b'{"a":1}'), STAMP, NOW)


@pytest.mark.parametrize(
    "timestamp",
    [
        f"{STAMP}0", STAMP[:9], f" {STAMP}", f"{STAMP}\n", f"+{STAMP[1:]}", f"{STAMP[:8]}.5", "1_79550390",
        STAMP.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), "soon",
    ],
)  # fmt: skip
def test_a_timestamp_of_another_shape_is_not_even_when_signed(timestamp: str) -> None:
    assert not verifier().is_genuine(BODY, signed(timestamp=timestamp), timestamp, NOW)


@pytest.mark.parametrize(
    ("age", "is_genuine"),
    [
        (timedelta(hours=25), True),
        (timedelta(hours=25, seconds=1), False),
        (timedelta(minutes=-15), True),
        (timedelta(minutes=-15, seconds=-1), False),
        (timedelta(days=20_000), False),
    ],
)
def test_a_post_counts_for_25_hours(age: timedelta, is_genuine: bool) -> None:
    stamp = f"{int((NOW - age).timestamp()):010d}"
    assert verifier().is_genuine(BODY, signed(timestamp=stamp), stamp, NOW) is is_genuine


@pytest.mark.parametrize(
    "signature",
    [
        "", "=", "AAAA", "not base64!", signed()[:-4], signed() + "AAAA", f" {signed()}", f"{signed()}\n",
        base64.urlsafe_b64encode(b"\xff" * 70).decode(), base64.b64encode(b"\x30\x06\x02\x01\x00\x02\x01\x00").decode(),
        "A" * 100_000, "é", signed(account=EventAccount()),
    ],
    ids=[f"case {number}" for number in range(13)],  # most values differ from run to run
)  # fmt: skip
def test_another_signature_is_not(signature: str) -> None:
    assert not verifier().is_genuine(BODY, signature, STAMP, NOW)


def test_the_twin_of_a_signature_proves_the_same_post_and_no_other() -> None:
    r, s = decode_dss_signature(base64.b64decode(signed()))
    twin = base64.b64encode(encode_dss_signature(r, ORDER - s)).decode()
    assert verifier().is_genuine(BODY, twin, STAMP, NOW), "so it is no key to tell repeats by"
    assert not verifier().is_genuine(BODY.replace(b"0123", b"0124"), twin, STAMP, NOW)


def test_without_a_key_there_is_no_verifier() -> None:
    assert load_verifier("", "config.toml") is None


def test_a_key_may_be_broken_over_lines() -> None:
    key = ACCOUNT.public_key
    assert load_verifier(f" {key[:64]}\n{key[64:]}\n", "config.toml") is not None


def _der(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> str:
    told = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(told).decode()


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("SG.abc", id="an API key"),
        pytest.param(ACCOUNT.public_key[:-8], id="cut short"),
        pytest.param(_der(ec.generate_private_key(ec.SECP384R1()).public_key()), id="another curve"),
        pytest.param(_der(rsa.generate_private_key(65537, 2048).public_key()), id="RSA"),
    ],
)
def test_what_is_no_key_of_its_kind_is_named_where_it_stands(key: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml: delivery\.sendgrid\.webhook_public_key: is no"):
        load_verifier(key, "config.toml: delivery.sendgrid.webhook_public_key")
