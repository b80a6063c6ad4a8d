"""What can be wrong with [delivery] in config.toml: numbers out of range, and keys that don't fit together."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from digest.errors import Fault

__all__ = ["delivery_faults"]


class _Range(NamedTuple):
    key: str
    low: float
    high: float
    note: str = ""


_NO_LIMIT = "0 means no limit"
_A_WEEK = 7 * 24 * 60  # minutes

_RANGES: Mapping[str, tuple[_Range, ...]] = {  # by table
    "": (
        _Range("per_second", 0, 100_000, _NO_LIMIT),
        _Range("per_domain_per_second", 0, 100_000, _NO_LIMIT),
        _Range("halt_after_failures", 1, 1_000_000),
        _Range("max_attempts", 1, 100),
        _Range("too_late_minutes", 1, _A_WEEK),
        _Range("surprise_percent", 0, 1000, "0 means never"),
        _Range("reconcile_after_minutes", 1, _A_WEEK),
    ),
    "smtp": (
        _Range("port", 1, 65_535),
        _Range("connections", 1, 500),
        _Range("messages_per_connection", 1, 1_000_000),
        _Range("timeout_seconds", 0.1, 3600),
    ),
    "sendgrid": (
        _Range("connections", 1, 500),
        _Range("personalizations", 1, 1000, "SendGrid takes no more in one request"),
        _Range("timeout_seconds", 0.1, 3600),
    ),
}

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_LABEL = r"[^\W_](?:[^\W_]|-){0,61}(?<!-)"  # RFC 1035 §2.3.1; letters of any script, which IDNA encodes
_LABELS = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")


def delivery_faults(where: str, told: Mapping[str, Any]) -> Iterator[Fault]:
    """Check the raw table. What is of the wrong type is left to pydantic.

    Args:
        where: The table's place, "config.toml: delivery".
    """
    for name, ranges in _RANGES.items():
        at = f"{where}.{name}" if name else where
        yield from _range_faults(at, _table(told, name) if name else told, ranges)
    finish_by = told.get("finish_by", "")
    if isinstance(finish_by, str) and finish_by and not _CLOCK.fullmatch(finish_by):
        yield Fault(f"{where}.finish_by", f"{finish_by!r} is no time of day.", "Write it like '08:00'.")
    yield from _domain_faults(f"{where}.smtp.bounce_domain", _table(told, "smtp").get("bounce_domain") or None)
    yield from _public_key_faults(where, _table(told, "sendgrid").get("webhook_public_key", ""))
    signatures = told.get("dkim")
    for number, signature in enumerate(signatures if isinstance(signatures, list) else [], 1):
        if isinstance(signature, Mapping):
            yield from _dkim_faults(f"{where}.dkim[{number}]", signature)


def _range_faults(at: str, table: Mapping[str, Any], ranges: tuple[_Range, ...]) -> Iterator[Fault]:
    for key, low, high, note in ranges:
        value = table.get(key)
        if isinstance(value, int | float) and not low <= value <= high:
            hint = f"It lies between {low} and {high}" + (f"; {note}." if note else ".")
            yield Fault(f"{at}.{key}", f"is {value}.", hint)


def _dkim_faults(at: str, signature: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _domain_faults(f"{at}.domain", signature.get("domain"))
    selector = signature.get("selector")
    if isinstance(selector, str) and not _LABELS.fullmatch(selector):
        hint = "Write the name before ._domainkey in DNS, like 'digest'."  # RFC 6376 §3.1
        yield Fault(f"{at}.selector", f"{selector!r} is no selector.", hint)
    if bool(signature.get("key_file")) == bool(signature.get("key_env")):
        has = "both key_file and key_env" if signature.get("key_file") else "neither key_file nor key_env"
        yield Fault(at, f"has {has}.", "Name the private key by one of them.")


def _domain_faults(at: str, domain: object) -> Iterator[Fault]:
    if isinstance(domain, str) and not _DOMAIN.fullmatch(domain):
        yield Fault(at, f"{domain!r} is no domain.", "Write one like 'news.example.com'.")


def _public_key_faults(where: str, key: object) -> Iterator[Fault]:
    if not isinstance(key, str) or not key:
        return
    try:
        is_der = base64.b64decode(key, validate=True)[:1] == b"\x30"  # a SEQUENCE, as SubjectPublicKeyInfo is
    except (binascii.Error, ValueError):
        is_der = False
    if not is_der:
        hint = "Copy the verification key of the signed event webhook from SendGrid's settings; it begins with 'MF'."
        yield Fault(f"{where}.sendgrid.webhook_public_key", "is no public key in base64.", hint)


def _table(told: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = told.get(key)
    return value if isinstance(value, Mapping) else {}
