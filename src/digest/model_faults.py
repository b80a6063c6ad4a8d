"""What can be wrong with [compress.model] in config.toml: an address, numbers out of range, caps that can't hold."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from digest.errors import Fault

__all__ = ["model_faults"]

_RANGES: Mapping[str, tuple[float, float]] = {
    "timeout_seconds": (0.1, 600),
    "edition_seconds": (0.1, 1800),
    "connections": (1, 16),
    "max_tokens": (50, 100_000),
    "tokens_per_edition": (0, 1_000_000_000),
    "tokens_per_day": (0, 1_000_000_000),
    "prompt_price_per_million": (0, 1_000_000),
    "answer_price_per_million": (0, 1_000_000),
    "cost_per_edition": (0, 1_000_000),
    "cost_per_day": (0, 1_000_000),
}


def model_faults(where: str, told: Mapping[str, Any]) -> Iterator[Fault]:
    """Check what pydantic can't tell of the table at `where`, empty when there is none."""
    url = told.get("base_url")
    if isinstance(url, str):
        yield from _address_faults(f"{where}.base_url", url, has_key=bool(told.get("key_env")))
    if told.get("model") == "":
        yield Fault(f"{where}.model", "is empty.", "Name the model as its server does.")
    for key, (low, high) in _RANGES.items():
        value = told.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and not low <= value <= high:
            yield Fault(f"{where}.{key}", f"is {value}.", f"It lies between {low:g} and {high:,}.")
    has_price = told.get("prompt_price_per_million") or told.get("answer_price_per_million")
    for key in ("cost_per_edition", "cost_per_day"):
        if told.get(key) and not has_price:
            hint = "Say prompt_price_per_million and answer_price_per_million, or no cap would ever be reached."
            yield Fault(f"{where}.{key}", "can't be kept without a price.", hint)


def _address_faults(where: str, url: str, *, has_key: bool) -> Iterator[Fault]:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if not is_address or parts.query or parts.fragment or parts.username:
        hint = "Write one like 'https://api.example.com/v1'; a key goes into an environment variable."
        yield Fault(where, f"{_without_password(url)!r} is no address of an API.", hint)
    elif has_key and parts.scheme == "http" and not _is_near(parts.hostname or ""):
        yield Fault(where, "would carry the key unencrypted.", "Write it with https://.")


def _without_password(url: str) -> str:
    scheme, at, rest = url.partition("://")
    return f"{scheme}{at}…@{rest.rpartition('@')[2]}" if "@" in rest else url


def _is_near(host: str) -> bool:
    """Say whether a host is of this machine or its own network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host
